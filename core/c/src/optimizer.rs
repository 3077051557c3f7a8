//! Optimisers: an optimiser and a step's rate and momentum give coefficients, coefficients and a gradient give the step.

use polyak_core::optimizer::{
    Coefficients, Form, Method, Update, heavy_ball_from_sgdm, heavy_ball_momentum, sgdm_from_heavy_ball,
    sgdm_momentum,
};
use polyak_core::oracle::svag_weights;
use polyak_core::real::Scalar;

use crate::polyak_status;
use crate::raw::{array, array_mut};
use crate::status::{given, require, status};

/// An optimiser: POLYAK_METHOD_...
pub type polyak_method = u8;
/// x' = x - lr g.
pub const POLYAK_METHOD_SGD: polyak_method = 0;
/// m' = b m + (1 - b) g, x' = x - lr m'.
pub const POLYAK_METHOD_SGDM: polyak_method = 1;
/// m' = b m + (1 - dampening) g, x' = x - lr m', or with Nesterov's step x' = x - lr (g + b m'): `torch.optim.SGD`.
pub const POLYAK_METHOD_HEAVY_BALL: polyak_method = 2;
/// m' = b m + (1 - b) g, x' = x - lr ((1 - nu) g + nu m'): quasi-hyperbolic momentum.
pub const POLYAK_METHOD_QHM: polyak_method = 3;

/// An optimiser and its options; what is not set is 0. It can lie in flash.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct polyak_optimizer {
    /// The recurrence.
    pub method: polyak_method,
    /// Heavy ball: not 0 for Nesterov's step.
    pub nesterov: u8,
    /// Heavy ball: not 0 for PyTorch's first step, m' = g whatever m and the dampening are.
    pub first_step: u8,
    /// Not 0 to go up: -g in place of g.
    pub maximize: u8,
    /// Heavy ball: what of g does not enter m.
    pub dampening: f64,
    /// QHM: from 0 (SGD) to 1 (SGDM).
    pub nu: f64,
    /// g + weight_decay x in place of g.
    pub weight_decay: f64,
}

impl polyak_optimizer {
    fn method(&self, momentum: f64) -> Result<Method, polyak_status> {
        require((0.0..1.0).contains(&momentum), polyak_status::Momentum)?;
        require((0.0..f64::INFINITY).contains(&self.weight_decay), polyak_status::WeightDecay)?;
        let nesterov = self.nesterov != 0;
        match self.method {
            POLYAK_METHOD_SGD => Ok(Method::Sgd),
            POLYAK_METHOD_SGDM => Ok(Method::Sgdm),
            POLYAK_METHOD_HEAVY_BALL => {
                let dampening = self.dampening;
                let allowed = if nesterov { dampening == 0.0 } else { dampening.is_finite() };
                require(allowed, polyak_status::Dampening)?;
                Ok(Method::HeavyBall { dampening, nesterov, first_step: self.first_step != 0 })
            }
            POLYAK_METHOD_QHM => {
                require((0.0..=1.0).contains(&self.nu), polyak_status::Nu)?;
                Ok(Method::Qhm { nu: self.nu })
            }
            _ => Err(polyak_status::Method),
        }
    }
}

/// The form as C's number, from 1: what was not computed is none.
fn form_number(form: Form) -> u8 {
    match form {
        Form::Gradient => 1,
        Form::Momentum => 2,
        Form::Blend => 3,
    }
}

/// The weights of the draws of a step: SVAG's two, or a single 1.
pub(crate) fn draws<S: Scalar>(weights: [S; 2]) -> Result<impl Iterator<Item = S>, polyak_status> {
    require(weights.into_iter().all(S::is_number), polyak_status::Ell)?;
    let none = weights == [S::ZERO; 2];
    let (weights, count) = if none { ([S::ONE, S::ZERO], 1) } else { (weights, 2) };
    Ok(weights.into_iter().take(count))
}

macro_rules! optimizers {
    ($number:ident, $coefficients:ident, $at:ident, $draw_momentum:ident, $step:ident, $svag:ident, $svag_init:ident, $svag_mix:ident) => {
        /// What a step of the recurrence multiplies with, each rounded once. `polyak_coefficients_at_` sets it.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $coefficients {
            /// What is kept of m.
            pub decay: $number,
            /// What enters m of the gradient.
            pub gain: $number,
            /// How far x moves along the gradient.
            pub gradient_step: $number,
            /// How far x moves along m'.
            pub momentum_step: $number,
            /// What noise is multiplied by: 1, but for a step that draws the momentum.
            pub noise: $number,
            /// What is added of x to the gradient.
            pub weight_decay: $number,
            /// Which terms there are, not 0.
            pub form: u8,
            /// Whether the sign of the gradient is turned.
            pub maximize: u8,
        }

        impl $coefficients {
            fn new(optimizer: &polyak_optimizer, method: Method, c: Coefficients<f64>) -> Self {
                let Coefficients { decay, gain, gradient_step, momentum_step, noise } = c.round();
                Self {
                    decay,
                    gain,
                    gradient_step,
                    momentum_step,
                    noise,
                    weight_decay: optimizer.weight_decay as $number,
                    form: form_number(method.form()),
                    maximize: optimizer.maximize,
                }
            }

            /// The core's coefficients and update.
            #[inline(always)]
            pub(crate) fn open(&self) -> Result<(Coefficients<$number>, Update<$number>), polyak_status> {
                let Self { decay, gain, gradient_step, momentum_step, noise, weight_decay, .. } = *self;
                let form = match self.form {
                    1 => Form::Gradient,
                    2 => Form::Momentum,
                    3 => Form::Blend,
                    _ => return Err(polyak_status::Method),
                };
                let weight_decay = (weight_decay != 0.0).then_some(weight_decay);
                Ok((
                    Coefficients { decay, gain, gradient_step, momentum_step, noise },
                    Update { form, maximize: self.maximize != 0, weight_decay },
                ))
            }
        }

        /// Sets the coefficients of step `k` = 0, 1, ... at a learning rate and a momentum (which SGD does not use). Constant ones serve
        /// every step, but for PyTorch's first step, which is that of k = 0.
        #[unsafe(no_mangle)]
        pub extern "C" fn $at(
            optimizer: Option<&polyak_optimizer>,
            k: u64,
            learning_rate: f64,
            momentum: f64,
            coefficients: Option<&mut $coefficients>,
        ) -> polyak_status {
            status(|| {
                let optimizer = given(optimizer)?;
                require((0.0..f64::INFINITY).contains(&learning_rate), polyak_status::LearningRate)?;
                let method = optimizer.method(momentum)?;
                let core = method.coefficients(k, learning_rate, momentum);
                *given(coefficients)? = $coefficients::new(optimizer, method, core);
                Ok(())
            })
        }

        /// Sets the coefficients of a step before the first that draws m from its stationary law at x and leaves x where it is (MV 3.1);
        /// `gain` is 1, for the heavy ball 1 / (1 - momentum).
        #[unsafe(no_mangle)]
        pub extern "C" fn $draw_momentum(
            optimizer: Option<&polyak_optimizer>,
            momentum: f64,
            gain: f64,
            coefficients: Option<&mut $coefficients>,
        ) -> polyak_status {
            status(|| {
                let optimizer = given(optimizer)?;
                let method = optimizer.method(momentum)?;
                require(gain.is_finite(), polyak_status::Gain)?;
                let core = Coefficients::draw_momentum(momentum, gain);
                *given(coefficients)? = $coefficients::new(optimizer, method, core);
                Ok(())
            })
        }

        /// One step: moves x[0..n] and m[0..n] by the gradient g[0..n]. The three arrays do not overlap. SGD does not use m, which may be NULL.
        #[unsafe(no_mangle)]
        pub extern "C" fn $step(
            coefficients: Option<&$coefficients>,
            x: *mut $number,
            m: *mut $number,
            g: *const $number,
            n: usize,
        ) -> polyak_status {
            status(|| {
                let (coefficients, update) = given(coefficients)?.open()?;
                let momenta = if update.form == Form::Gradient { 0 } else { n };
                let (x, m, g) = (array_mut(x, n)?, array_mut(m, momenta)?, array(g, n)?);
                update.step::<$number, _, _, _>(&coefficients, x, m, g);
                Ok(())
            })
        }

        /// SVAG's weights of two draws, set by `polyak_svag_init_`; both 0 is one draw of weight 1.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $svag {
            /// (1 - sqrt(2 ell - 1)) / 2.
            pub first: $number,
            /// (1 + sqrt(2 ell - 1)) / 2.
            pub second: $number,
        }

        impl $svag {
            /// The weights of the draws of a step.
            pub(crate) fn open(&self) -> Result<impl Iterator<Item = $number> + use<>, polyak_status> {
                draws([self.first, self.second])
            }
        }

        /// Sets the weights of SVAG(ell), ell from 0.5 on: noise of ell times the covariance, with the learning rate divided by ell and ell times
        /// as many steps.
        #[unsafe(no_mangle)]
        pub extern "C" fn $svag_init(svag: Option<&mut $svag>, ell: f64) -> polyak_status {
            status(|| {
                let [first, second] = svag_weights(ell).ok_or(polyak_status::Ell)?.map(<$number>::from_f64);
                *given(svag)? = $svag { first, second };
                Ok(())
            })
        }

        /// SVAG of two independent gradients at the same point: g[0..n] becomes first g + second h.
        #[unsafe(no_mangle)]
        pub extern "C" fn $svag_mix(
            svag: Option<&$svag>,
            g: *mut $number,
            h: *const $number,
            n: usize,
        ) -> polyak_status {
            status(|| {
                let $svag { first, second } = *given(svag)?;
                for (g, h) in array_mut(g, n)?.iter_mut().zip(array(h, n)?) {
                    *g = *g * first + h * second;
                }
                Ok(())
            })
        }
    };
}

optimizers!(
    f32,
    polyak_coefficients_f32,
    polyak_coefficients_at_f32,
    polyak_draw_momentum_f32,
    polyak_step_f32,
    polyak_svag_f32,
    polyak_svag_init_f32,
    polyak_svag_mix_f32
);
optimizers!(
    f64,
    polyak_coefficients_f64,
    polyak_coefficients_at_f64,
    polyak_draw_momentum_f64,
    polyak_step_f64,
    polyak_svag_f64,
    polyak_svag_init_f64,
    polyak_svag_mix_f64
);

/// The heavy ball's learning rate that makes the path of SGDM at this one: rate (1 - momentum).
#[unsafe(no_mangle)]
pub extern "C" fn polyak_heavy_ball_from_sgdm(rate: f64, momentum: f64) -> f64 {
    heavy_ball_from_sgdm(rate, momentum)
}

/// SGDM's learning rate that makes the path of the heavy ball at this one: rate / (1 - momentum).
#[unsafe(no_mangle)]
pub extern "C" fn polyak_sgdm_from_heavy_ball(rate: f64, momentum: f64) -> f64 {
    sgdm_from_heavy_ball(rate, momentum)
}

/// A coordinate of the heavy ball's m from SGDM's: m / (1 - momentum).
#[unsafe(no_mangle)]
pub extern "C" fn polyak_heavy_ball_momentum(m: f64, momentum: f64) -> f64 {
    heavy_ball_momentum(m, momentum)
}

/// A coordinate of SGDM's m from the heavy ball's: (1 - momentum) m.
#[unsafe(no_mangle)]
pub extern "C" fn polyak_sgdm_momentum(m: f64, momentum: f64) -> f64 {
    sgdm_momentum(m, momentum)
}

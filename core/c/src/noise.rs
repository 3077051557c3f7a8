//! Additive noise around a gradient of the caller's: the noisy gradient oracle of MV definition 2.1, plain or under SVAG.

use polyak_core::landscape::Landscape;
use polyak_core::oracle::{Covariance, Ngos, NoDeck, Oracle};
use polyak_core::random::{Generator, Stream};
use polyak_core::real::{Real, Scalar};
use polyak_core::vector::{Vector, VectorMut};

use crate::optimizer::{polyak_coefficients_f32, polyak_coefficients_f64, weights};
use crate::polyak_status;
use crate::raw::{array, array_mut};
use crate::status::{given, require, status};
use crate::stream::{law, polyak_law, polyak_stream_f32, polyak_stream_f64};

/// A covariance B B^T: POLYAK_COVARIANCE_...
pub type polyak_covariance = u8;
/// B = 1.
pub const POLYAK_COVARIANCE_IDENTITY: polyak_covariance = 0;
/// B is diagonal, `factor` holds its n numbers.
pub const POLYAK_COVARIANCE_DIAGONAL: polyak_covariance = 1;
/// B is a lower triangle; `factor` holds n columns of n numbers, of which those above the diagonal are not read.
pub const POLYAK_COVARIANCE_DENSE: polyak_covariance = 2;
/// Variance factor[i] + quadratic[i] x[i]^2 of coordinate i.
pub const POLYAK_COVARIANCE_STATE: polyak_covariance = 3;

/// The gradient is the caller's and has been written already: a landscape of which only the dimension is asked.
#[derive(Clone, Copy)]
struct Given(usize);

impl<S: Scalar> Landscape<S> for Given {
    fn dimension(&self) -> usize {
        self.0
    }

    fn loss<F, X>(&self, _: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        F::ZERO
    }

    fn gradient<F, X, G>(&self, _: &X, _: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
    }

    fn hessian_vector<F, X, V, P>(&self, _: &X, _: &V, _: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
    }
}

/// SVAG's weights, or one draw of weight 1 at ℓ = 0; how many draws.
pub(crate) fn draws<S: Scalar>(ell: f64) -> Result<([S; 2], usize), polyak_status> {
    if ell == 0.0 { Ok(([S::ONE, S::ZERO], 1)) } else { Ok((weights(ell)?, 2)) }
}

/// Adds the draws of an oracle, each with its weight. A loop, so that the sampler is linked once.
#[inline(always)]
pub(crate) fn add_draws<S, O, R, D>(
    oracle: &O,
    ell: f64,
    weight: S,
    x: &[S],
    stream: &mut Stream<S, R>,
    deck: &mut D,
    g: &mut [S],
) -> Result<(), polyak_status>
where
    S: Scalar,
    O: Oracle<S>,
    R: Generator<S>,
    D: polyak_core::oracle::Deck<S>,
{
    let (weights, count) = draws::<S>(ell)?;
    for r in weights.into_iter().take(count) {
        oracle.add_noise::<S, _, _, _, _>(r * weight, x, stream, deck, g);
    }
    Ok(())
}

macro_rules! noises {
    ($number:ident, $noise:ident, $add_noise:ident, $stream:ident, $coefficients:ident) => {
        /// Noise `scale` times B z, with z of a law: what is added to a gradient. What is not set is 0: standard normal, B = 1, no SVAG.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $noise {
            /// The law of z.
            pub law: polyak_law,
            /// What B is.
            pub covariance: polyak_covariance,
            /// What the noise is multiplied by.
            pub scale: $number,
            /// Student's, above 2.
            pub degrees_of_freedom: f64,
            /// SVAG's ell, from 0.5 on: two draws weighted so that the covariance is ell times as large; 0 for one draw.
            pub ell: f64,
            /// Numbers of B, as the covariance asks; may lie in flash.
            pub factor: *const $number,
            /// More of them, for a variance that depends on the point.
            pub quadratic: *const $number,
        }

        impl $noise {
            fn covariance<'a>(&self, n: usize) -> Result<Covariance<&'a [$number]>, polyak_status> {
                let square = || n.checked_mul(n).ok_or(polyak_status::Length);
                Ok(match self.covariance {
                    POLYAK_COVARIANCE_IDENTITY => Covariance::Identity,
                    POLYAK_COVARIANCE_DIAGONAL => Covariance::Diagonal(array(self.factor, n)?),
                    POLYAK_COVARIANCE_DENSE => Covariance::Dense(array(self.factor, square()?)?),
                    POLYAK_COVARIANCE_STATE => Covariance::StateDependent {
                        constant: array(self.factor, n)?,
                        quadratic: array(self.quadratic, n)?,
                    },
                    _ => return Err(polyak_status::Covariance),
                })
            }
        }

        /// Adds noise to the gradient g[0..n] at x[0..n]. `coefficients` are those of the step that follows, for one that draws the momentum
        /// takes less. The arrays do not overlap; x may be NULL if the noise does not depend on it.
        #[unsafe(no_mangle)]
        pub extern "C" fn $add_noise(
            noise: Option<&$noise>,
            coefficients: Option<&$coefficients>,
            stream: Option<&mut $stream>,
            x: *const $number,
            g: *mut $number,
            n: usize,
        ) -> polyak_status {
            status(|| {
                let (noise, stream) = (given(noise)?, given(stream)?);
                let (coefficients, _) = given(coefficients)?.open()?;
                require((0.0..$number::INFINITY).contains(&noise.scale), polyak_status::Scale)?;
                let read = if noise.covariance == POLYAK_COVARIANCE_STATE { n } else { 0 };
                let oracle = Ngos {
                    landscape: Given(n),
                    covariance: noise.covariance(n)?,
                    law: law(noise.law, noise.degrees_of_freedom)?,
                    scale: noise.scale,
                };
                let (x, g) = (array(x, read)?, array_mut(g, n)?);
                let mut core = stream.open()?;
                add_draws(&oracle, noise.ell, coefficients.noise, x, &mut core, &mut NoDeck, g)?;
                stream.close(&core);
                Ok(())
            })
        }
    };
}

noises!(f32, polyak_noise_f32, polyak_add_noise_f32, polyak_stream_f32, polyak_coefficients_f32);
noises!(f64, polyak_noise_f64, polyak_add_noise_f64, polyak_stream_f64, polyak_coefficients_f64);

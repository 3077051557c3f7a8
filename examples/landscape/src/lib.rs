//! The pseudo-Huber loss L(x) = Σᵢ (√(1 + xᵢ²) − 1): a quadratic near 0, a cone far away.
//!
//! Everything that is needed for a landscape of one's own is in this file: the landscape, what a trajectory does, and the macro that makes
//! a kernel of it. `main.rs` runs both and compares.
#![cfg_attr(target_arch = "nvptx64", no_std, feature(abi_ptx))]

use polyak_core::landscape::Landscape;
use polyak_core::optimizer::{Method, Update};
use polyak_core::oracle::{Covariance, Ngos, NoDeck};
use polyak_core::random::{FromRng, Law, PcgLane, Stream};
use polyak_core::real::{Real, Scalar};
use polyak_core::trajectory::{State, advance};
use polyak_core::vector::{Vector, VectorMut};
use polyak_kernels::{Registers, trajectories};

/// d.
pub const DIMENSION: usize = 3;

/// The landscape. Written in `+ − × ÷ √` on `Real`, it has the same bits wherever it runs.
pub struct PseudoHuber;

impl<S: Scalar> Landscape<S> for PseudoHuber {
    #[inline(always)]
    fn dimension(&self) -> usize {
        DIMENSION
    }

    #[inline(always)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        let one = F::splat(S::ONE);
        let mut sum = F::ZERO;
        for i in 0..DIMENSION {
            let x = x.get(i);
            sum = sum + ((one + x * x).sqrt() - one);
        }
        sum
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        for i in 0..DIMENSION {
            let x = x.get(i);
            g.set(i, x / (F::splat(S::ONE) + x * x).sqrt());
        }
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, x: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        for i in 0..DIMENSION {
            let x = x.get(i);
            let square = F::splat(S::ONE) + x * x;
            p.set(i, v.get(i) / (square * square.sqrt()));
        }
    }
}

/// SGDM, η = 1/8 and β = 7/8, from x = 4 with Gaussian noise of scale ½: the point of a trajectory after `steps` steps.
#[inline(always)]
pub fn trajectory<S: Scalar>(seed: u64, trajectory: u64, steps: u64) -> [S; DIMENSION] {
    let (method, eighth) = (Method::Sgdm, 0.125);
    let oracle = Ngos {
        landscape: PseudoHuber,
        covariance: Covariance::<[S; 0]>::Identity,
        law: Law::Gaussian,
        scale: S::HALF,
    };
    let update = Update { form: method.form(), maximize: false, weight_decay: None };
    let four = S::TWO + S::TWO;
    let mut state = State {
        x: Registers([four; DIMENSION]),
        m: Registers::<S, DIMENSION>::zero(),
        stream: Stream::<S, _>::new(FromRng(PcgLane::new(seed, trajectory))),
        deck: NoDeck,
    };
    let coefficients = method.coefficients(0, eighth, 1.0 - eighth).round();
    let steps = core::iter::repeat_n(coefficients, steps as usize);
    advance(&oracle, &update, steps, &mut state, &mut Registers::<S, DIMENSION>::zero(), &mut ());
    state.x.0
}

trajectories! {
    /// In f32.
    pseudo_huber_f32: f32, DIMENSION, trajectory;
    /// In f64.
    pseudo_huber_f64: f64, DIMENSION, trajectory;
}

//! The case that is run most, coordinate by coordinate: Gaussian noise of covariance σ² on a diagonal quadratic, SVAG or not.
//!
//! There a trajectory is d trajectories of dimension 1 that share a stream: no coordinate's gradient needs another coordinate. So each
//! number that is drawn moves its coordinate at once, and no gradient is written to memory and read again. It is core's code that
//! moves it, for one coordinate; the bits are those of [`advance`](polyak_core::trajectory::advance).

use polyak_core::landscape::{AnyLandscape, Diagonal, Landscape as _};
use polyak_core::optimizer::{Coefficients, Update};
use polyak_core::oracle::{AnyNoise, Covariance};
use polyak_core::random::{Generator, Law, Sink};
use polyak_core::real::{Real, Scalar, Work};
use polyak_core::trajectory::State;

use crate::JobOracle;
use crate::chunk::Pack;

/// g = Hx + σz with diagonal H and standard normal z, drawn once for each weight.
#[derive(Clone, Copy)]
pub struct Coordinates<'a, S> {
    curvature: &'a [S],
    scale: S,
    weights: [S; 2],
    draws: usize,
}

impl<'a, S: Scalar> Coordinates<'a, S> {
    /// The oracle, if it is such a one.
    pub fn of(oracle: &'a JobOracle<S>) -> Option<Self> {
        let AnyLandscape::Diagonal(Diagonal(curvature)) = &oracle.landscape else { return None };
        let AnyNoise::Additive { covariance: Covariance::Identity, law: Law::Gaussian, scale } =
            &oracle.noise
        else {
            return None;
        };
        let (weights, draws) = oracle.svag.map_or(([S::ONE; 2], 1), |weights| (weights, 2));
        Some(Self { curvature: curvature.as_ref(), scale: *scale, weights, draws })
    }

    /// As [`advance`](polyak_core::trajectory::advance), `count` steps of the same coefficients.
    #[inline(always)]
    pub fn advance<F, R, D>(
        &self,
        update: &Update<S>,
        coefficients: &Coefficients<S>,
        count: usize,
        state: &mut State<&mut [F], &mut [F], F, R, D>,
        g: &mut [F],
    ) where
        F: Real<Scalar = S>,
        R: Generator<F>,
    {
        let weights = &self.weights[..self.draws];
        let scale = |weight| F::splat(self.scale * (weight * coefficients.noise));
        if let (&[weight], &[curvature], [x], [m]) = (weights, self.curvature, &mut *state.x, &mut *state.m) {
            let scale = scale(weight);
            let mut point = Point { curvature, scale, update, coefficients, x: *x, m: *m };
            state.stream.draw(Law::Gaussian, count, &mut point);
            (*x, *m) = (point.x, point.m);
            return;
        }
        for _ in 0..count {
            for (draw, &weight) in weights.iter().enumerate() {
                let mut mover = Mover {
                    curvature: self.curvature,
                    scale: scale(weight),
                    first: draw == 0,
                    last: draw + 1 == self.draws,
                    update,
                    coefficients,
                    x: state.x,
                    m: state.m,
                    g,
                };
                state.stream.draw(Law::Gaussian, self.curvature.len(), &mut mover);
            }
        }
    }
}

/// Lots of steps of several packs, as work.
pub struct Advance<'a, 'p, F: Real> {
    pub coordinates: Coordinates<'a, F::Scalar>,
    pub update: &'a Update<F::Scalar>,
    pub lots: &'a [(Coefficients<F::Scalar>, usize)],
    pub packs: &'a mut [Pack<'p, F>],
    /// Scratch.
    pub g: &'a mut [F],
}

impl<F: Real> Work for Advance<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for Pack { state, .. } in self.packs {
            for &(coefficients, count) in self.lots {
                self.coordinates.advance(self.update, &coefficients, count, state, self.g);
            }
        }
    }
}

/// Takes a number a step: in one dimension the point stays where it is computed.
struct Point<'a, S, F> {
    curvature: S,
    scale: F,
    update: &'a Update<S>,
    coefficients: &'a Coefficients<S>,
    x: F,
    m: F,
}

impl<S: Scalar, F: Real<Scalar = S>> Sink<F> for Point<'_, S, F> {
    #[inline(always)]
    fn put(&mut self, _: usize, z: F) {
        let (mut x, mut m, mut g) = ([self.x], [self.m], [F::ZERO]);
        Diagonal([self.curvature]).gradient(&x, &mut g);
        Covariance::<[S; 1]>::Identity.add(0, z * self.scale, 1, &x, &mut g);
        self.update.step(self.coefficients, &mut x, &mut m, &g);
        ([self.x], [self.m]) = (x, m);
    }
}

/// Takes the numbers of one draw.
struct Mover<'a, S, F> {
    curvature: &'a [S],
    scale: F,
    first: bool,
    last: bool,
    update: &'a Update<S>,
    coefficients: &'a Coefficients<S>,
    x: &'a mut [F],
    m: &'a mut [F],
    g: &'a mut [F],
}

impl<S: Scalar, F: Real<Scalar = S>> Sink<F> for Mover<'_, S, F> {
    #[inline(always)]
    fn put(&mut self, i: usize, z: F) {
        let (mut x, mut g) = ([self.x[i]], [F::ZERO]);
        if self.first {
            Diagonal([self.curvature[i]]).gradient(&x, &mut g);
        } else {
            g = [self.g[i]];
        }
        Covariance::<[S; 1]>::Identity.add(0, z * self.scale, 1, &x, &mut g);
        if self.last {
            let mut m = [self.m[i]];
            self.update.step(self.coefficients, &mut x, &mut m, &g);
            [self.x[i]] = x;
            [self.m[i]] = m;
        } else {
            [self.g[i]] = g;
        }
    }
}

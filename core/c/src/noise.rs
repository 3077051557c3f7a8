//! Additive noise around a gradient of the caller's: the noisy gradient oracle of MV definition 2.1, plain or under SVAG.

use polyak_core::oracle::Covariance;
use polyak_core::random::{Law, Stream};
use polyak_core::real::Scalar;

use crate::optimizer::*;
use crate::polyak_status;
use crate::raw::{array, array_mut};
use crate::status::{given, require, status};
use crate::stream::*;

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

/// One draw of MV definition 2.1's noise, times `scale`: what the core's `Ngos` adds, four numbers at a time so that the sampler is shared.
fn add_noise<S: Scalar>(
    law: Law<S>,
    covariance: &Covariance<&[S]>,
    scale: S,
    stream: &mut Stream<S, AnyGenerator<S>>,
    x: &[S],
    g: &mut [S],
) {
    let n = g.len();
    let mut first = 0;
    while first < n {
        let mut block = [S::ZERO; 4];
        let numbers = block.get_mut(..(n - first).min(4)).unwrap_or_default();
        draw(stream, law, numbers);
        for (i, &mut z) in (first..).zip(numbers) {
            covariance.add::<S, S, _, _>(i, z * scale, n, x, g);
        }
        first += 4;
    }
}

macro_rules! noises {
    ($number:ident, $noise:ident, $add_noise:ident, $law:ident, $svag:ident, $stream:ident, $coefficients:ident) => {
        /// Noise `scale` times B z, with z of a law: what is added to a gradient. What is not set is 0: standard normal, B = 1, no SVAG.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $noise {
            /// The law of z.
            pub law: $law,
            /// SVAG's weights, or 0.
            pub svag: $svag,
            /// What B is.
            pub covariance: polyak_covariance,
            /// What the noise is multiplied by.
            pub scale: $number,
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
                let law = noise.law.open()?;
                let covariance = noise.covariance(n)?;
                let weights = noise.svag.open()?;
                let (x, g) = (array(x, read)?, array_mut(g, n)?);
                let mut core = stream.open()?;
                for r in weights {
                    let scale = noise.scale * (r * coefficients.noise);
                    add_noise(law, &covariance, scale, &mut core, x, g);
                }
                stream.close(&core);
                Ok(())
            })
        }
    };
}

noises!(
    f32,
    polyak_noise_f32,
    polyak_add_noise_f32,
    polyak_law_f32,
    polyak_svag_f32,
    polyak_stream_f32,
    polyak_coefficients_f32
);
noises!(
    f64,
    polyak_noise_f64,
    polyak_add_noise_f64,
    polyak_law_f64,
    polyak_svag_f64,
    polyak_stream_f64,
    polyak_coefficients_f64
);

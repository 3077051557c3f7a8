//! Any of the generators.

use super::{Generator, Pcg32, Philox};
use crate::real::Real;

/// Words of either generator, chosen anew for every four words of all lanes. So what takes them is compiled once for both and not once
/// for each: words are a branch in many hundred operations.
///
/// ```
/// use polyak_core::random::{AnyGenerator, Generator, Philox};
/// let (mut one, mut any) = (Philox::<f32>::new(1, 7), AnyGenerator::Philox(Philox::<f32>::new(1, 7)));
/// let mut words = [[[0]; 4]; 2];
/// one.words(&mut words[0]);
/// any.words(&mut words[1]);
/// assert_eq!(words[0], words[1]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AnyGenerator<F: Real> {
    /// PCG XSH RR 64/32.
    Pcg32(Pcg32<F>),
    /// Philox 4x32-10.
    Philox(Philox<F>),
}

impl<F: Real> Generator<F> for AnyGenerator<F> {
    #[inline(always)]
    fn words(&mut self, out: &mut [F::Array<u32>; 4]) {
        match self {
            Self::Pcg32(generator) => generator.words(out),
            Self::Philox(generator) => generator.words(out),
        }
    }
}

//! A point in registers.

use polyak_core::real::Scalar;
use polyak_core::vector::{Vector, VectorMut};

/// A point of at most eight coordinates that the compiler keeps in registers.
///
/// Registers have no addresses: an array that is indexed by a number not known when the kernel is compiled goes to local
/// memory, which is a hundred times slower. Here an index is compared with each place in turn; where it is known, nothing of
/// that is left. `D` must not exceed 8.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Registers<S, const D: usize>(
    /// The coordinates.
    pub [S; D],
);

impl<S: Scalar, const D: usize> Registers<S, D> {
    const FITS: () = assert!(D <= 8);

    /// The origin.
    #[inline(always)]
    pub fn zero() -> Self {
        const { Self::FITS };
        Self([S::ZERO; D])
    }
}

/// `$body` for each place, with `$place` a constant, so that there is no loop to be left rolled.
macro_rules! each_place {
    ($place:ident < $d:ident: $body:expr) => {
        each_place!(@ $place $d $body; 0 1 2 3 4 5 6 7)
    };
    (@ $place:ident $d:ident $body:expr; $($k:literal)*) => {
        $(if $k < $d {
            const $place: usize = $k;
            $body
        })*
    };
}

impl<S: Scalar, const D: usize> Vector<S> for Registers<S, D> {
    #[inline(always)]
    fn len(&self) -> usize {
        D
    }

    #[inline(always)]
    fn get(&self, i: usize) -> S {
        let mut value = S::ZERO;
        each_place!(K < D: value = if i == K { self.0[K] } else { value });
        value
    }
}

impl<S: Scalar, const D: usize> VectorMut<S> for Registers<S, D> {
    #[inline(always)]
    fn set(&mut self, i: usize, value: S) {
        each_place!(K < D: self.0[K] = if i == K { value } else { self.0[K] });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behaves_as_an_array<const D: usize>() {
        let (mut registers, mut array) = (Registers::<f32, D>::zero(), [0.0f32; D]);
        assert_eq!(registers.len(), D);
        for (step, i) in [0, 7, 3, 1, 2, 7, 5, 4, 6, 8, 100, usize::MAX].into_iter().enumerate() {
            let value = 1.0 + step as f32;
            registers.set(i, value);
            array.set(i, value);
            assert_eq!(registers.0, array, "{D} {i}");
            for j in 0..10 {
                assert_eq!(registers.get(j), Vector::<f32>::get(&array, j), "{D} {j}");
            }
        }
    }

    #[test]
    fn registers_behave_as_an_array() {
        behaves_as_an_array::<1>();
        behaves_as_an_array::<3>();
        behaves_as_an_array::<8>();
    }
}

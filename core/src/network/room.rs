//! Where lanes and scalars keep the numbers of a pass: on the stack.

use core::marker::PhantomData;

use crate::real::{Real, Work};

/// What is done with two numbers for each unit.
pub(super) trait Pass<F> {
    /// What comes of it.
    type Output;

    /// Does it. To be inlined always.
    fn run(self, room: [&mut [F]; 2]) -> Self::Output;
}

/// Sizes of room for networks with fewer units than `UNITS`: setting what is not needed to 0 takes longer than the passes of a small network.
const FEW: usize = 32;
const SOME: usize = 128;

/// Does a pass with room for at least `units` units, of which there are at most `UNITS`.
///
/// Lanes take room of the next size. A scalar takes all, as a board has room for the network that it trains.
#[inline(always)]
pub(super) fn with_room<F: Real, P: Pass<F>, const UNITS: usize>(units: usize, pass: P) -> P::Output {
    let lanes = PhantomData;
    if F::LANES == 1 {
        let (mut first, mut second) = ([F::ZERO; UNITS], [F::ZERO; UNITS]);
        pass.run([first.as_mut_slice(), &mut second])
    } else if FEW < UNITS && units <= FEW {
        F::run(Room::<_, _, FEW> { pass, lanes })
    } else if SOME < UNITS && units <= SOME {
        F::run(Room::<_, _, SOME> { pass, lanes })
    } else {
        F::run(Room::<_, _, UNITS> { pass, lanes })
    }
}

/// A pass that has no room yet.
struct Room<F, P, const UNITS: usize> {
    pass: P,
    lanes: PhantomData<F>,
}

impl<F: Real, P: Pass<F>, const UNITS: usize> Work for Room<F, P, UNITS> {
    type Output = P::Output;

    #[inline(always)]
    fn run(self) -> P::Output {
        let (mut first, mut second) = ([F::ZERO; UNITS], [F::ZERO; UNITS]);
        F::run(Given { pass: self.pass, room: [&mut first, &mut second] })
    }
}

/// A pass and its room: the same code for every size.
struct Given<'a, F, P> {
    pass: P,
    room: [&'a mut [F]; 2],
}

impl<F: Real, P: Pass<F>> Work for Given<'_, F, P> {
    type Output = P::Output;

    #[inline(always)]
    fn run(self) -> P::Output {
        self.pass.run(self.room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::Lanes;

    struct Lengths;

    impl<F> Pass<F> for Lengths {
        type Output = [usize; 2];

        fn run(self, room: [&mut [F]; 2]) -> [usize; 2] {
            room.map(|room| room.len())
        }
    }

    #[test]
    fn room_is_the_next_size_in_lanes_and_all_for_a_scalar() {
        for units in 0..=192 {
            let next = match units {
                0..=32 => 32,
                33..=128 => 128,
                _ => 192,
            };
            assert_eq!(with_room::<Lanes<f32, 4>, _, 192>(units, Lengths), [next; 2], "{units}");
            assert_eq!(with_room::<f32, _, 192>(units, Lengths), [192; 2], "{units}");
        }
        // No size is above what the type says.
        assert_eq!(with_room::<Lanes<f64, 4>, _, 32>(5, Lengths), [32; 2]);
        assert_eq!(with_room::<Lanes<f64, 4>, _, 20>(5, Lengths), [20; 2]);
        assert_eq!(with_room::<Lanes<f64, 4>, _, 100>(33, Lengths), [100; 2]);
    }
}

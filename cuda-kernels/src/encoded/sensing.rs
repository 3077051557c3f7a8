//! Matrix sensing.
#![allow(unsafe_code, reason = "the numbers of a landscape lie at addresses that the host gave")]

use polyak_core::landscape::MatrixSensing;
use polyak_core::real::Scalar;
use polyak_core::vector::Vector;

use super::Tested;
use crate::launch::{Launch, Run};
use crate::memory::numbers;
use crate::problem::LandscapeKind;

/// The matrix sensing of a problem: N symmetric matrices of p rows, N targets, and r, where d = p·r; `None` if it is another landscape.
///
/// # Safety
/// As for [`Encoded::new`](super::Encoded::new).
#[inline(always)]
pub unsafe fn sensing<'a, S: Scalar>(
    launch: &'a Launch<S>,
    _: &Run<S>,
    _: u64,
) -> Option<MatrixSensing<&'a [S]>> {
    let problem = &launch.problem;
    if problem.landscape != LandscapeKind::MatrixSensing || problem.rank == 0 {
        return None;
    }
    let (n, rank) = (problem.examples as usize, problem.rank as usize);
    let side = problem.dimension as usize / rank;
    let [matrices, targets] = problem.landscape_numbers;
    // SAFETY: the caller's; there are as many.
    let (matrices, targets) = unsafe { (numbers(matrices, n * side * side), numbers(targets, n)) };
    Some(MatrixSensing::new(matrices, targets, side, rank))
}

impl<S: Scalar> Tested<S> for MatrixSensing<&[S]> {
    #[inline(always)]
    fn test<X: Vector<S>>(&self, _: &X) -> Option<[S; 2]> {
        None
    }
}

//! A [`Problem`](crate::launch::Problem) as landscape and oracle: what a kernel calls the core with.
//!
//! The structure is looked at anew at each call. An enumeration of the core made of it would be copied about in the thread's own
//! memory, far from the registers; nothing of this is.
mod landscape;
mod network;
mod oracle;
mod sensing;

pub use landscape::Encoded;
pub use network::EncodedNetwork;
pub use oracle::EncodedOracle;
pub use sensing::sensing;

use polyak_core::landscape::FiniteSum;
use polyak_core::real::Scalar;
use polyak_core::vector::Vector;

/// A landscape that may be tested on examples that are none of its own.
pub trait Tested<S: Scalar>: FiniteSum<S> + Copy {
    /// The loss over these, and the part of them that x gets right; `None` if there are none.
    fn test<X: Vector<S>>(&self, x: &X) -> Option<[S; 2]>;
}

//! Kernels of a user's own: a function of a trajectory as an entry point.

/// Makes kernels of functions that compute a trajectory: each line is a name, a precision, a dimension d, and a function generic over the
/// precision that takes (seed, trajectory, steps) and gives the final point as an array of d numbers.
///
/// A kernel takes the address of an [`Ensemble`](crate::launch::Ensemble), and three numbers that it does not use, as every kernel that
/// polyak launches; thread t of the grid computes trajectory t. Anywhere but on a GPU the macro makes nothing:
/// the function itself is what runs there. `examples/landscape` shows it, and polyak's `backend::user` launches it.
#[macro_export]
macro_rules! trajectories {
    ($($(#[$doc:meta])* $name:ident: $scalar:ty, $dimension:expr, $function:ident;)*) => {
        #[cfg(target_arch = "nvptx64")]
        const _: () = {
            #[panic_handler]
            fn panic(_: &core::panic::PanicInfo) -> ! {
                loop {}
            }

            $(
                $(#[$doc])*
                ///
                /// # Safety
                /// There is an ensemble, and room for its points.
                #[unsafe(no_mangle)]
                pub unsafe extern "ptx-kernel" fn $name(ensemble: *const $crate::launch::Ensemble, _: u32, _: u32, _: u32) {
                    // SAFETY: the caller's.
                    let &$crate::launch::Ensemble { out, trajectories, seed, steps } = unsafe { &*ensemble };
                    let t = $crate::thread_index();
                    if t < trajectories {
                        let point: [$scalar; $dimension] = $function(seed, t, steps);
                        for (i, x) in point.into_iter().enumerate() {
                            // SAFETY: the caller's.
                            unsafe { (out as *mut $scalar).add(i * trajectories as usize + t as usize).write(x) };
                        }
                    }
                }
            )*
        };
    };
}

/// The index of this thread in a grid of one dimension.
#[cfg(target_arch = "nvptx64")]
#[inline(always)]
#[allow(unsafe_code, reason = "reading the thread's index has no conditions")]
pub fn thread_index() -> u64 {
    use core::arch::nvptx::{_block_dim_x, _block_idx_x, _thread_idx_x};

    // SAFETY: there are no conditions.
    unsafe { _block_idx_x() as u64 * _block_dim_x() as u64 + _thread_idx_x() as u64 }
}

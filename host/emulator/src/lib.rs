//! PTX run on the CPU, thread by thread, exactly: what a GPU would compute, on a machine without one.
//!
//! A crate of its own because it is optimised in debug builds too, and because it knows nothing of what the kernels compute.
//!
//! The emulator has the instructions that the kernels contain, and a few more; any other is refused by its name when the
//! text is read. Floats are IEEE 754 with the rounding that the instruction names; instructions that round otherwise
//! (`fma`, `.approx`, `.ftz`, or `add` without `.rn`, which a compiler may fuse) are not there. Addresses are checked:
//! a thread that reads or writes outside an allocation, out of alignment, or in the wrong state space is an error that
//! names the kernel, the block, the thread, the instruction and its line.
//!
//! It is for tests. It takes some ten nanoseconds an instruction.
//!
//! ```
//! use polyak_emulator::{Memory, Module};
//! let text = "
//!     .visible .entry twice(.param .u64 out, .param .f32 x) {
//!         .reg .b32 %r<3>;
//!         .reg .b64 %rd<2>;
//!         ld.param.b64 %rd1, [out];
//!         ld.param.b32 %r1, [x];
//!         add.rn.f32 %r2, %r1, %r1;
//!         st.global.b32 [%rd1], %r2;
//!         ret;
//!     }";
//! let module = Module::parse(text).unwrap();
//! let mut memory = Memory::new();
//! let out = memory.alloc(4);
//! module.launch("twice", [1; 3], [1; 3], &[out.into(), 1.5f32.into()], &mut memory).unwrap();
//! assert_eq!(memory.read(out, 4).unwrap(), 3.0f32.to_le_bytes());
//! ```

mod body;
mod convert;
mod decode;
mod error;
mod float;
mod function;
mod launch;
mod memory;
mod parse;
mod pure;
mod thread;
mod token;

pub use error::{Cause, Fault, Problem, PtxError};
pub use launch::{Argument, Stats};
pub use memory::{Address, BadAccess, Memory};
pub use parse::Module;

//! Launches: a grid of blocks, thread by thread.

use std::mem;

use super::error::{Cause, Fault};
use super::function::Function;
use super::memory::{Address, Memory};
use super::parse::Module;
use super::thread::{Pause, Spaces, Thread};

/// A kernel's argument: the bytes of a number, an address or a structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument(Vec<u8>);

macro_rules! argument {
    ($($kind:ty)*) => {$(
        impl From<$kind> for Argument {
            fn from(value: $kind) -> Self {
                Self(value.to_le_bytes().to_vec())
            }
        }
    )*};
}

argument!(u32 i32 u64 i64 f32 f64);

impl From<Address> for Argument {
    fn from(address: Address) -> Self {
        address.0.into()
    }
}

impl From<&[u8]> for Argument {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

/// What a launch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Threads that ran.
    pub threads: u64,
    /// Instructions that they executed; a few of PTX's count as two.
    pub instructions: u64,
    /// Loads from the memory of the device, of one number or a few.
    pub loads: u64,
    /// Stores to it.
    pub stores: u64,
}

/// The most threads that a block of a CUDA device may have.
const MOST_THREADS: u64 = 1024;

impl Module {
    /// Runs `kernel` over `grid` blocks of `block` threads (x, y, z), to the end, in the order of the indices.
    ///
    /// A thread runs until it ends or waits at a barrier; threads of one block that wait are resumed together.
    pub fn launch(
        &self,
        kernel: &str,
        grid: [u32; 3],
        block: [u32; 3],
        arguments: &[Argument],
        memory: &mut Memory,
    ) -> Result<Stats, Fault> {
        let found = self.functions.iter().enumerate().find(|(_, f)| f.is_kernel && f.name == kernel);
        let (index, function) = found.ok_or_else(|| Fault::NoKernel(kernel.to_owned()))?;
        let size = |dimensions: [u32; 3]| dimensions.iter().map(|d| u64::from(*d)).product::<u64>();
        if size(grid) == 0 || size(block) == 0 || size(block) > MOST_THREADS {
            return Err(Fault::Shape { kernel: kernel.to_owned(), grid, block });
        }
        let parameters = pack(function, arguments)?;
        let mut variables = self.variables.clone();
        let mut shared = vec![0; self.shared_bytes as usize];
        let mut spaces = Spaces { memory, variables: &mut variables, shared: &mut shared };
        let mut stats = Stats { threads: size(grid) * size(block), ..Stats::default() };
        let mut thread = Thread::default();
        for block_index in indices(grid) {
            spaces.shared.fill(0);
            let mut waiting: Vec<(Thread, u64)> = Vec::new();
            for thread_index in indices(block) {
                thread.begin(self, index, &parameters, [thread_index, block, block_index, grid]);
                if let Some(barrier) = self.advance(&mut thread, &mut spaces, &mut stats)? {
                    waiting.push((mem::take(&mut thread), barrier));
                }
            }
            while let Some(&(_, barrier)) = waiting.first() {
                let mut next = Vec::with_capacity(waiting.len());
                for (mut thread, at) in waiting {
                    if at != barrier {
                        return Err(self.fault(&thread, Cause::Barrier));
                    }
                    if let Some(barrier) = self.advance(&mut thread, &mut spaces, &mut stats)? {
                        next.push((thread, barrier));
                    }
                }
                waiting = next;
            }
        }
        Ok(stats)
    }

    /// Runs a thread to its end (`None`) or to a barrier.
    fn advance(
        &self,
        thread: &mut Thread,
        spaces: &mut Spaces,
        stats: &mut Stats,
    ) -> Result<Option<u64>, Fault> {
        let pause = thread.run(self, spaces, stats);
        match pause.map_err(|cause| self.fault(thread, cause))? {
            Pause::End => Ok(None),
            Pause::Barrier(id) => Ok(Some(id)),
        }
    }

    fn fault(&self, thread: &Thread, cause: Cause) -> Fault {
        let (function, line) = thread.place(self);
        let text = self.lines.get(line.wrapping_sub(1)).map_or("", |line| line.trim());
        let instruction = match function == thread.kernel(self) {
            true => text.replace('\t', " "),
            false => format!("{} (in {function})", text.replace('\t', " ")),
        };
        Fault::Thread {
            kernel: thread.kernel(self).to_owned(),
            block: thread.block,
            thread: thread.index,
            line,
            instruction,
            cause,
        }
    }
}

/// The arguments at the places of the kernel's parameters.
fn pack(function: &Function, arguments: &[Argument]) -> Result<Vec<u8>, Fault> {
    let expected: Vec<usize> = function.parameters.iter().map(|slot| slot.bytes as usize).collect();
    let found: Vec<usize> = arguments.iter().map(|argument| argument.0.len()).collect();
    if expected != found {
        let describe = |sizes: &[usize]| format!("{} arguments of {sizes:?} bytes", sizes.len());
        return Err(Fault::Arguments {
            kernel: function.name.clone(),
            expected: describe(&expected),
            found: describe(&found),
        });
    }
    let mut bytes = vec![0; function.parameter_bytes as usize];
    for (slot, argument) in function.parameters.iter().zip(arguments) {
        let begin = slot.offset as usize;
        bytes[begin..begin + argument.0.len()].copy_from_slice(&argument.0);
    }
    Ok(bytes)
}

/// Every index below `dimensions`, x fastest.
fn indices([x, y, z]: [u32; 3]) -> impl Iterator<Item = [u32; 3]> {
    (0..z).flat_map(move |k| (0..y).flat_map(move |j| (0..x).map(move |i| [i, j, k])))
}

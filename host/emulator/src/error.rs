//! What is wrong with a text, and what went wrong in a run.

use super::memory::BadAccess;

/// PTX that cannot be read, or that holds something the emulator does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("PTX line {line}: {problem}")]
pub struct PtxError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong in PTX.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// An instruction that the emulator does not have: it never guesses.
    #[error("the emulator has no instruction {0}")]
    Instruction(String),
    /// A directive that it does not have.
    #[error("the emulator has no directive {0}")]
    Directive(String),
    /// The grammar was not kept.
    #[error("expected {expected}, found {found:?}")]
    Syntax {
        /// What the grammar asks for.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A register, label, variable or function that nothing declares.
    #[error("{0} is not declared")]
    Undeclared(String),
    /// A function with more registers and constants than the emulator numbers.
    #[error("too many registers in one function")]
    TooLarge,
}

/// A launch that did not end as it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is no such kernel.
    #[error("there is no kernel {0}")]
    NoKernel(String),
    /// The arguments do not fit the kernel's parameters.
    #[error("{kernel} takes {expected}, not {found}")]
    Arguments {
        /// Kernel.
        kernel: String,
        /// Its parameters.
        expected: String,
        /// What was given.
        found: String,
    },
    /// A dimension of 0, or more than 1024 threads in a block.
    #[error("{kernel}: a launch of {grid:?} blocks of {block:?} threads is not possible")]
    Shape {
        /// Kernel.
        kernel: String,
        /// Blocks.
        grid: [u32; 3],
        /// Threads in each.
        block: [u32; 3],
    },
    /// A thread did what it must not.
    #[error("{kernel}, block {block:?}, thread {thread:?}, line {line}: {instruction}: {cause}")]
    Thread {
        /// Kernel.
        kernel: String,
        /// Its block.
        block: [u32; 3],
        /// Its place in the block.
        thread: [u32; 3],
        /// Line of the PTX, from 1.
        line: usize,
        /// The instruction there.
        instruction: String,
        /// What is wrong.
        cause: Cause,
    },
}

/// What a thread can do wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// An address outside what may be read or written.
    #[error(transparent)]
    Access(#[from] BadAccess),
    /// `trap`, which is what a panic becomes.
    #[error("trap")]
    Trap,
    /// A `brx.idx` beyond its targets.
    #[error("index {index} of {targets} targets")]
    BranchIndex {
        /// The index.
        index: u64,
        /// How many there are.
        targets: usize,
    },
    /// Threads of a block wait at barriers that differ.
    #[error("other threads of the block wait at another barrier")]
    Barrier,
    /// The end of a function without `ret`.
    #[error("ran past the end of the function")]
    NoReturn,
    /// Calls nested too deeply.
    #[error("calls nested more than 64 deep")]
    CallDepth,
}

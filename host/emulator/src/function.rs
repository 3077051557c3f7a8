//! A function, decoded: what the emulator runs.

use super::convert::Conversion;
use super::memory::Space;
use super::pure::Pure;

/// Index of a register. Constants and special registers lie among the registers, so that an operand is one index.
pub(super) type Register = u32;

/// The first registers of every frame: `tid`, `ntid`, `ctaid`, `nctaid` in x, y, z, then the base of the frame's local memory.
pub(super) const SPECIAL: [&str; 12] = [
    "%tid.x",
    "%tid.y",
    "%tid.z",
    "%ntid.x",
    "%ntid.y",
    "%ntid.z",
    "%ctaid.x",
    "%ctaid.y",
    "%ctaid.z",
    "%nctaid.x",
    "%nctaid.y",
    "%nctaid.z",
];
pub(super) const LOCAL_BASE: Register = 12;

/// A place among a function's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub offset: u32,
    pub bytes: u32,
}

/// One step. An instruction of PTX is one step or a few.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Pure {
        f: Pure,
        to: Register,
        a: Register,
        b: Register,
        c: Register,
    },
    Insert {
        to: Register,
        a: Register,
        b: Register,
        position: Register,
        length: Register,
        bits: u32,
    },
    Convert {
        conversion: Conversion,
        to: Register,
        from: Register,
        keep: u64,
    },
    Carry {
        subtract: bool,
        carry_in: bool,
        carry_out: bool,
        bits: u32,
        to: Register,
        a: Register,
        b: Register,
    },
    Load {
        space: Space,
        kind: Word,
        to: [Register; 4],
        base: Register,
        offset: u64,
    },
    Store {
        space: Space,
        kind: Word,
        from: [Register; 4],
        base: Register,
        offset: u64,
    },
    Branch {
        target: u32,
    },
    BranchIf {
        predicate: Register,
        when: bool,
        target: u32,
    },
    BranchIndex {
        index: Register,
        targets: Box<[u32]>,
    },
    Call(Box<Call>),
    Barrier {
        id: Register,
    },
    Return,
    Exit,
    Trap,
}

/// What a load or a store moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub bytes: u8,
    /// 1, 2 or 4 of them side by side.
    pub count: u8,
    /// Kept of the register that a load fills, if the sign goes that far.
    pub sign: bool,
    pub keep: u64,
}

/// A call. The places of its arguments are the caller's; the callee's are in the callee.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub name: String,
    /// Index of the callee, once every function is known.
    pub function: usize,
    pub arguments: Vec<Slot>,
    pub result: Option<Slot>,
}

/// A function or a kernel.
#[derive(Debug, Clone)]
pub(super) struct Function {
    pub name: String,
    pub is_kernel: bool,
    pub parameters: Vec<Slot>,
    pub result: Option<Slot>,
    /// Bytes of its parameters, its result, and those of the calls that it makes.
    pub parameter_bytes: u32,
    pub local_bytes: u32,
    /// Registers at the start: constants, and zeros.
    pub registers: Vec<u64>,
    pub steps: Vec<Step>,
    /// Line of the PTX that each step came from.
    pub lines: Vec<u32>,
}

//! One thread: its frames, and the loop that steps it.

use super::error::Cause;
use super::function::{Call, LOCAL_BASE, Register, Slot, Step, Word};
use super::launch::Stats;
use super::memory::{BadAccess, LOCAL, Memory, PARAMETERS, SHARED, Space, VARIABLES, slice, window};
use super::parse::Module;
use super::pure::insert;

const MOST_FRAMES: usize = 64;

/// The memory that threads see beside their own.
pub(super) struct Spaces<'a> {
    pub memory: &'a mut Memory,
    pub variables: &'a mut [u8],
    pub shared: &'a mut [u8],
}

/// Why a thread stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    End,
    Barrier(u64),
}

/// A function's call in progress.
#[derive(Default)]
struct Frame {
    function: usize,
    next: usize,
    registers: Vec<u64>,
    parameters: Vec<u8>,
    local_begin: usize,
}

/// A thread of a launch.
#[derive(Default)]
pub(super) struct Thread {
    pub index: [u32; 3],
    pub block: [u32; 3],
    special: [u64; 12],
    frames: Vec<Frame>,
    /// Calls that ended: a frame is as large as the kernel has registers, and made anew for every thread it would take as long as a short kernel.
    ended: Vec<Frame>,
    local: Vec<u8>,
    carry: bool,
}

impl Thread {
    /// Begins a thread, whatever this one was before. `special`: its index, the size of a block, the block's index, the size of the grid.
    pub fn begin(&mut self, module: &Module, function: usize, parameters: &[u8], special: [[u32; 3]; 4]) {
        for (place, value) in self.special.iter_mut().zip(special.as_flattened()) {
            *place = u64::from(*value);
        }
        [self.index, _, self.block, _] = special;
        self.carry = false;
        self.ended.append(&mut self.frames);
        self.local.clear();
        self.enter(module, function);
        self.frames[0].parameters.copy_from_slice(parameters);
    }

    fn enter(&mut self, module: &Module, function: usize) {
        let code = &module.functions[function];
        let Frame { mut registers, mut parameters, .. } = self.ended.pop().unwrap_or_default();
        registers.clone_from(&code.registers);
        registers[..12].copy_from_slice(&self.special);
        let local_begin = self.local.len().next_multiple_of(16);
        registers[LOCAL_BASE as usize] = LOCAL + local_begin as u64;
        self.local.resize(local_begin + code.local_bytes as usize, 0);
        parameters.clear();
        parameters.resize(code.parameter_bytes as usize, 0);
        self.frames.push(Frame { function, next: 0, registers, parameters, local_begin });
    }

    /// The kernel's name.
    pub fn kernel<'m>(&self, module: &'m Module) -> &'m str {
        &module.functions[self.frames[0].function].name
    }

    /// The function and line of the step that ran last.
    pub fn place<'m>(&self, module: &'m Module) -> (&'m str, usize) {
        let frame = &self.frames[self.frames.len() - 1];
        let function = &module.functions[frame.function];
        let step = frame.next.saturating_sub(1).min(function.lines.len().saturating_sub(1));
        (&function.name, function.lines.get(step).map_or(0, |line| *line as usize))
    }

    /// Steps to the end or to a barrier.
    pub fn run(&mut self, module: &Module, spaces: &mut Spaces, stats: &mut Stats) -> Result<Pause, Cause> {
        loop {
            let depth = self.frames.len() - 1;
            let frame = &mut self.frames[depth];
            let steps = module.functions[frame.function].steps.as_slice();
            let registers = frame.registers.as_mut_slice();
            let mut next = frame.next;
            let mut executed = 0;
            // Stays within one frame; leaves for what concerns frames.
            let leave = loop {
                let Some(step) = steps.get(next) else { break Err(Cause::NoReturn) };
                next += 1;
                executed += 1;
                match step {
                    Step::Pure { f, to, a, b, c } => {
                        registers[*to as usize] =
                            f(registers[*a as usize], registers[*b as usize], registers[*c as usize]);
                    }
                    Step::Branch { target } => next = *target as usize,
                    Step::BranchIf { predicate, when, target } => {
                        if (registers[*predicate as usize] != 0) == *when {
                            next = *target as usize;
                        }
                    }
                    Step::Convert { conversion, to, from, keep } => {
                        registers[*to as usize] = conversion.apply(registers[*from as usize]) & keep;
                    }
                    Step::Load { space, kind, to, base, offset } => {
                        stats.loads += u64::from(is_of_the_device(*space));
                        let address = registers[*base as usize].wrapping_add(*offset);
                        let bytes = usize::from(kind.bytes * kind.count);
                        let own = (frame.parameters.as_mut_slice(), self.local.as_mut_slice());
                        match place(*space, address, bytes, own, spaces) {
                            Ok((bytes, _)) => load(bytes, *kind, to, registers),
                            Err(bad) => break Err(bad.into()),
                        }
                    }
                    Step::Store { space, kind, from, base, offset } => {
                        stats.stores += u64::from(is_of_the_device(*space));
                        let address = registers[*base as usize].wrapping_add(*offset);
                        let bytes = usize::from(kind.bytes * kind.count);
                        let own = (frame.parameters.as_mut_slice(), self.local.as_mut_slice());
                        match place(*space, address, bytes, own, spaces) {
                            Ok((bytes, true)) => store(bytes, *kind, from, registers),
                            Ok((_, false)) => {
                                let reason = "a variable of the module, which the emulator only reads";
                                break Err(BadAccess { address, bytes, reason }.into());
                            }
                            Err(bad) => break Err(bad.into()),
                        }
                    }
                    Step::Insert { to, a, b, position, length, bits } => {
                        let [a, b, position, length] =
                            [a, b, position, length].map(|register| registers[*register as usize]);
                        registers[*to as usize] = insert(a, b, position, length, *bits);
                    }
                    Step::Carry { subtract, carry_in, carry_out, bits, to, a, b } => {
                        let (a, b) = (registers[*a as usize], registers[*b as usize]);
                        let carry = *carry_in && self.carry;
                        let (result, carry) = add_with_carry(a, b, carry, *subtract, *bits);
                        registers[*to as usize] = result;
                        if *carry_out {
                            self.carry = carry;
                        }
                    }
                    Step::BranchIndex { index, targets } => {
                        let index = registers[*index as usize];
                        match targets.get(index as usize) {
                            Some(target) => next = *target as usize,
                            None => break Err(Cause::BranchIndex { index, targets: targets.len() }),
                        }
                    }
                    Step::Trap => break Err(Cause::Trap),
                    Step::Barrier { .. } | Step::Call(_) | Step::Return | Step::Exit => break Ok(step),
                }
            };
            stats.instructions += executed;
            frame.next = next;
            match leave? {
                Step::Barrier { id } => return Ok(Pause::Barrier(registers[*id as usize])),
                Step::Call(call) => self.call(module, call)?,
                Step::Return if depth > 0 => self.leave(module),
                _ => return Ok(Pause::End),
            }
        }
    }

    fn call(&mut self, module: &Module, call: &Call) -> Result<(), Cause> {
        if self.frames.len() >= MOST_FRAMES {
            return Err(Cause::CallDepth);
        }
        self.enter(module, call.function);
        let parameters = &module.functions[call.function].parameters;
        if let [.., caller, callee] = self.frames.as_mut_slice() {
            for (from, to) in call.arguments.iter().zip(parameters) {
                callee.parameters[range(*to)].copy_from_slice(&caller.parameters[range(*from)]);
            }
        }
        Ok(())
    }

    /// Back to the caller, with the result.
    fn leave(&mut self, module: &Module) {
        let Some(callee) = self.frames.pop() else { return };
        self.local.truncate(callee.local_begin);
        let Some(caller) = self.frames.last_mut() else { return };
        let call = &module.functions[caller.function].steps[caller.next - 1];
        if let (Step::Call(call), Some(from)) = (call, module.functions[callee.function].result)
            && let Some(to) = call.result
        {
            caller.parameters[range(to)].copy_from_slice(&callee.parameters[range(from)]);
        }
        self.ended.push(callee);
    }
}

fn range(slot: Slot) -> std::ops::Range<usize> {
    slot.offset as usize..(slot.offset + slot.bytes) as usize
}

/// Whether a space is the memory that all threads share.
#[inline]
fn is_of_the_device(space: Space) -> bool {
    matches!(space, Space::Generic | Space::Global)
}

/// The bytes at an address, and whether they may be written.
#[inline]
fn place<'a>(
    space: Space,
    address: u64,
    bytes: usize,
    (parameters, local): (&'a mut [u8], &'a mut [u8]),
    spaces: &'a mut Spaces,
) -> Result<(&'a mut [u8], bool), BadAccess> {
    Ok(match window(space, address, bytes)? {
        Space::Local => (slice(local, LOCAL, address, bytes)?, true),
        Space::Parameter => (slice(parameters, PARAMETERS, address, bytes)?, true),
        Space::Shared => (slice(spaces.shared, SHARED, address, bytes)?, true),
        Space::Constant => (slice(spaces.variables, VARIABLES, address, bytes)?, false),
        Space::Generic | Space::Global => (spaces.memory.place(address, bytes)?, true),
    })
}

#[inline]
fn load(bytes: &[u8], kind: Word, to: &[Register; 4], registers: &mut [u64]) {
    for (bytes, to) in bytes.chunks_exact(kind.bytes.into()).zip(to) {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        let mut value = u64::from_le_bytes(word);
        if kind.sign {
            let shift = 64 - 8 * u32::from(kind.bytes);
            value = ((value << shift) as i64 >> shift) as u64 & kind.keep;
        }
        registers[*to as usize] = value;
    }
}

#[inline]
fn store(bytes: &mut [u8], kind: Word, from: &[Register; 4], registers: &[u64]) {
    for (bytes, from) in bytes.chunks_exact_mut(kind.bytes.into()).zip(from) {
        let word = registers[*from as usize].to_le_bytes();
        bytes.copy_from_slice(&word[..bytes.len()]);
    }
}

/// The sum or difference, and the carry or borrow.
fn add_with_carry(a: u64, b: u64, carry: bool, subtract: bool, bits: u32) -> (u64, bool) {
    let keep = if bits == 64 { u64::MAX } else { u32::MAX.into() };
    let (a, b) = (i128::from(a & keep), i128::from(b & keep));
    let wide = if subtract { a - b - i128::from(carry) } else { a + b + i128::from(carry) };
    (wide as u64 & keep, wide < 0 || wide > i128::from(keep))
}

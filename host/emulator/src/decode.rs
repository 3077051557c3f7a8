//! One instruction's name and operands as steps.

use super::convert::{Class, Conversion, Kind};
use super::function::{LOCAL_BASE, Register, Step, Word};
use super::memory::Space;
use super::pure::pure;

/// An operand, its names resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operand {
    /// A register (or constant), and how many bits it has.
    Register(Register, u32),
    /// An address: base and offset.
    Address(Register, u64),
    /// The address of a variable in local memory: its offset in the frame.
    Local(Register),
    /// `{a, b}`; `_` is left out.
    Vector(Vec<Option<(Register, u32)>>),
}

impl Operand {
    fn register(&self) -> Option<Register> {
        match self {
            Self::Register(register, _) => Some(*register),
            _ => None,
        }
    }
}

/// Registers that decoding needs beside those of the text.
pub(super) trait Constants {
    fn constant(&mut self, value: u64) -> Register;
    /// One that nothing reads.
    fn sink(&mut self) -> Register;
}

/// The steps of an instruction; `None` if the emulator does not have it. Branches, calls and returns are decoded elsewhere.
pub(super) fn decode(name: &str, operands: &[Operand], pool: &mut dyn Constants) -> Option<Vec<Step>> {
    let stem = name.split('.').next()?;
    match stem {
        "ld" | "st" => return memory(name, operands, pool).map(|step| vec![step]),
        "cvta" => return address(name, operands, pool),
        "cvt" => return convert(name, operands).map(|step| vec![step]),
        "mov" => return moves(name, operands, pool),
        "bfi" => return insert(name, operands).map(|step| vec![step]),
        "add" | "addc" | "sub" | "subc" => {
            if let Some(step) = carry(name, operands) {
                return Some(vec![step]);
            }
        }
        _ => {}
    }
    let f = pure(name)?;
    let (to, sources) = operands.split_first()?;
    let zero = pool.constant(0);
    let mut registers = [zero; 3];
    if sources.len() > 3 {
        return None;
    }
    for (place, operand) in registers.iter_mut().zip(sources) {
        *place = operand.register()?;
    }
    let [a, b, c] = registers;
    Some(vec![Step::Pure { f, to: to.register()?, a, b, c }])
}

fn keep(bits: u32) -> u64 {
    if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
}

fn convert(name: &str, operands: &[Operand]) -> Option<Step> {
    let [Operand::Register(to, bits), Operand::Register(from, _)] = operands else { return None };
    let conversion = Conversion::of(name)?;
    Some(Step::Convert { conversion, to: *to, from: *from, keep: keep(*bits) })
}

/// All spaces share one range of addresses, so that a generic address is the address itself.
fn address(name: &str, operands: &[Operand], pool: &mut dyn Constants) -> Option<Vec<Step>> {
    let known = ["global", "local", "shared", "const", "param"]
        .iter()
        .any(|space| name == format!("cvta.{space}.u64") || name == format!("cvta.to.{space}.u64"));
    if known { moves("mov.b64", operands, pool) } else { None }
}

fn moves(name: &str, operands: &[Operand], pool: &mut dyn Constants) -> Option<Vec<Step>> {
    let zero = pool.constant(0);
    let step = |f, to, a, b| Step::Pure { f, to, a, b, c: zero };
    let bits: u32 = name.rsplit_once('.').and_then(|(_, kind)| kind.get(1..)?.parse().ok()).unwrap_or(1);
    match operands {
        [Operand::Register(to, _), Operand::Register(from, _)] => {
            Some(vec![step(pure(name)?, *to, *from, zero)])
        }
        [Operand::Register(to, _), Operand::Local(offset)] if bits == 64 => {
            Some(vec![step(pure("add.u64")?, *to, LOCAL_BASE, *offset)])
        }
        // Two halves into one, low half first; and back.
        [Operand::Register(to, _), Operand::Vector(halves)] => {
            let [Some((low, _)), Some((high, _))] = halves.as_slice() else { return None };
            let f: super::pure::Pure = match name {
                "mov.b64" => |a, b, _| a & 0xffff_ffff | b << 32,
                "mov.b32" => |a, b, _| a & 0xffff | b << 16 & 0xffff_0000,
                _ => return None,
            };
            Some(vec![step(f, *to, *low, *high)])
        }
        [Operand::Vector(halves), Operand::Register(from, _)] => {
            let [low, high] = halves.as_slice() else { return None };
            let (low_half, high_half): (super::pure::Pure, super::pure::Pure) = match name {
                "mov.b64" => (|a, _, _| a & 0xffff_ffff, |a, _, _| a >> 32),
                "mov.b32" => (|a, _, _| a & 0xffff, |a, _, _| a >> 16 & 0xffff),
                _ => return None,
            };
            let both = [(low, low_half), (high, high_half)];
            Some(both.iter().filter_map(|(to, f)| Some(step(*f, to.as_ref()?.0, *from, zero))).collect())
        }
        _ => None,
    }
}

fn insert(name: &str, operands: &[Operand]) -> Option<Step> {
    let bits = match name {
        "bfi.b32" => 32,
        "bfi.b64" => 64,
        _ => return None,
    };
    let [to, a, b, position, length] = operands else { return None };
    Some(Step::Insert {
        to: to.register()?,
        a: a.register()?,
        b: b.register()?,
        position: position.register()?,
        length: length.register()?,
        bits,
    })
}

/// `add.cc`, `addc`, `addc.cc` and their `sub`: arithmetic of more than a word.
fn carry(name: &str, operands: &[Operand]) -> Option<Step> {
    let (operation, kind) = name.rsplit_once('.')?;
    let (subtract, carry_in, carry_out) = match operation {
        "add.cc" => (false, false, true),
        "addc" => (false, true, false),
        "addc.cc" => (false, true, true),
        "sub.cc" => (true, false, true),
        "subc" => (true, true, false),
        "subc.cc" => (true, true, true),
        _ => return None,
    };
    let bits = match kind {
        "u32" | "s32" => 32,
        "u64" | "s64" => 64,
        _ => return None,
    };
    let [to, a, b] = operands else { return None };
    Some(Step::Carry {
        subtract,
        carry_in,
        carry_out,
        bits,
        to: to.register()?,
        a: a.register()?,
        b: b.register()?,
    })
}

fn memory(name: &str, operands: &[Operand], pool: &mut dyn Constants) -> Option<Step> {
    let (mut space, mut count, mut kind) = (Space::Generic, 1, None);
    for part in name.split('.').skip(1) {
        match part {
            "global" => space = Space::Global,
            "local" => space = Space::Local,
            "shared" => space = Space::Shared,
            "const" => space = Space::Constant,
            "param" => space = Space::Parameter,
            "v2" => count = 2,
            "v4" => count = 4,
            // A cache that this memory does not have, and a promise that it keeps anyway.
            "nc" | "volatile" => {}
            other => kind = Some(Kind::of(other)?),
        }
    }
    let kind = kind?;
    let is_load = name.starts_with("ld.");
    let (value, place) = match operands {
        [value, place] if is_load => (value, place),
        [place, value] => (value, place),
        _ => return None,
    };
    let Operand::Address(base, offset) = *place else { return None };
    let registers = match value {
        Operand::Register(register, bits) => vec![Some((*register, *bits))],
        Operand::Vector(registers) => registers.clone(),
        _ => return None,
    };
    if registers.len() != count {
        return None;
    }
    let mut places = [0; 4];
    let mut widest = 0;
    for (place, register) in places.iter_mut().zip(&registers) {
        *place = match register {
            Some((register, bits)) => {
                widest = widest.max(*bits);
                *register
            }
            None if is_load => pool.sink(),
            None => return None,
        };
    }
    let sign = kind.class == Class::Signed;
    let kind = Word { bytes: (kind.bits / 8) as u8, count: count as u8, sign, keep: keep(widest) };
    Some(if is_load {
        Step::Load { space, kind, to: places, base, offset }
    } else {
        Step::Store { space, kind, from: places, base, offset }
    })
}

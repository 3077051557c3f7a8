//! Instructions that only compute: each is a function of up to three operands.
//!
//! A register holds its value zero-extended to 64 bits, and so does a result; an operand is cut to the instruction's type.
//! What is here follows the PTX ISA, "Instruction Set": shift amounts are clamped, integers wrap, division by zero gives
//! what hardware gives (all bits set).

use super::float::{self, float};

/// The function of an instruction. A predicate is 0 or 1.
pub(super) type Pure = fn(u64, u64, u64) -> u64;

/// The function of an instruction by its whole name, such as `mul.wide.u32`; `None` if there is none of that name.
pub(super) fn pure(name: &str) -> Option<Pure> {
    if let Some(found) = bits(name) {
        return Some(found);
    }
    let (operation, kind) = name.rsplit_once('.')?;
    match kind {
        "u16" | "b16" => integer::<u16>(operation),
        "u32" | "b32" => integer::<u32>(operation),
        "u64" | "b64" => integer::<u64>(operation),
        "s16" => integer::<i16>(operation),
        "s32" => integer::<i32>(operation),
        "s64" => integer::<i64>(operation),
        "f32" => float::<f32>(operation),
        "f64" => float::<f64>(operation),
        "pred" => predicate(operation),
        _ => None,
    }
}

/// An integer type of PTX.
trait Integer: Copy + Ord + 'static {
    const BITS: u32;
    /// The low bits.
    fn of(bits: u64) -> Self;
    /// Zero-extended.
    fn bits(self) -> u64;
    /// Exact.
    fn wide(self) -> i128;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn shr(self, amount: u32) -> Self;
    fn quotient(self, other: Self) -> Self;
    fn remainder(self, other: Self) -> Self;

    fn cut(wide: i128) -> Self {
        Self::of(wide as u64)
    }

    fn zero() -> Self {
        Self::of(0)
    }
}

macro_rules! integer {
    ($($kind:ident $unsigned:ident)*) => {$(
        impl Integer for $kind {
            const BITS: u32 = $kind::BITS;

            fn of(bits: u64) -> Self {
                bits as Self
            }

            fn bits(self) -> u64 {
                self as $unsigned as u64
            }

            fn wide(self) -> i128 {
                self as i128
            }

            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            fn sub(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }

            fn mul(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }

            /// More than all bits leaves the sign.
            fn shr(self, amount: u32) -> Self {
                if amount < Self::BITS {
                    self >> amount
                } else if self.wide() < 0 {
                    Self::of(u64::MAX)
                } else {
                    0
                }
            }

            fn quotient(self, other: Self) -> Self {
                if other == 0 { Self::of(u64::MAX) } else { self.wrapping_div(other) }
            }

            fn remainder(self, other: Self) -> Self {
                if other == 0 { self } else { self.wrapping_rem(other) }
            }
        }
    )*};
}

integer!(u16 u16 u32 u32 u64 u64 i16 u16 i32 u32 i64 u64);

fn integer<T: Integer>(operation: &str) -> Option<Pure> {
    if let Some(comparison) = operation.strip_prefix("setp.") {
        return compare::<T>(comparison);
    }
    let found: Pure = match operation {
        "mov" => |a, _, _| T::of(a).bits(),
        "add" => |a, b, _| T::of(a).add(T::of(b)).bits(),
        "sub" => |a, b, _| T::of(a).sub(T::of(b)).bits(),
        "mul.lo" => |a, b, _| T::of(a).mul(T::of(b)).bits(),
        "mul.hi" => |a, b, _| high::<T>(a, b).bits(),
        "mul.wide" if T::BITS < 64 => |a, b, _| wide::<T>(a, b),
        "mad.lo" => |a, b, c| T::of(a).mul(T::of(b)).add(T::of(c)).bits(),
        "mad.hi" => |a, b, c| high::<T>(a, b).add(T::of(c)).bits(),
        "mad.wide" if T::BITS == 32 => |a, b, c| wide::<T>(a, b).wrapping_add(c),
        "mad.wide" if T::BITS == 16 => |a, b, c| (wide::<T>(a, b) as u32).wrapping_add(c as u32).into(),
        "div" => |a, b, _| T::of(a).quotient(T::of(b)).bits(),
        "rem" => |a, b, _| T::of(a).remainder(T::of(b)).bits(),
        "min" => |a, b, _| T::of(a).min(T::of(b)).bits(),
        "max" => |a, b, _| T::of(a).max(T::of(b)).bits(),
        "abs" => {
            |a, _, _| if T::of(a) < T::zero() { T::zero().sub(T::of(a)).bits() } else { T::of(a).bits() }
        }
        "neg" => |a, _, _| T::zero().sub(T::of(a)).bits(),
        "and" => |a, b, _| T::of(a & b).bits(),
        "or" => |a, b, _| T::of(a | b).bits(),
        "xor" => |a, b, _| T::of(a ^ b).bits(),
        "not" => |a, _, _| T::of(!a).bits(),
        "cnot" => |a, _, _| u64::from(T::of(a) == T::zero()),
        "shl" => |a, b, _| if b as u32 >= T::BITS { 0 } else { T::of(a << (b as u32)).bits() },
        "shr" => |a, b, _| T::of(a).shr(b as u32).bits(),
        "selp" => |a, b, c| if c != 0 { T::of(a).bits() } else { T::of(b).bits() },
        "bfe" if T::BITS >= 32 => |a, b, c| extract::<T>(a, b, c),
        _ => return None,
    };
    Some(found)
}

fn high<T: Integer>(a: u64, b: u64) -> T {
    // Two unsigned 64-bit factors do not fit i128 as a product; the wrapped product has the right bits.
    let product = T::of(a).wide().wrapping_mul(T::of(b).wide());
    T::cut(product >> T::BITS)
}

fn wide<T: Integer>(a: u64, b: u64) -> u64 {
    let product = T::of(a).wide().wrapping_mul(T::of(b).wide()) as u64;
    if T::BITS == 16 { u64::from(product as u32) } else { product }
}

/// Bit field of `length` bits from `position` on; beyond the top it is the sign (of the field, or of the word).
fn extract<T: Integer>(a: u64, position: u64, length: u64) -> u64 {
    let (position, length) = (position as u8 as u32, length as u8 as u32);
    if length == 0 {
        return 0;
    }
    let top = (position + length - 1).min(T::BITS - 1);
    let negative = T::of(u64::MAX).wide() < 0 && T::of(a).bits() >> top & 1 == 1;
    let field = if position < 64 { T::of(a).bits() >> position } else { 0 };
    let width = (T::BITS - position.min(T::BITS)).min(length);
    let kept = if width >= 64 { u64::MAX } else { (1 << width) - 1 };
    T::of(field & kept | if negative { !kept } else { 0 }).bits()
}

fn compare<T: Integer>(comparison: &str) -> Option<Pure> {
    let found: Pure = match comparison {
        "eq" => |a, b, _| u64::from(T::of(a) == T::of(b)),
        "ne" => |a, b, _| u64::from(T::of(a) != T::of(b)),
        "lt" | "lo" => |a, b, _| u64::from(T::of(a) < T::of(b)),
        "le" | "ls" => |a, b, _| u64::from(T::of(a) <= T::of(b)),
        "gt" | "hi" => |a, b, _| u64::from(T::of(a) > T::of(b)),
        "ge" | "hs" => |a, b, _| u64::from(T::of(a) >= T::of(b)),
        _ => return None,
    };
    Some(found)
}

fn predicate(operation: &str) -> Option<Pure> {
    let found: Pure = match operation {
        "mov" => |a, _, _| a & 1,
        "and" => |a, b, _| a & b & 1,
        "or" => |a, b, _| (a | b) & 1,
        "xor" => |a, b, _| (a ^ b) & 1,
        "not" => |a, _, _| !a & 1,
        "selp" => |a, b, c| if c != 0 { a } else { b },
        _ => return None,
    };
    Some(found)
}

/// Instructions on bits, of fixed types; and those that choose by a second type.
fn bits(name: &str) -> Option<Pure> {
    let found: Pure = match name {
        "popc.b32" => |a, _, _| u64::from((a as u32).count_ones()),
        "popc.b64" => |a, _, _| u64::from(a.count_ones()),
        "clz.b32" => |a, _, _| u64::from((a as u32).leading_zeros()),
        "clz.b64" => |a, _, _| u64::from(a.leading_zeros()),
        "brev.b32" => |a, _, _| u64::from((a as u32).reverse_bits()),
        "brev.b64" => |a, _, _| a.reverse_bits(),
        "shf.l.wrap.b32" => |a, b, c| funnel_left(a, b, c as u32 & 31),
        "shf.l.clamp.b32" => |a, b, c| funnel_left(a, b, (c as u32).min(32)),
        "shf.r.wrap.b32" => |a, b, c| funnel_right(a, b, c as u32 & 31),
        "shf.r.clamp.b32" => |a, b, c| funnel_right(a, b, (c as u32).min(32)),
        "prmt.b32" => permute,
        "set.eq.u32.u32" | "set.eq.u32.s32" | "set.eq.s32.s32" => |a, b, _| mask(a as u32 == b as u32),
        "set.ne.u32.u32" | "set.ne.u32.s32" | "set.ne.s32.s32" => |a, b, _| mask(a as u32 != b as u32),
        "set.lt.u32.s32" | "set.lt.s32.s32" => |a, b, _| mask((a as i32) < b as i32),
        "set.lt.u32.u32" | "set.lt.s32.u32" => |a, b, _| mask((a as u32) < b as u32),
        "set.lt.u32.f32" | "set.lt.s32.f32" => |a, b, _| mask(float::single(a) < float::single(b)),
        "set.gt.u32.f32" | "set.gt.s32.f32" => |a, b, _| mask(float::single(a) > float::single(b)),
        "slct.b32.s32" | "slct.u32.s32" | "slct.s32.s32" | "slct.f32.s32" => {
            |a, b, c| u64::from(if c as i32 >= 0 { a as u32 } else { b as u32 })
        }
        "slct.b64.s32" | "slct.u64.s32" | "slct.s64.s32" | "slct.f64.s32" => {
            |a, b, c| if c as i32 >= 0 { a } else { b }
        }
        _ => return None,
    };
    Some(found)
}

fn mask(condition: bool) -> u64 {
    if condition { u64::from(u32::MAX) } else { 0 }
}

fn funnel(a: u64, b: u64) -> u64 {
    u64::from(b as u32) << 32 | u64::from(a as u32)
}

fn funnel_left(a: u64, b: u64, amount: u32) -> u64 {
    (u128::from(funnel(a, b)) << amount) as u64 >> 32
}

fn funnel_right(a: u64, b: u64, amount: u32) -> u64 {
    u64::from((funnel(a, b) >> amount) as u32)
}

/// Each of four bytes is chosen from the eight of (b, a) by a nibble, whose top bit asks for the byte's sign instead.
fn permute(a: u64, b: u64, selector: u64) -> u64 {
    let bytes = funnel(a, b).to_le_bytes();
    let byte = |i: u32| {
        let nibble = (selector >> (4 * i)) as usize & 15;
        let byte = bytes[nibble & 7];
        if nibble & 8 == 0 { byte } else { ((byte as i8) >> 7) as u8 }
    };
    u64::from(u32::from_le_bytes([byte(0), byte(1), byte(2), byte(3)]))
}

/// `bfi`: the low `length` bits of a go into b from `position` on.
pub(super) fn insert(a: u64, b: u64, position: u64, length: u64, bits: u32) -> u64 {
    let (position, length) = (position as u8 as u32, length as u8 as u32);
    let width = (bits - position.min(bits)).min(length);
    if width == 0 {
        return b;
    }
    let kept = (u64::MAX >> (64 - width)) << position;
    b & !kept | (a << position) & kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, a: u64, b: u64, c: u64) -> u64 {
        pure(name).unwrap_or_else(|| panic!("no {name}"))(a, b, c)
    }

    /// Operands with carries, signs and limits in every width, and pseudorandom ones.
    fn operands() -> Vec<u64> {
        let mut operands = vec![0, 1, 2, 3, 7, 31, 32, 63, 64, 100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff];
        operands.extend([0x8000_0000, 0xffff_ffff, 1 << 63, (1 << 63) - 1, u64::MAX, u64::MAX - 6]);
        let mut state = 1u64;
        operands.extend((0..20).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state ^ state >> 29
        }));
        operands
    }

    #[test]
    fn arithmetic_is_exact_arithmetic_cut_to_the_type() {
        let (names, bits) = (["u16", "s16", "u32", "s32", "u64", "s64"], [16, 16, 32, 32, 64, 64]);
        for (name, bits) in names.into_iter().zip(bits) {
            let kept = u64::MAX >> (64 - bits);
            let signed = name.starts_with('s');
            let value = |bits_of: u64| -> i128 {
                let low = i128::from(bits_of & kept);
                if signed && low >> (bits - 1) == 1 { low - (1 << bits) } else { low }
            };
            let cut = |exact: i128| exact as u64 & kept;
            for a in operands() {
                for b in operands() {
                    let (x, y) = (value(a), value(b));
                    // Two unsigned words of 64 bits have a product that needs 128 unsigned bits.
                    let product = (x as u128).wrapping_mul(y as u128);
                    let high =
                        if signed { (product as i128 >> bits) as u64 } else { (product >> bits) as u64 }
                            & kept;
                    let check = |operation: &str, expected: u64| {
                        let found = run(&format!("{operation}.{name}"), a, b, 9);
                        assert_eq!(found, expected, "{operation}.{name} {a:#x} {b:#x}");
                    };
                    check("add", cut(x + y));
                    check("sub", cut(x - y));
                    check("mul.lo", product as u64 & kept);
                    check("mul.hi", high);
                    check("mad.lo", (product as u64).wrapping_add(9) & kept);
                    check("mad.hi", high.wrapping_add(9) & kept);
                    check("min", cut(x.min(y)));
                    check("max", cut(x.max(y)));
                    check("neg", cut(-x));
                    check("setp.lt", u64::from(x < y));
                    check("setp.le", u64::from(x <= y));
                    check("setp.gt", u64::from(x > y));
                    check("setp.ge", u64::from(x >= y));
                    check("setp.eq", u64::from(x == y));
                    check("setp.ne", u64::from(x != y));
                    if signed {
                        check("abs", cut(x.abs()));
                    }
                    if bits < 64 {
                        let wide = product as u64 & u64::MAX >> (64 - 2 * bits);
                        check("mul.wide", wide);
                        check("mad.wide", wide.wrapping_add(9) & u64::MAX >> (64 - 2 * bits));
                    }
                    if y != 0 {
                        check("div", cut(x / y));
                        check("rem", cut(x % y));
                    }
                }
            }
        }
    }

    #[test]
    fn bits_are_as_in_the_isa() {
        for a in operands() {
            for b in operands() {
                assert_eq!(run("and.b32", a, b, 0), (a & b) & 0xffff_ffff);
                assert_eq!(run("or.b16", a, b, 0), (a | b) & 0xffff);
                assert_eq!(run("xor.b64", a, b, 0), a ^ b);
                // An amount beyond the width empties the word, or leaves its sign.
                let amount = b as u32;
                assert_eq!(run("shl.b64", a, b, 0), a.checked_shl(amount).unwrap_or(0));
                assert_eq!(run("shl.b32", a, b, 0), u64::from((a as u32).checked_shl(amount).unwrap_or(0)));
                assert_eq!(run("shr.u32", a, b, 0), u64::from((a as u32).checked_shr(amount).unwrap_or(0)));
                assert_eq!(run("shr.s64", a, b, 0), ((a as i64) >> amount.min(63)) as u64);
                assert_eq!(run("shr.s16", a, b, 0), u64::from(((a as i16) >> amount.min(15)) as u16));
                assert_eq!(run("selp.b32", a, b, 1), a & 0xffff_ffff);
                assert_eq!(run("selp.b64", a, b, 0), b);
                assert_eq!(run("slct.b64.s32", a, b, 5), a);
                assert_eq!(run("slct.u32.s32", a, b, 0x8000_0000), b & 0xffff_ffff);
                let both = (b as u32 as u128) << 32 | a as u32 as u128;
                for c in [0u32, 1, 31, 32, 33, 40] {
                    let (wrapped, clamped) = (c & 31, c.min(32));
                    let left = |c: u32| u64::from((both << c >> 32) as u32);
                    let right = |c: u32| u64::from((both >> c) as u32);
                    assert_eq!(run("shf.l.wrap.b32", a, b, c.into()), left(wrapped));
                    assert_eq!(run("shf.l.clamp.b32", a, b, c.into()), left(clamped));
                    assert_eq!(run("shf.r.wrap.b32", a, b, c.into()), right(wrapped));
                    assert_eq!(run("shf.r.clamp.b32", a, b, c.into()), right(clamped));
                }
            }
            assert_eq!(run("not.b32", a, 0, 0), !a & 0xffff_ffff);
            assert_eq!(run("popc.b64", a, 0, 0), u64::from(a.count_ones()));
            assert_eq!(run("clz.b32", a, 0, 0), u64::from((a as u32).leading_zeros()));
            assert_eq!(run("brev.b32", a, 0, 0), u64::from((a as u32).reverse_bits()));
        }
        assert_eq!(run("set.lt.u32.s32", u64::from(u32::MAX), 0, 0), 0xffff_ffff);
        assert_eq!(run("set.lt.u32.u32", u64::from(u32::MAX), 0, 0), 0);
    }

    /// `bfe` and `bfi` against the ISA's own loops over the bits.
    #[test]
    fn bit_fields_are_as_in_the_isa() {
        let bit = |a: u64, i: u32| a >> i & 1;
        for (name, width, signed) in
            [("u32", 32, false), ("s32", 32, true), ("u64", 64, false), ("s64", 64, true)]
        {
            for a in operands() {
                let a = if width == 32 { a & 0xffff_ffff } else { a };
                for position in [0u32, 1, 5, 31, 32, 40, 63, 64, 255] {
                    for length in [0u32, 1, 3, 31, 32, 33, 63, 64, 255] {
                        let sign = match signed && length > 0 {
                            true => bit(a, (position + length - 1).min(width - 1)),
                            false => 0,
                        };
                        let expected = (0..width).fold(0, |field, i| {
                            let inside = i < length && position + i < width;
                            field | if inside { bit(a, position + i) } else { sign } << i
                        });
                        let found = run(&format!("bfe.{name}"), a, position.into(), length.into());
                        assert_eq!(found, expected, "bfe.{name} {a:#x} {position} {length}");

                        let b = 0x0123_4567_89ab_cdef & u64::MAX >> (64 - width);
                        let expected = (0..length).filter(|i| position + i < width).fold(b, |field, i| {
                            let place = position + i;
                            field & !(1 << place) | (if i < 64 { bit(a, i) } else { 0 }) << place
                        });
                        let found = insert(a, b, position.into(), length.into(), width);
                        assert_eq!(found, expected, "bfi.b{width} {a:#x} {position} {length}");
                    }
                }
            }
        }
    }

    #[test]
    fn bytes_are_permuted_with_their_signs() {
        assert_eq!(run("prmt.b32", 0x4433_2211, 0x8877_6655, 0x0123), 0x1122_3344);
        assert_eq!(run("prmt.b32", 0x4433_2211, 0x8877_6655, 0x7410), 0x8855_2211);
        assert_eq!(run("prmt.b32", 0x4433_2211, 0x8877_6655, 0x8f_f8 & 0xffff), 0x00ff_ff00);
    }

    #[test]
    fn predicates_are_one_bit() {
        for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            assert_eq!(run("and.pred", a, b, 0), a & b);
            assert_eq!(run("or.pred", a, b, 0), a | b);
            assert_eq!(run("xor.pred", a, b, 0), a ^ b);
            assert_eq!(run("not.pred", a, b, 0), 1 - a);
        }
    }

    #[test]
    fn nothing_that_rounds_twice_or_not_as_ieee_is_there() {
        for name in [
            "add.f32",
            "mul.f64",
            "fma.rn.f32",
            "mad.rn.f32",
            "add.rn.ftz.f32",
            "div.approx.f32",
            "div.full.f32",
            "sqrt.approx.f32",
            "ex2.approx.f32",
            "lg2.approx.f32",
            "sin.approx.f32",
            "add.rz.f32",
            "rsqrt.approx.f32",
        ] {
            assert!(pure(name).is_none(), "{name}");
        }
    }
}

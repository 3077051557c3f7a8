//! `cvt`: integers and floats into each other, with the rounding and saturation that the name says.

/// A type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub class: Class,
    /// Width in bits.
    pub bits: u32,
}

/// What the bits of a value mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Signed,
    Unsigned,
    Float,
}

impl Kind {
    /// The type of a name such as `s32`; `b32` counts as unsigned.
    pub fn of(name: &str) -> Option<Self> {
        let (class, bits) = name.split_at_checked(1)?;
        let bits = bits.parse().ok()?;
        let class = match class {
            "s" => Class::Signed,
            "u" | "b" => Class::Unsigned,
            "f" => Class::Float,
            _ => return None,
        };
        let known = matches!(
            (class, bits),
            (Class::Float, 32 | 64) | (Class::Signed | Class::Unsigned, 8 | 16 | 32 | 64)
        );
        known.then_some(Self { class, bits })
    }

    /// The least and the greatest integer.
    fn range(self) -> (i128, i128) {
        match self.class {
            Class::Signed => (-(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1),
            _ => (0, (1 << self.bits) - 1),
        }
    }

    /// The integer that the low bits mean.
    fn integer(self, bits: u64) -> i128 {
        let shift = 64 - self.bits;
        match self.class {
            Class::Signed => i128::from((bits << shift) as i64 >> shift),
            _ => i128::from(bits << shift >> shift),
        }
    }

    /// The float that the low bits mean; exact.
    fn float(self, bits: u64) -> f64 {
        if self.bits == 32 { f32::from_bits(bits as u32).into() } else { f64::from_bits(bits) }
    }
}

/// Directions of rounding; to nearest is to even.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounding {
    Nearest,
    Zero,
    Down,
    Up,
}

/// One `cvt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conversion {
    to: Kind,
    from: Kind,
    rounding: Rounding,
    /// Round to an integer (`.rni` and its like), also where the result is a float.
    to_integer: bool,
    saturate: bool,
}

impl Conversion {
    /// The conversion of a name such as `cvt.rzi.s32.f32`, where there is one. A conversion that must round says how.
    pub fn of(name: &str) -> Option<Self> {
        let mut parts = name.strip_prefix("cvt.")?.split('.').peekable();
        let mut rounding = None;
        if let Some((direction, to_integer)) = parts.peek().and_then(|part| {
            let (direction, to_integer) = match part.strip_suffix('i') {
                Some(direction) => (direction, true),
                None => (*part, false),
            };
            let direction = match direction {
                "rn" => Rounding::Nearest,
                "rz" => Rounding::Zero,
                "rm" => Rounding::Down,
                "rp" => Rounding::Up,
                _ => return None,
            };
            Some((direction, to_integer))
        }) {
            rounding = Some((direction, to_integer));
            parts.next();
        }
        let saturate = parts.next_if_eq(&"sat").is_some();
        let (to, from) = (Kind::of(parts.next()?)?, Kind::of(parts.next()?)?);
        if parts.next().is_some() {
            return None;
        }
        let both_float = to.class == Class::Float && from.class == Class::Float;
        let fits = match (from.class, to.class) {
            (Class::Float, Class::Float) if from.bits > to.bits => {
                rounding.is_some_and(|(_, integer)| !integer)
            }
            (Class::Float, Class::Float) if from.bits < to.bits => rounding.is_none(),
            (Class::Float, Class::Float) => rounding.is_none_or(|(_, integer)| integer),
            (Class::Float, _) => rounding.is_some_and(|(_, integer)| integer),
            (_, Class::Float) => rounding.is_some_and(|(_, integer)| !integer),
            _ => rounding.is_none(),
        };
        let (rounding, to_integer) = rounding.unwrap_or((Rounding::Zero, false));
        let to_integer = to_integer || from.class == Class::Float && !both_float;
        fits.then_some(Self { to, from, rounding, to_integer, saturate })
    }

    /// The result in the low bits; the rest is the sign of a signed result, for a destination that is wider.
    pub fn apply(self, bits: u64) -> u64 {
        let Self { to, from, .. } = self;
        match (from.class, to.class) {
            (Class::Float, Class::Float) => self.float_to_float(from.float(bits)),
            (Class::Float, _) => self.float_to_integer(from.float(bits)),
            (_, Class::Float) => self.integer_to_float(from.integer(bits)),
            _ => {
                let value = from.integer(bits);
                let (least, greatest) = to.range();
                let value = if self.saturate { value.clamp(least, greatest) } else { value };
                to.integer(value as u64) as u64
            }
        }
    }

    /// Out of range is clamped. NaN is 0, or 2^(bits−1) where either side has 64 bits.
    fn float_to_integer(self, value: f64) -> u64 {
        if value.is_nan() {
            let wide = self.from.bits == 64 || self.to.bits == 64;
            return if wide { self.to.integer(1 << (self.to.bits - 1)) as u64 } else { 0 };
        }
        let (least, greatest) = self.to.range();
        (round(value, self.rounding) as i128).clamp(least, greatest) as u64
    }

    fn integer_to_float(self, value: i128) -> u64 {
        if self.to.bits == 32 {
            let nearest = value as f32;
            let order = (nearest as i128).cmp(&value);
            self.adjust_single(nearest, order).to_bits().into()
        } else {
            let nearest = value as f64;
            let order = (nearest as i128).cmp(&value);
            let result = match (self.rounding, order.is_gt(), order.is_lt(), value > 0) {
                (Rounding::Down, true, _, _) | (Rounding::Zero, true, _, true) => nearest.next_down(),
                (Rounding::Up, _, true, _) | (Rounding::Zero, _, true, false) => nearest.next_up(),
                _ => nearest,
            };
            result.to_bits()
        }
    }

    fn float_to_float(self, value: f64) -> u64 {
        let value = if self.to_integer { round(value, self.rounding) } else { value };
        let value = match self.saturate {
            true if value.is_nan() => 0.0,
            true => value.clamp(0.0, 1.0) + 0.0,
            false => value,
        };
        if self.to.bits == 64 {
            return if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
        }
        if value.is_nan() {
            return 0x7fff_ffff;
        }
        let nearest = value as f32;
        let order = f64::from(nearest).total_cmp(&value);
        self.adjust_single(nearest, order).to_bits().into()
    }

    /// From the nearest f32 to the one that the rounding asks for; `order` is that of the nearest to the exact value.
    fn adjust_single(self, nearest: f32, order: core::cmp::Ordering) -> f32 {
        let up = match self.rounding {
            Rounding::Nearest => return nearest,
            Rounding::Down => false,
            Rounding::Up => true,
            Rounding::Zero => nearest.is_sign_negative(),
        };
        match (up, order.is_gt(), order.is_lt()) {
            (false, true, _) => nearest.next_down(),
            (true, _, true) => nearest.next_up(),
            _ => nearest,
        }
    }
}

fn round(value: f64, rounding: Rounding) -> f64 {
    match rounding {
        Rounding::Nearest => value.round_ties_even(),
        Rounding::Zero => value.trunc(),
        Rounding::Down => value.floor(),
        Rounding::Up => value.ceil(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, bits: u64) -> u64 {
        Conversion::of(name).unwrap_or_else(|| panic!("no {name}")).apply(bits)
    }

    const NUMBERS: [f64; 20] = [
        0.0,
        -0.0,
        0.5,
        -0.5,
        1.5,
        2.5,
        -1.5,
        -2.5,
        1e-320,
        127.5,
        -128.9,
        65535.5,
        2147483647.5,
        -2147483649.0,
        4294967295.9,
        9.3e18,
        -9.3e18,
        1.9e19,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];

    #[test]
    fn floats_to_integers_round_as_named_and_clamp() {
        for x in NUMBERS {
            let bits = x.to_bits();
            // Rust's `as` rounds to zero and clamps.
            assert_eq!(run("cvt.rzi.s32.f64", bits) as i32, x as i32, "{x}");
            assert_eq!(run("cvt.rzi.u32.f64", bits) as u32, x as u32, "{x}");
            assert_eq!(run("cvt.rzi.s64.f64", bits) as i64, x as i64, "{x}");
            assert_eq!(run("cvt.rzi.u64.f64", bits), x as u64, "{x}");
            assert_eq!(run("cvt.rzi.s16.f64", bits) as i16, x as i16, "{x}");
            assert_eq!(run("cvt.rzi.u8.f64", bits) as u8, x as u8, "{x}");
            assert_eq!(run("cvt.rni.s32.f64", bits) as i32, x.round_ties_even() as i32, "{x}");
            assert_eq!(run("cvt.rmi.s64.f64", bits) as i64, x.floor() as i64, "{x}");
            assert_eq!(run("cvt.rpi.s64.f64", bits) as i64, x.ceil() as i64, "{x}");
            let single = x as f32;
            assert_eq!(run("cvt.rzi.s32.f32", single.to_bits().into()) as i32, single as i32, "{x}");
            assert_eq!(run("cvt.rzi.u64.f32", single.to_bits().into()), single as u64, "{x}");
            assert_eq!(
                run("cvt.rmi.f32.f32", single.to_bits().into()) as u32,
                single.floor().to_bits(),
                "{x}"
            );
            assert_eq!(run("cvt.rni.f64.f64", bits), x.round_ties_even().to_bits(), "{x}");
        }
    }

    /// PTX ISA, `cvt`: zero, unless a type of 64 bits is involved.
    #[test]
    fn not_a_number_has_an_integer_of_its_own() {
        let nan = u64::from(f32::NAN.to_bits());
        assert_eq!(run("cvt.rzi.s32.f32", nan), 0);
        assert_eq!(run("cvt.rzi.u32.f32", nan), 0);
        assert_eq!(run("cvt.rzi.s64.f32", nan), 1 << 63);
        assert_eq!(run("cvt.rzi.u64.f32", nan), 1 << 63);
        assert_eq!(run("cvt.rzi.u32.f64", f64::NAN.to_bits()), 1 << 31);
        assert_eq!(run("cvt.rn.f32.f64", f64::NAN.to_bits()), 0x7fff_ffff);
        assert!(f64::from_bits(run("cvt.f64.f32", nan)).is_nan());
    }

    #[test]
    fn integers_to_floats_round_to_nearest_even() {
        for i in
            [0i64, 1, -1, 16_777_217, 16_777_219, -16_777_217, i64::MAX, i64::MIN, (1 << 53) + 1, 0x7fff_ff40]
        {
            assert_eq!(run("cvt.rn.f32.s64", i as u64), u64::from((i as f32).to_bits()), "{i}");
            assert_eq!(run("cvt.rn.f32.u64", i as u64), u64::from((i as u64 as f32).to_bits()), "{i}");
            assert_eq!(run("cvt.rn.f64.s64", i as u64), (i as f64).to_bits(), "{i}");
            assert_eq!(run("cvt.rn.f64.u64", i as u64), (i as u64 as f64).to_bits(), "{i}");
            assert_eq!(run("cvt.rn.f32.s32", i as u64), u64::from((i as i32 as f32).to_bits()), "{i}");
            assert_eq!(run("cvt.rn.f32.u32", i as u64), u64::from((i as u32 as f32).to_bits()), "{i}");
            assert_eq!(run("cvt.rn.f64.s32", i as u64), f64::from(i as i32).to_bits(), "{i}");
            assert_eq!(run("cvt.rn.f32.s16", i as u64), u64::from(f32::from(i as i16).to_bits()), "{i}");
            assert_eq!(run("cvt.rn.f32.u8", i as u64), u64::from(f32::from(i as u8).to_bits()), "{i}");
        }
    }

    #[test]
    fn directed_rounding_brackets_the_exact_value() {
        for (name, values) in [
            ("f32.s64", [16_777_217i64, -16_777_217, i64::MAX, 5]),
            ("f64.s64", [(1 << 53) + 1, -(1 << 53) - 1, i64::MAX, 5]),
        ] {
            for value in values {
                let at = |rounding: &str| {
                    let bits = run(&format!("cvt.{rounding}.{name}"), value as u64);
                    (if name.starts_with("f32") {
                        f32::from_bits(bits as u32).into()
                    } else {
                        f64::from_bits(bits)
                    }) as i128
                };
                let value = i128::from(value);
                assert!(at("rm") <= value && value <= at("rp"), "{name} {value}");
                assert_eq!(at("rz"), if value > 0 { at("rm") } else { at("rp") });
                assert_eq!(at("rm") == value, at("rp") == value);
            }
        }
        for x in [1.0 + 1e-9, -1.0 - 1e-9, 1e300, -1e300, 1e-50, -1e-50, 0.25] {
            let at = |rounding: &str| {
                f32::from_bits(run(&format!("cvt.{rounding}.f32.f64"), f64::to_bits(x)) as u32)
            };
            assert!(f64::from(at("rm")) <= x && x <= f64::from(at("rp")), "{x}");
            assert_eq!(at("rz"), if x > 0.0 { at("rm") } else { at("rp") }, "{x}");
            assert_eq!(at("rn"), x as f32, "{x}");
            let exact = f64::from(at("rm")) == x;
            assert_eq!(at("rp"), if exact { at("rm") } else { at("rm").next_up() }, "{x}");
        }
    }

    #[test]
    fn integers_are_extended_cut_or_clamped() {
        assert_eq!(run("cvt.u32.u64", 0x1_2345_6789), 0x2345_6789);
        assert_eq!(run("cvt.u64.u32", u64::from(u32::MAX)), u64::from(u32::MAX));
        assert_eq!(run("cvt.s64.s32", 0xffff_fffe), (-2i64) as u64);
        assert_eq!(run("cvt.s32.s8", 0x80), (-128i64) as u64);
        assert_eq!(run("cvt.u32.s16", 0xffff), 0xffff_ffff);
        assert_eq!(run("cvt.u16.u32", 0x12_3456), 0x3456);
        assert_eq!(run("cvt.sat.u8.s32", 300), 255);
        assert_eq!(run("cvt.sat.u8.s32", (-5i64) as u64), 0);
        assert_eq!(run("cvt.sat.s16.u32", 0xffff_ffff), 0x7fff);
        assert_eq!(run("cvt.sat.f32.f32", 2f32.to_bits().into()), u64::from(1f32.to_bits()));
        assert_eq!(run("cvt.sat.f32.f32", f32::NAN.to_bits().into()), 0);
    }

    #[test]
    fn a_conversion_that_rounds_must_say_how() {
        for name in [
            "cvt.f32.f64",
            "cvt.s32.f32",
            "cvt.f32.s32",
            "cvt.rn.s32.f32",
            "cvt.rn.f64.f32",
            "cvt.rn.ftz.f32.f64",
        ] {
            assert_eq!(Conversion::of(name), None, "{name}");
        }
    }
}

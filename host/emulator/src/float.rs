//! IEEE 754 arithmetic: only instructions whose rounding is written down.
//!
//! An f32 instruction whose result is NaN gives the one NaN of the PTX ISA, 0x7fffffff; an f64 one gives the quiet NaN. The
//! ISA leaves payloads of f64 open; nothing in a digest depends on them.

use super::pure::Pure;

/// A float type of PTX.
trait Float: Copy + PartialOrd + 'static {
    const CANONICAL_NAN: u64;
    const SIGN: u64;
    fn of(bits: u64) -> Self;
    fn bits(self) -> u64;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    fn root(self) -> Self;
    fn one() -> Self;

    fn is_nan(self) -> bool {
        self.partial_cmp(&self).is_none()
    }

    /// A result's bits.
    fn done(self) -> u64 {
        if self.is_nan() { Self::CANONICAL_NAN } else { self.bits() }
    }
}

macro_rules! float {
    ($($kind:ident $bits:ident $nan:expr;)*) => {$(
        impl Float for $kind {
            const CANONICAL_NAN: u64 = $nan;
            const SIGN: u64 = 1 << ($bits::BITS - 1);

            fn of(bits: u64) -> Self {
                Self::from_bits(bits as $bits)
            }

            fn bits(self) -> u64 {
                self.to_bits().into()
            }

            fn add(self, other: Self) -> Self {
                self + other
            }

            fn sub(self, other: Self) -> Self {
                self - other
            }

            fn mul(self, other: Self) -> Self {
                self * other
            }

            fn div(self, other: Self) -> Self {
                self / other
            }

            fn root(self) -> Self {
                self.sqrt()
            }

            fn one() -> Self {
                1.0
            }
        }
    )*};
}

float! {
    f32 u32 0x7fff_ffff;
    f64 u64 0x7ff8_0000_0000_0000;
}

/// The bits of an operand as an f32.
pub(super) fn single(bits: u64) -> f32 {
    f32::of(bits)
}

/// The function of a float instruction, its type taken off the name. `add` without `.rn` is not here: a compiler may fuse it.
#[allow(private_bounds)]
pub(super) fn float<T: Float>(operation: &str) -> Option<Pure> {
    if let Some(comparison) = operation.strip_prefix("setp.") {
        return compare::<T>(comparison);
    }
    let found: Pure = match operation {
        "mov" => |a, _, _| T::of(a).bits(),
        "add.rn" => |a, b, _| T::of(a).add(T::of(b)).done(),
        "sub.rn" => |a, b, _| T::of(a).sub(T::of(b)).done(),
        "mul.rn" => |a, b, _| T::of(a).mul(T::of(b)).done(),
        "div.rn" => |a, b, _| T::of(a).div(T::of(b)).done(),
        "rcp.rn" => |a, _, _| T::one().div(T::of(a)).done(),
        "sqrt.rn" => |a, _, _| T::of(a).root().done(),
        "neg" => |a, _, _| T::of(a).bits() ^ T::SIGN,
        "abs" => |a, _, _| T::of(a).bits() & !T::SIGN,
        "copysign" => |a, b, _| T::of(b).bits() & !T::SIGN | a & T::SIGN,
        "min" => |a, b, _| lesser(T::of(a), T::of(b)).done(),
        "max" => |a, b, _| greater(T::of(a), T::of(b)).done(),
        "selp" => |a, b, c| if c != 0 { T::of(a).bits() } else { T::of(b).bits() },
        _ => return None,
    };
    Some(found)
}

/// A number before a NaN; −0 before +0.
fn lesser<T: Float>(a: T, b: T) -> T {
    let first = b.is_nan() || a < b || a == b && a.bits() & T::SIGN != 0;
    if first { a } else { b }
}

/// A number before a NaN; +0 before −0.
fn greater<T: Float>(a: T, b: T) -> T {
    let first = b.is_nan() || a > b || a == b && a.bits() & T::SIGN == 0;
    if first { a } else { b }
}

fn compare<T: Float>(comparison: &str) -> Option<Pure> {
    let found: Pure = match comparison {
        "eq" => |a, b, _| u64::from(T::of(a) == T::of(b)),
        "ne" => |a, b, _| u64::from(T::of(a) < T::of(b) || T::of(a) > T::of(b)),
        "lt" => |a, b, _| u64::from(T::of(a) < T::of(b)),
        "le" => |a, b, _| u64::from(T::of(a) <= T::of(b)),
        "gt" => |a, b, _| u64::from(T::of(a) > T::of(b)),
        "ge" => |a, b, _| u64::from(T::of(a) >= T::of(b)),
        // Unordered: true with a NaN as well.
        "equ" => |a, b, _| u64::from(!(T::of(a) < T::of(b) || T::of(a) > T::of(b))),
        "neu" => |a, b, _| u64::from(T::of(a) != T::of(b)),
        "ltu" => |a, b, _| u64::from(T::of(a).partial_cmp(&T::of(b)).is_none_or(|order| order.is_lt())),
        "leu" => |a, b, _| u64::from(T::of(a).partial_cmp(&T::of(b)).is_none_or(|order| order.is_le())),
        "gtu" => |a, b, _| u64::from(T::of(a).partial_cmp(&T::of(b)).is_none_or(|order| order.is_gt())),
        "geu" => |a, b, _| u64::from(T::of(a).partial_cmp(&T::of(b)).is_none_or(|order| order.is_ge())),
        "num" => |a, b, _| u64::from(!T::of(a).is_nan() && !T::of(b).is_nan()),
        "nan" => |a, b, _| u64::from(T::of(a).is_nan() || T::of(b).is_nan()),
        _ => return None,
    };
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::super::pure::pure;

    fn run(name: &str, a: u64, b: u64) -> u64 {
        pure(name).unwrap_or_else(|| panic!("no {name}"))(a, b, 0)
    }

    fn f32s(name: &str, a: f32, b: f32) -> u64 {
        run(name, a.to_bits().into(), b.to_bits().into())
    }

    fn f64s(name: &str, a: f64, b: f64) -> u64 {
        run(name, a.to_bits(), b.to_bits())
    }

    const SPECIAL: [f64; 14] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        1.5,
        3.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        1e-40,
        -1e-45,
        3.4e38,
        1e300,
        5e-324,
    ];

    /// The f32 result from f64 arithmetic, which for one operation rounds to the same f32 (Figueroa 1995).
    #[test]
    fn single_precision_is_double_precision_rounded_once() {
        for a in SPECIAL.map(|a| a as f32) {
            for b in SPECIAL.map(|b| b as f32) {
                let (x, y) = (f64::from(a), f64::from(b));
                let check = |name: &str, exact: f64| {
                    let single = exact as f32;
                    let expected = if single.is_nan() { 0x7fff_ffff } else { single.to_bits() };
                    assert_eq!(f32s(name, a, b), u64::from(expected), "{name} {a:e} {b:e}");
                };
                check("add.rn.f32", x + y);
                check("sub.rn.f32", x - y);
                check("mul.rn.f32", x * y);
                check("div.rn.f32", x / y);
                check("rcp.rn.f32", 1.0 / x);
                check("sqrt.rn.f32", x.sqrt());
            }
        }
    }

    #[test]
    fn double_precision_rounds_to_nearest_even() {
        let half_ulp = f64::EPSILON / 2.0;
        assert_eq!(f64s("add.rn.f64", 1.0, half_ulp), 1f64.to_bits());
        assert_eq!(f64s("add.rn.f64", 1.0 + f64::EPSILON, half_ulp), (1.0 + 2.0 * f64::EPSILON).to_bits());
        assert_eq!(f64s("sub.rn.f64", 1.0, half_ulp / 2.0), 1f64.to_bits());
        assert_eq!(f64s("mul.rn.f64", 5e-324, 0.5), 0);
        assert_eq!(f64s("mul.rn.f64", 5e-324, 0.75), 5e-324f64.to_bits());
        assert_eq!(f64s("div.rn.f64", 1.0, 3.0), 0x3fd5_5555_5555_5555);
        assert_eq!(f64s("rcp.rn.f64", 3.0, 0.0), 0x3fd5_5555_5555_5555);
        assert_eq!(f64s("sqrt.rn.f64", 2.0, 0.0), 0x3ff6_a09e_667f_3bcd);
        assert_eq!(f64s("div.rn.f64", 0.0, 0.0), 0x7ff8_0000_0000_0000);
    }

    #[test]
    fn signs_are_bits() {
        assert_eq!(f32s("neg.f32", 0.0, 0.0), 0x8000_0000);
        assert_eq!(f32s("abs.f32", -2.0, 0.0), u64::from(2f32.to_bits()));
        assert_eq!(f64s("neg.f64", 1.0, 0.0), (-1f64).to_bits());
        assert_eq!(f64s("abs.f64", -0.0, 0.0), 0);
        // The sign of the first, the magnitude of the second.
        assert_eq!(f32s("copysign.f32", -1.0, 3.0), u64::from((-3f32).to_bits()));
        assert_eq!(f64s("copysign.f64", 1.0, -3.0), 3f64.to_bits());
    }

    #[test]
    fn the_lesser_of_a_nan_and_a_number_is_the_number() {
        let check = |name: &str, a: f32, b: f32, expected: f32| {
            assert_eq!(f32s(name, a, b), u64::from(expected.to_bits()), "{name} {a} {b}");
        };
        check("min.f32", 1.0, f32::NAN, 1.0);
        check("min.f32", f32::NAN, 1.0, 1.0);
        check("max.f32", f32::NAN, -1.0, -1.0);
        check("min.f32", 0.0, -0.0, -0.0);
        check("min.f32", -0.0, 0.0, -0.0);
        check("max.f32", 0.0, -0.0, 0.0);
        check("max.f32", -0.0, 0.0, 0.0);
        check("max.f32", 2.0, 3.0, 3.0);
        check("min.f32", 2.0, -3.0, -3.0);
        assert_eq!(f32s("min.f32", f32::NAN, -f32::NAN), 0x7fff_ffff);
    }

    #[test]
    fn comparisons_are_false_with_nan_and_their_unordered_forms_true() {
        let names = ["eq", "ne", "lt", "le", "gt", "ge"];
        for a in SPECIAL {
            for b in SPECIAL {
                let truth = [
                    a == b,
                    a.partial_cmp(&b).is_some_and(|order| order.is_ne()),
                    a < b,
                    a <= b,
                    a > b,
                    a >= b,
                ];
                let nan = a.is_nan() || b.is_nan();
                for (name, truth) in names.into_iter().zip(truth) {
                    assert_eq!(
                        f64s(&format!("setp.{name}.f64"), a, b),
                        u64::from(truth && !nan),
                        "{name} {a} {b}"
                    );
                    assert_eq!(
                        f64s(&format!("setp.{name}u.f64"), a, b),
                        u64::from(truth || nan),
                        "{name}u {a} {b}"
                    );
                }
                assert_eq!(f64s("setp.nan.f64", a, b), u64::from(nan));
                assert_eq!(f64s("setp.num.f64", a, b), u64::from(!nan));
            }
        }
        assert_eq!(f32s("setp.ltu.f32", f32::NAN, 1.0), 1);
        assert_eq!(f32s("setp.lt.f32", 1.0, 2.0), 1);
    }
}

//! The f32 elementary functions against f64 ones over the whole range of f32.
//!
//! Every 251st bit pattern and what lies around the special values by default; every one of the 2³² with
//! `POLYAK_EXHAUSTIVE=1 cargo test --release -p polyak-tests --test elementary_single`.

use polyak_core::real::single;

/// Bit patterns to test: all of them, or a stride that is coprime to 2 and the edges.
fn inputs() -> impl Iterator<Item = f32> {
    let exhaustive = std::env::var_os("POLYAK_EXHAUSTIVE").is_some();
    let stride = if exhaustive { 1 } else { 251 };
    let edges =
        [0u32, 0x0080_0000, 0x3f80_0000, 0x3f2a_aaab, 0x3faa_aaab, 0x4b00_0000, 0x42b1_7218, 0x7f80_0000];
    let near =
        edges.into_iter().flat_map(|e| (e.saturating_sub(2000)..e + 2000).flat_map(|b| [b, b | 1 << 31]));
    (0..=u32::MAX).step_by(stride).chain(near).map(f32::from_bits)
}

/// |y − exact| in units in the last place of an f32 of the size of `exact`; 0 where both are the same special value.
fn ulps(y: f32, exact: f64) -> f64 {
    if y.is_nan() || exact.is_nan() || exact.is_infinite() {
        return if y.is_nan() == exact.is_nan() && (y.is_nan() || f64::from(y) == exact) {
            0.0
        } else {
            f64::INFINITY
        };
    }
    let exponent = ((exact.to_bits() >> 52 & 0x7ff) as i32 - 1023).clamp(-126, 127);
    let ulp = 2f64.powi(exponent - 23);
    // An overflow counts as the next number after the largest.
    let y = if y.is_infinite() { 2f64.powi(128).copysign(f64::from(y)) } else { f64::from(y) };
    let exact = exact.clamp(-(2f64.powi(128)), 2f64.powi(128));
    (y - exact).abs() / ulp
}

/// Asserts that the largest error over the inputs is below `bound`, and says what it was.
fn worst(name: &str, bound: f64, f: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) {
    let (mut largest, mut at) = (0.0, 0.0);
    for x in inputs() {
        let error = ulps(f(x), exact(f64::from(x)));
        if error > largest {
            (largest, at) = (error, x);
        }
    }
    println!("{name}: {largest:.4} ulp at {at:e}");
    assert!(largest < bound, "{name}({at:e}) is off by {largest} ulp, allowed {bound}");
}

/// sin 2πt or, a quarter turn on, cos 2πt, reduced exactly.
fn sine_of_turn(t: f64, quarters: i64) -> f64 {
    if !t.is_finite() {
        return f64::NAN;
    }
    let t = t - t.round();
    let q = (4.0 * t).round();
    let angle = (t - q / 4.0) * std::f64::consts::TAU;
    match (q as i64 + quarters).rem_euclid(4) {
        0 => libm::sin(angle),
        1 => libm::cos(angle),
        2 => -libm::sin(angle),
        _ => -libm::cos(angle),
    }
}

#[test]
fn logarithm_is_accurate() {
    worst("ln", 1.0, single::ln, libm::log);
}

#[test]
fn exponential_is_accurate() {
    worst("exp", 1.0, single::exp, libm::exp);
}

#[test]
fn square_root_is_correctly_rounded() {
    worst("sqrt", 0.500_000_1, single::sqrt, libm::sqrt);
}

#[test]
fn sine_and_cosine_of_a_turn_are_accurate() {
    worst("sin turn", 2.0, |t| single::sin_cos_turn(t).0, |t| sine_of_turn(t, 0));
    worst("cos turn", 1.7, |t| single::sin_cos_turn(t).1, |t| sine_of_turn(t, 1));
}

#[test]
fn hyperbolic_tangent_is_accurate() {
    worst("tanh", 1.5, single::tanh, libm::tanh);
}

#[test]
fn logistic_function_is_accurate() {
    worst("sigmoid", 2.5, single::sigmoid, |x| {
        let e = libm::exp(-x.abs());
        if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
    });
}

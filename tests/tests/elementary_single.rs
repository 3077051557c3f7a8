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
    let ulp = libm::scalbn(1.0, exponent - 23);
    // An overflow counts as the next number after the largest.
    let y = if y.is_infinite() { libm::scalbn(1.0, 128).copysign(f64::from(y)) } else { f64::from(y) };
    let exact = exact.clamp(-(libm::scalbn(1.0, 128)), libm::scalbn(1.0, 128));
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
    worst("ln", 0.9, single::ln, libm::log);
}

#[test]
fn exponential_is_accurate() {
    worst("exp", 1.0, single::exp, libm::exp);
}

#[test]
fn exponential_minus_one_is_accurate() {
    worst("exp_m1", 2.0, single::exp_m1, libm::expm1);
}

#[test]
fn square_root_is_correctly_rounded() {
    worst("sqrt", 0.500_000_1, single::sqrt, libm::sqrt);
}

#[test]
fn sine_and_cosine_of_a_turn_are_accurate() {
    worst("sin turn", 1.75, |t| single::sin_cos_turn(t).0, |t| sine_of_turn(t, 0));
    worst("cos turn", 1.75, |t| single::sin_cos_turn(t).1, |t| sine_of_turn(t, 1));
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

/// Words with a stride, or all of them.
fn words() -> impl Iterator<Item = u32> {
    let exhaustive = std::env::var_os("POLYAK_EXHAUSTIVE").is_some();
    let ends = (0..5000).chain(u32::MAX - 5000..=u32::MAX);
    (0..=u32::MAX).step_by(if exhaustive { 1 } else { 251 }).chain(ends)
}

#[test]
fn radius_of_a_word_is_accurate_and_positive() {
    let (mut largest, mut at) = (0.0, 0);
    for word in words() {
        let y = single::minus_two_ln_uniform(word);
        assert!(y.is_sign_positive() && y < 44.4, "{y} of {word:#x}");
        // The largest k rounds up to u = 1; from there down the rounding of k to 24 bits is part of the law.
        let v = f64::from((word >> 1) as f32 + 0.5);
        let exact = libm::sqrt(-2.0 * libm::log(v / 2_147_483_648.0));
        let error = if exact == 0.0 { f64::from(y) } else { libm::sqrt(f64::from(y)) / exact - 1.0 };
        if error.abs() > largest {
            (largest, at) = (error.abs(), word);
        }
    }
    println!("radius: {largest:.3e} relative at {at:#x}");
    assert!(largest < 6e-7, "the radius of {at:#x} is off by {largest:e}");
}

#[test]
fn sine_and_cosine_of_a_word_are_accurate() {
    let (mut sine, mut cosine): (f64, f64) = (0.0, 0.0);
    for word in words() {
        let (s, c) = single::sin_cos_word(word);
        let angle = f64::from((word << 1) as i32) * (std::f64::consts::FRAC_PI_2 / 2_147_483_648.0);
        let sign = if word >> 31 == 0 { 1.0 } else { -1.0 };
        sine = sine.max((f64::from(s) - sign * libm::sin(angle)).abs());
        cosine = cosine.max((f64::from(c) - sign * libm::cos(angle)).abs());
    }
    println!("words: sine {sine:.3e}, cosine {cosine:.3e} absolute");
    assert!(sine < 9e-7 && cosine < 2.5e-7, "sine off by {sine:e}, cosine by {cosine:e}");
}

#[test]
fn monotonic_functions_never_step_back_by_more_than_a_unit_in_the_last_place() {
    type Case = (&'static str, fn(f32) -> f32, f32, f32);
    let cases: [Case; 4] = [
        ("ln", single::ln, 1e-40, 1e38),
        ("exp", single::exp, -103.0, 88.0),
        ("tanh", single::tanh, -10.0, 10.0),
        ("sigmoid", single::sigmoid, -87.0, 20.0),
    ];
    for (name, f, low, high) in cases {
        let mut before = (low, f(low));
        // From low up to -0 by falling bits, then from 0 by rising ones; neighbours one or 113 numbers apart.
        let falling = (0x8000_0000..=low.to_bits().max(0x8000_0000)).rev();
        let rising = if low > 0.0 { low.to_bits()..=high.to_bits() } else { 0..=high.to_bits() };
        for bits in falling.chain(rising).step_by(113).flat_map(|b| [b, if b >> 31 == 0 { b + 1 } else { b }])
        {
            let x = f32::from_bits(bits);
            if !(low..=high).contains(&x) {
                continue;
            }
            let y = f(x);
            assert!(
                y >= before.1.next_down(),
                "{name}({x:e}) = {y:e} after {name}({:e}) = {:e}",
                before.0,
                before.1
            );
            before = (x, y);
        }
    }
}

#[test]
fn special_values() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    assert_eq!((single::ln(0.0), single::ln(-0.0), single::ln(inf), single::ln(1.0)), (-inf, -inf, inf, 0.0));
    assert!(single::ln(-1.0).is_nan() && single::ln(-1e-45).is_nan() && single::ln(nan).is_nan());
    assert_eq!((single::exp(inf), single::exp(-inf), single::exp(88.73)), (inf, 0.0, inf));
    assert_eq!(single::exp(-103.9).to_bits(), 1);
    assert_eq!((single::tanh(inf), single::tanh(-inf), single::sigmoid(-inf)), (1.0, -1.0, 0.0));
    for y in [single::exp(nan), single::tanh(nan), single::sigmoid(nan), single::sqrt(-1.0)] {
        assert!(y.is_nan());
    }
    let (s, c) = single::sin_cos_turn(-0.5);
    assert_eq!((s.to_bits(), c), ((-0.0f32).to_bits(), -1.0));
    assert!(single::sin_cos_turn(inf).0.is_nan() && single::sin_cos_turn(nan).1.is_nan());
}

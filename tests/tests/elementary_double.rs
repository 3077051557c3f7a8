//! The f64 elementary functions against values at 60 digits, made by `core/coefficients.py goldens`.

use polyak_core::real::double;

/// Asserts that the largest error over the golden values called `name` is below `bound`, and says what it was.
fn worst(name: &str, bound: f64, f: impl Fn(u64) -> f64) {
    let (mut largest, mut at, mut count) = (0.0, 0, 0);
    for line in include_str!("../goldens/elementary_double.txt").lines() {
        let mut fields = line.split(' ');
        if fields.next() != Some(name) {
            continue;
        }
        let mut word = || u64::from_str_radix(fields.next().unwrap(), 16).unwrap();
        let (input, nearest) = (word(), f64::from_bits(word()));
        let thousandths: f64 = fields.next().unwrap().parse().unwrap();
        let y = f(input);
        let error = if y == nearest {
            thousandths.abs() / 1000.0
        } else {
            let ulp = f64::from_bits((nearest.to_bits() >> 52 & 0x7ff).max(1) << 52) * f64::EPSILON;
            ((y - nearest) / ulp - thousandths / 1000.0).abs()
        };
        count += 1;
        assert!(error.is_finite(), "{name}({input:#x}) is {y:e}, not {nearest:e}");
        if error > largest {
            (largest, at) = (error, input);
        }
    }
    println!("{name}: {largest:.3} ulp at {at:#018x} of {count}");
    assert!(count > 400, "only {count} golden values of {name}");
    assert!(largest < bound, "{name} is off by {largest} ulp at {at:#x}, allowed {bound}");
}

fn of(f: impl Fn(f64) -> f64) -> impl Fn(u64) -> f64 {
    move |bits| f(f64::from_bits(bits))
}

#[test]
fn functions_are_within_their_stated_error() {
    worst("ln", 0.8, of(double::ln));
    worst("exp", 0.9, of(double::exp));
    worst("exp_m1", 1.5, of(double::exp_m1));
    worst("sin", 1.7, of(|t| double::sin_cos_turn(t).0));
    worst("cos", 1.7, of(|t| double::sin_cos_turn(t).1));
    worst("tanh", 1.4, of(double::tanh));
    worst("sigmoid", 2.4, of(double::sigmoid));
}

#[test]
fn words_of_the_sampler_are_within_their_stated_error() {
    worst("radius", 2.5, double::minus_two_ln_uniform);
    worst("sin_word", 1.7, |w| double::sin_cos_word(w).0);
    worst("cos_word", 1.7, |w| double::sin_cos_word(w).1);
}

#[test]
fn special_values() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    assert_eq!((double::ln(0.0), double::ln(-0.0), double::ln(inf), double::ln(1.0)), (-inf, -inf, inf, 0.0));
    assert!(double::ln(-1.0).is_nan() && double::ln(-5e-324).is_nan() && double::ln(nan).is_nan());
    assert_eq!((double::exp(inf), double::exp(-inf), double::exp(710.0)), (inf, 0.0, inf));
    assert_eq!((double::tanh(inf), double::tanh(-inf)), (1.0, -1.0));
    assert_eq!((double::sigmoid(inf), double::sigmoid(-inf)), (1.0, 0.0));
    for y in [double::exp(nan), double::tanh(nan), double::sigmoid(nan), double::sqrt(-1.0)] {
        assert!(y.is_nan());
    }
    for t in [inf, -inf, nan] {
        let (s, c) = double::sin_cos_turn(t);
        assert!(s.is_nan() && c.is_nan());
    }
    let (s, c) = double::sin_cos_turn(-0.5);
    assert_eq!((s.to_bits(), c), ((-0.0f64).to_bits(), -1.0));
    assert_eq!(double::sin_cos_turn(0.25).1.to_bits(), 0);
}

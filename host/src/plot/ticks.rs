//! Where an axis has its ticks, and what they say.

/// The ticks of one axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ticks {
    /// Values with their labels, in increasing order.
    pub major: Vec<(f64, String)>,
    /// Values without labels, between the others.
    pub minor: Vec<f64>,
    /// The factor `×10ⁿ` of all labels, empty for 1.
    pub factor: String,
}

/// 10ⁿ, rounded once.
fn power(n: i32) -> f64 {
    format!("1e{n}").parse().unwrap_or(f64::INFINITY)
}

/// ⌊log₁₀ x⌋ of a positive finite number, right at the powers of ten too.
fn exponent(x: f64) -> i32 {
    let guess = libm::floor(libm::log10(x)) as i32;
    if power(guess + 1) <= x {
        guess + 1
    } else if power(guess) > x {
        guess - 1
    } else {
        guess
    }
}

/// `10` with `n` as a superscript.
fn ten_to(n: i32) -> String {
    let digits = n.to_string();
    let raised = digits.chars().map(|c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' | '4'..='9' => char::from_u32(0x2070 + c as u32 - '0' as u32).unwrap_or(c),
        other => other,
    });
    "10".chars().chain(raised).collect()
}

/// `value` with `decimals` places and a true minus sign.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let zero = text.chars().all(|c| c == '0' || c == '.');
    if value < 0.0 && !zero { format!("−{text}") } else { text }
}

/// At most about `count` ticks at multiples of 1, 2 or 5 times a power of ten within `[low, high]`.
pub(super) fn linear(low: f64, high: f64, count: usize) -> Ticks {
    let span = high - low;
    let raw = span / count.max(1) as f64;
    if !raw.is_finite() || raw < f64::MIN_POSITIVE {
        return Ticks::default();
    }
    let base = exponent(raw);
    let (digit, place) = [(1, base), (2, base), (5, base), (1, base + 1)]
        .into_iter()
        .find(|&(digit, place)| f64::from(digit) * power(place) >= raw * (1.0 - 1e-9))
        .unwrap_or((2, base + 1));
    let step = f64::from(digit) * power(place);
    let slack = 1e-9 * span;
    let (first, last) = (libm::ceil((low - slack) / step), libm::floor((high + slack) / step));
    let largest = low.abs().max(high.abs());
    let scientific = !(1e-3..1e6).contains(&largest);
    let shift = if scientific { exponent(largest) } else { 0 };
    let decimals = usize::try_from(shift - place).unwrap_or(0);
    let mut ticks = Ticks::default();
    if scientific {
        ticks.factor = format!("×{}", ten_to(shift));
    }
    let mut index = first;
    while index <= last && ticks.major.len() < 64 {
        // The value from its integer multiple, not by adding steps up.
        let value = if place < 0 {
            index * f64::from(digit) / power(-place)
        } else {
            index * f64::from(digit) * power(place)
        };
        // The label in whole units of the last place, so that no rounding can spoil it.
        let label = index * f64::from(digit) * power(place - shift);
        ticks.major.push((value, fixed(label, decimals)));
        index += 1.0;
    }
    ticks
}

/// At most about `count` ticks at powers of ten within `[low, high]`, both positive; at 1, 2 and 5 times them,
/// or evenly, where there are too few.
pub(super) fn logarithmic(low: f64, high: f64, count: usize) -> Ticks {
    let (first, last) = (exponent(low * (1.0 + 1e-9)), exponent(high * (1.0 + 1e-9)));
    let within = |value: f64| value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9);
    let decades: Vec<i32> = (first..=last).filter(|&n| within(power(n))).collect();
    let plain = low >= 0.9e-3 && high <= 1.1e4;
    let label = |digit: i32, n: i32| {
        if plain {
            fixed(f64::from(digit) * power(n), usize::try_from(-n).unwrap_or(0))
        } else if digit == 1 {
            ten_to(n)
        } else {
            format!("{digit}×{}", ten_to(n))
        }
    };
    let multiples = |digits: &[i32]| -> Vec<(i32, i32)> {
        (first..=last)
            .flat_map(|n| digits.iter().map(move |&digit| (digit, n)))
            .filter(|&(digit, n)| within(f64::from(digit) * power(n)))
            .collect()
    };
    let mut ticks = Ticks::default();
    let value = |digit: i32, n: i32| f64::from(digit) * power(n);
    if decades.len() >= 3 || (decades.len() == 2 && multiples(&[1, 2, 5]).len() > count) {
        let stride = decades.len().div_ceil(count.max(1)).max(1) as i32;
        ticks.major = decades
            .iter()
            .filter(|&&n| n.rem_euclid(stride) == 0)
            .map(|&n| (power(n), label(1, n)))
            .collect();
        if stride > 1 {
            ticks.minor = decades.iter().filter(|&&n| n.rem_euclid(stride) != 0).map(|&n| power(n)).collect();
        } else {
            ticks.minor =
                multiples(&[2, 3, 4, 5, 6, 7, 8, 9]).into_iter().map(|(d, n)| value(d, n)).collect();
        }
        return ticks;
    }
    for digits in [&[1, 2, 5][..], &[1, 3], &[1]] {
        let found = multiples(digits);
        if found.len() >= 2 && (found.len() <= count || digits.len() == 1) {
            ticks.major = found.iter().map(|&(d, n)| (value(d, n), label(d, n))).collect();
            let all = multiples(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
            ticks.minor = all.iter().filter(|v| !found.contains(v)).map(|&(d, n)| value(d, n)).collect();
            return ticks;
        }
    }
    linear(low, high, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &Ticks) -> Vec<&str> {
        ticks.major.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn steps_are_one_two_or_five() {
        assert_eq!(labels(&linear(0.0, 1.0, 5)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(&linear(-1.3, 1.3, 6)), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(&linear(0.0, 1000.0, 10)).len(), 11);
        assert_eq!(labels(&linear(3.0, 47.0, 5)), ["10", "20", "30", "40"]);
        assert_eq!(linear(0.0, 1.0, 10).major[3].0, 0.3);
    }

    #[test]
    fn extreme_values_share_a_factor() {
        let small = linear(0.0, 4.2e-6, 5);
        assert_eq!(labels(&small), ["0", "1", "2", "3", "4"]);
        assert_eq!(small.factor, "×10⁻⁶");
        let large = linear(0.0, 3e6, 6);
        assert_eq!((labels(&large)[1], large.factor.as_str()), ("0.5", "×10⁶"));
        assert_eq!(linear(-1e300, 1e300, 4).factor, "×10³⁰⁰");
        assert!(!linear(1e-307, 2e-306, 4).major.is_empty());
    }

    #[test]
    fn a_narrow_range_far_from_zero_keeps_its_digits() {
        let ticks = linear(1.00001, 1.00005, 4);
        assert_eq!(labels(&ticks), ["1.00001", "1.00002", "1.00003", "1.00004", "1.00005"]);
    }

    #[test]
    fn every_tick_lies_inside_and_its_label_is_its_value() {
        for (i, low) in [-7.3, 0.0, 1e-8, 123.4, -5e7].into_iter().enumerate() {
            for span in [1e-3, 0.7, 13.0, 9.9e4] {
                let ticks = linear(low, low + span, 4 + i);
                assert!((2..=12).contains(&ticks.major.len()), "{low} {span}: {ticks:?}");
                for (value, _) in &ticks.major {
                    assert!(*value >= low - 1e-6 * span && *value <= low + span * 1.000001);
                }
                let distinct: std::collections::HashSet<_> = labels(&ticks).into_iter().collect();
                assert_eq!(distinct.len(), ticks.major.len(), "{ticks:?}");
                if ticks.factor.is_empty() {
                    for (value, label) in &ticks.major {
                        let read: f64 = label.replace('−', "-").parse().unwrap();
                        assert!((read - value).abs() <= 1e-9 * span.max(low.abs()));
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_to_divide_gives_no_ticks() {
        assert_eq!(linear(1.0, 1.0, 5), Ticks::default());
        assert_eq!(linear(f64::NAN, 1.0, 5), Ticks::default());
        assert_eq!(linear(f64::NEG_INFINITY, 1.0, 5), Ticks::default());
    }

    #[test]
    fn logarithmic_axes_have_powers_of_ten() {
        let ticks = logarithmic(1e-6, 1.0, 8);
        assert_eq!(labels(&ticks), ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"]);
        assert_eq!(ticks.minor.len(), 6 * 8);
        assert_eq!(labels(&logarithmic(0.01, 100.0, 8)), ["0.01", "0.1", "1", "10", "100"]);
        assert_eq!(labels(&logarithmic(1e-20, 1.0, 5)), ["10⁻²⁰", "10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "10⁰"]);
    }

    #[test]
    fn a_short_logarithmic_axis_is_divided_further() {
        assert_eq!(labels(&logarithmic(0.9, 60.0, 6)), ["1", "2", "5", "10", "20", "50"]);
        assert_eq!(labels(&logarithmic(1.5e-7, 6e-7, 6)), ["2×10⁻⁷", "5×10⁻⁷"]);
        assert!(logarithmic(2.1, 2.9, 5).major.len() >= 3);
    }

    #[test]
    fn exponents_are_right_at_powers_of_ten() {
        for n in -300..=300 {
            assert_eq!(exponent(power(n)), n);
            assert_eq!(exponent(power(n) * 9.99), n);
        }
    }
}

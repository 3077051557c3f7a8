//! An axis: label, scale, range, and the way from a value to a pixel.

use super::ticks::{self, Ticks};

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences are equally far apart.
    #[default]
    Linear,
    /// Equal ratios are equally far apart; values that are not positive have no place and are left out.
    Log,
}

/// One axis of a panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// What is measured, with its unit; wrapped where it is longer than the axis.
    pub label: String,
    /// Linear or logarithmic.
    pub scale: Scale,
    /// The ends, lower one first; `None` takes in all data with a small margin.
    pub range: Option<(f64, f64)>,
}

impl Axis {
    /// A linear axis over all data.
    pub fn linear(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Linear, range: None }
    }

    /// A logarithmic axis over all positive data.
    pub fn log(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Log, range: None }
    }

    /// The same axis from `low` to `high`; what lies outside is cut off.
    #[must_use]
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Whether a range given by the caller can be drawn.
    pub(super) fn range_is_valid(&self) -> bool {
        self.range.is_none_or(|(low, high)| {
            low.is_finite() && high.is_finite() && low < high && (self.scale == Scale::Linear || low > 0.0)
        })
    }
}

/// The smallest interval that holds every value seen so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    pub low: f64,
    pub high: f64,
    scale: Scale,
}

impl Extent {
    pub fn new(scale: Scale) -> Self {
        Self { low: f64::INFINITY, high: f64::NEG_INFINITY, scale }
    }

    /// Takes in `value` if the axis can show it.
    pub fn add(&mut self, value: f64) {
        if value.is_finite() && (self.scale == Scale::Linear || value > 0.0) {
            self.low = self.low.min(value);
            self.high = self.high.max(value);
        }
    }

    /// Takes in an interval around a value; on a logarithmic axis its lower end counts down to a tenth of the
    /// upper one only, lest an error bar that reaches zero stretches the axis without end.
    pub fn add_interval(&mut self, low: f64, high: f64) {
        self.add(high);
        if self.scale == Scale::Linear {
            self.add(low);
        } else if high > 0.0 && high.is_finite() {
            self.add(low.max(high / 10.0));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.low > self.high
    }
}

/// The way from values to pixels: `start` is the pixel of the lower end, `end` that of the upper one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Map {
    scale: Scale,
    pub low: f64,
    pub high: f64,
    start: f64,
    end: f64,
}

impl Map {
    /// The axis' own range, or the data's with `margin` of its length at either end (none below zero where
    /// `grounded` data, such as counts, start there).
    pub fn new(axis: &Axis, extent: Extent, margin: f64, grounded: bool) -> Self {
        let (low, high) = axis.range.unwrap_or_else(|| match axis.scale {
            _ if extent.is_empty() => match axis.scale {
                Scale::Linear => (0.0, 1.0),
                Scale::Log => (0.1, 10.0),
            },
            Scale::Linear => {
                // Half the range of f64 at most, so that a difference cannot overflow.
                let (low, high) = (extent.low.max(-1e307), extent.high.min(1e307));
                let size = low.abs().max(high.abs());
                if high - low <= 1e-12 * size {
                    let around = if size == 0.0 { 1.0 } else { 0.1 * size };
                    (low - around, high + around)
                } else {
                    let pad = margin * (high - low);
                    (if grounded && low == 0.0 { 0.0 } else { low - pad }, high + pad)
                }
            }
            Scale::Log => {
                let decades = |value: f64| libm::log10(value.clamp(1e-307, 1e307));
                let (low, high) = (decades(extent.low), decades(extent.high));
                let pad = if high - low < 1e-9 { 0.3 } else { margin * (high - low) };
                (libm::exp10(low - pad).max(1e-307), libm::exp10(high + pad).min(1e307))
            }
        });
        Self { scale: axis.scale, low, high, start: 0.0, end: 1.0 }
    }

    /// The same map onto the pixels from `start` to `end`.
    pub fn onto(self, start: f64, end: f64) -> Self {
        Self { start, end, ..self }
    }

    /// The pixel of `value`: NaN where it has none, and never farther off than twenty lengths of the axis.
    pub fn pixel(&self, value: f64) -> f64 {
        let fraction = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log if value > 0.0 => {
                let low = libm::log10(self.low);
                (libm::log10(value) - low) / (libm::log10(self.high) - low)
            }
            Scale::Log => f64::NAN,
        };
        if value.is_finite() {
            self.start + fraction.clamp(-20.0, 20.0) * (self.end - self.start)
        } else {
            f64::NAN
        }
    }

    /// The pixel of the lower end of a bar or band: a logarithmic axis has no zero, so it runs off the axis.
    pub fn lower_pixel(&self, value: f64) -> f64 {
        if self.scale == Scale::Log && value <= 0.0 && value.is_finite() {
            self.start - 2.0 * (self.end - self.start)
        } else {
            self.pixel(value)
        }
    }

    /// At most about `count` ticks.
    pub fn ticks(&self, count: usize) -> Ticks {
        match self.scale {
            Scale::Linear => ticks::linear(self.low, self.high, count),
            Scale::Log => ticks::logarithmic(self.low, self.high, count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(axis: &Axis, values: &[f64]) -> Map {
        let mut extent = Extent::new(axis.scale);
        values.iter().for_each(|&v| extent.add(v));
        Map::new(axis, extent, 0.05, false).onto(100.0, 300.0)
    }

    #[test]
    fn a_linear_axis_holds_all_data_with_a_margin() {
        let map = map(&Axis::linear(""), &[0.0, f64::NAN, 10.0, f64::INFINITY]);
        assert_eq!((map.low, map.high), (-0.5, 10.5));
        assert_eq!(map.pixel(5.0), 200.0);
        assert!(map.pixel(f64::NAN).is_nan() && map.pixel(f64::INFINITY).is_nan());
    }

    #[test]
    fn a_logarithmic_axis_has_no_place_for_zero() {
        let map = map(&Axis::log("").range(0.01, 100.0), &[]);
        assert!((map.pixel(1.0) - 200.0).abs() < 1e-9);
        assert!((map.pixel(0.1) - 150.0).abs() < 1e-9);
        assert!(map.pixel(0.0).is_nan() && map.pixel(-1.0).is_nan());
        assert!(map.lower_pixel(0.0) < 100.0 && map.lower_pixel(f64::NAN).is_nan());
    }

    #[test]
    fn values_far_outside_stay_drawable() {
        let map = map(&Axis::linear("").range(0.0, 1.0), &[]);
        assert_eq!(map.pixel(1e300), 100.0 + 20.0 * 200.0);
        assert_eq!(map.pixel(-1e300), 100.0 - 20.0 * 200.0);
    }

    #[test]
    fn constant_empty_and_huge_data_give_a_range() {
        let constant = map(&Axis::linear(""), &[3.0, 3.0]);
        assert!(constant.low < 3.0 && constant.high > 3.0);
        let empty = map(&Axis::linear(""), &[f64::NAN]);
        assert_eq!((empty.low, empty.high), (0.0, 1.0));
        let huge = map(&Axis::linear(""), &[-f64::MAX, f64::MAX]);
        assert!(huge.low.is_finite() && huge.high.is_finite() && (huge.high - huge.low).is_finite());
        let tiny = map(&Axis::log(""), &[f64::MIN_POSITIVE, f64::MAX]);
        assert!(tiny.low > 0.0 && tiny.high.is_finite() && !tiny.ticks(6).major.is_empty());
        let single = map(&Axis::log(""), &[1.0]);
        assert!(single.low < 1.0 && single.high > 1.0);
    }

    #[test]
    fn an_error_bar_down_to_zero_does_not_stretch_a_logarithmic_axis() {
        let mut extent = Extent::new(Scale::Log);
        extent.add_interval(-1.0, 2.0);
        extent.add_interval(1e-30, 1.0);
        assert_eq!((extent.low, extent.high), (0.1, 2.0));
    }

    #[test]
    fn ranges_that_cannot_be_drawn_are_told() {
        assert!(Axis::linear("").range(-1.0, 1.0).range_is_valid());
        assert!(!Axis::linear("").range(1.0, 1.0).range_is_valid());
        assert!(!Axis::linear("").range(0.0, f64::INFINITY).range_is_valid());
        assert!(!Axis::log("").range(0.0, 1.0).range_is_valid());
    }
}

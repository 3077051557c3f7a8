//! A recorder for boards: a fixed number of samples over a run of any length.

use heapless::Vec;

/// Keeps at most `N` of the values it is shown, evenly spaced: when it is full it drops every other one and from then on takes
/// half as many (decimation), so the memory is fixed at compile time and the whole run stays in view.
///
/// ```
/// use polyak_core::observe::Recorder;
/// let mut recorder = Recorder::<f32, 4>::new();
/// (0..9).for_each(|k| recorder.record(k as f32));
/// assert_eq!((recorder.stride(), recorder.samples()), (4, &[0.0, 4.0, 8.0][..]));
/// ```
#[derive(Debug, Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Recorder<T, const N: usize> {
    samples: Vec<T, N>,
    stride: u64,
    seen: u64,
}

impl<T, const N: usize> Default for Recorder<T, N> {
    fn default() -> Self {
        Self { samples: Vec::new(), stride: 1, seen: 0 }
    }
}

impl<T: Copy, const N: usize> Recorder<T, N> {
    /// An empty recorder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows it the next value.
    pub fn record(&mut self, value: T) {
        if self.seen.is_multiple_of(self.stride) {
            if self.samples.is_full() {
                self.decimate();
            }
            // After a decimation the value may no longer be on the stride; with N = 0 there is no room at all.
            if self.seen.is_multiple_of(self.stride) {
                let _ = self.samples.push(value);
            }
        }
        self.seen = self.seen.saturating_add(1);
    }

    /// Drops the samples 1, 3, 5, … and doubles the stride.
    fn decimate(&mut self) {
        let mut odd = true;
        self.samples.retain(|_| {
            odd = !odd;
            !odd
        });
        self.stride = self.stride.saturating_mul(2);
    }

    /// The samples: the values number 0, stride, 2·stride, ….
    pub fn samples(&self) -> &[T] {
        &self.samples
    }

    /// How many values lie between two samples, plus one.
    pub fn stride(&self) -> u64 {
        self.stride
    }
}

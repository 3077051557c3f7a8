//! How long a device was at work, though several streams share it.

use std::sync::{Arc, Mutex, PoisonError};

use cust::error::CudaError;
use cust::event::Event;

/// The clock of a device, shared by its streams. Where two streams have work the kernels of one wait for the other's, and between a batch's
/// two events lies time of both: it must be counted once.
#[derive(Clone, Default)]
pub struct Clock(Arc<Mutex<Vec<Span>>>);

/// Time that is counted. Spans are disjoint.
#[derive(Clone)]
struct Span {
    begin: Arc<Event>,
    end: Arc<Event>,
}

/// Spans that are remembered: a batch of one stream meets few of the other's.
const REMEMBERED: usize = 16;

impl Clock {
    /// Seconds of the device between two events, both over, that are in no span counted before.
    pub fn count(&self, begin: Event, end: Event) -> Result<f64, CudaError> {
        let mut span = Span { begin: Arc::new(begin), end: Arc::new(end) };
        let zero = Arc::clone(&span.begin);
        let since = |event: &Event| event.elapsed_time_f32(&zero);
        let length = since(&span.end)?;
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut known, mut apart) = (Vec::new(), Vec::new());
        for other in spans.iter() {
            let (first, last) = (since(&other.begin)?, since(&other.end)?);
            known.push((first, last));
            if last < 0.0 || first > length {
                apart.push(other.clone());
                continue;
            }
            // They become one span.
            if first < 0.0 {
                span.begin = Arc::clone(&other.begin);
            }
            if last > length {
                span.end = Arc::clone(&other.end);
            }
        }
        apart.drain(..apart.len().saturating_sub(REMEMBERED - 1));
        apart.push(span);
        *spans = apart;
        Ok(f64::from(uncounted(length, &known)) / 1e3)
    }
}

/// What of the time from 0 to `length` lies in none of some disjoint spans.
fn uncounted(length: f32, spans: &[(f32, f32)]) -> f32 {
    spans
        .iter()
        .fold(length, |left, &(begin, end)| left - (end.min(length) - begin.max(0.0)).max(0.0))
        .max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_counted_twice() {
        for (spans, expected) in [
            (&[][..], 8.0),
            // The other stream's began before, and ended between.
            (&[(-5.0, 3.0)], 5.0),
            // It lies around, within, and ends together with this one.
            (&[(-1.0, 9.0)], 0.0),
            (&[(2.0, 6.0)], 4.0),
            (&[(2.0, 8.0)], 2.0),
            // It ended later, and was counted first.
            (&[(6.0, 20.0)], 6.0),
            // They have nothing in common.
            (&[(10.0, 20.0)], 8.0),
            (&[(-4.0, 0.0)], 8.0),
            (&[(-9.0, -6.0), (-4.0, 1.0), (2.0, 4.0), (5.0, 6.5), (7.0, 9.0)], 2.5),
        ] {
            assert_eq!(uncounted(8.0, spans), expected, "{spans:?}");
        }
    }
}

//! SVAG against its published reference formula on given half-batches; made by `goldens/svag.py`.

use core::cell::Cell;

use polyak_core::landscape::LeastSquares;
use polyak_core::optimizer::{Method, Update};
use polyak_core::oracle::{NoDeck, Svag, svag_weights};
use polyak_core::random::{Pcg32, Stream};
use polyak_core::schedule::{Constant, Schedule, Stretched};
use polyak_core::trajectory::{State, advance};
use polyak_tests::batches::GivenBatches;
use serde_json::Value;

fn number(value: &Value) -> f64 {
    f64::from_bits(u64::from_str_radix(value.as_str().unwrap(), 16).unwrap())
}

fn vector(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(vector).collect()
}

#[test]
fn two_half_batches_as_in_the_published_code() {
    let goldens: Value = serde_json::from_str(include_str!("../goldens/svag.json")).unwrap();
    let (inputs, targets) = (rows(&goldens["inputs"]).concat(), vector(&goldens["targets"]));
    let (start, rate) = (vector(&goldens["start"]), number(&goldens["rate"]));
    let start: [f64; 3] = start.try_into().unwrap();
    let cases = goldens["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 10);
    for case in cases {
        let (ell, beta) = (case["l"].as_f64().unwrap(), number(&case["beta"]));
        let pairs: Vec<[Vec<u32>; 2]> = serde_json::from_value(case["batches"].clone()).unwrap();
        let positions = rows(&case["positions"]);
        assert_eq!(pairs.len(), positions.len());
        let oracle = Svag {
            oracle: GivenBatches {
                landscape: LeastSquares::new(&inputs, &targets, 3),
                // MV 5.1 draws the smaller weight, (1 − √(2ℓ−1))/2, first; the code names it b2.
                batches: pairs.into_iter().flat_map(|[b1, b2]| [b2, b1]).collect(),
                drawn: Cell::new(0),
            },
            weights: svag_weights(ell).unwrap(),
        };
        let method = if beta == 0.0 { Method::Sgd } else { Method::Sgdm };
        let update = Update { form: method.form(), maximize: false, weight_decay: None };
        let rate = Stretched { inner: Constant(rate), ell, divisor: ell };
        let stream = Stream::<f64, _>::new(Pcg32::new(1, 0));
        let mut state = State { x: start, m: [0.0; 3], stream, deck: NoDeck };
        for (k, expected) in positions.iter().enumerate() {
            let step = method.coefficients(k as u64, rate.at(k as u64), beta);
            advance(&oracle, &update, core::iter::once(step), &mut state, &mut [0.0; 3], &mut ());
            for (x, expected) in state.x.iter().zip(expected) {
                // Some 40 roundings a step of numbers below √ℓ·3, and the path is stable: 40·2⁻⁵³·12 = 5e−14.
                assert!((x - expected).abs() <= 5e-14, "ℓ {ell} β {beta} step {k}: {x} for {expected}");
            }
        }
        assert_eq!(oracle.oracle.drawn.get(), 2 * positions.len());
    }
}

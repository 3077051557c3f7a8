//! Properties of the parser over arbitrary experiments and arbitrary text.

use std::path::Path;

use polyak::experiment::model::{self, *};
use polyak::schedule::{Part, Schedule};
use polyak_core::schedule::Schedule as _;
use proptest::collection::vec;
use proptest::prelude::*;

fn rate() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![Just(0.0), 1e-9..1.0f64, 1.0..1e6f64]
}

fn schedule(value: impl Strategy<Value = f64> + Clone + 'static) -> BoxedStrategy<Schedule> {
    let (v, steps) = (value, 1u64..50);
    let flat = prop_oneof![
        v.clone().prop_map(Schedule::Constant),
        (v.clone(), 0.0..=1.0f64, vec(0u64..40, 0..3)).prop_map(|(base, factor, at)| Schedule::Step {
            base,
            factor,
            at
        }),
        (v.clone(), v.clone(), steps.clone()).prop_map(|(from, to, steps)| Schedule::Linear {
            from,
            to,
            steps
        }),
        (v.clone(), v.clone(), steps.clone()).prop_map(|(from, to, steps)| Schedule::Cosine {
            from,
            to,
            steps
        }),
        (v.clone(), 0.0..=1.0f64, steps.clone(), 0u64..9)
            .prop_map(|(base, factor, every, after)| Schedule::Exponential { base, factor, every, after }),
        (v.clone(), 0.0..1.0f64).prop_map(|(base, decay)| Schedule::InverseTime { base, decay }),
        vec(v, 1..4).prop_map(Schedule::Table),
    ];
    let part = (steps, flat.clone()).prop_map(|(steps, schedule)| Part { steps: Some(steps), schedule });
    let join = (vec(part, 0..3), flat.clone()).prop_map(|(mut parts, schedule)| {
        parts.push(Part { steps: None, schedule });
        Schedule::Join(parts)
    });
    prop_oneof![4 => flat, 1 => join].boxed()
}

fn numbers(d: usize) -> impl Strategy<Value = Vec<f64>> {
    vec(prop_oneof![-1e3..1e3f64, Just(0.0), Just(1e-300)], d)
}

fn law() -> impl Strategy<Value = Law> {
    prop_oneof![
        Just(Law::Gaussian),
        Just(Law::Rademacher),
        Just(Law::Uniform),
        Just(Law::Laplace),
        (2.001..99.0f64).prop_map(|degrees_of_freedom| Law::StudentT { degrees_of_freedom }),
    ]
}

fn data(d: usize) -> impl Strategy<Value = Data> {
    (1usize..5).prop_flat_map(move |rows| {
        (numbers(rows * d), numbers(rows)).prop_map(move |(entries, targets)| Data {
            inputs: Matrix { rows, columns: d, entries },
            targets,
        })
    })
}

/// Matrix sensing with label noise.
fn sensing() -> impl Strategy<Value = (Landscape, Vec<f64>, Noise)> {
    (1usize..4, 1usize..4, 1usize..4, numbers(9)).prop_map(|(side, rank, examples, start)| {
        let data = polyak::experiment::sensed(examples, side, 1, 7);
        let noise = Noise::Label { law: Law::Gaussian, examples: LabelExamples::All };
        (Landscape::MatrixSensing { data, rank }, start[..side * rank].to_vec(), noise)
    })
}

/// A landscape and a noise that goes with it.
fn problem() -> impl Strategy<Value = (Landscape, Vec<f64>, Noise)> {
    let additive = |d: usize| {
        let variances = move || vec(0.0..9.0f64, d);
        let covariance = prop_oneof![
            Just(Covariance::Identity),
            variances().prop_map(Covariance::Diagonal),
            (variances(), variances())
                .prop_map(|(constant, quadratic)| Covariance::StateDependent { constant, quadratic }),
            // vv' + 1 is positive definite.
            numbers(d).prop_map(move |v| {
                let entry = |n: usize| v[n / d] * v[n % d] + if n / d == n % d { 1.0 } else { 0.0 };
                Covariance::Dense(Matrix { rows: d, columns: d, entries: (0..d * d).map(entry).collect() })
            }),
        ];
        (law(), covariance).prop_map(|(law, covariance)| Noise::Additive { law, covariance })
    };
    (1usize..5).prop_flat_map(move |d| {
        let smooth = prop_oneof![
            numbers(d).prop_map(|gradient| Landscape::Linear { gradient }),
            numbers(d).prop_map(|curvature| Landscape::Diagonal { curvature }),
            (0.1..9.0f64).prop_map(|width| Landscape::DoubleWell { width }),
        ];
        let smooth = (smooth, numbers(d), prop_oneof![Just(Noise::None), additive(d).boxed()].boxed());
        let sum = (data(d), any::<bool>(), numbers(d), law(), 0usize..5).prop_map(
            |(data, network, start, law, which)| {
                let batch = data.targets.len();
                let noise = match which {
                    0 => Noise::Label { law, examples: LabelExamples::One },
                    1 => Noise::Label { law, examples: LabelExamples::All },
                    2 => Noise::MiniBatch { batch, sampling: Sampling::WithReplacement },
                    3 => Noise::MiniBatch { batch, sampling: Sampling::WithoutReplacement },
                    _ => Noise::MiniBatch { batch, sampling: Sampling::Epochs },
                };
                let landscape =
                    if network { Landscape::DiagonalNetwork(data) } else { Landscape::LeastSquares(data) };
                (landscape, start, noise)
            },
        );
        let plane = prop_oneof![
            Just(Landscape::Valley),
            Just(Landscape::Hyperbola),
            (-9.0..9.0f64, 0.0..99.0f64).prop_map(|(a, b)| Landscape::Rosenbrock { a, b }),
            (-9.0..9.0f64).prop_map(|h| Landscape::Dense {
                hessian: Matrix { rows: 2, columns: 2, entries: vec![h, 0.5, 0.5, 1.0] }
            }),
        ];
        prop_oneof![smooth, sum, (plane, numbers(2), additive(2)), sensing()]
    })
}

/// A run in dimension `d`; `scaled` says whether the noise has a scale.
fn run(d: usize, scaled: bool, additive: bool) -> impl Strategy<Value = Run> {
    let optimizer = prop_oneof![
        Just(Optimizer::Sgd),
        Just(Optimizer::Sgdm),
        (0.0..=1.0f64).prop_map(|nu| Optimizer::Qhm { nu }),
        (any::<bool>(), any::<bool>()).prop_map(|(nesterov, first_step)| Optimizer::HeavyBall {
            dampening: if nesterov { 0.0 } else { 0.25 },
            nesterov,
            first_step
        }),
    ];
    let svag =
        proptest::option::of((0.5..20.0f64).prop_map(|ell| Svag { ell, momentum: SvagMomentum::Keep }));
    let initial = (0u8..3, numbers(d));
    let fixed = (any::<bool>(), 0.0..1.0f64, 1u64..100, 0.0..9.0f64);
    (optimizer, schedule(rate()), schedule(0.001..0.999f64), svag, initial, fixed).prop_map(
        move |(
            optimizer,
            learning_rate,
            momentum,
            mut svag,
            (initial, m),
            (maximize, decay, steps, scale),
        )| {
            let sgd = optimizer == Optimizer::Sgd;
            let heavy = matches!(optimizer, Optimizer::HeavyBall { .. });
            let overwritten = matches!(optimizer, Optimizer::HeavyBall { first_step: true, .. });
            if let (Some(svag), false) = (&mut svag, sgd)
                && svag.ell >= 1.0
                && maximize
            {
                svag.momentum = SvagMomentum::Scale;
            }
            // Beyond its end a rate may underflow to where 1 − β is all that is left; kept simple here.
            let (learning_rate, momentum) = match (initial, sgd) {
                (1, true) => {
                    let (rate, beta) = (0.25, 0.5);
                    let values = averaged(rate, beta, steps);
                    let learning_rate = Box::new(Schedule::Constant(rate));
                    let momentum = Box::new(Momentum::Schedule(Schedule::Constant(beta)));
                    (Schedule::Averaged { learning_rate, momentum, values }, Schedule::Constant(0.0))
                }
                (_, true) => (learning_rate, Schedule::Constant(0.0)),
                _ => (learning_rate, momentum),
            };
            let initial_momentum = match initial {
                1 if !sgd && !overwritten => InitialMomentum::Given(m),
                2 if !sgd && !heavy && additive => InitialMomentum::Stationary,
                _ => InitialMomentum::Zero,
            };
            Run {
                name: String::new(),
                optimizer,
                learning_rate,
                momentum: Momentum::Schedule(momentum),
                weight_decay: decay,
                maximize,
                initial_momentum,
                svag,
                steps,
                noise_scale: if scaled { scale } else { 0.0 },
            }
        },
    )
}

fn averaged(rate: f64, beta: f64, steps: u64) -> Vec<f64> {
    use polyak_core::schedule::{Constant, averaged};
    let mut values = vec![0.0; steps as usize];
    averaged(&Constant(rate), &Constant(beta), &mut values);
    values
}

fn experiment() -> impl Strategy<Value = Experiment> {
    let runs = problem().prop_flat_map(|problem| {
        let scaled = matches!(problem.2, Noise::Additive { .. } | Noise::Label { .. });
        let additive = matches!(problem.2, Noise::Additive { .. } | Noise::None);
        let runs = vec(run(problem.1.len(), scaled, additive), 1..4);
        (Just(problem), runs)
    });
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let numbers = (0..=i64::MAX as u64, 1..=i64::MAX as u64, 1u64..99, 0u64..3);
    ("[^\\p{C}/\\\\]{1,12}", runs, flags, numbers, proptest::option::of("[^\\p{C}]{1,9}")).prop_filter_map(
        "a name of blanks or dots",
        |(
            name,
            ((landscape, start, noise), mut runs),
            (a, b, c, e),
            (seed, trajectories, every, paths),
            folder,
        )| {
            if name.trim().is_empty() || name.trim_matches('.').is_empty() {
                return None;
            }
            for (i, run) in runs.iter_mut().enumerate() {
                run.name = format!("{name} \"{i}");
            }
            let histogram = Histogram { coordinate: start.len() - 1, from: -1.5, to: 1e9, bins: 7 };
            Some(Experiment {
                name,
                seed,
                trajectories,
                precision: if a { Precision::F32 } else { Precision::F64 },
                rng: if b { model::Rng::Pcg32 } else { model::Rng::Philox },
                landscape,
                start,
                noise,
                runs,
                observe: Observe {
                    every,
                    moments: if a { vec![6, 5] } else { Vec::new() },
                    path_length: b,
                    loss_variation: c,
                    loss_below: e.then_some(-0.125),
                    histograms: if c { vec![histogram; 2] } else { Vec::new() },
                    paths: paths.min(trajectories),
                },
                output: Output { directory: folder.map(Into::into), final_states: c, plots: e, digest: a },
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_experiment_reads_back(experiment in experiment()) {
        let text = experiment.to_toml();
        match Experiment::parse(&text, Path::new("copy.toml"), &[]) {
            Ok(copy) => prop_assert_eq!(copy, experiment),
            Err(error) => prop_assert!(false, "{}\n{}", error, text),
        }
    }

    /// Coefficients are evaluated once for all steps that are said to share them.
    #[test]
    fn coefficients_stay_until_they_are_said_to_change(run in run(1, true, true)) {
        let total = run.total_steps();
        let mut k = 0;
        while k < total {
            let until = run.until(k);
            prop_assert!(until > k);
            for shared in k..until.min(total) {
                prop_assert_eq!(run.coefficients(shared), run.coefficients(k), "{} of {}..{}", shared, k, until);
            }
            k = until;
        }
        if run.is_constant() {
            prop_assert!(run.until(1) == u64::MAX && run.until(0) >= 1);
        }
    }

    /// Doubling rounds nothing.
    #[test]
    fn a_schedule_times_two_is_twice_the_schedule(run in run(1, true, true)) {
        let (rate, twice) = (&run.learning_rate, run.learning_rate.scaled(2.0));
        for k in 0..run.steps + 3 {
            prop_assert_eq!(twice.at(k), 2.0 * rate.at(k), "step {} of {:?}", k, rate);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}", set in "[a-z.0-9\"]{1,9}=\\PC{1,9}") {
        let overrides: Vec<_> = set.parse().into_iter().collect();
        if let Err(error) = Experiment::parse(&text, Path::new("x.toml"), &overrides) {
            prop_assert!(!error.problems.is_empty());
        }
    }

    #[test]
    fn a_damaged_experiment_is_read_or_refused(experiment in experiment(), at in any::<prop::sample::Index>(), with in "\\PC{0,3}") {
        let text = experiment.to_toml();
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
        let place = *at.get(&places);
        let next = places.iter().copied().find(|&other| other > place).unwrap_or(text.len());
        let damaged = format!("{}{with}{}", &text[..place], &text[next..]);
        if let Err(error) = Experiment::parse(&damaged, Path::new("x.toml"), &[]) {
            prop_assert!(!error.problems.is_empty());
            prop_assert!(error.to_string().starts_with("x.toml"));
        }
    }
}

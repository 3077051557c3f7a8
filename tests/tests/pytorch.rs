//! `torch.optim.SGD` and `torch.optim.lr_scheduler` replayed step by step; made by `goldens/pytorch.py`.
//!
//! PyTorch's plain CPU kernels (`ATEN_CPU_CAPABILITY=default`) fuse nothing and round where polyak rounds: steps without
//! Nesterov agree to the bit. Nesterov's step is −γ(u + βm') there and −(γu + (γβ)m') here, so it is compared from
//! PyTorch's own state within [`NESTEROV_ULP`] units in the last place of the sum of the magnitudes that enter it.

use polyak_core::landscape::{Dense, Landscape};
use polyak_core::optimizer::{
    Method, Update, heavy_ball_from_sgdm, heavy_ball_momentum, sgdm_from_heavy_ball, sgdm_momentum,
};
use polyak_core::schedule::{Constant, Cosine, Exponential, Linear, Schedule, StepDecay};
use serde_json::Value;

/// βm', u + βm', γ(…) there and γβ, γu, (γβ)m', their sum here: seven roundings of half a unit at most, less what the two share.
const NESTEROV_ULP: f64 = 3.0;

fn goldens() -> Value {
    serde_json::from_str(include_str!("../goldens/pytorch_sgd.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    f64::from_bits(u64::from_str_radix(value.as_str().unwrap(), 16).unwrap())
}

fn vector(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(vector).collect()
}

fn list(value: &Value) -> &[Value] {
    let list = value.as_array().unwrap();
    assert!(!list.is_empty());
    list
}

/// One set of PyTorch's options.
struct Options {
    lr: f64,
    momentum: f64,
    dampening: f64,
    weight_decay: f64,
    nesterov: bool,
    maximize: bool,
}

impl Options {
    fn read(case: &Value) -> Self {
        Self {
            lr: number(&case["lr"]),
            momentum: number(&case["momentum"]),
            dampening: number(&case["dampening"]),
            weight_decay: number(&case["weight_decay"]),
            nesterov: case["nesterov"].as_bool().unwrap(),
            maximize: case["maximize"].as_bool().unwrap(),
        }
    }

    fn method(&self) -> Method {
        Method::HeavyBall { dampening: self.dampening, nesterov: self.nesterov, first_step: true }
    }

    fn update(&self, method: Method) -> Update<f64> {
        let decay = (self.weight_decay != 0.0).then_some(self.weight_decay);
        Update { form: method.form(), maximize: self.maximize, weight_decay: decay }
    }

    fn name(&self) -> String {
        let Self { momentum, dampening, weight_decay, nesterov, maximize, .. } = self;
        format!("β {momentum} τ {dampening} λ {weight_decay} nesterov {nesterov} maximize {maximize}")
    }

    /// Step k of `method` at learning rate `lr`.
    fn step(&self, method: Method, k: usize, lr: f64, x: &mut [f64], m: &mut [f64], g: &[f64]) {
        let c = method.coefficients(k as u64, lr, self.momentum);
        self.update(method).step::<f64, _, _, _>(&c, x, m, g);
    }
}

/// |a − b| in units in the last place of `scale`.
fn ulps(a: f64, b: f64, scale: f64) -> f64 {
    let unit = f64::from_bits(scale.to_bits() + 1) - scale;
    (a - b).abs() / unit
}

/// Replays a case from PyTorch's state before each step; the largest difference of a coordinate of x or m, in units.
fn replay(start: &[f64], gradients: &[Vec<f64>], case: &Value) -> f64 {
    let options = Options::read(case);
    let (positions, buffers) = (rows(&case["positions"]), rows(&case["buffers"]));
    // The first step must not look at the buffer it finds.
    let (mut x, mut m) = (start.to_vec(), vec![1e3; start.len()]);
    let mut worst = 0.0f64;
    for (k, g) in gradients.iter().enumerate() {
        let (before, memory) = (x.clone(), m.clone());
        options.step(options.method(), k, options.lr, &mut x, &mut m, g);
        for i in 0..x.len() {
            let u = g[i].abs() + options.weight_decay * before[i].abs();
            let kept = if k == 0 { 0.0 } else { options.momentum * memory[i].abs() };
            let entered = if k == 0 { u } else { (1.0 - options.dampening) * u };
            let reach = before[i].abs() + options.lr * (u + kept + entered);
            worst = worst.max(ulps(x[i], positions[k][i], reach));
            if let Some(&buffer) = buffers[k].get(i) {
                worst = worst.max(ulps(m[i], buffer, kept + entered + u));
            }
        }
        x.clone_from(&positions[k]);
        if buffers[k].is_empty() {
            assert_eq!(options.momentum, 0.0);
        } else {
            m.clone_from(&buffers[k]);
        }
    }
    worst
}

#[test]
fn every_option_to_the_bit_where_nothing_is_rounded() {
    let goldens = &goldens()["dyadic"];
    let (start, gradients) = (vector(&goldens["start"]), rows(&goldens["gradients"]));
    assert_eq!(list(&goldens["cases"]).len(), 24);
    for case in list(&goldens["cases"]) {
        assert_eq!(replay(&start, &gradients, case), 0.0, "{}", Options::read(case).name());
    }
}

#[test]
fn every_option_step_by_step() {
    let goldens = &goldens()["decimal"];
    let (start, gradients) = (vector(&goldens["start"]), rows(&goldens["gradients"]));
    assert_eq!(list(&goldens["cases"]).len(), 24);
    for case in list(&goldens["cases"]) {
        let worst = replay(&start, &gradients, case);
        let options = Options::read(case);
        let allowed = if options.nesterov { NESTEROV_ULP } else { 0.0 };
        assert!(worst <= allowed, "{worst} ULP at {}", options.name());
    }
}

/// Positions of `method` along given gradients, from momentum m₀.
fn path(
    options: &Options,
    method: Method,
    lr: f64,
    start: &[f64],
    m: &mut [f64],
    gradients: &[Vec<f64>],
) -> Vec<Vec<f64>> {
    let mut x = start.to_vec();
    let step = |(k, g): (usize, &Vec<f64>)| {
        options.step(method, k, lr, &mut x, m, g);
        x.clone()
    };
    gradients.iter().enumerate().map(step).collect()
}

/// Largest |a − b| over a path, relative to its largest coordinate.
fn distance(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    assert_eq!(a.len(), b.len());
    let size = a.iter().flatten().fold(0.0f64, |s, x| s.max(x.abs()));
    let differences = a.iter().zip(b).flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| (a - b).abs()));
    differences.fold(0.0, f64::max) / size
}

/// 24 steps of some six roundings of ½·2⁻⁵² each, of which one of m moves x by up to 1/(1−β) = 10 times itself: 1.6e−13.
const PATH: f64 = 1.6e-13;

#[test]
fn sgdm_with_rate_gamma_over_one_minus_beta_is_heavy_ball() {
    let goldens = &goldens()["decimal"];
    let (start, gradients) = (vector(&goldens["start"]), rows(&goldens["gradients"]));
    let mut seen = 0;
    for case in list(&goldens["cases"]) {
        let options = Options::read(case);
        let positions = rows(&case["positions"]);
        if options.momentum == 0.0 || options.nesterov {
            continue;
        }
        let mut m = vec![0.0; start.len()];
        if options.dampening == 0.0 {
            let rate = sgdm_from_heavy_ball(options.lr, options.momentum);
            let ours = path(&options, Method::Sgdm, rate, &start, &mut m, &gradients);
            assert!(distance(&positions, &ours) <= PATH, "{}", options.name());
            assert!(ulps(heavy_ball_from_sgdm(rate, options.momentum), options.lr, options.lr) <= 1.0);
            let buffer = &rows(&case["buffers"])[gradients.len() - 1];
            for (m, b) in m.iter().zip(buffer) {
                assert!((heavy_ball_momentum(*m, options.momentum) - b).abs() <= 10.0 * PATH);
                assert!((sgdm_momentum(*b, options.momentum) - m).abs() <= PATH);
            }
            seen += 1;
        } else if options.dampening == options.momentum {
            // τ = β and the first-step rule: SGDM at the same rate, started at m₀ = u₀ = ±g₀ + λx₀.
            for (i, m) in m.iter_mut().enumerate() {
                let sign = if options.maximize { -1.0 } else { 1.0 };
                *m = sign * gradients[0][i] + options.weight_decay * start[i];
            }
            let ours = path(&options, Method::Sgdm, options.lr, &start, &mut m, &gradients);
            assert!(distance(&positions, &ours) <= PATH, "{}", options.name());
            seen += 1;
        }
    }
    assert_eq!(seen, 8);
}

#[test]
fn without_momentum_it_is_sgd() {
    let goldens = &goldens()["dyadic"];
    let (start, gradients) = (vector(&goldens["start"]), rows(&goldens["gradients"]));
    let cases = list(&goldens["cases"]).iter().filter(|case| number(&case["momentum"]) == 0.0);
    let mut seen = 0;
    for case in cases {
        let options = Options::read(case);
        let ours = path(&options, Method::Sgd, options.lr, &start, &mut [0.0; 2], &gradients);
        assert_eq!(ours, rows(&case["positions"]), "{}", options.name());
        seen += 1;
    }
    assert_eq!(seen, 8);
}

/// The counterpart of a scheduler of the golden script.
fn counterpart(case: &Value) -> Box<dyn Schedule> {
    let (base, arguments) = (number(&case["base"]), &case["arguments"]);
    let float = |name: &str| number(&arguments[name]);
    let steps = |name: &str| arguments[name].as_u64().unwrap();
    match case["kind"].as_str().unwrap() {
        "StepLR" => {
            let every = steps("step_size");
            let at: Vec<u64> = (1..=20).map(|n| n * every).collect();
            Box::new(StepDecay { base, factor: float("gamma"), at })
        }
        "LinearLR" => {
            let (from, to) = (base * float("start_factor"), base * float("end_factor"));
            Box::new(Linear { from, to, steps: steps("total_iters") })
        }
        "CosineAnnealingLR" => Box::new(Cosine { from: base, to: float("eta_min"), steps: steps("T_max") }),
        "ExponentialLR" => Box::new(Exponential { base, factor: float("gamma"), every: 1, after: 0 }),
        other => panic!("{other}"),
    }
}

#[test]
fn schedulers() {
    let goldens = goldens();
    assert_eq!(list(&goldens["schedules"]).len(), 4);
    for case in list(&goldens["schedules"]) {
        let (schedule, base) = (counterpart(case), number(&case["base"]));
        let (chained, closed) = (vector(&case["chained"]), vector(&case["closed"]));
        for k in 0..closed.len() {
            let ours = schedule.at(k as u64);
            // Both round some six times (a power: once a bit of its exponent), in another order.
            assert!(ulps(ours, closed[k], base) <= 4.0, "{} closed form, step {k}", case["kind"]);
            // PyTorch's loop multiplies the last rate by a ratio: four roundings a step.
            assert!(
                ulps(ours, chained[k], base) <= 2.0 * (k + 2) as f64,
                "{} chained, step {k}",
                case["kind"]
            );
        }
        if case["kind"] == "StepLR" {
            let every = case["arguments"]["step_size"].as_u64().unwrap();
            let same = Exponential { base, factor: number(&case["arguments"]["gamma"]), every, after: 0 };
            assert!((0..closed.len() as u64).all(|k| same.at(k) == schedule.at(k)));
        }
    }
}

#[test]
fn sixty_steps_on_a_quadratic_with_autograd() {
    let goldens = goldens();
    let quadratic = &goldens["quadratic"];
    let start = vector(&quadratic["start"]);
    let hessian: Vec<f64> = rows(&quadratic["hessian"]).concat();
    let landscape = Dense::new(hessian, start.len());
    assert_eq!(list(&quadratic["cases"]).len(), 10);
    for case in list(&quadratic["cases"]) {
        let options = Options::read(case);
        let schedule = match case["scheduler"].as_str() {
            None => Box::new(Constant(options.lr)),
            Some(kind) => {
                let entry = list(&goldens["schedules"]).iter().find(|entry| entry["kind"] == kind);
                counterpart(entry.unwrap())
            }
        };
        let (positions, losses) = (rows(&case["positions"]), vector(&case["losses"]));
        assert!(positions.len() >= 40);
        let (mut x, mut m, mut g) = (start.clone(), vec![0.0; start.len()], vec![0.0; start.len()]);
        let mut ours = Vec::new();
        for (k, &loss) in losses.iter().enumerate() {
            let difference = landscape.loss::<f64, _>(x.as_slice()) - loss;
            assert!(difference.abs() <= 1e-14 * losses[0], "{} loss at {k}: {difference}", options.name());
            landscape.gradient::<f64, _, _>(x.as_slice(), g.as_mut_slice());
            if options.maximize {
                g.iter_mut().for_each(|g| *g = -*g);
            }
            options.step(options.method(), k, schedule.at(k as u64), &mut x, &mut m, &g);
            ours.push(x.clone());
        }
        // The same roundings but for Nesterov's step and the schedule's values (4 units of the base rate, see above), and
        // a stable quadratic forgets them within some ten steps.
        let exact = !options.nesterov && case["scheduler"].is_null();
        let (error, allowed) = (distance(&positions, &ours), if exact { 0.0 } else { 20.0 * f64::EPSILON });
        assert!(error <= allowed, "{} {}: {error}", options.name(), case["scheduler"]);
    }
}

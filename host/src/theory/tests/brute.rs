//! The law of (x, m) as a list of all its atoms: each step branches into every outcome of the oracle. Optimisers are written
//! from their papers here, not from the recurrence.

use crate::experiment::model::{
    Covariance, Experiment, InitialMomentum, LabelExamples, Landscape, Law, Matrix, Noise, Optimizer, Run,
    Sampling, SvagMomentum,
};
use polyak_core::schedule::Schedule as _;

/// One atom.
#[derive(Debug, Clone)]
pub struct Atom {
    pub weight: f64,
    pub x: Vec<f64>,
    pub m: Vec<f64>,
}

/// The law of a run.
pub struct Law2 {
    pub atoms: Vec<Atom>,
}

fn row(matrix: &Matrix, i: usize) -> &[f64] {
    &matrix.entries[i * matrix.columns..(i + 1) * matrix.columns]
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Gradient of example `j` for target `y`.
fn example_gradient(inputs: &Matrix, j: usize, y: f64, x: &[f64]) -> Vec<f64> {
    let residual = dot(row(inputs, j), x) - y;
    row(inputs, j).iter().map(|a| a * residual).collect()
}

/// L.
pub fn loss(landscape: &Landscape, x: &[f64]) -> f64 {
    match landscape {
        Landscape::Linear { gradient } => dot(gradient, x),
        Landscape::Diagonal { curvature } => x.iter().zip(curvature).map(|(x, h)| 0.5 * h * x * x).sum(),
        Landscape::Dense { hessian } => (0..x.len()).map(|i| 0.5 * x[i] * dot(row(hessian, i), x)).sum(),
        Landscape::LeastSquares(data) => {
            let squares = (0..data.targets.len()).map(|j| {
                let residual = dot(row(&data.inputs, j), x) - data.targets[j];
                residual * residual
            });
            squares.sum::<f64>() / (2.0 * data.targets.len() as f64)
        }
        _ => unreachable!(),
    }
}

fn gradient(landscape: &Landscape, x: &[f64]) -> Vec<f64> {
    match landscape {
        Landscape::Linear { gradient } => gradient.clone(),
        Landscape::Diagonal { curvature } => x.iter().zip(curvature).map(|(x, h)| h * x).collect(),
        Landscape::Dense { hessian } => (0..x.len()).map(|i| dot(row(hessian, i), x)).collect(),
        Landscape::LeastSquares(data) => {
            let count = data.targets.len();
            let mut sum = vec![0.0; x.len()];
            for j in 0..count {
                let term = example_gradient(&data.inputs, j, data.targets[j], x);
                sum.iter_mut().zip(&term).for_each(|(s, t)| *s += t / count as f64);
            }
            sum
        }
        _ => unreachable!(),
    }
}

/// All (probability, gradient) of one draw. Additive and label noise must be Rademacher.
fn outcomes(experiment: &Experiment, scale: f64, x: &[f64]) -> Vec<(f64, Vec<f64>)> {
    let d = x.len();
    let mean = gradient(&experiment.landscape, x);
    let signs = |bits: usize, i: usize| if bits >> i & 1 == 0 { 1.0 } else { -1.0 };
    match (&experiment.noise, &experiment.landscape) {
        (Noise::None, _) => vec![(1.0, mean)],
        (Noise::Additive { law, covariance }, _) => {
            assert_eq!(*law, Law::Rademacher);
            let one = |bits: usize| {
                let z: Vec<f64> = (0..d).map(|i| signs(bits, i)).collect();
                let v: Vec<f64> = match covariance {
                    Covariance::Identity => z,
                    Covariance::Diagonal(s) => z.iter().zip(s).map(|(z, s)| z * s.sqrt()).collect(),
                    Covariance::Dense(matrix) => {
                        let factor = cholesky(matrix);
                        (0..d).map(|i| dot(&factor[i], &z)).collect()
                    }
                    Covariance::StateDependent { constant, quadratic } => {
                        (0..d).map(|i| z[i] * (constant[i] + quadratic[i] * x[i] * x[i]).sqrt()).collect()
                    }
                };
                (1.0 / (1 << d) as f64, mean.iter().zip(&v).map(|(g, v)| g + scale * v).collect())
            };
            (0..1 << d).map(one).collect()
        }
        (Noise::Label { law, examples }, Landscape::LeastSquares(data)) => {
            assert_eq!(*law, Law::Rademacher);
            let count = data.targets.len();
            let shifted = |shift: &dyn Fn(usize) -> f64| {
                let mut sum = vec![0.0; d];
                for j in 0..count {
                    let term = example_gradient(&data.inputs, j, data.targets[j] + shift(j), x);
                    sum.iter_mut().zip(&term).for_each(|(s, t)| *s += t / count as f64);
                }
                sum
            };
            match examples {
                LabelExamples::All => (0..1_usize << count)
                    .map(|bits| (1.0 / (1 << count) as f64, shifted(&|j| scale * signs(bits, j))))
                    .collect(),
                LabelExamples::One => (0..2 * count)
                    .map(|choice| {
                        let shift = |j| if j == choice / 2 { scale * signs(choice, 0) } else { 0.0 };
                        (0.5 / count as f64, shifted(&shift))
                    })
                    .collect(),
            }
        }
        (Noise::MiniBatch { batch, sampling }, Landscape::LeastSquares(data)) => {
            let count = data.targets.len();
            let tuples = (0..count.pow(*batch as u32))
                .map(|code| (0..*batch as u32).map(|i| code / count.pow(i) % count).collect::<Vec<_>>());
            let distinct = |t: &Vec<usize>| (0..t.len()).all(|i| !t[..i].contains(&t[i]));
            let keep = |t: &Vec<usize>| *sampling == Sampling::WithReplacement || distinct(t);
            let tuples: Vec<_> = tuples.filter(keep).collect();
            let probability = 1.0 / tuples.len() as f64;
            let mean_of = |tuple: &Vec<usize>| {
                let mut sum = vec![0.0; d];
                for &j in tuple {
                    let term = example_gradient(&data.inputs, j, data.targets[j], x);
                    sum.iter_mut().zip(&term).for_each(|(s, t)| *s += t / *batch as f64);
                }
                (probability, sum)
            };
            tuples.iter().map(mean_of).collect()
        }
        _ => unreachable!(),
    }
}

fn cholesky(matrix: &Matrix) -> Vec<Vec<f64>> {
    let d = matrix.rows;
    let mut factor = vec![vec![0.0; d]; d];
    for i in 0..d {
        for j in 0..=i {
            let sum = row(matrix, i)[j] - dot(&factor[i][..j], &factor[j][..j]);
            factor[i][j] = if i == j { sum.sqrt() } else { sum / factor[j][j] };
        }
    }
    factor
}

/// One draw, or two mixed by SVAG.
fn draws(experiment: &Experiment, run: &Run, x: &[f64]) -> Vec<(f64, Vec<f64>)> {
    let single = outcomes(experiment, run.noise_scale, x);
    let Some(svag) = run.svag else { return single };
    let root = (2.0 * svag.ell - 1.0).sqrt();
    let (r1, r2) = (0.5 * (1.0 - root), 0.5 * (1.0 + root));
    let mut mixed = Vec::new();
    for (p1, g1) in &single {
        for (p2, g2) in &single {
            let g = g1.iter().zip(g2).map(|(g1, g2)| r1 * g1 + r2 * g2).collect();
            mixed.push((p1 * p2, g));
        }
    }
    mixed
}

/// (η, β) of step k under SVAG's protocol.
fn parameters(run: &Run, k: u64) -> (f64, f64) {
    match run.svag {
        None => (run.learning_rate.at(k), run.momentum.at(&run.learning_rate, k)),
        Some(svag) => {
            let base = (k as f64 / svag.ell).floor() as u64;
            let beta = run.momentum.at(&run.learning_rate, base);
            let beta = match svag.momentum {
                SvagMomentum::Keep => beta,
                SvagMomentum::Scale => 1.0 - (1.0 - beta) / svag.ell,
            };
            (run.learning_rate.at(base) / svag.ell, beta)
        }
    }
}

/// One coordinate's step, as each paper writes it.
fn step(run: &Run, k: u64, x: f64, m: f64, g: f64) -> (f64, f64) {
    let (eta, beta) = parameters(run, k);
    let g = if run.maximize { -g } else { g } + run.weight_decay * x;
    match run.optimizer {
        Optimizer::Sgd => (x - eta * g, 0.0),
        Optimizer::Sgdm => {
            let m = beta * m + (1.0 - beta) * g;
            (x - eta * m, m)
        }
        Optimizer::HeavyBall { dampening, nesterov, first_step } => {
            let b = if first_step && k == 0 { g } else { beta * m + (1.0 - dampening) * g };
            let along = if nesterov { g + beta * b } else { b };
            (x - eta * along, b)
        }
        Optimizer::Qhm { nu } => {
            let d = beta * m + (1.0 - beta) * g;
            (x - eta * ((1.0 - nu) * g + nu * d), d)
        }
    }
}

impl Law2 {
    /// The law after `steps` steps.
    pub fn of(experiment: &Experiment, run: &Run, steps: u64) -> Self {
        let d = experiment.dimension();
        let x = experiment.start.clone();
        let atom = |weight, m| Atom { weight, x: x.clone(), m };
        let mut atoms = match &run.initial_momentum {
            _ if run.optimizer == Optimizer::Sgd => vec![atom(1.0, vec![0.0; d])],
            InitialMomentum::Zero => vec![atom(1.0, vec![0.0; d])],
            InitialMomentum::Given(m) => vec![atom(1.0, m.clone())],
            InitialMomentum::Stationary => {
                let (_, beta) = parameters(run, 0);
                let shrink = ((1.0 - beta) / (1.0 + beta)).sqrt();
                let gain = match run.optimizer {
                    Optimizer::HeavyBall { .. } => 1.0 / (1.0 - beta),
                    _ => 1.0,
                };
                let mean = gradient(&experiment.landscape, &x);
                let m0 = |g: &Vec<f64>| {
                    let drawn = mean.iter().zip(g).map(|(mean, g)| mean + shrink * (g - mean));
                    let sign = if run.maximize { -1.0 } else { 1.0 };
                    drawn.zip(&x).map(|(g, x)| gain * (sign * g + run.weight_decay * x)).collect()
                };
                draws(experiment, run, &x).iter().map(|(p, g)| atom(*p, m0(g))).collect()
            }
        };
        for k in 0..steps {
            let mut next = Vec::new();
            for atom in &atoms {
                for (p, g) in draws(experiment, run, &atom.x) {
                    let moved = (0..d).map(|i| step(run, k, atom.x[i], atom.m[i], g[i]));
                    let (x, m) = moved.unzip();
                    next.push(Atom { weight: atom.weight * p, x, m });
                }
            }
            atoms = next;
        }
        assert!(atoms.len() < 1 << 20);
        Self { atoms }
    }

    pub fn expect(&self, f: impl Fn(&Atom) -> f64) -> f64 {
        // Neumaier's sum: there are up to 2²⁰ atoms.
        let (mut sum, mut lost) = (0.0_f64, 0.0);
        for atom in &self.atoms {
            let term = atom.weight * f(atom);
            let next = sum + term;
            lost += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
            sum = next;
        }
        sum + lost
    }

    pub fn covariance(&self, f: impl Fn(&Atom) -> f64, g: impl Fn(&Atom) -> f64) -> f64 {
        let (a, b) = (self.expect(&f), self.expect(&g));
        self.expect(|atom| (f(atom) - a) * (g(atom) - b))
    }

    pub fn central_moment(&self, i: usize, order: u32) -> f64 {
        let mean = self.expect(|atom| atom.x[i]);
        self.expect(|atom| (0..order).fold(1.0, |p, _| p * (atom.x[i] - mean)))
    }
}

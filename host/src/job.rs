//! An experiment rounded once to its precision: what every back end gets to work on.

use polyak_core::landscape::{
    AnyFiniteSum, AnyLandscape, Dense, Diagonal, DiagonalNetwork, DoubleWell, Hyperbola, LeastSquares,
    Linear, MatrixSensing, Rosenbrock, Valley,
};
use polyak_core::network::{AnyActivation, AnyLoss, Network, Shape, Table};
use polyak_core::optimizer::{Coefficients, Update};
use polyak_core::oracle::{AnyNoise, AnyOracle, Covariance, Exact, LabelExamples, Sampling};
use polyak_core::random::{Law, StudentT};
use polyak_core::real::Scalar;
use polyak_lanes::{Centre, Chunk, JobLandscape, JobNetwork, JobOracle, Numbers, Steps};

use crate::backend::{COVARIANCE_DIMENSION, Layout};
use crate::centre::Start;
use crate::experiment::model::{self, Experiment, InitialMomentum, Matrix, Observe, Output, Rng, Run};
use crate::plan::{self, Plan};

/// All runs of an experiment in precision `S`.
#[derive(Debug, Clone)]
pub struct Job<S> {
    /// Seed of every stream.
    pub seed: u64,
    /// Generator of the streams.
    pub rng: Rng,
    /// n.
    pub trajectories: u64,
    /// d.
    pub dimension: usize,
    /// x₀.
    pub start: Vec<S>,
    /// L.
    pub landscape: JobLandscape<S>,
    /// The network over examples that are not trained on, if there are any.
    pub test: Option<JobNetwork<S>>,
    /// Cards that an oracle without replacement needs a lane; 0 for the others.
    pub deck: u32,
    /// What is watched.
    pub observe: Observe,
    /// Whether anything is made of the final states: if not, a back end may leave them and the final losses out.
    pub final_states: bool,
    /// The runs.
    pub runs: Vec<RunJob<S>>,
}

/// One run in precision `S`.
#[derive(Debug, Clone)]
pub struct RunJob<S> {
    /// Its oracle.
    pub oracle: JobOracle<S>,
    /// Its update rule.
    pub update: Update<S>,
    /// Its coefficients.
    pub steps: Steps<S>,
    /// Its plan.
    pub plan: Plan,
    /// m₀ where it is given.
    pub initial_momentum: Vec<S>,
    /// The step that draws m₀ where it is not.
    pub draw_momentum: Option<Coefficients<S>>,
    /// A path near the ensemble at each observed step.
    pub centre: Centre<S>,
}

fn round<S: Scalar>(values: &[f64]) -> Numbers<S> {
    values.iter().map(|&value| S::from_f64(value)).collect()
}

impl<S: Scalar> Job<S> {
    /// Rounds an experiment.
    pub fn new(experiment: &Experiment) -> Self {
        let landscape = landscape(&experiment.landscape, experiment.dimension());
        let deck = match (&experiment.noise, &landscape) {
            (model::Noise::MiniBatch { sampling: model::Sampling::WithReplacement, .. }, _) => 0,
            (model::Noise::MiniBatch { .. }, AnyLandscape::FiniteSum(sum)) => {
                polyak_core::landscape::FiniteSum::<S>::examples(sum)
            }
            _ => 0,
        };
        let start: Vec<S> = round(&experiment.start).to_vec();
        let given = Given { experiment, landscape: &landscape, start: &start, deck };
        let runs = experiment.runs.iter().map(|run| RunJob::new(&given, run)).collect();
        Self {
            seed: experiment.seed,
            rng: experiment.rng,
            trajectories: experiment.trajectories,
            dimension: experiment.dimension(),
            start,
            landscape,
            test: test(&experiment.landscape),
            deck,
            observe: experiment.observe.clone(),
            final_states: uses_final_states(experiment),
            runs,
        }
    }
}

/// Whether the files of an experiment hold final states, or what is made of them.
fn uses_final_states(experiment: &Experiment) -> bool {
    let Output { final_states, plots, digest, .. } = experiment.output;
    // Runs are compared trajectory by trajectory.
    let compared = experiment.runs.len() > 1;
    final_states || plots || digest || compared || !experiment.observe.histograms.is_empty()
}

impl<S> Job<S> {
    /// Whether the loss is evaluated at every step.
    pub fn watches_loss(&self) -> bool {
        self.observe.loss_variation || self.observe.loss_below.is_some()
    }

    /// Units of the network, its inputs counted; 0 if the landscape is none.
    pub fn units(&self) -> usize {
        match &self.landscape {
            AnyLandscape::FiniteSum(AnyFiniteSum::Network(network)) => network.shape().units(),
            _ => 0,
        }
    }

    /// The layout of the results.
    pub fn layout(&self) -> Layout {
        let observe = &self.observe;
        Layout {
            dimension: self.dimension,
            powers: (5..=observe.moments.iter().copied().max().unwrap_or(0)).collect(),
            path_length: observe.path_length,
            loss_variation: observe.loss_variation,
            test: self.test.is_some(),
            covariance: self.dimension <= COVARIANCE_DIMENSION,
            paths: usize::try_from(observe.paths).unwrap_or(usize::MAX),
        }
    }

    /// The `count` trajectories from `first` on under one run (by its index).
    pub fn chunk<'a>(&'a self, run: usize, layout: &'a Layout, first: u64, count: usize) -> Chunk<'a, S> {
        let run = &self.runs[run];
        Chunk {
            seed: self.seed,
            rng: self.rng,
            first,
            count,
            layout,
            landscape: &self.landscape,
            test: self.test.as_ref(),
            deck: self.deck,
            loss_below: self.observe.loss_below,
            oracle: &run.oracle,
            update: &run.update,
            steps: &run.steps,
            observed: &run.plan.observed,
            start: &self.start,
            initial_momentum: &run.initial_momentum,
            draw_momentum: run.draw_momentum.as_ref(),
            centre: &run.centre,
        }
    }
}

/// What all runs of a job share.
struct Given<'a, S> {
    experiment: &'a Experiment,
    landscape: &'a JobLandscape<S>,
    start: &'a [S],
    deck: u32,
}

impl<S: Scalar> RunJob<S> {
    fn new(given: &Given<S>, run: &Run) -> Self {
        let &Given { experiment, landscape, start, deck } = given;
        let plan = Plan::new(run, &experiment.observe);
        let oracle = AnyOracle {
            landscape: landscape.clone(),
            noise: noise(experiment, run),
            svag: plan.svag.map(|weights| weights.map(S::from_f64)),
        };
        let weight_decay = (run.weight_decay != 0.0).then(|| S::from_f64(run.weight_decay));
        let update = Update { form: plan.method.form(), maximize: run.maximize, weight_decay };
        let steps = plan::steps(run);
        let (initial_momentum, draw_momentum) = match &run.initial_momentum {
            InitialMomentum::Zero => (vec![S::ZERO; start.len()], None),
            InitialMomentum::Given(m) => (round(m).to_vec(), None),
            InitialMomentum::Stationary => {
                let (momentum, gain) = (run.hyperparameters(0).1, run.initial_momentum_gain());
                let draw = Coefficients::draw_momentum(momentum, gain).round();
                (vec![S::ZERO; start.len()], Some(draw))
            }
        };
        let path = Start {
            landscape: landscape.clone(),
            update,
            steps: steps.clone(),
            draw_momentum,
            x: start.to_vec(),
            m: initial_momentum.clone(),
            seed: experiment.seed,
            deck,
        };
        let centre = match landscape {
            // The whole gradient of a data set costs as much as hundreds of batches.
            AnyLandscape::FiniteSum(AnyFiniteSum::Network(_)) => path.centre(oracle.clone(), true, &plan),
            _ => path.centre(Exact(landscape.clone()), false, &plan),
        };
        Self { oracle, update, steps, plan, initial_momentum, draw_momentum, centre }
    }
}

fn landscape<S: Scalar>(landscape: &model::Landscape, dimension: usize) -> JobLandscape<S> {
    use model::Landscape as L;
    match landscape {
        L::Linear { gradient } => AnyLandscape::Linear(Linear(round(gradient))),
        L::Diagonal { curvature } => AnyLandscape::Diagonal(Diagonal(round(curvature))),
        L::Dense { hessian } => AnyLandscape::Dense(Dense::new(round(&hessian.entries), dimension)),
        L::Valley => AnyLandscape::Valley(Valley),
        L::Hyperbola => AnyLandscape::FiniteSum(AnyFiniteSum::Hyperbola(Hyperbola)),
        L::Rosenbrock { a, b } => {
            AnyLandscape::Rosenbrock(Rosenbrock { a: S::from_f64(*a), b: S::from_f64(*b), dimension })
        }
        L::DoubleWell { width } => {
            AnyLandscape::DoubleWell(DoubleWell { width: S::from_f64(*width), dimension })
        }
        L::DiagonalNetwork(data) => {
            let network = DiagonalNetwork::new(round(&data.inputs.entries), round(&data.targets), dimension);
            AnyLandscape::FiniteSum(AnyFiniteSum::DiagonalNetwork(network))
        }
        L::LeastSquares(data) => {
            let squares = LeastSquares::new(round(&data.inputs.entries), round(&data.targets), dimension);
            AnyLandscape::FiniteSum(AnyFiniteSum::LeastSquares(squares))
        }
        L::MatrixSensing { data, rank } => {
            let (matrices, targets) = (round(&data.inputs.entries), round(&data.targets));
            let sensing = MatrixSensing::new(matrices, targets, dimension / rank, *rank);
            AnyLandscape::FiniteSum(AnyFiniteSum::MatrixSensing(sensing))
        }
        L::Network(network) => AnyLandscape::FiniteSum(AnyFiniteSum::Network(over(network, &network.data))),
    }
}

/// A network over one of its data sets.
fn over<S: Scalar>(network: &model::Network, data: &model::Data) -> JobNetwork<S> {
    let activation = match network.activation {
        model::Activation::Relu => AnyActivation::Relu,
        model::Activation::Tanh => AnyActivation::Tanh,
        model::Activation::Sigmoid => AnyActivation::Sigmoid,
        model::Activation::Identity => AnyActivation::Identity,
    };
    let loss = match network.loss {
        model::NetworkLoss::CrossEntropy => AnyLoss::CrossEntropy,
        model::NetworkLoss::Squared => AnyLoss::SquaredError,
        model::NetworkLoss::Reconstruction => AnyLoss::Reconstruction,
    };
    let (inputs, targets) = (round(&data.inputs.entries), round(&data.targets));
    let examples = Table { inputs, targets, columns: data.inputs.columns };
    let shape = Shape::new(&network.layers).expect("the reader has checked the widths");
    Network::new(shape, activation, loss, examples).expect("the reader has counted the units")
}

/// The network over its held-out examples.
fn test<S: Scalar>(landscape: &model::Landscape) -> Option<JobNetwork<S>> {
    match landscape {
        model::Landscape::Network(network) => Some(over(network, network.test.as_ref()?)),
        _ => None,
    }
}

fn noise<S: Scalar>(experiment: &Experiment, run: &Run) -> AnyNoise<Numbers<S>, S> {
    let scale = S::from_f64(run.noise_scale);
    match &experiment.noise {
        model::Noise::None => AnyNoise::None,
        model::Noise::Additive { law, covariance } => {
            AnyNoise::Additive { covariance: factor(covariance), law: core_law(*law), scale }
        }
        model::Noise::Label { law, examples } => AnyNoise::Label {
            law: core_law(*law),
            scale,
            examples: match examples {
                model::LabelExamples::One => LabelExamples::One,
                model::LabelExamples::All => LabelExamples::All,
            },
        },
        model::Noise::MiniBatch { batch, sampling } => AnyNoise::MiniBatch {
            batch: u32::try_from(*batch).unwrap_or(u32::MAX),
            sampling: match sampling {
                model::Sampling::WithReplacement => Sampling::WithReplacement,
                model::Sampling::WithoutReplacement => Sampling::WithoutReplacement,
                model::Sampling::Epochs => Sampling::Epochs,
            },
        },
    }
}

/// The core's law; the parser has checked ν.
pub fn core_law<S: Scalar>(law: model::Law) -> Law<S> {
    match law {
        model::Law::Gaussian => Law::Gaussian,
        model::Law::Rademacher => Law::Rademacher,
        model::Law::Uniform => Law::Uniform,
        model::Law::Laplace => Law::Laplace,
        model::Law::StudentT { degrees_of_freedom } => {
            StudentT::new(degrees_of_freedom).map_or(Law::Gaussian, Law::StudentT)
        }
    }
}

fn factor<S: Scalar>(covariance: &model::Covariance) -> Covariance<Numbers<S>> {
    match covariance {
        model::Covariance::Identity => Covariance::Identity,
        model::Covariance::Diagonal(variances) => {
            let deviations: Vec<f64> = variances.iter().map(|variance| variance.sqrt()).collect();
            Covariance::Diagonal(round(&deviations))
        }
        model::Covariance::Dense(matrix) => Covariance::Dense(round(&cholesky(matrix))),
        model::Covariance::StateDependent { constant, quadratic } => {
            Covariance::StateDependent { constant: round(constant), quadratic: round(quadratic) }
        }
    }
}

/// The lower triangle B, column by column, of Σ = BBᵀ for a symmetric positive semidefinite Σ: a pivot that vanishes (up to
/// rounding) gives a column of zeros.
pub fn cholesky(matrix: &Matrix) -> Vec<f64> {
    let d = matrix.rows;
    let mut columns = vec![0.0; d * d];
    let largest = (0..d).map(|i| matrix.entries[i * d + i]).fold(0.0, f64::max);
    for j in 0..d {
        let mut column: Vec<f64> = (j..d).map(|i| matrix.entries[i * d + j]).collect();
        for earlier in columns[..j * d].chunks_exact(d) {
            for (value, &b) in column.iter_mut().zip(&earlier[j..]) {
                *value -= b * earlier[j];
            }
        }
        let pivot = column[0];
        if pivot > largest * d as f64 * f64::EPSILON {
            let root = pivot.sqrt();
            for (place, value) in columns[j * d + j..(j + 1) * d].iter_mut().zip(column) {
                *place = value / root;
            }
        }
    }
    columns
}

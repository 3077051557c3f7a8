//! An experiment with every default filled in and every list expanded: what the parser makes and what
//! the back ends, the theory and the reports read. All numbers are `f64` here; a run rounds them once to its precision.

use std::path::PathBuf;

pub use polyak_lanes::Rng;

use crate::schedule::Schedule;

/// A whole experiment: one landscape, one noise, any number of runs over the same streams.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Name: the file's stem unless the file says otherwise.
    pub name: String,
    /// Seed of every stream.
    pub seed: u64,
    /// Number of trajectories, at least 1.
    pub trajectories: u64,
    /// Precision of the simulated arithmetic.
    pub precision: Precision,
    /// Generator behind the streams.
    pub rng: Rng,
    /// The loss.
    pub landscape: Landscape,
    /// Start point x₀, of the landscape's dimension.
    pub start: Vec<f64>,
    /// The gradient oracle.
    pub noise: Noise,
    /// The runs, sweeps expanded, names unique.
    pub runs: Vec<Run>,
    /// What is measured on the way.
    pub observe: Observe,
    /// What is written.
    pub output: Output,
}

impl Experiment {
    /// Dimension d of the landscape.
    pub fn dimension(&self) -> usize {
        self.start.len()
    }
}

/// Floating-point format of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
}

/// A real matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
    /// `rows · columns` entries, row by row.
    pub entries: Vec<f64>,
}

/// Examples of a finite sum: N rows of inputs and N targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// N × d inputs.
    pub inputs: Matrix,
    /// N targets.
    pub targets: Vec<f64>,
}

/// A loss L.
#[derive(Debug, Clone, PartialEq)]
pub enum Landscape {
    /// L = cᵀx.
    Linear {
        /// c, of dimension d.
        gradient: Vec<f64>,
    },
    /// L = ½ Σ hᵢxᵢ².
    Diagonal {
        /// h, of dimension d.
        curvature: Vec<f64>,
    },
    /// L = ½ xᵀHx.
    Dense {
        /// H, d × d and symmetric.
        hessian: Matrix,
    },
    /// L = ½(1 + y²)x², d = 2, coordinates (x, y).
    Valley,
    /// L = ½(uv − 1)², d = 2, coordinates (u, v).
    Hyperbola,
    /// L = Σ (a − xᵢ)² + b(xᵢ₊₁ − xᵢ²)², d ≥ 2.
    Rosenbrock {
        /// a.
        a: f64,
        /// b.
        b: f64,
    },
    /// L = ¼ Σ (xᵢ² − w²)².
    DoubleWell {
        /// w > 0: the minima are at ±w.
        width: f64,
    },
    /// L = (1/4N) Σⱼ (⟨v⊙v, aⱼ⟩ − yⱼ)².
    DiagonalNetwork(Data),
    /// L = (1/2N) Σⱼ (⟨aⱼ, x⟩ − yⱼ)².
    LeastSquares(Data),
    /// L = (1/4N) Σⱼ (⟨Aⱼ, UUᵀ⟩ − yⱼ)², x = U, p × r, column after column.
    MatrixSensing {
        /// N rows of p² numbers, the symmetric Aⱼ; N targets.
        data: Data,
        /// r.
        rank: usize,
    },
    /// L = (1/N) Σⱼ ℓ(f(aⱼ; x), yⱼ), f dense layers.
    Network(Network),
}

impl Landscape {
    /// The examples that it is a mean over, if it has a data set.
    pub fn data(&self) -> Option<&Data> {
        match self {
            Self::DiagonalNetwork(data) | Self::LeastSquares(data) | Self::MatrixSensing { data, .. } => {
                Some(data)
            }
            Self::Network(network) => Some(&network.data),
            _ => None,
        }
    }
}

/// Dense layers over a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Widths of the inputs and of each layer.
    pub layers: Vec<usize>,
    /// φ of the hidden layers.
    pub activation: Activation,
    /// ℓ.
    pub loss: NetworkLoss,
    /// The examples.
    pub data: Data,
    /// Examples that are not trained on, to be looked at.
    pub test: Option<Data>,
}

/// φ of a hidden unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// max(z, 0).
    Relu,
    /// tanh z.
    Tanh,
    /// 1/(1 + e⁻ᶻ).
    Sigmoid,
    /// z.
    Identity,
}

/// ℓ of a network's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkLoss {
    /// Softmax cross-entropy; the target is a class.
    CrossEntropy,
    /// ½|f − t|², t the target or, with more than one output, the vector that is 1 at the target's class and 0 elsewhere.
    Squared,
    /// ½|f − a|²: the targets are the inputs.
    Reconstruction,
}

/// A law with mean 0 and variance 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Law {
    /// Standard normal.
    Gaussian,
    /// ±1.
    Rademacher,
    /// Uniform on [−√3, √3].
    Uniform,
    /// Laplace with scale 1/√2.
    Laplace,
    /// Student t with ν > 2 degrees of freedom, divided by its standard deviation.
    StudentT {
        /// ν > 2.
        degrees_of_freedom: f64,
    },
}

/// Covariance Σ of the unit noise v.
#[derive(Debug, Clone, PartialEq)]
pub enum Covariance {
    /// Σ = 1.
    Identity,
    /// Σ = diag(s), s ≥ 0.
    Diagonal(Vec<f64>),
    /// Any symmetric positive semidefinite Σ (d × d).
    Dense(Matrix),
    /// Σ(x) = diag(cᵢ + qᵢxᵢ²), c, q ≥ 0.
    StateDependent {
        /// c, of dimension d.
        constant: Vec<f64>,
        /// q, of dimension d.
        quadratic: Vec<f64>,
    },
}

/// The gradient oracle.
#[derive(Debug, Clone, PartialEq)]
pub enum Noise {
    /// g = ∇L.
    None,
    /// NGOS, MV definition 2.1: g = ∇L(x) + σ v, σ given by each run ([`Run::noise_scale`]).
    Additive {
        /// Law of the independent components before Σ^{1/2}.
        law: Law,
        /// Σ.
        covariance: Covariance,
    },
    /// Targets replaced by y + δξ, δ given by each run ([`Run::noise_scale`]).
    Label {
        /// Law of ξ.
        law: Law,
        /// On which examples.
        examples: LabelExamples,
    },
    /// Mean gradient of a batch of a finite sum.
    MiniBatch {
        /// Batch size B, 1 ≤ B ≤ N.
        batch: usize,
        /// How the batch is drawn.
        sampling: Sampling,
    },
}

/// Which examples carry label noise in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelExamples {
    /// One example, uniformly at random each step.
    One,
    /// Every example, independently.
    All,
}

/// How a mini-batch is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// B independent examples.
    WithReplacement,
    /// B different examples, afresh each step.
    WithoutReplacement,
    /// The next B of a shuffled epoch (B divides N).
    Epochs,
}

/// One optimiser with its hyperparameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Unique name.
    pub name: String,
    /// The method.
    pub optimizer: Optimizer,
    /// η (γ for the heavy ball), before SVAG divides it by ℓ.
    pub learning_rate: Schedule,
    /// β as a function of the step; constant 0 for SGD.
    pub momentum: Momentum,
    /// λ of PyTorch's weight decay: g ← g + λx.
    pub weight_decay: f64,
    /// Climb instead of descend: g ← −g before weight decay.
    pub maximize: bool,
    /// m₀.
    pub initial_momentum: InitialMomentum,
    /// SVAG, if any.
    pub svag: Option<Svag>,
    /// Steps K before SVAG multiplies them by ℓ; at least 1.
    pub steps: u64,
    /// σ (or δ of label noise); 0 where there is none.
    pub noise_scale: f64,
}

/// The update rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Optimizer {
    /// MV (2).
    Sgd,
    /// MV (3).
    Sgdm,
    /// MV (1), `torch.optim.SGD`.
    HeavyBall {
        /// τ.
        dampening: f64,
        /// Nesterov's look-ahead (needs τ = 0 and β > 0).
        nesterov: bool,
        /// PyTorch's rule that the first step sets b ← g whatever τ.
        first_step: bool,
    },
    /// Quasi-hyperbolic momentum.
    Qhm {
        /// ν in \[0, 1\].
        nu: f64,
    },
}

/// β as a function of the step.
#[derive(Debug, Clone, PartialEq)]
pub enum Momentum {
    /// Given directly.
    Schedule(Schedule),
    /// 1 − β_k = λ η_k^α (MV 3.1).
    Power {
        /// λ > 0.
        lambda: f64,
        /// α in \[0, 1\].
        alpha: f64,
    },
    /// 1 − β_k = C γ_k^{2/3} (FF), γ the heavy-ball rate.
    FlatterFaster {
        /// C > 0.
        constant: f64,
    },
}

/// m₀.
#[derive(Debug, Clone, PartialEq)]
pub enum InitialMomentum {
    /// m₀ = 0.
    Zero,
    /// A given vector of dimension d.
    Given(Vec<f64>),
    /// Drawn from the stationary law of MV 3.1: m₀ = ±(∇L(x₀) + √((1−β₀)/(1+β₀)) σ v) + λx₀, the sign and λ those of the run.
    Stationary,
}

/// SVAG(ℓ), MV 5.1 and 5.2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Svag {
    /// ℓ ≥ ½.
    pub ell: f64,
    /// What becomes of the momentum.
    pub momentum: SvagMomentum,
}

/// The momentum under SVAG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SvagMomentum {
    /// β kept (MV 5.2).
    Keep,
    /// 1 − β divided by ℓ (Malladi et al. 2022).
    Scale,
}

/// What is measured on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Observe {
    /// Every so many base steps (SVAG's ℓ-fold steps count 1/ℓ); the first and the last are always in.
    pub every: u64,
    /// Further raw moments about the mean to report, beyond the first four.
    pub moments: Vec<u32>,
    /// Path length Σ|x_{k+1} − x_k|.
    pub path_length: bool,
    /// Loss variation Σ|L_{k+1} − L_k|.
    pub loss_variation: bool,
    /// First step at which the loss is below this value.
    pub loss_below: Option<f64>,
    /// Histograms of single coordinates at the end.
    pub histograms: Vec<Histogram>,
    /// Number of whole trajectories to record for the picture.
    pub paths: u64,
}

/// A histogram of one coordinate at the end of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Histogram {
    /// Coordinate, from 0.
    pub coordinate: usize,
    /// Lower edge.
    pub from: f64,
    /// Upper edge, above `from`.
    pub to: f64,
    /// Number of bins, at least 1.
    pub bins: usize,
}

/// What is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Folder; `None`: `polyak-out/<name>`.
    pub directory: Option<PathBuf>,
    /// Final states as `.npy`.
    pub final_states: bool,
    /// Plots as SVG and PNG.
    pub plots: bool,
    /// A digest of the final states in `summary.json`.
    pub digest: bool,
}

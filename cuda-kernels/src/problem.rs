//! An oracle as a [`Problem`]: the enumerations of the core have no fixed layout, these structures have. [`encoded`](crate::encoded) is
//! the way back.

use polyak_core::landscape::{
    AnyFiniteSum, AnyLandscape, AnyNetwork, Diagonal, DoubleWell, FiniteSum, Hyperbola, Landscape as _,
    Linear, Rosenbrock, Valley,
};
use polyak_core::network::{AnyActivation, AnyLoss, Shape, Table};
use polyak_core::optimizer::{Form, Update};
use polyak_core::oracle::{AnyNoise, AnyOracle, Covariance, LabelExamples, Sampling};
use polyak_core::random::{Law, StudentT};
use polyak_core::real::Scalar;

use crate::launch::{Address, Layers, Problem, Run, flag};

macro_rules! kinds {
    ($(#[$doc:meta] $name:ident: $($kind:ident)*;)*) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u32)]
        #[allow(missing_docs, reason = "the names are those of the core's types")]
        pub enum $name {
            $($kind,)*
        }
    )*};
}

kinds! {
    /// The landscapes of [`AnyLandscape`].
    LandscapeKind: Linear Diagonal Dense Valley Rosenbrock DoubleWell Hyperbola LeastSquares DiagonalNetwork MatrixSensing Network;
    /// The noises of [`AnyNoise`].
    NoiseKind: None Additive Label MiniBatch;
    /// The covariances of [`Covariance`].
    CovarianceKind: Identity Diagonal Dense StateDependent;
    /// The laws of [`Law`].
    LawKind: Gaussian Rademacher Uniform Laplace StudentT;
    /// [`LabelExamples`] and [`Sampling`].
    Choice: One All WithReplacement WithoutReplacement Epochs;
    /// The activations of [`AnyActivation`].
    ActivationKind: Relu Tanh Sigmoid Identity;
    /// The losses of [`AnyLoss`].
    LossKind: CrossEntropy SquaredError Reconstruction;
}

impl<S: Scalar> Problem<S> {
    /// What all runs of an experiment share of an oracle; `place` puts numbers on the device. What differs from run to run (the scale
    /// and SVAG's weights) is not here.
    /// Label noise and mini-batches of what is no finite sum are nothing, as in [`AnyOracle`].
    pub fn encode<A: AsRef<[S]>, const UNITS: usize>(
        oracle: &AnyOracle<A, S, UNITS>,
        mut place: impl FnMut(&[S]) -> Address,
    ) -> Self {
        let mut problem = Self {
            landscape: LandscapeKind::Linear,
            noise: NoiseKind::None,
            covariance: CovarianceKind::Identity,
            law: LawKind::Gaussian,
            dimension: oracle.landscape.dimension() as u32,
            examples: 0,
            batch: 0,
            choice: Choice::One,
            cards: 0,
            rank: 0,
            network: Layers::default(),
            landscape_numbers: [0; 2],
            covariance_numbers: [0; 2],
            landscape_scalars: [S::ZERO; 2],
            law_scalars: [S::ZERO; 2],
        };
        problem.set_landscape(&oracle.landscape, &mut place);
        let finite_sum = matches!(oracle.landscape, AnyLandscape::FiniteSum(_));
        match &oracle.noise {
            AnyNoise::None => {}
            AnyNoise::Label { .. } | AnyNoise::MiniBatch { .. } if !finite_sum => {}
            AnyNoise::Additive { covariance, law, .. } => {
                problem.noise = NoiseKind::Additive;
                problem.set_covariance(covariance, &mut place);
                problem.set_law(*law);
            }
            AnyNoise::Label { law, examples, .. } => {
                problem.noise = NoiseKind::Label;
                problem.set_law(*law);
                problem.choice = match examples {
                    LabelExamples::One => Choice::One,
                    LabelExamples::All => Choice::All,
                };
            }
            &AnyNoise::MiniBatch { batch, sampling } => {
                problem.noise = NoiseKind::MiniBatch;
                problem.batch = batch;
                problem.choice = match sampling {
                    Sampling::WithReplacement => Choice::WithReplacement,
                    Sampling::WithoutReplacement => Choice::WithoutReplacement,
                    Sampling::Epochs => Choice::Epochs,
                };
                if sampling != Sampling::WithReplacement {
                    problem.cards = problem.examples;
                }
            }
        }
        problem
    }

    /// Adds the examples that a network is tested on.
    pub fn set_test<A: AsRef<[S]>, const UNITS: usize>(
        &mut self,
        test: &AnyNetwork<A, UNITS>,
        mut place: impl FnMut(&[S]) -> Address,
    ) {
        let Table { inputs, targets, .. } = test.examples();
        self.network.test_examples = FiniteSum::<S>::examples(test);
        self.network.test_numbers = [inputs, targets].map(|numbers| place(numbers.as_ref()));
    }

    fn set_landscape<A: AsRef<[S]>, const UNITS: usize>(
        &mut self,
        landscape: &AnyLandscape<A, S, UNITS>,
        place: &mut impl FnMut(&[S]) -> Address,
    ) {
        use LandscapeKind as K;
        let none: &[S] = &[];
        let (kind, numbers, scalars) = match landscape {
            AnyLandscape::Linear(Linear(c)) => (K::Linear, [c.as_ref(), none], [S::ZERO; 2]),
            AnyLandscape::Diagonal(Diagonal(h)) => (K::Diagonal, [h.as_ref(), none], [S::ZERO; 2]),
            AnyLandscape::Dense(dense) => (K::Dense, [dense.hessian().as_ref(), none], [S::ZERO; 2]),
            AnyLandscape::Valley(Valley) => (K::Valley, [none; 2], [S::ZERO; 2]),
            AnyLandscape::Rosenbrock(Rosenbrock { a, b, .. }) => (K::Rosenbrock, [none; 2], [*a, *b]),
            AnyLandscape::DoubleWell(DoubleWell { width, .. }) => {
                (K::DoubleWell, [none; 2], [*width, S::ZERO])
            }
            AnyLandscape::FiniteSum(sum) => {
                self.examples = sum.examples();
                match sum {
                    AnyFiniteSum::Hyperbola(Hyperbola) => (K::Hyperbola, [none; 2], [S::ZERO; 2]),
                    AnyFiniteSum::LeastSquares(squares) => {
                        (K::LeastSquares, [squares.inputs(), squares.targets()].map(A::as_ref), [S::ZERO; 2])
                    }
                    AnyFiniteSum::DiagonalNetwork(network) => (
                        K::DiagonalNetwork,
                        [network.inputs(), network.targets()].map(A::as_ref),
                        [S::ZERO; 2],
                    ),
                    AnyFiniteSum::MatrixSensing(sensing) => {
                        self.rank = sensing.rank() as u32;
                        let numbers = [sensing.matrices(), sensing.targets()].map(A::as_ref);
                        (K::MatrixSensing, numbers, [S::ZERO; 2])
                    }
                    AnyFiniteSum::Network(network) => {
                        self.network =
                            Layers::new(network.shape(), network.activation(), network.loss_of_example());
                        let Table { inputs, targets, .. } = network.examples();
                        (K::Network, [inputs, targets].map(A::as_ref), [S::ZERO; 2])
                    }
                }
            }
        };
        self.landscape = kind;
        self.landscape_scalars = scalars;
        self.landscape_numbers = numbers.map(|numbers| if numbers.is_empty() { 0 } else { place(numbers) });
    }

    fn set_covariance<A: AsRef<[S]>>(
        &mut self,
        covariance: &Covariance<A>,
        place: &mut impl FnMut(&[S]) -> Address,
    ) {
        let (kind, numbers) = match covariance {
            Covariance::Identity => (CovarianceKind::Identity, [None, None]),
            Covariance::Diagonal(b) => (CovarianceKind::Diagonal, [Some(b), None]),
            Covariance::Dense(b) => (CovarianceKind::Dense, [Some(b), None]),
            Covariance::StateDependent { constant, quadratic } => {
                (CovarianceKind::StateDependent, [Some(constant), Some(quadratic)])
            }
        };
        self.covariance = kind;
        self.covariance_numbers = numbers.map(|numbers| numbers.map_or(0, |numbers| place(numbers.as_ref())));
    }

    fn set_law(&mut self, law: Law<S>) {
        self.law = match law {
            Law::Gaussian => LawKind::Gaussian,
            Law::Rademacher => LawKind::Rademacher,
            Law::Uniform => LawKind::Uniform,
            Law::Laplace => LawKind::Laplace,
            Law::StudentT(student) => {
                self.law_scalars = student.parts();
                LawKind::StudentT
            }
        };
    }

    /// The law of the noise.
    #[inline(always)]
    pub fn law(&self) -> Law<S> {
        match self.law {
            LawKind::Gaussian => Law::Gaussian,
            LawKind::Rademacher => Law::Rademacher,
            LawKind::Uniform => Law::Uniform,
            LawKind::Laplace => Law::Laplace,
            LawKind::StudentT => Law::StudentT(StudentT::from_parts(self.law_scalars)),
        }
    }
}

impl<S: Scalar> Run<S> {
    /// (r₁, r₂) under SVAG.
    #[inline(always)]
    pub fn svag_weights(&self) -> Option<[S; 2]> {
        (self.flags & flag::SVAG != 0).then_some(self.svag)
    }

    /// Its update rule.
    #[inline(always)]
    pub fn update(&self) -> Update<S> {
        Update {
            form: match self.form {
                0 => Form::Gradient,
                1 => Form::Momentum,
                _ => Form::Blend,
            },
            maximize: self.flags & flag::MAXIMIZE != 0,
            weight_decay: (self.flags & flag::WEIGHT_DECAY != 0).then_some(self.weight_decay),
        }
    }

    /// Sets what [`update`](Self::update) gives.
    pub fn set_update(&mut self, update: &Update<S>) {
        self.form = match update.form {
            Form::Gradient => 0,
            Form::Momentum => 1,
            Form::Blend => 2,
        };
        if update.maximize {
            self.flags |= flag::MAXIMIZE;
        }
        if let Some(weight_decay) = update.weight_decay {
            self.flags |= flag::WEIGHT_DECAY;
            self.weight_decay = weight_decay;
        }
    }

    /// Sets what differs from run to run in an oracle: the scale, and SVAG's weights.
    pub fn set_oracle<A, const UNITS: usize>(&mut self, oracle: &AnyOracle<A, S, UNITS>) {
        if let &AnyNoise::Additive { scale, .. } | &AnyNoise::Label { scale, .. } = &oracle.noise {
            self.scale = scale;
        }
        if let Some(weights) = oracle.svag {
            self.flags |= flag::SVAG;
            self.svag = weights;
        }
    }
}

impl Layers {
    /// A network's layers, its activation and its loss.
    pub fn new(shape: &Shape, activation: &AnyActivation, loss: &AnyLoss) -> Self {
        let activation = match activation {
            AnyActivation::Relu => ActivationKind::Relu,
            AnyActivation::Tanh => ActivationKind::Tanh,
            AnyActivation::Sigmoid => ActivationKind::Sigmoid,
            AnyActivation::Identity => ActivationKind::Identity,
        };
        let loss = match loss {
            AnyLoss::CrossEntropy => LossKind::CrossEntropy,
            AnyLoss::SquaredError => LossKind::SquaredError,
            AnyLoss::Reconstruction => LossKind::Reconstruction,
        };
        Self { shape: *shape, activation, loss, test_examples: 0, test_numbers: [0; 2] }
    }

    /// φ.
    #[inline(always)]
    pub fn activation(&self) -> AnyActivation {
        match self.activation {
            ActivationKind::Relu => AnyActivation::Relu,
            ActivationKind::Tanh => AnyActivation::Tanh,
            ActivationKind::Sigmoid => AnyActivation::Sigmoid,
            ActivationKind::Identity => AnyActivation::Identity,
        }
    }

    /// The loss of an example.
    #[inline(always)]
    pub fn loss(&self) -> AnyLoss {
        match self.loss {
            LossKind::CrossEntropy => AnyLoss::CrossEntropy,
            LossKind::SquaredError => AnyLoss::SquaredError,
            LossKind::Reconstruction => AnyLoss::Reconstruction,
        }
    }
}

impl Default for Layers {
    /// Of no network, a shape that has nothing in it.
    fn default() -> Self {
        Self::new(&Shape::default(), &AnyActivation::Identity, &AnyLoss::SquaredError)
    }
}

#[cfg(test)]
mod tests {
    use polyak_core::network::LAYERS;

    use super::*;

    #[test]
    fn layers_keep_a_network() {
        for widths in [&[1, 1][..], &[3, 5, 2], &[2; LAYERS + 1]] {
            let shape = Shape::new(widths).unwrap();
            let layers = Layers::new(&shape, &AnyActivation::Tanh, &AnyLoss::Reconstruction);
            assert_eq!(layers.shape, shape);
            assert_eq!((layers.activation(), layers.loss()), (AnyActivation::Tanh, AnyLoss::Reconstruction));
        }
        assert_eq!(Layers::default().shape.units(), 0);
    }
}

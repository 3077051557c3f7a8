//! An oracle as a [`Problem`] and back: the enumerations of the core have no fixed layout, these structures have.

use polyak_core::landscape::{
    AnyFiniteSum, AnyLandscape, Dense, Diagonal, DiagonalNetwork, DoubleWell, FiniteSum as _, Hyperbola,
    Landscape as _, LeastSquares, Linear, Rosenbrock, Valley,
};
use polyak_core::optimizer::{Form, Update};
use polyak_core::oracle::{AnyNoise, AnyOracle, Covariance, LabelExamples, Sampling};
use polyak_core::random::{Law, StudentT};
use polyak_core::real::Scalar;

use crate::launch::{Address, Problem, Run, flag};

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
    LandscapeKind: Linear Diagonal Dense Valley Rosenbrock DoubleWell Hyperbola LeastSquares DiagonalNetwork;
    /// The noises of [`AnyNoise`].
    NoiseKind: None Additive Label MiniBatch;
    /// The covariances of [`Covariance`].
    CovarianceKind: Identity Diagonal Dense StateDependent;
    /// The laws of [`Law`].
    LawKind: Gaussian Rademacher Uniform Laplace StudentT;
    /// [`LabelExamples`] and [`Sampling`].
    Choice: One All WithReplacement WithoutReplacement Epochs;
}

impl<S: Scalar> Problem<S> {
    /// What all runs of an experiment share of an oracle; `place` puts numbers on the device. What differs from run to run (the scale
    /// and SVAG's weights) is not here.
    ///
    /// The kernels have no networks: see [`has`](Self::has). Of one nothing is encoded but its dimension.
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
            unused: 0,
            landscape_numbers: [0; 2],
            covariance_numbers: [0; 2],
            landscape_scalars: [S::ZERO; 2],
            law_scalars: [S::ZERO; 2],
        };
        problem.set_landscape(&oracle.landscape, &mut place);
        match &oracle.noise {
            AnyNoise::None => {}
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

    /// Whether the kernels have a landscape.
    pub fn has<A, const UNITS: usize>(landscape: &AnyLandscape<A, S, UNITS>) -> bool {
        !matches!(landscape, AnyLandscape::FiniteSum(AnyFiniteSum::Network(_)))
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
                    AnyFiniteSum::Network(_) => return,
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

    #[inline(always)]
    fn law(&self) -> Law<S> {
        match self.law {
            LawKind::Gaussian => Law::Gaussian,
            LawKind::Rademacher => Law::Rademacher,
            LawKind::Uniform => Law::Uniform,
            LawKind::Laplace => Law::Laplace,
            LawKind::StudentT => Law::StudentT(StudentT::from_parts(self.law_scalars)),
        }
    }

    /// The oracle of a run in dimension `d`, which is the problem's: given apart, because a kernel may know it when it is compiled.
    ///
    /// `numbers` gives the numbers at an address.
    #[inline(always)]
    pub fn decode<A>(
        &self,
        run: &Run<S>,
        d: usize,
        mut numbers: impl FnMut(Address, usize) -> A,
    ) -> AnyOracle<A, S> {
        let [first, second] = self.landscape_numbers;
        let examples = self.examples as usize;
        let [a, b] = self.landscape_scalars;
        let landscape = match self.landscape {
            LandscapeKind::Linear => AnyLandscape::Linear(Linear(numbers(first, d))),
            LandscapeKind::Diagonal => AnyLandscape::Diagonal(Diagonal(numbers(first, d))),
            LandscapeKind::Dense => AnyLandscape::Dense(Dense::new(numbers(first, d * d), d)),
            LandscapeKind::Valley => AnyLandscape::Valley(Valley),
            LandscapeKind::Rosenbrock => AnyLandscape::Rosenbrock(Rosenbrock { a, b, dimension: d }),
            LandscapeKind::DoubleWell => AnyLandscape::DoubleWell(DoubleWell { width: a, dimension: d }),
            LandscapeKind::Hyperbola => AnyLandscape::FiniteSum(AnyFiniteSum::Hyperbola(Hyperbola)),
            LandscapeKind::LeastSquares => {
                let squares = LeastSquares::new(numbers(first, examples * d), numbers(second, examples), d);
                AnyLandscape::FiniteSum(AnyFiniteSum::LeastSquares(squares))
            }
            LandscapeKind::DiagonalNetwork => {
                let network =
                    DiagonalNetwork::new(numbers(first, examples * d), numbers(second, examples), d);
                AnyLandscape::FiniteSum(AnyFiniteSum::DiagonalNetwork(network))
            }
        };
        let (law, scale) = (self.law(), run.scale);
        let [first, second] = self.covariance_numbers;
        let noise = match self.noise {
            NoiseKind::None => AnyNoise::None,
            NoiseKind::Additive => {
                let covariance = match self.covariance {
                    CovarianceKind::Identity => Covariance::Identity,
                    CovarianceKind::Diagonal => Covariance::Diagonal(numbers(first, d)),
                    CovarianceKind::Dense => Covariance::Dense(numbers(first, d * d)),
                    CovarianceKind::StateDependent => Covariance::StateDependent {
                        constant: numbers(first, d),
                        quadratic: numbers(second, d),
                    },
                };
                AnyNoise::Additive { covariance, law, scale }
            }
            NoiseKind::Label => {
                let examples =
                    if self.choice == Choice::All { LabelExamples::All } else { LabelExamples::One };
                AnyNoise::Label { law, scale, examples }
            }
            NoiseKind::MiniBatch => {
                let sampling = match self.choice {
                    Choice::WithoutReplacement => Sampling::WithoutReplacement,
                    Choice::Epochs => Sampling::Epochs,
                    _ => Sampling::WithReplacement,
                };
                AnyNoise::MiniBatch { batch: self.batch, sampling }
            }
        };
        AnyOracle { landscape, noise, svag: run.svag_weights() }
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

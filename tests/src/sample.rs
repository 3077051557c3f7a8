//! Samples of the laws from every generator and precision, with what is exactly known of them.

#![allow(clippy::disallowed_methods, reason = "what a sample is held against may round as it likes")]

use polyak_core::random::{Generator, Law, Pcg32, Philox, Stream, StudentT};
use polyak_core::real::{Lanes, Real, Scalar};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A law, for either precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Standard normal.
    Gaussian,
    /// ±1.
    Rademacher,
    /// Uniform on (−√3, √3).
    Uniform,
    /// Laplace.
    Laplace,
    /// Student t with ν degrees of freedom.
    StudentT(f64),
}

/// Every continuous law.
pub const CONTINUOUS: [Kind; 6] = [
    Kind::Gaussian,
    Kind::Uniform,
    Kind::Laplace,
    Kind::StudentT(3.0),
    Kind::StudentT(4.5),
    Kind::StudentT(30.0),
];

impl Kind {
    /// The law in a precision.
    pub fn law<S: Scalar>(self) -> Law<S> {
        match self {
            Self::Gaussian => Law::Gaussian,
            Self::Rademacher => Law::Rademacher,
            Self::Uniform => Law::Uniform,
            Self::Laplace => Law::Laplace,
            Self::StudentT(nu) => Law::StudentT(StudentT::new(nu).expect("2 < ν < ∞")),
        }
    }

    /// P(X > x), x ≥ 0, as a function of its own: the constants are made once.
    pub fn tail(self) -> Box<dyn Fn(f64) -> f64> {
        match self {
            Self::Gaussian => Box::new(|x| 0.5 * libm::erfc(x * std::f64::consts::FRAC_1_SQRT_2)),
            Self::Rademacher => Box::new(|x| if x < 1.0 { 0.5 } else { 0.0 }),
            Self::Uniform => Box::new(|x| (0.5 - x / 12f64.sqrt()).max(0.0)),
            Self::Laplace => Box::new(|x| 0.5 * (-std::f64::consts::SQRT_2 * x).exp()),
            Self::StudentT(nu) => {
                let (law, scale) = (StudentsT::new(0.0, 1.0, nu).expect("a law"), (nu / (nu - 2.0)).sqrt());
                Box::new(move |x| law.cdf(-x * scale))
            }
        }
    }

    /// E Xᵖ; infinite where there is none.
    pub fn moment(self, p: u32) -> f64 {
        if p % 2 == 1 {
            return 0.0;
        }
        let half = p / 2;
        let odd: f64 = (1..=half).map(|i| f64::from(2 * i - 1)).product();
        match self {
            Self::Gaussian => odd,
            Self::Rademacher => 1.0,
            Self::Uniform => 3f64.powi(half as i32) / f64::from(p + 1),
            Self::Laplace => (1..=p).map(f64::from).product::<f64>() / 2f64.powi(half as i32),
            Self::StudentT(nu) if f64::from(p) < nu => {
                odd * (1..=half).map(|i| (nu - 2.0) / (nu - f64::from(2 * i))).product::<f64>()
            }
            Self::StudentT(_) => f64::INFINITY,
        }
    }
}

/// Which generator in which precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source {
    /// Pcg32, f32.
    PcgSingle,
    /// Pcg32, f64.
    PcgDouble,
    /// Philox, f32.
    PhiloxSingle,
    /// Philox, f64.
    PhiloxDouble,
}

/// All four.
pub const SOURCES: [Source; 4] =
    [Source::PcgSingle, Source::PcgDouble, Source::PhiloxSingle, Source::PhiloxDouble];

impl Source {
    /// Calls `take(trajectory, k, number)` for the first `each` numbers of the trajectories `first` … `first + count` of a
    /// seed; `count` is rounded up to a multiple of 16, the lanes.
    pub fn each(
        self,
        kind: Kind,
        seed: u64,
        first: u64,
        count: u64,
        each: usize,
        take: impl FnMut(u64, usize, f64),
    ) {
        match self {
            Self::PcgSingle => run::<f32, _>(kind, |i| Pcg32::new(seed, i), first, count, each, take),
            Self::PcgDouble => run::<f64, _>(kind, |i| Pcg32::new(seed, i), first, count, each, take),
            Self::PhiloxSingle => run::<f32, _>(kind, |i| Philox::new(seed, i), first, count, each, take),
            Self::PhiloxDouble => run::<f64, _>(kind, |i| Philox::new(seed, i), first, count, each, take),
        }
    }

    /// Those numbers, trajectory after trajectory.
    pub fn numbers(self, kind: Kind, seed: u64, first: u64, count: u64, each: usize) -> Vec<f64> {
        let mut numbers = vec![0.0; count.next_multiple_of(16) as usize * each];
        self.each(kind, seed, first, count, each, |i, k, x| numbers[(i - first) as usize * each + k] = x);
        numbers
    }
}

fn run<S: Scalar, G: Generator<Lanes<S, 16>>>(
    kind: Kind,
    new: impl Fn(u64) -> G,
    first: u64,
    count: u64,
    each: usize,
    mut take: impl FnMut(u64, usize, f64),
) {
    for lanes in 0..count.div_ceil(16) {
        let trajectory = first + 16 * lanes;
        let mut stream = Stream::new(new(trajectory));
        stream.draw(kind.law::<S>(), each, &mut |k, x: Lanes<S, 16>| {
            for lane in 0..16 {
                take(trajectory + lane as u64, k, x.lane(lane).to_f64());
            }
        });
    }
}

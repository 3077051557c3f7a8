//! What a step is made of, piece by piece: words, normal numbers, gradients, updates, in lanes of f32 for one pack of 64 trajectories.
#![allow(unsafe_code, reason = "calls of functions compiled for an instruction set that was looked for")]

use std::hint::black_box;

use polyak::backend::cpu::Width;
use polyak_core::landscape::{Dense, Diagonal, DoubleWell, Landscape, Rosenbrock};
use polyak_core::optimizer::{Coefficients, Method, Update};
use polyak_core::random::{Generator, Law, Pcg32, Philox};
use polyak_core::real::{LaneArray, Lanes, Real};

/// Trajectories of a pack.
const LANES: usize = 64;

/// Coordinates of a point.
pub const DIMENSION: usize = 64;

type Pack = Lanes<f32, LANES>;
type Words = <Pack as Real>::Array<u32>;

/// One piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// Words of PCG32.
    Pcg32,
    /// Words of Philox 4x32-10.
    Philox,
    /// Normal numbers from words of PCG32.
    Gaussian,
    /// ∇L of a diagonal quadratic.
    Diagonal,
    /// ∇L = Hx for a dense H.
    Dense,
    /// ∇L of the double well.
    DoubleWell,
    /// ∇L of Rosenbrock's valley.
    Rosenbrock,
    /// x' from x and g.
    Sgd,
    /// (x', m') from x, m and g.
    Sgdm,
}

impl Kernel {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Pcg32,
        Self::Philox,
        Self::Gaussian,
        Self::Diagonal,
        Self::Dense,
        Self::DoubleWell,
        Self::Rosenbrock,
        Self::Sgd,
        Self::Sgdm,
    ];

    /// What one pass of it makes: words, numbers or coordinates, of all lanes.
    pub const ELEMENTS: u64 = (DIMENSION * LANES) as u64;

    /// Its name, with what it makes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pcg32 => "words of pcg32",
            Self::Philox => "words of philox",
            Self::Gaussian => "normal numbers",
            Self::Diagonal => "gradient of a diagonal quadratic",
            Self::Dense => "gradient of a dense quadratic",
            Self::DoubleWell => "gradient of the double well",
            Self::Rosenbrock => "gradient of Rosenbrock's valley",
            Self::Sgd => "update of SGD",
            Self::Sgdm => "update of SGDM",
        }
    }

    /// Additions and multiplications for each of its elements, halved: what the peak of unfused multiply-add is asked for. Nothing where
    /// the work is on integers.
    pub fn multiply_adds(self) -> Option<f64> {
        match self {
            Self::Pcg32 | Self::Philox => None,
            // Logarithm 18, root 1, sine and cosine 17, two products: for two numbers.
            Self::Gaussian => Some(38.0 / 4.0),
            Self::Diagonal => Some(0.5),
            Self::Dense => Some(DIMENSION as f64),
            // x³ − x.
            Self::DoubleWell => Some(1.5),
            // 9 for a pair of coordinates, and the sum of neighbouring pairs.
            Self::Rosenbrock => Some(4.5),
            Self::Sgd => Some(1.0),
            Self::Sgdm => Some(2.5),
        }
    }
}

/// The arrays that pieces work on.
pub struct Bench {
    x: Vec<Pack>,
    m: Vec<Pack>,
    g: Vec<Pack>,
    hessian: Dense<Vec<f32>>,
    curvature: Diagonal<Vec<f32>>,
    pcg: Pcg32<Pack>,
    philox: Philox<Pack>,
    words: [Words; 4],
    numbers: [Pack; 4],
    coefficients: Coefficients<f32>,
}

impl Default for Bench {
    fn default() -> Self {
        let entry = |i: usize| 1e-3 * (i % 7) as f32;
        Self {
            x: vec![Pack::splat(0.5); DIMENSION],
            m: vec![Pack::ZERO; DIMENSION],
            g: vec![Pack::splat(1e-3); DIMENSION],
            hessian: Dense::new((0..DIMENSION * DIMENSION).map(entry).collect(), DIMENSION),
            curvature: Diagonal((0..DIMENSION).map(entry).collect()),
            pcg: Pcg32::new(1, 0),
            philox: Philox::new(1, 0),
            words: [Words::from_fn(|_| 0); 4],
            numbers: [Pack::ZERO; 4],
            coefficients: Method::Sgdm.coefficients(0, 1e-3, 0.9).round(),
        }
    }
}

impl Bench {
    /// One pass of a piece, with an instruction set of this machine. Returns a number of the result.
    pub fn pass(&mut self, kernel: Kernel, width: Width) -> f32 {
        match width.name() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Width` has only instruction sets that were looked for.
            "avx2" => unsafe { self.avx2(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            "avx512" => unsafe { self.avx512(kernel) },
            _ => self.work(kernel),
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn avx2(&mut self, kernel: Kernel) -> f32 {
        self.work(kernel)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512cd,avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn avx512(&mut self, kernel: Kernel) -> f32 {
        self.work(kernel)
    }

    #[inline(always)]
    fn work(&mut self, kernel: Kernel) -> f32 {
        let Self { x, m, g, hessian, curvature, pcg, philox, words, numbers, coefficients } = self;
        let (x, m, g) = (x.as_mut_slice(), m.as_mut_slice(), g.as_mut_slice());
        let step = |method: Method| Update { form: method.form(), maximize: false, weight_decay: None };
        match kernel {
            // Loops and no closures, which would not be compiled for the instruction set.
            Kernel::Pcg32 => {
                for _ in 0..DIMENSION / 4 {
                    pcg.words(black_box(&mut *words));
                }
            }
            Kernel::Philox => {
                for _ in 0..DIMENSION / 4 {
                    philox.words(black_box(&mut *words));
                }
            }
            Kernel::Gaussian => {
                for _ in 0..DIMENSION / 4 {
                    Law::Gaussian.draw::<Pack, _>(pcg, words, black_box(&mut *numbers));
                }
            }
            Kernel::Diagonal => curvature.gradient(&*x, g),
            Kernel::Dense => hessian.gradient(&*x, g),
            Kernel::DoubleWell => DoubleWell { width: 1.0, dimension: DIMENSION }.gradient(&*x, g),
            Kernel::Rosenbrock => Rosenbrock { a: 1.0, b: 100.0, dimension: DIMENSION }.gradient(&*x, g),
            Kernel::Sgd => step(Method::Sgd).step(coefficients, x, m, &*g),
            Kernel::Sgdm => step(Method::Sgdm).step(coefficients, x, m, &*g),
        }
        x[0].lane(0) + g[0].lane(0) + numbers[0].lane(0) + f32::from_bits(words[0].0[0])
    }
}

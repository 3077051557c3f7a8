//! Random numbers: a stream is a function of (seed, trajectory) alone.

use polyak_core::random::{Generator, Law, Pcg32, Philox, Resumable, Stream, StudentT};
use polyak_core::real::Scalar;

use crate::polyak_status;
use crate::raw::array_mut;
use crate::status::{given, status};

/// Generator of a stream: POLYAK_PCG32 or POLYAK_PHILOX.
pub type polyak_generator = u8;
/// PCG XSH RR 64/32.
pub const POLYAK_PCG32: polyak_generator = 1;
/// Philox 4x32-10.
pub const POLYAK_PHILOX: polyak_generator = 2;

/// A law of mean 0 and variance 1: POLYAK_LAW_...
pub type polyak_law = u8;
/// Standard normal.
pub const POLYAK_LAW_GAUSSIAN: polyak_law = 0;
/// -1 or 1.
pub const POLYAK_LAW_RADEMACHER: polyak_law = 1;
/// Uniform between minus and plus the root of 3.
pub const POLYAK_LAW_UNIFORM: polyak_law = 2;
/// Laplace's.
pub const POLYAK_LAW_LAPLACE: polyak_law = 3;
/// Student's t, scaled to variance 1.
pub const POLYAK_LAW_STUDENT_T: polyak_law = 4;

/// Either generator.
#[derive(Clone, Copy)]
pub(crate) enum AnyGenerator<S: Scalar> {
    Pcg32(Pcg32<S>),
    Philox(Philox<S>),
}

impl<S: Scalar> AnyGenerator<S> {
    fn to_words(self) -> [u64; 3] {
        match self {
            Self::Pcg32(generator) => generator.to_words(),
            Self::Philox(generator) => generator.to_words(),
        }
    }

    fn from_words(tag: polyak_generator, words: [u64; 3]) -> Result<Self, polyak_status> {
        match tag {
            POLYAK_PCG32 => Ok(Self::Pcg32(Pcg32::from_words(words))),
            POLYAK_PHILOX => Ok(Self::Philox(Philox::from_words(words))),
            _ => Err(polyak_status::Generator),
        }
    }

    fn of(tag: polyak_generator, seed: u64, trajectory: u64) -> Result<Self, polyak_status> {
        match tag {
            POLYAK_PCG32 => Ok(Self::Pcg32(Pcg32::new(seed, trajectory))),
            POLYAK_PHILOX => Ok(Self::Philox(Philox::new(seed, trajectory))),
            _ => Err(polyak_status::Generator),
        }
    }
}

impl<S: Scalar> Generator<S> for AnyGenerator<S> {
    // Once in flash, not in every law.
    #[inline(never)]
    fn words(&mut self, out: &mut [S::Array<u32>; 4]) {
        match self {
            Self::Pcg32(generator) => generator.words(out),
            Self::Philox(generator) => generator.words(out),
        }
    }
}

/// Whether a number could be a law's.
fn positive<S: Scalar>(number: S) -> bool {
    number > S::ZERO && number.is_number()
}

/// The law of C's numbers.
fn law<S: Scalar>(kind: polyak_law, student: [S; 2]) -> Result<Law<S>, polyak_status> {
    match kind {
        POLYAK_LAW_GAUSSIAN => Ok(Law::Gaussian),
        POLYAK_LAW_RADEMACHER => Ok(Law::Rademacher),
        POLYAK_LAW_UNIFORM => Ok(Law::Uniform),
        POLYAK_LAW_LAPLACE => Ok(Law::Laplace),
        POLYAK_LAW_STUDENT_T if student.into_iter().all(positive) => {
            Ok(Law::StudentT(StudentT::from_parts(student)))
        }
        POLYAK_LAW_STUDENT_T => Err(polyak_status::DegreesOfFreedom),
        _ => Err(polyak_status::Law),
    }
}

/// Sets `out` to the next numbers of any law. The sampler is the bulk of the code: every function has this one.
#[inline(never)]
pub(crate) fn draw<S: Scalar>(stream: &mut Stream<S, AnyGenerator<S>>, law: Law<S>, out: &mut [S]) {
    fill(stream, law, out);
}

/// Sets `out` to the next numbers of a law.
#[inline(always)]
fn fill<S: Scalar>(stream: &mut Stream<S, AnyGenerator<S>>, law: Law<S>, out: &mut [S]) {
    stream.draw(law, out.len(), &mut |i: usize, z: S| {
        if let Some(place) = out.get_mut(i) {
            *place = z;
        }
    });
}

macro_rules! streams {
    ($number:ident, $stream:ident, $law:ident, $init:ident, $student:ident, $normal:ident, $draw:ident, $indices:ident) => {
        /// A stream of random numbers: the generator, and what is left of the last four numbers. It serves one law only. Copy it to
        /// fork a run.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $stream {
            /// The generator's state.
            pub words: [u64; 3],
            /// The last four numbers drawn.
            pub block: [$number; 4],
            /// Which generator.
            pub generator: polyak_generator,
            /// How many of the four are still to come.
            pub left: u8,
        }

        /// A law: its kind, and for Student's t what `polyak_student_` sets. All 0 is the standard normal law.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $law {
            /// Which law.
            pub kind: polyak_law,
            /// 1 / nu and nu - 2 of Student's t with nu degrees of freedom.
            pub student: [$number; 2],
        }

        impl $law {
            /// The core's law.
            pub(crate) fn open(&self) -> Result<Law<$number>, polyak_status> {
                law(self.kind, self.student)
            }
        }

        impl $stream {
            /// The core's stream.
            #[inline(always)]
            pub(crate) fn open(&self) -> Result<Stream<$number, AnyGenerator<$number>>, polyak_status> {
                let generator = AnyGenerator::from_words(self.generator, self.words)?;
                Ok(Stream::resume(generator, self.left, self.block))
            }

            /// Where the core's stream has come to.
            #[inline(always)]
            pub(crate) fn close(&mut self, stream: &Stream<$number, AnyGenerator<$number>>) {
                self.words = stream.generator.to_words();
                (self.left, self.block) = stream.block();
            }
        }

        /// Begins the stream of a trajectory: the same numbers for the same generator, seed and trajectory on every machine, and
        /// independent ones for others.
        #[unsafe(no_mangle)]
        pub extern "C" fn $init(
            stream: Option<&mut $stream>,
            generator: polyak_generator,
            seed: u64,
            trajectory: u64,
        ) -> polyak_status {
            status(|| {
                let words = AnyGenerator::<$number>::of(generator, seed, trajectory)?.to_words();
                *given(stream)? = $stream { words, block: [0.0; 4], generator, left: 0 };
                Ok(())
            })
        }

        /// Sets z[0..n] to standard normal numbers: `polyak_draw` with less code behind it.
        #[unsafe(no_mangle)]
        pub extern "C" fn $normal(stream: Option<&mut $stream>, z: *mut $number, n: usize) -> polyak_status {
            status(|| {
                let stream = given(stream)?;
                let mut core = stream.open()?;
                fill(&mut core, Law::Gaussian, array_mut(z, n)?);
                stream.close(&core);
                Ok(())
            })
        }

        /// Sets the law to Student's t with so many degrees of freedom, above 2, as the variance must be finite.
        #[unsafe(no_mangle)]
        pub extern "C" fn $student(degrees_of_freedom: f64, law: Option<&mut $law>) -> polyak_status {
            status(|| {
                let student = StudentT::new(degrees_of_freedom).ok_or(polyak_status::DegreesOfFreedom)?;
                *given(law)? = $law { kind: POLYAK_LAW_STUDENT_T, student: student.parts() };
                Ok(())
            })
        }

        /// Sets z[0..n] to numbers of a law.
        #[unsafe(no_mangle)]
        pub extern "C" fn $draw(
            stream: Option<&mut $stream>,
            law: Option<&$law>,
            z: *mut $number,
            n: usize,
        ) -> polyak_status {
            status(|| {
                let stream = given(stream)?;
                let mut core = stream.open()?;
                draw(&mut core, given(law)?.open()?, array_mut(z, n)?);
                stream.close(&core);
                Ok(())
            })
        }

        /// Sets j[0..n] to independent indices, each uniform on 0, ..., count - 1: a batch with replacement of data of the caller's.
        #[unsafe(no_mangle)]
        pub extern "C" fn $indices(
            stream: Option<&mut $stream>,
            count: u32,
            j: *mut u32,
            n: usize,
        ) -> polyak_status {
            status(|| {
                let stream = given(stream)?;
                let mut core = stream.open()?;
                let places = array_mut(j, n)?;
                core.indices(count, n, |i, [index]| {
                    if let Some(place) = places.get_mut(i) {
                        *place = index;
                    }
                });
                stream.close(&core);
                Ok(())
            })
        }
    };
}

streams!(
    f32,
    polyak_stream_f32,
    polyak_law_f32,
    polyak_stream_init_f32,
    polyak_student_f32,
    polyak_normal_f32,
    polyak_draw_f32,
    polyak_indices_f32
);
streams!(
    f64,
    polyak_stream_f64,
    polyak_law_f64,
    polyak_stream_init_f64,
    polyak_student_f64,
    polyak_normal_f64,
    polyak_draw_f64,
    polyak_indices_f64
);

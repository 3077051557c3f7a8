//! Kernels that rustc compiled to PTX give in the emulator what the same source gives on this CPU, bit by bit.
//!
//! `ptx/fixture.ptx` is what `cuda-kernels/build-ptx host/tests/ptx/kernels host/tests/ptx/fixture.ptx` makes.

use polyak::backend::emulator::{Argument, Memory, Module};

#[path = "ptx/kernels/src/work.rs"]
#[allow(missing_docs, dead_code)]
mod work;

const FIXTURE: &str = include_str!("ptx/fixture.ptx");
const THREADS: u32 = 1000;

trait Bits {
    const BYTES: usize;
    fn bits(self) -> Vec<u8>;
}

macro_rules! bits {
    ($($number:ty)*) => {$(
        impl<const N: usize> Bits for [$number; N] {
            const BYTES: usize = N * size_of::<$number>();

            fn bits(self) -> Vec<u8> {
                self.iter().flat_map(|x| x.to_le_bytes()).collect()
            }
        }
    )*};
}

bits!(u32 u64 f32 f64);

/// Compares `THREADS` threads and checks that nothing is written beyond them.
fn compare<R: Bits>(kernel: &str, arguments: &[Argument], host: impl Fn(u32) -> R) -> u64 {
    let module = Module::parse(FIXTURE).unwrap();
    let mut memory = Memory::new();
    let out = memory.alloc((THREADS as usize + 5) * R::BYTES);
    let mut all: Vec<Argument> = vec![out.into(), THREADS.into()];
    all.extend_from_slice(arguments);
    let blocks = THREADS.div_ceil(96);
    let stats = module.launch(kernel, [blocks, 1, 1], [96, 1, 1], &all, &mut memory).unwrap();
    assert_eq!(stats.threads, u64::from(blocks * 96));
    let bytes = memory.read(out, (THREADS as usize + 5) * R::BYTES).unwrap();
    for (i, found) in (0..THREADS).zip(bytes.chunks(R::BYTES)) {
        assert_eq!(found, host(i).bits(), "{kernel}, thread {i}");
    }
    assert!(bytes[THREADS as usize * R::BYTES..].iter().all(|byte| *byte == 0));
    stats.instructions
}

#[test]
fn momentum() {
    let (steps, seed, rate, beta) = (200u32, 0x1234_5678_9abc_def0u64, 0.1f32, 0.9f32);
    compare("momentum_f32", &[steps.into(), seed.into(), rate.into(), beta.into()], |i| {
        work::momentum_f32(i, steps, seed, rate, beta)
    });
}

#[test]
fn normal_numbers() {
    compare("gaussian_f32", &[200u32.into(), 77u64.into()], |i| work::gaussian_f32(i, 200, 77));
}

#[test]
fn double_precision() {
    compare("double_f64", &[100u32.into(), 5u64.into()], |i| work::double_f64(i, 100, 5));
}

#[test]
fn float_arithmetic_of_any_bits() {
    for seed in 1..9u64 {
        compare("floats_f32", &[seed.into()], |i| work::floats_f32(i, seed));
    }
}

#[test]
fn conversions() {
    for seed in 1..9u64 {
        compare("conversions", &[seed.into()], |i| work::conversions(i, seed));
    }
}

#[test]
fn integer_arithmetic() {
    for seed in 1..9u64 {
        compare("integers", &[seed.into()], |i| work::integers(i, seed));
    }
}

#[test]
fn tables_arrays_and_indexed_branches() {
    compare("table", &[3u64.into(), 300u32.into()], |i| work::table(i, 3, 300));
}

#[test]
fn the_compiler_rounds_every_operation_by_itself() {
    use polyak_kernels::check::{Rule, check};
    assert_eq!(check(FIXTURE), Ok(()));
    let broken = |from: &str, to: &str| {
        check(&FIXTURE.replacen(from, to, 1)).map_err(|found| (found.rule, found.function.to_owned()))
    };
    assert_eq!(broken("mul.rn.f32", "mul.f32"), Err((Rule::Unrounded, "floats_f32".to_owned())));
    assert_eq!(broken("sqrt.rn.f32", "sqrt.approx.f32"), Err((Rule::Approximate, "floats_f32".to_owned())));
    assert_eq!(
        broken(".entry double_f64", ".entry double_f32"),
        Err((Rule::DoublePrecision, "double_f32".to_owned()))
    );
}

//! Candidates for the normal sampler, in numbers per second on one core: from words in memory for those that need no rejection, at each
//! instruction set; with the generator inside for those that do.
#![allow(unsafe_code, reason = "calls of functions compiled for an instruction set that was looked for")]

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use polyak_bench::Provenance;
use polyak_bench::ratios::Measured;
use polyak_bench::samplers::{inverse_cdf, polar};
use polyak_core::random::{PcgLane, rand_pcg};
use polyak_core::real::single;
use rand_core::Rng;
use rand_distr::{Distribution, StandardNormal};

const COUNT: usize = 4096;

#[inline(always)]
fn box_muller_all(words: &[u32; COUNT], out: &mut [f32; COUNT]) {
    let (radii, angles) = words.split_at(COUNT / 2);
    let (first, second) = out.split_at_mut(COUNT / 2);
    let words = radii.iter().zip(angles);
    for ((&radius, &angle), (a, b)) in words.zip(first.iter_mut().zip(second)) {
        [*a, *b] = single::box_muller(radius, angle);
    }
}

#[inline(always)]
fn inverse_cdf_all(words: &[u32; COUNT], out: &mut [f32; COUNT]) {
    for (z, &word) in out.iter_mut().zip(words) {
        *z = inverse_cdf(word);
    }
}

/// The same loop compiled for each instruction set.
macro_rules! at_each_width {
    ($all:ident: $baseline:ident $avx2:ident $avx512:ident) => {
        #[inline(never)]
        fn $baseline(words: &[u32; COUNT], out: &mut [f32; COUNT]) {
            $all(words, out);
        }

        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,bmi1,bmi2")]
        fn $avx2(words: &[u32; COUNT], out: &mut [f32; COUNT]) {
            $all(words, out);
        }

        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,bmi1,bmi2")]
        fn $avx512(words: &[u32; COUNT], out: &mut [f32; COUNT]) {
            $all(words, out);
        }
    };
}

at_each_width!(box_muller_all: box_muller_baseline box_muller_avx2 box_muller_avx512);
at_each_width!(inverse_cdf_all: inverse_cdf_baseline inverse_cdf_avx2 inverse_cdf_avx512);

fn samplers(criterion: &mut Criterion) {
    let mut generator = PcgLane::new(1, 0);
    let words: [u32; COUNT] = std::array::from_fn(|_| generator.next_u32());
    let mut out = [0f32; COUNT];
    let mut group = criterion.benchmark_group("normal");
    group.throughput(Throughput::Elements(COUNT as u64));
    group.bench_function("Box-Muller, baseline", |b| {
        b.iter(|| box_muller_baseline(black_box(&words), &mut out))
    });
    group.bench_function("inverse CDF, baseline", |b| {
        b.iter(|| inverse_cdf_baseline(black_box(&words), &mut out))
    });
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2") {
        // SAFETY: the instruction set was looked for.
        group.bench_function("Box-Muller, avx2", |b| {
            b.iter(|| unsafe { box_muller_avx2(black_box(&words), &mut out) })
        });
        // SAFETY: as above.
        group.bench_function("inverse CDF, avx2", |b| {
            b.iter(|| unsafe { inverse_cdf_avx2(black_box(&words), &mut out) })
        });
    }
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
    {
        // SAFETY: the instruction set was looked for.
        group.bench_function("Box-Muller, avx512", |b| {
            b.iter(|| unsafe { box_muller_avx512(black_box(&words), &mut out) })
        });
        // SAFETY: as above.
        group.bench_function("inverse CDF, avx512", |b| {
            b.iter(|| unsafe { inverse_cdf_avx512(black_box(&words), &mut out) })
        });
    }
    group.bench_function("polar, one stream", |b| {
        b.iter(|| (0..COUNT / 2).map(|_| polar(&mut generator)[0]).fold(0.0, |sum, z| sum + z))
    });
    let mut rng = rand_pcg(1, 0);
    group.bench_function("ziggurat of rand_distr, one stream", |b| {
        b.iter(|| {
            (0..COUNT).map(|_| -> f32 { StandardNormal.sample(&mut rng) }).fold(0.0, |sum: f32, z| sum + z)
        })
    });
    group.bench_function("Box-Muller, one stream", |b| {
        b.iter(|| {
            (0..COUNT / 2)
                .map(|_| single::box_muller(generator.next_u32(), generator.next_u32())[0])
                .fold(0.0, |sum, z| sum + z)
        })
    });
    group.bench_function("inverse CDF, one stream", |b| {
        b.iter(|| (0..COUNT).map(|_| inverse_cdf(generator.next_u32())).fold(0.0, |sum, z| sum + z))
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    samplers(&mut criterion);
    criterion.final_summary();
    let Some(measured) = Measured::read() else { return };
    println!(
        "{}\n",
        Provenance::now().line(
            "`cargo bench -p polyak-bench --bench samplers` on one core, medians, f32, normal numbers a second; words already drawn where it says \
             an instruction set, generator included where it says one stream"
        )
    );
    println!("| sampler | 10⁹ a second |\n| --- | ---: |");
    for (name, rate) in measured.group("normal") {
        println!("| {name} | {:.2} |", rate / 1e9);
    }
}

//! What bounds a figure from above, in the group "limit" of the same run.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use polyak_bench::peak;

/// The limit's name in its group.
pub const MULTIPLY_ADD: &str = "unfused multiply-add";

/// The peak of unfused multiply-add on one core, and a copy in memory.
pub fn limits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("limit");
    group.sample_size(20);
    if let Some([peak, _]) = peak::chains() {
        group.throughput(Throughput::Elements(peak()));
        group.bench_function(MULTIPLY_ADD, |bencher| bencher.iter(peak));
    }
    let source = vec![1u8; 1 << 26];
    let mut target = vec![0u8; 1 << 26];
    group.throughput(Throughput::Bytes(1 << 26));
    group.bench_function("copy of 64 MiB", |bencher| {
        bencher.iter(|| target.copy_from_slice(black_box(&source)))
    });
    group.finish();
}

//! Whole ensembles on the CPU, in updates per second: one core, each instruction set, then all cores; beside them, in the same run,
//! how fast one core multiplies and adds without fusing, which is what bounds an update from above.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use polyak::backend::cpu::{Cpu, Width};
use polyak::experiment::model::Precision;
use polyak::job::Job;
use polyak_bench::{job, run, updates};

const TRAJECTORIES: u64 = 4096;
const STEPS: u64 = 1000;

fn jobs(criterion: &mut Criterion) {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    for name in ["Q8", "Q1", "SVAG4", "Q8-philox", "Q8-sgd", "Q8-f64"] {
        let experiment = job(name, TRAJECTORIES, STEPS);
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10).throughput(Throughput::Elements(updates(&experiment)));
        let mut time = |label: String, cpu: Cpu| {
            let id = BenchmarkId::new(label, TRAJECTORIES);
            match experiment.precision {
                Precision::F32 => {
                    let job = Job::<f32>::new(&experiment);
                    group.bench_function(id, |bencher| bencher.iter(|| run(&job, cpu)));
                }
                Precision::F64 => {
                    let job = Job::<f64>::new(&experiment);
                    group.bench_function(id, |bencher| bencher.iter(|| run(&job, cpu)));
                }
            }
        };
        for width in Width::available() {
            time(format!("{}, 1 thread", width.name()), Cpu { width, threads: 1 });
        }
        if all > 1 {
            let width = Width::detect();
            time(format!("{}, {all} threads", width.name()), Cpu { width, threads: all });
        }
        group.finish();
    }
}

/// A copy in memory; the peak of unfused multiply-add is in the binary `table`.
fn limits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("limit");
    let source = vec![1u8; 1 << 26];
    let mut target = vec![0u8; 1 << 26];
    group.sample_size(10).throughput(Throughput::Bytes(1 << 26));
    group.bench_function("copy of 64 MiB", |bencher| {
        bencher.iter(|| target.copy_from_slice(black_box(&source)))
    });
    group.finish();
}

criterion_group!(benches, jobs, limits);
criterion_main!(benches);

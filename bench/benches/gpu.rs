//! The same job on the CPU and on the GPU, over the size of the ensemble and the dimension: kernels alone, by the device's own clock, and
//! end to end, with transfers, digests and statistics. Without a GPU its rows are skipped, and the reason is printed. Every row of a job and a
//! size is the same work; beyond 2·10¹⁰ updates it has fewer steps, so that a CPU has done it in seconds.
//! `POLYAK_BENCH=rehearsal` makes the jobs so small that a device made of software can do them: it shows that this works.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use polyak::backend::cpu::{Cpu, Width};
use polyak::backend::gpu;
use polyak::engine::{Executor, chunks};
use polyak::job::Job;
use polyak_bench::{drive, job, updates};

/// Steps, and sizes of the ensemble.
fn scale() -> (u64, &'static [u64]) {
    match std::env::var("POLYAK_BENCH").as_deref() {
        Ok("rehearsal") => (4, &[100, 300]),
        _ => (1000, &[100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]),
    }
}

/// Updates of a job at most.
const MOST_UPDATES: u64 = 20_000_000_000;

/// Seconds that the device spent in kernels.
fn kernel_seconds(job: &Job<f32>, executor: &dyn Executor<f32>) -> f64 {
    let (total, batch) = (chunks(job.trajectories), (*executor.batch(job).start()).max(1));
    let (mut begin, mut seconds) = (0, 0.0);
    while begin < total {
        let end = total.min(begin + batch);
        match executor.run_chunks(job, begin..end) {
            Ok(finished) => seconds += finished.iter().flat_map(|chunk| &chunk.seconds).sum::<f64>(),
            Err(fault) => panic!("{fault}"),
        }
        begin = end;
    }
    seconds
}

fn sizes(criterion: &mut Criterion) {
    let opened = gpu::open(&[]);
    if let Err(reason) = &opened {
        println!("GPU rows are skipped: {reason}");
    }
    let cpu =
        Cpu { width: Width::detect(), threads: std::thread::available_parallelism().map_or(1, usize::from) };
    let (steps, sizes) = scale();
    for name in ["Q1", "Q8", "Q64"] {
        for &trajectories in sizes {
            let a_step = updates(&job(name, trajectories, 1));
            let experiment = job(name, trajectories, steps.min(MOST_UPDATES / a_step));
            let job = Job::<f32>::new(&experiment);
            let mut group = criterion.benchmark_group(format!("{name}, sizes"));
            group.sample_size(10).throughput(Throughput::Elements(updates(&experiment)));
            let id = BenchmarkId::new(format!("cpu, {} threads", cpu.threads), trajectories);
            group.bench_function(id, |bencher| bencher.iter(|| drive(&job, &cpu)));
            if let Ok(gpu) = &opened {
                let id = BenchmarkId::new(format!("{}, end to end", gpu.name()), trajectories);
                group.bench_function(id, |bencher| bencher.iter(|| drive(&job, gpu)));
                let id = BenchmarkId::new(format!("{}, kernels", gpu.name()), trajectories);
                group.bench_function(id, |bencher| {
                    bencher.iter_custom(|rounds| {
                        let seconds: f64 = (0..rounds).map(|_| kernel_seconds(&job, gpu)).sum();
                        Duration::from_secs_f64(seconds)
                    });
                });
            }
            group.finish();
        }
    }
}

criterion_group!(benches, sizes);
criterion_main!(benches);

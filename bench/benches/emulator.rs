//! How slow the emulator is: Q8 on it and on the CPU, one thread each, in updates a second. The emulator has a small ensemble of few steps, and counts what
//! the CPU back end does: whole chunks, with their sums.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use polyak::backend::cpu::{Cpu, Width};
use polyak::backend::emulator::Emulator;
use polyak::engine::Executor;
use polyak::job::Job;
use polyak_bench::{drive, job, updates};

fn emulator(criterion: &mut Criterion) {
    let cpu = Cpu { width: Width::detect(), threads: 1 };
    let emulator = match Emulator::new(1) {
        Ok(emulator) => emulator,
        Err(error) => panic!("{error}"),
    };
    let rows: [(&str, &dyn Executor<f32>, u64, u64); 2] =
        [("cpu", &cpu, 4096, 1000), ("emulator", &emulator, 256, 100)];
    let mut group = criterion.benchmark_group("Q8, one thread");
    for (name, executor, trajectories, steps) in rows {
        let experiment = job("Q8", trajectories, steps);
        let job = Job::<f32>::new(&experiment);
        group.sample_size(20).throughput(Throughput::Elements(updates(&experiment)));
        group.bench_function(name, |bencher| bencher.iter(|| drive(&job, executor)));
    }
    group.finish();
}

criterion_group!(benches, emulator);
criterion_main!(benches);

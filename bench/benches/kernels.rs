//! What a step is made of, in elements per second on one core at each instruction set, and in the same run the limits that the pieces are
//! held against: the peak of unfused multiply-add, a copy in memory, the generators alone. At the end, a table of ratios.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use polyak::backend::cpu::Width;
use polyak_bench::Provenance;
use polyak_bench::kernels::{Bench, Kernel};
use polyak_bench::ratios::Measured;

use limits::limits;

mod limits;

fn kernels(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kernel");
    group.sample_size(20).throughput(Throughput::Elements(Kernel::ELEMENTS));
    for kernel in Kernel::ALL {
        for width in widths() {
            let mut bench = Bench::default();
            group.bench_function(format!("{}, {}", kernel.name(), width.name()), |bencher| {
                bencher.iter(|| black_box(&mut bench).pass(kernel, width))
            });
        }
    }
    group.finish();
}

/// Those with lanes.
fn widths() -> impl Iterator<Item = Width> {
    Width::available().into_iter().filter(|width| width.name() != "scalar")
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    limits(&mut criterion);
    kernels(&mut criterion);
    criterion.final_summary();
    let widest = Width::detect().name();
    let Some(measured) = Measured::read() else { return };
    println!(
        "{}\n",
        Provenance::now().line(
            "`cargo bench -p polyak-bench --bench kernels` on one core, medians, in lanes of 64 trajectories, d = 64, f32; the limits were measured \
             in the same run. The dense gradient is one row at a time here; ensembles take four with AVX-512"
        )
    );
    let words = measured.rate("kernel", &format!("{}, {widest}", Kernel::Pcg32.name()));
    let peak = measured.rate("limit", limits::MULTIPLY_ADD);
    println!(
        "| piece | {widest}, 10⁹ a second | of the peak of unfused multiply-add | of the words of pcg32 |"
    );
    println!("| --- | --- | --- | --- |");
    for kernel in Kernel::ALL {
        let Some(rate) = measured.rate("kernel", &format!("{}, {widest}", kernel.name())) else { continue };
        let of = |limit: Option<f64>, work: Option<f64>| match (limit, work) {
            (Some(limit), Some(work)) => format!("{:.2}", rate * work / limit),
            _ => "–".to_owned(),
        };
        let drawn = (kernel == Kernel::Gaussian).then_some(1.0);
        println!(
            "| {} | {:.2} | {} | {} |",
            kernel.name(),
            rate / 1e9,
            of(peak, kernel.multiply_adds()),
            of(words, drawn)
        );
    }
}

//! Whole ensembles on the CPU: updates per second of the jobs on one core at each instruction set and on all cores, and steps per second of a network in
//! training; in the same run the limits that they are held against: prototypes with fused multiply-add, the peak of unfused multiply-add, a copy in memory.
//! At the end, a table of ratios. (What observing costs is measured by the program `observing`, in turns.)

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use polyak::backend::cpu::{Cpu, LaneScalar, Width};
use polyak::experiment::model::{Experiment, Precision};
use polyak::job::Job;
use polyak_bench::ceiling::{self, Ceiling};
use polyak_bench::ratios::Measured;
use polyak_bench::{Provenance, job, network, run, updates};

use limits::limits;

mod limits;

/// Trajectories of a job with the widest instruction set, and with the others, which are slower.
const TRAJECTORIES: u64 = 131_072;
const FEWER: u64 = 4096;
const STEPS: u64 = 1000;

/// The jobs, and the prototype that each is held against.
const JOBS: [(&str, Option<Ceiling>); 6] = [
    ("Q8", Some(Ceiling::Q8)),
    ("Q1", Some(Ceiling::Q1)),
    ("SVAG4", Some(Ceiling::Svag4)),
    ("Q8-philox", Some(Ceiling::Q8Philox)),
    ("Q8-sgd", None),
    ("Q8-f64", None),
];

const BATCHES: [usize; 2] = [1, 32];

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn on_one(width: Width) -> String {
    format!("{}, 1 thread", width.name())
}

/// One function of a group: an experiment's run, which does `elements`.
fn time(
    criterion: &mut Criterion,
    group: &str,
    name: String,
    experiment: &Experiment,
    cpu: Cpu,
    elements: u64,
) {
    fn runs<S: LaneScalar>(experiment: &Experiment, cpu: Cpu) -> impl FnMut() -> String {
        let job = Job::<S>::new(experiment);
        move || run(&job, cpu)
    }
    let mut group = criterion.benchmark_group(group);
    group.sample_size(10).throughput(Throughput::Elements(elements));
    match experiment.precision {
        Precision::F32 => group.bench_function(name, |bencher| bencher.iter(runs::<f32>(experiment, cpu))),
        Precision::F64 => group.bench_function(name, |bencher| bencher.iter(runs::<f64>(experiment, cpu))),
    };
    group.finish();
}

fn jobs(criterion: &mut Criterion) {
    let widest = Width::detect();
    for (name, prototype) in JOBS {
        let experiment = job(name, TRAJECTORIES, STEPS);
        let work = updates(&experiment);
        if let Some(prototype) = prototype {
            let go = || ceiling::run(prototype, TRAJECTORIES as usize, STEPS as usize);
            if go().is_some() {
                let mut group = criterion.benchmark_group("limit");
                group.sample_size(10).throughput(Throughput::Elements(work));
                group.bench_function(format!("fused prototype of {name}"), |bencher| {
                    bencher.iter(|| black_box(go()))
                });
                group.finish();
            }
        }
        for width in Width::available() {
            let trajectories = if width == widest { TRAJECTORIES } else { FEWER };
            let experiment = job(name, trajectories, STEPS);
            let cpu = Cpu { width, threads: 1 };
            time(criterion, name, on_one(width), &experiment, cpu, updates(&experiment));
        }
        if threads() > 1 {
            let all = Cpu { width: widest, threads: threads() };
            time(
                criterion,
                name,
                format!("{}, {} threads", widest.name(), threads()),
                &experiment,
                all,
                work,
            );
        }
    }
}

/// A step here is one of one trajectory: a batch forwards, backwards, and the update of 2410 parameters.
fn networks(criterion: &mut Criterion) {
    const NETWORKS: u64 = 128;
    let cpu = Cpu { width: Width::detect(), threads: 1 };
    for batch in BATCHES {
        let steps = 16_000 / batch as u64;
        let experiment = network(batch, NETWORKS, steps);
        time(criterion, "64-32-10", format!("batch {batch}"), &experiment, cpu, NETWORKS * steps);
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    limits(&mut criterion);
    jobs(&mut criterion);
    networks(&mut criterion);
    criterion.final_summary();
    if let Some(measured) = Measured::read() {
        print(&measured);
    }
}

/// The table of ratios.
fn print(measured: &Measured) {
    let widest = on_one(Width::detect());
    let program = format!(
        "`cargo bench -p polyak-bench --bench ensemble`, medians, {TRAJECTORIES} trajectories of {STEPS} steps"
    );
    println!("{}\n", Provenance::now().line(&program));
    println!("| job | {widest}, updates a second | of the fused prototype | all threads over one |");
    println!("| --- | ---: | ---: | ---: |");
    for (name, _) in JOBS {
        let Some(one) = measured.rate(name, &widest) else { continue };
        let ratio =
            |other: Option<f64>| other.map_or("–".to_owned(), |other| format!("{:.2}", one / other));
        let prototype = ratio(measured.rate("limit", &format!("fused prototype of {name}")));
        let all = measured.rate(name, &format!("{}, {} threads", Width::detect().name(), threads()));
        let all = all.map_or("–".to_owned(), |all| format!("{:.2}", all / one));
        println!("| {name} | {one:.2e} | {prototype} | {all} |");
    }
    let peak = measured.rate("limit", limits::MULTIPLY_ADD);
    println!(
        "\n| network of 64-32-10 units | steps a second | multiply-adds of the peak, unfused |\n| --- | ---: | ---: |"
    );
    for batch in BATCHES {
        let Some(steps) = measured.rate("64-32-10", &format!("batch {batch}")) else { continue };
        // An example forwards, its weights' gradients, and the second layer's weights backwards; the update has two for each parameter.
        let work = batch as f64 * (2.0 * (64.0 * 32.0 + 32.0 * 10.0) + 32.0 * 10.0) + 2.0 * 2410.0;
        let share = peak.map_or("–".to_owned(), |peak| format!("{:.2}", steps * work / peak));
        println!("| batch {batch} | {steps:.2e} | {share} |");
    }
}

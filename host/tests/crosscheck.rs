//! The kernels, in the emulator, give what the CPU gives.

use std::path::Path;

use polyak::backend::cpu::{Cpu, LaneScalar, Width};
use polyak::backend::emulator::{Emulator, Module};
use polyak::backend::kernels::KernelScalar;
use polyak::crosscheck::{
    Case, Comparison, Matrix as HowMuch, Named, cases, cases_for_the_emulator, crosscheck,
};
use polyak::experiment::model::{Experiment, Landscape, Matrix, Precision};
use polyak::job::Job;
use polyak_kernels::PTX;

/// Not a multiple of a chunk.
const TRAJECTORIES: u64 = 300;

fn compare<S: LaneScalar + KernelScalar>(case: &Case, emulator: &Emulator) -> Vec<Comparison> {
    let job = Job::<S>::new(&case.experiment);
    let cpu = Cpu { width: Width::detect(), threads: 1 };
    let backends =
        [Named { name: "cpu".into(), executor: &cpu }, Named { name: "emulator".into(), executor: emulator }];
    crosscheck(&job, &backends, |run| format!("{}, {}", case.name, case.experiment.runs[run].name)).unwrap()
}

/// The reduced matrix in one precision: two tests, since a case of one chunk keeps one thread busy.
fn agree_in_every_bit<S: LaneScalar + KernelScalar>(precision: Precision) {
    let emulator = Emulator::new(1).unwrap();
    let mut compared = 0;
    for case in cases_for_the_emulator(HowMuch::Reduced).unwrap() {
        if case.experiment.precision == precision {
            for comparison in compare::<S>(&case, &emulator) {
                assert!(comparison.agrees(), "{comparison:#?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "{compared}");
}

#[test]
fn cpu_and_emulator_agree_in_every_bit_of_f32() {
    agree_in_every_bit::<f32>(Precision::F32);
}

#[test]
fn cpu_and_emulator_agree_in_every_bit_of_f64() {
    agree_in_every_bit::<f64>(Precision::F64);
}

/// A network of more units than those of the matrix: its passes take other functions of the kernels.
#[test]
fn a_network_of_many_units_agrees() {
    let row = |j: usize| {
        (0..40).map(|i| format!("{}", ((7 * i + 3 * j) % 11) as f64 / 5.0 - 1.0)).collect::<Vec<_>>()
    };
    let rows: Vec<String> = (0..3).map(|j| format!("[{}]", row(j).join(", "))).collect();
    let text = format!(
        "trajectories = 40\nsteps = 4\n[landscape]\nkind = \"network\"\nlayers = [40, 3, 2]\ninputs = [{rows}]\n\
         targets = [0, 1, 1]\ntest_inputs = [{rows}]\ntest_targets = [1, 1, 0]\n\
         [noise]\nkind = \"mini-batch\"\nbatch = 1\nsampling = \"epochs\"\n\
         [[run]]\noptimizer = \"sgdm\"\nlearning_rate = 0.1\nmomentum = 0.9\n",
        rows = rows.join(", ")
    );
    let experiment = Experiment::parse(&text, Path::new("many units"), &[]).unwrap();
    let case = Case { name: "many units".into(), experiment };
    for comparison in compare::<f32>(&case, &Emulator::new(1).unwrap()) {
        assert!(comparison.agrees(), "{comparison:#?}");
    }
}

#[test]
fn the_largest_dimension_agrees() {
    let curvature: Vec<String> = (0..4096).map(|i| format!("{}", f64::from(1 + i % 17) / 16.0)).collect();
    let text = format!(
        "trajectories = 3\nsteps = 5\n[landscape]\nkind = \"quadratic\"\ncurvature = [{}]\nstart = 1.0\n\
         [noise]\nkind = \"gaussian\"\nscale = 0.5\n\
         [[run]]\noptimizer = \"sgdm\"\nlearning_rate = 0.1\nmomentum = 0.9\n\
         [[run]]\noptimizer = \"sgd\"\nlearning_rate = 0.1\nsvag = 4\n",
        curvature.join(", ")
    );
    let experiment = Experiment::parse(&text, Path::new("4096"), &[]).unwrap();
    assert_eq!(experiment.dimension(), 4096);
    let case = Case { name: "4096".into(), experiment };
    for comparison in compare::<f32>(&case, &Emulator::new(2).unwrap()) {
        assert!(comparison.agrees(), "{comparison:#?}");
    }
}

/// A dense Hessian in the kernels of f64 and of the other generator, as large as the emulator does in seconds.
#[test]
fn a_large_dense_problem_agrees() {
    const D: usize = 1024;
    let text = format!(
        "trajectories = 2\nsteps = 2\nprecision = \"f64\"\nrng = \"philox\"\n\
         [landscape]\nkind = \"quadratic\"\ndimension = {D}\ncurvature = 1.0\nstart = 1.0\n\
         [noise]\nkind = \"laplace\"\nscale = 0.5\n\
         [[run]]\noptimizer = \"sgdm\"\nlearning_rate = 0.1\nmomentum = 0.9\n"
    );
    let mut experiment = Experiment::parse(&text, Path::new("dense"), &[]).unwrap();
    // A million numbers take a reader of text longer than the emulator.
    let entry = |place: usize| 1.0 / (1 + (place / D).abs_diff(place % D)) as f64;
    let hessian = Matrix { rows: D, columns: D, entries: (0..D * D).map(entry).collect() };
    experiment.landscape = Landscape::Dense { hessian };
    let case = Case { name: "dense, d = 1024".into(), experiment };
    let agree = |emulator: &Emulator| {
        let compared = compare::<f64>(&case, emulator);
        assert_eq!(compared.len(), 1);
        compared[0].agrees()
    };
    assert!(agree(&Emulator::new(1).unwrap()));
    // It is this kernel that was run.
    let module = broken("advance_f64_philox", "sub.rn.f64", "add.rn.f64");
    assert!(!agree(&Emulator::with_module(&module, 1)));
}

/// The PTX with one operation changed throughout a kernel.
fn broken(kernel: &str, from: &str, to: &str) -> Module {
    let begin = PTX.find(&format!(".entry {kernel}(")).unwrap();
    let end = begin + PTX[begin..].find("\n}").unwrap();
    Module::parse(&format!("{}{}{}", &PTX[..begin], PTX[begin..end].replace(from, to), &PTX[end..])).unwrap()
}

fn compare_broken(module: &Module) -> Vec<Comparison> {
    let emulator = Emulator::with_module(module, 1);
    let whole = cases(HowMuch::Whole, TRAJECTORIES).unwrap();
    let case = whole.iter().find(|case| case.name == "quadratic, d = 2, f32, pcg32").unwrap();
    compare::<f32>(case, &emulator)
}

#[test]
fn a_wrong_operation_is_found_and_placed() {
    let plain = ["sgdm", "sgdm, step", "heavy ball, cosine", "sgdm, stationary, power"];
    let others = ["svag", "ascent", "nesterov", "weight decay", "qhm"];
    type TakesIt<'a> = &'a dyn Fn(&str) -> bool;
    let cases: [(&str, TakesIt, usize); 2] = [
        ("quadratic_f32_pcg32_2_momentum", &|run| plain.contains(&run), 4),
        ("small_f32_pcg32_2", &|run| others.iter().any(|other| run.contains(other)), 7),
    ];
    for (kernel, takes_it, count) in cases {
        let module = broken(kernel, "sub.rn.f32", "add.rn.f32");
        let mut different = 0;
        for comparison in compare_broken(&module) {
            let run = comparison.case.strip_prefix("quadratic, d = 2, f32, pcg32, ").unwrap();
            assert_eq!(comparison.agrees(), !takes_it(run), "{kernel}: {comparison:#?}");
            if let Some(first) = comparison.first_difference {
                assert_ne!(comparison.digests[0], comparison.digests[1]);
                assert!(first.step <= 2 && first.trajectory == 0, "{kernel}: {first:#?}");
                assert_ne!(first.bits[0], first.bits[1]);
                different += 1;
            }
        }
        assert_eq!(different, count, "{kernel}");
    }
}

#[test]
fn a_wrong_sum_is_found_although_the_final_states_agree() {
    let module = broken("sums_f32", "mul.rn.f32", "add.rn.f32");
    for comparison in compare_broken(&module) {
        // Where no trajectory is finite every sum is 0.
        let finite = !comparison.case.ends_with("diverging");
        assert_eq!(comparison.agrees(), !finite, "{comparison:#?}");
        assert_eq!(comparison.first_difference, None);
        assert_eq!(comparison.digests[0], comparison.digests[1]);
    }
}

//! scratch
use polyak::experiment::model::*;
use polyak::schedule::Schedule;
use polyak::{backend::cpu::*, engine::*, job::Job};
struct No;
impl<S> Listener<S> for No {
    fn merged(&mut self, _: &Progress, _: &[polyak::backend::ChunkResult<S>]) -> Result<(), Fault> {
        Ok(())
    }
}
fn main() {
    let arg: Vec<String> = std::env::args().collect();
    let d: usize = arg.get(1).map_or(8, |s| s.parse().unwrap());
    let n: u64 = arg.get(2).map_or(16384, |s| s.parse().unwrap());
    let svag = arg.get(3).and_then(|s| s.parse::<f64>().ok());
    let eta = 0.01f64;
    let e = Experiment {
        name: "q8".into(),
        seed: 1,
        trajectories: n,
        precision: Precision::F32,
        rng: if arg.get(4).is_some() { Rng::Philox } else { Rng::Pcg32 },
        landscape: Landscape::Diagonal {
            curvature: (0..d).map(|i| 0.1 * 10f64.powf(i as f64 / 7.0)).collect(),
        },
        start: vec![1.0; d],
        noise: Noise::Additive { law: Law::Gaussian, covariance: Covariance::Identity },
        runs: vec![Run {
            name: "a".into(),
            optimizer: Optimizer::Sgdm,
            learning_rate: Schedule::Constant(eta),
            momentum: Momentum::Schedule(Schedule::Constant(0.9)),
            weight_decay: 0.0,
            maximize: false,
            initial_momentum: InitialMomentum::Zero,
            svag: svag.map(|ell| Svag { ell, momentum: SvagMomentum::Keep }),
            steps: 1000,
            noise_scale: 1.0 / eta.sqrt(),
        }],
        observe: Observe {
            every: 1000,
            moments: vec![],
            path_length: false,
            loss_variation: false,
            loss_below: None,
            histograms: vec![],
            paths: 0,
        },
        output: Output { directory: None, final_states: false, plots: false },
    };
    let job = Job::<f32>::new(&e);
    for width in Width::available() {
        for _ in 0..2 {
            let mut p = Progress::new(&job);
            let t = std::time::Instant::now();
            drive(&job, &Cpu { width, threads: 1 }, &mut p, &mut No, &false.into()).unwrap();
            let s = t.elapsed().as_secs_f64();
            let est = p.runs[0].estimates(&polyak::backend::Layout::new(&job), &job.runs[0], &[]);
            let l = est.last().unwrap();
            println!(
                "{:8} {:.3e} upd/s digest {} mean0 {:?} var0 {:?}",
                width.name(),
                (n * d as u64 * job.runs[0].plan.steps) as f64 / s,
                p.runs[0].digest,
                l.mean[0],
                l.variance[0]
            );
        }
    }
}

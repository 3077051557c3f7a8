//! `polyak-native SET`: the digest of the fixed set, computed in an instruction set of this machine.
//!
//! Before it is printed, the trajectories of *every* lane are compared with the same trajectories computed one by one.

use std::process::ExitCode;

use polyak_replay::{EVERY_LANE, EVERYWHERE, Wide, digest_in, digest_of};

/// Lanes, in the instruction set that every machine of this kind has.
fn baseline(trajectories: &[u64]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    type Lanes = polyak_replay::Few;
    #[cfg(not(target_arch = "x86_64"))]
    type Lanes = Wide;
    digest_in::<Lanes>(trajectories)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,fma")]
fn avx2(trajectories: &[u64]) -> u64 {
    digest_in::<Wide>(trajectories)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512cd,avx2,bmi1,bmi2,lzcnt,popcnt,fma")]
fn avx512(trajectories: &[u64]) -> u64 {
    digest_in::<Wide>(trajectories)
}

/// The digest in `set`; `None` if this machine does not have it.
fn run(set: &str, trajectories: &[u64]) -> Option<u64> {
    match set {
        "scalar" => Some(digest_of(trajectories)),
        "baseline" => Some(baseline(trajectories)),
        #[cfg(target_arch = "x86_64")]
        "sse2" => Some(baseline(trajectories)),
        #[cfg(target_arch = "x86_64")]
        "avx2" => {
            let has = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt");
            // SAFETY: the machine has just been asked for every feature that the function is compiled for.
            has.then(|| unsafe { avx2(trajectories) })
        }
        #[cfg(target_arch = "x86_64")]
        "avx512" => {
            let has = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512cd")
                && is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt");
            // SAFETY: the machine has just been asked for every feature that the function is compiled for.
            has.then(|| unsafe { avx512(trajectories) })
        }
        _ => None,
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [set] = arguments.as_slice() else {
        eprintln!("usage: polyak-native scalar|baseline|sse2|avx2|avx512");
        return ExitCode::from(2);
    };
    let Some(found) = run(set, &EVERYWHERE) else {
        eprintln!("this machine has no {set}");
        return ExitCode::from(3);
    };
    let (lanes, one_by_one) = (run(set, &EVERY_LANE), digest_of(&EVERY_LANE));
    if lanes != Some(one_by_one) {
        eprintln!("a lane of {set} differs from its trajectory computed alone");
        return ExitCode::from(1);
    }
    println!("{found:016x}");
    ExitCode::SUCCESS
}

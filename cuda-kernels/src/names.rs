//! The PTX, and which of its kernels a run takes.

extern crate std;

use std::format;
use std::string::String;

use polyak_core::real::Scalar;

use crate::launch::{Problem, Run, flag, watch};
use crate::problem::{CovarianceKind, LandscapeKind, LawKind, NoiseKind};

/// All kernels, as `build-ptx` made them.
pub const PTX: &str = include_str!("../polyak.ptx");

/// Dimensions of which there are kernels with the point in registers.
const IN_REGISTERS: [u32; 5] = [1, 2, 3, 4, 8];

fn precision<S: Scalar>() -> &'static str {
    if S::BYTES == 4 { "f32" } else { "f64" }
}

/// The kernel that moves a run's trajectories: with the point in registers where there is one for the problem, else the one for
/// all problems. `watched` are the launch's bits of [`watch`].
pub fn kernel<S: Scalar>(problem: &Problem<S>, run: &Run<S>, generator: &str, watched: u32) -> String {
    let quadratic = problem.landscape == LandscapeKind::Diagonal
        && problem.noise == NoiseKind::Additive
        && problem.covariance == CovarianceKind::Identity
        && problem.law == LawKind::Gaussian
        && IN_REGISTERS.contains(&problem.dimension);
    let plain = run.flags & (flag::MAXIMIZE | flag::WEIGHT_DECAY | flag::SVAG) == 0;
    let form = ["gradient", "momentum"].get(run.form as usize);
    let (precision, d) = (precision::<S>(), problem.dimension);
    match form {
        Some(form) if quadratic && plain && watched & (watch::PATH_LENGTH | watch::LOSS) == 0 => {
            format!("quadratic_{precision}_{generator}_{d}_{form}")
        }
        _ => format!("advance_{precision}_{generator}"),
    }
}

/// The kernel that sums over chunks.
pub fn sums_kernel<S: Scalar>() -> String {
    format!("sums_{}", precision::<S>())
}

/// One kernel's PTX by itself: the driver compiles what it is given, and all kernels take it long. `None` if there is none of that name.
///
/// ```
/// let text = polyak_kernels::single("sums_f32").unwrap();
/// assert!(text.starts_with("// rustc") && text.matches(".entry").count() == 1);
/// assert_eq!(polyak_kernels::single("sums"), None);
/// ```
pub fn single(kernel: &str) -> Option<String> {
    const ENTRY: &str = ".visible .entry ";
    let head = PTX.split(ENTRY).next()?;
    let entry = PTX.split(ENTRY).skip(1).find(|entry| entry.split('(').next() == Some(kernel))?;
    let end = entry.find("\n}")? + 2;
    Some(format!("{head}{ENTRY}{}\n", entry.get(..end)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Rule, check};

    #[test]
    fn every_operation_is_rounded_by_itself() {
        assert_eq!(check(PTX), Ok(()));
        let broken = PTX.replacen("mul.rn.f32", "mul.f32", 1);
        assert_eq!(check(&broken).unwrap_err().rule, Rule::Unrounded);
        let broken = PTX.replacen(".entry advance_f64_pcg32", ".entry advance_f32_again", 1);
        assert_eq!(check(&broken).unwrap_err().rule, Rule::DoublePrecision);
    }

    #[test]
    fn the_compiler_and_the_device_are_named() {
        let line = PTX.lines().next().unwrap();
        assert!(
            line.starts_with("// rustc 1.") && line.contains("LLVM") && line.ends_with("sm_75"),
            "{line}"
        );
    }

    #[test]
    fn a_kernel_by_itself_is_complete() {
        let names = PTX.lines().filter_map(|line| line.strip_prefix(".visible .entry ")?.split('(').next());
        let mut count = 0;
        for name in names {
            let text = single(name).unwrap();
            assert!(text.contains(".target") && text.trim_end().ends_with('}'), "{name}");
            assert!(!text.contains("call"), "{name} needs another function");
            count += 1;
        }
        assert!(count > 40);
    }
}

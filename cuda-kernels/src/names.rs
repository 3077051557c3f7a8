//! The PTX, and which of its kernels a run takes.

extern crate std;

use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

use polyak_core::real::Scalar;

use crate::check::{callees, definition};
use crate::launch::{Problem, Run, flag, watch};
use crate::problem::{CovarianceKind, LandscapeKind, LawKind, NoiseKind};

/// All kernels, as `build-ptx` made them.
pub const PTX: &str = include_str!("../polyak.ptx");

/// Dimensions of which there are kernels with the point in registers.
const IN_REGISTERS: [u32; 5] = [1, 2, 3, 4, 8];

fn precision<S: Scalar>() -> &'static str {
    if S::BYTES == 4 { "f32" } else { "f64" }
}

/// The kernel that moves a run's trajectories: the fast one of quadratics where that is what it is, else one for all oracles, over networks,
/// over matrix sensing or over any other landscape, of the last two with the point in registers where it has few coordinates. `watched` are the launch's bits of [`watch`].
pub fn kernel<S: Scalar>(problem: &Problem<S>, run: &Run<S>, generator: &str, watched: u32) -> String {
    let quadratic = problem.landscape == LandscapeKind::Diagonal
        && problem.noise == NoiseKind::Additive
        && problem.covariance == CovarianceKind::Identity
        && problem.law == LawKind::Gaussian
        && IN_REGISTERS.contains(&problem.dimension);
    let plain = run.flags & (flag::MAXIMIZE | flag::WEIGHT_DECAY | flag::SVAG) == 0;
    let form = ["gradient", "momentum"].get(run.form as usize);
    let (precision, d) = (precision::<S>(), problem.dimension);
    // Eight coordinates in f64 do not fit: x, m, g and what is watched spilled up to 104 bytes.
    let small = IN_REGISTERS.contains(&d) && (S::BYTES == 4 || d < 8);
    // These have kernels of their own, of two coordinates or more.
    let kind = match problem.landscape {
        LandscapeKind::Network => "network_",
        LandscapeKind::MatrixSensing => "sensing_",
        _ => "",
    };
    let small = small && (d > 1 || kind.is_empty());
    match form {
        Some(form) if quadratic && plain && watched & (watch::PATH_LENGTH | watch::LOSS) == 0 => {
            format!("quadratic_{precision}_{generator}_{d}_{form}")
        }
        _ if small => format!("small_{kind}{precision}_{generator}_{d}"),
        _ if kind.is_empty() => format!("advance_{precision}_{generator}"),
        _ => format!("{kind}{precision}_{generator}"),
    }
}

/// The kernel that sums over chunks.
pub fn sums_kernel<S: Scalar>() -> String {
    format!("sums_{}", precision::<S>())
}

/// The names of the kernels in a PTX text.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.strip_prefix(".visible .entry ")?.split('(').next())
}

/// One kernel of a PTX text by itself, with the functions that it calls: the driver compiles what it is given, and all kernels take it long.
/// `None` if there is none of that name.
///
/// ```
/// use polyak_kernels::{PTX, single};
/// let text = single(PTX, "sums_f32").unwrap();
/// assert!(text.starts_with("// rustc") && text.matches(".entry").count() == 1);
/// assert_eq!(single(PTX, "sums"), None);
/// ```
pub fn single(text: &str, kernel: &str) -> Option<String> {
    let (head, pieces) = pieces(text);
    pieces.iter().find(|piece| piece.name == kernel && piece.text.starts_with(".visible .entry"))?;
    let mut needed = vec![kernel];
    let mut next = 0;
    while let Some(&name) = needed.get(next) {
        let calls = pieces.iter().filter(|piece| piece.name == name).flat_map(|piece| callees(piece.text));
        let new: Vec<&str> = calls.filter(|callee| !needed.contains(callee)).collect();
        for callee in new {
            if !needed.contains(&callee) {
                needed.push(callee);
            }
        }
        next += 1;
    }
    let mut single = String::from(head);
    for piece in pieces.iter().filter(|piece| needed.contains(&piece.name)) {
        single.push_str(piece.text);
        single.push('\n');
    }
    Some(single)
}

/// A kernel or a function, or the declaration of one.
struct Piece<'a> {
    name: &'a str,
    text: &'a str,
}

/// What comes before the first kernel or function of a text, and these.
fn pieces(text: &str) -> (&str, Vec<Piece<'_>>) {
    let (mut pieces, mut head) = (Vec::new(), text);
    // The places of this line and of the piece that it is in.
    let (mut place, mut begin) = (0, None);
    for line in text.split_inclusive('\n') {
        let starts = [".visible .entry", ".visible .func", ".func"];
        if begin.is_none() && starts.iter().any(|start| line.starts_with(start)) {
            begin = Some(place);
            if pieces.is_empty() {
                head = text.get(..place).unwrap_or("");
            }
        }
        if let Some(from) = begin
            && line.starts_with(['}', ';'])
        {
            let piece = text.get(from..=place).unwrap_or("");
            pieces.push(Piece { name: definition(piece).unwrap_or(""), text: piece });
            begin = None;
        }
        place += line.len();
    }
    (head, pieces)
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
        let mut count = 0;
        for name in names(PTX) {
            let text = single(PTX, name).unwrap();
            assert!(text.contains(".target") && text.trim_end().ends_with('}'), "{name}");
            assert_eq!(text.matches(".entry").count(), 1, "{name}");
            for callee in callees(&text) {
                let (_, pieces) = pieces(&text);
                let defines = |piece: &Piece| piece.name == callee && piece.text.ends_with('}');
                assert!(pieces.iter().any(defines), "{name} needs {callee}");
            }
            assert!(!text.contains(".func"), "{name}");
            count += 1;
        }
        assert!(count > 40);
    }
}

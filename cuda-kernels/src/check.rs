//! Reads PTX for what would change bits: that is how a kernel can be trusted to compute on any device what a CPU computes.
//!
//! `ptxas` never fuses or reorders an operation whose rounding is written down. So every float operation must have `.rn`, and
//! nothing may be approximate, flushed to zero or fused.

use core::fmt;

/// What an instruction must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Two operations with one rounding.
    Fused,
    /// Subnormal numbers become zero.
    FlushedToZero,
    /// A result that is not the nearest number.
    Approximate,
    /// An operation without `.rn`, which `ptxas` may fuse with the next.
    Unrounded,
    /// Code that is not in the file.
    External,
    /// f64 in a kernel whose name says f32, or in a function that it calls.
    DoublePrecision,
}

/// An instruction that must not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation<'a> {
    /// What is wrong with it.
    pub rule: Rule,
    /// Kernel or function.
    pub function: &'a str,
    /// The instruction.
    pub instruction: &'a str,
}

impl fmt::Display for Violation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let why = match self.rule {
            Rule::Fused => "is rounded once for two operations",
            Rule::FlushedToZero => "flushes subnormal numbers to zero",
            Rule::Approximate => "is approximate",
            Rule::Unrounded => "has no .rn, so that it may be fused",
            Rule::External => "is code outside this file",
            Rule::DoublePrecision => "is f64 in an f32 kernel",
        };
        write!(f, "{}: {} {why}", self.function, self.instruction)
    }
}

/// The first instruction of a PTX text that breaks the contract of bits.
///
/// ```
/// use polyak_kernels::check::{Rule, check};
/// assert!(check(".entry k() { add.rn.f32 %f1, %f2, %f3; }").is_ok());
/// assert_eq!(check(".entry k() { add.f32 %f1, %f2, %f3; }").unwrap_err().rule, Rule::Unrounded);
/// ```
pub fn check(text: &str) -> Result<(), Violation<'_>> {
    let mut function = "";
    let mut single = false;
    for statement in statements(text) {
        if let Some(name) = definition(statement) {
            function = name;
            single = statement.contains(".entry") && name.contains("f32");
        }
        let violation = |rule| Violation { rule, function, instruction: statement };
        if statement.starts_with(".extern") && statement.contains(".func") {
            return Err(violation(Rule::External));
        }
        if let Some(rule) = broken(name(statement)) {
            return Err(violation(rule));
        }
        if single
            && (is_double(statement) || callee(statement).is_some_and(|name| uses_double(text, name, 16)))
        {
            return Err(violation(Rule::DoublePrecision));
        }
    }
    Ok(())
}

/// The parts between `;`, `{` and `}`, comments left out.
fn statements(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or(""));
    lines
        .flat_map(|line| line.split([';', '{', '}']))
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
}

/// The name of an instruction, without label and guard.
fn name(statement: &str) -> &str {
    let statement = match statement.split_once(':') {
        Some((label, after)) if !label.contains(char::is_whitespace) => after,
        _ => statement,
    };
    let mut words = statement.split_whitespace();
    let first = words.next().unwrap_or("");
    if first.starts_with('@') { words.next().unwrap_or("") } else { first }
}

/// The name that a line defines: `.visible .entry name(`, `.func (.param .b32 result) name(`.
pub(crate) fn definition(statement: &str) -> Option<&str> {
    let after =
        [".entry", ".func"].iter().find_map(|word| statement.split_once(word)).map(|(_, after)| after)?;
    let after = after.trim_start();
    let after = match after.strip_prefix('(') {
        Some(result) => result.split_once(')').map_or("", |(_, after)| after),
        None => after,
    };
    after.trim_start().split(['(', ' ', '\t']).next()
}

/// Whether one of an instruction's parts is `part`.
fn has(name: &str, part: &str) -> bool {
    name.split('.').any(|found| found == part)
}

fn is_float(name: &str) -> bool {
    ["f16", "f16x2", "bf16", "bf16x2", "f32", "f32x2", "f64"].iter().any(|kind| has(name, kind))
}

fn is_double(statement: &str) -> bool {
    has(name(statement), "f64")
}

fn broken(name: &str) -> Option<Rule> {
    let stem = name.split('.').next().unwrap_or("");
    let arithmetic = ["add", "sub", "mul", "div", "sqrt", "rcp"].contains(&stem);
    if stem == "fma" || stem == "mad" && is_float(name) {
        Some(Rule::Fused)
    } else if has(name, "ftz") {
        Some(Rule::FlushedToZero)
    } else if has(name, "approx") || arithmetic && has(name, "full") {
        Some(Rule::Approximate)
    } else if arithmetic && is_float(name) && !has(name, "rn") {
        Some(Rule::Unrounded)
    } else {
        None
    }
}

/// The functions that a text calls.
#[cfg(not(target_arch = "nvptx64"))]
pub(crate) fn callees(text: &str) -> impl Iterator<Item = &str> {
    statements(text).filter_map(callee)
}

/// The function that a `call` goes to.
fn callee(statement: &str) -> Option<&str> {
    let (_, after) = statement.split_once("call")?;
    if !name(statement).starts_with("call") {
        return None;
    }
    let after = after.split_once(char::is_whitespace)?.1.trim_start();
    let after = match after.strip_prefix('(') {
        Some(result) => result.split_once("),")?.1,
        None => after,
    };
    after.split(',').next().map(str::trim)
}

/// Whether a function, or one that it calls, has f64 in it; `depth` ends what calls itself.
fn uses_double(text: &str, function: &str, depth: usize) -> bool {
    let mut inside = false;
    for statement in statements(text) {
        if let Some(name) = definition(statement) {
            inside = name == function;
        } else if inside {
            let deeper =
                || callee(statement).is_some_and(|name| depth > 0 && uses_double(text, name, depth - 1));
            if is_double(statement) || deeper() {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::format;

    use super::*;

    fn rule(text: &str) -> Option<Rule> {
        check(text).err().map(|violation| violation.rule)
    }

    #[test]
    fn each_forbidden_instruction_is_found() {
        for (instruction, expected) in [
            ("fma.rn.f32 %r1, %r2, %r3, %r4", Rule::Fused),
            ("fma.rn.f64 %rd1, %rd2, %rd3, %rd4", Rule::Fused),
            ("mad.rn.f32 %r1, %r2, %r3, %r4", Rule::Fused),
            ("fma.rn.f32x2 %rd1, %rd2, %rd3, %rd4", Rule::Fused),
            ("add.rn.ftz.f32 %r1, %r2, %r3", Rule::FlushedToZero),
            ("setp.lt.ftz.f32 %p1, %r2, %r3", Rule::FlushedToZero),
            ("cvt.ftz.f64.f32 %rd1, %r3", Rule::FlushedToZero),
            ("div.approx.f32 %r1, %r2, %r3", Rule::Approximate),
            ("div.full.f32 %r1, %r2, %r3", Rule::Approximate),
            ("ex2.approx.f32 %r1, %r2", Rule::Approximate),
            ("sqrt.approx.f32 %r1, %r2", Rule::Approximate),
            ("rsqrt.approx.f64 %rd1, %rd2", Rule::Approximate),
            ("add.f32 %r1, %r2, %r3", Rule::Unrounded),
            ("sub.f64 %rd1, %rd2, %rd3", Rule::Unrounded),
            ("mul.f32 %r1, %r2, %r3", Rule::Unrounded),
            ("mul.rz.f32 %r1, %r2, %r3", Rule::Unrounded),
            ("div.f64 %rd1, %rd2, %rd3", Rule::Unrounded),
            ("sqrt.f32 %r1, %r2", Rule::Unrounded),
            ("rcp.rm.f32 %r1, %r2", Rule::Unrounded),
            ("add.f16 %rs1, %rs2, %rs3", Rule::Unrounded),
        ] {
            for (before, after) in
                [("\n\t", ";\n"), ("mov.b32 %r1, %r2; @!%p1 ", "; ret;"), ("$L__BB0_1: ", ";")]
            {
                let text = format!(".visible .entry k()\n{{\n{before}{instruction}{after}}}\n");
                assert_eq!(rule(&text), Some(expected), "{text}");
            }
        }
        assert_eq!(rule(".extern .func (.param .b32 r) sinf(.param .b32 x);"), Some(Rule::External));
    }

    #[test]
    fn double_precision_is_found_in_single_precision_kernels_and_in_what_they_call() {
        for (name, expected) in [("step_f32_8", Some(Rule::DoublePrecision)), ("step_f64_8", None)] {
            let text = format!(".visible .entry {name}(\n.param .u64 p\n)\n{{\n\tcvt.f64.f32 %rd1, %r1;\n}}");
            assert_eq!(rule(&text), expected, "{text}");
        }
        let called = ".func inner() { add.rn.f64 %rd1, %rd2, %rd3; }
            .func (.param .b32 r) outer(.param .b32 x) { call.uni inner; ret; }
            .visible .entry k_f64() { call.uni (r), outer, (x); }";
        assert_eq!(rule(called), None);
        let called = ".func inner() { add.rn.f64 %rd1, %rd2, %rd3; }
            .func (.param .b32 r) outer(.param .b32 x) { call.uni inner; ret; }
            .visible .entry k_f32() { call.uni (r), outer, (x); }";
        let found = check(called).unwrap_err();
        assert_eq!((found.rule, found.function), (Rule::DoublePrecision, "k_f32"));
    }

    #[test]
    fn what_kernels_are_made_of_passes() {
        let text = "// fma.rn.f32 in a comment
            .visible .entry step_f32(.param .u64 .ptr .align 1 step_f32_param_0) {
            ld.global.b32 %r1, [%rd1]; mad.lo.s32 %r1, %r1, %r2, %r3; mul.wide.u32 %rd1, %r1, 4;
            add.rn.f32 %r1, %r1, %r2; sub.rn.f32 %r1, %r1, %r2; mul.rn.f32 %r1, %r1, %r2; div.rn.f32 %r1, %r1, %r2;
            sqrt.rn.f32 %r1, %r1; neg.f32 %r1, %r1; setp.ltu.f32 %p1, %r1, %r2; cvt.rn.f32.s32 %r1, %r2;
            add.s32 %r1, %r1, 1; div.u32 %r1, %r1, 3; selp.f32 %r1, %r2, %r3, %p1; ret; }
            .visible .entry step_f64() { add.rn.f64 %rd1, %rd2, %rd3; }";
        assert_eq!(check(text), Ok(()));
    }
}

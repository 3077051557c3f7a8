//! Every instruction that the committed PTX contains, one by one, against integers of Rust, IEEE arithmetic of this CPU, or the text of
//! the PTX ISA. An instruction in the PTX that has no check here is a failure.

use std::collections::BTreeSet;

use polyak::backend::emulator::{Memory, Module};

const TEXTS: [&str; 3] = [
    polyak_kernels::PTX,
    include_str!("ptx/fixture.ptx"),
    include_str!("../../examples/landscape/pseudo-huber.ptx"),
];

/// The instructions of a text, without guards and operands.
fn opcodes(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or(""));
    let statements = lines.flat_map(|line| line.split(';')).map(|part| part.trim_matches([' ', '\t', '{']));
    let bare = statements.map(|part| part.split_once(": ").map_or(part, |(_, after)| after));
    let unguarded = bare.map(|part| match part.strip_prefix('@') {
        Some(guarded) => guarded.split_once(char::is_whitespace).map_or("", |(_, after)| after.trim()),
        None => part,
    });
    let names = unguarded.filter_map(|part| part.split([' ', '\t']).next());
    names
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with([':', ',']))
        .collect()
}

/// Bits of a register: 16, 32, 64, or 1 for a predicate.
type Bits = u32;

/// What an instruction takes and gives, and its value.
struct Reference {
    to: Bits,
    from: Vec<Bits>,
    value: Box<dyn Fn([u64; 3]) -> u64>,
}

fn reference(to: Bits, from: &[Bits], value: impl Fn([u64; 3]) -> u64 + 'static) -> Option<Reference> {
    Some(Reference { to, from: from.to_vec(), value: Box::new(value) })
}

/// The type at the end of a name, `s32`: its letter and its bits.
fn kind(name: &str) -> (char, Bits) {
    let last = name.rsplit('.').next().unwrap_or("");
    if last == "pred" {
        return ('p', 1);
    }
    let (letter, bits) = last.split_at(1);
    (letter.chars().next().unwrap_or(' '), bits.parse().unwrap_or(0))
}

fn mask(bits: Bits) -> u64 {
    u64::MAX >> (64 - bits)
}

fn signed(x: u64, bits: Bits) -> i128 {
    i128::from((x << (64 - bits)) as i64 >> (64 - bits))
}

/// The number that bits stand for.
fn integer(x: u64, (letter, bits): (char, Bits)) -> i128 {
    if letter == 's' { signed(x, bits) } else { i128::from(x & mask(bits)) }
}

fn integers(stem: &str, name: &str) -> Option<Reference> {
    let kind @ (letter, bits) = kind(name);
    let cut = move |exact: i128| exact as u64 & mask(bits);
    let two = move |f: fn(i128, i128) -> i128| {
        reference(bits, &[bits, bits], move |[a, b, _]| cut(f(integer(a, kind), integer(b, kind))))
    };
    let product = move |a: u64, b: u64| (integer(a, kind) as u128).wrapping_mul(integer(b, kind) as u128);
    let high = move |a, b| {
        let product = product(a, b);
        if letter == 's' {
            (product as i128 >> bits) as u64 & mask(bits)
        } else {
            (product >> bits) as u64 & mask(bits)
        }
    };
    match stem {
        "add" => two(|a, b| a + b),
        "sub" => two(|a, b| a - b),
        "min" => two(i128::min),
        "max" => two(i128::max),
        "div" => two(|a, b| if b == 0 { i128::MAX } else { a / b }),
        "rem" => two(|a, b| if b == 0 { i128::MAX } else { a % b }),
        "and" => two(|a, b| a & b),
        "or" => two(|a, b| a | b),
        "xor" => two(|a, b| a ^ b),
        "neg" => reference(bits, &[bits], move |[a, ..]| cut(-integer(a, kind))),
        "abs" => reference(bits, &[bits], move |[a, ..]| cut(integer(a, kind).abs())),
        "not" => reference(bits, &[bits], move |[a, ..]| !a & mask(bits)),
        "mov" => reference(bits, &[bits], move |[a, ..]| a & mask(bits)),
        "selp" => reference(bits, &[bits, bits, 1], move |[a, b, p]| if p == 1 { a } else { b } & mask(bits)),
        "mul" if name.contains(".lo.") => {
            reference(bits, &[bits, bits], move |[a, b, _]| product(a, b) as u64 & mask(bits))
        }
        "mul" if name.contains(".hi.") => reference(bits, &[bits, bits], move |[a, b, _]| high(a, b)),
        "mul" if name.contains(".wide.") => {
            reference(2 * bits, &[bits, bits], move |[a, b, _]| product(a, b) as u64 & mask(2 * bits))
        }
        "mad" if name.contains(".lo.") => {
            reference(bits, &[bits; 3], move |[a, b, c]| (product(a, b) as u64).wrapping_add(c) & mask(bits))
        }
        // Amounts beyond the width count as the width.
        "shl" => reference(bits, &[bits, 32], move |[a, n, _]| {
            cut(integer(a, ('u', bits)) << (n & mask(32)).min(u64::from(bits)))
        }),
        "shr" => reference(bits, &[bits, 32], move |[a, n, _]| {
            cut(integer(a, kind) >> (n & mask(32)).min(u64::from(bits)))
        }),
        "brev" => reference(bits, &[bits], move |[a, ..]| a.reverse_bits() >> (64 - bits)),
        "clz" => {
            reference(32, &[bits], move |[a, ..]| u64::from((a & mask(bits)).leading_zeros() - (64 - bits)))
        }
        "popc" => reference(32, &[bits], move |[a, ..]| u64::from((a & mask(bits)).count_ones())),
        // The field of c bits from bit b on; beyond the top it is the sign of s32, 0 of u32.
        "bfe" => reference(bits, &[bits, 32, 32], move |[a, position, length]| {
            let (position, length) = ((position & 255).min(127) as u32, (length & 255).min(64) as u32);
            let from = integer(a, kind) >> position;
            if length == 0 {
                return 0;
            }
            // The sign of a field that ends beyond the top is the top bit.
            let kept = length.min(bits.saturating_sub(position).max(1));
            cut(if letter == 's' { signed(from as u64, kept) } else { from & i128::from(mask(kept)) })
        }),
        // (b, a) as 64 bits, moved by c modulo 32.
        "shf" if name.starts_with("shf.l.wrap") => {
            reference(32, &[32; 3], |[a, b, c]| (b << 32 | a & mask(32)).wrapping_shl(c as u32 & 31) >> 32)
        }
        "shf" if name.starts_with("shf.r.wrap") => {
            reference(32, &[32; 3], |[a, b, c]| ((b << 32 | a & mask(32)) >> (c & 31)) & mask(32))
        }
        // Each digit of c names a byte of (b, a); with its upper bit, that byte's sign.
        "prmt" => reference(32, &[32; 3], |[a, b, c]| {
            let bytes = (b << 32 | a & mask(32)).to_le_bytes();
            let place = |i: u32| {
                let digit = (c >> (4 * i)) as usize & 15;
                let byte = bytes[digit & 7];
                u64::from(if digit & 8 == 0 {
                    byte
                } else if byte >> 7 == 1 {
                    255
                } else {
                    0
                }) << (8 * i)
            };
            (0..4).map(place).sum()
        }),
        "setp" => {
            let compare: fn(&i128, &i128) -> bool = comparison(name)?;
            reference(1, &[bits, bits], move |[a, b, _]| {
                u64::from(compare(&integer(a, kind), &integer(b, kind)))
            })
        }
        _ => None,
    }
}

fn comparison<T: PartialOrd>(name: &str) -> Option<fn(&T, &T) -> bool> {
    Some(match name.split('.').nth(1)? {
        "eq" => T::eq,
        "ne" => T::ne,
        "lt" => T::lt,
        "le" => T::le,
        "gt" => T::gt,
        "ge" => T::ge,
        _ => return None,
    })
}

macro_rules! floats {
    ($function:ident: $float:ident, $word:ident, $bits:literal) => {
        fn $function(stem: &str, name: &str) -> Option<Reference> {
            let of = |x: u64| $float::from_bits(x as $word);
            let to = |x: $float| u64::from(x.to_bits());
            let two = move |f: fn($float, $float) -> $float| {
                reference($bits, &[$bits, $bits], move |[a, b, _]| to(f(of(a), of(b))))
            };
            // A NaN is not less than a number, nor greater; −0 is less than 0.
            fn extreme(a: $float, b: $float, least: bool) -> $float {
                let first_is_less = a < b || a == b && a.is_sign_negative();
                if a.is_nan() || !b.is_nan() && first_is_less != least { b } else { a }
            }
            let sign: $word = 1 << ($bits - 1);
            match stem {
                "add" => two(|a, b| a + b),
                "sub" => two(|a, b| a - b),
                "mul" => two(|a, b| a * b),
                "div" => two(|a, b| a / b),
                "min" => two(|a, b| extreme(a, b, true)),
                "max" => two(|a, b| extreme(a, b, false)),
                "sqrt" => reference($bits, &[$bits], move |[a, ..]| to(of(a).sqrt())),
                "rcp" => reference($bits, &[$bits], move |[a, ..]| to(1.0 / of(a))),
                "neg" => reference($bits, &[$bits], move |[a, ..]| u64::from(a as $word ^ sign)),
                "abs" => reference($bits, &[$bits], move |[a, ..]| u64::from(a as $word & !sign)),
                // The sign of a, the rest of b.
                "copysign" => reference($bits, &[$bits, $bits], move |[a, b, _]| {
                    u64::from(b as $word & !sign | a as $word & sign)
                }),
                "selp" => reference($bits, &[$bits, $bits, 1], move |[a, b, p]| {
                    u64::from(if p == 1 { a } else { b } as $word)
                }),
                "setp" => {
                    let word = name.split('.').nth(1)?;
                    let nan = move |a: u64, b: u64| of(a).is_nan() || of(b).is_nan();
                    if word == "nan" {
                        return reference(1, &[$bits, $bits], move |[a, b, _]| u64::from(nan(a, b)));
                    }
                    let unordered = word.len() == 3;
                    let compare = comparison::<$float>(&format!("setp.{}.", word.get(..2)?))?;
                    reference(1, &[$bits, $bits], move |[a, b, _]| {
                        u64::from(if nan(a, b) { unordered } else { compare(&of(a), &of(b)) })
                    })
                }
                _ => None,
            }
        }
    };
}

floats!(singles: f32, u32, 32);
floats!(doubles: f64, u64, 64);

/// `cvt.rounding.to.from`.
fn conversions(name: &str) -> Option<Reference> {
    let words: Vec<&str> = name.split('.').collect();
    let [.., to, from] = words[..] else { return None };
    let (to, from) = (kind(to), kind(from));
    reference(to.1, &[from.1], move |[a, ..]| match (to, from) {
        (('f', 32), ('f', 64)) => u64::from((f64::from_bits(a) as f32).to_bits()),
        (('f', 32), _) => u64::from((integer(a, from) as f32).to_bits()),
        (('f', 64), _) => (integer(a, from) as f64).to_bits(),
        (_, ('f', width)) => {
            let x = if width == 32 { f64::from(f32::from_bits(a as u32)) } else { f64::from_bits(a) };
            let bits = to.1;
            // The ISA's numbers for what is none.
            if x.is_nan() {
                return if width == 32 && bits < 64 { 0 } else { 1 << (bits - 1) };
            }
            let (least, most) = match to.0 {
                's' => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
                _ => (0, (1i128 << bits) - 1),
            };
            (x as i128).clamp(least, most) as u64 & mask(bits)
        }
        _ => integer(a, from) as u64 & mask(to.1),
    })
}

fn reference_of(name: &str) -> Option<Reference> {
    let stem = name.split('.').next()?;
    match (stem, kind(name)) {
        ("cvt", _) => conversions(name),
        ("ld" | "st" | "cvta", _) => None,
        (_, ('f', 32)) => singles(stem, name),
        (_, ('f', 64)) => doubles(stem, name),
        (_, (_, 1 | 16 | 32 | 64)) => integers(stem, name),
        _ => None,
    }
}

/// Limits, signs, small numbers, floats of every sort, and pseudorandom words.
fn operands() -> Vec<u64> {
    let mut all: Vec<u64> =
        vec![0, 1, 2, 5, 16, 31, 32, 33, 64, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000];
    all.extend([0xffff_ffff, 1 << 63, (1 << 63) - 1, u64::MAX, 0x1_0000_0000, 0x5432, 0xfedc]);
    let floats =
        [0.0, -0.0, 1.0, -1.5, 0.1, 3e9, -2.5e-40, 1e30, -7e18, f64::MAX, f64::INFINITY, f64::NAN, 5e-324];
    all.extend(floats.map(f64::to_bits));
    all.extend(floats.map(|x| u64::from((x as f32).to_bits())));
    let mut state = 1u64;
    all.extend((0..8).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state ^ state >> 29
    }));
    all
}

fn register(bits: Bits, place: usize) -> String {
    let prefix = match bits {
        1 => "%p",
        16 => "%rs",
        32 => "%r",
        _ => "%rd",
    };
    format!("{prefix}{place}")
}

/// A kernel that writes what one instruction makes of three words.
fn module(name: &str, Reference { to, from, .. }: &Reference) -> Module {
    let load = |(i, bits): (usize, &Bits)| match bits {
        1 => format!("ld.param.b64 %rd{i}, [x{i}]; and.b64 %rd{i}, %rd{i}, 1; setp.ne.b64 %p{i}, %rd{i}, 0;"),
        bits => format!("ld.param.b{bits} {}, [x{i}];", register(*bits, i)),
    };
    let loads: String = from.iter().enumerate().map(load).collect();
    let sources: String =
        from.iter().enumerate().map(|(i, bits)| format!(", {}", register(*bits, i))).collect();
    let store = match to {
        1 => "selp.b64 %rd8, 1, 0, %p7; st.global.b64 [%rd9], %rd8;".to_owned(),
        bits => format!("st.global.b{bits} [%rd9], {};", register(*bits, 7)),
    };
    let text = format!(
        ".visible .entry k(.param .b64 out, .param .b64 x0, .param .b64 x1, .param .b64 x2) {{
            .reg .pred %p<8>; .reg .b16 %rs<8>; .reg .b32 %r<8>; .reg .b64 %rd<10>;
            ld.param.b64 %rd9, [out]; {loads} {name} {}{sources}; {store} ret; }}",
        register(*to, 7)
    );
    Module::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Whether two results are equal; every NaN is.
fn equal(name: &str, found: u64, expected: u64) -> bool {
    let nan =
        |x: u64| match kind(name.strip_prefix("cvt.rn.").and_then(|kinds| kinds.get(..3)).unwrap_or(name)) {
            ('f', 32) => f32::from_bits(x as u32).is_nan(),
            ('f', 64) => f64::from_bits(x).is_nan(),
            _ => false,
        };
    found == expected
        || nan(found)
            && nan(expected)
            && !["neg", "abs", "copysign", "selp"].contains(&name.split('.').next().unwrap_or(""))
}

#[test]
fn what_computes_gives_what_the_reference_gives() {
    let names: BTreeSet<&str> = TEXTS.iter().flat_map(|text| opcodes(text)).collect();
    let mut checked = 0;
    for name in names {
        let Some(reference) = reference_of(name) else { continue };
        let module = module(name, &reference);
        let mut memory = Memory::new();
        let out = memory.alloc(8);
        let (all, few) = (operands(), [0, 1, 7, 40, 0xfedc_ba98_7654_3210]);
        let second: &[u64] = if reference.from.len() > 1 { &all } else { &[0] };
        let third: &[u64] = if reference.from.len() > 2 { &few } else { &[0] };
        for &a in &all {
            for &b in second {
                for &c in third {
                    let divides = ["div", "rem"].contains(&name.split('.').next().unwrap_or(""));
                    if divides && !name.contains(".f") && b & mask(reference.from[1]) == 0 {
                        continue;
                    }
                    memory.write(out, &[0; 8]).unwrap();
                    let c = if reference.from.get(2) == Some(&1) { c & 1 } else { c };
                    let (a, b) = if reference.from[0] == 1 { (a & 1, b & 1) } else { (a, b) };
                    let arguments = [out.into(), a.into(), b.into(), c.into()];
                    module.launch("k", [1; 3], [1; 3], &arguments, &mut memory).unwrap();
                    let found = u64::from_le_bytes(memory.read(out, 8).unwrap().try_into().unwrap());
                    let expected = (reference.value)([a, b, c]);
                    assert!(
                        equal(name, found, expected),
                        "{name} {a:#x} {b:#x} {c:#x}: {found:#x}, not {expected:#x}"
                    );
                }
            }
        }
        checked += 1;
    }
    assert!(checked > 150, "{checked}");
}

/// Loads and stores: the bytes that they move, in every space and width, one by one or together.
fn moves_memory(name: &str) -> Option<()> {
    let words: Vec<&str> = name.split('.').collect();
    let (stem, width) = (words[0], kind(name).1);
    let count = words.iter().find_map(|word| word.strip_prefix('v')).map_or(1, |n| n.parse().unwrap());
    let bytes = count * width as usize / 8;
    let space = ["local", "param"].into_iter().find(|space| words.contains(space)).unwrap_or("global");
    let narrow = if width == 8 { 16 } else { width };
    let registers: Vec<String> = (0..count).map(|i| register(narrow, i)).collect();
    let together = if count == 1 { registers[0].clone() } else { format!("{{{}}}", registers.join(", ")) };
    // The other instruction moves word by word, so that only the one in question moves them together.
    let one_by_one = |stem: &str, space: &str, base: &str| -> String {
        let each = |(i, register): (usize, &String)| {
            let place = format!("[{base}+{}]", i * width as usize / 8);
            match stem {
                "ld" => format!("ld.{space}.b{width} {register}, {place};"),
                _ => format!("st.{space}.b{width} {place}, {register};"),
            }
        };
        registers.iter().enumerate().map(each).collect()
    };
    let here = if space == "local" { "%rd8" } else { "%rd9" };
    let body = match (stem, space) {
        ("ld", "param") => format!("{name} {together}, [x]; {}", one_by_one("st", "global", "%rd7")),
        ("st", "param") => format!(
            "{} {{ .param .b{width} p; .param .b64 q; {name} [p], {together}; st.param.b64 [q], %rd7; call.uni keep{width}, (p, q); }}",
            one_by_one("ld", "global", "%rd9")
        ),
        ("ld", "local") => format!(
            "{} {} {name} {together}, [%rd8]; {}",
            one_by_one("ld", "global", "%rd9"),
            one_by_one("st", "local", "%rd8"),
            one_by_one("st", "global", "%rd7")
        ),
        ("st", "local") => format!(
            "{} {name} [%rd8], {together}; {} {}",
            one_by_one("ld", "global", "%rd9"),
            one_by_one("ld", "local", "%rd8"),
            one_by_one("st", "global", "%rd7")
        ),
        ("ld", _) => format!("{name} {together}, [{here}]; {}", one_by_one("st", "global", "%rd7")),
        ("st", _) => format!("{} {name} [%rd7], {together};", one_by_one("ld", "global", "%rd9")),
        _ => return None,
    };
    let text = format!(
        ".func keep{width}(.param .b{width} p, .param .b64 q) {{ .reg .b16 %rs<4>; .reg .b32 %r<4>; .reg .b64 %rd<4>;
            ld.param.b64 %rd3, [q]; ld.param.b{width} {0}, [p]; st.global.b{width} [%rd3], {0}; ret; }}
        .visible .entry k(.param .b64 to, .param .b64 from, .param .b{width} x) {{
            .local .align 16 .b8 depot[32]; .reg .b16 %rs<4>; .reg .b32 %r<4>; .reg .b64 %rd<10>;
            ld.param.b64 %rd7, [to]; ld.param.b64 %rd9, [from]; mov.b64 %rd8, depot; {body} ret; }}",
        register(narrow, 0)
    );
    let module = Module::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
    let mut memory = Memory::new();
    let (to, from) = (memory.alloc(40), memory.alloc(40));
    let pattern: Vec<u8> = (0..40u8).map(|i| 200 - 5 * i).collect();
    memory.write(from, &pattern).unwrap();
    let x = polyak::backend::emulator::Argument::from(&pattern[..width as usize / 8]);
    module.launch("k", [1; 3], [1; 3], &[to.into(), from.into(), x], &mut memory).unwrap();
    let written = memory.read(to, 40).unwrap();
    assert_eq!(written[..bytes], pattern[..bytes], "{name}");
    assert!(written[bytes..].iter().all(|byte| *byte == 0), "{name} writes beyond");
    Some(())
}

/// What moves control or addresses: bodies that leave 1 in `[%rd9]` if it does what it should.
const CONTROL: [(&str, &str); 12] = [
    ("bra", "setp.ne.b64 %p1, %rd9, 0; @%p1 bra L; trap; L: st.global.b32 [%rd9], 1;"),
    ("bra.uni", "bra.uni L; trap; L: st.global.b32 [%rd9], 1;"),
    ("brx.idx", "mov.b32 %r1, 1; t: .branchtargets A, B; brx.idx %r1, t; A: trap; B: st.global.b32 [%rd9], 1;"),
    (
        "call.uni",
        "{ .param .b32 p; .param .b32 r; st.param.b32 [p], 4; call.uni (r), less, (p); ld.param.b32 %r1, [r]; }
         st.global.b32 [%rd9], %r1;",
    ),
    ("ret", "st.global.b32 [%rd9], 1; ret; trap;"),
    ("exit", "st.global.b32 [%rd9], 1; exit; trap;"),
    ("trap", "st.global.b32 [%rd9], 1; trap;"),
    ("cvta.local.u64", "mov.b64 %rd1, depot; cvta.local.u64 %rd2, %rd1; st.b32 [%rd2], 1; ld.local.b32 %r1, [%rd1]; st.global.b32 [%rd9], %r1;"),
    ("cvta.to.local.u64", "mov.b64 %rd1, depot; cvta.local.u64 %rd2, %rd1; cvta.to.local.u64 %rd3, %rd2; st.local.b32 [%rd3], 1; ld.b32 %r1, [%rd2]; st.global.b32 [%rd9], %r1;"),
    ("cvta.to.global.u64", "cvta.to.global.u64 %rd1, %rd9; st.global.b32 [%rd1], 1;"),
    ("cvta.global.u64", "mov.b64 %rd1, numbers; cvta.global.u64 %rd2, %rd1; ld.b32 %r1, [%rd2+4]; st.global.b32 [%rd9], %r1;"),
    ("mov.b64 of halves", "mov.b64 %rd1, {%r1, %r2}; mov.b64 {%r3, %r4}, 4294967298; st.global.b32 [%rd9], %r4;"),
];

fn moves_control(name: &str) -> Option<()> {
    let (_, body) = CONTROL.iter().find(|(known, _)| *known == name)?;
    let text = format!(
        ".global .align 4 .b32 numbers[2] = {{7, 1}};
        .func (.param .b32 r) less(.param .b32 p) {{ .reg .b32 %r<2>;
            ld.param.b32 %r1, [p]; add.s32 %r1, %r1, -3; st.param.b32 [r], %r1; ret; }}
        .visible .entry k(.param .b64 out) {{ .local .align 8 .b8 depot[8];
            .reg .pred %p<4>; .reg .b32 %r<5>; .reg .b64 %rd<10>; ld.param.b64 %rd9, [out]; {body} ret; }}"
    );
    let module = Module::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut memory = Memory::new();
    let out = memory.alloc(4);
    let ended = module.launch("k", [1; 3], [1; 3], &[out.into()], &mut memory);
    assert_eq!(ended.is_err(), name == "trap", "{name}: {ended:?}");
    assert_eq!(memory.read(out, 4).unwrap(), [1, 0, 0, 0], "{name}");
    Some(())
}

#[test]
fn no_instruction_of_the_kernels_is_without_a_check() {
    for name in TEXTS.iter().flat_map(|text| opcodes(text)).collect::<BTreeSet<_>>() {
        let known =
            reference_of(name).map(|_| ()).or_else(|| moves_control(name)).or_else(|| moves_memory(name));
        assert!(known.is_some(), "{name}: no check");
    }
    assert!(moves_control("mov.b64 of halves").is_some());
    // And one that has none is seen.
    for unknown in ["fma.rn.f32", "lop3.b32", "atom.global.add.u32", "bar.sync", "ex2.approx.f32"] {
        assert!(reference_of(unknown).is_none() && moves_control(unknown).is_none(), "{unknown}");
        assert!(moves_memory(unknown).is_none(), "{unknown}");
    }
}

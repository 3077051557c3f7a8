//! The bits of the elementary functions: a change of any of them is value-breaking.
//!
//! The digests hold for every target and every set of CPU features, `-C target-cpu=native` too.

use polyak_core::real::{double, single};

const POINTS: usize = 20_000;

/// 64-bit FNV-1a over numbers, little-endian, every NaN as the one quiet NaN.
struct Digest(u64);

impl Digest {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn single(&mut self, x: f32) {
        self.bytes(&(if x.is_nan() { 0x7fc0_0000 } else { x.to_bits() }).to_le_bytes());
    }

    fn double(&mut self, x: f64) {
        self.bytes(&(if x.is_nan() { 0x7ff8 << 48 } else { x.to_bits() }).to_le_bytes());
    }
}

/// Digest of what `put` adds for each of the words of a fixed sequence (SplitMix64).
fn digest(mut put: impl FnMut(&mut Digest, u64, u64)) -> u64 {
    let mut state = 0u64;
    let mut word = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    };
    let mut digest = Digest(0xcbf2_9ce4_8422_2325);
    for _ in 0..POINTS {
        let (a, b) = (word(), word());
        put(&mut digest, a, b);
    }
    digest.0
}

/// Any bit pattern, or a number of moderate size: half of the points each.
fn narrow(a: u64, b: u64) -> f32 {
    if b & 1 == 0 {
        f32::from_bits((a >> 32) as u32)
    } else {
        (a >> 32) as i32 as f32 * (32.0 / 2_147_483_648.0)
    }
}

fn wide(a: u64, b: u64) -> f64 {
    if b & 1 == 0 { f64::from_bits(a) } else { a as i64 as f64 * (32.0 / 9_223_372_036_854_775_808.0) }
}

#[test]
fn bits_of_the_single_functions() {
    let of = |f: fn(f32) -> f32| digest(|d, a, b| d.single(f(narrow(a, b))));
    let turn = digest(|d, a, b| {
        let (s, c) = single::sin_cos_turn(narrow(a, b));
        d.single(s);
        d.single(c);
    });
    let normal = digest(|d, a, b| {
        for z in single::box_muller((a >> 32) as u32, (b >> 32) as u32) {
            d.single(z);
        }
    });
    let radius = digest(|d, a, b| d.single(single::minus_two_ln_uniform((a >> (b % 64)) as u32)));
    let found = [
        ("ln", of(single::ln)),
        ("exp", of(single::exp)),
        ("exp_m1", of(single::exp_m1)),
        ("sqrt", of(single::sqrt)),
        ("tanh", of(single::tanh)),
        ("sigmoid", of(single::sigmoid)),
        ("sin_cos_turn", turn),
        ("minus_two_ln_uniform", radius),
        ("box_muller", normal),
    ];
    assert_eq!(
        found.map(|(name, d)| format!("{name} {d:016x}")),
        [
            "ln 6386c24df4c7131f",
            "exp 93f3b24d10e8b7f0",
            "exp_m1 6e6e92edbca4637e",
            "sqrt afbf13064835a2a9",
            "tanh a29bd7aef451cfa2",
            "sigmoid a9e5efc02d598a9b",
            "sin_cos_turn b6490116f81a984d",
            "minus_two_ln_uniform a143305eff320769",
            "box_muller 6528aa3c3559b91a",
        ]
    );
}

#[test]
fn bits_of_the_double_functions() {
    let of = |f: fn(f64) -> f64| digest(|d, a, b| d.double(f(wide(a, b))));
    let turn = digest(|d, a, b| {
        let (s, c) = double::sin_cos_turn(wide(a, b));
        d.double(s);
        d.double(c);
    });
    let normal = digest(|d, a, b| {
        for z in double::box_muller(a, b) {
            d.double(z);
        }
    });
    let radius = digest(|d, a, b| d.double(double::minus_two_ln_uniform(a >> (b % 64))));
    let power = digest(|d, a, b| d.double(double::pow(wide(a, 1).abs(), wide(b, 1))));
    let found = [
        ("ln", of(double::ln)),
        ("exp", of(double::exp)),
        ("exp_m1", of(double::exp_m1)),
        ("sqrt", of(double::sqrt)),
        ("tanh", of(double::tanh)),
        ("sigmoid", of(double::sigmoid)),
        ("sin_cos_turn", turn),
        ("minus_two_ln_uniform", radius),
        ("box_muller", normal),
        ("pow", power),
    ];
    assert_eq!(
        found.map(|(name, d)| format!("{name} {d:016x}")),
        [
            "ln 0d6884432523a284",
            "exp 8600cc301e09e0a5",
            "exp_m1 cf89c8a3d98fdc15",
            "sqrt bf31385a2a80b50d",
            "tanh 34f9fc9e7b0b4673",
            "sigmoid 95c2ffb7cdec243f",
            "sin_cos_turn f6eb08f3f8991d81",
            "minus_two_ln_uniform bbe5bc7b80656d70",
            "box_muller 3b378314f6eefa33",
            "pow 7a7fad763c97ad0d",
        ]
    );
}

//! Work that makes the compiler emit most of what a kernel can hold: loops, branches, tables, arrays in local memory,
//! conversions, integers of every width, IEEE arithmetic in both precisions.

pub struct Pcg(pub u64, pub u64);

impl Pcg {
    pub fn new(seed: u64, i: u32) -> Self {
        let increment = (seed ^ (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 1 | 1;
        let mut pcg = Pcg(seed.wrapping_add(i as u64), increment);
        pcg.next();
        pcg.next();
        pcg
    }

    pub fn next(&mut self) -> u32 {
        let state = self.0;
        self.0 = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(self.1);
        ((((state >> 18) ^ state) >> 27) as u32).rotate_right((state >> 59) as u32)
    }

    pub fn long(&mut self) -> u64 {
        (self.next() as u64) << 32 | self.next() as u64
    }
}

pub fn momentum_f32(i: u32, steps: u32, seed: u64, rate: f32, beta: f32) -> [f32; 2] {
    let mut pcg = Pcg::new(seed, i);
    let (mut x, mut m) = ([1.0f32, -2.0], [0.0f32; 2]);
    for _ in 0..steps {
        for (k, h) in [0.5f32, 3.0].into_iter().enumerate() {
            let noise = (pcg.next() as i32 as f32 + 0.5) * (1.0 / 4_294_967_296.0);
            let g = h * x[k] + noise;
            m[k] = beta * m[k] + (1.0 - beta) * g;
            x[k] -= rate * m[k];
        }
    }
    x
}

/// √x by the instruction of either machine.
#[cfg(target_arch = "nvptx64")]
fn root(x: f32) -> f32 {
    core::intrinsics::sqrtf32(x)
}

#[cfg(not(target_arch = "nvptx64"))]
fn root(x: f32) -> f32 {
    x.sqrt()
}

pub fn gaussian_f32(i: u32, draws: u32, seed: u64) -> [f32; 2] {
    let mut pcg = Pcg::new(seed, i);
    let mut sum = [0.0f32; 2];
    for _ in 0..draws {
        let u = ((pcg.next() >> 8) as f32 + 0.5) * (1.0 / 16_777_216.0);
        // ln u = e ln 2 + a polynomial of the significand.
        let bits = u.to_bits();
        let e = (bits >> 23) as i32 - 127;
        let f = f32::from_bits(bits & 0x7f_ffff | 0x3f80_0000) - 1.0;
        let ln = e as f32 * core::f32::consts::LN_2 + f * (1.0 - f * (0.5 - f * (0.33 - f * 0.14)));
        let r = root(if ln < 0.0 { -2.0 * ln } else { 0.0 });
        let w = pcg.next();
        let t = (w << 2) as i32 as f32 * (1.0 / 4_294_967_296.0);
        let (s, c) = (t * (1.57 - 0.64 * t * t), 1.0 - t * t * (1.23 - t * t * 0.25));
        let (s, c) = if w >> 31 == 1 { (-s, -c) } else { (s, c) };
        let (s, c) = if w >> 30 & 1 == 1 { (c, -s) } else { (s, c) };
        sum[0] += r * c;
        sum[1] += r * s;
    }
    sum
}

pub fn double_f64(i: u32, steps: u32, seed: u64) -> [f64; 4] {
    let mut pcg = Pcg::new(seed, i);
    let mut out = [1.0f64; 4];
    for k in 0..steps {
        let u = pcg.long() as f64 / 18_446_744_073_709_551_616.0;
        let slot = (pcg.next() & 3) as usize;
        // Newton's iteration for the square root, then a long division.
        let mut y = u + 0.5;
        for _ in 0..4 {
            y = 0.5 * (y + u / y);
        }
        out[slot] = out[slot] * 0.75 + y - (k as f64 - u) / 7.0;
        if out[slot] > 10.0 {
            out[slot] = -out[slot] / 3.0;
        }
    }
    out
}

#[allow(clippy::neg_cmp_op_on_partial_ord)] // Unordered comparisons are wanted.
pub fn floats_f32(i: u32, seed: u64) -> [u32; 16] {
    let mut pcg = Pcg::new(seed, i);
    // Any bits: subnormals, infinities and NaNs come too.
    let special =
        [0.0f32, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e-42, f32::MAX, f32::MIN_POSITIVE];
    let a = if i.is_multiple_of(3) { special[pcg.next() as usize % 8] } else { f32::from_bits(pcg.next()) };
    let b = if i.is_multiple_of(5) { special[pcg.next() as usize % 8] } else { f32::from_bits(pcg.next()) };
    let canonical = |x: f32| if x.is_nan() { 0x7fc0_0000 } else { x.to_bits() };
    let flag = |x: bool| x as u32;
    [
        canonical(a + b),
        canonical(a - b),
        canonical(a * b),
        canonical(a / b),
        canonical(root(a)),
        canonical(a.abs()),
        canonical(-b),
        // Which zero is the lesser is left open by Rust: adding +0 hides it.
        canonical(a.min(b).max(-1.0) + 0.0),
        flag(a < b) | flag(a <= b) << 1 | flag(a > b) << 2 | flag(a >= b) << 3,
        flag(a == b) | flag(a != b) << 1 | flag(a.is_nan()) << 2 | flag(b.is_infinite()) << 3,
        flag(!(a < b)) | flag(!(a >= b)) << 1,
        canonical(if a > 1.0 { a / 3.0 } else { b * 0.1 }),
        canonical(a.copysign(b)),
        canonical((a as f64 * b as f64) as f32),
        canonical((a as f64 / 3.0) as f32),
        a.partial_cmp(&b).map_or(7, |order| order as i32 as u32),
    ]
}

pub fn conversions(i: u32, seed: u64) -> [u64; 16] {
    let mut pcg = Pcg::new(seed, i);
    let wide = pcg.long();
    let scale = pcg.next() % 80;
    // Magnitudes around every integer type's limits.
    let d = (wide as i64 as f64) * f64::from_bits((1023 - 60 + scale as u64) << 52);
    let f = d as f32;
    [
        d as i32 as u32 as u64,
        d as u32 as u64,
        d as i64 as u64,
        d as u64,
        f as i32 as u32 as u64,
        f as u32 as u64,
        f as i64 as u64,
        f as u64,
        f as i8 as u8 as u64,
        f as u16 as u64,
        (wide as f32).to_bits() as u64,
        (wide as i64 as f32).to_bits() as u64,
        (wide as f64).to_bits(),
        ((wide as i32) as f64).to_bits(),
        ((wide as u32) as f32).to_bits() as u64,
        ((wide as i16) as f32).to_bits() as u64 | ((wide as u8) as f32 as u64) << 40,
    ]
}

pub fn integers(i: u32, seed: u64) -> [u64; 16] {
    let mut pcg = Pcg::new(seed, i);
    let (a, b) = (pcg.long(), pcg.long() >> (pcg.next() & 63) | 1);
    let (s, t) = (a as i64 >> (pcg.next() & 31), b as i64);
    let (p, q) = (a as u32, b as u32 | 1);
    [
        a / b,
        a % b,
        s.wrapping_div(t) as u64,
        s.wrapping_rem(t) as u64,
        (p / q) as u64 | ((p % q) as u64) << 32,
        ((p as i32).wrapping_div(q as i32)) as u32 as u64,
        ((a as u128 * b as u128) >> 64) as u64,
        ((s as i128 * t as i128) >> 64) as u64,
        a.leading_zeros() as u64 | (a.count_ones() as u64) << 8 | (p.trailing_zeros() as u64) << 16,
        a.reverse_bits() ^ p.reverse_bits() as u64,
        a.swap_bytes() ^ p.swap_bytes() as u64,
        a.rotate_left(q & 63) ^ p.rotate_left(q & 31) as u64,
        a.min(b) ^ (s.max(t) as u64) ^ (p.max(q) as u64) ^ ((p as i32).min(q as i32) as u64),
        s.unsigned_abs() ^ (p as i32).unsigned_abs() as u64,
        (p as u8).wrapping_mul(q as u8) as u64 | ((p as i16 as i32 * q as i16 as i32) as u32 as u64) << 16,
        a.saturating_sub(b) ^ a.checked_add(b).unwrap_or(5) ^ (p as u64 * q as u64),
    ]
}

static PRIMES: [u16; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
static WEIGHTS: [f32; 5] = [0.5, -1.25, 3.0, 1e-3, -7.5];

pub fn table(i: u32, seed: u64, steps: u32) -> [u32; 4] {
    let mut pcg = Pcg::new(seed, i);
    let mut counts = [0u32; 16];
    let mut hash = 1u32;
    let mut weight = 0.0f32;
    for _ in 0..steps {
        let w = pcg.next();
        counts[(w & 15) as usize] += w >> 28;
        hash = match w >> 8 & 7 {
            0 => hash.wrapping_mul(31),
            1 => hash ^ w,
            2 => hash.rotate_left(7),
            3 => hash.wrapping_sub(counts[(w >> 4 & 15) as usize]),
            4 => !hash,
            5 => hash.wrapping_add(PRIMES[(w >> 16) as usize % 12] as u32),
            6 => hash / 3,
            _ => hash.swap_bytes(),
        };
        weight += WEIGHTS[(w >> 20) as usize % 5];
    }
    [
        hash,
        weight.to_bits(),
        counts[3],
        counts.iter().fold(0, |sum: u32, count| sum.wrapping_mul(7).wrapping_add(*count)),
    ]
}

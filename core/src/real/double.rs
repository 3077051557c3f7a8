//! Elementary functions in `f64`.
/// .
pub fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}
/// .
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}
/// .
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}
/// .
pub fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}
/// .
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}
/// .
pub fn sin_cos_turn(t: f64) -> (f64, f64) {
    libm::sincos(t * core::f64::consts::TAU)
}
/// .
pub fn minus_two_ln_uniform(w: u64) -> f64 {
    -2.0 * libm::log(((w >> 1) as f64 + 0.5) / 9223372036854775808.0)
}
/// .
pub fn box_muller(a: u64, b: u64) -> [f64; 2] {
    let r = libm::sqrt(minus_two_ln_uniform(a));
    let (s, c) = sin_cos_turn(b as f64 / 18446744073709551616.0);
    [r * c, r * s]
}
/// .
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

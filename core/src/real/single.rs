//! Elementary functions in `f32`.
/// .
pub fn sqrt(x: f32) -> f32 {
    libm::sqrtf(x)
}
/// .
pub fn ln(x: f32) -> f32 {
    libm::logf(x)
}
/// .
pub fn exp(x: f32) -> f32 {
    libm::expf(x)
}
/// .
pub fn tanh(x: f32) -> f32 {
    libm::tanhf(x)
}
/// .
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}
/// .
pub fn sin_cos_turn(t: f32) -> (f32, f32) {
    libm::sincosf(t * core::f32::consts::TAU)
}
/// .
pub fn minus_two_ln_uniform(w: u32) -> f32 {
    -2.0 * libm::logf(((w >> 1) as f32 + 0.5) / 2147483648.0)
}
/// .
pub fn box_muller(a: u32, b: u32) -> [f32; 2] {
    let r = libm::sqrtf(minus_two_ln_uniform(a));
    let (s, c) = sin_cos_turn(b as f32 / 4294967296.0);
    [r * c, r * s]
}

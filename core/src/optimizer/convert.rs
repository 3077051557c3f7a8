//! Conversions between SGDM (MV (3)) and the heavy ball (MV (1), PyTorch, and FF with γ for its rate).
//!
//! At constant rate and momentum both make the same path x₀, x₁, … when γ = η(1−β) and the heavy ball's buffer is the
//! SGDM momentum divided by 1 − β.

/// γ = η(1 − β): the heavy-ball rate of an SGDM rate; with γ = ε it is LB's ε_eff = ε/(1−m) read backwards.
///
/// ```
/// assert_eq!(polyak_core::optimizer::heavy_ball_from_sgdm(1.0, 0.75), 0.25);
/// ```
pub fn heavy_ball_from_sgdm(rate: f64, momentum: f64) -> f64 {
    rate * (1.0 - momentum)
}

/// η = γ/(1 − β): the SGDM rate, also LB's effective rate ε_eff, of a heavy-ball rate.
///
/// ```
/// assert_eq!(polyak_core::optimizer::sgdm_from_heavy_ball(0.25, 0.75), 1.0);
/// ```
pub fn sgdm_from_heavy_ball(rate: f64, momentum: f64) -> f64 {
    rate / (1.0 - momentum)
}

/// b = m/(1 − β): the heavy-ball buffer of an SGDM momentum vector's coordinate.
pub fn heavy_ball_momentum(memory: f64, momentum: f64) -> f64 {
    memory / (1.0 - momentum)
}

/// m = (1 − β)b: the SGDM momentum of a heavy-ball buffer's coordinate.
pub fn sgdm_momentum(buffer: f64, momentum: f64) -> f64 {
    (1.0 - momentum) * buffer
}

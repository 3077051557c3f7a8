//! One function that draws normal numbers from a PCG32 stream by the candidate that a feature names. `words` draws the words alone: what
//! the generator takes.
#![no_std]

use polyak_core::random::PcgLane;
#[allow(unused_imports, reason = "not every candidate needs it")]
use rand_core::Rng;

#[cfg(any(feature = "inverse-cdf", feature = "polar"))]
#[allow(dead_code, reason = "one candidate of several")]
#[path = "../../src/samplers.rs"]
mod samplers;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

/// Fills `out` with pairs of numbers of the stream.
#[unsafe(no_mangle)]
pub extern "C" fn sample(stream: &mut PcgLane, out: &mut [[f32; 2]; 4]) {
    for pair in out {
        *pair = draw(stream);
    }
}

#[cfg(feature = "words")]
fn draw(stream: &mut PcgLane) -> [f32; 2] {
    [stream.next_u32(), stream.next_u32()].map(f32::from_bits)
}

#[cfg(feature = "box-muller")]
fn draw(stream: &mut PcgLane) -> [f32; 2] {
    polyak_core::real::single::box_muller(stream.next_u32(), stream.next_u32())
}

#[cfg(feature = "inverse-cdf")]
fn draw(stream: &mut PcgLane) -> [f32; 2] {
    [stream.next_u32(), stream.next_u32()].map(samplers::inverse_cdf)
}

#[cfg(feature = "polar")]
fn draw(stream: &mut PcgLane) -> [f32; 2] {
    samplers::polar(stream)
}

/// Box–Muller on libm's functions, as one would write it without this crate.
#[cfg(feature = "libm")]
fn draw(stream: &mut PcgLane) -> [f32; 2] {
    let u = (stream.next_u32() as f32 + 0.5) * (1.0 / 4_294_967_296.0);
    let angle = stream.next_u32() as f32 * (core::f32::consts::TAU / 4_294_967_296.0);
    let radius = libm::sqrtf(-2.0 * libm::logf(u));
    [radius * libm::sinf(angle), radius * libm::cosf(angle)]
}

#[cfg(feature = "ziggurat")]
fn draw(stream: &mut PcgLane) -> [f32; 2] {
    use rand_distr::{Distribution, StandardNormal};
    [StandardNormal.sample(stream), StandardNormal.sample(stream)]
}

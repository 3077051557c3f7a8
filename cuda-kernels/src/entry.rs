//! The entry points: index, then [`kernel`](crate::kernel).
#![allow(unsafe_code, reason = "an entry point is called by the driver, with addresses")]

use core::arch::nvptx::{_block_dim_x, _block_idx_x, _block_idx_y, _thread_idx_x};

use polyak_core::landscape::Diagonal;
use polyak_core::optimizer::{Form, Update};
use polyak_core::random::{FromRng, PcgLane, Philox};

use crate::encoded::{Encoded, EncodedNetwork, sensing};
use crate::kernel::{Thread, advance_gaussian, advance_in_memory, advance_in_registers, sum};
use crate::launch::{Launch, Run};
use crate::memory::numbers;
use crate::thread_index;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

/// The run of this thread's block row.
///
/// # Safety
/// The launch has as many runs as the grid has rows.
#[inline(always)]
unsafe fn run<S>(launch: &Launch<S>) -> &Run<S> {
    // SAFETY: the caller's.
    unsafe { &*(launch.runs as *const Run<S>).add(_block_idx_y() as usize) }
}

#[inline(always)]
fn thread(point: u32, part: u32, parts: u32) -> Thread {
    Thread { t: thread_index(), point, part, parts }
}

/// Entry points of one body.
macro_rules! entries {
    ($($name:ident: $scalar:ident, |$launch:ident, $run:ident, $thread:ident| $body:expr;)*) => {$(
        /// # Safety
        /// As the body says.
        #[unsafe(no_mangle)]
        pub unsafe extern "ptx-kernel" fn $name(launch: *const Launch<$scalar>, point: u32, part: u32, parts: u32) {
            // SAFETY: the host fills the structures as `launch` says.
            unsafe {
                let $launch = &*launch;
                let ($run, $thread) = (run($launch), thread(point, part, parts));
                $body
            }
        }
    )*};
}

macro_rules! in_memory {
    ($($name:ident: $scalar:ident, $generator:ty, $landscape:expr;)*) => {
        entries! {$($name: $scalar, |launch, run, thread| {
            if let Some(landscape) = $landscape(launch, run, thread.t) {
                advance_in_memory::<$scalar, $generator, _>(launch, run, thread, landscape);
            }
        };)*}
    };
}

in_memory! {
    advance_f32_pcg32: f32, FromRng<PcgLane>, Encoded::<f32, 0>::new;
    advance_f32_philox: f32, Philox<f32>, Encoded::<f32, 0>::new;
    advance_f64_pcg32: f64, FromRng<PcgLane>, Encoded::<f64, 0>::new;
    advance_f64_philox: f64, Philox<f64>, Encoded::<f64, 0>::new;
    network_f32_pcg32: f32, FromRng<PcgLane>, EncodedNetwork::new;
    network_f32_philox: f32, Philox<f32>, EncodedNetwork::new;
    network_f64_pcg32: f64, FromRng<PcgLane>, EncodedNetwork::new;
    network_f64_philox: f64, Philox<f64>, EncodedNetwork::new;
    sensing_f32_pcg32: f32, FromRng<PcgLane>, sensing;
    sensing_f32_philox: f32, Philox<f32>, sensing;
    sensing_f64_pcg32: f64, FromRng<PcgLane>, sensing;
    sensing_f64_philox: f64, Philox<f64>, sensing;
}

macro_rules! in_registers {
    ($($name:ident: $scalar:ident, $generator:ty, $d:literal, $landscape:expr;)*) => {
        entries! {$($name: $scalar, |launch, run, thread| {
            if launch.problem.dimension == $d
                && let Some(landscape) = $landscape(launch, run, thread.t)
            {
                advance_in_registers::<$scalar, $generator, _, $d>(launch, run, thread, landscape);
            }
        };)*}
    };
}

in_registers! {
    small_f32_pcg32_1: f32, FromRng<PcgLane>, 1, Encoded::<f32, 1>::new;
    small_f32_pcg32_2: f32, FromRng<PcgLane>, 2, Encoded::<f32, 2>::new;
    small_f32_pcg32_3: f32, FromRng<PcgLane>, 3, Encoded::<f32, 3>::new;
    small_f32_pcg32_4: f32, FromRng<PcgLane>, 4, Encoded::<f32, 4>::new;
    small_f32_pcg32_8: f32, FromRng<PcgLane>, 8, Encoded::<f32, 8>::new;
    small_f32_philox_1: f32, Philox<f32>, 1, Encoded::<f32, 1>::new;
    small_f32_philox_2: f32, Philox<f32>, 2, Encoded::<f32, 2>::new;
    small_f32_philox_3: f32, Philox<f32>, 3, Encoded::<f32, 3>::new;
    small_f32_philox_4: f32, Philox<f32>, 4, Encoded::<f32, 4>::new;
    small_f32_philox_8: f32, Philox<f32>, 8, Encoded::<f32, 8>::new;
    small_f64_pcg32_1: f64, FromRng<PcgLane>, 1, Encoded::<f64, 1>::new;
    small_f64_pcg32_2: f64, FromRng<PcgLane>, 2, Encoded::<f64, 2>::new;
    small_f64_pcg32_3: f64, FromRng<PcgLane>, 3, Encoded::<f64, 3>::new;
    small_f64_pcg32_4: f64, FromRng<PcgLane>, 4, Encoded::<f64, 4>::new;
    small_f64_philox_1: f64, Philox<f64>, 1, Encoded::<f64, 1>::new;
    small_f64_philox_2: f64, Philox<f64>, 2, Encoded::<f64, 2>::new;
    small_f64_philox_3: f64, Philox<f64>, 3, Encoded::<f64, 3>::new;
    small_f64_philox_4: f64, Philox<f64>, 4, Encoded::<f64, 4>::new;
    small_network_f32_pcg32_2: f32, FromRng<PcgLane>, 2, EncodedNetwork::new;
    small_network_f32_pcg32_3: f32, FromRng<PcgLane>, 3, EncodedNetwork::new;
    small_network_f32_pcg32_4: f32, FromRng<PcgLane>, 4, EncodedNetwork::new;
    small_network_f32_pcg32_8: f32, FromRng<PcgLane>, 8, EncodedNetwork::new;
    small_network_f32_philox_2: f32, Philox<f32>, 2, EncodedNetwork::new;
    small_network_f32_philox_3: f32, Philox<f32>, 3, EncodedNetwork::new;
    small_network_f32_philox_4: f32, Philox<f32>, 4, EncodedNetwork::new;
    small_network_f32_philox_8: f32, Philox<f32>, 8, EncodedNetwork::new;
    small_network_f64_pcg32_2: f64, FromRng<PcgLane>, 2, EncodedNetwork::new;
    small_network_f64_pcg32_3: f64, FromRng<PcgLane>, 3, EncodedNetwork::new;
    small_network_f64_pcg32_4: f64, FromRng<PcgLane>, 4, EncodedNetwork::new;
    small_network_f64_philox_2: f64, Philox<f64>, 2, EncodedNetwork::new;
    small_network_f64_philox_3: f64, Philox<f64>, 3, EncodedNetwork::new;
    small_network_f64_philox_4: f64, Philox<f64>, 4, EncodedNetwork::new;
    small_sensing_f32_pcg32_2: f32, FromRng<PcgLane>, 2, sensing;
    small_sensing_f32_pcg32_3: f32, FromRng<PcgLane>, 3, sensing;
    small_sensing_f32_pcg32_4: f32, FromRng<PcgLane>, 4, sensing;
    small_sensing_f32_pcg32_8: f32, FromRng<PcgLane>, 8, sensing;
    small_sensing_f32_philox_2: f32, Philox<f32>, 2, sensing;
    small_sensing_f32_philox_3: f32, Philox<f32>, 3, sensing;
    small_sensing_f32_philox_4: f32, Philox<f32>, 4, sensing;
    small_sensing_f32_philox_8: f32, Philox<f32>, 8, sensing;
    small_sensing_f64_pcg32_2: f64, FromRng<PcgLane>, 2, sensing;
    small_sensing_f64_pcg32_3: f64, FromRng<PcgLane>, 3, sensing;
    small_sensing_f64_pcg32_4: f64, FromRng<PcgLane>, 4, sensing;
    small_sensing_f64_philox_2: f64, Philox<f64>, 2, sensing;
    small_sensing_f64_philox_3: f64, Philox<f64>, 3, sensing;
    small_sensing_f64_philox_4: f64, Philox<f64>, 4, sensing;
}

macro_rules! quadratic {
    ($($name:ident: $scalar:ident, $generator:ty, $d:literal, $form:ident;)*) => {
        entries! {$($name: $scalar, |launch, run, thread| {
            let curvature: &[$scalar] = numbers(launch.problem.landscape_numbers[0], $d);
            let update = Update { form: Form::$form, maximize: false, weight_decay: None };
            if let Ok(curvature) = <[$scalar; $d]>::try_from(curvature) {
                advance_gaussian::<$scalar, $generator, _, $d>(launch, run, thread, (&Diagonal(curvature), &update));
            }
        };)*}
    };
}

quadratic! {
    quadratic_f32_pcg32_1_gradient: f32, FromRng<PcgLane>, 1, Gradient;
    quadratic_f32_pcg32_1_momentum: f32, FromRng<PcgLane>, 1, Momentum;
    quadratic_f32_pcg32_2_gradient: f32, FromRng<PcgLane>, 2, Gradient;
    quadratic_f32_pcg32_2_momentum: f32, FromRng<PcgLane>, 2, Momentum;
    quadratic_f32_pcg32_3_gradient: f32, FromRng<PcgLane>, 3, Gradient;
    quadratic_f32_pcg32_3_momentum: f32, FromRng<PcgLane>, 3, Momentum;
    quadratic_f32_pcg32_4_gradient: f32, FromRng<PcgLane>, 4, Gradient;
    quadratic_f32_pcg32_4_momentum: f32, FromRng<PcgLane>, 4, Momentum;
    quadratic_f32_pcg32_8_gradient: f32, FromRng<PcgLane>, 8, Gradient;
    quadratic_f32_pcg32_8_momentum: f32, FromRng<PcgLane>, 8, Momentum;
    quadratic_f32_philox_1_gradient: f32, Philox<f32>, 1, Gradient;
    quadratic_f32_philox_1_momentum: f32, Philox<f32>, 1, Momentum;
    quadratic_f32_philox_2_gradient: f32, Philox<f32>, 2, Gradient;
    quadratic_f32_philox_2_momentum: f32, Philox<f32>, 2, Momentum;
    quadratic_f32_philox_3_gradient: f32, Philox<f32>, 3, Gradient;
    quadratic_f32_philox_3_momentum: f32, Philox<f32>, 3, Momentum;
    quadratic_f32_philox_4_gradient: f32, Philox<f32>, 4, Gradient;
    quadratic_f32_philox_4_momentum: f32, Philox<f32>, 4, Momentum;
    quadratic_f32_philox_8_gradient: f32, Philox<f32>, 8, Gradient;
    quadratic_f32_philox_8_momentum: f32, Philox<f32>, 8, Momentum;
    quadratic_f64_pcg32_1_gradient: f64, FromRng<PcgLane>, 1, Gradient;
    quadratic_f64_pcg32_1_momentum: f64, FromRng<PcgLane>, 1, Momentum;
    quadratic_f64_pcg32_2_gradient: f64, FromRng<PcgLane>, 2, Gradient;
    quadratic_f64_pcg32_2_momentum: f64, FromRng<PcgLane>, 2, Momentum;
    quadratic_f64_pcg32_3_gradient: f64, FromRng<PcgLane>, 3, Gradient;
    quadratic_f64_pcg32_3_momentum: f64, FromRng<PcgLane>, 3, Momentum;
    quadratic_f64_pcg32_4_gradient: f64, FromRng<PcgLane>, 4, Gradient;
    quadratic_f64_pcg32_4_momentum: f64, FromRng<PcgLane>, 4, Momentum;
    quadratic_f64_pcg32_8_gradient: f64, FromRng<PcgLane>, 8, Gradient;
    quadratic_f64_pcg32_8_momentum: f64, FromRng<PcgLane>, 8, Momentum;
    quadratic_f64_philox_1_gradient: f64, Philox<f64>, 1, Gradient;
    quadratic_f64_philox_1_momentum: f64, Philox<f64>, 1, Momentum;
    quadratic_f64_philox_2_gradient: f64, Philox<f64>, 2, Gradient;
    quadratic_f64_philox_2_momentum: f64, Philox<f64>, 2, Momentum;
    quadratic_f64_philox_3_gradient: f64, Philox<f64>, 3, Gradient;
    quadratic_f64_philox_3_momentum: f64, Philox<f64>, 3, Momentum;
    quadratic_f64_philox_4_gradient: f64, Philox<f64>, 4, Gradient;
    quadratic_f64_philox_4_momentum: f64, Philox<f64>, 4, Momentum;
    quadratic_f64_philox_8_gradient: f64, Philox<f64>, 8, Gradient;
    quadratic_f64_philox_8_momentum: f64, Philox<f64>, 8, Momentum;
}

macro_rules! sums {
    ($($name:ident: $scalar:ident;)*) => {$(
        /// Blocks in x: for each sum, as many as the chunks need threads.
        ///
        /// # Safety
        /// As [`sum`] says.
        #[unsafe(no_mangle)]
        pub unsafe extern "ptx-kernel" fn $name(launch: *const Launch<$scalar>, point: u32, blocks: u32, _: u32) {
            // SAFETY: the host fills the structures as `launch` says.
            unsafe {
                let (block, width) = (_block_idx_x() as u32, _block_dim_x() as u64);
                let chunk = (block % blocks) as u64 * width + _thread_idx_x() as u64;
                sum::<$scalar>(&*launch, run(&*launch), point, chunk, (block / blocks) as u64);
            }
        }
    )*};
}

sums! {
    sums_f32: f32;
    sums_f64: f64;
}

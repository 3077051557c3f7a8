//! Learns to read digits, logs the loss after every epoch, keeps the curve in a recorder and a checkpoint in flash, and says how many digits
//! that it has not seen it reads. After a power cut it goes on from the last checkpoint.
#![no_std]
#![no_main]

mod flash;

use cortex_m::singleton;
use cortex_m_rt::entry;
// The logger over semihosting, and the panic handler.
use defmt_semihosting as _;
use polyak_core::observe::Recorder;
use polyak_core::random::{Pcg32, Stream};
use polyak_core::trajectory::TwoSlots;
use polyak_digits::{EPOCHS, Memory, SEED, SHAPE, UNSEEN, digest, digits, train, unseen};
use semihosting as _;

use crate::flash::Slots;

#[entry]
fn main() -> ! {
    let code = match (singleton!(: Memory = Memory::EMPTY), Slots::take()) {
        (Some(memory), Some(slots)) => run(memory, slots),
        _ => 1,
    };
    semihosting::process::exit(code)
}

fn run(memory: &mut Memory, slots: Slots) -> i32 {
    let (Ok(network), Ok(unseen)) = (digits(), unseen()) else {
        defmt::error!("the network has more units than there is room for");
        return 1;
    };
    defmt::debug!("{}", SHAPE);
    defmt::debug!("{}", Stream::<f32, _>::new(Pcg32::<f32>::new(SEED, 0)));
    let mut curve = Recorder::<f32, 16>::new();
    let trained = train(&network, memory, &mut TwoSlots(slots), |epoch, loss| {
        curve.record(loss);
        defmt::info!("epoch {=u64} of {=u64}: loss {=u32:08x}", epoch, EPOCHS, loss.to_bits());
    });
    if let Err(error) = trained {
        defmt::error!("{}", error);
        return 1;
    }
    let hits: f32 = unseen.hits(&memory.x);
    for (i, &loss) in (0..).zip(curve.samples()) {
        defmt::info!("curve at epoch {=u64}: {=f32}", i * curve.stride(), loss);
    }
    defmt::info!("{=u32} of {=usize} unseen digits read", hits as u32, UNSEEN);
    defmt::info!("digest {=u64:016x}", digest(&memory.x));
    defmt::debug!("{}", curve);
    0
}

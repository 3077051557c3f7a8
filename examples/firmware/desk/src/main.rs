//! Trains on the desk and prints what the board has to log, line by line.

use polyak_core::observe::Recorder;
use polyak_core::trajectory::TwoSlots;
use polyak_digits::{EPOCHS, Memory, Nothing, UNSEEN, digest, digits, train, unseen};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut memory = Box::new(Memory::EMPTY);
    let mut curve = Recorder::<f32, 16>::new();
    train(&digits()?, &mut memory, &mut TwoSlots(Nothing), |epoch, loss| {
        curve.record(loss);
        println!("epoch {epoch} of {EPOCHS}: loss {:08x}", loss.to_bits());
    })?;
    let hits: f32 = unseen()?.hits(&memory.x);
    for (i, loss) in curve.samples().iter().enumerate() {
        println!("curve at epoch {}: {loss}", i as u64 * curve.stride());
    }
    println!("{} of {UNSEEN} unseen digits read", hits as u32);
    println!("digest {:016x}", digest(&memory.x));
    Ok(())
}

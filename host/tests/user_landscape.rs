//! The landscape of `examples/landscape` as PTX, launched through the public interface: in the emulator, and by the code of the GPU back end
//! over a driver that emulates.

use std::fs;
use std::path::Path;
use std::process::Command;

use polyak::backend::kernels::KernelScalar;
use polyak::backend::user::{Job, Place, trajectories};

#[path = "../../examples/landscape/src/lib.rs"]
#[allow(missing_docs)]
mod pseudo_huber;

const PTX: &str = include_str!("../../examples/landscape/pseudo-huber.ptx");

/// Not a multiple of a block.
const JOB: Job = Job { dimension: pseudo_huber::DIMENSION, trajectories: 300, seed: 5, steps: 40 };

/// Every bit against the Rust function.
fn agrees<S: KernelScalar>(place: Place, kernel: &str) {
    let points = trajectories::<S>(place, PTX, kernel, JOB).unwrap();
    assert_eq!(points.len(), JOB.trajectories as usize * JOB.dimension);
    for (t, there) in points.chunks(JOB.dimension).enumerate() {
        let here = pseudo_huber::trajectory::<S>(JOB.seed, t as u64, JOB.steps);
        for (here, there) in here.iter().zip(there) {
            assert_eq!(here.to_canonical_bits(), there.to_canonical_bits(), "{kernel}, trajectory {t}");
        }
    }
}

#[test]
fn the_emulator_gives_the_bits_of_the_function() {
    agrees::<f32>(Place::Emulator, "pseudo_huber_f32");
    agrees::<f64>(Place::Emulator, "pseudo_huber_f64");
}

#[test]
fn what_cannot_be_launched_is_said() {
    let error = trajectories::<f32>(Place::Emulator, PTX, "huber", JOB).unwrap_err().to_string();
    assert!(error.starts_with("kernel huber: ") && error.contains("there is no kernel huber"), "{error}");
    let error = trajectories::<f32>(Place::Emulator, "nonsense", "huber", JOB).unwrap_err().to_string();
    assert!(error.starts_with("kernel huber: "), "{error}");
}

/// The next test runs this in a process that finds an emulated driver. By itself it runs on a GPU if there is one, and says if there is none.
#[test]
fn on_a_gpu() {
    if let Err(polyak::backend::user::UserError::NoGpu(reason)) =
        trajectories::<f32>(Place::Gpu, PTX, "pseudo_huber_f32", JOB)
    {
        println!("not run on a GPU: {reason}");
        assert!(std::env::var_os("A_GPU_IS_THERE").is_none(), "{reason}");
        return;
    }
    agrees::<f32>(Place::Gpu, "pseudo_huber_f32");
    agrees::<f64>(Place::Gpu, "pseudo_huber_f64");
    let error = trajectories::<f32>(Place::Gpu, PTX, "huber", JOB).unwrap_err().to_string();
    assert!(
        error.contains("could not find the kernel huber: the kernels' PTX has no entry of that name"),
        "{error}"
    );
    println!("compared on a GPU");
}

#[cfg(target_os = "linux")]
#[test]
fn the_gpu_s_code_gives_the_bits_of_the_function() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("user landscape");
    fs::create_dir_all(&folder).unwrap();
    let driver = Path::new(env!("CARGO_BIN_EXE_polyak")).parent().unwrap().join("deps/libpolyak_driver.so");
    fs::copy(driver, folder.join("libcuda.so.1")).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["on_a_gpu", "--exact", "--nocapture"])
        .envs([("LD_LIBRARY_PATH", folder.as_os_str()), ("A_GPU_IS_THERE", "1".as_ref())])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("compared on a GPU"), "{said}");
}

//! What the driver's codes mean, in sentences.

use cust::error::CudaError;

use super::driver;

/// Something that the driver refused or failed to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not {doing}: {meaning} (CUDA error {code})")]
pub struct GpuError {
    /// What was tried, after "could not".
    pub doing: String,
    /// What the driver's answer means.
    pub meaning: String,
    /// The driver's code.
    pub code: u32,
}

impl GpuError {
    /// The error of the call that this thread made last.
    ///
    /// `cust` knows fewer codes than drivers have; where it says only "unknown", the driver's own code is taken.
    pub fn of_last_call(doing: impl Into<String>, error: CudaError) -> Self {
        let code = if error == CudaError::UnknownError { driver::last_error() } else { error as u32 };
        Self { doing: doing.into(), meaning: meaning(code), code }
    }

    /// Whether the memory of the device did not suffice, so that a smaller batch may do.
    pub fn is_out_of_memory(&self) -> bool {
        self.code == CudaError::OutOfMemory as u32
    }
}

fn meaning(code: u32) -> String {
    let words = match code {
        1 | 400 => "the driver was given a value that it does not take; this is a fault of this program",
        2 => "the device has not enough free memory",
        3 | 4 => "the driver is not ready or is shutting down",
        34 => "the libcuda.so.1 found is CUDA's stub for linking, not the driver",
        46 => "the device is used by another program that does not share it",
        100 => "there is no NVIDIA GPU that the driver can use",
        101 => "there is no device of that number",
        200 | 218 | 300 => "the driver does not accept the kernels' PTX",
        209 => "the kernels cannot be compiled for this device, which is too old for them",
        214 => "the device found an error in its memory that it could not correct",
        221 => "the driver's compiler library (libnvidia-ptxjitcompiler) is missing",
        222 => "the driver is too old for the version of the kernels' PTX",
        223 => "compiling PTX is switched off on this machine (CUDA_DISABLE_PTX_JIT)",
        302 => match driver::last_missing() {
            Some(name) => return format!("the driver is too old: it has no function {name}"),
            None => "a library that the driver needs lacks a function",
        },
        500 => "the kernels' PTX has no entry of that name",
        700 | 714..=718 => {
            "a kernel went wrong (a bad address or instruction); the device must be opened anew"
        }
        701 => "the launch asks for more registers or threads than the device has",
        702 => "the kernel ran longer than the device's watchdog allows; a device without a display has none",
        719 => "a kernel failed; the device must be opened anew",
        801 => "the device or the driver does not support this",
        802 => "the system is not ready (on HGX machines the fabric manager must run)",
        803 => {
            "the driver library and the kernel's driver module are of different versions; restart the machine"
        }
        804 => "the CUDA compatibility library does not support this device",
        805..=809 => "the multi-process service (MPS) refused the connection",
        100_100 => "the size is zero or too large for an address",
        _ => "",
    };
    if !words.is_empty() {
        return words.to_owned();
    }
    driver::error_text(code).unwrap_or_else(|| "a code that this program does not know".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_sentence_with_the_code() {
        let error = GpuError::of_last_call("allocate 3 GiB", CudaError::OutOfMemory);
        assert_eq!(
            error.to_string(),
            "could not allocate 3 GiB: the device has not enough free memory (CUDA error 2)"
        );
        assert!(error.is_out_of_memory());
    }
}

//! Which devices there are, or why there is none.

use std::fmt;

use serde::Serialize;

/// A version of CUDA, or the compute capability of a device: major, minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Version {
    /// The number before the point.
    pub major: u32,
    /// The number after the point.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The oldest driver, by the CUDA version that it supports, that takes the kernels' PTX (PTX ISA 6.3).
pub const OLDEST_DRIVER: Version = Version { major: 10, minor: 0 };

/// The least compute capability that the kernels are compiled for (sm_75, Turing).
pub const LEAST_CAPABILITY: Version = Version { major: 7, minor: 5 };

/// One device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceInfo {
    /// The driver's number for it, from 0.
    pub index: u32,
    /// Its name, such as "NVIDIA H200".
    pub name: String,
    /// Its compute capability.
    pub capability: Version,
    /// Its memory, in bytes.
    pub memory: u64,
    /// How many multiprocessors it has.
    pub multiprocessors: u32,
}

impl DeviceInfo {
    /// Whether the kernels can run on it.
    pub fn is_usable(&self) -> bool {
        self.capability >= LEAST_CAPABILITY
    }
}

impl fmt::Display for DeviceInfo {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let gibibytes = self.memory as f64 / (1u64 << 30) as f64;
        write!(
            f,
            "{}, compute capability {}, {gibibytes:.1} GiB, {} multiprocessors",
            self.name, self.capability, self.multiprocessors
        )?;
        if !self.is_usable() {
            write!(f, "; too old: the kernels need compute capability {LEAST_CAPABILITY}")?;
        }
        Ok(())
    }
}

/// Why no device can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum NoGpu {
    /// The program was built for an operating system without CUDA.
    #[error(
        "this program was built for an operating system other than Linux, and CUDA is used on Linux only"
    )]
    NotOnThisSystem,
    /// There is no driver library.
    #[error("no NVIDIA driver: {reason}")]
    NoDriver {
        /// The loader's words.
        reason: String,
    },
    /// The driver does not know the kernels' version of PTX.
    #[error(
        "the NVIDIA driver is too old: it supports CUDA {driver}, the kernels need {OLDEST_DRIVER}; install a newer one"
    )]
    DriverTooOld {
        /// The CUDA version that it supports.
        driver: Version,
    },
    /// There is a driver, and no device.
    #[error("the NVIDIA driver (CUDA {driver}) finds no device")]
    NoDevice {
        /// The CUDA version that it supports.
        driver: Version,
    },
    /// There are devices, none of which can run the kernels.
    #[error("no device has compute capability {LEAST_CAPABILITY}, which the kernels need")]
    DevicesTooOld,
    /// The driver failed.
    #[error("{sentence}")]
    Fault {
        /// What could not be done and why.
        sentence: String,
    },
}

/// What there is to run on, or why there is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DeviceReport {
    /// The CUDA version that the driver supports, if there is a driver.
    pub driver: Option<Version>,
    /// The devices, usable or not.
    pub devices: Vec<DeviceInfo>,
    /// Why no device is usable; `None` if one is.
    pub reason: Option<NoGpu>,
}

impl DeviceReport {
    /// The devices that the kernels can run on.
    pub fn usable(&self) -> impl Iterator<Item = &DeviceInfo> {
        let none = self.reason.is_some();
        self.devices.iter().filter(move |device| !none && device.is_usable())
    }
}

impl fmt::Display for DeviceReport {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for device in &self.devices {
            writeln!(f, "gpu {}: {device}", device.index)?;
        }
        if let Some(reason) = &self.reason {
            writeln!(f, "no gpu: {reason}")?;
        }
        Ok(())
    }
}

/// Asks the driver what devices there are. It never fails: what went wrong is in the report.
pub fn devices() -> DeviceReport {
    let mut report = DeviceReport::default();
    report.reason = match probe(&mut report) {
        Err(reason) => Some(reason),
        Ok(()) if report.devices.iter().any(DeviceInfo::is_usable) => None,
        Ok(()) => Some(NoGpu::DevicesTooOld),
    };
    report
}

#[cfg(not(target_os = "linux"))]
fn probe(_: &mut DeviceReport) -> Result<(), NoGpu> {
    Err(NoGpu::NotOnThisSystem)
}

#[cfg(target_os = "linux")]
fn probe(report: &mut DeviceReport) -> Result<(), NoGpu> {
    use cust::device::{Device, DeviceAttribute};
    use cust::error::CudaError;
    use cust::{CudaApiVersion, CudaFlags};

    use super::{driver, error::GpuError};

    let fault =
        |doing| move |error| NoGpu::Fault { sentence: GpuError::of_last_call(doing, error).to_string() };
    driver::open().map_err(|reason| NoGpu::NoDriver { reason: reason.to_owned() })?;

    // The version can be asked before the driver is initialised, which may fail because it is too old.
    let version = CudaApiVersion::get().map_err(fault("ask the driver for its version"))?;
    let driver = Version { major: version.major() as u32, minor: version.minor() as u32 };
    report.driver = Some(driver);
    if driver < OLDEST_DRIVER {
        return Err(NoGpu::DriverTooOld { driver });
    }
    match cust::init(CudaFlags::empty()) {
        Err(CudaError::NoDevice) => return Err(NoGpu::NoDevice { driver }),
        other => other.map_err(fault("initialise the driver"))?,
    }
    let count = Device::num_devices().map_err(fault("count the devices"))?;
    if count == 0 {
        return Err(NoGpu::NoDevice { driver });
    }
    for index in 0..count {
        let ask = |device: Device, attribute| {
            device
                .get_attribute(attribute)
                .map(|value| value as u32)
                .map_err(fault("ask a device what it is"))
        };
        let device = Device::get_device(index).map_err(fault("find a device"))?;
        report.devices.push(DeviceInfo {
            index,
            name: device.name().map_err(fault("ask a device for its name"))?,
            capability: Version {
                major: ask(device, DeviceAttribute::ComputeCapabilityMajor)?,
                minor: ask(device, DeviceAttribute::ComputeCapabilityMinor)?,
            },
            memory: device.total_memory().map_err(fault("ask a device for its memory"))? as u64,
            multiprocessors: ask(device, DeviceAttribute::MultiprocessorCount)?,
        });
    }
    Ok(())
}

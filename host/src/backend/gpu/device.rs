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
    /// A device was asked for that cannot be had, or twice.
    #[error("{asked}: {why}; it can be {}", numbers(allowed))]
    Choice {
        /// The number.
        asked: u32,
        /// What is wrong with it.
        why: &'static str,
        /// The numbers that can be asked for.
        allowed: Vec<u32>,
    },
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

impl DeviceReport {
    /// The usable devices of these numbers, in the driver's order; all that are usable where no number is given.
    ///
    /// # Errors
    /// Why none is usable; else the first number that no device has, whose device is too old, or that was given before.
    pub fn choose(&self, numbers: &[u32]) -> Result<Vec<&DeviceInfo>, NoGpu> {
        if let Some(reason) = &self.reason {
            return Err(reason.clone());
        }
        let usable: Vec<&DeviceInfo> = self.usable().collect();
        let of = |number: u32| move |device: &&DeviceInfo| device.index == number;
        for (place, &asked) in numbers.iter().enumerate() {
            let why = if !self.devices.iter().any(|device| of(asked)(&device)) {
                "there is no GPU of that number"
            } else if !usable.iter().any(of(asked)) {
                "that GPU is too old for the kernels"
            } else if numbers[..place].contains(&asked) {
                "that GPU is named twice"
            } else {
                continue;
            };
            return Err(NoGpu::Choice {
                asked,
                why,
                allowed: usable.iter().map(|device| device.index).collect(),
            });
        }
        Ok(usable
            .into_iter()
            .filter(|device| numbers.is_empty() || numbers.contains(&device.index))
            .collect())
    }
}

/// "0", "0 or 2", "0, 1 or 2".
fn numbers(numbers: &[u32]) -> String {
    let mut words: Vec<String> = numbers.iter().map(u32::to_string).collect();
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} or {last}", words.join(", ")),
        last => last.unwrap_or_default(),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Four devices, of which number 2 is too old.
    fn four() -> DeviceReport {
        let device = |index| DeviceInfo {
            index,
            name: format!("Device {index}"),
            capability: Version { major: if index == 2 { 6 } else { 9 }, minor: 0 },
            memory: 1 << 33,
            multiprocessors: 80,
        };
        DeviceReport { devices: (0..4).map(device).collect(), ..DeviceReport::default() }
    }

    #[test]
    fn devices_are_chosen_by_their_numbers() {
        let report = four();
        let chosen = |numbers: &[u32]| {
            let chosen = report.choose(numbers).map_err(|error| error.to_string())?;
            Ok::<_, String>(chosen.iter().map(|device| device.index).collect::<Vec<_>>())
        };
        assert_eq!(chosen(&[]), Ok(vec![0, 1, 3]));
        assert_eq!(chosen(&[3, 0]), Ok(vec![0, 3]));
        let error = |numbers: &[u32]| chosen(numbers).unwrap_err();
        assert_eq!(error(&[0, 4]), "4: there is no GPU of that number; it can be 0, 1 or 3");
        assert_eq!(error(&[2]), "2: that GPU is too old for the kernels; it can be 0, 1 or 3");
        assert_eq!(error(&[1, 3, 1]), "1: that GPU is named twice; it can be 0, 1 or 3");
        let none = DeviceReport { reason: Some(NoGpu::DevicesTooOld), ..four() };
        assert_eq!(none.choose(&[0]), Err(NoGpu::DevicesTooOld));
    }
}

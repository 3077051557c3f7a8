//! One stream of work on a device: memory, kernels and copies.
//!
//! This module has `unsafe` because a launch and a copy to or from the device are only as safe as the addresses that they are given;
//! those come from [`kernels`](crate::backend::kernels), which places every array itself.
#![allow(unsafe_code, reason = "launches, and copies at addresses of the device")]

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::c_void;

use cust::context::{Context, CurrentContext};
use cust::error::CudaError;
use cust::event::{Event, EventFlags};
use cust::function::{BlockSize, GridSize};
use cust::memory::{AsyncCopyDestination, DeviceBuffer, DevicePointer, DeviceSlice, LockedBuffer};
use cust::module::Module;
use cust::stream::{Stream, StreamFlags};
use polyak_kernels::launch::Address;
use polyak_kernels::single;

use super::clock::Clock;
use super::error::GpuError;
use crate::backend::kernels::{Device, Grid};

/// Bytes that pass through page-locked memory at a time.
const STAGING: usize = 8 << 20;

/// A stream of a device with its memory.
///
/// What it holds is given back in the order of the fields, the context last.
pub struct Worker {
    /// The kernels.
    ptx: Cow<'static, str>,
    /// The modules of the kernels used so far. Each kernel is compiled by the driver when it is first needed: all of them would take
    /// long, and most runs need two.
    modules: HashMap<String, Module>,
    memory: Option<DeviceBuffer<u8>>,
    staging: LockedBuffer<u8>,
    stream: Stream,
    clock: Clock,
    context: Context,
}

fn failed(doing: impl Into<String>) -> impl FnOnce(CudaError) -> GpuError {
    |error| GpuError::of_last_call(doing, error)
}

impl Worker {
    /// A worker on the device of a number, with the device's clock and the kernels of a PTX text.
    pub fn open(index: u32, clock: Clock, ptx: Cow<'static, str>) -> Result<Self, GpuError> {
        let device = cust::device::Device::get_device(index).map_err(failed("find the device"))?;
        let context = Context::new(device).map_err(failed("open the device"))?;
        CurrentContext::set_current(&context).map_err(failed("use the device"))?;
        Ok(Self {
            ptx,
            modules: HashMap::new(),
            memory: None,
            // SAFETY: bytes may hold anything, and nothing is read before it is written.
            staging: unsafe { LockedBuffer::uninitialized(STAGING) }
                .map_err(failed("allocate page-locked memory"))?,
            stream: Stream::new(StreamFlags::NON_BLOCKING, None).map_err(failed("make a stream"))?,
            clock,
            context,
        })
    }

    /// Makes its device that of the calling thread.
    pub fn enter(&self) -> Result<(), GpuError> {
        CurrentContext::set_current(&self.context).map_err(failed("use the device"))
    }

    /// Bytes that are free on the device.
    pub fn free_memory(&self) -> Result<u64, GpuError> {
        self.enter()?;
        let (free, _) = cust::memory::mem_get_info().map_err(failed("ask the device for its free memory"))?;
        Ok(free as u64)
    }

    /// Copies bytes by way of the page-locked memory.
    fn upload(&mut self, address: Address, bytes: &[u8]) -> Result<(), CudaError> {
        for (i, part) in bytes.chunks(STAGING).enumerate() {
            let staging = &mut self.staging[..part.len()];
            staging.copy_from_slice(part);
            let place = DevicePointer::from_raw(address + (i * STAGING) as u64);
            // SAFETY: the place is in the device's memory that `place` gave, and the copy is over before the staging is used again.
            unsafe {
                DeviceSlice::from_raw_parts_mut(place, part.len()).async_copy_from(staging, &self.stream)?;
            }
            self.stream.synchronize()?;
        }
        Ok(())
    }

    fn download(&mut self, address: Address, bytes: &mut [u8]) -> Result<(), CudaError> {
        for (i, part) in bytes.chunks_mut(STAGING).enumerate() {
            let staging = &mut self.staging[..part.len()];
            let place = DevicePointer::from_raw(address + (i * STAGING) as u64);
            // SAFETY: as in `upload`.
            unsafe {
                DeviceSlice::from_raw_parts(place, part.len()).async_copy_to(staging, &self.stream)?;
            }
            self.stream.synchronize()?;
            part.copy_from_slice(staging);
        }
        Ok(())
    }
}

impl Device for Worker {
    type Error = GpuError;

    fn place(&mut self, sizes: &[usize]) -> Result<Vec<Address>, GpuError> {
        let mut end = 0;
        let offsets: Vec<usize> = sizes
            .iter()
            .map(|size| {
                let begin = end;
                end += size.next_multiple_of(256);
                begin
            })
            .collect();
        if self.memory.as_ref().is_none_or(|memory| memory.len() < end) {
            self.memory = None;
            let gibibytes = end as f64 / (1u64 << 30) as f64;
            // SAFETY: bytes may hold anything; kernels write before they read.
            let memory = unsafe { DeviceBuffer::uninitialized(end.max(256)) };
            self.memory = Some(memory.map_err(failed(format!("allocate {gibibytes:.2} GiB on the device")))?);
        }
        let base = self.memory.as_ref().map_or(0, |memory| memory.as_device_ptr().as_raw());
        Ok(offsets.into_iter().map(|offset| base + offset as u64).collect())
    }

    fn write(&mut self, address: Address, bytes: &[u8]) -> Result<(), GpuError> {
        self.upload(address, bytes).map_err(failed("copy to the device"))
    }

    fn prepare(&mut self, kernel: &str) -> Result<(), GpuError> {
        if !self.modules.contains_key(kernel) {
            let missing = failed(format!("find the kernel {kernel}"));
            let text = single(&self.ptx, kernel).ok_or_else(|| missing(CudaError::NotFound))?;
            let module =
                Module::from_ptx(text, &[]).map_err(failed(format!("compile the kernel {kernel}")))?;
            self.modules.insert(kernel.to_owned(), module);
        }
        Ok(())
    }

    fn launch(
        &mut self,
        kernel: &str,
        grid: Grid,
        (launch, words): (Address, [u32; 3]),
    ) -> Result<(), GpuError> {
        self.prepare(kernel)?;
        let module = &self.modules[kernel];
        let function = module.get_function(kernel).map_err(failed(format!("find the kernel {kernel}")))?;
        let arguments: [*mut c_void; 4] = [
            (&raw const launch).cast_mut().cast(),
            (&raw const words[0]).cast_mut().cast(),
            (&raw const words[1]).cast_mut().cast(),
            (&raw const words[2]).cast_mut().cast(),
        ];
        let (blocks, threads) = (GridSize::xy(grid.x, grid.y), BlockSize::x(grid.block));
        // SAFETY: every kernel takes these four arguments, which are copied during the call; the structure at `launch` and all that it
        // points to lie in memory that `place` gave.
        unsafe { self.stream.launch(&function, blocks, threads, 0, &arguments) }
            .map_err(failed(format!("launch the kernel {kernel}")))
    }

    fn read(&mut self, address: Address, bytes: usize) -> Result<Vec<u8>, GpuError> {
        let mut read = vec![0; bytes];
        self.download(address, &mut read).map_err(failed("finish the kernels and copy from the device"))?;
        Ok(read)
    }

    fn time(&mut self, work: impl FnOnce(&mut Self) -> Result<(), GpuError>) -> Result<f64, GpuError> {
        let event = || Event::new(EventFlags::DEFAULT);
        let (begin, end) =
            (event().map_err(failed("make an event"))?, event().map_err(failed("make an event"))?);
        begin.record(&self.stream).map_err(failed("record an event"))?;
        work(self)?;
        end.record(&self.stream).map_err(failed("record an event"))?;
        end.synchronize().map_err(failed("finish the kernels"))?;
        self.clock.count(begin, end).map_err(failed("read the device's clock"))
    }
}

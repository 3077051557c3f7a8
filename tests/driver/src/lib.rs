//! A `libcuda` for tests: the functions of NVIDIA's driver that polyak calls, over the emulator of PTX. What the host does with a
//! device (memory, streams, launches, several devices) is so tested bit for bit on a machine without one.
//!
//! From the environment: `FAKE_DEVICES` (1), `FAKE_VERSION` of CUDA that it supports (13000), `FAKE_MEMORY` in bytes (2³⁰), `FAKE_FREE` bytes that it says are free
//! (as many), `FAKE_FAULT=function:code:call`, which makes
//! a thread's call of a function, counted from 1, and all after it answer with an error code, `FAKE_PTX=kernel:from:to`, which replaces a text
//! throughout a kernel before it is loaded (a device that computes something else), and `FAKE_LOG`, a file that gets a line
//! `copy bytes` for each copy from a device, `load kernel device` for each kernel that is compiled, `record device` for each event and `launch kernel blocks_x blocks_y device`
//! for each launch. Each launch takes a millisecond of the device's clock.
#![allow(unused_unsafe, reason = "some functions touch no pointer")]
#![allow(
    unsafe_code,
    reason = "C functions that get pointers; they are called by cust alone, which keeps the driver's conditions"
)]

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::io::Write as _;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use polyak_emulator::{Address, Argument, Memory, Module};

const INVALID_VALUE: c_uint = 1;
const OUT_OF_MEMORY: c_uint = 2;
const INVALID_PTX: c_uint = 218;
const NOT_FOUND: c_uint = 500;
const LAUNCH_FAILED: c_uint = 719;

/// Everything that the devices hold.
#[derive(Default)]
struct State {
    memory: Memory,
    sizes: HashMap<u64, usize>,
    modules: Vec<Module>,
    functions: Vec<(usize, String)>,
    /// Milliseconds of each context.
    clocks: HashMap<usize, u32>,
    /// When each event was recorded.
    events: Vec<u32>,
}

thread_local! {
    /// The context of this thread: its device's number and one.
    static CONTEXT: std::cell::Cell<usize> = const { std::cell::Cell::new(1) };
    /// How often this thread has called the function that is to fail.
    static CALLS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

fn state() -> MutexGuard<'static, State> {
    static STATE: LazyLock<Mutex<State>> = LazyLock::new(Mutex::default);
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Counts a call, and gives the code that it was asked to fail with.
fn fault(function: &'static str) -> Option<c_uint> {
    let text = std::env::var("FAKE_FAULT").ok()?;
    let mut parts = text.split(':');
    let (name, code, call) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse::<u64>().ok()?);
    if name != function {
        return None;
    }
    CALLS.set(CALLS.get() + 1);
    (CALLS.get() >= call).then_some(code)
}

/// Defines functions that first count and perhaps fail, then do what they do and answer 0, or the code of an error.
macro_rules! functions {
    ($(fn $name:ident($($argument:ident: $type:ty),*) $body:block)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($argument: $type),*) -> c_uint {
            match fault(stringify!($name)) {
                Some(code) => code,
                // SAFETY: the pointers are cust's, valid for what the driver's header says.
                None => unsafe {
                    let body = || -> Result<(), c_uint> { $body };
                    body().err().unwrap_or(0)
                },
            }
        }
    )*};
}

/// The PTX with what `FAKE_PTX` asks for.
fn broken(text: &str) -> String {
    let wanted = std::env::var("FAKE_PTX").unwrap_or_default();
    match wanted.splitn(3, ':').collect::<Vec<_>>()[..] {
        [kernel, from, to] if text.contains(&format!(".entry {kernel}(")) => text.replace(from, to),
        _ => text.to_owned(),
    }
}

/// Notes what happened.
fn note(line: std::fmt::Arguments) {
    let Some(path) = std::env::var_os("FAKE_LOG") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    if let Ok(mut file) = file {
        // A test that misses the line fails.
        let _ = file.write_all(format!("{line}\n").as_bytes());
    }
}

/// The bytes of an argument at a pointer.
///
/// # Safety
/// There are N bytes.
unsafe fn argument<const N: usize>(place: *const c_void) -> Argument {
    // SAFETY: the caller's.
    let bytes = unsafe { place.cast::<[u8; N]>().read() };
    Argument::from(bytes.as_slice())
}

functions! {
    fn cuInit(_flags: c_uint) { Ok(()) }
    fn cuDriverGetVersion(version: *mut c_int) { version.write(number("FAKE_VERSION", 13_000) as c_int); Ok(()) }
    fn cuDeviceGetCount(count: *mut c_int) { count.write(number("FAKE_DEVICES", 1) as c_int); Ok(()) }
    fn cuDeviceGet(device: *mut c_int, ordinal: c_int) { device.write(ordinal); Ok(()) }
    fn cuDeviceGetName(name: *mut c_char, length: c_int, device: c_int) {
        let text = format!("Emulated {device}\0");
        let text = text.as_bytes().get(..length as usize).unwrap_or(text.as_bytes());
        name.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), text.len());
        Ok(())
    }
    fn cuDeviceTotalMem_v2(bytes: *mut usize, _device: c_int) { bytes.write(number("FAKE_MEMORY", 1 << 30)); Ok(()) }
    fn cuDeviceGetAttribute(value: *mut c_int, attribute: c_uint, _device: c_int) {
        let found = match attribute {
            75 => 9,
            76 => 0,
            16 => 1,
            _ => return Err(INVALID_VALUE),
        };
        value.write(found);
        Ok(())
    }
    fn cuGetErrorString(_code: c_uint, text: *mut *const c_char) { text.write(c"an error".as_ptr()); Ok(()) }
    fn cuDevicePrimaryCtxRetain(context: *mut usize, device: c_int) { context.write(1 + device as usize); Ok(()) }
    fn cuDevicePrimaryCtxRelease_v2(_device: c_int) { Ok(()) }
    fn cuCtxSetCurrent(context: usize) { CONTEXT.set(context); Ok(()) }
    fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize) {
        free.write(number("FAKE_FREE", number("FAKE_MEMORY", 1 << 30)));
        total.write(number("FAKE_MEMORY", 1 << 30));
        Ok(())
    }
    fn cuMemAllocHost_v2(place: *mut *mut c_void, bytes: usize) {
        place.write(Box::leak(vec![0u64; bytes.div_ceil(8)].into_boxed_slice()).as_mut_ptr().cast());
        Ok(())
    }
    fn cuMemFreeHost(_place: *mut c_void) { Ok(()) }
    fn cuStreamCreateWithPriority(stream: *mut usize, _flags: c_uint, _priority: c_int) { stream.write(1); Ok(()) }
    fn cuStreamDestroy_v2(_stream: usize) { Ok(()) }
    fn cuStreamSynchronize(_stream: usize) { Ok(()) }
    fn cuEventCreate(event: *mut usize, _flags: c_uint) {
        let mut state = state();
        state.events.push(0);
        event.write(state.events.len());
        Ok(())
    }
    fn cuEventRecord(event: usize, _stream: usize) {
        let mut state = state();
        let now = state.clocks.get(&CONTEXT.get()).copied().unwrap_or(0);
        note(format_args!("record {}", CONTEXT.get() - 1));
        *state.events.get_mut(event - 1).ok_or(INVALID_VALUE)? = now;
        Ok(())
    }
    fn cuEventSynchronize(_event: usize) { Ok(()) }
    fn cuEventElapsedTime(milliseconds: *mut f32, start: usize, end: usize) {
        let state = state();
        milliseconds.write(state.events[end - 1] as f32 - state.events[start - 1] as f32);
        Ok(())
    }
    fn cuEventDestroy_v2(_event: usize) { Ok(()) }
    fn cuMemAlloc_v2(address: *mut u64, bytes: usize) {
        let mut state = state();
        let used: usize = state.sizes.values().sum();
        if used + bytes > number("FAKE_MEMORY", 1 << 30) {
            return Err(OUT_OF_MEMORY);
        }
        let place = state.memory.alloc(bytes);
        state.sizes.insert(place.0, bytes);
        address.write(place.0);
        Ok(())
    }
    fn cuMemFree_v2(address: u64) {
        let mut state = state();
        state.sizes.remove(&address);
        state.memory.free(Address(address)).map_err(|_| INVALID_VALUE)
    }
    fn cuMemcpyHtoDAsync_v2(to: u64, from: *const c_void, bytes: usize, _stream: usize) {
        let bytes = std::slice::from_raw_parts(from.cast::<u8>(), bytes);
        state().memory.write(Address(to), bytes).map_err(|_| INVALID_VALUE)
    }
    fn cuMemcpyDtoHAsync_v2(to: *mut c_void, from: u64, bytes: usize, _stream: usize) {
        note(format_args!("copy {bytes}"));
        let state = state();
        let read = state.memory.read(Address(from), bytes).map_err(|_| INVALID_VALUE)?;
        to.cast::<u8>().copy_from_nonoverlapping(read.as_ptr(), bytes);
        Ok(())
    }
    fn cuModuleLoadDataEx(
        module: *mut usize, image: *const c_char, _count: c_uint, _options: *mut c_uint, _values: *mut *mut c_void
    ) {
        let text = CStr::from_ptr(image).to_str().map_err(|_| INVALID_PTX)?;
        let parsed = Module::parse(&broken(text)).map_err(|_| INVALID_PTX)?;
        let mut state = state();
        let entry = text.split_once(".entry ").and_then(|(_, entry)| entry.split('(').next()).unwrap_or_default();
        note(format_args!("load {entry} {}", CONTEXT.get() - 1));
        state.modules.push(parsed);
        module.write(state.modules.len());
        Ok(())
    }
    fn cuModuleUnload(_module: usize) { Ok(()) }
    fn cuModuleGetFunction(function: *mut usize, module: usize, name: *const c_char) {
        let name = CStr::from_ptr(name).to_str().map_err(|_| NOT_FOUND)?;
        let mut state = state();
        state.functions.push((module - 1, name.to_owned()));
        function.write(state.functions.len());
        Ok(())
    }
    fn cuLaunchKernel(
        function: usize, grid_x: c_uint, grid_y: c_uint, grid_z: c_uint, block_x: c_uint, block_y: c_uint, block_z: c_uint,
        _shared: c_uint, _stream: usize, parameters: *mut *mut c_void, _extra: *mut *mut c_void
    ) {
        let state = &mut *state();
        let (module, name) = &state.functions[function - 1];
        let place = |i: usize| parameters.add(i).read();
        let arguments =
            [argument::<8>(place(0)), argument::<4>(place(1)), argument::<4>(place(2)), argument::<4>(place(3))];
        note(format_args!("launch {name} {grid_x} {grid_y} {}", CONTEXT.get() - 1));
        *state.clocks.entry(CONTEXT.get()).or_default() += 1;
        let (grid, block) = ([grid_x, grid_y, grid_z], [block_x, block_y, block_z]);
        let launched = state.modules[*module].launch(name, grid, block, &arguments, &mut state.memory);
        launched.map(|_| ()).map_err(|_| LAUNCH_FAILED)
    }
}

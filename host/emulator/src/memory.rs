//! The device's memory: allocations with checked bounds, at addresses that no other space shares.

use std::fmt;

/// An address of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub u64);

/// State spaces of PTX. All lie in one generic address space, each in its own window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// Whatever window the address is in.
    Generic,
    /// Allocations, and the module's variables.
    Global,
    /// The module's variables only.
    Constant,
    /// Of a block.
    Shared,
    /// Of a thread.
    Local,
    /// Parameters of a function.
    Parameter,
}

/// Where each window begins; each is 2³² bytes long, but that of allocations, which has no end.
pub(super) const VARIABLES: u64 = 1 << 32;
pub(super) const SHARED: u64 = 2 << 32;
pub(super) const LOCAL: u64 = 3 << 32;
pub(super) const PARAMETERS: u64 = 4 << 32;
const ALLOCATIONS: u64 = 16 << 32;

/// The device aligns an allocation so.
const ALIGNMENT: u64 = 256;

/// An access that the device would not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadAccess {
    /// The address.
    pub address: u64,
    /// Bytes from there on.
    pub bytes: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl std::error::Error for BadAccess {}

impl fmt::Display for BadAccess {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} bytes at {:#x}: {}", self.bytes, self.address, self.reason)
    }
}

/// Allocations on the device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// In order of address, with a gap after each.
    allocations: Vec<Allocation>,
    /// For each piece of [`ALIGNMENT`] bytes from [`ALLOCATIONS`] on, how many allocations begin there or before: a kernel's every access
    /// looks for its allocation.
    pieces: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Allocation {
    base: u64,
    bytes: Vec<u8>,
}

impl Memory {
    /// A memory without allocations.
    pub fn new() -> Self {
        Self::default()
    }

    /// `bytes` bytes of zeros, aligned to 256.
    ///
    /// ```
    /// use polyak_emulator::Memory;
    /// let mut memory = Memory::new();
    /// let place = memory.alloc(8);
    /// memory.write(place, &7u64.to_le_bytes()).unwrap();
    /// assert_eq!(memory.read(place, 1).unwrap(), [7]);
    /// assert!(memory.read(place, 9).is_err());
    /// ```
    pub fn alloc(&mut self, bytes: usize) -> Address {
        let end = self.allocations.last().map_or(ALLOCATIONS, |last| last.base + last.bytes.len() as u64);
        let base = (end + ALIGNMENT).next_multiple_of(ALIGNMENT);
        self.allocations.push(Allocation { base, bytes: vec![0; bytes] });
        self.find_pieces(self.allocations.len() - 1);
        Address(base)
    }

    /// Sets the pieces from the end of the allocation before `place` on.
    fn find_pieces(&mut self, place: usize) {
        let piece = |address: u64| ((address - ALLOCATIONS) / ALIGNMENT) as usize;
        let first = place.saturating_sub(1);
        self.pieces.truncate(place.checked_sub(1).map_or(0, |before| piece(self.allocations[before].base)));
        for (index, Allocation { base, bytes }) in self.allocations.iter().enumerate().skip(first) {
            self.pieces.resize(piece(*base), index as u32);
            self.pieces.resize(piece(*base + bytes.len() as u64) + 1, index as u32 + 1);
        }
    }

    /// Gives an allocation back; its address is an error from then on.
    pub fn free(&mut self, address: Address) -> Result<(), BadAccess> {
        let found = self.allocations.binary_search_by_key(&address.0, |allocation| allocation.base);
        let place = found.map_err(|_| BadAccess {
            address: address.0,
            bytes: 0,
            reason: "not the beginning of an allocation",
        })?;
        self.allocations.remove(place);
        self.find_pieces(place);
        Ok(())
    }

    /// Bytes that lie in one allocation.
    pub fn read(&self, address: Address, bytes: usize) -> Result<&[u8], BadAccess> {
        let (place, offset) = self.find(address.0, bytes)?;
        Ok(&self.allocations[place].bytes[offset..offset + bytes])
    }

    /// Writes bytes into one allocation.
    pub fn write(&mut self, address: Address, bytes: &[u8]) -> Result<(), BadAccess> {
        self.place(address.0, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    pub(super) fn place(&mut self, address: u64, bytes: usize) -> Result<&mut [u8], BadAccess> {
        let (place, offset) = self.find(address, bytes)?;
        Ok(&mut self.allocations[place].bytes[offset..offset + bytes])
    }

    fn find(&self, address: u64, bytes: usize) -> Result<(usize, usize), BadAccess> {
        let bad = |reason| BadAccess { address, bytes, reason };
        let outside = bad("outside every allocation");
        let piece = address.checked_sub(ALLOCATIONS).map(|offset| offset / ALIGNMENT);
        let after = piece.and_then(|piece| self.pieces.get(piece as usize)).ok_or(outside.clone())?;
        let place = after.checked_sub(1).ok_or(outside)? as usize;
        let allocation = &self.allocations[place];
        let offset = address - allocation.base;
        let length = allocation.bytes.len() as u64;
        match offset.checked_add(bytes as u64) {
            Some(end) if end <= length => Ok((place, offset as usize)),
            _ if offset < length => Err(bad("past the end of an allocation")),
            _ => Err(bad("outside every allocation")),
        }
    }
}

/// Checks an address against its space and alignment, and names its window.
#[inline]
pub(super) fn window(space: Space, address: u64, bytes: usize) -> Result<Space, BadAccess> {
    let window = match address >> 32 {
        0 => return Err(BadAccess { address, bytes, reason: "near the null pointer" }),
        1 => Space::Constant,
        2 => Space::Shared,
        3 => Space::Local,
        4 => Space::Parameter,
        _ => Space::Global,
    };
    let allowed = match space {
        Space::Generic => true,
        Space::Global => matches!(window, Space::Global | Space::Constant),
        space => space == window,
    };
    if !allowed {
        return Err(BadAccess { address, bytes, reason: "an address of another state space" });
    }
    if !address.is_multiple_of(bytes as u64) {
        return Err(BadAccess { address, bytes, reason: "not aligned" });
    }
    Ok(window)
}

/// Bytes of a window that is one array.
#[inline]
pub(super) fn slice(
    array: &mut [u8],
    start: u64,
    address: u64,
    bytes: usize,
) -> Result<&mut [u8], BadAccess> {
    let offset = (address - start) as usize;
    array.get_mut(offset..offset + bytes).ok_or(BadAccess {
        address,
        bytes,
        reason: "past the end of the variable's space",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_outside_an_allocation_is_an_error() {
        let mut memory = Memory::new();
        let (a, b) = (memory.alloc(10), memory.alloc(4));
        assert!(b.0 - a.0 >= 10 + 256 && a.0 % 256 == 0 && b.0 % 256 == 0);
        assert_eq!(memory.read(a, 10).unwrap(), [0; 10]);
        for (address, bytes) in
            [(a.0, 11), (a.0 - 1, 1), (a.0 + 10, 1), (b.0 - 1, 1), (b.0 + 4, 1), (u64::MAX, 2)]
        {
            assert!(memory.read(Address(address), bytes).is_err(), "{address:#x} {bytes}");
            assert!(memory.write(Address(address), &vec![1; bytes]).is_err());
        }
        memory.free(a).unwrap();
        assert!(memory.read(a, 1).is_err() && memory.read(b, 4).is_ok());
        assert!(memory.free(a).is_err());
    }

    #[test]
    fn every_allocation_is_found_whatever_was_given_back() {
        let mut memory = Memory::new();
        let sizes = [0, 1, 255, 256, 257, 1000, 10, 5000];
        let mut there: Vec<(Address, usize)> =
            sizes.into_iter().map(|bytes| (memory.alloc(bytes), bytes)).collect();
        for gone in [3, 0, 5, 4, 0, 2, 1, 0] {
            for &(address, bytes) in &there {
                for offset in 0..bytes as u64 {
                    assert!(memory.read(Address(address.0 + offset), 1).is_ok(), "{address:?} {offset}");
                }
                assert!(memory.read(Address(address.0 + bytes as u64), 1).is_err());
                assert!(memory.read(Address(address.0 - 1), 1).is_err());
            }
            memory.free(there.remove(gone).0).unwrap();
            if gone == 4 {
                there.push((memory.alloc(300), 300));
                there.push((memory.alloc(1), 1));
                memory.free(there.pop().unwrap().0).unwrap();
                memory.free(there.pop().unwrap().0).unwrap();
            }
        }
        assert!(there.is_empty() && memory.read(Address(ALLOCATIONS + ALIGNMENT), 1).is_err());
    }

    #[test]
    fn a_space_has_its_own_addresses_and_alignment() {
        assert_eq!(window(Space::Generic, LOCAL + 8, 8), Ok(Space::Local));
        assert_eq!(window(Space::Global, VARIABLES, 4), Ok(Space::Constant));
        assert!(window(Space::Global, LOCAL, 4).is_err());
        assert!(window(Space::Local, SHARED, 4).is_err());
        assert!(window(Space::Generic, 8, 4).is_err());
        assert!(window(Space::Generic, LOCAL + 2, 4).is_err());
    }
}

//! A reader of `.npy` files of version 1, from NumPy's description of the format.

use std::path::Path;

/// A two-dimensional array of little-endian floats in C order.
pub struct Array {
    /// Bytes of a number: 4 or 8.
    pub size: usize,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// The data as they are in the file.
    pub bytes: Vec<u8>,
}

impl Array {
    /// Reads a file; it must hold exactly what its header says.
    pub fn read(path: &Path) -> Self {
        let file = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(&file[..8], b"\x93NUMPY\x01\x00");
        let length = usize::from(u16::from_le_bytes([file[8], file[9]]));
        assert_eq!((10 + length) % 64, 0, "the data must be aligned");
        let header = std::str::from_utf8(&file[10..10 + length]).unwrap();
        assert!(header.ends_with('\n'));
        let after = |key: &str| header.split_once(key).unwrap().1;
        let size = after("'descr': '<f")[..1].parse().unwrap();
        assert!(after("'fortran_order': ").starts_with("False"));
        let shape = after("'shape': (").split_once(')').unwrap().0;
        let shape: Vec<usize> = shape.split(',').map(|number| number.trim().parse().unwrap()).collect();
        let [rows, columns] = shape[..] else { panic!("{header}") };
        let bytes = file[10 + length..].to_vec();
        assert_eq!(bytes.len(), rows * columns * size, "{}", path.display());
        Self { size, rows, columns, bytes }
    }

    /// All numbers of a column.
    pub fn column(&self, column: usize) -> Vec<f64> {
        let number = |row: usize| {
            let at = (row * self.columns + column) * self.size;
            let bytes = &self.bytes[at..at + self.size];
            match self.size {
                4 => f64::from(f32::from_le_bytes(bytes.try_into().unwrap())),
                _ => f64::from_le_bytes(bytes.try_into().unwrap()),
            }
        };
        (0..self.rows).map(number).collect()
    }
}

//! Final states as NumPy's `.npy`, written as the chunks come.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use polyak_core::real::Scalar;

/// A growing n × d array, little-endian, in `<name>.npy.part` until it is whole.
#[derive(Debug)]
pub struct NpyWriter {
    file: BufWriter<File>,
    path: PathBuf,
    /// Bytes of a row.
    row: u64,
}

/// Bytes of the header: fixed, so that an interrupted file can be gone on with.
const HEADER: usize = 128;

impl NpyWriter {
    /// Opens the array of `rows` × `columns` numbers of `S` at `path`, of which `done` rows are already there from an interrupted
    /// run.
    ///
    /// # Errors
    /// If the file cannot be opened, written or cut to length; `NotFound` or `UnexpectedEof` if it lacks rows that should be there.
    pub fn open<S: Scalar>(path: &Path, rows: u64, columns: usize, done: u64) -> std::io::Result<Self> {
        let part = part(path);
        let row = (columns * S::BYTES) as u64;
        let length = HEADER as u64 + done * row;
        let mut options = OpenOptions::new();
        let mut file = options.create(done == 0).read(true).write(true).truncate(done == 0).open(&part)?;
        if done > 0 && file.metadata()?.len() < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let dictionary =
            format!("{{'descr': '<f{}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}", S::BYTES);
        let mut header = b"\x93NUMPY\x01\x00".to_vec();
        header.extend(((HEADER - 10) as u16).to_le_bytes());
        header.extend(dictionary.bytes());
        header.resize(HEADER - 1, b' ');
        header.push(b'\n');
        file.write_all(&header)?;
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 20, file), path: path.to_owned(), row })
    }

    /// Appends numbers.
    ///
    /// # Errors
    /// If the disk does not take them.
    pub fn append<S: Scalar>(&mut self, numbers: &[S]) -> std::io::Result<()> {
        for number in numbers {
            self.file.write_all(&number.to_canonical_bits().to_le_bytes()[..S::BYTES])?;
        }
        Ok(())
    }

    /// Puts everything on the disk: a checkpoint must not be ahead of it.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()
    }

    /// The array is whole and on the disk: gives the file its name.
    ///
    /// # Errors
    /// If the folder does not let it.
    pub fn finish(&mut self) -> std::io::Result<()> {
        std::fs::rename(part(&self.path), &self.path)
    }

    /// Gives up all but the first `rows` rows, which are on the disk, and the room that the others take.
    pub fn cut(self, rows: u64) {
        // The buffer holds what the disk did not take.
        let (file, _) = self.file.into_parts();
        // Nothing can be done if even this fails: whoever goes on from here cuts it again.
        let _ = match rows {
            0 => std::fs::remove_file(part(&self.path)),
            _ => file.set_len(HEADER as u64 + rows * self.row),
        };
    }
}

fn part(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

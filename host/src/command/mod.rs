//! The commands of the program.

pub mod backend;
pub mod crosscheck;
pub mod devices;
mod memory;
mod recorder;
pub mod reproduce;
pub mod run;

use std::io::Write as _;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done: exit code 0.
    Done,
    /// It ran, but the answer is no: exit code 1.
    No,
    /// Interrupted, with what was finished on disk: exit code 130.
    Interrupted,
}

/// Why a command could not be done.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Bad input or usage: exit code 2.
    #[error("{0}")]
    Input(String),
    /// A fault of the machine: exit code 3.
    #[error("{0}")]
    Machine(String),
}

/// Prints on standard output. Whoever reads it may stop reading: that is no fault.
///
/// # Errors
/// If it cannot be written for any other reason.
pub fn say(text: &str) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CommandError::Machine(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

impl CommandError {
    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Input(_) => 2,
            Self::Machine(_) => 3,
        }
    }
}

impl Outcome {
    /// The exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Interrupted => 130,
        }
    }
}

//! The commands of the program.

pub mod devices;
pub mod run;

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

//! What a function returns.

use core::ffi::{CStr, c_char};

use polyak_core::network::ShapeError;
use polyak_core::trajectory::CheckpointError;

macro_rules! statuses {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $sentence:literal;)+) => {
        /// 0 is success. A call that returns anything else has changed nothing, except where its documentation says so.
        #[repr(i32)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum polyak_status {
            $($(#[doc = $doc])+ $name = $number,)+
        }

        /// The status as a sentence in English that says what is allowed; of a number that is no status, that it is none.
        #[unsafe(no_mangle)]
        pub extern "C" fn polyak_status_text(status: i32) -> *const c_char {
            let sentence: &CStr = match status {
                $($number => $sentence,)+
                _ => c"not a status of polyak",
            };
            sentence.as_ptr()
        }
    };
}

statuses! {
    /// Done.
    Ok = 0, c"done";
    /// A pointer is NULL that must not be.
    NullPointer = 1, c"a pointer is NULL that must point to something";
    /// A length does not fit.
    Length = 2, c"a length does not fit: it must be the number of parameters, inputs or outputs that the function asks for";
    /// A stream that was not initialised.
    Generator = 3, c"the stream's generator must be POLYAK_PCG32 or POLYAK_PHILOX: was the stream initialised?";
    /// An unknown law.
    Law = 4, c"the law must be one of the POLYAK_LAW constants";
    /// Degrees of freedom of Student's t.
    DegreesOfFreedom = 5, c"the degrees of freedom of Student's t must be above 2 and finite, and set by polyak_student";
    /// An unknown covariance.
    Covariance = 6, c"the covariance must be one of the POLYAK_COVARIANCE constants";
    /// Scale of a noise.
    Scale = 7, c"the scale of the noise must be at least 0 and finite";
    /// ell of SVAG.
    Ell = 8, c"SVAG's ell must be at least 0.5 and finite, and its weights those of polyak_svag_init or 0";
    /// An unknown method.
    Method = 9, c"the method must be one of the POLYAK_METHOD constants: were the coefficients computed?";
    /// Learning rate.
    LearningRate = 10, c"the learning rate must be at least 0 and finite";
    /// Momentum.
    Momentum = 11, c"the momentum must be at least 0 and below 1";
    /// Dampening.
    Dampening = 12, c"the dampening must be finite, and 0 with Nesterov's step, as in PyTorch";
    /// nu of quasi-hyperbolic momentum.
    Nu = 13, c"nu of quasi-hyperbolic momentum must be from 0 to 1";
    /// Weight decay.
    WeightDecay = 14, c"the weight decay must be at least 0 and finite";
    /// The gain of the step that draws the momentum.
    Gain = 15, c"the gain must be finite";
    /// Number of layers.
    Layers = 16, c"a network must have from 1 to 8 layers of weights";
    /// Width of a layer.
    Width = 17, c"a layer must have from 1 to 65535 units";
    /// Number of parameters.
    Parameters = 18, c"a network must have fewer than 2147483648 parameters";
    /// Number of units.
    Units = 19, c"a network must have at most POLYAK_UNITS units, its inputs counted";
    /// An unknown activation.
    Activation = 20, c"the activation must be one of the POLYAK_ACTIVATION constants";
    /// An unknown loss.
    Loss = 21, c"the loss must be one of the POLYAK_LOSS constants";
    /// An unknown way to begin.
    Initial = 22, c"the initial weights must be one of the POLYAK_INITIAL constants";
    /// A data set without examples.
    Examples = 23, c"the data set must have at least one example, as numbers or as bytes";
    /// An unknown sampling.
    Sampling = 24, c"the sampling must be one of the POLYAK_SAMPLING constants";
    /// Size of a batch.
    Batch = 25, c"a batch must have at least 1 example, and without replacement at most all of them";
    /// An unknown choice of labels.
    Labels = 26, c"the labels must be one of the POLYAK_LABELS constants";
    /// No deck, or one of another size.
    Deck = 27, c"sampling without replacement and by epochs needs a deck of as many cards as there are examples";
    /// Fewer bytes than a checkpoint has.
    CheckpointShort = 28, c"fewer bytes than a checkpoint of this state has";
    /// Not a checkpoint.
    CheckpointForeign = 29, c"not a checkpoint of this layout";
    /// A checkpoint of something else.
    CheckpointOther = 30, c"a checkpoint of another tag, precision, generator, dimension or deck";
    /// A damaged checkpoint.
    CheckpointCorrupt = 31, c"a checkpoint whose checksum does not fit";
    /// The caller's function did not take the bytes.
    Put = 32, c"the function that takes the bytes returned something else than 0";
}

/// `?` inside, a status outside.
pub(crate) fn status(run: impl FnOnce() -> Result<(), polyak_status>) -> polyak_status {
    match run() {
        Ok(()) => polyak_status::Ok,
        Err(status) => status,
    }
}

/// Something that must not be null.
pub(crate) fn given<T>(pointer: Option<T>) -> Result<T, polyak_status> {
    pointer.ok_or(polyak_status::NullPointer)
}

/// `condition`, or the status.
pub(crate) fn require(condition: bool, otherwise: polyak_status) -> Result<(), polyak_status> {
    if condition { Ok(()) } else { Err(otherwise) }
}

impl From<ShapeError> for polyak_status {
    fn from(error: ShapeError) -> Self {
        match error {
            ShapeError::Layers => Self::Layers,
            ShapeError::Width => Self::Width,
            _ => Self::Parameters,
        }
    }
}

impl From<CheckpointError> for polyak_status {
    fn from(error: CheckpointError) -> Self {
        match error {
            CheckpointError::Short => Self::CheckpointShort,
            CheckpointError::Foreign => Self::CheckpointForeign,
            CheckpointError::Other => Self::CheckpointOther,
            _ => Self::CheckpointCorrupt,
        }
    }
}

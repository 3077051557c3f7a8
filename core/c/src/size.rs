//! What the library takes the structures' sizes to be.

use crate::*;

macro_rules! structures {
    ($($name:ident = $number:literal: $structure:ident;)+) => {
        /// One of the structures: POLYAK_SIZE_OF_...
        pub type polyak_structure = u8;
        $(
            /// The structure of that name.
            pub const $name: polyak_structure = $number;
        )+

        /// The library's `sizeof` of a structure; 0 of a number that is none. A program that is compiled with other packing or another header
        /// than the library can find out when it starts.
        #[unsafe(no_mangle)]
        pub extern "C" fn polyak_size_of(structure: polyak_structure) -> usize {
            match structure {
                $($name => size_of::<$structure>(),)+
                _ => 0,
            }
        }
    };
}

structures! {
    POLYAK_SIZE_OF_OPTIMIZER = 1: polyak_optimizer;
    POLYAK_SIZE_OF_SHAPE = 2: polyak_shape;
    POLYAK_SIZE_OF_STREAM_F32 = 3: polyak_stream_f32;
    POLYAK_SIZE_OF_STREAM_F64 = 4: polyak_stream_f64;
    POLYAK_SIZE_OF_LAW_F32 = 5: polyak_law_f32;
    POLYAK_SIZE_OF_LAW_F64 = 6: polyak_law_f64;
    POLYAK_SIZE_OF_COEFFICIENTS_F32 = 7: polyak_coefficients_f32;
    POLYAK_SIZE_OF_COEFFICIENTS_F64 = 8: polyak_coefficients_f64;
    POLYAK_SIZE_OF_SVAG_F32 = 9: polyak_svag_f32;
    POLYAK_SIZE_OF_SVAG_F64 = 10: polyak_svag_f64;
    POLYAK_SIZE_OF_NOISE_F32 = 11: polyak_noise_f32;
    POLYAK_SIZE_OF_NOISE_F64 = 12: polyak_noise_f64;
    POLYAK_SIZE_OF_STATE_F32 = 13: polyak_state_f32;
    POLYAK_SIZE_OF_STATE_F64 = 14: polyak_state_f64;
    POLYAK_SIZE_OF_EXAMPLES_F32 = 15: polyak_examples_f32;
    POLYAK_SIZE_OF_EXAMPLES_F64 = 16: polyak_examples_f64;
    POLYAK_SIZE_OF_NETWORK_F32 = 17: polyak_network_f32;
    POLYAK_SIZE_OF_NETWORK_F64 = 18: polyak_network_f64;
    POLYAK_SIZE_OF_BATCH_F32 = 19: polyak_batch_f32;
    POLYAK_SIZE_OF_BATCH_F64 = 20: polyak_batch_f64;
    POLYAK_SIZE_OF_LABEL_NOISE_F32 = 21: polyak_label_noise_f32;
    POLYAK_SIZE_OF_LABEL_NOISE_F64 = 22: polyak_label_noise_f64;
}

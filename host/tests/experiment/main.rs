//! Reading and writing experiment files.

mod errors;
mod examples;
mod meaning;
mod network;
mod properties;

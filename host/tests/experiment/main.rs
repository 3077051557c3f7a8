//! Reading and writing experiment files.

mod examples;

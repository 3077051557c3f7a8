//! Ensembles of SGD and momentum trajectories: experiments, back ends, statistics, theory and reports.

pub mod backend;
pub mod experiment;
pub mod schedule;

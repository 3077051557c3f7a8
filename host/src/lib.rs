//! Ensembles of SGD and momentum trajectories: experiments, back ends, statistics, theory and reports.

pub mod experiment;
pub mod schedule;

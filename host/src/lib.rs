//! Ensembles of SGD and momentum trajectories: experiments, back ends, statistics, theory and reports.

pub mod backend;
mod centre;
pub mod checkpoint;
pub mod command;
pub mod crosscheck;
pub mod engine;
pub mod experiment;
pub mod job;
pub mod plan;
pub mod plot;
pub mod report;
pub mod reproduce;
pub mod schedule;
pub mod statistics;
pub mod theory;

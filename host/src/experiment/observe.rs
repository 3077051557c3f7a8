//! `[observe]` and `[output]`: what is measured and what is written.

use std::path::PathBuf;

use polyak_core::observe::CHUNK;

use super::model::{Histogram, Observe, Output};
use super::reader::{Field, Section};

/// What is measured: `every` (default: about 100 times a run), `moments` (orders from 5 to 32; the first four are
/// always reported), `path_length`, `loss_variation`, `loss_below`, `histograms` (`coordinate`, `from`, `to`, `bins` = 100)
/// and `paths`, the number of whole trajectories to record.
pub fn observe(
    section: Option<&Section>,
    dimension: Option<usize>,
    trajectories: u64,
    steps: u64,
) -> Option<Observe> {
    let default = (steps / 100).max(1);
    let Some(section) = section else {
        return Some(Observe {
            every: default,
            moments: Vec::new(),
            path_length: false,
            loss_variation: false,
            loss_below: None,
            histograms: Vec::new(),
            paths: 0,
        });
    };
    let every = section.or("every", default, |field| field.count(1, u64::MAX));
    let moments = section.or("moments", Vec::new(), orders);
    let path_length = section.or("path_length", false, Field::boolean);
    let loss_variation = section.or("loss_variation", false, Field::boolean);
    let loss_below = section.or("loss_below", None, |field| field.number().map(Some));
    let histograms = section.or("histograms", Vec::new(), |field| {
        field.each(|field| histogram(field, dimension.unwrap_or(super::MAX_DIMENSION)))
    });
    let paths = section.or("paths", 0, |field| match field.count(0, u64::MAX)? {
        paths if paths > trajectories => {
            field.fail(format!("must be at most {trajectories}, the number of trajectories"))
        }
        paths if paths > CHUNK as u64 => field.fail(format!("must be at most {CHUNK}, one chunk")),
        paths => Some(paths),
    });
    section.finish();
    Some(Observe {
        every: every?,
        moments: moments?,
        path_length: path_length?,
        loss_variation: loss_variation?,
        loss_below: loss_below?,
        histograms: histograms?,
        paths: paths?,
    })
}

fn orders(field: &Field) -> Option<Vec<u32>> {
    let orders = field.each(|field| field.count(5, 32).map(|order| order as u32))?;
    let twice = |(i, order): (usize, &u32)| orders.iter().take(i).any(|other| other == order);
    match orders.iter().enumerate().find(|&(i, order)| twice((i, order))) {
        Some((_, order)) => field.fail(format!("has {order} twice")),
        None => Some(orders),
    }
}

fn histogram(field: &Field, dimension: usize) -> Option<Histogram> {
    let section = field.section()?;
    let coordinate = section.require("coordinate", "an index from 0");
    let coordinate = coordinate.and_then(|field| match field.size(0, usize::MAX)? {
        coordinate if coordinate < dimension => Some(coordinate),
        _ => field.fail(format!("must be below {dimension}, the dimension of the landscape")),
    });
    let from = section.require("from", "the lower edge").and_then(|field| field.number());
    let to = section.require("to", "the upper edge").and_then(|field| match (field.number()?, from) {
        (to, Some(from)) if to <= from => field.fail(format!("must be above `from` = {from}")),
        (to, _) => Some(to),
    });
    let bins = section.or("bins", 100, |field| field.size(1, 1_000_000));
    section.finish();
    Some(Histogram { coordinate: coordinate?, from: from?, to: to?, bins: bins? })
}

/// What is written: `directory`, relative to the working directory, `final_states` = false, `plots` = true, `digest` = true.
///
/// Without the digest, and with nothing else that is made of them (final states as files, plots, histograms, differences of two runs), final
/// states stay on a GPU.
pub fn output(section: Option<&Section>) -> Option<Output> {
    let Some(section) = section else {
        return Some(Output { directory: None, final_states: false, plots: true, digest: true });
    };
    let directory = section.or("directory", None, |field| match field.text()? {
        "" => field.fail("must not be empty"),
        text => Some(Some(PathBuf::from(text))),
    });
    let final_states = section.or("final_states", false, Field::boolean);
    let plots = section.or("plots", true, Field::boolean);
    let digest = section.or("digest", true, Field::boolean);
    section.finish();
    Some(Output { directory: directory?, final_states: final_states?, plots: plots?, digest: digest? })
}

//! The picture of an experiment: moments in time against theory, paths, final clouds, histograms.

use super::RunResult;
use crate::experiment::model::Experiment;
use crate::plot::{Axis, Color, Figure, Panel, Series};
use crate::statistics::PointEstimates;

/// Width of the error bands in standard errors.
const BAND: f64 = 2.0;

/// Draws an experiment. Every panel that the data allow is there: the loss; the mean and the standard deviation of the coordinate
/// that was disturbed most; recorded paths; the final cloud in two coordinates; the histograms asked for.
pub fn figure(experiment: &Experiment, runs: &[RunResult]) -> Figure {
    let mut figure = Figure::new(experiment.name.clone()).subtitle(subtitle(experiment, runs));
    let panels: [Option<Panel>; 5] = [
        Some(loss(runs)),
        Some(mean(runs)),
        Some(deviation(runs)),
        paths(experiment, runs),
        cloud(experiment, runs),
    ];
    let mut count = 0;
    for panel in panels.into_iter().flatten().chain(histograms(experiment, runs)) {
        figure = figure.with(panel);
        count += 1;
    }
    figure.columns(if count <= 4 { 2 } else { 3 })
}

fn subtitle(experiment: &Experiment, runs: &[RunResult]) -> String {
    let trajectories = runs.first().and_then(|run| run.points.first()).map_or(0, |point| point.count);
    let theory = if runs.iter().any(|run| run.theory.is_ok()) { "; dashed: exact" } else { "" };
    format!(
        "{trajectories} trajectories, d = {}; bands: ±{BAND} standard errors{theory}",
        experiment.dimension()
    )
}

/// Colours of the runs: the same in every panel.
fn colored(runs: &[RunResult]) -> impl Iterator<Item = (&RunResult, Color)> {
    runs.iter().enumerate().map(|(i, run)| (run, Color::cycle(i)))
}

fn banded(panel: Panel, run: &RunResult, color: Color, y: &[f64], error: &[f64]) -> Panel {
    let x = &run.times;
    let side = |sign: f64| -> Vec<f64> { y.iter().zip(error).map(|(y, e)| y + sign * BAND * e).collect() };
    panel
        .with(Series::band(x.clone(), side(-1.0), side(1.0)).color(color).alpha(0.25))
        .with(Series::line(x.clone(), y.to_vec()).label(run.name.clone()).color(color))
}

fn theory(panel: Panel, run: &RunResult, y: impl Fn(&crate::theory::Moments) -> f64) -> Panel {
    match &run.theory {
        Ok(moments) => {
            // Beyond the end of the last trajectory theory would stretch the axis by itself.
            let exact = moments.iter().zip(&run.points);
            let y: Vec<f64> =
                exact.map(|(moments, point)| if point.count > 0 { y(moments) } else { f64::NAN }).collect();
            panel.with(Series::theory(run.times.clone(), y).label("exact"))
        }
        Err(_) => panel,
    }
}

fn loss(runs: &[RunResult]) -> Panel {
    let axis = axis("E L(x)", runs, |point| point.loss.value);
    let mut panel = Panel::new("Expected loss", Axis::linear("time t = Σ η"), axis);
    for (run, color) in colored(runs) {
        let value: Vec<f64> = run.points.iter().map(|point| point.loss.value).collect();
        let error: Vec<f64> = run.points.iter().map(|point| point.loss.std_error).collect();
        panel = banded(panel, run, color, &value, &error);
    }
    for run in runs {
        panel = theory(panel, run, |moments| moments.loss);
    }
    panel
}

/// A logarithmic axis where every number to be shown is positive, as a sweep over rates spans decades; else a linear one.
fn axis(label: &str, runs: &[RunResult], value: impl Fn(&PointEstimates) -> f64) -> Axis {
    let mut values = runs.iter().flat_map(|run| &run.points).map(value).filter(|value| value.is_finite());
    if values.all(|value| value > 0.0) { Axis::log(label) } else { Axis::linear(label) }
}

/// The coordinate with the largest final variance in the first run, and the runner-up.
fn widest(runs: &[RunResult]) -> (usize, usize) {
    let mut order: Vec<usize> = (0..runs.first().map_or(0, |run| run.last().variance.len())).collect();
    if let Some(run) = runs.first() {
        let variance = |i: usize| run.last().variance[i].value;
        order.sort_by(|&a, &b| variance(b).total_cmp(&variance(a)));
    }
    (order.first().copied().unwrap_or(0), order.get(1).copied().unwrap_or(0))
}

fn mean(runs: &[RunResult]) -> Panel {
    let i = widest(runs).0;
    let mut panel = Panel::new(
        format!("Mean of x_{{{i}}}"),
        Axis::linear("time t"),
        Axis::linear(format!("E x_{{{i}}}")),
    );
    for (run, color) in colored(runs) {
        let value: Vec<f64> = run.points.iter().map(|point| point.mean[i].value).collect();
        let error: Vec<f64> = run.points.iter().map(|point| point.mean[i].std_error).collect();
        panel = banded(panel, run, color, &value, &error);
    }
    for run in runs {
        panel = theory(panel, run, |moments| moments.mean[i]);
    }
    panel
}

fn deviation(runs: &[RunResult]) -> Panel {
    let i = widest(runs).0;
    let title = format!("Standard deviation of x_{{{i}}}");
    let mut panel = Panel::new(title, Axis::linear("time t"), Axis::linear(format!("√Var x_{{{i}}}")));
    for (run, color) in colored(runs) {
        let value: Vec<f64> = run.points.iter().map(|point| point.variance[i].value.sqrt()).collect();
        // δ√v = δv/(2√v).
        let error: Vec<f64> = run
            .points
            .iter()
            .zip(&value)
            .map(|(point, root)| if *root > 0.0 { point.variance[i].std_error / (2.0 * root) } else { 0.0 })
            .collect();
        panel = banded(panel, run, color, &value, &error);
    }
    for run in runs {
        panel = theory(panel, run, |moments| moments.variance[i].max(0.0).sqrt());
    }
    panel
}

/// One recorded trajectory of each run, the same stream in all.
fn paths(experiment: &Experiment, runs: &[RunResult]) -> Option<Panel> {
    let recorded = experiment.observe.paths.min(experiment.trajectories) as usize;
    if recorded == 0 {
        return None;
    }
    let (i, d) = (widest(runs).0, experiment.dimension());
    let y = format!("x_{{{i}}} of trajectory 0");
    let mut panel = Panel::new("One path of each run, same noise", Axis::linear("time t"), Axis::linear(y));
    for (run, color) in colored(runs) {
        let path: Vec<f64> = run.paths.chunks_exact(recorded * d).map(|point| point[i]).collect();
        panel =
            panel.with(Series::line(run.times.clone(), path).label(run.name.clone()).color(color).width(1.2));
    }
    Some(panel)
}

fn cloud(experiment: &Experiment, runs: &[RunResult]) -> Option<Panel> {
    let d = experiment.dimension();
    if d < 2 {
        return None;
    }
    let (i, j) = widest(runs);
    let (x, y) = (Axis::linear(format!("x_{{{i}}}")), Axis::linear(format!("x_{{{j}}}")));
    let mut panel = Panel::new("Final cloud, 2σ ellipses", x, y);
    for (run, color) in colored(runs) {
        let pick = |coordinate: usize| -> Vec<f64> {
            run.cloud.chunks_exact(d).map(|point| point[coordinate]).collect()
        };
        panel = panel.with(Series::points(pick(i), pick(j)).label(run.name.clone()).color(color).alpha(0.12));
    }
    for (run, color) in colored(runs) {
        if let Some(covariance) = &run.covariance {
            let mean = [run.last().mean[i].value, run.last().mean[j].value];
            let entry = |a: usize, b: usize| covariance[a][b].value;
            let covariance = [[entry(i, i), entry(i, j)], [entry(j, i), entry(j, j)]];
            if covariance.iter().flatten().chain(&mean).all(|value| value.is_finite()) {
                panel = panel.with(Series::ellipse(mean, covariance, 2.0).color(color).width(2.0));
            }
        }
    }
    Some(panel)
}

fn histograms(experiment: &Experiment, runs: &[RunResult]) -> Vec<Panel> {
    let one = |(number, histogram): (usize, &crate::experiment::model::Histogram)| {
        let width = (histogram.to - histogram.from) / histogram.bins as f64;
        let edges: Vec<f64> = (0..=histogram.bins).map(|bin| histogram.from + bin as f64 * width).collect();
        let x = format!("x_{{{}}}", histogram.coordinate);
        let title = format!("Final distribution of {x}");
        let mut panel = Panel::new(title, Axis::linear(x), Axis::linear("density"));
        for (run, color) in colored(runs) {
            let counts = &run.histograms[number];
            let total = (counts.below + counts.counts.iter().sum::<u64>() + counts.above).max(1) as f64;
            let density: Vec<f64> =
                counts.counts.iter().map(|&count| count as f64 / (total * width)).collect();
            panel = panel.with(
                Series::histogram(edges.clone(), density).label(run.name.clone()).color(color).alpha(0.08),
            );
        }
        panel
    };
    experiment.observe.histograms.iter().enumerate().map(one).collect()
}

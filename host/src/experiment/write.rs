//! The filled-in copy of an experiment: every default written out, every sweep expanded.

use std::fmt::{Display, Write as _};

use super::model::{
    Activation, Covariance, Data, Experiment, InitialMomentum, LabelExamples, Landscape, Law, Matrix,
    Momentum, NetworkLoss, Noise, Optimizer, Precision, Rng, Run, Sampling, SvagMomentum,
};
use crate::schedule::Schedule;

impl Experiment {
    /// The experiment as a file that reads back as an equal experiment, wherever it is put.
    ///
    /// ```
    /// use polyak::experiment::model::Experiment;
    /// let text = "trajectories = 8\nsteps = 9\n[landscape]\nkind = \"valley\"\nstart = 1.0\n\
    ///             [[run]]\noptimizer = \"sgd\"\nlearning_rate = 0.1\n";
    /// let experiment = Experiment::parse(text, "x.toml".as_ref(), &[]).unwrap();
    /// let copy = Experiment::parse(&experiment.to_toml(), "copy.toml".as_ref(), &[]).unwrap();
    /// assert_eq!(experiment, copy);
    /// ```
    pub fn to_toml(&self) -> String {
        let mut out = Writer(String::new());
        out.key("name", text(&self.name));
        out.key("seed", self.seed);
        out.key("trajectories", self.trajectories);
        out.key("steps", self.runs.iter().map(|run| run.steps).max().unwrap_or(1));
        out.key(
            "precision",
            text(match self.precision {
                Precision::F32 => "f32",
                Precision::F64 => "f64",
            }),
        );
        out.key(
            "rng",
            text(match self.rng {
                Rng::Pcg32 => "pcg32",
                Rng::Philox => "philox",
            }),
        );
        out.table("[landscape]");
        landscape(&mut out, &self.landscape, self.dimension());
        out.key("start", vector(&self.start));
        out.table("[noise]");
        noise(&mut out, &self.noise);
        for each in &self.runs {
            out.table("[[run]]");
            run(&mut out, each, &self.noise);
        }
        self.observe(&mut out);
        out.table("[output]");
        if let Some(directory) = &self.output.directory {
            out.key("directory", text(&directory.to_string_lossy()));
        }
        out.key("final_states", self.output.final_states);
        out.key("plots", self.output.plots);
        out.key("digest", self.output.digest);
        out.0
    }

    fn observe(&self, out: &mut Writer) {
        let observe = &self.observe;
        out.table("[observe]");
        out.key("every", observe.every);
        out.key("moments", format!("{:?}", observe.moments));
        out.key("path_length", observe.path_length);
        out.key("loss_variation", observe.loss_variation);
        if let Some(loss) = observe.loss_below {
            out.key("loss_below", number(loss));
        }
        out.key("paths", observe.paths);
        for histogram in &observe.histograms {
            out.table("[[observe.histograms]]");
            out.key("coordinate", histogram.coordinate);
            out.key("from", number(histogram.from));
            out.key("to", number(histogram.to));
            out.key("bins", histogram.bins);
        }
    }
}

struct Writer(String);

impl Writer {
    fn key(&mut self, key: &str, value: impl Display) {
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn table(&mut self, header: &str) {
        let _ = writeln!(self.0, "\n{header}");
    }
}

fn text(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// The shortest digits that read back as the same number.
fn number(number: f64) -> String {
    format!("{number:?}")
}

fn vector(numbers: &[f64]) -> String {
    let mut text = String::new();
    append(&mut text, numbers);
    text
}

/// One text for all numbers, and not one for each: data sets have hundreds of thousands.
fn append(text: &mut String, numbers: &[f64]) {
    for (i, value) in numbers.iter().enumerate() {
        text.push_str(if i == 0 { "[" } else { ", " });
        // A String takes everything.
        let _ = write!(text, "{value:?}");
    }
    text.push_str(if numbers.is_empty() { "[]" } else { "]" });
}

fn matrix(matrix: &Matrix) -> String {
    let mut text = "[\n".to_owned();
    for row in matrix.entries.chunks(matrix.columns.max(1)) {
        text.push_str("  ");
        append(&mut text, row);
        text.push_str(",\n");
    }
    text.push(']');
    text
}

fn list(items: impl Iterator<Item = String>, between: &str) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(between))
}

fn landscape(out: &mut Writer, landscape: &Landscape, dimension: usize) {
    let data = |out: &mut Writer, kind: &str, data: &Data| {
        out.key("kind", text(kind));
        out.key("inputs", matrix(&data.inputs));
        out.key("targets", vector(&data.targets));
    };
    match landscape {
        Landscape::Linear { gradient } => {
            out.key("kind", text("linear"));
            out.key("gradient", vector(gradient));
        }
        Landscape::Diagonal { curvature } => {
            out.key("kind", text("quadratic"));
            out.key("curvature", vector(curvature));
        }
        Landscape::Dense { hessian } => {
            out.key("kind", text("quadratic"));
            out.key("hessian", matrix(hessian));
        }
        Landscape::Valley => out.key("kind", text("valley")),
        Landscape::Hyperbola => out.key("kind", text("hyperbola")),
        Landscape::Rosenbrock { a, b } => {
            out.key("kind", text("rosenbrock"));
            out.key("a", number(*a));
            out.key("b", number(*b));
        }
        Landscape::DoubleWell { width } => {
            out.key("kind", text("double-well"));
            out.key("width", number(*width));
        }
        Landscape::DiagonalNetwork(set) => data(out, "diagonal-network", set),
        Landscape::LeastSquares(set) => data(out, "least-squares", set),
        Landscape::MatrixSensing { data: set, rank } => {
            data(out, "matrix-sensing", set);
            out.key("rank", rank);
        }
        Landscape::Network(network) => {
            data(out, "network", &network.data);
            if let Some(test) = &network.test {
                out.key("test_inputs", matrix(&test.inputs));
                out.key("test_targets", vector(&test.targets));
            }
            out.key("layers", format!("{:?}", network.layers));
            out.key(
                "activation",
                text(match network.activation {
                    Activation::Relu => "relu",
                    Activation::Tanh => "tanh",
                    Activation::Sigmoid => "sigmoid",
                    Activation::Identity => "identity",
                }),
            );
            out.key(
                "loss",
                text(match network.loss {
                    NetworkLoss::CrossEntropy => "cross-entropy",
                    NetworkLoss::Squared => "squared",
                    NetworkLoss::Reconstruction => "reconstruction",
                }),
            );
        }
    }
    out.key("dimension", dimension);
}

fn law(law: &Law) -> &'static str {
    match law {
        Law::Gaussian => "gaussian",
        Law::Rademacher => "rademacher",
        Law::Uniform => "uniform",
        Law::Laplace => "laplace",
        Law::StudentT { .. } => "student-t",
    }
}

fn degrees(out: &mut Writer, law: &Law) {
    if let Law::StudentT { degrees_of_freedom } = law {
        out.key("degrees_of_freedom", number(*degrees_of_freedom));
    }
}

fn noise(out: &mut Writer, noise: &Noise) {
    match noise {
        Noise::None => out.key("kind", text("none")),
        Noise::Additive { law: of, covariance } => {
            out.key("kind", text(law(of)));
            degrees(out, of);
            let covariance = match covariance {
                Covariance::Identity => text("identity"),
                Covariance::Diagonal(variances) => vector(variances),
                Covariance::Dense(dense) => matrix(dense),
                Covariance::StateDependent { constant, quadratic } => {
                    let (constant, quadratic) = (vector(constant), vector(quadratic));
                    format!("{{ kind = \"state\", constant = {constant}, quadratic = {quadratic} }}")
                }
            };
            out.key("covariance", covariance);
        }
        Noise::Label { law: of, examples } => {
            out.key("kind", text("label"));
            out.key("law", text(law(of)));
            degrees(out, of);
            out.key(
                "examples",
                text(match examples {
                    LabelExamples::One => "one",
                    LabelExamples::All => "all",
                }),
            );
        }
        Noise::MiniBatch { batch, sampling } => {
            out.key("kind", text("mini-batch"));
            out.key("batch", batch);
            out.key(
                "sampling",
                text(match sampling {
                    Sampling::WithReplacement => "with-replacement",
                    Sampling::WithoutReplacement => "without-replacement",
                    Sampling::Epochs => "epochs",
                }),
            );
        }
    }
}

fn run(out: &mut Writer, run: &Run, noise: &Noise) {
    out.key("name", text(&run.name));
    let optimizer = match run.optimizer {
        Optimizer::Sgd => "sgd",
        Optimizer::Sgdm => "sgdm",
        Optimizer::HeavyBall { .. } => "heavy-ball",
        Optimizer::Qhm { .. } => "qhm",
    };
    out.key("optimizer", text(optimizer));
    match run.optimizer {
        Optimizer::HeavyBall { dampening, nesterov, first_step } => {
            out.key("dampening", number(dampening));
            out.key("nesterov", nesterov);
            out.key("first_step", first_step);
        }
        Optimizer::Qhm { nu } => out.key("nu", number(nu)),
        _ => {}
    }
    out.key("steps", run.steps);
    out.key("learning_rate", schedule(&run.learning_rate));
    let momentum_too = run.optimizer != Optimizer::Sgd;
    if momentum_too {
        out.key("momentum", momentum(&run.momentum));
        out.key(
            "initial_momentum",
            match &run.initial_momentum {
                InitialMomentum::Zero => text("zero"),
                InitialMomentum::Stationary => text("stationary"),
                InitialMomentum::Given(given) => vector(given),
            },
        );
    }
    out.key("weight_decay", number(run.weight_decay));
    out.key("maximize", run.maximize);
    if let Some(svag) = run.svag {
        out.key("svag", number(svag.ell));
        if momentum_too {
            out.key(
                "svag_momentum",
                text(match svag.momentum {
                    SvagMomentum::Keep => "keep",
                    SvagMomentum::Scale => "scale",
                }),
            );
        }
    }
    if let Noise::Additive { .. } | Noise::Label { .. } = noise {
        out.key("noise_scale", number(run.noise_scale));
    }
}

fn momentum(momentum: &Momentum) -> String {
    match momentum {
        Momentum::Schedule(inner) => schedule(inner),
        Momentum::Power { lambda, alpha } => {
            format!("{{ kind = \"power\", lambda = {lambda:?}, alpha = {alpha:?} }}")
        }
        Momentum::FlatterFaster { constant } => {
            format!("{{ kind = \"flatter-faster\", constant = {constant:?} }}")
        }
    }
}

fn schedule(of: &Schedule) -> String {
    match of {
        Schedule::Constant(value) => number(*value),
        Schedule::Step { base, factor, at } => {
            format!("{{ kind = \"step\", base = {base:?}, factor = {factor:?}, at = {at:?} }}")
        }
        Schedule::Linear { from, to, steps } => {
            format!("{{ kind = \"linear\", from = {from:?}, to = {to:?}, steps = {steps} }}")
        }
        Schedule::Cosine { from, to, steps } => {
            format!("{{ kind = \"cosine\", from = {from:?}, to = {to:?}, steps = {steps} }}")
        }
        Schedule::Exponential { base, factor, every, after } => format!(
            "{{ kind = \"exponential\", base = {base:?}, factor = {factor:?}, every = {every}, after = {after} }}"
        ),
        Schedule::InverseTime { base, decay } => {
            format!("{{ kind = \"inverse-time\", base = {base:?}, decay = {decay:?} }}")
        }
        Schedule::Table(values) => format!("{{ kind = \"table\", values = {} }}", vector(values)),
        Schedule::Join(parts) => {
            let part = |part: &crate::schedule::Part| {
                let steps = part.steps.map_or(String::new(), |steps| format!("steps = {steps}, "));
                format!("{{ {steps}schedule = {} }}", schedule(&part.schedule))
            };
            format!("{{ kind = \"join\", parts = {} }}", list(parts.iter().map(part), ", "))
        }
        Schedule::Averaged { learning_rate, momentum: with, .. } => format!(
            "{{ kind = \"averaged\", learning_rate = {}, momentum = {} }}",
            schedule(learning_rate),
            momentum(with)
        ),
    }
}

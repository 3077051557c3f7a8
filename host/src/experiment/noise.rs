//! `[noise]`: the gradient oracle.

use nalgebra::{Cholesky, DMatrix};

use super::model::{Covariance, LabelExamples, Landscape, Law, Matrix, Noise, Sampling};
use super::reader::{Field, Section};

/// What `scale` says: a number, or σ = factor · η₀^power for the rate η₀ of each run at its step 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Factor.
    pub factor: f64,
    /// Power of the learning rate at step 0 (γ for the heavy ball).
    pub learning_rate_power: f64,
}

/// σ: a number ≥ 0, or `{ factor, learning_rate_power }`.
pub fn scale(field: &Field) -> Option<Scale> {
    if !field.is_table() {
        return Some(Scale { factor: field.non_negative()?, learning_rate_power: 0.0 });
    }
    let section = field.section()?;
    let factor = section.or("factor", 1.0, Field::non_negative);
    let power = section.require("learning_rate_power", "a number, as -0.5").and_then(|field| field.number());
    section.finish();
    Some(Scale { factor: factor?, learning_rate_power: power? })
}

#[derive(Clone, Copy)]
enum Kind {
    None,
    Additive(LawKind),
    Label,
    MiniBatch,
}

#[derive(Clone, Copy)]
enum LawKind {
    Plain(Law),
    StudentT,
}

const LAWS: [(&str, LawKind); 5] = [
    ("gaussian", LawKind::Plain(Law::Gaussian)),
    ("rademacher", LawKind::Plain(Law::Rademacher)),
    ("uniform", LawKind::Plain(Law::Uniform)),
    ("laplace", LawKind::Plain(Law::Laplace)),
    ("student-t", LawKind::StudentT),
];

/// The oracle but for its scale, which each run has ([`super::run`]): `kind` = "none", a law ("gaussian", "rademacher", "uniform",
/// "laplace", "student-t" with `degrees_of_freedom` > 2) with `covariance`, "label" (`law` = "gaussian", `examples` =
/// "one" or "all") or "mini-batch" (`batch`, `sampling` = "with-replacement").
///
/// `covariance` is "identity", a vector, a symmetric positive semidefinite matrix, or `{ kind = "state", constant,
/// quadratic }`: Σ(x) = diag(cᵢ + qᵢxᵢ²).
pub fn noise(section: &Section, landscape: &Landscape, d: usize) -> Option<Noise> {
    let mut kinds = vec![("none", Kind::None)];
    kinds.extend(LAWS.map(|(name, law)| (name, Kind::Additive(law))));
    kinds.extend([("label", Kind::Label), ("mini-batch", Kind::MiniBatch)]);
    let field = section.require("kind", "\"none\", \"gaussian\", \"label\", \"mini-batch\", …")?;
    let kind = field.choice(&kinds)?;
    let examples = match landscape {
        Landscape::Hyperbola => Some(1),
        _ => landscape.data().map(|data| data.targets.len()),
    };
    let noise = match kind {
        Kind::None => Some(Noise::None),
        Kind::Additive(kind) => {
            section.get("scale");
            let law = law(section, kind);
            let covariance = section.or("covariance", Covariance::Identity, |field| covariance(field, d));
            (|| Some(Noise::Additive { law: law?, covariance: covariance? }))()
        }
        Kind::Label => {
            section.get("scale");
            let kind = section.or("law", LawKind::Plain(Law::Gaussian), |field| field.choice(&LAWS));
            let law = kind.and_then(|kind| law(section, kind));
            let choices = [("one", LabelExamples::One), ("all", LabelExamples::All)];
            let which = section.or("examples", LabelExamples::One, |field| field.choice(&choices));
            if examples.is_none() {
                return field.fail(
                    "needs targets: landscape \"hyperbola\", \"least-squares\", \"diagonal-network\", \"matrix-sensing\" or \"network\"",
                );
            }
            (|| Some(Noise::Label { law: law?, examples: which? }))()
        }
        Kind::MiniBatch => {
            let Some(data) = landscape.data() else {
                return field.fail(
                    "needs a data set: landscape \"least-squares\", \"diagonal-network\", \"matrix-sensing\" or \"network\"",
                );
            };
            mini_batch(section, data.targets.len())
        }
    };
    section.finish();
    noise
}

fn law(section: &Section, kind: LawKind) -> Option<Law> {
    match kind {
        LawKind::Plain(law) => Some(law),
        LawKind::StudentT => {
            let field = section.require("degrees_of_freedom", "a number above 2")?;
            let allowed = "must be above 2, as the variance must be finite";
            let degrees_of_freedom = field.number_where(|degrees| degrees > 2.0, allowed)?;
            Some(Law::StudentT { degrees_of_freedom })
        }
    }
}

fn mini_batch(section: &Section, examples: usize) -> Option<Noise> {
    let choices = [
        ("with-replacement", Sampling::WithReplacement),
        ("without-replacement", Sampling::WithoutReplacement),
        ("epochs", Sampling::Epochs),
    ];
    let sampling = section.or("sampling", Sampling::WithReplacement, |field| field.choice(&choices));
    let field = section.require("batch", &format!("a whole number from 1 to {examples}"))?;
    let batch = field.size(1, examples)?;
    if sampling == Some(Sampling::Epochs) && !examples.is_multiple_of(batch) {
        return field
            .fail(format!("must divide {examples}, the number of examples, as sampling = \"epochs\""));
    }
    Some(Noise::MiniBatch { batch, sampling: sampling? })
}

fn covariance(field: &Field, d: usize) -> Option<Covariance> {
    if field.is_text() {
        return field.choice(&[("identity", ())]).map(|()| Covariance::Identity);
    }
    if field.is_table() {
        let section = field.section()?;
        section.require("kind", "\"state\"").and_then(|field| field.choice(&[("state", ())]))?;
        let part =
            |key| section.require(key, "a number or an array, >= 0").and_then(|field| variances(&field, d));
        let (constant, quadratic) = (part("constant"), part("quadratic"));
        section.finish();
        return Some(Covariance::StateDependent { constant: constant?, quadratic: quadratic? });
    }
    let list = field.list()?;
    if list.first().is_some_and(Field::is_list) {
        let matrix = field.symmetric(Some(d))?;
        positive(field, &matrix)?;
        return Some(Covariance::Dense(matrix));
    }
    variances(field, d).map(Covariance::Diagonal)
}

fn variances(field: &Field, d: usize) -> Option<Vec<f64>> {
    let values = field.coordinates(d)?;
    match values.iter().position(|&value| value < 0.0) {
        Some(i) => field.fail(format!("entry [{i}] is negative; every variance must be at least 0")),
        None => Some(values),
    }
}

/// Reports a covariance with an eigenvalue below −10⁻¹⁰ of its largest variance; less than that is rounding.
fn positive(field: &Field, matrix: &Matrix) -> Option<()> {
    let d = matrix.rows;
    let at = |i: usize, j: usize| matrix.entries.get(i * d + j).copied().unwrap_or(0.0);
    if let Some(i) = (0..d).find(|&i| at(i, i) < 0.0) {
        let message = format!("entry [{i}][{i}] is {}; every variance must be at least 0", at(i, i));
        return field.fail(message);
    }
    let scale = (0..d).map(|i| at(i, i)).fold(0.0, f64::max);
    for i in 0..d {
        for j in 0..i {
            let bound = (at(i, i) * at(j, j)).sqrt() + 1e-10 * scale;
            if at(i, j).abs() > bound {
                let message = format!(
                    "must be positive semidefinite: entry [{i}][{j}] = {} is larger than the square root of [{i}][{i}] times [{j}][{j}]",
                    at(i, j)
                );
                return field.fail(message);
            }
        }
    }
    let tolerance = 1e-10 * scale;
    let dense = DMatrix::from_fn(d, d, at);
    // A factor exists exactly if no eigenvalue is below −tolerance; it costs far less than the eigenvalues.
    if scale == 0.0 || Cholesky::new(&dense + DMatrix::identity(d, d) * tolerance).is_some() {
        return Some(());
    }
    if d > 512 {
        return field.fail("must be positive semidefinite");
    }
    let smallest = dense.symmetric_eigenvalues().min();
    field.fail(format!("must be positive semidefinite: its smallest eigenvalue is {smallest:.6}"))
}

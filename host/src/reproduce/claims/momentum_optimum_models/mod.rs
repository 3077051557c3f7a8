//! FF on models with many parameters: matrix sensing and a teacher–student network.

mod flattest;
mod sensing;
mod student;

use crate::experiment::model::{LabelExamples, Law as NoiseLaw, Noise};
use crate::reproduce::{Claim, Failure, Findings, Laboratory, Mutation};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "momentum-optimum-models",
    source: "FF, matrix sensing and teacher–student networks",
    statement: "Started at an interpolating point of a model with many parameters, under label noise, the heavy ball reaches the flattest \
                minimiser fastest at 1−β = C(εγ)^{2/3}, in a number of steps ∝ (εγ)^{−2/3}; C is the model's, the exponent is not.",
    hypothesis: "On sensing whole matrices as UUᵀ, with means and errors over models and starts of their own: the best 1−β, the middle of those with up to a quarter more steps than the \
                 fewest, lies inside the grid, and its exponent in εγ and those of the steps, at the best momentum and at each C from 2 to 3, are nearer to ±2/3 than to ±1/2 and ±5/6; where εγ is \
                 the same from sixteen times the γ, C and the steps at the best momentum agree within a factor 2^{1/3}, half of what exponents of 2/3 and 1/2 would make; the steps are below \
                 12·(εγ)^{−2/3}, twice what three e-foldings, 5 %, of a memory and of a drift make at C = 1, where SGD takes (εγ)^{−2}. On a network that learns from one of its own size: the same of the exponent \
                 of the 1−β, above the best, with a quarter more steps than it and of that of the best steps; where εγ is the same from different γ and ε the best steps agree within a factor 2^{1/6}; they \
                 are below 3.5·(εγ)^{−2/3}. Wrong if another power fits, or γ and ε count apart.",
    experiment: run,
    mutations: &[Mutation::SgdmRate, Mutation::SquaredNoise],
};

/// Half of the way from 2/3 to 1/2.
const HALF_WAY: f64 = 1.0 / 12.0;

fn label_noise() -> Noise {
    Noise::Label { law: NoiseLaw::Gaussian, examples: LabelExamples::All }
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = laboratory.findings("How much momentum, on models with many parameters (FF)");
    sensing::check(laboratory, &mut findings)?;
    student::check(laboratory, &mut findings)?;
    let [inputs, hidden, examples] = student::SIZES;
    findings.note(format!(
        "FF's sizes and rates are not known here. The network has {inputs}-{hidden}-1 ReLU units and {examples} examples answered by a teacher of its size; it begins at the \
         teacher with each unit's input weights twice too large. There ε is the deviation of the labels over the root of their number, in sensing ε² is the covariance of the gradient's noise over ∇²L."
    ));
    findings.figure.columns = 2;
    Ok(findings)
}

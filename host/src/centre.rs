//! The path that moments are summed about.

use std::fmt::Debug;
use std::mem::take;
use std::sync::Arc;

use polyak_core::landscape::Landscape as _;
use polyak_core::optimizer::{Coefficients, Update};
use polyak_core::oracle::{Cards, Oracle};
use polyak_core::random::{Pcg32, Stream};
use polyak_core::real::{LaneArray as _, Real, Scalar};
use polyak_core::trajectory::{State, advance};
use polyak_lanes::{Centre, Follow, JobLandscape, Steps};

use crate::plan::Plan;

/// Cards of a lane.
type Deck<S> = Cards<Vec<<S as Real>::Array<u32>>>;

/// Steps between two looks at whether a path still moves.
const SETTLING: usize = 1024;

/// What a path is made of but for its oracle.
#[derive(Debug)]
pub struct Start<S> {
    /// L.
    pub landscape: JobLandscape<S>,
    /// The update rule.
    pub update: Update<S>,
    /// Its coefficients.
    pub steps: Steps<S>,
    /// The step that draws m₀, if one does.
    pub draw_momentum: Option<Coefficients<S>>,
    /// x₀.
    pub x: Vec<S>,
    /// m₀.
    pub m: Vec<S>,
    /// Seed of the streams.
    pub seed: u64,
    /// Cards that the oracle needs; 0 if it deals none.
    pub deck: u32,
}

impl<S: Scalar> Start<S> {
    /// The path under an oracle. `random` says that it draws: else a step that moves nothing ends all that are equal to it, of which there may be a
    /// billion on numbers so small that processors are slow with them.
    pub fn centre<O>(self, oracle: O, random: bool, plan: &Plan) -> Centre<S>
    where
        O: Oracle<S> + Debug + Send + 'static,
    {
        let dimension = self.x.len();
        let path = Path {
            oracle,
            random,
            // A stream that no trajectory has.
            stream: Stream::new(Pcg32::new(self.seed, u64::MAX - 1)),
            deck: Cards { cards: (0..self.deck).map(|card| S::Array::from_fn(|_| card)).collect(), dealt: 0 },
            gradient: vec![S::ZERO; dimension],
            done: 0,
            start: self,
        };
        Centre::new(dimension, Arc::clone(&plan.observed), Box::new(path))
    }
}

/// A path that the ensemble stays near: that of the exact gradient or, where this is too dear, a trajectory of its own.
#[derive(Debug)]
struct Path<S: Scalar, O> {
    oracle: O,
    random: bool,
    /// x and m are those of now.
    start: Start<S>,
    stream: Stream<S, Pcg32<S>>,
    deck: Deck<S>,
    gradient: Vec<S>,
    /// Steps taken.
    done: u64,
}

impl<S: Scalar, O: Oracle<S> + Debug + Send> Follow<S> for Path<S, O> {
    /// A point that is not finite counts as 0, and so does its loss.
    fn follow(&mut self, step: u64, points: &mut Vec<S>) -> S {
        let Start { landscape, update, steps, draw_momentum, x, m, .. } = &mut self.start;
        let mut state = State {
            x: x.as_mut_slice(),
            m: m.as_mut_slice(),
            stream: self.stream,
            deck: Cards { cards: take(&mut self.deck.cards), dealt: self.deck.dealt },
        };
        let mut before = Vec::new();
        let draw = draw_momentum.take().map(|draw| (draw, 1));
        for (coefficients, mut count) in draw.into_iter().chain(steps.lots(self.done, step)) {
            let mut go = |count, state: &mut _| {
                let steps = std::iter::repeat_n(coefficients, count);
                advance(&self.oracle, update, steps, state, self.gradient.as_mut_slice(), &mut ());
            };
            // One step by itself, which may move nothing, and then many.
            while count > 0 {
                before.clear();
                before.extend(state.x.iter().chain(&*state.m).map(bits));
                go(1, &mut state);
                if !self.random && state.x.iter().chain(&*state.m).map(bits).eq(before.iter().copied()) {
                    break;
                }
                let many = SETTLING.min(count - 1);
                go(many, &mut state);
                count -= 1 + many;
            }
        }
        (self.stream, self.deck, self.done) = (state.stream, state.deck, step);
        let finite = |value: S| if value.is_number() { value } else { S::ZERO };
        points.extend(x.iter().map(|&x| finite(x)));
        finite(landscape.loss(x.as_slice()))
    }
}

fn bits<S: Scalar>(value: &S) -> u64 {
    value.to_f64().to_bits()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::experiment::model::Experiment;
    use crate::job::Job;

    /// The centre where the rate is a constant, and where it is a list of equal rates, each of which is a step by itself.
    fn centres(curvature: &str, run: &str, rate: f64, steps: usize) -> [Vec<f32>; 2] {
        let list = format!("{{ kind = \"table\", values = {:?} }}", vec![rate; steps]);
        [rate.to_string(), list].map(|rate| {
            let text = format!(
                "trajectories = 1\nsteps = {steps}\nprecision = \"f32\"\n[landscape]\nkind = \"quadratic\"\n\
                 curvature = {curvature}\nstart = 1.0\n[[run]]\n{run}\nlearning_rate = {rate}\n[observe]\nevery = 1501\n"
            );
            Job::new(&Experiment::parse(&text, Path::new("e.toml"), &[]).unwrap()).runs[0].centre.all().0.clone()
        })
    }

    #[test]
    fn a_path_that_has_settled_is_not_followed_further() {
        let [settled, followed] = centres("[1.0, 3.0]", "optimizer = \"sgdm\"\nmomentum = 0.5", 0.02, 9006);
        assert_eq!(settled, followed);
        // It comes to rest before the end, on the smallest numbers, and is not there from the beginning.
        let last = &followed[followed.len() - 2..];
        assert!(last.iter().all(|x| x.abs() < 1e-40) && followed[2] > 1e-20);
        // To and fro: every other step it is back, but not at rest.
        let [settled, followed] = centres("[1.0]", "optimizer = \"sgd\"", 2.0, 4503);
        assert_eq!(settled, followed);
        assert_eq!(followed[..3], [1.0, -1.0, 1.0]);
    }
}

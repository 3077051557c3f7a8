//! What one launch needs: structures of C's layout, defined once for the host that fills them and the kernel that reads them.
//!
//! A launch moves all trajectories of a batch, in all runs of an experiment at once, from one observation point to the next, or a
//! part of the way. The runs lie in an array, each with its own hyperparameters, so a whole sweep is one launch. Addresses are the device's.
//!
//! What belongs to a trajectory is interleaved: element i of trajectory t of a batch lies at i·`stride` + t, so that neighbouring
//! threads touch neighbouring words.

use polyak_core::network::Shape;
use polyak_core::optimizer::Coefficients;

use crate::problem::{ActivationKind, Choice, CovarianceKind, LandscapeKind, LawKind, LossKind, NoiseKind};
use crate::quantity::Sums;

/// An address of the device.
pub type Address = u64;

/// What a kernel of a user's own computes: the structure that [`trajectories!`](crate::trajectories) takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Ensemble {
    /// Where coordinate i of trajectory t goes, to place i·n + t.
    pub out: Address,
    /// n.
    pub trajectories: u64,
    /// Seed of every stream.
    pub seed: u64,
    /// Steps of each trajectory.
    pub steps: u64,
}

/// What all runs have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Launch<S> {
    /// The problem.
    pub problem: Problem<S>,
    /// Seed of every stream.
    pub seed: u64,
    /// Index of the batch's first trajectory.
    pub first: u64,
    /// Trajectories in the batch.
    pub count: u64,
    /// Words between the elements of a trajectory: chunks of the batch times [`CHUNK`](polyak_core::observe::CHUNK).
    pub stride: u64,
    /// x₀: d numbers.
    pub start: Address,
    /// The [`Run`]s.
    pub runs: Address,
    /// Bits of [`watch`].
    pub watch: u32,
    /// How many trajectories, from index 0 on, have their points recorded.
    pub paths: u32,
    /// Powers summed of each coordinate.
    pub powers: u32,
    /// So that what follows is aligned.
    pub unused_word: u32,
    /// The loss whose first passage is watched; −∞ for none.
    pub below: S,
    /// So that the size is the same multiple of 8 bytes in both precisions.
    pub unused: S,
}

/// What is watched at every step.
pub mod watch {
    /// The path's length.
    pub const PATH_LENGTH: u32 = 1;
    /// The loss at every step, its variation and first passage.
    pub const LOSS: u32 = 2;
    /// The loss variation is summed.
    pub const LOSS_VARIATION: u32 = 4;
    /// Pairs of coordinates are summed at the last point.
    pub const PAIRS: u32 = 8;
    /// A network's loss and hits over the examples that it is tested on are summed.
    pub const TEST: u32 = 16;
}

/// The landscape and the law of the noise.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Problem<S> {
    /// Which landscape.
    pub landscape: LandscapeKind,
    /// Which noise.
    pub noise: NoiseKind,
    /// Which covariance, of additive noise.
    pub covariance: CovarianceKind,
    /// Which law.
    pub law: LawKind,
    /// d.
    pub dimension: u32,
    /// N of a finite sum.
    pub examples: u32,
    /// B of a mini-batch.
    pub batch: u32,
    /// How label noise or a mini-batch chooses examples.
    pub choice: Choice,
    /// Cards of a deck.
    pub cards: u32,
    /// r of matrix sensing.
    pub rank: u32,
    /// A network's layers.
    pub network: Layers,
    /// Numbers of the landscape: gradient, curvature, Hessian, inputs or matrices, and targets.
    pub landscape_numbers: [Address; 2],
    /// Numbers of the covariance.
    pub covariance_numbers: [Address; 2],
    /// a and b of Rosenbrock's function, w of the double well.
    pub landscape_scalars: [S; 2],
    /// [`StudentT::parts`](polyak_core::random::StudentT::parts).
    pub law_scalars: [S; 2],
}

/// What a network is, but for the examples that it is trained on, which lie where any finite sum's do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Layers {
    /// The widths.
    pub shape: Shape,
    /// φ.
    pub activation: ActivationKind,
    /// The loss of an example.
    pub loss: LossKind,
    /// How many examples it is tested on; 0 if it is not.
    pub test_examples: u32,
    /// Inputs and targets of these.
    pub test_numbers: [Address; 2],
}

/// One run: its hyperparameters, and where its trajectories lie.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Run<S> {
    /// The [`Segment`]s of its coefficients.
    pub segments: Address,
    /// How many there are.
    pub segment_count: u64,
    /// Steps at its observation points: `points` words of 64 bits.
    pub observed: Address,
    /// How many points there are.
    pub points: u32,
    /// 0, 1, 2 for the terms of [`Form`](polyak_core::optimizer::Form): gradient, momentum, both.
    pub form: u32,
    /// Bits of [`flag`].
    pub flags: u32,
    /// So that what follows is aligned.
    pub unused: u32,
    /// m₀: d numbers.
    pub momentum: Address,
    /// The noise-free path: d numbers a point.
    pub centre: Address,
    /// Its losses: a number a point.
    pub centre_loss: Address,
    /// Where its trajectories lie.
    pub state: Trajectories,
    /// σ or δ.
    pub scale: S,
    /// λ.
    pub weight_decay: S,
    /// (r₁, r₂) of SVAG.
    pub svag: [S; 2],
    /// The step that draws m₀.
    pub draw_momentum: Step<S>,
    /// So that the size is the same multiple of 8 bytes in both precisions.
    pub unused_scalar: S,
}

/// Options of a run.
pub mod flag {
    /// u starts from −g.
    pub const MAXIMIZE: u32 = 1;
    /// There is weight decay.
    pub const WEIGHT_DECAY: u32 = 2;
    /// The oracle is under SVAG.
    pub const SVAG: u32 = 4;
    /// m₀ is drawn.
    pub const DRAW_MOMENTUM: u32 = 8;
}

/// Where the trajectories of one run lie, and what comes back of them. `d·stride` numbers where nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Trajectories {
    /// x.
    pub x: Address,
    /// m.
    pub m: Address,
    /// g, scratch; only where the point is not in registers.
    pub g: Address,
    /// Scratch of a pass through a network: two numbers a unit.
    pub units: Address,
    /// Where a step began, scratch of the path length.
    pub previous: Address,
    /// The generator: two words of 64 bits.
    pub generator: Address,
    /// The last four numbers drawn.
    pub block: Address,
    /// How many of these are still to come; then how many cards are dealt: two words of 32 bits.
    pub left: Address,
    /// The deck: a word of 32 bits a card.
    pub cards: Address,
    /// Path length, loss variation, and the loss that the next step starts from.
    pub watched: Address,
    /// First passage: a word of 32 bits.
    pub passage: Address,
    /// 1 if the trajectory is finite; its loss; if there is a test, the loss there and the part of the examples that it gets right.
    pub seen: Address,
    /// Chunk after chunk: at each point the finite trajectories and the sums of [`quantity`](crate::quantity::Quantity), and at the last the pairs.
    pub sums: Address,
    /// Recorded paths: point, trajectory, coordinate.
    pub paths: Address,
}

/// The coefficients of one step, as in [`Coefficients`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[repr(C)]
pub struct Step<S> {
    /// What is kept of m.
    pub decay: S,
    /// What enters m of u.
    pub gain: S,
    /// How far x moves along u.
    pub gradient_step: S,
    /// How far x moves along m.
    pub momentum_step: S,
    /// What the noise is multiplied by.
    pub noise: S,
}

/// Steps of equal coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Segment<S> {
    /// The first step that no longer has them.
    pub end: u64,
    /// The coefficients.
    pub step: Step<S>,
    /// So that the size is the same multiple of 8 bytes in both precisions.
    pub unused: S,
}

/// Asserts the size of a structure and where each of its fields lies, in bytes, and that no field is left out.
macro_rules! layout {
    ($($structure:ident as $whole:ty: $size:literal { $($field:ident $offset:literal)* })*) => {$(
        const _: () = {
            #[allow(dead_code, reason = "it need not run: it does not compile where a field is missing")]
            fn every_field(whole: $whole) {
                let $structure { $($field: _),* } = whole;
            }
            $(assert!(core::mem::offset_of!($whole, $field) == $offset, stringify!($field));)*
            assert!(size_of::<$whole>() == $size, stringify!($structure));
        };
    )*};
}

// Host and device agree on this, and a change is seen.
layout! {
    Ensemble as Ensemble: 32 { out 0 trajectories 8 seed 16 steps 24 }
    Launch as Launch<f32>: 208 {
        problem 0 seed 136 first 144 count 152 stride 160 start 168 runs 176
        watch 184 paths 188 powers 192 unused_word 196 below 200 unused 204
    }
    Launch as Launch<f64>: 232 {
        problem 0 seed 152 first 160 count 168 stride 176 start 184 runs 192
        watch 200 paths 204 powers 208 unused_word 212 below 216 unused 224
    }
    Problem as Problem<f32>: 136 {
        landscape 0 noise 4 covariance 8 law 12 dimension 16 examples 20 batch 24 choice 28 cards 32 rank 36
        network 40 landscape_numbers 88 covariance_numbers 104 landscape_scalars 120 law_scalars 128
    }
    Problem as Problem<f64>: 152 {
        landscape 0 noise 4 covariance 8 law 12 dimension 16 examples 20 batch 24 choice 28 cards 32 rank 36
        network 40 landscape_numbers 88 covariance_numbers 104 landscape_scalars 120 law_scalars 136
    }
    Layers as Layers: 48 { shape 0 activation 20 loss 24 test_examples 28 test_numbers 32 }
    Run as Run<f32>: 216 {
        segments 0 segment_count 8 observed 16 points 24 form 28 flags 32 unused 36
        momentum 40 centre 48 centre_loss 56 state 64
        scale 176 weight_decay 180 svag 184 draw_momentum 192 unused_scalar 212
    }
    Run as Run<f64>: 256 {
        segments 0 segment_count 8 observed 16 points 24 form 28 flags 32 unused 36
        momentum 40 centre 48 centre_loss 56 state 64
        scale 176 weight_decay 184 svag 192 draw_momentum 208 unused_scalar 248
    }
    Trajectories as Trajectories: 112 {
        x 0 m 8 g 16 units 24 previous 32 generator 40 block 48 left 56 cards 64 watched 72 passage 80 seen 88 sums 96
        paths 104
    }
    Step as Step<f32>: 20 { decay 0 gain 4 gradient_step 8 momentum_step 12 noise 16 }
    Step as Step<f64>: 40 { decay 0 gain 8 gradient_step 16 momentum_step 24 noise 32 }
    Segment as Segment<f32>: 32 { end 0 step 8 unused 28 }
    Segment as Segment<f64>: 56 { end 0 step 8 unused 48 }
}

impl<S> Launch<S> {
    /// Which sums there are.
    #[inline(always)]
    pub fn sums(&self) -> Sums {
        Sums {
            dimension: self.problem.dimension,
            powers: self.powers,
            path_length: self.watch & watch::PATH_LENGTH != 0,
            loss_variation: self.watch & watch::LOSS_VARIATION != 0,
            test: self.watch & watch::TEST != 0,
            pairs: self.watch & watch::PAIRS != 0,
        }
    }
}

impl<S: Copy> From<Coefficients<S>> for Step<S> {
    fn from(c: Coefficients<S>) -> Self {
        let Coefficients { decay, gain, gradient_step, momentum_step, noise } = c;
        Self { decay, gain, gradient_step, momentum_step, noise }
    }
}

impl<S: Copy> From<Step<S>> for Coefficients<S> {
    #[inline(always)]
    fn from(c: Step<S>) -> Self {
        let Step { decay, gain, gradient_step, momentum_step, noise } = c;
        Self { decay, gain, gradient_step, momentum_step, noise }
    }
}

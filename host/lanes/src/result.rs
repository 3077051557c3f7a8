//! What a chunk leaves, and in which order.

/// Largest dimension whose whole covariance matrix is summed.
pub const COVARIANCE_DIMENSION: usize = 64;

/// Which sums a chunk has at each observation point, in this order: for each coordinate, with y = x − centre, y, y², y³, y⁴ and the
/// further powers; loss and its square (about the centre's loss); path length and its square; loss variation and its square; of a
/// network with held-out examples the loss over them and its square, and the part of them that it classifies right and its square;
/// at the last point, for each pair j < i of coordinates yᵢyⱼ and (yᵢyⱼ)².
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// d.
    pub dimension: usize,
    /// Powers beyond the fourth: all up to the highest asked for, as a central moment needs the lower ones.
    pub powers: Vec<u32>,
    /// Whether path lengths are summed.
    pub path_length: bool,
    /// Whether loss variations are summed.
    pub loss_variation: bool,
    /// Whether loss and accuracy over held-out examples are summed.
    pub test: bool,
    /// Whether the last point has the pairs.
    pub covariance: bool,
    /// How many trajectories are recorded.
    pub paths: usize,
}

impl Layout {
    /// Sums of one coordinate.
    pub fn per_coordinate(&self) -> usize {
        4 + self.powers.len()
    }

    /// Sums of one observation point, the pairs left out.
    pub fn per_point(&self) -> usize {
        let watches =
            usize::from(self.path_length) + usize::from(self.loss_variation) + 2 * usize::from(self.test);
        self.dimension * self.per_coordinate() + 2 + 2 * watches
    }

    /// Sums of the pairs.
    pub fn pairs(&self) -> usize {
        if self.covariance { self.dimension * self.dimension.saturating_sub(1) } else { 0 }
    }
}

/// What one run of one chunk leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkResult<S> {
    /// Finite trajectories at each observation point.
    pub alive: Vec<u32>,
    /// The sums of [`Layout`], point after point.
    pub sums: Vec<S>,
    /// Final points, d numbers a trajectory.
    pub final_states: Vec<S>,
    /// Final losses.
    pub final_losses: Vec<S>,
    /// First passages, `u32::MAX` for never; empty if not asked for.
    pub passages: Vec<u32>,
    /// Points of the recorded trajectories, which are the ensemble's first: observation point, trajectory, coordinate; none of another
    /// chunk than the first.
    pub paths: Vec<S>,
}

impl<S> ChunkResult<S> {
    /// An empty result with room for `points` observation points of `count` trajectories.
    pub fn new(layout: &Layout, points: usize, count: usize) -> Self {
        Self {
            alive: vec![0; points],
            sums: Vec::with_capacity(points * layout.per_point() + layout.pairs()),
            final_states: Vec::with_capacity(count * layout.dimension),
            final_losses: Vec::with_capacity(count),
            passages: Vec::new(),
            paths: Vec::new(),
        }
    }
}

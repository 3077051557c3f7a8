//! What is summed over a chunk, in the order of the sums.

/// A number of each trajectory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// 1 if the trajectory is finite.
    Alive,
    /// (xᵢ − centre)ᵖ.
    Power {
        /// i.
        coordinate: u32,
        /// p ≥ 1.
        power: u32,
    },
    /// Loss about the centre's.
    Loss,
    /// Row of what was watched on the way: 0 the path's length, 1 the loss variation.
    Watched(u32),
    /// Row of what is seen at the point, from 2 on: 2 the loss over the test's examples, 3 the part of them that is got right.
    Seen(u32),
    /// (xᵢ − centre)(xⱼ − centre), j < i.
    Pair(u32, u32),
}

/// Which sums there are at an observation point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// d.
    pub dimension: u32,
    /// Powers of each coordinate.
    pub powers: u32,
    /// Whether path lengths are summed.
    pub path_length: bool,
    /// Whether loss variations are summed.
    pub loss_variation: bool,
    /// Whether a network is tested.
    pub test: bool,
    /// Whether the last point has the pairs.
    pub pairs: bool,
}

impl Sums {
    /// Sums at each point, the finite trajectories among them, the pairs not.
    #[inline(always)]
    pub fn per_point(&self) -> u64 {
        let watched = u64::from(self.path_length) + u64::from(self.loss_variation) + 2 * u64::from(self.test);
        1 + u64::from(self.dimension) * u64::from(self.powers) + 2 + 2 * watched
    }

    /// Sums of pairs, at the last point.
    #[inline(always)]
    pub fn of_pairs(&self) -> u64 {
        let d = u64::from(self.dimension);
        if self.pairs { d * d.saturating_sub(1) } else { 0 }
    }

    /// Sum `s` of a point: the quantity, and whether its square is summed.
    ///
    /// ```
    /// use polyak_kernels::quantity::{Quantity, Sums};
    /// let sums = Sums { dimension: 2, powers: 4, path_length: false, loss_variation: true, test: false, pairs: true };
    /// assert_eq!(sums.quantity(6), (Quantity::Power { coordinate: 1, power: 2 }, false));
    /// assert_eq!(sums.quantity(12), (Quantity::Watched(1), true));
    /// assert_eq!(sums.quantity(14), (Quantity::Pair(1, 0), true));
    /// ```
    #[inline(always)]
    pub fn quantity(&self, s: u64) -> (Quantity, bool) {
        let Some(s) = s.checked_sub(1) else { return (Quantity::Alive, false) };
        let powers = u64::from(self.powers);
        let coordinates = u64::from(self.dimension) * powers;
        if s < coordinates {
            let (coordinate, power) = ((s / powers) as u32, 1 + (s % powers) as u32);
            return (Quantity::Power { coordinate, power }, false);
        }
        let s = s - coordinates;
        let (mut place, square) = (s / 2, s % 2 == 1);
        if place == 0 {
            return (Quantity::Loss, square);
        }
        place -= 1;
        for (row, watched) in [self.path_length, self.loss_variation].into_iter().enumerate() {
            if watched {
                if place == 0 {
                    return (Quantity::Watched(row as u32), square);
                }
                place -= 1;
            }
        }
        if self.test {
            if place < 2 {
                return (Quantity::Seen(2 + place as u32), square);
            }
            place -= 2;
        }
        let mut row = 1;
        while place >= row {
            place -= row;
            row += 1;
        }
        (Quantity::Pair(row as u32, place as u32), square)
    }
}

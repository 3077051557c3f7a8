//! The widths of a network's layers, and where its parameters and units lie.

use core::fmt;

use super::{Units, UnitsMut};

/// Most layers of weights that a [`Shape`] has room for.
pub const LAYERS: usize = 8;

/// Widths n₀, n₁, …, n_L of the inputs and of L dense layers, 1 ≤ L ≤ [`LAYERS`].
///
/// The parameters lie layer after layer, each as its weights, n_l rows of n_{l−1}, and then its n_l biases: the order of
/// `torch.nn.utils.parameters_to_vector` over `torch.nn.Linear` layers. The default has no layers, no parameters and no units.
///
/// ```
/// use polyak_core::network::Shape;
/// const DIGITS: Shape = match Shape::new(&[64, 32, 10]) {
///     Ok(shape) => shape,
///     Err(_) => panic!("the build ends here"),
/// };
/// let weights = [0.0f32; DIGITS.parameters()];
/// assert_eq!((weights.len(), DIGITS.units()), (64 * 32 + 32 + 32 * 10 + 10, 64 + 32 + 10));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(C)]
pub struct Shape {
    widths: [u16; LAYERS + 1],
    layers: u16,
}

/// Widths that are no [`Shape`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ShapeError {
    /// Fewer than one layer of weights, or more than [`LAYERS`].
    Layers,
    /// A width of 0, or above 65 535.
    Width,
    /// 2³¹ parameters or more.
    Parameters,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Layers => "a network has from 1 to 8 layers of weights",
            Self::Width => "a layer has from 1 to 65535 units",
            Self::Parameters => "a network has fewer than 2147483648 parameters",
        })
    }
}

impl core::error::Error for ShapeError {}

impl Shape {
    /// A shape of `widths` = [n₀, …, n_L]; in a `const` or `static`, a wrong one does not compile.
    ///
    /// # Errors
    /// [`ShapeError`] says which.
    pub const fn new(widths: &[usize]) -> Result<Self, ShapeError> {
        let mut shape = Self { widths: [0; LAYERS + 1], layers: 0 };
        let (mut given, mut places) = (widths, shape.widths.as_mut_slice());
        let (mut previous, mut parameters) = (0u64, 0u64);
        while let Some((&width, rest)) = given.split_first() {
            if width == 0 || width > u16::MAX as usize {
                return Err(ShapeError::Width);
            }
            let Some((place, further)) = places.split_first_mut() else {
                return Err(ShapeError::Layers);
            };
            *place = width as u16;
            if given.len() < widths.len() {
                parameters += (previous + 1) * width as u64;
            }
            if parameters > i32::MAX as u64 {
                return Err(ShapeError::Parameters);
            }
            (previous, given, places) = (width as u64, rest, further);
        }
        if widths.len() < 2 {
            return Err(ShapeError::Layers);
        }
        shape.layers = (widths.len() - 1) as u16;
        Ok(shape)
    }

    /// How many parameters there are, Σ (n_{l−1} + 1)n_l.
    pub const fn parameters(&self) -> usize {
        self.end().parameters
    }

    /// How many units there are, inputs and outputs among them: Σ n_l.
    pub const fn units(&self) -> usize {
        let end = self.end();
        end.units + end.inputs
    }

    /// n₀.
    pub fn inputs(&self) -> usize {
        self.widths.first().map_or(0, |&width| width as usize)
    }

    /// n_L.
    pub const fn outputs(&self) -> usize {
        self.end().inputs
    }

    /// The widths [n₀, …, n_L].
    pub fn widths(&self) -> impl Iterator<Item = usize> + '_ {
        self.widths.iter().take(self.layers as usize + 1).map(|&width| width as usize)
    }

    /// The layers of weights from the first on.
    #[inline(always)]
    pub fn layers(&self) -> Layers<'_> {
        match self.widths.split_first() {
            Some((&first, rest)) => {
                Layers { rest, left: self.layers, inputs: first as usize, parameters: 0, units: 0 }
            }
            None => Layers { rest: &[], left: 0, inputs: 0, parameters: 0, units: 0 },
        }
    }

    /// The layers of weights from the last on.
    #[inline(always)]
    pub fn layers_backwards(&self) -> impl Iterator<Item = Layer> + '_ {
        (0..self.depth()).rev().map(|l| self.layer(l))
    }

    /// L.
    #[inline(always)]
    pub fn depth(&self) -> usize {
        self.layers as usize
    }

    /// Width n_l; zero beyond the last.
    #[inline(always)]
    fn width(&self, l: usize) -> usize {
        self.widths.get(l).map_or(0, |&width| width as usize)
    }

    /// Layer `l` of weights, from 0 on. What walks layers asks for one after another: an iterator would have to say what a layer
    /// is where there is none (see [`Value`](super::Value)).
    #[inline(always)]
    pub fn layer(&self, l: usize) -> Layer {
        let (mut inputs, mut outputs) = (self.width(0), self.width(1));
        let (mut parameters, mut units) = (0, 0);
        for l in 0..l {
            parameters += (inputs + 1) * outputs;
            units += inputs;
            (inputs, outputs) = (outputs, self.width(l + 2));
        }
        Layer { inputs, outputs, parameters, units, last: l + 1 == self.depth() }
    }

    /// The network's inputs among a number for each unit.
    #[inline(always)]
    pub(super) fn inputs_of<'a, F: 'a, U: Units<F> + ?Sized>(&self, units: &'a U) -> U::Part<'a> {
        units.part(0, self.inputs())
    }

    /// The last layer.
    #[inline(always)]
    pub(super) fn last(&self) -> Layer {
        self.layer(self.depth().saturating_sub(1))
    }

    /// The end that [`layers`](Self::layers) comes to.
    const fn end(&self) -> Layers<'_> {
        let (first, rest) = match self.widths.split_first() {
            Some((&first, rest)) => (first as usize, rest),
            None => (0, self.widths.as_slice()),
        };
        let mut layers = Layers { rest, left: self.layers, inputs: first, parameters: 0, units: 0 };
        while layers.advance().is_some() {}
        layers
    }
}

/// One layer of weights: what it connects and where its numbers lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Layer {
    /// n_{l−1}.
    pub inputs: usize,
    /// n_l.
    pub outputs: usize,
    /// Place of its first weight among the parameters.
    pub parameters: usize,
    /// Place of its first input among the units.
    pub units: usize,
    /// Whether its outputs are the network's.
    pub last: bool,
}

impl Layer {
    /// Place of the first weight of output `o`.
    #[inline(always)]
    pub fn row(&self, o: usize) -> usize {
        self.parameters + o * self.inputs
    }

    /// Place of the bias of output `o`.
    #[inline(always)]
    pub fn bias(&self, o: usize) -> usize {
        self.parameters + self.outputs * self.inputs + o
    }

    /// Its inputs among a number for each unit of the network; empty where there are fewer.
    #[inline(always)]
    pub(super) fn inputs_of<'a, F: 'a, U: Units<F> + ?Sized>(&self, units: &'a U) -> U::Part<'a> {
        units.part(self.units, self.inputs)
    }

    /// Its outputs.
    #[inline(always)]
    pub(super) fn outputs_of<'a, F: 'a, U: Units<F> + ?Sized>(&self, units: &'a U) -> U::Part<'a> {
        units.part(self.units + self.inputs, self.outputs)
    }

    /// Its outputs, to be set.
    #[inline(always)]
    pub(super) fn outputs_mut<'a, F: 'a, U: UnitsMut<F> + ?Sized>(&self, units: &'a mut U) -> U::PartMut<'a> {
        self.split(units).1
    }

    /// Its inputs and its outputs, to be set.
    #[inline(always)]
    pub(super) fn split<'a, F: 'a, U: UnitsMut<F> + ?Sized>(
        &self,
        units: &'a mut U,
    ) -> (U::PartMut<'a>, U::PartMut<'a>) {
        units.parts(self.units, [self.inputs, self.outputs])
    }
}

/// The layers of a [`Shape`].
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Layers<'a> {
    rest: &'a [u16],
    left: u16,
    inputs: usize,
    parameters: usize,
    units: usize,
}

impl Layers<'_> {
    #[inline(always)]
    const fn advance(&mut self) -> Option<Layer> {
        let Some((&outputs, rest)) = self.rest.split_first() else { return None };
        if self.left == 0 {
            return None;
        }
        let outputs = outputs as usize;
        let layer = Layer {
            inputs: self.inputs,
            outputs,
            parameters: self.parameters,
            units: self.units,
            last: self.left == 1,
        };
        self.left -= 1;
        self.rest = rest;
        self.parameters += (self.inputs + 1) * outputs;
        self.units += self.inputs;
        self.inputs = outputs;
        Some(layer)
    }
}

impl Iterator for Layers<'_> {
    type Item = Layer;

    #[inline(always)]
    fn next(&mut self) -> Option<Layer> {
        self.advance()
    }
}

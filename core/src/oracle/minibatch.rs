//! Mini-batches of a finite sum.

use super::Oracle;
use crate::landscape::FiniteSum;
use crate::random::{Generator, Indices, Stream};
use crate::real::{LaneArray, Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// How a batch of B out of N examples is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Sampling {
    /// B independent examples: Cov = Σ/B.
    WithReplacement,
    /// B different examples, afresh each step: Cov = Σ(N−B)/(B(N−1)).
    WithoutReplacement,
    /// The next B of a shuffled epoch; batches of one epoch have Cov = −Σ_b/(N/B − 1).
    Epochs,
}

/// g = (1/B) Σ ∇ℓⱼ(x) over a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MiniBatch<L> {
    /// L = (1/N) Σ ℓⱼ.
    pub landscape: L,
    /// B.
    pub batch: u32,
    /// How the batch is drawn; all but [`Sampling::WithReplacement`] need a [`Deck`] of N cards.
    pub sampling: Sampling,
}

/// A deck of N cards in every lane, in the caller's memory: a permutation of 0..N that is shuffled as it is dealt
/// (Fisher–Yates, one swap a card), and how many cards are gone. Any permutation is as good a beginning as any other.
pub trait Deck<F: Real> {
    /// Card at place `i` of a lane.
    fn card(&self, lane: usize, i: u32) -> u32;
    /// Swaps two places of a lane.
    fn swap(&mut self, lane: usize, i: u32, j: u32);
    /// How many cards have been dealt since the last shuffle, the same in every lane.
    fn dealt(&self) -> u32;
    /// Sets [`dealt`](Self::dealt).
    fn set_dealt(&mut self, dealt: u32);
}

/// The deck of an oracle that needs none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NoDeck;

impl<F: Real> Deck<F> for NoDeck {
    #[inline(always)]
    fn card(&self, _: usize, i: u32) -> u32 {
        i
    }

    #[inline(always)]
    fn swap(&mut self, _: usize, _: u32, _: u32) {}

    #[inline(always)]
    fn dealt(&self) -> u32 {
        0
    }

    #[inline(always)]
    fn set_dealt(&mut self, _: u32) {}
}

impl<F: Real, D: Deck<F> + ?Sized> Deck<F> for &mut D {
    #[inline(always)]
    fn card(&self, lane: usize, i: u32) -> u32 {
        (**self).card(lane, i)
    }

    #[inline(always)]
    fn swap(&mut self, lane: usize, i: u32, j: u32) {
        (**self).swap(lane, i, j);
    }

    #[inline(always)]
    fn dealt(&self) -> u32 {
        (**self).dealt()
    }

    #[inline(always)]
    fn set_dealt(&mut self, dealt: u32) {
        (**self).set_dealt(dealt);
    }
}

/// A deck in an array or a slice of lane arrays, one card of each lane an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cards<C> {
    /// The cards; to begin with, any permutation of 0..N in each lane.
    pub cards: C,
    /// How many have been dealt.
    pub dealt: u32,
}

impl<F: Real, C> Deck<F> for Cards<C>
where
    C: AsRef<[F::Array<u32>]> + AsMut<[F::Array<u32>]>,
{
    #[inline(always)]
    fn card(&self, lane: usize, i: u32) -> u32 {
        let place = self.cards.as_ref().get(i as usize);
        place.and_then(|place| place.as_slice().get(lane)).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn swap(&mut self, lane: usize, i: u32, j: u32) {
        let (a, b) = (Deck::<F>::card(self, lane, i), Deck::<F>::card(self, lane, j));
        for (place, card) in [(i, b), (j, a)] {
            let place = self.cards.as_mut().get_mut(place as usize);
            if let Some(place) = place.and_then(|place| place.as_mut_slice().get_mut(lane)) {
                *place = card;
            }
        }
    }

    #[inline(always)]
    fn dealt(&self) -> u32 {
        self.dealt
    }

    #[inline(always)]
    fn set_dealt(&mut self, dealt: u32) {
        self.dealt = dealt;
    }
}

impl<S: Scalar, L: FiniteSum<S>> Oracle<S> for MiniBatch<L> {
    #[inline(always)]
    fn mean<F, X, G>(&self, _: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        for i in 0..self.landscape.dimension() {
            g.set(i, F::ZERO);
        }
    }

    #[inline(always)]
    fn add_noise<F, R, X, D, G>(&self, weight: S, x: &X, stream: &mut Stream<F, R>, deck: &mut D, g: &mut G)
    where
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let (count, batch) = (self.landscape.examples(), self.batch);
        let weight = weight / S::from_u32(batch);
        let from_the_top =
            self.sampling == Sampling::WithoutReplacement || count - deck.dealt().min(count) < batch;
        let dealt = if from_the_top { 0 } else { deck.dealt() };
        let replacement = self.sampling == Sampling::WithReplacement;
        let mut terms = Terms { landscape: &self.landscape, weight, count, replacement, dealt, deck, x, g };
        // A constant, so that one lane has no code for more than one example at a time.
        if const { F::LANES > 1 } && (2..=batch).contains(&self.landscape.together::<F>()) {
            let mut held = Held { terms, cards: [F::Array::from_fn(|_| 0); HELD], count: 0 };
            stream.choose(batch as usize, &mut held);
            held.add();
        } else {
            stream.choose(batch as usize, &mut terms);
        }
        if !replacement {
            deck.set_dealt(dealt + batch);
        }
    }
}

/// Adds the terms of a batch, example by example.
struct Terms<'a, L, S, X: ?Sized, D: ?Sized, G: ?Sized> {
    landscape: &'a L,
    weight: S,
    count: u32,
    replacement: bool,
    dealt: u32,
    deck: &'a mut D,
    x: &'a X,
    g: &'a mut G,
}

/// Makes examples of `cards`, how far below the top of the deck the `i`-th ones lie. No function: with one, kernels of GPUs are others.
macro_rules! deal {
    ($terms:expr, $i:expr, $cards:expr) => {
        if !$terms.replacement {
            let top = $terms.dealt + $i as u32;
            for (lane, card) in $cards.as_mut_slice().iter_mut().enumerate() {
                $terms.deck.swap(lane, top, top + *card);
                *card = $terms.deck.card(lane, top);
            }
        }
    };
}

impl<L, F, X, D, G> Indices<F> for Terms<'_, L, F::Scalar, X, D, G>
where
    L: FiniteSum<F::Scalar>,
    F: Real,
    X: Vector<F> + ?Sized,
    D: Deck<F> + ?Sized,
    G: VectorMut<F> + ?Sized,
{
    #[inline(always)]
    fn count(&self, i: usize) -> u32 {
        if self.replacement { self.count } else { self.count.saturating_sub(self.dealt + i as u32).max(1) }
    }

    #[inline(always)]
    fn put(&mut self, i: usize, mut cards: F::Array<u32>) {
        deal!(self, i, cards);
        self.landscape.add_term(self.weight, &cards, self.x, self.g);
    }
}

/// How many examples of each lane are drawn before their terms are added, where more than one is added at a time.
const HELD: usize = 32;

/// [`Terms`], several examples at a time, and what is left at the end by [`add`](Self::add). Adding draws nothing: the draws are the same.
struct Held<'a, L, F: Real, X: ?Sized, D: ?Sized, G: ?Sized> {
    terms: Terms<'a, L, F::Scalar, X, D, G>,
    cards: [F::Array<u32>; HELD],
    count: usize,
}

impl<L, F, X, D, G> Held<'_, L, F, X, D, G>
where
    L: FiniteSum<F::Scalar>,
    F: Real,
    X: Vector<F> + ?Sized,
    D: ?Sized,
    G: VectorMut<F> + ?Sized,
{
    #[inline(always)]
    fn add(&mut self) {
        let cards = self.cards.get(..self.count).unwrap_or_default();
        self.terms.landscape.add_terms(self.terms.weight, cards, self.terms.x, self.terms.g);
        self.count = 0;
    }
}

impl<L, F, X, D, G> Indices<F> for Held<'_, L, F, X, D, G>
where
    L: FiniteSum<F::Scalar>,
    F: Real,
    X: Vector<F> + ?Sized,
    D: Deck<F> + ?Sized,
    G: VectorMut<F> + ?Sized,
{
    #[inline(always)]
    fn count(&self, i: usize) -> u32 {
        Indices::<F>::count(&self.terms, i)
    }

    #[inline(always)]
    fn put(&mut self, i: usize, mut cards: F::Array<u32>) {
        deal!(self.terms, i, cards);
        if let Some(place) = self.cards.get_mut(self.count) {
            *place = cards;
            self.count += 1;
        }
        if self.count == HELD {
            self.add();
        }
    }
}

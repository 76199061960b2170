//! How much room a batch has: for goal tokens, for elements, for what came before. Shorter is faster, and no score may
//! depend on it.

use super::features::{ELEMENTS, GOAL, HISTORY, PATCHES};
use super::view::{View, goal_tokens};
use super::{Choices, PastLengths};
use crate::onnx::{Dimension, Model};

/// Elements of a vector in the widest kernels.
const LANES: usize = 16;

/// How many goal tokens, elements and past screens a batch has room for.
///
/// A view's scores do not depend on the room for its goal and its elements, not by a bit: lengths differ
/// by whole vectors of the kernels, so that whatever is there keeps its lane and its turn in every sum,
/// and what comes in between is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lengths {
    /// Goal tokens.
    pub goal: usize,
    /// Elements.
    pub elements: usize,
    /// What came before.
    pub past: PastLengths,
}

impl Lengths {
    /// Room for every view, without what came before it.
    pub const FULL: Lengths = Lengths {
        goal: GOAL,
        elements: ELEMENTS,
        past: PastLengths::NONE,
    };

    /// Room for a view, without what came before it.
    pub fn of(view: &View) -> Lengths {
        Lengths {
            goal: room(goal_tokens(&view.goal).len(), GOAL),
            elements: room(view.candidates.len(), ELEMENTS),
            past: PastLengths::NONE,
        }
    }

    /// Room for choices.
    pub fn of_choices(choices: &Choices) -> Lengths {
        let (first, last) = choices.span.unwrap_or_default();
        Lengths {
            goal: room(first.max(last).saturating_add(1), GOAL),
            elements: room(choices.candidate.unwrap_or(0).saturating_add(1), ELEMENTS),
            past: PastLengths::NONE,
        }
    }

    /// Room for both.
    #[must_use]
    pub fn and(self, other: Lengths) -> Lengths {
        Lengths {
            goal: self.goal.max(other.goal),
            elements: self.elements.max(other.elements),
            past: self.past.and(other.past),
        }
    }

    /// Tokens of the screen of now.
    pub(super) fn tokens_now(self) -> usize {
        1 + HISTORY + self.goal + self.elements + PATCHES
    }

    /// Tokens of the transformer.
    pub fn tokens(self) -> usize {
        self.tokens_now() + self.past.tokens()
    }

    /// Whether the lengths of a forward model are open; models of before have room for every view.
    pub fn are_open(forward: &Model) -> bool {
        let types = forward.declared_types();
        let length = types.get("goal").and_then(|goal| goal.dimensions.get(1));
        !matches!(length, Some(Dimension::Fixed(_)))
    }
}

/// The least length with room for so many, of those that leave whole vectors out. A head over nothing at
/// all is uniform over all places, so they must be there.
fn room(count: usize, most: usize) -> usize {
    match most.checked_sub(count) {
        Some(left) if count > 0 => most - left / LANES * LANES,
        _ => most,
    }
}

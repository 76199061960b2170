//! How far a policy looks back: at the screen of now alone, or at every past screen of its episode.
//!
//! What came before is no part of a stored step: it is put together from the steps of the episode
//! where they are read ([`recall`]), and kept beside the view where a policy acts ([`Seen`]). Steps of
//! an episode share it, so that it takes the room of one episode, whatever its length. May use what
//! the room's other files may.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::features::{ELEMENTS, PATCHES};
use super::past_screens::{Parts, parts};
use super::{Choices, Kind, Lengths, Past, StepSample, View};
use crate::onnx::{Dimension, Model};

/// The input that tells a past token its step; its last length is that of a [`Context::Episode`].
pub(super) const STEPS: &str = "past_steps";
/// What such a row holds besides one place for each step back: whether the element was the target.
pub(super) const TARGET: usize = 1;
/// Tokens of a past screen: its action, its elements, the patches of its picture.
const SCREEN_TOKENS: usize = 1 + ELEMENTS + PATCHES;
/// Lengths are rounded up to multiples of these: few different ones, so that rows can be computed
/// together.
const SCREEN_GRAIN: usize = 2;
const ELEMENT_GRAIN: usize = 32;
/// Most attention scores (rows times tokens squared) of one head in one run that learns: the graph
/// keeps several tensors of that size.
const MOST_SCORES: usize = 4 << 20;

/// Numbers of past screens that an engine is tried with, and the elements on each.
const TRIED_SCREENS: [usize; 3] = [0, 3, 10];
const TRIED_ELEMENTS: usize = 13;

/// How far a policy looks back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Context {
    /// The screen of now, with its last actions in words.
    #[default]
    Screen,
    /// Every past screen of the episode too.
    Episode {
        /// Most past screens; of a longer episode the newest.
        screens: usize,
    },
}

impl std::fmt::Display for Context {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Context::Screen => formatter.write_str("\"screen\""),
            Context::Episode { screens } => {
                write!(formatter, "\"episode\" with {screens} past screens")
            }
        }
    }
}

/// The room for what came before. A row's own depends on the row alone; rows are computed together only
/// where they need the same, since another room would move what is there to other lanes of the kernels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PastLengths {
    /// Past screens.
    pub screens: usize,
    /// Elements of all of them together.
    pub elements: usize,
}

impl PastLengths {
    /// No past.
    pub const NONE: PastLengths = PastLengths {
        screens: 0,
        elements: 0,
    };

    /// The tokens that stand for the past.
    pub fn tokens(self) -> usize {
        self.screens * (1 + PATCHES) + self.elements
    }

    /// Room for both.
    #[must_use]
    pub fn and(self, other: PastLengths) -> PastLengths {
        PastLengths {
            screens: self.screens.max(other.screens),
            elements: self.elements.max(other.elements),
        }
    }
}

impl Context {
    /// Most past screens that a policy may be made for.
    pub const MOST_SCREENS: usize = 64;

    /// The context that a forward model was made for: what its inputs take.
    pub fn of(model: &Model) -> Context {
        let types = model.declared_types();
        let last = types.get(STEPS).and_then(|found| found.dimensions.last());
        match last {
            Some(Dimension::Fixed(length)) => Context::Episode {
                screens: length.saturating_sub(TARGET),
            },
            _ => Context::Screen,
        }
    }

    /// Bytes of the attention scores of one row at its longest, for one layer.
    pub fn score_bytes(self, heads: usize) -> usize {
        let tokens = match self {
            Context::Screen => Lengths::FULL.tokens(),
            Context::Episode { screens } => {
                Lengths::FULL.tokens() + screens.saturating_mul(SCREEN_TOKENS)
            }
        };
        tokens
            .saturating_mul(tokens)
            .saturating_mul(4)
            .saturating_mul(heads)
    }

    /// The past screens of a view that the policy looks at, the oldest first.
    pub(super) fn screens(self, view: &View) -> &[Arc<Seen>] {
        match self {
            Context::Screen => &[],
            Context::Episode { screens } => {
                &view.earlier[view.earlier.len().saturating_sub(screens)..]
            }
        }
    }

    /// Room for what came before a view.
    pub fn past_lengths(self, view: &View) -> PastLengths {
        if self == Context::Screen {
            return PastLengths::NONE;
        }
        let seen = self.screens(view);
        let elements: usize = seen.iter().map(|seen| seen.parts().elements()).sum();
        PastLengths {
            screens: rounded_up(seen.len(), SCREEN_GRAIN),
            elements: rounded_up(elements, ELEMENT_GRAIN),
        }
    }

    /// Made-up views to try an engine with, several of each number of past screens: rows that have as
    /// many are computed together.
    pub(super) fn trials(self, count: usize) -> Vec<Vec<View>> {
        let looks_back: &[usize] = match self {
            Context::Screen => &[0],
            Context::Episode { .. } => &TRIED_SCREENS,
        };
        let of = |screens: usize| -> Vec<View> {
            let seen: Vec<Arc<Seen>> = (0..screens)
                .map(|number| {
                    let sample = StepSample {
                        view: View::trial(TRIED_ELEMENTS),
                        choices: Choices::of(Kind::ALL[number % Kind::ALL.len()]),
                        temperature: 1.0,
                        only_seen: None,
                    };
                    Arc::new(Seen::of(&sample))
                })
                .collect();
            let view = |number| View {
                earlier: seen.clone(),
                ..View::trial(number)
            };
            (0..count).map(view).collect()
        };
        looks_back.iter().map(|screens| of(*screens)).collect()
    }

    /// Whether so many rows of a length can be learnt from in one run of a graph.
    pub(super) fn fit(self, rows: usize, lengths: Lengths) -> bool {
        self == Context::Screen || rows * lengths.tokens().pow(2) <= MOST_SCORES
    }
}

/// At least one: an engine need not know what to do with nothing.
fn rounded_up(count: usize, grain: usize) -> usize {
    match count {
        0 | 1 => 1,
        more => more.div_ceil(grain) * grain,
    }
}

/// A past screen of an episode and what was done on it.
#[derive(Debug)]
pub struct Seen {
    pub(super) view: View,
    pub(super) past: Past,
    pub(super) target: Option<usize>,
    parts: OnceLock<Parts>,
}

impl PartialEq for Seen {
    fn eq(&self, other: &Seen) -> bool {
        self.view == other.view && self.past == other.past && self.target == other.target
    }
}

impl Seen {
    /// What later steps can look back at of a step.
    pub fn of(sample: &StepSample) -> Seen {
        let target = match sample.only_seen {
            Some(_) => None,
            None => sample.choices.candidate,
        };
        Seen {
            view: View {
                earlier: Vec::new(),
                ..sample.view.clone()
            },
            past: sample.past(),
            target,
            parts: OnceLock::new(),
        }
    }

    /// Adds a step to the screens that the next one looks back at.
    pub fn add(earlier: &mut Vec<Arc<Seen>>, sample: &StepSample) {
        earlier.push(Arc::new(Seen::of(sample)));
        // No policy looks farther back.
        if earlier.len() > Context::MOST_SCREENS {
            earlier.remove(0);
        }
    }

    /// Its features, worked out once: no later step changes them.
    pub(super) fn parts(&self) -> &Parts {
        self.parts.get_or_init(|| parts(self))
    }
}

impl StepSample {
    /// What the memory of this step's action says.
    pub fn past(&self) -> Past {
        match &self.only_seen {
            Some(past) => past.clone(),
            None => {
                let action = self.choices.action(&self.view);
                let kind = self.choices.kind as usize;
                self.view.past_of(&action, kind, self.choices.candidate)
            }
        }
    }
}

/// Gives each step of an episode, in their order, the screens before it; `before` are those before the
/// first one.
pub fn recall<'a>(
    before: &[Arc<Seen>],
    samples: impl IntoIterator<Item = &'a mut StepSample>,
) -> Vec<Arc<Seen>> {
    let mut seen = before.to_vec();
    for sample in samples {
        sample.view.earlier.clone_from(&seen);
        Seen::add(&mut seen, sample);
    }
    seen
}

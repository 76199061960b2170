//! Past screens as tensors, and as tokens of the graph: for each of them the action, the elements and
//! the patches of the picture, with the number of steps since. Tokens of a row stand one behind the
//! other without gaps; what is behind them is masked. May use what the room's other files may.

use std::collections::HashSet;

use super::context::{Context, PastLengths, STEPS, Seen, TARGET};
use super::features::{
    Batch, ELEMENT_WIDTH, ELEMENTS, MASKED, PATCH_PIXELS, PATCHES, add_element, features, picture,
};
use super::model::{Dense, Network};
use super::text::{WIDTH, text_vector, words};
use super::view::goal_tokens;
use super::{Kind, Lengths, View};
use crate::onnx::{Dimension, ElementType, GraphBuilder, Tensor, Value};

/// Features of the action on a past screen.
const ACTION_WIDTH: usize = WIDTH + Kind::ALL.len();

/// The features of a past screen.
#[derive(Debug, Default)]
pub(super) struct Parts {
    action: Vec<f32>,
    elements: Vec<f32>,
    /// Empty without a picture.
    patches: Vec<f32>,
}

impl Parts {
    /// Elements that are there.
    pub fn elements(&self) -> usize {
        self.elements.len() / ELEMENT_WIDTH
    }
}

/// Works out the features of a past screen, by the rules for the screen of now.
pub(super) fn parts(seen: &Seen) -> Parts {
    let view = &seen.view;
    let token_words: Vec<Vec<String>> = goal_tokens(&view.goal)
        .iter()
        .map(|token| token.words(&view.goal))
        .collect();
    let goal_words: HashSet<&str> = token_words.iter().flatten().map(String::as_str).collect();
    let phrase = format!(" {} ", words(&view.goal).join(" "));
    let mut parts = Parts::default();
    for candidate in view.candidates.iter().take(ELEMENTS) {
        add_element(&mut parts.elements, view, candidate, &goal_words, &phrase);
    }
    parts.action = text_vector(&words(&seen.past.label)).to_vec();
    let kinds = (0..Kind::ALL.len()).map(|kind| f32::from(kind == seen.past.kind));
    parts.action.extend(kinds);
    if !view.picture.is_empty() {
        parts.patches = picture(&view.picture);
    }
    parts
}

#[derive(Default)]
struct Columns {
    actions: Vec<f32>,
    elements: Vec<f32>,
    patches: Vec<f32>,
    steps: Vec<f32>,
    bias: Vec<f32>,
}

impl Context {
    /// The forward graph's inputs for some views that the lengths have room for, for acting and for
    /// learning.
    pub fn inputs<'a>(self, views: impl IntoIterator<Item = &'a View>, lengths: Lengths) -> Batch {
        let views: Vec<&View> = views.into_iter().collect();
        let mut batch = features(views.iter().copied(), lengths);
        let Context::Episode { screens } = self else {
            return batch;
        };
        let lengths = lengths.past;
        let mut columns = Columns::default();
        for view in &views {
            self.add_row(&mut columns, view, screens, lengths);
        }
        let rows = batch.rows;
        let tensor = |name, length: usize, width: usize, values: Vec<f32>| {
            (name, Tensor::f32(&[rows, length, width], values))
        };
        let past = lengths.tokens();
        batch.inputs.extend([
            tensor(
                "past_actions",
                lengths.screens,
                ACTION_WIDTH,
                columns.actions,
            ),
            tensor(
                "past_elements",
                lengths.elements,
                ELEMENT_WIDTH,
                columns.elements,
            ),
            tensor(
                "past_patches",
                lengths.screens * PATCHES,
                PATCH_PIXELS,
                columns.patches,
            ),
            tensor(STEPS, past, screens + TARGET, columns.steps),
        ]);
        for (_, bias) in batch
            .inputs
            .iter_mut()
            .filter(|(name, _)| *name == "token_bias")
        {
            let now = bias.as_f32().unwrap_or(&[]);
            let length = now.len() / rows.max(1);
            let mut whole = Vec::with_capacity(rows * (length + past));
            for row in 0..rows {
                whole.extend_from_slice(&now[row * length..(row + 1) * length]);
                whole.extend_from_slice(&columns.bias[row * past..(row + 1) * past]);
            }
            *bias = Tensor::f32(&[rows, 1, 1, length + past], whole);
        }
        batch
    }

    fn add_row(self, columns: &mut Columns, view: &View, screens: usize, lengths: PastLengths) {
        let seen = self.screens(view);
        // One place for each number of steps back, the last step first.
        let back = |seen: &Seen| {
            let steps = view.step.saturating_sub(seen.view.step) as usize;
            steps.clamp(1, screens) - 1
        };
        let width = screens + TARGET;
        let mut group = |count: usize, tokens: &mut dyn Iterator<Item = (usize, bool)>| {
            let (first, bias) = (columns.steps.len(), columns.bias.len());
            for (back, target) in tokens {
                let row = columns.steps.len();
                columns.steps.resize(row + width, 0.0);
                columns.steps[row + back] = 1.0;
                columns.steps[row + screens] = f32::from(target);
                columns.bias.push(0.0);
            }
            columns.steps.resize(first + count * width, 0.0);
            columns.bias.resize(bias + count, MASKED);
        };
        group(
            lengths.screens,
            &mut seen.iter().map(|seen| (back(seen), false)),
        );
        group(
            lengths.elements,
            &mut seen.iter().flat_map(|seen| {
                let place = back(seen);
                (0..seen.parts().elements())
                    .map(move |element| (place, seen.target == Some(element)))
            }),
        );
        group(
            lengths.screens * PATCHES,
            &mut seen.iter().flat_map(|seen| {
                let count = seen.parts().patches.len() / PATCH_PIXELS;
                std::iter::repeat_n((back(seen), false), count)
            }),
        );
        let fill = |column: &mut Vec<f32>, length: usize, of: fn(&Parts) -> &[f32]| {
            let end = column.len() + length;
            for seen in seen {
                column.extend_from_slice(of(seen.parts()));
            }
            column.resize(end, 0.0);
        };
        fill(
            &mut columns.actions,
            lengths.screens * ACTION_WIDTH,
            |parts| &parts.action,
        );
        fill(
            &mut columns.elements,
            lengths.elements * ELEMENT_WIDTH,
            |parts| &parts.elements,
        );
        let pixels = lengths.screens * PATCHES * PATCH_PIXELS;
        fill(&mut columns.patches, pixels, |parts| &parts.patches);
    }
}

/// The graph's inputs for past screens.
pub(super) struct PastInputs {
    /// How many tokens they become.
    pub length: Dimension,
    actions: Value,
    elements: Value,
    patches: Value,
    steps: Value,
    width: usize,
}

/// Declares the inputs for past screens; `None` where a policy does not look back.
pub(super) fn inputs(builder: &mut GraphBuilder, context: Context) -> Option<PastInputs> {
    let Context::Episode { screens } = context else {
        return None;
    };
    let named = |name: &str| Dimension::Symbol(name.into());
    let mut input = |name: &str, length: &Dimension, width: usize| {
        let dimensions = [named("batch"), length.clone(), Dimension::Fixed(width)];
        builder.input(name, ElementType::F32, &dimensions)
    };
    let (actions, elements) = (named("past_screen"), named("past_element"));
    let patches = named("past_patch");
    let length = actions.plus(&elements).plus(&patches);
    Some(PastInputs {
        actions: input("past_actions", &actions, ACTION_WIDTH),
        elements: input("past_elements", &elements, ELEMENT_WIDTH),
        patches: input("past_patches", &patches, PATCH_PIXELS),
        steps: input(STEPS, &length, screens + TARGET),
        length,
        width: screens + TARGET,
    })
}

/// The tokens of past screens. Elements and patches are embedded as those of the screen of now are;
/// what tells them apart is their step.
pub(super) fn tokens(
    network: &mut Network<'_>,
    past: &PastInputs,
    element: &Dense,
    patch: &Dense,
) -> Value {
    let width = network.shape.width;
    let actions = network.linear("embed.past_action", &past.actions, ACTION_WIDTH, width, 1.0);
    let elements = network.apply(element, &past.elements);
    let patches = network.apply(patch, &past.patches);
    let tokens = network.builder.concat(&[&actions, &elements, &patches], 1);
    // Two of its rows at most are added to a token, so that they count as much as other weights do.
    let scale = (past.width as f32).sqrt();
    let places = network.weight("embed.past_step.weight", past.width, width, 0.5 * scale);
    let places = network.builder.matmul(&past.steps, &places);
    network.builder.add(&tokens, &places)
}

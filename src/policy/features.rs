//! From views to tensors: one function for acting and for learning.

use std::collections::HashSet;

use super::text::{WIDTH, text_vector, words};
use super::view::{Candidate, GoalToken, PICTURE, Past, View, goal_tokens};
use super::{APPS, Choices, Kind, Lengths};
use crate::domain::Direction;
use crate::onnx::Tensor;

/// Tokens of the goal.
pub const GOAL: usize = 40;
/// Candidates on the screen.
pub const ELEMENTS: usize = 32;
/// Actions remembered (STEP section 6: 3).
pub const HISTORY: usize = 3;
/// Patches of the small picture, each `8 x 8` pixels.
pub const PATCHES: usize = (PICTURE.0 / PATCH * PICTURE.1 / PATCH) as usize;
/// Pixels of a patch.
pub const PATCH_PIXELS: usize = (PATCH * PATCH) as usize;
/// Features of the context.
pub const CONTEXT_WIDTH: usize = 2 * WIDTH + 6;
/// Features of a remembered action.
pub const HISTORY_WIDTH: usize = WIDTH + Kind::ALL.len() + HISTORY;
/// Features of a goal token.
pub const GOAL_WIDTH: usize = WIDTH + 8 + POSITIONS;
/// Features of an element.
pub const ELEMENT_WIDTH: usize = 2 * WIDTH + FLAGS + CLASSES.len() + 1 + 4 + 6;

const PATCH: u32 = 8;
const FLAGS: usize = 9;
/// Waves that tell a token its place.
const POSITIONS: usize = 8;
/// Groups of classes; anything else is the last group.
const CLASSES: [&str; 8] = [
    "Button",
    "EditText",
    "TextView",
    "ImageButton",
    "ImageView",
    "Switch",
    "SeekBar",
    "FrameLayout",
];
/// Added to scores of what is not there.
pub(super) const MASKED: f32 = -1e4;

/// Inputs of the forward graph for some rows.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Named tensors, the first dimension is the row.
    pub inputs: Vec<(&'static str, Tensor)>,
    /// Rows.
    pub rows: usize,
}

impl Batch {
    /// As the session takes them.
    pub fn named(&self) -> Vec<(&str, &Tensor)> {
        self.inputs
            .iter()
            .map(|(name, tensor)| (*name, tensor))
            .collect()
    }
}

#[derive(Default)]
struct Columns {
    context: Vec<f32>,
    history: Vec<f32>,
    goal: Vec<f32>,
    elements: Vec<f32>,
    links: Vec<f32>,
    patches: Vec<f32>,
    token_bias: Vec<f32>,
    element_bias: Vec<f32>,
    goal_bias: Vec<f32>,
}

/// The forward graph's inputs for some views that the lengths have room for, without what came before.
pub fn features<'a>(views: impl IntoIterator<Item = &'a View>, lengths: Lengths) -> Batch {
    let mut columns = Columns::default();
    let mut rows = 0;
    for view in views {
        add_row(&mut columns, view, lengths);
        rows += 1;
    }
    let (goal, elements) = (lengths.goal, lengths.elements);
    let tensor = |shape: &[usize], values: Vec<f32>| {
        let shape: Vec<usize> = std::iter::once(rows).chain(shape.iter().copied()).collect();
        Tensor::f32(&shape, values)
    };
    let inputs = vec![
        ("context", tensor(&[1, CONTEXT_WIDTH], columns.context)),
        (
            "history",
            tensor(&[HISTORY, HISTORY_WIDTH], columns.history),
        ),
        ("goal", tensor(&[goal, GOAL_WIDTH], columns.goal)),
        (
            "elements",
            tensor(&[elements, ELEMENT_WIDTH], columns.elements),
        ),
        ("links", tensor(&[elements, goal], columns.links)),
        ("patches", tensor(&[PATCHES, PATCH_PIXELS], columns.patches)),
        (
            "token_bias",
            tensor(&[1, 1, lengths.tokens_now()], columns.token_bias),
        ),
        ("element_bias", tensor(&[1, elements], columns.element_bias)),
        ("goal_bias", tensor(&[1, goal], columns.goal_bias)),
    ];
    Batch { inputs, rows }
}

/// The loss graph's inputs for some choices: ones where a choice was made.
pub fn choice_inputs<'a>(
    choices: impl IntoIterator<Item = &'a Choices>,
    lengths: Lengths,
) -> Vec<(&'static str, Tensor)> {
    let (goal, elements) = (lengths.goal, lengths.elements);
    let (mut kinds, mut pointers, mut starts, mut ends) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut directions, mut apps) = (Vec::new(), Vec::new());
    let mut rows = 0;
    let mark = |column: &mut Vec<f32>, width: usize, position: Option<usize>| {
        let start = column.len();
        column.resize(start + width, 0.0);
        if let Some(position) = position.filter(|position| *position < width) {
            column[start + position] = 1.0;
        }
    };
    for choice in choices {
        rows += 1;
        let kind = choice.kind as usize;
        mark(&mut kinds, Kind::ALL.len(), Some(kind));
        let pointer = choice.candidate.filter(|_| kind < Kind::POINTING);
        mark(
            &mut pointers,
            Kind::POINTING * elements,
            pointer.map(|candidate| kind * elements + candidate),
        );
        let span = choice.span.filter(|_| choice.kind == Kind::InputText);
        let start = span
            .zip(pointer)
            .map(|((first, _), candidate)| candidate * goal + first);
        mark(&mut starts, elements * goal, start);
        mark(
            &mut ends,
            goal * goal,
            span.map(|(first, last)| first * goal + last),
        );
        mark(&mut directions, Direction::ALL.len(), choice.direction);
        mark(&mut apps, APPS.len(), choice.app);
    }
    vec![
        ("kind_choice", Tensor::f32(&[rows, Kind::ALL.len()], kinds)),
        (
            "pointer_choice",
            Tensor::f32(&[rows, Kind::POINTING, elements], pointers),
        ),
        ("start_choice", Tensor::f32(&[rows, elements, goal], starts)),
        ("end_choice", Tensor::f32(&[rows, goal, goal], ends)),
        (
            "direction_choice",
            Tensor::f32(&[rows, Direction::ALL.len()], directions),
        ),
        ("app_choice", Tensor::f32(&[rows, APPS.len()], apps)),
    ]
}

fn add_row(columns: &mut Columns, view: &View, lengths: Lengths) {
    let tokens = goal_tokens(&view.goal);
    let token_words: Vec<Vec<String>> =
        tokens.iter().map(|token| token.words(&view.goal)).collect();
    let goal_words: HashSet<&str> = token_words.iter().flatten().map(String::as_str).collect();
    let phrase = format!(" {} ", words(&view.goal).join(" "));
    let candidates = &view.candidates[..view.candidates.len().min(lengths.elements)];
    let shown: Vec<Vec<String>> = candidates
        .iter()
        .map(|candidate| words(&format!("{} {}", candidate.label, candidate.field)))
        .collect();

    add_context(&mut columns.context, view, candidates);
    add_history(&mut columns.history, &view.past);
    let goal = tokens.iter().zip(&token_words);
    add_goal(&mut columns.goal, view, goal, candidates, lengths.goal);
    for position in 0..lengths.elements {
        let start = columns.elements.len();
        if let Some(candidate) = candidates.get(position) {
            add_element(&mut columns.elements, view, candidate, &goal_words, &phrase);
        }
        columns.elements.resize(start + ELEMENT_WIDTH, 0.0);
        let start = columns.links.len();
        columns.links.resize(start + lengths.goal, 0.0);
        if let Some(shown) = shown.get(position) {
            for (token, parts) in token_words.iter().enumerate().take(lengths.goal) {
                let found = parts.iter().filter(|part| shown.contains(part)).count();
                columns.links[start + token] = found as f32 / parts.len().max(1) as f32;
            }
        }
    }
    let pixels = picture(&view.picture);
    columns.patches.extend_from_slice(&pixels);

    let there = |count: usize, length: usize| {
        (0..length).map(move |position| if position < count { 0.0 } else { MASKED })
    };
    // The context token is always there; a head over nothing at all stays uniform.
    columns.token_bias.extend(
        std::iter::once(0.0)
            .chain(there(view.past.len().min(HISTORY), HISTORY))
            .chain(there(tokens.len(), lengths.goal))
            .chain(there(candidates.len(), lengths.elements))
            .chain(there(
                if view.picture.is_empty() { 0 } else { PATCHES },
                PATCHES,
            )),
    );
    columns
        .element_bias
        .extend(there(candidates.len(), lengths.elements));
    columns.goal_bias.extend(there(tokens.len(), lengths.goal));
}

fn add_context(column: &mut Vec<f32>, view: &View, candidates: &[Candidate]) {
    column.extend_from_slice(&text_vector(&words(&view.package)));
    // The words that name a screen stand at its top.
    let top = view.screen.1 / 6;
    let heading: Vec<String> = candidates
        .iter()
        .filter(|candidate| candidate.bounds.y_max <= top)
        .flat_map(|candidate| words(&candidate.label))
        .take(8)
        .collect();
    column.extend_from_slice(&text_vector(&heading));
    let share = |count: usize| count as f32 / ELEMENTS as f32;
    column.extend([
        1.0,
        view.step as f32 / 20.0,
        view.step as f32 / view.budget.max(1) as f32,
        share(candidates.len()),
        share(
            candidates
                .iter()
                .filter(|candidate| candidate.flag(2))
                .count(),
        ) * 8.0,
        f32::from(candidates.iter().any(|candidate| candidate.flag(7))),
    ]);
}

fn add_history(column: &mut Vec<f32>, past: &[Past]) {
    for position in 0..HISTORY {
        let start = column.len();
        if let Some(action) = past.get(position) {
            column.extend_from_slice(&text_vector(&words(&action.label)));
            column.extend((0..Kind::ALL.len()).map(|kind| f32::from(kind == action.kind)));
            column.extend((0..HISTORY).map(|place| f32::from(place == position)));
        }
        column.resize(start + HISTORY_WIDTH, 0.0);
    }
}

fn add_goal<'a>(
    column: &mut Vec<f32>,
    view: &View,
    mut tokens: impl Iterator<Item = (&'a GoalToken, &'a Vec<String>)>,
    candidates: &[Candidate],
    length: usize,
) {
    let typed: HashSet<String> = candidates
        .iter()
        .flat_map(|candidate| words(&candidate.field))
        .collect();
    let shown: HashSet<String> = candidates
        .iter()
        .flat_map(|candidate| words(&candidate.label))
        .collect();
    for position in 0..length {
        let start = column.len();
        if let Some((token, parts)) = tokens.next() {
            let text = view.goal.get(token.start..token.end).unwrap_or("");
            let all_in = |set: &HashSet<String>| {
                !parts.is_empty() && parts.iter().all(|part| set.contains(part))
            };
            column.extend_from_slice(&text_vector(parts));
            column.extend(
                [
                    text.chars()
                        .all(|c| c.is_ascii_digit() || "+-.".contains(c)),
                    text.chars().next().is_some_and(char::is_uppercase),
                    token.stop,
                    token.open,
                    text.contains('_') || text.starts_with('.'),
                    all_in(&typed),
                    all_in(&shown),
                    parts.len() > 1,
                ]
                .map(f32::from),
            );
            for wave in 0..POSITIONS / 2 {
                let angle = position as f32 / 2f32.powi(1 + 2 * wave as i32);
                column.extend([angle.sin(), angle.cos()]);
            }
        }
        column.resize(start + GOAL_WIDTH, 0.0);
    }
}

pub(super) fn add_element(
    column: &mut Vec<f32>,
    view: &View,
    candidate: &Candidate,
    goal_words: &HashSet<&str>,
    phrase: &str,
) {
    let label = words(&candidate.label);
    let field = words(&candidate.field);
    column.extend_from_slice(&text_vector(&label));
    column.extend_from_slice(&text_vector(&words(&candidate.resource)));
    column.extend((0..FLAGS as u16).map(|flag| f32::from(candidate.flag(flag))));
    let class = CLASSES
        .iter()
        .position(|class| *class == candidate.class)
        .unwrap_or(CLASSES.len());
    column.extend((0..=CLASSES.len()).map(|position| f32::from(position == class)));
    let (width, height) = (view.screen.0.max(1) as f32, view.screen.1.max(1) as f32);
    let center = candidate.bounds.center();
    column.extend([
        center.x as f32 / width,
        center.y as f32 / height,
        candidate.bounds.width() as f32 / width,
        candidate.bounds.height() as f32 / height,
    ]);
    let share = |words: &[String]| {
        let found = words
            .iter()
            .filter(|word| goal_words.contains(word.as_str()))
            .count();
        found as f32 / words.len().max(1) as f32
    };
    let is_phrase =
        |words: &[String]| !words.is_empty() && phrase.contains(&format!(" {} ", words.join(" ")));
    column.extend([
        share(&label),
        f32::from(is_phrase(&label)),
        share(&field),
        f32::from(is_phrase(&field)),
        f32::from(field.is_empty()),
        f32::from(label.is_empty()),
    ]);
}

/// Patches of the small picture in rows, centred around zero. All zero without a picture.
pub(super) fn picture(text: &str) -> Vec<f32> {
    let (width, height) = (PICTURE.0 as usize, PICTURE.1 as usize);
    let value = |x: usize, y: usize| {
        let at = 2 * (y * width + x);
        let digits = text.get(at..at + 2)?;
        u8::from_str_radix(digits, 16)
            .ok()
            .map(|byte| f32::from(byte) / 127.5 - 1.0)
    };
    let side = PATCH as usize;
    let mut patches = Vec::with_capacity(PATCHES * PATCH_PIXELS);
    for top in (0..height).step_by(side) {
        for left in (0..width).step_by(side) {
            for y in top..top + side {
                patches.extend((left..left + side).map(|x| value(x, y).unwrap_or(0.0)));
            }
        }
    }
    patches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Observation, ScreenSize};

    #[test]
    fn rows_have_the_declared_widths() {
        let observation = Observation {
            frame: crate::domain::Frame::new(36, 80, vec![200u8; 36 * 80 * 4]),
            elements: Vec::new(),
            screen: ScreenSize {
                width: 36,
                height: 80,
            },
            settled: true,
        };
        let past = [Past {
            kind: 3,
            label: "down".into(),
        }];
        let view = View::new("Turn Wi-Fi on", &past, &observation, 2, 10);
        let batch = features([&view, &view], Lengths::of(&view));
        for (name, tensor) in &batch.inputs {
            assert_eq!(tensor.shape[0], 2, "{name}");
            assert!(
                tensor
                    .as_f32()
                    .unwrap()
                    .iter()
                    .all(|value| value.is_finite()),
                "{name}"
            );
        }
        let patches = &batch
            .inputs
            .iter()
            .find(|(name, _)| *name == "patches")
            .unwrap()
            .1;
        assert!((patches.as_f32().unwrap()[0] - (200.0 / 127.5 - 1.0)).abs() < 0.02);
        let choices =
            Choices::encode(&crate::domain::Action::complete(), &view, &observation).unwrap();
        let inputs = choice_inputs([&choices], Lengths::of_choices(&choices));
        let total: f32 = inputs
            .iter()
            .flat_map(|(_, tensor)| tensor.as_f32().unwrap())
            .sum();
        assert!((total - 1.0).abs() < 1e-6);
    }
}

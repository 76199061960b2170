//! What the compact policy looks at: the goal as tokens, the elements worth touching, the last
//! actions, and the screen as a small grey picture. Small enough to keep for every step.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Seen;
use super::features::{ELEMENTS, GOAL, HISTORY};
use super::text::words;
use crate::domain::{Action, BoundingBox, Observation, Point, UiElement};
use crate::pixels;

/// Pixels of the small picture, across and down.
pub const PICTURE: (u32, u32) = (16, 32);
/// Longest label that is kept, in characters.
const LABEL_LENGTH: usize = 160;

/// One token of the goal: a piece of it that a typed text may begin or end with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalToken {
    /// First byte in the goal.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
    /// Whether punctuation or a quote follows.
    pub stop: bool,
    /// Whether a quote or bracket stands before it.
    pub open: bool,
}

/// Splits a goal into tokens: words without the punctuation around them; the ending of a file name
/// is a token of its own, so that a name can be typed with or without it.
pub fn goal_tokens(goal: &str) -> Vec<GoalToken> {
    const AROUND: &[char] = &[
        '"', '\'', '.', ',', ';', ':', '!', '?', '(', ')', '[', ']', '|', '$', '“', '”', '‘', '’',
    ];
    let mut tokens = Vec::new();
    let mut position = 0;
    // The bar separates fields of a table without blanks around it.
    for piece in goal.split_inclusive(|c: char| c.is_whitespace() || c == '|') {
        let start = position;
        position += piece.len();
        let core = piece.trim_matches(|c: char| c.is_whitespace() || AROUND.contains(&c));
        if core.is_empty() {
            if let Some(last) = tokens.last_mut() {
                let last: &mut GoalToken = last;
                last.stop |= !piece.trim().is_empty();
            }
            continue;
        }
        let offset = start + (core.as_ptr() as usize - piece.as_ptr() as usize);
        let end = offset + core.len();
        let open = goal[start..offset].chars().any(|c| !c.is_whitespace());
        let stop = goal[end..position].chars().any(|c| !c.is_whitespace());
        let ending = core.rfind('.').filter(|dot| {
            let ending = &core[dot + 1..];
            *dot > 0
                && (1..=4).contains(&ending.len())
                && ending.chars().all(|c| c.is_ascii_alphabetic())
        });
        match ending {
            Some(dot) => {
                tokens.push(GoalToken {
                    start: offset,
                    end: offset + dot,
                    stop: false,
                    open,
                });
                tokens.push(GoalToken {
                    start: offset + dot,
                    end,
                    stop,
                    open: false,
                });
            }
            None => tokens.push(GoalToken {
                start: offset,
                end,
                stop,
                open,
            }),
        }
    }
    tokens.truncate(GOAL);
    tokens
}

/// An element that the policy may touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Position in the observation's list.
    pub index: usize,
    /// Its words, with those of its parts.
    pub label: String,
    /// Text of a field; empty for other elements.
    pub field: String,
    /// Last part of its resource name.
    pub resource: String,
    /// Last part of its class.
    pub class: String,
    /// Clickable, long-clickable, editable, checkable, checked, scrollable, selected, focused,
    /// enabled, as bits from the lowest.
    pub flags: u16,
    /// Box in pixels.
    pub bounds: BoundingBox,
}

impl Candidate {
    /// Whether a flag is set; the position as in [`Candidate::flags`].
    pub fn flag(&self, position: u16) -> bool {
        self.flags & (1 << position) != 0
    }
}

/// An action of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Kind, as in [`super::Kind`].
    pub kind: usize,
    /// Words of the target or the text typed.
    pub label: String,
}

/// What the policy looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Goal text.
    pub goal: String,
    /// Last actions, the newest first.
    pub past: Vec<Past>,
    /// Elements that may be touched.
    pub candidates: Vec<Candidate>,
    /// Package of the window.
    pub package: String,
    /// Words on the screen that belong to no candidate.
    pub title: String,
    /// Screen size in pixels.
    pub screen: (i32, i32),
    /// Step, counted from 0.
    pub step: u32,
    /// Steps allowed.
    pub budget: u32,
    /// The small grey picture, `[32, 16]`, as two hexadecimal digits a pixel; empty without a frame.
    pub picture: String,
    /// Past screens of the episode, the oldest first, where they are known. Not stored with the view:
    /// [`super::recall`] puts them together from the steps of the episode.
    #[serde(skip)]
    pub earlier: Vec<Arc<Seen>>,
}

impl View {
    /// Looks at an observation.
    pub fn new(
        goal: &str,
        past: &[Past],
        observation: &Observation,
        step: u32,
        budget: u32,
    ) -> View {
        let picture = observation
            .frame
            .as_ref()
            .and_then(|frame| pixels::luminance(frame, PICTURE.0, PICTURE.1).ok())
            .map(|values| {
                values
                    .iter()
                    .map(|value| format!("{:02x}", (value * 255.0).round() as u8))
                    .collect()
            })
            .unwrap_or_default();
        let (candidates, title) = candidates(observation);
        let package = observation
            .elements
            .iter()
            .find_map(|element| element.package_name.clone());
        View {
            goal: goal.to_owned(),
            past: past.iter().rev().take(HISTORY).cloned().collect(),
            candidates,
            package: package.unwrap_or_default(),
            title,
            screen: (observation.screen.width, observation.screen.height),
            step,
            budget,
            picture,
            earlier: Vec::new(),
        }
    }

    /// A made-up view, to try an engine with; every number gives another one.
    pub(super) fn trial(number: usize) -> View {
        let candidates = (0..number % ELEMENTS)
            .map(|index| Candidate {
                index,
                label: format!("item {}", index * number),
                field: String::new(),
                resource: "title".into(),
                class: "TextView".into(),
                flags: (index % 512) as u16,
                bounds: BoundingBox::new(0, 24 * index as i32, 360, 24 * index as i32 + 24),
            })
            .collect();
        View {
            goal: format!("Send the text \"number {number}\" to Ada, then open page {number}.")
                .repeat(1 + number % 3),
            past: Vec::new(),
            candidates,
            package: "com.example".into(),
            title: String::new(),
            screen: (360, 800),
            step: (number % 20) as u32,
            budget: 20,
            picture: format!("{:02x}", number % 256).repeat((PICTURE.0 * PICTURE.1) as usize),
            earlier: Vec::new(),
        }
    }

    /// The candidate that an element of the observation belongs to: itself, or the smallest one
    /// around its centre.
    pub fn candidate_of(&self, index: usize, observation: &Observation) -> Option<usize> {
        if let Some(position) = self
            .candidates
            .iter()
            .position(|candidate| candidate.index == index)
        {
            return Some(position);
        }
        let center = observation.elements.get(index)?.bbox_pixels?.center();
        self.candidate_at(center)
    }

    /// The smallest candidate around a point, interactive ones first.
    pub fn candidate_at(&self, point: Point) -> Option<usize> {
        let area = |candidate: &Candidate| {
            i64::from(candidate.bounds.width()) * i64::from(candidate.bounds.height())
        };
        self.candidates
            .iter()
            .enumerate()
            .filter(|(_, candidate)| candidate.bounds.contains(point))
            .min_by_key(|(_, candidate)| {
                (!(candidate.flag(0) || candidate.flag(2)), area(candidate))
            })
            .map(|(position, _)| position)
    }

    /// What the memory of an action says.
    pub fn past_of(&self, action: &Action, kind: usize, candidate: Option<usize>) -> Past {
        let target = candidate
            .and_then(|position| self.candidates.get(position))
            .map(|candidate| &candidate.label);
        let label = [target, action.text.as_ref(), action.app_name.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        Past {
            kind,
            label: shorten(&label),
        }
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(LABEL_LENGTH).collect()
}

fn is_interactive(element: &UiElement) -> bool {
    element.is_clickable
        || element.is_long_clickable
        || element.is_editable
        || element.is_checkable
        || element.short_class() == "SeekBar"
}

fn flags(element: &UiElement) -> u16 {
    [
        element.is_clickable,
        element.is_long_clickable,
        element.is_editable,
        element.is_checkable,
        element.is_checked,
        element.is_scrollable,
        element.is_selected,
        element.is_focused,
        element.is_enabled,
    ]
    .into_iter()
    .enumerate()
    .map(|(position, set)| u16::from(set) << position)
    .sum()
}

/// Interactive elements with the words of their parts, then texts that stand alone; and the words of
/// whatever did not find a place.
fn candidates(observation: &Observation) -> (Vec<Candidate>, String) {
    let screen = observation.screen.bounds();
    let elements = &observation.elements;
    let shown = |element: &UiElement| {
        element.is_visible
            && element
                .bbox_pixels
                .is_some_and(|bounds| !bounds.intersection(&screen).is_empty())
            && !element
                .package_name
                .as_deref()
                .is_some_and(|package| package.contains("inputmethod"))
    };
    let mut taken = vec![false; elements.len()];
    let mut found = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        let Some(bounds) = element
            .bbox_pixels
            .filter(|_| shown(element) && is_interactive(element))
        else {
            continue;
        };
        taken[index] = true;
        let mut label = element.label().to_owned();
        if element.is_editable {
            // A field is known by its hint, what it holds is kept apart.
            label = element.hint_text.clone().unwrap_or_default();
        }
        let mut checked = element.is_checked;
        let mut checkable = element.is_checkable;
        for (inner, part) in elements.iter().enumerate().skip(index + 1) {
            let inside = part
                .bbox_pixels
                .is_some_and(|inner| inner.intersection(&bounds) == inner);
            if !inside {
                break;
            }
            // A switch inside a row shows the row's state.
            checked |= part.is_checked;
            checkable |= part.is_checkable;
            if !is_interactive(part) && !part.label().is_empty() {
                taken[inner] = true;
                if !label.is_empty() {
                    label.push(' ');
                }
                label.push_str(part.label());
            }
        }
        let mut bits = flags(element);
        bits |= u16::from(checkable) << 3 | u16::from(checked) << 4;
        found.push(candidate(index, element, bounds, label, bits));
    }
    for (index, element) in elements.iter().enumerate() {
        let Some(bounds) = element
            .bbox_pixels
            .filter(|_| shown(element) && !taken[index])
        else {
            continue;
        };
        if !element.label().is_empty() {
            found.push(candidate(
                index,
                element,
                bounds,
                element.label().to_owned(),
                flags(element),
            ));
        }
    }
    // Interactive ones come first here and have the first right to a place; the rest only lends its words.
    let rest = if found.len() > ELEMENTS {
        found.split_off(ELEMENTS)
    } else {
        Vec::new()
    };
    let title = rest
        .iter()
        .map(|candidate| candidate.label.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    found.sort_by_key(|candidate: &Candidate| candidate.index);
    (found, shorten(&title))
}

fn candidate(
    index: usize,
    element: &UiElement,
    bounds: BoundingBox,
    label: String,
    flags: u16,
) -> Candidate {
    let field = if element.is_editable {
        element.text.clone().unwrap_or_default()
    } else {
        String::new()
    };
    Candidate {
        index,
        label: shorten(&label),
        field: shorten(&field),
        resource: element.resource_entry().to_owned(),
        class: element.short_class().to_owned(),
        flags,
        bounds,
    }
}

impl GoalToken {
    /// Its words in lower case.
    pub fn words(&self, goal: &str) -> Vec<String> {
        words(goal.get(self.start..self.end).unwrap_or(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ScreenSize;

    fn texts(goal: &str) -> Vec<&str> {
        goal_tokens(goal)
            .iter()
            .map(|token| &goal[token.start..token.end])
            .collect()
    }

    #[test]
    fn goals_are_split_where_texts_begin_and_end() {
        assert_eq!(
            texts("Save \"quiet_river.md\" with: Call Ana, at 5."),
            [
                "Save",
                "quiet_river",
                ".md",
                "with",
                "Call",
                "Ana",
                "at",
                "5"
            ]
        );
        assert_eq!(
            texts("Rent|$120.5|Housing|paid late\n"),
            ["Rent", "120.5", "Housing", "paid", "late"]
        );
        assert_eq!(texts("+1 (555) 010-2000"), ["+1", "555", "010-2000"]);
        assert!(texts("  \" ").is_empty());
        assert_eq!(goal_tokens(&"word ".repeat(500)).len(), GOAL);
    }

    #[test]
    fn rows_take_the_words_of_their_parts() {
        let element = |text: &str, clickable: bool, bounds: (i32, i32, i32, i32)| UiElement {
            text: Some(text.into()),
            is_clickable: clickable,
            is_visible: true,
            is_enabled: true,
            bbox_pixels: Some(BoundingBox::new(bounds.0, bounds.1, bounds.2, bounds.3)),
            ..UiElement::default()
        };
        let mut switch = element("", false, (300, 10, 350, 60));
        switch.is_checkable = true;
        switch.is_checked = true;
        let observation = Observation {
            frame: None,
            elements: vec![
                element("", true, (0, 0, 360, 100)),
                element("Wi-Fi", false, (10, 10, 100, 40)),
                element("Home network", false, (10, 50, 100, 80)),
                switch,
                element("Alone", false, (0, 200, 100, 240)),
                element("off the screen", true, (0, 900, 100, 940)),
            ],
            screen: ScreenSize {
                width: 360,
                height: 800,
            },
            settled: true,
        };
        let view = View::new("Turn on Wi-Fi", &[], &observation, 0, 10);
        let labels: Vec<&str> = view
            .candidates
            .iter()
            .map(|candidate| candidate.label.as_str())
            .collect();
        assert_eq!(labels, ["Wi-Fi Home network", "", "Alone"]);
        assert!(view.candidates[0].flag(4), "the row shows its switch");
        assert_eq!(view.candidate_of(2, &observation), Some(0));
        assert_eq!(view.candidate_of(3, &observation), Some(1));
    }
}

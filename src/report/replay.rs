//! Which episodes the page plays, and their pictures.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ReportError;
use super::guards::words;
use super::markup::data_address;
use super::summary::{Compared, episodes_of};
use crate::domain::{Action, ActionType, Direction, Outcome, StepRecord};
use crate::pixels;
use crate::store::{EpisodeRow, Store};

/// Width of the pictures in the page, in pixels.
const PICTURE_WIDTH: u32 = 360;
/// JPEG quality: text stays legible at about 20 KB a picture.
const PICTURE_QUALITY: u8 = 74;
/// Most pictures in a page: it stays below about 4 MB.
const MOST_PICTURES: usize = 180;
/// Most steps shown of one episode.
const MOST_STEPS: usize = 60;
/// Most instances to choose from.
const MOST_SCENES: usize = 4;
/// Most instances that are looked at to find ones with pictures.
const MOST_LOOKED_AT: usize = 24;

/// What the player can show.
#[derive(Debug, Default, Serialize)]
pub(super) struct Replay {
    /// One instance each, the most telling first.
    pub(super) scenes: Vec<Scene>,
    /// JPEGs as `data:` addresses.
    pub(super) pictures: Vec<String>,
}

/// One instance, before and after training.
#[derive(Debug, Serialize)]
pub(super) struct Scene {
    pub(super) task: String,
    pub(super) goal: String,
    pub(super) seed: String,
    /// What changed, in words.
    pub(super) change: &'static str,
    pub(super) before: Option<Track>,
    pub(super) after: Option<Track>,
}

/// One episode.
#[derive(Debug, Serialize)]
pub(super) struct Track {
    pub(super) outcome: String,
    pub(super) success: bool,
    pub(super) answer: Option<String>,
    pub(super) steps: Vec<Shot>,
    /// Steps that are not shown.
    pub(super) left_out: usize,
}

/// One step: the screen that the action was chosen on, and the action.
#[derive(Debug, Serialize)]
pub(super) struct Shot {
    /// Position in [`Replay::pictures`].
    pub(super) picture: Option<usize>,
    /// Size of the screenshot as the device sent it; the touch is in these pixels.
    pub(super) size: (u32, u32),
    pub(super) touch: Option<(i32, i32)>,
    pub(super) direction: Option<Direction>,
    /// The action for people.
    pub(super) title: String,
    pub(super) note: String,
    /// The action as JSON.
    pub(super) action: String,
    pub(super) executed: bool,
    /// Probability of the choice at the temperature it was drawn with.
    pub(super) probability: Option<f64>,
}

/// How an instance's outcome changed, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Gained,
    Lost,
    Failed,
    Kept,
}

impl Change {
    fn words(self) -> &'static str {
        match self {
            Change::Gained => "failed before, succeeds after",
            Change::Lost => "succeeded before, fails after",
            Change::Failed => "fails before and after",
            Change::Kept => "succeeds before and after",
        }
    }
}

/// Chooses the scenes and makes their pictures. Pictures that can't be read are left out.
pub(super) fn replay(store: &Store, compared: &Compared) -> Result<Replay, ReportError> {
    let before = episodes_of(store, compared.before.as_ref())?;
    let after = episodes_of(store, compared.after.as_ref())?;
    let mut album = Album {
        store,
        known: BTreeMap::new(),
        pictures: Vec::new(),
    };
    let mut scenes = Vec::new();
    let candidates = candidates(&before, &after);
    if candidates.is_empty() {
        // Only one evaluation so far: its first success, else its first failure.
        let alone = |list: &[EpisodeRow]| -> Option<EpisodeRow> {
            let judged = || list.iter().filter(|row| row.outcome.is_judged());
            judged()
                .find(|row| succeeded(row))
                .or_else(|| judged().next())
                .cloned()
        };
        if let Some(row) = alone(&before) {
            let track = album.track(&row)?;
            scenes.push(scene(&row, "one episode", Some(track), None));
        } else if let Some(row) = alone(&after) {
            let track = album.track(&row)?;
            scenes.push(scene(&row, "one episode", None, Some(track)));
        }
    }
    for (change, earlier, later) in choose(store, candidates)? {
        let tracks = (album.track(earlier)?, album.track(later)?);
        scenes.push(scene(
            earlier,
            change.words(),
            Some(tracks.0),
            Some(tracks.1),
        ));
    }
    Ok(Replay {
        scenes,
        pictures: album.pictures,
    })
}

fn scene(
    row: &EpisodeRow,
    change: &'static str,
    before: Option<Track>,
    after: Option<Track>,
) -> Scene {
    Scene {
        task: row.instance.task.clone(),
        goal: row.instance.goal.clone(),
        // A seed has 64 bits; a number of JavaScript has 53.
        seed: row.instance.seed.to_string(),
        change,
        before,
        after,
    }
}

fn succeeded(row: &EpisodeRow) -> bool {
    row.outcome.reward().is_some_and(|reward| reward >= 1.0)
}

type Candidate<'a> = (Change, &'a EpisodeRow, &'a EpisodeRow);

/// Judged episodes on the same task and seed, paired in their order, the most telling first.
fn candidates<'a>(before: &'a [EpisodeRow], after: &'a [EpisodeRow]) -> Vec<Candidate<'a>> {
    let mut partners: BTreeMap<(&str, u64), Vec<&EpisodeRow>> = BTreeMap::new();
    for row in after.iter().rev().filter(|row| row.outcome.is_judged()) {
        partners
            .entry((&row.instance.task, row.instance.seed))
            .or_default()
            .push(row);
    }
    let mut pairs: Vec<Candidate<'a>> = before
        .iter()
        .filter(|row| row.outcome.is_judged())
        .filter_map(|earlier| {
            let key = (earlier.instance.task.as_str(), earlier.instance.seed);
            let later = partners.get_mut(&key)?.pop()?;
            let change = match (succeeded(earlier), succeeded(later)) {
                (false, true) => Change::Gained,
                (true, false) => Change::Lost,
                (false, false) => Change::Failed,
                (true, true) => Change::Kept,
            };
            Some((change, earlier, later))
        })
        .collect();
    // Of one kind, longer solutions show more; the sort is stable, so plan order decides ties.
    pairs.sort_by_key(|(change, _, later)| (*change, std::cmp::Reverse(later.steps.min(8))));
    pairs
}

/// One scene a task; gains first, and one loss where there is one: a report that shows only
/// what went well would not be one.
fn choose<'a>(
    store: &Store,
    candidates: Vec<Candidate<'a>>,
) -> Result<Vec<Candidate<'a>>, ReportError> {
    let mut chosen: Vec<Candidate<'a>> = Vec::new();
    let mut without_pictures = None;
    let mut tasks = BTreeSet::new();
    let mut looked_at = 0;
    for candidate in candidates {
        let (change, earlier, later) = candidate;
        let of_kind = chosen.iter().filter(|(kind, ..)| *kind == change).count();
        let room = match change {
            Change::Gained => MOST_SCENES - 1,
            Change::Lost | Change::Failed | Change::Kept => 1,
        };
        if of_kind >= room || tasks.contains(&earlier.instance.task) {
            continue;
        }
        if chosen.len() >= MOST_SCENES || looked_at >= MOST_LOOKED_AT {
            break;
        }
        looked_at += 1;
        let pictured = |row: &EpisodeRow| -> Result<bool, ReportError> {
            let steps = store.steps(row.id, false)?;
            Ok(steps.iter().any(|step| step.screenshot.is_some()))
        };
        if pictured(earlier)? && pictured(later)? {
            tasks.insert(&earlier.instance.task);
            chosen.push(candidate);
        } else if without_pictures.is_none() {
            without_pictures = Some(candidate);
        }
    }
    if chosen.is_empty() {
        chosen.extend(without_pictures);
    }
    Ok(chosen)
}

/// Position in the album, and the size of the screenshot that it was made of.
type Picture = (usize, (u32, u32));

/// Pictures by hash, each made once.
struct Album<'a> {
    store: &'a Store,
    known: BTreeMap<String, Option<Picture>>,
    pictures: Vec<String>,
}

impl Album<'_> {
    fn track(&mut self, row: &EpisodeRow) -> Result<Track, ReportError> {
        let steps = self.store.steps(row.id, false)?;
        let left_out = steps.len().saturating_sub(MOST_STEPS);
        let steps = steps
            .iter()
            .take(MOST_STEPS)
            .map(|step| self.shot(step))
            .collect();
        Ok(Track {
            outcome: outcome_words(&row.outcome),
            success: succeeded(row),
            answer: row.answer.clone(),
            steps,
            left_out,
        })
    }

    fn shot(&mut self, step: &StepRecord) -> Shot {
        let found = step
            .screenshot
            .as_deref()
            .and_then(|hash| self.picture(hash));
        let (picture, size) = found.map_or((None, (540, 1200)), |(at, size)| (Some(at), size));
        let probability = step.log_probability.exp();
        Shot {
            picture,
            size,
            touch: step.touch,
            direction: step.action.direction,
            title: title(&step.action),
            note: step.note.clone(),
            action: step.action.to_json(),
            executed: step.executed,
            probability: (step.log_probability < 0.0 && probability.is_finite())
                .then_some(probability),
        }
    }

    fn picture(&mut self, hash: &str) -> Option<Picture> {
        if let Some(known) = self.known.get(hash) {
            return *known;
        }
        let made = if self.pictures.len() < MOST_PICTURES {
            self.make(hash)
        } else {
            None
        };
        self.known.insert(hash.to_string(), made);
        made
    }

    /// A missing or damaged screenshot is a gap in the player, not an error.
    fn make(&mut self, hash: &str) -> Option<Picture> {
        let frame = pixels::decode_png(&self.store.blobs().get(hash).ok()?).ok()?;
        let width = PICTURE_WIDTH.min(frame.width);
        let height = (u64::from(frame.height) * u64::from(width) / u64::from(frame.width.max(1)))
            .clamp(1, 4000) as u32;
        let small = pixels::resize(&frame, width, height).ok()?;
        let jpeg = pixels::encode_jpeg(&small, PICTURE_QUALITY).ok()?;
        self.pictures.push(data_address("image/jpeg", &jpeg));
        Some((self.pictures.len() - 1, (frame.width, frame.height)))
    }
}

fn outcome_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Success { score } if *score >= 1.0 => "Success".into(),
        Outcome::Success { score } => format!("Partial, {score:.2}"),
        Outcome::Failure => "Failure".into(),
        Outcome::Truncated { cause } | Outcome::Invalid { cause } => {
            format!("Lost: {}", words(cause))
        }
    }
}

/// An action in a few words.
fn title(action: &Action) -> String {
    let quoted = |text: &Option<String>| text.as_deref().map(|text| format!(" “{text}”"));
    let direction = || match action.direction {
        Some(Direction::Up) => " up",
        Some(Direction::Down) => " down",
        Some(Direction::Left) => " left",
        Some(Direction::Right) => " right",
        None => "",
    };
    match action.action_type {
        ActionType::Click => "Tap".into(),
        ActionType::DoubleTap => "Double tap".into(),
        ActionType::LongPress => "Long press".into(),
        ActionType::InputText => format!("Type{}", quoted(&action.text).unwrap_or_default()),
        ActionType::KeyboardEnter => "Enter".into(),
        ActionType::NavigateHome => "Home".into(),
        ActionType::NavigateBack => "Back".into(),
        ActionType::Scroll => format!("Scroll{}", direction()),
        ActionType::Swipe => format!("Swipe{}", direction()),
        ActionType::OpenApp => format!("Open {}", action.app_name.as_deref().unwrap_or("an app")),
        ActionType::Wait => "Wait".into(),
        ActionType::Status => format!(
            "Declare {}",
            action.goal_status.as_deref().unwrap_or("the end")
        ),
        ActionType::Answer => format!("Answer{}", quoted(&action.text).unwrap_or_default()),
        ActionType::Unknown => "Not understood".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Instance;
    use crate::store::RoundKey;

    fn row(id: i64, task: &str, seed: u64, success: bool, steps: u32) -> EpisodeRow {
        EpisodeRow {
            id,
            key: RoundKey::evaluate(0),
            slot: 0,
            attempt: 0,
            instance: Instance {
                task: task.into(),
                params: Default::default(),
                seed,
                goal: String::new(),
                budget: 10,
                compat: Default::default(),
                state: serde_json::Value::Null,
            },
            device: String::new(),
            policy_version: 0,
            outcome: if success {
                Outcome::Success { score: 1.0 }
            } else {
                Outcome::Failure
            },
            answer: None,
            steps,
            started_at: 0,
            finished_at: 0,
        }
    }

    #[test]
    fn gains_come_first_and_longer_ones_before_shorter() {
        let before = [
            row(1, "A", 1, true, 3),
            row(2, "B", 1, false, 3),
            row(3, "C", 1, false, 3),
            row(4, "D", 1, true, 3),
            row(5, "E", 7, false, 3),
        ];
        let after = [
            row(11, "A", 1, false, 3),
            row(12, "B", 1, true, 2),
            row(13, "C", 1, true, 5),
            row(14, "D", 1, true, 3),
            row(15, "E", 8, true, 3),
        ];
        let ids: Vec<(i64, i64)> = candidates(&before, &after)
            .iter()
            .map(|(_, earlier, later)| (earlier.id, later.id))
            .collect();
        assert_eq!(ids, [(3, 13), (2, 12), (1, 11), (4, 14)]);
    }

    #[test]
    fn actions_have_titles() {
        assert_eq!(title(&Action::click(3)), "Tap");
        assert_eq!(title(&Action::input_text(1, "Ana")), "Type “Ana”");
        assert_eq!(title(&Action::scroll(Direction::Down)), "Scroll down");
        assert_eq!(title(&Action::open_app("Clock")), "Open Clock");
        assert_eq!(title(&Action::complete()), "Declare complete");
    }
}

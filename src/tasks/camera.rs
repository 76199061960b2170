//! Tasks with the camera, judged by what is new among pictures or films (catalogue section 3.3).

use std::collections::BTreeSet;

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::CAMERA;
use super::screen::{Look, back, open, steps};
use super::{Solution, Task, TaskError, base, params, paths};
use crate::device::Device;
use crate::domain::{Action, Direction, Instance, Params, TaskSpec};

const PICTURES: &str = "/sdcard/Pictures";
const FILMS: &str = "/sdcard/Movies";

/// Empties the folders of pictures and films.
fn clear() -> String {
    paths::clear(PICTURES) + &paths::clear(FILMS)
}

/// One picture or one film.
struct Take {
    spec: TaskSpec,
    goal: &'static str,
    folder: &'static str,
    film: bool,
}

/// Names that were there before.
#[derive(Serialize, Deserialize)]
struct Evidence {
    before: BTreeSet<String>,
}

impl Take {
    /// Lists the folder; nothing when there is none.
    fn list(&self) -> String {
        let folder = self.folder;
        format!("if [ -d {folder} ]; then ls {folder}; fi; true")
    }
}

/// Names of a listing.
fn names(listing: &str) -> BTreeSet<String> {
    let lines = listing.lines().map(|line| line.trim_end_matches('\r'));
    lines.map(str::to_owned).collect()
}

/// Passes the questions of a first start; none when there are none.
fn pass_questions(look: Look) -> Option<Action> {
    ["While using the app", "Allow", "NEXT"]
        .into_iter()
        .find_map(|button| look.tap_named(button))
}

/// The list of modes from the side, then films.
fn choose_films(look: Look) -> Action {
    look.tap_named("Video")
        .unwrap_or_else(|| Action::scroll(Direction::Left))
}

#[async_trait]
impl Task for Take {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, _rng: &mut ChaCha8Rng) -> Params {
        Params::new()
    }

    fn goal(&self, _params: &Params) -> Result<String, TaskError> {
        Ok(self.goal.to_owned())
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let script = clear() + &self.list();
        let listing = base::init(device, &self.spec, &script).await?;
        let before = names(&listing);
        params::keep(instance, &Evidence { before });
        Ok(())
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let Evidence { before } = params::evidence(instance)?;
        let after = names(&device.adb().query(&self.list()).await?);
        Ok(after.difference(&before).count() == 1)
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        base::teardown(device, &self.spec, &clear()).await
    }

    fn solution(&self, _instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let film = self.film;
        let mut filming = false;
        let mut taken = false;
        Ok(steps(move |look| {
            if taken {
                return Action::complete();
            }
            if let Some(action) = pass_questions(look) {
                return action;
            }
            if !look.shows(CAMERA) {
                return open(CAMERA);
            }
            if film && !filming {
                filming = look.has("Video");
                return choose_films(look);
            }
            // A film ends with the second press.
            taken = !film || look.id("recording_time").is_some();
            look.tap_named("Shutter").unwrap_or_else(back)
        }))
    }
}

const fn take(
    name: &'static str,
    difficulty: &'static str,
    goal: &'static str,
    folder: &'static str,
    film: bool,
) -> Take {
    Take {
        spec: TaskSpec::new(name, &["camera"], 1.0, difficulty, &[], &[]),
        goal,
        folder,
        film,
    }
}

/// The tasks of this file.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &take(
        "CameraTakePhoto",
        "easy",
        "Use the camera to take exactly one picture.",
        PICTURES,
        false,
    ),
    &take(
        "CameraTakeVideo",
        "medium",
        "Use the camera to film exactly one video.",
        FILMS,
        true,
    ),
];

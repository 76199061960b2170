//! The task in Simple Draw Pro (catalogue section 3.12).

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::DRAW;
use super::base;
use super::names;
use super::paths::{self, CLEAR_STORAGE};
use super::screen::{Look, back, open, steps};
use super::{Solution, Task, TaskError, params, pools};
use crate::device::Device;
use crate::domain::{Action, Direction, Instance, Params, TaskSpec};

/// Where the drawing goes.
const FOLDER: &str = "Pictures";
const PATH: &str = "/storage/emulated/0/Pictures";
/// Endings of drawings.
const ENDINGS: [&str; 3] = [".png", ".svg", ".jpg"];

/// SimpleDrawProCreateDrawing.
struct CreateDrawing {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    file_name: String,
    /// The benchmark has it and leaves it empty.
    text: String,
}

impl CreateDrawing {
    /// Name and ending of the file.
    fn read(&self, params: &Params) -> Result<(String, &'static str), TaskError> {
        let Given { file_name, .. } = params::read(&self.spec, params)?;
        names::check(&self.spec, &file_name)?;
        let (stem, ending) = names::split(&file_name);
        let known = ENDINGS.into_iter().find(|known| *known == ending);
        let wrong = || params::wrong(&self.spec, format!("{file_name:?} is no name of a drawing"));
        Ok((stem.to_owned(), known.ok_or_else(wrong)?))
    }
}

#[async_trait]
impl Task for CreateDrawing {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let word = pools::pick(&pools::LATIN, rng);
        let (name, ending) = (names::random(rng), pools::pick(&ENDINGS, rng));
        params::write(&Given {
            file_name: format!("{word}_{name}{ending}"),
            text: String::new(),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let (stem, ending) = self.read(params)?;
        Ok(format!(
            "Draw whatever you like in Simple Draw Pro and save it in the folder {FOLDER} of the device's storage, as a {ending} file with the name \"{stem}\"."
        ))
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        // Folders outlive the clearing of the storage, but not everything that agents do.
        let script = format!("{CLEAR_STORAGE}mkdir -p {PATH}");
        base::init(device, &self.spec, &script).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let (stem, ending) = self.read(&instance.params)?;
        paths::holds(device, PATH, &format!("{stem}{ending}")).await
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        base::teardown(device, &self.spec, CLEAR_STORAGE).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let (stem, ending) = self.read(&instance.params)?;
        let mut saved = false;
        let mut at_root = false;
        Ok(steps(move |look| {
            if saved {
                return Action::complete();
            }
            if let Some(field) = look.id("save_image_filename") {
                if look.text(field) != stem {
                    return Action::input_text(field, &*stem);
                }
                let kind = look.named(ending);
                return match kind.filter(|kind| !look.element(*kind).is_checked) {
                    Some(kind) => look.tap(kind),
                    None => look.tap_named("OK").unwrap_or_else(back),
                };
            }
            if let Some(action) = choose_place(look, &mut at_root) {
                saved = look.has("SAVE") && Some(&action) == look.tap_named("SAVE").as_ref();
                return action;
            }
            if !look.shows(DRAW) {
                return open(DRAW);
            }
            match (look.id("my_canvas"), look.has("Undo")) {
                (None, _) => back(),
                // A finger that scrolls draws a line here.
                (Some(_), false) => Action::scroll(Direction::Down),
                (Some(_), true) => look.tap_id("menu_save").unwrap_or_else(back),
            }
        }))
    }
}

/// The next step on the system's page for places: to the folder from the root, then SAVE. `None` when
/// another page is shown. `at_root` is whether the root was chosen.
fn choose_place(look: Look<'_>, at_root: &mut bool) -> Option<Action> {
    let titles = || {
        look.elements()
            .filter(|(_, element)| element.resource_entry() == "title" && !element.is_editable)
    };
    if look.id("roots_list").is_some() {
        // The storage is the last of the roots.
        let (storage, _) = titles().last()?;
        *at_root = true;
        return Some(look.tap(storage));
    }
    let save = look.tap_named("SAVE")?;
    let here = look
        .elements()
        .filter(|(_, element)| element.resource_entry() == "breadcrumb_text")
        .last();
    if here.is_some_and(|(index, _)| look.text(index) == FOLDER) {
        return Some(save);
    }
    let folder = titles().find(|(index, _)| look.text(*index) == FOLDER);
    Some(match folder {
        Some((index, _)) => look.tap(index),
        None if *at_root => Action::scroll(Direction::Down),
        None => look.tap_named("Show roots").unwrap_or_else(back),
    })
}

/// The tasks of this file.
pub(super) const TASKS: &[&'static dyn Task] = &[&CreateDrawing {
    spec: TaskSpec {
        name: "SimpleDrawProCreateDrawing",
        apps: &["simple draw pro"],
        complexity: 1.8,
        difficulty: "easy",
        tags: &["data_entry", "parameterized"],
        params: &["file_name", "text"],
    },
}];

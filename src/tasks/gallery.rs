//! Tasks in Simple Gallery Pro (catalogue section 3.12), and the way to a picture for the tasks of other apps.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::GALLERY;
use super::base;
use super::names;
use super::paths::{self, CLEAR_STORAGE};
use super::pictures::{self, Receipt};
use super::screen::{Look, back, is_named, open, steps};
use super::{Solution, Task, TaskError, params};
use crate::device::Device;
use crate::domain::{Action, Direction, Instance, Params, TaskSpec};

/// The folder that the copy goes to.
const DOWNLOAD: &str = "/storage/emulated/0/Download";

/// Leads to a picture of the folder DCIM on the whole screen.
pub(super) struct Viewing {
    file: String,
    seen: bool,
}

impl Viewing {
    /// The way to a file.
    pub fn of(file: &str) -> Viewing {
        Viewing {
            file: file.to_owned(),
            seen: false,
        }
    }

    /// The next action, or `None` once the picture was seen.
    pub fn next(&mut self, look: Look) -> Option<Action> {
        if self.seen {
            return None;
        }
        if look.id("medium_viewer_toolbar").is_some() {
            self.seen = look.has(&self.file);
            return (!self.seen).then(back);
        }
        Some(match find_tile(look, &self.file) {
            Found::Tile(tile) => look.tap(tile),
            Found::Not(action) => action,
        })
    }
}

/// A small picture, or the way to it.
enum Found {
    Tile(usize),
    Not(Action),
}

/// The small picture of a file of DCIM, or the next action towards it.
fn find_tile(look: Look, file: &str) -> Found {
    if !look.shows(GALLERY) {
        return Found::Not(open(GALLERY));
    }
    if let Some(grid) = look.id("media_grid") {
        let names = look.id("medium_name").is_some();
        let tile = look
            .find(|element| element.resource_entry() == "medium_name" && is_named(element, file));
        if let Some(tile) = tile {
            return Found::Tile(tile);
        }
        return Found::Not(match look.tap_id("toggle_filename") {
            Some(toggle) if !names => toggle,
            Some(_) => Action::scroll_in(grid, Direction::Down),
            None => back(),
        });
    }
    let folder =
        look.find(|element| element.resource_entry() == "dir_name" && is_named(element, "DCIM"));
    Found::Not(match folder {
        Some(folder) if look.id("main_menu").is_some() || look.id("open_camera").is_some() => {
            look.tap(folder)
        }
        _ => back(),
    })
}

/// SaveCopyOfReceiptTaskEval.
struct SaveCopy {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    file_name: String,
    /// What the picture shows; it is drawn when the task begins.
    receipt_image: Receipt,
}

impl SaveCopy {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        names::check(&self.spec, &given.file_name)?;
        Ok(given)
    }
}

#[async_trait]
impl Task for SaveCopy {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&Given {
            file_name: format!("receipt_{}.jpg", names::random(rng)),
            receipt_image: Receipt::draw(1, rng),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let Given { file_name, .. } = self.read(params)?;
        Ok(format!(
            "Use Simple Gallery Pro to put a copy of {file_name}, which is in DCIM, into the folder Download under the same name."
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        // An agent may have deleted the folders, which clearing leaves alone.
        let script = format!("{CLEAR_STORAGE}mkdir -p {} {DOWNLOAD}", pictures::DCIM);
        base::init(device, &self.spec, &script).await?;
        let path = format!("{}/{}", pictures::DCIM, given.file_name);
        pictures::push(device, &path, given.receipt_image.picture()).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        paths::holds(device, DOWNLOAD, &given.file_name).await
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        base::teardown(device, &self.spec, CLEAR_STORAGE).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let Given { file_name, .. } = self.read(&instance.params)?;
        let mut copied = false;
        Ok(steps(move |look| {
            if copied {
                return Action::complete();
            }
            if let Some(list) = look.id("filepicker_list") {
                let crumbs: Vec<&str> = look
                    .elements()
                    .filter(|(_, element)| element.resource_entry() == "breadcrumb_text")
                    .map(|(index, _)| look.text(index))
                    .collect();
                return match crumbs[..] {
                    ["Internal", "Download"] => {
                        copied = true;
                        look.tap_named("OK").unwrap_or_else(back)
                    }
                    ["Internal"] => look
                        .tap_named("Download")
                        .unwrap_or_else(|| Action::scroll_in(list, Direction::Down)),
                    _ => look.tap_named("Internal").unwrap_or_else(back),
                };
            }
            for step in ["Other folder", "Copy to"] {
                if let Some(action) = look.tap_named(step) {
                    return action;
                }
            }
            match find_tile(look, &file_name) {
                Found::Tile(_) if look.id("cab_title").is_some() => {
                    look.tap_named("More options").unwrap_or_else(back)
                }
                Found::Tile(tile) => Action::long_press(look.target(tile)),
                Found::Not(action) => action,
            }
        }))
    }
}

/// The tasks of this file.
pub(super) const TASKS: &[&'static dyn Task] = &[&SaveCopy {
    spec: TaskSpec {
        name: "SaveCopyOfReceiptTaskEval",
        apps: &["simple gallery pro"],
        complexity: 1.6,
        difficulty: "hard",
        tags: &["parameterized", "complex_ui_understanding"],
        params: &["file_name", "receipt_image"],
    },
}];

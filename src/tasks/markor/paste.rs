//! Making a note of what is on the clipboard.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::clipboard::{self, BarButton, touch_bar};
use super::super::screen::{Scan, steps};
use super::super::{Solution, Task, TaskError, names, params};
use super::create::name_note;
use super::notebook::{self, Prepared};
use super::view;
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// MarkorCreateNoteFromClipboard.
pub(super) struct Paste {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    file_name: String,
    file_content: String,
}

impl Paste {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        names::check(&self.spec, &given.file_name)?;
        match given.file_content.trim().is_empty() {
            true => Err(params::wrong(&self.spec, "file_content is empty")),
            false => Ok(given),
        }
    }
}

#[async_trait]
impl Task for Paste {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&Given {
            file_name: names::note(rng),
            file_content: names::characters(10, rng),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let Given { file_name, .. } = self.read(params)?;
        Ok(format!(
            "Make a note in Markor named \"{file_name}\" and paste what is on the clipboard into it."
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        Prepared::empty(true).run(device, &self.spec).await?;
        clipboard::set(device, &given.file_content).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        let found = notebook::find(device, &given.file_name).await?;
        Ok(found.holds(&given.file_name, &given.file_content))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, true).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let file_name = self.read(&instance.params)?.file_name;
        let mut scan = Scan::default();
        let mut pressed = false;
        Ok(steps(move |look| {
            if let Some(action) = name_note(look, &file_name) {
                return action;
            }
            if let Some(editor) = view::editor(look, &file_name) {
                if look.text(editor).trim().is_empty() {
                    pressed = !pressed;
                    return match pressed {
                        true => Action::long_press(editor),
                        false => touch_bar(look, editor, BarButton::Paste),
                    };
                }
                return match look.id("action_save") {
                    Some(save) if look.element(save).is_enabled => look.tap(save),
                    _ => Action::complete(),
                };
            }
            view::towards_new(look, &mut scan, &file_name)
        }))
    }
}

/// MarkorCreateNoteFromClipboard.
pub(super) const PASTE: Paste = Paste {
    spec: TaskSpec {
        name: "MarkorCreateNoteFromClipboard",
        apps: &["markor", "clipper"],
        complexity: 1.4,
        difficulty: "medium",
        tags: &["data_entry", "parameterized"],
        params: &["file_name", "file_content"],
    },
};

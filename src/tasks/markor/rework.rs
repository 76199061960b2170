//! Changing a note's text and its name: a header above the old text, or another text.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::comparison::fuzzy;
use super::super::screen::{Scan, back, steps};
use super::super::{Solution, Task, TaskError, init_stream, names, params};
use super::notebook::{self, Prepared};
use super::view;
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// MarkorAddNoteHeader and MarkorChangeNoteContent.
pub(super) struct Rework {
    spec: TaskSpec,
    /// The old text stays below a header; else the text is another one.
    header: bool,
}

/// Parameters of MarkorAddNoteHeader.
#[derive(Serialize, Deserialize)]
struct HeaderParams {
    original_name: String,
    original_content: String,
    new_name: String,
    header: String,
}

/// Parameters of MarkorChangeNoteContent.
#[derive(Serialize, Deserialize)]
struct ContentParams {
    original_name: String,
    new_name: String,
    updated_content: String,
}

/// What both come to.
#[derive(Debug, Clone)]
struct Given {
    old_name: String,
    new_name: String,
    /// The text before, where it matters.
    old_text: Option<String>,
    /// The text after, without the line break at its end.
    text: String,
}

impl Rework {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given = if self.header {
            let given: HeaderParams = params::read(&self.spec, params)?;
            Given {
                text: format!("{}\n\n{}", given.header, given.original_content),
                old_text: Some(given.original_content),
                old_name: given.original_name,
                new_name: given.new_name,
            }
        } else {
            let given: ContentParams = params::read(&self.spec, params)?;
            Given {
                text: given.updated_content,
                old_text: None,
                old_name: given.original_name,
                new_name: given.new_name,
            }
        };
        names::check(&self.spec, &given.old_name)?;
        names::check(&self.spec, &given.new_name)?;
        Ok(given)
    }
}

#[async_trait]
impl Task for Rework {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let (original_name, new_name) = (names::note(rng), names::note(rng));
        if self.header {
            params::write(&HeaderParams {
                original_name,
                original_content: names::sentence(rng),
                new_name,
                header: names::characters(20, rng),
            })
        } else {
            params::write(&ContentParams {
                original_name,
                new_name,
                updated_content: names::characters(20, rng),
            })
        }
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let Given {
            old_name,
            new_name,
            text,
            ..
        } = self.read(params)?;
        Ok(match self.header {
            true => format!(
                "Put a header and an empty line above the text of \"{old_name}\" in Markor, rename it to \"{new_name}\". It then reads:\n{text}"
            ),
            false => format!(
                "Replace the text of \"{old_name}\" in Markor with {text} and rename it to \"{new_name}\"."
            ),
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let mut rng = init_stream(instance);
        let mut prepared = Prepared::empty(false);
        let text = given
            .old_text
            .unwrap_or_else(|| names::characters(20, &mut rng));
        prepared.file("", &given.old_name, &text);
        let noise = names::noise(&given.old_name, &names::titles(), 20, &mut rng);
        prepared.noise("", &noise, &mut rng);
        prepared.run(device, &self.spec).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        let found = notebook::find(device, &given.new_name).await?;
        let renamed = !found.has(&given.old_name) && found.has(&given.new_name);
        let written = match (self.header, found.text.as_deref()) {
            (true, Some(text)) => text == format!("{}\n", given.text),
            (_, text) => fuzzy(text.map(str::trim), Some(&given.text)),
        };
        Ok(renamed && written)
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, false).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        let mut scan = Scan::default();
        let (mut written, mut renamed) = (false, false);
        Ok(steps(move |look| {
            if let Some(field) = look.id("new_name") {
                if look.text(field) != given.new_name {
                    return Action::input_text(field, &given.new_name);
                }
                renamed = true;
                return view::ok(look);
            }
            let editor =
                view::editor(look, &given.old_name).or_else(|| view::editor(look, &given.new_name));
            if let Some(editor) = editor {
                let wanted = format!("{}\n", given.text);
                let held = look.text(editor);
                if held == wanted {
                    written = true;
                    // The arrow stores the text.
                    return look.tap_named("Navigate up").unwrap_or_else(back);
                }
                // Typing ends with a line break, or where it does not, one is typed.
                let missing = held == given.text;
                return Action::input_text(editor, if missing { &wanted } else { &given.text });
            }
            if let Some(action) = view::reach(look, &mut scan, "") {
                return action;
            }
            let rows = view::rows(look);
            let selecting = rows.iter().any(|row| row.chosen);
            let stranger = rows
                .iter()
                .find(|row| row.chosen && !(written && row.is(&given.old_name)));
            if let Some(stranger) = stranger {
                return Action::click(stranger.index);
            }
            let find = |name: &str| rows.iter().find(|row| row.is(name));
            match find(&given.old_name) {
                Some(_) if written && selecting => look.tap_named("Rename").unwrap_or_else(back),
                Some(row) if written => Action::long_press(row.index),
                Some(row) => Action::click(row.index),
                None if written && renamed => Action::complete(),
                None => match find(&given.new_name) {
                    Some(row) if !written => Action::click(row.index),
                    _ => scan.next(look),
                },
            }
        }))
    }
}

/// MarkorAddNoteHeader.
pub(super) const ADD_HEADER: Rework = Rework {
    spec: TaskSpec::new(
        "MarkorAddNoteHeader",
        &["markor"],
        1.2,
        "medium",
        &["data_entry", "parameterized"],
        &["original_name", "original_content", "new_name", "header"],
    ),
    header: true,
};
/// MarkorChangeNoteContent.
pub(super) const CHANGE_CONTENT: Rework = Rework {
    spec: TaskSpec::new(
        "MarkorChangeNoteContent",
        &["markor"],
        1.2,
        "medium",
        &["data_entry", "requires_setup", "parameterized"],
        &["original_name", "new_name", "updated_content"],
    ),
    header: false,
};

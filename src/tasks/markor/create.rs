//! Making notes and folders.

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::screen::{Look, Scan, back, steps};
use super::super::sub_checks::Parts;
use super::super::{Solution, Task, TaskError, init_stream, names, params};
use super::notebook::{self, Prepared};
use super::view;
use crate::device::Device;
use crate::domain::{Action, Direction, Instance, Params, TaskSpec};

/// MarkorCreateFolder.
pub(super) struct Folder {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct FolderName {
    folder_name: String,
}

impl Folder {
    fn read(&self, params: &Params) -> Result<String, TaskError> {
        let FolderName { folder_name } = params::read(&self.spec, params)?;
        names::check(&self.spec, &folder_name)?;
        Ok(folder_name)
    }
}

#[async_trait]
impl Task for Folder {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        // The benchmark takes the host's clock; a seed must do.
        params::write(&FolderName {
            folder_name: format!(
                "folder_2023{:02}{:02}_{:02}{:02}{:02}",
                rng.random_range(1..=12),
                rng.random_range(1..=28),
                rng.random_range(0..24),
                rng.random_range(0..60),
                rng.random_range(0..60)
            ),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let name = self.read(params)?;
        Ok(format!("Make a folder named \"{name}\" in Markor."))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let mut rng = init_stream(instance);
        let mut prepared = Prepared::empty(false);
        let noise = names::noise("file", &names::titles(), 20, &mut rng);
        prepared.noise("", &noise, &mut rng);
        prepared.run(device, &self.spec).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let name = self.read(&instance.params)?;
        Ok(notebook::find(device, &name).await?.has(&name))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, false).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let name = self.read(&instance.params)?;
        let mut scan = Scan::default();
        let mut made = false;
        Ok(steps(move |look| {
            if let Some(field) = look.id("new_file_dialog__name") {
                if look.text(field) != name {
                    return Action::input_text(field, &name);
                }
                made = true;
                return look.tap_named("FOLDER").unwrap_or_else(back);
            }
            if let Some(action) = view::reach(look, &mut scan, "") {
                return action;
            }
            if view::row(look, &name).is_some() {
                return Action::complete();
            }
            // Folders stand first; the list may be further down.
            if std::mem::take(&mut made) {
                return Action::scroll(Direction::Up);
            }
            look.tap_id("fab_add_new_item").unwrap_or_else(back)
        }))
    }
}

/// MarkorCreateNote.
pub(super) struct Note {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct NoteParams {
    file_name: String,
    text: String,
}

impl Note {
    fn read(&self, params: &Params) -> Result<NoteParams, TaskError> {
        let given: NoteParams = params::read(&self.spec, params)?;
        names::check(&self.spec, &given.file_name)?;
        Ok(given)
    }
}

#[async_trait]
impl Task for Note {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&NoteParams {
            file_name: names::note(rng),
            text: names::sentence(rng),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let NoteParams { file_name, text } = self.read(params)?;
        Ok(format!(
            "Create a note in Markor named \"{file_name}\" with this text: {text}"
        ))
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        Prepared::empty(true)
            .run(device, &self.spec)
            .await
            .map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let NoteParams { file_name, text } = self.read(&instance.params)?;
        is_written(device, &file_name, &text).await
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let NoteParams { file_name, text } = self.read(&instance.params)?;
        let found = notebook::find(device, &file_name).await?;
        let reached = found.holds(&file_name, &text);
        Ok(Parts::of(&[found.has(&file_name), reached]).share(reached))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, true).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let NoteParams { file_name, text } = self.read(&instance.params)?;
        Ok(writing(file_name, text))
    }
}

/// Whether the notebook has a file of that name with nearly that text (the rule for notes that are made).
pub(super) async fn is_written(
    device: &Device,
    file_name: &str,
    text: &str,
) -> Result<bool, TaskError> {
    let found = notebook::find(device, file_name).await?;
    Ok(found.holds(file_name, text))
}

/// Makes a note with a text.
pub(super) fn writing(file_name: String, text: String) -> Box<dyn Solution> {
    let mut scan = Scan::default();
    steps(move |look| {
        if let Some(action) = name_note(look, &file_name) {
            return action;
        }
        if let Some(editor) = view::editor(look, &file_name) {
            return write(look, editor, &text).unwrap_or_else(Action::complete);
        }
        view::towards_new(look, &mut scan, &file_name)
    })
}

/// Fills in the dialog for new files; `None` where it is not in front.
pub(super) fn name_note(look: Look, file_name: &str) -> Option<Action> {
    if look.id("new_file_dialog__name").is_none() {
        // The list of types in front of the dialog.
        return look.tap_named("None");
    }
    let (stem, ending) = names::split(file_name);
    let held = |id: &str| {
        let index = look.id(id)?;
        Some((index, look.text(index)))
    };
    if let Some((field, text)) = held("new_file_dialog__name")
        && text != stem
    {
        return Some(Action::input_text(field, stem));
    }
    // The hint of the ending is `.md` too: a field that seems empty may hold just that.
    // For no ending at all, the type says that there is none; it stands above that of templates.
    let none = look.text_of("text1") == "None";
    let fits = |text: &str| match ending {
        "" => none,
        ".md" => text.is_empty() || text == ending,
        _ => text == ending,
    };
    Some(match held("new_file_dialog__ext") {
        Some((_, text)) if !fits(text) && ending.is_empty() => {
            look.tap_id("new_file_dialog__type").unwrap_or_else(back)
        }
        Some((field, text)) if !fits(text) => Action::input_text(field, ending),
        _ => view::ok(look),
    })
}

/// The next action towards a text in the editor, stored; `None` when it is.
pub(super) fn write(look: Look, editor: usize, text: &str) -> Option<Action> {
    if look.text(editor).trim() != text.trim() {
        return Some(Action::input_text(editor, text));
    }
    let save = look.id("action_save")?;
    look.element(save).is_enabled.then(|| look.tap(save))
}

/// MarkorCreateFolder.
pub(super) const FOLDER: Folder = Folder {
    spec: TaskSpec {
        name: "MarkorCreateFolder",
        apps: &["markor"],
        complexity: 1.0,
        difficulty: "easy",
        tags: &["data_entry", "parameterized"],
        params: &["folder_name"],
    },
};
/// MarkorCreateNote.
pub(super) const NOTE: Note = Note {
    spec: TaskSpec {
        name: "MarkorCreateNote",
        apps: &["markor"],
        complexity: 1.6,
        difficulty: "medium",
        tags: &["data_entry", "parameterized"],
        params: &["file_name", "text"],
    },
};

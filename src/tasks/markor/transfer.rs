//! Moving a note from one folder to another.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;

use super::super::moving::{self, Given};
use super::super::pools;
use super::super::screen::{Scan, back, steps};
use super::super::{Solution, Task, TaskError, init_stream, names, params};
use super::notebook::{self, Prepared};
use super::view;
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// MarkorMoveNote.
pub(super) struct Move {
    spec: TaskSpec,
}

#[async_trait]
impl Task for Move {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let file_name = names::note(rng);
        let source_folder = pools::pick(&pools::FOLDERS, rng);
        let others: Vec<&str> = pools::FOLDERS
            .into_iter()
            .filter(|folder| *folder != source_folder)
            .collect();
        params::write(&Given {
            file_name,
            destination_folder: pools::pick(&others, rng),
            source_folder,
            noise_candidates: names::titles(),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let Given {
            file_name,
            source_folder,
            destination_folder,
            ..
        } = Given::read(&self.spec, params)?;
        Ok(format!(
            "Move the note \"{file_name}\" in Markor from the folder {source_folder} to the folder {destination_folder}."
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let mut rng = init_stream(instance);
        let mut prepared = Prepared::empty(true);
        let noise = names::noise(&given.file_name, &given.noise_candidates, 20, &mut rng);
        prepared.noise(&given.source_folder, &noise, &mut rng);
        let text = names::characters(20, &mut rng);
        prepared.file(&given.source_folder, &given.file_name, &text);
        prepared.folder(&given.destination_folder);
        prepared.run(device, &self.spec).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let place = |folder: &str| format!("{folder}/{}", given.file_name);
        let found = notebook::find(device, "").await?;
        let gone = !found.has(&place(&given.source_folder));
        Ok(gone && found.has(&place(&given.destination_folder)))
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let place = |folder: &str| format!("{folder}/{}", given.file_name);
        let found = notebook::find(device, "").await?;
        let here = found.has(&place(&given.source_folder));
        let there = found.has(&place(&given.destination_folder));
        // Half way it is in both places; gone from the first alone, it is lost.
        Ok(match (here, there) {
            (_, false) => 0.0,
            (true, true) => 0.5,
            (false, true) => 1.0,
        })
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, true).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let mut scan = Scan::default();
        let mut moved = false;
        Ok(steps(move |look| {
            if let Some(take) = look.id("ui__filesystem_dialog__button_ok") {
                let title = look.text_of("ui__filesystem_dialog__title");
                let here = title.rsplit("→ ").next().unwrap_or("");
                if here == given.destination_folder {
                    moved = true;
                    return look.tap(take);
                }
                if let Some(row) = view::row(look, &given.destination_folder) {
                    scan.restart();
                    return Action::click(row.index);
                }
                if here.eq_ignore_ascii_case("markor") {
                    return scan.next(look);
                }
                return look
                    .tap_id("ui__filesystem_dialog__home")
                    .unwrap_or_else(back);
            }
            // The menu of the chosen note.
            if let Some(entry) = look.tap_named("Move") {
                scan.restart();
                return entry;
            }
            if let Some(action) = view::reach(look, &mut scan, &given.source_folder) {
                return action;
            }
            let rows = view::rows(look);
            let stranger = rows
                .iter()
                .find(|row| row.chosen && !row.is(&given.file_name));
            if let Some(stranger) = stranger {
                return Action::click(stranger.index);
            }
            match rows.iter().find(|row| row.is(&given.file_name)) {
                Some(row) if row.chosen => look.tap_named("More options").unwrap_or_else(back),
                Some(row) => Action::long_press(row.index),
                None if moved => Action::complete(),
                None => scan.next(look),
            }
        }))
    }
}

/// MarkorMoveNote.
pub(super) const MOVE: Move = Move {
    spec: TaskSpec {
        name: "MarkorMoveNote",
        apps: &["markor"],
        complexity: 1.4,
        difficulty: "medium",
        tags: &["parameterized", "complex_ui_understanding"],
        params: moving::PARAMS,
    },
};

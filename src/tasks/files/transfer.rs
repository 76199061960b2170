//! Moving a file from one folder to another.

use async_trait::async_trait;
use rand::seq::{IndexedRandom, index};
use rand_chacha::ChaCha8Rng;

use super::super::moving::{self, Given};
use super::super::screen::{Look, Scan, back, steps};
use super::super::{Solution, Task, TaskError, init_stream, params};
use super::browse::{self, Choice};
use super::folders::FOLDERS;
use super::storage;
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// FilesMoveFile.
pub(super) struct Move {
    spec: TaskSpec,
}

/// The picker's button that moves, whatever its capitals.
fn move_button(look: Look) -> Option<usize> {
    look.find(|element| {
        element.resource_entry() == "button1"
            && element
                .text
                .as_deref()
                .is_some_and(|text| text.eq_ignore_ascii_case("move"))
    })
}

#[async_trait]
impl Task for Move {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let two = index::sample(rng, FOLDERS.len(), 2);
        let (source, destination) = (&FOLDERS[two.index(0)], &FOLDERS[two.index(1)]);
        let file_name = destination.files.choose(rng).copied().unwrap_or("file.pdf");
        params::write(&Given {
            file_name: file_name.to_owned(),
            source_folder: source.name.to_owned(),
            destination_folder: destination.name.to_owned(),
            noise_candidates: source.pool(),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = Given::read(&self.spec, params)?;
        Ok(format!(
            "In Files, move the file {} from the folder {} to the folder {}, both of the storage sdk_gphone_x86_64.",
            given.file_name, given.source_folder, given.destination_folder
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let mut rng = init_stream(instance);
        let (folder, name) = (&given.source_folder, &given.file_name);
        let (variants, further) = (&given.noise_candidates, &given.destination_folder);
        storage::prepare(
            device,
            &self.spec,
            folder,
            name,
            variants,
            Some(further),
            &mut rng,
        )
        .await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let folders = [&*given.source_folder, &*given.destination_folder];
        let there = storage::holders(device, &given.file_name, folders).await?;
        Ok(there == [false, true])
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let folders = [&*given.source_folder, &*given.destination_folder];
        let [here, there] = storage::holders(device, &given.file_name, folders).await?;
        // Half way it is in both places; gone from the first alone, it is lost.
        Ok(match (here, there) {
            (_, false) => 0.0,
            (true, true) => 0.5,
            (false, true) => 1.0,
        })
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        storage::teardown(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let mut scan = Scan::default();
        // The picker is open: from the touch on its menu entry on, also behind its drawer.
        let mut picking = false;
        let mut moved = false;
        Ok(steps(move |look| {
            if let Some(entry) = look.find(|element| {
                let text = element.text.as_deref().unwrap_or("");
                text.starts_with("Move to")
            }) {
                scan.restart();
                picking = true;
                return look.tap(entry);
            }
            if picking {
                let to = &given.destination_folder;
                return match browse::reach(look, &mut scan, to) {
                    Some(action) => action,
                    None => {
                        picking = false;
                        moved = true;
                        move_button(look).map_or_else(back, |button| look.tap(button))
                    }
                };
            }
            if let Some(action) = browse::reach(look, &mut scan, &given.source_folder) {
                return action;
            }
            match browse::choose(look, &given.file_name) {
                Choice::Done => look.tap_named("More options").unwrap_or_else(back),
                Choice::Step(action) => action,
                Choice::Unseen if moved => Action::complete(),
                Choice::Unseen => scan.next(look),
            }
        }))
    }
}

/// FilesMoveFile.
pub(super) const MOVE: Move = Move {
    spec: TaskSpec {
        name: "FilesMoveFile",
        apps: &["files"],
        complexity: 2.0,
        difficulty: "medium",
        tags: &["search", "screen_reading", "parameterized"],
        params: moving::PARAMS,
    },
};

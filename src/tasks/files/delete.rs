//! Deleting a file.

use async_trait::async_trait;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::screen::{Scan, back, steps};
use super::super::{Solution, Task, TaskError, init_stream, names, params};
use super::browse::{self, Choice};
use super::folders::FOLDERS;
use super::storage;
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// FilesDeleteFile.
pub(super) struct Delete {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    file_name: String,
    subfolder: String,
    noise_candidates: Vec<String>,
}

impl Delete {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        names::check(&self.spec, &given.file_name)?;
        names::check(&self.spec, &given.subfolder)?;
        Ok(given)
    }
}

#[async_trait]
impl Task for Delete {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let folder = FOLDERS.choose(rng).unwrap_or(&FOLDERS[0]);
        let ending = folder.files.first().map_or("", |name| names::split(name).1);
        params::write(&Given {
            file_name: format!("{}{ending}", names::random(rng)),
            subfolder: folder.name.to_owned(),
            noise_candidates: folder.pool(),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = self.read(params)?;
        Ok(format!(
            "In Files, delete the file {} from the folder {} of the storage sdk_gphone_x86_64.",
            given.file_name, given.subfolder
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let mut rng = init_stream(instance);
        let (folder, name) = (&given.subfolder, &given.file_name);
        let variants = &given.noise_candidates;
        storage::prepare(device, &self.spec, folder, name, variants, None, &mut rng).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        let [there] = storage::holders(device, &given.file_name, [&given.subfolder]).await?;
        Ok(!there)
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        storage::teardown(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        let mut scan = Scan::default();
        let mut deleted = false;
        Ok(steps(move |look| {
            let question = look.text_of("message");
            if question.starts_with("Delete ") {
                deleted = question.contains(&given.file_name);
                let answer = if deleted { "button1" } else { "button2" };
                return look.tap_id(answer).unwrap_or_else(back);
            }
            if let Some(action) = browse::reach(look, &mut scan, &given.subfolder) {
                return action;
            }
            match browse::choose(look, &given.file_name) {
                Choice::Done => look.tap_named("Delete").unwrap_or_else(back),
                Choice::Step(action) => action,
                Choice::Unseen if deleted => Action::complete(),
                Choice::Unseen => scan.next(look),
            }
        }))
    }
}

/// FilesDeleteFile.
pub(super) const DELETE: Delete = Delete {
    spec: TaskSpec {
        name: "FilesDeleteFile",
        apps: &["files"],
        complexity: 2.2,
        difficulty: "medium",
        tags: &["data_edit", "parameterized"],
        params: &["file_name", "subfolder", "noise_candidates"],
    },
};

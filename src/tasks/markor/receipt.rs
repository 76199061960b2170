//! Writing down what a picture of a receipt shows.

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::adding::Source;
use super::super::paths::CLEAR_STORAGE;
use super::super::pictures::{self, Receipt};
use super::super::screen::Look;
use super::super::sub_checks::Parts;
use super::super::{Solution, Task, TaskError, base, names, params};
use super::{create, notebook};
use crate::device::Device;
use crate::domain::{Instance, Observation, Params, TaskSpec};

/// The picture.
const PICTURE: &str = "receipt.png";
/// The first line of the note.
const HEADER: &str = "Date, Item, Amount";

/// MarkorTranscribeReceipt.
pub(super) struct Transcribe {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    /// What the picture shows; it is drawn when the task begins.
    img: Receipt,
    file_name: String,
    text: String,
}

impl Transcribe {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        names::check(&self.spec, &given.file_name)?;
        Ok(given)
    }
}

#[async_trait]
impl Task for Transcribe {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let count = rng.random_range(1..=5);
        let img = Receipt::draw(count, rng);
        let mut lines = vec![HEADER.to_owned()];
        lines.extend(img.transactions.iter().map(pictures::Purchase::line));
        params::write(&Given {
            img,
            file_name: "receipt.md".to_owned(),
            text: lines.join("\n"),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let Given { file_name, .. } = self.read(params)?;
        Ok(format!(
            "Make a note named {file_name} in Markor that lists what was bought on {PICTURE} (see Simple Gallery Pro) as CSV, one purchase a line, under the header \"{HEADER}\". Dates look like 2023-01-31, amounts like $1.00."
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let script = format!("{CLEAR_STORAGE}mkdir -p {}", notebook::FOLDER);
        base::init(device, &self.spec, &script).await?;
        let path = format!("{}/{PICTURE}", pictures::DCIM);
        pictures::push(device, &path, given.img.picture()).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        create::is_written(device, &given.file_name, &given.text).await
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let given = self.read(&instance.params)?;
        let found = notebook::find(device, &given.file_name).await?;
        let reached = found.holds(&given.file_name, &given.text);
        let text = found.text.as_deref().unwrap_or("");
        let mut parts = vec![found.has(&given.file_name)];
        parts.extend(given.text.lines().map(|line| text.contains(line)));
        Ok(Parts::of(&parts).share(reached))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, true).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        let mut reading = Source::Picture(PICTURE).reading();
        let mut writing = create::writing(given.file_name, given.text);
        Ok(Box::new(move |observation: &Observation| {
            reading(Look::at(observation)).unwrap_or_else(|| writing.next(observation))
        }))
    }
}

/// MarkorTranscribeReceipt.
pub(super) const RECEIPT: Transcribe = Transcribe {
    spec: TaskSpec {
        name: "MarkorTranscribeReceipt",
        apps: &["simple gallery pro", "markor"],
        complexity: 1.8,
        difficulty: "medium",
        tags: &[
            "transcription",
            "data_entry",
            "multi_app",
            "screen_reading",
            "memorization",
            "parameterized",
        ],
        params: &["img", "file_name", "text"],
    },
};

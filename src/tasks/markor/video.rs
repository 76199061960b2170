//! Writing down what a video shows.

use async_trait::async_trait;
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::film::{self, Caption};
use super::super::screen::{Look, Scan};
use super::super::vlc::names::{check_videos, videos};
use super::super::vlc::{library, view};
use super::super::{Solution, Task, TaskError, init_stream, names, params, pools};
use super::create;
use super::notebook::{self, Prepared};
use crate::device::Device;
use crate::domain::{Action, Instance, Observation, Params, TaskSpec};

/// Where the videos lie, on the device and as VLC shows it.
const FOLDER: &str = "/storage/emulated/0/Download";
const SHOWN_FOLDER: &str = "Download";
/// Seconds that each text is seen.
const SECONDS: usize = 8;
/// Pictures in a second.
const RATE: usize = 30;

/// MarkorTranscribeVideo.
pub(super) struct Transcribe {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    messages: Vec<String>,
    text: String,
    video_name: String,
    file_name: String,
    noise_files: Vec<String>,
}

impl Transcribe {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        names::check(&self.spec, &given.file_name)?;
        let all = std::iter::once(&given.video_name).chain(&given.noise_files);
        check_videos(&self.spec, all)?;
        if given.messages.is_empty() || given.messages.len() > 20 || given.noise_files.len() > 100 {
            let reason = "from 1 to 20 messages and at most 100 noise_files are needed";
            return Err(params::wrong(&self.spec, reason));
        }
        Ok(given)
    }
}

#[async_trait]
impl Task for Transcribe {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let count = rng.random_range(2..=4);
        let messages: Vec<String> = pools::GIVEN_NAMES
            .sample(rng, count)
            .map(|name| (*name).to_owned())
            .collect();
        let noise = rng.random_range(5..=20);
        let mut noise_files = videos(noise + 1, &[], rng);
        let video_name = noise_files.remove(0);
        let stem = video_name.split('.').next().unwrap_or("");
        params::write(&Given {
            text: messages.join(","),
            messages,
            file_name: format!("{stem}_transcription.txt"),
            video_name,
            noise_files,
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = self.read(params)?;
        Ok(format!(
            "Play {} from the folder Download in VLC. It shows some texts, one after the other. Write them into the file {} in Markor, in this order, with commas between them.",
            given.video_name, given.file_name
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let mut rng = init_stream(instance);
        Prepared::empty(true)
            .directory(FOLDER)
            .run(device, &self.spec)
            .await?;
        let captions: Vec<Caption> = given
            .messages
            .iter()
            .map(|text| Caption {
                text,
                seconds: SECONDS,
            })
            .collect();
        let film = film::captioned(&captions, RATE, &mut rng);
        film::push(device, [(format!("{FOLDER}/{}", given.video_name), film)]).await?;
        library::fill(device, FOLDER, given.noise_files.iter(), &mut rng).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        create::is_written(device, &given.file_name, &given.text).await
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, true).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        let mut scan = Scan::default();
        let mut seen = false;
        let mut writing = create::writing(given.file_name, given.text);
        // What the video says is in its pixels; the script knows it from the instance.
        Ok(Box::new(move |observation: &Observation| {
            let look = Look::at(observation);
            if look.id("player_root").is_some() && !seen {
                seen = true;
                if let Some(dismiss) = look.tap_named("Got it, dismiss") {
                    return dismiss;
                }
            }
            if seen {
                return writing.next(observation);
            }
            if let Some(action) = view::reach(look, &mut scan, SHOWN_FOLDER) {
                return action;
            }
            match view::row(look, &given.video_name) {
                Some(row) => Action::click(row),
                None => scan.next(look),
            }
        }))
    }
}

/// MarkorTranscribeVideo.
pub(super) const VIDEO: Transcribe = Transcribe {
    spec: TaskSpec {
        name: "MarkorTranscribeVideo",
        apps: &["markor", "vlc"],
        complexity: 2.0,
        difficulty: "hard",
        tags: &[
            "multi_app",
            "transcription",
            "requires_setup",
            "memorization",
            "screen_reading",
            "parameterized",
        ],
        params: &["messages", "text", "video_name", "file_name", "noise_files"],
    },
};

//! Tasks with Audio Recorder, judged by the files of its recordings (catalogue section 3.1).

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::RECORDER;
use super::metadata::{self, FileMetadata};
use super::paths::{self, CLEAR_STORAGE};
use super::screen::{Look, back, open, steps};
use super::{Solution, Task, TaskError, base, names, params, pools, setup};
use crate::device::Device;
use crate::domain::{Action, Compat, Instance, Params, TaskSpec};

/// The directory of recordings (catalogue section 2.4).
const FOLDER: &str =
    "/storage/emulated/0/Android/data/com.dimowner.audiorecorder/files/Music/records";

/// What recordings are about.
const SUBJECTS: [&str; 25] = [
    "diary",
    "speech",
    "melody",
    "birdsong",
    "interview",
    "rehearsal",
    "lecture",
    "poem",
    "chorus",
    "meeting",
    "idea",
    "greeting",
    "story",
    "thunder",
    "seaside",
    "market",
    "guitar",
    "podcast",
    "reminder",
    "toast",
    "chapter",
    "dialogue",
    "workshop",
    "session",
    "briefing",
];

/// Passes the first start and records; `None` when nothing is recorded any more and `recorded` says so.
fn record(look: Look<'_>, recorded: &mut bool) -> Option<Action> {
    if !look.shows(RECORDER) {
        // A dialog of the system, which asks for the microphone.
        return Some(
            look.tap_named("While using the app")
                .unwrap_or_else(|| open(RECORDER)),
        );
    }
    for button in ["btn_action", "btn_apply"] {
        if let Some(on) = look.tap_id(button) {
            return Some(on);
        }
    }
    if let Some(stop) = look.tap_id("btn_record_stop") {
        *recorded = true;
        return Some(stop);
    }
    if *recorded {
        return None;
    }
    Some(look.tap_id("btn_record").unwrap_or_else(back))
}

/// AudioRecorderRecordAudio.
struct Recording {
    spec: TaskSpec,
}

/// Files that were there before.
#[derive(Serialize, Deserialize)]
struct Evidence {
    before: Vec<FileMetadata>,
}

#[async_trait]
impl Task for Recording {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, _rng: &mut ChaCha8Rng) -> Params {
        Params::new()
    }

    fn goal(&self, _params: &Params) -> Result<String, TaskError> {
        Ok("Record a clip with Audio Recorder and save it.".to_owned())
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let listing = metadata::listing(FOLDER, instance.compat);
        let look = async || {
            let printed = base::init(device, &self.spec, &listing).await?;
            metadata::files(device, &printed)
        };
        let mut there = look().await?;
        if there.is_none() {
            // The app was never started on this device, or somebody deleted its directory.
            setup::set_up(device, RECORDER).await?;
            there = look().await?;
        }
        let nowhere = || TaskError::setup(device, format!("there is no {FOLDER}"));
        let before = there.ok_or_else(nowhere)?;
        params::keep(instance, &Evidence { before });
        Ok(())
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let Evidence { before } = params::evidence(instance)?;
        let after = metadata::list(device, FOLDER, instance.compat).await?;
        let new = after
            .iter()
            .flatten()
            .filter(|file| file.size != "0" && !before.contains(file));
        Ok(new.count() == 1)
    }

    fn solution(&self, _instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let mut recorded = false;
        Ok(steps(move |look| {
            if look.id("input_name").is_some() {
                return look.tap_id("dialog_positive_btn").unwrap_or_else(back);
            }
            record(look, &mut recorded).unwrap_or_else(Action::complete)
        }))
    }
}

/// AudioRecorderRecordAudioWithFileName.
struct NamedRecording {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    file_name: String,
    /// The benchmark has a text here, and no use for it.
    #[serde(default)]
    text: String,
}

impl NamedRecording {
    fn read(&self, params: &Params) -> Result<String, TaskError> {
        let Given { file_name, .. } = params::read(&self.spec, params)?;
        names::check(&self.spec, &file_name)?;
        Ok(file_name)
    }
}

/// Whether a recording of a name is listed. The app adds the ending of its format to whatever name it is
/// given, so that the benchmark asks for `memo.m4a.m4a`; whoever leaves one ending away has done well too.
fn is_saved(printed: &str, name: &str, compat: Compat) -> bool {
    let once = format!("{FOLDER}/{name}");
    paths::is_listed(printed, &format!("{once}.m4a"))
        || compat.is_fixed() && paths::is_listed(printed, &once)
}

/// Empties the shared storage and the directory of recordings.
fn clear() -> String {
    CLEAR_STORAGE.to_owned() + &paths::clear(FOLDER)
}

#[async_trait]
impl Task for NamedRecording {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let subject = pools::pick(&SUBJECTS, rng);
        params::write(&Given {
            file_name: names::variant(&format!("{subject}.m4a"), rng),
            text: String::new(),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let name = self.read(params)?;
        Ok(format!(
            "Record a clip with Audio Recorder and save it under the name \"{name}\"."
        ))
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        base::init(device, &self.spec, &clear()).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let name = self.read(&instance.params)?;
        let printed = device
            .adb()
            .query(&(paths::listing(FOLDER) + "true"))
            .await?;
        Ok(is_saved(&printed, &name, instance.compat))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        base::teardown(device, &self.spec, &clear()).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let name = self.read(&instance.params)?;
        let mut recorded = false;
        Ok(steps(move |look| {
            if let Some(field) = look.id("input_name") {
                if look.text(field) != name {
                    return Action::input_text(field, &name);
                }
                return look.tap_id("dialog_positive_btn").unwrap_or_else(back);
            }
            record(look, &mut recorded).unwrap_or_else(Action::complete)
        }))
    }
}

/// The tasks of this file.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &Recording {
        spec: TaskSpec {
            name: "AudioRecorderRecordAudio",
            apps: &["audio recorder"],
            complexity: 1.2,
            difficulty: "easy",
            tags: &["requires_setup"],
            params: &[],
        },
    },
    &NamedRecording {
        spec: TaskSpec {
            name: "AudioRecorderRecordAudioWithFileName",
            apps: &["audio recorder"],
            complexity: 2.0,
            difficulty: "easy",
            tags: &["data_entry", "complex_ui_understanding", "parameterized"],
            params: &["file_name", "text"],
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mended_one_ending_is_enough() {
        let saved =
            |file: &str, compat| is_saved(&format!("{FOLDER}/{file}\n"), "memo.m4a", compat);
        let both = |file| [Compat::AndroidWorld, Compat::Fixed].map(|compat| saved(file, compat));
        assert_eq!(both("memo.m4a.m4a"), [true, true]);
        assert_eq!(both("memo.m4a"), [false, true]);
        assert_eq!(both("old/memo.m4a"), [false, false]);
    }
}

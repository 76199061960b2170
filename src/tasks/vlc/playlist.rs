//! Playlists of given videos in a given order: one, or two.

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::comparison::{fuzzy, holds_playlist};
use super::super::screen::{Look, Scan, back, steps};
use super::super::sub_checks;
use super::super::{Solution, Task, TaskError, init_stream, params};
use super::{library, names, view};
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// The folder of the videos, as VLC shows it.
const FOLDER: &str = "VLCVideos";

/// What one playlist is asked to be, and videos that are not for it.
struct Wanted {
    name: String,
    files: Vec<String>,
    noise: Vec<String>,
}

impl Wanted {
    /// Draws a playlist whose name and videos are none of those of `others`.
    fn draw(others: &[Wanted], rng: &mut ChaCha8Rng) -> Wanted {
        let alike = |name: &str| {
            let known = |other: &Wanted| {
                let (a, b) = (Some(other.name.as_str()), Some(name));
                fuzzy(a, b) || fuzzy(b, a)
            };
            others.iter().any(known)
        };
        let mut name = names::playlist(rng);
        while alike(&name) {
            name = names::playlist(rng);
        }
        let taken: Vec<String> = others.iter().flat_map(Wanted::all).cloned().collect();
        let count = rng.random_range(2..=5);
        let mut files = names::videos(count * 2, &taken, rng);
        let noise = files.split_off(count);
        Wanted { name, files, noise }
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        self.files.iter().chain(&self.noise)
    }

    fn check(&self, spec: &TaskSpec) -> Result<(), TaskError> {
        if self.name.trim().is_empty() || self.files.is_empty() || self.all().count() > 100 {
            let reason = "a playlist needs a name and from 1 to 100 videos";
            return Err(params::wrong(spec, reason));
        }
        names::check_videos(spec, self.all())
    }

    fn told(&self) -> String {
        format!("\"{}\" with {}", self.name, self.files.join(", "))
    }
}

#[derive(Serialize, Deserialize)]
struct One {
    playlist_name: String,
    files: Vec<String>,
    noise_files: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Two {
    playlist_name1: String,
    files1: Vec<String>,
    noise_files1: Vec<String>,
    playlist_name2: String,
    files2: Vec<String>,
    noise_files2: Vec<String>,
}

/// Playlists to be made.
pub(super) struct Create {
    spec: TaskSpec,
    two: bool,
}

impl Create {
    fn read(&self, params: &Params) -> Result<Vec<Wanted>, TaskError> {
        let wanted = if self.two {
            let given: Two = params::read(&self.spec, params)?;
            vec![
                Wanted {
                    name: given.playlist_name1,
                    files: given.files1,
                    noise: given.noise_files1,
                },
                Wanted {
                    name: given.playlist_name2,
                    files: given.files2,
                    noise: given.noise_files2,
                },
            ]
        } else {
            let given: One = params::read(&self.spec, params)?;
            vec![Wanted {
                name: given.playlist_name,
                files: given.files,
                noise: given.noise_files,
            }]
        };
        for one in &wanted {
            one.check(&self.spec)?;
        }
        Ok(wanted)
    }
}

#[async_trait]
impl Task for Create {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let first = Wanted::draw(&[], rng);
        if !self.two {
            return params::write(&One {
                playlist_name: first.name,
                files: first.files,
                noise_files: first.noise,
            });
        }
        let known = [first];
        let second = Wanted::draw(&known, rng);
        let [first] = known;
        params::write(&Two {
            playlist_name1: first.name,
            files1: first.files,
            noise_files1: first.noise,
            playlist_name2: second.name,
            files2: second.files,
            noise_files2: second.noise,
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let wanted = self.read(params)?;
        let told: Vec<String> = wanted.iter().map(Wanted::told).collect();
        Ok(match &told[..] {
            [one] => format!(
                "Make a playlist in VLC from videos of internal memory, folder {FOLDER}, in this order: {one}."
            ),
            _ => format!(
                "Make two playlists in VLC from videos of internal memory, folder {FOLDER}, each in this order: {}.",
                told.join("; then ")
            ),
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let wanted = self.read(&instance.params)?;
        let mut rng = init_stream(instance);
        library::begin(device, &self.spec).await?;
        let all = wanted.iter().flat_map(Wanted::all);
        library::fill(device, library::FOLDER, all, &mut rng).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        Ok(self.check(device, instance, None).await? == 1.0)
    }

    async fn check(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let wanted = self.read(&instance.params)?;
        let rows = library::listed(device).await?;
        let made = |one: &Wanted| holds_playlist(&rows, &one.name, &one.files);
        let parts: Vec<bool> = wanted.iter().map(made).collect();
        Ok(instance.compat.score(&parts))
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let wanted = self.read(&instance.params)?;
        let rows = library::listed(device).await?;
        let made = |one: &Wanted| holds_playlist(&rows, &one.name, &one.files);
        let reached = wanted.iter().all(made);
        let lists = wanted
            .iter()
            .map(|one| sub_checks::listed(&rows, &one.name, &one.files).share(made(one)));
        let share = lists.sum::<f64>() / wanted.len().max(1) as f64;
        Ok(if reached { 1.0 } else { share })
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        library::teardown(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let mut wanted = self.read(&instance.params)?.into_iter();
        let mut current = wanted.next();
        let mut typed = false;
        let mut scan = Scan::default();
        Ok(steps(move |look| {
            let save = look.tap_id("dialog_playlist_save");
            if typed && save.is_none() {
                // The key at the end of the typing has saved it, or the button.
                typed = false;
                scan.restart();
                current = wanted.next();
            }
            let Some(one) = &current else {
                return Action::complete();
            };
            let Some(save) = save else {
                return choose(look, &mut scan, &one.files);
            };
            typed = true;
            let field = look
                .find(|element| element.class_name.as_deref() == Some("android.widget.EditText"));
            match field {
                Some(field) if look.text(field) != one.name => Action::input_text(field, &one.name),
                _ => save,
            }
        }))
    }
}

/// The next action that chooses files in their order, then asks for a playlist.
fn choose(look: Look, scan: &mut Scan, files: &[String]) -> Action {
    let picked = view::chosen(look);
    if picked.is_none()
        && let Some(action) = view::reach(look, scan, FOLDER)
    {
        return action;
    }
    let Some(next) = files.get(picked.unwrap_or(0)) else {
        return look.tap_named("Add to playlist").unwrap_or_else(back);
    };
    match view::row(look, next) {
        Some(row) if picked.is_none() => Action::long_press(row),
        Some(row) => Action::click(row),
        None => scan.next(look),
    }
}

/// VlcCreatePlaylist.
pub(super) const ONE: Create = Create {
    spec: TaskSpec {
        name: "VlcCreatePlaylist",
        apps: &["vlc"],
        complexity: 2.8,
        difficulty: "medium",
        tags: &["data_edit", "repetition", "parameterized"],
        params: &["playlist_name", "files", "noise_files"],
    },
    two: false,
};

/// VlcCreateTwoPlaylists.
pub(super) const TWO: Create = Create {
    spec: TaskSpec {
        name: "VlcCreateTwoPlaylists",
        apps: &["vlc"],
        complexity: 4.8,
        difficulty: "medium",
        tags: &["data_entry", "requires_setup", "parameterized"],
        params: &[
            "playlist_name1",
            "files1",
            "noise_files1",
            "playlist_name2",
            "files2",
            "noise_files2",
        ],
    },
    two: true,
};

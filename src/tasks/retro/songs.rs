//! The songs of a task: their names, and how they get onto the device.

use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::apps::RETRO;
use super::super::paths::{self, CLEAR_INTERNAL};
use super::super::{TaskError, base, params, pools};
use super::sound::silence;
use super::store;
use crate::adb::quote;
use crate::device::Device;
use crate::domain::{Params, TaskSpec};

/// Songs on the device, wanted or not.
const ALL: usize = 15;
/// Where they lie.
const FOLDER: &str = "/storage/emulated/0/Music";
/// The ending of their files.
const ENDING: &str = ".mp3";

/// Names of the parameters of all tasks in Retro Music.
pub(super) const PARAMS: &[&str] = &["playlist_name", "files", "noise_files"];

/// The parameters.
#[derive(Serialize, Deserialize)]
pub(super) struct Given {
    pub playlist_name: String,
    files: Vec<String>,
    noise_files: Vec<String>,
}

impl Given {
    /// Draws them, with so many songs that are wanted.
    pub fn draw(rng: &mut ChaCha8Rng, wanted: usize) -> Given {
        let theme = pools::pick(&pools::PLAYLIST_THEMES, rng);
        let playlist_name = format!("{theme} {}", rng.random_range(1..1_000));
        let mut files: Vec<String> = pools::SONG_TITLES
            .sample(rng, ALL)
            .map(|title| format!("{title}{ENDING}"))
            .collect();
        files.shuffle(rng);
        let noise_files = files.split_off(wanted.min(files.len()));
        Given {
            playlist_name,
            files,
            noise_files,
        }
    }

    /// Reads them.
    pub fn read(spec: &TaskSpec, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(spec, params)?;
        let all = || given.files.iter().chain(&given.noise_files);
        let is_name = |name: &String| {
            let stem = name.strip_suffix(ENDING).unwrap_or("");
            !stem.is_empty() && !name.contains(['/', '\0', '\n'])
        };
        if given.files.is_empty() || !all().all(is_name) || all().count() > 200 {
            let reason =
                "files and noise_files must be names that end in .mp3, at least one of them wanted";
            return Err(params::wrong(spec, reason));
        }
        let name = &given.playlist_name;
        if name.trim().is_empty() || name.contains(['/', '\0', '\n']) {
            return Err(params::wrong(spec, "playlist_name can't name a file"));
        }
        Ok(given)
    }

    /// The titles of the wanted songs, in their order.
    pub fn titles(&self) -> Vec<String> {
        self.files
            .iter()
            .map(|file| stem(file).to_owned())
            .collect()
    }

    /// All files with lengths in milliseconds: of the wanted ones as given, else of three to five minutes.
    pub fn with_lengths(&self, wanted: Option<Vec<u64>>, rng: &mut ChaCha8Rng) -> Vec<Sound> {
        let mut wanted = wanted.unwrap_or_default().into_iter();
        let all = self.files.iter().chain(&self.noise_files);
        all.map(|file| Sound {
            file: file.clone(),
            artist: pools::pick(&pools::GIVEN_NAMES, rng),
            millis: wanted
                .next()
                .unwrap_or_else(|| rng.random_range(180_000..=300_000)),
        })
        .collect()
    }
}

fn stem(file: &str) -> &str {
    file.strip_suffix(ENDING).unwrap_or(file)
}

/// A song to be made.
pub(super) struct Sound {
    file: String,
    artist: String,
    millis: u64,
}

/// BASE-INIT, an empty shared storage, empty playlists, and the songs.
pub(super) async fn init(
    device: &Device,
    spec: &TaskSpec,
    sounds: &[Sound],
) -> Result<(), TaskError> {
    store::rehearse(device).await?;
    base::init(device, spec, CLEAR_INTERNAL).await?;
    prepare(device, sounds).await
}

/// Empty playlists, and the songs besides what is there.
pub(super) async fn prepare(device: &Device, sounds: &[Sound]) -> Result<(), TaskError> {
    store::begin(device).await?;
    let adb = device.adb();
    adb.shell_ok(&format!("mkdir -p {FOLDER}")).await?;
    let files = sounds.iter().map(|sound| {
        let data = silence(stem(&sound.file), &sound.artist, sound.millis);
        (format!("{FOLDER}/{}", sound.file), data)
    });
    let files: Vec<(String, Vec<u8>)> = files.collect();
    paths::write(device, &files).await?;
    let package = quote(RETRO.package);
    let scan = format!(
        "am broadcast -a android.intent.action.MEDIA_SCANNER_SCAN_FILE -d file://{FOLDER} >/dev/null\nam force-stop {package}"
    );
    adb.shell_ok(&scan).await?;
    Ok(())
}

/// BASE-TEARDOWN, an empty shared storage, empty playlists.
pub(super) async fn teardown(device: &Device, spec: &TaskSpec) -> Result<(), TaskError> {
    base::teardown(device, spec, CLEAR_INTERNAL).await?;
    store::clear(device).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn songs_are_different_and_as_many_as_asked_for() {
        for seed in 0..50 {
            let mut rng = stream(seed, "songs", 0);
            let given = Given::draw(&mut rng, 4);
            assert_eq!((given.files.len(), given.noise_files.len()), (4, 11));
            let mut all = given.files.clone();
            all.extend(given.noise_files.clone());
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), ALL);
            let sounds = given.with_lengths(Some(vec![0, 7]), &mut rng);
            assert_eq!((sounds[0].millis, sounds[1].millis), (0, 7));
            assert!((180_000..=300_000).contains(&sounds[2].millis));
        }
    }
}

//! What the camera leaves on the shared storage: pictures in Pictures, films in Movies, named by their
//! moment.

use super::film;
use super::scene::Scene;
use crate::phone::apps::entries::free_name;
use crate::phone::providers::documents::VOLUME;
use crate::phone::system::{PhoneError, System, paths};

/// Size of pictures in pixels.
const PICTURE: (u16, u16) = (720, 960);
/// Size of films in pixels.
const FILM: (u16, u16) = (240, 320);
/// Most frames of a film; longer ones show each for longer.
const FRAMES: i64 = 30;

/// Writes bytes to a new file of a folder and returns its path.
fn keep(system: &System, folder: &str, name: &str, bytes: &[u8]) -> Result<String, PhoneError> {
    let folder = paths::child(VOLUME, folder);
    let failed = |error| PhoneError::file(&folder, error);
    system.files.make_dirs(&folder).map_err(failed)?;
    let numbered = |stem: &str, number: u32| format!("{stem}_{number}");
    let path = paths::child(&folder, &free_name(&system.files, &folder, name, numbered));
    match system.files.write(&path, bytes) {
        Ok(()) => Ok(path),
        Err(error) => {
            // A full disk leaves no half of a file.
            let _ = system.files.remove_file(&path);
            Err(PhoneError::file(&path, error))
        }
    }
}

fn moment(system: &System) -> String {
    system.clock.now().strftime("%Y%m%d_%H%M%S").to_string()
}

/// Takes a picture.
///
/// # Errors
/// When it cannot be written.
pub fn picture(system: &System, scene: Scene) -> Result<String, PhoneError> {
    let name = format!("IMG_{}.jpg", moment(system));
    let bytes = scene.jpeg(PICTURE.0, PICTURE.1).unwrap_or_default();
    keep(system, "Pictures", &name, &bytes)
}

/// Keeps a film that was taken for so long.
///
/// # Errors
/// When it cannot be written.
pub fn film(system: &System, scene: Scene, millis: i64) -> Result<String, PhoneError> {
    let millis = millis.max(500);
    let count = (millis / 1_000 + 1).clamp(1, FRAMES);
    let frames: Vec<Vec<u8>> = (0..count)
        .filter_map(|frame| {
            let moment = (frame % 10) as f32 / 9.0;
            Scene { moment, ..scene }.jpeg(FILM.0, FILM.1)
        })
        .collect();
    let each = u32::try_from(millis / count).unwrap_or(u32::MAX);
    let bytes = film::mp4(&frames, each, FILM, system.clock.now_seconds());
    let name = format!("VID_{}.mp4", moment(system));
    keep(system, "Movies", &name, &bytes)
}

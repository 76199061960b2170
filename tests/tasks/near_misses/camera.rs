//! Near misses with the camera.

use super::{NearMiss, Solved, script};

pub fn near_misses(task: &str, _solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let folder = match task {
        "CameraTakePhoto" => "/sdcard/Pictures",
        "CameraTakeVideo" => "/sdcard/Movies",
        _ => return None,
    };
    Some(vec![
        script(format!("touch {folder}/one_more")),
        script(format!("mv {folder}/* /sdcard/DCIM/")),
        script(format!("rm {folder}/*")),
        // A folder that is gone is the agent's doing.
        script(format!("rm -r {folder}")),
    ])
}

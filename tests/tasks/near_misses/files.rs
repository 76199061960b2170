//! Near misses in Files.

use super::{NearMiss, Solved, script};

const VOLUME: &str = "/storage/emulated/0";

pub fn near_misses(task: &str, solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let text = |name| solved.text(name);
    Some(match task {
        "FilesDeleteFile" => {
            let file = format!("{VOLUME}/{}/{}", text("subfolder"), text("file_name"));
            vec![
                script(format!("touch {file}")),
                script(format!("mkdir {file}")),
            ]
        }
        "FilesMoveFile" => {
            let from = format!("{VOLUME}/{}", text("source_folder"));
            let to = format!("{VOLUME}/{}", text("destination_folder"));
            let file = text("file_name");
            vec![
                script(format!("cp {to}/{file} {from}/{file}")),
                script(format!("mkdir {to}/in && mv {to}/{file} {to}/in/{file}")),
                script(format!("mv {to}/{file} {to}/x{file}")),
                // A folder that is gone is the agent's doing.
                script(format!("rm -r {to}")),
            ]
        }
        _ => return None,
    })
}

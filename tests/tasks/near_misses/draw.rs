//! Near misses in Simple Draw Pro.

use super::{NearMiss, Solved, script};

const PICTURES: &str = "/storage/emulated/0/Pictures";

pub fn near_misses(task: &str, solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    if task != "SimpleDrawProCreateDrawing" {
        return None;
    }
    let name = solved.text("file_name");
    let moved = |to: &str| {
        script(format!(
            "mkdir -p {PICTURES}/sub; mv {PICTURES}/{name} {to}"
        ))
    };
    Some(vec![
        moved(&format!("{PICTURES}/{name}.png")),
        moved(&format!("{PICTURES}/sub/")),
        moved("/storage/emulated/0/Download/"),
        script(format!("rm {PICTURES}/{name}")),
        script(format!("rm -r {PICTURES}")),
    ])
}

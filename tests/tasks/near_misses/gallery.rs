//! Near misses in Simple Gallery Pro.

use super::{NearMiss, Solved, script};

const DOWNLOAD: &str = "/storage/emulated/0/Download";

pub fn near_misses(task: &str, solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    Some(match task {
        "SaveCopyOfReceiptTaskEval" => {
            let copy = format!("{DOWNLOAD}/{}", solved.text("file_name"));
            vec![
                script(format!("rm {copy}")),
                script(format!("mv {copy} {DOWNLOAD}/receipt.jpg")),
                script(format!("mkdir {DOWNLOAD}/sub && mv {copy} {DOWNLOAD}/sub/")),
                script(format!("rm -r {DOWNLOAD}")),
            ]
        }
        _ => return None,
    })
}

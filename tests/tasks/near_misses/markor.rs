//! Near misses in Markor.

use super::{NearMiss, Solved, script};

pub const NOTES: &str = "/storage/emulated/0/Documents/Markor";

pub fn near_misses(task: &str, solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let text = |name| solved.text(name);
    let other_content = |name| script(format!("echo something else > {NOTES}/{}", text(name)));
    // A notebook that is gone is the agent's doing, not a device that can't be judged.
    let gone = script(format!("rm -rf {NOTES}_gone; mv {NOTES} {NOTES}_gone"));
    Some(match task {
        "MarkorCreateFolder" => vec![
            script(format!("mv {NOTES}/{} {NOTES}/other", text("folder_name"))),
            script(format!("rm -r {NOTES}/{}", text("folder_name"))),
        ],
        "MarkorMergeNotes" => {
            let file = format!("{NOTES}/{}", text("new_file_name"));
            vec![
                script(format!("sed -i '/^$/d' {file}")),
                script(format!("echo >> {file}; echo one more >> {file}")),
                script(format!("mv {file} {file}.md")),
                script(format!("sed -i '1d;2d' {file}")),
            ]
        }
        "MarkorCreateNote" | "MarkorCreateNoteFromClipboard" => vec![
            other_content("file_name"),
            script(format!("mv {NOTES}/{0} {NOTES}/x{0}", text("file_name"))),
        ],
        "MarkorDeleteNote" => vec![
            script(format!("touch {NOTES}/{}", text("file_name"))),
            script(format!("mkdir {NOTES}/{}", text("file_name"))),
        ],
        "MarkorDeleteAllNotes" => vec![script(format!("touch {NOTES}/one")), gone],
        "MarkorDeleteNewestNote" => vec![
            script(format!("touch {NOTES}/one")),
            script(format!("rm \"{NOTES}/$(ls {NOTES} | head -n 1)\"")),
            gone,
        ],
        "MarkorEditNote" => vec![
            other_content("file_name"),
            script(format!("rm {NOTES}/{}", text("file_name"))),
        ],
        "MarkorAddNoteHeader" => vec![
            script(format!("echo >> {NOTES}/{}", text("new_name"))),
            script(format!(
                "cp {NOTES}/{} {NOTES}/{}",
                text("new_name"),
                text("original_name")
            )),
        ],
        "MarkorChangeNoteContent" => vec![
            other_content("new_name"),
            script(format!(
                "mv {NOTES}/{} {NOTES}/{}",
                text("new_name"),
                text("original_name")
            )),
        ],
        "MarkorMoveNote" => {
            let (from, to, file) = (
                text("source_folder"),
                text("destination_folder"),
                text("file_name"),
            );
            vec![
                script(format!("cp {NOTES}/{to}/{file} {NOTES}/{from}/{file}")),
                script(format!("rm {NOTES}/{to}/{file}")),
            ]
        }
        _ => return None,
    })
}

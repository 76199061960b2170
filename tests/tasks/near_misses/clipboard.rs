//! Near misses on the clipboard.

use super::{NearMiss, Solved, script};

pub fn near_misses(task: &str, solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let set = |text: &str| {
        script(format!(
            "am broadcast -a clipper.set -e text '{}'",
            text.replace('\'', "'\\''")
        ))
    };
    (task == "SystemCopyToClipboard").then(|| {
        let text = solved.text("clipboard_content");
        let half = text.len() / 2;
        vec![
            set("something else"),
            set(&text[..half]),
            set(&text.repeat(2)),
        ]
    })
}

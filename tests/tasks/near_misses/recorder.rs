//! Near misses in Audio Recorder.

use super::{NearMiss, Solved, script};

const FOLDER: &str =
    "/storage/emulated/0/Android/data/com.dimowner.audiorecorder/files/Music/records";

pub fn near_misses(task: &str, solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    // Recordings that are gone are the agent's doing.
    let gone = script(format!("rm -r {FOLDER}"));
    Some(match task {
        "AudioRecorderRecordAudio" => vec![
            script(format!("echo x > {FOLDER}/another.m4a")),
            script(format!("rm -f {FOLDER}/*.m4a")),
            script(format!("for file in {FOLDER}/*.m4a; do : > $file; done")),
            gone,
        ],
        "AudioRecorderRecordAudioWithFileName" => {
            let name = solved.text("file_name");
            // The app's own ending is missing, which is a name without one where one will do.
            let without = match solved.instance.compat.is_fixed() {
                true => name.trim_end_matches(".m4a"),
                false => name,
            };
            vec![
                script(format!("mv {FOLDER}/{name}.m4a {FOLDER}/{without}")),
                script(format!("mv {FOLDER}/{name}.m4a {FOLDER}/{name}.wav")),
                script(format!("mv {FOLDER}/{name}.m4a {FOLDER}/../{name}.m4a")),
                gone,
            ]
        }
        _ => return None,
    })
}

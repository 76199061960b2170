//! Near misses in Simple SMS Messenger.

use super::markor::NOTES;
use super::{NearMiss, Solved, half, script, sql};

const MESSAGES: &str = "/data/data/com.android.providers.telephony/databases/mmssms.db";

pub fn near_misses(task: &str, solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    if task == "MarkorCreateNoteAndSms" {
        return Some(vec![
            half(format!(
                "sqlite3 {MESSAGES} \"DELETE FROM sms WHERE type = 2\""
            )),
            half(format!("rm {NOTES}/{}", solved.text("file_name"))),
            half("input keyevent KEYCODE_HOME"),
        ]);
    }
    if !task.starts_with("SimpleSms") {
        return None;
    }
    let mut all = vec![
        sql(
            MESSAGES,
            "UPDATE sms SET body = 'Something else altogether' WHERE type = 2",
        ),
        sql(
            MESSAGES,
            "UPDATE sms SET address = '+15550000000' WHERE type = 2 AND _id = (SELECT max(_id) FROM sms)",
        ),
        sql(MESSAGES, "DELETE FROM sms WHERE type = 2"),
        // What the check reads is gone: the agent's doing.
        sql(MESSAGES, "DROP TABLE sms"),
    ];
    // Sending again asks for no app in front and for no time.
    match task {
        "SimpleSmsResend" => all.push(script(
            "content insert --uri content://sms/sent --bind address:s:311 --bind body:s:Hello",
        )),
        _ => all.push(script("input keyevent KEYCODE_HOME")),
    }
    Some(all)
}

//! The telephony provider over the wire: emptied, texts delivered, the sent box read.

use std::fmt::Write;

use crate::adb::quote;
use crate::device::Device;
use crate::tasks::TaskError;

/// Empties the provider. Addresses go too, so that a number is known by how it is written now. Pop-ups
/// of new texts would lie over the screen while the device is set up.
pub(super) const EMPTY: &str = "settings put global airplane_mode_on 0
settings put global heads_up_notifications_enabled 0
sqlite3 /data/data/com.android.providers.telephony/databases/mmssms.db 'DELETE FROM sms; DELETE FROM threads; DELETE FROM canonical_addresses;' || exit 1
";

/// The sent box; the text is last, so that nothing in it can be taken for another column.
const SENT: &str =
    "date +%s; content query --uri content://sms/sent --projection address:date:body";

/// Seconds between the dates of texts that come in.
const APART: usize = 2;

/// A text that comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Incoming {
    /// Who writes.
    pub number: String,
    /// What.
    pub body: String,
}

/// A message of the sent box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    /// To whom.
    pub address: String,
    /// When, in milliseconds.
    pub date: i64,
    /// What.
    pub body: String,
}

impl Sent {
    /// The address as the benchmark compares it.
    pub fn plain_address(&self) -> String {
        plain(&self.address)
    }
}

/// A number without spaces and dashes.
pub(super) fn plain(number: &str) -> String {
    number.replace([' ', '-'], "")
}

/// Delivers texts, the oldest first, a little apart; then new ones pop up again.
pub(super) async fn deliver(device: &Device, texts: &[Incoming]) -> Result<(), TaskError> {
    // Since Android 4.4 only the default SMS app may write messages, unless told otherwise.
    let mut script =
        "appops set com.android.shell WRITE_SMS allow >/dev/null 2>&1\nnow=$(date +%s)\n"
            .to_owned();
    for (index, text) in texts.iter().enumerate() {
        let before = (texts.len() - 1 - index) * APART;
        let _ = writeln!(
            script,
            "content insert --uri content://sms/inbox --bind {} --bind {} --bind read:i:0 --bind seen:i:0 --bind date:l:$(( (now - {before}) * 1000 ))",
            quote(&format!("address:s:{}", text.number)),
            quote(&format!("body:s:{}", text.body)),
        );
    }
    script.push_str(
        "settings put global heads_up_notifications_enabled 1\ninput keyevent KEYCODE_HOME\ncontent query --uri content://sms/inbox --projection date:body",
    );
    let output = device.adb().query(&script).await?;
    let arrived = |text: &Incoming| output.contains(&text.body);
    if texts.iter().all(arrived) {
        return Ok(());
    }
    Err(TaskError::setup(
        device,
        "a text could not be put into its inbox",
    ))
}

/// The device's time in milliseconds, and its sent box in the provider's order.
pub(super) async fn sent(device: &Device) -> Result<(i64, Vec<Sent>), TaskError> {
    let output = device.adb().query(SENT).await?;
    let (time, rows) = output.split_once('\n').unwrap_or((&output, ""));
    let seconds: i64 = time
        .trim()
        .parse()
        .map_err(|_| TaskError::setup(device, format!("no time but {:?}", time.trim())))?;
    Ok((seconds.saturating_mul(1_000), parse(rows)))
}

/// Rows of the query; a text may go over lines.
fn parse(rows: &str) -> Vec<Sent> {
    let rows = format!("\n{rows}");
    let record = |record: &str| {
        let (_, record) = record.split_once("address=")?;
        let (address, record) = record.split_once(", date=")?;
        let (date, body) = record.split_once(", body=")?;
        Some(Sent {
            address: address.to_owned(),
            date: date.parse().ok()?,
            body: body.strip_suffix('\n').unwrap_or(body).replace('\r', ""),
        })
    };
    rows.split("\nRow:").skip(1).filter_map(record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_may_hold_separators_and_lines() {
        let rows = "Row: 0 address=+1 555-0107, date=5, body=Hi, date=7\nand on\nRow: 1 address=7, date=4, body=a=b\n";
        let sent = parse(rows);
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0].plain_address(), "+15550107");
        assert_eq!(sent[0].body, "Hi, date=7\nand on");
        assert_eq!((sent[1].date, sent[1].body.as_str()), (4, "a=b"));
        assert!(parse("No result found.\n").is_empty());
    }
}

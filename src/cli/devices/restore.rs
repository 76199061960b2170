//! `stepdroid devices restore`: undoes a device's set-up.

use serde_json::json;

use super::super::{Context, Failure};
use super::setup::{RecordArg, read};
use super::{hold, open};
use crate::farm::setup::{self, Look, Outcome, Records, SetupError};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Undoes the last change first. What was changed since by somebody else is left alone and stays in the record: a setting
with another value, an app that was updated, a file with other contents. Data of apps go back to what they were at the
set-up. Ends with code 1 when something was left alone.

Examples:
  stepdroid devices restore R58M12ABCDE
  stepdroid devices restore R58M12ABCDE --force      overwrites what was changed since
";

/// Arguments of `devices restore`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Serial of the device.
    device: String,
    /// Undo also what was changed since by somebody else.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    record: RecordArg,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let _hold = hold(&args.device, "devices restore").await?;
    let adb = open(&args.device).await?;
    // The changes that only root can undo were made by a root that its last boot may have ended.
    adb.become_root().await?;
    let look = Look::at(&adb).await?;
    let file = args.record.file(&look)?;
    let none = || SetupError::NoRecord {
        device: format!("{} at {}", look.identity, look.serial),
        path: file.path().to_path_buf(),
        hint: hint(&look),
    };
    // Nothing is made where there is nothing to undo.
    read(&file, &look)?.ok_or_else(none)?;
    let _lock = file.lock()?;
    let mut record = read(&file, &look)?.ok_or_else(none)?;
    let number = record.changes.len();
    let bar = context.output.progress(Some(number as u64), "restoring");
    let undone = setup::undo(&adb, &look, &mut record, &file, args.force, |change| {
        bar.set_message(change.target());
        bar.inc(1);
    })
    .await;
    bar.finish_and_clear();
    let undone = undone.map_err(|error| {
        Failure::from(error).hint(format!(
            "what is not undone yet stays in {}: restore again",
            file.path().display()
        ))
    })?;
    let left = record.changes.len();
    let value = json!({
        "device": look,
        "changes": undone,
        "left_alone": left,
        "record": (left > 0).then(|| file.path()),
    });
    context.output.result(&value, |_| {
        let mut text = String::new();
        for one in &undone {
            if let Outcome::LeftAlone(reason) = &one.outcome {
                text.push_str(&format!("left alone: {}: {reason}\n", one.what));
            }
        }
        text.push_str(&format!(
            "{} of {number} changes undone on {}\n",
            number - left,
            look.serial
        ));
        text
    })?;
    match left {
        0 => Ok(()),
        left => Err(Failure::missed(format!(
            "{left} changes were left alone; the record {} keeps them",
            file.path().display()
        ))),
    }
}

/// What may have become of a record.
fn hint(look: &Look) -> String {
    let Ok(records) = Records::find() else {
        return "neither XDG_STATE_HOME nor HOME is set".to_owned();
    };
    let similar = records.similar(&look.identity, &look.serial);
    let of = |record: &setup::Record| {
        format!(
            "{} ({})",
            record.device,
            records.of(&record.device).path().display()
        )
    };
    if let Some(record) = similar.iter().find(|record| record.address == look.serial) {
        return format!(
            "the device that was set up at {} was another one, {}: connect that one",
            look.serial,
            of(record)
        );
    }
    match similar.first() {
        Some(record) => format!(
            "there is one of {}, which may be this device before it was reset; there is nothing to undo then",
            of(record)
        ),
        None => {
            "it was not set up from here, or is as before already; --record names another place"
                .to_owned()
        }
    }
}

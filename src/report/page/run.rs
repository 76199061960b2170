//! Devices with what happened to them, infrastructure losses, the configuration, checkpoints.

use std::fmt::Write;

use super::super::guards::words;
use super::super::markup::{count, duration, escape, thousands};
use super::super::{ReportError, Summary};
use crate::store::{Checkpoint, RunInfo, Store};

/// Most events shown; a device that fails all night must not make the page large.
const MOST_EVENTS: usize = 200;
/// Most facts shown of one device.
const MOST_FACTS: usize = 8;

/// Devices, events, and what was lost.
pub(super) fn devices(store: &Store, summary: &Summary) -> Result<String, ReportError> {
    let devices = store.devices()?;
    let events = store.device_events()?;
    let began = store.run()?.created_at;
    let mut out = String::new();
    if devices.is_empty() {
        out.push_str("<p class=\"empty\">No device has taken part yet.</p>");
    } else {
        out.push_str("<ul class=\"devices\">");
        for device in &devices {
            let happened = events
                .iter()
                .filter(|event| event.serial == device.serial)
                .count();
            let _ = write!(
                out,
                "<li class=\"card\"><h3>{}</h3><p class=\"tag\">{}</p><dl>{}</dl><p class=\"hint\">{}</p></li>",
                escape(&device.serial),
                escape(&device.kind),
                facts(&device.info),
                if happened == 0 {
                    "nothing happened to it".to_string()
                } else {
                    count(happened as u64, "event", "events")
                }
            );
        }
        out.push_str("</ul>");
    }
    let losses = &summary.losses;
    if losses.total > 0 {
        out.push_str(
            "<div class=\"card table\"><table><caption>Attempts lost to infrastructure</caption>\
             <thead><tr><th scope=\"col\">Cause</th><th scope=\"col\" class=\"number\">Training</th>\
             <th scope=\"col\" class=\"number\">Evaluation</th>\
             <th scope=\"col\" class=\"number\">Demonstrations</th></tr></thead><tbody>",
        );
        for (cause, phases) in &losses.by_cause {
            let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(&words(cause)));
            for phase in ["train", "evaluate", "demonstrate"] {
                let lost = phases.get(phase).copied().unwrap_or(0);
                let _ = write!(
                    out,
                    "<td class=\"number\">{}</td>",
                    thousands(i64::from(lost))
                );
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table></div>");
    }
    if !events.is_empty() {
        let hidden = events.len().saturating_sub(MOST_EVENTS);
        let _ = write!(
            out,
            "<details class=\"card\"><summary>{}{}</summary><ol class=\"events\">",
            count(events.len() as u64, "event", "events"),
            if hidden > 0 {
                format!(", the last {MOST_EVENTS} shown")
            } else {
                String::new()
            }
        );
        for event in &events[hidden..] {
            let _ = write!(
                out,
                "<li><time>+{}</time> <b>{}</b> <span class=\"tag\">{}</span> {}</li>",
                duration((event.at - began) as f64 / 1000.0),
                escape(&event.serial),
                escape(&event.kind),
                escape(&event.detail)
            );
        }
        out.push_str("</ol></details>");
    }
    Ok(out)
}

/// The flat values of a probe's JSON; anything else is shown as it is.
fn facts(info: &str) -> String {
    let pair = |name: &str, value: &str| {
        format!(
            "<div><dt>{}</dt><dd>{}</dd></div>",
            escape(&words(name)),
            escape(value)
        )
    };
    match serde_json::from_str::<serde_json::Value>(info) {
        Ok(serde_json::Value::Object(values)) => values
            .iter()
            .take(MOST_FACTS)
            .map(|(name, value)| match value.as_str() {
                Some(text) => pair(name, text),
                None => pair(name, &value.to_string()),
            })
            .collect(),
        _ if info.is_empty() => String::new(),
        _ => pair("info", info),
    }
}

/// The run's configuration and where its weights are.
pub(super) fn configuration(info: &RunInfo, config: &str, checkpoints: &[Checkpoint]) -> String {
    let mut out = format!(
        "<p class=\"lead\">Seed {}, suite {}. The whole effective configuration, as in \
         <code>run.toml</code>; the run can be repeated from it.</p>\
         <details class=\"card\"><summary>run.toml</summary><pre class=\"config\" tabindex=\"0\">{}</pre></details>",
        info.run.seed,
        escape(&info.run.suite_version),
        escape(config)
    );
    if !checkpoints.is_empty() {
        let _ = write!(
            out,
            "<details class=\"card\"><summary>{}</summary><ul class=\"events\">",
            count(checkpoints.len() as u64, "checkpoint", "checkpoints")
        );
        for checkpoint in checkpoints {
            let _ = write!(
                out,
                "<li><b>version {}</b> <span class=\"tag\">{}</span> <code>{}</code> {} KB</li>",
                checkpoint.policy_version,
                checkpoint.round.map_or_else(
                    || "before training".to_string(),
                    |round| format!("round {}", round + 1)
                ),
                escape(&checkpoint.path),
                thousands((checkpoint.bytes / 1024) as i64)
            );
        }
        out.push_str("</ul></details>");
    }
    out
}

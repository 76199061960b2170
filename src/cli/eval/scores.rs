//! What an evaluation came to, as tables and as lines.

use std::io::BufWriter;
use std::path::Path;

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use crate::cli::Failure;
use crate::eval::{Named, Rate, Summary, write_lines};
use crate::store::EpisodeRow;

/// What is printed, or written as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Scores {
    pub label: String,
    pub policy_version: Option<u64>,
    #[serde(flatten)]
    pub summary: Summary,
}

/// One line per episode.
pub(super) fn write(path: &Path, episodes: &[EpisodeRow]) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| Failure::unwritable(path, &error);
    let file = std::fs::File::create(path).map_err(unwritable)?;
    write_lines(&mut BufWriter::new(file), episodes).map_err(unwritable)
}

/// A table per question; what has no judged episode is left out of all but the first.
pub(super) fn tables(scores: &Scores) -> String {
    let summary = &scores.summary;
    let mut text = table("task", &summary.by_task, Some(&summary.all));
    // With one task the other questions have the same answer.
    if summary.by_task.len() > 1 {
        for (question, named) in [
            ("app", &summary.by_app),
            ("tag", &summary.by_tag),
            ("difficulty", &summary.by_difficulty),
        ] {
            let judged = |one: &&Named| one.rate.episodes + one.rate.not_judged > 0;
            let named: Vec<Named> = named.iter().filter(judged).cloned().collect();
            text.push_str(&format!("\n\n{}", table(question, &named, None)));
        }
        text.push_str(&format!(
            "\n\nmean over tasks, as the benchmark reports it: {:.1} %",
            100.0 * summary.mean_over_tasks
        ));
    }
    if summary.all.not_judged > 0 {
        let causes: Vec<String> = summary
            .not_judged_because
            .iter()
            .map(|(cause, count)| format!("{cause} {count}"))
            .collect();
        text.push_str(&format!(
            "\n{} episodes were ended by infrastructure and are in no rate: {}",
            summary.all.not_judged,
            causes.join(", ")
        ));
    }
    text
}

fn table(question: &str, named: &[Named], all: Option<&Rate>) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        question,
        "success",
        "95 %",
        "episodes",
        "not judged",
    ]);
    let mut row = |name: &str, rate: &Rate| {
        let judged = rate.episodes > 0;
        let shown = |text: String| if judged { text } else { "-".to_owned() };
        table.add_row([
            name.to_owned(),
            shown(format!("{:.0} %", 100.0 * rate.success)),
            shown(format!(
                "[{:.0}, {:.0}]",
                100.0 * rate.low,
                100.0 * rate.high
            )),
            format!("{}/{}", rate.successes, rate.episodes),
            rate.not_judged.to_string(),
        ]);
    };
    for one in named {
        row(&one.name, &one.rate);
    }
    if let Some(all) = all {
        row("all", all);
    }
    for column in 1..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

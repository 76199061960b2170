//! The experiment's page: curves, the table in the form of the paper's, the tests, what a round costs.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::super::ReportError;
use super::super::markup::{count, duration, escape, number, p_value, percent, points};
use super::super::page::charts::{Chart, Line, Unit, chart};
use super::super::page::{document, write_page};
use super::{ArmResult, Comparison, CurvePoint, ExperimentReport};

/// Classes of the style sheet, one for each arm; more arms than that share them.
const COLOURS: [&str; 8] = [
    "arm0", "arm1", "arm2", "arm3", "arm4", "arm5", "arm6", "arm7",
];

/// Writes the page into a folder and returns its path. An earlier one is replaced at once.
///
/// # Errors
/// The page can't be written.
pub fn write_experiment(
    folder: &Path,
    report: &ExperimentReport,
    version: &str,
) -> Result<PathBuf, ReportError> {
    let sections = [
        ("curves", "Learning curves", curves(report)),
        ("table", "Table", table(report)),
        ("comparisons", "Comparisons", comparisons(report)),
        ("cost", "Time per training step", cost(report)),
        ("search", "Search", search(report)),
        ("runs", "Runs", runs(report)),
    ];
    let foot = format!(
        "<p>Written by stepdroid {}. Success means the full score of the task’s own checker on \
         instances that training never saw. Bands and intervals are 95&nbsp;% intervals of the mean \
         over seeds (Student).</p>",
        escape(version)
    );
    write_page(
        folder,
        &document(&report.name, &headline(report), &sections, &foot),
    )
}

fn headline(report: &ExperimentReport) -> String {
    let mut out = format!(
        "<section class=\"hero\" aria-labelledby=\"headline\"><p class=\"eyebrow\">{} on {}, {} \
         each</p><h1 id=\"headline\">{}</h1>",
        count(report.arms.len() as u64, "arm", "arms"),
        count(report.seeds.len() as u64, "seed", "seeds"),
        count(report.trajectories, "trajectory", "trajectories"),
        escape(&report.name)
    );
    let _ = write!(out, "<p class=\"lead\">{}</p>", escape(&report.about));
    if !report.missing.is_empty() {
        let _ = write!(
            out,
            "<p class=\"warning\">Not finished: {}.</p>",
            escape(&report.missing.join(", "))
        );
    }
    out.push_str("</section>\n");
    out
}

fn curves(report: &ExperimentReport) -> String {
    let lines = |x: &dyn Fn(&CurvePoint) -> f64| -> Vec<Line> {
        report
            .arms
            .iter()
            .zip(COLOURS.iter().cycle())
            .map(|(arm, class)| Line {
                class,
                label: arm.name.clone(),
                points: arm
                    .curve
                    .iter()
                    .map(|point| (x(point), point.success))
                    .collect(),
                intervals: if arm.curve.iter().all(|point| point.margin.is_some()) {
                    arm.curve
                        .iter()
                        .map(|point| {
                            let margin = point.margin.unwrap_or(0.0);
                            (
                                (point.success - margin).max(0.0),
                                (point.success + margin).min(1.0),
                            )
                        })
                        .collect()
                } else {
                    Vec::new()
                },
                marked: false,
            })
            .collect()
    };
    let by_trajectories = Chart {
        title: "Success against trajectories",
        along: "trajectories",
        unit: Unit::Percent,
        top: 1.0,
        lines: lines(&|point| point.trajectories as f64),
    };
    let by_time = Chart {
        title: "Success against time",
        along: "minutes of training",
        unit: Unit::Percent,
        top: 1.0,
        lines: lines(&|point| point.seconds / 60.0),
    };
    format!(
        "<p class=\"lead\">The mean over the seeds with its 95&nbsp;% band. All arms of a seed begin \
         with the same weights. Time is that of rollouts and updates, without evaluations.</p>\
         <div class=\"grid\"><div class=\"span\">{}</div><div class=\"span\">{}</div></div>",
        chart(&by_trajectories),
        chart(&by_time)
    )
}

fn table(report: &ExperimentReport) -> String {
    let warm: Vec<f64> = report.warm.iter().flatten().copied().collect();
    let start = (!warm.is_empty()).then(|| warm.iter().sum::<f64>() / warm.len() as f64);
    let mut out = open_table(&[
        "",
        "success",
        "standard error",
        "tasks above 60&nbsp;%",
        "successes from mastered tasks",
    ]);
    let share = |value: Option<f64>| {
        value.map_or_else(|| "–".into(), |value| format!("{}&nbsp;%", percent(value)))
    };
    let _ = write!(
        out,
        "<tr><th scope=\"row\">warm start</th><td>{}</td><td></td><td></td><td></td></tr>",
        share(start)
    );
    for arm in &report.arms {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&arm.name),
            share(arm.success),
            arm.error
                .map_or_else(|| "–".into(), |error| format!("{:.1}", 100.0 * error)),
            number(arm.tasks_above_60),
            share(arm.success.map(|_| arm.mastered_share)),
        );
    }
    out.push_str(CLOSE_TABLE);
    out
}

fn comparisons(report: &ExperimentReport) -> String {
    if report.comparisons.is_empty() {
        return "<p class=\"empty\">Nothing to compare yet.</p>".into();
    }
    let mut out = format!(
        "<p class=\"lead\">{} minus each other arm, paired by seed: Student’s paired t test, \
         two-sided. The sign test over instances speaks of these runs alone.</p>",
        escape(&report.reference)
    );
    out.push_str(&open_table(&[
        "against",
        "difference",
        "95&nbsp;% interval",
        "t test",
        "instances won : lost",
        "at its success after",
    ]));
    for comparison in &report.comparisons {
        out.push_str(&comparison_row(comparison));
    }
    out.push_str(CLOSE_TABLE);
    out
}

fn comparison_row(comparison: &Comparison) -> String {
    let (difference, interval, p) = comparison.test.map_or_else(
        || ("–".into(), "–".into(), "–".into()),
        |test| {
            (
                format!("{} points", points(test.mean)),
                format!(
                    "{} to {}",
                    points(test.mean - test.margin),
                    points(test.mean + test.margin)
                ),
                format!("p{}", escape(&p_value(test.p_value))),
            )
        },
    );
    let reached = match (comparison.reached_after, comparison.reached_share) {
        (Some(after), Some(share)) => format!(
            "{} trajectories ({}&nbsp;%)",
            number(after.round()),
            percent(share)
        ),
        _ => "never".into(),
    };
    format!(
        "<tr><th scope=\"row\">{}</th><td>{difference}</td><td>{interval}</td><td>{p}</td>\
         <td>{} : {} (p{})</td><td>{reached}</td></tr>",
        escape(&comparison.arm),
        comparison.gained,
        comparison.lost,
        escape(&p_value(comparison.sign_p_value)),
    )
}

fn cost(report: &ExperimentReport) -> String {
    let mut out = format!(
        "<p class=\"lead\">A training step is a round: its rollouts, then its update. Means over rounds \
         and seeds, without evaluations; the last column is a whole step against one of {}.</p>",
        escape(&report.reference)
    );
    out.push_str(&open_table(&[
        "",
        "whole step",
        "rollouts",
        "update",
        "environment steps",
        "rows learnt from",
        "optimizer steps",
        "update of a row",
        "against the reference",
    ]));
    let whole = |arm: &ArmResult| Some(mean(arm, "rollout_seconds")? + mean(arm, "learn_seconds")?);
    let reference = report.arms.iter().find(|arm| arm.name == report.reference);
    let reference = reference.and_then(whole).filter(|seconds| *seconds > 0.0);
    for arm in &report.arms {
        let plain = |name: &str| mean(arm, name).map_or_else(|| "–".into(), number);
        let learn = mean(arm, "learn_seconds");
        // Every row is learnt from so many times; the ratio of means is the mean over all rows.
        let rows = mean(arm, "rows").filter(|rows| *rows > 0.0);
        let of_row = learn.zip(rows).map(|(learn, rows)| 1e3 * learn / rows);
        let ratio = whole(arm).zip(reference).map(|(own, other)| own / other);
        let cells = [
            seconds(whole(arm)),
            seconds(mean(arm, "rollout_seconds")),
            seconds(learn),
            plain("environment_steps"),
            plain("rows"),
            plain("optimizer_steps"),
            of_row.map_or_else(|| "–".into(), |value| format!("{value:.1}&nbsp;ms")),
            ratio.map_or_else(|| "–".into(), |value| format!("{value:.2}&nbsp;×")),
        ];
        let cells: String = cells
            .iter()
            .map(|cell| format!("<td>{cell}</td>"))
            .collect();
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th>{cells}</tr>",
            escape(&arm.name)
        );
    }
    out.push_str(CLOSE_TABLE);
    out
}

/// A metric's mean over an arm's rounds and seeds.
fn mean(arm: &ArmResult, name: &str) -> Option<f64> {
    arm.means.get(name).copied()
}

fn seconds(value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(value) if value < 120.0 => format!("{value:.1}&nbsp;s"),
        Some(value) => duration(value),
    }
}

fn search(report: &ExperimentReport) -> String {
    if report.search.is_empty() {
        return "<p class=\"empty\">No search: every arm has the base’s optimizer settings.</p>"
            .into();
    }
    let mut out = String::from(
        "<p class=\"lead\">Every arm tried the same settings on a seed and on instances of their own; \
         the best by the mean of its last two evaluations is used for its runs.</p>",
    );
    out.push_str(&open_table(&["arm", "settings", "success", ""]));
    for row in &report.search {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&row.arm),
            escape(&row.settings.join(", ")),
            row.success.map_or_else(
                || "–".into(),
                |success| format!("{}&nbsp;%", percent(success))
            ),
            if row.chosen { "chosen" } else { "" }
        );
    }
    out.push_str(CLOSE_TABLE);
    out
}

/// Every single run: nothing is hidden behind a mean.
fn runs(report: &ExperimentReport) -> String {
    let seeds: Vec<String> = report
        .seeds
        .iter()
        .map(|seed| format!("seed {seed}"))
        .collect();
    let heads: Vec<&str> = std::iter::once("")
        .chain(seeds.iter().map(String::as_str))
        .chain(["settings"])
        .collect();
    let mut out = open_table(&heads);
    let cell = |value: Option<f64>| {
        value.map_or_else(
            || "<td>–</td>".to_owned(),
            |value| format!("<td>{}&nbsp;%</td>", percent(value)),
        )
    };
    let warm: String = report.warm.iter().map(|value| cell(*value)).collect();
    let _ = write!(
        out,
        "<tr><th scope=\"row\">warm start</th>{warm}<td></td></tr>"
    );
    for arm in &report.arms {
        let cells: String = report
            .seeds
            .iter()
            .map(|seed| cell(success_of(arm, *seed)))
            .collect();
        let settings: Vec<&str> = arm
            .sets
            .iter()
            .chain(&arm.chosen)
            .map(String::as_str)
            .collect();
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th>{cells}<td>{}</td></tr>",
            escape(&arm.name),
            escape(&settings.join(", "))
        );
    }
    out.push_str(CLOSE_TABLE);
    out
}

fn success_of(arm: &ArmResult, seed: u64) -> Option<f64> {
    arm.runs.iter().find(|run| run.seed == seed)?.success()
}

const CLOSE_TABLE: &str = "</tbody></table></div>";

/// Opens a table; heads are markup.
fn open_table(heads: &[&str]) -> String {
    let cells: String = heads
        .iter()
        .map(|head| format!("<th scope=\"col\">{head}</th>"))
        .collect();
    format!("<div class=\"card table\"><table><thead><tr>{cells}</tr></thead><tbody>")
}

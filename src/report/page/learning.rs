//! Learning curves, the heat map of tasks, and the guard metrics.

use std::fmt::Write;

use super::super::markup::{escape, number, script_json};
use super::super::{GuardSeries, HeatRow, Point, RatedPoint, Summary};
use super::charts::{Chart, Line, Unit, chart, heatmap, sparkline};

/// Three curves and the heat map.
pub(super) fn curves(summary: &Summary) -> String {
    let curves = &summary.curves;
    let known = curves.heat.len() as f64;
    let most = curves
        .tasks_above_60
        .iter()
        .map(|point| point.value)
        .fold(known, f64::max);
    let success = Chart {
        title: "Success rate",
        along: "rounds of training",
        unit: Unit::Percent,
        top: 1.0,
        lines: vec![
            rated("train", "training rounds", &curves.training, false),
            rated("after", "evaluations", &curves.evaluations, true),
        ],
    };
    let solved = Chart {
        title: "Tasks above 60 %",
        along: "rounds of training",
        unit: Unit::Count,
        top: most.max(1.0),
        lines: vec![plain("after", "tasks", &curves.tasks_above_60)],
    };
    let mastered = Chart {
        title: "Successes from mastered tasks",
        along: "rounds of training",
        unit: Unit::Percent,
        top: 1.0,
        lines: vec![plain("warm", "tasks above 80 %", &curves.mastered_share)],
    };
    let mut rows: Vec<&HeatRow> = curves.heat.iter().collect();
    let last = |row: &HeatRow| row.smoothed.last().copied().flatten().unwrap_or(0.0);
    rows.sort_by(|a, b| last(b).total_cmp(&last(a)));
    let legend: String = (0..=10)
        .map(|level| format!("<i class=\"h{level}\"></i>"))
        .collect();
    format!(
        "<p class=\"lead\">Training draws its actions at random and chooses its tasks, so its curve \
         lies apart from the evaluations. A high share of successes from mastered tasks means \
         effort spent on what is known already.</p>\
         <div class=\"grid\"><div class=\"span\">{}</div>{}{}</div>\
         <figure class=\"card heatmap\"><figcaption><h3>Smoothed success rate by task</h3>\
         <p class=\"legend\"><span>0 %</span><span class=\"ramp\">{legend}</span><span>100 %</span>\
         </p></figcaption><div class=\"scroll\" tabindex=\"0\" role=\"group\" \
         aria-label=\"Heat map, scrolls sideways\"><div class=\"plot heat-plot\">{}\
         <div class=\"tip\" hidden></div></div></div><p class=\"axis\">rounds of training</p></figure>\
         <script type=\"application/json\" id=\"heat-data\">{}</script>",
        chart(&success),
        chart(&solved),
        chart(&mastered),
        heatmap(&rows),
        script_json(&heat_data(&rows))
    )
}

/// Task names and whole percentages, for the script.
fn heat_data(rows: &[&HeatRow]) -> Vec<(String, Vec<Option<u8>>)> {
    rows.iter()
        .map(|row| {
            let cells = row
                .smoothed
                .iter()
                .map(|rate| rate.map(|rate| (rate.clamp(0.0, 1.0) * 100.0).round() as u8));
            (row.task.clone(), cells.collect())
        })
        .collect()
}

fn rated(class: &'static str, label: &'static str, points: &[RatedPoint], marked: bool) -> Line {
    let mut points: Vec<&RatedPoint> = points.iter().collect();
    points.sort_by_key(|point| point.rounds);
    Line {
        class,
        label: label.to_owned(),
        points: points
            .iter()
            .map(|point| (point.rounds as f64, point.rate.success))
            .collect(),
        intervals: points
            .iter()
            .map(|point| (point.rate.low, point.rate.high))
            .collect(),
        marked,
    }
}

fn plain(class: &'static str, label: &'static str, points: &[Point]) -> Line {
    Line {
        class,
        label: label.to_owned(),
        points: points
            .iter()
            .map(|point| (point.rounds as f64, point.value))
            .collect(),
        intervals: Vec::new(),
        marked: false,
    }
}

/// A card for each guard metric.
pub(super) fn guards(guards: &[GuardSeries]) -> String {
    if guards.is_empty() {
        return "<p class=\"empty\">No round of training is done yet.</p>".into();
    }
    let warnings = guards
        .iter()
        .filter(|guard| guard.warning.is_some())
        .count();
    let mut out = format!(
        "<p class=\"lead\">Latest value, its course over the rounds, and its range. {}</p>\
         <div class=\"guards\">",
        match warnings {
            0 => "Nothing here looks wrong.".to_string(),
            1 => "One of them needs a look.".to_string(),
            many => format!("{many} of them need a look."),
        }
    );
    for guard in guards {
        out.push_str(&card(guard));
    }
    out.push_str("</div>");
    out
}

fn card(guard: &GuardSeries) -> String {
    let values = || guard.points.iter().map(|point| point.value);
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let mut out = format!(
        "<article class=\"card guard{}\"><h3>{}</h3>",
        if guard.warning.is_some() {
            " warned"
        } else {
            ""
        },
        escape(&guard.title)
    );
    match guard.points.last() {
        Some(last) => {
            let spoken = format!(
                "{} between {} and {}, last {}",
                guard.title,
                number(low),
                number(high),
                number(last.value)
            );
            let _ = write!(
                out,
                "<p class=\"latest\">{}</p><div class=\"spark-box\">{}</div><p class=\"minmax\">{}</p>",
                number(last.value),
                sparkline(&guard.points, &spoken),
                if low < high {
                    format!("{} – {}", number(low), number(high))
                } else {
                    "constant".into()
                }
            );
        }
        None => out.push_str("<p class=\"latest\">–</p>"),
    }
    if let Some(warning) = &guard.warning {
        let _ = write!(out, "<p class=\"warning\">{}</p>", escape(warning));
    }
    if !guard.hint.is_empty() {
        let _ = write!(out, "<p class=\"hint\">{}</p>", escape(guard.hint));
    }
    out.push_str("</article>");
    out
}

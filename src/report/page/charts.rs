//! Drawings of the page as inline SVG. Colours and fonts come from the page's style sheet, so that
//! they follow light and dark.

use std::fmt::Write;

use serde::Serialize;

use super::super::markup::{escape, number, percent, script_json};
use super::super::{HeatRow, Point};

/// How values of a chart are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum Unit {
    /// Shares in [0, 1], shown as percentages.
    Percent,
    /// Counts.
    Count,
}

/// One line of a chart.
#[derive(Debug, Clone)]
pub(in crate::report) struct Line {
    /// Class of the style sheet that colours it.
    pub(in crate::report) class: &'static str,
    /// For the legend.
    pub(in crate::report) label: String,
    /// x and y, by rising x.
    pub(in crate::report) points: Vec<(f64, f64)>,
    /// Low and high at each point, or empty.
    pub(in crate::report) intervals: Vec<(f64, f64)>,
    /// Draws the points with their intervals as whiskers, instead of a band.
    pub(in crate::report) marked: bool,
}

/// A chart over what training took.
#[derive(Debug, Clone)]
pub(in crate::report) struct Chart {
    pub(in crate::report) title: &'static str,
    /// What the x axis counts, as in `rounds of training`.
    pub(in crate::report) along: &'static str,
    pub(in crate::report) unit: Unit,
    /// Top of the y axis.
    pub(in crate::report) top: f64,
    pub(in crate::report) lines: Vec<Line>,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 34.0;

/// What the page's script needs to show values under the pointer.
#[derive(Serialize)]
struct Hover<'a> {
    unit: Unit,
    left: f64,
    right: f64,
    most: f64,
    lines: Vec<HoverLine<'a>>,
}

#[derive(Serialize)]
struct HoverLine<'a> {
    class: &'a str,
    label: &'a str,
    points: &'a [(f64, f64)],
}

/// Draws a chart with its legend; without any point it says so.
pub(in crate::report) fn chart(chart: &Chart) -> String {
    let most = chart
        .lines
        .iter()
        .flat_map(|line| &line.points)
        .map(|(x, _)| *x)
        .fold(0.0, f64::max);
    let mut out = format!(
        "<figure class=\"card chart\"><figcaption><h3>{}</h3><p class=\"legend\">",
        escape(chart.title)
    );
    for line in chart.lines.iter().filter(|line| !line.points.is_empty()) {
        let _ = write!(
            out,
            "<span class=\"key {}\">{}</span>",
            line.class,
            escape(&line.label)
        );
    }
    out.push_str("</p></figcaption>");
    if chart.lines.iter().all(|line| line.points.is_empty()) {
        out.push_str("<p class=\"empty\">No round of training is done yet.</p></figure>");
        return out;
    }
    let x = |value: f64| LEFT + value / most.max(1.0) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| {
        HEIGHT - BOTTOM - (value / chart.top).clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
    };
    let hover = Hover {
        unit: chart.unit,
        left: LEFT / WIDTH,
        right: (WIDTH - RIGHT) / WIDTH,
        most: most.max(1.0),
        lines: chart
            .lines
            .iter()
            .map(|line| HoverLine {
                class: line.class,
                label: &line.label,
                points: &line.points,
            })
            .collect(),
    };
    let _ = write!(
        out,
        "<div class=\"plot\" data-hover=\"{}\"><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{}\">",
        escape(&script_json(&hover)),
        escape(&spoken(chart))
    );
    for tick in ticks(chart.top, 4, chart.unit == Unit::Count) {
        let text = match chart.unit {
            Unit::Percent => format!("{}%", percent(tick)),
            Unit::Count => number(tick),
        };
        let _ = write!(
            out,
            "<line class=\"rule\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{1:.1}\" y2=\"{1:.1}\"/>\
             <text class=\"tick end\" x=\"{2:.1}\" y=\"{3:.1}\">{text}</text>",
            WIDTH - RIGHT,
            y(tick),
            LEFT - 8.0,
            y(tick) + 4.0
        );
    }
    for tick in ticks(most.max(1.0), 8, true) {
        let _ = write!(
            out,
            "<text class=\"tick mid\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x(tick),
            HEIGHT - BOTTOM + 16.0,
            number(tick)
        );
    }
    let _ = write!(
        out,
        "<text class=\"tick end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        WIDTH - RIGHT,
        HEIGHT - 3.0,
        escape(chart.along)
    );
    for line in &chart.lines {
        draw_line(&mut out, line, &x, &y);
    }
    out.push_str(
        "</svg><div class=\"tip\" hidden></div><i class=\"hair\" hidden></i></div></figure>",
    );
    out
}

fn draw_line(out: &mut String, line: &Line, x: &impl Fn(f64) -> f64, y: &impl Fn(f64) -> f64) {
    let points: Vec<(f64, f64)> = line.points.iter().map(|(a, b)| (x(*a), y(*b))).collect();
    let _ = write!(out, "<g class=\"{}\">", line.class);
    if !line.marked && line.intervals.len() == points.len() && points.len() > 1 {
        let upper = points
            .iter()
            .zip(&line.intervals)
            .map(|((x, _), (_, high))| (*x, y(*high)));
        let lower = points
            .iter()
            .zip(&line.intervals)
            .map(|((x, _), (low, _))| (*x, y(*low)));
        let around: Vec<(f64, f64)> = upper.chain(lower.rev()).collect();
        let _ = write!(out, "<path class=\"band\" d=\"{}Z\"/>", path(&around));
    }
    let _ = write!(out, "<path class=\"line\" d=\"{}\"/>", path(&points));
    if line.marked {
        for ((x, _), (low, high)) in points.iter().zip(&line.intervals) {
            let _ = write!(
                out,
                "<line class=\"whisker\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>",
                y(*low),
                y(*high)
            );
        }
    }
    if line.marked || points.len() == 1 {
        for (x, y) in &points {
            let _ = write!(
                out,
                "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>"
            );
        }
    }
    out.push_str("</g>");
}

/// An SVG path through points: `M1.0 2.0L3.0 4.0`; empty without points.
pub(in crate::report) fn path(points: &[(f64, f64)]) -> String {
    let mut out = String::new();
    for (index, (x, y)) in points.iter().enumerate() {
        let _ = write!(out, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
    }
    out
}

/// A chart in words, for those who do not see it: first and last value of each line.
fn spoken(chart: &Chart) -> String {
    let text = |value: f64| match chart.unit {
        Unit::Percent => format!("{} percent", percent(value)),
        Unit::Count => number(value),
    };
    let lines: Vec<String> = chart
        .lines
        .iter()
        .filter_map(|line| {
            let (first, last) = (line.points.first()?, line.points.last()?);
            Some(format!(
                "{} from {} after {} {along} to {} after {} {along}",
                line.label,
                text(first.1),
                number(first.0),
                text(last.1),
                number(last.0),
                along = chart.along,
            ))
        })
        .collect();
    format!("{}: {}.", chart.title, lines.join("; "))
}

/// Round values from 0 to `top`, about `about` of them.
pub(in crate::report) fn ticks(top: f64, about: u32, whole: bool) -> Vec<f64> {
    if !(top.is_finite() && top > 0.0) || about == 0 {
        return vec![0.0];
    }
    let rough = top / f64::from(about);
    let power = 10f64.powf(rough.log10().floor());
    let mut step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * power);
    if whole {
        step = step.ceil().max(1.0);
    }
    let count = (top / step + 1e-9).floor() as u32;
    (0..=count).map(|index| f64::from(index) * step).collect()
}

/// A small line without axes, from lowest to highest value; the last point is marked.
pub(in crate::report) fn sparkline(points: &[Point], label: &str) -> String {
    const W: f64 = 220.0;
    const H: f64 = 44.0;
    const PAD: f64 = 5.0;
    let low = points
        .iter()
        .map(|point| point.value)
        .fold(f64::INFINITY, f64::min);
    let high = points
        .iter()
        .map(|point| point.value)
        .fold(f64::NEG_INFINITY, f64::max);
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return String::new();
    };
    let span = (last.rounds - first.rounds).max(1) as f64;
    let placed: Vec<(f64, f64)> = points
        .iter()
        .map(|point| {
            let x = PAD + (point.rounds - first.rounds) as f64 / span * (W - 2.0 * PAD);
            // A constant lies in the middle.
            let share = if high > low {
                (point.value - low) / (high - low)
            } else {
                0.5
            };
            (x, H - PAD - share * (H - 2.0 * PAD))
        })
        .collect();
    let (x, y) = placed[placed.len() - 1];
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 {W} {H}\" role=\"img\" aria-label=\"{}\" \
         preserveAspectRatio=\"none\"><path class=\"line\" d=\"{}\"/></svg>\
         <i class=\"spark-dot\" style=\"left:{:.1}%;top:{:.1}%\"></i>",
        escape(label),
        path(&placed),
        x / W * 100.0,
        y / H * 100.0
    )
}

/// Smoothed rates of all tasks over the rounds: a row a task, the best at the top.
pub(in crate::report) fn heatmap(rows: &[&HeatRow]) -> String {
    const LABELS: f64 = 250.0;
    const WIDTH: f64 = 1000.0;
    const ROW: f64 = 19.0;
    const AXIS: f64 = 24.0;
    let rounds = rows.iter().map(|row| row.smoothed.len()).max().unwrap_or(0);
    if rounds == 0 {
        return "<p class=\"empty\">No round of training is done yet.</p>".into();
    }
    let height = ROW * rows.len() as f64 + AXIS;
    let cell = (WIDTH - LABELS) / rounds as f64;
    let mut out = format!(
        "<svg class=\"heat\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Smoothed \
         success rate of {} tasks over {rounds} rounds; the table of tasks has the results\">",
        rows.len()
    );
    for (index, row) in rows.iter().enumerate() {
        let top = index as f64 * ROW;
        let _ = write!(
            out,
            "<text class=\"tick end\" x=\"{:.0}\" y=\"{:.1}\">{}</text>",
            LABELS - 10.0,
            top + 13.5,
            escape(&shorten(&row.task, 36))
        );
        // Equal neighbours are one rectangle: large runs stay small pages.
        let mut start = 0;
        while start < row.smoothed.len() {
            let level = level(row.smoothed[start]);
            let mut end = start + 1;
            while end < row.smoothed.len() && self::level(row.smoothed[end]) == level {
                end += 1;
            }
            if let Some(level) = level {
                let _ = write!(
                    out,
                    "<rect class=\"h{level}\" x=\"{:.2}\" y=\"{:.1}\" width=\"{:.2}\" \
                     height=\"{:.1}\"/>",
                    LABELS + start as f64 * cell,
                    top + 1.0,
                    (end - start) as f64 * cell,
                    ROW - 2.0
                );
            }
            start = end;
        }
    }
    for tick in ticks(rounds as f64, 10, true) {
        let _ = write!(
            out,
            "<text class=\"tick mid\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            // The right edge of a round's cell is the moment after it.
            LABELS + (tick * cell).clamp(4.0, WIDTH - LABELS - 8.0),
            height - 7.0,
            number(tick)
        );
    }
    out.push_str("</svg>");
    out
}

/// One of eleven levels from 0 to 10; `None` where nothing is known.
fn level(rate: Option<f64>) -> Option<u8> {
    Some((rate?.clamp(0.0, 1.0) * 10.0).round() as u8)
}

fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_with_a_move() {
        assert_eq!(path(&[]), "");
        assert_eq!(path(&[(1.0, 2.0), (3.25, 4.0)]), "M1.0 2.0L3.2 4.0");
    }

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(ticks(1.0, 4, false), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(ticks(12.0, 4, true), [0.0, 5.0, 10.0]);
        assert_eq!(ticks(1.0, 8, true), [0.0, 1.0]);
        assert_eq!(ticks(f64::NAN, 4, true), [0.0]);
    }

    #[test]
    fn charts_draw_bands_marks_and_nothing() {
        let line = |marked| Line {
            class: "train",
            label: "Training & more".into(),
            points: vec![(0.0, 0.1), (10.0, 0.9)],
            intervals: vec![(0.0, 0.2), (0.8, 1.0)],
            marked,
        };
        let mut drawing = Chart {
            title: "Success",
            along: "rounds of training",
            unit: Unit::Percent,
            top: 1.0,
            lines: vec![line(false)],
        };
        let svg = chart(&drawing);
        // From the left edge to the right edge of the plot, 10 % and 90 % up.
        assert!(svg.contains("d=\"M44.0 195.6L626.0 32.4\""), "{svg}");
        assert_eq!(svg.matches("class=\"band\"").count(), 1);
        assert!(svg.contains("Training &amp; more") && !svg.contains("Training & more"));
        drawing.lines = vec![line(true)];
        let svg = chart(&drawing);
        assert_eq!(svg.matches("class=\"whisker\"").count(), 2);
        assert_eq!(svg.matches("class=\"dot\"").count(), 2);
        drawing.lines = vec![];
        assert!(chart(&drawing).contains("No round"));
    }

    #[test]
    fn heatmaps_join_equal_neighbours() {
        let row = HeatRow {
            task: "A<b>".into(),
            smoothed: vec![None, Some(0.5), Some(0.52), Some(1.0)],
        };
        let svg = heatmap(&[&row]);
        assert_eq!(svg.matches("<rect").count(), 2);
        assert!(svg.contains("class=\"h5\" x=\"437.50\" y=\"1.0\" width=\"375.00\""));
        assert!(svg.contains("A&lt;b&gt;"));
    }

    #[test]
    fn sparklines_survive_constants_and_single_points() {
        let point = |rounds, value| Point { rounds, value };
        assert_eq!(sparkline(&[], "x"), "");
        assert!(sparkline(&[point(1, 3.0)], "x").contains("M5.0 22.0"));
        let svg = sparkline(&[point(1, 0.0), point(3, 2.0)], "x");
        assert!(svg.contains("M5.0 39.0L215.0 5.0"), "{svg}");
    }
}

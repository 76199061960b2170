//! The headline and the table of tasks.

use std::fmt::Write;

use super::super::markup::{count, escape, p_value, percent, points};
use super::super::{Rate, Summary, TaskRow};
use crate::domain::statistics::paired_gain_p_value;

/// p values below this count as evidence.
const EVIDENCE: f64 = 0.05;

/// What the numbers say, in one word and one sentence.
#[derive(Debug, PartialEq)]
struct Verdict {
    class: &'static str,
    word: &'static str,
    sentence: String,
}

fn verdict(summary: &Summary) -> Verdict {
    let pairs = summary.pairs;
    let (Some(_), Some(_), Some(difference)) = (summary.before, summary.after, summary.difference)
    else {
        return Verdict {
            class: "open",
            word: "Not decided yet",
            sentence: "A comparison needs an evaluation before and one after training.".into(),
        };
    };
    let Some(p) = summary.p_value else {
        return Verdict {
            class: "open",
            word: "Not comparable",
            sentence: "The two evaluations share no instance, so the difference can’t be tested."
                .into(),
        };
    };
    let changed = format!(
        "Of {} tried both before and after, {} turned from failure to success and {} from success \
         to failure.",
        count(u64::from(pairs.pairs), "instance", "instances"),
        pairs.gained,
        pairs.lost
    );
    let worse = paired_gain_p_value(u64::from(pairs.lost), u64::from(pairs.gained));
    if difference > 0.0 && p < EVIDENCE {
        Verdict {
            class: "good",
            word: "Training helped",
            sentence: format!(
                "{changed} If training had changed nothing, a gain like this would be rare \
                 (p{}).",
                p_value(p)
            ),
        }
    } else if difference < 0.0 && worse < EVIDENCE {
        Verdict {
            class: "bad",
            word: "Training did harm",
            sentence: format!(
                "{changed} If training had changed nothing, a loss like this would be rare \
                 (p{}).",
                p_value(worse)
            ),
        }
    } else {
        Verdict {
            class: "open",
            word: "No clear change",
            sentence: format!(
                "{changed} Chance alone could explain this (p{}); more evaluation episodes would \
                 tell.",
                p_value(p)
            ),
        }
    }
}

/// Success before and after in large numbers, with intervals and the verdict.
pub(super) fn headline(summary: &Summary) -> String {
    let verdict = verdict(summary);
    let mut out = String::from("<section class=\"hero\" aria-labelledby=\"headline\">");
    let _ = write!(
        out,
        "<p class=\"eyebrow\">Success on {}{}</p><h1 id=\"headline\">",
        count(u64::from(summary.tasks), "task", "tasks"),
        if summary.suite.is_empty() {
            String::new()
        } else {
            format!(" of the suite “{}”", escape(&summary.suite))
        }
    );
    let figure = |out: &mut String, class: &str, rate: Option<Rate>, word: &str| {
        let value = rate.map_or_else(
            || "–".to_string(),
            |rate| format!("{}<small>%</small>", percent(rate.success)),
        );
        let detail = rate.map_or_else(
            || "no evaluation yet".to_string(),
            |rate| {
                format!(
                    "{} of {}, 95&nbsp;%: {}–{}&nbsp;%",
                    rate.successes,
                    rate.episodes,
                    percent(rate.low),
                    percent(rate.high)
                )
            },
        );
        let _ = write!(
            out,
            "<span class=\"figure {class}\"><span class=\"word\">{word}</span> \
             <span class=\"value\">{value}</span> <span class=\"detail\">{detail}</span></span>"
        );
    };
    figure(&mut out, "before", summary.before, "Before training");
    out.push_str(
        "<span class=\"arrow\" aria-hidden=\"true\">→</span><span class=\"unseen\"> to </span>",
    );
    figure(&mut out, "after", summary.after, "After training");
    let _ = write!(
        out,
        "</h1><div class=\"verdict {}\"><strong id=\"verdict\">{}</strong>",
        verdict.class, verdict.word
    );
    if let Some(difference) = summary.difference {
        let _ = write!(
            out,
            "<span class=\"gain\">{} points</span>",
            points(difference)
        );
    }
    let _ = write!(out, "<p>{}</p></div>", verdict.sentence);
    out.push_str(&gauge(&[
        ("before", "Before", summary.before),
        ("after", "After", summary.after),
    ]));
    if summary.held_out_before.is_some() || summary.held_out_after.is_some() {
        let text = |rate: Option<Rate>| {
            rate.map_or_else(
                || "–".into(),
                |rate| {
                    format!(
                        "<b>{}&nbsp;%</b> <small>({}–{})</small>",
                        percent(rate.success),
                        percent(rate.low),
                        percent(rate.high)
                    )
                },
            )
        };
        let _ = write!(
            out,
            "<p class=\"held\">On the tasks that training never saw: {} → {}</p>",
            text(summary.held_out_before),
            text(summary.held_out_after)
        );
    }
    out.push_str("</section>\n");
    out
}

/// Two intervals on one scale from 0 to 100 %.
fn gauge(rates: &[(&str, &str, Option<Rate>)]) -> String {
    let mut out = String::from("<div class=\"gauge\" aria-hidden=\"true\">");
    for (class, word, rate) in rates {
        let Some(rate) = rate else { continue };
        let _ = write!(
            out,
            "<div class=\"track {class}\"><span class=\"name\">{word}</span><span class=\"rail\">{}\
             </span></div>",
            bar(*rate)
        );
    }
    out.push_str("<div class=\"scale\"><span>0</span><span>25</span><span>50</span><span>75</span><span>100%</span></div></div>");
    out
}

/// A bar with the interval as a whisker.
fn bar(rate: Rate) -> String {
    format!(
        "<i class=\"fill\" style=\"width:{:.2}%\"></i><i class=\"range\" \
         style=\"left:{:.2}%;width:{:.2}%\"></i>",
        rate.success * 100.0,
        rate.low * 100.0,
        (rate.high - rate.low) * 100.0
    )
}

/// The table of tasks, the largest gain first; the page's script sorts it anew.
pub(super) fn tasks(summary: &Summary) -> String {
    if summary.by_task.is_empty() {
        return "<p class=\"empty\">No task has been evaluated yet.</p>".into();
    }
    let mut rows: Vec<&TaskRow> = summary.by_task.iter().collect();
    let key = |row: &TaskRow| row.difference.unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|a, b| key(b).total_cmp(&key(a)));
    let mut out = String::from(
        "<p class=\"lead\">Each bar is the share of episodes with full score; the thin line is its \
         95&nbsp;% interval. Few episodes make wide intervals.</p>\
         <div class=\"card table\"><table id=\"by-task\"><thead><tr>",
    );
    for (title, class, sort) in [
        ("Task", "", "none"),
        ("Before and after", "wide-only", ""),
        ("Before", "number", "none"),
        ("After", "number", "none"),
        ("Change", "number", "descending"),
    ] {
        if sort.is_empty() {
            let _ = write!(
                out,
                "<th scope=\"col\" class=\"{class}\"><span>{title}</span></th>"
            );
        } else {
            let _ = write!(
                out,
                "<th scope=\"col\" class=\"{class}\" aria-sort=\"{sort}\">\
                 <button type=\"button\">{title}</button></th>"
            );
        }
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str(&task_row(row));
    }
    out.push_str("</tbody></table></div>");
    out
}

fn task_row(row: &TaskRow) -> String {
    let cell = |rate: Option<Rate>| match rate {
        Some(rate) => format!(
            "<td class=\"number\" data-value=\"{:.6}\"><b>{}%</b> <small>{}/{}</small></td>",
            rate.success,
            percent(rate.success),
            rate.successes,
            rate.episodes
        ),
        None => "<td class=\"number\" data-value=\"-1\"><small>not judged</small></td>".into(),
    };
    let bars: String = [("before", row.before), ("after", row.after)]
        .into_iter()
        .map(|(class, rate)| {
            let drawn = rate.map(bar).unwrap_or_default();
            format!("<span class=\"rail {class}\">{drawn}</span>")
        })
        .collect();
    let change = match row.difference {
        Some(difference) => {
            let class = if difference > 0.0 {
                "up"
            } else if difference < 0.0 {
                "down"
            } else {
                "same"
            };
            format!(
                "<td class=\"number change {class}\" data-value=\"{difference:.6}\">{}</td>",
                points(difference)
            )
        }
        None => "<td class=\"number\" data-value=\"-9\">–</td>".into(),
    };
    let held_out = if row.held_out {
        " <span class=\"tag\" title=\"Never trained on\">held out</span>"
    } else {
        ""
    };
    format!(
        "<tr><th scope=\"row\">{}{held_out}</th><td class=\"wide-only bars\" aria-hidden=\"true\">\
         {bars}</td>{}{}{change}</tr>",
        // A break may come before each capital: the names are one long word.
        breakable(&row.task),
        cell(row.before),
        cell(row.after)
    )
}

fn breakable(name: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            out.push_str(&escape(&word));
            out.push_str("<wbr>");
            word.clear();
        }
        word.push(letter);
    }
    out + &escape(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Curves;
    use crate::report::summary::Pairs;

    fn summary(before: (u32, u32), after: (u32, u32), gained: u32, lost: u32) -> Summary {
        let (before, after) = (Rate::of(before.0, before.1), Rate::of(after.0, after.1));
        let pairs = Pairs {
            pairs: before.map_or(0, |rate| rate.episodes),
            gained,
            lost,
        };
        Summary {
            name: "n".into(),
            suite: "<s>".into(),
            tasks: 1,
            episodes: 1,
            steps: 1,
            rounds: 1,
            seconds: 1.0,
            before,
            after,
            difference: before.zip(after).map(|(a, b)| b.success - a.success),
            pairs,
            p_value: (pairs.pairs > 0)
                .then(|| paired_gain_p_value(u64::from(gained), u64::from(lost))),
            held_out_before: None,
            held_out_after: None,
            by_task: vec![],
            curves: Curves::default(),
            losses: Default::default(),
            guards: vec![],
        }
    }

    #[test]
    fn verdicts_follow_the_evidence() {
        let word = |summary: &Summary| verdict(summary).word;
        assert_eq!(word(&summary((2, 20), (15, 20), 14, 1)), "Training helped");
        assert_eq!(word(&summary((10, 20), (12, 20), 4, 2)), "No clear change");
        assert_eq!(
            word(&summary((15, 20), (2, 20), 1, 14)),
            "Training did harm"
        );
        assert_eq!(word(&summary((15, 20), (0, 0), 0, 0)), "Not decided yet");
        let mut apart = summary((1, 20), (15, 20), 0, 0);
        apart.p_value = None;
        assert_eq!(word(&apart), "Not comparable");
    }

    #[test]
    fn names_from_outside_are_escaped() {
        assert!(headline(&summary((1, 2), (2, 2), 1, 0)).contains("“&lt;s&gt;”"));
        assert_eq!(breakable("A<bCd"), "A&lt;b<wbr>Cd");
    }
}

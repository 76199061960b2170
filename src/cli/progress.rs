//! A run's events as progress bars on a terminal, and as lines where stderr is none.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use indicatif::ProgressBar;

use super::Output;
use crate::domain::{Event, Observer};

/// One piece of work at a time.
#[derive(Default)]
struct Shown {
    bar: Option<ProgressBar>,
    what: String,
    unit: &'static str,
    total: u64,
    started: Option<Instant>,
    judged: u64,
    succeeded: u64,
}

/// Shows a run's events: a bar for each piece of work, and a line when it is done.
pub(super) fn show_run(output: &Output) -> Observer {
    let output = output.clone();
    let shown = Mutex::new(Shown::default());
    Observer::new(move |event| {
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        handle(&output, &mut shown, event);
    })
}

fn handle(output: &Output, shown: &mut Shown, event: &Event) {
    match event {
        Event::Began {
            what,
            unit,
            total,
            done,
        } => {
            let length = (*total > 0).then_some(*total);
            let bar = output.progress(length, what);
            bar.set_position(*done);
            *shown = Shown {
                bar: Some(bar),
                what: what.clone(),
                unit,
                total: *total,
                started: Some(Instant::now()),
                judged: 0,
                succeeded: 0,
            };
        }
        Event::Advanced { done, detail } => {
            if let Some(bar) = &shown.bar {
                bar.set_position(*done);
                bar.set_message(message(shown, detail));
            }
        }
        Event::Ended { summary } => {
            if let Some(bar) = shown.bar.take() {
                bar.finish_and_clear();
            }
            output.note(&ending(shown, summary));
        }
        Event::Episode { outcome, .. } => {
            if let Some(reward) = outcome.reward() {
                shown.judged += 1;
                shown.succeeded += u64::from(reward >= 1.0);
            }
        }
        Event::Device {
            serial,
            kind,
            detail,
        } => {
            // A device that comes up is shown by what it does.
            if *kind != "ready" {
                output.note(&format!("device {serial} {kind}: {detail}"));
            }
        }
        Event::Note(text) => output.note(text),
        Event::Waiting { reason } => output.note(reason),
        Event::GoesOn => output.note("there is room again; the run goes on"),
    }
}

fn message(shown: &Shown, detail: &str) -> String {
    if shown.judged > 0 {
        format!(
            "{} ({} of {} succeeded)",
            shown.what, shown.succeeded, shown.judged
        )
    } else if detail.is_empty() {
        shown.what.clone()
    } else {
        format!("{} ({detail})", shown.what)
    }
}

fn ending(shown: &Shown, summary: &str) -> String {
    let seconds = shown
        .started
        .map_or(0.0, |started| started.elapsed().as_secs_f64());
    if !summary.is_empty() {
        return format!("{summary}, {seconds:.1} s");
    }
    let counted = if shown.judged > 0 {
        format!(", {} of {} succeeded", shown.succeeded, shown.judged)
    } else {
        String::new()
    };
    format!(
        "{}: {} {}{counted}, {seconds:.1} s",
        shown.what, shown.total, shown.unit
    )
}

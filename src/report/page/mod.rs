//! The page: one HTML file out of the run's data.

pub(super) mod charts;
mod learning;
mod player;
mod result;
mod run;

use std::fs;
use std::path::{Path, PathBuf};

use super::markup::{count, duration, escape, thousands};
use super::replay::replay;
use super::summary::{compared, summarize};
use super::{ReportError, Summary};
use crate::store::Store;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The page may load nothing at all; what it holds is all there is.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
                      script-src 'unsafe-inline'";

/// Writes `report/index.html` into a run directory and returns its path. An earlier report is
/// replaced at once, so that a reader never sees half of one.
///
/// # Errors
/// The database can't be read, or the page can't be written. Missing screenshots are no errors.
pub fn write_html(run_directory: &Path, store: &Store) -> Result<PathBuf, ReportError> {
    write_page(&run_directory.join("report"), &page(run_directory, store)?)
}

/// Writes `index.html` into a folder, at once.
pub(super) fn write_page(folder: &Path, page: &str) -> Result<PathBuf, ReportError> {
    fs::create_dir_all(folder).map_err(|source| ReportError::write(folder, source))?;
    let path = folder.join("index.html");
    let temporary = folder.join(format!(".index.{}.tmp", std::process::id()));
    let written = fs::write(&temporary, page).and_then(|()| fs::rename(&temporary, &path));
    if let Err(source) = written {
        // The error of the write is what matters; a leftover is harmless.
        let _ = fs::remove_file(&temporary);
        return Err(ReportError::write(&path, source));
    }
    Ok(path)
}

fn page(run_directory: &Path, store: &Store) -> Result<String, ReportError> {
    let summary = summarize(store)?;
    let info = store.run()?;
    let evaluations = store.evaluations()?;
    let replay = replay(store, &compared(&evaluations))?;
    // The file is what a person may have looked at; the stored text is the same at the beginning.
    let config = fs::read_to_string(run_directory.join("run.toml"))
        .unwrap_or_else(|_| info.run.config.clone());
    let sections = [
        ("tasks", "Tasks", result::tasks(&summary)),
        ("learning", "Learning", learning::curves(&summary)),
        ("replay", "Replay", player::player(&replay)),
        ("guards", "Guard metrics", learning::guards(&summary.guards)),
        ("devices", "Devices", run::devices(store, &summary)?),
        (
            "configuration",
            "Configuration",
            run::configuration(&info, &config, &store.checkpoints()?),
        ),
    ];
    let lead = format!("{}{}", result::headline(&summary), facts(&summary));
    let foot = footer(&info.run.program_version, &summary);
    Ok(document(&summary.name, &lead, &sections, &foot))
}

/// A whole page: what is first, sections as (id, title, content), and the last words. All but the name
/// is markup already.
pub(super) fn document(
    name: &str,
    lead: &str,
    sections: &[(&str, &str, String)],
    foot: &str,
) -> String {
    let links: String = sections
        .iter()
        .map(|(id, title, _)| format!("<a href=\"#{id}\">{title}</a>"))
        .collect();
    let body: String = sections
        .iter()
        .map(|(id, title, content)| {
            format!("<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2>{content}</section>")
        })
        .collect();
    let name = escape(name);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{name} · stepdroid</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the result</a>\n\
         <header class=\"bar\"><div class=\"wide\"><span class=\"brand\"><b>stepdroid</b> \
         <span>{name}</span></span><nav aria-label=\"Parts of the report\">{links}</nav>\
         <button id=\"theme\" type=\"button\" aria-label=\"Switch between light and dark\" \
         title=\"Light or dark\">◐</button></div></header>\n\
         <main id=\"main\" class=\"wide\">\n{lead}{body}</main>\n\
         <footer class=\"wide\">{foot}</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    )
}

/// The run in numbers, below the headline.
fn facts(summary: &Summary) -> String {
    let mut facts = vec![
        (thousands(i64::from(summary.tasks)), "tasks".to_string()),
        (
            thousands(i64::from(summary.rounds)),
            if summary.rounds == 1 {
                "round of training".into()
            } else {
                "rounds of training".into()
            },
        ),
        (
            thousands(i64::from(summary.episodes)),
            "judged episodes".into(),
        ),
        (
            thousands(i64::try_from(summary.steps).unwrap_or(i64::MAX)),
            "steps on devices".into(),
        ),
        (duration(summary.seconds), "from start to finish".into()),
    ];
    if summary.losses.total > 0 {
        facts.push((
            thousands(i64::from(summary.losses.total)),
            "attempts lost to devices".into(),
        ));
    }
    let items: String = facts
        .iter()
        .map(|(value, name)| format!("<li><b>{value}</b><span>{name}</span></li>"))
        .collect();
    format!("<ul class=\"facts\">{items}</ul>\n")
}

fn footer(version: &str, summary: &Summary) -> String {
    format!(
        "<p>Written by stepdroid {}. Success means the full score of the task’s own checker; \
         intervals are 95&nbsp;% Wilson intervals; {} in all. Attempts lost to infrastructure \
         are in no rate.</p>",
        escape(version),
        count(
            u64::from(summary.episodes),
            "judged episode",
            "judged episodes"
        ),
    )
}

//! `stepdroid config`: the settings of a run, and where each came from.

use std::path::PathBuf;

use serde_json::json;

use super::{Context, Failure};
use crate::config::{self, DEFAULTS, Loaded};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Examples:
  stepdroid config > train.toml                     all settings with comments, to start from
  stepdroid config --config train.toml              what a run with this file would use
  stepdroid config --set train.rounds=5 --origins   each value with where it came from
";

/// Arguments of `config`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Changes one setting, as in `train.rounds=20`; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Show where each value came from: default, preset, file and line, or --set.
    #[arg(long)]
    origins: bool,
}

pub(super) fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let output = &context.output;
    let loaded = config::load(args.config.as_deref(), &args.sets)?;
    if args.origins {
        let rows = rows(&loaded)?;
        let value: Vec<_> = rows
            .iter()
            .map(|(key, value, origin)| json!({"key": key, "value": value, "origin": origin}))
            .collect();
        return output.result(&value, |_| {
            let width = rows.iter().map(|(key, ..)| key.len()).max().unwrap_or(0);
            rows.iter()
                .map(|(key, value, origin)| format!("{key:width$} = {value}  # {origin}\n"))
                .collect()
        });
    }
    if args.config.is_none() && args.sets.is_empty() && !output.is_json() {
        return output.print(DEFAULTS);
    }
    let text = loaded.config.to_toml()?;
    output.result(&loaded.config, |_| text)
}

/// Key, value as TOML, and origin of every setting.
fn rows(loaded: &Loaded) -> Result<Vec<(String, String, String)>, Failure> {
    let table: toml::Table = loaded
        .config
        .to_toml()?
        .parse()
        .map_err(|error| Failure::missed(format!("the configuration is no TOML: {error}")))?;
    let mut rows = Vec::new();
    flatten("", &table, loaded, &mut rows);
    Ok(rows)
}

fn flatten(
    prefix: &str,
    table: &toml::Table,
    loaded: &Loaded,
    rows: &mut Vec<(String, String, String)>,
) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            toml::Value::Table(below) if !below.is_empty() => flatten(&key, below, loaded, rows),
            value => rows.push((
                key.clone(),
                value.to_string(),
                loaded.origin(&key).to_string(),
            )),
        }
    }
}

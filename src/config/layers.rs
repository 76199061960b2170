//! Puts a configuration together from its layers (defaults, preset, file, `--set`), remembers where
//! each value came from, and refuses keys that do not exist.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::presets::PRESETS;
use super::{ConfigError, DEFAULTS, TrainConfig, validate};

/// Tables whose keys are names of something else.
const OPEN_TABLES: [&str; 4] = [
    "devices.channels.grpc",
    "pretrain.demonstrations_by_task",
    "train.bots.weak_rates",
    "train.bots.strong_rates",
];
/// The key that names a preset.
const PRESET_KEY: &str = "train.preset";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The built-in defaults.
    Default,
    /// A preset.
    Preset(String),
    /// A file and its line, from 1.
    File(PathBuf, usize),
    /// `--set`.
    Set,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Default => write!(f, "default"),
            Origin::Preset(name) => write!(f, "preset {name}"),
            Origin::File(path, line) => write!(f, "{}:{line}", path.display()),
            Origin::Set => write!(f, "--set"),
        }
    }
}

/// A configuration with the origin of each of its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The effective configuration.
    pub config: TrainConfig,
    /// Origin by key, e.g. `train.rounds`.
    pub origins: BTreeMap<String, Origin>,
}

impl Loaded {
    /// Where a key's value came from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }
}

impl TrainConfig {
    /// The built-in defaults.
    ///
    /// # Errors
    /// None in a build that passed its tests.
    pub fn defaults() -> Result<TrainConfig, ConfigError> {
        Ok(load(None, &[])?.config)
    }

    /// The whole configuration as TOML, as `run.toml` holds it. [`parse`] reads it back.
    ///
    /// # Errors
    /// [`ConfigError::Write`].
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        let body =
            toml::to_string_pretty(self).map_err(|error| ConfigError::Write(error.to_string()))?;
        Ok(format!(
            "# The whole effective configuration of this run, every default included.\n\n{body}"
        ))
    }
}

/// Loads a file (or the defaults alone) and applies `key=value` assignments.
///
/// # Errors
/// [`ConfigError`] names the file and line, the key and what to write instead.
pub fn load(path: Option<&Path>, sets: &[String]) -> Result<Loaded, ConfigError> {
    match path {
        None => parse("", Path::new("train.toml"), sets),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
                path: path.to_path_buf(),
                source,
            })?;
            parse(&text, path, sets)
        }
    }
}

/// One assignment of a layer.
#[derive(Debug, Clone)]
struct Leaf {
    key: String,
    value: Value,
    origin: Origin,
}

/// As [`load`], from text; `path` names it in messages.
///
/// # Errors
/// See [`load`].
pub fn parse(text: &str, path: &Path, sets: &[String]) -> Result<Loaded, ConfigError> {
    let defaults: Table =
        DEFAULTS
            .parse()
            .map_err(|error: toml::de::Error| ConfigError::Syntax {
                at: "the built-in defaults".into(),
                problem: error.message().to_string(),
            })?;
    let mut said = file_leaves(text, path, &defaults)?;
    for set in sets {
        said.push(set_leaf(set, &defaults)?);
    }

    let mut layers = preset_leaves(&said)?;
    layers.append(&mut said);
    let mut merged = defaults.clone();
    let mut origins = BTreeMap::new();
    for leaf in &layers {
        assign(&mut merged, &leaf.key, leaf.value.clone());
        origins.insert(leaf.key.clone(), leaf.origin.clone());
    }
    let config: TrainConfig = merged
        .try_into()
        .map_err(|error: toml::de::Error| blame(&defaults, &layers, &error))?;
    let loaded = Loaded { config, origins };
    validate::check(&loaded)?;
    Ok(loaded)
}

/// The assignments of a file, with unknown keys refused.
fn file_leaves(text: &str, path: &Path, defaults: &Table) -> Result<Vec<Leaf>, ConfigError> {
    let syntax = |error: toml::de::Error| ConfigError::Syntax {
        at: format!(
            "{}:{}",
            path.display(),
            line_of(text, error.span().map_or(0, |span| span.start))
        ),
        problem: error.message().trim().replace('\n', "; "),
    };
    let spans = DeTable::parse(text).map_err(syntax)?;
    let values: Table = text.parse().map_err(syntax)?;
    let mut leaves = Vec::new();
    let mut walk = Walk {
        text,
        path,
        defaults,
        leaves: &mut leaves,
    };
    walk.table("", spans.get_ref(), &values, defaults)?;
    Ok(leaves)
}

struct Walk<'a> {
    text: &'a str,
    path: &'a Path,
    defaults: &'a Table,
    leaves: &'a mut Vec<Leaf>,
}

impl Walk<'_> {
    fn table(
        &mut self,
        prefix: &str,
        spans: &DeTable<'_>,
        values: &Table,
        known: &Table,
    ) -> Result<(), ConfigError> {
        for (key, span) in spans {
            let origin = Origin::File(
                self.path.to_path_buf(),
                line_of(self.text, key.span().start),
            );
            let name = key.get_ref().as_ref();
            let full = join(prefix, name);
            let Some(value) = values.get(name) else {
                continue;
            };
            match known.get(name) {
                None => {
                    return Err(unknown(
                        &origin,
                        prefix,
                        name,
                        value.is_table(),
                        self.defaults,
                    ));
                }
                Some(Value::Table(below)) if !OPEN_TABLES.contains(&full.as_str()) => {
                    let (DeValue::Table(inner), Value::Table(inner_values)) =
                        (span.get_ref(), value)
                    else {
                        return Err(ConfigError::Value {
                            at: origin.to_string(),
                            key: full.clone(),
                            problem: format!("this is a table; write [{full}] and its keys below"),
                        });
                    };
                    self.table(&full, inner, inner_values, below)?;
                }
                Some(_) => self.leaves.push(Leaf {
                    key: full,
                    value: value.clone(),
                    origin,
                }),
            }
        }
        Ok(())
    }
}

/// One `--set key=value`. The value is TOML; what is not is taken as a string.
fn set_leaf(text: &str, defaults: &Table) -> Result<Leaf, ConfigError> {
    let (key, value) = text
        .split_once('=')
        .filter(|(key, _)| !key.trim().is_empty())
        .ok_or_else(|| ConfigError::Assignment { text: text.into() })?;
    let (key, value) = (key.trim(), value.trim());
    let value = format!("v = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(|| Value::String(value.to_string()));
    let mut known = defaults;
    let mut prefix = String::new();
    for part in key.split('.') {
        let full = join(&prefix, part);
        if OPEN_TABLES.contains(&prefix.as_str()) {
            break;
        }
        match known.get(part) {
            None => return Err(unknown(&Origin::Set, &prefix, part, false, defaults)),
            Some(Value::Table(below)) => known = below,
            Some(_) if full == key => {}
            Some(_) => {
                return Err(ConfigError::Value {
                    at: Origin::Set.to_string(),
                    key: full.clone(),
                    problem: "this is a value, nothing lies below it".into(),
                });
            }
        }
        prefix = full;
    }
    Ok(Leaf {
        key: key.into(),
        value,
        origin: Origin::Set,
    })
}

/// What the chosen preset sets.
fn preset_leaves(said: &[Leaf]) -> Result<Vec<Leaf>, ConfigError> {
    let Some(chosen) = said.iter().rev().find(|leaf| leaf.key == PRESET_KEY) else {
        return Ok(Vec::new());
    };
    let name = chosen.value.as_str().unwrap_or("");
    let preset = PRESETS
        .iter()
        .find(|preset| preset.name == name)
        .ok_or_else(|| {
            let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
            ConfigError::Value {
                at: chosen.origin.to_string(),
                key: PRESET_KEY.into(),
                problem: format!(
                    "there is no preset {}; allowed are {}",
                    chosen.value,
                    names.join(", ")
                ),
            }
        })?;
    let leaves = preset.keys.iter().filter_map(|(key, value)| {
        let value = format!("v = {value}").parse::<Table>().ok()?.remove("v")?;
        Some(Leaf {
            key: key.to_string(),
            value,
            origin: Origin::Preset(name.to_string()),
        })
    });
    Ok(leaves.collect())
}

/// Finds the assignment that the defaults alone would refuse as well.
fn blame(defaults: &Table, layers: &[Leaf], error: &toml::de::Error) -> ConfigError {
    for leaf in layers {
        let mut alone = defaults.clone();
        assign(&mut alone, &leaf.key, leaf.value.clone());
        if let Err(error) = alone.try_into::<TrainConfig>() {
            return ConfigError::Value {
                at: leaf.origin.to_string(),
                key: leaf.key.clone(),
                problem: plain(&error, &leaf.value),
            };
        }
    }
    ConfigError::Value {
        at: Origin::Default.to_string(),
        key: "?".into(),
        problem: error.message().to_string(),
    }
}

/// What serde says, without its decoration.
fn plain(error: &toml::de::Error, value: &Value) -> String {
    let message = error.message().trim().replace('`', "");
    match message.strip_prefix("unknown variant ") {
        Some(rest) => match rest.split_once(", expected ") {
            Some((_, allowed)) => format!(
                "{value} is not allowed; allowed: {}",
                allowed.trim_start_matches("one of ")
            ),
            None => message,
        },
        None => message,
    }
}

fn unknown(
    origin: &Origin,
    prefix: &str,
    name: &str,
    is_table: bool,
    defaults: &Table,
) -> ConfigError {
    let siblings: Vec<&String> = match table_at(defaults, prefix) {
        Some(table) => table.keys().collect(),
        None => Vec::new(),
    };
    let near = |candidate: &str| strsim::normalized_damerau_levenshtein(name, candidate);
    let sibling = siblings
        .iter()
        .map(|key| (near(key), key.as_str()))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness >= 0.5);
    let mut everywhere = Vec::new();
    all_keys(defaults, "", &mut everywhere);
    let elsewhere = everywhere
        .iter()
        .map(|full| (near(full.rsplit('.').next().unwrap_or(full)), full.as_str()))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness >= 0.7);
    let table = if prefix.is_empty() {
        "the top level".to_string()
    } else {
        format!("[{prefix}]")
    };
    let hint = match (sibling, elsewhere) {
        (Some((_, key)), _) if is_table => format!("did you mean [{}]?", join(prefix, key)),
        (Some((here, key)), Some((there, full))) if there > here => {
            format!("did you mean `{key}`, or `{full}`?")
        }
        (Some((_, key)), _) => format!("did you mean `{key}`?"),
        (None, Some((_, full))) => format!("did you mean `{full}`?"),
        (None, None) => {
            let keys: Vec<&str> = siblings.iter().map(|key| key.as_str()).collect();
            format!("known there: {}", keys.join(", "))
        }
    };
    ConfigError::UnknownKey {
        at: origin.to_string(),
        key: name.into(),
        table,
        hint,
    }
}

fn table_at<'a>(table: &'a Table, path: &str) -> Option<&'a Table> {
    path.split('.')
        .filter(|part| !part.is_empty())
        .try_fold(table, |table, part| table.get(part)?.as_table())
}

fn all_keys(table: &Table, prefix: &str, found: &mut Vec<String>) {
    for (key, value) in table {
        let full = join(prefix, key);
        match value {
            Value::Table(below) if !OPEN_TABLES.contains(&full.as_str()) => {
                all_keys(below, &full, found);
            }
            _ => found.push(full),
        }
    }
}

fn assign(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.into(), value);
        }
        Some((first, rest)) => {
            let below = table
                .entry(first)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(below) = below {
                assign(below, rest, value);
            }
        }
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_string()
    } else {
        format!("{prefix}.{name}")
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

//! `stepdroid emulators apps`, and where commands get their APKs from.

use std::path::{Path, PathBuf};

use super::super::{Context, Failure};
use crate::farm::emulators::{Apk, ApkList, BUILT_IN_APKS};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Ends with code 1 when an APK is missing or is another one than the list says. Without --json it prints a list with the
hashes of what it found, to be kept and given with --apps.

Examples:
  stepdroid emulators apps --apks ~/apks > my-apps.toml
  stepdroid emulators apps --apks ~/apks --apps my-apps.toml --json
";

/// The choice of apps.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Choice {
    /// Install the apps that are missing from the APKs of this folder.
    #[arg(long, value_name = "DIR")]
    apks: Option<PathBuf>,
    /// The list of APKs with their hashes; AndroidWorld's apps unless said.
    #[arg(long, value_name = "FILE", requires = "apks")]
    apps: Option<PathBuf>,
}

impl Choice {
    /// The list and the folder, if apps are wanted.
    pub(in crate::cli) fn list(&self) -> Result<Option<(ApkList, PathBuf)>, Failure> {
        match &self.apks {
            Some(folder) => Ok(Some((read(self.apps.as_deref())?, folder.clone()))),
            None => Ok(None),
        }
    }
}

/// Arguments of `emulators apps`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder with the APKs.
    #[arg(long, value_name = "DIR")]
    apks: PathBuf,
    /// The list of APKs; AndroidWorld's apps unless said.
    #[arg(long, value_name = "FILE")]
    apps: Option<PathBuf>,
}

fn read(path: Option<&Path>) -> Result<ApkList, Failure> {
    let Some(path) = path else {
        return Ok(ApkList::parse(BUILT_IN_APKS, "the built-in list of apps")?);
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{}: can't be read: {error}", path.display())))?;
    Ok(ApkList::parse(&text, &path.display().to_string())?)
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let states = read(args.apps.as_deref())?.look(&args.apks);
    let problems: Vec<&String> = states
        .iter()
        .filter_map(|state| state.problem.as_ref())
        .collect();
    let found = states
        .iter()
        .filter(|state| state.found.is_some())
        .map(|state| Apk {
            sha256: state.found.clone(),
            ..state.apk.clone()
        });
    let list = ApkList {
        apps: found.collect(),
    };
    let text = toml::to_string(&list).map_err(|error| Failure::missed(error.to_string()))?;
    context.output.result(&states, |_| text)?;
    for problem in &problems {
        context.output.note(problem);
    }
    match problems.len() {
        0 => Ok(()),
        number => Err(Failure::missed(format!(
            "{number} of {} APKs can't be installed",
            states.len()
        ))),
    }
}

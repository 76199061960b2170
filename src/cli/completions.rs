//! `stepdroid completions`: a completion script for a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Context, Failure};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Examples:
  stepdroid completions bash > ~/.local/share/bash-completion/completions/stepdroid
  stepdroid completions zsh > ~/.zfunc/_stepdroid
";

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: Args, context: &Context) -> Result<(), Failure> {
    // Into memory first: the generator panics when its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "stepdroid", &mut script);
    context.output.print(&String::from_utf8_lossy(&script))
}

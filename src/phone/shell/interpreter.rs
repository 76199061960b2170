//! One shell process: what it knows, how a script starts and ends. Uses the machine; what commands
//! do is in `commands` and `simple`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use brush_parser::Parser;
use brush_parser::ast::FunctionBody;

use super::options::Options;
use super::streams::Streams;
use super::variables::Variable;
use super::{diagnose, expand, syntax};
use crate::phone::machine::Machine;
use crate::phone::system::attributes;

/// Longest script taken.
const MAX_SCRIPT: usize = 1 << 20;
/// Deepest nesting of brackets in a script, and of running functions and substitutions.
pub(super) const MAX_DEPTH: usize = 64;
/// Most lines and bytes of a script with an error of which the beginning is run.
const MAX_BROKEN_LINES: usize = 500;
const MAX_BROKEN: usize = 64 << 10;
/// The name that mksh on a phone has in its messages.
pub const NAME: &str = "/system/bin/sh";

/// Why a list of commands stops early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// `exit`.
    Exit(i32),
    /// `return`.
    Return(i32),
    /// `break` out of so many loops.
    Break(u32),
    /// `continue` in the loop so many levels up.
    Continue(u32),
    /// An error that ends the shell, with its message and exit code.
    Fatal(String, i32),
    /// Nobody listens any more.
    Cancelled,
}

impl Fault {
    /// An error of the grammar.
    pub fn syntax(message: String) -> Fault {
        Fault::Fatal(message, 1)
    }

    /// An error of an expansion.
    pub fn fatal(message: String) -> Fault {
        Fault::Fatal(message, 1)
    }
}

/// Exit codes of background jobs that ended, by their process id.
type Ended = Arc<Mutex<BTreeMap<u32, i32>>>;

/// One shell process.
#[derive(Clone)]
pub struct Shell {
    /// The phone.
    pub machine: Arc<Machine>,
    /// The working directory, normalised.
    pub directory: String,
    /// Exit code of the last command.
    pub status: i32,
    /// `$0`.
    pub name: String,
    /// `$1`, `$2`, ...
    pub positional: Vec<String>,
    /// `set` options.
    pub options: Options,
    /// Process id.
    pub process: u32,
    /// Process id of the last background job, if there was one.
    pub(super) background: Option<u32>,
    /// User id: root or shell.
    pub user: u32,
    /// Set when the client has gone.
    pub cancelled: Arc<AtomicBool>,
    /// What `/dev/tty` is.
    pub terminal: Streams,
    /// Bits that new files do not get; `None` while nobody said so.
    pub mask: Option<u32>,
    /// When `timeout` ends what runs, on the phone's clock.
    pub deadline: Option<i64>,
    /// What `exec` put in the place of the streams, until other redirections hold.
    pub(super) replaced: Option<Streams>,
    /// A command substitution has set the status of an assignment.
    pub(super) substituted: bool,
    pub(super) variables: BTreeMap<String, Variable>,
    pub(super) functions: BTreeMap<String, Arc<FunctionBody>>,
    pub(super) aliases: BTreeMap<String, String>,
    /// Commands for signals, and for `EXIT` and `ERR`.
    pub(super) traps: BTreeMap<String, String>,
    /// For each running function, what its local variables were before.
    pub(super) scopes: Vec<BTreeMap<String, Option<Variable>>>,
    pub(super) ended: Ended,
    /// When `SECONDS` was 0, on the phone's clock.
    pub(super) second_zero: i64,
    /// Where `getopts` is in the letters of one word.
    pub(super) option_letter: usize,
    pub(super) depth: usize,
    /// In a condition, where `set -e` does not count.
    pub(super) tolerant: usize,
    /// Running loops.
    pub(super) loops: usize,
}

impl Shell {
    /// A shell as `adb shell` starts it.
    pub fn new(machine: &Arc<Machine>, streams: &Streams, cancelled: Arc<AtomicBool>) -> Shell {
        let user = machine.shell_user();
        let mut shell = Shell {
            machine: machine.clone(),
            directory: "/".to_owned(),
            status: 0,
            name: NAME.to_owned(),
            positional: Vec::new(),
            options: Options::default(),
            process: machine.next_process(),
            background: None,
            user,
            cancelled,
            terminal: streams.clone(),
            mask: None,
            deadline: None,
            replaced: None,
            substituted: false,
            variables: BTreeMap::new(),
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            traps: BTreeMap::new(),
            scopes: Vec::new(),
            ended: Ended::default(),
            second_zero: machine.clock.now_micros(),
            option_letter: 0,
            depth: 0,
            tolerant: 0,
            loops: 0,
        };
        let user = attributes::user_name(user);
        for (key, value) in [
            ("ANDROID_DATA", "/data"),
            ("ANDROID_ROOT", "/system"),
            ("ANDROID_STORAGE", "/storage"),
            ("EXTERNAL_STORAGE", "/sdcard"),
            ("HOME", "/"),
            ("HOSTNAME", "emu64xa"),
            ("LOGNAME", user.as_str()),
            (
                "PATH",
                "/product/bin:/apex/com.android.runtime/bin:/system/bin:/system/xbin:/vendor/bin",
            ),
            ("SHELL", "/bin/sh"),
            ("TMPDIR", "/data/local/tmp"),
            ("USER", user.as_str()),
        ] {
            shell.set_variable(key, value);
            shell.export(key);
        }
        shell.set_variable("IFS", " \t\n");
        shell.set_variable("OPTIND", "1");
        shell
    }

    /// Runs a script to its end and returns the exit code; messages of faults go to the error
    /// stream.
    pub fn run_text(&mut self, script: &str, streams: &Streams) -> i32 {
        let outcome = self.execute_text(script, streams);
        self.finish(outcome, streams)
    }

    /// Runs a script as part of this shell: `eval`, `.`, functions. What stands before an error of
    /// the grammar is run, as mksh reads a script command by command.
    pub fn execute_text(&mut self, script: &str, streams: &Streams) -> Result<(), Fault> {
        if script.len() > MAX_SCRIPT || syntax::nesting(script) > MAX_DEPTH {
            return Err(Fault::syntax("syntax error: script too large".to_owned()));
        }
        if self.execute_parsed(script, streams)? {
            return Ok(());
        }
        let ends: Vec<usize> = script.match_indices('\n').map(|(at, _)| at + 1).collect();
        if ends.len() <= MAX_BROKEN_LINES && script.len() <= MAX_BROKEN {
            for end in ends.into_iter().rev() {
                if self.execute_parsed(&script[..end], streams)? {
                    return Err(Fault::syntax(diagnose::describe(&script[end..])));
                }
            }
        }
        Err(Fault::syntax(diagnose::describe(script)))
    }

    /// [`Shell::execute_text`] for scripts that may run themselves again.
    pub(super) fn execute_nested(&mut self, script: &str, streams: &Streams) -> Result<(), Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::fatal("nested too deeply".to_owned()));
        }
        self.depth += 1;
        let outcome = self.execute_text(script, streams);
        self.depth -= 1;
        outcome
    }

    /// Runs a script if it can be parsed; tells whether it could.
    fn execute_parsed(&mut self, script: &str, streams: &Streams) -> Result<bool, Fault> {
        let mut parser = Parser::new(script.as_bytes(), &expand::parser_options());
        let Ok(program) = parser.parse_program() else {
            return Ok(false);
        };
        for list in &program.complete_commands {
            self.list(list, streams)?;
        }
        Ok(true)
    }

    /// Turns the outcome of a shell into its exit code.
    pub(super) fn settle(&mut self, outcome: Result<(), Fault>, streams: &Streams) -> i32 {
        match outcome {
            Ok(()) | Err(Fault::Break(_) | Fault::Continue(_)) => {}
            Err(Fault::Exit(status) | Fault::Return(status)) => self.status = status,
            Err(Fault::Fatal(message, status)) => {
                if !message.is_empty() {
                    streams.complain(format!("{NAME}: {message}"));
                }
                self.status = status;
            }
            Err(Fault::Cancelled) => self.status = 130,
        }
        self.status
    }

    /// The end of a shell: its exit code, after the trap for its end.
    pub(super) fn finish(&mut self, outcome: Result<(), Fault>, streams: &Streams) -> i32 {
        let cancelled = outcome == Err(Fault::Cancelled);
        let status = self.settle(outcome, streams);
        match self.traps.remove("EXIT") {
            Some(command) if !cancelled => {
                let outcome = self.execute_text(&command, streams);
                let exits = matches!(outcome, Err(Fault::Exit(_)));
                let own = self.settle(outcome, streams);
                if exits { own } else { status }
            }
            _ => status,
        }
    }

    /// The end of a shell whose input ended.
    pub fn end(&mut self, streams: &Streams) -> i32 {
        self.finish(Ok(()), streams)
    }

    /// Keeps only what a new program inherits: the environment, the directory, the user.
    pub fn become_program(&mut self, process: u32, options: Options) {
        let environment = self.environment();
        self.variables.clear();
        for (name, value) in environment {
            self.set_variable(&name, &value);
            self.export(&name);
        }
        self.set_variable("IFS", " \t\n");
        self.set_variable("OPTIND", "1");
        self.functions.clear();
        self.aliases.clear();
        self.scopes.clear();
        NAME.clone_into(&mut self.name);
        self.options = options;
        self.process = process;
        self.background = None;
        self.status = 0;
        self.tolerant = 0;
    }

    /// What a fault means for a shell that reads its script line by line: the exit code when the
    /// shell ends.
    pub fn conclude(&mut self, fault: Fault, streams: &Streams) -> Option<i32> {
        let ends = !matches!(fault, Fault::Break(_) | Fault::Continue(_));
        match ends {
            true => Some(self.finish(Err(fault), streams)),
            false => {
                self.settle(Err(fault), streams);
                None
            }
        }
    }

    /// What a fault means for a shell that a person types into: only `exit` and a closed terminal
    /// end it.
    pub fn conclude_line(&mut self, fault: Fault, streams: &Streams) -> Option<i32> {
        match fault {
            Fault::Exit(_) | Fault::Cancelled => Some(self.finish(Err(fault), streams)),
            fault => {
                self.settle(Err(fault), streams);
                None
            }
        }
    }

    /// Runs something in a copy of this shell, so that nothing of it stays.
    pub fn subshell(&mut self, work: impl FnOnce(&mut Shell) -> i32) -> i32 {
        if self.depth >= MAX_DEPTH {
            return 1;
        }
        let mut inner = self.copy();
        inner.depth += 1;
        work(&mut inner)
    }

    /// A copy as a process of its own has it: traps and what `exec` opened are not inherited.
    pub(super) fn copy(&self) -> Shell {
        Shell {
            replaced: None,
            traps: BTreeMap::new(),
            loops: 0,
            ..self.clone()
        }
    }

    /// Notes how a background job ended.
    pub(super) fn note_end(&self, process: u32, status: i32) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.insert(process, status);
    }

    /// How a background job ended; `None` when there was none of that process id.
    pub(super) fn end_of(&self, process: u32) -> Option<i32> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.get(&process).copied()
    }

    /// Whether the client has gone.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Whether there is such a function.
    pub fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }
}

//! Runs what `brush-parser` parses: lists, pipelines, compound commands, functions. Uses the
//! machine (files, windows) through the tools.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use brush_parser::Parser;
use brush_parser::ast::{
    AndOr, AndOrList, CaseItemPostAction, Command, CommandPrefixOrSuffixItem, CompoundCommand,
    CompoundList, FunctionBody, IoRedirect, Pipeline, SeparatorOperator, SimpleCommand,
};

use super::streams::{Input, Output, Streams};
use super::variables::Variable;
use super::{arithmetic, builtins, condition, expand, pattern, redirect, syntax};
use crate::phone::machine::Machine;
use crate::phone::system::{FileError, attributes, paths};
use crate::phone::tools;

/// Longest script taken.
const MAX_SCRIPT: usize = 1 << 20;
/// Deepest nesting of brackets in a script, and of running functions and substitutions.
const MAX_DEPTH: usize = 64;
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

/// `set` options that change what happens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// `-e`.
    pub exit_on_error: bool,
    /// `-u`.
    pub unset_is_error: bool,
    /// `-x`.
    pub trace: bool,
}

/// One shell process.
#[derive(Clone)]
pub struct Shell {
    /// The phone.
    pub machine: Arc<Machine>,
    /// The working directory, normalised.
    pub directory: String,
    /// Exit code of the last command.
    pub status: i32,
    /// `$1`, `$2`, ...
    pub positional: Vec<String>,
    /// `set` options.
    pub options: Options,
    /// Process id.
    pub process: u32,
    /// User id: root or shell.
    pub user: u32,
    /// Set when the client has gone.
    pub cancelled: Arc<AtomicBool>,
    /// What `/dev/tty` is.
    pub terminal: Streams,
    /// A command substitution has set the status of an assignment.
    pub(super) substituted: bool,
    pub(super) variables: BTreeMap<String, Variable>,
    pub(super) functions: BTreeMap<String, Arc<FunctionBody>>,
    depth: usize,
    /// In a condition, where `set -e` does not count.
    tolerant: usize,
}

impl Shell {
    /// A shell as `adb shell` starts it.
    pub fn new(machine: &Arc<Machine>, streams: &Streams, cancelled: Arc<AtomicBool>) -> Shell {
        let user = machine.shell_user();
        let mut shell = Shell {
            machine: machine.clone(),
            directory: "/".to_owned(),
            status: 0,
            positional: Vec::new(),
            options: Options::default(),
            process: machine.next_process(),
            user,
            cancelled,
            terminal: streams.clone(),
            substituted: false,
            variables: BTreeMap::new(),
            functions: BTreeMap::new(),
            depth: 0,
            tolerant: 0,
        };
        let name = attributes::user_name(user);
        for (key, value) in [
            ("ANDROID_DATA", "/data"),
            ("ANDROID_ROOT", "/system"),
            ("ANDROID_STORAGE", "/storage"),
            ("EXTERNAL_STORAGE", "/sdcard"),
            ("HOME", "/"),
            ("HOSTNAME", "emu64xa"),
            ("LOGNAME", name.as_str()),
            (
                "PATH",
                "/product/bin:/apex/com.android.runtime/bin:/system/bin:/system/xbin:/vendor/bin",
            ),
            ("SHELL", "/bin/sh"),
            ("TMPDIR", "/data/local/tmp"),
            ("USER", name.as_str()),
        ] {
            shell.set_variable(key, value);
            shell.export(key);
        }
        shell
    }

    /// Runs a script to its end and returns the exit code; messages of faults go to the error
    /// stream.
    pub fn run_text(&mut self, script: &str, streams: &Streams) -> i32 {
        let outcome = self.execute_text(script, streams);
        self.settle(outcome, streams)
    }

    /// Runs a script as part of this shell: `eval`, `.`, functions.
    pub fn execute_text(&mut self, script: &str, streams: &Streams) -> Result<(), Fault> {
        if script.len() > MAX_SCRIPT || syntax::nesting(script) > MAX_DEPTH {
            return Err(Fault::syntax("syntax error: script too large".to_owned()));
        }
        let mut parser = Parser::new(script.as_bytes(), &expand::parser_options());
        let program = parser
            .parse_program()
            .map_err(|_| Fault::syntax(syntax::describe(script)))?;
        for list in &program.complete_commands {
            self.list(list, streams)?;
        }
        Ok(())
    }

    /// Turns the outcome of a shell into its exit code.
    fn settle(&mut self, outcome: Result<(), Fault>, streams: &Streams) -> i32 {
        match outcome {
            Ok(()) | Err(Fault::Break(_) | Fault::Continue(_)) => {}
            Err(Fault::Exit(status) | Fault::Return(status)) => self.status = status,
            Err(Fault::Fatal(message, status)) => {
                streams.complain(format!("{NAME}: {message}"));
                self.status = status;
            }
            Err(Fault::Cancelled) => self.status = 130,
        }
        self.status
    }

    /// What a fault means for a shell that reads its script line by line: the exit code when the
    /// shell ends.
    pub fn conclude(&mut self, fault: Fault, streams: &Streams) -> Option<i32> {
        let ends = !matches!(fault, Fault::Break(_) | Fault::Continue(_));
        let status = self.settle(Err(fault), streams);
        ends.then_some(status)
    }

    /// What a fault means for a shell that a person types into: only `exit` and a closed terminal
    /// end it.
    pub fn conclude_line(&mut self, fault: Fault, streams: &Streams) -> Option<i32> {
        let ends = matches!(fault, Fault::Exit(_) | Fault::Cancelled);
        let status = self.settle(Err(fault), streams);
        ends.then_some(status)
    }

    /// Runs something in a copy of this shell, so that nothing of it stays.
    pub fn subshell(&mut self, work: impl FnOnce(&mut Shell) -> i32) -> i32 {
        if self.depth >= MAX_DEPTH {
            return 1;
        }
        let mut inner = self.clone();
        inner.depth += 1;
        work(&mut inner)
    }

    /// Whether the client has gone.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Whether there is such a function.
    pub fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    /// The absolute path behind a command's argument. The shell user may not look into /data.
    pub fn path(&self, argument: &str) -> Result<String, FileError> {
        if argument.is_empty() {
            return Err(FileError::NotFound);
        }
        if argument.split('/').any(|name| name.len() > paths::MAX_NAME)
            || argument.len() > paths::MAX_PATH
        {
            return Err(FileError::NameTooLong);
        }
        let mut path =
            paths::normalize_link(&self.directory, argument).ok_or(FileError::InvalidPath)?;
        if argument.ends_with('/') && path != "/" {
            path.push('/');
        }
        if self.user != attributes::ROOT && !self.machine.may_use(&path) {
            return Err(FileError::Denied);
        }
        Ok(path)
    }

    fn list(&mut self, list: &CompoundList, streams: &Streams) -> Result<(), Fault> {
        for item in &list.0 {
            match item.1 {
                SeparatorOperator::Sequence => self.and_or(&item.0, streams)?,
                SeparatorOperator::Async => self.background(&item.0, streams),
            }
        }
        Ok(())
    }

    fn background(&mut self, list: &AndOrList, streams: &Streams) {
        let mut inner = self.clone();
        inner.process = self.machine.next_process();
        inner.cancelled = Arc::default();
        self.process = inner.process;
        self.status = 0;
        let list = list.clone();
        let streams = Streams {
            input: Input::empty(),
            ..streams.clone()
        };
        self.machine.spawn_job(move || {
            let outcome = inner.and_or(&list, &streams);
            inner.settle(outcome, &streams);
        });
    }

    fn and_or(&mut self, list: &AndOrList, streams: &Streams) -> Result<(), Fault> {
        let tolerant = !list.additional.is_empty();
        self.tolerant += usize::from(tolerant);
        let mut outcome = self.pipeline(&list.first, streams);
        for (index, next) in list.additional.iter().enumerate() {
            if outcome.is_err() {
                break;
            }
            if index + 1 == list.additional.len() {
                self.tolerant -= 1;
            }
            let run = match next {
                AndOr::And(_) => self.status == 0,
                AndOr::Or(_) => self.status != 0,
            };
            if run {
                let (AndOr::And(pipeline) | AndOr::Or(pipeline)) = next;
                outcome = self.pipeline(pipeline, streams);
            }
            if index + 1 == list.additional.len() {
                self.tolerant += 1;
            }
        }
        self.tolerant -= usize::from(tolerant);
        outcome
    }

    fn pipeline(&mut self, pipeline: &Pipeline, streams: &Streams) -> Result<(), Fault> {
        if self.is_cancelled() || streams.output.is_closed() {
            return Err(Fault::Cancelled);
        }
        self.tolerant += usize::from(pipeline.bang);
        let outcome = match pipeline.seq.as_slice() {
            [] => Ok(()),
            [only] => self.command(only, streams),
            commands => {
                self.pipe(commands, streams);
                Ok(())
            }
        };
        self.tolerant -= usize::from(pipeline.bang);
        outcome?;
        if pipeline.bang {
            self.status = i32::from(self.status == 0);
        } else if self.status != 0 && self.options.exit_on_error && self.tolerant == 0 {
            return Err(Fault::Exit(self.status));
        }
        Ok(())
    }

    /// Each command runs to its end before the next one reads what it wrote.
    fn pipe(&mut self, commands: &[Command], streams: &Streams) {
        let mut input = streams.input.clone();
        for (index, command) in commands.iter().enumerate() {
            let last = index + 1 == commands.len();
            let (output, buffer) = match last {
                true => (streams.output.clone(), None),
                false => {
                    let (output, buffer) = Output::buffer();
                    (output, Some(buffer))
                }
            };
            let stage = Streams {
                input,
                output,
                error: streams.error.clone(),
            };
            let status = self.subshell(|shell| {
                let outcome = shell.command(command, &stage);
                shell.settle(outcome, &stage)
            });
            self.status = status;
            input = Input::bytes(buffer.map(|buffer| buffer.take()).unwrap_or_default());
        }
    }

    fn command(&mut self, command: &Command, streams: &Streams) -> Result<(), Fault> {
        match command {
            Command::Simple(simple) => self.simple(simple, streams),
            Command::Compound(compound, redirects) => {
                let redirects = redirects.as_ref().map_or(&[][..], |list| &list.0);
                let Some(streams) = self.redirected(redirects, streams)? else {
                    return Ok(());
                };
                self.compound(compound, &streams)
            }
            Command::Function(definition) => {
                self.functions.insert(
                    definition.fname.value.clone(),
                    Arc::new(definition.body.clone()),
                );
                self.status = 0;
                Ok(())
            }
            Command::ExtendedTest(test, redirects) => {
                let redirects = redirects.as_ref().map_or(&[][..], |list| &list.0);
                let Some(streams) = self.redirected(redirects, streams)? else {
                    return Ok(());
                };
                let holds = condition::extended(self, &test.expr, &streams)?;
                self.status = i32::from(!holds);
                Ok(())
            }
        }
    }

    /// Applies redirections; `None` when one failed, which was said and is the status.
    fn redirected(
        &mut self,
        redirects: &[IoRedirect],
        streams: &Streams,
    ) -> Result<Option<Streams>, Fault> {
        let mut applied = streams.clone();
        for one in redirects {
            if let Err(message) = redirect::apply(self, one, &mut applied)? {
                streams.complain(format!("{NAME}: {message}"));
                self.status = 1;
                return Ok(None);
            }
        }
        Ok(Some(applied))
    }

    fn compound(&mut self, compound: &CompoundCommand, streams: &Streams) -> Result<(), Fault> {
        match compound {
            CompoundCommand::BraceGroup(group) => self.list(&group.list, streams),
            CompoundCommand::Subshell(subshell) => {
                let status = self.subshell(|shell| {
                    let outcome = shell.list(&subshell.list, streams);
                    shell.settle(outcome, streams)
                });
                self.status = status;
                Ok(())
            }
            CompoundCommand::IfClause(clause) => {
                if self.holds(&clause.condition, streams)? {
                    return self.list(&clause.then, streams);
                }
                for other in clause.elses.iter().flatten() {
                    let chosen = match &other.condition {
                        Some(condition) => self.holds(condition, streams)?,
                        None => true,
                    };
                    if chosen {
                        return self.list(&other.body, streams);
                    }
                }
                self.status = 0;
                Ok(())
            }
            CompoundCommand::WhileClause(clause) => {
                self.repeat(&clause.0, &clause.1.list, true, streams)
            }
            CompoundCommand::UntilClause(clause) => {
                self.repeat(&clause.0, &clause.1.list, false, streams)
            }
            CompoundCommand::ForClause(clause) => {
                let values = match &clause.values {
                    None => self.positional.clone(),
                    Some(words) => {
                        let mut values = Vec::new();
                        for word in words {
                            values.extend(expand::fields(self, &word.value, streams)?);
                        }
                        values
                    }
                };
                self.status = 0;
                for value in values {
                    self.set_variable(&clause.variable_name, &value);
                    if self.turn(&clause.body.list, streams)? {
                        break;
                    }
                }
                Ok(())
            }
            CompoundCommand::ArithmeticForClause(clause) => {
                let part = |shell: &mut Shell,
                            part: &Option<brush_parser::ast::UnexpandedArithmeticExpr>,
                            otherwise| match part {
                    Some(expression) => {
                        let plain = expand::text(shell, &expression.value, streams)?;
                        arithmetic::evaluate(shell, &plain)
                    }
                    None => Ok(otherwise),
                };
                part(self, &clause.initializer, 0)?;
                while part(self, &clause.condition, 1)? != 0 {
                    if self.turn(&clause.body.list, streams)? {
                        break;
                    }
                    part(self, &clause.updater, 0)?;
                }
                Ok(())
            }
            CompoundCommand::CaseClause(clause) => {
                let value = expand::text(self, &clause.value.value, streams)?;
                self.status = 0;
                let mut falls = false;
                for case in &clause.cases {
                    let mut fits = falls;
                    for word in &case.patterns {
                        let wanted = expand::pattern_text(self, &word.value, streams)?;
                        fits = fits || pattern::matches(&wanted, &value);
                    }
                    if !fits {
                        continue;
                    }
                    if let Some(list) = &case.cmd {
                        self.list(list, streams)?;
                    }
                    falls = false;
                    match case.post_action {
                        CaseItemPostAction::ExitCase => break,
                        CaseItemPostAction::UnconditionallyExecuteNextCaseItem => falls = true,
                        CaseItemPostAction::ContinueEvaluatingCases => {}
                    }
                }
                Ok(())
            }
            CompoundCommand::Arithmetic(command) => {
                let plain = expand::text(self, &command.expr.value, streams)?;
                let value = arithmetic::evaluate(self, &plain)?;
                self.status = i32::from(value == 0);
                Ok(())
            }
            CompoundCommand::Coprocess(_) => Err(Fault::syntax(
                "syntax error: unexpected 'coproc'".to_owned(),
            )),
        }
    }

    fn holds(&mut self, condition: &CompoundList, streams: &Streams) -> Result<bool, Fault> {
        self.tolerant += 1;
        let outcome = self.list(condition, streams);
        self.tolerant -= 1;
        outcome?;
        Ok(self.status == 0)
    }

    fn repeat(
        &mut self,
        condition: &CompoundList,
        body: &CompoundList,
        wanted: bool,
        streams: &Streams,
    ) -> Result<(), Fault> {
        let mut status = 0;
        while self.holds(condition, streams)? == wanted {
            let stop = self.turn(body, streams)?;
            status = self.status;
            if stop {
                break;
            }
        }
        self.status = status;
        Ok(())
    }

    /// One turn of a loop; tells whether the loop ends.
    fn turn(&mut self, body: &CompoundList, streams: &Streams) -> Result<bool, Fault> {
        if self.is_cancelled() || streams.output.is_closed() {
            return Err(Fault::Cancelled);
        }
        match self.list(body, streams) {
            Ok(()) | Err(Fault::Continue(0 | 1)) => Ok(false),
            Err(Fault::Break(0 | 1)) => Ok(true),
            Err(Fault::Break(levels)) => Err(Fault::Break(levels - 1)),
            Err(Fault::Continue(levels)) => Err(Fault::Continue(levels - 1)),
            Err(fault) => Err(fault),
        }
    }

    fn simple(&mut self, command: &SimpleCommand, streams: &Streams) -> Result<(), Fault> {
        self.substituted = false;
        let mut assignments: Vec<(String, String, bool)> = Vec::new();
        let mut redirects: Vec<&IoRedirect> = Vec::new();
        let mut words: Vec<String> = Vec::new();
        for item in command.prefix.iter().flat_map(|prefix| &prefix.0) {
            match item {
                CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
                    let (name, value) = word.value.split_once('=').unwrap_or((&word.value, ""));
                    let value = expand::text(self, value, streams)?;
                    let name = name.trim_end_matches('+').to_owned();
                    assignments.push((name, value, assignment.append));
                }
                CommandPrefixOrSuffixItem::IoRedirect(one) => redirects.push(one),
                CommandPrefixOrSuffixItem::Word(word) => {
                    words.extend(expand::fields(self, &word.value, streams)?);
                }
                CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {
                    return Err(Fault::syntax("syntax error: unexpected '('".to_owned()));
                }
            }
        }
        if let Some(name) = &command.word_or_name {
            words.extend(expand::fields(self, &name.value, streams)?);
        }
        for item in command.suffix.iter().flat_map(|suffix| &suffix.0) {
            match item {
                CommandPrefixOrSuffixItem::Word(word)
                | CommandPrefixOrSuffixItem::AssignmentWord(_, word) => {
                    words.extend(expand::fields(self, &word.value, streams)?);
                }
                CommandPrefixOrSuffixItem::IoRedirect(one) => redirects.push(one),
                CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {
                    return Err(Fault::syntax("syntax error: unexpected '('".to_owned()));
                }
            }
        }
        let mut applied = streams.clone();
        for one in redirects {
            if let Err(message) = redirect::apply(self, one, &mut applied)? {
                streams.complain(format!("{NAME}: {message}"));
                self.status = 1;
                return Ok(());
            }
        }
        if self.options.trace && !words.is_empty() {
            streams.complain(format!("+ {}", words.join(" ")));
        }
        if words.is_empty() {
            if !self.substituted {
                self.status = 0;
            }
            return self.assign(assignments);
        }
        if assignments.is_empty() || builtins::is_special(&words[0]) {
            self.assign(assignments)?;
            return self.invoke(&words, &applied);
        }
        // Assignments before a command last as long as the command.
        let saved: BTreeMap<String, Option<Variable>> = assignments
            .iter()
            .map(|(name, _, _)| (name.clone(), self.variables.get(name).cloned()))
            .collect();
        self.assign(assignments)?;
        for name in saved.keys() {
            self.export(name);
        }
        let outcome = self.invoke(&words, &applied);
        for (name, before) in saved {
            match before {
                Some(before) => self.variables.insert(name, before),
                None => self.variables.remove(&name),
            };
        }
        outcome
    }

    fn assign(&mut self, assignments: Vec<(String, String, bool)>) -> Result<(), Fault> {
        for (name, value, append) in assignments {
            let value = match append {
                true => self.variable(&name).unwrap_or_default() + &value,
                false => value,
            };
            if !self.set_variable(&name, &value) {
                return Err(Fault::Fatal(format!("read-only: {name}"), 2));
            }
        }
        Ok(())
    }

    /// Runs a command with its arguments: a function, a builtin, a tool or a script.
    pub fn invoke(&mut self, words: &[String], streams: &Streams) -> Result<(), Fault> {
        let name = words[0].as_str();
        if let Some(body) = self.functions.get(name).cloned() {
            return self.call(&body, &words[1..], streams);
        }
        if let Some(outcome) = builtins::run(self, words, streams) {
            self.status = outcome?;
            return Ok(());
        }
        self.status = self.program(words, streams)?;
        if streams.output.take_full() {
            streams.complain(format!("{name}: write: No space left on device"));
            self.status = 1;
            return Ok(());
        }
        if streams.output.is_closed() {
            return Err(Fault::Cancelled);
        }
        Ok(())
    }

    fn call(
        &mut self,
        body: &FunctionBody,
        arguments: &[String],
        streams: &Streams,
    ) -> Result<(), Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::fatal("function nested too deeply".to_owned()));
        }
        let redirects = body.1.as_ref().map_or(&[][..], |list| &list.0);
        let Some(streams) = self.redirected(redirects, streams)? else {
            return Ok(());
        };
        let saved = std::mem::replace(&mut self.positional, arguments.to_vec());
        self.depth += 1;
        let outcome = self.compound(&body.0, &streams);
        self.depth -= 1;
        self.positional = saved;
        match outcome {
            Err(Fault::Return(status)) => {
                self.status = status;
                Ok(())
            }
            other => other,
        }
    }

    /// Runs a tool or a script of the phone and returns its exit code.
    pub fn program(&mut self, words: &[String], streams: &Streams) -> Result<i32, Fault> {
        let name = words[0].as_str();
        let missing = |streams: &Streams| {
            streams.complain(format!("{NAME}: {name}: inaccessible or not found"));
            Ok(127)
        };
        if !name.contains('/') {
            return match tools::find(name) {
                Some(tool) => Ok(tool(self, &words[1..], streams)),
                None => missing(streams),
            };
        }
        let refused = |reason: &str| {
            streams.complain(format!("{NAME}: {name}: can't execute: {reason}"));
            Ok(126)
        };
        let Ok(path) = self.path(name) else {
            return refused("Permission denied");
        };
        let real = paths::normalize("/", &path).unwrap_or(path);
        if let Some(tool) = ["/system/bin/", "/system/xbin/"]
            .into_iter()
            .find_map(|directory| real.strip_prefix(directory))
            .and_then(tools::find)
        {
            return Ok(tool(self, &words[1..], streams));
        }
        match self.machine.files.metadata(&real) {
            Err(_) => missing(streams),
            Ok(found) if found.is_directory() => refused("Is a directory"),
            Ok(found) if found.mode & 0o111 == 0 => refused("Permission denied"),
            Ok(_) => {
                let script = self.machine.files.read_text(&real).unwrap_or_default();
                let arguments = words[1..].to_vec();
                Ok(self.subshell(|shell| {
                    shell.positional = arguments;
                    shell.run_text(&script, streams)
                }))
            }
        }
    }
}

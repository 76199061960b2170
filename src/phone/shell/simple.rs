//! Commands of words: assignments, functions, builtins, programs and scripts. Uses the tools.

use std::collections::BTreeMap;

use brush_parser::ast::{
    Assignment, AssignmentName, AssignmentValue, CommandPrefixOrSuffixItem, FunctionBody,
    IoRedirect, SimpleCommand,
};

use super::interpreter::{Fault, MAX_DEPTH, NAME, Shell};
use super::streams::Streams;
use super::variables::Variable;
use super::{arithmetic, builtins, expand, redirect, text};
use crate::phone::system::paths;
use crate::phone::tools::{self, absent};

/// An assignment whose words are expanded.
struct Assigned {
    name: String,
    index: Option<String>,
    value: Value,
    append: bool,
}

enum Value {
    One(String),
    Many(Vec<String>),
}

impl Shell {
    pub(super) fn simple(
        &mut self,
        command: &SimpleCommand,
        streams: &Streams,
    ) -> Result<(), Fault> {
        self.substituted = false;
        let mut assignments: Vec<Assigned> = Vec::new();
        let mut redirects: Vec<&IoRedirect> = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let process_substitution = || Fault::syntax("syntax error: unexpected '('".to_owned());
        for item in command.prefix.iter().flat_map(|prefix| &prefix.0) {
            match item {
                CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
                    assignments.push(self.assigned(assignment, &word.value, streams)?);
                }
                CommandPrefixOrSuffixItem::IoRedirect(one) => redirects.push(one),
                CommandPrefixOrSuffixItem::Word(word) => {
                    words.extend(expand::fields(self, &word.value, streams)?);
                }
                CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {
                    return Err(process_substitution());
                }
            }
        }
        if let Some(name) = &command.word_or_name {
            words.extend(expand::fields(self, &name.value, streams)?);
        }
        let declares = words.first().is_some_and(|word| builtins::declares(word));
        for item in command.suffix.iter().flat_map(|suffix| &suffix.0) {
            match item {
                CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) if declares => {
                    // `export x=$y` is one assignment, whatever is in `y`.
                    let one = self.assigned(assignment, &word.value, streams)?;
                    match one.value {
                        Value::One(value) if one.index.is_none() && !one.append => {
                            words.push(format!("{}={value}", one.name));
                        }
                        _ => {
                            words.push(one.name.clone());
                            self.assign(one)?;
                        }
                    }
                }
                CommandPrefixOrSuffixItem::Word(word)
                | CommandPrefixOrSuffixItem::AssignmentWord(_, word) => {
                    words.extend(expand::fields(self, &word.value, streams)?);
                }
                CommandPrefixOrSuffixItem::IoRedirect(one) => redirects.push(one),
                CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {
                    return Err(process_substitution());
                }
            }
        }
        let mut applied = streams.clone();
        for one in &redirects {
            if let Err(message) = redirect::apply(self, one, &mut applied)? {
                streams.complain(format!("{NAME}: {message}"));
                self.status = 1;
                return Ok(());
            }
        }
        if self.options.trace {
            self.trace(&assignments, &words, streams);
        }
        if words.is_empty() {
            if !self.substituted {
                self.status = 0;
            }
            return assignments.into_iter().try_for_each(|one| self.assign(one));
        }
        if words == ["exec"] {
            self.replaced = Some(applied);
            self.status = 0;
            return Ok(());
        }
        let replaced = match redirects.is_empty() {
            true => None,
            false => Some(self.replaced.take()),
        };
        let outcome = self.with_assignments(assignments, &words, &applied);
        if let Some(replaced) = replaced {
            self.replaced = replaced;
        }
        // What went wrong is told where the command's errors go.
        match outcome {
            Err(Fault::Fatal(message, status)) if !redirects.is_empty() && !message.is_empty() => {
                applied.complain(format!("{NAME}: {message}"));
                Err(Fault::Fatal(String::new(), status))
            }
            outcome => outcome,
        }
    }

    fn with_assignments(
        &mut self,
        assignments: Vec<Assigned>,
        words: &[String],
        streams: &Streams,
    ) -> Result<(), Fault> {
        if assignments.is_empty() || builtins::is_special(&words[0]) {
            for one in assignments {
                self.assign(one)?;
            }
            return self.invoke(words, streams);
        }
        // Assignments before a command last as long as the command.
        let saved: BTreeMap<String, Option<Variable>> = assignments
            .iter()
            .map(|one| (one.name.clone(), self.variables.get(&one.name).cloned()))
            .collect();
        for one in assignments {
            self.assign(one)?;
        }
        for name in saved.keys() {
            self.export(name);
        }
        let outcome = self.invoke(words, streams);
        for (name, before) in saved {
            match before {
                Some(before) => self.variables.insert(name, before),
                None => self.variables.remove(&name),
            };
        }
        outcome
    }

    fn trace(&self, assignments: &[Assigned], words: &[String], streams: &Streams) {
        let mut line = String::from("+ ");
        for one in assignments {
            if let Value::One(value) = &one.value {
                line.push_str(&format!("{}={} ", one.name, text::quoted(value)));
            }
        }
        let words: Vec<String> = words.iter().map(|word| text::quoted(word)).collect();
        line.push_str(&words.join(" "));
        streams.complain(line);
    }

    fn assigned(
        &mut self,
        assignment: &Assignment,
        word: &str,
        streams: &Streams,
    ) -> Result<Assigned, Fault> {
        let (name, index) = match &assignment.name {
            AssignmentName::VariableName(name) => (name.clone(), None),
            AssignmentName::ArrayElementName(name, index) => (name.clone(), Some(index.clone())),
        };
        let value = match &assignment.value {
            AssignmentValue::Scalar(_) => {
                let (_, plain) = word.split_once('=').unwrap_or((word, ""));
                Value::One(expand::text(self, plain, streams)?)
            }
            AssignmentValue::Array(elements) => {
                let mut values = Vec::new();
                for (_, element) in elements {
                    values.extend(expand::fields(self, &element.value, streams)?);
                }
                Value::Many(values)
            }
        };
        Ok(Assigned {
            name,
            index,
            value,
            append: assignment.append,
        })
    }

    fn assign(&mut self, one: Assigned) -> Result<(), Fault> {
        let done = match (one.value, one.index) {
            (Value::Many(values), _) => {
                let mut all: Vec<String> = match one.append {
                    true => self.elements(&one.name).into_values().collect(),
                    false => Vec::new(),
                };
                all.extend(values);
                self.set_array(&one.name, all)
            }
            (Value::One(value), Some(index)) => {
                let index = arithmetic::evaluate(self, &index)?;
                let value = match one.append {
                    true => self.element(&one.name, index).unwrap_or_default() + &value,
                    false => value,
                };
                self.set_element(&one.name, index, &value)
            }
            (Value::One(value), None) => {
                let value = match one.append {
                    true => self.variable(&one.name).unwrap_or_default() + &value,
                    false => value,
                };
                return self.assign_text(&one.name, &value);
            }
        };
        match done {
            true => Ok(()),
            false => Err(Fault::Fatal(format!("read-only: {}", one.name), 2)),
        }
    }

    /// Gives a variable a value, as its attributes have it.
    pub(super) fn assign_text(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let done = match self.is_integer(name) {
            true => {
                let number = arithmetic::evaluate(self, value)?;
                self.set_variable(name, &number.to_string())
            }
            false => self.set_variable(name, value),
        };
        match done {
            true => Ok(()),
            false => Err(Fault::Fatal(format!("read-only: {name}"), 2)),
        }
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
        let saved = std::mem::replace(&mut self.positional, arguments.to_vec());
        self.scopes.push(BTreeMap::new());
        self.depth += 1;
        let outcome = self.redirected(redirects, streams, |shell, streams| {
            shell.compound(&body.0, streams)
        });
        self.depth -= 1;
        for (name, before) in self.scopes.pop().unwrap_or_default() {
            match before {
                Some(before) => self.variables.insert(name, before),
                None => self.variables.remove(&name),
            };
        }
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
                Some(tool) => Ok(absent::run(self, name, tool, &words[1..], streams)),
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
            return Ok(absent::run(self, &real, tool, &words[1..], streams));
        }
        match self.machine.files.metadata(&real) {
            Err(_) => missing(streams),
            Ok(found) if found.is_directory() => refused("Is a directory"),
            Ok(found) if found.mode & 0o111 == 0 => refused("Permission denied"),
            Ok(_) => {
                let script = self.machine.files.read_text(&real).unwrap_or_default();
                let arguments = words[1..].to_vec();
                Ok(self.subshell(|shell| {
                    name.clone_into(&mut shell.name);
                    shell.positional = arguments;
                    shell.run_text(&script, streams)
                }))
            }
        }
    }
}

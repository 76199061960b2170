//! Lists, pipelines and compound commands. Uses `simple` for commands of words.

use std::sync::Arc;

use brush_parser::ast::{
    AndOr, AndOrList, CaseItemPostAction, Command, CompoundCommand, CompoundList, IoRedirect,
    Pipeline, SeparatorOperator,
};

use super::interpreter::{Fault, NAME, Shell};
use super::streams::{Input, Output, Streams};
use super::variables::is_name;
use super::{arithmetic, builtins, condition, expand, pattern, redirect};

impl Shell {
    pub(super) fn list(&mut self, list: &CompoundList, streams: &Streams) -> Result<(), Fault> {
        for item in &list.0 {
            match item.1 {
                SeparatorOperator::Sequence => self.and_or(&item.0, streams)?,
                SeparatorOperator::Async => self.in_background(&item.0, streams),
            }
        }
        Ok(())
    }

    fn in_background(&mut self, list: &AndOrList, streams: &Streams) {
        let mut inner = self.copy();
        let process = self.machine.next_process();
        inner.cancelled = Arc::default();
        self.background = Some(process);
        self.status = 0;
        let list = list.clone();
        let streams = Streams {
            input: Input::empty(),
            ..self.effective(streams)
        };
        let ended = self.clone();
        self.machine.spawn_job(move || {
            let outcome = inner.and_or(&list, &streams);
            let status = inner.finish(outcome, &streams);
            ended.note_end(process, status);
        });
    }

    /// The streams that hold now: those of the command, unless `exec` replaced them.
    fn effective(&self, streams: &Streams) -> Streams {
        self.replaced.clone().unwrap_or_else(|| streams.clone())
    }

    fn and_or(&mut self, list: &AndOrList, streams: &Streams) -> Result<(), Fault> {
        let tolerant = !list.additional.is_empty();
        self.tolerant += usize::from(tolerant);
        let mut outcome = self.pipeline(&list.first, streams);
        for (index, next) in list.additional.iter().enumerate() {
            if outcome.is_err() {
                break;
            }
            let last = index + 1 == list.additional.len();
            self.tolerant -= usize::from(last);
            let run = match next {
                AndOr::And(_) => self.status == 0,
                AndOr::Or(_) => self.status != 0,
            };
            if run {
                let (AndOr::And(pipeline) | AndOr::Or(pipeline)) = next;
                outcome = self.pipeline(pipeline, streams);
            }
            self.tolerant += usize::from(last);
        }
        self.tolerant -= usize::from(tolerant);
        outcome
    }

    fn pipeline(&mut self, pipeline: &Pipeline, streams: &Streams) -> Result<(), Fault> {
        let streams = &self.effective(streams);
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
        if pipeline.timed.is_some() {
            streams.complain(builtins::TIMES);
        }
        outcome?;
        if pipeline.bang {
            self.status = i32::from(self.status == 0);
        } else if self.status != 0 && self.tolerant == 0 {
            self.run_trap("ERR", streams)?;
            if self.options.exit_on_error {
                return Err(Fault::Exit(self.status));
            }
        }
        Ok(())
    }

    /// Each command runs to its end before the next one reads what it wrote.
    fn pipe(&mut self, commands: &[Command], streams: &Streams) {
        let mut input = streams.input.clone();
        let mut failed = 0;
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
                ..streams.clone()
            };
            let status = self.subshell(|shell| {
                let outcome = shell.command(command, &stage);
                shell.finish(outcome, &stage)
            });
            if status != 0 {
                failed = status;
            }
            self.status = status;
            input = Input::bytes(buffer.map(|buffer| buffer.take()).unwrap_or_default());
        }
        if self.options.pipe_fails {
            self.status = failed;
        }
    }

    fn command(&mut self, command: &Command, streams: &Streams) -> Result<(), Fault> {
        match command {
            Command::Simple(simple) => self.simple(simple, streams),
            Command::Compound(compound, redirects) => {
                let redirects = redirects.as_ref().map_or(&[][..], |list| &list.0);
                self.redirected(redirects, streams, |shell, streams| {
                    shell.compound(compound, streams)
                })
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
                self.redirected(redirects, streams, |shell, streams| {
                    let holds = condition::extended(shell, &test.expr, streams)?;
                    shell.status = i32::from(!holds);
                    Ok(())
                })
            }
        }
    }

    /// Runs something under redirections; one that fails is told and is the status.
    pub(super) fn redirected(
        &mut self,
        redirects: &[IoRedirect],
        streams: &Streams,
        work: impl FnOnce(&mut Shell, &Streams) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if redirects.is_empty() {
            return work(self, streams);
        }
        let mut applied = streams.clone();
        for one in redirects {
            if let Err(message) = redirect::apply(self, one, &mut applied)? {
                streams.complain(format!("{NAME}: {message}"));
                self.status = 1;
                return Ok(());
            }
        }
        let replaced = self.replaced.take();
        let outcome = work(self, &applied);
        self.replaced = replaced;
        outcome
    }

    pub(super) fn compound(
        &mut self,
        compound: &CompoundCommand,
        streams: &Streams,
    ) -> Result<(), Fault> {
        match compound {
            CompoundCommand::BraceGroup(group) => self.list(&group.list, streams),
            CompoundCommand::Subshell(subshell) => {
                let status = self.subshell(|shell| {
                    let outcome = shell.list(&subshell.list, streams);
                    shell.finish(outcome, streams)
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
                if !is_name(&clause.variable_name) {
                    return Err(Fault::fatal("for: bad identifier".to_owned()));
                }
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
                    self.assign_text(&clause.variable_name, &value)?;
                    if self.turn(&clause.body.list, streams)? {
                        break;
                    }
                }
                Ok(())
            }
            CompoundCommand::ArithmeticForClause(_) => {
                Err(Fault::syntax("syntax error: unexpected '(('".to_owned()))
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
                let plain = expand::arithmetic_text(self, &command.expr.value, streams)?;
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
        if self.is_cancelled() || self.effective(streams).output.is_closed() {
            return Err(Fault::Cancelled);
        }
        self.loops += 1;
        let outcome = self.list(body, streams);
        self.loops -= 1;
        match outcome {
            Ok(()) | Err(Fault::Continue(0 | 1)) => Ok(false),
            Err(Fault::Break(0 | 1)) => Ok(true),
            Err(Fault::Break(levels)) => Err(Fault::Break(levels - 1)),
            Err(Fault::Continue(levels)) => Err(Fault::Continue(levels - 1)),
            Err(fault) => Err(fault),
        }
    }
}

//! A note in Markor whose text is sent as a message too (catalogue section 3.16): two tasks, one after the
//! other; the benchmark's score is their mean.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Solution, Task, TaskError, find, params};
use crate::device::Device;
use crate::domain::{Action, ActionType, Instance, Observation, Params, TaskSpec};

/// The tasks that it is made of.
const NOTE: &str = "MarkorCreateNote";
const TEXT: &str = "SimpleSmsSend";

/// MarkorCreateNoteAndSms.
struct NoteAndText {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    file_name: String,
    text: String,
    number: String,
}

/// Evidence of both.
#[derive(Serialize, Deserialize)]
struct Evidence {
    note: Value,
    text: Value,
}

/// One of the two, as an instance of its own.
fn part(name: &str, params: Params, seed: u64) -> Result<(&'static dyn Task, Instance), TaskError> {
    let task = find(name)?;
    let instance = super::instance_with(task, params, seed)?;
    Ok((task, instance))
}

impl NoteAndText {
    fn parts(
        &self,
        params: &Params,
        seed: u64,
    ) -> Result<[(&'static dyn Task, Instance); 2], TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        let mut note = Params::new();
        note.insert("file_name".to_owned(), given.file_name.into());
        note.insert("text".to_owned(), given.text.clone().into());
        let mut text = Params::new();
        text.insert("number".to_owned(), given.number.into());
        text.insert("message".to_owned(), given.text.into());
        Ok([part(NOTE, note, seed)?, part(TEXT, text, seed)?])
    }

    /// Both with their evidence.
    fn with_evidence(
        &self,
        instance: &Instance,
    ) -> Result<[(&'static dyn Task, Instance); 2], TaskError> {
        let [mut note, mut text] = self.parts(&instance.params, instance.seed)?;
        let evidence: Evidence = params::evidence(instance)?;
        note.1.state = evidence.note;
        text.1.state = evidence.text;
        Ok([note, text])
    }
}

#[async_trait]
impl Task for NoteAndText {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let mut all = Params::new();
        for name in [NOTE, TEXT] {
            if let Ok(task) = find(name) {
                all.extend(task.generate(rng));
            }
        }
        // The message is the note's text.
        all.remove("message");
        all
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        self.parts(params, 0)?;
        let Given {
            file_name,
            text,
            number,
        } = params::read(&self.spec, params)?;
        Ok(format!(
            "Make a note named {file_name} in Markor with the text \"{text}\", then text all of it to {number} with Simple SMS Messenger."
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let [mut note, mut text] = self.parts(&instance.params, instance.seed)?;
        note.0.init(device, &mut note.1).await?;
        text.0.init(device, &mut text.1).await?;
        let evidence = Evidence {
            note: note.1.state,
            text: text.1.state,
        };
        params::keep(instance, &evidence);
        Ok(())
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        Ok(self.check(device, instance, None).await? == 1.0)
    }

    async fn check(
        &self,
        device: &Device,
        instance: &Instance,
        answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let parts = self.with_evidence(instance)?;
        let mut reached = Vec::new();
        for (task, part) in &parts {
            reached.push(task.check(device, part, answer).await? == 1.0);
        }
        Ok(instance.compat.score(&reached))
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let parts = self.with_evidence(instance)?;
        let mut sum = 0.0;
        for (task, part) in &parts {
            sum += task.progress(device, part, answer).await?;
        }
        Ok(sum / parts.len() as f64)
    }

    async fn teardown(&self, device: &Device, instance: &Instance) -> Result<(), TaskError> {
        for (task, part) in self.parts(&instance.params, instance.seed)? {
            task.teardown(device, &part).await?;
        }
        Ok(())
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let [note, text] = self.parts(&instance.params, instance.seed)?;
        let mut note = Some(note.0.solution(&note.1)?);
        let mut text = text.0.solution(&text.1)?;
        Ok(Box::new(move |observation: &Observation| -> Action {
            if let Some(first) = &mut note {
                let action = first.next(observation);
                if action.action_type != ActionType::Status {
                    return action;
                }
                note = None;
            }
            text.next(observation)
        }))
    }
}

/// The task of this file.
pub(super) const TASKS: &[&'static dyn Task] = &[&NoteAndText {
    spec: TaskSpec {
        name: "MarkorCreateNoteAndSms",
        apps: &["markor", "simple sms messenger"],
        complexity: 1.8,
        difficulty: "hard",
        tags: &["multi_app", "data_entry", "parameterized"],
        params: &["file_name", "text", "number"],
    },
}];

//! Deleting notes: the one of a name, the newest, all.

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::screen::{Look, Scan, back, steps};
use super::super::sub_checks::Parts;
use super::super::{Solution, Task, TaskError, init_stream, names, params};
use super::notebook::{self, Note, Prepared};
use super::view;
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// Whether the question before deleting is in front.
fn asks(look: Look) -> bool {
    look.has("Confirm Delete")
}

fn press_delete(look: Look) -> Action {
    look.tap_named("Delete").unwrap_or_else(back)
}

/// MarkorDeleteNote.
pub(super) struct One {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct OneParams {
    file_name: String,
    noise_candidates: Vec<String>,
}

impl One {
    fn read(&self, params: &Params) -> Result<OneParams, TaskError> {
        let given: OneParams = params::read(&self.spec, params)?;
        names::check(&self.spec, &given.file_name)?;
        Ok(given)
    }
}

#[async_trait]
impl Task for One {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&OneParams {
            file_name: names::random(rng),
            noise_candidates: names::titles(),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let OneParams { file_name, .. } = self.read(params)?;
        Ok(format!("Delete the note \"{file_name}\" in Markor."))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let mut rng = init_stream(instance);
        let mut prepared = Prepared::empty(true);
        prepared.file("", &given.file_name, &names::characters(20, &mut rng));
        let noise = names::noise(&given.file_name, &given.noise_candidates, 20, &mut rng);
        prepared.noise("", &noise, &mut rng);
        prepared.run(device, &self.spec).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let OneParams { file_name, .. } = self.read(&instance.params)?;
        let found = notebook::find(device, &file_name).await?;
        Ok(!found.has(&file_name))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, true).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let OneParams { file_name, .. } = self.read(&instance.params)?;
        let mut scan = Scan::default();
        let mut deleted = false;
        Ok(steps(move |look| {
            if asks(look) {
                deleted = true;
                return view::ok(look);
            }
            if let Some(action) = view::reach(look, &mut scan, "") {
                return action;
            }
            let rows = view::rows(look);
            if let Some(other) = rows.iter().find(|row| row.chosen && !row.is(&file_name)) {
                return Action::click(other.index);
            }
            match rows.iter().find(|row| row.is(&file_name)) {
                Some(row) if row.chosen => press_delete(look),
                Some(row) => Action::long_press(row.index),
                None if deleted => Action::complete(),
                None => scan.next(look),
            }
        }))
    }
}

/// MarkorDeleteNewestNote.
pub(super) struct Newest {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Evidence {
    notes: Vec<Note>,
}

/// By time, as the benchmark sorts.
fn sorted(mut notes: Vec<Note>) -> Vec<Note> {
    notes.sort_by(|a, b| a.time.cmp(&b.time));
    notes
}

#[async_trait]
impl Task for Newest {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, _rng: &mut ChaCha8Rng) -> Params {
        Params::new()
    }

    fn goal(&self, _params: &Params) -> Result<String, TaskError> {
        Ok("Delete the newest note in Markor.".to_owned())
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let mut rng = init_stream(instance);
        let mut prepared = Prepared::empty(false);
        for _ in 0..rng.random_range(2..=6) {
            let name = names::note(&mut rng);
            prepared.file("", &name, &names::sentence(&mut rng));
            prepared.shift_clock(rng.random_range(-500..=500));
        }
        let notes = sorted(
            prepared
                .run_and_list(device, &self.spec, instance.compat)
                .await?,
        );
        params::keep(instance, &Evidence { notes });
        Ok(())
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let Evidence {
            notes: mut expected,
        } = params::evidence(instance)?;
        expected.pop();
        let key = |notes: Vec<Note>| -> Vec<(String, String)> {
            notes
                .into_iter()
                .map(|note| (note.name, note.time))
                .collect()
        };
        let Some(actual) = notebook::list(device, instance.compat).await? else {
            return Ok(false);
        };
        Ok(key(sorted(actual)) == key(expected))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, false).await
    }

    fn solution(&self, _instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let mut scan = Scan::default();
        let mut by_date = false;
        // The newest note's row as it read when it was chosen, and whether its deletion was confirmed.
        let mut newest: Option<String> = None;
        let mut deleted = false;
        Ok(steps(move |look| {
            if asks(look) {
                deleted = true;
                return view::ok(look);
            }
            // Oldest first: the newest note stands last.
            if look.has("Folder first")
                && let Some(date) = look.tap_named("Date")
            {
                by_date = true;
                return date;
            }
            if let Some(action) = view::reach(look, &mut scan, "") {
                return action;
            }
            let rows = view::rows(look);
            let is_there = |name: &String| rows.iter().any(|row| row.name() == name);
            if deleted && !newest.as_ref().is_some_and(is_there) {
                return Action::complete();
            }
            let chosen = rows.iter().position(|row| row.chosen);
            match (chosen, rows.last()) {
                (Some(chosen), _) if by_date && chosen + 1 == rows.len() => press_delete(look),
                (Some(chosen), _) => Action::click(rows[chosen].index),
                (None, Some(last)) if by_date => {
                    newest = Some(last.name().to_owned());
                    Action::long_press(last.index)
                }
                (None, Some(_)) => look.tap_named("Sort by").unwrap_or_else(back),
                (None, None) => Action::complete(),
            }
        }))
    }
}

/// MarkorDeleteAllNotes.
pub(super) struct All {
    spec: TaskSpec,
}

/// How many notes there were, for the progress alone.
#[derive(Serialize, Deserialize)]
struct Made {
    notes: usize,
}

#[async_trait]
impl Task for All {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, _rng: &mut ChaCha8Rng) -> Params {
        Params::new()
    }

    fn goal(&self, _params: &Params) -> Result<String, TaskError> {
        Ok("Delete all notes in Markor.".to_owned())
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let mut rng = init_stream(instance);
        let mut prepared = Prepared::empty(false);
        let base = names::characters(5, &mut rng);
        let most = rng.random_range(2..=6);
        let noise = names::noise(&base, &names::titles(), most, &mut rng);
        prepared.noise("", &noise, &mut rng);
        let notes = prepared
            .run_and_list(device, &self.spec, instance.compat)
            .await?;
        if notes.is_empty() {
            return Err(TaskError::setup(device, "no note was made"));
        }
        params::keep(instance, &Made { notes: notes.len() });
        Ok(())
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let notes = notebook::list(device, instance.compat).await?;
        Ok(notes.is_some_and(|notes| notes.is_empty()))
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let Some(left) = notebook::list(device, instance.compat).await? else {
            return Ok(0.0);
        };
        // Instances that others set up have no count.
        let made = params::evidence::<Made>(instance).map_or(left.len(), |made| made.notes);
        let gone = made.saturating_sub(left.len());
        let parts = Parts {
            held: gone,
            wanted: made,
            harmed: left.len().saturating_sub(made),
        };
        Ok(parts.share(left.is_empty()))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, false).await
    }

    fn solution(&self, _instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let mut scan = Scan::default();
        Ok(steps(move |look| {
            if asks(look) {
                return view::ok(look);
            }
            if let Some(action) = view::reach(look, &mut scan, "") {
                return action;
            }
            let rows = view::rows(look);
            let selecting = rows.iter().any(|row| row.chosen);
            match rows.iter().find(|row| !row.chosen && !row.folder) {
                Some(row) if selecting => Action::click(row.index),
                Some(row) => Action::long_press(row.index),
                None if selecting => press_delete(look),
                None => Action::complete(),
            }
        }))
    }
}

/// MarkorDeleteNote.
pub(super) const ONE: One = One {
    spec: TaskSpec::new(
        "MarkorDeleteNote",
        &["markor"],
        1.0,
        "easy",
        &["data_edit", "requires_setup", "parameterized"],
        &["file_name", "noise_candidates"],
    ),
};
/// MarkorDeleteNewestNote.
pub(super) const NEWEST: Newest = Newest {
    spec: TaskSpec::new(
        "MarkorDeleteNewestNote",
        &["markor"],
        1.0,
        "easy",
        &["data_edit", "parameterized"],
        &[],
    ),
};
/// MarkorDeleteAllNotes.
pub(super) const ALL: All = All {
    spec: TaskSpec::new(
        "MarkorDeleteAllNotes",
        &["markor"],
        1.4,
        "easy",
        &["data_edit", "repetition", "parameterized"],
        &[],
    ),
};

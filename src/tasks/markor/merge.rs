//! Three notes in one.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::screen::{Scan, back, steps};
use super::super::sub_checks::Parts;
use super::super::{Solution, Task, TaskError, names, params};
use super::create::{name_note, write};
use super::notebook::{self, Prepared};
use super::view;
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// MarkorMergeNotes.
pub(super) struct Merge {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    file1_name: String,
    file2_name: String,
    file3_name: String,
    file1_content: String,
    file2_content: String,
    file3_content: String,
    new_file_name: String,
}

impl Given {
    fn names(&self) -> [&str; 3] {
        [&self.file1_name, &self.file2_name, &self.file3_name]
    }

    fn contents(&self) -> [&str; 3] {
        [
            &self.file1_content,
            &self.file2_content,
            &self.file3_content,
        ]
    }
}

impl Merge {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        let mut all = given.names().map(str::to_lowercase).to_vec();
        all.push(given.new_file_name.to_lowercase());
        for name in &all {
            names::check(&self.spec, name)?;
        }
        all.sort_unstable();
        all.dedup();
        // The volume does not tell capitals from small letters.
        if all.len() < 4 {
            return Err(params::wrong(&self.spec, "two files have the same name"));
        }
        if given.contents().iter().any(|text| text.trim().is_empty()) {
            return Err(params::wrong(&self.spec, "a note is empty"));
        }
        Ok(given)
    }
}

/// Texts one below the other, an empty line between them.
fn merged<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    texts.join("\n\n")
}

/// Whether a text is three lines with an empty line between each two.
fn has_form(text: &str) -> bool {
    let lines: Vec<&str> = text.trim().split('\n').collect();
    matches!(lines[..], [_, "", _, "", _])
}

#[async_trait]
impl Task for Merge {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let mut notes: Vec<String> = Vec::new();
        while notes.len() < 3 {
            let name = names::note(rng);
            let stem = |name: &str| names::split(name).0.to_lowercase();
            if notes.iter().all(|other| stem(other) != stem(&name)) {
                notes.push(name);
            }
        }
        let mut notes = notes.into_iter();
        let mut next = || notes.next().unwrap_or_default();
        params::write(&Given {
            file1_name: next(),
            file2_name: next(),
            file3_name: next(),
            file1_content: names::characters(20, rng),
            file2_content: names::characters(20, rng),
            file3_content: names::characters(20, rng),
            new_file_name: names::characters(8, rng),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = self.read(params)?;
        let [first, second, third] = given.names();
        Ok(format!(
            "In Markor, make a file named {} of the notes \"{first}\", \"{second}\" and \"{third}\", in this order, with an empty line between each two.",
            given.new_file_name
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let mut prepared = Prepared::empty(true);
        for (name, text) in given.names().into_iter().zip(given.contents()) {
            prepared.file("", name, text);
        }
        prepared.run(device, &self.spec).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        let name = &given.new_file_name;
        let found = notebook::find(device, name).await?;
        let wanted = merged(&given.contents()) + "\n";
        Ok(found.holds(name, &wanted) && found.text.as_deref().is_some_and(has_form))
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let given = self.read(&instance.params)?;
        let name = &given.new_file_name;
        let found = notebook::find(device, name).await?;
        let wanted = merged(&given.contents()) + "\n";
        let text = found.text.as_deref().unwrap_or("");
        let reached = found.holds(name, &wanted) && has_form(text);
        let mut parts = vec![found.has(name), has_form(text)];
        parts.extend(given.contents().map(|content| text.contains(content)));
        Ok(Parts::of(&parts).share(reached))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, true).await
    }

    // Reads the notes one after the other, then writes what was read.
    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        let names = given.names().map(str::to_owned);
        let new_name = given.new_file_name;
        let mut texts: Vec<String> = Vec::new();
        let mut scan = Scan::default();
        Ok(steps(move |look| {
            if let Some(action) = name_note(look, &new_name) {
                return action;
            }
            let wanted = names.get(texts.len());
            if let Some(name) = wanted
                && let Some(editor) = view::editor(look, name)
            {
                texts.push(look.text(editor).trim().to_owned());
                return look.tap_named("Navigate up").unwrap_or_else(back);
            }
            if wanted.is_none()
                && let Some(editor) = view::editor(look, &new_name)
            {
                return write(look, editor, &merged(&texts)).unwrap_or_else(Action::complete);
            }
            match wanted {
                Some(name) => view::towards(look, &mut scan, name),
                None => view::towards_new(look, &mut scan, &new_name),
            }
        }))
    }
}

/// MarkorMergeNotes.
pub(super) const MERGE: Merge = Merge {
    spec: TaskSpec {
        name: "MarkorMergeNotes",
        apps: &["markor"],
        complexity: 7.8,
        difficulty: "hard",
        tags: &["data_edit", "data_entry", "parameterized"],
        params: &[
            "file1_name",
            "file2_name",
            "file3_name",
            "file1_content",
            "file2_content",
            "file3_content",
            "new_file_name",
        ],
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_stand_apart() {
        assert!(has_form(&merged(&["a", "b", "c"])));
        assert!(has_form("a\n\nb\n\nc\n"));
        for wrong in [
            "a\nb\nc",
            "a\n\nb\nc",
            "a\n\n\nb\n\nc",
            "a\n\nb\n\nc\n\nd",
            "a\n \nb\n\nc",
        ] {
            assert!(!has_form(wrong), "{wrong:?}");
        }
    }
}

//! Editing a note: a line at its top, a line at its end, or another text.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::comparison::fuzzy;
use super::super::screen::{Scan, steps};
use super::super::{Solution, Task, TaskError, init_stream, names, params, pools};
use super::create::write;
use super::notebook::{self, Prepared};
use super::view;
use crate::device::Device;
use crate::domain::{Action, Compat, Instance, Params, TaskSpec};

/// MarkorEditNote.
pub(super) struct Edit {
    spec: TaskSpec,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Header,
    Footer,
    Replace,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Given {
    file_name: String,
    edit_type: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    header: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    footer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replace_text: Option<String>,
}

impl Given {
    /// What is written, whichever the kind.
    fn text(&self) -> &str {
        let text = match self.edit_type {
            Kind::Header => &self.header,
            Kind::Footer => &self.footer,
            Kind::Replace => &self.replace_text,
        };
        text.as_deref().unwrap_or("")
    }

    /// The text that should come out. The benchmark remembers the text that was there as the shell had
    /// it, with its apostrophes quoted.
    fn expected(&self, original: &str, compat: Compat) -> String {
        let original = match compat {
            Compat::AndroidWorld => original.replace('\'', r#"'"'"'"#),
            Compat::Fixed => original.to_owned(),
        };
        match self.edit_type {
            Kind::Header => format!("{}\n{original}", self.text()),
            Kind::Footer => format!("{original}\n{}", self.text()),
            Kind::Replace => self.text().to_owned(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Evidence {
    original: String,
}

impl Edit {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        names::check(&self.spec, &given.file_name)?;
        if given.text().is_empty() {
            let name = match given.edit_type {
                Kind::Header => "header",
                Kind::Footer => "footer",
                Kind::Replace => "replace_text",
            };
            let reason = format!("{name} is missing, the text that belongs to edit_type");
            return Err(params::wrong(&self.spec, reason));
        }
        Ok(given)
    }
}

#[async_trait]
impl Task for Edit {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let ending = pools::pick(&[".md", ".txt"], rng);
        let file_name = format!("note_{}{ending}", names::characters(5, rng));
        let kinds = ["header", "footer", "replace"];
        let mut given = Given {
            file_name,
            edit_type: Kind::Replace,
            header: None,
            footer: None,
            replace_text: None,
        };
        match pools::pick(&kinds, rng).as_str() {
            "header" => {
                given.edit_type = Kind::Header;
                given.header = Some(names::sentence(rng));
            }
            "footer" => {
                given.edit_type = Kind::Footer;
                given.footer = Some(names::sentence(rng));
            }
            _ => {
                let lines: Vec<String> = (0..3).map(|_| names::sentence(rng)).collect();
                given.replace_text = Some(lines.join("\n"));
            }
        }
        params::write(&given)
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = self.read(params)?;
        let (name, text) = (&given.file_name, given.text());
        Ok(match given.edit_type {
            Kind::Header => {
                format!("Write a new first line into the note \"{name}\" in Markor: {text}")
            }
            Kind::Footer => {
                format!("Write a new last line into the note \"{name}\" in Markor: {text}")
            }
            Kind::Replace => {
                format!("Replace the text of the note \"{name}\" in Markor with:\n{text}")
            }
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let mut rng = init_stream(instance);
        let mut prepared = Prepared::empty(false);
        let noise = names::noise(&given.file_name, &names::titles(), 20, &mut rng);
        prepared.noise("", &noise, &mut rng);
        let original = names::sentence(&mut rng);
        prepared.file("", &given.file_name, &original);
        prepared.run(device, &self.spec).await?;
        params::keep(instance, &Evidence { original });
        Ok(())
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        let Evidence { original } = params::evidence(instance)?;
        let found = notebook::find(device, &given.file_name).await?;
        let actual = found.text.as_deref().map(str::trim);
        Ok(fuzzy(
            actual,
            Some(&given.expected(&original, instance.compat)),
        ))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        notebook::teardown(device, &self.spec, false).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        let mut scan = Scan::default();
        // The text that the note had when it was first seen.
        let mut original: Option<String> = None;
        Ok(steps(move |look| {
            if let Some(editor) = view::editor(look, &given.file_name) {
                let original = original.get_or_insert_with(|| look.text(editor).trim().to_owned());
                let wanted = given.expected(original, Compat::Fixed);
                return write(look, editor, &wanted).unwrap_or_else(Action::complete);
            }
            view::towards(look, &mut scan, &given.file_name)
        }))
    }
}

/// MarkorEditNote.
pub(super) const EDIT: Edit = Edit {
    spec: TaskSpec {
        name: "MarkorEditNote",
        apps: &["markor"],
        complexity: 1.2,
        difficulty: "easy",
        tags: &["data_edit", "transcription", "parameterized"],
        params: &["file_name", "edit_type", "header", "footer", "replace_text"],
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_text_of_its_kind_counts() {
        let params = |kind: &str, name: &str| {
            let mut params = Params::new();
            params.insert("file_name".into(), "note_abcde.md".into());
            params.insert("edit_type".into(), kind.into());
            params.insert(name.into(), "Call the plumber".into());
            EDIT.read(&params)
        };
        let header = params("header", "header").unwrap();
        assert_eq!(
            header.expected("old", Compat::Fixed),
            "Call the plumber\nold"
        );
        let footer = params("footer", "footer").unwrap();
        assert_eq!(
            footer.expected("old", Compat::Fixed),
            "old\nCall the plumber"
        );
        assert!(params("header", "footer").is_err());
        assert!(params("above", "header").is_err());
    }

    #[test]
    fn apostrophes_are_expected_as_the_shell_had_them() {
        let given = Given {
            file_name: "note_1.md".to_owned(),
            edit_type: Kind::Footer,
            header: None,
            footer: Some("Yes".to_owned()),
            replace_text: None,
        };
        let kept = given.expected("It's Ann's", Compat::AndroidWorld);
        let mended = given.expected("It's Ann's", Compat::Fixed);
        assert_eq!(kept, "It'\"'\"'s Ann'\"'\"'s\nYes");
        assert_eq!(mended, "It's Ann's\nYes");
        assert!(!fuzzy(Some(&mended), Some(&kept)));
    }
}

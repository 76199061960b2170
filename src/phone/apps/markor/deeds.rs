//! What the main screen's dialogs do to files: make, rename, delete, move, copy.

use super::PACKAGE;
use super::dialogs::{Dialog, NewFile, TEMPLATES, TYPES};
use super::document;
use super::home::MainActivity;
use super::notebook::{is_name, parent_of, same};
use crate::phone::apps::transfer::{Answer, Transfer};
use crate::phone::system::{PhoneError, Preference, Preferences, System, paths};
use crate::phone::ui::Effects;

/// Preference: the extension of the last new file.
const EXTENSION: &str = "new_file_dialog_lastused_extension";
/// Preference: the type of the last new file.
const KIND: &str = "new_file_dialog_lastused_type";

impl MainActivity {
    pub(super) fn add(&mut self, system: &System) -> Effects {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        let kind = usize::try_from(stored.number(KIND, 0)).unwrap_or(0);
        let extension = stored.text(EXTENSION).unwrap_or(TYPES[0].1);
        self.dialog = Some(Dialog::New(NewFile::new(extension, kind)));
        Effects::none().focus("new_file_dialog__name")
    }

    pub(super) fn create_file(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let Some(Dialog::New(new)) = self.dialog.take() else {
            return Ok(Effects::none());
        };
        if new.name.trim().is_empty() {
            return Ok(Effects::none());
        }
        let files = &system.files;
        let mut stored = Preferences::load_default(files, PACKAGE);
        stored.put(EXTENSION, new.extension.trim());
        let kind = i32::try_from(new.kind).unwrap_or(0);
        stored.put(KIND, Preference::Integer(kind));
        stored.save(files)?;
        let name = format!("{}{}", new.name.trim(), new.extension.trim());
        if !is_name(&name) {
            return Ok(Effects::none());
        }
        let path = paths::child(self.browser.folder(), &name);
        if files.is_dir(&path) {
            return Ok(Effects::none().toast("Could not create file"));
        }
        if !files.exists(&path) {
            files
                .write(
                    &path,
                    TEMPLATES.get(new.template).map_or("", |entry| entry.1),
                )
                .map_err(|error| PhoneError::file(&path, error))?;
        }
        Ok(Effects::none().start(document::open(&path)))
    }

    pub(super) fn create_folder(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let Some(Dialog::New(new)) = self.dialog.take() else {
            return Ok(Effects::none());
        };
        let name = new.name.trim();
        if is_name(name) {
            let path = paths::child(self.browser.folder(), name);
            system
                .files
                .make_dirs(&path)
                .map_err(|error| PhoneError::file(&path, error))?;
            self.browser.reload(&system.files);
        }
        Ok(Effects::none().hide_keyboard())
    }

    pub(super) fn rename(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let Some(Dialog::Rename(path, name, _)) = &self.dialog else {
            return Ok(Effects::none());
        };
        let (path, name) = (path.clone(), name.trim().to_owned());
        let aim = paths::child(parent_of(&path).unwrap_or("/"), &name);
        // A change of case alone names the same entry.
        if is_name(&name) && !same(&aim, &path) && system.files.exists(&aim) {
            self.dialog = Some(Dialog::Rename(path, name, true));
            return Ok(Effects::none());
        }
        self.dialog = None;
        self.browser.chosen.clear();
        if is_name(&name) && aim != path {
            system
                .files
                .rename(&path, &aim)
                .map_err(|error| PhoneError::file(&aim, error))?;
        }
        self.browser.reload(&system.files);
        Ok(Effects::none().hide_keyboard())
    }

    pub(super) fn delete(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let Some(Dialog::Delete(paths)) = self.dialog.take() else {
            return Ok(Effects::none());
        };
        self.browser.chosen.clear();
        let mut result = Ok(Effects::none());
        for path in paths {
            if let Err(error) = system.files.remove_tree(&path) {
                result = Err(PhoneError::file(&path, error));
            }
        }
        self.browser.reload(&system.files);
        result
    }

    /// Goes on with a transfer, or asks what to do with a name that exists.
    pub(super) fn transfer(
        &mut self,
        system: &System,
        mut transfer: Transfer,
        answer: Option<(Answer, bool)>,
    ) -> Result<Effects, PhoneError> {
        let files = &system.files;
        let done = match answer {
            Some((answer, for_all)) => transfer.answer(files, answer, for_all),
            None => transfer.run(files),
        };
        self.dialog = match done {
            Ok(false) => Some(Dialog::Conflict(transfer)),
            _ => None,
        };
        if self.dialog.is_none() {
            self.browser.chosen.clear();
        }
        self.browser.reload(files);
        done.map(|_| Effects::none())
    }

    pub(super) fn copy_text(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let Some(path) = self.browser.chosen.pop_first() else {
            return Ok(Effects::none());
        };
        self.browser.chosen.clear();
        let text = system
            .files
            .read_text(&path)
            .map_err(|error| PhoneError::file(&path, error))?;
        Ok(Effects::none().copy(text).toast("Clipboard"))
    }
}

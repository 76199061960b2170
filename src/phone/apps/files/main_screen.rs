//! The main screen: documents to open, choose, delete, rename, move and copy.

use super::browser::{Browser, Deed, Message};
use super::dialogs::{self, Dialog};
use super::documents::Document;
use super::rows::Manner;
use super::{PACKAGE, ask_destination, bars, menus, rows};
use crate::phone::apps::entries::{copy, free_name, is_within, name_of, parent_of, same};
use crate::phone::apps::{answering, resolver};
use crate::phone::providers::documents::{VOLUME, path_of, uri_of};
use crate::phone::system::{FileError, Files, Intent, PhoneError, System, paths};
use crate::phone::ui::{Activity, Effects, Screen, Widget, column, notice, stack};

/// Request number of the question where to.
const DESTINATION: u32 = 1;
/// A message at the foot stays so long, in microseconds.
const SNACK: i64 = 4_000_000;

/// A transfer that waits for its destination.
struct Transfer {
    moving: bool,
    paths: Vec<String>,
}

/// The screen.
pub struct FilesActivity {
    browser: Browser,
    menu: bool,
    dialog: Option<Dialog>,
    transfer: Option<Transfer>,
    /// A message and until when it is shown.
    said: Option<(String, i64)>,
}

const MANNER: Manner = Manner {
    files: true,
    choosing: true,
};

/// `1 item`, `3 items`.
fn items(count: usize) -> String {
    match count {
        1 => "1 item".to_owned(),
        count => format!("{count} items"),
    }
}

/// Moves or copies one document into a folder, under a name that is free there.
fn bring(files: &Files, path: &str, folder: &str, moving: bool) -> Result<(), PhoneError> {
    let at_home = parent_of(path).is_some_and(|parent| same(parent, folder));
    if moving && at_home {
        return Ok(());
    }
    let numbered = |stem: &str, number: u32| format!("{stem} ({number})");
    let aim = paths::child(folder, &free_name(files, folder, name_of(path), numbered));
    if files.is_dir(path) && is_within(folder, path) {
        return Err(PhoneError::file(&aim, FileError::InvalidPath));
    }
    match moving {
        false => copy(files, path, &aim),
        true => files
            .rename(path, &aim)
            .map_err(|error| PhoneError::file(&aim, error)),
    }
}

/// The intent that shows a document.
fn view_intent(document: &Document) -> Intent {
    Intent::action(Intent::VIEW)
        .data(uri_of(&document.path))
        .mime(document.mime())
}

impl FilesActivity {
    fn say(&mut self, system: &System, words: impl Into<String>) {
        self.said = Some((words.into(), system.clock.uptime_micros() + SNACK));
    }

    fn open(&mut self, document: &Document) -> Effects {
        let intent = view_intent(document);
        match answering(&intent).is_empty() {
            true => Effects::none().toast("Can’t open file"),
            false => Effects::none().start(intent),
        }
    }

    fn tap(&mut self, system: &System, path: String) -> Effects {
        let found = self
            .browser
            .documents
            .iter()
            .find(|document| document.path == path);
        let Some(document) = found.cloned() else {
            return Effects::none();
        };
        if !self.browser.chosen.is_empty() {
            self.browser.toggle(path);
        } else if document.folder {
            self.enter(system, path);
        } else {
            return self.open(&document);
        }
        Effects::none()
    }

    fn enter(&mut self, system: &System, path: String) {
        // What a search finds may lie in another root.
        if self.browser.folder.is_none()
            && let Some(root) = Browser::root_of(&path)
        {
            self.browser = Browser::at(system, root, Some(path));
        } else {
            self.browser.update(system, &Message::Folder(path));
        }
    }

    fn do_it(&mut self, system: &System, deed: Deed) -> Effects {
        let none = Effects::none();
        let one = self.browser.only_chosen().cloned();
        match deed {
            Deed::Delete => self.dialog = Some(Dialog::Delete),
            Deed::Rename => {
                self.dialog = one.as_ref().map(Dialog::rename);
                return none.and(crate::phone::ui::Effect::SelectAll(
                    dialogs::NAME.to_owned(),
                ));
            }
            Deed::NewFolder => {
                self.dialog = Some(Dialog::NewFolder {
                    name: String::new(),
                    taken: false,
                });
                return none.focus(dialogs::NAME);
            }
            Deed::Info => self.dialog = one.map(Dialog::Info),
            Deed::Sort => self.dialog = Some(Dialog::Sort),
            Deed::ChooseAll => {
                let all = self.browser.documents.iter();
                self.browser.chosen = all.map(|document| document.path.clone()).collect();
            }
            Deed::OpenWith => {
                let Some(document) = one else { return none };
                let intent = view_intent(&document);
                self.browser.chosen.clear();
                return match answering(&intent).is_empty() {
                    true => none.toast("Can’t open file"),
                    false => none.start(resolver::ask(intent)),
                };
            }
            Deed::Copy | Deed::Move => {
                let chosen = self.browser.chosen_documents().into_iter();
                let moving = deed == Deed::Move;
                self.transfer = Some(Transfer {
                    moving,
                    paths: chosen.map(|document| document.path.clone()).collect(),
                });
                let here = self.browser.folder.as_deref().unwrap_or(VOLUME);
                return none.start_for_result(DESTINATION, ask_destination(moving, here));
            }
            Deed::Share => {
                let kind = one.as_ref().map_or("*/*", Document::mime);
                let mut intent = Intent::action("android.intent.action.SEND").mime(kind);
                if let Some(document) = &one {
                    intent = intent.text("android.intent.extra.STREAM", uri_of(&document.path));
                }
                return match answering(&intent).is_empty() {
                    true => none.toast("No apps can share this."),
                    false => none.start(intent),
                };
            }
            Deed::NewWindow => self.say(system, "There is one window on this phone"),
            Deed::Hidden => {}
        }
        none
    }

    fn accept(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        match self.dialog.take() {
            Some(Dialog::Delete) => {
                let chosen = std::mem::take(&mut self.browser.chosen);
                let mut result = Ok(none);
                for path in chosen {
                    if let Err(error) = system.files.remove_tree(&path) {
                        result = Err(PhoneError::file(&path, error));
                    }
                }
                self.browser.reload(system);
                return result;
            }
            Some(Dialog::Rename { path, name, .. }) => {
                let name = name.trim().to_owned();
                if !dialogs::rename(system, &path, &name)? {
                    self.dialog = Some(Dialog::Rename {
                        path,
                        name,
                        taken: true,
                    });
                    return Ok(none);
                }
                self.browser.chosen.clear();
            }
            Some(Dialog::NewFolder { name, .. }) => {
                let name = name.trim().to_owned();
                let place = self.browser.folder.clone().unwrap_or_default();
                if !dialogs::make_folder(system, &place, &name)? {
                    self.dialog = Some(Dialog::NewFolder { name, taken: true });
                    return Ok(none);
                }
            }
            Some(Dialog::Sort | Dialog::Info(_)) | None => {}
        }
        self.browser.reload(system);
        Ok(none.hide_keyboard())
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        self.menu = false;
        if let Some(effects) = self.browser.update(system, &message) {
            if !matches!(message, Message::Roots) {
                self.dialog = None;
            }
            self.browser.store(system)?;
            return Ok(effects);
        }
        match message {
            Message::Menu => self.menu = true,
            Message::Dismiss => {
                self.browser.drawer = None;
                self.dialog = None;
                return Ok(Effects::none().hide_keyboard());
            }
            Message::Tap(path) => {
                let effects = self.tap(system, path);
                self.browser.store(system)?;
                return Ok(effects);
            }
            Message::Hold(path) => self.browser.toggle(path),
            Message::Do(deed) => return Ok(self.do_it(system, deed)),
            Message::Name(name) => {
                if let Some(dialog) = &mut self.dialog {
                    dialog.write(name);
                }
            }
            Message::Accept => return self.accept(system),
            _ => {}
        }
        Ok(Effects::none())
    }

    fn root(&self, system: &System) -> Widget<Message> {
        let mut parts = bars::top(&self.browser);
        parts.extend(rows::content(&self.browser, system, MANNER));
        let mut layers = vec![column(parts).id("container_directory").fill()];
        if let Some((words, until)) = &self.said
            && *until > system.clock.uptime_micros()
        {
            layers.push(notice(words.clone()));
        }
        stack(layers)
            .id("coordinator_layout")
            .class("android.view.ViewGroup")
            .fill()
    }
}

impl Activity for FilesActivity {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> FilesActivity {
        FilesActivity {
            browser: Browser::last(system),
            menu: false,
            dialog: None,
            transfer: None,
            said: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        self.browser.reload(system);
        Effects::none()
    }

    fn tick(&mut self, system: &mut System) -> Effects {
        self.browser.refresh(system);
        Effects::none()
    }

    fn on_result(&mut self, system: &mut System, _: u32, result: Option<Intent>) -> Effects {
        let Some(transfer) = self.transfer.take() else {
            return Effects::none();
        };
        let folder = result
            .and_then(|result| result.data)
            .and_then(|uri| path_of(&uri));
        let Some(folder) = folder else {
            return Effects::none();
        };
        let mut failed = 0;
        for path in &transfer.paths {
            if bring(&system.files, path, &folder, transfer.moving).is_err() {
                failed += 1;
            }
        }
        self.browser.chosen.clear();
        self.browser.reload(system);
        let words = match (failed, transfer.moving) {
            (0, true) => format!("Moving {}.", items(transfer.paths.len())),
            (0, false) => format!("Copying {}.", items(transfer.paths.len())),
            (_, true) => format!("Couldn’t move {}", items(failed)),
            (_, false) => format!("Couldn’t copy {}", items(failed)),
        };
        self.say(system, words);
        Effects::none()
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        match self.browser.back(system) {
            true => Effects::none(),
            false => Effects::none().finish(),
        }
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let dialog = self.dialog.as_ref();
        Screen::new(self.root(system))
            .overlay(bars::drawer(&self.browser))
            .overlay(self.menu.then(|| menus::overflow(&self.browser, true)))
            .overlay(dialog.map(|dialog| dialog.overlay(&self.browser, system)))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match self.answer(system, message) {
            Ok(effects) => effects,
            Err(error) => {
                tracing::debug!(%error, package = PACKAGE, "a file was not changed");
                Effects::none().toast(error.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::system::{Clock, ClockMode};

    #[test]
    fn nothing_is_lost_when_documents_are_moved_and_copied() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::open(root.path(), Clock::new(ClockMode::Steps)).unwrap();
        let at = |path: &str| format!("{VOLUME}/{path}");
        files.make_dirs(&at("Music/old")).unwrap();
        for name in ["Music/a.mp3", "Music/old/b.mp3", "Movies/A.mp3"] {
            files.write(&at(name), name).unwrap();
        }
        bring(&files, &at("Music/a.mp3"), &at("Movies"), true).unwrap();
        assert_eq!(
            files.read_text(&at("Movies/a (1).mp3")).unwrap(),
            "Music/a.mp3"
        );
        assert_eq!(
            files.read_text(&at("Movies/A.mp3")).unwrap(),
            "Movies/A.mp3"
        );
        bring(&files, &at("Movies/A.mp3"), &at("Movies"), true).unwrap();
        assert!(files.exists(&at("Movies/A.mp3")) && !files.exists(&at("Music/a.mp3")));
        bring(&files, &at("Music/old"), &at("Podcasts"), false).unwrap();
        assert!(files.exists(&at("Podcasts/old/b.mp3")) && files.exists(&at("Music/old/b.mp3")));
        assert!(bring(&files, &at("Music"), &at("Music/old"), true).is_err());
    }
}

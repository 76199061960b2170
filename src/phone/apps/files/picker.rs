//! The picker: asks for the folder that files go to, for a place and name of a new file, for a file or for
//! a folder. Its result carries the document's URI.

use super::browser::{Browser, Deed, Message};
use super::dialogs::{self, Dialog};
use super::root::Root;
use super::rows::Manner;
use super::{CREATE_DOCUMENT, MOVING, OPEN_TREE, PICK_DESTINATION, TITLE, bars, menus, rows};
use crate::phone::apps::entries::{clean_name, extension, free_name, is_name};
use crate::phone::providers::documents::{path_of, uri_of};
use crate::phone::providers::media::ending_of;
use crate::phone::system::{Intent, PhoneError, System, paths};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Screen, Widget, button, column, row, stretch, text_field,
};

/// What is asked for.
enum Purpose {
    /// A folder to move or copy to.
    Destination { moving: bool },
    /// A new file, which gets the ending of its type.
    Save {
        name: String,
        ending: Option<&'static str>,
    },
    /// A file.
    Open,
    /// A folder.
    Tree,
}

/// The screen.
pub struct PickActivity {
    purpose: Purpose,
    browser: Browser,
    menu: bool,
    dialog: Option<Dialog>,
}

impl PickActivity {
    fn positive(&self) -> &'static str {
        match self.purpose {
            Purpose::Destination { moving: true } => "MOVE",
            Purpose::Destination { moving: false } => "COPY",
            Purpose::Save { .. } => "SAVE",
            Purpose::Open => "OPEN",
            Purpose::Tree => "USE THIS FOLDER",
        }
    }

    /// Whether the positive button can be used.
    fn is_ready(&self) -> bool {
        self.browser.folder.is_some()
            && match &self.purpose {
                Purpose::Save { name, .. } => is_name(name.trim()),
                _ => true,
            }
    }

    fn foot(&self) -> Option<Widget<Message>> {
        let ready = self.is_ready();
        let accept = button(self.positive())
            .id("android:id/button1")
            .color(match ready {
                true => Color::ACCENT,
                false => Color::TEXT_DISABLED,
            })
            .enabled(ready)
            .on_tap(Message::Accept);
        let cancel = || {
            button("CANCEL")
                .id("android:id/button2")
                .on_tap(Message::Dismiss)
        };
        let content = match &self.purpose {
            Purpose::Open => return None,
            Purpose::Destination { .. } => vec![stretch(), cancel(), accept],
            Purpose::Tree => vec![accept.weight_width(1.0)],
            Purpose::Save { name, .. } => vec![
                text_field(name.clone(), "")
                    .id("android:id/title")
                    .on_change(Message::Name)
                    .weight_width(1.0),
                accept,
            ],
        };
        Some(
            row(content)
                .id("container_save")
                .padding_symmetric(12.0, 6.0)
                .cross(Align::Center)
                .background(Color::SURFACE_RAISED),
        )
    }

    fn done(&self, path: &str) -> Effects {
        let mut result = Intent::default().data(uri_of(path));
        result.action = Some(Intent::VIEW.to_owned());
        Effects::none().finish_with(result)
    }

    /// Makes the new file, empty, under a name that is free.
    fn save(&self, system: &System, folder: &str, name: &str) -> Result<Effects, PhoneError> {
        let numbered = |stem: &str, number: u32| format!("{stem} ({number})");
        let name = free_name(&system.files, folder, name, numbered);
        let path = paths::child(folder, &name);
        system
            .files
            .write(&path, "")
            .map_err(|error| PhoneError::file(&path, error))?;
        Ok(self.done(&path))
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        self.menu = false;
        let none = Effects::none();
        if let Some(effects) = self.browser.update(system, &message) {
            self.dialog = None;
            return Ok(effects);
        }
        match message {
            Message::Menu => self.menu = true,
            Message::Tap(path) => {
                let found = self.browser.documents.iter();
                let folder = found.clone().any(|one| one.path == path && one.folder);
                if folder {
                    self.browser.update(system, &Message::Folder(path));
                } else if matches!(self.purpose, Purpose::Open) {
                    return Ok(self.done(&path));
                }
            }
            Message::Do(Deed::NewFolder) => {
                self.dialog = Some(Dialog::NewFolder {
                    name: String::new(),
                    taken: false,
                });
                return Ok(none.focus(dialogs::NAME));
            }
            Message::Do(Deed::Sort) => self.dialog = Some(Dialog::Sort),
            Message::Name(text) => match (&mut self.dialog, &mut self.purpose) {
                (Some(dialog), _) => dialog.write(text),
                (None, Purpose::Save { name, .. }) => *name = text,
                _ => {}
            },
            Message::Dismiss if self.dialog.is_some() || self.browser.drawer.is_some() => {
                self.dialog = None;
                self.browser.drawer = None;
                return Ok(none.hide_keyboard());
            }
            Message::Dismiss if !matches!(self.purpose, Purpose::Destination { .. }) => {}
            Message::Dismiss => return Ok(none.finish()),
            Message::Accept => return self.accept(system),
            _ => {}
        }
        Ok(none)
    }

    fn accept(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        let Some(folder) = self.browser.folder.clone() else {
            return Ok(none);
        };
        if let Some(Dialog::NewFolder { name, .. }) = self.dialog.take() {
            let name = name.trim().to_owned();
            match dialogs::make_folder(system, &folder, &name)? {
                // A new folder is shown at once.
                true if is_name(&name) => {
                    let made = paths::child(&folder, &name);
                    self.browser.update(system, &Message::Folder(made));
                }
                true => {}
                false => self.dialog = Some(Dialog::NewFolder { name, taken: true }),
            }
            return Ok(match self.dialog {
                Some(_) => none,
                None => none.hide_keyboard(),
            });
        }
        match &self.purpose {
            Purpose::Save { name, ending } if self.is_ready() => {
                let name = clean_name(name.trim());
                let name = match ending {
                    Some(ending) if !extension(&name).eq_ignore_ascii_case(ending) => {
                        format!("{name}.{ending}")
                    }
                    _ => name,
                };
                self.save(system, &folder, &name)
            }
            Purpose::Save { .. } => Ok(none),
            _ => Ok(self.done(&folder)),
        }
    }
}

impl Activity for PickActivity {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> PickActivity {
        let purpose = match intent.action.as_deref() {
            Some(PICK_DESTINATION) => Purpose::Destination {
                moving: intent.get_flag(MOVING),
            },
            Some(CREATE_DOCUMENT) => Purpose::Save {
                name: intent.get_text(TITLE).unwrap_or_default().to_owned(),
                ending: intent.mime.as_deref().and_then(ending_of),
            },
            Some(OPEN_TREE) => Purpose::Tree,
            _ => Purpose::Open,
        };
        let place = intent.data.as_deref().and_then(path_of);
        let browser = match (&purpose, place) {
            (_, Some(path)) => {
                let root = Browser::root_of(&path).unwrap_or(Root::Storage);
                Browser::at(system, root, Some(path))
            }
            (Purpose::Open, None) => Browser::at(system, Root::Recent, None),
            (_, None) => Browser::at(system, Root::Downloads, None),
        };
        PickActivity {
            purpose,
            browser,
            menu: false,
            dialog: None,
        }
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        match self.browser.back(system) {
            true => Effects::none(),
            false => Effects::none().finish(),
        }
    }

    fn tick(&mut self, system: &mut System) -> Effects {
        self.browser.refresh(system);
        Effects::none()
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let manner = Manner {
            files: matches!(self.purpose, Purpose::Open),
            choosing: false,
        };
        let mut parts = bars::top(&self.browser);
        parts.extend(rows::content(&self.browser, system, manner));
        parts.extend(self.foot());
        let dialog = self.dialog.as_ref();
        Screen::new(column(parts).id("coordinator_layout").fill())
            .overlay(bars::drawer(&self.browser))
            .overlay(self.menu.then(|| menus::overflow(&self.browser, false)))
            .overlay(dialog.map(|dialog| dialog.overlay(&self.browser, system)))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

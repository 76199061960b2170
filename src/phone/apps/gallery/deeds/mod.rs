//! What is done with chosen files, and the dialogs that ask before: copy and move, rename, throw away, show
//! what is known of one. Used by the screen of a folder and by that of one picture.

mod questions;

use super::destination::{Answer, Destination, DestinationMessage, done};
use super::library::{free_name, picture, throw_away};
use super::{PACKAGE, may_change};
use crate::phone::apps::all_files;
use crate::phone::apps::entries::{extension, name_of, parent_of, same, stem};
use crate::phone::apps::transfer::{self, Mode, Transfer};
use crate::phone::system::{PhoneError, System, paths};
use crate::phone::ui::Effects;

/// A touch on a dialog.
#[derive(Debug, Clone)]
pub enum DeedMessage {
    /// Where to.
    Destination(DestinationMessage),
    /// What to do with a name that is taken.
    Conflict(transfer::Answer),
    /// The same for all that follow.
    ForAll(bool),
    /// Goes on with that.
    Resolve,
    /// The new name without its ending.
    Stem(String),
    /// The new ending.
    Ending(String),
    /// Takes the new name.
    Rename,
    /// Not into the bin.
    ForGood(bool),
    /// Do not ask any more.
    DoNotAsk(bool),
    /// Throws away.
    Delete,
    /// To the system's page for access to all files.
    Access,
    /// Closes the dialog.
    Close,
}

enum Front {
    Destination(Destination),
    Conflict {
        transfer: Transfer,
        mode: Mode,
        count: usize,
        answer: transfer::Answer,
        for_all: bool,
    },
    Rename {
        path: String,
        stem: String,
        ending: String,
    },
    Delete {
        paths: Vec<String>,
        for_good: bool,
        do_not_ask: bool,
    },
    Details(Vec<(&'static str, String)>),
    Access,
}

/// What an answer has led to.
#[derive(Default)]
pub struct Outcome {
    /// To be done by the window.
    pub effects: Effects,
    /// Files came, went or were renamed.
    pub changed: bool,
    /// The new path of a file that was renamed.
    pub renamed: Option<String>,
}

impl Outcome {
    fn said(words: impl Into<String>) -> Outcome {
        Outcome {
            effects: Effects::none().toast(words),
            ..Outcome::default()
        }
    }

    fn changed() -> Outcome {
        Outcome {
            changed: true,
            ..Outcome::default()
        }
    }
}

/// The dialogs.
#[derive(Default)]
pub struct Deeds {
    front: Option<Front>,
    /// Nothing is asked before files are thrown away.
    silent: bool,
}

impl Deeds {
    /// Asks for access to all files.
    pub fn ask_access(&mut self) {
        self.front = Some(Front::Access);
    }

    /// Asks where to copy or move files.
    pub fn transfer(&mut self, system: &System, mode: Mode, paths: Vec<String>) {
        self.front = Some(if may_change(system) {
            Front::Destination(Destination::new(&system.files, mode, paths))
        } else {
            Front::Access
        });
    }

    /// Asks for a new name.
    pub fn rename(&mut self, system: &System, path: &str) -> Effects {
        if !may_change(system) {
            self.front = Some(Front::Access);
            return Effects::none();
        }
        let name = name_of(path);
        self.front = Some(Front::Rename {
            path: path.to_owned(),
            stem: stem(name).to_owned(),
            ending: extension(name).to_owned(),
        });
        Effects::none().focus("rename_item_name")
    }

    /// Asks whether to throw files away, unless nothing shall be asked.
    ///
    /// # Errors
    /// When a file cannot be moved.
    pub fn delete(&mut self, system: &System, paths: Vec<String>) -> Result<Outcome, PhoneError> {
        if !may_change(system) {
            self.front = Some(Front::Access);
            return Ok(Outcome::default());
        }
        if self.silent {
            throw_away(&system.files, &paths, false)?;
            return Ok(Outcome::changed());
        }
        self.front = Some(Front::Delete {
            paths,
            for_good: false,
            do_not_ask: false,
        });
        Ok(Outcome::default())
    }

    /// Shows what is known of a file.
    pub fn details(&mut self, system: &System, path: &str) {
        let mut lines = vec![("Name", name_of(path).to_owned())];
        lines.push(("Path", parent_of(path).unwrap_or("/").to_owned()));
        if let Ok(found) = system.files.metadata(path) {
            lines.push(("Size", size_text(found.size)));
            let date = system.clock.at_micros(found.modified_micros);
            let date = date.strftime("%d.%m.%Y, %H:%M").to_string();
            lines.push(("Last modified", date));
        }
        if let Ok(frame) = picture(&system.files, path) {
            lines.push(("Resolution", format!("{} x {}", frame.width, frame.height)));
        }
        self.front = Some(Front::Details(lines));
    }

    /// Answers a touch.
    ///
    /// # Errors
    /// When files cannot be changed as asked for.
    pub fn update(
        &mut self,
        system: &mut System,
        message: DeedMessage,
    ) -> Result<Outcome, PhoneError> {
        match message {
            DeedMessage::Destination(message) => return self.destination(system, message),
            DeedMessage::Conflict(chosen) => {
                if let Some(Front::Conflict { answer, .. }) = &mut self.front {
                    *answer = chosen;
                }
            }
            DeedMessage::ForAll(on) => {
                if let Some(Front::Conflict { for_all, .. }) = &mut self.front {
                    *for_all = on;
                }
            }
            DeedMessage::Resolve => {
                if let Some(Front::Conflict {
                    mut transfer,
                    mode,
                    count,
                    answer,
                    for_all,
                }) = self.front.take()
                {
                    let over = transfer.answer(&system.files, answer, for_all)?;
                    return Ok(self.after(transfer, mode, count, over));
                }
            }
            DeedMessage::Stem(typed) => {
                if let Some(Front::Rename { stem, .. }) = &mut self.front {
                    *stem = typed;
                }
            }
            DeedMessage::Ending(typed) => {
                if let Some(Front::Rename { ending, .. }) = &mut self.front {
                    *ending = typed;
                }
            }
            DeedMessage::Rename => return self.take_name(system),
            DeedMessage::ForGood(on) => {
                if let Some(Front::Delete { for_good, .. }) = &mut self.front {
                    *for_good = on;
                }
            }
            DeedMessage::DoNotAsk(on) => {
                if let Some(Front::Delete { do_not_ask, .. }) = &mut self.front {
                    *do_not_ask = on;
                }
            }
            DeedMessage::Delete => {
                if let Some(Front::Delete {
                    paths,
                    for_good,
                    do_not_ask,
                }) = self.front.take()
                {
                    self.silent |= do_not_ask;
                    throw_away(&system.files, &paths, for_good)?;
                    return Ok(Outcome::changed());
                }
            }
            DeedMessage::Access => {
                self.front = None;
                return Ok(Outcome {
                    effects: Effects::none().start(all_files::page(PACKAGE)),
                    ..Outcome::default()
                });
            }
            DeedMessage::Close => self.front = None,
        }
        Ok(Outcome::default())
    }

    fn destination(
        &mut self,
        system: &System,
        message: DestinationMessage,
    ) -> Result<Outcome, PhoneError> {
        let Some(Front::Destination(asked)) = &mut self.front else {
            return Ok(Outcome::default());
        };
        match asked.update(&system.files, message)? {
            Answer::Stays(None) => Ok(Outcome::default()),
            Answer::Stays(Some(words)) => Ok(Outcome::said(words)),
            Answer::Nothing => {
                self.front = None;
                Ok(Outcome::default())
            }
            Answer::Folder(folder) => {
                let (mode, paths) = (asked.mode, std::mem::take(&mut asked.paths));
                self.front = None;
                let count = paths.len();
                let mut transfer = Transfer::new(mode, paths, &folder, free_name).keep_dates();
                let over = transfer.run(&system.files)?;
                Ok(self.after(transfer, mode, count, over))
            }
        }
    }

    /// All is done, or the next name is taken already.
    fn after(&mut self, transfer: Transfer, mode: Mode, count: usize, over: bool) -> Outcome {
        if over {
            return Outcome {
                changed: true,
                ..Outcome::said(done(mode, count))
            };
        }
        self.front = Some(Front::Conflict {
            transfer,
            mode,
            count,
            answer: transfer::Answer::Skip,
            for_all: false,
        });
        Outcome::default()
    }

    fn take_name(&mut self, system: &System) -> Result<Outcome, PhoneError> {
        let Some(Front::Rename { path, stem, ending }) = &self.front else {
            return Ok(Outcome::default());
        };
        let stem = stem.trim();
        if stem.is_empty() {
            return Ok(Outcome::said("The file name cannot be empty"));
        }
        if stem.contains(['/', '\n', '\0']) || ending.contains(['/', '\n', '\0']) {
            return Ok(Outcome::said("The name has invalid characters"));
        }
        let name = match ending.trim() {
            "" => stem.to_owned(),
            ending => format!("{stem}.{ending}"),
        };
        let target = paths::child(parent_of(path).unwrap_or("/"), &name);
        if !same(&target, path) && system.files.exists(&target) {
            return Ok(Outcome::said("A file with that name exists already"));
        }
        system
            .files
            .rename(path, &target)
            .map_err(|error| PhoneError::file(&target, error))?;
        self.front = None;
        Ok(Outcome {
            effects: Effects::none().hide_keyboard(),
            changed: true,
            renamed: Some(target),
        })
    }
}

fn size_text(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1_000.0),
        _ => format!("{:.1} MB", bytes as f64 / 1_000_000.0),
    }
}

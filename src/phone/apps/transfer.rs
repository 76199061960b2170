//! Moving and copying entries into a folder, with the question what to do with names that exist there.

use super::entries::{copy, is_within, name_of, parent_of, same};
use crate::phone::system::{FileError, Files, PhoneError, paths};

/// Move or copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The old place is empty afterwards.
    Move,
    /// The old place stays.
    Copy,
}

/// What to do with a name that the folder has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The new one gets a number.
    KeepBoth,
    /// The old one goes.
    Overwrite,
    /// Nothing.
    Skip,
}

/// Finds a name that is free in a folder, near to a given one.
pub type Naming = fn(&Files, &str, &str) -> String;

/// A transfer that may wait for an answer.
#[derive(Debug, Clone)]
pub struct Transfer {
    mode: Mode,
    target: String,
    /// Paths still to do, the next one last.
    left: Vec<String>,
    several: bool,
    for_all: Option<Answer>,
    naming: Naming,
    /// Copies carry the time of the last change of what they were made from.
    keep_dates: bool,
}

impl Transfer {
    /// A transfer of `paths` into the folder `target`; `naming` is the app's way to keep two of a name.
    pub fn new(mode: Mode, mut paths: Vec<String>, target: &str, naming: Naming) -> Transfer {
        paths.reverse();
        Transfer {
            mode,
            target: target.to_owned(),
            several: paths.len() > 1,
            left: paths,
            for_all: None,
            naming,
            keep_dates: false,
        }
    }

    /// Lets copies keep their dates.
    pub fn keep_dates(mut self) -> Transfer {
        self.keep_dates = true;
        self
    }

    /// Goes on; true when all is done, false when [`Transfer::answer`] is needed.
    ///
    /// # Errors
    /// When an entry cannot be transferred; it is left out when the transfer goes on.
    pub fn run(&mut self, files: &Files) -> Result<bool, PhoneError> {
        while let Some(path) = self.left.last() {
            let at_home = parent_of(path).is_some_and(|parent| same(parent, &self.target));
            let answer = match self.mode {
                Mode::Copy if at_home => Some(Answer::KeepBoth),
                Mode::Move if at_home => Some(Answer::Skip),
                _ if files.exists(&self.aim(path)) => self.for_all,
                _ => Some(Answer::KeepBoth),
            };
            match answer {
                Some(answer) => self.one(files, answer)?,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The question's answer, for this name or for all.
    ///
    /// # Errors
    /// As [`Transfer::run`].
    pub fn answer(
        &mut self,
        files: &Files,
        answer: Answer,
        for_all: bool,
    ) -> Result<bool, PhoneError> {
        if for_all {
            self.for_all = Some(answer);
        }
        self.one(files, answer)?;
        self.run(files)
    }

    /// The name that exists, and whether more may follow.
    pub fn question(&self) -> (&str, bool) {
        (
            self.left.last().map_or("", |path| name_of(path)),
            self.several,
        )
    }

    fn aim(&self, path: &str) -> String {
        paths::child(&self.target, name_of(path))
    }

    fn copy(&self, files: &Files, from: &str, to: &str) -> Result<(), PhoneError> {
        copy(files, from, to)?;
        if self.keep_dates {
            let wrong = |error| PhoneError::file(to, error);
            let dated = files.metadata(from).map_err(wrong)?;
            files.set_times(to, dated.modified_micros).map_err(wrong)?;
        }
        Ok(())
    }

    fn one(&mut self, files: &Files, answer: Answer) -> Result<(), PhoneError> {
        let Some(path) = self.left.pop() else {
            return Ok(());
        };
        let mut aim = self.aim(&path);
        if files.is_dir(&path) && is_within(&self.target, &path) && answer != Answer::Skip {
            return Err(PhoneError::file(&aim, FileError::InvalidPath));
        }
        match answer {
            Answer::Skip => return Ok(()),
            Answer::KeepBoth => {
                aim = paths::child(
                    &self.target,
                    &(self.naming)(files, &self.target, name_of(&path)),
                );
            }
            // What would be overwritten must not hold what is transferred.
            Answer::Overwrite if is_within(&path, &aim) => {
                return Err(PhoneError::file(&aim, FileError::SameFile));
            }
            Answer::Overwrite => {
                files
                    .remove_tree(&aim)
                    .map_err(|error| PhoneError::file(&aim, error))?;
            }
        }
        match self.mode {
            Mode::Copy => self.copy(files, &path, &aim),
            Mode::Move => files
                .rename(&path, &aim)
                .map_err(|error| PhoneError::file(&aim, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::apps::markor::free_name;
    use crate::phone::system::{Clock, ClockMode};

    const ROOT: &str = "/storage/emulated/0/Documents";

    fn names(files: &Files, folder: &str) -> Vec<String> {
        let entries = files.list(&format!("{ROOT}{folder}")).unwrap();
        entries.into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn what_exists_is_asked_for_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path(), Clock::new(ClockMode::Steps)).unwrap();
        let at = |path: &str| format!("{ROOT}{path}");
        files.make_dirs(&at("/from/sub")).unwrap();
        files.make_dirs(&at("/to")).unwrap();
        for name in ["/from/a", "/from/b", "/from/c.md", "/to/a", "/to/B"] {
            files.write(&at(name), name).unwrap();
        }
        let all = ["/from/a", "/from/b", "/from/c.md", "/from/sub"].map(&at);
        let mut transfer = Transfer::new(Mode::Move, all.to_vec(), &at("/to"), free_name);
        assert!(!transfer.run(&files).unwrap());
        assert_eq!(transfer.question(), ("a", true));
        assert!(!transfer.answer(&files, Answer::KeepBoth, false).unwrap());
        assert!(transfer.answer(&files, Answer::Overwrite, true).unwrap());
        assert!(names(&files, "/from").is_empty());
        assert_eq!(names(&files, "/to"), ["a", "a_1", "b", "c.md", "sub"]);
        let mut copy = Transfer::new(Mode::Copy, vec![at("/to/c.md")], &at("/TO"), free_name);
        assert!(copy.run(&files).unwrap());
        assert!(names(&files, "/to").contains(&"c_1.md".to_owned()));
        let mut inside = Transfer::new(Mode::Move, vec![at("/to")], &at("/to/sub"), free_name);
        assert!(inside.run(&files).is_err());
        assert_eq!(names(&files, ""), ["from", "to"]);
    }
}

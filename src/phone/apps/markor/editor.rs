//! The editor of one text file, as a part of a screen: its text and history, when it is saved, how lists
//! go on. The screens that hold it draw it with [`super::document`].

use super::PACKAGE;
use super::notebook;
use crate::phone::system::{Files, PhoneError, Preferences};

/// Steps that can be undone.
const HISTORY: usize = 200;
/// Larger files are not opened, in bytes.
const LARGEST: u64 = 4 << 20;

/// A text being edited.
#[derive(Debug, Clone, Default)]
pub struct Editor {
    /// The file.
    pub path: String,
    /// The text on the screen.
    pub text: String,
    /// The text in the file; `None` while there is no file.
    stored: Option<String>,
    past: Vec<String>,
    future: Vec<String>,
    /// The formatted view instead of the text field.
    pub preview: bool,
    /// Long lines are broken.
    pub wrap: bool,
    /// Lists go on by themselves.
    pub auto_format: bool,
}

fn preview_key(path: &str) -> String {
    format!("file_prefs__preview__{path}")
}

impl Editor {
    /// An editor of a file that is not read yet.
    pub fn new(files: &Files, path: &str) -> Editor {
        let stored = Preferences::load_default(files, PACKAGE);
        Editor {
            path: path.to_owned(),
            preview: stored.flag(&preview_key(path), false),
            wrap: true,
            auto_format: true,
            ..Editor::default()
        }
    }

    /// Reads the file if it has changed; false when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or is too large.
    pub fn load(&mut self, files: &Files) -> Result<bool, PhoneError> {
        if !files.is_file(&self.path) {
            self.stored = None;
            return Ok(false);
        }
        let fail = |error| PhoneError::file(&self.path, error);
        let size = files.metadata(&self.path).map_err(fail)?.size;
        if size > LARGEST {
            return Err(fail(crate::phone::system::FileError::TooLarge));
        }
        let text = files.read_text(&self.path).map_err(fail)?;
        if self.stored.as_ref() != Some(&text) {
            self.text.clone_from(&text);
            self.stored = Some(text);
            self.past.clear();
            self.future.clear();
        }
        Ok(true)
    }

    /// Whether the text differs from the file's.
    pub fn is_changed(&self) -> bool {
        self.text != self.stored.as_deref().unwrap_or("")
    }

    /// Writes the text if it differs from the file's. Texts of fewer than two characters are only written
    /// when the user `asked`; false when that kept it from being written.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&mut self, files: &Files, asked: bool) -> Result<bool, PhoneError> {
        if !self.is_changed() {
            return Ok(true);
        }
        if !asked && self.text.chars().count() < 2 {
            return Ok(false);
        }
        let fail = |error| PhoneError::file(&self.path, error);
        if let Some(folder) = notebook::parent_of(&self.path) {
            files.make_dirs(folder).map_err(fail)?;
        }
        files.write(&self.path, &self.text).map_err(fail)?;
        self.stored = Some(self.text.clone());
        Ok(true)
    }

    /// Changes between the text field and the formatted view, and remembers it for this file.
    ///
    /// # Errors
    /// When the preferences cannot be written.
    pub fn show_preview(&mut self, files: &Files, on: bool) -> Result<(), PhoneError> {
        self.preview = on;
        Preferences::load_default(files, PACKAGE)
            .with(preview_key(&self.path), on)
            .save(files)
    }

    /// Takes what was typed.
    pub fn change(&mut self, new: String) {
        let new = if self.auto_format {
            continue_list(&self.text, &new).unwrap_or(new)
        } else {
            new
        };
        if new == self.text {
            return;
        }
        if self.past.len() == HISTORY {
            self.past.remove(0);
        }
        self.past.push(std::mem::replace(&mut self.text, new));
        self.future.clear();
    }

    /// Whether there is something to undo, and to do again.
    pub fn history(&self) -> (bool, bool) {
        (!self.past.is_empty(), !self.future.is_empty())
    }

    /// One step back.
    pub fn undo(&mut self) {
        if let Some(text) = self.past.pop() {
            self.future.push(std::mem::replace(&mut self.text, text));
        }
    }

    /// One step forward.
    pub fn redo(&mut self) {
        if let Some(text) = self.future.pop() {
            self.past.push(std::mem::replace(&mut self.text, text));
        }
    }
}

/// The marker that a line begins with (indentation, then a list's sign), the next line's marker, and
/// whether nothing stands behind it.
fn marker(line: &str) -> (&str, String, bool) {
    let body = line.trim_start_matches([' ', '\t']);
    let indent = line.len() - body.len();
    let plain = |length: usize| {
        let end = indent + length;
        (
            &line[..end],
            line[..end].replace("[x]", "[ ]").replace("[X]", "[ ]"),
            line[end..].trim().is_empty(),
        )
    };
    for sign in ["- ", "* ", "+ "] {
        if let Some(rest) = body.strip_prefix(sign) {
            let boxed = ["[ ] ", "[x] ", "[X] "]
                .iter()
                .any(|mark| rest.starts_with(mark));
            return plain(if boxed { 6 } else { 2 });
        }
    }
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let dotted = body[digits..].starts_with(". ") || body[digits..].starts_with(") ");
    if dotted && let Ok(number) = body[..digits].parse::<u32>() {
        let end = indent + digits + 2;
        let sign = &body[digits..digits + 2];
        let next = format!("{}{}{sign}", &line[..indent], number.saturating_add(1));
        return (&line[..end], next, line[end..].trim().is_empty());
    }
    (&line[..indent], line[..indent].to_owned(), false)
}

/// What Enter makes of a list: the next item, or the list's end behind an empty one. `None` when not
/// exactly one new line was typed, or when nothing is to be added.
fn continue_list(old: &str, new: &str) -> Option<String> {
    if new.len() != old.len() + 1 {
        return None;
    }
    let at = old
        .bytes()
        .zip(new.bytes())
        .take_while(|(left, right)| left == right)
        .count();
    // Among equal new lines the last one counts as the typed one: what follows is the same.
    if new.as_bytes().get(at) != Some(&b'\n') || old.get(at..)? != new.get(at + 1..)? {
        return None;
    }
    let start = old.get(..at)?.rfind('\n').map_or(0, |index| index + 1);
    let line = old.get(start..at)?;
    let (here, next, empty) = marker(line);
    if next.is_empty() {
        return None;
    }
    if empty && here.trim().len() < here.len() && !here.trim().is_empty() {
        // An empty item ends the list.
        return Some(format!("{}{}", &old[..start], &new[at..]));
    }
    Some(format!("{}{next}{}", &new[..=at], &new[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::system::{Clock, ClockMode};

    #[test]
    fn enter_goes_on_with_lists_and_indentation() {
        let enter = |text: &str| continue_list(text, &format!("{text}\n"));
        assert_eq!(enter("plain"), None);
        assert_eq!(enter(""), None);
        assert_eq!(enter("a\n- b").as_deref(), Some("a\n- b\n- "));
        assert_eq!(enter("  * b").as_deref(), Some("  * b\n  * "));
        assert_eq!(enter("- [x] b").as_deref(), Some("- [x] b\n- [ ] "));
        assert_eq!(enter("9. b").as_deref(), Some("9. b\n10. "));
        assert_eq!(enter("- b\n- ").as_deref(), Some("- b\n\n"));
        assert_eq!(enter("2023-01-01, é"), None);
        assert_eq!(continue_list("- ab", "- a\nb").as_deref(), Some("- a\n- b"));
        assert_eq!(continue_list("- a", "- a\nb"), None);
        assert_eq!(continue_list("- é", "- éx"), None);
    }

    #[test]
    fn short_texts_are_saved_only_when_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path(), Clock::new(ClockMode::Steps)).unwrap();
        let path = "/sdcard/Documents/markor/a.md";
        let mut editor = Editor::new(&files, path);
        assert!(!editor.load(&files).unwrap());
        editor.change("x".to_owned());
        assert!(!editor.save(&files, false).unwrap() && !files.exists(path));
        assert!(editor.save(&files, true).unwrap());
        assert_eq!(files.read_text(path).unwrap(), "x");
        editor.change("xy".to_owned());
        editor.undo();
        assert_eq!(
            (editor.text.as_str(), editor.history()),
            ("x", (true, true))
        );
        editor.redo();
        assert!(editor.save(&files, false).unwrap());
        files.write(path, "from outside").unwrap();
        assert!(editor.load(&files).unwrap());
        assert_eq!(editor.text, "from outside");
        assert_eq!(editor.history(), (false, false));
    }
}

//! Shared preferences of an app: the XML files in its `shared_prefs` folder. Uses the files.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::error::{FileError, PhoneError};
use super::files::Files;
use super::packages::data_directory;

/// One value of a preference file.
#[derive(Debug, Clone, PartialEq)]
pub enum Preference {
    /// `<string>`.
    Text(String),
    /// `<int>`.
    Integer(i32),
    /// `<long>`.
    Long(i64),
    /// `<float>`.
    Float(f32),
    /// `<boolean>`.
    Boolean(bool),
    /// `<set>` of strings.
    Set(Vec<String>),
}

impl From<&str> for Preference {
    fn from(text: &str) -> Preference {
        Preference::Text(text.to_owned())
    }
}

impl From<String> for Preference {
    fn from(text: String) -> Preference {
        Preference::Text(text)
    }
}

impl From<bool> for Preference {
    fn from(flag: bool) -> Preference {
        Preference::Boolean(flag)
    }
}

impl From<Vec<String>> for Preference {
    fn from(texts: Vec<String>) -> Preference {
        Preference::Set(texts)
    }
}

/// One preference file, read whole and written whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Preferences {
    path: String,
    values: BTreeMap<String, Preference>,
}

impl Preferences {
    /// Reads `/data/data/<package>/shared_prefs/<name>.xml`. A file that is missing or is no
    /// preference file counts as empty, as Android treats it.
    pub fn load(files: &Files, package: &str, name: &str) -> Preferences {
        let path = format!("{}/shared_prefs/{name}.xml", data_directory(package));
        let values = files
            .read_text(&path)
            .ok()
            .and_then(|text| parse(&text))
            .unwrap_or_default();
        Preferences { path, values }
    }

    /// Reads an app's default file, `<package>_preferences.xml`.
    pub fn load_default(files: &Files, package: &str) -> Preferences {
        Preferences::load(files, package, &format!("{package}_preferences"))
    }

    /// Writes the file.
    ///
    /// # Errors
    /// The file's path with what the files say, e.g. a full disk.
    pub fn save(&self, files: &Files) -> Result<(), PhoneError> {
        self.write(files)
            .map_err(|error| PhoneError::file(&self.path, error))
    }

    fn write(&self, files: &Files) -> Result<(), FileError> {
        if let Some((folder, _)) = self.path.rsplit_once('/') {
            files.make_dirs(folder)?;
        }
        files.replace(&self.path, self.to_xml())
    }

    /// The phone's path of the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// One value.
    pub fn get(&self, key: &str) -> Option<&Preference> {
        self.values.get(key)
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Preference::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number of either size, or `fallback`.
    pub fn number(&self, key: &str, fallback: i64) -> i64 {
        match self.values.get(key) {
            Some(Preference::Integer(number)) => i64::from(*number),
            Some(Preference::Long(number)) => *number,
            _ => fallback,
        }
    }

    /// A flag, or `fallback`.
    pub fn flag(&self, key: &str, fallback: bool) -> bool {
        match self.values.get(key) {
            Some(Preference::Boolean(flag)) => *flag,
            _ => fallback,
        }
    }

    /// A set of texts; empty when missing.
    pub fn set(&self, key: &str) -> &[String] {
        match self.values.get(key) {
            Some(Preference::Set(set)) => set,
            _ => &[],
        }
    }

    /// Sets one value.
    pub fn put(&mut self, key: impl Into<String>, value: impl Into<Preference>) {
        self.values.insert(key.into(), value.into());
    }

    /// The same with one value set.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Preference>) -> Preferences {
        self.put(key, value);
        self
    }

    /// Removes one value.
    pub fn remove(&mut self, key: &str) {
        self.values.remove(key);
    }

    /// Removes the values whose key does not fit.
    pub fn retain(&mut self, mut fits: impl FnMut(&str) -> bool) {
        self.values.retain(|key, _| fits(key));
    }

    fn to_xml(&self) -> String {
        let mut out =
            String::from("<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n");
        for (key, value) in &self.values {
            let key = escape(key);
            let plain = |kind: &str, value: &dyn std::fmt::Display| {
                format!("    <{kind} name=\"{key}\" value=\"{value}\" />\n")
            };
            let line = match value {
                Preference::Text(text) => {
                    format!("    <string name=\"{key}\">{}</string>\n", escape(text))
                }
                Preference::Integer(number) => plain("int", number),
                Preference::Long(number) => plain("long", number),
                Preference::Float(number) => plain("float", number),
                Preference::Boolean(flag) => plain("boolean", flag),
                Preference::Set(set) => {
                    let mut lines = format!("    <set name=\"{key}\">\n");
                    for text in set {
                        let _ = writeln!(lines, "        <string>{}</string>", escape(text));
                    }
                    lines.push_str("    </set>\n");
                    lines
                }
            };
            out.push_str(&line);
        }
        out.push_str("</map>\n");
        out
    }
}

fn parse(text: &str) -> Option<BTreeMap<String, Preference>> {
    let document = roxmltree::Document::parse(text).ok()?;
    let mut values = BTreeMap::new();
    for node in document
        .root_element()
        .children()
        .filter(|node| node.is_element())
    {
        let Some(name) = node.attribute("name") else {
            continue;
        };
        let number = node.attribute("value").unwrap_or("");
        let value = match node.tag_name().name() {
            "string" => Some(Preference::Text(node.text().unwrap_or("").to_owned())),
            "int" => number.parse().ok().map(Preference::Integer),
            "long" => number.parse().ok().map(Preference::Long),
            "float" => number.parse().ok().map(Preference::Float),
            "boolean" => number.parse().ok().map(Preference::Boolean),
            "set" => Some(Preference::Set(
                node.children()
                    .filter(|child| child.is_element())
                    .map(|child| child.text().unwrap_or("").to_owned())
                    .collect(),
            )),
            _ => None,
        };
        if let Some(value) = value {
            values.insert(name.to_owned(), value);
        }
    }
    Some(values)
}

/// Escapes text for XML; control characters that XML 1.0 cannot hold are dropped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::phone::system::{Clock, ClockMode};

    fn files(folder: &tempfile::TempDir) -> Files {
        Files::open(folder.path(), Clock::new(ClockMode::Steps)).unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        let written = Preferences::load_default(&files, "a.b")
            .with("text", "a <b> & \"c\"\n d")
            .with("int", Preference::Integer(-7))
            .with("long", Preference::Long(1 << 40))
            .with("flag", true)
            .with("set", vec!["1".to_owned(), "2".to_owned()]);
        written.save(&files).unwrap();
        assert_eq!(
            written.path(),
            "/data/data/a.b/shared_prefs/a.b_preferences.xml"
        );
        let read = Preferences::load_default(&files, "a.b");
        assert_eq!(read, written);
        assert_eq!(read.text("text"), Some("a <b> & \"c\"\n d"));
        assert_eq!(read.number("int", 0), -7);
        assert_eq!(read.number("long", 0), 1 << 40);
        assert!(read.flag("flag", false) && !read.flag("missing", false));
        assert_eq!(read.set("set"), ["1", "2"]);
    }

    #[test]
    fn a_broken_file_counts_as_empty() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(&folder);
        let path = "/data/data/a.b/shared_prefs/x.xml";
        files.make_dirs("/data/data/a.b/shared_prefs").unwrap();
        for broken in [
            "",
            "<map>",
            "not xml",
            "<map><int name='a' value='x' /></map>",
        ] {
            files.write(path, broken).unwrap();
            let read = Preferences::load(&files, "a.b", "x");
            assert_eq!(read.get("a"), None, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn any_printable_text_survives(key in "[a-z<&\"]{1,8}", text in "\\PC{0,20}") {
            let mut written = Preferences { path: String::new(), values: BTreeMap::new() };
            written.put(key, text);
            prop_assert_eq!(parse(&written.to_xml()), Some(written.values));
        }
    }
}

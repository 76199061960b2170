//! What a binary `AndroidManifest.xml` declares. Pure.

use super::ApkError;
use super::xml::{self, Attribute, Event, Value};
use crate::phone::system::Manifest;

/// Android's numbers of attribute names (`android.R.attr`).
const LABEL: u32 = 0x0101_0001;
const NAME: u32 = 0x0101_0003;
const VERSION_CODE: u32 = 0x0101_021b;
const VERSION_NAME: u32 = 0x0101_021c;
/// Most elements inside each other.
const DEPTH: usize = 64;
/// Most activities and most permissions of a package.
const MOST: usize = 1_024;
/// Longest name of a package, a class or a permission.
const LONGEST: usize = 255;

/// What a package is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// In the manifest itself.
    Text(String),
    /// A resource.
    Resource(u32),
    /// Nothing.
    None,
}

/// An element that is open: its name, and of an activity its class.
type Open = (String, Option<String>);

struct Reader {
    found: Manifest,
    label: Label,
    open: Vec<Open>,
    /// What the intent filter that is open has: the main action, the launcher's category.
    filter: (bool, bool),
}

/// Reads a manifest; its label is apart, as it may be a resource.
///
/// # Errors
/// [`ApkError`] when it is broken, is a split's, or names no package.
pub fn read(bytes: &[u8]) -> Result<(Manifest, Label), ApkError> {
    let mut reader = Reader {
        found: Manifest::app("", "", ""),
        label: Label::None,
        open: Vec::new(),
        filter: (false, false),
    };
    reader.found.launcher = None;
    reader.found.activities.clear();
    xml::read(bytes, |event| reader.see(event))?;
    if reader.found.package.is_empty() {
        return Err(ApkError::Table("the manifest names no package"));
    }
    Ok((reader.found, reader.label))
}

impl Reader {
    fn see(&mut self, event: Event) -> Result<(), ApkError> {
        let Event::Start(name, attributes) = event else {
            return self.end();
        };
        if self.open.len() >= DEPTH {
            return Err(ApkError::Table("its elements are too deep"));
        }
        let named = text(&attributes, NAME);
        let mut class = None;
        match name.as_str() {
            "manifest" => self.package(&attributes)?,
            "application" => self.label = label(&attributes),
            "uses-permission" => self
                .found
                .permissions
                .extend(named.filter(|name| self.found.permissions.len() < MOST && fits(name))),
            "activity" | "activity-alias" => {
                class = named.and_then(|name| self.class(&name));
                let full = self.found.activities.len() >= MOST;
                self.found
                    .activities
                    .extend(class.clone().filter(|_| !full));
            }
            "intent-filter" => self.filter = (false, false),
            "action" if named.as_deref() == Some("android.intent.action.MAIN") => {
                self.filter.0 = true;
            }
            "category" if named.as_deref() == Some("android.intent.category.LAUNCHER") => {
                self.filter.1 = true;
            }
            _ => {}
        }
        self.open.push((name, class));
        Ok(())
    }

    fn end(&mut self) -> Result<(), ApkError> {
        let Some((name, _)) = self.open.pop() else {
            return Err(ApkError::Table("an element ends that did not begin"));
        };
        if name == "intent-filter"
            && self.filter == (true, true)
            && self.found.launcher.is_none()
            && let Some((_, Some(class))) = self.open.last()
        {
            self.found.launcher = Some(class.clone());
        }
        Ok(())
    }

    fn package(&mut self, attributes: &[Attribute]) -> Result<(), ApkError> {
        for attribute in attributes {
            match (attribute.id, attribute.name.as_str(), &attribute.value) {
                (0, "package", Value::Text(name)) if is_package(name) => {
                    self.found.package = name.clone();
                }
                (0, "split", Value::Text(name)) => return Err(ApkError::Split(name.clone())),
                (VERSION_CODE, _, Value::Number(code)) => {
                    self.found.version_code = i64::from(*code);
                }
                (VERSION_NAME, _, Value::Text(name)) if fits(name) => {
                    self.found.version_name = name.clone();
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A class's full name.
    fn class(&self, name: &str) -> Option<String> {
        let package = &self.found.package;
        let full = match name.find('.') {
            Some(0) => format!("{package}{name}"),
            Some(_) => name.to_owned(),
            None => format!("{package}.{name}"),
        };
        fits(&full).then_some(full)
    }
}

fn text(attributes: &[Attribute], id: u32) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.id == id)?;
    match &found.value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn label(attributes: &[Attribute]) -> Label {
    let found = attributes.iter().find(|attribute| attribute.id == LABEL);
    match found.map(|attribute| &attribute.value) {
        Some(Value::Text(text)) if fits(text) => Label::Text(text.clone()),
        Some(Value::Resource(id)) => Label::Resource(*id),
        _ => Label::None,
    }
}

/// Whether a name is one that a phone keeps: on one line, of a sensible length.
pub fn fits(name: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST && !name.contains(char::is_control)
}

/// Whether this names a package: parts of letters, digits and underscores with dots between them. It becomes the
/// name of a directory.
fn is_package(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    name.len() <= LONGEST && name.contains('.') && name.split('.').all(part)
}

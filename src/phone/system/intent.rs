//! Intents as `am` and the launcher write them. Plain data.

use std::collections::BTreeMap;

/// One typed extra of an intent.
#[derive(Debug, Clone, PartialEq)]
pub enum Extra {
    /// `--es`, `-e`.
    Text(String),
    /// `--ei`, `--el`.
    Integer(i64),
    /// `--ez`.
    Boolean(bool),
    /// `--ef`, `--ed`.
    Number(f64),
    /// `--esa`.
    TextList(Vec<String>),
    /// `--esn`.
    Null,
}

/// What somebody wants to be shown or done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Intent {
    /// E.g. `android.intent.action.VIEW`.
    pub action: Option<String>,
    /// Data URI, e.g. `tel:123` or `content://contacts/people/`.
    pub data: Option<String>,
    /// MIME type, e.g. `vnd.android.cursor.dir/contact`.
    pub mime: Option<String>,
    /// Package and full class name of the activity.
    pub component: Option<(String, String)>,
    /// Restricts the search to one package (`-p`).
    pub package: Option<String>,
    /// E.g. `android.intent.category.LAUNCHER`.
    pub categories: Vec<String>,
    /// Named extras.
    pub extras: BTreeMap<String, Extra>,
    /// Flag bits (`-f`).
    pub flags: u32,
}

impl Intent {
    /// The launcher's intent for a package.
    pub fn launch(package: &str) -> Intent {
        Intent {
            action: Some("android.intent.action.MAIN".to_owned()),
            package: Some(package.to_owned()),
            categories: vec!["android.intent.category.LAUNCHER".to_owned()],
            ..Intent::default()
        }
    }

    /// An intent for one activity, `package/class` with the class in short (`.Main`) or full form.
    pub fn component(text: &str) -> Option<Intent> {
        Some(Intent {
            action: Some("android.intent.action.MAIN".to_owned()),
            component: Some(parse_component(text)?),
            ..Intent::default()
        })
    }

    /// An intent with an action.
    pub fn action(action: &str) -> Intent {
        Intent {
            action: Some(action.to_owned()),
            ..Intent::default()
        }
    }

    /// The text of an extra, numbers and booleans in Java's spelling.
    pub fn extra_text(&self, name: &str) -> Option<String> {
        match self.extras.get(name)? {
            Extra::Text(text) => Some(text.clone()),
            Extra::Integer(number) => Some(number.to_string()),
            Extra::Boolean(value) => Some(value.to_string()),
            Extra::Number(number) => Some(number.to_string()),
            Extra::TextList(list) => Some(list.join(",")),
            Extra::Null => None,
        }
    }
}

/// Splits `package/class` and completes a class that starts with a dot.
pub fn parse_component(text: &str) -> Option<(String, String)> {
    let (package, class) = text.split_once('/')?;
    if package.is_empty() || class.is_empty() || class.contains('/') {
        return None;
    }
    let class = if class.starts_with('.') {
        format!("{package}{class}")
    } else {
        class.to_owned()
    };
    Some((package.to_owned(), class))
}

/// `package/class` with the class shortened as Android's `flattenToShortString` does.
pub fn short_component(package: &str, class: &str) -> String {
    match class.strip_prefix(package) {
        Some(rest) if rest.starts_with('.') => format!("{package}/{rest}"),
        _ => format!("{package}/{class}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_completed_and_shortened() {
        let (package, class) = parse_component("com.android.settings/.Settings").unwrap();
        assert_eq!(class, "com.android.settings.Settings");
        assert_eq!(
            short_component(&package, &class),
            "com.android.settings/.Settings"
        );
        assert_eq!(
            short_component(
                "com.google.android.deskclock",
                "com.android.deskclock.DeskClock"
            ),
            "com.google.android.deskclock/com.android.deskclock.DeskClock"
        );
        for bad in ["", "a", "/b", "a/", "a/b/c"] {
            assert_eq!(parse_component(bad), None, "{bad}");
        }
    }
}

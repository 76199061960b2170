//! The XML of `uiautomator dump` as UI elements (AndroidWorld's uiautomator rule, catalogue 1.7):
//! every node except the root, depth first.

use crate::domain::{BoundingBox, UiElement};

/// Largest dump that is taken, in bytes.
pub const MAX_DUMP: usize = 16 << 20;

/// Why a dump is not an observation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HierarchyError {
    /// Nothing, or an error text instead of XML.
    #[error("no hierarchy but {0:?}")]
    NotXml(String),
    /// Broken XML.
    #[error("broken XML: {0}")]
    Broken(String),
    /// A hierarchy without any node: the window was not ready.
    #[error("an empty hierarchy")]
    Empty,
    /// Beyond the limit.
    #[error("{0} bytes of XML")]
    TooLong(usize),
}

/// Parses a dump; what uiautomator prints before and after the XML is ignored.
///
/// # Errors
/// [`HierarchyError`]; an empty hierarchy is an error, not an observation.
pub fn parse_hierarchy(text: &str) -> Result<Vec<UiElement>, HierarchyError> {
    if text.len() > MAX_DUMP {
        return Err(HierarchyError::TooLong(text.len()));
    }
    let start = text.find("<?xml").or_else(|| text.find("<hierarchy"));
    let end = text
        .rfind("</hierarchy>")
        .map(|position| position + "</hierarchy>".len());
    let (Some(start), Some(end)) = (start, end) else {
        if text.contains("<hierarchy") && text.contains("/>") {
            return Err(HierarchyError::Empty);
        }
        return Err(HierarchyError::NotXml(
            text.trim().chars().take(120).collect(),
        ));
    };
    let xml = text
        .get(start..end)
        .ok_or_else(|| HierarchyError::Broken("out of order".into()))?;
    let document = roxmltree::Document::parse(xml)
        .map_err(|error| HierarchyError::Broken(error.to_string()))?;
    let elements: Vec<UiElement> = document
        .descendants()
        .filter(|node| node.has_tag_name("node"))
        .map(|node| element(&node))
        .collect();
    if elements.is_empty() {
        return Err(HierarchyError::Empty);
    }
    Ok(elements)
}

fn element(node: &roxmltree::Node) -> UiElement {
    let text = |name: &str| node.attribute(name).map(str::to_owned);
    let full = |name: &str| text(name).filter(|value| !value.is_empty());
    let flag = |name: &str| node.attribute(name) == Some("true");
    let class_name = full("class");
    let short = class_name
        .as_deref()
        .and_then(|class| class.rsplit('.').next())
        .unwrap_or("");
    let is_editable = matches!(
        short,
        "EditText" | "AutoCompleteTextView" | "MultiAutoCompleteTextView"
    );
    let hint_text = full("hint");
    // An empty field shows its hint as its text; where the dump names the hint apart, the text is known to be empty.
    let shown = text("text");
    let is_hint = hint_text.is_some()
        && shown == hint_text
        && node.attribute("showing-hint") != Some("false");
    UiElement {
        text: if is_editable && is_hint {
            Some(String::new())
        } else {
            shown
        },
        content_description: text("content-desc"),
        class_name,
        bbox_pixels: node.attribute("bounds").and_then(BoundingBox::parse_bounds),
        hint_text,
        is_checked: flag("checked"),
        is_checkable: flag("checkable"),
        is_clickable: flag("clickable"),
        is_editable,
        is_enabled: flag("enabled"),
        is_focused: flag("focused"),
        is_focusable: flag("focusable"),
        is_long_clickable: flag("long-clickable"),
        is_scrollable: flag("scrollable"),
        is_selected: flag("selected"),
        is_visible: node.attribute("visible-to-user") != Some("false"),
        package_name: full("package"),
        resource_name: full("resource-id"),
        tooltip: None,
        resource_id: full("resource-id"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DUMP: &str = r#"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation="0"><node index="0" text="" resource-id="" class="android.widget.FrameLayout" package="com.x" content-desc="" checkable="false" checked="false" clickable="false" enabled="true" focusable="false" focused="false" scrollable="false" long-clickable="false" password="false" selected="false" bounds="[0,0][1080,2400]"><node index="0" text="First name" hint="First name" class="android.widget.EditText" package="com.x" resource-id="com.x:id/a" content-desc="" clickable="true" enabled="true" bounds="[1,2][3,4]" /><node index="1" text="a &amp; &quot;b&quot;" class="android.widget.TextView" bounds="[x]" /></node></hierarchy>UI hierchary dumped to: /dev/tty"#;

    #[test]
    fn nodes_become_elements_in_order() {
        let elements = parse_hierarchy(DUMP).unwrap();
        assert_eq!(elements.len(), 3);
        assert_eq!(elements[0].short_class(), "FrameLayout");
        let field = &elements[1];
        assert!(field.is_editable && field.is_clickable);
        assert_eq!(field.text.as_deref(), Some(""));
        assert_eq!(field.label(), "First name");
        assert_eq!(field.resource_entry(), "a");
        assert_eq!(elements[2].text.as_deref(), Some("a & \"b\""));
        assert_eq!(elements[2].bbox_pixels, None);
    }

    #[test]
    fn what_is_no_hierarchy_is_an_error() {
        for (text, expected) in [
            ("", "no hierarchy but \"\""),
            (
                "ERROR: could not get idle state.",
                "no hierarchy but \"ERROR: could not get idle state.\"",
            ),
            (
                "ERROR: null root node returned by UiTestAutomationBridge.",
                "no hierarchy",
            ),
            (
                "<?xml version='1.0'?><hierarchy rotation=\"0\"></hierarchy>",
                "an empty hierarchy",
            ),
            ("<hierarchy rotation=\"0\" />", "an empty hierarchy"),
            (
                "<hierarchy><node text=\"<\"></node></hierarchy>",
                "broken XML",
            ),
        ] {
            let error = parse_hierarchy(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{text:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text: String, cut in 0usize..900) {
            let _ = parse_hierarchy(&text);
            let _ = parse_hierarchy(DUMP.get(..cut).unwrap_or(DUMP));
        }
    }
}

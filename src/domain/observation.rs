//! What an agent sees: AndroidWorld's UI element record and the observation around it
//! (catalogue section 1.7).

use serde::{Deserialize, Serialize};

use super::{BoundingBox, Frame, ScreenSize};

/// One UI element, with AndroidWorld's field names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct UiElement {
    /// Visible text.
    pub text: Option<String>,
    /// Accessibility description.
    pub content_description: Option<String>,
    /// Java class, e.g. `android.widget.Button`.
    pub class_name: Option<String>,
    /// Box in pixels.
    pub bbox_pixels: Option<BoundingBox>,
    /// Hint of an input field; only some channels deliver it.
    pub hint_text: Option<String>,
    /// Checked state of a checkable element.
    pub is_checked: bool,
    /// Can be checked.
    pub is_checkable: bool,
    /// Reacts to a tap.
    pub is_clickable: bool,
    /// Takes text. The uiautomator channel has no such attribute, it is then derived from the class.
    pub is_editable: bool,
    /// Enabled.
    pub is_enabled: bool,
    /// Has the input focus.
    pub is_focused: bool,
    /// Can take the input focus.
    pub is_focusable: bool,
    /// Reacts to a long press.
    pub is_long_clickable: bool,
    /// Can be scrolled.
    pub is_scrollable: bool,
    /// Selected, e.g. the current tab.
    pub is_selected: bool,
    /// Visible to the user.
    pub is_visible: bool,
    /// Package of the window.
    pub package_name: Option<String>,
    /// View id resource name, e.g. `android:id/title`.
    pub resource_name: Option<String>,
    /// Tooltip.
    pub tooltip: Option<String>,
    /// View id as the uiautomator channel names it.
    pub resource_id: Option<String>,
}

impl UiElement {
    /// The words a person would read on the element: its text, else its description, else its hint.
    pub fn label(&self) -> &str {
        [&self.text, &self.content_description, &self.hint_text]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|text| !text.is_empty())
            .unwrap_or("")
    }

    /// The last part of the resource name: `title` for `android:id/title`.
    pub fn resource_entry(&self) -> &str {
        let name = self
            .resource_id
            .as_deref()
            .or(self.resource_name.as_deref())
            .unwrap_or("");
        name.rsplit('/').next().unwrap_or("")
    }

    /// The last part of the class name: `Button` for `android.widget.Button`.
    pub fn short_class(&self) -> &str {
        self.class_name
            .as_deref()
            .and_then(|name| name.rsplit('.').next())
            .unwrap_or("")
    }
}

/// One look at the device. Elements keep the order of the channel; an action's `index` counts in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The screenshot, where the policy asked for one.
    pub frame: Option<Frame>,
    /// UI elements in channel order.
    pub elements: Vec<UiElement>,
    /// Logical screen size in pixels.
    pub screen: ScreenSize,
    /// Whether the screen was stable when the deadline of settling came.
    pub settled: bool,
}

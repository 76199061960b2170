//! The accessibility nodes of a laid-out window as uiautomator writes them.

use std::fmt::Write;

use super::scene::{Node, Scene};
use super::widget::Kind;
use crate::domain::BoundingBox;

/// The beginning of every dump.
const HEADER: &str = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>";

/// Writes one window's nodes, inside the views that every window has around its content.
///
/// `package` is the window's; `screen` the whole window; `focused` the index of the field with the input
/// focus; `compressed` leaves out the nodes that only lay out others, as `uiautomator dump --compressed`;
/// `rotation` counts the quarter turns of the screen.
pub fn dump(
    scene: &Scene,
    package: &str,
    screen: BoundingBox,
    focused: Option<usize>,
    compressed: bool,
    rotation: u8,
) -> String {
    let mut out = String::with_capacity(512 * (scene.nodes.len() + 4));
    out.push_str(HEADER);
    out.push_str(&format!("<hierarchy rotation=\"{rotation}\">"));
    let mut writer = Writer {
        out,
        scene,
        package,
        focused,
        compressed,
    };
    let wrappers = [
        ("android.widget.FrameLayout", "", screen),
        ("android.widget.LinearLayout", "", screen),
        (
            "android.widget.FrameLayout",
            "android:id/content",
            scene.bounds,
        ),
    ];
    let shown = if compressed { 1 } else { wrappers.len() };
    for (class, id, bounds) in &wrappers[..shown] {
        let id = if compressed { "" } else { id };
        writer.wrapper(class, id, *bounds);
    }
    writer.children_of(&[0], 0);
    for _ in 0..shown {
        writer.out.push_str("</node>");
    }
    writer.out.push_str("</hierarchy>");
    writer.out
}

struct Writer<'a> {
    out: String,
    scene: &'a Scene,
    package: &'a str,
    focused: Option<usize>,
    compressed: bool,
}

impl Writer<'_> {
    fn wrapper(&mut self, class: &str, id: &str, bounds: BoundingBox) {
        let package = self.package;
        let _ = write!(
            self.out,
            "<node index=\"0\" text=\"\" resource-id=\"{id}\" class=\"{class}\" package=\"{package}\" \
             content-desc=\"\" checkable=\"false\" checked=\"false\" clickable=\"false\" enabled=\"true\" \
             focusable=\"false\" focused=\"false\" scrollable=\"false\" long-clickable=\"false\" \
             password=\"false\" selected=\"false\" bounds=\"{bounds}\" hint=\"\">"
        );
    }

    /// Writes some nodes as siblings from `position` on; gives the position after them.
    fn children_of(&mut self, indices: &[usize], mut position: usize) -> usize {
        for &index in indices {
            let node = &self.scene.nodes[index];
            if !node.is_visible() {
                continue;
            }
            let children = self.scene.children(index);
            if node.widget.accessible && !(self.compressed && is_layout_only(node)) {
                self.node(index, position);
                position += 1;
                let end = self.out.len();
                self.children_of(&children, 0);
                if self.out.len() == end {
                    // Nothing inside: the element is closed at once.
                    self.out.truncate(end - 1);
                    self.out.push_str(" />");
                } else {
                    self.out.push_str("</node>");
                }
            } else {
                position = self.children_of(&children, position);
            }
        }
        position
    }

    fn node(&mut self, index: usize, position: usize) {
        let node = &self.scene.nodes[index];
        let widget = &node.widget;
        let out = &mut self.out;
        let _ = write!(out, "<node index=\"{position}\" text=\"");
        escape(&node.text(), out);
        out.push_str("\" resource-id=\"");
        if let Some(id) = &widget.id {
            if !id.contains(':') {
                let _ = write!(out, "{}:id/", self.package);
            }
            escape(id, out);
        }
        let _ = write!(
            out,
            "\" class=\"{}\" package=\"{}\" content-desc=\"",
            widget.class, self.package
        );
        escape(widget.description.as_deref().unwrap_or(""), out);
        let (hint, password) = match &widget.kind {
            Kind::Field(field) => (field.hint.as_ref(), field.password),
            _ => ("", false),
        };
        let focused = self.focused == Some(index);
        let checked = node.checked();
        let clickable = node.is_clickable();
        let focusable = widget.focusable.unwrap_or(
            clickable || node.is_scrollable() || matches!(widget.kind, Kind::Slider { .. }),
        );
        let _ = write!(
            out,
            "\" checkable=\"{}\" checked=\"{}\" clickable=\"{clickable}\" enabled=\"{}\" focusable=\"{focusable}\" \
             focused=\"{focused}\" scrollable=\"{}\" long-clickable=\"{}\" password=\"{password}\" selected=\"{}\" \
             bounds=\"{}\" hint=\"",
            checked.is_some(),
            checked == Some(true),
            node.enabled,
            node.is_scrollable(),
            node.is_long_clickable(),
            widget.selected,
            node.visible_bounds(),
        );
        escape(hint, out);
        out.push_str("\">");
    }
}

/// Whether a node says and does nothing itself.
fn is_layout_only(node: &Node) -> bool {
    let container = matches!(
        node.widget.kind,
        Kind::Linear { .. } | Kind::Stack { .. } | Kind::Blank
    );
    container
        && !node.is_clickable()
        && !node.is_long_clickable()
        && node.widget.description.is_none()
        && node.widget.spoken.is_none()
        && node.checked().is_none()
}

/// Escapes text for an attribute; characters that XML 1.0 cannot hold become dots, as uiautomator writes them.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('.'),
            other => out.push(other),
        }
    }
}

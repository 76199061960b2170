//! The forest that a device pushed, as elements. Pure; uses `wire` and `domain`, and `prost` to read one part after
//! the other: a few bytes may stand for a large node, so their number is held against a limit before any is made.

use bytes::Bytes;
use prost::Message;

use crate::domain::{BoundingBox, UiElement};
use crate::wire::forwarder::{Node, WindowType};

/// Most windows of a forest, and most nodes of all of them together.
const MOST_WINDOWS: usize = 100;
const MOST_NODES: usize = 20_000;

/// A forest whose windows are still bytes.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct RawForest {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    windows: Vec<Bytes>,
}

/// Of a window, what is used.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct RawWindow {
    #[prost(enumeration = "WindowType", tag = "6")]
    window_type: i32,
    #[prost(bool, tag = "8")]
    is_active: bool,
    #[prost(message, optional, tag = "11")]
    tree: Option<RawTree>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
struct RawTree {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    nodes: Vec<Bytes>,
}

/// What is on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// As the benchmark lists them: windows in the forest's order, in each the visible nodes that have no children, a
    /// description, or something to scroll.
    pub elements: Vec<UiElement>,
    /// The package of the app's window that the user is in; none when that is one of the system's.
    pub app: Option<String>,
}

/// Reads a forest.
///
/// # Errors
/// When it is none, or larger than any screen's.
pub fn read(forest: &RawForest) -> Result<Seen, String> {
    let malformed = |error: prost::DecodeError| format!("a forest that can't be read: {error}");
    if forest.windows.len() > MOST_WINDOWS {
        return Err(format!(
            "a forest of {} windows; {MOST_WINDOWS} are the most that are read",
            forest.windows.len()
        ));
    }
    let mut seen = Seen::default();
    let mut left = MOST_NODES;
    for window in &forest.windows {
        let window = RawWindow::decode(window.clone()).map_err(malformed)?;
        let nodes = window.tree.as_ref().map_or(&[][..], |tree| &tree.nodes);
        left = left.checked_sub(nodes.len()).ok_or_else(|| {
            format!("a forest of more than {MOST_NODES} nodes, which are the most that are read")
        })?;
        for (number, node) in nodes.iter().enumerate() {
            let node = Node::decode(node.clone()).map_err(malformed)?;
            let active_app = window.is_active && window.window_type() == WindowType::Application;
            if number == 0 && active_app {
                seen.app = text(&node.package_name);
            }
            let kept = node.child_ids.is_empty()
                || !node.content_description.is_empty()
                || node.is_scrollable;
            if kept && node.is_visible_to_user {
                seen.elements.push(element(&node));
            }
        }
    }
    Ok(seen)
}

/// A text; an empty one is none, as in the benchmark.
fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn element(node: &Node) -> UiElement {
    let bounds = node.bounds.unwrap_or_default();
    UiElement {
        text: text(&node.text),
        content_description: text(&node.content_description),
        class_name: text(&node.class_name),
        bbox_pixels: Some(BoundingBox::new(
            bounds.left,
            bounds.top,
            bounds.right,
            bounds.bottom,
        )),
        hint_text: text(&node.hint_text),
        is_checked: node.is_checked,
        is_checkable: node.is_checkable,
        is_clickable: node.is_clickable,
        is_editable: node.is_editable,
        is_enabled: node.is_enabled,
        is_focused: node.is_focused,
        is_focusable: node.is_focusable,
        is_long_clickable: node.is_long_clickable,
        is_scrollable: node.is_scrollable,
        is_selected: node.is_selected,
        is_visible: node.is_visible_to_user,
        package_name: text(&node.package_name),
        resource_name: text(&node.view_id_resource_name),
        tooltip: None,
        resource_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::forwarder::{Forest, Rect, Tree, Window};

    fn raw(forest: &Forest) -> RawForest {
        RawForest::decode(&forest.encode_to_vec()[..]).unwrap()
    }

    fn window(kind: WindowType, is_active: bool, nodes: Vec<Node>) -> Window {
        Window {
            window_type: kind.into(),
            is_active,
            tree: Some(Tree { nodes }),
            ..Window::default()
        }
    }

    fn node(text: &str, change: impl Fn(&mut Node)) -> Node {
        let mut node = Node {
            text: text.to_owned(),
            package_name: "com.example".to_owned(),
            is_visible_to_user: true,
            ..Node::default()
        };
        change(&mut node);
        node
    }

    #[test]
    fn leaves_and_what_says_or_scrolls_is_kept_in_the_windows_order() {
        let nodes = vec![
            node("root", |node| node.child_ids = vec![1, 2]),
            node("list", |node| {
                node.child_ids = vec![3];
                node.is_scrollable = true;
            }),
            node("group", |node| {
                node.child_ids = vec![4];
                node.content_description = "a group".to_owned();
            }),
            node("hidden", |node| node.is_visible_to_user = false),
            node("", |node| {
                node.bounds = Some(Rect {
                    left: 1,
                    top: 2,
                    right: 3,
                    bottom: 4,
                });
                node.hint_text = "Name".to_owned();
                node.is_editable = true;
                node.view_id_resource_name = "com.example:id/name".to_owned();
            }),
        ];
        let bar = node("12:00", |node| {
            node.package_name = "com.android.systemui".into()
        });
        let forest = Forest {
            windows: vec![
                window(WindowType::Application, true, nodes),
                Window::default(),
                window(WindowType::System, false, vec![bar]),
            ],
        };
        let seen = read(&raw(&forest)).unwrap();
        assert_eq!(seen.app.as_deref(), Some("com.example"));
        let texts: Vec<&str> = seen.elements.iter().map(|e| e.label()).collect();
        assert_eq!(texts, ["list", "group", "Name", "12:00"]);
        let field = &seen.elements[2];
        assert_eq!(
            (&field.text, &field.tooltip, &field.resource_id),
            (&None, &None, &None)
        );
        assert_eq!(field.bbox_pixels, Some(BoundingBox::new(1, 2, 3, 4)));
        assert_eq!(field.resource_name.as_deref(), Some("com.example:id/name"));
        assert!(field.is_editable && field.is_visible && !field.is_focused);
        assert_eq!(
            seen.elements[1].content_description.as_deref(),
            Some("a group")
        );
        // A window of the system in front says nothing of the app.
        let shade = node("shade", |_| {});
        let forest = Forest {
            windows: vec![window(WindowType::System, true, vec![shade])],
        };
        assert_eq!(read(&raw(&forest)).unwrap().app, None);
        assert_eq!(read(&RawForest::default()).unwrap(), Seen::default());
    }

    #[test]
    fn what_is_too_much_or_no_forest_is_refused() {
        // Two bytes a node, and as few a window.
        let nodes = RawTree {
            nodes: vec![Bytes::new(); MOST_NODES + 1],
        };
        let window = RawWindow {
            tree: Some(nodes),
            ..RawWindow::default()
        };
        let forest = |windows: Vec<Bytes>| RawForest { windows };
        let large = forest(vec![window.encode_to_vec().into()]);
        assert!(read(&large).unwrap_err().contains("nodes"));
        let many = forest(vec![Bytes::new(); MOST_WINDOWS + 1]);
        assert!(read(&many).unwrap_err().contains("windows"));
        for bytes in [
            &b"\x5a\x7f"[..],
            b"\x5a\x04\x0a\x02\x0a\x7f",
            b"\xff\xff\xff",
        ] {
            let wrong = forest(vec![Bytes::copy_from_slice(bytes)]);
            assert!(
                read(&wrong).unwrap_err().contains("can't be read"),
                "{bytes:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(windows: Vec<Vec<u8>>) {
            let windows = windows.into_iter().map(Bytes::from).collect();
            let _ = read(&RawForest { windows });
        }
    }
}

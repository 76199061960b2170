//! What happened on the screen between two forests, as accessibility events. Pure.

use std::collections::HashMap;

use crate::wire::forwarder::{EventRequest, Forest, Node, Window};

/// Most events of one change.
const MOST: usize = 16;

/// The events that lead from one forest to the next, at an uptime in milliseconds.
pub fn between(before: &Forest, after: &Forest, millis: i64) -> Vec<EventRequest> {
    let (Some(old), Some(new)) = (active(before), active(after)) else {
        return Vec::new();
    };
    let root = |window: &Window| {
        window
            .tree
            .as_ref()
            .and_then(|tree| tree.nodes.first().cloned())
    };
    let Some(root) = root(new) else {
        return Vec::new();
    };
    if old.id != new.id {
        let text = [("event_text", new.title.clone())];
        return vec![event("TYPE_WINDOW_STATE_CHANGED", &root, millis, text)];
    }
    let mut events: Vec<EventRequest> = changed_texts(old, new)
        .take(MOST)
        .map(|(before, node)| text_changed(before, node, millis))
        .collect();
    if old.tree != new.tree {
        events.push(event("TYPE_WINDOW_CONTENT_CHANGED", &root, millis, []));
    }
    events
}

fn active(forest: &Forest) -> Option<&Window> {
    forest.windows.iter().find(|window| window.is_active)
}

fn nodes(window: &Window) -> &[Node] {
    window.tree.as_ref().map_or(&[], |tree| &tree.nodes)
}

/// Fields that are in both with another text: the text before and the node now.
fn changed_texts<'a>(
    old: &'a Window,
    new: &'a Window,
) -> impl Iterator<Item = (&'a str, &'a Node)> {
    let fields = |window: &'a Window| nodes(window).iter().filter(|node| node.is_editable);
    let mut before: HashMap<(&str, usize), &Node> = HashMap::new();
    for (position, node) in fields(old).enumerate() {
        before.insert((&node.view_id_resource_name, position), node);
    }
    fields(new).enumerate().filter_map(move |(position, node)| {
        let old = before.get(&(&*node.view_id_resource_name, position))?;
        (old.text != node.text).then_some((&*old.text, node))
    })
}

fn text_changed(before: &str, node: &Node, millis: i64) -> EventRequest {
    let (old, new): (Vec<u16>, Vec<u16>) = (
        before.encode_utf16().collect(),
        node.text.encode_utf16().collect(),
    );
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - same;
    let end = old.iter().rev().zip(new.iter().rev()).take(rest);
    let end = end.take_while(|(a, b)| a == b).count();
    let details = [
        ("before_text", before.to_owned()),
        ("event_text", node.text.clone()),
        ("from_index", same.to_string()),
        ("removed_count", (old.len() - same - end).to_string()),
        ("added_count", (new.len() - same - end).to_string()),
    ];
    event("TYPE_VIEW_TEXT_CHANGED", node, millis, details)
}

fn event<const N: usize>(
    kind: &str,
    source: &Node,
    millis: i64,
    details: [(&str, String); N],
) -> EventRequest {
    let common = [
        ("event_type", kind.to_owned()),
        ("event_package_name", source.package_name.clone()),
        ("source_class_name", source.class_name.clone()),
        ("source_text", source.text.clone()),
        (
            "source_content_description",
            source.content_description.clone(),
        ),
        ("view_id", source.view_id_resource_name.clone()),
        ("event_timestamp_ms", millis.to_string()),
    ];
    let all = common.into_iter().chain(details);
    EventRequest {
        event: all
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::forwarder::Tree;

    fn forest(id: i32, text: &str) -> Forest {
        let node = Node {
            text: text.to_owned(),
            is_editable: true,
            package_name: "com.example".to_owned(),
            view_id_resource_name: "com.example:id/name".to_owned(),
            ..Node::default()
        };
        let window = Window {
            id,
            title: format!("Activity{id}"),
            is_active: true,
            tree: Some(Tree { nodes: vec![node] }),
            ..Window::default()
        };
        Forest {
            windows: vec![window],
        }
    }

    fn told(events: &[EventRequest]) -> Vec<&str> {
        let kinds = events
            .iter()
            .map(|event| event.event["event_type"].as_str());
        kinds.collect()
    }

    #[test]
    fn changes_are_told() {
        let first = forest(1, "one two");
        assert!(between(&first, &first, 5).is_empty());
        assert!(between(&first, &Forest::default(), 5).is_empty());
        let other = between(&first, &forest(2, "x"), 5);
        assert_eq!(told(&other), ["TYPE_WINDOW_STATE_CHANGED"]);
        assert_eq!(other[0].event["event_text"], "Activity2");
        let typed = between(&first, &forest(1, "one big two"), 5);
        assert_eq!(
            told(&typed),
            ["TYPE_VIEW_TEXT_CHANGED", "TYPE_WINDOW_CONTENT_CHANGED"]
        );
        let event = &typed[0].event;
        for (name, value) in [
            ("before_text", "one two"),
            ("source_text", "one big two"),
            ("from_index", "4"),
            ("removed_count", "0"),
            ("added_count", "4"),
            ("view_id", "com.example:id/name"),
            ("event_package_name", "com.example"),
            ("event_timestamp_ms", "5"),
        ] {
            assert_eq!(event[name], value, "{name}");
        }
        let erased = between(&forest(1, "aaa"), &forest(1, "aa"), 5);
        assert_eq!(erased[0].event["removed_count"], "1");
    }
}

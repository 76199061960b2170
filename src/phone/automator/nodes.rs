//! The nodes of a dump and the selectors that find some of them, as `UiSelector` does. Uses the XML alone, so that what
//! is found is what is dumped.

use regex::Regex;
use serde_json::{Map, Value, json};

use crate::domain::BoundingBox;

/// Deepest nesting of selectors inside each other.
const DEEPEST: usize = 16;

/// The trees of a moment, depth first.
#[derive(Debug, Default)]
pub struct Nodes(Vec<Node>);

/// One node with its attributes as they were dumped.
#[derive(Debug)]
pub struct Node {
    attributes: Vec<(String, String)>,
    bounds: BoundingBox,
    parent: Option<usize>,
    /// The position behind its last descendant.
    end: usize,
    children: usize,
}

/// Which field of a selector means what: its bit in the mask, the attribute, and how they are compared.
const FIELDS: [(u64, &str, &str, Compare); 23] = [
    (0x01, "text", "text", Compare::Equal),
    (0x02, "textContains", "text", Compare::Contains),
    (0x04, "textMatches", "text", Compare::Matches),
    (0x08, "textStartsWith", "text", Compare::StartsWith),
    (0x10, "className", "class", Compare::Equal),
    (0x20, "classNameMatches", "class", Compare::Matches),
    (0x40, "description", "content-desc", Compare::Equal),
    (
        0x80,
        "descriptionContains",
        "content-desc",
        Compare::Contains,
    ),
    (
        0x0100,
        "descriptionMatches",
        "content-desc",
        Compare::Matches,
    ),
    (
        0x0200,
        "descriptionStartsWith",
        "content-desc",
        Compare::StartsWith,
    ),
    (0x0400, "checkable", "checkable", Compare::Flag),
    (0x0800, "checked", "checked", Compare::Flag),
    (0x1000, "clickable", "clickable", Compare::Flag),
    (0x2000, "longClickable", "long-clickable", Compare::Flag),
    (0x4000, "scrollable", "scrollable", Compare::Flag),
    (0x8000, "enabled", "enabled", Compare::Flag),
    (0x01_0000, "focusable", "focusable", Compare::Flag),
    (0x02_0000, "focused", "focused", Compare::Flag),
    (0x04_0000, "selected", "selected", Compare::Flag),
    (0x08_0000, "packageName", "package", Compare::Equal),
    (0x10_0000, "packageNameMatches", "package", Compare::Matches),
    (0x20_0000, "resourceId", "resource-id", Compare::Equal),
    (
        0x40_0000,
        "resourceIdMatches",
        "resource-id",
        Compare::Matches,
    ),
];
const INDEX: u64 = 0x80_0000;
const INSTANCE: u64 = 0x0100_0000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Equal,
    Contains,
    StartsWith,
    Matches,
    Flag,
}

/// One condition that a node has to meet.
enum Condition {
    Text(&'static str, Compare, String),
    Pattern(&'static str, Regex),
    Index(u64),
}

impl Nodes {
    /// Reads a dump; what is no dump has no nodes.
    pub fn parse(xml: &str) -> Nodes {
        let Ok(document) = roxmltree::Document::parse(xml) else {
            return Nodes::default();
        };
        let mut nodes = Nodes::default();
        let children = document.root_element().children();
        // What is left to take, in turn; deep trees need no deep stack.
        let mut open: Vec<(roxmltree::Node, Option<usize>)> =
            children.rev().map(|node| (node, None)).collect();
        while let Some((node, parent)) = open.pop() {
            if !node.has_tag_name("node") {
                continue;
            }
            let position = nodes.0.len();
            let inside = || node.children().filter(|child| child.has_tag_name("node"));
            nodes.0.push(Node {
                attributes: node
                    .attributes()
                    .map(|one| (one.name().to_owned(), one.value().to_owned()))
                    .collect(),
                bounds: node
                    .attribute("bounds")
                    .and_then(BoundingBox::parse_bounds)
                    .unwrap_or(BoundingBox::new(0, 0, 0, 0)),
                parent,
                end: position + 1,
                children: inside().count(),
            });
            let inside: Vec<_> = inside().collect();
            open.extend(
                inside
                    .into_iter()
                    .rev()
                    .map(|child| (child, Some(position))),
            );
        }
        for position in (0..nodes.0.len()).rev() {
            let (end, parent) = (nodes.0[position].end, nodes.0[position].parent);
            if let Some(parent) = parent {
                nodes.0[parent].end = nodes.0[parent].end.max(end);
            }
        }
        nodes
    }

    /// The nodes that a selector finds, in their order.
    ///
    /// # Errors
    /// When it is no selector, with the reason.
    pub fn find(&self, selector: &Value) -> Result<Vec<&Node>, String> {
        let found = self.search(selector, (0..self.0.len()).collect(), DEEPEST)?;
        Ok(found
            .into_iter()
            .map(|position| &self.0[position])
            .collect())
    }

    fn search(
        &self,
        selector: &Value,
        among: Vec<usize>,
        depth: usize,
    ) -> Result<Vec<usize>, String> {
        let selector = selector.as_object().ok_or("a selector is an object")?;
        if depth == 0 {
            return Err("selectors nested too deeply".to_owned());
        }
        let mask = selector.get("mask").and_then(Value::as_u64).unwrap_or(0);
        let conditions = conditions(selector, mask)?;
        let mut found: Vec<usize> = among
            .into_iter()
            .filter(|&position| conditions.iter().all(|one| self.0[position].meets(one)))
            .collect();
        if mask & INSTANCE != 0 {
            let instance = selector.get("instance").and_then(Value::as_u64);
            let one = found.get(instance.unwrap_or(0) as usize).copied();
            found = one.into_iter().collect();
        }
        let list = |name: &str| selector.get(name).and_then(Value::as_array);
        let (Some(ways), Some(inner)) = (list("childOrSibling"), list("childOrSiblingSelector"))
        else {
            return Ok(found);
        };
        for (way, inner) in ways.iter().zip(inner) {
            let mut scope: Vec<usize> = Vec::new();
            for &position in &found {
                match way.as_str() {
                    Some("child") => scope.extend(position + 1..self.0[position].end),
                    Some("sibling") => {
                        if let Some(parent) = self.0[position].parent {
                            scope.extend(parent + 1..self.0[parent].end);
                        }
                    }
                    _ => return Err("childOrSibling says neither child nor sibling".to_owned()),
                }
            }
            scope.sort_unstable();
            scope.dedup();
            found = self.search(inner, scope, depth - 1)?;
        }
        Ok(found)
    }
}

/// The conditions of those fields that the mask names.
fn conditions(selector: &Map<String, Value>, mask: u64) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    for (bit, field, attribute, compare) in FIELDS {
        if mask & bit == 0 {
            continue;
        }
        let value = selector.get(field).unwrap_or(&Value::Null);
        let text = match (compare, value) {
            (Compare::Flag, Value::Bool(flag)) => flag.to_string(),
            (Compare::Flag, _) | (_, Value::Null) => return Err(format!("{field} has no value")),
            (_, Value::String(text)) => text.clone(),
            (_, other) => other.to_string(),
        };
        conditions.push(match compare {
            Compare::Matches => {
                let whole = Regex::new(&format!("(?s)^(?:{text})$"));
                Condition::Pattern(attribute, whole.map_err(|error| error.to_string())?)
            }
            _ => Condition::Text(attribute, compare, text),
        });
    }
    if mask & INDEX != 0 {
        let index = selector.get("index").and_then(Value::as_u64);
        conditions.push(Condition::Index(index.ok_or("index has no value")?));
    }
    Ok(conditions)
}

impl Node {
    /// An attribute; empty when the dump has none.
    pub fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The middle of what is seen of it.
    pub fn center(&self) -> (i32, i32) {
        let BoundingBox {
            x_min,
            y_min,
            x_max,
            y_max,
        } = self.bounds;
        ((x_min + x_max) / 2, (y_min + y_max) / 2)
    }

    fn meets(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Text(attribute, compare, text) => {
                let value = self.attribute(attribute);
                match compare {
                    Compare::Contains => value.contains(text.as_str()),
                    Compare::StartsWith => value.starts_with(text.as_str()),
                    _ => value == text,
                }
            }
            Condition::Pattern(attribute, pattern) => pattern.is_match(self.attribute(attribute)),
            Condition::Index(index) => self.attribute("index").parse() == Ok(*index),
        }
    }

    /// `ObjInfo`, as the server writes it.
    pub fn info(&self) -> Value {
        let flag = |name: &str| self.attribute(name) == "true";
        let bounds = json!({
            "bottom": self.bounds.y_max,
            "left": self.bounds.x_min,
            "right": self.bounds.x_max,
            "top": self.bounds.y_min,
        });
        json!({
            "bounds": bounds,
            "childCount": self.children,
            "className": self.attribute("class"),
            "contentDescription": self.attribute("content-desc"),
            "packageName": self.attribute("package"),
            "resourceName": self.attribute("resource-id"),
            "text": self.attribute("text"),
            "visibleBounds": bounds,
            "checkable": flag("checkable"),
            "checked": flag("checked"),
            "clickable": flag("clickable"),
            "enabled": flag("enabled"),
            "focusable": flag("focusable"),
            "focused": flag("focused"),
            "longClickable": flag("long-clickable"),
            "scrollable": flag("scrollable"),
            "selected": flag("selected"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = r#"<hierarchy rotation="0"><node index="0" text="" class="a.List" bounds="[0,0][100,200]">
        <node index="0" text="One" class="a.Row" clickable="true" bounds="[0,0][100,50]"><node index="0" text="1" bounds="[0,0][9,9]" /></node>
        <node index="1" text="Two" class="a.Row" clickable="false" bounds="[0,50][100,100]"><node index="0" text="2" bounds="[0,0][9,9]" /></node>
        <node index="2" text="Twofold" class="a.Row" clickable="true" bounds="[0,100][100,150]" /></node></hierarchy>"#;

    fn texts(selector: Value) -> Vec<String> {
        let nodes = Nodes::parse(TREE);
        let found = nodes.find(&selector).unwrap();
        found
            .iter()
            .map(|node| node.attribute("text").to_owned())
            .collect()
    }

    #[test]
    fn selectors_find_what_meets_all_of_their_fields() {
        assert_eq!(texts(json!({"mask": 1, "text": "Two"})), ["Two"]);
        assert_eq!(
            texts(json!({"mask": 2, "textContains": "Two"})),
            ["Two", "Twofold"]
        );
        assert_eq!(
            texts(json!({"mask": 4, "textMatches": "T.o|One"})),
            ["One", "Two"]
        );
        assert_eq!(
            texts(json!({"mask": 0x1010, "className": "a.Row", "clickable": true})),
            ["One", "Twofold"]
        );
        assert_eq!(
            texts(json!({"mask": 0x0100_0010, "className": "a.Row", "instance": 1})),
            ["Two"]
        );
        assert_eq!(
            texts(json!({"mask": 0x0100_0010, "className": "a.Row", "instance": 9})),
            [""; 0]
        );
        assert_eq!(
            texts(json!({"mask": 0x80_0010, "className": "a.Row", "index": 2})),
            ["Twofold"]
        );
        // Fields outside the mask do not count.
        assert_eq!(
            texts(json!({"mask": 1, "text": "One", "className": "b"})),
            ["One"]
        );
        assert_eq!(texts(json!({"mask": 0})).len(), 6);
    }

    #[test]
    fn children_and_siblings_are_looked_for_from_what_was_found() {
        let inner = json!({"mask": 8, "textStartsWith": ""});
        let with = |way: &str| json!({"mask": 1, "text": "Two", "childOrSibling": [way], "childOrSiblingSelector": [inner]});
        assert_eq!(texts(with("child")), ["2"]);
        assert_eq!(texts(with("sibling")), ["One", "1", "Two", "2", "Twofold"]);
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        let nodes = Nodes::parse(TREE);
        let mut deep = json!({"mask": 0});
        for _ in 0..DEEPEST {
            deep =
                json!({"mask": 0, "childOrSibling": ["child"], "childOrSiblingSelector": [deep]});
        }
        for wrong in [
            json!(1),
            json!({"mask": 4, "textMatches": "("}),
            json!({"mask": 1}),
            json!({"mask": 0x1000, "clickable": "yes"}),
            json!({"mask": 0, "childOrSibling": ["cousin"], "childOrSiblingSelector": [{"mask": 0}]}),
            deep,
        ] {
            assert!(nodes.find(&wrong).is_err(), "{wrong}");
        }
        assert!(
            Nodes::parse("no XML")
                .find(&json!({"mask": 0}))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn infos_say_where_and_what() {
        let nodes = Nodes::parse(TREE);
        let found = nodes.find(&json!({"mask": 1, "text": "Two"})).unwrap();
        let info = found[0].info();
        assert_eq!(
            info["bounds"],
            json!({"bottom": 100, "left": 0, "right": 100, "top": 50})
        );
        assert_eq!(
            (&info["childCount"], &info["clickable"]),
            (&json!(1), &json!(false))
        );
        assert_eq!(found[0].center(), (50, 75));
    }
}

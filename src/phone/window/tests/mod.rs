//! Tests of the windows as a user of the phone sees them: what is dumped can be touched, and is drawn.

mod drawing;
mod input;
mod stacking;

use tempfile::TempDir;

use super::WindowManager;
use super::compose::Owner;
use crate::domain::{BoundingBox, Frame, ScreenSize};
use crate::phone::system::{ClockMode, Intent, Namespace, System};

struct Phone {
    _root: TempDir,
    system: System,
    windows: WindowManager,
}

#[derive(Debug, Clone)]
struct Seen {
    text: String,
    id: String,
    class: String,
    description: String,
    hint: String,
    checked: bool,
    focused: bool,
    scrollable: bool,
    bounds: BoundingBox,
}

impl Phone {
    fn new() -> Phone {
        Phone::sized(1080, 2400)
    }

    fn sized(width: i32, height: i32) -> Phone {
        let root = tempfile::tempdir().unwrap();
        let screen = ScreenSize { width, height };
        let mut system =
            System::boot(root.path(), screen, 7, ClockMode::Steps, Vec::new()).unwrap();
        let windows = WindowManager::new(&mut system);
        Phone {
            _root: root,
            system,
            windows,
        }
    }

    fn open(&mut self, action: &str) {
        self.windows
            .start(&mut self.system, &Intent::action(action))
            .unwrap();
    }

    fn seen(&mut self) -> Vec<Seen> {
        let xml = self.windows.dump_xml(&mut self.system, false);
        let document = roxmltree::Document::parse(&xml).unwrap();
        document
            .descendants()
            .filter(|node| node.has_tag_name("node"))
            .map(|node| {
                let get = |name: &str| node.attribute(name).unwrap().to_owned();
                Seen {
                    text: get("text"),
                    id: get("resource-id"),
                    class: get("class"),
                    description: get("content-desc"),
                    hint: get("hint"),
                    checked: get("checked") == "true",
                    focused: get("focused") == "true",
                    scrollable: get("scrollable") == "true",
                    bounds: BoundingBox::parse_bounds(&get("bounds")).unwrap(),
                }
            })
            .collect()
    }

    fn find(&mut self, label: &str) -> Option<Seen> {
        self.seen().into_iter().find(|node| {
            node.text == label
                || node.description == label
                || node.id.ends_with(&format!("/{label}"))
        })
    }

    fn tap(&mut self, label: &str) {
        let found = self.find(label);
        let center = found
            .unwrap_or_else(|| panic!("no {label:?} in {:#?}", self.seen()))
            .bounds
            .center();
        self.windows.tap(&mut self.system, center.x, center.y);
    }

    fn tap_key(&mut self, key: &str) {
        let windows = self.windows.compose(&self.system);
        let keyboard = windows
            .iter()
            .find(|window| window.owner == Owner::Keyboard)
            .unwrap();
        let node = keyboard
            .scene
            .nodes
            .iter()
            .find(|node| node.widget.description.as_deref() == Some(key))
            .unwrap();
        let center = node.bounds.center();
        self.windows.tap(&mut self.system, center.x, center.y);
    }

    fn render(&mut self) -> Frame {
        self.windows.render(&mut self.system)
    }

    fn setting(&self, namespace: Namespace, key: &str) -> String {
        self.system
            .settings
            .get(namespace, key)
            .unwrap_or("")
            .to_owned()
    }

    fn top(&self) -> String {
        self.windows.focused().short()
    }
}

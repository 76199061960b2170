//! A finger and an eye on a virtual phone: finds nodes in the dumped XML and touches them.

use stepdroid::domain::ScreenSize;
use stepdroid::phone::apps;
use stepdroid::phone::system::{ClockMode, Intent, Manifest, System};
use stepdroid::phone::window::WindowManager;
use tempfile::TempDir;

/// A phone with its screen, without ADB in between.
pub struct Phone {
    pub system: System,
    pub windows: WindowManager,
    _root: TempDir,
}

/// One node of the dump.
#[derive(Debug, Clone, Default)]
pub struct Node {
    pub text: String,
    pub description: String,
    pub id: String,
    pub class: String,
    pub hint: String,
    pub enabled: bool,
    pub clickable: bool,
    pub checked: bool,
    pub selected: bool,
    /// Left, top, right, bottom.
    pub bounds: [i32; 4],
}

impl Node {
    pub fn centre(&self) -> (i32, i32) {
        let [left, top, right, bottom] = self.bounds;
        ((left + right) / 2, (top + bottom) / 2)
    }
}

impl Phone {
    /// A phone whose apps show their first-run screens.
    pub fn fresh() -> Phone {
        let root = tempfile::tempdir().unwrap();
        let manifests = apps::registry()
            .iter()
            .map(|app| Manifest::app(app.package, app.label, ""))
            .collect();
        let size = ScreenSize {
            width: 1080,
            height: 2400,
        };
        let mut system = System::boot(root.path(), size, 7, ClockMode::Steps, manifests).unwrap();
        let windows = WindowManager::new(&mut system);
        Phone {
            system,
            windows,
            _root: root,
        }
    }

    /// A phone whose apps were set up.
    pub fn new() -> Phone {
        let mut phone = Phone::fresh();
        apps::pass_first_run(&mut phone.system).unwrap();
        phone
    }

    /// Opens an app as the launcher does.
    pub fn open(&mut self, package: &str) {
        self.start(&Intent::launch(package));
    }

    pub fn start(&mut self, intent: &Intent) {
        self.windows.start(&mut self.system, intent).unwrap();
    }

    /// `pm clear` or a stop and a new start.
    pub fn stop(&mut self, package: &str) {
        self.windows.force_stop(&mut self.system, package);
    }

    pub fn xml(&mut self) -> String {
        self.windows.dump_xml(&mut self.system, false)
    }

    /// Every node of the active window, in order.
    pub fn nodes(&mut self) -> Vec<Node> {
        let xml = self.xml();
        let document = roxmltree::Document::parse(&xml).unwrap();
        document
            .descendants()
            .filter(|node| node.has_tag_name("node"))
            .map(|node| {
                let text = |name: &str| node.attribute(name).unwrap().to_owned();
                let flag = |name: &str| node.attribute(name) == Some("true");
                let numbers: Vec<i32> = text("bounds")
                    .split(|character: char| !character.is_ascii_digit() && character != '-')
                    .filter(|part| !part.is_empty())
                    .map(|part| part.parse().unwrap())
                    .collect();
                Node {
                    text: text("text"),
                    description: text("content-desc"),
                    id: text("resource-id"),
                    class: text("class"),
                    hint: text("hint"),
                    enabled: flag("enabled"),
                    clickable: flag("clickable"),
                    checked: flag("checked"),
                    selected: flag("selected"),
                    bounds: numbers.try_into().unwrap(),
                }
            })
            .collect()
    }

    /// The first node whose text, description, hint or id (with or without its package) is `name`.
    pub fn find(&mut self, name: &str) -> Option<Node> {
        let nodes = self.nodes();
        let is = |node: &&Node| {
            node.text == name
                || node.description == name
                || node.hint == name
                || node.id == name
                || node.id.rsplit_once('/').is_some_and(|(_, id)| id == name)
        };
        // What can be tapped wins over what only says it.
        let found = nodes.iter().filter(is).find(|node| node.clickable);
        found.or_else(|| nodes.iter().find(is)).cloned()
    }

    pub fn sees(&mut self, name: &str) -> bool {
        self.find(name).is_some()
    }

    #[track_caller]
    pub fn node(&mut self, name: &str) -> Node {
        match self.find(name) {
            Some(node) => node,
            None => panic!("no {name:?} on the screen:\n{}", self.screen()),
        }
    }

    /// What the screen says, for messages.
    pub fn screen(&mut self) -> String {
        let mut lines: Vec<String> = self
            .nodes()
            .into_iter()
            .filter(|node| {
                !node.text.is_empty() || !node.description.is_empty() || !node.id.is_empty()
            })
            .map(|node| {
                format!(
                    "{:?} {:?} {} {} {:?}",
                    node.text, node.description, node.id, node.class, node.bounds
                )
            })
            .collect();
        lines.insert(0, format!("{:?}", self.windows.focused()));
        lines.join("\n")
    }

    #[track_caller]
    pub fn tap(&mut self, name: &str) {
        let (x, y) = self.node(name).centre();
        self.windows.tap(&mut self.system, x, y);
    }

    #[track_caller]
    pub fn long_press(&mut self, name: &str) {
        let at = self.node(name).centre();
        self.windows.swipe(&mut self.system, at, at, 1_000);
    }

    /// Drags across a node.
    #[track_caller]
    pub fn swipe(&mut self, name: &str, dx: i32, dy: i32) {
        let (x, y) = self.node(name).centre();
        let from = (x - dx / 2, y - dy / 2);
        let to = (x + dx / 2, y + dy / 2);
        self.windows.swipe(&mut self.system, from, to, 300);
    }

    pub fn write(&mut self, text: &str) {
        self.windows.text(&mut self.system, text);
    }

    /// Taps a field and types.
    #[track_caller]
    pub fn fill(&mut self, field: &str, text: &str) {
        self.tap(field);
        self.write(text);
    }

    /// Replaces what a field holds.
    #[track_caller]
    pub fn replace(&mut self, field: &str, text: &str) {
        self.tap(field);
        self.windows.key_combination(&mut self.system, &[113, 29]);
        self.write(text);
    }

    /// Closes the keyboard, if it is open, else goes back.
    pub fn back(&mut self) {
        self.windows.key(&mut self.system, 4);
    }

    /// Goes back in the app, whether or not the keyboard is open.
    pub fn leave(&mut self) {
        if self.windows.keyboard_shown() {
            self.back();
        }
        self.back();
    }

    pub fn hide_keyboard(&mut self) {
        if self.windows.keyboard_shown() {
            self.back();
        }
    }

    pub fn key(&mut self, code: u32) {
        self.windows.key(&mut self.system, code);
    }

    pub fn home(&mut self) {
        self.key(3);
    }

    /// Lets the phone's clock go on.
    pub fn wait(&mut self, millis: i64) {
        self.system.clock.advance_millis(millis);
    }

    pub fn read(&self, path: &str) -> Option<String> {
        self.system.files.read_text(path).ok()
    }

    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = self.system.files.list(folder).unwrap();
        entries.into_iter().map(|entry| entry.name).collect()
    }
}

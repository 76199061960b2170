//! In which order and groups Tasks.org lists tasks, which of them, and how that is remembered.

use std::cmp::Ordering;

use jiff::civil::Date;

use super::PACKAGE;
use super::database::{DEFAULT_LIST, Task};
use super::dates::{self, Style};
use crate::phone::system::{PhoneError, Preference, Preferences, System};

/// What a list is sorted or grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// No groups.
    Nothing,
    /// Due date and priority together.
    Smart,
    /// Title.
    Title,
    /// Due date.
    Due,
    /// Priority.
    Priority,
    /// Last change.
    Modified,
    /// When it was made.
    Created,
    /// Start date.
    Start,
    /// The list that a task belongs to.
    List,
}

/// Numbers that stand for the keys in the preferences, and their labels.
const KEYS: [(Key, i32, &str); 9] = [
    (Key::Nothing, -1, "None"),
    (Key::Smart, 0, "Smart sort"),
    (Key::Title, 1, "By title"),
    (Key::Due, 2, "By due date"),
    (Key::Priority, 3, "By priority"),
    (Key::Modified, 4, "By last modified"),
    (Key::Created, 5, "By creation time"),
    (Key::Start, 8, "By start date"),
    (Key::List, 9, "By list"),
];

impl Key {
    /// The choices for groups, in the sheet's order.
    pub const GROUPS: [Key; 7] = [
        Key::Nothing,
        Key::Due,
        Key::Start,
        Key::Priority,
        Key::Modified,
        Key::Created,
        Key::List,
    ];
    /// The choices for the order, in the sheet's order.
    pub const SORTS: [Key; 7] = [
        Key::Due,
        Key::Start,
        Key::Priority,
        Key::Title,
        Key::Modified,
        Key::Smart,
        Key::Created,
    ];

    /// Its words in the sheet.
    pub fn label(self) -> &'static str {
        let found = KEYS.iter().find(|(key, ..)| *key == self);
        found.map_or("", |(.., label)| label)
    }

    fn number(self) -> i32 {
        let found = KEYS.iter().find(|(key, ..)| *key == self);
        found.map_or(0, |(_, number, _)| *number)
    }

    fn of(number: i64, among: &[Key], fallback: Key) -> Key {
        let found = KEYS
            .iter()
            .find(|(key, known, _)| i64::from(*known) == number && among.contains(key));
        found.map_or(fallback, |(key, ..)| *key)
    }

    /// Whether the first row is the smallest when nobody said otherwise.
    fn ascends(self) -> bool {
        !matches!(self, Key::Modified | Key::Created)
    }
}

/// What is listed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Groups.
    pub group: Key,
    /// Smallest group first.
    pub group_ascending: bool,
    /// Order inside of groups.
    pub sort: Key,
    /// Smallest first.
    pub sort_ascending: bool,
    /// Completed tasks stand below all others.
    pub completed_at_bottom: bool,
    /// There, the one that was completed first stands first.
    pub completed_ascending: bool,
    /// Completed tasks are listed.
    pub show_completed: bool,
    /// Tasks that start later are listed.
    pub show_unstarted: bool,
}

const GROUP: &str = "group_mode";
const GROUP_ASCENDING: &str = "group_ascending";
const SORT: &str = "sort_mode";
const SORT_ASCENDING: &str = "sort_ascending";
const AT_BOTTOM: &str = "completed_tasks_at_bottom";
const COMPLETED_ASCENDING: &str = "completed_ascending";
const SHOW_COMPLETED: &str = "show_completed_tasks";
const SHOW_UNSTARTED: &str = "show_hidden_tasks";

impl Order {
    /// Reads the preferences.
    pub fn load(system: &System) -> Order {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        Order {
            group: Key::of(stored.number(GROUP, -1), &Key::GROUPS, Key::Nothing),
            group_ascending: stored.flag(GROUP_ASCENDING, true),
            sort: Key::of(stored.number(SORT, 0), &Key::SORTS, Key::Smart),
            sort_ascending: stored.flag(SORT_ASCENDING, true),
            completed_at_bottom: stored.flag(AT_BOTTOM, true),
            completed_ascending: stored.flag(COMPLETED_ASCENDING, false),
            show_completed: stored.flag(SHOW_COMPLETED, true),
            show_unstarted: stored.flag(SHOW_UNSTARTED, true),
        }
    }

    /// Writes the preferences.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, system: &System) -> Result<(), PhoneError> {
        Preferences::load_default(&system.files, PACKAGE)
            .with(GROUP, Preference::Integer(self.group.number()))
            .with(SORT, Preference::Integer(self.sort.number()))
            .with(GROUP_ASCENDING, self.group_ascending)
            .with(SORT_ASCENDING, self.sort_ascending)
            .with(AT_BOTTOM, self.completed_at_bottom)
            .with(COMPLETED_ASCENDING, self.completed_ascending)
            .with(SHOW_COMPLETED, self.show_completed)
            .with(SHOW_UNSTARTED, self.show_unstarted)
            .save(&system.files)
    }

    /// Groups by something, in its usual direction.
    pub fn group_by(&mut self, key: Key) {
        self.group = key;
        self.group_ascending = key.ascends();
    }

    /// Sorts by something, in its usual direction.
    pub fn sort_by(&mut self, key: Key) {
        self.sort = key;
        self.sort_ascending = key.ascends();
    }

    /// Whether a task is listed.
    pub fn shows(&self, task: &Task, now: i64) -> bool {
        (self.show_completed || !task.is_completed())
            && (self.show_unstarted || task.start <= now || task.is_completed())
    }

    /// Sorts tasks into sections.
    pub fn sections(&self, mut tasks: Vec<Task>, system: &System) -> Vec<Section> {
        let now = system.clock.now_millis();
        let today = dates::today(system);
        tasks.sort_by(|a, b| self.compare(a, b, system, now));
        let mut sections: Vec<Section> = Vec::new();
        for task in tasks {
            let header = self.header(&task, system, today);
            match sections.last_mut() {
                Some(section) if section.header == header => section.tasks.push(task),
                _ => sections.push(Section {
                    header,
                    tasks: vec![task],
                }),
            }
        }
        sections
    }

    fn compare(&self, a: &Task, b: &Task, system: &System, now: i64) -> Ordering {
        if self.completed_at_bottom && (a.is_completed() || b.is_completed()) {
            return match (a.is_completed(), b.is_completed()) {
                (false, _) => Ordering::Less,
                (_, false) => Ordering::Greater,
                _ => directed(a.completed.cmp(&b.completed), self.completed_ascending),
            };
        }
        let group = |task: &Task| group_value(self.group, task, system);
        let sort = |task: &Task| (sort_value(self.sort, task, now), task.title.to_uppercase());
        directed(group(a).cmp(&group(b)), self.group_ascending)
            .then_with(|| directed(sort(a).cmp(&sort(b)), self.sort_ascending))
            .then_with(|| a.id.cmp(&b.id))
    }

    fn header(&self, task: &Task, system: &System, today: Date) -> Option<String> {
        if self.group == Key::Nothing {
            return None;
        }
        if self.completed_at_bottom && task.is_completed() {
            return Some("Completed".to_owned());
        }
        let day = |what: &str, millis: i64| {
            let words = dates::day_text(dates::day(system, millis), today, Style::Full);
            format!("{what} {words}")
        };
        Some(match self.group {
            Key::Due if task.due <= 0 => "No due date".to_owned(),
            Key::Due if dates::day(system, task.due) < today => "Overdue".to_owned(),
            Key::Due => day("Due", task.due),
            Key::Start if task.start <= 0 => "No start date".to_owned(),
            Key::Start => day("Start", task.start),
            Key::Priority => task.priority.name().to_owned(),
            Key::Modified => day("Modified", task.modified),
            Key::Created => day("Created", task.created),
            _ => task.list.as_deref().unwrap_or(DEFAULT_LIST).to_owned(),
        })
    }
}

fn directed(ordering: Ordering, ascending: bool) -> Ordering {
    match ascending {
        true => ordering,
        false => ordering.reverse(),
    }
}

/// Where a task's group stands among the others.
fn group_value(key: Key, task: &Task, system: &System) -> (i64, Option<Date>, String) {
    let day = |millis: i64| match millis > 0 {
        true => (0, Some(dates::day(system, millis)), String::new()),
        false => (1, None, String::new()),
    };
    match key {
        Key::Due => day(task.due),
        Key::Start => day(task.start),
        Key::Modified => day(task.modified),
        Key::Created => day(task.created),
        Key::Priority => (task.priority.0, None, String::new()),
        Key::List => (0, None, task.list.clone().unwrap_or_default()),
        _ => (0, None, String::new()),
    }
}

/// A day without a time counts as due a little before noon.
const DAY_ONLY: i64 = 43_140_000;
/// A step of priority weighs about two days.
const STEP: i64 = 2 * 86_400_000 - 1;

/// Where a task stands in its group.
fn sort_value(key: Key, task: &Task, now: i64) -> i64 {
    let due = match task.due {
        0 => now.saturating_mul(2),
        due if dates::has_time(due) => due,
        due => due.saturating_add(DAY_ONLY),
    };
    let priority = task.priority.0;
    match key {
        Key::Smart => due.saturating_add(priority * STEP),
        Key::Due => due.saturating_add(priority * 1_000),
        Key::Start if task.start == 0 => i64::MAX,
        Key::Start => task.start,
        Key::Priority => priority,
        Key::Modified => task.modified,
        Key::Created => task.created,
        _ => 0,
    }
}

/// Tasks below one header, or below none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What stands above them.
    pub header: Option<String>,
    /// The tasks in their order.
    pub tasks: Vec<Task>,
}

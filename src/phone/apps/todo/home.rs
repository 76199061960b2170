//! Tasks.org's main activity: the list of tasks with search and selection, the form of one task, and what
//! touches do.

use std::collections::BTreeSet;

use super::database::{self, Priority, Task};
use super::drawer::Filter;
use super::due_sheet::{DueMessage, DueSheet, Outcome};
use super::editor::{Editor, EditorMessage, Step};
use super::order::{Order, Section};
use super::{PACKAGE, SORT, screen};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{Activity, Effects, Screen};

/// How long a snackbar stays, in microseconds.
const SNACKBAR_MICROS: i64 = 4_000_000;

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens a task, or chooses it while others are chosen.
    Open(i64),
    /// Chooses a task, or not.
    Choose(i64),
    /// A check box.
    Complete(i64),
    /// Takes the last completion back.
    Undo,
    /// Asks for another due date of a task, or of those that are chosen.
    AskDue(Option<i64>),
    /// On the sheet that asks.
    Due(DueMessage),
    /// Closes or opens a group.
    Collapse(String),
    /// Opens an empty form.
    New,
    /// On the form.
    Editor(EditorMessage),
    /// Opens or closes the search.
    Search(bool),
    /// Typed there.
    Words(String),
    /// Searches.
    Find,
    /// Opens or closes the sheet of lists and filters.
    Drawer(bool),
    /// Lists other tasks.
    Show(Filter),
    /// Opens the sheet of groups and order.
    Sort,
    /// Opens the menu.
    Menu,
    /// Lists completed tasks, or not.
    ShowCompleted,
    /// Lists tasks that start later, or not.
    ShowUnstarted,
    /// Asks before completed tasks go.
    AskClear,
    /// Deletes the completed tasks of the list.
    Clear,
    /// Chooses all.
    ChooseAll,
    /// Ends the selection.
    ChooseNone,
    /// Asks before the chosen tasks go.
    AskDelete,
    /// Deletes them.
    Delete,
    /// Copies them.
    Copy,
    /// Asks for their priority.
    AskPriority,
    /// Gives them one.
    Prioritise(i64),
    /// Gives the titles to other apps, by way of the clipboard.
    Share,
    /// Closes what is in front.
    Dismiss,
}

/// What is in front of the list.
pub enum Front {
    /// The menu of the three dots.
    Menu,
    /// Lists and filters.
    Drawer,
    /// Whether to clear completed tasks.
    Clear,
    /// Whether to delete the chosen tasks.
    Delete,
    /// Which priority the chosen tasks get.
    Priority,
    /// When these tasks are due.
    Due(Vec<i64>, DueSheet),
}

/// The words at the foot of the screen.
pub struct Snackbar {
    pub(super) words: String,
    until: i64,
    completed: Vec<i64>,
}

impl Snackbar {
    /// Whether there is something to take back.
    pub(super) fn undoes(&self) -> bool {
        !self.completed.is_empty()
    }
}

/// The activity.
pub struct MainActivity {
    pub(super) order: Order,
    pub(super) filter: Filter,
    /// Every task that was not deleted.
    pub(super) all: Vec<Task>,
    /// Those that are listed.
    pub(super) sections: Vec<Section>,
    /// Headers of closed groups.
    pub(super) collapsed: BTreeSet<String>,
    pub(super) chosen: BTreeSet<i64>,
    /// What was typed into the search while it is open.
    pub(super) words: Option<String>,
    pub(super) front: Option<Front>,
    pub(super) editor: Option<Editor>,
    snackbar: Option<Snackbar>,
}

impl MainActivity {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        let order = Order::load(system);
        if order.group != self.order.group {
            self.collapsed.clear();
        }
        self.order = order;
        self.all = database::list(system)?;
        let known: BTreeSet<i64> = self.all.iter().map(|task| task.id).collect();
        self.chosen.retain(|id| known.contains(id));
        self.arrange(system);
        Ok(())
    }

    /// Sorts what is listed into sections.
    fn arrange(&mut self, system: &System) {
        let typed = self.words.as_deref().unwrap_or("").trim();
        let filter = match typed.is_empty() {
            true => self.filter.clone(),
            false => Filter::Search(typed.to_owned()),
        };
        let now = system.clock.now_millis();
        let shown = self
            .all
            .iter()
            .filter(|task| self.order.shows(task, now) && filter.holds(task, system))
            .cloned()
            .collect();
        self.sections = self.order.sections(shown, system);
    }

    fn task(&self, id: i64) -> Option<&Task> {
        self.all.iter().find(|task| task.id == id)
    }

    fn chosen_ids(&self) -> Vec<i64> {
        self.chosen.iter().copied().collect()
    }

    fn listed(&self) -> impl Iterator<Item = &Task> {
        self.sections.iter().flat_map(|section| &section.tasks)
    }

    fn say(&mut self, system: &System, words: impl Into<String>, completed: Vec<i64>) {
        self.snackbar = Some(Snackbar {
            words: words.into(),
            until: system.clock.uptime_micros() + SNACKBAR_MICROS,
            completed,
        });
    }

    /// The words at the foot of the screen, while they are there.
    pub(super) fn snackbar(&self, system: &System) -> Option<&Snackbar> {
        self.snackbar
            .as_ref()
            .filter(|snackbar| system.clock.uptime_micros() < snackbar.until)
    }

    fn open(&mut self, system: &System, task: Task) -> Effects {
        let editor = Editor::new(system, task);
        let focus = editor.focus();
        self.editor = Some(editor);
        self.snackbar = None;
        focus
    }

    fn edit(&mut self, system: &System, message: EditorMessage) -> Result<Effects, PhoneError> {
        let Some(editor) = &mut self.editor else {
            return Ok(Effects::none());
        };
        let step = editor.update(system, message)?;
        if step == Step::Stay {
            return Ok(Effects::none());
        }
        self.editor = None;
        self.reload(system)?;
        if let Step::Completed(id) = step {
            self.say(system, "Task completed", vec![id]);
        }
        Ok(Effects::none().hide_keyboard())
    }

    fn complete(&mut self, system: &System, id: i64) -> Result<(), PhoneError> {
        let done = self.task(id).is_some_and(|task| !task.is_completed());
        database::complete(system, &[id], done)?;
        self.snackbar = None;
        if done {
            self.say(system, "Task completed", vec![id]);
        }
        self.reload(system)
    }

    /// Changes the chosen tasks and ends the selection.
    fn change_chosen(
        &mut self,
        system: &System,
        work: impl FnOnce(&[i64]) -> Result<(), PhoneError>,
    ) -> Result<(), PhoneError> {
        work(&self.chosen_ids())?;
        self.chosen.clear();
        self.reload(system)
    }

    fn set_order(
        &mut self,
        system: &System,
        change: impl FnOnce(&mut Order),
    ) -> Result<(), PhoneError> {
        change(&mut self.order);
        self.order.save(system)?;
        self.arrange(system);
        Ok(())
    }

    fn due(&mut self, system: &System, message: DueMessage) -> Result<(), PhoneError> {
        let Some(Front::Due(ids, sheet)) = &mut self.front else {
            return Ok(());
        };
        let outcome = sheet.update(system, message);
        if let Outcome::Chosen(due) = outcome {
            database::reschedule(system, ids, due)?;
            self.chosen.clear();
        }
        if outcome != Outcome::Open {
            self.front = None;
            self.reload(system)?;
        }
        Ok(())
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        match message {
            Message::Due(message) => {
                self.due(system, message)?;
                return Ok(none);
            }
            Message::Editor(message) => return self.edit(system, message),
            _ => self.front = None,
        }
        match message {
            Message::Open(id) if self.chosen.is_empty() => {
                if let Some(task) = self.task(id).cloned() {
                    return Ok(self.open(system, task));
                }
            }
            Message::Open(id) | Message::Choose(id) => {
                if !self.chosen.remove(&id) {
                    self.chosen.insert(id);
                }
            }
            Message::Complete(id) => self.complete(system, id)?,
            Message::Undo => {
                if let Some(snackbar) = self.snackbar.take() {
                    database::complete(system, &snackbar.completed, false)?;
                    self.reload(system)?;
                }
            }
            Message::AskDue(id) => {
                let ids = id.map_or_else(|| self.chosen_ids(), |id| vec![id]);
                let shown = ids.first().and_then(|id| self.task(*id));
                let sheet = DueSheet::new(system, shown.map_or(0, |task| task.due));
                self.front = Some(Front::Due(ids, sheet));
            }
            Message::Collapse(header) => {
                if !self.collapsed.remove(&header) {
                    self.collapsed.insert(header);
                }
            }
            Message::New => return Ok(self.open(system, Task::empty())),
            Message::Search(open) => {
                self.words = open.then(String::new);
                self.arrange(system);
                return Ok(match open {
                    true => none.focus("search_src_text"),
                    false => none.hide_keyboard(),
                });
            }
            Message::Words(words) => {
                self.words = Some(words);
                self.arrange(system);
            }
            Message::Find => {
                let words = self.words.take().unwrap_or_default().trim().to_owned();
                if !words.is_empty() {
                    self.filter = Filter::Search(words);
                }
                self.arrange(system);
                return Ok(none.hide_keyboard());
            }
            Message::Drawer(open) => self.front = open.then_some(Front::Drawer),
            Message::Show(filter) => {
                self.filter = filter;
                self.reload(system)?;
                return Ok(none.scroll_to("recycler_view", 0.0));
            }
            Message::Sort => return Ok(none.start(Intent::activity(PACKAGE, SORT))),
            Message::Menu => self.front = Some(Front::Menu),
            Message::ShowCompleted => self.set_order(system, |order| {
                order.show_completed = !order.show_completed;
            })?,
            Message::ShowUnstarted => self.set_order(system, |order| {
                order.show_unstarted = !order.show_unstarted;
            })?,
            Message::AskClear => self.front = Some(Front::Clear),
            Message::Clear => {
                let done = self.listed().filter(|task| task.is_completed());
                let ids: Vec<i64> = done.map(|task| task.id).collect();
                database::delete(system, &ids)?;
                self.say(system, format!("{} tasks cleared", ids.len()), Vec::new());
                self.reload(system)?;
            }
            Message::ChooseAll => self.chosen = self.listed().map(|task| task.id).collect(),
            Message::ChooseNone => self.chosen.clear(),
            Message::AskDelete => self.front = Some(Front::Delete),
            Message::Delete => self.change_chosen(system, |ids| database::delete(system, ids))?,
            Message::Copy => {
                for id in self.chosen_ids() {
                    if let Some(task) = self.task(id) {
                        let copy = Task {
                            id: 0,
                            ..task.clone()
                        };
                        database::save(system, &copy)?;
                    }
                }
                self.change_chosen(system, |_| Ok(()))?;
            }
            Message::AskPriority => self.front = Some(Front::Priority),
            Message::Prioritise(number) => self.change_chosen(system, |ids| {
                database::prioritise(system, ids, Priority(number))
            })?,
            Message::Share => {
                let titles: Vec<&str> = self
                    .listed()
                    .filter(|task| self.chosen.is_empty() || self.chosen.contains(&task.id))
                    .map(|task| task.title.as_str())
                    .collect();
                return Ok(none.copy(titles.join("\n")).toast("Copied to clipboard"));
            }
            Message::Dismiss | Message::Due(_) | Message::Editor(_) => {}
        }
        Ok(none)
    }
}

impl Activity for MainActivity {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> MainActivity {
        MainActivity {
            order: Order::load(system),
            filter: Filter::All,
            all: Vec::new(),
            sections: Vec::new(),
            collapsed: BTreeSet::new(),
            chosen: BTreeSet::new(),
            words: None,
            front: None,
            editor: None,
            snackbar: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(self.reload(system))
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        let message = if self.editor.is_some() {
            Message::Editor(EditorMessage::Leave)
        } else if !self.chosen.is_empty() {
            Message::ChooseNone
        } else if self.words.is_some() {
            Message::Search(false)
        } else if self.filter != Filter::All {
            Message::Show(Filter::All)
        } else {
            return Effects::none().finish();
        };
        self.update(system, message)
    }

    fn view(&self, system: &System) -> Screen<Message> {
        screen::view(self, system)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

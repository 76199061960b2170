//! The form of a new or changed task.

use super::PACKAGE;
use super::database::{self, DEFAULT_LIST, Priority, Task};
use super::dates::{self, Style};
use super::due_sheet::{DueMessage, DueSheet, Outcome};
use super::look::{accent_button, action, chip, color_of, start, wrap};
use crate::phone::system::{PhoneError, Preferences, System};
use crate::phone::ui::{
    Align, Color, Effects, Icon, Overlay, Widget, alert, card, column, floating_button, icon, row,
    scroll, stack, stretch, text, text_field,
};

/// A touch on the form.
#[derive(Debug, Clone)]
pub enum EditorMessage {
    /// Typed into the title.
    Title(String),
    /// Typed into the description.
    Notes(String),
    /// Another priority.
    Priority(i64),
    /// Opens the sheet of a date.
    Dates(Which),
    /// On that sheet.
    Sheet(DueMessage),
    /// Saves and leaves.
    Save,
    /// Completes or opens again, saves and leaves.
    Complete,
    /// Leaves without saving, after a question if something was changed.
    Leave,
    /// Leaves without saving.
    Discard,
    /// Asks whether to delete.
    AskDelete,
    /// Deletes.
    Delete,
    /// Closes a question.
    Dismiss,
    /// Closes the hint about the many fields.
    DismissHint,
}

/// One of the two dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// When it is due.
    Due,
    /// When it can be started.
    Start,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Discard,
    Delete,
}

/// Whether the form stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It does.
    Stay,
    /// It was left.
    Close,
    /// It was left after this task was completed.
    Completed(i64),
}

/// Preference: the hint was seen.
const HINT_SEEN: &str = "shown_beast_mode_hint";

/// The form.
pub struct Editor {
    stored: Task,
    task: Task,
    sheet: Option<(Which, DueSheet)>,
    question: Option<Question>,
    hint: bool,
}

impl Editor {
    /// A form for a task; one that is not stored is a new one.
    pub fn new(system: &System, task: Task) -> Editor {
        let preferences = Preferences::load_default(&system.files, PACKAGE);
        Editor {
            stored: task.clone(),
            task,
            sheet: None,
            question: None,
            hint: !preferences.flag(HINT_SEEN, false),
        }
    }

    fn is_new(&self) -> bool {
        self.stored.id == 0
    }

    /// Answers a touch.
    ///
    /// # Errors
    /// When the database or the preferences cannot be written.
    pub fn update(&mut self, system: &System, message: EditorMessage) -> Result<Step, PhoneError> {
        match message {
            EditorMessage::Title(words) => self.task.title = words,
            EditorMessage::Notes(words) => self.task.notes = words,
            EditorMessage::Priority(number) => self.task.priority = Priority(number),
            EditorMessage::Dates(which) => {
                let shown = match which {
                    Which::Due => self.task.due,
                    Which::Start => self.task.start,
                };
                self.sheet = Some((which, DueSheet::new(system, shown)));
            }
            EditorMessage::Sheet(message) => {
                let Some((which, sheet)) = &mut self.sheet else {
                    return Ok(Step::Stay);
                };
                let outcome = sheet.update(system, message);
                if let Outcome::Chosen(millis) = outcome {
                    match which {
                        Which::Due => self.task.due = millis,
                        Which::Start => self.task.start = millis,
                    }
                }
                if outcome != Outcome::Open {
                    self.sheet = None;
                }
            }
            EditorMessage::Save => {
                self.save(system)?;
                return Ok(Step::Close);
            }
            EditorMessage::Complete => {
                let done = !self.task.is_completed();
                self.task.completed = if done { system.clock.now_millis() } else { 0 };
                let id = self.save(system)?;
                return Ok(match done {
                    true => Step::Completed(id),
                    false => Step::Close,
                });
            }
            EditorMessage::Leave if self.task == self.stored => return Ok(Step::Close),
            EditorMessage::Leave => self.question = Some(Question::Discard),
            EditorMessage::Discard => return Ok(Step::Close),
            EditorMessage::AskDelete => self.question = Some(Question::Delete),
            EditorMessage::Delete => {
                database::delete(system, &[self.task.id])?;
                return Ok(Step::Close);
            }
            EditorMessage::Dismiss => self.question = None,
            EditorMessage::DismissHint => {
                self.hint = false;
                Preferences::load_default(&system.files, PACKAGE)
                    .with(HINT_SEEN, true)
                    .save(&system.files)?;
            }
        }
        Ok(Step::Stay)
    }

    /// Stores what was changed, if anything was.
    fn save(&mut self, system: &System) -> Result<i64, PhoneError> {
        if self.task == self.stored {
            return Ok(self.task.id);
        }
        let title = self.task.title.trim();
        self.task.title = match title.is_empty() {
            true => "(No title)".to_owned(),
            false => title.to_owned(),
        };
        database::save(system, &self.task)
    }

    /// Where the cursor goes when the form opens.
    pub fn focus(&self) -> Effects {
        match self.is_new() {
            true => Effects::none().focus("title"),
            false => Effects::none(),
        }
    }

    /// The questions and sheets in front.
    pub fn overlays(&self, system: &System) -> Vec<Overlay<EditorMessage>> {
        let mut overlays = Vec::new();
        if let Some((_, sheet)) = &self.sheet {
            overlays.extend(sheet.overlays(system, EditorMessage::Sheet));
        }
        if let Some(question) = self.question {
            let (words, yes, no) = match question {
                Question::Discard => (
                    "Are you sure you want to discard your changes?",
                    ("Keep editing", EditorMessage::Dismiss),
                    ("Discard", EditorMessage::Discard),
                ),
                Question::Delete => (
                    "Delete this task?",
                    ("OK", EditorMessage::Delete),
                    ("Cancel", EditorMessage::Dismiss),
                ),
            };
            overlays.push(
                alert("")
                    .message(words)
                    .positive(yes.0, yes.1)
                    .negative(no.0, no.1)
                    .overlay(EditorMessage::Dismiss),
            );
        }
        overlays
    }

    /// The page.
    pub fn view(&self, system: &System) -> Widget<EditorMessage> {
        let mut top = vec![start(Icon::Save, "Save", EditorMessage::Save), stretch()];
        if !self.is_new() {
            top.push(action(
                Icon::Delete,
                "menu_delete",
                "Delete task",
                EditorMessage::AskDelete,
            ));
        }
        let title = text_field(self.task.title.clone(), "Task name")
            .id("title")
            .text_size(24.0)
            .padding_symmetric(16.0, 12.0)
            .on_change(EditorMessage::Title)
            .on_enter(EditorMessage::Save);
        let mut content = vec![title];
        if self.hint {
            content.push(hint());
        }
        content.push(
            column(self.rows(system))
                .id("compose_view")
                .class("androidx.compose.ui.platform.ComposeView"),
        );
        let mut layers = vec![
            scroll(content)
                .class("androidx.core.widget.NestedScrollView")
                .key("form"),
        ];
        if !self.is_new() {
            let sign = match self.task.is_completed() {
                true => Icon::Refresh,
                false => Icon::Check,
            };
            let complete = floating_button(sign, "", EditorMessage::Complete).id("fab");
            layers.push(complete);
        }
        column(vec![
            wrap(top),
            stack(layers).decoration().fill_width().weight_height(1.0),
        ])
        .class("android.view.ViewGroup")
        .fill()
    }

    fn rows(&self, system: &System) -> Vec<Widget<EditorMessage>> {
        let task = &self.task;
        let date = |millis: i64, none: &str| match millis > 0 {
            true => dates::text(system, millis, Style::Full),
            false => none.to_owned(),
        };
        let mut due = line(
            Icon::Clock,
            date(task.due, "No due date"),
            Some(EditorMessage::Dates(Which::Due)),
        );
        if !task.is_completed() && dates::is_over(system, task.due) {
            due = due.border(1.0, color_of(Priority::HIGH));
        }
        let list = task.list.as_deref().unwrap_or(DEFAULT_LIST).to_owned();
        let mut rows = vec![
            line(
                Icon::Play,
                date(task.start, "No start date"),
                Some(EditorMessage::Dates(Which::Start)),
            ),
            due,
            line(Icon::Refresh, "Does not repeat", None),
            self.priority(),
            line(Icon::Location, "Add location", None),
            line(Icon::Tag, "Add tags", None),
            row(vec![
                icon(Icon::List, 22.0).decoration(),
                chip(Icon::List, list),
            ])
            .class("android.view.View")
            .gap(20.0)
            .padding_symmetric(16.0, 12.0),
            line(Icon::Add, "Add subtask", None),
            line(Icon::Notification, "Add reminder", None),
            line(Icon::Document, "Add attachment", None),
            row(vec![
                icon(Icon::Edit, 22.0).decoration(),
                text_field(task.notes.clone(), "Description")
                    .key("description")
                    .multiline()
                    .weight_width(1.0)
                    .on_change(EditorMessage::Notes),
            ])
            .decoration()
            .gap(20.0)
            .padding_symmetric(16.0, 2.0),
            line(Icon::Calendar, "Don't add to calendar", None),
        ];
        if !self.is_new() {
            rows.push(self.information(system));
        }
        rows
    }

    /// Four buttons, from none to high.
    fn priority(&self) -> Widget<EditorMessage> {
        let mut children = vec![
            icon(Icon::Flag, 22.0).decoration(),
            text("Priority")
                .weight_width(1.0)
                .margin_edges(16.0, 0.0, 0.0, 0.0),
        ];
        children.extend((0..4).rev().map(|number| {
            let chosen = self.task.priority == Priority(number);
            let color = color_of(Priority(number));
            let dot = stack(vec![]).size(12.0, 12.0).decoration();
            let dot = if chosen { dot.rounded(color, 6.0) } else { dot };
            stack(vec![
                stack(vec![dot.place(Align::Center, Align::Center)])
                    .size(22.0, 22.0)
                    .rounded(Color::SURFACE, 11.0)
                    .border(2.5, color)
                    .decoration()
                    .place(Align::Center, Align::Center),
            ])
            .class("android.widget.RadioButton")
            .size(44.0, 48.0)
            .checked(chosen)
            .on_tap(EditorMessage::Priority(number))
        }));
        row(children)
            .class("android.view.View")
            .gap(4.0)
            .padding_edges(16.0, 0.0, 12.0, 0.0)
    }

    fn information(&self, system: &System) -> Widget<EditorMessage> {
        let line = |what: &str, millis: i64| {
            let at = system.clock.at_micros(millis.saturating_mul(1_000));
            text(format!("{what} {}", at.strftime("%Y-%m-%d %H:%M"))).quiet(14.0)
        };
        let mut lines = vec![
            line("Created", self.stored.created),
            line("Modified", self.stored.modified),
        ];
        if self.stored.is_completed() {
            lines.push(line("Completion", self.stored.completed));
        }
        row(vec![
            icon(Icon::Info, 22.0).decoration(),
            column(lines).decoration().weight_width(1.0).gap(4.0),
        ])
        .class("android.view.View")
        .gap(20.0)
        .padding_edges(16.0, 12.0, 16.0, 88.0)
    }
}

/// A field: a sign and what it holds, all of it to be touched.
fn line(
    sign: Icon,
    words: impl Into<std::borrow::Cow<'static, str>>,
    message: Option<EditorMessage>,
) -> Widget<EditorMessage> {
    let line = row(vec![
        icon(sign, 22.0).decoration(),
        text(words).max_lines(2).weight_width(1.0),
    ])
    .class("android.view.View")
    .gap(20.0)
    .min_height(52.0)
    .padding_symmetric(16.0, 4.0);
    match message {
        Some(message) => line.on_tap(message),
        None => line,
    }
}

/// The hint before the first edit.
fn hint() -> Widget<EditorMessage> {
    card(vec![
        text("Too much information?").bold(),
        text("You can customize this screen by rearranging or removing fields").text_size(14.0),
        row(vec![
            stretch(),
            accent_button("Dismiss", EditorMessage::DismissHint),
            accent_button("Settings", EditorMessage::DismissHint),
        ])
        .decoration(),
    ])
    .id("banner")
    .class("androidx.compose.ui.platform.ComposeView")
    .gap(6.0)
    .margin(12.0)
}

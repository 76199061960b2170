//! One note on the screen: its text shown or edited, what can be undone, and how it looks.

use super::database::{self, Note};
use super::look::{self, BLUE, BUTTON, VIEW};
use super::markdown::{self, Block, Kind};
use super::message::Message;
use crate::phone::system::{PhoneError, System};
use crate::phone::ui::{
    Color, Icon, ImeAction, Length, Widget, checkbox, column, round_button, row, scroll, spacer,
    stack, text, text_field,
};

/// Steps that can be undone.
const HISTORY: usize = 100;
/// Name of the title's field for the keyboard.
pub const TITLE: &str = "note title";
/// Name of the text's field for the keyboard.
pub const BODY: &str = "note body";
/// The bar under the text when it is edited: labels, and what they put on a new line.
const MARKS: [(&str, &str, &str); 4] = [
    ("Header", "H", "# "),
    ("Unordered list", "•", "- "),
    ("Ordered list", "1.", "1. "),
    ("Task list", "[x]", "- [ ] "),
];

/// What is done with the note that is open.
#[derive(Debug, Clone)]
pub enum NoteMessage {
    /// The title was changed.
    Title(String),
    /// The text was changed.
    Body(String),
    /// The pencil.
    Edit,
    /// Takes the last change of the text back.
    Undo,
    /// Makes it again.
    Redo,
    /// The to-do is done, or not.
    Done(bool),
    /// A box in the text is ticked, or not.
    Tick(usize, bool),
    /// Begins a new line with a mark.
    Mark(&'static str),
    /// A note becomes a to-do, a to-do a note.
    Convert,
}

/// The note that is open.
#[derive(Debug, Clone)]
pub struct OpenNote {
    /// As it is now.
    pub note: Note,
    /// Whether its text is edited.
    pub editing: bool,
    /// Not stored yet: a new note without a word.
    fresh: bool,
    past: Vec<String>,
    future: Vec<String>,
}

impl OpenNote {
    /// Shows a note.
    pub fn of(note: Note) -> OpenNote {
        OpenNote {
            // There is nothing to show of a note without text.
            editing: note.body.is_empty() && note.deleted == 0,
            note,
            fresh: false,
            past: Vec::new(),
            future: Vec::new(),
        }
    }

    /// Begins a note.
    pub fn new(note: Note) -> OpenNote {
        OpenNote {
            note,
            editing: true,
            fresh: true,
            past: Vec::new(),
            future: Vec::new(),
        }
    }

    /// Goes from editing to showing; false when there is nothing to show, or it is shown.
    pub fn close_editor(&mut self) -> bool {
        let closed = self.editing && !self.fresh && !self.note.body.is_empty();
        self.editing &= !closed;
        closed
    }

    /// Does something with the note and stores it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn update(&mut self, system: &System, message: NoteMessage) -> Result<(), PhoneError> {
        let now = system.clock.now_millis();
        match message {
            NoteMessage::Title(title) => {
                // A title is one line.
                let title = title.trim_end_matches(['\r', '\n']);
                self.note.title = title.replace(['\r', '\n'], " ");
            }
            NoteMessage::Body(body) => self.write(body),
            NoteMessage::Edit => {
                self.editing = true;
                return Ok(());
            }
            NoteMessage::Undo => {
                if let Some(body) = self.past.pop() {
                    self.future
                        .push(std::mem::replace(&mut self.note.body, body));
                }
            }
            NoteMessage::Redo => {
                if let Some(body) = self.future.pop() {
                    self.past.push(std::mem::replace(&mut self.note.body, body));
                }
            }
            NoteMessage::Done(done) => self.note.completed = if done { now } else { 0 },
            NoteMessage::Tick(line, ticked) => {
                self.write(markdown::tick(&self.note.body, line, ticked));
            }
            NoteMessage::Mark(mark) => {
                let body = &self.note.body;
                let line = if body.is_empty() || body.ends_with('\n') {
                    ""
                } else {
                    "\n"
                };
                self.write(format!("{body}{line}{mark}"));
            }
            NoteMessage::Convert => {
                self.note.is_todo = !self.note.is_todo;
                self.note.completed = 0;
            }
        }
        if self.fresh && self.note.title.is_empty() && self.note.body.is_empty() {
            return Ok(());
        }
        self.fresh = false;
        self.note.updated = now;
        database::save(system, &self.note)
    }

    fn write(&mut self, body: String) {
        let fits = i64::try_from(body.len()).is_ok_and(|length| length <= database::LARGEST);
        if !fits || body == self.note.body {
            return;
        }
        if self.past.len() == HISTORY {
            self.past.remove(0);
        }
        self.past.push(std::mem::replace(&mut self.note.body, body));
        self.future.clear();
    }

    /// Changes more than the text, and stores it unless there is nothing to store yet.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn change(
        &mut self,
        system: &System,
        change: impl Fn(&mut Note),
    ) -> Result<(), PhoneError> {
        change(&mut self.note);
        match self.fresh {
            true => Ok(()),
            false => database::save(system, &self.note),
        }
    }

    /// Reads the note again; false when it is gone.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn refresh(&mut self, system: &System) -> Result<bool, PhoneError> {
        if self.fresh {
            return Ok(true);
        }
        let stored = database::find(system, &self.note.id)?;
        let is_there = stored.is_some();
        self.note = stored.unwrap_or_default();
        Ok(is_there)
    }

    /// The whole screen. `folder` is the name of the note's notebook.
    pub fn view(&self, folder: Option<&str>, system: &System) -> Widget<Message> {
        let send = Message::Note;
        let locked = self.note.deleted > 0;
        let mut actions = Vec::new();
        if self.editing {
            let arrow = |sign, label, message, possible: bool| {
                look::header_sign(sign, label, send(message)).enabled(possible)
            };
            let (past, future) = (!self.past.is_empty(), !self.future.is_empty());
            actions.push(arrow(Icon::Undo, "Undo", NoteMessage::Undo, past));
            actions.push(arrow(Icon::Redo, "Redo", NoteMessage::Redo, future));
        }
        actions.push(look::header_sign(Icon::More, "Actions", Message::NoteMenu));
        let place = match folder {
            Some(name) if !locked => look::folder_picker(name.to_owned(), Message::AskMove),
            _ => look::title(if locked { "Trash" } else { "" }),
        };
        let mut head = Vec::new();
        if self.note.is_todo {
            head.push(
                checkbox(self.note.completed > 0)
                    .description(format!("to-do: {}", self.note.title))
                    .enabled(!locked)
                    .on_toggle(move |done| send(NoteMessage::Done(done))),
            );
        }
        head.push(
            text_field(self.note.title.clone(), "Add title")
                .key(TITLE)
                .enabled(!locked)
                .ime(ImeAction::Next)
                .multiline()
                .text_size(18.0)
                .bold()
                .weight_width(1.0)
                .on_change(move |title| send(NoteMessage::Title(title))),
        );
        let mut parts = vec![
            look::header_back(place, actions),
            row(head).class(VIEW).padding_symmetric(12.0, 4.0).gap(8.0),
            look::line(),
        ];
        if self.editing {
            parts.push(self.editor(system));
            parts.push(marks());
            return column(parts).class(VIEW).fill();
        }
        parts.push(self.reader());
        let mut layers = vec![column(parts).class(VIEW).fill()];
        if !locked {
            layers.push(
                round_button(Icon::Edit, "Edit", BLUE, send(NoteMessage::Edit)).class(BUTTON),
            );
        }
        stack(layers).class(VIEW).fill()
    }

    fn editor(&self, system: &System) -> Widget<Message> {
        let field = text_field(self.note.body.clone(), "Add body")
            .key(BODY)
            .multiline()
            .padding(16.0)
            // A tap below a short text goes to the field.
            .min_height((system.height_dp() - 320.0).max(160.0))
            .on_change(|body| Message::Note(NoteMessage::Body(body)));
        scroll(vec![field])
            .class("android.webkit.WebView")
            .key(format!("edit {}", self.note.id))
            .weight_height(1.0)
    }

    fn reader(&self) -> Widget<Message> {
        let blocks = markdown::blocks(&self.note.body).into_iter();
        let locked = self.note.deleted > 0;
        let mut shown: Vec<Widget<Message>> = blocks.map(|block| shown(block, locked)).collect();
        // The last line can be scrolled out from behind the pencil.
        shown.push(spacer(80.0));
        scroll(shown)
            .class("android.webkit.WebView")
            .key(format!("view {}", self.note.id))
            .weight_height(1.0)
            .padding_edges(16.0, 12.0, 16.0, 0.0)
            .gap(10.0)
    }
}

fn marks() -> Widget<Message> {
    let signs = MARKS.into_iter().map(|(label, sign, mark)| {
        text(sign)
            .class(BUTTON)
            .spoken("")
            .description(label)
            .bold()
            .padding_symmetric(18.0, 12.0)
            .on_tap(Message::Note(NoteMessage::Mark(mark)))
    });
    row(signs.collect())
        .class("android.widget.HorizontalScrollView")
        .background(Color::SURFACE_RAISED)
}

/// A block of the shown text.
fn shown(block: Block, locked: bool) -> Widget<Message> {
    let words = text(block.text.clone());
    let inset = 20.0 * block.depth as f32;
    let beside = |sign: Widget<Message>, words: Widget<Message>| {
        row(vec![sign, words.weight_width(1.0)])
            .class("android.view.View")
            .decoration()
            .gap(8.0)
            .padding_edges(inset, 0.0, 0.0, 0.0)
    };
    match block.kind {
        Kind::Heading(level) => words
            .bold()
            .text_size([24.0, 21.0, 19.0, 17.0, 16.0, 16.0][level.clamp(1, 6) - 1])
            .fill_width(),
        Kind::Paragraph => words.fill_width(),
        Kind::Item(mark) => beside(text(mark).decoration(), words),
        Kind::Box { ticked, line } => beside(
            checkbox(ticked)
                .enabled(!locked)
                .on_toggle(move |on| Message::Note(NoteMessage::Tick(line, on))),
            words,
        ),
        Kind::Quote => words
            .color(Color::TEXT_SECONDARY)
            .fill_width()
            .padding_symmetric(12.0, 4.0)
            .border(1.0, look::LINE),
        Kind::Code => words
            .text_size(14.0)
            .fill_width()
            .padding(10.0)
            .rounded(Color::SURFACE_RAISED, 4.0),
        Kind::Rule => look::line().height(Length::Dp(2.0)),
    }
}

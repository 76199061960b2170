//! The list of recordings.

use super::dialogs::{Dialog, DialogMessage};
use super::library::{self, Record};
use super::look::{BACKGROUND, LIGHT, PANEL, dim, label, sign, summary};
use super::session;
use crate::phone::apps::lengths::padded;
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Effects, Icon, Length, Screen, Widget, column, divider, list, row,
};

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// The arrow.
    Back,
    /// Turns the order round.
    Sort,
    /// Shows only marked recordings, or all.
    Marked,
    /// A touch on a recording: the main screen shows it.
    Open(i64),
    /// Marks a recording, or not.
    Mark(i64, bool),
    /// The menu of a recording.
    Menu(i64),
    /// In a menu or dialog.
    Dialog(DialogMessage),
}

/// The screen.
#[derive(Default)]
pub struct Records {
    records: Vec<Record>,
    oldest_first: bool,
    marked: bool,
    dialog: Option<Dialog>,
}

impl Records {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.records = library::list(system)?;
        if self.marked {
            self.records.retain(|record| record.bookmark);
        }
        if self.oldest_first {
            self.records.reverse();
        }
        Ok(())
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        match message {
            Message::Back => return Ok(Effects::none().finish()),
            Message::Sort => self.oldest_first = !self.oldest_first,
            Message::Marked => self.marked = !self.marked,
            Message::Open(id) => {
                session::activate(system, id)?;
                return Ok(Effects::none().finish());
            }
            Message::Mark(id, bookmark) => library::mark(system, id, bookmark)?,
            Message::Menu(id) => {
                let record = self.records.iter().find(|record| record.id == id);
                self.dialog = record.cloned().map(Dialog::Menu);
                return Ok(Effects::none());
            }
            Message::Dialog(message) => {
                let effects = Dialog::answer(&mut self.dialog, system, message)?;
                self.reload(system)?;
                return Ok(effects);
            }
        }
        self.reload(system)?;
        Ok(Effects::none())
    }

    fn item(record: &Record) -> Widget<Message> {
        let (star, mark) = match record.bookmark {
            true => (Icon::Star, false),
            false => (Icon::StarOutline, true),
        };
        let words = column(vec![
            row(vec![
                label(record.name.clone())
                    .id("list_item_name")
                    .max_lines(1)
                    .weight_width(1.0),
                sign(star, "list_item_bookmark", Message::Mark(record.id, mark)),
            ])
            .decoration(),
            row(vec![
                dim(padded(record.duration / 1_000))
                    .id("list_item_description")
                    .weight_width(1.0),
                dim(summary(record)).id("list_item_info").max_lines(1),
            ])
            .decoration(),
        ])
        .decoration()
        .weight_width(1.0);
        column(vec![
            row(vec![
                words,
                sign(Icon::More, "list_item_more", Message::Menu(record.id)),
            ])
            .decoration()
            .padding_edges(16.0, 4.0, 4.0, 8.0),
            divider(),
        ])
        .id("container")
        .class("android.widget.FrameLayout")
        .key(format!("record {}", record.id))
        .on_tap(Message::Open(record.id))
        .on_long_press(Message::Menu(record.id))
    }
}

impl Activity for Records {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> Records {
        Records::default()
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(self.reload(system))
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let bar = row(vec![
            sign(Icon::Back, "btn_back", Message::Back),
            label("Records")
                .id("txt_title")
                .text_size(20.0)
                .weight_width(1.0),
            sign(Icon::Sort, "btn_sort", Message::Sort),
            sign(
                if self.marked {
                    Icon::Star
                } else {
                    Icon::StarOutline
                },
                "btn_bookmarks",
                Message::Marked,
            ),
        ])
        .id("toolbar")
        .height(Length::Dp(56.0))
        .padding_symmetric(4.0, 0.0)
        .background(PANEL);
        let content = match self.records.is_empty() {
            true => label("Records is empty")
                .id("txtEmpty")
                .color(LIGHT)
                .text_align(Align::Center)
                .fill_width()
                .weight_height(1.0),
            false => list(self.records.iter().map(Records::item).collect())
                .id("recycler_view")
                .weight_height(1.0),
        };
        Screen::new(column(vec![bar, content]).decoration().fill())
            .background(BACKGROUND)
            .overlay(
                self.dialog
                    .as_ref()
                    .map(|dialog| dialog.overlay(Message::Dialog)),
            )
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

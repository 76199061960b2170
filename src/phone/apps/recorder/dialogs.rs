//! What can be done with a recording: its menu, the dialog for its name, the question before deleting.

use super::library::{self, Record, Refused};
use super::look::{BLUE, LIGHT, PANEL, dim, label};
use super::session;
use crate::phone::system::{PhoneError, System};
use crate::phone::ui::{
    Align, Effects, Length, Overlay, OverlayKind, Widget, button, checkbox, column, menu,
    menu_item, row, stretch, text_field,
};

/// The field for a name.
pub const NAME_FIELD: &str = "input_name";
/// The longest name.
const LONGEST: usize = 50;

/// A touch on a menu or a dialog.
#[derive(Debug, Clone)]
pub enum DialogMessage {
    /// An entry of the menu.
    Rename,
    /// An entry of the menu.
    Delete,
    /// An entry of the menu that only says something.
    Say(&'static str),
    /// Typed into the name.
    Name(String),
    /// Asks for names no more, or does.
    Silent(bool),
    /// The right button.
    Accept,
    /// The left button, BACK, a touch beside.
    Close,
}

/// What is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialog {
    /// The menu of a recording.
    Menu(Record),
    /// The name of a recording; `ended` right after it was recorded.
    Rename {
        /// Which.
        record: Record,
        /// What was typed.
        name: String,
        /// It was recorded just now.
        ended: bool,
        /// No more questions for names.
        silent: bool,
    },
    /// Whether to delete a recording.
    Delete(Record),
}

impl Dialog {
    /// Asks for the name of a recording.
    pub fn rename(record: Record, ended: bool) -> Dialog {
        Dialog::Rename {
            name: record.name.clone(),
            record,
            ended,
            silent: false,
        }
    }

    /// Answers a touch on the dialog that is open, if one is: it closes, or another one opens.
    ///
    /// # Errors
    /// When something cannot be stored.
    pub fn answer(
        open: &mut Option<Dialog>,
        system: &System,
        message: DialogMessage,
    ) -> Result<Effects, PhoneError> {
        let Some(dialog) = open.take() else {
            return Ok(Effects::none());
        };
        let naming = matches!(message, DialogMessage::Rename);
        let (next, words) = dialog.update(system, message)?;
        *open = next;
        let effects = match words {
            Some(words) => Effects::none().toast(words),
            None => Effects::none(),
        };
        Ok(match (naming, open) {
            (true, _) => effects.focus(NAME_FIELD),
            (false, None) => effects.hide_keyboard(),
            (false, Some(_)) => effects,
        })
    }

    /// What is open after a touch, and words to say.
    fn update(
        self,
        system: &System,
        message: DialogMessage,
    ) -> Result<(Option<Dialog>, Option<&'static str>), PhoneError> {
        let next = match (self, message) {
            (Dialog::Menu(record), DialogMessage::Rename) => Some(Dialog::rename(record, false)),
            (Dialog::Menu(record), DialogMessage::Delete) => Some(Dialog::Delete(record)),
            (Dialog::Menu(_), DialogMessage::Say(words)) => return Ok((None, Some(words))),
            (
                Dialog::Rename {
                    record,
                    name,
                    ended,
                    silent,
                },
                message,
            ) => match message {
                DialogMessage::Name(typed) => Some(Dialog::Rename {
                    record,
                    name: typed.chars().take(LONGEST).collect(),
                    ended,
                    silent,
                }),
                DialogMessage::Silent(silent) => Some(Dialog::Rename {
                    record,
                    name,
                    ended,
                    silent,
                }),
                DialogMessage::Accept => {
                    if silent {
                        session::ask_name(system, false)?;
                    }
                    let words = match library::rename(system, &record, &name)? {
                        Ok(()) => None,
                        Err(Refused::Name) => Some("Failed to rename"),
                        Err(Refused::Exists) => Some("File with this name already exists"),
                    };
                    return Ok((None, words));
                }
                _ => None,
            },
            (Dialog::Delete(record), DialogMessage::Accept) => {
                library::discard(system, &record)?;
                return Ok((None, Some("The record moved to trash")));
            }
            _ => None,
        };
        Ok((next, None))
    }

    /// Its window.
    pub fn overlay<M: Clone + 'static>(&self, wrap: fn(DialogMessage) -> M) -> Overlay<M> {
        let kind = match self {
            Dialog::Menu(_) => OverlayKind::OverflowMenu,
            _ => OverlayKind::Dialog,
        };
        Overlay::new(kind, self.content().map(&wrap), wrap(DialogMessage::Close))
    }

    fn content(&self) -> Widget<DialogMessage> {
        match self {
            Dialog::Menu(_) => menu(vec![
                menu_item(
                    "Share",
                    DialogMessage::Say("No apps can perform this action"),
                ),
                menu_item("Rename", DialogMessage::Rename),
                menu_item(
                    "Open with…",
                    DialogMessage::Say("No apps can perform this action"),
                ),
                menu_item("Delete", DialogMessage::Delete),
            ]),
            Dialog::Rename {
                name,
                ended,
                silent,
                ..
            } => {
                let mut parts = vec![
                    text_field(name.as_str(), "")
                        .id(NAME_FIELD)
                        .color(LIGHT)
                        .border(1.0, BLUE)
                        .padding_symmetric(12.0, 12.0)
                        .on_change(DialogMessage::Name),
                ];
                if *ended {
                    parts.push(
                        row(vec![
                            checkbox(*silent).decoration(),
                            label("Don't ask again"),
                        ])
                        .id("check_box")
                        .class("android.widget.CheckBox")
                        .spoken("Don't ask again")
                        .checked(*silent)
                        .gap(8.0)
                        .on_tap(DialogMessage::Silent(!silent)),
                    );
                }
                framed("New name", parts, ["Cancel", "Save"])
            }
            Dialog::Delete(record) => {
                let question = format!("Delete the record {}?", record.name);
                let parts = vec![dim(question).id("dialog_content").fill_width()];
                framed("Warning", parts, ["No", "Yes"])
            }
        }
    }
}

fn framed(
    title: &'static str,
    parts: Vec<Widget<DialogMessage>>,
    [left, right]: [&'static str; 2],
) -> Widget<DialogMessage> {
    let answer = |words, id, message| button(words).id(id).color(LIGHT).on_tap(message);
    let mut all = vec![label(title).id("dialog_title").text_size(20.0).bold()];
    all.extend(parts);
    all.push(
        row(vec![
            stretch(),
            answer(left, "dialog_negative_btn", DialogMessage::Close),
            answer(right, "dialog_positive_btn", DialogMessage::Accept),
        ])
        .gap(8.0),
    );
    column(all)
        .id("android:id/customPanel")
        .class("android.widget.FrameLayout")
        .cross(Align::Start)
        .gap(12.0)
        .padding(20.0)
        .width(Length::Dp(330.0))
        .rounded(PANEL, 4.0)
}

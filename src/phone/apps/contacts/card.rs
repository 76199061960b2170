//! A person's card: what is known, and what can be done with it.

use super::{contact_in, editor_of, format, look};
use crate::phone::providers::contacts::{self, Contact};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Overlay, OverlayKind, Screen, Widget, alert, bar_row,
    column, icon, icon_button, menu, menu_item, overflow_button, row, scroll, spacer, stack,
    stretch, text, titled, toolbar_action, up_arrow,
};

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// The arrow.
    Up,
    /// Marks as a favourite, or not.
    Star(bool),
    /// Opens the editor.
    Edit,
    /// Opens the menu.
    Menu,
    /// Shares the person's data.
    Share,
    /// Asks whether to delete the person.
    AskDelete,
    /// Deletes the person.
    Delete,
    /// Calls a number.
    Call(String),
    /// Writes to a number.
    Text(String),
    /// Calls a number with pictures.
    Video,
    /// Writes to an address.
    Mail(String),
    /// Puts a number or address on the clipboard.
    Copy(String),
    /// Closes what is open in front.
    Dismiss,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    Menu,
    Delete,
}

/// The activity.
pub struct QuickContact {
    id: i64,
    contact: Contact,
    front: Option<Front>,
}

/// The question before a person is deleted.
pub fn delete_question<M>(delete: M, cancel: M) -> Widget<M> {
    alert("Delete contact?")
        .message("This contact will be permanently deleted from your device")
        .positive("Delete", delete)
        .negative("Cancel", cancel)
        .widget()
}

impl QuickContact {
    fn reload(&mut self, system: &System) -> Result<bool, PhoneError> {
        let found = contacts::get(system, self.id)?;
        let known = found.is_some();
        self.contact = found.unwrap_or_default();
        Ok(known)
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        self.front = None;
        let none = Effects::none();
        let with = |action: &str, uri: String| Intent::action(action).data(uri);
        Ok(match message {
            Message::Up => none.finish(),
            Message::Star(starred) => {
                self.contact.starred = starred;
                contacts::save(system, &self.contact)?;
                none.toast(if starred {
                    "Added to favorites"
                } else {
                    "Removed from favorites"
                })
            }
            Message::Edit => none.start(editor_of(self.id)),
            Message::Menu => {
                self.front = Some(Front::Menu);
                none
            }
            Message::Share => none.start(
                Intent::action("android.intent.action.SEND")
                    .mime("text/x-vcard")
                    .text("android.intent.extra.TEXT", self.contact.display_name()),
            ),
            Message::AskDelete => {
                self.front = Some(Front::Delete);
                none
            }
            Message::Delete => {
                contacts::remove(system, self.id)?;
                none.toast(format!("{} deleted", self.contact.display_name()))
                    .finish()
            }
            Message::Call(number) => {
                none.start(with("android.intent.action.CALL", format!("tel:{number}")))
            }
            Message::Text(number) => none.start(with(
                "android.intent.action.SENDTO",
                format!("smsto:{number}"),
            )),
            Message::Video => none.toast("Video calling is not set up"),
            Message::Mail(address) => none.start(with(
                "android.intent.action.SENDTO",
                format!("mailto:{address}"),
            )),
            Message::Copy(words) => none.copy(words).toast("Text copied"),
            Message::Dismiss => none,
        })
    }

    fn top(&self) -> Widget<Message> {
        let (star, words) = if self.contact.starred {
            (Icon::Star, "Remove from favorites")
        } else {
            (Icon::StarOutline, "Add to favorites")
        };
        bar_row(
            64.0,
            vec![
                up_arrow(Message::Up),
                stretch(),
                toolbar_action(Icon::Edit, "Edit contact", Message::Edit).id("menu_insert_or_edit"),
                toolbar_action(star, words, Message::Star(!self.contact.starred)).id("menu_star"),
                overflow_button(Message::Menu),
            ],
        )
        .id("toolbar")
    }

    fn verbs(&self) -> Widget<Message> {
        let number = self.contact.phones.first().map(|phone| phone.value.clone());
        let address = self.contact.emails.first().map(|email| email.value.clone());
        let verb = |words: &'static str, sign: Icon, message: Option<Message>| {
            let color = if message.is_some() {
                Color::ACCENT
            } else {
                Color::TEXT_DISABLED
            };
            let round = stack(vec![
                icon(sign, 24.0)
                    .color(color)
                    .place(Align::Center, Align::Center)
                    .decoration(),
            ])
            .decoration()
            .size(56.0, 56.0)
            .rounded(Color::ACCENT_PALE, 28.0);
            let column = column(vec![
                round,
                text(words).text_size(14.0).color(color).max_lines(1),
            ])
            .description(words)
            .cross(Align::Center)
            .gap(6.0)
            .weight_width(1.0)
            .padding_symmetric(0.0, 8.0)
            .enabled(message.is_some());
            match message {
                Some(message) => column.on_tap(message),
                None => column,
            }
        };
        row(vec![
            verb("Call", Icon::Phone, number.clone().map(Message::Call)),
            verb("Text", Icon::Message, number.clone().map(Message::Text)),
            verb("Video", Icon::Video, number.map(|_| Message::Video)),
            verb("Email", Icon::Mail, address.map(Message::Mail)),
        ])
        .padding_symmetric(12.0, 0.0)
    }

    fn entry(
        sign: Option<Icon>,
        header: String,
        label: String,
        message: Message,
        side: Option<Widget<Message>>,
    ) -> Widget<Message> {
        let sign = match sign {
            Some(sign) => icon(sign, 24.0).decoration(),
            None => spacer(24.0),
        };
        let mut children = vec![
            sign,
            titled(text(header.clone()).id("header"), "sub_header", label),
        ];
        children.extend(side);
        row(children)
            .class("android.widget.RelativeLayout")
            .gap(18.0)
            .min_height(72.0)
            .padding_edges(18.0, 8.0, 8.0, 8.0)
            .on_tap(message)
            .on_long_press(Message::Copy(header))
    }

    fn info(&self) -> Widget<Message> {
        let mut rows = vec![
            text("Contact info")
                .text_size(16.0)
                .bold()
                .padding_edges(18.0, 16.0, 18.0, 4.0),
        ];
        for (index, phone) in self.contact.phones.iter().enumerate() {
            let label = phone.label_text().to_owned();
            let side = icon_button(Icon::Message, format!("Text {label}"))
                .id("third_icon")
                .on_tap(Message::Text(phone.value.clone()));
            rows.push(QuickContact::entry(
                (index == 0).then_some(Icon::Phone),
                format::shown(&phone.value),
                label,
                Message::Call(phone.value.clone()),
                Some(side),
            ));
        }
        for (index, email) in self.contact.emails.iter().enumerate() {
            rows.push(QuickContact::entry(
                (index == 0).then_some(Icon::Mail),
                email.value.clone(),
                email.label_text().to_owned(),
                Message::Mail(email.value.clone()),
                None,
            ));
        }
        if rows.len() == 1 {
            for (words, sign) in [("Add phone number", Icon::Phone), ("Add email", Icon::Mail)] {
                rows.push(
                    row(vec![
                        icon(sign, 24.0).decoration(),
                        text(words).id("header").color(Color::ACCENT),
                    ])
                    .class("android.widget.RelativeLayout")
                    .gap(18.0)
                    .min_height(56.0)
                    .padding_symmetric(18.0, 8.0)
                    .on_tap(Message::Edit),
                );
            }
        }
        panel(rows)
    }

    fn about(&self) -> Option<Widget<Message>> {
        let notes = &self.contact.notes;
        (!notes.is_empty()).then(|| {
            panel(vec![
                text(format!("About {}", self.contact.display_name()))
                    .bold()
                    .padding_edges(18.0, 16.0, 18.0, 4.0),
                text("Notes")
                    .quiet(14.0)
                    .padding_edges(18.0, 4.0, 18.0, 0.0),
                text(notes.clone())
                    .id("header")
                    .padding_edges(18.0, 2.0, 18.0, 14.0),
            ])
        })
    }
}

fn panel(rows: Vec<Widget<Message>>) -> Widget<Message> {
    column(rows)
        .class("androidx.cardview.widget.CardView")
        .rounded(Color::SURFACE_RAISED, 16.0)
        .margin_edges(12.0, 12.0, 12.0, 0.0)
}

impl Activity for QuickContact {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> QuickContact {
        QuickContact {
            id: contact_in(intent).unwrap_or(0),
            contact: Contact::default(),
            front: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        // Also the way back from the editor after it has deleted the person.
        Effects::unless_gone(self.reload(system))
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let name = self.contact.display_name();
        let mut content = vec![
            column(vec![
                look::picture(self.id, &name, 112.0)
                    .id("photo")
                    .description("Contact photo"),
                text(name.clone())
                    .id("large_title")
                    .text_size(28.0)
                    .text_align(Align::Center)
                    .fill_width()
                    .padding_symmetric(24.0, 0.0),
            ])
            .decoration()
            .cross(Align::Center)
            .gap(16.0)
            .padding_edges(0.0, 8.0, 0.0, 12.0),
        ];
        if !self.contact.company.is_empty() && self.contact.company != name {
            content.push(
                text(self.contact.company.clone())
                    .id("organization_name")
                    .color(Color::TEXT_SECONDARY)
                    .text_align(Align::Center)
                    .fill_width()
                    .padding_edges(24.0, 0.0, 24.0, 12.0),
            );
        }
        content.push(self.verbs());
        content.push(self.info());
        content.extend(self.about());
        let root = column(vec![
            self.top(),
            scroll(content)
                .id("contact_detail_container")
                .padding_edges(0.0, 0.0, 0.0, 24.0)
                .weight_height(1.0),
        ])
        .fill();
        let overlay = self.front.map(|front| {
            let (kind, content) = match front {
                Front::Menu => (
                    OverlayKind::OverflowMenu,
                    menu(vec![
                        menu_item("Delete", Message::AskDelete),
                        menu_item("Share", Message::Share),
                    ]),
                ),
                Front::Delete => (
                    OverlayKind::Dialog,
                    delete_question(Message::Delete, Message::Dismiss),
                ),
            };
            Overlay::new(kind, content, Message::Dismiss)
        });
        Screen::new(root).overlay(overlay)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

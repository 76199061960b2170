//! How the editor looks: its bar, the fields, and the questions in front.

use super::{Editor, Front, Message, Part};
use crate::phone::apps::contacts::card::delete_question;
use crate::phone::apps::contacts::fields::{self, Section};
use crate::phone::ui::{
    Align, Color, Icon, InputKind, Overlay, OverlayKind, Screen, Widget, alert, bar_row, button,
    column, icon, icon_button, menu, menu_item, overflow_button, row, scroll, text, text_field,
};

impl Editor {
    pub(super) fn screen(&self) -> Screen<Message> {
        Screen::new(column(vec![self.top(), self.content()]).fill()).overlay(self.overlay())
    }

    fn top(&self) -> Widget<Message> {
        let title = if self.is_new() {
            "Create contact"
        } else {
            "Edit contact"
        };
        bar_row(
            64.0,
            vec![
                icon_button(Icon::Close, "Close").on_tap(Message::Close),
                text(title)
                    .text_size(20.0)
                    .max_lines(1)
                    .weight_width(1.0)
                    .margin_edges(8.0, 0.0, 8.0, 0.0),
                button("Save")
                    .id("toolbar_button")
                    .color(Color::WHITE)
                    .rounded(Color::ACCENT, 24.0)
                    .padding_symmetric(24.0, 14.0)
                    .on_tap(Message::Save),
                overflow_button(Message::Menu),
            ],
        )
        .id("toolbar")
    }

    fn names(&self) -> Vec<Widget<Message>> {
        let shown = |part: Part| {
            self.all_names
                || matches!(part, Part::Given | Part::Family)
                || !part.read(&self.contact).is_empty()
        };
        let (words, sign) = if self.all_names {
            ("Collapse name fields", Icon::Collapse)
        } else {
            ("Show more name fields", Icon::Expand)
        };
        Part::ALL
            .iter()
            .filter(|(part, _, _)| shown(*part))
            .enumerate()
            .map(|(place, &(part, hint, key))| {
                let field = fields::boxed(
                    part.read(&self.contact),
                    hint,
                    key,
                    InputKind::Text,
                    move |text| Message::Name(part, text),
                );
                let expand = (place == 0)
                    .then(|| icon_button(sign, words).on_tap(Message::AllNames(!self.all_names)));
                fields::line((place == 0).then_some(Icon::Person), field, expand)
            })
            .collect()
    }

    fn content(&self) -> Widget<Message> {
        let mut lines = vec![
            row(vec![
                icon(Icon::Storage, 20.0).decoration(),
                text("Saving to").quiet(14.0),
                text("Device").id("account_name").text_size(14.0).bold(),
            ])
            .id("editor_account_selector")
            .gap(10.0)
            .padding_symmetric(18.0, 10.0),
            column(vec![
                icon(Icon::Camera, 32.0)
                    .description("Add contact photo")
                    .class("android.widget.ImageView")
                    .color(Color::ACCENT)
                    .padding(24.0)
                    .rounded(Color::ACCENT_PALE, 40.0)
                    .on_tap(Message::Photo),
                button("Add picture").on_tap(Message::Photo),
            ])
            .decoration()
            .cross(Align::Center),
        ];
        lines.extend(self.names());
        lines.push(fields::line(
            Some(Icon::Document),
            fields::boxed(
                &self.contact.company,
                "Company",
                "company",
                InputKind::Text,
                Message::Company,
            ),
            None,
        ));
        lines.extend(fields::section(Section::Phone, &self.phones));
        lines.extend(fields::section(Section::Email, &self.emails));
        if self.more || !self.contact.notes.is_empty() {
            lines.push(fields::line(
                Some(Icon::List),
                fields::boxed(
                    &self.contact.notes,
                    "Notes",
                    "notes",
                    InputKind::Text,
                    Message::Notes,
                ),
                None,
            ));
        } else {
            lines.push(fields::link("More fields", Message::MoreFields));
        }
        scroll(lines)
            .id("contact_editor_fragment")
            .gap(6.0)
            .padding_edges(0.0, 0.0, 0.0, 24.0)
            .weight_height(1.0)
    }

    fn overlay(&self) -> Option<Overlay<Message>> {
        let (kind, content) = match self.front.as_ref()? {
            Front::Labels(section, index) => {
                let list = match section {
                    Section::Phone => &self.phones,
                    Section::Email => &self.emails,
                };
                (
                    OverlayKind::Popup(section.label_key(*index).into()),
                    fields::label_list(*section, list.get(*index)?),
                )
            }
            Front::Custom(_, _, words) => {
                let field = text_field(words.clone(), "Label name")
                    .key("custom_label")
                    .on_change(Message::CustomText)
                    .border(1.0, Color::OUTLINE)
                    .padding_symmetric(12.0, 12.0);
                (
                    OverlayKind::Dialog,
                    alert("Custom label name")
                        .content(vec![field])
                        .positive("OK", Message::TakeCustom)
                        .negative("Cancel", Message::Dismiss)
                        .widget(),
                )
            }
            Front::Unsaved => (
                OverlayKind::Dialog,
                alert("")
                    .message("Your changes have not been saved")
                    .positive("Save", Message::Save)
                    .negative("Discard", Message::Discard)
                    .neutral("Cancel", Message::Dismiss)
                    .widget(),
            ),
            Front::Menu => {
                let mut items = vec![menu_item("Discard changes", Message::Discard)];
                if !self.is_new() {
                    items.insert(0, menu_item("Delete", Message::AskDelete));
                }
                (OverlayKind::OverflowMenu, menu(items))
            }
            Front::Delete => (
                OverlayKind::Dialog,
                delete_question(Message::DeleteContact, Message::Dismiss),
            ),
        };
        Some(Overlay::new(kind, content, Message::Dismiss))
    }
}

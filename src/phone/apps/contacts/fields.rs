//! The editor's fields: one box each, and numbers and addresses with their labels.

use super::editor::Message;
use super::format;
use crate::phone::providers::contacts::{LabelKind, Labelled};
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, InputKind, Length, Widget, blank, button, icon, icon_button,
    list, row, stack, text, text_field,
};

/// A kind of field that a person may have several of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Telephone numbers.
    Phone,
    /// E-mail addresses.
    Email,
}

impl Section {
    /// Its name: the hint of its fields and the end of their labels' descriptions.
    pub fn name(self) -> &'static str {
        match self {
            Section::Phone => "Phone",
            Section::Email => "Email",
        }
    }

    /// The labels to choose from; the first of the two customs means none.
    pub fn labels(self) -> &'static [(LabelKind, &'static str)] {
        use LabelKind::*;
        match self {
            Section::Phone => &[
                (Custom, "No label"),
                (Mobile, "Mobile"),
                (Work, "Work"),
                (Home, "Home"),
                (Main, "Main"),
                (WorkFax, "Work Fax"),
                (HomeFax, "Home Fax"),
                (Pager, "Pager"),
                (Other, "Other"),
                (Custom, "Custom"),
            ],
            Section::Email => &[
                (Custom, "No label"),
                (Home, "Home"),
                (Work, "Work"),
                (Other, "Other"),
                (Custom, "Custom"),
            ],
        }
    }

    /// An empty field.
    pub fn empty(self) -> Entry {
        let kind = match self {
            Section::Phone => LabelKind::Mobile,
            Section::Email => LabelKind::Home,
        };
        Entry {
            kind,
            ..Entry::default()
        }
    }

    /// The key of a field.
    pub fn key(self, index: usize) -> String {
        format!("{}_{index}", self.name())
    }

    /// The key of a field's label.
    pub fn label_key(self, index: usize) -> String {
        format!("{}_label_{index}", self.name())
    }
}

/// A number or address in the editor.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    value: String,
    kind: LabelKind,
    label: String,
    /// The user separates the digits.
    by_hand: bool,
}

impl Entry {
    /// One that holds what is stored.
    pub fn of(stored: &Labelled) -> Entry {
        Entry {
            value: stored.value.clone(),
            kind: stored.kind,
            label: stored.label.clone(),
            by_hand: false,
        }
    }

    /// What to store; nothing when it is empty.
    pub fn stored(&self) -> Option<Labelled> {
        let value = self.value.trim();
        (!value.is_empty()).then(|| Labelled {
            value: value.to_owned(),
            kind: self.kind,
            label: self.label.clone(),
        })
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Takes what was typed.
    pub fn change(&mut self, section: Section, new: &str) {
        self.value = match section {
            Section::Phone => format::after_change(&self.value, new, &mut self.by_hand),
            Section::Email => new.to_owned(),
        };
    }

    /// Takes another label; `words` are the user's own for a custom one.
    pub fn relabel(&mut self, kind: LabelKind, words: &str) {
        self.kind = kind;
        self.label = match kind {
            LabelKind::Custom => words.trim().to_owned(),
            _ => String::new(),
        };
    }

    fn label_text(&self) -> String {
        let shown = Labelled {
            value: String::new(),
            kind: self.kind,
            label: self.label.clone(),
        };
        shown.label_text().to_owned()
    }
}

/// One box with its hint, which moves onto the upper edge once there is text.
pub fn boxed(
    value: &str,
    hint: &'static str,
    key: impl Into<std::borrow::Cow<'static, str>>,
    input: InputKind,
    on_change: impl Fn(String) -> Message + Send + Sync + 'static,
) -> Widget<Message> {
    let field = text_field(value.to_owned(), hint)
        .key(key)
        .input(input)
        .ime(ImeAction::Next)
        .on_change(on_change)
        .padding_symmetric(14.0, 16.0)
        .rounded(Color::SURFACE, 6.0)
        .border(1.0, Color::TEXT_SECONDARY)
        .margin_edges(0.0, 8.0, 0.0, 0.0);
    let mut layers = vec![field];
    if !value.is_empty() {
        layers.push(
            text(hint)
                .quiet(12.0)
                .background(Color::SURFACE)
                .padding_symmetric(4.0, 0.0)
                .margin_edges(10.0, 0.0, 0.0, 0.0)
                .place(Align::Start, Align::Start)
                .decoration(),
        );
    }
    stack(layers).decoration().weight_width(1.0)
}

/// A line of the editor: a sign at the left (or its room), the box, and a button (or its room).
pub fn line(
    sign: Option<Icon>,
    field: Widget<Message>,
    button: Option<Widget<Message>>,
) -> Widget<Message> {
    let sign = match sign {
        Some(sign) => icon(sign, 24.0).decoration(),
        None => blank().decoration(),
    };
    row(vec![
        stack(vec![sign.place(Align::Center, Align::Center)])
            .decoration()
            .size(56.0, 56.0),
        field,
        button.unwrap_or_else(|| blank().size(48.0, 48.0).decoration()),
    ])
    .decoration()
}

/// All fields of a section, with their labels and the row that adds another one.
pub fn section(section: Section, entries: &[Entry]) -> Vec<Widget<Message>> {
    let name = section.name();
    let mut lines = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let (sign, input) = match section {
            Section::Phone => (Icon::Phone, InputKind::Phone),
            Section::Email => (Icon::Mail, InputKind::Email),
        };
        let label = entry.label_text();
        let delete = (!entry.is_empty() || entries.len() > 1).then(|| {
            icon_button(Icon::Close, format!("Delete {label} {name}"))
                .on_tap(Message::Delete(section, index))
        });
        let field = boxed(&entry.value, name, section.key(index), input, move |text| {
            Message::Value(section, index, text)
        });
        lines.push(line((index == 0).then_some(sign), field, delete));
        if entry.is_empty() {
            continue;
        }
        let label = row(vec![
            text(label.clone())
                .max_lines(1)
                .decoration()
                .weight_width(1.0),
            icon(Icon::DropDown, 24.0).decoration(),
        ])
        .class("android.widget.Spinner")
        .spoken(label.clone())
        .description(format!("{label} {name}"))
        .key(section.label_key(index))
        .padding_symmetric(14.0, 10.0)
        .min_height(48.0)
        .border(1.0, Color::OUTLINE)
        .rounded(Color::SURFACE, 6.0)
        .width(Length::Dp(180.0))
        .on_tap(Message::OpenLabels(section, index));
        lines.push(
            row(vec![label])
                .decoration()
                .padding_edges(56.0, 6.0, 0.0, 0.0),
        );
    }
    if entries.last().is_some_and(|entry| !entry.is_empty()) {
        let words = match section {
            Section::Phone => "Add phone",
            Section::Email => "Add email",
        };
        lines.push(link(words, Message::Add(section)));
    }
    lines
}

/// A flat button below the fields.
pub fn link(words: &'static str, message: Message) -> Widget<Message> {
    row(vec![
        button(words).padding_symmetric(4.0, 14.0).on_tap(message),
    ])
    .decoration()
    .padding_edges(56.0, 0.0, 0.0, 0.0)
}

/// The list of labels that opens at a label.
pub fn label_list(section: Section, entry: &Entry) -> Widget<Message> {
    let current = entry.label_text();
    let rows = section
        .labels()
        .iter()
        .enumerate()
        .map(|(choice, &(_, name))| {
            text(name)
                .class("android.widget.CheckedTextView")
                .id("android:id/text1")
                .fill_width()
                .padding_symmetric(16.0, 13.0)
                .min_height(48.0)
                .checked(name == current)
                .background(if name == current {
                    Color::ACCENT_PALE
                } else {
                    Color::SURFACE_RAISED
                })
                .on_tap(Message::Label(choice))
        })
        .collect();
    list(rows)
        .class("android.widget.ListView")
        .rounded(Color::SURFACE_RAISED, 8.0)
        .width(Length::Dp(220.0))
        .height(Length::Wrap)
        .padding_symmetric(0.0, 8.0)
}

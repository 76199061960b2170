//! The form for a new or changed expense.

use super::Message;
use super::database::{CATEGORIES, Expense, FOOD};
use super::format::{is_amount, parse_amount, plain_amount, stamp_text};
use super::theme::{BLUE, DIM, FIELD, LIGHT, PANEL, bar, dim, label, sign, wide_button};
use crate::phone::system::System;
use crate::phone::ui::picker::{DateMessage, DatePicker, TimeMessage, TimePicker};
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, InputKind, Length, Overlay, Widget, column, horizontal_list,
    icon, icon_button, row, scroll, text_field,
};

/// A touch on the form.
#[derive(Debug, Clone)]
pub enum FormMessage {
    /// Typed into the name.
    Name(String),
    /// Typed into the amount.
    Amount(String),
    /// Typed into the note.
    Note(String),
    /// A category was chosen.
    Category(i64),
    /// Opens the dialog for the time.
    OpenTime,
    /// Opens the dialog for the date.
    OpenDate,
    /// In the dialog for the time.
    Time(TimeMessage),
    /// In the dialog for the date.
    Date(DateMessage),
    /// Keeps the form open after saving, or not.
    Lock,
}

enum Picker {
    Time(TimePicker),
    Date(DatePicker),
}

/// What was entered so far.
pub struct Form {
    id: i64,
    created: i64,
    name: String,
    amount: String,
    note: String,
    category: i64,
    /// The category that stands first.
    first: i64,
    /// Milliseconds of the Unix epoch.
    when: i64,
    /// "Save and next".
    pub lock: bool,
    missing_amount: bool,
    picker: Option<Picker>,
}

impl Form {
    /// An empty form.
    pub fn new(now: i64) -> Form {
        Form {
            id: 0,
            created: now,
            name: String::new(),
            amount: String::new(),
            note: String::new(),
            category: FOOD,
            first: FOOD,
            when: now,
            lock: false,
            missing_amount: false,
            picker: None,
        }
    }

    /// A form that holds an expense.
    pub fn of(expense: &Expense) -> Form {
        Form {
            id: expense.id,
            created: expense.created,
            name: expense.name.clone(),
            amount: plain_amount(expense.amount),
            note: expense.note.clone(),
            category: expense.category,
            first: expense.category,
            when: expense.modified,
            lock: false,
            missing_amount: false,
            picker: None,
        }
    }

    /// Whether it changes an expense that exists.
    pub fn is_update(&self) -> bool {
        self.id != 0
    }

    /// The expense to store; without an amount there is none, and the form says so.
    pub fn submit(&mut self, now: i64) -> Option<Expense> {
        let amount = parse_amount(&self.amount);
        self.missing_amount = amount.is_none();
        Some(Expense {
            id: self.id,
            name: self.name.clone(),
            amount: amount?,
            category: self.category,
            note: self.note.clone(),
            created: if self.id == 0 { now } else { self.created },
            modified: self.when,
        })
    }

    /// Answers a touch.
    pub fn update(&mut self, system: &System, message: FormMessage) {
        let limited = |text: String, most: usize| text.chars().take(most).collect::<String>();
        let when = system.clock.at_micros(self.when.saturating_mul(1_000));
        match message {
            FormMessage::Name(text) => self.name = limited(text, 20),
            FormMessage::Note(text) => self.note = limited(text, 100),
            FormMessage::Amount(text) => {
                // What does not fit is dropped whole, as the field's filter does.
                if is_amount(&text) {
                    self.amount = text;
                    self.missing_amount = false;
                }
            }
            FormMessage::Category(category) => self.category = category,
            FormMessage::Lock => self.lock = !self.lock,
            FormMessage::OpenTime => self.picker = Some(Picker::Time(TimePicker::new(when.time()))),
            FormMessage::OpenDate => self.picker = Some(Picker::Date(DatePicker::new(when.date()))),
            FormMessage::Time(message) => {
                let Some(Picker::Time(picker)) = &mut self.picker else {
                    return;
                };
                if let Some(chosen) = picker.update(message) {
                    let changed = chosen.and_then(|time| {
                        when.with()
                            .hour(time.hour())
                            .minute(time.minute())
                            .build()
                            .ok()
                    });
                    self.close(changed);
                }
            }
            FormMessage::Date(message) => {
                let Some(Picker::Date(picker)) = &mut self.picker else {
                    return;
                };
                if let Some(chosen) = picker.update(message) {
                    let changed = chosen.and_then(|date| when.with().date(date).build().ok());
                    self.close(changed);
                }
            }
        }
    }

    fn close(&mut self, changed: Option<jiff::ZonedDateTime>) {
        self.picker = None;
        if let Some(changed) = changed {
            self.when = changed.timestamp().as_millisecond();
        }
    }

    /// The dialog in front of the form.
    pub fn overlay(&self) -> Option<Overlay<Message>> {
        let overlay = match self.picker.as_ref()? {
            Picker::Time(picker) => picker.overlay().map(&FormMessage::Time),
            Picker::Date(picker) => picker.overlay().map(&FormMessage::Date),
        };
        Some(overlay.map(&Message::Form))
    }

    /// The page.
    pub fn view(&self, system: &System) -> Widget<Message> {
        let send = |message: FormMessage| Message::Form(message);
        let when = system.clock.at_micros(self.when.saturating_mul(1_000));
        let title = if self.is_update() {
            "Update Data"
        } else {
            "Expense Entry"
        };
        let top = bar(
            "toolbar",
            (Icon::Back, Message::Up),
            title,
            stamp_text(&when),
            vec![
                sign(Icon::Clock, "Time", send(FormMessage::OpenTime))
                    .class("android.widget.Button")
                    .id("time"),
                sign(Icon::Calendar, "Calendar", send(FormMessage::OpenDate))
                    .class("android.widget.Button")
                    .id("calendar"),
            ],
        );
        let name = field(&self.name, "Name")
            .id("edt_name")
            .ime(ImeAction::Next)
            .on_change(move |text| send(FormMessage::Name(text)));
        let amount = row(vec![
            field(&self.amount, "Amount")
                .id("edt_amount")
                .input(InputKind::Number)
                .ime(ImeAction::Next)
                .weight_width(1.0)
                .on_change(move |text| send(FormMessage::Amount(text))),
            dim("USD").id("textinput_suffix_text"),
        ])
        .id("edl_amount")
        .gap(10.0);
        let note = field(&self.note, "Note")
            .id("edt_note")
            .multiline()
            .on_change(move |text| send(FormMessage::Note(text)));
        let mut content = vec![boxed("edl_name", name), amount];
        if self.missing_amount {
            content.push(
                label("Cost is Empty")
                    .id("textinput_error")
                    .color(Color::rgb(0xFF_8A80))
                    .text_size(13.0),
            );
        }
        content.push(self.categories());
        content.push(boxed("edl_description", note));
        content.push(self.buttons());
        column(vec![
            top,
            scroll(content)
                .gap(10.0)
                .padding_symmetric(16.0, 8.0)
                .weight_height(1.0),
        ])
        .fill()
    }

    fn categories(&self) -> Widget<Message> {
        let first = CATEGORIES
            .iter()
            .filter(|(number, _)| *number == self.first);
        let others = CATEGORIES
            .iter()
            .filter(|(number, _)| *number != self.first);
        let cards = first
            .chain(others)
            .map(|&(number, name)| {
                let chosen = number == self.category;
                column(vec![
                    icon(category_icon(number), 26.0)
                        .id("imv_category")
                        .color(if chosen { Color::WHITE } else { DIM }),
                    label(name).id("tv_name").text_size(12.0).max_lines(1),
                ])
                .class("androidx.cardview.widget.CardView")
                .id("cd_category")
                .cross(Align::Center)
                .main(Align::Center)
                .gap(6.0)
                .size(92.0, 84.0)
                .rounded(if chosen { BLUE } else { PANEL }, 10.0)
                .checked(chosen)
                .on_tap(Message::Form(FormMessage::Category(number)))
            })
            .collect();
        horizontal_list(cards)
            .class("androidx.recyclerview.widget.RecyclerView")
            .id("rv_category")
            .gap(8.0)
            .height(Length::Dp(84.0))
    }

    fn buttons(&self) -> Widget<Message> {
        let words = match (self.is_update(), self.lock) {
            (true, _) => "UPDATE",
            (false, true) => "NEXT",
            (false, false) => "SAVE",
        };
        let mut buttons = vec![
            wide_button(words, Message::Save)
                .id("btn_save")
                .weight_width(1.0),
        ];
        if !self.is_update() {
            let lock = icon_button(Icon::Lock, "")
                .class("androidx.cardview.widget.CardView")
                .id("cv_lock")
                .color(if self.lock { BLUE } else { DIM })
                .rounded(PANEL, 8.0)
                .on_tap(Message::Form(FormMessage::Lock));
            buttons.push(lock);
        }
        row(buttons).gap(10.0)
    }
}

fn field(value: &str, hint: &'static str) -> Widget<Message> {
    text_field(value.to_owned(), hint)
        .color(LIGHT)
        .rounded(FIELD, 6.0)
        .padding_symmetric(12.0, 12.0)
}

fn boxed(id: &'static str, field: Widget<Message>) -> Widget<Message> {
    column(vec![field]).id(id)
}

/// The sign of a category.
pub fn category_icon(category: i64) -> Icon {
    match category {
        2 => Icon::Money,
        3 => Icon::Heart,
        4 => Icon::Home,
        5 => Icon::Person,
        6 => Icon::Music,
        7 => Icon::Location,
        8 => Icon::Tag,
        9 => Icon::Add,
        10 => Icon::Document,
        11 => Icon::StarOutline,
        _ => Icon::Apps,
    }
}

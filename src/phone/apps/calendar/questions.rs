//! The dialogs of Simple Calendar that ask something and hold what is chosen so far.

use super::database::Extent;
use super::words::{WEEKDAYS, reminder_text};
use crate::phone::ui::{
    Color, InputKind, Length, Widget, alert, checkbox, column, marked_choice, radio, row, text,
    text_field,
};

/// Minutes that the reminder dialog offers.
pub const REMINDERS: [i64; 7] = [-1, 0, 5, 10, 30, 60, 1_440];

/// A row of a radio group: the whole row is one radio button.
pub fn choice<M: Clone>(words: impl Into<String>, chosen: bool, message: M) -> Widget<M> {
    marked_choice(radio(chosen), words.into(), chosen, message)
}

/// A dialog with nothing but a radio group; a touch chooses and closes.
pub fn radio_group<M: Clone>(rows: Vec<Widget<M>>) -> Widget<M> {
    let group = column(rows)
        .class("android.widget.RadioGroup")
        .id("dialog_radio_group")
        .padding_edges(0.0, 4.0, 0.0, 16.0);
    alert("").content(vec![group]).widget()
}

/// The reminder dialog.
pub fn reminder<M: Clone>(current: i64, choose: impl Fn(i64) -> M) -> Widget<M> {
    let rows = REMINDERS
        .into_iter()
        .map(|minutes| choice(reminder_text(minutes), minutes == current, choose(minutes)))
        .collect();
    radio_group(rows)
}

/// The question before events are deleted; of repeating ones it asks how far.
pub fn delete<M: Clone>(
    count: usize,
    repeats: bool,
    extent: Extent,
    choose: impl Fn(Extent) -> M,
    yes: M,
    no: M,
) -> Widget<M> {
    let words = match count {
        1 => "Are you sure you want to proceed with the deletion?".to_owned(),
        count => format!("Are you sure you want to delete {count} items?"),
    };
    let mut content = vec![text(words).id("delete_event_description").fill_width()];
    if repeats {
        let note = match count {
            1 => "This event repeats.",
            _ => "Some of these events repeat.",
        };
        content.push(
            text(note)
                .id("delete_event_repeat_description")
                .color(Color::TEXT_SECONDARY)
                .margin_edges(0.0, 8.0, 0.0, 8.0),
        );
        content.extend(extents(extent, "Delete", choose));
    }
    alert("")
        .content(content)
        .positive("Yes", yes)
        .negative("No", no)
        .widget()
}

/// The rows that ask how far a change of a repeating event reaches.
pub fn extents<M: Clone>(
    extent: Extent,
    deed: &str,
    choose: impl Fn(Extent) -> M,
) -> Vec<Widget<M>> {
    let rows = [
        (
            Extent::One,
            "the selected occurrence only",
            "delete_event_one_only",
        ),
        (
            Extent::Future,
            "this and all future occurrences",
            "delete_event_future",
        ),
        (Extent::All, "all occurrences", "delete_event_all"),
    ];
    rows.into_iter()
        .map(|(value, words, id)| {
            choice(format!("{deed} {words}"), value == extent, choose(value)).id(id)
        })
        .collect()
}

/// The weekdays of a weekly repetition, Sunday first.
pub fn weekdays<M: Clone>(rule: i64, toggle: impl Fn(i64) -> M, ok: M, cancel: M) -> Widget<M> {
    let rows = [6, 0, 1, 2, 3, 4, 5]
        .into_iter()
        .map(|bit: usize| {
            let chosen = rule >> bit & 1 == 1;
            row(vec![
                checkbox(chosen).decoration(),
                text(WEEKDAYS[bit]).decoration(),
            ])
            .class("android.widget.CheckBox")
            .spoken(WEEKDAYS[bit])
            .checked(chosen)
            .gap(12.0)
            .min_height(44.0)
            .on_tap(toggle(1 << bit))
        })
        .collect();
    alert("")
        .content(vec![column(rows).id("dialog_vertical_linear_layout")])
        .positive("OK", ok)
        .negative("Cancel", cancel)
        .widget()
}

/// How a repetition ends, while it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// On a day.
    Date,
    /// After a number of times.
    Times,
    /// Never.
    Never,
}

/// The messages of the dialog that asks how a repetition ends.
pub struct EndMessages<M> {
    /// Chooses a kind.
    pub kind: fn(End) -> M,
    /// The number of times was typed.
    pub count: fn(String) -> M,
    /// Opens the dialog of the day.
    pub date: M,
    /// OK.
    pub ok: M,
    /// Cancel.
    pub cancel: M,
}

/// The dialog that asks how a repetition ends.
pub fn end<M: Clone + 'static>(
    kind: End,
    date: String,
    count: &str,
    messages: EndMessages<M>,
) -> Widget<M> {
    let kinds = messages.kind;
    let mut content = vec![
        choice("Repeat till a date", kind == End::Date, kinds(End::Date))
            .id("repeat_type_till_date"),
    ];
    if kind == End::Date {
        content.push(
            text(date)
                .id("repeat_type_date")
                .padding_symmetric(36.0, 10.0)
                .on_tap(messages.date),
        );
    }
    content.push(
        choice("Repeat x times", kind == End::Times, kinds(End::Times)).id("repeat_type_x_times"),
    );
    if kind == End::Times {
        content.push(
            text_field(count.to_owned(), "times")
                .id("repeat_type_count")
                .input(InputKind::Number)
                .width(Length::Dp(120.0))
                .margin_edges(36.0, 0.0, 0.0, 0.0)
                .on_change(messages.count),
        );
    }
    content.push(
        choice("Repeat forever", kind == End::Never, kinds(End::Never)).id("repeat_type_forever"),
    );
    alert("")
        .content(content)
        .positive("OK", messages.ok)
        .negative("Cancel", messages.cancel)
        .widget()
}

/// The dialog of a repetition with a number of its own.
pub fn custom<M: Clone + 'static>(
    count: &str,
    unit: i64,
    units: &[(i64, &'static str)],
    type_count: fn(String) -> M,
    choose: fn(i64) -> M,
    (ok, cancel): (M, M),
) -> Widget<M> {
    let mut content = vec![
        text_field(count.to_owned(), "")
            .id("dialog_custom_repeat_interval_value")
            .input(InputKind::Number)
            .on_change(type_count),
    ];
    content.extend(
        units
            .iter()
            .map(|&(value, words)| choice(words, value == unit, choose(value))),
    );
    alert("")
        .content(content)
        .positive("OK", ok)
        .negative("Cancel", cancel)
        .widget()
}

//! How the form of an event looks, and its dialogs.

use super::editor::{Dialog, Editor, Message, Moment, Picker};
use super::questions::{self, End, EndMessages};
use super::repetition::{DAY, MONTH, WEEK, YEAR, day_of};
use super::words;
use crate::phone::system::System;
use crate::phone::ui::{
    Color, Icon, ImeAction, Overlay, OverlayKind, Screen, Widget, alert, bar_action, bar_row,
    checkbox, column, divider, icon, icon_button, row, scroll, stretch, text, text_field,
};

/// What the first save of an event with a reminder says.
const WARNING: &str = "Some phones stop apps that are not used for a while, and with them their \
    reminders. Make sure that this app is allowed to run in the background and to show notifications.";

/// Repetitions that are offered by name.
const REPETITIONS: [(i64, &str); 5] = [
    (0, "No repetition"),
    (DAY, "Daily"),
    (WEEK, "Weekly"),
    (MONTH, "Monthly"),
    (YEAR, "Yearly"),
];

/// Units of a repetition with a number of its own.
const UNITS: [(i64, &str); 4] = [
    (DAY, "Days"),
    (WEEK, "Weeks"),
    (MONTH, "Months"),
    (YEAR, "Years"),
];

/// A line of the form with a sign at its start; without one its room stays empty.
fn line(sign: Option<Icon>, content: Widget<Message>) -> Widget<Message> {
    let sign = match sign {
        Some(sign) => icon(sign, 22.0).decoration(),
        None => icon(Icon::Tag, 22.0).visible(false),
    };
    row(vec![sign, content.weight_width(1.0)])
        .decoration()
        .gap(16.0)
        .padding_symmetric(16.0, 0.0)
}

fn value(words: String) -> Widget<Message> {
    text(words).padding_symmetric(4.0, 12.0).min_height(46.0)
}

impl Editor {
    /// The screen.
    pub fn screen(&self, system: &System) -> Screen<Message> {
        let form = scroll(self.lines(system))
            .id(self.name("nested_scrollview"))
            .weight_height(1.0);
        Screen::new(column(vec![self.top(), form]).fill())
            .overlay(self.question(system))
            .overlay(self.picker_overlay())
    }

    fn top(&self) -> Widget<Message> {
        let title = match (self.is_stored(), self.event.is_task()) {
            (false, false) => "New Event",
            (true, false) => "Edit Event",
            (false, true) => "New Task",
            (true, true) => "Edit Task",
        };
        let up = icon_button(Icon::Back, "").on_tap(Message::Up);
        let mut children = vec![
            up,
            text(title)
                .text_size(20.0)
                .bold()
                .max_lines(1)
                .margin_edges(8.0, 0.0, 8.0, 0.0),
            stretch(),
            bar_action(Icon::Check, "save", "Save", Message::Save),
        ];
        if self.is_stored() {
            let delete = Dialog::Delete(super::database::Extent::One);
            children.extend([
                bar_action(
                    Icon::Share,
                    "share",
                    "Share",
                    Message::Say("No app to share with"),
                ),
                bar_action(Icon::Delete, "delete", "Delete", Message::Ask(delete)),
                bar_action(
                    Icon::Copy,
                    "duplicate",
                    "Duplicate event",
                    Message::Duplicate,
                ),
            ]);
        }
        bar_row(60.0, children).id(self.name("toolbar"))
    }

    fn lines(&self, system: &System) -> Vec<Widget<Message>> {
        let event = &self.event;
        let mut lines = vec![
            text_field(event.title.clone(), "Title")
                .id(self.name("title"))
                .text_size(20.0)
                .ime(ImeAction::Next)
                .margin_edges(16.0, 0.0, 16.0, 0.0)
                .on_change(Message::Title),
        ];
        if !event.is_task() {
            let map = icon_button(Icon::Location, "")
                .class("android.widget.ImageView")
                .id("event_show_on_map")
                .on_tap(Message::Say("No app to show the place"));
            lines.push(
                row(vec![
                    text_field(event.location.clone(), "Location")
                        .id("event_location")
                        .ime(ImeAction::Next)
                        .weight_width(1.0)
                        .on_change(Message::Location),
                    map,
                ])
                .decoration()
                .padding_symmetric(16.0, 0.0),
            );
        }
        lines.push(
            text_field(event.description.clone(), "Description")
                .id(self.name("description"))
                .multiline()
                .margin_edges(16.0, 0.0, 16.0, 0.0)
                .on_change(Message::Description),
        );
        lines.push(divider());
        let all_day = row(vec![
            text("All-day").decoration().weight_width(1.0),
            checkbox(event.is_all_day())
                .id(self.name("all_day"))
                .spoken("All-day")
                .on_toggle(|_| Message::AllDay),
        ])
        .class("android.widget.RelativeLayout")
        .id(self.name("all_day_holder"))
        .padding_symmetric(4.0, 8.0)
        .on_tap(Message::AllDay);
        lines.push(line(Some(Icon::Clock), all_day));
        lines.push(self.moment(system, Moment::Start));
        if !event.is_task() {
            lines.push(self.moment(system, Moment::End));
        }
        lines.push(divider());
        lines.extend(self.reminders());
        lines.push(divider());
        lines.extend(self.repetition(system));
        lines.push(divider());
        let kind = row(vec![
            text("Regular event")
                .id(self.name("type"))
                .weight_width(1.0),
            super::dot(super::COLOR, 18.0).id(self.name("type_color")),
        ])
        .class("android.widget.RelativeLayout")
        .id(self.name("type_holder"))
        .padding_symmetric(4.0, 12.0)
        .on_tap(Message::Say("There is one type of events only"));
        lines.push(line(Some(Icon::Tag), kind));
        lines
    }

    fn moment(&self, system: &System, moment: Moment) -> Widget<Message> {
        let zone = system.clock.time_zone();
        let (seconds, part) = match moment {
            Moment::Start => (self.event.start, "start"),
            _ => (self.event.end, "end"),
        };
        let wrong = moment == Moment::End && self.event.end < self.event.start;
        let color = if wrong { Color::DANGER } else { Color::TEXT };
        let today = system.clock.now().date();
        let id = |unit: &str| match self.event.is_task() {
            true => format!("task_{unit}"),
            false => format!("event_{part}_{unit}"),
        };
        let mut children = vec![
            value(words::day_title(day_of(seconds, &zone), today))
                .id(id("date"))
                .color(color)
                .weight_width(1.0)
                .on_tap(Message::AskDate(moment)),
        ];
        if !self.event.is_all_day() {
            children.push(
                value(words::time_text(seconds, &zone))
                    .id(id("time"))
                    .color(color)
                    .on_tap(Message::AskTime(moment)),
            );
        }
        line(None, row(children).decoration())
    }

    fn reminders(&self) -> Vec<Widget<Message>> {
        let set = self
            .event
            .reminders
            .iter()
            .filter(|minutes| **minutes >= 0)
            .count();
        // One more than are set.
        (0..(set + 1).min(3))
            .map(|place| {
                let minutes = self.event.reminders[place];
                let words = match (place, minutes) {
                    (1.., minutes) if minutes < 0 => "Add another reminder".to_owned(),
                    (_, minutes) => words::reminder_text(minutes),
                };
                let sign = (place == 0).then_some(Icon::Notification);
                let reminder = value(words)
                    .id(self.name(&format!("reminder_{}", place + 1)))
                    .on_tap(Message::Ask(Dialog::Reminder(place)));
                line(sign, reminder)
            })
            .collect()
    }

    fn repetition(&self, system: &System) -> Vec<Widget<Message>> {
        let event = &self.event;
        let interval = event.repeat_interval;
        let mut lines = vec![line(
            Some(Icon::Refresh),
            value(words::repetition_text(interval))
                .id(self.name("repetition"))
                .on_tap(Message::Ask(Dialog::Repetition)),
        )];
        if interval <= 0 {
            return lines;
        }
        let part = |name: &str, label: &'static str, words: String, message: Option<Message>| {
            let mut holder = row(vec![
                text(label)
                    .id(self.name(&format!("{name}_label")))
                    .weight_width(1.0),
                text(words).id(self.name(name)).color(Color::TEXT_SECONDARY),
            ])
            .class("android.widget.RelativeLayout")
            .id(self.name(&format!("{name}_holder")))
            .padding_symmetric(4.0, 12.0);
            holder.on_tap = message;
            line(None, holder)
        };
        let weekly = interval % WEEK == 0 && interval % YEAR != 0;
        if weekly {
            let ask = Message::Ask(Dialog::Weekdays(event.repeat_rule));
            let words = words::rule_text(event.repeat_rule);
            lines.push(part("repetition_rule", "Repeat on", words, Some(ask)));
        } else if interval % YEAR == 0 || interval % MONTH == 0 {
            let words = "The same day".to_owned();
            lines.push(part("repetition_rule", "Repeat", words, None));
        }
        let kind = match event.repeat_limit {
            0 => End::Never,
            limit if limit > 0 => End::Date,
            _ => End::Times,
        };
        let (today, zone) = (system.clock.now().date(), system.clock.time_zone());
        let words = words::limit_text(event.repeat_limit, today, &zone);
        let ask = Message::Ask(Dialog::End(kind));
        lines.push(part("repetition_limit", "Repeat", words, Some(ask)));
        lines
    }

    fn question(&self, system: &System) -> Option<Overlay<Message>> {
        let interval = self.event.repeat_interval;
        let content = match self.dialog.as_ref()? {
            Dialog::Reminder(place) => {
                let place = *place;
                let minutes = self.event.reminders.get(place).copied().unwrap_or(-1);
                questions::reminder(minutes, |minutes| Message::Reminder(place, minutes))
            }
            Dialog::Repetition => {
                let named = REPETITIONS.iter().any(|(value, _)| *value == interval);
                let mut rows: Vec<Widget<Message>> = REPETITIONS
                    .into_iter()
                    .map(|(value, words)| {
                        questions::choice(words, value == interval, Message::Repetition(value))
                    })
                    .collect();
                rows.push(questions::choice(
                    "Custom",
                    !named,
                    Message::Ask(Dialog::Custom),
                ));
                questions::radio_group(rows)
            }
            Dialog::Custom => questions::custom(
                &self.count,
                self.unit,
                &UNITS,
                Message::Count,
                Message::Unit,
                (Message::AcceptCustom, Message::Close),
            ),
            Dialog::Weekdays(rule) => questions::weekdays(
                *rule,
                Message::Weekday,
                Message::AcceptWeekdays,
                Message::Close,
            ),
            Dialog::End(kind) => {
                let until = words::day_title(self.until, system.clock.now().date());
                let messages = EndMessages {
                    kind: Message::EndKind,
                    count: Message::Count,
                    date: Message::AskDate(Moment::Until),
                    ok: Message::AcceptEnd,
                    cancel: Message::Close,
                };
                questions::end(*kind, until, &self.count, messages)
            }
            Dialog::Warning => {
                let settings = Message::Say("The phone has no page of that kind");
                let dialog = alert("Disclaimer")
                    .message(WARNING)
                    .positive("OK", Message::Warned)
                    .neutral("Settings", settings);
                // It is left through its button alone.
                return Some(dialog.modal());
            }
            Dialog::Unsaved => alert("")
                .message("Your changes are not saved yet. Save them before leaving?")
                .positive("Save", Message::Save)
                .negative("Discard", Message::Discard)
                .widget(),
            Dialog::Change(extent) => alert("")
                .message("This event repeats.")
                .content(questions::extents(*extent, "Change", Message::Extent))
                .positive("OK", Message::SaveExtent)
                .negative("Cancel", Message::Close)
                .widget(),
            Dialog::Delete(extent) => questions::delete(
                1,
                interval > 0,
                *extent,
                Message::Extent,
                Message::Delete,
                Message::Close,
            ),
        };
        Some(Overlay::new(OverlayKind::Dialog, content, Message::Close))
    }

    fn picker_overlay(&self) -> Option<Overlay<Message>> {
        Some(match self.picker.as_ref()? {
            Picker::Date(_, picker) => picker.overlay().map(&Message::Date),
            Picker::Clock(_, face) => face.overlay().map(&Message::Clock),
        })
    }
}

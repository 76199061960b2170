//! How solutions read answers from the calendar's screens.

use jiff::civil::{Date, Time};

use super::super::Solution;
use super::super::answers::{Read, reader, written};
use super::super::apps::CALENDAR;
use super::super::screen::{Look, back, open};
use super::days;
use super::pages::{Row, rows, towards};
use crate::domain::{Action, Direction};

/// When an event is, as its row says on the page of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Start.
    pub start: Time,
    /// End; the start where there is none.
    pub end: Time,
    /// Whether it begins on the day of the page.
    pub begins_on_day: bool,
    /// Whether it ends there.
    pub ends_on_day: bool,
}

impl Span {
    /// Reads `10:00 - 10:45` or `23:40 - 00:10 (October 17)` on the page of a day.
    fn read(line: &str, page: Date) -> Option<Span> {
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
        let (times, other) = match line.split_once('(') {
            Some((times, other)) => (times, Some(other.trim_end_matches(')'))),
            None => (line, None),
        };
        let (start, end) = times.split_once('-').unwrap_or((times, times));
        // The day of the end is written where it is not that of the start.
        let ends_on_day = other.is_none_or(|day| day == page.strftime("%B %-d").to_string());
        Some(Span {
            start: time(start)?,
            end: time(end)?,
            begins_on_day: other.is_none() || !ends_on_day,
            ends_on_day,
        })
    }

    /// Whether a time of the page's day lies in it.
    pub fn contains(&self, time: Time) -> bool {
        (!self.begins_on_day || self.start <= time) && (!self.ends_on_day || time <= self.end)
    }
}

/// An event of the page of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    title: String,
    span: Span,
}

/// The events of a list, read page by page from its top.
#[derive(Debug)]
struct Pages<T> {
    seen: Vec<T>,
    /// The words of the page before the last scroll.
    before: Option<Vec<String>>,
}

impl<T: PartialEq> Pages<T> {
    fn new() -> Pages<T> {
        Pages {
            seen: Vec::new(),
            before: None,
        }
    }

    /// Takes what a page shows; the scroll to the next page, or `None` at the end.
    fn take(&mut self, look: Look, list: &str, shown: Vec<T>) -> Option<Action> {
        for one in shown {
            if !self.seen.contains(&one) {
                self.seen.push(one);
            }
        }
        let words = look.page();
        let ends = is_at_end(look, list) || self.before.as_ref() == Some(&words);
        self.before = Some(words);
        (!ends).then(|| Action::scroll(Direction::Down))
    }
}

/// Whether a list shows empty space for one more row below its last.
fn is_at_end(look: Look, list: &str) -> bool {
    let Some(list) = look.id(list).map(|index| look.bounds(index)) else {
        return false;
    };
    let rows = rows(look);
    let Some(last) = rows.last().map(|row| look.bounds(row.index)) else {
        return true;
    };
    last.y_max + last.height() < list.y_max
}

/// Answers with the titles of the events of a day that are wanted, with commas between them.
pub(super) fn day(day: Date, wanted: impl Fn(&Span) -> bool + Send + 'static) -> Box<dyn Solution> {
    on_day(day, move |seen| {
        let wanted = seen.iter().filter(|one| wanted(&one.span));
        let titles: Vec<&str> = wanted.map(|one| one.title.as_str()).collect();
        titles.join(", ")
    })
}

/// Answers with the title of the first event of a day from a time on.
pub(super) fn first(day: Date, from: Time) -> Box<dyn Solution> {
    on_day(day, move |seen| {
        let later = seen
            .iter()
            .filter(|one| one.span.begins_on_day && one.span.start >= from);
        let first = later.min_by_key(|one| one.span.start);
        first.map_or_else(String::new, |one| one.title.clone())
    })
}

/// Reads a whole day, then answers.
fn on_day(day: Date, answer: impl Fn(&[Seen]) -> String + Send + 'static) -> Box<dyn Solution> {
    let mut pages = Pages::new();
    reader(move |look| {
        if let Some(action) = towards(look, day) {
            pages = Pages::new();
            return Read::On(action);
        }
        let shown = rows(look).into_iter().filter_map(|row| {
            Some(Seen {
                title: whole(&row)?.to_owned(),
                span: Span::read(row.time, day)?,
            })
        });
        match pages.take(look, "day_events", shown.collect()) {
            Some(scroll) => Read::On(scroll),
            None => Read::Answer(answer(&pages.seen)),
        }
    })
}

/// The title of a row that is not cut off.
fn whole<'a>(row: &Row<'a>) -> Option<&'a str> {
    (!row.title.is_empty() && !row.time.is_empty()).then_some(row.title)
}

/// Answers with the titles of the events of some days, from the list of all events.
pub(super) fn days(first: Date, last: Date) -> Box<dyn Solution> {
    let mut pages: Pages<(Date, String)> = Pages::new();
    let mut headers = Headers::default();
    reader(move |look| {
        if !look.shows(CALENDAR) {
            (pages, headers) = (Pages::new(), Headers::default());
            return Read::On(open(CALENDAR));
        }
        if look.id("dialog_radio_group").is_some() {
            let list = look.tap_named("Simple event list");
            return Read::On(list.unwrap_or_else(back));
        }
        if look.id("calendar_event_list_holder").is_none() {
            return Read::On(look.tap_id("change_view").unwrap_or_else(back));
        }
        let shown: Vec<(Date, String)> = headers
            .read(look)
            .into_iter()
            .filter_map(|(day, row)| Some((day?, whole(&row)?.to_owned())))
            .collect();
        let passed = shown.iter().any(|(day, _)| *day > last);
        match pages.take(look, "calendar_events_list", shown) {
            Some(scroll) if !passed => Read::On(scroll),
            _ => {
                let wanted = |(day, _): &&(Date, String)| (first..=last).contains(day);
                let wanted = pages.seen.iter().filter(wanted);
                let titles: Vec<&str> = wanted.map(|(_, title)| title.as_str()).collect();
                Read::Answer(titles.join(", "))
            }
        }
    })
}

/// The month and the day above the rows of a list, which stay when they are scrolled away.
#[derive(Debug, Default)]
struct Headers {
    month: Option<(i16, i8)>,
    day: Option<i8>,
}

impl Headers {
    /// The rows with their days.
    fn read<'a>(&mut self, look: Look<'a>) -> Vec<(Option<Date>, Row<'a>)> {
        let mut rows = rows(look).into_iter().peekable();
        let mut found = Vec::new();
        for (index, element) in look.elements() {
            if element.resource_entry() == "event_section_title" {
                self.header(look.text(index));
            }
            if let Some(row) = rows.next_if(|row| row.index == index) {
                let day = self.month.zip(self.day);
                let day = day.and_then(|((year, month), day)| Date::new(year, month, day).ok());
                found.push((day, row));
            }
        }
        found
    }

    /// Reads `OCTOBER`, `JANUARY 2024` or `16 Monday`.
    fn header(&mut self, words: &str) {
        let (first, rest) = words.split_once(' ').unwrap_or((words, ""));
        if let Ok(day) = first.parse() {
            self.day = Some(day);
        } else if let Ok(month) = Date::strptime("%d %B %Y", format!("1 {first} {}", days::YEAR)) {
            // Other years are written out.
            self.month = Some((rest.parse().unwrap_or(days::YEAR), month.month()));
            self.day = None;
        }
    }
}

/// The next action towards what a search finds, or `None` when it is shown.
fn search(look: Look, words: &str) -> Option<Action> {
    if !look.shows(CALENDAR) {
        return Some(open(CALENDAR));
    }
    let Some(field) = look.id("top_toolbar_search") else {
        return Some(back());
    };
    // Typing ends with a line break, which the field may keep.
    if look.text(field).trim() != words {
        return Some(Action::input_text(field, words));
    }
    look.id("search_holder").is_none().then(back)
}

/// Answers with the day and time of the meeting with somebody.
pub(super) fn meeting(person: String) -> Box<dyn Solution> {
    reader(move |look| {
        if let Some(action) = search(look, &person) {
            return Read::On(action);
        }
        let found = Headers::default().read(look).into_iter();
        let mut dated = found.filter_map(|(day, row)| {
            let day = day.filter(|_| row.title.contains(person.as_str()))?;
            Some((day, Span::read(row.time, day)?.start))
        });
        match dated.next() {
            Some((day, start)) => {
                Read::Answer(format!("{} {}", written(day), start.strftime("%H:%M")))
            }
            None => Read::On(Action::scroll(Direction::Down)),
        }
    })
}

/// Answers with the place of the event of that title.
pub(super) fn place(title: String) -> Box<dyn Solution> {
    reader(move |look| {
        if look.text_of("event_title") == title {
            let place = look.text_of("event_location");
            return Read::Answer(place.to_owned());
        }
        if let Some(action) = search(look, &title) {
            return Read::On(action);
        }
        match rows(look).iter().find(|row| row.title == title) {
            Some(row) => Read::On(Action::click(row.index)),
            None => Read::On(Action::scroll(Direction::Down)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn rows_say_when_an_event_is() {
        let page = date(2023, 10, 16);
        let read = |line| Span::read(line, page).unwrap();
        let plain = read("10:00 - 10:45");
        assert!(plain.begins_on_day && plain.ends_on_day);
        assert!(plain.contains(time(10, 45, 0, 0)) && !plain.contains(time(10, 50, 0, 0)));
        let over = read("23:40 - 00:10 (October 17)");
        assert!(over.begins_on_day && !over.ends_on_day);
        assert!(over.contains(time(23, 50, 0, 0)) && !over.contains(time(0, 5, 0, 0)));
        let from_before = read("23:40 - 00:10 (October 16)");
        assert!(!from_before.begins_on_day && from_before.ends_on_day);
        assert!(from_before.contains(time(0, 5, 0, 0)));
        assert_eq!(read("09:30").end, time(9, 30, 0, 0));
        assert_eq!(Span::read("All-day", page), None);
    }

    #[test]
    fn headers_are_months_and_days() {
        let mut headers = Headers::default();
        headers.header("OCTOBER");
        headers.header("16 Monday");
        assert_eq!((headers.month, headers.day), (Some((2023, 10)), Some(16)));
        headers.header("JANUARY 2024");
        assert_eq!((headers.month, headers.day), (Some((2024, 1)), None));
    }
}

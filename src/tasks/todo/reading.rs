//! How solutions read answers from the list of Tasks.org: it is put into groups, in which the headers tell
//! what the rows alone do not.

use jiff::civil::{Date, date};

use super::super::Solution;
use super::super::answers::{Read, reader};
use super::super::apps::TODO;
use super::super::screen::{Look, back, open};
use super::TODAY;
use crate::domain::{Action, Direction};

/// Words of the sheet of groups and order.
const GROUPING: &str = "Grouping";
const AT_BOTTOM: &str = "Move completed tasks to bottom";
const ASCENDING: &str = "Ascending";
const DESCENDING: &str = "Descending";
const BY_DUE_DATE: &str = "By due date";
const BY_PRIORITY: &str = "By priority";
/// The group of open tasks whose day is over, or of all such tasks.
const OVERDUE: &str = "Overdue";
const HIGH: &str = "High priority";

/// The days of the week after today, which is a Sunday.
pub(super) fn next_week() -> impl Iterator<Item = Date> {
    date(2023, 10, 16).series(jiff::Span::new().days(1)).take(7)
}

/// Days from today up to which days are called by their names.
const NEAR: i32 = 6;

/// A day as rows show it.
fn label(day: Date) -> String {
    match (day - TODAY).get_days() {
        0 => "Today".to_owned(),
        1 => "Tmrw".to_owned(),
        -1 => "Yest".to_owned(),
        days if days.abs() <= NEAR => day.strftime("%a").to_string(),
        _ => day.strftime("%b %-d").to_string(),
    }
}

/// The header above what is due on a day from today on.
fn header(day: Date) -> String {
    match (day - TODAY).get_days() {
        0 => "Due Today".to_owned(),
        1 => "Due Tomorrow".to_owned(),
        days if days.abs() <= NEAR => day.strftime("Due %A").to_string(),
        _ => day.strftime("Due %A, %B %-d").to_string(),
    }
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    title: String,
    /// The day that it is due, as shown.
    due: String,
}

/// Rows below one header.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    header: String,
    rows: Vec<Row>,
}

/// What was read of the list so far, from its top.
#[derive(Debug, Default)]
struct Listed {
    groups: Vec<Group>,
    /// The words of the last page.
    words: Vec<String>,
    /// Whether the last scroll changed nothing.
    ended: bool,
}

impl Listed {
    /// Reads a page.
    fn take(&mut self, look: Look) {
        let words = look.page();
        self.ended = words == self.words;
        self.words = words;
        // Rows above the first header of the page go on where they were seen before.
        let mut current = None;
        let mut row: Option<Row> = None;
        for (index, element) in look.elements() {
            let text = look.text(index);
            match element.resource_entry() {
                "header" => {
                    self.add(row.take(), current);
                    current = Some(self.group(text));
                }
                "title" => {
                    self.add(row.take(), current);
                    row = Some(Row {
                        title: text.to_owned(),
                        due: String::new(),
                    });
                }
                "due_date" => {
                    if let Some(row) = &mut row {
                        row.due = text.to_owned();
                    }
                }
                _ => {}
            }
        }
        self.add(row, current);
    }

    fn group(&mut self, header: &str) -> usize {
        let known = self.groups.iter().position(|group| group.header == header);
        known.unwrap_or_else(|| {
            self.groups.push(Group {
                header: header.to_owned(),
                rows: Vec::new(),
            });
            self.groups.len() - 1
        })
    }

    /// Adds a row to its group, unless it is there already. Without a header on the page that is the
    /// last group, since everything above was seen on the page before.
    fn add(&mut self, row: Option<Row>, group: Option<usize>) {
        let Some(row) = row else {
            return;
        };
        if group.is_none() && self.groups.iter().any(|group| group.rows.contains(&row)) {
            return;
        }
        let last = self.groups.len().saturating_sub(1);
        if let Some(group) = self.groups.get_mut(group.unwrap_or(last))
            && !group.rows.contains(&row)
        {
            group.rows.push(row);
        }
    }
}

/// What is to be read from the list.
struct Reading {
    /// What the list is grouped by.
    by: &'static str,
    /// Whether the last group stands first.
    descending: bool,
    /// Whether completed tasks stand among the others.
    completed_among: bool,
    /// The groups that matter; they stand next to each other.
    headers: Vec<String>,
    /// The rows of these groups that matter: all, or those that are due on this day.
    label: Option<String>,
    /// The rows of the groups stand in the order of their days.
    by_day: bool,
    arranged: bool,
    listed: Listed,
    overdue_closed: bool,
}

impl Reading {
    fn new(by: &'static str, headers: Vec<String>) -> Reading {
        Reading {
            by,
            descending: false,
            completed_among: false,
            headers,
            label: None,
            by_day: false,
            arranged: false,
            listed: Listed::default(),
            overdue_closed: false,
        }
    }

    /// The next action towards a list that is grouped as wanted; `None` when it is shown.
    fn arrange(&mut self, look: Look) -> Option<Action> {
        if !look.shows(TODO) {
            return Some(open(TODO));
        }
        let words = look.words();
        if let Some(place) = words.iter().position(|words| *words == GROUPING) {
            if words.get(place + 1) != Some(&self.by) {
                return look.tap_named(GROUPING);
            }
            let turned = words.get(place + 2) == Some(&DESCENDING);
            if turned != self.descending {
                return look.tap_named(if turned { DESCENDING } else { ASCENDING });
            }
            let switch = look.find(|element| element.is_checkable);
            let at_bottom = switch.is_some_and(|index| look.element(index).is_checked);
            if at_bottom == self.completed_among {
                return look.tap_named(AT_BOTTOM);
            }
            self.arranged = true;
            self.listed = Listed::default();
            return Some(back());
        }
        if look.has("By list") {
            return look.tap_named(self.by);
        }
        match look.tap_id("menu_sort") {
            None => Some(back()),
            Some(sort) if !self.arranged => Some(sort),
            Some(_) => None,
        }
    }

    /// The rows that matter, as far as they were read.
    fn found(&self) -> Vec<Row> {
        let groups = self.groups();
        let rows = groups.flat_map(|group| &group.rows);
        rows.filter(|row| self.fits(row)).cloned().collect()
    }

    fn groups(&self) -> impl Iterator<Item = &Group> {
        let groups = self.listed.groups.iter();
        groups.filter(|group| self.headers.contains(&group.header))
    }

    fn fits(&self, row: &Row) -> bool {
        self.label.as_ref().is_none_or(|label| row.due == *label)
    }

    /// Whether all rows that matter were read.
    fn is_over(&self) -> bool {
        let past = |group: &Group| !self.headers.contains(&group.header);
        let begun = self.groups().next().is_some();
        let rows: Vec<&Row> = self.groups().flat_map(|group| &group.rows).collect();
        self.listed.ended
            || (begun && self.listed.groups.last().is_some_and(past))
            || (self.by_day
                && rows.iter().any(|row| self.fits(row))
                && rows.last().is_some_and(|row| !self.fits(row)))
    }

    fn next(&mut self, look: Look, say: impl Fn(Vec<Row>) -> String) -> Read {
        if let Some(action) = self.arrange(look) {
            return Read::On(action);
        }
        self.listed.take(look);
        if self.is_over() {
            return Read::Answer(say(self.found()));
        }
        // What is overdue may take several pages.
        let closes = !self.overdue_closed && !self.descending;
        let overdue = look.named(OVERDUE).filter(|_| closes);
        if let Some(index) = overdue
            && !self.headers.iter().any(|header| header == OVERDUE)
        {
            self.overdue_closed = true;
            self.listed = Listed::default();
            return Read::On(look.tap(index));
        }
        Read::On(Action::scroll(Direction::Down))
    }
}

/// Reads the list and says something about the rows that matter.
fn read(
    mut reading: Reading,
    say: impl Fn(Vec<Row>) -> String + Send + 'static,
) -> Box<dyn Solution> {
    reader(move |look| reading.next(look, &say))
}

fn titles(rows: Vec<Row>) -> String {
    let titles: Vec<String> = rows.into_iter().map(|row| row.title).collect();
    titles.join(", ")
}

/// Answers with what is due on a day from today on.
pub(super) fn due_on(day: Date) -> Box<dyn Solution> {
    read(Reading::new(BY_DUE_DATE, vec![header(day)]), titles)
}

/// Answers with how many tasks are due next week.
pub(super) fn count_of_next_week() -> Box<dyn Solution> {
    let headers = next_week().map(header).collect();
    read(Reading::new(BY_DUE_DATE, headers), |rows| {
        rows.len().to_string()
    })
}

/// Answers with what has high priority, or with that of it which is due on a day from today on.
pub(super) fn of_high_priority(day: Option<Date>) -> Box<dyn Solution> {
    let reading = Reading {
        label: day.map(label),
        ..Reading::new(BY_PRIORITY, vec![HIGH.to_owned()])
    };
    read(reading, move |mut rows| {
        // A day of last week may be shown by the same name; it stands further up.
        if day.is_some() && rows.len() > 1 {
            rows.drain(..rows.len() - 1);
        }
        titles(rows)
    })
}

/// Answers with what is completed of that which is due on a day.
pub(super) fn completed_of(day: Date) -> Box<dyn Solution> {
    let past = day < TODAY;
    // Little is due after the last days of the next week.
    let late = day > date(2023, 10, 17);
    let headers = vec![if past {
        OVERDUE.to_owned()
    } else {
        header(day)
    }];
    let reading = Reading {
        completed_among: true,
        descending: late,
        label: past.then(|| label(day)),
        by_day: past,
        ..Reading::new(BY_DUE_DATE, headers)
    };
    read(reading, titles)
}

/// Answers with what is not completed and due until a day from today on.
pub(super) fn open_until(day: Date) -> Box<dyn Solution> {
    let days = TODAY
        .series(jiff::Span::new().days(1))
        .take_while(|one| *one <= day);
    let headers = std::iter::once(OVERDUE.to_owned()).chain(days.map(header));
    read(Reading::new(BY_DUE_DATE, headers.collect()), titles)
}

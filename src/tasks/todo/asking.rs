//! Questions about the tasks of Tasks.org: what it holds for each of them.

use jiff::civil::{Date, Time, date};

use super::super::TaskError;
use super::super::answers::{Expected, Given, Question, Values, facts, question};
use super::row::ToDo;
use super::{TODAY, day_of, millis, reading, subjects};
use crate::domain::TaskSpec;

/// The day that the first of several tasks can be started; the next one a day later, and so on.
const STARTS: Date = date(2023, 10, 9);

const APPS: &[&str] = &["tasks"];
const DAYS: Values = Values::Days(TODAY, 15);
const NEXT_WEEK: Values = Values::Days(date(2023, 10, 16), 7);
const CHORES: Values = Values::Texts(subjects::CHORES);
const DUTIES: Values = Values::Texts(subjects::DUTIES);
const REMARKS: Values = Values::Texts(subjects::REMARKS);
const REMINDERS: Values = Values::Texts(subjects::REMINDERS);
const TIMES: Values = Values::Times(subjects::TIMES);

/// A task with the parameter `title` that is due on a day, at midnight where there is no time.
fn due(given: &mut Given<'_>, title: &str, day: Date, time: Time) -> Result<ToDo, TaskError> {
    let title = given.text(title)?;
    Ok(ToDo::new(
        title,
        millis(day.to_datetime(time)),
        &mut given.rng,
    ))
}

/// Lets tasks be started on one day after the other.
fn started_in_turn(rows: &mut [ToDo]) {
    for (row, day) in rows
        .iter_mut()
        .zip(STARTS.series(jiff::Span::new().days(1)))
    {
        row.hide_until = millis(day.at(0, 0, 0, 0));
    }
}

/// The titles are what is asked for.
fn titles(rows: &[ToDo]) -> Expected {
    Expected::Texts(rows.iter().map(|row| row.title.clone()).collect())
}

/// A number of the parameter `importance`.
fn importance(given: &Given<'_>) -> Result<i64, TaskError> {
    given.number("importance").map(|number| number as i64)
}

/// TasksDueOnDate.
pub(super) const DUE_ON_DATE: Question<ToDo> = question(
    TaskSpec::new(
        "TasksDueOnDate",
        APPS,
        1.0,
        "easy",
        &["search", "parameterized"],
        &["date", "importance", "title", "notes"],
    ),
    &[
        DAYS,
        Values::Numbers(&[0, 1, 2, 3, 0, 1, 2, 3]),
        CHORES,
        REMARKS,
    ],
    "What has to be ready {date}, going by the due dates in the Tasks app? Answer with the titles alone, with commas between them.",
    |given| {
        let day = given.day("date")?;
        let again = ["importance", "title", "notes"];
        let mut rows = given.several(3, &again, |given| {
            Ok(ToDo {
                importance: importance(given)?,
                notes: Some(given.text("notes")?),
                ..due(given, "title", day, Time::midnight())?
            })
        })?;
        started_in_turn(&mut rows);
        let expected = titles(&rows);
        facts(given, rows, expected, |row| day_of(row.due) == day)
    },
    |given| Ok(reading::due_on(given.day("date")?)),
);

/// TasksDueNextWeek.
pub(super) const DUE_NEXT_WEEK: Question<ToDo> = question(
    TaskSpec::new(
        "TasksDueNextWeek",
        APPS,
        1.0,
        "medium",
        &["information_retrieval", "parameterized"],
        &["title", "notes", "due_date"],
    ),
    &[DUTIES, REMINDERS, NEXT_WEEK],
    "How many due dates in the Tasks app lie in the coming week, Monday to Sunday? Answer with the number alone.",
    |given| {
        let again = ["title", "notes", "due_date"];
        let rows = given.several(6, &again, |given| {
            let day = given.day("due_date")?;
            Ok(ToDo {
                notes: Some(given.text("notes")?),
                ..due(given, "title", day, Time::midnight())?
            })
        })?;
        let expected = Expected::number(rows.len() as f64, None);
        facts(given, rows, expected, |row| {
            reading::next_week().any(|day| day == day_of(row.due))
        })
    },
    |_| Ok(reading::count_of_next_week()),
);

/// TasksHighPriorityTasks.
pub(super) const HIGH_PRIORITY: Question<ToDo> = question(
    TaskSpec::new(
        "TasksHighPriorityTasks",
        APPS,
        1.0,
        "medium",
        &[
            "complex_ui_understanding",
            "search",
            "information_retrieval",
            "transcription",
            "parameterized",
        ],
        &["task_title", "notes", "due_date", "time", "hide_until_date"],
    ),
    &[
        CHORES,
        REMARKS,
        NEXT_WEEK,
        TIMES,
        Values::Days(date(2023, 10, 10), 6),
    ],
    "What is of high priority in the Tasks app? Answer with the titles alone, with commas between them.",
    |given| {
        let (day, time) = (given.day("due_date")?, given.time("time")?);
        let start = given.day("hide_until_date")?;
        let rows = vec![ToDo {
            importance: 0,
            hide_until: millis(start.at(0, 0, 0, 0)),
            notes: Some(given.text("notes")?),
            ..due(given, "task_title", day, time)?
        }];
        let expected = titles(&rows);
        facts(given, rows, expected, |row| row.importance == 0)
    },
    |_| Ok(reading::of_high_priority(None)),
);

/// TasksHighPriorityTasksDueOnDate.
pub(super) const HIGH_PRIORITY_DUE_ON_DATE: Question<ToDo> = question(
    TaskSpec::new(
        "TasksHighPriorityTasksDueOnDate",
        APPS,
        1.0,
        "medium",
        &["information_retrieval", "screen_reading", "parameterized"],
        &["date", "time", "title"],
    ),
    &[
        DAYS,
        Values::Times(subjects::LATEST),
        Values::Texts(subjects::DEADLINES),
    ],
    "What does the Tasks app mark as high priority with the due date {date}? Answer with the titles alone, with commas between them.",
    |given| {
        let (day, time) = (given.day("date")?, given.time("time")?);
        let rows = vec![ToDo {
            importance: 0,
            ..due(given, "title", day, time)?
        }];
        let expected = titles(&rows);
        facts(given, rows, expected, |row| {
            row.importance == 0 && day_of(row.due) == day
        })
    },
    |given| Ok(reading::of_high_priority(Some(given.day("date")?))),
);

/// TasksCompletedTasksForDate.
pub(super) const COMPLETED_FOR_DATE: Question<ToDo> = question(
    TaskSpec::new(
        "TasksCompletedTasksForDate",
        APPS,
        1.0,
        "medium",
        &["information_retrieval", "search", "parameterized"],
        &["title", "notes", "date", "completed_date", "time"],
    ),
    &[
        DUTIES,
        REMINDERS,
        Values::Days(date(2023, 10, 10), 11),
        Values::Days(date(2023, 10, 10), 6),
        TIMES,
    ],
    "Of what is due {date} in the Tasks app, what is done already? Answer with the titles alone, with commas between them.",
    |given| {
        let (day, done) = (given.day("date")?, given.day("completed_date")?);
        let again = ["title", "notes", "time"];
        let mut rows = given.several(3, &again, |given| {
            let time = given.time("time")?;
            Ok(ToDo {
                completed: millis(done.to_datetime(time)),
                notes: Some(given.text("notes")?),
                ..due(given, "title", day, Time::midnight())?
            })
        })?;
        started_in_turn(&mut rows);
        let expected = titles(&rows);
        facts(given, rows, expected, |row| day_of(row.due) == day)
    },
    |given| Ok(reading::completed_of(given.day("date")?)),
);

/// TasksIncompleteTasksOnDate.
pub(super) const INCOMPLETE_ON_DATE: Question<ToDo> = question(
    TaskSpec::new(
        "TasksIncompleteTasksOnDate",
        APPS,
        1.0,
        "easy",
        &["parameterized", "screen_reading", "information_retrieval"],
        &["title", "importance", "notes", "date", "time"],
    ),
    &[
        DUTIES,
        Values::Numbers(&[0, 1, 2, 3]),
        REMINDERS,
        DAYS,
        TIMES,
    ],
    "Going by the Tasks app, what is not done yet and due by {date}? Answer with the titles alone, with commas between them.",
    |given| {
        let day = given.day("date")?;
        let again = ["title", "importance", "notes", "time"];
        let rows = given.several(3, &again, |given| {
            let time = given.time("time")?;
            Ok(ToDo {
                importance: importance(given)?,
                notes: Some(given.text("notes")?),
                ..due(given, "title", day, time)?
            })
        })?;
        let expected = titles(&rows);
        facts(given, rows, expected, |row| {
            !row.is_completed() && day_of(row.due) <= day
        })
    },
    |given| Ok(reading::open_until(given.day("date")?)),
);

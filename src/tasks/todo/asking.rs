//! Questions about the tasks of Tasks.org: what it holds for each of them.

use jiff::civil::{Date, Time, date};

use super::super::TaskError;
use super::super::answers::{Expected, Facts, Given, Question, Values, question};
use super::row::ToDo;
use super::{TODAY, day_of, millis, reading, subjects};
use crate::domain::TaskSpec;

/// Other tasks.
const NOISE: usize = 20;
/// The day that the first of several tasks can be started; the next one a day later, and so on.
const STARTS: Date = date(2023, 10, 9);

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

/// As many tasks as asked for; the parameters `again` are drawn anew for each but the first.
fn several(
    given: &mut Given<'_>,
    count: i32,
    again: &[&'static str],
    make: impl Fn(&mut Given<'_>) -> Result<ToDo, TaskError>,
) -> Result<Vec<ToDo>, TaskError> {
    let mut rows = Vec::new();
    for number in 0..count {
        if number > 0 {
            given.redraw(again)?;
        }
        rows.push(make(given)?);
    }
    Ok(rows)
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

/// The facts of a question: tasks, and others that are not excluded.
fn facts(
    given: &mut Given<'_>,
    mut rows: Vec<ToDo>,
    expected: Expected,
    excluded: impl Fn(&ToDo) -> bool,
) -> Result<Facts<ToDo>, TaskError> {
    rows.extend(given.noise(NOISE, ToDo::random, excluded)?);
    Ok(Facts { rows, expected })
}

/// The titles are what is asked for.
fn titles(rows: &[ToDo]) -> Expected {
    Expected::Texts(rows.iter().map(|row| row.title.clone()).collect())
}

/// A number of the parameter `importance`.
fn importance(given: &Given<'_>) -> Result<i64, TaskError> {
    given.number("importance").map(|number| number as i64)
}

const fn spec(
    name: &'static str,
    difficulty: &'static str,
    tags: &'static [&'static str],
    params: &'static [&'static str],
) -> TaskSpec {
    TaskSpec {
        name,
        apps: &["tasks"],
        complexity: 1.0,
        difficulty,
        tags,
        params,
    }
}

/// TasksDueOnDate.
pub(super) const DUE_ON_DATE: Question<ToDo> = question(
    spec(
        "TasksDueOnDate",
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
        let mut rows = several(given, 3, &again, |given| {
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
    spec(
        "TasksDueNextWeek",
        "medium",
        &["information_retrieval", "parameterized"],
        &["title", "notes", "due_date"],
    ),
    &[DUTIES, REMINDERS, NEXT_WEEK],
    "How many due dates in the Tasks app lie in the coming week, Monday to Sunday? Answer with the number alone.",
    |given| {
        let again = ["title", "notes", "due_date"];
        let rows = several(given, 6, &again, |given| {
            let day = given.day("due_date")?;
            Ok(ToDo {
                notes: Some(given.text("notes")?),
                ..due(given, "title", day, Time::midnight())?
            })
        })?;
        let expected = Expected::Numbers {
            values: vec![rows.len() as f64],
            tolerance: None,
        };
        facts(given, rows, expected, |row| {
            reading::next_week().any(|day| day == day_of(row.due))
        })
    },
    |_| Ok(reading::count_of_next_week()),
);

/// TasksHighPriorityTasks.
pub(super) const HIGH_PRIORITY: Question<ToDo> = question(
    spec(
        "TasksHighPriorityTasks",
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
    spec(
        "TasksHighPriorityTasksDueOnDate",
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
    spec(
        "TasksCompletedTasksForDate",
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
        let mut rows = several(given, 3, &again, |given| {
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
    spec(
        "TasksIncompleteTasksOnDate",
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
        let rows = several(given, 3, &again, |given| {
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

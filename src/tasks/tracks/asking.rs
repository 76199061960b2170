//! Questions about tracks: what the app holds for each of them.

use jiff::civil::{Date, date};

use super::super::TaskError;
use super::super::answers::{Expected, Given, Question, Values, facts, question};
use super::listing::Listed;
use super::track::{Track, as_shown, moment};
use super::{reading, words};
use crate::domain::TaskSpec;

/// Answers in metres are right when they are nearer than this.
const NEAR: f64 = 10.0;
/// This week begins on Monday and ends today.
const MONDAY: Date = date(2023, 10, 9);
/// Its last day.
const SUNDAY: Date = date(2023, 10, 15);

const APPS: &[&str] = &["open tracks sports tracker"];
const CATEGORIES: Values = Values::Texts(words::CATEGORIES);
const DURATIONS: Values = Values::Numbers(words::DURATIONS);
const DISTANCES: Values = Values::Numbers(words::DISTANCES);
const TIMES: Values = Values::Times(words::TIMES);
const ELEVATIONS: Values = Values::Numbers(words::ELEVATIONS);
const NAMES: Values = Values::Texts(words::NAMES);
const DESCRIPTIONS: Values = Values::Texts(words::DESCRIPTIONS);
const THIS_WEEK: Values = Values::Days(MONDAY, 7);

/// What a second track of a question has of its own, besides its day or its type.
const OWN: [&str; 6] = [
    "duration",
    "distance",
    "start_time",
    "elevation",
    "activity_name",
    "activity_description",
];

/// A track of the parameters, on the day of one of them.
fn track(given: &mut Given<'_>, day: &str) -> Result<Track, TaskError> {
    let start = moment(given.day(day)?, given.time("start_time")?);
    let minutes = given.number("duration")?;
    Ok(Track {
        name: given.text("activity_name")?,
        description: given.text("activity_description")?,
        category: given.text("category")?,
        totaldistance: as_shown(given.number("distance")?),
        elevationgain: given.number("elevation")? as i64,
        ..Track::new(start, minutes, &mut given.rng)
    })
}

/// Two tracks: the second has drawn what is its own again, and these parameters too.
fn two(given: &mut Given<'_>, day: &str, also: &[&'static str]) -> Result<Vec<Track>, TaskError> {
    given.several(2, &[&OWN, also].concat(), |given| track(given, day))
}

fn is_this_week(track: &Track) -> bool {
    (MONDAY..=SUNDAY).contains(&track.day())
}

fn metres(rows: &[Listed]) -> f64 {
    rows.iter().map(|row| row.metres).sum::<f64>().round()
}

fn minutes(rows: &[Listed]) -> f64 {
    rows.iter().map(|row| row.minutes).sum()
}

/// Parameters of a question: the day of its tracks, and what else they have.
const fn params(day: &'static str) -> [&'static str; 8] {
    [
        day,
        "category",
        "duration",
        "distance",
        "start_time",
        "elevation",
        "activity_name",
        "activity_description",
    ]
}

/// What they are drawn from.
const fn values(days: Values) -> [Values; 8] {
    [
        days,
        CATEGORIES,
        DURATIONS,
        DISTANCES,
        TIMES,
        ELEVATIONS,
        NAMES,
        DESCRIPTIONS,
    ]
}

const WEEK_PARAMS: &[&str] = &params("start_date");
const WEEK_VALUES: &[Values] = &values(THIS_WEEK);
const DAY_PARAMS: &[&str] = &params("date");

/// SportsTrackerActivitiesCountForWeek.
pub(super) const COUNT_FOR_WEEK: Question<Track> = question(
    TaskSpec::new(
        "SportsTrackerActivitiesCountForWeek",
        APPS,
        1.0,
        "easy",
        &["search", "requires_setup", "parameterized"],
        WEEK_PARAMS,
    ),
    WEEK_VALUES,
    "How many {category} tracks does OpenTracks have from this week, which began on Monday? Answer with the number alone.",
    |given| {
        let rows = two(given, "start_date", &["start_date"])?;
        let (category, expected) = (
            given.text("category")?,
            Expected::number(rows.len() as f64, None),
        );
        facts(given, rows, expected, |track| {
            track.category == category && is_this_week(track)
        })
    },
    |given| {
        let count = |rows: &[Listed]| rows.len() as f64;
        Ok(reading::found(
            given.text("category")?,
            MONDAY..=SUNDAY,
            count,
        ))
    },
);

/// SportsTrackerActivitiesOnDate.
pub(super) const ON_DATE: Question<Track> = question(
    TaskSpec::new(
        "SportsTrackerActivitiesOnDate",
        APPS,
        2.0,
        "hard",
        &[
            "search",
            "complex_ui_understanding",
            "screen_reading",
            "information_retrieval",
            "transcription",
            "parameterized",
        ],
        DAY_PARAMS,
    ),
    &values(Values::Days(date(2023, 9, 24), 20)),
    "Of which activity types are the tracks of {date} in OpenTracks? Answer with the types alone, with commas between them.",
    |given| {
        let day = given.day("date")?;
        let rows = two(given, "date", &["category"])?;
        let types = rows.iter().map(|track| track.category.clone()).collect();
        facts(given, rows, Expected::Texts(types), |track| {
            track.day() == day
        })
    },
    |given| Ok(reading::types(given.day("date")?)),
);

/// SportsTrackerActivityDuration.
pub(super) const DURATION: Question<Track> = question(
    TaskSpec::new(
        "SportsTrackerActivityDuration",
        APPS,
        1.0,
        "easy",
        &["information_retrieval", "parameterized"],
        DAY_PARAMS,
    ),
    &values(Values::Days(date(2023, 10, 5), 11)),
    "How many minutes did the {category} track of {date} in OpenTracks take? Answer with the number alone.",
    |given| {
        let row = track(given, "date")?;
        let (day, category) = (row.day(), row.category.clone());
        let expected = Expected::number(row.minutes(), None);
        facts(given, vec![row], expected, |track| {
            track.category == category && track.day() == day
        })
    },
    |given| {
        let day = given.day("date")?;
        Ok(reading::found(given.text("category")?, day..=day, minutes))
    },
);

/// SportsTrackerLongestDistanceActivity.
pub(super) const LONGEST_DISTANCE: Question<Track> = question(
    TaskSpec::new(
        "SportsTrackerLongestDistanceActivity",
        APPS,
        1.0,
        "easy",
        &[
            "parameterized",
            "screen_reading",
            "information_retrieval",
            "math_counting",
        ],
        WEEK_PARAMS,
    ),
    WEEK_VALUES,
    "What is the longest distance of a {category} track in OpenTracks this week, which began on Monday? Answer with whole metres alone.",
    |given| {
        let row = track(given, "start_date")?;
        let (category, distance) = (row.category.clone(), row.totaldistance);
        let expected = Expected::number(distance, Some(NEAR));
        facts(given, vec![row], expected, |track| {
            track.category == category && is_this_week(track) && track.totaldistance >= distance
        })
    },
    |given| {
        let longest = |rows: &[Listed]| {
            let distances = rows.iter().map(|row| row.metres);
            distances.fold(0.0, f64::max).round()
        };
        let category = given.text("category")?;
        Ok(reading::found(category, MONDAY..=SUNDAY, longest))
    },
);

/// SportsTrackerTotalDistanceForCategoryOverInterval.
pub(super) const TOTAL_DISTANCE: Question<Track> = question(
    TaskSpec::new(
        "SportsTrackerTotalDistanceForCategoryOverInterval",
        APPS,
        2.0,
        "hard",
        &["search", "parameterized", "math_counting"],
        &[
            "start_date",
            "end_date",
            "category",
            "duration",
            "distance",
            "start_time",
            "elevation",
            "activity_name",
            "activity_description",
        ],
    ),
    &[
        Values::Days(date(2023, 10, 1), 9),
        Values::Days(date(2023, 10, 10), 6),
        CATEGORIES,
        DURATIONS,
        DISTANCES,
        TIMES,
        ELEVATIONS,
        NAMES,
        DESCRIPTIONS,
    ],
    "Add up the distances of the {category} tracks in OpenTracks from {start_date} to {end_date}, both included. Answer with whole metres alone.",
    |given| {
        let days = given.day("start_date")?..=given.day("end_date")?;
        let rows = two(given, "start_date", &[])?;
        let category = given.text("category")?;
        let sum = rows.iter().map(|track| track.totaldistance).sum();
        facts(given, rows, Expected::number(sum, Some(NEAR)), |track| {
            track.category == category && days.contains(&track.day())
        })
    },
    |given| {
        let days = given.day("start_date")?..=given.day("end_date")?;
        Ok(reading::found(given.text("category")?, days, metres))
    },
);

/// SportsTrackerTotalDurationForCategoryThisWeek.
pub(super) const TOTAL_DURATION: Question<Track> = question(
    TaskSpec::new(
        "SportsTrackerTotalDurationForCategoryThisWeek",
        APPS,
        1.0,
        "hard",
        &["math_counting", "search", "parameterized"],
        WEEK_PARAMS,
    ),
    WEEK_VALUES,
    "How many minutes do the {category} tracks in OpenTracks from this week, which began on Monday, take together? Answer with the number alone.",
    |given| {
        let rows = two(given, "start_date", &["start_date"])?;
        let category = given.text("category")?;
        let sum = rows.iter().map(Track::minutes).sum();
        facts(given, rows, Expected::number(sum, None), |track| {
            track.category == category && is_this_week(track)
        })
    },
    |given| {
        let category = given.text("category")?;
        Ok(reading::found(category, MONDAY..=SUNDAY, minutes))
    },
);

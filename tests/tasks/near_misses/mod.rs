//! Near misses: what spoils a success a little, and the score after it. One file per app.

mod answers;
mod browser;
mod calendar;
mod camera;
mod clipboard;
mod clock;
mod contacts;
mod draw;
mod expense;
mod files;
mod gallery;
mod markor;
mod messages;
mod open_app;
mod osmand;
mod recipes;
mod recorder;
mod retro;
mod settings;
mod vlc;

use stepdroid::domain::Instance;

pub use calendar::EVENTS;
pub use expense::EXPENSES;
pub use markor::NOTES;
pub use recipes::RECIPES;
pub use vlc::LIBRARY;

/// A task that was solved.
pub struct Solved<'a> {
    pub instance: &'a Instance,
    /// The answer that was right, if one was given.
    pub answer: Option<&'a str>,
}

impl Solved<'_> {
    /// A parameter that is a text.
    pub fn text(&self, name: &str) -> &str {
        self.instance.params[name].as_str().unwrap()
    }
}

/// What is done after a success.
pub enum Deed {
    /// A script on the device.
    Script(String),
    /// Another answer than the right one.
    Answer(String),
}

/// A deed and the score that it must give.
pub struct NearMiss {
    pub deed: Deed,
    pub score: f64,
}

/// A script that leaves nothing of the success.
pub fn script(script: impl Into<String>) -> NearMiss {
    NearMiss {
        deed: Deed::Script(script.into()),
        score: 0.0,
    }
}

/// A script that leaves half of the success.
pub fn half(script: impl Into<String>) -> NearMiss {
    NearMiss {
        deed: Deed::Script(script.into()),
        score: 0.5,
    }
}

/// A wrong answer.
pub fn answer(answer: impl Into<String>) -> NearMiss {
    NearMiss {
        deed: Deed::Answer(answer.into()),
        score: 0.0,
    }
}

/// A script with one SQL statement.
pub fn sql(database: &str, statement: &str) -> NearMiss {
    script(format!("sqlite3 {database} \"{statement}\""))
}

/// The near misses of an app's tasks; nothing for other apps' tasks.
type OfApp = fn(&str, &Solved<'_>) -> Option<Vec<NearMiss>>;

const APPS: &[OfApp] = &[
    answers::near_misses,
    clipboard::near_misses,
    open_app::near_misses,
    browser::near_misses,
    settings::near_misses,
    clock::near_misses,
    contacts::near_misses,
    markor::near_misses,
    expense::near_misses,
    gallery::near_misses,
    calendar::near_misses,
    messages::near_misses,
    draw::near_misses,
    recipes::near_misses,
    recorder::near_misses,
    retro::near_misses,
    files::near_misses,
    camera::near_misses,
    osmand::near_misses,
    vlc::near_misses,
];

/// The near misses of a task.
pub fn of(task: &str, solved: &Solved<'_>) -> Vec<NearMiss> {
    let found = APPS.iter().find_map(|app| app(task, solved));
    found.unwrap_or_else(|| panic!("no near miss for {task}: {}", solved.instance.goal))
}

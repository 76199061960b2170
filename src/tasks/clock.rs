//! Tasks in Clock, judged by what the screen shows (catalogue section 3.4).

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::CLOCK;
use super::rights::Rights;
use super::screen::{Look, back, is_named, open, steps};
use super::{Solution, Task, TaskError, base, params};
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec, UiElement};

/// Clears the app's data, where there is a copy of its alarms: where the shell is root.
const CLEAR: &str =
    "if [ \"$(id -u)\" = 0 ]; then pm clear com.google.android.deskclock >/dev/null; fi";

/// Looks at the screen until the stopwatch stands at zero.
const LOOKS: u32 = 10;

/// Which of the tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    StopwatchPaused,
    StopwatchRunning,
    Timer,
}

/// Parameters of the timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Time {
    hours: u8,
    minutes: u8,
    seconds: u8,
}

impl Time {
    fn read(spec: &TaskSpec, params: &Params) -> Result<Time, TaskError> {
        let time: Time = params::read(spec, params)?;
        if time.hours > 99 || time.minutes > 59 || time.seconds > 59 {
            return Err(params::wrong(spec, "not a time that a timer can hold"));
        }
        Ok(time)
    }

    /// As the timer shows it.
    fn shown(self) -> String {
        let Time {
            hours,
            minutes,
            seconds,
        } = self;
        format!("{hours:02}h {minutes:02}m {seconds:02}s")
    }

    /// As a screen reader says it; the benchmark knows no singular.
    fn spoken(self) -> String {
        let Time {
            hours,
            minutes,
            seconds,
        } = self;
        format!("{hours} hours, {minutes} minutes, {seconds} seconds")
    }
}

struct Clock {
    spec: TaskSpec,
    wish: Wish,
}

impl Clock {
    fn time(&self, params: &Params) -> Result<Option<Time>, TaskError> {
        match self.wish {
            Wish::Timer => Time::read(&self.spec, params).map(Some),
            _ => Ok(None),
        }
    }
}

#[async_trait]
impl Task for Clock {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        match self.wish {
            Wish::Timer => params::write(&Time {
                hours: rng.random_range(0..24),
                minutes: rng.random_range(0..60),
                seconds: rng.random_range(0..60),
            }),
            _ => Params::new(),
        }
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        Ok(match (self.wish, self.time(params)?) {
            (Wish::StopwatchPaused, _) => "Pause the stopwatch in Clock.".to_owned(),
            (Wish::StopwatchRunning, _) => "Start the stopwatch in Clock.".to_owned(),
            (Wish::Timer, time) => format!(
                "Set a timer of {} in Clock, but do not start it.",
                time.map(Time::shown).unwrap_or_default()
            ),
        })
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        let ran = base::begin(device, &self.spec, CLEAR).await?;
        match (ran.rights, self.wish) {
            (Rights::Root, _) | (_, Wish::Timer) => Ok(()),
            (Rights::Shell, _) => set_to_zero(device).await,
        }
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let top = async { Ok(device.adb().top_activity().await?) };
        let (elements, top) = tokio::try_join!(device.elements(), top)?;
        let in_clock = top.is_some_and(|component| component.contains("DeskClock"));
        Ok(in_clock && shows(&elements, self.wish, self.time(&instance.params)?))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        let rights = base::end(device, &self.spec, CLEAR).await?;
        match (rights, self.wish) {
            (Rights::Root, _) | (_, Wish::Timer) => Ok(()),
            (Rights::Shell, _) => set_to_zero(device).await,
        }
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let (wish, time) = (self.wish, self.time(&instance.params)?);
        Ok(steps(move |look| {
            if !look.shows(CLOCK) {
                return open(CLOCK);
            }
            match time {
                Some(time) => enter(look, time),
                None => stopwatch(look, wish),
            }
        }))
    }
}

/// The benchmark's conditions.
fn shows(elements: &[UiElement], wish: Wish, time: Option<Time>) -> bool {
    let described = |words: &str| {
        elements
            .iter()
            .any(|element| element.content_description.as_deref() == Some(words))
    };
    match wish {
        Wish::StopwatchPaused => described("Start") && on_stopwatch(elements.iter()),
        Wish::StopwatchRunning => described("Pause") && described("Lap"),
        Wish::Timer => time.is_some_and(|time| {
            let shown = time.shown();
            described(&time.spoken())
                || elements
                    .iter()
                    .any(|element| element.text.as_deref() == Some(&*shown))
        }),
    }
}

/// Whether the stopwatch's page is open: its name stands in the title and on the tab.
fn on_stopwatch<'a>(elements: impl Iterator<Item = &'a UiElement>) -> bool {
    elements
        .filter(|element| is_named(element, "Stopwatch"))
        .count()
        >= 2
}

/// Stops the stopwatch and sets it to zero by its own buttons, where its data can't be cleared, and leaves the app.
async fn set_to_zero(device: &Device) -> Result<(), TaskError> {
    for _ in 0..LOOKS {
        let observation = device.observe(false).await?;
        let look = Look::at(&observation);
        if let Some(action) = towards_zero(look) {
            device.perform(&action, &observation).await?;
            continue;
        }
        // The app opens where it was left, and its first page is another.
        if let Some(action) = look.tap_named("Clock") {
            device.perform(&action, &observation).await?;
        }
        return base::close_all(device).await;
    }
    let reason =
        "the stopwatch of Clock can't be found and set to zero; is the phone's language English?";
    Err(TaskError::setup(device, reason))
}

/// The next action towards a stopwatch at zero; none when it is there.
fn towards_zero(look: Look) -> Option<Action> {
    if !look.shows(CLOCK) {
        return Some(open(CLOCK));
    }
    if !on_stopwatch(look.elements().map(|(_, element)| element)) {
        return Some(look.tap_named("Stopwatch").unwrap_or_else(back));
    }
    look.tap_named("Pause").or_else(|| look.tap_named("Reset"))
}

fn stopwatch(look: Look, wish: Wish) -> Action {
    let running = look.has("Pause") && look.has("Lap");
    let opened = on_stopwatch(look.elements().map(|(_, element)| element));
    let paused = opened && look.has("Start");
    let press = match wish {
        _ if !running && !paused => "Stopwatch",
        Wish::StopwatchRunning if paused => "Start",
        Wish::StopwatchPaused if running => "Pause",
        _ => return Action::complete(),
    };
    look.tap_named(press).unwrap_or_else(back)
}

/// Types the digits of a timer, one by one; they shift in from the right.
fn enter(look: Look, time: Time) -> Action {
    let Some(shown) = look.id("timer_setup_time") else {
        let button = look.tap_named("Add timer");
        return button
            .or_else(|| look.tap_named("Timer"))
            .unwrap_or_else(back);
    };
    let digits = |text: &str| -> String {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.trim_start_matches('0').to_owned()
    };
    let wanted = digits(&time.shown());
    let shown = digits(look.text(shown));
    if shown == wanted {
        return Action::complete();
    }
    let next = match wanted.strip_prefix(&*shown) {
        Some(rest) => format!("timer_setup_digit_{}", &rest[..1]),
        None => "timer_setup_delete".to_owned(),
    };
    look.tap_id(&next).unwrap_or_else(back)
}

const fn clock(
    name: &'static str,
    tags: &'static [&'static str],
    params: &'static [&'static str],
    wish: Wish,
) -> Clock {
    Clock {
        spec: TaskSpec::new(name, &["clock"], 1.0, "easy", tags, params),
        wish,
    }
}

/// The tasks of this file.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &clock(
        "ClockStopWatchPausedVerify",
        &["verification"],
        &[],
        Wish::StopwatchPaused,
    ),
    &clock("ClockStopWatchRunning", &[], &[], Wish::StopwatchRunning),
    &clock(
        "ClockTimerEntry",
        &["data_entry", "parameterized"],
        &["hours", "minutes", "seconds"],
        Wish::Timer,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn element(text: &str, description: &str) -> UiElement {
        UiElement {
            text: Some(text.to_owned()),
            content_description: Some(description.to_owned()),
            ..UiElement::default()
        }
    }

    #[test]
    fn a_timer_is_read_in_either_form() {
        let time = Time {
            hours: 1,
            minutes: 2,
            seconds: 30,
        };
        let judge = |element: UiElement| shows(&[element], Wish::Timer, Some(time));
        assert!(judge(element("01h 02m 30s", "")));
        assert!(judge(element("", "1 hours, 2 minutes, 30 seconds")));
        assert!(!judge(element("", "1 hour, 2 minutes, 30 seconds")));
        assert!(!judge(element("01h 02m 31s", "")));
    }

    #[test]
    fn a_paused_stopwatch_is_one_on_its_page() {
        let tab = element("", "Stopwatch");
        let start = element("", "Start");
        let judge = |elements: &[UiElement]| shows(elements, Wish::StopwatchPaused, None);
        assert!(judge(&[
            element("Stopwatch", ""),
            tab.clone(),
            start.clone()
        ]));
        assert!(!judge(&[element("Timer", ""), tab.clone(), start]));
        assert!(!judge(&[element("Stopwatch", ""), tab]));
    }

    #[test]
    fn impossible_times_are_refused() {
        let task = super::super::find("ClockTimerEntry").unwrap();
        let mut params = Params::new();
        for (name, value) in [("hours", 1), ("minutes", 60), ("seconds", 0)] {
            params.insert(name.into(), value.into());
        }
        assert!(task.goal(&params).is_err());
        params.insert("minutes".into(), 5.into());
        assert!(task.goal(&params).unwrap().contains("01h 05m 00s"));
    }
}

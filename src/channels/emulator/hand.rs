//! Gestures as what an emulator's control service takes: fingers, keys and text. Pure but for the sending; uses
//! `emulator`, and `device` for what the service can't do.

use std::time::Duration;

use tokio::time::sleep;

use crate::adb::parse::dumpsys::Viewport;
use crate::device::Gesture;
use crate::domain::Point;
use crate::emulator::{Control, EmulatorError, Stroke};

/// As long as the device's own tool takes for a swipe.
const SWIPE: Duration = Duration::from_millis(300);
/// How often a finger moves, as a touch screen tells it.
const FRAME: Duration = Duration::from_millis(16);
/// Pause between two gestures: two taps in less than 40 ms are not a double tap for Android, and what the emulator has
/// taken it does in a moment.
const PAUSE: Duration = Duration::from_millis(60);
/// Signs that are typed at once: each is up to eight events, and the guest's buffer holds few.
const TYPED: usize = 8;
/// Pause after them.
const TYPING: Duration = Duration::from_millis(10);

/// Linux's numbers of keys (`linux/input-event-codes.h`).
const BACKSPACE: i32 = 14;
const LEFT_CONTROL: i32 = 29;
const A: i32 = 30;

/// One call, or a wait between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A finger is there.
    Touch(Point),
    /// It is lifted there.
    Lift(Point),
    /// A key by its name in browsers.
    Named(&'static str),
    /// A key of the keyboard.
    Key(i32, Stroke),
    /// Signs of the keyboard.
    Typed(String),
    /// Nothing, for so long.
    Wait(Duration),
}

/// What a gesture is for the service; `None` for what it can't do: text with other signs than a keyboard of ASCII has,
/// any text where it has no keyboard, and keys that it has no name for.
pub fn steps(gesture: &Gesture, keyboard: bool) -> Option<Vec<Step>> {
    Some(match gesture {
        Gesture::Tap(at) => vec![Step::Touch(*at), Step::Lift(*at)],
        Gesture::Press(at, duration) => {
            vec![Step::Touch(*at), Step::Wait(*duration), Step::Lift(*at)]
        }
        Gesture::Swipe { from, to, duration } => swipe(*from, *to, duration.unwrap_or(SWIPE)),
        // The benchmark's own way of doing nothing: no finger is there.
        Gesture::Key("KEYCODE_UNKNOWN") => vec![Step::Lift(Point { x: 0, y: 0 })],
        Gesture::Key(name) => vec![Step::Named(named(name)?)],
        Gesture::Text(text) if keyboard => typed(text)?,
        Gesture::Clear if keyboard => vec![
            Step::Key(LEFT_CONTROL, Stroke::Down),
            Step::Key(A, Stroke::Press),
            Step::Key(LEFT_CONTROL, Stroke::Up),
            Step::Key(BACKSPACE, Stroke::Press),
        ],
        Gesture::Text(_) | Gesture::Clear => return None,
    })
}

/// Keys that an emulator has whatever its keyboard is, by their names in browsers.
fn named(key: &str) -> Option<&'static str> {
    Some(match key {
        "KEYCODE_HOME" => "GoHome",
        "KEYCODE_BACK" => "GoBack",
        "KEYCODE_APP_SWITCH" => "AppSwitch",
        "KEYCODE_ENTER" => "Enter",
        "KEYCODE_DEL" => "Backspace",
        _ => return None,
    })
}

fn typed(text: &str) -> Option<Vec<Step>> {
    if !text
        .chars()
        .all(|sign| sign == '\n' || matches!(sign, ' '..='~'))
    {
        return None;
    }
    let mut steps = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            steps.push(Step::Named("Enter"));
        }
        let mut rest = line;
        while !rest.is_empty() {
            // ASCII: every place is one between two signs.
            let (piece, left) = rest.split_at(rest.len().min(TYPED));
            steps.extend([Step::Typed(piece.to_owned()), Step::Wait(TYPING)]);
            rest = left;
        }
    }
    Some(steps)
}

fn swipe(from: Point, to: Point, duration: Duration) -> Vec<Step> {
    let moves = (duration.as_millis() / FRAME.as_millis()).clamp(1, 1_000) as i64;
    let pause = duration / u32::try_from(moves).unwrap_or(1);
    let between = |from: i32, to: i32, part: i64| {
        let way = i64::from(to) - i64::from(from);
        i32::try_from(i64::from(from) + way * part / moves).unwrap_or(to)
    };
    let mut steps = vec![Step::Touch(from)];
    for part in 1..=moves {
        let at = Point {
            x: between(from.x, to.x, part),
            y: between(from.y, to.y, part),
        };
        steps.extend([Step::Wait(pause), Step::Touch(at)]);
    }
    steps.push(Step::Lift(to));
    steps
}

/// Does the steps of one gesture. `viewport` says where the screen's points are on the panel, which is what is touched.
///
/// # Errors
/// When the service fails.
pub async fn perform(
    control: &Control,
    viewport: Option<Viewport>,
    steps: &[Step],
) -> Result<(), EmulatorError> {
    let panel = |at: Point| match viewport {
        Some(viewport) => viewport.logical.turn_point((4 - viewport.turns) % 4, at),
        None => at,
    };
    for step in steps {
        match step {
            Step::Touch(at) => {
                let at = panel(*at);
                control.touch(at.x, at.y).await?;
            }
            Step::Lift(at) => {
                let at = panel(*at);
                control.lift(at.x, at.y).await?;
            }
            Step::Named(key) => control.press(key).await?,
            Step::Key(number, stroke) => control.key(*number, *stroke).await?,
            Step::Typed(text) => control.type_text(text).await?,
            Step::Wait(time) => sleep(*time).await,
        }
    }
    Ok(())
}

/// Waits between two gestures.
pub async fn pause() {
    sleep(PAUSE).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gestures_are_fingers_and_keys() {
        let (from, to) = (Point { x: 10, y: 900 }, Point { x: 10, y: 100 });
        let long = Duration::from_secs(1);
        let steps = |gesture| steps(&gesture, true).unwrap();
        assert_eq!(
            steps(Gesture::Press(from, long)),
            [Step::Touch(from), Step::Wait(long), Step::Lift(from)]
        );
        let swipe = steps(Gesture::Swipe {
            from,
            to,
            duration: None,
        });
        let moved = swipe.iter().filter(|step| matches!(step, Step::Touch(_)));
        assert_eq!(moved.count(), 19);
        assert_eq!(swipe[swipe.len() - 2..], [Step::Touch(to), Step::Lift(to)]);
        let waits = swipe.iter().map(|step| match step {
            Step::Wait(time) => *time,
            _ => Duration::ZERO,
        });
        let time: Duration = waits.sum();
        assert!(time <= SWIPE && time > SWIPE - FRAME, "{time:?}");
        let typed = steps(Gesture::Text("a b~\nlonger than that".to_owned()));
        let words: Vec<&str> = typed
            .iter()
            .filter_map(|step| match step {
                Step::Typed(text) => Some(&**text),
                Step::Named(name) => Some(*name),
                _ => None,
            })
            .collect();
        assert_eq!(words, ["a b~", "Enter", "longer t", "han that"]);
        assert_eq!(steps(Gesture::Key("KEYCODE_BACK")), [Step::Named("GoBack")]);
    }

    #[test]
    fn what_no_keyboard_has_is_left_to_others() {
        for text in ["ä", "a\tb", "😀", "\u{7f}"] {
            assert_eq!(steps(&Gesture::Text(text.to_owned()), true), None, "{text}");
        }
        assert_eq!(steps(&Gesture::Key("KEYCODE_CAMERA"), true), None);
        assert_eq!(steps(&Gesture::Text("a".to_owned()), false), None);
        assert_eq!(steps(&Gesture::Clear, false), None);
        // A swipe of no time still moves, and one of hours is not a million calls.
        for seconds in [0, 86_400] {
            let gesture = Gesture::Swipe {
                from: Point { x: i32::MIN, y: 0 },
                to: Point { x: i32::MAX, y: 0 },
                duration: Some(Duration::from_secs(seconds)),
            };
            assert!(steps(&gesture, true).unwrap().len() < 3_000);
        }
    }
}

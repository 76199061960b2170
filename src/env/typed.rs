//! What a person types, as actions: AndroidWorld's JSON, or a few words.

use crate::domain::{Action, ActionType, Direction};

/// The words there are, for whoever asks.
pub const WORDS: &str = "\
  click N | long N | double N     tap, press or tap twice the element N; or X Y in pixels instead of N
  type N TEXT                     type into the element N, replacing what is there
  scroll up|down|left|right [N]   scroll the screen, or the element N
  swipe up|down|left|right        swipe the screen
  open APP                        open an app by its name
  home | back | enter | wait      keys and patience
  answer TEXT                     answer the question of the goal
  done | infeasible               end the episode
  look                            show the screen again
  {\"action_type\": ...}            any action of AndroidWorld";

/// The action that a line means.
///
/// # Errors
/// What is wrong with the line, for the person who typed it.
pub fn action(line: &str) -> Result<Action, String> {
    let line = line.trim();
    if line.starts_with('{') {
        return Action::from_json(line).map_err(|error| error.to_string());
    }
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let alone = |action: Action| match rest {
        "" => Ok(action),
        more => Err(format!("nothing goes after {word:?}, so what is {more:?}?")),
    };
    match word.to_lowercase().as_str() {
        "click" | "tap" => target(ActionType::Click, rest),
        "long" => target(ActionType::LongPress, rest),
        "double" => target(ActionType::DoubleTap, rest),
        "type" => {
            let (index, text) = rest
                .split_once(char::is_whitespace)
                .ok_or("say where and what: type N TEXT")?;
            Ok(Action::input_text(number(index)?, text.trim_start()))
        }
        "scroll" => {
            let (direction, index) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let direction = towards(direction)?;
            match index.trim() {
                "" => Ok(Action::scroll(direction)),
                index => Ok(Action::scroll_in(number(index)?, direction)),
            }
        }
        "swipe" => Ok(Action {
            direction: Some(towards(rest)?),
            ..Action::new(ActionType::Swipe)
        }),
        "open" if rest.is_empty() => Err("say which app: open APP".into()),
        "open" => Ok(Action::open_app(rest)),
        "home" => alone(Action::new(ActionType::NavigateHome)),
        "back" => alone(Action::new(ActionType::NavigateBack)),
        "enter" => alone(Action::new(ActionType::KeyboardEnter)),
        "wait" => alone(Action::new(ActionType::Wait)),
        "answer" if rest.is_empty() => Err("say what: answer TEXT".into()),
        "answer" => Ok(Action::answer(rest)),
        "done" => alone(Action::complete()),
        "infeasible" => alone(Action {
            goal_status: Some("infeasible".into()),
            ..Action::new(ActionType::Status)
        }),
        _ => Err(format!("{word:?} is no action")),
    }
}

fn target(kind: ActionType, words: &str) -> Result<Action, String> {
    let mut action = Action::new(kind);
    let words: Vec<&str> = words.split_whitespace().collect();
    match words.as_slice() {
        [index] => action.index = Some(number(index)? as i64),
        [x, y] => {
            let pixel =
                |word: &str| i32::try_from(number(word)?).map_err(|error| error.to_string());
            action.x = Some(pixel(x)?);
            action.y = Some(pixel(y)?);
        }
        _ => return Err("say which: the number of an element, or two pixels".into()),
    }
    Ok(action)
}

fn number(word: &str) -> Result<usize, String> {
    word.parse()
        .map_err(|_| format!("{word:?} is not a whole number"))
}

fn towards(word: &str) -> Result<Direction, String> {
    match word.to_lowercase().as_str() {
        "up" => Ok(Direction::Up),
        "down" => Ok(Direction::Down),
        "left" => Ok(Direction::Left),
        "right" => Ok(Direction::Right),
        _ => Err(format!("{word:?} is no direction: up, down, left or right")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_actions() {
        assert_eq!(action("click 7"), Ok(Action::click(7)));
        assert_eq!(action(" Tap 10 20 "), Ok(Action::click_at(10, 20)));
        assert_eq!(action("long 3"), Ok(Action::long_press(3)));
        assert_eq!(
            action("type 2 two  words"),
            Ok(Action::input_text(2, "two  words"))
        );
        assert_eq!(action("scroll down"), Ok(Action::scroll(Direction::Down)));
        assert_eq!(
            action("scroll up 4"),
            Ok(Action::scroll_in(4, Direction::Up))
        );
        assert_eq!(
            action("open simple calendar pro"),
            Ok(Action::open_app("simple calendar pro"))
        );
        assert_eq!(action("answer 3 km"), Ok(Action::answer("3 km")));
        assert_eq!(action("done"), Ok(Action::complete()));
        assert_eq!(
            action(r#"{"action_type":"click","index":7}"#),
            Ok(Action::click(7))
        );
    }

    #[test]
    fn what_is_no_action_is_told() {
        for line in [
            "",
            "clock",
            "click",
            "click -1",
            "click 1 2 3",
            "type 1",
            "scroll",
            "swipe in",
            "open",
            "answer",
            "home now",
            "{",
            "click 99999999999999999999",
        ] {
            assert!(action(line).is_err(), "{line}");
        }
    }
}

//! AndroidWorld's actions as JSON (catalogue section 1.1): one flat object, unknown keys refused.

use serde::{Deserialize, Serialize};

/// The kinds of action that AndroidWorld's validator accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionType {
    /// Tap an element or a point.
    Click,
    /// Two taps at the same point.
    DoubleTap,
    /// Press for one second.
    LongPress,
    /// Type text, optionally into a target; ends with ENTER.
    InputText,
    /// The ENTER key.
    KeyboardEnter,
    /// The HOME key.
    NavigateHome,
    /// The BACK key.
    NavigateBack,
    /// Reveal content in a direction.
    Scroll,
    /// Move a finger in a direction.
    Swipe,
    /// Launch an app by name.
    OpenApp,
    /// Sleep for a second.
    Wait,
    /// Declare the episode over.
    Status,
    /// Answer a question.
    Answer,
    /// What could not be understood; does nothing.
    Unknown,
}

impl ActionType {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ActionType::Click => "click",
            ActionType::DoubleTap => "double_tap",
            ActionType::LongPress => "long_press",
            ActionType::InputText => "input_text",
            ActionType::KeyboardEnter => "keyboard_enter",
            ActionType::NavigateHome => "navigate_home",
            ActionType::NavigateBack => "navigate_back",
            ActionType::Scroll => "scroll",
            ActionType::Swipe => "swipe",
            ActionType::OpenApp => "open_app",
            ActionType::Wait => "wait",
            ActionType::Status => "status",
            ActionType::Answer => "answer",
            ActionType::Unknown => "unknown",
        }
    }
}

/// A direction of a scroll or swipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Towards the top.
    Up,
    /// Towards the bottom.
    Down,
    /// Towards the left.
    Left,
    /// Towards the right.
    Right,
}

impl Direction {
    /// All directions in a fixed order.
    pub const ALL: [Direction; 4] = [
        Direction::Up,
        Direction::Down,
        Direction::Left,
        Direction::Right,
    ];
}

/// Why an action was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// Not a JSON object of the right form.
    #[error("not an AndroidWorld action: {0}")]
    Malformed(String),
    /// `index` together with `x` or `y`.
    #[error("an action takes either index or x and y, not both")]
    IndexAndPoint,
    /// A key code without the prefix.
    #[error("key code {0:?} must begin with KEYCODE_")]
    KeyCode(String),
}

/// One action. Build it with the constructors, or parse it with [`Action::from_json`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// What to do.
    pub action_type: ActionType,
    /// Target element in the observation's list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<i64>,
    /// Target point in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<i32>,
    /// Target point in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<i32>,
    /// Text to type or to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Direction of a scroll or swipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// `complete` or `infeasible` by convention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal_status: Option<String>,
    /// App to open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_name: Option<String>,
    /// Key code name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keycode: Option<String>,
    /// Clear the field before typing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_text: Option<bool>,
}

impl Action {
    /// An action of a kind with nothing else set.
    pub fn new(action_type: ActionType) -> Action {
        Action {
            action_type,
            index: None,
            x: None,
            y: None,
            text: None,
            direction: None,
            goal_status: None,
            app_name: None,
            keycode: None,
            clear_text: None,
        }
    }

    /// Taps an element.
    pub fn click(index: usize) -> Action {
        Action {
            index: Some(index as i64),
            ..Action::new(ActionType::Click)
        }
    }

    /// Taps a point in pixels.
    pub fn click_at(x: i32, y: i32) -> Action {
        Action {
            x: Some(x),
            y: Some(y),
            ..Action::new(ActionType::Click)
        }
    }

    /// Presses an element for a second.
    pub fn long_press(index: usize) -> Action {
        Action {
            index: Some(index as i64),
            ..Action::new(ActionType::LongPress)
        }
    }

    /// Types into an element, replacing what is there.
    pub fn input_text(index: usize, text: impl Into<String>) -> Action {
        Action {
            index: Some(index as i64),
            text: Some(text.into()),
            clear_text: Some(true),
            ..Action::new(ActionType::InputText)
        }
    }

    /// Scrolls the whole screen.
    pub fn scroll(direction: Direction) -> Action {
        Action {
            direction: Some(direction),
            ..Action::new(ActionType::Scroll)
        }
    }

    /// Scrolls inside an element.
    pub fn scroll_in(index: usize, direction: Direction) -> Action {
        Action {
            index: Some(index as i64),
            ..Action::scroll(direction)
        }
    }

    /// Opens an app by its name.
    pub fn open_app(name: impl Into<String>) -> Action {
        Action {
            app_name: Some(name.into()),
            ..Action::new(ActionType::OpenApp)
        }
    }

    /// Declares the goal reached.
    pub fn complete() -> Action {
        Action {
            goal_status: Some("complete".into()),
            ..Action::new(ActionType::Status)
        }
    }

    /// Answers a question.
    pub fn answer(text: impl Into<String>) -> Action {
        Action {
            text: Some(text.into()),
            ..Action::new(ActionType::Answer)
        }
    }

    /// Parses and validates one action.
    ///
    /// # Errors
    /// [`ActionError`] says which rule of the catalogue's section 1.1 is broken.
    pub fn from_json(text: &str) -> Result<Action, ActionError> {
        let mut value: serde_json::Value = serde_json::from_str(text)
            .map_err(|error| ActionError::Malformed(error.to_string()))?;
        // The benchmark coerces these two instead of refusing them.
        if let Some(object) = value.as_object_mut() {
            if let Some(index) = object.get("index").and_then(|index| index.as_str()) {
                let index: i64 = index.trim().parse().map_err(|_| {
                    ActionError::Malformed(format!("index {index:?} is not a whole number"))
                })?;
                object.insert("index".into(), index.into());
            }
            if let Some(text) = object.get("text")
                && !text.is_string()
                && !text.is_null()
            {
                let text = text.to_string();
                object.insert("text".into(), text.into());
            }
            if object
                .get("direction")
                .is_some_and(|direction| direction.as_str() == Some(""))
            {
                object.remove("direction");
            }
        }
        let action: Action = serde_json::from_value(value)
            .map_err(|error| ActionError::Malformed(error.to_string()))?;
        if action.index.is_some() && (action.x.is_some() || action.y.is_some()) {
            return Err(ActionError::IndexAndPoint);
        }
        if let Some(keycode) = &action.keycode
            && !keycode.starts_with("KEYCODE_")
        {
            return Err(ActionError::KeyCode(keycode.clone()));
        }
        Ok(action)
    }

    /// The compact JSON form, without empty fields.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_round_trip_as_compact_json() {
        let action = Action::input_text(3, "Ana Ruiz");
        let json = action.to_json();
        assert_eq!(
            json,
            r#"{"action_type":"input_text","index":3,"text":"Ana Ruiz","clear_text":true}"#
        );
        assert_eq!(Action::from_json(&json), Ok(action));
    }

    #[test]
    fn the_rules_of_the_validator_hold() {
        assert_eq!(
            Action::from_json(r#"{"action_type":"click","index":"7"}"#),
            Ok(Action::click(7))
        );
        assert_eq!(
            Action::from_json(r#"{"action_type":"click","index":1,"x":2,"y":3}"#),
            Err(ActionError::IndexAndPoint)
        );
        assert_eq!(
            Action::from_json(r#"{"action_type":"wait","keycode":"ENTER"}"#),
            Err(ActionError::KeyCode("ENTER".into()))
        );
        assert!(matches!(
            Action::from_json(r#"{"action_type":"click","colour":1}"#),
            Err(ActionError::Malformed(_))
        ));
        assert!(matches!(
            Action::from_json(r#"{"action_type":"drag_and_drop"}"#),
            Err(ActionError::Malformed(_))
        ));
        assert!(matches!(
            Action::from_json("[]"),
            Err(ActionError::Malformed(_))
        ));
        let number = Action::from_json(r#"{"action_type":"answer","text":12}"#).unwrap();
        assert_eq!(number.text.as_deref(), Some("12"));
    }
}

//! The compact policy's choices: a kind of action, and what that kind needs. To an action and back.

use serde::{Deserialize, Serialize};

use super::View;
use super::view::goal_tokens;
use crate::domain::{Action, ActionType, Direction, Observation};

/// Apps that the policy can open, by AndroidWorld's names.
pub const APPS: [&str; 22] = [
    "settings",
    "contacts",
    "clock",
    "markor",
    "pro expense",
    "camera",
    "dialer",
    "clipper",
    "simple sms messenger",
    "simple calendar pro",
    "broccoli app",
    "audio recorder",
    "chrome",
    "files",
    "joplin",
    "open tracks sports tracker",
    "osmand",
    "retro music",
    "simple draw pro",
    "simple gallery pro",
    "tasks",
    "vlc",
];

/// Kinds of action, in the order of the policy's first head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(usize)]
pub enum Kind {
    /// Tap a candidate.
    Click,
    /// Press a candidate.
    LongPress,
    /// Type a piece of the goal into a candidate.
    InputText,
    /// Scroll inside a candidate: a list, or a slider to its end.
    Slide,
    /// Scroll the screen.
    Scroll,
    /// The BACK key.
    Back,
    /// The HOME key.
    Home,
    /// Open an app.
    OpenApp,
    /// Wait.
    Wait,
    /// Declare the goal reached.
    Complete,
}

impl Kind {
    /// All kinds in order.
    pub const ALL: [Kind; 10] = [
        Kind::Click,
        Kind::LongPress,
        Kind::InputText,
        Kind::Slide,
        Kind::Scroll,
        Kind::Back,
        Kind::Home,
        Kind::OpenApp,
        Kind::Wait,
        Kind::Complete,
    ];

    /// Kinds that point at a candidate; the first ones in the order.
    pub const POINTING: usize = 4;
}

/// What was chosen. Only the parts that the kind needs are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Kind of action.
    pub kind: Kind,
    /// Candidate, for kinds that point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<usize>,
    /// First and last goal token of the text to type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<(usize, usize)>,
    /// Direction of a scroll, in the order of [`Direction::ALL`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<usize>,
    /// Position in [`APPS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<usize>,
}

impl Choices {
    /// A kind that needs nothing else.
    pub fn of(kind: Kind) -> Choices {
        Choices {
            kind,
            candidate: None,
            span: None,
            direction: None,
            app: None,
        }
    }

    /// Whether what was chosen in `from` means the same in `to`: the candidate it points at is the same one.
    pub fn fit(&self, from: &View, to: &View) -> bool {
        let at = |view: &View| {
            let candidate = view.candidates.get(self.candidate?)?;
            Some((
                candidate.resource.clone(),
                candidate.class.clone(),
                candidate.bounds,
            ))
        };
        self.candidate.is_none() || at(from).is_some_and(|place| at(to) == Some(place))
    }

    /// The action, with the index of the observation that the view was made of.
    pub fn action(&self, view: &View) -> Action {
        let index = self
            .candidate
            .and_then(|position| view.candidates.get(position))
            .map(|candidate| candidate.index);
        match (self.kind, index) {
            (Kind::Click, Some(index)) => Action::click(index),
            (Kind::LongPress, Some(index)) => Action::long_press(index),
            (Kind::InputText, Some(index)) => {
                Action::input_text(index, self.text(view).unwrap_or_default())
            }
            (Kind::Slide, Some(index)) => Action::scroll_in(index, self.scroll_direction()),
            (Kind::Click | Kind::LongPress | Kind::InputText | Kind::Slide, None) => {
                Action::new(ActionType::Unknown)
            }
            (Kind::Scroll, _) => Action::scroll(self.scroll_direction()),
            (Kind::Back, _) => Action::new(ActionType::NavigateBack),
            (Kind::Home, _) => Action::new(ActionType::NavigateHome),
            (Kind::OpenApp, _) => Action::open_app(
                self.app
                    .and_then(|app| APPS.get(app))
                    .copied()
                    .unwrap_or(""),
            ),
            (Kind::Wait, _) => Action::new(ActionType::Wait),
            (Kind::Complete, _) => Action::complete(),
        }
    }

    fn scroll_direction(&self) -> Direction {
        self.direction
            .and_then(|position| Direction::ALL.get(position))
            .copied()
            .unwrap_or(Direction::Down)
    }

    /// The text that a span stands for.
    pub fn text(&self, view: &View) -> Option<String> {
        let (first, last) = self.span?;
        let tokens = goal_tokens(&view.goal);
        let (start, end) = (tokens.get(first)?.start, tokens.get(last)?.end);
        view.goal.get(start..end).map(str::to_owned)
    }

    /// The choices behind an action, for learning from demonstrations. `None` when the policy has no
    /// way to say it, e.g. a text that is not in the goal.
    pub fn encode(action: &Action, view: &View, observation: &Observation) -> Option<Choices> {
        let candidate = || {
            let index = usize::try_from(action.index?).ok()?;
            view.candidate_of(index, observation)
        };
        let kind = match action.action_type {
            ActionType::Click => Kind::Click,
            ActionType::LongPress => Kind::LongPress,
            ActionType::InputText => Kind::InputText,
            ActionType::Scroll if action.index.is_some() => Kind::Slide,
            ActionType::Scroll => Kind::Scroll,
            ActionType::NavigateBack => Kind::Back,
            ActionType::NavigateHome => Kind::Home,
            ActionType::OpenApp => Kind::OpenApp,
            ActionType::Wait => Kind::Wait,
            ActionType::Status => Kind::Complete,
            _ => return None,
        };
        let mut choices = Choices::of(kind);
        if (kind as usize) < Kind::POINTING {
            choices.candidate = Some(candidate()?);
        }
        match kind {
            Kind::InputText => choices.span = Some(find_span(view, action.text.as_deref()?)?),
            Kind::Scroll | Kind::Slide => {
                let direction = action.direction?;
                choices.direction = Direction::ALL.iter().position(|known| *known == direction);
            }
            Kind::OpenApp => {
                let name = action.app_name.as_deref()?.to_lowercase();
                choices.app = Some(APPS.iter().position(|app| *app == name)?);
            }
            _ => {}
        }
        Some(choices)
    }
}

/// First and last token of a text in the goal, the earliest place when there are several. Punctuation
/// at the end of the text may be left out.
fn find_span(view: &View, text: &str) -> Option<(usize, usize)> {
    let tokens = goal_tokens(&view.goal);
    let wanted = text.trim();
    for wanted in [wanted, wanted.trim_end_matches(['.', '!', '?'])] {
        for (first, token) in tokens.iter().enumerate() {
            if !wanted.is_empty() && view.goal[token.start..].starts_with(wanted) {
                let end = token.start + wanted.len();
                if let Some(last) = tokens.iter().position(|token| token.end == end) {
                    return Some((first, last));
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BoundingBox, ScreenSize, UiElement};

    fn observation() -> Observation {
        let field = UiElement {
            is_editable: true,
            is_visible: true,
            is_enabled: true,
            hint_text: Some("Name".into()),
            bbox_pixels: Some(BoundingBox::new(0, 100, 360, 160)),
            ..UiElement::default()
        };
        Observation {
            frame: None,
            elements: vec![UiElement::default(), field],
            screen: ScreenSize {
                width: 360,
                height: 800,
            },
            settled: true,
        }
    }

    #[test]
    fn what_points_at_another_candidate_does_not_fit() {
        let mut observation = observation();
        let view = View::new("", &[], &observation, 0, 10);
        let click = Choices::encode(&Action::click(1), &view, &observation).unwrap();
        assert!(click.fit(&view, &view));
        let words = &mut observation.elements[1].hint_text;
        *words = Some("15:34".into());
        assert!(click.fit(&view, &View::new("", &[], &observation, 1, 10)));
        observation.elements[1].bbox_pixels = Some(BoundingBox::new(0, 200, 360, 260));
        let moved = View::new("", &[], &observation, 0, 10);
        assert!(!click.fit(&view, &moved));
        assert!(Choices::of(Kind::Back).fit(&view, &moved));
        observation.elements.pop();
        assert!(!click.fit(&view, &View::new("", &[], &observation, 0, 10)));
    }

    #[test]
    fn actions_round_trip_through_choices() {
        let observation = observation();
        let view = View::new(
            "Create \"quiet_river.md\" saying: Call Ana Ruiz.",
            &[],
            &observation,
            0,
            10,
        );
        for action in [
            Action::click(1),
            Action::long_press(1),
            Action::input_text(1, "quiet_river"),
            Action::input_text(1, "quiet_river.md"),
            Action::input_text(1, "Call Ana Ruiz"),
            Action::scroll(Direction::Up),
            Action::scroll_in(1, Direction::Left),
            Action::open_app("pro expense"),
            Action::complete(),
            Action::new(ActionType::NavigateBack),
        ] {
            let choices = Choices::encode(&action, &view, &observation).unwrap();
            assert_eq!(choices.action(&view), action);
        }
        assert_eq!(
            Choices::encode(
                &Action::input_text(1, "something else"),
                &view,
                &observation
            ),
            None
        );
        assert_eq!(
            Choices::encode(&Action::click(9), &view, &observation),
            None
        );
    }
}

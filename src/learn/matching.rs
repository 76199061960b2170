//! Whether an action drawn again means the same as the one that was taken (STEP section 4, `match`
//! [R]). Positions are compared in unit coordinates, so that the screen's size does not matter.

use crate::domain::{Action, ActionType, Observation};

/// A box or point space in which the screen is the unit square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitBox {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Bottom edge.
    pub bottom: f64,
}

impl UnitBox {
    /// The middle.
    pub fn center(&self) -> (f64, f64) {
        (
            (self.left + self.right) / 2.0,
            (self.top + self.bottom) / 2.0,
        )
    }

    /// Whether a point lies in the box after it grew by `factor` around its middle.
    pub fn contains_enlarged(&self, (x, y): (f64, f64), factor: f64) -> bool {
        let (center_x, center_y) = self.center();
        (x - center_x).abs() <= (self.right - self.left).max(0.0) / 2.0 * factor
            && (y - center_y).abs() <= (self.bottom - self.top).max(0.0) / 2.0 * factor
    }
}

/// The screen that both actions were chosen on: the elements' boxes in the order that an action's
/// `index` counts, and the size that `x` and `y` are pixels of.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Box of each element, where it has one.
    pub boxes: Vec<Option<UnitBox>>,
    /// Pixels across.
    pub width: f64,
    /// Pixels down.
    pub height: f64,
}

impl Scene {
    /// The scene of an observation.
    pub fn of(observation: &Observation) -> Scene {
        let width = f64::from(observation.screen.width.max(1));
        let height = f64::from(observation.screen.height.max(1));
        let boxes = observation.elements.iter().map(|element| {
            element.bbox_pixels.map(|bounds| UnitBox {
                left: f64::from(bounds.x_min) / width,
                top: f64::from(bounds.y_min) / height,
                right: f64::from(bounds.x_max) / width,
                bottom: f64::from(bounds.y_max) / height,
            })
        });
        Scene {
            boxes: boxes.collect(),
            width,
            height,
        }
    }

    fn element(&self, action: &Action) -> Option<UnitBox> {
        let index = usize::try_from(action.index?).ok()?;
        self.boxes.get(index).copied().flatten()
    }

    fn point(&self, action: &Action) -> Option<(f64, f64)> {
        match (action.x, action.y) {
            (Some(x), Some(y)) => Some((f64::from(x) / self.width, f64::from(y) / self.height)),
            _ => self.element(action).map(|bounds| bounds.center()),
        }
    }
}

/// When two texts are the same, after lower-casing and trimming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextMatch {
    /// Equal.
    Equal,
    /// One holds the other, neither being empty.
    Contains,
    /// The F1 score of their words is at least 0.5.
    F1,
}

impl TextMatch {
    /// Compares two texts.
    pub fn matches(self, reference: &str, candidate: &str) -> bool {
        let reference = reference.trim().to_lowercase();
        let candidate = candidate.trim().to_lowercase();
        if reference == candidate {
            return true;
        }
        if reference.is_empty() || candidate.is_empty() {
            return false;
        }
        match self {
            TextMatch::Equal => false,
            TextMatch::Contains => reference.contains(&candidate) || candidate.contains(&reference),
            TextMatch::F1 => word_f1(&reference, &candidate) >= 0.5,
        }
    }
}

/// The F1 score of two texts as bags of words.
fn word_f1(reference: &str, candidate: &str) -> f64 {
    let mut left: Vec<&str> = reference.split_whitespace().collect();
    let reference_words = left.len();
    let mut candidate_words = 0usize;
    let mut common = 0usize;
    for word in candidate.split_whitespace() {
        candidate_words += 1;
        if let Some(position) = left.iter().position(|other| *other == word) {
            left.swap_remove(position);
            common += 1;
        }
    }
    2.0 * common as f64 / (reference_words + candidate_words) as f64
}

/// The rules of section 4 with their tolerances.
#[derive(Debug, Clone, PartialEq)]
pub struct Matcher {
    /// Largest distance of two points, in unit coordinates.
    pub distance: f64,
    /// How much the reference element's box is enlarged.
    pub enlarge: f64,
    /// How texts are compared.
    pub text: TextMatch,
}

impl Default for Matcher {
    fn default() -> Matcher {
        Matcher {
            distance: 0.04,
            enlarge: 1.2,
            text: TextMatch::Equal,
        }
    }
}

impl Matcher {
    /// Whether `candidate` means the same as `reference` on this screen. What could not be parsed
    /// (action type `unknown`, a required part missing) matches nothing, itself included.
    pub fn matches(&self, reference: &Action, candidate: &Action, scene: &Scene) -> bool {
        if reference.action_type != candidate.action_type {
            return false;
        }
        match reference.action_type {
            ActionType::Click | ActionType::DoubleTap | ActionType::LongPress => {
                self.same_place(reference, candidate, scene)
            }
            ActionType::InputText => {
                self.same_text(&reference.text, &candidate.text)
                    // Right words in another field are another action; without a target both go
                    // to the field in focus.
                    && match (has_target(reference), has_target(candidate)) {
                        (true, true) => self.same_place(reference, candidate, scene),
                        _ => true,
                    }
            }
            ActionType::Answer => self.same_text(&reference.text, &candidate.text),
            ActionType::Scroll | ActionType::Swipe => {
                reference.direction.is_some() && reference.direction == candidate.direction
            }
            ActionType::OpenApp => same_name(&reference.app_name, &candidate.app_name),
            ActionType::Status => same_name(&reference.goal_status, &candidate.goal_status),
            ActionType::KeyboardEnter
            | ActionType::NavigateHome
            | ActionType::NavigateBack
            | ActionType::Wait => reference.keycode == candidate.keycode,
            ActionType::Unknown => false,
        }
    }

    fn same_place(&self, reference: &Action, candidate: &Action, scene: &Scene) -> bool {
        if reference.index.is_some() && reference.index == candidate.index {
            return true;
        }
        let (Some(from), Some(to)) = (scene.point(reference), scene.point(candidate)) else {
            return false;
        };
        (from.0 - to.0).hypot(from.1 - to.1) <= self.distance
            || scene
                .element(reference)
                .is_some_and(|bounds| bounds.contains_enlarged(to, self.enlarge))
    }

    fn same_text(&self, reference: &Option<String>, candidate: &Option<String>) -> bool {
        match (reference, candidate) {
            (Some(reference), Some(candidate)) => self.text.matches(reference, candidate),
            _ => false,
        }
    }
}

fn has_target(action: &Action) -> bool {
    action.index.is_some() || (action.x.is_some() && action.y.is_some())
}

fn same_name(reference: &Option<String>, candidate: &Option<String>) -> bool {
    match (reference, candidate) {
        (Some(reference), Some(candidate)) => TextMatch::Equal.matches(reference, candidate),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BoundingBox, Direction, ScreenSize, UiElement};

    fn scene() -> Scene {
        let element = |bounds| UiElement {
            bbox_pixels: Some(bounds),
            ..UiElement::default()
        };
        Scene::of(&Observation {
            frame: None,
            elements: vec![
                element(BoundingBox::new(0, 0, 1000, 200)),
                element(BoundingBox::new(0, 200, 100, 300)),
                element(BoundingBox::new(0, 300, 100, 400)),
                UiElement::default(),
            ],
            screen: ScreenSize {
                width: 1000,
                height: 2000,
            },
            settled: true,
        })
    }

    #[track_caller]
    fn check(reference: Action, candidate: Action, expected: bool) {
        let found = Matcher::default().matches(&reference, &candidate, &scene());
        assert_eq!(found, expected, "{reference:?} {candidate:?}");
    }

    #[test]
    fn places() {
        check(Action::click(0), Action::click(0), true);
        check(Action::click(3), Action::click(3), true);
        check(Action::click(1), Action::click(3), false);
        check(Action::click(99), Action::click(-1i64 as usize), false);
        // Inside the wide element, far from its middle; 1.2 times reaches 20 pixels below it.
        check(Action::click(0), Action::click_at(5, 215), true);
        check(Action::click(0), Action::click_at(5, 225), false);
        // The other way round only the distance counts.
        check(Action::click_at(5, 215), Action::click(0), false);
        check(Action::click_at(500, 500), Action::click_at(539, 500), true);
        check(
            Action::click_at(500, 500),
            Action::click_at(541, 500),
            false,
        );
        check(Action::click_at(500, 500), Action::click_at(500, 579), true);
        check(Action::click(0), Action::long_press(0), false);
    }

    #[test]
    fn texts_and_targets() {
        check(
            Action::input_text(1, "Ana Ruiz"),
            Action::input_text(1, " ana ruiz "),
            true,
        );
        check(
            Action::input_text(1, "Ana Ruiz"),
            Action::input_text(1, "Ana"),
            false,
        );
        check(
            Action::input_text(0, "Ana"),
            Action::input_text(2, "Ana"),
            false,
        );
        let focused = Action {
            index: None,
            ..Action::input_text(0, "Ana")
        };
        check(Action::input_text(0, "Ana"), focused, true);
        check(Action::answer("4"), Action::answer("4"), true);
        assert!(TextMatch::Contains.matches("Ana Ruiz", "ana"));
        assert!(!TextMatch::Contains.matches("Ana", ""));
        assert!(TextMatch::F1.matches("buy milk and bread", "milk bread"));
        assert!(!TextMatch::F1.matches("buy milk and bread", "milk cheese ham wine"));
    }

    #[test]
    fn the_rest() {
        let down = Action::scroll(Direction::Down);
        check(down.clone(), Action::scroll_in(1, Direction::Down), true);
        check(down.clone(), Action::scroll(Direction::Up), false);
        check(
            down,
            Action {
                direction: Some(Direction::Down),
                ..Action::new(ActionType::Swipe)
            },
            false,
        );
        check(Action::open_app("Clock"), Action::open_app("clock"), true);
        check(Action::open_app("Clock"), Action::open_app("Files"), false);
        check(Action::complete(), Action::complete(), true);
        check(
            Action::new(ActionType::NavigateBack),
            Action::new(ActionType::NavigateBack),
            true,
        );
        for unparsed in [
            Action::new(ActionType::Unknown),
            Action::new(ActionType::Click),
            Action::new(ActionType::Scroll),
            Action::new(ActionType::Status),
            Action::new(ActionType::InputText),
        ] {
            check(unparsed.clone(), unparsed, false);
        }
    }
}

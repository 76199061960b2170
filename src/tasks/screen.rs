//! How solutions look at a screen: finding elements by what a person would read, in the app in front.

use super::Solution;
use super::apps::App;
use crate::domain::{Action, ActionType, BoundingBox, Direction, Observation, UiElement};

/// A look at an observation. Positions are those of the observation's list.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    observation: &'a Observation,
}

impl<'a> Look<'a> {
    /// Looks.
    pub fn at(observation: &'a Observation) -> Look<'a> {
        Look { observation }
    }

    /// The whole screen.
    pub fn screen(self) -> BoundingBox {
        self.observation.screen.bounds()
    }

    /// The visible elements of apps, with their positions.
    pub fn elements(self) -> impl Iterator<Item = (usize, &'a UiElement)> {
        let screen = self.screen();
        let shown = move |element: &UiElement| {
            let keyboard = element
                .package_name
                .as_deref()
                .is_some_and(|package| package.contains("inputmethod"));
            let on_screen = element
                .bbox_pixels
                .is_some_and(|bounds| !bounds.intersection(&screen).is_empty());
            element.is_visible && on_screen && !keyboard
        };
        self.observation
            .elements
            .iter()
            .enumerate()
            .filter(move |(_, element)| shown(element))
    }

    /// Whether an app's window is in front.
    pub fn shows(self, app: App) -> bool {
        self.elements()
            .any(|(_, element)| element.package_name.as_deref() == Some(app.package))
    }

    /// An element by a condition; the first in the tree.
    pub fn find(self, wanted: impl Fn(&UiElement) -> bool) -> Option<usize> {
        self.elements()
            .find(|(_, element)| wanted(element))
            .map(|(index, _)| index)
    }

    /// The element whose text or description is exactly this.
    pub fn named(self, words: &str) -> Option<usize> {
        self.find(|element| is_named(element, words))
    }

    /// The element with this last part of its resource name.
    pub fn id(self, entry: &str) -> Option<usize> {
        self.find(|element| element.resource_entry() == entry)
    }

    /// Whether there is an element of that name.
    pub fn has(self, words: &str) -> bool {
        self.named(words).is_some()
    }

    /// An element of the list.
    pub fn element(self, index: usize) -> &'a UiElement {
        &self.observation.elements[index]
    }

    /// Text of an element; empty when it has none.
    pub fn text(self, index: usize) -> &'a str {
        self.element(index).text.as_deref().unwrap_or("")
    }

    /// Text of the element of that resource; empty when there is none.
    pub fn text_of(self, entry: &str) -> &'a str {
        self.id(entry).map_or("", |index| self.text(index))
    }

    /// Box of a visible element.
    pub fn bounds(self, index: usize) -> BoundingBox {
        self.element(index)
            .bbox_pixels
            .unwrap_or(BoundingBox::new(0, 0, 0, 0))
    }

    /// What a touch on an element reaches: itself when it reacts, else the smallest element around it
    /// that does, if its centre is not taken by something else.
    pub fn target(self, index: usize) -> usize {
        if self.element(index).is_clickable {
            return index;
        }
        let bounds = self.bounds(index);
        let area = |bounds: BoundingBox| i64::from(bounds.width()) * i64::from(bounds.height());
        let reacting = || self.elements().filter(|(_, element)| element.is_clickable);
        reacting()
            .filter(|(position, _)| {
                let around = self.bounds(*position);
                let center = around.center();
                around.intersection(&bounds) == bounds
                    && !reacting()
                        .any(|(other, _)| other > *position && self.bounds(other).contains(center))
            })
            .min_by_key(|(position, _)| area(self.bounds(*position)))
            .map_or(index, |(position, _)| position)
    }

    /// A tap on an element or on the row around it.
    pub fn tap(self, index: usize) -> Action {
        Action::click(self.target(index))
    }

    /// A tap on the element of that name, if it is there.
    pub fn tap_named(self, words: &str) -> Option<Action> {
        self.named(words).map(|index| self.tap(index))
    }

    /// A tap on the element of that resource, if it is there.
    pub fn tap_id(self, entry: &str) -> Option<Action> {
        self.id(entry).map(|index| self.tap(index))
    }

    /// The switch in the same row as an element.
    pub fn switch_beside(self, index: usize) -> Option<usize> {
        let row = self.bounds(self.target(index));
        self.elements()
            .filter(|(_, element)| element.is_checkable)
            .find(|(position, _)| row.contains(self.bounds(*position).center()))
            .map(|(position, _)| position)
    }

    /// The texts of a page, to be compared with those of another: where a scroll changes nothing, a list
    /// ends.
    pub fn page(self) -> Vec<String> {
        self.words().into_iter().map(str::to_owned).collect()
    }

    /// The texts of the elements, in their order.
    pub fn words(self) -> Vec<&'a str> {
        self.elements()
            .filter_map(|(_, element)| element.text.as_deref())
            .filter(|text| !text.is_empty())
            .collect()
    }
}

/// Whether an element's text or description is exactly this.
pub(super) fn is_named(element: &UiElement, words: &str) -> bool {
    element.text.as_deref() == Some(words) || element.content_description.as_deref() == Some(words)
}

/// A solution that takes its next step from a look at the screen.
pub(super) fn steps(
    mut next: impl FnMut(Look<'_>) -> Action + Send + 'static,
) -> Box<dyn Solution> {
    Box::new(move |observation: &Observation| next(Look::at(observation)))
}

/// The BACK key.
pub(super) fn back() -> Action {
    Action::new(ActionType::NavigateBack)
}

/// Opens an app.
pub(super) fn open(app: App) -> Action {
    Action::open_app(app.name)
}

/// Scans a list from where it stands: down to its end, then up to its beginning, and so on. The end
/// is where a scroll changes nothing.
#[derive(Debug, Default)]
pub(super) struct Scan {
    upwards: bool,
    before: Vec<String>,
}

impl Scan {
    /// The next scroll.
    pub fn next(&mut self, look: Look) -> Action {
        let words = look.page();
        self.upwards ^= words == self.before;
        self.before = words;
        Action::scroll(if self.upwards {
            Direction::Up
        } else {
            Direction::Down
        })
    }

    /// Forgets where it was: the screen will be another one.
    pub fn restart(&mut self) {
        *self = Scan::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ScreenSize;

    fn element(text: &str, clickable: bool, b: (i32, i32, i32, i32)) -> UiElement {
        UiElement {
            text: Some(text.to_owned()),
            is_clickable: clickable,
            is_visible: true,
            bbox_pixels: Some(BoundingBox::new(b.0, b.1, b.2, b.3)),
            package_name: Some("com.android.settings".to_owned()),
            ..UiElement::default()
        }
    }

    fn observation(elements: Vec<UiElement>) -> Observation {
        Observation {
            frame: None,
            elements,
            screen: ScreenSize {
                width: 360,
                height: 800,
            },
            settled: true,
        }
    }

    #[test]
    fn a_text_is_tapped_through_the_row_around_it() {
        let mut switch = element("", false, (300, 20, 350, 60));
        switch.is_checkable = true;
        let observation = observation(vec![
            element("", true, (0, 0, 360, 80)),
            element("Wi-Fi", false, (10, 20, 100, 60)),
            switch,
            element("Wi-Fi", false, (10, 900, 100, 960)),
        ]);
        let look = Look::at(&observation);
        let text = look.named("Wi-Fi").unwrap();
        assert_eq!((text, look.target(text)), (1, 0));
        assert_eq!(look.switch_beside(text), Some(2));
        assert_eq!(look.named("Bluetooth"), None);
    }

    #[test]
    fn a_scan_turns_at_the_end_of_the_list() {
        let mut scan = Scan::default();
        let first = observation(vec![element("a", false, (0, 0, 9, 9))]);
        let last = observation(vec![element("b", false, (0, 0, 9, 9))]);
        let down = Action::scroll(Direction::Down);
        let up = Action::scroll(Direction::Up);
        assert_eq!(scan.next(Look::at(&first)), down);
        assert_eq!(scan.next(Look::at(&last)), down);
        assert_eq!(scan.next(Look::at(&last)), up);
        assert_eq!(scan.next(Look::at(&first)), up);
        assert_eq!(scan.next(Look::at(&first)), down);
    }
}

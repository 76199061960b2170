//! Actions on a device, as AndroidWorld executes them (catalogue sections 1.2 to 1.4). All commands
//! of one action go out as one script where nothing must be waited for in between.

use std::time::Duration;

use tokio::time::sleep;

use super::{Device, DeviceError, Gesture, Launch, Resolve, resolve_app};
use crate::adb::{AdbError, quote};
use crate::domain::{Action, ActionType, BoundingBox, Direction, Observation, Point, UiElement};

/// How long a long press lasts, and a swipe over the whole screen.
const LONG: Duration = Duration::from_secs(1);
const FLING: Duration = Duration::from_millis(500);

/// What came of an action.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Performed {
    /// Whether the device was told anything. An action that can't be carried out changes nothing.
    pub executed: bool,
    /// Why it was refused, or empty.
    pub note: String,
    /// Where the screen was touched, in pixels.
    pub touch: Option<Point>,
}

impl Performed {
    fn done() -> Performed {
        Performed {
            executed: true,
            ..Performed::default()
        }
    }

    fn at(point: Point) -> Performed {
        Performed {
            executed: true,
            touch: Some(point),
            ..Performed::default()
        }
    }

    fn refused(note: impl Into<String>) -> Performed {
        Performed {
            note: note.into(),
            ..Performed::default()
        }
    }
}

impl Device {
    /// Performs an action whose index, if any, counts in `observation`. An action that makes no sense
    /// here (an index out of range, an unknown app) is refused with a note, not an error.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn perform(
        &self,
        action: &Action,
        observation: &Observation,
    ) -> Result<Performed, DeviceError> {
        let fresh;
        let elements = match self.options().resolve {
            Resolve::Fresh if action.index.is_some() => {
                fresh = self.elements().await?;
                &fresh
            }
            _ => &observation.elements,
        };
        match action.action_type {
            ActionType::Click => {
                self.touch(action, elements, |at| vec![Gesture::Tap(at)])
                    .await
            }
            ActionType::DoubleTap => {
                self.touch(action, elements, |at| vec![Gesture::Tap(at); 2])
                    .await
            }
            ActionType::LongPress => {
                self.touch(action, elements, |at| vec![Gesture::Press(at, LONG)])
                    .await
            }
            ActionType::InputText => self.input_text(action, elements).await,
            ActionType::KeyboardEnter => self.key("KEYCODE_ENTER").await,
            ActionType::NavigateHome => self.key("KEYCODE_HOME").await,
            ActionType::NavigateBack => self.key("KEYCODE_BACK").await,
            ActionType::Scroll => self.scroll(action, elements).await,
            ActionType::Swipe => self.swipe(action).await,
            ActionType::OpenApp => self.open_app(action).await,
            ActionType::Wait => {
                sleep(self.options().wait).await;
                Ok(Performed::done())
            }
            ActionType::Status | ActionType::Answer => Ok(Performed::done()),
            ActionType::Unknown => Ok(Performed::refused("the action could not be understood")),
        }
    }

    async fn key(&self, key: &'static str) -> Result<Performed, DeviceError> {
        self.channels().input(&[Gesture::Key(key)]).await?;
        Ok(Performed::done())
    }

    async fn touch(
        &self,
        action: &Action,
        elements: &[UiElement],
        gestures: impl Fn(Point) -> Vec<Gesture>,
    ) -> Result<Performed, DeviceError> {
        match target(action, elements) {
            Ok(Some(point)) => {
                self.channels().input(&gestures(point)).await?;
                Ok(Performed::at(point))
            }
            Ok(None) => Ok(Performed::refused("neither index nor x and y")),
            Err(note) => Ok(Performed::refused(note)),
        }
    }

    async fn input_text(
        &self,
        action: &Action,
        elements: &[UiElement],
    ) -> Result<Performed, DeviceError> {
        let Some(text) = action.text.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(Performed::done());
        };
        let point = match target(action, elements) {
            Ok(point) => point,
            Err(note) => return Ok(Performed::refused(note)),
        };
        let pause = self.options().focus_pause;
        let mut gestures = Vec::new();
        if let Some(point) = point {
            gestures.push(Gesture::Tap(point));
            self.pause_here(&mut gestures, pause).await?;
        }
        if action.clear_text == Some(true) {
            gestures.push(Gesture::Clear);
            self.pause_here(&mut gestures, pause).await?;
        }
        gestures.push(Gesture::Text(text.to_owned()));
        if !self.options().compat.is_fixed() {
            gestures.push(Gesture::Key("KEYCODE_ENTER"));
        }
        self.typed(&gestures).await?;
        Ok(Performed {
            touch: point,
            ..Performed::done()
        })
    }

    /// Sends what has been gathered and waits; without a wait everything stays together.
    async fn pause_here(
        &self,
        gestures: &mut Vec<Gesture>,
        pause: Duration,
    ) -> Result<(), DeviceError> {
        if !pause.is_zero() {
            self.typed(gestures).await?;
            gestures.clear();
            sleep(pause).await;
        }
        Ok(())
    }

    /// The benchmark logs chunks of a text that fail, and goes on.
    async fn typed(&self, gestures: &[Gesture]) -> Result<(), DeviceError> {
        match self.channels().input(gestures).await {
            Err(DeviceError::Adb(AdbError::Command { .. })) => Ok(()),
            result => result,
        }
    }

    async fn scroll(
        &self,
        action: &Action,
        elements: &[UiElement],
    ) -> Result<Performed, DeviceError> {
        let Some(direction) = action.direction else {
            return Ok(Performed::refused("no direction"));
        };
        // In the benchmark index 0 is falsy and means the whole screen.
        let index = action
            .index
            .filter(|index| *index != 0 || self.options().compat.is_fixed());
        let area = match index {
            None => self.screen().bounds(),
            Some(index) => match element(index, elements) {
                Ok((_, bounds)) => bounds.intersection(&self.screen().bounds()),
                Err(note) => return Ok(Performed::refused(note)),
            },
        };
        let (start, end) = scroll_path(area, direction);
        let scroll = Gesture::Swipe {
            from: start,
            to: end,
            duration: None,
        };
        self.channels().input(&[scroll]).await?;
        Ok(Performed::at(start))
    }

    async fn swipe(&self, action: &Action) -> Result<Performed, DeviceError> {
        let Some(direction) = action.direction else {
            return Ok(Performed::refused("no direction"));
        };
        let (width, height) = (self.screen().width, self.screen().height);
        let (x1, y1, x2, y2) = match direction {
            Direction::Down => (width / 2, 0, width / 2, height),
            Direction::Up => (width / 2, height, width / 2, 0),
            Direction::Left => (0, height / 2, width, height / 2),
            Direction::Right => (width, height / 2, 0, height / 2),
        };
        let from = Point { x: x1, y: y1 };
        let swipe = Gesture::Swipe {
            from,
            to: Point { x: x2, y: y2 },
            duration: Some(FLING),
        };
        self.channels().input(&[swipe]).await?;
        Ok(Performed::at(from))
    }

    async fn open_app(&self, action: &Action) -> Result<Performed, DeviceError> {
        let Some(name) = action
            .app_name
            .as_deref()
            .filter(|name| !name.trim().is_empty())
        else {
            return Ok(Performed::refused("no app name"));
        };
        let command = match resolve_app(name) {
            Launch::View(uri) => {
                format!("am start -a android.intent.action.VIEW -d {}", quote(uri))
            }
            Launch::Component(component) => format!("am start -W -n {}", quote(component)),
            Launch::Package(package) => format!("monkey -p {} 1", quote(&package)),
        };
        let mut launched = self.adb().shell(&command).await;
        if matches!(launched, Err(AdbError::Timeout { .. })) {
            // A device that lives but did not answer may not have heard: starting an app twice is
            // starting it once.
            self.probe().await?;
            launched = self.adb().shell(&command).await;
        }
        match launched {
            Ok(output) if output.exit_code != 0 || output.text().contains("Error") => {
                Ok(Performed {
                    note: format!("no app {name:?}"),
                    ..Performed::done()
                })
            }
            Ok(_) => Ok(Performed::done()),
            // The benchmark gives a launch five seconds and does not look; a device that is gone still counts.
            Err(error @ AdbError::Timeout { .. }) => {
                self.probe().await?;
                Ok(Performed {
                    note: error.to_string(),
                    ..Performed::done()
                })
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The point an action is aimed at: an element's centre, or its x and y.
fn target(action: &Action, elements: &[UiElement]) -> Result<Option<Point>, String> {
    match (action.index, action.x, action.y) {
        (Some(index), _, _) => element(index, elements).map(|(_, bounds)| Some(bounds.center())),
        (None, Some(x), Some(y)) => Ok(Some(Point { x, y })),
        _ => Ok(None),
    }
}

fn element(index: i64, elements: &[UiElement]) -> Result<(&UiElement, BoundingBox), String> {
    let element = usize::try_from(index)
        .ok()
        .and_then(|index| elements.get(index))
        .ok_or_else(|| format!("index {index} is not among the {} elements", elements.len()))?;
    let bounds = element
        .bbox_pixels
        .ok_or_else(|| format!("element {index} has no box"))?;
    Ok((element, bounds))
}

/// Start and end of a scroll: from the centre of the area to its edge, against the content.
fn scroll_path(area: BoundingBox, direction: Direction) -> (Point, Point) {
    let center = Point {
        x: (area.x_min + area.x_max).div_euclid(2),
        y: (area.y_min + area.y_max).div_euclid(2),
    };
    let end = match direction {
        Direction::Down => Point {
            y: area.y_min,
            ..center
        },
        Direction::Up => Point {
            y: area.y_max,
            ..center
        },
        Direction::Right => Point {
            x: area.x_min,
            ..center
        },
        Direction::Left => Point {
            x: area.x_max,
            ..center
        },
    };
    (center, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolling_down_moves_the_finger_up() {
        let area = BoundingBox::new(0, 0, 1080, 2400);
        let (start, end) = scroll_path(area, Direction::Down);
        assert_eq!((start.x, start.y, end.x, end.y), (540, 1200, 540, 0));
        let (start, end) = scroll_path(area, Direction::Left);
        assert_eq!((start.x, start.y, end.x, end.y), (540, 1200, 1080, 1200));
    }

    #[test]
    fn targets_out_of_range_are_refused() {
        assert!(target(&Action::click(3), &[]).is_err());
        assert_eq!(
            target(&Action::click_at(4, 5), &[]),
            Ok(Some(Point { x: 4, y: 5 }))
        );
        assert_eq!(target(&Action::new(ActionType::Click), &[]), Ok(None));
        assert!(target(&Action::click(0), &[UiElement::default()]).is_err());
    }
}

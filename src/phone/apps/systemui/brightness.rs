//! The brightness slider, in a dialog and in the shade. The thumb's place is not linear in the setting: as on
//! the real device, the dark part takes more of the track (here a square root curve; the ends are exact).

use crate::phone::system::{FileError, Intent, Namespace, System};
use crate::phone::ui::{
    Activity, Color, Effects, Length, Overlay, OverlayKind, Screen, Widget, slider, stack,
};

/// Smallest and largest value of `screen_brightness`.
const RANGE: (i64, i64) = (1, 255);

/// The system setting.
pub fn level(system: &System) -> i64 {
    system
        .settings
        .get_integer(Namespace::System, "screen_brightness", 102)
        .clamp(RANGE.0, RANGE.1)
}

/// Place of the thumb for a setting, 0 to 1.
pub fn place_of(level: i64) -> f32 {
    let share = (level.clamp(RANGE.0, RANGE.1) - RANGE.0) as f32 / (RANGE.1 - RANGE.0) as f32;
    share.sqrt()
}

/// The setting for a place of the thumb; 1 and 255 at the ends.
pub fn level_at(place: f32) -> i64 {
    let place = place.clamp(0.0, 1.0);
    RANGE.0 + (place * place * (RANGE.1 - RANGE.0) as f32).round() as i64
}

/// Writes both forms of the setting.
pub fn store(system: &mut System, place: f32) -> Result<(), FileError> {
    let level = level_at(place);
    system
        .settings
        .put(Namespace::System, "screen_brightness", level)?;
    let share = (level - RANGE.0) as f32 / (RANGE.1 - RANGE.0) as f32;
    system
        .settings
        .put(Namespace::System, "screen_brightness_float", share)
}

/// The slider itself.
pub fn bar<M>(system: &System, make: impl Fn(f32) -> M + Send + Sync + 'static) -> Widget<M> {
    let place = place_of(level(system));
    stack(vec![
        slider(place)
            .id("slider")
            .description("Display brightness")
            .spoken(format!("{:.1}", place * 65_535.0))
            .on_slide(make),
    ])
    .id("brightness_slider")
    .fill_width()
}

/// The dialog that Settings opens.
pub struct BrightnessDialog;

/// What is done in the dialog.
#[derive(Clone)]
pub enum Message {
    /// The thumb moved.
    Slide(f32),
    /// A tap outside, or BACK.
    Close,
}

impl Activity for BrightnessDialog {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> BrightnessDialog {
        BrightnessDialog
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let panel = stack(vec![bar(system, Message::Slide)])
            .id("brightness_mirror_container")
            .width(Length::Fill)
            .rounded(Color::SURFACE, 28.0)
            .padding(8.0);
        Screen::bare().overlay(Overlay::new(OverlayKind::TopDialog, panel, Message::Close))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Slide(place) => Effects::or_toast(store(system, place)),
            Message::Close => Effects::none().finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_exact_and_the_curve_inverts() {
        assert_eq!(level_at(0.0), 1);
        assert_eq!(level_at(1.0), 255);
        assert_eq!(level_at(-3.0), 1);
        for level in 1..=255 {
            assert_eq!(level_at(place_of(level)), level);
        }
    }
}

//! The parts that Contacts' screens share.

use crate::phone::ui::{Color, Widget, portrait};

/// Backgrounds of the round pictures of people without a photo.
const CIRCLES: [Color; 7] = [
    Color::rgb(0x1A_73E8),
    Color::rgb(0xB0_2A6F),
    Color::rgb(0x18_7A44),
    Color::rgb(0x8A_4B08),
    Color::rgb(0x6A_3FB5),
    Color::rgb(0x00_7A87),
    Color::rgb(0xB3_4A1E),
];

/// A round picture of `size` dp with the initial, or with the sign of a person.
pub fn picture<M>(id: i64, name: &str, size: f32) -> Widget<M> {
    let count = i64::try_from(CIRCLES.len()).unwrap_or(1);
    let color = usize::try_from(id.rem_euclid(count))
        .ok()
        .and_then(|index| CIRCLES.get(index))
        .copied()
        .unwrap_or(Color::ACCENT);
    portrait(name, color, size, size * 0.55)
}

//! The recorder's look: colours, and the few parts that its screens share.

use std::borrow::Cow;

use super::audio::Quality;
use super::library::Record;
use crate::phone::ui::{Color, Icon, Widget, icon_button, text};

/// Behind everything.
pub const BACKGROUND: Color = Color::rgb(0x37_474F);
/// Dialogs and bars.
pub const PANEL: Color = Color::rgb(0x26_3238);
/// Text.
pub const LIGHT: Color = Color::WHITE;
/// Less important text.
pub const DIM: Color = Color::rgb(0xC5_D0D6);
/// Chosen things.
pub const BLUE: Color = Color::rgb(0x1E_88E5);
/// The button that records.
pub const RED: Color = Color::rgb(0xD3_2F2F);

/// Light text.
pub fn label<M>(words: impl Into<Cow<'static, str>>) -> Widget<M> {
    text(words).color(LIGHT)
}

/// Less important text.
pub fn dim<M>(words: impl Into<Cow<'static, str>>) -> Widget<M> {
    text(words).color(DIM).text_size(14.0)
}

/// A sign without a name.
pub fn sign<M>(kind: Icon, id: &'static str, message: M) -> Widget<M> {
    icon_button(kind, "").id(id).color(LIGHT).on_tap(message)
}

fn kilohertz(rate: u32) -> String {
    match rate {
        22_050 => "22 kHz".to_owned(),
        _ if rate.is_multiple_of(1_000) => format!("{} kHz", rate / 1_000),
        _ => format!("{:.1} kHz", f64::from(rate) / 1_000.0),
    }
}

/// The name of a sampling frequency's chip.
pub fn frequency(rate: u32) -> String {
    kilohertz(rate).replace(' ', "")
}

/// What a line says about a recording: format, frequency, bits, size.
pub fn summary(record: &Record) -> String {
    let Quality { rate, bitrate, .. } = record.quality;
    let size = match record.size {
        size @ ..1_048_576 => format!("{:.1} KB", size as f64 / 1_024.0),
        size => format!("{:.1} MB", size as f64 / 1_048_576.0),
    };
    let format = record.quality.format.extension();
    let bits = bitrate / 1_000;
    format!("{size}, {format}, {bits} kbps, {}", kilohertz(rate))
}

//! Colours of widgets: plain RGBA and the few that a light Material screen needs.

/// An RGBA colour, 8 bits a channel, not premultiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Color {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
    /// Opacity, 255 is opaque.
    pub alpha: u8,
}

impl Color {
    /// White.
    pub const WHITE: Color = Color::rgb(0xFF_FFFF);
    /// Black.
    pub const BLACK: Color = Color::rgb(0);
    /// Body text.
    pub const TEXT: Color = Color::rgb(0x1B_1C1F);
    /// Summaries, hints and icons.
    pub const TEXT_SECONDARY: Color = Color::rgb(0x5A_5E66);
    /// Text of disabled widgets.
    pub const TEXT_DISABLED: Color = Color::rgb(0xA9_ACB3);
    /// Background of a screen.
    pub const SURFACE: Color = Color::rgb(0xFB_FBFE);
    /// Background of cards, search bars and sheets.
    pub const SURFACE_RAISED: Color = Color::rgb(0xEE_F0F6);
    /// Buttons, switches and selected things.
    pub const ACCENT: Color = Color::rgb(0x1F_5FC4);
    /// A pale accent behind dark text.
    pub const ACCENT_PALE: Color = Color::rgb(0xD5_E3FB);
    /// Separators and outlines.
    pub const OUTLINE: Color = Color::rgb(0xD2_D5DC);
    /// Errors and destructive actions.
    pub const DANGER: Color = Color::rgb(0xB3_261E);

    /// An opaque colour from `0xRRGGBB`.
    pub const fn rgb(value: u32) -> Color {
        Color {
            red: (value >> 16) as u8,
            green: (value >> 8) as u8,
            blue: value as u8,
            alpha: 255,
        }
    }

    /// Behind something that is chosen, or not.
    pub const fn chosen(on: bool) -> Color {
        match on {
            true => Color::ACCENT_PALE,
            false => Color::SURFACE,
        }
    }

    /// The same colour with another opacity.
    pub const fn with_alpha(self, alpha: u8) -> Color {
        Color { alpha, ..self }
    }
}

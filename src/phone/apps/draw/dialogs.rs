//! The dialogs over the canvas: saving, colours, leaving without saving.

use super::encode::Format;
use super::main_screen::Message;
use crate::phone::ui::{
    Color, Length, Overlay, Widget, alert, blank, column, overflow_menu, radio, row, text,
    text_field,
};

/// Id of the field with the name of the file.
pub const FILE_NAME: &str = "save_image_filename";

/// Colours to choose from.
const COLORS: [u32; 12] = [
    0x00_0000, 0x75_7575, 0xFF_FFFF, 0xD3_2F2F, 0xF5_7C00, 0xFB_C02D, 0x38_8E3C, 0x00_897B,
    0x19_76D2, 0x30_3F9F, 0x7B_1FA2, 0x6D_4C41,
];

/// What is in front of the canvas.
#[derive(Debug, Clone)]
pub enum Front {
    /// The menu of the three dots.
    Menu,
    /// Name and kind of the file.
    Save {
        /// Name without the ending.
        name: String,
        /// Kind.
        format: Format,
    },
    /// A colour, as six hexadecimal digits.
    Color {
        /// The digits.
        digits: String,
        /// Of the ground, not of the brush.
        ground: bool,
    },
    /// Whether to save before leaving.
    Leave,
    /// What the app is.
    About,
}

/// The colour of six hexadecimal digits.
pub fn color_of(digits: &str) -> Option<Color> {
    let valid = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid
        .then(|| u32::from_str_radix(digits, 16).ok().map(Color::rgb))
        .flatten()
}

/// The six hexadecimal digits of a colour.
pub fn digits_of(color: Color) -> String {
    format!("{:02x}{:02x}{:02x}", color.red, color.green, color.blue)
}

impl Front {
    /// The window.
    pub fn overlay(&self) -> Overlay<Message> {
        let dialog = match self {
            Front::Menu => {
                let items = [
                    ("Open file", Message::OpenFile),
                    ("Change background color", Message::AskColor(true)),
                    ("Print", Message::Say("There is no printer")),
                    ("Settings", Message::Settings),
                    ("About", Message::About),
                ];
                return overflow_menu(items, Message::Dismiss);
            }
            Front::Save { name, format } => alert("Save as")
                .content(save_form(name, *format))
                .positive("OK", Message::Accept)
                .negative("Cancel", Message::Dismiss),
            Front::Color { digits, .. } => alert("")
                .content(color_form(digits))
                .positive("OK", Message::Accept)
                .negative("Cancel", Message::Dismiss),
            Front::Leave => alert("")
                .message("There are changes that are not saved. Save them before leaving?")
                .positive("Save", Message::AskSave)
                .negative("Discard", Message::Leave),
            Front::About => alert("Simple Draw Pro")
                .message("Version 6.9.3")
                .positive("OK", Message::Dismiss),
        };
        dialog.overlay(Message::Dismiss)
    }
}

fn save_form(name: &str, format: Format) -> Vec<Widget<Message>> {
    let kinds = Format::ALL.map(|kind| {
        row(vec![
            radio(kind == format).decoration(),
            text(format!(".{}", kind.ending())).decoration(),
        ])
        .class("android.widget.RadioButton")
        .id(format!("save_image_radio_{}", kind.ending()))
        .spoken(format!(".{}", kind.ending()))
        .checked(kind == format)
        .min_height(48.0)
        .on_tap(Message::Format(kind))
    });
    vec![
        text("Filename").quiet(12.0).decoration(),
        text_field(name.to_owned(), "Filename")
            .id(FILE_NAME)
            .on_change(Message::Text),
        column(kinds.into())
            .id("save_image_radio_group")
            .class("android.widget.RadioGroup")
            .margin_edges(0.0, 8.0, 0.0, 0.0),
    ]
}

fn color_form(digits: &str) -> Vec<Widget<Message>> {
    let swatch = |value: u32| {
        let color = Color::rgb(value);
        blank()
            .class("android.widget.ImageView")
            .description(format!("#{}", digits_of(color)))
            .size(40.0, 40.0)
            .rounded(color, 20.0)
            .border(1.0, Color::OUTLINE)
            .on_tap(Message::Text(digits_of(color)))
    };
    let swatches = COLORS.chunks(6).map(|line| {
        row(line.iter().map(|value| swatch(*value)).collect())
            .decoration()
            .gap(6.0)
            .padding_symmetric(0.0, 4.0)
    });
    let mut content: Vec<Widget<Message>> = swatches.collect();
    let shown = color_of(digits).unwrap_or(Color::WHITE);
    content.push(
        row(vec![
            text("#").id("new_hex_label"),
            text_field(digits.to_owned(), "")
                .id("new_hex_color")
                .on_change(Message::Text)
                .width(Length::Dp(120.0)),
            blank()
                .class("android.widget.ImageView")
                .id("color_picker_new_color")
                .size(40.0, 40.0)
                .rounded(shown, 4.0)
                .border(1.0, Color::OUTLINE),
        ])
        .gap(8.0),
    );
    content
}

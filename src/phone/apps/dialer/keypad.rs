//! The keypad with the number that is typed on it. Pure.

use super::screen::Message;
use crate::phone::apps::contacts::format;
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, InputKind, Widget, column, icon, icon_button, row, spacer,
    stack, text, text_field,
};

/// Most signs of a number.
const MOST: usize = 40;

/// Keys: id, sign, letters.
const KEYS: [(&str, char, &str); 12] = [
    ("one", '1', ""),
    ("two", '2', "ABC"),
    ("three", '3', "DEF"),
    ("four", '4', "GHI"),
    ("five", '5', "JKL"),
    ("six", '6', "MNO"),
    ("seven", '7', "PQRS"),
    ("eight", '8', "TUV"),
    ("nine", '9', "WXYZ"),
    ("star", '*', ""),
    ("zero", '0', "+"),
    ("pound", '#', ""),
];

/// A typed number without what only separates.
pub fn plain(typed: &str) -> String {
    typed
        .chars()
        .filter(|sign| sign.is_ascii_digit() || "*#+,;".contains(*sign))
        .take(MOST)
        .collect()
}

/// The rows of keys; `send` makes the message of a key.
pub fn keys<M>(send: impl Fn(char) -> M) -> Widget<M> {
    let key = |(id, sign, letters): (&'static str, char, &'static str)| {
        let label = match letters {
            "" => sign.to_string(),
            letters => format!("{sign},{letters}"),
        };
        let key = column(vec![
            text(sign.to_string())
                .id("dialpad_key_number")
                .text_size(28.0),
            text(letters).id("dialpad_key_letters").quiet(11.0),
        ])
        .class("android.widget.FrameLayout")
        .id(id)
        .description(label)
        .cross(Align::Center)
        .main(Align::Center)
        .min_height(66.0)
        .weight_width(1.0)
        .on_tap(send(sign));
        // A zero that is pressed long is a plus.
        match sign {
            '0' => key.on_long_press(send('+')),
            _ => key,
        }
    };
    let rows = KEYS
        .chunks(3)
        .map(|keys| row(keys.iter().copied().map(&key).collect()).decoration())
        .collect();
    column(rows)
        .id("dialpad")
        .class("android.widget.TableLayout")
}

/// The sheet with the keypad.
pub fn sheet(number: &str) -> Widget<Message> {
    let mut digits = vec![
        text_field(format::shown(number), "")
            .id("digits")
            .input(InputKind::Phone)
            .ime(ImeAction::Done)
            .text_size(28.0)
            .text_align(Align::Center)
            .weight_width(1.0)
            .on_change(Message::Digits),
    ];
    if !number.is_empty() {
        digits.push(
            icon_button(Icon::Backspace, "backspace")
                .id("deleteButton")
                .on_tap(Message::Backspace)
                .on_long_press(Message::Digits(String::new())),
        );
    }
    let mut parts = Vec::new();
    if !number.is_empty() {
        let offer = |sign: Icon, label: &'static str, message: Message| {
            row(vec![
                icon(sign, 24.0).decoration(),
                text(label).id("contact_name"),
            ])
            .gap(20.0)
            .min_height(52.0)
            .padding_symmetric(24.0, 6.0)
            .on_tap(message)
        };
        parts.push(offer(
            Icon::Person,
            "Create new contact",
            Message::AddContact,
        ));
        parts.push(offer(
            Icon::Message,
            "Send a message",
            Message::Write(number.to_owned()),
        ));
    }
    parts.push(
        row(digits)
            .id("digits_container")
            .padding_symmetric(16.0, 2.0),
    );
    parts.push(keys(Message::Key));
    let dial = icon(Icon::Phone, 28.0)
        .id("dialpad_voice_call_button")
        .class("android.widget.ImageButton")
        .description("dial")
        .color(Color::WHITE)
        .padding(16.0)
        .rounded(Color::rgb(0x1E_7B4A), 30.0)
        .on_tap(Message::Dial)
        .place(Align::Center, Align::Center);
    parts.push(
        stack(vec![dial])
            .fill_width()
            .decoration()
            .padding_symmetric(0.0, 8.0),
    );
    parts.push(spacer(8.0));
    column(parts)
        .id("dialpad_view")
        .background(Color::SURFACE_RAISED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_no_part_of_a_number() {
        assert_eq!(plain("(555) 010-7788"), "5550107788");
        assert_eq!(plain("+1 #*;x"), "+1#*;");
        assert_eq!(plain(&"5".repeat(99)).len(), MOST);
    }
}

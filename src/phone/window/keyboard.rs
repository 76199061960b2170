//! The on-screen keyboard: its keys as widgets, and what each key does.

use crate::phone::ui::{
    Align, Color, Icon, ImeAction, InputKind, Length, Widget, blank, column, icon, row, stack, text,
};

/// Package of the keyboard's window.
pub const PACKAGE: &str = "com.google.android.inputmethod.latin";
/// Height of the keyboard in dp, without the navigation handle below it.
pub const HEIGHT: f32 = 292.0;

/// Which keys are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layer {
    /// Letters.
    #[default]
    Letters,
    /// Digits and signs.
    Symbols,
    /// More signs.
    MoreSymbols,
}

/// The keyboard's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keyboard {
    /// Keys shown.
    pub layer: Layer,
    /// The next letter is a capital.
    pub shift: bool,
}

/// What a key does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyMessage {
    /// Types something.
    Type(String),
    /// Deletes backwards.
    Delete,
    /// Toggles capitals.
    Shift,
    /// Shows other keys.
    Show(Layer),
    /// The action key: Enter, Done, Next, Search.
    Action,
    /// A key that does nothing.
    Nothing,
}

/// Height of one key in dp.
const KEY: f32 = 58.0;

struct Key {
    label: String,
    id: String,
    description: String,
    message: KeyMessage,
    weight: f32,
    sign: Option<Icon>,
    dark: bool,
}

fn character(row: usize, column: usize, character: char, shift: bool) -> Key {
    let shown = if shift {
        character.to_ascii_uppercase()
    } else {
        character
    };
    Key {
        label: shown.to_string(),
        id: format!("key_pos_{row}_{column}"),
        description: shown.to_string(),
        message: KeyMessage::Type(shown.to_string()),
        weight: 1.0,
        sign: None,
        dark: false,
    }
}

fn special(id: &str, description: &str, label: &str, message: KeyMessage, weight: f32) -> Key {
    Key {
        label: label.to_owned(),
        id: id.to_owned(),
        description: description.to_owned(),
        message,
        weight,
        sign: None,
        dark: true,
    }
}

fn signed(key: Key, sign: Icon) -> Key {
    Key {
        sign: Some(sign),
        ..key
    }
}

fn draw(key: Key) -> Widget<KeyMessage> {
    let face = if key.dark {
        Color::rgb(0xD3_DAE6)
    } else {
        Color::WHITE
    };
    let label = match key.sign {
        Some(sign) => icon(sign, 22.0).color(Color::TEXT).decoration(),
        None => text(key.label)
            .text_size(if key.dark { 14.0 } else { 22.0 })
            .decoration(),
    };
    let cap = stack(vec![label.place(Align::Center, Align::Center)])
        .fill()
        .rounded(face, 6.0)
        .decoration();
    stack(vec![cap])
        .weight_width(key.weight)
        .height(Length::Dp(KEY))
        .padding_symmetric(2.5, 5.0)
        .id(key.id)
        .description(key.description)
        .on_tap(key.message)
}

fn keys(list: Vec<Key>, rim: f32) -> Widget<KeyMessage> {
    row(list.into_iter().map(draw).collect())
        .height(Length::Dp(KEY))
        .padding_symmetric(rim, 0.0)
}

/// The keyboard for a field.
pub fn view(
    state: Keyboard,
    input: InputKind,
    action: ImeAction,
    multiline: bool,
) -> Widget<KeyMessage> {
    let rows = match input {
        InputKind::Number | InputKind::Phone => pad(action),
        InputKind::Text | InputKind::Email => typewriter(state, input, action, multiline),
    };
    let header = row(vec![
        icon(Icon::Apps, 20.0)
            .description("Open features menu")
            .margin(10.0),
        blank().weight_width(1.0).decoration(),
        icon(Icon::Microphone, 20.0)
            .id("key_pos_header_voice")
            .description("Use voice typing")
            .margin(10.0),
    ])
    .id("keyboard_header_view_holder")
    .height(Length::Dp(44.0));
    let mut children = vec![header];
    children.extend(rows);
    column(children)
        .class("android.widget.FrameLayout")
        .id("keyboard_area")
        .background(Color::rgb(0xE6_EBF3))
        .height(Length::Dp(HEIGHT))
        // What falls between the keys goes nowhere.
        .on_tap(KeyMessage::Nothing)
}

fn typewriter(
    state: Keyboard,
    input: InputKind,
    action: ImeAction,
    multiline: bool,
) -> Vec<Widget<KeyMessage>> {
    let lines: [&str; 3] = match state.layer {
        Layer::Letters => ["qwertyuiop", "asdfghjkl", "zxcvbnm"],
        Layer::Symbols => ["1234567890", "@#$_&-+()/", "*\"':;!?"],
        Layer::MoreSymbols => ["~`|•√π÷×¶∆", "£¢€¥^°={}\\", "%©®™✓[]"],
    };
    let shift = state.shift && state.layer == Layer::Letters;
    let line = |row: usize| -> Vec<Key> {
        lines[row]
            .chars()
            .enumerate()
            .map(|(column, sign)| character(row, column, sign, shift))
            .collect()
    };
    let first_special = match state.layer {
        Layer::Letters => signed(
            special("key_pos_shift", "Shift", "", KeyMessage::Shift, 1.5),
            Icon::Shift,
        ),
        Layer::Symbols => special(
            "key_pos_shift",
            "More symbols",
            "=\\<",
            KeyMessage::Show(Layer::MoreSymbols),
            1.5,
        ),
        Layer::MoreSymbols => special(
            "key_pos_shift",
            "Symbols",
            "?123",
            KeyMessage::Show(Layer::Symbols),
            1.5,
        ),
    };
    let mut third = vec![first_special];
    third.extend(line(2));
    third.push(delete_key(1.5));
    let switch = if state.layer == Layer::Letters {
        special(
            "key_pos_symbol",
            "Symbol keyboard",
            "?123",
            KeyMessage::Show(Layer::Symbols),
            1.5,
        )
    } else {
        special(
            "key_pos_symbol",
            "Letter keyboard",
            "ABC",
            KeyMessage::Show(Layer::Letters),
            1.5,
        )
    };
    let left = if input == InputKind::Email { "@" } else { "," };
    let fourth = vec![
        switch,
        special(
            "key_pos_comma",
            left,
            left,
            KeyMessage::Type(left.into()),
            1.0,
        ),
        signed(
            special(
                "key_pos_non_prime_category_1",
                "Emoji button",
                "",
                KeyMessage::Nothing,
                1.0,
            ),
            Icon::Emoji,
        ),
        Key {
            dark: false,
            ..special(
                "key_pos_space",
                "Space EN",
                "English",
                KeyMessage::Type(" ".into()),
                4.0,
            )
        },
        special(
            "key_pos_period",
            ".",
            ".",
            KeyMessage::Type(".".into()),
            1.0,
        ),
        action_key(action, multiline, 1.5),
    ];
    let rim = if state.layer == Layer::Letters {
        22.0
    } else {
        3.0
    };
    vec![
        keys(line(0), 3.0),
        keys(line(1), rim),
        keys(third, 3.0),
        keys(fourth, 3.0),
    ]
}

fn pad(action: ImeAction) -> Vec<Widget<KeyMessage>> {
    let digits = |row: usize, signs: &str| -> Vec<Key> {
        signs
            .chars()
            .enumerate()
            .map(|(column, sign)| character(row, column, sign, false))
            .collect()
    };
    let mut rows = vec![
        digits(0, "123-"),
        digits(1, "456"),
        digits(2, "789"),
        digits(3, "+0."),
    ];
    rows[1].push(special(
        "key_pos_space",
        "Space EN",
        "␣",
        KeyMessage::Type(" ".into()),
        1.0,
    ));
    rows[2].push(delete_key(1.0));
    rows[3].push(action_key(action, false, 1.0));
    rows.into_iter().map(|line| keys(line, 3.0)).collect()
}

fn delete_key(weight: f32) -> Key {
    signed(
        special("key_pos_del", "Delete", "", KeyMessage::Delete, weight),
        Icon::Backspace,
    )
}

fn action_key(action: ImeAction, multiline: bool, weight: f32) -> Key {
    let (description, sign) = match action {
        _ if multiline => ("Enter", Icon::Enter),
        ImeAction::Done => ("Done", Icon::Check),
        ImeAction::Next => ("Next", Icon::ArrowForward),
        ImeAction::Search => ("Search", Icon::Search),
        ImeAction::Go => ("Go", Icon::ArrowForward),
        ImeAction::Send => ("Send", Icon::Send),
    };
    signed(
        special(
            "key_pos_ime_action",
            description,
            "",
            KeyMessage::Action,
            weight,
        ),
        sign,
    )
}

//! The player as large as the screen.

use super::main_screen::MainActivity;
use super::message::{Front, Message, Page, Touch};
use super::player::Repeat;
use super::shell;
use crate::phone::apps::lengths;
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, column, icon, icon_button, row, slider, stack, stretch,
    text,
};

/// The page.
pub fn player(main: &MainActivity, system: &System) -> Widget<Message> {
    let (title, artist, length) = match main.player.current() {
        Some(song) => (
            song.title.clone(),
            song.artist.clone(),
            song.duration_millis,
        ),
        None => (String::new(), String::new(), 0),
    };
    let progress = main.player.progress(system.clock.uptime_micros());
    let part = progress as f32 / length.max(1) as f32;
    column(vec![
        stack(vec![
            icon(Icon::Music, 120.0)
                .color(Color::ACCENT)
                .place(Align::Center, Align::Center)
                .decoration(),
        ])
        .id("player_image")
        .class("android.widget.ImageView")
        .fill_width()
        .weight_height(1.0)
        .rounded(Color::ACCENT_PALE, 24.0)
        .margin(24.0),
        text(title)
            .id("title")
            .text_size(24.0)
            .bold()
            .max_lines(1)
            .text_align(Align::Center)
            .fill_width()
            .padding_symmetric(24.0, 0.0),
        text(artist)
            .id("text")
            .color(Color::TEXT_SECONDARY)
            .max_lines(1)
            .text_align(Align::Center)
            .fill_width()
            .padding_symmetric(24.0, 4.0),
        slider(part)
            .id("progressSlider")
            .on_slide(|part| Message::Player(Touch::Seek(part)))
            .margin_edges(24.0, 8.0, 24.0, 0.0),
        row(vec![
            text(lengths::padded(progress))
                .id("songCurrentProgress")
                .text_size(13.0),
            stretch(),
            text(lengths::padded(length))
                .id("songTotalTime")
                .text_size(13.0),
        ])
        .decoration()
        .padding_symmetric(32.0, 0.0),
        controls(main),
        tools(main),
    ])
    .id("playerFragmentContainer")
    .class("android.widget.FrameLayout")
    .on_swipe_down(Message::Up)
    .fill()
}

fn controls(main: &MainActivity) -> Widget<Message> {
    let sign = |sign: Icon, id: &'static str, on: bool, touch: Touch| {
        icon_button(sign, "")
            .id(id)
            .color(match on {
                true => Color::ACCENT,
                false => Color::TEXT_SECONDARY,
            })
            .on_tap(Message::Player(touch))
    };
    let play = match main.player.is_playing() {
        true => Icon::Pause,
        false => Icon::Play,
    };
    row(vec![
        sign(
            Icon::Redo,
            "repeatButton",
            main.player.repeat != Repeat::Off,
            Touch::Repeat,
        ),
        sign(Icon::Back, "previousButton", true, Touch::Previous),
        sign(play, "playPauseButton", true, Touch::Toggle)
            .size(72.0, 72.0)
            .padding(22.0)
            .rounded(Color::ACCENT_PALE, 36.0),
        sign(Icon::ArrowForward, "nextButton", true, Touch::Next),
        sign(
            Icon::Refresh,
            "shuffleButton",
            main.player.shuffle,
            Touch::Shuffle,
        ),
    ])
    .main(Align::Between)
    .decoration()
    .padding_symmetric(24.0, 16.0)
}

fn tools(main: &MainActivity) -> Widget<Message> {
    let tool = |sign: Icon, id: &'static str, description: &'static str, message: Message| {
        icon_button(sign, description)
            .id(id)
            .class("android.widget.Button")
            .on_tap(message)
    };
    let heart = match main.favorite {
        true => Color::DANGER,
        false => Color::TEXT_SECONDARY,
    };
    row(vec![
        tool(
            Icon::Timer,
            "action_sleep_timer",
            "Sleep timer",
            Message::Say("There is no sleep timer"),
        ),
        tool(
            Icon::Document,
            "action_show_lyrics",
            "Lyrics",
            Message::Say("No lyrics found"),
        ),
        tool(
            Icon::Heart,
            "action_toggle_favorite",
            "Favorites",
            Message::Player(Touch::Favorite),
        )
        .color(heart),
        tool(
            Icon::List,
            "now_playing",
            "Now playing queue",
            Message::Go(Page::Queue),
        ),
        shell::more().on_tap(Message::Open(Front::Overflow)),
    ])
    .id("playerToolbar")
    .class("android.view.ViewGroup")
    .main(Align::Between)
    .height(Length::Dp(60.0))
    .padding_symmetric(16.0, 0.0)
}

//! The choices of how sound is kept: once at the first start, later as settings.

use super::audio::{Format, Quality};
use super::look::{BACKGROUND, BLUE, DIM, LIGHT, PANEL, dim, frequency, label, sign};
use super::session::{self, Memory};
use super::{MAIN, PACKAGE, library};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Effects, Icon, Length, Screen, Widget, button, column, horizontal_list, icon,
    row, scroll, text,
};

/// What is chosen when nothing was.
const USUAL: Quality = Quality {
    format: Format::M4a,
    rate: 44_100,
    bitrate: 128_000,
    channels: 2,
};
const RATES: [u32; 6] = [8_000, 16_000, 22_050, 32_000, 44_100, 48_000];
const BITRATES: [u32; 6] = [48_000, 96_000, 128_000, 192_000, 256_000, 288_000];
const CHANNELS: [(u16, &str); 2] = [(2, "Stereo"), (1, "Mono")];

/// A touch on the choices.
#[derive(Debug, Clone)]
pub enum Message {
    /// Chooses.
    Choose(Quality),
    /// The usual choice.
    Reset,
    /// Ends the first start.
    Apply,
    /// Leaves the settings.
    Back,
    /// Says what something means.
    Say(&'static str),
}

/// A group of chips, one of which is chosen.
fn setting(
    id: &'static str,
    title: &'static str,
    words: &'static str,
    chips: impl Iterator<Item = (String, Quality, bool)>,
) -> Widget<Message> {
    let chips = chips.map(|(name, quality, chosen)| {
        text(name)
            .color(LIGHT)
            .text_size(15.0)
            .max_lines(1)
            .padding_symmetric(14.0, 10.0)
            .rounded(if chosen { BLUE } else { PANEL }, 18.0)
            .checked(chosen)
            .on_tap(Message::Choose(quality))
    });
    column(vec![
        row(vec![
            label(title).id("setting_title").weight_width(1.0),
            sign(Icon::Info, "setting_btn_info", Message::Say(words)),
        ])
        .decoration(),
        horizontal_list(vec![row(chips.collect()).gap(8.0).width(Length::Wrap)])
            .id("chips_view")
            .height(Length::Dp(48.0)),
    ])
    .id(id)
    .padding_symmetric(0.0, 6.0)
}

fn choices(chosen: Quality) -> Vec<Widget<Message>> {
    let spinner = |id: &'static str, words: &'static str| {
        row(vec![
            label(words).id("txtItem").weight_width(1.0),
            icon(Icon::DropDown, 24.0).color(DIM).decoration(),
        ])
        .id(id)
        .class("android.widget.Spinner")
        .min_height(48.0)
    };
    vec![
        spinner("themeColor", "Theme"),
        spinner("name_format", "Record-1"),
        setting(
            "setting_recording_format",
            "Recording format:",
            "M4a is small and sounds good, Wav is not compressed, 3gp is the smallest",
            Format::ALL.iter().map(|&(format, _, name)| {
                let quality = Quality { format, ..chosen };
                (name.to_owned(), quality, format == chosen.format)
            }),
        ),
        setting(
            "setting_frequency",
            "Sample rate:",
            "How often the sound is measured in a second",
            RATES.iter().map(|&rate| {
                let quality = Quality { rate, ..chosen };
                (frequency(rate), quality, rate == chosen.rate)
            }),
        ),
        setting(
            "setting_bitrate",
            "Bitrate:",
            "How much is kept of each second",
            BITRATES.iter().map(|&bitrate| {
                let name = format!("{} kbps", bitrate / 1_000);
                let quality = Quality { bitrate, ..chosen };
                (name, quality, bitrate == chosen.bitrate)
            }),
        ),
        setting(
            "setting_channels",
            "Channel count:",
            "Stereo keeps two sides apart, Mono has one",
            CHANNELS.iter().map(|&(channels, name)| {
                let quality = Quality { channels, ..chosen };
                (name.to_owned(), quality, channels == chosen.channels)
            }),
        ),
    ]
}

/// Megabytes of a minute.
fn expected(chosen: Quality) -> String {
    let bits = match chosen.format {
        Format::Wav => f64::from(chosen.rate) * f64::from(chosen.channels) * 16.0,
        Format::M4a => f64::from(chosen.bitrate),
        Format::ThreeGp => 12_200.0,
    };
    format!("{:.1} Mb/min expected size", bits * 60.0 / 8.0 / 1e6)
}

/// The choices of the first start.
pub struct Setup {
    chosen: Quality,
}

impl Setup {
    fn apply(&self, system: &System) -> Result<Effects, PhoneError> {
        session::keep_quality(system, self.chosen)?;
        session::set_up(system)?;
        library::create(system)?;
        Ok(Effects::none()
            .start(Intent::activity(PACKAGE, MAIN))
            .finish())
    }
}

impl Activity for Setup {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> Setup {
        Setup {
            chosen: Memory::load(&system.files).quality(),
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let mut parts = vec![
            row(vec![label("Setup").text_size(22.0).bold()])
                .id("toolbar")
                .min_height(56.0),
        ];
        parts.extend(choices(self.chosen));
        let buttons = row(vec![
            button("Reset")
                .id("btn_reset")
                .color(LIGHT)
                .border(1.0, DIM)
                .weight_width(1.0)
                .on_tap(Message::Reset),
            button("Apply")
                .id("btn_apply")
                .color(LIGHT)
                .rounded(BLUE, 4.0)
                .weight_width(1.0)
                .on_tap(Message::Apply),
        ])
        .decoration()
        .gap(12.0);
        let below = column(vec![
            dim(expected(self.chosen)).id("txt_size_per_min"),
            dim("You can change all of it later in Settings").id("txt_information"),
            buttons,
        ])
        .decoration()
        .gap(8.0)
        .padding(16.0)
        .background(PANEL);
        let above = scroll(vec![
            column(parts)
                .gap(8.0)
                .cross(Align::Start)
                .padding_symmetric(16.0, 0.0),
        ])
        .weight_height(1.0);
        Screen::new(column(vec![above, below]).decoration().fill()).background(BACKGROUND)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Choose(quality) => self.chosen = quality,
            Message::Reset => self.chosen = USUAL,
            Message::Say(words) => return Effects::none().toast(words),
            Message::Back => return Effects::none().finish(),
            Message::Apply => {
                return Effects::or_toast(self.apply(system));
            }
        }
        Effects::none()
    }
}

/// The settings.
pub struct Settings {
    chosen: Quality,
}

impl Activity for Settings {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> Settings {
        Settings {
            chosen: Memory::load(&system.files).quality(),
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let bar = row(vec![
            sign(Icon::Back, "btn_back", Message::Back),
            label("Settings").id("txt_title").text_size(22.0).bold(),
        ])
        .id("toolbar")
        .gap(8.0)
        .height(Length::Dp(56.0))
        .background(PANEL);
        let mut parts = choices(self.chosen);
        parts.push(dim(expected(self.chosen)).id("txt_size_per_min"));
        parts.push(
            button("Reset")
                .id("btnReset")
                .color(LIGHT)
                .border(1.0, DIM)
                .on_tap(Message::Reset),
        );
        let below = scroll(vec![column(parts).gap(8.0).padding(16.0)]).weight_height(1.0);
        Screen::new(column(vec![bar, below]).decoration().fill()).background(BACKGROUND)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Choose(quality) => self.chosen = quality,
            Message::Reset => self.chosen = USUAL,
            Message::Say(words) => return Effects::none().toast(words),
            Message::Back | Message::Apply => return Effects::none().finish(),
        }
        Effects::or_toast(session::keep_quality(system, self.chosen))
    }
}

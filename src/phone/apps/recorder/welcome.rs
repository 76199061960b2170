//! The first start: a greeting, then the choices of how sound is kept.

use super::look::{BACKGROUND, BLUE, dim, label};
use super::{PACKAGE, SETUP, library};
use crate::phone::system::{Intent, System};
use crate::phone::ui::{Activity, Align, Color, Effects, Icon, Screen, button, column, icon};

/// What the pages say.
const PAGES: [&str; 3] = [
    "Record sound with one touch",
    "Keep your recordings and play them again",
    "Name and share what you recorded",
];

/// A touch on the pages.
#[derive(Debug, Clone)]
pub enum Message {
    /// Turns to the page that many further.
    Turn(isize),
    /// The button.
    Start,
}

/// The greeting.
pub struct Welcome {
    page: usize,
}

impl Activity for Welcome {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> Welcome {
        Welcome { page: 0 }
    }

    // The directory of recordings is there as soon as the app was started.
    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(library::create(system))
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let page = column(vec![
            icon(Icon::Microphone, 120.0)
                .id("item_image_first")
                .color(Color::WHITE),
            label("Audio Recorder")
                .id("txt_title")
                .text_size(26.0)
                .bold(),
            dim(PAGES[self.page.min(PAGES.len() - 1)])
                .id("txt_details")
                .text_size(18.0)
                .text_align(Align::Center),
        ])
        .id("pager")
        .class("androidx.viewpager.widget.ViewPager")
        .cross(Align::Center)
        .main(Align::Center)
        .gap(20.0)
        .padding(24.0)
        .weight_height(1.0)
        .on_swipe_left(Message::Turn(1))
        .on_swipe_right(Message::Turn(-1));
        let start = button("Get started")
            .id("btn_action")
            .color(Color::WHITE)
            .rounded(BLUE, 24.0)
            .on_tap(Message::Start);
        Screen::new(
            column(vec![page, start])
                .cross(Align::Center)
                .padding_edges(24.0, 24.0, 24.0, 48.0)
                .fill(),
        )
        .background(BACKGROUND)
    }

    fn update(&mut self, _system: &mut System, message: Message) -> Effects {
        match message {
            Message::Turn(step) => {
                let next = self.page.saturating_add_signed(step);
                self.page = next.min(PAGES.len() - 1);
                Effects::none()
            }
            Message::Start => Effects::none()
                .start(Intent::activity(PACKAGE, SETUP))
                .finish(),
        }
    }
}

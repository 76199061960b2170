//! The pages before the first use: a welcome, the access that is wanted, the scan, the theme.

use super::look::ORANGE;
use super::{ONBOARDED, PACKAGE, may_read, store_seen};
use crate::phone::apps::all_files;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Align, Color, Effect, Effects, Icon, Length, Screen, Widget, button, column, icon,
    row, stretch, switch, text,
};

/// Pages in their order: id of the title, title, words, sign.
const PAGES: [(&str, &str, &str, Icon); 4] = [
    (
        "welcome_title",
        "Welcome to VLC!",
        "The player for all your videos and music.",
        Icon::Play,
    ),
    (
        "permission_title",
        "File access",
        "To find your media VLC needs access to the files of this device.",
        Icon::Folder,
    ),
    (
        "scan_title",
        "Media scan",
        "VLC can look for media on this device.",
        Icon::Search,
    ),
    (
        "theme_title",
        "Theme",
        "VLC follows the theme of this device.",
        Icon::Brightness,
    ),
];

/// The pages.
pub struct Onboarding {
    page: usize,
    scan: bool,
    asked: bool,
}

/// A touch on the pages.
#[derive(Debug, Clone)]
pub enum OnboardingMessage {
    /// To the next page, or out of the last one.
    Next,
    /// Out of the pages.
    Skip,
    /// The switch of the scan.
    Scan(bool),
}

impl Onboarding {
    fn done(&self, system: &System) -> Effects {
        match store_seen(system, ONBOARDED) {
            Ok(()) => Effects::none().finish(),
            Err(error) => Effects::none().toast(error.to_string()),
        }
    }
}

impl Activity for Onboarding {
    type Message = OnboardingMessage;

    fn create(_system: &mut System, _intent: &Intent) -> Onboarding {
        Onboarding {
            page: 0,
            scan: true,
            asked: false,
        }
    }

    fn view(&self, _system: &System) -> Screen<OnboardingMessage> {
        let (id, title, words, sign) = PAGES[self.page.min(PAGES.len() - 1)];
        let mut content = vec![
            icon(sign, 96.0).color(ORANGE),
            text(title).id(id).text_size(26.0).bold(),
            text(words)
                .text_align(Align::Center)
                .color(Color::TEXT_SECONDARY),
        ];
        if id == "scan_title" {
            content.push(
                row(vec![
                    text("Let VLC scan my device for media content").weight_width(1.0),
                    switch(self.scan)
                        .id("scanningEnableSwitch")
                        .on_toggle(OnboardingMessage::Scan),
                ])
                .gap(12.0),
            );
        }
        let page = column(content)
            .cross(Align::Center)
            .main(Align::Center)
            .gap(24.0)
            .padding(32.0)
            .fill_width()
            .weight_height(1.0);
        let last = self.page + 1 == PAGES.len();
        let mut foot: Vec<Widget<OnboardingMessage>> = Vec::new();
        if !last {
            let skip = button("Skip").id("skip_button").color(ORANGE);
            foot.push(skip.on_tap(OnboardingMessage::Skip));
        }
        foot.push(stretch());
        let label = if last { "Done" } else { "Next" };
        let next = button(label).id("next_button").color(ORANGE);
        foot.push(next.on_tap(OnboardingMessage::Next));
        let foot = row(foot)
            .height(Length::Dp(72.0))
            .padding_symmetric(12.0, 0.0);
        Screen::new(column(vec![page, foot]).fill().background(Color::SURFACE))
    }

    fn update(&mut self, system: &mut System, message: OnboardingMessage) -> Effects {
        match message {
            OnboardingMessage::Skip => return self.done(system),
            OnboardingMessage::Scan(on) => self.scan = on,
            OnboardingMessage::Next if self.page + 1 == PAGES.len() => return self.done(system),
            OnboardingMessage::Next if self.page == 1 && !may_read(system) && !self.asked => {
                self.asked = true;
                return Effects::none().start(all_files::page(PACKAGE));
            }
            OnboardingMessage::Next => self.page += 1,
        }
        Effects::none()
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        if self.page == 0 {
            return Effects::none().and(Effect::FinishTask);
        }
        self.page -= 1;
        Effects::none()
    }
}

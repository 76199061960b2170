//! Chrome's pages before the first use: terms, synchronisation, notifications.

use super::{PACKAGE, pass_first_run};
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Screen, Widget, button, checkbox, column, filled_button,
    icon, row, stretch, text,
};

/// The permission that the last page asks for.
const NOTIFICATIONS: &str = "android.permission.POST_NOTIFICATIONS";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Terms,
    Sync,
    Notifications,
}

/// A touch.
#[derive(Debug, Clone, Copy)]
pub enum Message {
    /// To the next page.
    Next,
    /// Allows what the page asks for, and on.
    Allow,
    /// Sends statistics, or not.
    Statistics,
}

/// The activity.
pub struct FirstRun {
    page: Page,
    statistics: bool,
}

impl FirstRun {
    fn next(&mut self, system: &System) -> Effects {
        let granted = system.packages.is_granted(PACKAGE, NOTIFICATIONS);
        self.page = match self.page {
            Page::Terms => Page::Sync,
            Page::Sync if !granted => Page::Notifications,
            _ => {
                return match pass_first_run(system) {
                    Ok(()) => Effects::none().finish(),
                    Err(error) => Effects::none().finish().toast(error.to_string()),
                };
            }
        };
        Effects::none()
    }

    fn choice(
        &self,
        title: &'static str,
        words: &'static str,
        yes: &'static str,
    ) -> Vec<Widget<Message>> {
        vec![
            text(title)
                .id("title")
                .text_size(24.0)
                .text_align(Align::Center)
                .fill_width(),
            text(words)
                .color(Color::TEXT_SECONDARY)
                .text_align(Align::Center)
                .fill_width(),
            stretch(),
            row(vec![
                button("No thanks")
                    .id("negative_button")
                    .on_tap(Message::Next),
                stretch(),
                filled_button(yes)
                    .id("positive_button")
                    .on_tap(Message::Allow),
            ]),
        ]
    }
}

impl Activity for FirstRun {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> FirstRun {
        FirstRun {
            page: Page::Terms,
            statistics: true,
        }
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        match self.page {
            Page::Terms => return Effects::none().finish(),
            Page::Sync => self.page = Page::Terms,
            Page::Notifications => self.page = Page::Sync,
        }
        Effects::none()
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let mut content = vec![
            icon(Icon::Globe, 72.0)
                .color(Color::ACCENT)
                .place(Align::Center, Align::Center),
        ];
        content.extend(match self.page {
            Page::Terms => vec![
                text("Welcome to Chrome")
                    .id("title")
                    .text_size(26.0)
                    .text_align(Align::Center)
                    .fill_width(),
                text("By using Chrome, you agree to the Terms of Service.")
                    .id("tos_and_privacy")
                    .color(Color::TEXT_SECONDARY)
                    .text_align(Align::Center)
                    .fill_width(),
                stretch(),
                row(vec![
                    checkbox(self.statistics).decoration(),
                    text("Help make Chrome better by sending usage statistics and crash reports to Google")
                        .text_size(14.0)
                        .decoration()
                        .weight_width(1.0),
                ])
                .id("send_report_checkbox")
                .class("android.widget.CheckBox")
                .spoken("Help make Chrome better by sending usage statistics and crash reports to Google")
                .checked(self.statistics)
                .gap(12.0)
                .on_tap(Message::Statistics),
                filled_button("Accept & continue")
                    .id("terms_accept")
                    .fill_width()
                    .on_tap(Message::Next),
            ],
            Page::Sync => self.choice(
                "Turn on sync?",
                "Your bookmarks, passwords and more on all your devices",
                "Yes, I'm in",
            ),
            Page::Notifications => self.choice(
                "Chrome notifications make things easier",
                "Follow your downloads, media and more",
                "Continue",
            ),
        });
        let root = column(content)
            .gap(16.0)
            .padding_edges(24.0, 64.0, 24.0, 24.0)
            .fill();
        Screen::new(root)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Statistics => self.statistics = !self.statistics,
            Message::Allow => {
                if self.page == Page::Notifications {
                    system.packages.grant(PACKAGE, NOTIFICATIONS);
                }
                return self.next(system);
            }
            Message::Next => return self.next(system),
        }
        Effects::none()
    }
}

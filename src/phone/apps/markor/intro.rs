//! Markor's first start: five pages to leaf through, then the question for access to all files.

use super::look::RED;
use super::{PACKAGE, may_use_files, store_intro};
use crate::phone::apps::all_files;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Align, Color, Effect, Effects, Icon, Length, Screen, Widget, alert, button, column,
    icon, row, stack, stretch, text,
};

const SLIDES: [(&str, &str, Icon); 5] = [
    (
        "Main View",
        "Create, browse and sort the notes of your notebook folder.",
        Icon::Folder,
    ),
    (
        "View",
        "See how a note looks when its format is applied.",
        Icon::Eye,
    ),
    (
        "Share -> Markor",
        "Texts that are shared from other apps go to a note of your choice.",
        Icon::Share,
    ),
    (
        "To-Do",
        "Keep your list of things to do in one file.",
        Icon::Check,
    ),
    ("QuickNote", "Write something down at once.", Icon::Edit),
];

/// The pages.
pub struct IntroActivity {
    slide: usize,
}

/// A touch on the pages.
#[derive(Debug, Clone, Copy)]
pub enum IntroMessage {
    /// To the next page.
    Next,
    /// To the page before.
    Previous,
    /// The last page was read.
    Done,
}

impl Activity for IntroActivity {
    type Message = IntroMessage;

    fn create(_system: &mut System, _intent: &Intent) -> IntroActivity {
        IntroActivity { slide: 0 }
    }

    fn view(&self, _system: &System) -> Screen<IntroMessage> {
        let (title, words, sign) = SLIDES[self.slide.min(SLIDES.len() - 1)];
        let white = |widget: Widget<IntroMessage>| widget.color(Color::WHITE);
        let page = column(vec![
            white(text(title)).id("title").text_size(28.0).bold(),
            icon(sign, 120.0).id("image").color(Color::WHITE),
            white(text(words))
                .id("description")
                .text_size(17.0)
                .text_align(Align::Center),
        ])
        .cross(Align::Center)
        .main(Align::Center)
        .gap(40.0)
        .padding(32.0)
        .fill();
        let dots = (0..SLIDES.len())
            .map(|dot| {
                let alpha = if dot == self.slide { 255 } else { 90 };
                stack(vec![])
                    .size(9.0, 9.0)
                    .rounded(Color::WHITE.with_alpha(alpha), 5.0)
                    .decoration()
            })
            .collect();
        let end = if self.slide + 1 < SLIDES.len() {
            button("NEXT").id("next").on_tap(IntroMessage::Next)
        } else {
            button("DONE").id("done").on_tap(IntroMessage::Done)
        };
        let foot = row(vec![
            row(dots).decoration().width(Length::Wrap).gap(8.0),
            stretch(),
            white(end),
        ])
        .id("bottom")
        .height(Length::Dp(64.0))
        .padding_edges(24.0, 0.0, 12.0, 0.0);
        let pager = stack(vec![page])
            .id("view_pager")
            .class("androidx.viewpager.widget.ViewPager")
            .fill_width()
            .weight_height(1.0)
            .on_swipe_left(IntroMessage::Next)
            .on_swipe_right(IntroMessage::Previous);
        Screen::new(column(vec![pager, foot]).fill().background(RED)).background(RED)
    }

    fn update(&mut self, system: &mut System, message: IntroMessage) -> Effects {
        match message {
            IntroMessage::Next => self.slide = (self.slide + 1).min(SLIDES.len() - 1),
            IntroMessage::Previous => self.slide = self.slide.saturating_sub(1),
            IntroMessage::Done => {
                return Effects::or_toast(store_intro(system).map(|()| Effects::none().finish()));
            }
        }
        Effects::none()
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        if self.slide == 0 {
            return Effects::none().and(Effect::FinishTask);
        }
        self.slide -= 1;
        Effects::none()
    }
}

/// The question for access to all files.
pub struct StoragePermission {
    asked: bool,
}

/// A button of the question.
#[derive(Debug, Clone, Copy)]
pub enum StorageMessage {
    /// Leaves the app.
    Exit,
    /// To the system's page.
    Ask,
}

impl Activity for StoragePermission {
    type Message = StorageMessage;

    fn create(_system: &mut System, _intent: &Intent) -> StoragePermission {
        StoragePermission { asked: false }
    }

    fn view(&self, _system: &System) -> Screen<StorageMessage> {
        let dialog = alert("Markor").message("Markor keeps its notes on the shared storage. To read and write them it needs access to the \
             files of this device.")
                 .positive("OK", StorageMessage::Ask)
                 .negative("EXIT", StorageMessage::Exit);
        Screen::bare().overlay(dialog.modal())
    }

    fn update(&mut self, _system: &mut System, message: StorageMessage) -> Effects {
        match message {
            StorageMessage::Exit => Effects::none().and(Effect::FinishTask),
            StorageMessage::Ask => {
                self.asked = true;
                Effects::none().start(all_files::page(PACKAGE))
            }
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        if may_use_files(system) {
            Effects::none().finish()
        } else if std::mem::take(&mut self.asked) {
            Effects::none().toast("Permission not granted")
        } else {
            Effects::none()
        }
    }
}

//! The system's question with which app to open something (`ResolverActivity` of package `android`), when
//! several can. The answer "always" is kept by type.

use super::answering;
use crate::phone::system::{Intent, Preferences, System};
use crate::phone::ui::{
    Activity, ActivityEntry, AppEntry, Color, Effects, Icon, Overlay, OverlayKind, Screen, Widget,
    activity, button, column, icon, list, row, stack, stretch, text,
};
use crate::phone::ui::{Align, Length};

/// Package of the framework.
const PACKAGE: &str = "android";
/// File of the answers that hold for ever.
const ALWAYS: &str = "preferred_activities";

/// Extra: no answer of before counts.
const ASK: &str = "ask";

/// The dialog.
pub const CHOOSER: ActivityEntry = ActivityEntry::new(
    "com.android.internal.app.ResolverActivity",
    activity::<Resolver>,
);

/// The framework.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Android System",
    icon: Icon::Settings,
    color: Color::TEXT_SECONDARY,
    activities: &[CHOOSER],
};

/// Whether the user is asked when several apps answer an intent: files and pages, not the phone's own.
pub fn is_asked(intent: &Intent) -> bool {
    let ours = |text: &str| text.starts_with("vnd.android.cursor");
    intent.action.as_deref() == Some(Intent::VIEW)
        && intent.mime.as_deref().is_some_and(|mime| !ours(mime))
}

/// Asks, whatever was answered for ever, which app is to open something.
pub fn ask(mut intent: Intent) -> Intent {
    intent.component = Some((PACKAGE.to_owned(), CHOOSER.class.to_owned()));
    intent.flag(ASK, true)
}

/// Asks, with the apps that answer.
struct Resolver {
    asked: Intent,
    chosen: Option<usize>,
    /// The answer that holds for ever was looked up.
    looked: bool,
}

#[derive(Debug, Clone)]
enum Message {
    Choose(usize),
    Open { always: bool },
    Dismiss,
}

impl Resolver {
    /// The same intent for one app alone.
    fn to(&self, index: usize) -> Option<Intent> {
        let found = answering(&self.asked);
        let (app, entry) = found.get(index)?;
        let mut intent = self.asked.clone();
        intent.component = Some((app.package.to_owned(), entry.class.to_owned()));
        Some(intent)
    }

    fn kind(&self) -> &str {
        self.asked.mime.as_deref().unwrap_or("")
    }

    fn preferred(&self, system: &System) -> Option<Intent> {
        let stored = Preferences::load(&system.files, PACKAGE, ALWAYS);
        let package = stored.text(self.kind())?;
        let found = answering(&self.asked);
        self.to(found.iter().position(|(app, _)| app.package == package)?)
    }

    fn sheet(&self) -> Widget<Message> {
        let rows = answering(&self.asked)
            .into_iter()
            .enumerate()
            .map(|(index, (app, _))| {
                let chosen = self.chosen == Some(index);
                let sign = stack(vec![
                    icon(app.icon, 22.0)
                        .color(Color::WHITE)
                        .place(Align::Center, Align::Center)
                        .decoration(),
                ])
                .id("android:id/icon")
                .class("android.widget.ImageView")
                .size(40.0, 40.0)
                .rounded(app.color, 20.0);
                row(vec![
                    sign,
                    text(app.label).id("android:id/text1").weight_width(1.0),
                ])
                .gap(16.0)
                .min_height(60.0)
                .padding_symmetric(24.0, 8.0)
                .selected(chosen)
                .background(Color::chosen(chosen))
                .on_tap(Message::Choose(index))
            })
            .collect();
        let end = |label: &'static str, id: &'static str, always: bool| {
            let ready = self.chosen.is_some();
            button(label)
                .id(id)
                .color(match ready {
                    true => Color::ACCENT,
                    false => Color::TEXT_DISABLED,
                })
                .enabled(ready)
                .on_tap(Message::Open { always })
        };
        column(vec![
            text("Open with")
                .id("android:id/title")
                .text_size(18.0)
                .fill_width()
                .padding_edges(24.0, 20.0, 24.0, 12.0),
            list(rows)
                .id("android:id/resolver_list")
                .class("android.widget.ListView")
                .height(Length::Wrap),
            row(vec![
                stretch(),
                end("Just once", "android:id/button_once", false),
                end("Always", "android:id/button_always", true),
            ])
            .id("android:id/button_bar")
            .padding_symmetric(12.0, 8.0),
        ])
        .id("android:id/contentPanel")
        .background(Color::SURFACE)
    }
}

impl Activity for Resolver {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> Resolver {
        Resolver {
            asked: Intent {
                component: None,
                ..intent.clone()
            },
            chosen: None,
            looked: intent.get_flag(ASK),
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        if std::mem::replace(&mut self.looked, true) {
            return Effects::none();
        }
        match self.preferred(system) {
            Some(intent) => Effects::none().start(intent).finish(),
            None => Effects::none(),
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        Screen::bare().overlay(Overlay::new(
            OverlayKind::BottomSheet,
            self.sheet(),
            Message::Dismiss,
        ))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        let none = Effects::none();
        match message {
            // A second touch on a row opens it.
            Message::Choose(index) if self.chosen == Some(index) => {
                self.update(system, Message::Open { always: false })
            }
            Message::Choose(index) => {
                self.chosen = Some(index);
                none
            }
            Message::Open { always } => {
                let Some(intent) = self.chosen.and_then(|index| self.to(index)) else {
                    return none;
                };
                if always && let Some((package, _)) = &intent.component {
                    let mut stored = Preferences::load(&system.files, PACKAGE, ALWAYS);
                    stored.put(self.kind(), package.clone());
                    if let Err(error) = stored.save(&system.files) {
                        return none.start(intent).finish().toast(error.to_string());
                    }
                }
                none.start(intent).finish()
            }
            Message::Dismiss => none.finish(),
        }
    }
}

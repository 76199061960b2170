//! The one activity behind all pages of Settings.

use super::page::{Does, Flag, Page};
use super::rows::{self, TIMEOUTS};
use super::{PACKAGE, SUB_SETTINGS, view};
use crate::phone::apps::{self, all_files};
use crate::phone::system::{FileError, Intent, Namespace, System};
use crate::phone::ui::{
    Activity, Alert, Color, Effect, Effects, Screen, alert, radio, row, spacer, text, text_field,
};

/// The extra that names a page.
const FRAGMENT: &str = ":settings:show_fragment";
/// The extra that names an app.
const APP_PACKAGE: &str = "package";

/// A page of Settings; `P` is the number of the page that it shows unless its intent names another.
pub struct Settings<const P: usize> {
    page: Page,
    /// The app that the page is about.
    package: String,
    query: String,
    dialog: Option<Dialog>,
}

#[derive(Debug, Clone, PartialEq)]
enum Dialog {
    Timeout,
    Rename(String),
    ForceStop,
}

/// What is done on a page.
#[derive(Debug, Clone)]
pub enum Message {
    /// The arrow in the tool bar.
    Up,
    /// A row that leads to a page.
    Open(Page),
    /// An app of the list of apps.
    App(&'static str),
    /// A switch.
    Switch(Flag, bool),
    /// The permission to manage all files, of a package.
    ManageFiles(String, bool),
    /// Brightness level.
    Brightness,
    /// Screen timeout.
    Timeout,
    /// A screen timeout in milliseconds.
    SetTimeout(i64),
    /// Device name.
    Rename,
    /// Typing in the device name.
    Name(String),
    /// The device name's OK.
    SetName,
    /// Typing in the search page.
    Query(String),
    /// Open of an app's page.
    Launch,
    /// Force stop of an app's page.
    AskForceStop,
    /// Its confirmation.
    ForceStop,
    /// Leaves a dialog.
    Dismiss,
}

fn open(page: Page) -> Intent {
    Intent::activity(PACKAGE, SUB_SETTINGS).number(FRAGMENT, page as i64)
}

impl<const P: usize> Settings<P> {
    fn dialog_view(&self, dialog: &Dialog, system: &System) -> Alert<Message> {
        match dialog {
            Dialog::Timeout => {
                let now = rows::timeout(system);
                let choices = TIMEOUTS
                    .iter()
                    .map(|&(value, words)| {
                        row(vec![
                            radio(value == now).id("android:id/checkbox"),
                            spacer(12.0),
                            text(words).id("android:id/title").weight_width(1.0),
                        ])
                        .min_height(48.0)
                        .on_tap(Message::SetTimeout(value))
                    })
                    .collect();
                alert("Screen timeout")
                    .content(choices)
                    .negative("Cancel", Message::Dismiss)
            }
            Dialog::Rename(name) => {
                let field = text_field(name.clone(), "")
                    .id("edittext")
                    .on_change(Message::Name)
                    .on_enter(Message::SetName);
                alert("Rename this device")
                    .content(vec![field])
                    .positive("Rename", Message::SetName)
                    .ready(!name.trim().is_empty())
                    .negative("Cancel", Message::Dismiss)
            }
            Dialog::ForceStop => alert("Force stop?")
                .message("If you force stop an app, it may misbehave.")
                .positive("OK", Message::ForceStop)
                .negative("Cancel", Message::Dismiss),
        }
    }

    fn change(&mut self, system: &mut System, message: &Message) -> Result<(), FileError> {
        match message {
            Message::Switch(flag, on)
                if flag.namespace == Namespace::Global && flag.values == (0, 1) =>
            {
                apps::systemui::put_global(system, flag.key, *on)
            }
            Message::Switch(flag, on) => {
                let value = if *on { flag.values.1 } else { flag.values.0 };
                system.settings.put(flag.namespace, flag.key, value)
            }
            Message::SetTimeout(value) => {
                self.dialog = None;
                system
                    .settings
                    .put(Namespace::System, "screen_off_timeout", *value)
            }
            Message::SetName => match self.dialog.take() {
                Some(Dialog::Rename(name)) if !name.trim().is_empty() => {
                    system
                        .settings
                        .put(Namespace::Secure, "bluetooth_name", name.trim())
                }
                _ => Ok(()),
            },
            Message::ManageFiles(package, on) => {
                if *on {
                    system.packages.grant(package, all_files::PERMISSION);
                } else {
                    system.packages.revoke(package, all_files::PERMISSION);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl<const P: usize> Activity for Settings<P> {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> Settings<P> {
        let page = intent
            .get_number(FRAGMENT)
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or(P);
        let package = intent
            .get_text(APP_PACKAGE)
            .or_else(|| intent.data.as_deref()?.strip_prefix("package:"))
            .unwrap_or("");
        Settings {
            page: Page::of(page),
            package: package.to_owned(),
            query: String::new(),
            dialog: None,
        }
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let entries = rows::rows(self.page, &self.package, system);
        let widgets = || entries.iter().map(|entry| view::row_view(entry, system));
        let root = match self.page {
            Page::Home => view::home(&entries, system),
            Page::Search => {
                let found = rows::search(&self.query, system)
                    .into_iter()
                    .map(|(mut entry, target)| {
                        entry.does = Does::Open(target);
                        entry.main_switch = false;
                        entry.summary = target.title().to_owned();
                        view::row_view(&entry, system)
                    })
                    .collect();
                view::search(&self.query, found)
            }
            Page::AppInfo => {
                let mut content = view::app_head(&self.package);
                content.extend(widgets());
                view::page(self.page.title(), content)
            }
            _ => view::page(self.page.title(), widgets().collect()),
        };
        let dialog = self
            .dialog
            .as_ref()
            .map(|dialog| self.dialog_view(dialog, system).overlay(Message::Dismiss));
        Screen::new(root).background(Color::SURFACE).overlay(dialog)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        let effects = match &message {
            Message::Up => Effects::none().finish(),
            Message::Open(Page::Search) => {
                Effects::none().start(Intent::action("android.settings.APP_SEARCH_SETTINGS"))
            }
            Message::Open(page) => Effects::none().start(open(*page)),
            Message::App(package) => {
                Effects::none().start(open(Page::AppInfo).text(APP_PACKAGE, *package))
            }
            Message::Brightness => Effects::none().start(Intent::action(
                "com.android.intent.action.SHOW_BRIGHTNESS_DIALOG",
            )),
            Message::Timeout => {
                self.dialog = Some(Dialog::Timeout);
                Effects::none()
            }
            Message::Rename => {
                self.dialog = Some(Dialog::Rename(rows::device_name(system)));
                Effects::none().focus("edittext")
            }
            Message::Name(name) => {
                self.dialog = Some(Dialog::Rename(name.clone()));
                Effects::none()
            }
            Message::Query(query) => {
                self.query = query.clone();
                Effects::none().scroll_to("list_results", 0.0)
            }
            Message::Launch => Effects::none().start(Intent::launch(&self.package).in_new_task()),
            Message::AskForceStop => {
                self.dialog = Some(Dialog::ForceStop);
                Effects::none()
            }
            Message::ForceStop => {
                self.dialog = None;
                Effects::none().and(Effect::ForceStop(self.package.clone()))
            }
            Message::Dismiss => {
                self.dialog = None;
                Effects::none()
            }
            Message::Switch(..)
            | Message::SetTimeout(_)
            | Message::SetName
            | Message::ManageFiles(..) => Effects::none(),
        };
        match self.change(system, &message) {
            Ok(()) => effects,
            Err(error) => effects.toast(error.to_string()),
        }
    }

    fn on_resume(&mut self, _system: &mut System) -> Effects {
        if self.page == Page::Search {
            Effects::none().focus("open_search_view_edit_text")
        } else {
            Effects::none()
        }
    }
}

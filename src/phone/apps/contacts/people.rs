//! The list of people: all, favourites, tools, the search, and the first start.

use std::collections::BTreeSet;

use super::{ASKED, PACKAGE, PROMO_SEEN, card_of, editor, pages, remember};
use crate::phone::apps::permissions;
use crate::phone::providers::contacts::{self, Contact};
use crate::phone::system::{Intent, PhoneError, Preferences, System};
use crate::phone::ui::{
    Activity, Effects, Icon, Overlay, OverlayKind, Screen, Widget, column, floating_button, stack,
    tab_bar,
};

const NOTIFICATIONS: &str = "android.permission.POST_NOTIFICATIONS";
/// Request number of the question about notifications.
const ASK: u32 = 1;

/// A page of the bar at the bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// All people.
    Contacts,
    /// Favourites.
    Highlights,
    /// Tools.
    Organize,
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Leaves the page that asks to sign in.
    Skip,
    /// Signs in.
    SignIn,
    /// Shows a page.
    Tab(Tab),
    /// Shows a person's card.
    Open(i64),
    /// Opens an empty editor.
    Add,
    /// Opens the search, or searches for words.
    Search(String),
    /// Closes the search.
    CloseSearch,
    /// Chooses a person, or not.
    Choose(i64),
    /// Chooses nobody.
    ClearChosen,
    /// Asks whether to delete who is chosen.
    AskDelete,
    /// Deletes who is chosen.
    Delete,
    /// Opens the account's dialog.
    Account,
    /// Closes a dialog.
    Dismiss,
    /// Something that only says something.
    Say(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialog {
    Account,
    Delete,
}

/// The activity.
pub struct People {
    /// The page that asks to sign in is shown.
    promo: bool,
    /// The question about notifications was answered.
    asked: bool,
    tab: Tab,
    contacts: Vec<Contact>,
    search: Option<String>,
    chosen: BTreeSet<i64>,
    dialog: Option<Dialog>,
}

impl People {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.contacts = contacts::list(system)?;
        let known: BTreeSet<i64> = self.contacts.iter().map(|contact| contact.id).collect();
        self.chosen.retain(|id| known.contains(id));
        Ok(())
    }

    fn ask(&mut self) -> Effects {
        if self.promo || self.asked {
            return Effects::none();
        }
        // Once for each time that the list is opened, also when it is resumed before an answer.
        self.asked = true;
        Effects::none().start_for_result(ASK, permissions::request(PACKAGE, &[NOTIFICATIONS]))
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        match message {
            Message::Skip => {
                remember(system, &[PROMO_SEEN])?;
                self.promo = false;
                return Ok(self.ask());
            }
            Message::SignIn => {
                self.dialog = None;
                return Ok(
                    Effects::none().start(Intent::action("android.settings.ADD_ACCOUNT_SETTINGS"))
                );
            }
            Message::Tab(tab) => {
                self.tab = tab;
                self.chosen.clear();
            }
            Message::Open(id) => return Ok(Effects::none().start(card_of(id))),
            Message::Add => return Ok(Effects::none().start(editor::new_contact())),
            Message::Search(words) => {
                let empty = words.is_empty();
                self.search = Some(words);
                // Opened or cleared; while typing the cursor stays where it is.
                if empty {
                    return Ok(Effects::none().focus("open_search_view_edit_text"));
                }
            }
            Message::CloseSearch => {
                self.search = None;
                return Ok(Effects::none().hide_keyboard());
            }
            Message::Choose(id) => {
                if !self.chosen.remove(&id) {
                    self.chosen.insert(id);
                }
            }
            Message::ClearChosen => self.chosen.clear(),
            Message::AskDelete => self.dialog = Some(Dialog::Delete),
            Message::Delete => {
                self.dialog = None;
                let chosen = std::mem::take(&mut self.chosen);
                for id in &chosen {
                    contacts::remove(system, *id)?;
                }
                self.reload(system)?;
                let words = match chosen.len() {
                    1 => "1 contact deleted".to_owned(),
                    count => format!("{count} contacts deleted"),
                };
                return Ok(Effects::none().toast(words));
            }
            Message::Account => self.dialog = Some(Dialog::Account),
            Message::Dismiss => self.dialog = None,
            Message::Say(words) => return Ok(Effects::none().toast(words)),
        }
        Ok(Effects::none())
    }

    fn content(&self) -> Widget<Message> {
        if self.promo {
            return pages::promo();
        }
        if let Some(words) = &self.search {
            return pages::search(words, &self.contacts);
        }
        let mut layers = vec![match self.tab {
            Tab::Contacts => pages::people(&self.contacts, &self.chosen),
            Tab::Highlights => pages::highlights(&self.contacts),
            Tab::Organize => pages::organize(),
        }];
        if self.tab == Tab::Contacts && self.chosen.is_empty() {
            layers.push(
                floating_button(Icon::Add, "Create contact", Message::Add)
                    .id("floating_action_button"),
            );
        }
        let top = if self.chosen.is_empty() {
            pages::search_bar()
        } else {
            pages::choice_bar(self.chosen.len())
        };
        let tabs = vec![
            (
                "Contacts",
                Icon::Person,
                "contacts",
                Message::Tab(Tab::Contacts),
            ),
            (
                "Highlights",
                Icon::StarOutline,
                "highlights",
                Message::Tab(Tab::Highlights),
            ),
            (
                "Organize",
                Icon::Tag,
                "organize",
                Message::Tab(Tab::Organize),
            ),
        ];
        let selected = match self.tab {
            Tab::Contacts => 0,
            Tab::Highlights => 1,
            Tab::Organize => 2,
        };
        column(vec![
            top,
            stack(layers)
                .id("contacts_list_container")
                .fill_width()
                .weight_height(1.0),
            tab_bar(tabs, selected).id("bottom_nav"),
        ])
        .id("root")
        .class("android.view.ViewGroup")
        .fill()
    }
}

impl Activity for People {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> People {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        People {
            promo: !stored.flag(PROMO_SEEN, false),
            asked: stored.flag(ASKED, false),
            tab: Tab::Contacts,
            contacts: Vec::new(),
            search: None,
            chosen: BTreeSet::new(),
            dialog: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        match self.reload(system) {
            Ok(()) => self.ask(),
            Err(error) => Effects::none().toast(error.to_string()),
        }
    }

    fn on_result(&mut self, system: &mut System, request: u32, _result: Option<Intent>) -> Effects {
        match remember(system, &[ASKED]) {
            Err(error) if request == ASK => Effects::none().toast(error.to_string()),
            _ => Effects::none(),
        }
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        if self.search.take().is_some() {
            return Effects::none().hide_keyboard();
        }
        if !self.chosen.is_empty() {
            self.chosen.clear();
        } else if self.tab == Tab::Contacts {
            return Effects::none().finish();
        } else {
            self.tab = Tab::Contacts;
        }
        Effects::none()
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let dialog = self.dialog.map(|dialog| {
            let content = match dialog {
                Dialog::Account => pages::account(),
                Dialog::Delete => super::card::delete_question(Message::Delete, Message::Dismiss),
            };
            Overlay::new(OverlayKind::Dialog, content, Message::Dismiss)
        });
        Screen::new(self.content()).overlay(dialog)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

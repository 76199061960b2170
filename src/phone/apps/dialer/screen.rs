//! The main screen: three tabs, the search, the keypad.

use super::{keypad, lists, number_in};
use crate::phone::providers::book::Book;
use crate::phone::providers::calls::{self, Call};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Color, Effects, Icon, ImeAction, Length, Overlay, OverlayKind, Screen, Widget,
    column, floating_button, icon, icon_button, row, stack, tab_bar, text, text_field,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Favourites,
    Recents,
    Contacts,
}

/// A touch.
#[derive(Debug, Clone)]
pub enum Message {
    /// A tab by its place.
    Tab(usize),
    /// Opens the keypad.
    Keypad,
    /// Closes the keypad.
    Dismiss,
    /// A key of it.
    Key(char),
    /// The typed number.
    Digits(String),
    /// Takes the last sign away.
    Backspace,
    /// Calls the typed number.
    Dial,
    /// Calls a number.
    Call(String),
    /// Writes to a number.
    Write(String),
    /// Makes a contact, of the typed number if there is one.
    AddContact,
    /// Opens a person's card.
    Card(i64),
    /// Shows what can be done with a call of the log.
    Unfold(i64),
    /// Takes a call from the log.
    Forget(i64),
    /// Opens the search.
    Search,
    /// The search's words.
    Words(String),
    /// Ends the search.
    LeaveSearch,
}

/// The screen.
pub struct Dialtacts {
    tab: Tab,
    book: Book,
    calls: Vec<Call>,
    unfolded: Option<i64>,
    keypad: bool,
    number: String,
    search: Option<String>,
}

const TABS: [(Tab, &str, Icon, &str); 3] = [
    (
        Tab::Favourites,
        "Favorites",
        Icon::StarOutline,
        "tab_speed_dial",
    ),
    (Tab::Recents, "Recents", Icon::Clock, "tab_call_history"),
    (Tab::Contacts, "Contacts", Icon::Person, "tab_contacts"),
];

impl Dialtacts {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.book = Book::load(system)?;
        self.calls = calls::list(system)?;
        Ok(())
    }

    /// Shows the keypad with the number of an intent.
    fn take(&mut self, intent: &Intent) {
        if let Some(number) = number_in(intent) {
            self.number = keypad::plain(number);
        }
        self.keypad = self.keypad
            || number_in(intent).is_some()
            || intent.action.as_deref() == Some(super::DIAL);
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        match message {
            Message::Tab(index) => {
                if let Some((tab, ..)) = TABS.get(index) {
                    self.tab = *tab;
                }
                self.unfolded = None;
            }
            Message::Keypad => self.keypad = true,
            Message::Dismiss => {
                self.keypad = false;
                return Ok(none.hide_keyboard());
            }
            Message::Key(sign) => self.number = keypad::plain(&format!("{}{sign}", self.number)),
            Message::Digits(typed) => self.number = keypad::plain(&typed),
            Message::Backspace => {
                self.number.pop();
            }
            Message::Dial if self.number.is_empty() => {
                // The number that was called last comes back.
                let last = self.calls.iter().find(|call| call.kind == calls::OUTGOING);
                self.number = last.map_or(String::new(), |call| keypad::plain(&call.number));
            }
            Message::Dial => {
                self.keypad = false;
                let number = std::mem::take(&mut self.number);
                return Ok(none.start(super::call(&number)));
            }
            Message::Call(number) => return Ok(none.start(super::call(&number))),
            Message::Write(number) => {
                let intent = Intent::action("android.intent.action.SENDTO");
                return Ok(none.start(intent.data(format!("smsto:{number}"))));
            }
            Message::AddContact => {
                let intent = Intent::action(Intent::INSERT).mime("vnd.android.cursor.dir/contact");
                return Ok(none.start(match self.number.is_empty() {
                    true => intent,
                    false => intent.text("phone", self.number.clone()),
                }));
            }
            Message::Card(id) => {
                let person = format!("content://com.android.contacts/contacts/{id}");
                return Ok(none.start(Intent::action(Intent::VIEW).data(person)));
            }
            Message::Unfold(id) => {
                self.unfolded = (self.unfolded != Some(id)).then_some(id);
            }
            Message::Forget(id) => {
                calls::remove(system, id)?;
                self.unfolded = None;
                self.reload(system)?;
            }
            Message::Search => {
                self.search = Some(String::new());
                return Ok(none.focus("open_search_view_edit_text"));
            }
            Message::Words(words) => self.search = Some(words),
            Message::LeaveSearch => {
                self.search = None;
                return Ok(none.hide_keyboard());
            }
        }
        Ok(none)
    }

    fn top(&self) -> Widget<Message> {
        let content = match &self.search {
            Some(words) => vec![
                icon_button(Icon::Back, "Back").on_tap(Message::LeaveSearch),
                text_field(words.clone(), "Search contacts & places")
                    .id("open_search_view_edit_text")
                    .ime(ImeAction::Search)
                    .weight_width(1.0)
                    .on_change(Message::Words),
            ],
            None => vec![
                icon(Icon::Search, 24.0)
                    .margin_edges(14.0, 0.0, 8.0, 0.0)
                    .decoration(),
                text("Search contacts & places")
                    .id("open_search_bar_text_view")
                    .color(Color::TEXT_SECONDARY)
                    .weight_width(1.0),
            ],
        };
        let bar = row(content)
            .id("open_search_bar")
            .class("android.view.ViewGroup")
            .height(Length::Dp(52.0))
            .margin_edges(14.0, 8.0, 14.0, 8.0)
            .rounded(Color::SURFACE_RAISED, 26.0);
        match self.search {
            Some(_) => bar,
            None => bar.on_tap(Message::Search),
        }
    }

    fn page(&self, system: &System) -> Widget<Message> {
        match (&self.search, self.tab) {
            (Some(words), _) => lists::found(&self.book, words),
            (None, Tab::Favourites) => lists::favourites(&self.book),
            (None, Tab::Recents) => lists::recents(&self.calls, &self.book, self.unfolded, system),
            (None, Tab::Contacts) => lists::contacts(&self.book),
        }
    }
}

impl Activity for Dialtacts {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> Dialtacts {
        let mut screen = Dialtacts {
            tab: Tab::Recents,
            book: Book::default(),
            calls: Vec::new(),
            unfolded: None,
            keypad: false,
            number: String::new(),
            search: None,
        };
        screen.take(intent);
        screen
    }

    fn on_new_intent(&mut self, _system: &mut System, intent: &Intent) -> Effects {
        self.take(intent);
        Effects::none()
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(self.reload(system))
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        match self.search.take() {
            Some(_) => Effects::none(),
            None => Effects::none().finish(),
        }
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let mut layers = vec![self.page(system)];
        if self.search.is_none() {
            layers.push(floating_button(Icon::Apps, "key pad", Message::Keypad).id("dialpad_fab"));
        }
        let tabs = TABS
            .iter()
            .enumerate()
            .map(|(index, (_, label, sign, id))| (*label, *sign, *id, Message::Tab(index)))
            .collect();
        let current = TABS.iter().position(|entry| entry.0 == self.tab);
        let mut parts = vec![
            self.top(),
            stack(layers)
                .id("fragment_container")
                .fill_width()
                .weight_height(1.0),
        ];
        if self.search.is_none() {
            parts.push(tab_bar(tabs, current.unwrap_or(0)).id("bottom_nav_bar"));
        }
        let keypad = self.keypad.then(|| {
            Overlay::new(
                OverlayKind::BottomSheet,
                keypad::sheet(&self.number),
                Message::Dismiss,
            )
        });
        Screen::new(column(parts).id("root_layout").fill()).overlay(keypad)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

//! The list of conversations, with search and selection; and the same list of those put away.

use std::collections::BTreeSet;

use super::look::{ORANGE, bar, contextual_bar, search_bar};
use super::{ARCHIVED, NEW, PACKAGE, count_start, rows, thread_with};
use crate::phone::apps::roles;
use crate::phone::providers::book::Book;
use crate::phone::providers::messages::{self, Conversation};
use crate::phone::system::{Intent, PhoneError, Preferences, System};
use crate::phone::ui::{
    Activity, Color, Effects, Icon, Overlay, Screen, Widget, alert, bar_action, column,
    floating_button, list, overflow_button, overflow_menu, stack, text,
};

/// Request number of the question about the default app.
const ROLE: u32 = 1;
/// Letters from which on the search searches.
const SEARCHED: usize = 2;
/// Preference: the threads on top of the list.
const PINNED: &str = "pinned_conversations";

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens a conversation, or chooses it while others are chosen.
    Open(i64),
    /// Opens a conversation that the search has found.
    Found(String),
    /// Chooses a conversation, or not.
    Choose(i64),
    /// Ends the selection.
    ChooseNone,
    /// Chooses all.
    ChooseAll,
    /// Starts a new conversation.
    New,
    /// The search's words.
    Search(String),
    /// The sign before the search.
    SearchSign,
    /// Opens the menu.
    Menu,
    /// Closes whatever is in front.
    Dismiss,
    /// Shows those that were put away.
    ShowArchived,
    /// Leaves the screen.
    Up,
    /// Asks whether to delete what is chosen.
    AskDelete,
    /// Deletes what is chosen.
    Delete,
    /// Puts what is chosen away, or takes it back.
    Archive,
    /// Marks what is chosen as read or unread.
    Mark(bool),
    /// Puts what is chosen on top, or not.
    Pin(bool),
    /// Copies the chosen number.
    CopyNumber,
    /// Calls the chosen number.
    Dial,
    /// Adds the chosen number to the contacts.
    AddContact,
    /// Only says something.
    Say(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    Menu,
    Delete,
}

/// The activity.
pub struct Conversations {
    archived: bool,
    asked: bool,
    book: Book,
    all: Vec<Conversation>,
    pinned: BTreeSet<i64>,
    version: Option<(u64, i64, u64)>,
    words: String,
    searching: bool,
    results: Vec<messages::Message>,
    chosen: BTreeSet<i64>,
    front: Option<Front>,
}

impl Conversations {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.version = messages::version(system);
        self.book = Book::load(system)?;
        let stored = Preferences::load_default(&system.files, PACKAGE);
        self.pinned = stored
            .set(PINNED)
            .iter()
            .filter_map(|id| id.parse().ok())
            .collect();
        self.all = messages::conversations(system)?;
        self.all.retain(|one| one.archived == self.archived);
        self.all
            .sort_by_key(|one| !self.pinned.contains(&one.thread));
        let known: BTreeSet<i64> = self.all.iter().map(|one| one.thread).collect();
        self.chosen.retain(|thread| known.contains(thread));
        self.results = match self.words.trim().chars().count() >= SEARCHED {
            true => messages::search(system, self.words.trim())?,
            false => Vec::new(),
        };
        Ok(())
    }

    fn chosen_address(&self) -> Option<String> {
        let thread = self.chosen.first()?;
        let one = self.all.iter().find(|one| one.thread == *thread)?;
        Some(one.address.clone())
    }

    fn for_each(
        &mut self,
        system: &System,
        work: impl Fn(i64) -> Result<(), PhoneError>,
    ) -> Result<(), PhoneError> {
        let chosen = std::mem::take(&mut self.chosen);
        chosen.into_iter().try_for_each(work)?;
        self.reload(system)
    }

    fn answer(&mut self, system: &mut System, message: Message) -> Result<Effects, PhoneError> {
        self.front = None;
        let none = Effects::none();
        match message {
            Message::Open(thread) if self.chosen.is_empty() => {
                let found = self.all.iter().find(|one| one.thread == thread);
                return Ok(match found {
                    Some(one) => none.start(thread_with(&one.address, "")),
                    None => none,
                });
            }
            Message::Open(thread) | Message::Choose(thread) => {
                if !self.chosen.remove(&thread) {
                    self.chosen.insert(thread);
                }
            }
            Message::Found(address) => return Ok(none.start(thread_with(&address, ""))),
            Message::ChooseNone => self.chosen.clear(),
            Message::ChooseAll => self.chosen = self.all.iter().map(|one| one.thread).collect(),
            Message::New => return Ok(none.start(Intent::activity(PACKAGE, NEW))),
            Message::Search(words) => {
                self.words = words;
                self.searching = true;
                self.reload(system)?;
            }
            Message::SearchSign if self.searching => return Ok(self.leave_search()),
            Message::SearchSign => {
                self.searching = true;
                return Ok(none.focus("top_toolbar_search"));
            }
            Message::Menu => self.front = Some(Front::Menu),
            Message::Dismiss => {}
            Message::ShowArchived => return Ok(none.start(Intent::activity(PACKAGE, ARCHIVED))),
            Message::Up => return Ok(none.finish()),
            Message::AskDelete => self.front = Some(Front::Delete),
            Message::Delete => {
                self.for_each(system, |thread| messages::delete_thread(system, thread))?;
            }
            Message::Archive => {
                let put_away = !self.archived;
                self.for_each(system, |thread| messages::archive(system, thread, put_away))?;
            }
            Message::Mark(read) => {
                self.for_each(system, |thread| messages::mark(system, thread, read))?;
            }
            Message::Pin(pin) => {
                let mut pinned = self.pinned.clone();
                for thread in std::mem::take(&mut self.chosen) {
                    match pin {
                        true => pinned.insert(thread),
                        false => pinned.remove(&thread),
                    };
                }
                let mut stored = Preferences::load_default(&system.files, PACKAGE);
                let ids: Vec<String> = pinned.iter().map(i64::to_string).collect();
                stored.put(PINNED, ids);
                stored.save(&system.files)?;
                self.reload(system)?;
            }
            Message::CopyNumber | Message::Dial | Message::AddContact => {
                let Some(address) = self.chosen_address() else {
                    return Ok(none);
                };
                self.chosen.clear();
                return Ok(match message {
                    Message::CopyNumber => none.copy(address).toast("Value copied to clipboard"),
                    Message::Dial => none.start(super::dial(&address)),
                    _ => none.start(super::new_contact(&address)),
                });
            }
            Message::Say(words) => return Ok(none.toast(words)),
        }
        Ok(none)
    }

    fn leave_search(&mut self) -> Effects {
        self.searching = false;
        self.words.clear();
        self.results.clear();
        Effects::none().hide_keyboard()
    }

    fn top(&self) -> Widget<Message> {
        if !self.chosen.is_empty() {
            let actions = vec![
                bar_action(Icon::Delete, "cab_delete", "Delete", Message::AskDelete),
                overflow_button(Message::Menu),
            ];
            let (chosen, all) = (self.chosen.len(), self.all.len());
            return contextual_bar(chosen, all, Message::ChooseNone, actions);
        }
        if self.archived {
            return bar(
                "archive_toolbar",
                "Archived conversations",
                Message::Up,
                vec![],
            );
        }
        let say = |words| Message::Say(words);
        search_bar(
            &self.words,
            self.searching,
            Message::SearchSign,
            Message::Search,
            vec![
                bar_action(
                    Icon::Settings,
                    "settings",
                    "Settings",
                    say("Nothing to set up"),
                ),
                bar_action(Icon::Info, "about", "About", say("SMS Messenger 5.19.3")),
                overflow_button(Message::Menu),
            ],
        )
    }

    fn menu(&self) -> Vec<(&'static str, Message)> {
        if self.chosen.is_empty() {
            return vec![("Show archived conversations", Message::ShowArchived)];
        }
        let mut items = Vec::new();
        let chosen = || {
            self.all
                .iter()
                .filter(|one| self.chosen.contains(&one.thread))
        };
        if self.chosen.len() == 1 {
            let owned = self
                .chosen_address()
                .is_some_and(|address| self.book.owner(&address).is_some());
            if !owned {
                items.push(("Add number to contact", Message::AddContact));
            }
            items.push(("Dial number", Message::Dial));
            items.push(("Copy number to clipboard", Message::CopyNumber));
        }
        items.push(match self.archived {
            true => ("Unarchive", Message::Archive),
            false => ("Archive", Message::Archive),
        });
        if chosen().any(|one| !one.read) {
            items.push(("Mark as Read", Message::Mark(true)));
        }
        if chosen().any(|one| one.read) {
            items.push(("Mark as Unread", Message::Mark(false)));
        }
        if !self.archived {
            items.push(match self.chosen.is_subset(&self.pinned) {
                true => ("Unpin conversation", Message::Pin(false)),
                false => ("Pin conversation", Message::Pin(true)),
            });
        }
        items.push(("Select all", Message::ChooseAll));
        items
    }

    fn overlay(&self) -> Option<Overlay<Message>> {
        Some(match self.front? {
            Front::Menu => overflow_menu(self.menu(), Message::Dismiss),
            Front::Delete => {
                let words = match self.chosen.len() {
                    1 => "Delete this conversation with all its messages?".to_owned(),
                    count => format!("Delete {count} conversations with all their messages?"),
                };
                let dialog = alert("")
                    .message(words)
                    .positive("Yes", Message::Delete)
                    .negative("No", Message::Dismiss);
                dialog.overlay(Message::Dismiss)
            }
        })
    }

    fn content(&self, system: &System) -> Widget<Message> {
        if self.searching && self.words.trim().chars().count() >= SEARCHED {
            if self.results.is_empty() {
                return text("No items found")
                    .id("search_placeholder")
                    .fill_width()
                    .padding(24.0);
            }
            let found = self
                .results
                .iter()
                .map(|one| rows::found(one, self.book.title(&one.address), system));
            return list(found.collect()).id("search_results_list");
        }
        if self.all.is_empty() {
            return rows::nothing(self.archived);
        }
        let rows = self.all.iter().map(|one| {
            rows::conversation(
                one,
                self.book.title(&one.address),
                self.chosen.contains(&one.thread),
                self.pinned.contains(&one.thread),
                system,
            )
        });
        list(rows.collect()).id("conversations_list")
    }
}

impl Activity for Conversations {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> Conversations {
        let archived = intent
            .component
            .as_ref()
            .is_some_and(|(_, class)| class == ARCHIVED);
        if !archived && let Err(error) = count_start(system) {
            tracing::debug!(%error, "a start of the messenger was not counted");
        }
        Conversations {
            archived,
            asked: false,
            book: Book::default(),
            all: Vec::new(),
            pinned: BTreeSet::new(),
            version: None,
            words: String::new(),
            searching: false,
            results: Vec::new(),
            chosen: BTreeSet::new(),
            front: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        if !roles::is_sms_app(system, PACKAGE) {
            if self.asked {
                return Effects::none();
            }
            self.asked = true;
            return Effects::none().start_for_result(ROLE, roles::request(PACKAGE));
        }
        Effects::or_toast(self.reload(system))
    }

    fn on_result(
        &mut self,
        system: &mut System,
        _request: u32,
        _result: Option<Intent>,
    ) -> Effects {
        match roles::is_sms_app(system, PACKAGE) {
            true => Effects::none(),
            // Without the role the app ends.
            false => Effects::none().finish(),
        }
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        if !self.chosen.is_empty() {
            self.chosen.clear();
            Effects::none()
        } else if self.searching {
            self.leave_search()
        } else {
            Effects::none().finish()
        }
    }

    fn tick(&mut self, system: &mut System) -> Effects {
        // A message may have come.
        if messages::version(system) != self.version
            && let Err(error) = self.reload(system)
        {
            return Effects::none().toast(error.to_string());
        }
        Effects::none()
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let mut layers = vec![self.content(system)];
        if !self.archived && !self.searching {
            layers.push(
                floating_button(Icon::Add, "", Message::New)
                    .id("conversations_fab")
                    .color(Color::WHITE)
                    .rounded(ORANGE, 16.0),
            );
        }
        let root = column(vec![
            self.top(),
            stack(layers)
                .id("main_holder")
                .class("android.widget.RelativeLayout")
                .fill_width()
                .weight_height(1.0),
        ])
        .id("main_coordinator")
        .class("android.view.ViewGroup")
        .fill();
        Screen::new(root).overlay(self.overlay())
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

//! What Joplin's one activity knows, and how it answers.

use std::collections::BTreeSet;

use super::database::{self, FIELDS, Folder, Note, Order, Place};
use super::fronts::Front;
use super::message::{Message, Switch};
use super::open_note::{self, NoteMessage, OpenNote};
use super::order::{self, OPEN_FIRST, REVERSE, SHOW_COMPLETED, SORT};
use super::pages::Page;
use super::{LOCATION, PACKAGE, search, welcome};
use crate::phone::apps::permissions;
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{Activity, Color, Effects, Screen, stack};

/// The request of the question about the location.
const ASK: u32 = 1;
/// What the app remembers.
const PLACE: &str = "activeFolderId";

/// The activity.
pub struct MainActivity {
    pub(super) folders: Vec<Folder>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) place: Place,
    pub(super) order: Order,
    pub(super) notes: Vec<Note>,
    /// Notebooks whose notebooks are hidden.
    pub(super) folded: BTreeSet<String>,
    pub(super) page: Page,
    pub(super) words: String,
    pub(super) results: Vec<Note>,
    pub(super) open: Option<OpenNote>,
    pub(super) chosen: BTreeSet<String>,
    pub(super) drawer: bool,
    pub(super) fan: bool,
    pub(super) front: Option<Front>,
}

/// Says what went wrong.
fn told(result: Result<Effects, PhoneError>) -> Effects {
    Effects::or_toast(result)
}

impl MainActivity {
    /// A notebook that is not in the trash.
    pub(super) fn folder(&self, id: &str) -> Option<&Folder> {
        self.folders
            .iter()
            .find(|folder| folder.id == id && !folder.deleted)
    }

    /// The name of what is listed.
    pub(super) fn title(&self) -> String {
        let of_tag = |id: &str| self.tags.iter().find(|(tag, _)| tag == id);
        match &self.place {
            Place::All => "All notes".to_owned(),
            Place::Folder(id) => self
                .folder(id)
                .map(|folder| folder.title.clone())
                .unwrap_or_default(),
            Place::Tag(id) => of_tag(id)
                .map(|(_, title)| title.clone())
                .unwrap_or_default(),
            Place::Trash => "Trash".to_owned(),
        }
    }

    /// Reads the start of the app: where it was left, how it sorts.
    fn start(&mut self, system: &mut System) -> Result<(), PhoneError> {
        welcome::build(system)?;
        self.order = order::load(system)?;
        let last = database::setting(system, PLACE)?.unwrap_or_default();
        self.place = Place::Folder(last);
        self.reload(system)
    }

    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.folders = database::folders(system)?;
        self.tags = database::tags(system)?;
        if let Place::Folder(id) = &self.place
            && self.folder(id).is_none()
        {
            // No notebook has an empty id, so that nothing is listed without one.
            self.place = Place::Folder(database::default_folder(system)?.unwrap_or_default());
        }
        self.notes = database::notes(system, &self.place, &self.order)?;
        self.results = search::search(system, &self.words)?;
        let known: BTreeSet<&String> = self.notes.iter().map(|note| &note.id).collect();
        self.chosen.retain(|id| known.contains(id));
        Ok(())
    }

    /// Changes the open note, or the chosen ones.
    fn change(
        &mut self,
        system: &System,
        change: impl Fn(&mut Note),
    ) -> Result<Effects, PhoneError> {
        if let Some(open) = &mut self.open {
            open.change(system, &change)?;
        }
        for id in std::mem::take(&mut self.chosen) {
            if let Some(mut note) = database::find(system, &id)? {
                change(&mut note);
                database::save(system, &note)?;
            }
        }
        self.reload(system)?;
        Ok(Effects::none())
    }

    /// Changes notes that then are somewhere else.
    fn put_away(
        &mut self,
        system: &System,
        change: impl Fn(&mut Note),
    ) -> Result<Effects, PhoneError> {
        let effects = self.change(system, change)?;
        self.open = None;
        Ok(effects.hide_keyboard())
    }

    /// A notebook for notes that have none: the one that is shown, or else the first.
    fn home(&self) -> String {
        let shown = match &self.place {
            Place::Folder(id) => self.folder(id),
            _ => None,
        };
        let first = || self.folders.iter().find(|folder| !folder.deleted);
        shown
            .or_else(first)
            .map(|folder| folder.id.clone())
            .unwrap_or_default()
    }

    /// Reads everything again, the open note too.
    fn refresh(&mut self, system: &System) -> Result<(), PhoneError> {
        if let Some(open) = &mut self.open
            && !open.refresh(system)?
        {
            self.open = None;
        }
        self.reload(system)
    }

    /// Begins a note with a text that another app shares.
    fn receive(&mut self, system: &mut System, intent: &Intent) -> Result<(), PhoneError> {
        let Some(words) = intent.get_text("android.intent.extra.TEXT") else {
            return Ok(());
        };
        let note = self.new_note(system, false);
        let mut open = OpenNote::new(note);
        open.update(system, NoteMessage::Body(words.to_owned()))?;
        self.open = Some(open);
        self.reload(system)
    }

    fn new_note(&self, system: &mut System, is_todo: bool) -> Note {
        let now = system.clock.now_millis();
        Note {
            id: database::new_id(system),
            parent: self.home(),
            is_todo,
            created: now,
            updated: now,
            ..Note::default()
        }
    }

    fn create_note(&mut self, system: &mut System, is_todo: bool) -> Effects {
        self.fan = false;
        let note = self.new_note(system, is_todo);
        self.open = Some(OpenNote::new(note));
        if LOCATION
            .iter()
            .any(|permission| system.packages.is_granted(PACKAGE, permission))
        {
            return Effects::none().focus(open_note::TITLE);
        }
        Effects::none().start_for_result(ASK, permissions::request(PACKAGE, &LOCATION[..1]))
    }

    fn answer(&mut self, system: &mut System, message: Message) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        self.front = None;
        match message {
            Message::Drawer(open) => {
                self.drawer = open;
                return Ok(none.hide_keyboard());
            }
            Message::Show(place) => {
                self.drawer = false;
                self.fan = false;
                self.chosen.clear();
                self.page = Page::List;
                if let Place::Folder(id) = &place {
                    database::remember(system, PLACE, id)?;
                }
                let moved = self.place != place;
                self.place = place;
                self.reload(system)?;
                return Ok(if moved {
                    none.scroll_to("notes", 0.0)
                } else {
                    none
                });
            }
            Message::Fold(id) => {
                if !self.folded.remove(&id) {
                    self.folded.insert(id);
                }
            }
            Message::Page(page) => {
                self.drawer = false;
                self.page = page;
            }
            Message::Search => {
                self.page = Page::Search;
                self.words.clear();
                self.results.clear();
                return Ok(none.focus(super::pages::WORDS));
            }
            Message::Words(words) => {
                self.words = words;
                self.results = search::search(system, &self.words)?;
                let top = none.scroll_to("results", 0.0);
                let cleared = self.words.is_empty();
                return Ok(if cleared {
                    top.focus(super::pages::WORDS)
                } else {
                    top
                });
            }
            Message::Up => return self.up(system),
            Message::Fan(open) => self.fan = open,
            Message::Create(is_todo) => return Ok(self.create_note(system, is_todo)),
            Message::Open(id) if self.chosen.is_empty() => {
                match database::find(system, &id)? {
                    Some(note) => self.open = Some(OpenNote::of(note)),
                    None => return Ok(none.toast("This note can't be opened")),
                }
                return Ok(none.hide_keyboard());
            }
            // Results of a search are only opened.
            Message::Open(id) | Message::Choose(id) if self.page == Page::List => {
                self.fan = false;
                if !self.chosen.remove(&id) {
                    self.chosen.insert(id);
                }
            }
            Message::Open(_) | Message::Choose(_) => {}
            Message::ChooseAll => {
                self.chosen = self.notes.iter().map(|note| note.id.clone()).collect();
            }
            Message::Done(id, done) => {
                if let Some(mut note) = database::find(system, &id)? {
                    note.updated = system.clock.now_millis();
                    note.completed = if done { note.updated } else { 0 };
                    database::save(system, &note)?;
                    self.reload(system)?;
                }
            }
            Message::DeleteChosen => {
                let now = system.clock.now_millis();
                return self.put_away(system, |note| note.deleted = now);
            }
            Message::RestoreChosen => {
                let home = self.home();
                let shown = self.folders.iter().filter(|folder| !folder.deleted);
                let shown: BTreeSet<String> = shown.map(|folder| folder.id.clone()).collect();
                return self.put_away(system, |note| {
                    note.deleted = 0;
                    if !shown.contains(&note.parent) {
                        note.parent.clone_from(&home);
                    }
                });
            }
            Message::DuplicateChosen => {
                for id in std::mem::take(&mut self.chosen) {
                    if let Some(mut note) = database::find(system, &id)? {
                        note.id = database::new_id(system);
                        note.title.push_str(" - Copy");
                        note.created = system.clock.now_millis();
                        note.updated = note.created;
                        database::save(system, &note)?;
                    }
                }
                self.reload(system)?;
            }
            Message::AskMove => self.front = Some(Front::Move),
            Message::MoveTo(folder) => {
                let now = system.clock.now_millis();
                return self.change(system, |note| {
                    note.parent.clone_from(&folder);
                    note.updated = now;
                });
            }
            Message::AskRemove => self.front = Some(Front::Remove),
            Message::Remove => {
                let open = self.open.take().map(|open| open.note.id);
                for id in open.into_iter().chain(std::mem::take(&mut self.chosen)) {
                    database::remove(system, &id)?;
                }
                self.reload(system)?;
            }
            Message::Sort => self.front = Some(Front::Sort),
            Message::SortBy(field) => {
                database::remember(system, SORT, field)?;
                self.order.field = field;
                self.reload(system)?;
            }
            Message::Turn(switch) => self.turn(system, switch)?,
            Message::Note(message) => {
                let Some(open) = &mut self.open else {
                    return Ok(none);
                };
                let edit = matches!(message, NoteMessage::Edit);
                open.update(system, message)?;
                self.reload(system)?;
                return Ok(if edit {
                    none.focus(open_note::BODY)
                } else {
                    none
                });
            }
            Message::NoteMenu => self.front = Some(Front::Note),
            Message::CopyLink => {
                let link = self
                    .open
                    .as_ref()
                    .map(|open| format!("[{}](:/{})", open.note.title, open.note.id));
                return Ok(none.copy(link.unwrap_or_default()));
            }
            Message::Properties => self.front = Some(Front::Properties),
            Message::FolderMenu(id) => self.front = Some(Front::Folder(id)),
            Message::EditFolder(id) => {
                self.drawer = false;
                let folder = id.as_deref().and_then(|id| self.folder(id)).cloned();
                self.page = Page::Folder(folder.unwrap_or_default());
                return Ok(none.focus(super::pages::FOLDER));
            }
            Message::FolderTitle(title) => {
                if let Page::Folder(folder) = &mut self.page {
                    folder.title = title.replace(['\r', '\n'], "");
                }
            }
            Message::SaveFolder => return self.save_folder(system),
            Message::AskDiscard(id) => self.front = Some(Front::Discard(id)),
            Message::Discard(id) => {
                database::discard_folder(system, &id)?;
                self.reload(system)?;
            }
            Message::Dismiss => {}
            Message::Say(words) => return Ok(none.toast(words)),
        }
        Ok(none)
    }

    fn turn(&mut self, system: &System, switch: Switch) -> Result<(), PhoneError> {
        let (key, flag) = match switch {
            Switch::Reverse => (REVERSE, &mut self.order.reverse),
            Switch::OpenFirst => (OPEN_FIRST, &mut self.order.open_first),
            Switch::ShowCompleted => (SHOW_COMPLETED, &mut self.order.show_completed),
        };
        *flag = !*flag;
        database::remember(system, key, if *flag { "1" } else { "0" })?;
        self.reload(system)
    }

    fn save_folder(&mut self, system: &mut System) -> Result<Effects, PhoneError> {
        let Page::Folder(folder) = &self.page else {
            return Ok(Effects::none());
        };
        let mut folder = folder.clone();
        folder.title = folder.title.trim().to_owned();
        if folder.title.is_empty() {
            return Ok(Effects::none().toast("The notebook could not be saved: it has no name"));
        }
        if folder.id.is_empty() {
            folder.id = database::new_id(system);
        }
        database::save_folder(system, &folder)?;
        let effects = self.answer(system, Message::Show(Place::Folder(folder.id)))?;
        Ok(effects.hide_keyboard())
    }

    /// One step out: the buttons above the plus, the editor, the note, a selection, a page, the app.
    fn up(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let effects = Effects::none().hide_keyboard();
        if let Some(open) = &mut self.open {
            if !open.close_editor() {
                self.open = None;
                self.reload(system)?;
            }
        } else if self.fan {
            self.fan = false;
        } else if !self.chosen.is_empty() {
            self.chosen.clear();
        } else if self.page != Page::List {
            self.page = Page::List;
            self.words.clear();
        } else {
            return Ok(effects.finish());
        }
        Ok(effects)
    }
}

impl Activity for MainActivity {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> MainActivity {
        let mut activity = MainActivity {
            folders: Vec::new(),
            tags: Vec::new(),
            place: Place::All,
            order: Order {
                field: FIELDS[0].0,
                reverse: true,
                open_first: true,
                show_completed: true,
            },
            notes: Vec::new(),
            folded: BTreeSet::new(),
            page: Page::List,
            words: String::new(),
            results: Vec::new(),
            open: None,
            chosen: BTreeSet::new(),
            drawer: false,
            fan: false,
            front: None,
        };
        let started = activity.start(system);
        if let Err(error) = started.and_then(|()| activity.receive(system, intent)) {
            tracing::debug!(%error, "the notes could not be read");
        }
        activity
    }

    fn on_new_intent(&mut self, system: &mut System, intent: &Intent) -> Effects {
        told(self.receive(system, intent).map(|()| Effects::none()))
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        told(self.refresh(system).map(|()| Effects::none()))
    }

    fn on_result(
        &mut self,
        _system: &mut System,
        _request: u32,
        _result: Option<Intent>,
    ) -> Effects {
        // A note is written with or without a place.
        Effects::none().focus(open_note::TITLE)
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        told(self.up(system))
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let root = match &self.open {
            Some(open) => {
                let folder = self.folder(&open.note.parent);
                open.view(folder.map(|folder| folder.title.as_str()), system)
            }
            None => self.page_view(),
        };
        // The header's colour is behind the status bar only.
        let root = stack(vec![root])
            .decoration()
            .background(Color::SURFACE)
            .fill();
        Screen::new(root)
            .background(super::look::HEADER)
            .overlay(self.drawer.then(|| self.drawer_overlay()))
            .overlay(self.front_overlay(system))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        told(self.answer(system, message))
    }
}

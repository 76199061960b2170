//! VLC's main screen: five pages behind the bar at its foot, a selection, sheets in front.

use super::adding::Adding;
use super::browser::{self, Entry, STORAGE};
use super::database::{self, Playlist, Video};
use super::look;
use super::sheets::{Sheet, SheetMessage};
use super::titles::{self, Card, clock_text};
use super::{ONBOARDED, ONBOARDING, PACKAGE, PLAYER, PLAYLIST, may_read, pages, was_seen};
use crate::phone::apps::all_files;
use crate::phone::apps::entries::{name_of, parent_of};
use crate::phone::system::{Intent, PhoneError, Preferences, System};
use crate::phone::ui::{
    Activity, Color, Effects, Icon, Overlay, OverlayKind, Screen, Widget, bar_action, column, menu,
    menu_item, overflow_button, selection_close, tab_bar, up_arrow,
};

/// Preference: whether videos that are called alike are one card.
const GROUPED: &str = "video_grouping";

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Cards of videos.
    Video,
    /// Songs.
    Audio,
    /// Folders.
    Browse,
    /// Playlists.
    Playlists,
    /// Other things.
    More,
}

/// A touch on the screen.
#[derive(Debug, Clone)]
pub enum Message {
    /// Shows a page.
    Page(Page),
    /// Shows the videos of a group.
    Group(String),
    /// Shows a folder.
    Enter(String),
    /// Plays a file, or chooses it while others are chosen.
    Open(String),
    /// Chooses files, or not.
    Choose(Vec<String>),
    /// Ends the selection.
    ChooseNone,
    /// Puts what is chosen into a playlist.
    AddChosen,
    /// Plays what is chosen.
    PlayChosen,
    /// Deletes what is chosen.
    DeleteChosen,
    /// Shows what is known of what is chosen.
    InformChosen,
    /// The actions of media.
    More(String, Vec<String>),
    /// The actions of a playlist.
    PlaylistMore(i64, String),
    /// Opens a playlist.
    OpenPlaylist(i64, String),
    /// Opens the menu.
    Menu,
    /// Closes the menu.
    Dismiss,
    /// Looks for media again.
    Refresh,
    /// Groups videos, or not.
    Grouped(bool),
    /// One step back.
    Up,
    /// Asks for access to the files.
    AskAccess,
    /// On a sheet.
    Sheet(SheetMessage),
    /// Only says something.
    Say(&'static str),
}

/// The activity.
pub struct MainActivity {
    page: Page,
    group: Option<String>,
    folder: Option<String>,
    library: Vec<Video>,
    entries: Vec<Entry>,
    playlists: Vec<Playlist>,
    /// Paths in the order in which they were chosen.
    chosen: Vec<String>,
    grouped: bool,
    menu: bool,
    sheet: Option<Sheet>,
    access: bool,
}

impl MainActivity {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.access = may_read(system);
        if self.access {
            self.library = database::scan(system)?;
        } else {
            database::DATABASE.create(system)?;
        }
        self.playlists = database::playlists(system)?;
        self.chosen
            .retain(|path| self.library.iter().any(|video| video.path == *path));
        self.list_folder(system);
        Ok(())
    }

    fn list_folder(&mut self, system: &System) {
        self.entries = match &self.folder {
            Some(folder) => browser::entries(&system.files, folder, &self.library),
            None => Vec::new(),
        };
    }

    fn videos(&self) -> Vec<Video> {
        let all = self.library.iter().filter(|video| !video.audio);
        all.cloned().collect()
    }

    fn cards(&self) -> Vec<Card> {
        let all = titles::cards(&self.videos(), self.grouped);
        let Some(group) = &self.group else {
            return all;
        };
        let members = all.into_iter().find_map(|card| match card {
            Card::Group(title, members) if title == *group => Some(members),
            _ => None,
        });
        members
            .unwrap_or_default()
            .into_iter()
            .map(Card::One)
            .collect()
    }

    /// One step out of a selection, a group, a folder; `false` when there is none.
    fn step_out(&mut self, system: &System) -> bool {
        if !self.chosen.is_empty() {
            self.chosen.clear();
            return true;
        }
        match self.page {
            Page::Video => self.group.take().is_some(),
            Page::Browse => {
                let Some(folder) = self.folder.take() else {
                    return false;
                };
                if folder != STORAGE {
                    self.folder = parent_of(&folder).map(str::to_owned);
                }
                self.list_folder(system);
                true
            }
            _ => false,
        }
    }

    fn bar(&self) -> Widget<Message> {
        if !self.chosen.is_empty() {
            let close = selection_close(Message::ChooseNone);
            let mut actions = vec![bar_action(
                Icon::Play,
                "action_mode_play",
                "Play",
                Message::PlayChosen,
            )];
            if self.chosen.len() == 1 {
                actions.push(bar_action(
                    Icon::Info,
                    "action_mode_info",
                    "Information",
                    Message::InformChosen,
                ));
            }
            actions.push(bar_action(
                Icon::Add,
                "action_mode_audio_add_playlist",
                "Add to playlist",
                Message::AddChosen,
            ));
            actions.push(bar_action(
                Icon::Delete,
                "action_mode_delete",
                "Delete",
                Message::DeleteChosen,
            ));
            return look::bar(
                Some(close),
                format!("{} selected", self.chosen.len()),
                actions,
            );
        }
        let inside = match self.page {
            Page::Video => self.group.as_deref(),
            Page::Browse => self.folder.as_deref().map(|folder| match folder {
                STORAGE => "Internal memory",
                folder => name_of(folder),
            }),
            _ => None,
        };
        let more = vec![overflow_button(Message::Menu)];
        match inside {
            Some(title) => look::bar(Some(up_arrow(Message::Up)), title.to_owned(), more),
            None => look::bar(None, "VLC", more),
        }
    }

    fn content(&self) -> Widget<Message> {
        if !self.access && self.page != Page::More {
            return pages::no_access();
        }
        match self.page {
            Page::Video => pages::videos(&self.cards(), &self.chosen),
            Page::Audio => pages::songs(&self.library),
            Page::Browse => match &self.folder {
                None => pages::places(),
                Some(folder) => pages::folder(folder, &self.entries, &self.chosen),
            },
            Page::Playlists => pages::playlists(&self.playlists),
            Page::More => pages::other(),
        }
    }

    fn add(&mut self, system: &System, paths: Vec<String>) -> Result<Effects, PhoneError> {
        self.sheet = Some(Sheet::Adding(Adding::new(system, paths)?));
        Ok(Effects::none().focus("playlist name"))
    }

    fn answer(&mut self, system: &mut System, message: Message) -> Result<Effects, PhoneError> {
        self.menu = false;
        match message {
            Message::Page(page) => {
                self.page = page;
                self.chosen.clear();
                self.reload(system)?;
            }
            Message::Group(title) if self.chosen.is_empty() => self.group = Some(title),
            Message::Group(title) => {
                let group = self.cards().into_iter().find_map(|card| match card {
                    Card::Group(name, members) if name == title => Some(members),
                    _ => None,
                });
                let members = group.unwrap_or_default().into_iter();
                self.choose(members.map(|video| video.path).collect());
            }
            Message::Enter(folder) => {
                self.chosen.clear();
                self.folder = Some(folder);
                self.list_folder(system);
            }
            Message::Open(path) if self.chosen.is_empty() => return Ok(play(&[path])),
            Message::Open(path) => self.choose(vec![path]),
            Message::Choose(paths) => self.choose(paths),
            Message::ChooseNone => self.chosen.clear(),
            Message::AddChosen => {
                let paths = std::mem::take(&mut self.chosen);
                return self.add(system, paths);
            }
            Message::PlayChosen => return Ok(play(&std::mem::take(&mut self.chosen))),
            Message::DeleteChosen => {
                self.sheet = Some(Sheet::Delete(std::mem::take(&mut self.chosen)));
            }
            Message::InformChosen => {
                let path = self.chosen.first().cloned().unwrap_or_default();
                self.inform(&path);
            }
            Message::More(title, paths) => self.sheet = Some(Sheet::Media(title, paths)),
            Message::PlaylistMore(id, name) => self.sheet = Some(Sheet::Playlist(id, name)),
            Message::OpenPlaylist(id, name) => return Ok(open_playlist(id, &name)),
            Message::Menu => self.menu = true,
            Message::Dismiss => {}
            Message::Refresh => self.reload(system)?,
            Message::Grouped(grouped) => {
                self.grouped = grouped;
                self.group = None;
                Preferences::load_default(&system.files, PACKAGE)
                    .with(GROUPED, grouped)
                    .save(&system.files)?;
            }
            Message::Up => {
                self.step_out(system);
            }
            Message::AskAccess => self.sheet = Some(Sheet::Access),
            Message::Sheet(message) => return self.sheet_answer(system, message),
            Message::Say(words) => return Ok(Effects::none().toast(words)),
        }
        Ok(Effects::none())
    }

    fn choose(&mut self, paths: Vec<String>) {
        let all = paths.iter().all(|path| self.chosen.contains(path));
        self.chosen.retain(|path| !paths.contains(path));
        if !all {
            self.chosen.extend(paths);
        }
    }

    fn inform(&mut self, path: &str) {
        let known = self.library.iter().find(|video| video.path == path);
        self.sheet = known.map(|video| {
            let length = clock_text(video.duration);
            Sheet::Information(format!("{}\nLength: {length}\n{}", video.title, video.path))
        });
    }

    fn sheet_answer(
        &mut self,
        system: &mut System,
        message: SheetMessage,
    ) -> Result<Effects, PhoneError> {
        let sheet = self.sheet.take();
        match message {
            SheetMessage::Play(paths) => return Ok(play(&paths)),
            SheetMessage::Add(paths) => return self.add(system, paths),
            SheetMessage::Inform(path) => self.inform(&path),
            SheetMessage::AskDelete(paths) => self.sheet = Some(Sheet::Delete(paths)),
            SheetMessage::Delete(paths) => {
                for path in &paths {
                    let removed = system.files.remove_file(path);
                    removed.map_err(|error| PhoneError::file(path, error))?;
                }
                self.reload(system)?;
            }
            SheetMessage::Open(id, name) => return Ok(open_playlist(id, &name)),
            SheetMessage::AskDeletePlaylist(id, name) => {
                self.sheet = Some(Sheet::DeletePlaylist(id, name));
            }
            SheetMessage::DeletePlaylist(id) => {
                database::delete(system, id)?;
                self.reload(system)?;
            }
            SheetMessage::AskName(id, name) => {
                self.sheet = Some(Sheet::Rename(id, name));
                return Ok(Effects::none().focus("new_name"));
            }
            SheetMessage::Name(name) => {
                self.sheet = match sheet {
                    Some(Sheet::Rename(id, _)) => Some(Sheet::Rename(id, name)),
                    other => other,
                };
            }
            SheetMessage::Rename => {
                if let Some(Sheet::Rename(id, name)) = sheet
                    && !name.trim().is_empty()
                {
                    database::rename(system, id, name.trim())?;
                    self.reload(system)?;
                }
                return Ok(Effects::none().hide_keyboard());
            }
            SheetMessage::Adding(message) => {
                if let Some(Sheet::Adding(mut adding)) = sheet {
                    match adding.update(system, message)? {
                        Some(effects) => {
                            self.reload(system)?;
                            return Ok(effects);
                        }
                        None => self.sheet = Some(Sheet::Adding(adding)),
                    }
                }
            }
            SheetMessage::Grant => return Ok(Effects::none().start(all_files::page(PACKAGE))),
            SheetMessage::Close => return Ok(Effects::none().hide_keyboard()),
        }
        Ok(Effects::none())
    }
}

/// Plays files one after the other.
pub fn play(paths: &[String]) -> Effects {
    let player = Intent::activity(PACKAGE, PLAYER).text("paths", paths.join("\n"));
    Effects::none().start(player)
}

fn open_playlist(id: i64, name: &str) -> Effects {
    let page = Intent::activity(PACKAGE, PLAYLIST)
        .number("playlist", id)
        .text("name", name);
    Effects::none().start(page)
}

impl Activity for MainActivity {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> MainActivity {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        MainActivity {
            page: Page::Video,
            group: None,
            folder: None,
            library: Vec::new(),
            entries: Vec::new(),
            playlists: Vec::new(),
            chosen: Vec::new(),
            grouped: stored.flag(GROUPED, true),
            menu: false,
            sheet: None,
            access: false,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        if let Err(error) = self.reload(system) {
            return Effects::none().toast(error.to_string());
        }
        if was_seen(system, ONBOARDED) {
            return Effects::none();
        }
        Effects::none().start(Intent::activity(PACKAGE, ONBOARDING))
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        match self.step_out(system) {
            true => Effects::none(),
            false => Effects::none().finish(),
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let tab = |label, sign, id, page| (label, sign, id, Message::Page(page));
        let tabs = vec![
            tab("Video", Icon::Video, "nav_video", Page::Video),
            tab("Audio", Icon::Music, "nav_audio", Page::Audio),
            tab("Browse", Icon::Folder, "nav_directories", Page::Browse),
            tab("Playlists", Icon::List, "nav_playlists", Page::Playlists),
            tab("More", Icon::More, "nav_more", Page::More),
        ];
        let navigation = tab_bar(tabs, self.page as usize).id("navigation");
        let root = column(vec![
            self.bar(),
            self.content().weight_height(1.0),
            navigation,
        ])
        .id("coordinator")
        .fill()
        .background(Color::SURFACE);
        let overflow = self.menu.then(|| {
            let grouping = match self.grouped {
                true => menu_item("Do not group videos", Message::Grouped(false)),
                false => menu_item("Group by name", Message::Grouped(true)),
            };
            let mut rows = vec![menu_item("Refresh", Message::Refresh)];
            if self.page == Page::Video {
                rows.push(grouping);
            }
            Overlay::new(OverlayKind::OverflowMenu, menu(rows), Message::Dismiss)
        });
        let sheet = self.sheet.as_ref();
        let sheet = sheet.map(|sheet| sheet.overlay().map(&Message::Sheet));
        Screen::new(root)
            .background(Color::SURFACE_RAISED)
            .overlay(overflow)
            .overlay(sheet)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

//! The first screen: the folders that have pictures or videos.

use super::deeds::{DeedMessage, Deeds};
use super::library::{self, Album, Thumbnails};
use super::{MEDIA, MEDIA_PERMISSIONS, PACKAGE, look, may_change, may_see};
use crate::phone::apps::permissions;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Color, Effects, Icon, Screen, Widget, bar_action, column, icon, list,
    overflow_button, overflow_menu,
};

/// Request number of the question for permissions.
const PERMISSIONS: u32 = 1;
/// Height of a folder's tile in dp.
const TILE: f32 = 204.0;

/// A touch on the screen.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens a folder.
    Open(String),
    /// Shows everything in one list.
    OpenAll,
    /// Typed into the search.
    Search(String),
    /// Opens the menu.
    Menu,
    /// Opens the bin.
    Bin,
    /// Opens the camera.
    Camera,
    /// On a dialog.
    Deed(DeedMessage),
    /// Closes the menu.
    Dismiss,
}

/// The activity.
pub struct MainActivity {
    albums: Vec<Album>,
    thumbnails: Thumbnails,
    words: String,
    menu: bool,
    deeds: Deeds,
    /// Permissions were asked for.
    asked: bool,
    /// Access to all files was asked for.
    offered: bool,
}

impl MainActivity {
    fn reload(&mut self, system: &System) {
        self.albums = match may_see(system) {
            true => library::albums(&system.files),
            false => Vec::new(),
        };
        let newest = self.albums.iter().map(|album| &album.newest);
        self.thumbnails.load(&system.files, newest);
    }

    fn content(&self) -> Widget<Message> {
        let wanted = self.words.to_lowercase();
        let tiles: Vec<Widget<Message>> = self
            .albums
            .iter()
            .filter(|album| album.name.to_lowercase().contains(&wanted))
            .map(|album| {
                look::album(album, &self.thumbnails, false)
                    .on_tap(Message::Open(album.path.clone()))
            })
            .collect();
        if tiles.is_empty() {
            return look::placeholder(
                "directories_empty_placeholder",
                "No media files have been found.",
            );
        }
        list(look::grid(tiles, 2, TILE)).id("directories_grid")
    }
}

impl Activity for MainActivity {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> MainActivity {
        MainActivity {
            albums: Vec::new(),
            thumbnails: Thumbnails::default(),
            words: String::new(),
            menu: false,
            deeds: Deeds::default(),
            asked: false,
            offered: false,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        if !may_see(system) && !self.asked {
            self.asked = true;
            let question = permissions::request(PACKAGE, &MEDIA_PERMISSIONS);
            return Effects::none().start_for_result(PERMISSIONS, question);
        }
        if may_see(system) && !may_change(system) && !self.offered {
            self.offered = true;
            self.deeds.ask_access();
        }
        self.reload(system);
        Effects::none()
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let sign = icon(Icon::Search, 24.0)
            .id("top_toolbar_search_icon")
            .padding(12.0);
        let bar = look::search_bar(
            "main_menu",
            sign,
            &self.words,
            "Search folders",
            Message::Search,
            vec![
                bar_action(Icon::Camera, "open_camera", "Open camera", Message::Camera),
                bar_action(
                    Icon::Apps,
                    "show_all",
                    "Show all folders content",
                    Message::OpenAll,
                ),
                overflow_button(Message::Menu),
            ],
        );
        let root = column(vec![bar, self.content().weight_height(1.0)])
            .id("main_coordinator")
            .fill()
            .background(Color::SURFACE);
        let menu = self.menu.then(|| {
            let entries = [("Open the Recycle Bin", Message::Bin)];
            overflow_menu(entries, Message::Dismiss)
        });
        let dialog = self
            .deeds
            .overlay()
            .map(|dialog| dialog.map(&Message::Deed));
        Screen::new(root).overlay(menu).overlay(dialog)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Open(folder) => return open(&folder),
            Message::OpenAll => return open(""),
            Message::Search(words) => self.words = words,
            Message::Menu => self.menu = true,
            Message::Dismiss => self.menu = false,
            Message::Bin => {
                self.menu = false;
                return open(library::BIN);
            }
            Message::Camera => {
                let camera = Intent::action("android.media.action.STILL_IMAGE_CAMERA");
                return Effects::none().start(camera);
            }
            Message::Deed(message) => {
                return match self.deeds.update(system, message) {
                    Ok(outcome) => outcome.effects,
                    Err(error) => Effects::none().toast(error.to_string()),
                };
            }
        }
        Effects::none()
    }
}

fn open(folder: &str) -> Effects {
    let intent = Intent::activity(PACKAGE, MEDIA).text("directory", folder);
    Effects::none().start(intent)
}

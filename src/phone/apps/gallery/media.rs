//! What is in one folder: small pictures, one of which opens on the whole screen, and a selection.

use std::collections::BTreeSet;

use super::deeds::{DeedMessage, Deeds, Outcome};
use super::library::{self, BIN, Medium, Thumbnails, folder_name};
use super::{PACKAGE, VIEWER, look};
use crate::phone::apps::transfer::Mode;
use crate::phone::system::{Intent, PhoneError, Preferences, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Screen, Widget, bar_action, column, icon, icon_button,
    list, overflow_button, overflow_menu, stack, text,
};

/// Preference: whether names stand below the small pictures.
const NAMES: &str = "display_file_names";
/// Height of a tile in dp.
const TILE: f32 = 136.0;

/// A touch on the screen.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens a medium, or chooses it while others are chosen.
    Open(String),
    /// Chooses a medium, or not.
    Choose(String),
    /// Chooses all.
    ChooseAll,
    /// Ends the selection.
    ChooseNone,
    /// Shows names, or not.
    ToggleNames,
    /// Typed into the search.
    Search(String),
    /// Leaves the screen.
    Up,
    /// Opens the menu of the selection.
    Menu,
    /// Closes the menu.
    Dismiss,
    /// Copies or moves what is chosen.
    Transfer(Mode),
    /// Renames what is chosen.
    Rename,
    /// Throws away what is chosen.
    Delete,
    /// Shows what is known of the chosen one.
    Properties,
    /// Takes what is chosen out of the bin.
    Restore,
    /// On a dialog.
    Deed(DeedMessage),
    /// Only says something.
    Say(&'static str),
}

/// The activity.
pub struct MediaActivity {
    /// The folder, [`BIN`], or nothing for all folders.
    folder: String,
    media: Vec<Medium>,
    thumbnails: Thumbnails,
    chosen: BTreeSet<String>,
    words: String,
    names: bool,
    menu: bool,
    deeds: Deeds,
}

impl MediaActivity {
    fn reload(&mut self, system: &System) {
        self.media = match self.folder.as_str() {
            "" => library::media(&system.files),
            folder => library::media_in(&system.files, folder),
        };
        let known: BTreeSet<&str> = self.media.iter().map(|one| one.path.as_str()).collect();
        self.chosen.retain(|path| known.contains(path.as_str()));
        self.thumbnails.load(&system.files, self.media.iter());
    }

    fn chosen(&self) -> Vec<String> {
        let in_order = self.media.iter().map(|medium| &medium.path);
        in_order
            .filter(|path| self.chosen.contains(*path))
            .cloned()
            .collect()
    }

    fn tile(&self, medium: &Medium) -> Widget<Message> {
        let chosen = self.chosen.contains(&medium.path);
        let frame = self.thumbnails.of(&medium.path);
        let mut layers = vec![look::thumbnail(frame, "medium_thumbnail", medium.video)];
        if medium.video {
            layers.push(
                icon(Icon::Play, 20.0)
                    .id("play_portrait_outline")
                    .color(Color::WHITE)
                    .rounded(look::SHADE, 14.0)
                    .padding(4.0)
                    .margin(6.0)
                    .place(Align::End, Align::Start),
            );
        }
        if self.names {
            layers.push(
                text(medium.name.clone())
                    .id("medium_name")
                    .text_size(11.0)
                    .color(Color::WHITE)
                    .max_lines(2)
                    .fill_width()
                    .background(look::SHADE)
                    .padding_symmetric(4.0, 2.0)
                    .place(Align::Start, Align::End),
            );
        }
        if chosen {
            layers.push(look::mark("medium_check"));
        }
        stack(layers)
            .class("android.widget.RelativeLayout")
            .id("media_item_holder")
            .selected(chosen)
            .on_tap(Message::Open(medium.path.clone()))
            .on_long_press(Message::Choose(medium.path.clone()))
    }

    fn shown(&self) -> impl Iterator<Item = &Medium> {
        let wanted = self.words.to_lowercase();
        self.media
            .iter()
            .filter(move |medium| medium.name.to_lowercase().contains(&wanted))
    }

    fn bar(&self) -> Widget<Message> {
        if self.chosen.is_empty() {
            let title = match self.folder.as_str() {
                "" => "all folders",
                folder => folder_name(folder),
            };
            return look::search_bar(
                "media_menu",
                icon_button(Icon::Back, "Back")
                    .id("top_toolbar_search_icon")
                    .on_tap(Message::Up),
                &self.words,
                format!("Search in {title}"),
                Message::Search,
                vec![bar_action(
                    Icon::Eye,
                    "toggle_filename",
                    "Toggle filename visibility",
                    Message::ToggleNames,
                )],
            );
        }
        let mut actions = vec![bar_action(
            Icon::Delete,
            "cab_delete",
            "Delete",
            Message::Delete,
        )];
        if self.folder == BIN {
            actions.push(bar_action(
                Icon::Undo,
                "cab_restore_recycle_bin_files",
                "Restore selected files",
                Message::Restore,
            ));
        } else {
            let say = Message::Say("No app can be found that takes these files");
            actions.push(bar_action(Icon::Share, "cab_share", "Share", say));
        }
        if self.chosen.len() == 1 {
            actions.push(bar_action(
                Icon::Info,
                "cab_properties",
                "Properties",
                Message::Properties,
            ));
        }
        actions.push(overflow_button(Message::Menu));
        look::counted_bar(
            self.chosen.len(),
            self.media.len(),
            Message::ChooseNone,
            actions,
        )
    }

    fn entries(&self) -> Vec<(&'static str, Message)> {
        let mut entries = Vec::new();
        if self.folder != BIN {
            if self.chosen.len() == 1 {
                entries.push(("Rename", Message::Rename));
            }
            entries.push(("Copy to", Message::Transfer(Mode::Copy)));
            entries.push(("Move to", Message::Transfer(Mode::Move)));
        }
        entries.push(("Select all", Message::ChooseAll));
        entries
    }

    fn taken(&mut self, system: &System, outcome: Result<Outcome, PhoneError>) -> Effects {
        let effects = match outcome {
            Ok(outcome) => {
                if outcome.changed {
                    self.chosen.clear();
                }
                outcome.effects
            }
            Err(error) => Effects::none().toast(error.to_string()),
        };
        self.reload(system);
        // The last picture of a folder takes the folder with it.
        if self.media.is_empty() {
            return effects.finish();
        }
        effects
    }

    fn store_names(&self, system: &System) -> Result<(), PhoneError> {
        Preferences::load_default(&system.files, PACKAGE)
            .with(NAMES, self.names)
            .save(&system.files)
    }
}

impl Activity for MediaActivity {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> MediaActivity {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        MediaActivity {
            folder: intent.get_text("directory").unwrap_or("").to_owned(),
            media: Vec::new(),
            thumbnails: Thumbnails::default(),
            chosen: BTreeSet::new(),
            words: String::new(),
            names: stored.flag(NAMES, false),
            menu: false,
            deeds: Deeds::default(),
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        self.reload(system);
        match self.media.is_empty() && self.folder != BIN {
            true => Effects::none().finish(),
            false => Effects::none(),
        }
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        if self.chosen.is_empty() {
            return Effects::none().finish();
        }
        self.chosen.clear();
        Effects::none()
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let tiles: Vec<Widget<Message>> = self.shown().map(|medium| self.tile(medium)).collect();
        let content = match tiles.is_empty() {
            true => look::placeholder(
                "media_empty_text_placeholder",
                "No media files have been found.",
            ),
            false => list(look::grid(tiles, 3, TILE)).id("media_grid"),
        };
        let root = column(vec![self.bar(), content.weight_height(1.0)])
            .id("media_coordinator")
            .fill()
            .background(Color::SURFACE);
        let menu = self
            .menu
            .then(|| overflow_menu(self.entries(), Message::Dismiss));
        let dialog = self.deeds.overlay();
        let dialog = dialog.map(|dialog| dialog.map(&Message::Deed));
        Screen::new(root).overlay(menu).overlay(dialog)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        self.menu = false;
        match message {
            Message::Open(path) if self.chosen.is_empty() => {
                let viewer = Intent::activity(PACKAGE, VIEWER)
                    .text("path", path)
                    .text("directory", self.folder.clone());
                return Effects::none().start(viewer);
            }
            Message::Open(path) | Message::Choose(path) => {
                if !self.chosen.remove(&path) {
                    self.chosen.insert(path);
                }
            }
            Message::ChooseAll => {
                self.chosen = self.media.iter().map(|one| one.path.clone()).collect();
            }
            Message::ChooseNone => self.chosen.clear(),
            Message::ToggleNames => {
                self.names = !self.names;
                if let Err(error) = self.store_names(system) {
                    return Effects::none().toast(error.to_string());
                }
            }
            Message::Search(words) => self.words = words,
            Message::Up => return Effects::none().finish(),
            Message::Menu => self.menu = true,
            Message::Dismiss => {}
            Message::Transfer(mode) => {
                let chosen = self.chosen();
                self.deeds.transfer(system, mode, chosen);
            }
            Message::Rename => {
                if let Some(path) = self.chosen().first() {
                    return self.deeds.rename(system, path);
                }
            }
            Message::Delete => {
                let outcome = self.deeds.delete(system, self.chosen());
                return self.taken(system, outcome);
            }
            Message::Properties => {
                if let Some(path) = self.chosen().first() {
                    self.deeds.details(system, path);
                }
            }
            Message::Restore => {
                let restored = library::restore(&system.files, &self.chosen());
                let outcome = restored.map(|()| Outcome {
                    changed: true,
                    ..Outcome::default()
                });
                return self.taken(system, outcome);
            }
            Message::Deed(message) => {
                let outcome = self.deeds.update(system, message);
                return self.taken(system, outcome);
            }
            Message::Say(words) => return Effects::none().toast(words),
        }
        Effects::none()
    }
}

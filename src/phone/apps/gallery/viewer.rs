//! One picture on the whole screen: a tap hides the bars, two taps zoom, a swipe leads to the next one.

use super::deeds::{DeedMessage, Deeds, Outcome};
use super::library::{self, Medium};
use super::{PACKAGE, look};
use crate::domain::Frame;
use crate::phone::apps::entries::{name_of, parent_of};
use crate::phone::apps::transfer::Mode;
use crate::phone::providers::documents::{place_of, uri_of};
use crate::phone::system::{Intent, PhoneError, Preferences, System, WIDTH_DP};
use crate::phone::ui::{
    Activity, Align, Color, Effect, Effects, Icon, Length, Screen, Widget, bar_action, bar_row,
    column, horizontal_list, icon, icon_button, list, overflow_button, overflow_menu, picture, row,
    stack, text,
};

/// Preference: the paths of favourites.
const FAVOURITES: &str = "favorites";
/// Two taps within this time are one double tap, in microseconds.
const DOUBLE_TAP: i64 = 300_000;
/// How much larger a picture is at most and at least after a double tap.
const ZOOM: [f32; 2] = [2.0, 4.0];

/// A touch on the screen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A tap on the picture.
    Tap,
    /// To another picture, so many further.
    Turn(isize),
    /// Leaves the screen.
    Up,
    /// Opens the menu.
    Menu,
    /// Closes the menu.
    Dismiss,
    /// Copies or moves the file.
    Transfer(Mode),
    /// Renames the file.
    Rename,
    /// Throws the file away.
    Delete,
    /// Shows what is known of the file.
    Properties,
    /// Makes it a favourite, or not.
    Favourite,
    /// Plays a video.
    Play,
    /// On a dialog.
    Deed(DeedMessage),
    /// Only says something.
    Say(&'static str),
}

/// The activity.
pub struct ViewPagerActivity {
    path: String,
    /// The folder that is leafed through; nothing for all folders.
    folder: String,
    media: Vec<Medium>,
    shown: Result<Frame, String>,
    bars: bool,
    zoomed: bool,
    /// When the picture was tapped last, on the clock of the uptime.
    tapped: i64,
    favourites: Vec<String>,
    menu: bool,
    deeds: Deeds,
}

impl ViewPagerActivity {
    fn reload(&mut self, system: &System) {
        self.media = match self.folder.as_str() {
            "" => library::media(&system.files),
            folder => library::media_in(&system.files, folder),
        };
    }

    fn place(&self) -> Option<usize> {
        self.media.iter().position(|one| one.path == self.path)
    }

    fn is_video(&self) -> bool {
        self.place()
            .and_then(|place| self.media.get(place))
            .is_some_and(|medium| medium.video)
    }

    fn load(&mut self, system: &System) {
        self.zoomed = false;
        self.shown = library::picture(&system.files, &self.path);
    }

    fn turn(&mut self, system: &System, steps: isize) {
        let next = self
            .place()
            .and_then(|place| place.checked_add_signed(steps));
        if let Some(medium) = next.and_then(|next| self.media.get(next)) {
            self.path = medium.path.clone();
            self.load(system);
        }
    }

    /// Size of the picture after a double tap, in dp.
    fn large(system: &System, frame: &Frame) -> [f32; 2] {
        let height = system.height_dp();
        let [width, tall] = [frame.width as f32, frame.height as f32];
        let fit = (WIDTH_DP / width).min(height / tall);
        let fill = (WIDTH_DP / width).max(height / tall);
        let scale = fit * (fill / fit).clamp(ZOOM[0], ZOOM[1]);
        [width * scale, tall * scale]
    }

    fn tap(&mut self, system: &System) -> Effects {
        let now = system.clock.uptime_micros();
        let twice = now - self.tapped <= DOUBLE_TAP;
        self.tapped = if twice { i64::MIN / 2 } else { now };
        self.bars = !self.bars;
        let Ok(frame) = &self.shown else {
            return Effects::none();
        };
        if !twice {
            return Effects::none();
        }
        self.zoomed = !self.zoomed;
        if !self.zoomed {
            return Effects::none();
        }
        // The middle of the picture stays in the middle of the screen.
        let [width, height] = Self::large(system, frame);
        let beyond = |size: f32, room: f32| ((size - room) / 2.0).max(0.0);
        Effects::none()
            .scroll_to("zoom_vertical", beyond(height, system.height_dp()))
            .scroll_to("zoom_horizontal", beyond(width, WIDTH_DP))
    }

    fn content(&self, system: &System) -> Widget<Message> {
        let frame = match &self.shown {
            Ok(frame) => frame,
            Err(_) if self.is_video() => {
                return icon_button(Icon::Play, "Play video")
                    .id("video_play_outline")
                    .class("android.widget.ImageView")
                    .color(Color::WHITE)
                    .place(Align::Center, Align::Center)
                    .on_tap(Message::Play);
            }
            Err(reason) => {
                return text(reason.clone())
                    .color(Color::WHITE)
                    .text_align(Align::Center)
                    .fill()
                    .padding(32.0)
                    .on_tap(Message::Tap);
            }
        };
        let view = picture(frame.clone(), false)
            .id("gestures_view")
            .on_tap(Message::Tap);
        if !self.zoomed {
            return view
                .fill()
                .on_swipe_left(Message::Turn(1))
                .on_swipe_right(Message::Turn(-1))
                .on_swipe_down(Message::Up);
        }
        let [width, height] = Self::large(system, frame);
        let (width, height) = (width.max(WIDTH_DP), height.max(system.height_dp()));
        let across = horizontal_list(vec![view.size(width, height)])
            .key("zoom_horizontal")
            .height(Length::Dp(height))
            .decoration();
        list(vec![across]).key("zoom_vertical").decoration()
    }

    fn bar(&self) -> Widget<Message> {
        bar_row(
            64.0,
            vec![
                icon_button(Icon::Back, "Back")
                    .color(Color::WHITE)
                    .on_tap(Message::Up),
                text(name_of(&self.path).to_owned())
                    .text_size(18.0)
                    .color(Color::WHITE)
                    .max_lines(1)
                    .weight_width(1.0)
                    .margin_edges(8.0, 0.0, 8.0, 0.0),
                bar_action(
                    Icon::Info,
                    "menu_properties",
                    "Properties",
                    Message::Properties,
                )
                .color(Color::WHITE),
                overflow_button(Message::Menu).color(Color::WHITE),
            ],
        )
        .id("medium_viewer_toolbar")
        .background(look::SHADE)
    }

    fn foot(&self) -> Widget<Message> {
        let favourite = match self.favourites.contains(&self.path) {
            true => Icon::Star,
            false => Icon::StarOutline,
        };
        let nobody = Message::Say("No app can be found that takes this file");
        let actions = [
            (
                favourite,
                "bottom_favorite",
                "Toggle favorite",
                Message::Favourite,
            ),
            (Icon::Edit, "bottom_edit", "Edit", nobody.clone()),
            (Icon::Share, "bottom_share", "Share", nobody),
            (Icon::Delete, "bottom_delete", "Delete", Message::Delete),
        ];
        let signs = actions
            .into_iter()
            .map(|(sign, id, label, message)| {
                icon(sign, 24.0)
                    .id(id)
                    .description(label)
                    .color(Color::WHITE)
                    .weight_width(1.0)
                    .height(Length::Fill)
                    .on_tap(message)
            })
            .collect();
        row(signs)
            .id("bottom_actions_wrapper")
            .class("android.view.ViewGroup")
            .height(Length::Dp(64.0))
            .background(look::SHADE)
    }

    fn taken(&mut self, system: &System, outcome: Result<Outcome, PhoneError>) -> Effects {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return Effects::none().toast(error.to_string()),
        };
        if !outcome.changed {
            return outcome.effects;
        }
        let place = self.place().unwrap_or(0);
        if let Some(path) = outcome.renamed {
            self.path = path;
        }
        self.reload(system);
        if self.place().is_none() {
            // What is gone makes room for what came after it.
            let next = self.media.get(place).or(self.media.last());
            let Some(next) = next else {
                return outcome.effects.finish();
            };
            self.path = next.path.clone();
            self.load(system);
        }
        outcome.effects
    }

    fn favourite(&mut self, system: &System) -> Result<(), PhoneError> {
        let before = self.favourites.len();
        self.favourites.retain(|path| *path != self.path);
        if self.favourites.len() == before {
            self.favourites.push(self.path.clone());
        }
        Preferences::load_default(&system.files, PACKAGE)
            .with(FAVOURITES, self.favourites.clone())
            .save(&system.files)
    }
}

impl Activity for ViewPagerActivity {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> ViewPagerActivity {
        let path = match intent.get_text("path") {
            Some(path) => path.to_owned(),
            None => place_of(intent.data.as_deref().unwrap_or_default()),
        };
        let folder = match intent.get_text("directory") {
            Some(folder) => folder.to_owned(),
            None => parent_of(&path).unwrap_or("/").to_owned(),
        };
        let stored = Preferences::load_default(&system.files, PACKAGE);
        let mut viewer = ViewPagerActivity {
            path,
            folder,
            media: Vec::new(),
            shown: Err(String::new()),
            bars: true,
            zoomed: false,
            tapped: i64::MIN / 2,
            favourites: stored.set(FAVOURITES).to_vec(),
            menu: false,
            deeds: Deeds::default(),
        };
        viewer.load(system);
        viewer
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        self.reload(system);
        match system.files.is_file(&self.path) {
            true => Effects::none(),
            false => Effects::none().finish(),
        }
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let holder = stack(vec![self.content(system)])
            .id("photo_holder")
            .class("android.widget.RelativeLayout")
            .fill();
        let pager = stack(vec![holder])
            .id("view_pager")
            .class("androidx.viewpager.widget.ViewPager")
            .fill();
        let mut layers = vec![pager];
        if self.bars {
            layers.push(
                column(vec![self.bar()])
                    .padding_edges(0.0, 28.0, 0.0, 0.0)
                    .decoration(),
            );
            layers.push(
                self.foot()
                    .margin_edges(0.0, 0.0, 0.0, 24.0)
                    .place(Align::Start, Align::End),
            );
        }
        let root = stack(layers)
            .id("fragment_holder")
            .class("android.widget.RelativeLayout")
            .fill()
            .background(look::DARK);
        let menu = self.menu.then(|| {
            let entries = [
                ("Copy to", Message::Transfer(Mode::Copy)),
                ("Move to", Message::Transfer(Mode::Move)),
                ("Rename", Message::Rename),
            ];
            overflow_menu(entries, Message::Dismiss)
        });
        let dialog = self.deeds.overlay();
        let dialog = dialog.map(|dialog| dialog.map(&Message::Deed));
        Screen::new(root)
            .background(look::DARK)
            .edge_to_edge()
            .overlay(menu)
            .overlay(dialog)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        self.menu = false;
        match message {
            Message::Tap => return self.tap(system),
            Message::Turn(steps) => self.turn(system, steps),
            Message::Up => return Effects::none().finish(),
            Message::Menu => self.menu = true,
            Message::Dismiss => {}
            Message::Transfer(mode) => {
                self.deeds.transfer(system, mode, vec![self.path.clone()]);
            }
            Message::Rename => return self.deeds.rename(system, &self.path),
            Message::Delete => {
                let outcome = self.deeds.delete(system, vec![self.path.clone()]);
                return self.taken(system, outcome);
            }
            Message::Properties => self.deeds.details(system, &self.path),
            Message::Favourite => {
                if let Err(error) = self.favourite(system) {
                    return Effects::none().toast(error.to_string());
                }
            }
            Message::Play => {
                let player = Intent::action(Intent::VIEW)
                    .data(uri_of(&self.path))
                    .mime("video/mp4");
                return Effects::none().and(Effect::Start(player));
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

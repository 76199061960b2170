//! The launcher (`com.google.android.apps.nexuslauncher`): home screen, app drawer, overview of recent tasks.

mod overview;

pub use overview::{Overview, overview};

use crate::phone::apps;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, ActivityEntry, Align, AppEntry, Color, Effects, Icon, ImeAction, LaunchMode, Length,
    Screen, Widget, activity, column, icon, list, row, spacer, stack, stretch, text, text_field,
};

/// Package of the launcher.
pub const PACKAGE: &str = "com.google.android.apps.nexuslauncher";
/// Class of the home screen.
pub const MAIN: &str = "com.google.android.apps.nexuslauncher.NexusLauncherActivity";

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Pixel Launcher",
    icon: Icon::Home,
    color: Color::ACCENT,
    activities: &[ActivityEntry::new(MAIN, activity::<Launcher>).mode(LaunchMode::SingleTask)],
};

/// Packages at the bottom of the home screen, in order.
const HOTSEAT: [&str; 4] = [
    "com.google.android.dialer",
    "com.google.android.contacts",
    "com.google.android.deskclock",
    "com.android.camera2",
];
/// Icons in a row.
const COLUMNS: usize = 4;

/// The home screen, and the drawer when it is open.
struct Launcher {
    /// What is searched for in the open drawer.
    drawer: Option<String>,
    /// Package whose icon was pressed long.
    popup: Option<&'static str>,
}

#[derive(Clone)]
enum Message {
    Open(&'static str),
    Press(&'static str),
    Info(&'static str),
    Dismiss,
    Drawer,
    CloseDrawer,
    Search(String),
    SearchBar,
    Find,
}

/// The apps of the drawer: alphabetical, whatever their case.
fn launchable(system: &System) -> Vec<&'static AppEntry> {
    let mut apps: Vec<&'static AppEntry> = apps::registry()
        .iter()
        .filter(|app| app.main().is_some())
        .filter(|app| {
            !system.packages.contains(app.package) || system.packages.is_enabled(app.package)
        })
        .collect();
    apps.sort_by_key(|app| app.label.to_lowercase());
    apps
}

fn found(system: &System, query: &str) -> Vec<&'static AppEntry> {
    let query = query.trim().to_lowercase();
    launchable(system)
        .into_iter()
        .filter(|app| {
            app.label
                .to_lowercase()
                .split_whitespace()
                .any(|word| word.starts_with(&query))
                || app.label.to_lowercase().starts_with(&query)
        })
        .collect()
}

/// A launcher icon's picture.
fn picture<M>(app: &AppEntry, size: f32) -> Widget<M> {
    stack(vec![
        icon(app.icon, size * 0.55)
            .color(Color::WHITE)
            .place(Align::Center, Align::Center)
            .decoration(),
    ])
    .size(size, size)
    .rounded(app.color, size)
    .decoration()
}

fn cell(app: &'static AppEntry, light: bool, id: Option<&'static str>) -> Widget<Message> {
    let color = if light { Color::WHITE } else { Color::TEXT };
    let cell = column(vec![
        picture(app, 56.0),
        text(app.label)
            .text_size(13.0)
            .color(color)
            .max_lines(1)
            .text_align(Align::Center)
            .decoration(),
    ])
    .class("android.widget.TextView")
    .cross(Align::Center)
    .main(Align::Center)
    .gap(8.0)
    .padding_symmetric(2.0, 8.0)
    .spoken(app.label)
    .description(app.label)
    .key(app.package)
    .on_tap(Message::Open(app.package))
    .on_long_press(Message::Press(app.package));
    match id {
        Some(id) => cell.id(id),
        None => cell,
    }
}

fn grid(apps: &[&'static AppEntry], light: bool, id: Option<&'static str>) -> Vec<Widget<Message>> {
    apps.chunks(COLUMNS)
        .map(|line| {
            let mut cells: Vec<Widget<Message>> = line
                .iter()
                .map(|app| {
                    cell(app, light, id)
                        .weight_width(1.0)
                        .height(Length::Dp(108.0))
                })
                .collect();
            cells.extend((line.len()..COLUMNS).map(|_| stretch().height(Length::Dp(1.0))));
            row(cells).padding_symmetric(8.0, 0.0).decoration()
        })
        .collect()
}

impl Launcher {
    fn home(&self, system: &System) -> Widget<Message> {
        let date = system.clock.now().strftime("%a, %b %-d").to_string();
        let hotseat: Vec<&'static AppEntry> = HOTSEAT
            .iter()
            .filter_map(|package| apps::find(package))
            .filter(|app| app.main().is_some())
            .collect();
        let shown: Vec<&'static AppEntry> = launchable(system)
            .into_iter()
            .filter(|app| !HOTSEAT.contains(&app.package))
            .take(COLUMNS * 3)
            .collect();
        let date = row(vec![
            text(date.clone())
                .id("date")
                .description(date)
                .text_size(22.0)
                .color(Color::WHITE)
                .clickable(true),
        ])
        .class("android.view.ViewGroup")
        .id("search_container_workspace")
        .padding_edges(38.0, 56.0, 38.0, 0.0);
        let mut page = vec![date, stretch()];
        page.extend(grid(&shown, true, None));
        page.push(spacer(16.0));
        let workspace = column(page)
            .class("android.widget.ScrollView")
            .id("workspace")
            .weight_height(1.0);
        let seat = column(grid(&hotseat, true, None))
            .class("android.view.ViewGroup")
            .id("hotseat")
            .padding_symmetric(0.0, 4.0);
        let search = row(vec![
            icon(Icon::Search, 22.0)
                .description("Google app")
                .id("g_icon"),
            stretch(),
            icon(Icon::Microphone, 22.0)
                .description("Voice search")
                .id("mic_icon"),
            spacer(16.0),
            icon(Icon::Camera, 22.0)
                .description("Google Lens")
                .id("lens_icon"),
        ])
        .class("android.widget.FrameLayout")
        .id("search_container_hotseat")
        .description("Search")
        .height(Length::Dp(52.0))
        .rounded(Color::WHITE, 26.0)
        .padding_symmetric(20.0, 0.0)
        .margin_edges(28.0, 8.0, 28.0, 24.0)
        .on_tap(Message::SearchBar);
        column(vec![workspace, seat, search])
            .class("android.widget.FrameLayout")
            .id("drag_layer")
            .fill()
            .on_swipe_up(Message::Drawer)
    }

    fn drawer(&self, system: &System, query: &str) -> Widget<Message> {
        let field = text_field(query, "Search apps")
            .id("input")
            .ime(ImeAction::Search)
            .rounded(Color::SURFACE_RAISED, 26.0)
            .padding_symmetric(20.0, 14.0)
            .on_change(Message::Search)
            .on_enter(Message::Find);
        let search = row(vec![field])
            .class("android.widget.RelativeLayout")
            .id("search_container_all_apps")
            .padding_symmetric(16.0, 8.0);
        let apps = found(system, query);
        let content = if apps.is_empty() {
            vec![
                text("No apps found")
                    .fill_width()
                    .text_align(Align::Center)
                    .padding(32.0),
            ]
        } else {
            grid(&apps, false, Some("icon"))
        };
        column(vec![
            search,
            list(content).id("apps_list_view").weight_height(1.0),
        ])
        .class("android.widget.RelativeLayout")
        .id("apps_view")
        .fill()
        .on_swipe_down(Message::CloseDrawer)
    }

    fn popup(&self, package: &'static str) -> Widget<Message> {
        let item = |label: &'static str, sign: Icon, message: Message| {
            row(vec![
                icon(sign, 22.0).decoration(),
                spacer(12.0),
                text(label).id("bubble_text").weight_width(1.0),
            ])
            .min_height(52.0)
            .padding_symmetric(16.0, 0.0)
            .on_tap(message)
        };
        column(vec![item("App info", Icon::Info, Message::Info(package))])
            .id("deep_shortcuts_container")
            .width(Length::Dp(200.0))
            .rounded(Color::WHITE, 16.0)
    }
}

impl Activity for Launcher {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> Launcher {
        Launcher {
            drawer: None,
            popup: None,
        }
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let screen = match &self.drawer {
            None => Screen::new(self.home(system)).background(Color::rgb(0x2C_4A6B)),
            Some(query) => Screen::new(self.drawer(system, query)),
        };
        let popup = self.popup.map(|package| {
            crate::phone::ui::Overlay::new(
                crate::phone::ui::OverlayKind::Popup(package.into()),
                self.popup(package),
                Message::Dismiss,
            )
        });
        screen.overlay(popup)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        let mut effects = Effects::none();
        self.popup = None;
        match message {
            Message::Open(package) => {
                self.drawer = None;
                effects = effects
                    .hide_keyboard()
                    .start(Intent::launch(package).in_new_task());
            }
            Message::Press(package) => self.popup = Some(package),
            Message::Info(package) => {
                let page = Intent::action("android.settings.APPLICATION_DETAILS_SETTINGS")
                    .data(format!("package:{package}"));
                effects = effects.start(page.in_new_task());
            }
            Message::Dismiss => {}
            Message::Drawer => self.drawer = Some(String::new()),
            Message::CloseDrawer => {
                self.drawer = None;
                effects = effects.hide_keyboard();
            }
            Message::Search(query) => self.drawer = Some(query),
            Message::SearchBar => {
                self.drawer = Some(String::new());
                effects = effects.focus("input");
            }
            Message::Find => {
                let query = self.drawer.clone().unwrap_or_default();
                if let Some(app) = found(system, &query).first()
                    && !query.trim().is_empty()
                {
                    self.drawer = None;
                    effects = effects
                        .hide_keyboard()
                        .start(Intent::launch(app.package).in_new_task());
                }
            }
        }
        effects
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        self.drawer = None;
        Effects::none()
    }

    fn on_pause(&mut self, _system: &mut System) {
        self.popup = None;
    }

    fn on_new_intent(&mut self, _system: &mut System, _intent: &Intent) -> Effects {
        self.drawer = None;
        self.popup = None;
        Effects::none()
    }
}

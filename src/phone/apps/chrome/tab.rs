//! Chrome's tab: the address above, the page below.

use super::page::{Page, PageMessage};
use super::{FIRST_RUN, PACKAGE, is_ready};
use crate::phone::providers::documents::path_of;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, ImeAction, Length, Overlay, OverlayKind, Screen, Widget,
    column, icon_button, list, menu, menu_item, row, scroll, stretch, text, text_field,
};

/// Request number of the first-run pages.
const WELCOME: u32 = 1;
/// Pages that are read at most, in bytes.
const MOST: usize = 1 << 20;

/// A touch.
#[derive(Debug, Clone)]
pub enum Message {
    /// Typed into the address.
    Address(String),
    /// Goes there.
    Go,
    /// To the page of a new tab.
    Home,
    /// Opens or closes the menu.
    Menu(bool),
    /// Reads the page again.
    Reload,
    /// On the page.
    Page(PageMessage),
}

/// The activity.
pub struct Tab {
    url: Option<String>,
    /// What the address field holds.
    address: String,
    page: Option<Page>,
    menu: bool,
    /// The first-run pages were shown since this started.
    welcomed: bool,
}

impl Tab {
    fn load(&mut self, system: &System, url: Option<String>) {
        self.address = url.clone().unwrap_or_default();
        self.page = url.as_deref().map(|url| read(system, url));
        self.url = url;
    }
}

/// The page of an address. Nothing lies beyond the phone's own files.
fn read(system: &System, url: &str) -> Page {
    let html = path_of(url).and_then(|path| system.files.read_text(&path).ok());
    match html.filter(|html| html.len() <= MOST) {
        Some(html) => Page::new(&html),
        None => Page::new("<body><p>This site can’t be reached</p><p>ERR_FILE_NOT_FOUND</p>"),
    }
}

impl Activity for Tab {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> Tab {
        let mut tab = Tab {
            url: None,
            address: String::new(),
            page: None,
            menu: false,
            welcomed: false,
        };
        tab.load(system, intent.data.clone());
        tab
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        if is_ready(system) || std::mem::replace(&mut self.welcomed, true) {
            return Effects::none();
        }
        Effects::none().start_for_result(WELCOME, Intent::activity(PACKAGE, FIRST_RUN))
    }

    fn on_result(
        &mut self,
        system: &mut System,
        _request: u32,
        _result: Option<Intent>,
    ) -> Effects {
        match is_ready(system) {
            true => Effects::none(),
            false => Effects::none().finish(),
        }
    }

    fn on_new_intent(&mut self, system: &mut System, intent: &Intent) -> Effects {
        if intent.data.is_some() {
            self.load(system, intent.data.clone());
        }
        Effects::none()
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let sign = |sign: Icon, id: &'static str, words: &'static str, message: Message| {
            icon_button(sign, words).id(id).on_tap(message)
        };
        let address = text_field(self.address.clone(), "Search or type web address")
            .id("url_bar")
            .ime(ImeAction::Go)
            .weight_width(1.0)
            .on_change(Message::Address)
            .on_enter(Message::Go);
        let bar = row(vec![
            sign(Icon::Home, "home_button", "Home", Message::Home),
            row(vec![
                icon_button(Icon::Info, "")
                    .id("location_bar_status_icon")
                    .class("android.widget.ImageView")
                    .padding(8.0)
                    .decoration(),
                address,
            ])
            .id("location_bar")
            .class("android.widget.FrameLayout")
            .rounded(Color::SURFACE_RAISED, 24.0)
            .weight_width(1.0),
            sign(
                Icon::Apps,
                "tab_switcher_button",
                "Switch or close tabs",
                Message::Home,
            ),
            sign(
                Icon::More,
                "menu_button",
                "More options",
                Message::Menu(true),
            ),
        ])
        .id("toolbar")
        .class("android.widget.FrameLayout")
        .height(Length::Dp(60.0))
        .padding_symmetric(2.0, 0.0);
        let content = match &self.page {
            Some(page) => list(vec![
                column(
                    page.view()
                        .into_iter()
                        .map(|part| part.map(&Message::Page))
                        .collect(),
                )
                .class("android.view.View")
                .gap(12.0)
                .padding(16.0),
            ])
            .class("android.webkit.WebView")
            .spoken(page.title.clone())
            .key("page"),
            None => scroll(vec![new_tab()]),
        };
        let root = column(vec![
            row(vec![bar])
                .id("toolbar_container")
                .class("android.widget.FrameLayout"),
            column(vec![content.weight_height(1.0).fill_width()])
                .id("compositor_view_holder")
                .class("android.widget.FrameLayout")
                .background(Color::WHITE)
                .weight_height(1.0),
        ])
        .fill();
        let items = || {
            menu(vec![
                menu_item("New tab", Message::Home),
                menu_item("Refresh", Message::Reload),
            ])
        };
        Screen::new(root).overlay(
            self.menu
                .then(|| Overlay::new(OverlayKind::OverflowMenu, items(), Message::Menu(false))),
        )
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        self.menu = false;
        let none = Effects::none();
        match message {
            Message::Address(address) => self.address = address,
            Message::Go => {
                let address = self.address.trim().to_owned();
                self.load(system, Some(address).filter(|address| !address.is_empty()));
                return none.hide_keyboard();
            }
            Message::Home => self.load(system, None),
            Message::Menu(open) => self.menu = open,
            Message::Reload => self.load(system, self.url.clone()),
            Message::Page(message) => {
                if let Some(page) = &mut self.page {
                    page.update(message);
                }
            }
        }
        none
    }
}

/// The page of a new tab.
fn new_tab() -> Widget<Message> {
    column(vec![
        text("Google").text_size(40.0).bold().color(Color::ACCENT),
        row(vec![
            text("Search or type web address")
                .id("search_box_text")
                .color(Color::TEXT_SECONDARY)
                .padding(14.0),
            stretch(),
        ])
        .rounded(Color::SURFACE_RAISED, 24.0),
    ])
    .cross(Align::Center)
    .gap(24.0)
    .padding_edges(24.0, 80.0, 24.0, 24.0)
}

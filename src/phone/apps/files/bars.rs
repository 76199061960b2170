//! What stands above the list: the tool bar, the bar over a selection, the search, the way to the folder,
//! the filters; and the drawer of roots.

use super::browser::{Browser, Deed, Message};
use super::documents::Chip;
use crate::phone::apps::entries::same;
use crate::phone::ui::{
    Color, Icon, ImeAction, Length, Overlay, OverlayKind, Widget, bar_row, bar_title, column,
    horizontal_list, icon, icon_button, list, overflow_button, row, text, text_field,
    toolbar_action,
};

/// The three dots.
fn more() -> Widget<Message> {
    overflow_button(Message::Menu)
}

fn bar(children: Vec<Widget<Message>>) -> Widget<Message> {
    bar_row(60.0, children).id("toolbar")
}

fn roots_button() -> Widget<Message> {
    icon_button(Icon::Menu, "Show roots").on_tap(Message::Roots)
}

/// The bar over a selection.
fn selection(browser: &Browser) -> Widget<Message> {
    bar(vec![
        icon_button(Icon::Close, "Done")
            .id("android:id/action_mode_close_button")
            .on_tap(Message::ChooseNone),
        bar_title(format!("{} selected", browser.chosen.len())),
        toolbar_action(Icon::Share, "Share", Message::Do(Deed::Share)).id("action_menu_share"),
        toolbar_action(Icon::Delete, "Delete", Message::Do(Deed::Delete)).id("action_menu_delete"),
        more(),
    ])
    .background(Color::ACCENT_PALE)
}

fn tool_bar(browser: &Browser) -> Widget<Message> {
    if let Some(words) = &browser.search {
        return bar(vec![
            icon_button(Icon::Back, "Back").on_tap(Message::LeaveSearch),
            text_field(words.clone(), "Search this phone")
                .id("search_src_text")
                .ime(ImeAction::Search)
                .weight_width(1.0)
                .on_change(Message::Words),
        ]);
    }
    if browser.is_at_root() {
        let field = text("Search this phone")
            .id("searchbar_title")
            .color(Color::TEXT_SECONDARY)
            .weight_width(1.0)
            .padding_symmetric(8.0, 12.0)
            .on_tap(Message::Search);
        return bar(vec![roots_button(), field, more()])
            .height(Length::Dp(52.0))
            .margin_edges(12.0, 6.0, 12.0, 2.0)
            .rounded(Color::SURFACE_RAISED, 26.0);
    }
    let name = browser
        .folder
        .as_deref()
        .map_or(String::new(), |folder| browser.folder_title(folder));
    bar(vec![
        roots_button(),
        bar_title(name),
        toolbar_action(Icon::Search, "Search", Message::Search).id("option_menu_search"),
        more(),
    ])
}

/// The way from the root to the folder.
fn way(browser: &Browser) -> Option<Widget<Message>> {
    if browser.is_at_root() || browser.folder.is_none() {
        return None;
    }
    let mut steps = Vec::new();
    for folder in browser.way() {
        if !steps.is_empty() {
            steps.push(icon(Icon::ChevronRight, 16.0).id("breadcrumb_arrow"));
        }
        let here = browser
            .folder
            .as_deref()
            .is_some_and(|shown| same(shown, &folder));
        let color = match here {
            true => Color::ACCENT,
            false => Color::TEXT_SECONDARY,
        };
        let step = text(browser.folder_title(&folder))
            .id("breadcrumb_text")
            .text_size(14.0)
            .color(color)
            .padding_symmetric(8.0, 12.0)
            .on_tap(Message::Folder(folder));
        steps.push(step);
    }
    Some(
        horizontal_list(vec![row(steps).width(Length::Wrap).decoration()])
            .id("horizontal_breadcrumb")
            .class("androidx.recyclerview.widget.RecyclerView")
            .padding_symmetric(12.0, 0.0),
    )
}

fn chips(browser: &Browser) -> Widget<Message> {
    let chips = Chip::ALL
        .iter()
        .zip(browser.chips)
        .enumerate()
        .map(|(index, ((_, label), on))| {
            let look = text(*label)
                .class("android.widget.CompoundButton")
                .text_size(14.0)
                .padding_symmetric(14.0, 8.0)
                .border(1.0, Color::OUTLINE);
            let color = Color::chosen(on);
            look.rounded(color, 16.0)
                .checked(on)
                .on_tap(Message::Chip(index))
        })
        .collect();
    let group = row(chips)
        .id("search_chip_group")
        .class("android.view.ViewGroup")
        .width(Length::Wrap)
        .gap(8.0)
        .padding_symmetric(16.0, 6.0);
    horizontal_list(vec![group])
}

/// Everything above the list.
pub fn top(browser: &Browser) -> Vec<Widget<Message>> {
    let first = match browser.chosen.is_empty() {
        true => tool_bar(browser),
        false => selection(browser),
    };
    let mut parts = vec![first];
    parts.extend(way(browser));
    if browser.is_at_root() || browser.search.is_some() {
        parts.push(chips(browser));
    }
    parts
}

/// The drawer, while it is open.
pub fn drawer(browser: &Browser) -> Option<Overlay<Message>> {
    let rows = browser
        .drawer
        .as_ref()?
        .iter()
        .map(|(root, name, summary)| {
            let mut words = vec![text(name.clone()).id("android:id/title").max_lines(1)];
            words.extend(
                summary
                    .clone()
                    .map(|summary| text(summary).id("android:id/summary").quiet(13.0)),
            );
            let here = *root == browser.root;
            let color = Color::chosen(here);
            row(vec![
                icon(root.icon(), 24.0).id("android:id/icon"),
                column(words).decoration().weight_width(1.0),
            ])
            .gap(24.0)
            .min_height(56.0)
            .padding_symmetric(20.0, 6.0)
            .selected(here)
            .background(color)
            .on_tap(Message::Root(*root))
        })
        .collect();
    let content = column(vec![
        text("Files")
            .text_size(22.0)
            .fill_width()
            .padding_edges(20.0, 18.0, 20.0, 18.0),
        list(rows)
            .id("roots_list")
            .class("android.widget.ListView")
            .weight_height(1.0),
    ])
    .id("drawer_roots")
    .background(Color::SURFACE)
    .width(Length::Dp(300.0))
    .height(Length::Fill);
    Some(Overlay::new(OverlayKind::Drawer, content, Message::Dismiss))
}

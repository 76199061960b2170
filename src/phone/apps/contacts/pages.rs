//! What the list's activity shows: its rows, the search, the other two pages, and the first start.

use super::look;
use super::people::Message;
use crate::phone::providers::contacts::Contact;
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, Length, Widget, bar_row, button, column, filled_button, icon,
    icon_button, initial, list, row, spacer, stretch, text, text_field, toolbar_action,
};

/// The page that asks to sign in.
pub fn promo() -> Widget<Message> {
    column(vec![
        row(vec![
            stretch(),
            button("Skip").id("right_button").on_tap(Message::Skip),
        ])
        .decoration(),
        column(vec![
            icon(Icon::Person, 96.0).color(Color::ACCENT).decoration(),
            text("Back up and sync your contacts")
                .id("title")
                .text_size(24.0)
                .text_align(Align::Center),
            text("Sign in to keep your contacts safe and to see them on all your devices")
                .id("body")
                .color(Color::TEXT_SECONDARY)
                .text_align(Align::Center),
            filled_button("Sign in")
                .id("sign_in_button")
                .on_tap(Message::SignIn),
        ])
        .decoration()
        .cross(Align::Center)
        .main(Align::Center)
        .gap(20.0)
        .padding(32.0)
        .weight_height(1.0),
    ])
    .id("promo_container")
    .padding(8.0)
    .fill()
}

/// The bar that opens the search.
pub fn search_bar() -> Widget<Message> {
    row(vec![
        icon(Icon::Search, 24.0).decoration(),
        text("Search contacts")
            .id("open_search_bar_text_view")
            .color(Color::TEXT_SECONDARY)
            .max_lines(1)
            .weight_width(1.0),
        icon(Icon::Person, 22.0)
            .id("selected_account_disc")
            .class("android.widget.FrameLayout")
            .description("Account and settings")
            .color(Color::WHITE)
            .padding(9.0)
            .rounded(Color::ACCENT, 20.0)
            .on_tap(Message::Account),
    ])
    .id("open_search_bar")
    .class("android.view.ViewGroup")
    .gap(14.0)
    .padding_edges(16.0, 0.0, 8.0, 0.0)
    .height(Length::Dp(56.0))
    .rounded(Color::SURFACE_RAISED, 28.0)
    .margin_edges(16.0, 8.0, 16.0, 8.0)
    .on_tap(Message::Search(String::new()))
}

/// The search with what it finds.
pub fn search(words: &str, contacts: &[Contact]) -> Widget<Message> {
    let mut field = vec![
        icon_button(Icon::Back, "Back").on_tap(Message::CloseSearch),
        text_field(words.to_owned(), "Search contacts")
            .id("open_search_view_edit_text")
            .ime(ImeAction::Search)
            .on_change(Message::Search)
            .weight_width(1.0),
    ];
    if !words.is_empty() {
        field.push(
            icon_button(Icon::Close, "Clear text")
                .id("open_search_view_clear_button")
                .on_tap(Message::Search(String::new())),
        );
    }
    let found: Vec<&Contact> = contacts
        .iter()
        .filter(|contact| !words.trim().is_empty() && fits(contact, words))
        .collect();
    let below = if found.is_empty() && !words.trim().is_empty() {
        column(vec![
            text("No contacts found")
                .id("message")
                .color(Color::TEXT_SECONDARY),
        ])
        .decoration()
        .cross(Align::Center)
        .padding(32.0)
        .weight_height(1.0)
    } else {
        let rows = found
            .into_iter()
            .map(|contact| {
                person(contact, detail(contact, words), None, false)
                    .on_tap(Message::Open(contact.id))
            })
            .collect();
        list(rows)
            .class("android.widget.ListView")
            .id("android:id/list")
            .weight_height(1.0)
    };
    column(vec![
        bar_row(64.0, field)
            .id("open_search_view_toolbar")
            .background(Color::SURFACE_RAISED),
        below,
    ])
    .id("open_search_view_root")
    .class("android.widget.FrameLayout")
    .fill()
}

/// Whether a word of the name or company, a number or an address begins with what is searched.
fn fits(contact: &Contact, words: &str) -> bool {
    let words = words.trim().to_lowercase();
    let name = format!("{} {}", contact.display_name(), contact.company).to_lowercase();
    let in_name = name.starts_with(&words)
        || name
            .match_indices(char::is_whitespace)
            .any(|(place, _)| name[place..].trim_start().starts_with(&words));
    in_name || detail(contact, &words).is_some()
}

/// The number or address that is meant, when it is one.
fn detail(contact: &Contact, words: &str) -> Option<String> {
    let words = words.trim().to_lowercase();
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let number = digits(&words);
    let is_number = !number.is_empty() && !words.chars().any(char::is_alphabetic);
    contact
        .phones
        .iter()
        .find(|phone| is_number && digits(&phone.value).contains(&number))
        .or_else(|| {
            contact
                .emails
                .iter()
                .find(|email| email.value.to_lowercase().starts_with(&words))
        })
        .map(|found| found.value.clone())
}

/// One row. `header` is the letter at its left.
fn person(
    contact: &Contact,
    detail: Option<String>,
    header: Option<String>,
    chosen: bool,
) -> Widget<Message> {
    let name = contact.display_name();
    let shown = if name.is_empty() {
        "(No name)".to_owned()
    } else {
        name.clone()
    };
    let mut words = vec![text(shown).id("cliv_name_textview").max_lines(1)];
    words.extend(detail.map(|detail| text(detail).id("cliv_data_view").quiet(14.0).max_lines(1)));
    let picture = if chosen {
        icon(Icon::Check, 22.0)
            .color(Color::WHITE)
            .padding(9.0)
            .rounded(Color::ACCENT, 20.0)
    } else {
        look::picture(contact.id, &name, 40.0)
    };
    let header = header.map_or_else(
        || spacer(24.0),
        |header| {
            text(header)
                .color(Color::ACCENT)
                .text_align(Align::Center)
                .width(Length::Dp(24.0))
        },
    );
    row(vec![
        header,
        picture.id("cliv_photo").decoration(),
        column(words).decoration().gap(2.0).weight_width(1.0),
    ])
    .class("android.view.ViewGroup")
    .gap(16.0)
    .min_height(60.0)
    .padding_symmetric(16.0, 8.0)
    .background(Color::chosen(chosen))
    .selected(chosen)
}

/// The rows of all people, favourites first, or what is said when there is nobody.
pub fn people(contacts: &[Contact], chosen: &std::collections::BTreeSet<i64>) -> Widget<Message> {
    if contacts.is_empty() {
        return column(vec![
            icon(Icon::Person, 72.0).color(Color::OUTLINE).decoration(),
            text("No contacts in this account")
                .id("message")
                .color(Color::TEXT_SECONDARY),
        ])
        .decoration()
        .cross(Align::Center)
        .main(Align::Center)
        .gap(16.0)
        .fill();
    }
    let selecting = !chosen.is_empty();
    let mut rows = Vec::new();
    let mut last = None;
    let favourites = contacts.iter().filter(|contact| contact.starred);
    let all = favourites.map(|contact| (contact, true));
    let all = all.chain(contacts.iter().map(|contact| (contact, false)));
    for (contact, favourite) in all {
        let letter = match initial(&contact.display_name()) {
            _ if favourite => '★',
            Some(letter) => letter,
            None => '#',
        };
        let header = (last != Some(letter)).then(|| letter.to_string());
        last = Some(letter);
        let message = if selecting {
            Message::Choose(contact.id)
        } else {
            Message::Open(contact.id)
        };
        let is_chosen = chosen.contains(&contact.id);
        rows.push(
            person(contact, None, header, is_chosen)
                .on_tap(message)
                .on_long_press(Message::Choose(contact.id)),
        );
    }
    list(rows)
        .class("android.widget.ListView")
        .id("android:id/list")
        .padding_edges(0.0, 0.0, 0.0, 88.0)
}

/// The bar while people are chosen.
pub fn choice_bar(count: usize) -> Widget<Message> {
    row(vec![
        icon_button(Icon::Close, "Clear selection").on_tap(Message::ClearChosen),
        text(count.to_string())
            .id("selection_count_text")
            .text_size(20.0)
            .weight_width(1.0)
            .margin_edges(12.0, 0.0, 0.0, 0.0),
        toolbar_action(Icon::Delete, "Delete", Message::AskDelete).id("menu_delete"),
    ])
    .id("selection_bar")
    .class("android.view.ViewGroup")
    .height(Length::Dp(72.0))
    .padding_symmetric(8.0, 0.0)
}

/// The page of favourites.
pub fn highlights(contacts: &[Contact]) -> Widget<Message> {
    let mut rows = vec![
        text("Favorites")
            .text_size(18.0)
            .bold()
            .padding_edges(20.0, 16.0, 20.0, 8.0),
    ];
    let favourites = contacts.iter().filter(|contact| contact.starred);
    rows.extend(
        favourites
            .map(|contact| person(contact, None, None, false).on_tap(Message::Open(contact.id))),
    );
    if rows.len() == 1 {
        rows.push(
            text("Star a contact to find it here")
                .color(Color::TEXT_SECONDARY)
                .padding_symmetric(20.0, 8.0),
        );
    }
    list(rows).id("highlights_list")
}

/// The page with tools.
pub fn organize() -> Widget<Message> {
    let entries: [(&'static str, Icon, &'static str); 5] = [
        ("Merge & fix", Icon::Refresh, "No suggestions right now"),
        ("Import from file", Icon::ArrowDown, "No file to import"),
        ("Export to file", Icon::ArrowUp, "Nothing was exported"),
        ("Blocked numbers", Icon::Stop, "No number is blocked"),
        ("Settings", Icon::Settings, "There is no account to set up"),
    ];
    let mut rows = vec![
        text("This device")
            .text_size(18.0)
            .bold()
            .padding_edges(20.0, 16.0, 20.0, 8.0),
    ];
    rows.extend(entries.map(|(words, sign, answer)| {
        row(vec![
            icon(sign, 24.0).decoration(),
            text(words).id("title").weight_width(1.0),
        ])
        .class("android.view.ViewGroup")
        .gap(20.0)
        .min_height(60.0)
        .padding_symmetric(20.0, 8.0)
        .on_tap(Message::Say(answer))
    }));
    list(rows).id("organize_list")
}

/// The dialog behind the round picture of the account.
pub fn account() -> Widget<Message> {
    column(vec![
        text("Contacts")
            .text_size(20.0)
            .text_align(Align::Center)
            .fill_width(),
        spacer(8.0),
        button("Sign in").fill_width().on_tap(Message::SignIn),
        button("Close").fill_width().on_tap(Message::Dismiss),
    ])
    .width(Length::Dp(300.0))
    .padding(20.0)
    .rounded(Color::SURFACE, 24.0)
}

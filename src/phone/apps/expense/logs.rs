//! Pro Expense's list of all expenses: rows that slide aside to show a bin, and a selection of several.

use std::collections::BTreeSet;

use super::Message;
use super::database::Expense;
use super::home::entry;
use super::theme::{BLUE, DIM, LIGHT, PANEL, bar, label, sign};
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, Length, Widget, blank, column, icon, icon_button, list, row, stack, stretch,
};

/// The page; `revealed` is the row that was slid aside, `chosen` the selection.
pub fn view(
    expenses: &[Expense],
    revealed: Option<i64>,
    chosen: &BTreeSet<i64>,
    system: &System,
) -> Widget<Message> {
    let top = if chosen.is_empty() {
        let filter = sign(Icon::Sort, "Filter", Message::Filter)
            .class("android.widget.Button")
            .id("filter");
        bar(
            "tb_expense",
            (Icon::Menu, Message::Drawer(true)),
            "Expense Logs",
            range(expenses, system),
            vec![filter],
        )
    } else {
        let delete = sign(Icon::Delete, "Delete", Message::AskDeleteChosen)
            .class("android.widget.Button")
            .id("delete");
        let title = match chosen.len() {
            1 => "1 item".to_owned(),
            count => format!("{count} items"),
        };
        bar(
            "tb_expense",
            (Icon::Back, Message::Up),
            title,
            "",
            vec![delete],
        )
    };
    let content = if expenses.is_empty() {
        column(vec![
            stretch(),
            label("NO EXPENSE LOGS").id("tv_no_expense_logs").color(DIM),
            stretch(),
        ])
        .id("layout_no_data")
        .cross(Align::Center)
        .weight_height(1.0)
    } else {
        let rows = expenses
            .iter()
            .map(|expense| {
                item(
                    expense,
                    revealed == Some(expense.id),
                    chosen.contains(&expense.id),
                    !chosen.is_empty(),
                    system,
                )
            })
            .collect();
        list(rows).id("rv_expense").gap(6.0).weight_height(1.0)
    };
    column(vec![top, content]).fill()
}

/// The dates that the list covers.
fn range(expenses: &[Expense], system: &System) -> String {
    let dates = expenses.iter().map(|expense| expense.modified);
    let (Some(first), Some(last)) = (dates.clone().min(), dates.max()) else {
        return String::new();
    };
    let text = |millis: i64| {
        system
            .clock
            .at_micros(millis.saturating_mul(1_000))
            .strftime("%b %-d, %Y")
            .to_string()
    };
    format!("{} - {}", text(first), text(last))
}

fn item(
    expense: &Expense,
    revealed: bool,
    chosen: bool,
    choosing: bool,
    system: &System,
) -> Widget<Message> {
    let id = expense.id;
    let front = entry(expense, system)
        .id("cd_expense")
        .class("android.widget.RelativeLayout")
        .padding_symmetric(16.0, 10.0);
    let tap = match (choosing, revealed) {
        (true, _) => Message::Choose(id),
        (false, true) => Message::Reveal(None),
        (false, false) => Message::Details(id),
    };
    // The view that lies over a row and takes its touches.
    let cover = blank()
        .id("view_bg")
        .fill()
        .on_tap(tap)
        .on_long_press(Message::Reveal(Some(id)))
        .on_swipe_left(Message::Reveal(Some(id)))
        .on_swipe_right(Message::Choose(id));
    if revealed {
        let bin = icon_button(Icon::Delete, "")
            .class("android.widget.ImageView")
            .id("imv_delete_icon")
            .color(Color::rgb(0xFF_8A80))
            .size(72.0, 60.0)
            .padding(18.0)
            .on_tap(Message::AskDelete(vec![id]));
        return row(vec![
            stack(vec![front, cover]).decoration().weight_width(1.0),
            stack(vec![bin]).id("fl_back").width(Length::Wrap),
        ])
        .class("android.widget.FrameLayout")
        .background(PANEL);
    }
    let mut layers = vec![front, cover];
    if chosen {
        layers.push(
            icon(Icon::Check, 24.0)
                .id("imv_check")
                .color(BLUE)
                .place(Align::Start, Align::Center)
                .margin_edges(24.0, 0.0, 0.0, 0.0),
        );
    }
    stack(layers)
        .fill_width()
        .background(if chosen { LIGHT.with_alpha(40) } else { PANEL })
}

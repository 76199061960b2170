//! Pro Expense's home page: totals and a graph of this week, and the latest expenses.

use jiff::ToSpan;
use jiff::civil::Date;

use super::database::{Expense, INCOME};
use super::form::category_icon;
use super::format::{amount_text, date_text};
use super::theme::{BLUE, DIM, LIGHT, PANEL, bar, dim, label, panel};
use super::{Message, Page};
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, Length, Shape, Widget, button, canvas, column, icon, list, row, stack,
    stretch,
};

/// How many of the latest expenses are shown.
const RECENT: usize = 4;

/// The page.
pub fn view(expenses: &[Expense], system: &System) -> Widget<Message> {
    let today = system.clock.now().date();
    let start = today
        .checked_sub(i64::from(today.weekday().to_sunday_zero_offset()).days())
        .unwrap_or(today);
    let date_of = |expense: &Expense| {
        system
            .clock
            .at_micros(expense.modified.saturating_mul(1_000))
            .date()
    };
    let week: Vec<(&Expense, Date)> = expenses
        .iter()
        .map(|expense| (expense, date_of(expense)))
        .filter(|(_, date)| *date >= start)
        .collect();
    let end = start.checked_add(6.days()).unwrap_or(start);
    let range = format!("{} - {}", start.strftime("%b %-d"), end.strftime("%b %-d")).to_uppercase();
    let add = |income: bool| -> i64 {
        week.iter()
            .filter(|(expense, _)| (expense.category == INCOME) == income)
            .fold(0, |sum, (expense, _)| sum.saturating_add(expense.amount))
    };
    let mut days = [0_i64; 7];
    for (expense, date) in &week {
        let day = date.weekday().to_sunday_zero_offset();
        if let Some(sum) = usize::try_from(day).ok().and_then(|day| days.get_mut(day))
            && expense.category != INCOME
        {
            *sum = sum.saturating_add(expense.amount);
        }
    }
    let mut recent: Vec<&Expense> = expenses.iter().collect();
    recent.sort_by_key(|expense| std::cmp::Reverse(expense.modified));
    recent.truncate(RECENT);
    column(vec![
        bar(
            "toolbar",
            (Icon::Menu, Message::Drawer(true)),
            "Home",
            "",
            vec![],
        ),
        list(vec![
            totals(&range, add(true), add(false)),
            graph(&range, &days),
            recent_card(&recent, system),
        ])
        .id("rv_home")
        .weight_height(1.0),
    ])
    .fill()
}

fn totals(range: &str, income: i64, outcome: i64) -> Widget<Message> {
    let part = |name: &'static str, value: i64, ids: [&'static str; 3]| {
        row(vec![
            dim(name).id(ids[0]).weight_width(1.0),
            label(amount_text(value)).id(ids[1]),
            dim("USD").id(ids[2]).margin_edges(6.0, 0.0, 0.0, 0.0),
        ])
    };
    panel(vec![
        heading("Totals", "tv_expense_in_out_title", range),
        part(
            "Income",
            income,
            ["tv_income", "tv_income_value", "tv_income_symobol"],
        ),
        part(
            "Outcome",
            outcome,
            ["tv_outcome", "tv_outcome_value", "tv_outcome_symbol"],
        ),
    ])
    .gap(6.0)
}

fn heading(title: &'static str, id: &'static str, range: &str) -> Widget<Message> {
    row(vec![
        label(title).id(id).bold().weight_width(1.0),
        dim(range.to_owned()).id("tv_date_range").text_size(12.0),
    ])
}

fn graph(range: &str, days: &[i64; 7]) -> Widget<Message> {
    let most = days.iter().copied().max().unwrap_or(0).max(1) as f32;
    let bars = days
        .iter()
        .enumerate()
        .map(|(day, amount)| {
            let height = 4.0 + 96.0 * (*amount as f32 / most);
            Shape::Rectangle {
                at: [day as f32 * 50.0 + 16.0, 108.0 - height, 18.0, height],
                radius: 3.0,
                color: if *amount > 0 {
                    BLUE
                } else {
                    DIM.with_alpha(90)
                },
            }
        })
        .collect();
    panel(vec![
        heading("Expenses in this Week", "tv_title", range),
        canvas(350.0, 112.0, bars).id("expense_graph"),
    ])
    .gap(6.0)
}

fn recent_card(recent: &[&Expense], system: &System) -> Widget<Message> {
    let rows = recent
        .iter()
        .map(|expense| {
            entry(expense, system)
                .id("cd_expense")
                .class("android.widget.RelativeLayout")
                .on_tap(Message::Details(expense.id))
        })
        .collect();
    panel(vec![
        label("Recent").id("tv_recent_lists").bold(),
        list(rows).id("rv_recent_lists").height(Length::Wrap),
        row(vec![
            stretch(),
            button("MORE")
                .id("btn_more_logs")
                .color(BLUE)
                .on_tap(Message::Page(Page::Logs)),
        ]),
    ])
}

/// A row of an expense: category, name and date, amount.
pub fn entry(expense: &Expense, system: &System) -> Widget<Message> {
    let date = system
        .clock
        .at_micros(expense.modified.saturating_mul(1_000));
    let color = if expense.category == INCOME {
        Color::rgb(0x7B_D88F)
    } else {
        LIGHT
    };
    row(vec![
        stack(vec![
            icon(category_icon(expense.category), 22.0)
                .id("imv_category")
                .color(LIGHT)
                .place(Align::Center, Align::Center),
        ])
        .id("cv_category")
        .class("androidx.cardview.widget.CardView")
        .size(40.0, 40.0)
        .rounded(BLUE.with_alpha(120), 20.0),
        column(vec![
            label(expense.name.clone()).id("tv_name").max_lines(1),
            dim(date_text(&date, &system.clock.now()))
                .id("tv_date")
                .text_size(12.0),
        ])
        .decoration()
        .weight_width(1.0),
        row(vec![
            label(amount_text(expense.amount))
                .id("tv_amount")
                .color(color),
            dim("USD").id("tv_currency_symbol").text_size(12.0),
        ])
        .id("linear_amount")
        .gap(6.0)
        .width(Length::Wrap),
    ])
    .gap(12.0)
    .padding_symmetric(4.0, 8.0)
    .background(PANEL)
}

//! Pro Expense's sheets from below: an expense's details, the question before deleting, the filter.

use super::Message;
use super::database::{Expense, category_name};
use super::format::{amount_text, date_text};
use super::theme::{DIM, PANEL, dim, label, sign, wide_button};
use crate::phone::system::System;
use crate::phone::ui::{Align, Icon, Length, Widget, button, column, radio, row, stretch};

/// A sheet that is open.
#[derive(Debug, Clone)]
pub enum Sheet {
    /// What is known of an expense.
    Details(Expense),
    /// Whether to delete these.
    Delete(Vec<i64>),
    /// The order of the list: oldest first, or newest first.
    Filter(bool),
}

impl Sheet {
    /// The sheet's content.
    pub fn view(&self, system: &System) -> Widget<Message> {
        let content = match self {
            Sheet::Details(expense) => details(expense, system),
            Sheet::Delete(ids) => delete(ids),
            Sheet::Filter(ascending) => filter(*ascending),
        };
        content
            .id("design_bottom_sheet")
            .class("android.widget.FrameLayout")
            .gap(10.0)
            .padding_edges(20.0, 12.0, 20.0, 20.0)
            .background(PANEL)
    }
}

fn line(name: &'static str, value: Widget<Message>) -> Widget<Message> {
    column(vec![dim(name), value]).decoration().gap(2.0)
}

fn details(expense: &Expense, system: &System) -> Widget<Message> {
    let date = system
        .clock
        .at_micros(expense.modified.saturating_mul(1_000));
    let mut content = vec![
        row(vec![
            sign(Icon::Close, "", Message::CloseSheet).id("btn_close"),
            label("Expense Detail")
                .id("tv_expense_detail")
                .text_align(Align::Center)
                .weight_width(1.0),
            sign(Icon::Delete, "", Message::AskDelete(vec![expense.id]))
                .class("android.widget.ImageView")
                .id("btn_delete"),
        ]),
        label(expense.name.clone())
            .id("tv_name_value")
            .text_size(22.0)
            .bold(),
        line(
            "Category",
            label(category_name(expense.category)).id("tv_category_value"),
        ),
        line(
            "Amount",
            row(vec![
                label(amount_text(expense.amount)).id("tv_amount_value"),
                dim("USD").id("tv_currency_symbol"),
            ])
            .decoration()
            .gap(6.0),
        ),
        line(
            "Date",
            label(date_text(&date, &system.clock.now())).id("tv_date_value"),
        ),
    ];
    if !expense.note.is_empty() {
        content.push(line(
            "Note",
            label(expense.note.clone()).id("tv_note_value"),
        ));
    }
    content.push(wide_button("EDIT", Message::Edit(expense.id)).id("btn_edit"));
    column(content)
}

fn delete(ids: &[i64]) -> Widget<Message> {
    let items = match ids.len() {
        1 => "item ".to_owned(),
        count => format!("{count} items "),
    };
    column(vec![
        row(vec![
            label("Delete Items")
                .id("tv_delete_item")
                .text_size(20.0)
                .weight_width(1.0),
            sign(Icon::Close, "", Message::CloseSheet)
                .class("android.widget.ImageView")
                .id("imv_drop_close"),
        ]),
        row(vec![
            label(items).id("tv_items"),
            label("will be deleted!")
                .id("tv_delete_description")
                .color(DIM),
        ])
        .decoration(),
        wide_button("CONFIRM", Message::Delete(ids.to_vec())).id("btn_confirm"),
    ])
}

fn filter(ascending: bool) -> Widget<Message> {
    let order = |words: &'static str, value: bool| {
        row(vec![radio(value == ascending).decoration(), label(words)])
            .class("android.widget.RadioButton")
            .spoken(words)
            .checked(value == ascending)
            .width(Length::Wrap)
            .gap(6.0)
            .on_tap(Message::Order(value))
    };
    column(vec![
        label("Filter").id("tv_filter").text_size(20.0),
        row(vec![
            dim("Order"),
            stretch(),
            order("DESC", false),
            order("ASC", true),
        ])
        .gap(16.0),
        button("APPLY FILTER")
            .id("btn_apply")
            .fill_width()
            .on_tap(Message::ApplyFilter(ascending)),
    ])
}

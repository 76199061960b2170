//! The page of the categories, and the dialog that makes, renames or removes one.

use super::database::Category;
use super::list::Message;
use super::look;
use crate::phone::ui::{
    Align, Color, Icon, Overlay, Widget, alert, column, list, row, stack, text, text_field,
};

/// The dialog of one category.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CategoryDialog {
    /// What was entered.
    pub category: Category,
    /// Whether it warns that the next touch deletes.
    pub warned: bool,
}

impl CategoryDialog {
    /// Its window.
    pub fn window(&self) -> Overlay<Message> {
        let exists = self.category.id != 0;
        let mut content = vec![
            text_field(self.category.name.clone(), "Name")
                .id("category_name")
                .on_change(Message::CategoryName),
        ];
        if self.warned {
            content.push(
                text("Do you really want to delete this category?")
                    .id("delete_category_warning")
                    .color(Color::DANGER)
                    .margin_edges(0.0, 12.0, 0.0, 0.0),
            );
        }
        let title = if exists {
            "Edit category"
        } else {
            "Add category"
        };
        let dialog = alert(title)
            .content(content)
            .positive("SAVE", Message::SaveCategory)
            .negative("CANCEL", Message::Dismiss);
        match exists {
            true => dialog.neutral("DELETE", Message::DeleteCategory),
            false => dialog,
        }
        .overlay(Message::Dismiss)
    }
}

/// The page below its tool bar.
pub fn page(categories: &[Category]) -> Widget<Message> {
    let content = if categories.is_empty() {
        text("Create custom categories to manage your recipes.")
            .id("categories_empty")
            .text_size(20.0)
            .text_align(Align::Center)
            .padding(32.0)
            .place(Align::Center, Align::Center)
    } else {
        let rows = categories
            .iter()
            .map(|category| {
                row(vec![
                    text(category.name.clone())
                        .id("card_text_view_category_name")
                        .text_size(20.0)
                        .weight_width(1.0),
                ])
                .class("android.view.ViewGroup")
                .padding(16.0)
                .on_tap(Message::AskCategory(category.clone()))
            })
            .collect();
        list(rows)
            .id("recycler_view")
            .description("Categories")
            .child(look::end())
    };
    stack(vec![
        column(vec![content]).fill().decoration(),
        look::floating(
            Icon::Add,
            "fab_categories",
            "Add category",
            Message::AskCategory(Category::default()),
        ),
    ])
    .decoration()
    .fill_width()
    .weight_height(1.0)
}

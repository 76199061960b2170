//! The assistant for cooking: the ingredients, then one direction a page.

use super::database::{self, Recipe};
use super::details::lines;
use super::look::GREEN;
use super::recipe_in;
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Screen, Widget, blank, column, icon_button, row, scroll,
    stack, text,
};

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Leaves.
    Close,
    /// The page after this one.
    Next,
    /// The page before this one.
    Previous,
}

/// The activity.
pub struct CookingAssistant {
    id: i64,
    /// Titles and texts.
    pages: Vec<(String, String)>,
    page: usize,
}

fn pages(recipe: &Recipe) -> Vec<(String, String)> {
    let ingredients: Vec<&str> = lines(&recipe.ingredients).collect();
    let mut pages = Vec::new();
    if !ingredients.is_empty() {
        pages.push(("Ingredients".to_owned(), ingredients.join("\n")));
    }
    let directions = lines(&recipe.directions).enumerate();
    pages.extend(directions.map(|(index, line)| ((index + 1).to_string(), line.to_owned())));
    pages
}

impl CookingAssistant {
    fn load(&mut self, system: &System) -> Result<(), PhoneError> {
        let recipe = database::get(system, self.id)?.unwrap_or_default();
        self.pages = pages(&recipe);
        self.page = self.page.min(self.pages.len().saturating_sub(1));
        Ok(())
    }

    fn controls(&self) -> Widget<Message> {
        let dots = (0..self.pages.len())
            .map(|index| {
                let color = if index == self.page {
                    GREEN
                } else {
                    Color::OUTLINE
                };
                blank()
                    .id("cooking_assistant_control")
                    .class("android.widget.ImageView")
                    .size(12.0, 12.0)
                    .rounded(color, 6.0)
            })
            .collect();
        row(dots)
            .id("cooking_assistant_controls")
            .main(Align::Center)
            .gap(16.0)
            .padding(24.0)
    }
}

impl Activity for CookingAssistant {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> CookingAssistant {
        CookingAssistant {
            id: recipe_in(intent),
            pages: Vec::new(),
            page: 0,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        let loaded = self.load(system);
        Effects::unless_gone(loaded.map(|()| !self.pages.is_empty()))
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let (title, words) = self.pages.get(self.page).cloned().unwrap_or_default();
        let page = column(vec![
            text(title)
                .id("cooking_assistant_title")
                .text_size(24.0)
                .color(GREEN)
                .text_align(Align::Center)
                .fill_width()
                .padding(32.0),
            scroll(vec![
                text(words)
                    .id("cooking_assistant_text")
                    .text_size(22.0)
                    .text_align(Align::Center)
                    .fill_width(),
            ])
            .weight_height(1.0),
            self.controls(),
        ])
        .id("cooking_assistant_pager")
        .class("androidx.viewpager.widget.ViewPager")
        .padding_edges(16.0, 48.0, 16.0, 16.0)
        .fill()
        .on_swipe_left(Message::Next)
        .on_swipe_right(Message::Previous);
        let close = icon_button(Icon::Close, "Cancel")
            .id("button_cancel")
            .class("android.widget.Button")
            .color(GREEN)
            .on_tap(Message::Close);
        Screen::new(stack(vec![page, close]).id("fullscreen_layout").fill())
    }

    fn update(&mut self, _system: &mut System, message: Message) -> Effects {
        match message {
            Message::Close => return Effects::none().finish(),
            Message::Next if self.page + 1 < self.pages.len() => self.page += 1,
            Message::Previous => self.page = self.page.saturating_sub(1),
            Message::Next => {}
        }
        Effects::none()
    }
}

//! The activity behind the drawer: above all the list of recipes, with a filter and a search.

use super::categories::{self, CategoryDialog};
use super::database::{self, Category, Recipe};
use super::look::{self, GREEN};
use super::{DETAILS, FORM, RECIPE, about, drawer, search};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, ImeAction, Length, Overlay, OverlayKind, Screen, Widget,
    column, icon, list, menu, row, stack, text, text_field,
};

/// A page that the drawer leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The list.
    Recipes,
    /// The user's categories.
    Categories,
    /// What is in season.
    Seasons,
    /// Ways to help.
    Support,
    /// Export and import.
    Backup,
    /// Settings.
    Settings,
    /// About the app.
    About,
}

/// Which recipes are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// With something in season; none, as no region is set.
    Seasonal,
    /// In no category.
    Unassigned,
    /// Favourites.
    Favorites,
    /// Of a category.
    Category(Category),
}

impl Filter {
    fn name(&self) -> String {
        match self {
            Filter::All => "All recipes".to_owned(),
            Filter::Seasonal => "Seasonal recipes".to_owned(),
            Filter::Unassigned => "Recipes without category".to_owned(),
            Filter::Favorites => "Favorites".to_owned(),
            Filter::Category(category) => category.name.clone(),
        }
    }

    fn fits(&self, recipe: &Recipe) -> bool {
        match self {
            Filter::All => true,
            Filter::Seasonal => false,
            Filter::Unassigned => recipe.categories.is_empty(),
            Filter::Favorites => recipe.favorite,
            Filter::Category(category) => recipe.categories.contains(&category.id),
        }
    }
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens or closes the drawer.
    Drawer(bool),
    /// Shows a page.
    Page(Page),
    /// Opens or closes the list of filters.
    Filters(bool),
    /// Takes a filter.
    Filter(Filter),
    /// Opens the search, or searches for words.
    Search(String),
    /// Closes the search.
    CloseSearch,
    /// Shows a recipe.
    Open(i64),
    /// Opens an empty form.
    Add,
    /// Opens the dialog of a category.
    AskCategory(Category),
    /// Typed into it.
    CategoryName(String),
    /// Stores the category.
    SaveCategory,
    /// Removes the category, after a warning.
    DeleteCategory,
    /// Closes the dialog.
    Dismiss,
    /// A button of a page that only says something.
    Say(&'static str),
}

/// Request number of the form for a new recipe.
const NEW: u32 = 1;
const LIST: &str = "recycler_view";
const SEARCH: &str = "search_src_text";

/// The activity.
pub struct MainActivity {
    page: Page,
    recipes: Vec<Recipe>,
    categories: Vec<Category>,
    filter: Filter,
    filters: bool,
    search: Option<String>,
    drawer: bool,
    dialog: Option<CategoryDialog>,
}

impl MainActivity {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.recipes = database::list(system)?;
        self.categories = database::categories(system)?;
        if let Filter::Category(chosen) = &self.filter {
            let known = self.categories.iter().find(|known| known.id == chosen.id);
            self.filter = known.cloned().map_or(Filter::All, Filter::Category);
        }
        Ok(())
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        match message {
            Message::Drawer(open) => self.drawer = open,
            Message::Page(page) => {
                self.drawer = false;
                self.page = page;
                self.search = None;
            }
            Message::Filters(open) => self.filters = open,
            Message::Filter(filter) => {
                self.filters = false;
                self.filter = filter;
                return Ok(none.scroll_to(LIST, 0.0));
            }
            Message::Search(words) => {
                // Opened or cleared; while typing the cursor stays where it is.
                let effects = match words.is_empty() {
                    true => none.focus(SEARCH),
                    false => none,
                };
                self.search = Some(words);
                return Ok(effects.scroll_to(LIST, 0.0));
            }
            Message::CloseSearch => return Ok(self.close_search()),
            Message::Open(id) => return Ok(none.start(about(DETAILS, id))),
            Message::Add => return Ok(none.start_for_result(NEW, about(FORM, 0))),
            Message::AskCategory(category) => {
                self.dialog = Some(CategoryDialog {
                    category,
                    warned: false,
                });
                return Ok(none.focus("category_name"));
            }
            Message::CategoryName(name) => {
                if let Some(dialog) = &mut self.dialog {
                    dialog.category.name = name;
                }
            }
            Message::SaveCategory => {
                if let Some(dialog) = self.dialog.take()
                    && !dialog.category.name.trim().is_empty()
                {
                    database::save_category(system, &dialog.category)?;
                    self.reload(system)?;
                }
                return Ok(none.hide_keyboard());
            }
            Message::DeleteCategory => {
                if let Some(dialog) = self.dialog.take_if(|dialog| dialog.warned) {
                    database::delete_category(system, dialog.category.id)?;
                    self.reload(system)?;
                } else if let Some(dialog) = &mut self.dialog {
                    dialog.warned = true;
                }
                return Ok(none.hide_keyboard());
            }
            Message::Dismiss => {
                self.dialog = None;
                return Ok(none.hide_keyboard());
            }
            Message::Say(words) => return Ok(none.toast(words)),
        }
        Ok(none)
    }

    fn close_search(&mut self) -> Effects {
        self.search = None;
        Effects::none().hide_keyboard().scroll_to(LIST, 0.0)
    }

    fn top(&self) -> Widget<Message> {
        if let Some(words) = &self.search {
            let hint = format!("Search in {}", self.filter.name().to_uppercase());
            let mut children = vec![
                look::start(Icon::Back, "Collapse", Message::CloseSearch),
                text_field(words.clone(), hint)
                    .id(SEARCH)
                    .ime(ImeAction::Search)
                    .color(Color::WHITE)
                    .weight_width(1.0)
                    .on_change(Message::Search),
            ];
            if !words.is_empty() {
                children.push(
                    look::start(Icon::Close, "Clear query", Message::Search(String::new()))
                        .id("search_close_btn")
                        .class("android.widget.ImageView"),
                );
            }
            return look::framed("toolbar_recipes", children);
        }
        let filter = row(vec![
            text(self.filter.name())
                .id("android:id/text1")
                .text_size(18.0)
                .color(Color::WHITE)
                .max_lines(1),
            icon(Icon::DropDown, 24.0).color(Color::WHITE).decoration(),
        ])
        .id("spinner")
        .class("android.widget.Spinner")
        .description("Categories")
        .gap(6.0)
        .padding_symmetric(12.0, 0.0)
        .min_height(48.0)
        .weight_width(1.0)
        .on_tap(Message::Filters(true));
        look::framed(
            "toolbar_recipes",
            vec![
                look::start(Icon::Menu, "Open navigation drawer", Message::Drawer(true)),
                filter,
                look::action(
                    Icon::Search,
                    "action_search",
                    "Search",
                    Message::Search(String::new()),
                ),
            ],
        )
    }

    fn list(&self) -> Widget<Message> {
        let listed = self
            .recipes
            .iter()
            .filter(|recipe| self.filter.fits(recipe));
        let query = self.search.as_deref().unwrap_or("");
        let cards: Vec<_> = search::find(listed.collect(), query)
            .into_iter()
            .map(card)
            .collect();
        let content = if cards.is_empty() {
            empty()
        } else {
            list(cards)
                .child(look::end())
                .id(LIST)
                .description("Recipes")
        };
        stack(vec![
            content,
            look::floating(Icon::Add, "fab_recipes", "New Recipe", Message::Add),
        ])
        .decoration()
        .fill_width()
        .weight_height(1.0)
    }

    fn filter_window(&self) -> Overlay<Message> {
        let fixed = [
            Filter::All,
            Filter::Seasonal,
            Filter::Unassigned,
            Filter::Favorites,
        ];
        let own = self.categories.iter().cloned().map(Filter::Category);
        let rows = fixed
            .into_iter()
            .chain(own)
            .map(|filter| {
                text(filter.name())
                    .id("android:id/text1")
                    .class("android.widget.CheckedTextView")
                    .max_lines(1)
                    .fill_width()
                    .min_height(48.0)
                    .padding_symmetric(16.0, 12.0)
                    .checked(filter == self.filter)
                    .on_tap(Message::Filter(filter))
            })
            .collect();
        Overlay::new(
            OverlayKind::Popup("spinner".into()),
            menu(rows).width(Length::Dp(260.0)),
            Message::Filters(false),
        )
    }
}

fn card(recipe: &Recipe) -> Widget<Message> {
    let words = column(vec![
        text(recipe.title.clone())
            .id("card_text_view_title")
            .text_size(20.0)
            .max_lines(2),
        text(recipe.description.clone())
            .id("card_text_view_description")
            .quiet(14.0)
            .max_lines(2),
        text(recipe.source.clone())
            .id("card_text_view_source")
            .text_size(14.0)
            .color(GREEN)
            .max_lines(1),
    ])
    .decoration()
    .main(Align::Center)
    .padding_symmetric(8.0, 0.0)
    .weight_width(1.0)
    .height(Length::Fill);
    row(vec![
        look::photo("card_image", 48.0).size(116.0, 120.0),
        words,
    ])
    .class("androidx.cardview.widget.CardView")
    .rounded(Color::WHITE, 4.0)
    .border(1.0, Color::OUTLINE)
    .margin_edges(8.0, 8.0, 8.0, 0.0)
    .height(Length::Dp(120.0))
    .on_tap(Message::Open(recipe.id))
}

fn empty() -> Widget<Message> {
    let link = |sign: Icon, words: &'static str, message: Message| {
        row(vec![
            icon(sign, 24.0).color(GREEN).decoration(),
            text(words).text_size(18.0).color(GREEN),
        ])
        .decoration()
        .gap(8.0)
        .min_height(44.0)
        .on_tap(message)
    };
    column(vec![
        text("No recipes found.").text_size(20.0),
        link(Icon::Add, "create a new recipe", Message::Add),
        link(
            Icon::Share,
            "import a recipe from a website",
            Message::Say("Share a page of your browser with Broccoli."),
        ),
    ])
    .id("recipes_empty")
    .gap(16.0)
    .padding(50.0)
    .place(Align::Center, Align::Center)
}

impl Activity for MainActivity {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> MainActivity {
        MainActivity {
            page: Page::Recipes,
            recipes: Vec::new(),
            categories: Vec::new(),
            filter: Filter::All,
            filters: false,
            search: None,
            drawer: false,
            dialog: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(self.reload(system))
    }

    fn on_result(&mut self, _system: &mut System, request: u32, result: Option<Intent>) -> Effects {
        let saved = result.and_then(|intent| intent.get_number(RECIPE));
        match saved {
            Some(id) if request == NEW => {
                self.filter = Filter::All;
                self.search = None;
                Effects::none().start(about(DETAILS, id))
            }
            _ => Effects::none(),
        }
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        if self.search.is_some() {
            return self.close_search();
        }
        if self.page == Page::Recipes {
            return Effects::none().finish();
        }
        self.page = Page::Recipes;
        Effects::none()
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let content = match self.page {
            Page::Recipes => vec![self.top(), self.list()],
            Page::Categories => vec![drawer::top(self.page), categories::page(&self.categories)],
            page => vec![drawer::top(page), drawer::page(page)],
        };
        let drawer = self.drawer.then(|| {
            Overlay::new(
                OverlayKind::Drawer,
                drawer::drawer(self.page),
                Message::Drawer(false),
            )
        });
        Screen::new(
            column(content)
                .id("drawer_layout")
                .class("androidx.drawerlayout.widget.DrawerLayout")
                .background(Color::SURFACE)
                .fill(),
        )
        .background(GREEN)
        .overlay(drawer)
        .overlay(self.filters.then(|| self.filter_window()))
        .overlay(self.dialog.as_ref().map(CategoryDialog::window))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

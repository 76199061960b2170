//! The form for a new or changed recipe.

use super::database::{self, Category, Recipe};
use super::look::{self, GREEN};
use super::{RECIPE, recipe_in};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, ImeAction, Length, Overlay, Screen, Widget, alert,
    button, checkbox, column, icon, marked_choice, row, scroll, stack, text, text_field,
};

/// A field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Title.
    Title,
    /// Description.
    Description,
    /// Source.
    Source,
    /// Servings.
    Servings,
    /// Time.
    Time,
    /// Ingredients.
    Ingredients,
    /// Directions.
    Directions,
}

/// The fields from top to bottom: sign, label, resource name, whether they have several lines. The
/// categories stand between the first two.
const FIELDS: [(Field, Icon, &str, &str, bool); 7] = [
    (Field::Title, Icon::Edit, "Title", "new_title", false),
    (
        Field::Description,
        Icon::Info,
        "Description",
        "new_description",
        true,
    ),
    (Field::Source, Icon::Globe, "Source", "new_source", false),
    (
        Field::Servings,
        Icon::Person,
        "Servings",
        "new_servings",
        false,
    ),
    (
        Field::Time,
        Icon::Clock,
        "Time",
        "new_preparation_time",
        false,
    ),
    (
        Field::Ingredients,
        Icon::List,
        "Ingredients",
        "new_ingredients",
        true,
    ),
    (
        Field::Directions,
        Icon::Document,
        "Directions",
        "new_directions",
        true,
    ),
];

impl Field {
    fn of(self, recipe: &mut Recipe) -> &mut String {
        match self {
            Field::Title => &mut recipe.title,
            Field::Description => &mut recipe.description,
            Field::Source => &mut recipe.source,
            Field::Servings => &mut recipe.servings,
            Field::Time => &mut recipe.time,
            Field::Ingredients => &mut recipe.ingredients,
            Field::Directions => &mut recipe.directions,
        }
    }

    fn value(self, recipe: &Recipe) -> &str {
        match self {
            Field::Title => &recipe.title,
            Field::Description => &recipe.description,
            Field::Source => &recipe.source,
            Field::Servings => &recipe.servings,
            Field::Time => &recipe.time,
            Field::Ingredients => &recipe.ingredients,
            Field::Directions => &recipe.directions,
        }
    }
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// The cross.
    Close,
    /// Leaves without storing.
    Discard,
    /// Stores the recipe.
    Save,
    /// Typed into a field.
    Type(Field, String),
    /// Opens the dialog of the picture.
    Photo,
    /// Takes a picture.
    TakePhoto,
    /// Chooses a picture.
    PickPhoto,
    /// Takes the picture away.
    RemovePhoto,
    /// Opens the dialog of the categories.
    Categories,
    /// Puts the recipe into a category, or takes it out.
    Category(i64),
    /// Closes what is open in front.
    Dismiss,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    Discard,
    Photo,
    Categories,
}

/// The activity.
pub struct RecipeForm {
    recipe: Recipe,
    loaded: bool,
    changed: bool,
    categories: Vec<Category>,
    front: Option<Front>,
}

impl RecipeForm {
    fn load(&mut self, system: &System) -> Result<(), PhoneError> {
        self.categories = database::categories(system)?;
        if !self.loaded && self.recipe.id != 0 {
            // A recipe that is gone in the meantime becomes a new one.
            self.recipe = database::get(system, self.recipe.id)?.unwrap_or_default();
        }
        self.loaded = true;
        Ok(())
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        let front = self.front.take();
        Ok(match message {
            Message::Close => self.leave(),
            Message::Discard => none.hide_keyboard().finish(),
            Message::Save => {
                if self.recipe.title.trim().is_empty() {
                    none.toast("Please add a title.")
                } else {
                    let id = database::save(system, &self.recipe)?;
                    none.toast("The recipe has been saved.")
                        .hide_keyboard()
                        .finish_with(Intent::default().number(RECIPE, id))
                }
            }
            Message::Type(field, words) => {
                let value = field.of(&mut self.recipe);
                // The app does not take the first character of a field for a change.
                self.changed |= !value.is_empty() || words.chars().count() > 1;
                *value = words;
                none
            }
            Message::Photo => {
                self.front = Some(Front::Photo);
                none
            }
            Message::TakePhoto => none.start(Intent::action("android.media.action.IMAGE_CAPTURE")),
            Message::PickPhoto => {
                none.start(Intent::action("android.intent.action.GET_CONTENT").mime("image/*"))
            }
            Message::RemovePhoto => {
                self.recipe.image.clear();
                self.changed = true;
                none
            }
            Message::Categories => {
                self.front = Some(Front::Categories);
                none.hide_keyboard()
            }
            Message::Category(id) => {
                self.front = front;
                self.changed = true;
                let chosen = &mut self.recipe.categories;
                match chosen.iter().position(|category| *category == id) {
                    Some(place) => drop(chosen.remove(place)),
                    None => chosen.push(id),
                }
                none
            }
            Message::Dismiss => none,
        })
    }

    fn leave(&mut self) -> Effects {
        if self.changed {
            self.front = Some(Front::Discard);
            return Effects::none().hide_keyboard();
        }
        Effects::none().hide_keyboard().finish()
    }

    fn top(&self) -> Widget<Message> {
        look::bar(
            "toolbar",
            look::start(Icon::Close, "", Message::Close),
            "New Recipe",
            vec![
                button("SAVE")
                    .id("button_save_recipe")
                    .color(Color::WHITE)
                    .on_tap(Message::Save),
            ],
        )
    }

    fn photo(&self) -> Widget<Message> {
        stack(vec![
            look::photo("new_image", 72.0)
                .fill_width()
                .height(Length::Dp(180.0))
                .on_tap(Message::Photo),
            icon(Icon::Camera, 24.0)
                .description("Change photo")
                .margin(10.0)
                .place(Align::End, Align::End),
        ])
        .class("android.view.ViewGroup")
        .fill_width()
        .margin(16.0)
    }

    fn category_names(&self) -> String {
        let own = self
            .categories
            .iter()
            .filter(|category| self.recipe.categories.contains(&category.id));
        own.map(|category| category.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn category_field(&self) -> Widget<Message> {
        let names = self.category_names();
        let shown = match names.is_empty() {
            true => text("Categories").color(Color::TEXT_SECONDARY),
            false => text(names.clone()),
        };
        let field = row(vec![
            shown
                .id("new_categories")
                .class("android.widget.EditText")
                .max_lines(1)
                .weight_width(1.0)
                .min_height(48.0)
                .padding_symmetric(4.0, 12.0)
                .on_tap(Message::Categories),
            icon(Icon::DropDown, 24.0).decoration(),
        ])
        .decoration();
        labelled(Icon::Tag, "Categories", names.is_empty(), field)
    }

    fn field(&self, index: usize) -> Widget<Message> {
        let (field, sign, label, id, multiline) = FIELDS[index];
        let value = field.value(&self.recipe);
        let mut input = text_field(value, label)
            .id(id)
            .on_change(move |words| Message::Type(field, words));
        input = match multiline {
            true => input.multiline(),
            false => input.ime(ImeAction::Next),
        };
        labelled(sign, label, value.is_empty(), input)
    }

    fn category_window(&self) -> Overlay<Message> {
        let rows: Vec<Widget<Message>> = self
            .categories
            .iter()
            .map(|category| {
                let chosen = self.recipe.categories.contains(&category.id);
                marked_choice(
                    checkbox(chosen),
                    category.name.clone(),
                    chosen,
                    Message::Category(category.id),
                )
                .id("android:id/text1")
                .class("android.widget.CheckedTextView")
            })
            .collect();
        let words = match rows.is_empty() {
            true => "No categories have been created yet.",
            false => "",
        };
        alert("Categories")
            .message(words)
            .content(rows)
            .positive("OK", Message::Dismiss)
            .overlay(Message::Dismiss)
    }

    fn photo_window(&self) -> Overlay<Message> {
        let entry = |words: &'static str, message: Message| {
            text(words)
                .id("android:id/text1")
                .fill_width()
                .min_height(48.0)
                .padding_symmetric(0.0, 12.0)
                .on_tap(message)
        };
        let mut entries = Vec::new();
        if !self.recipe.image.is_empty() {
            entries.push(entry("Remove photo", Message::RemovePhoto));
        }
        entries.push(entry("Take photo", Message::TakePhoto));
        entries.push(entry("Pick photo", Message::PickPhoto));
        alert("Change photo")
            .content(entries)
            .overlay(Message::Dismiss)
    }
}

/// A field with its sign, and its label above it as soon as it holds something.
fn labelled(
    sign: Icon,
    label: &'static str,
    is_empty: bool,
    input: Widget<Message>,
) -> Widget<Message> {
    row(vec![
        icon(sign, 24.0).decoration(),
        column(vec![
            text(label)
                .text_size(12.0)
                .color(GREEN)
                .visible(!is_empty)
                .decoration()
                .margin_edges(4.0, 4.0, 0.0, 0.0),
            input,
        ])
        .decoration()
        .weight_width(1.0),
    ])
    .gap(12.0)
    .padding_symmetric(16.0, 0.0)
}

impl Activity for RecipeForm {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> RecipeForm {
        RecipeForm {
            recipe: Recipe {
                id: recipe_in(intent),
                ..Recipe::default()
            },
            loaded: false,
            changed: false,
            categories: Vec::new(),
            front: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        match self.load(system) {
            Ok(()) => Effects::none(),
            Err(error) => Effects::none().toast(error.to_string()).finish(),
        }
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        self.leave()
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let mut content = vec![self.photo(), self.field(0), self.category_field()];
        content.extend((1..FIELDS.len()).map(|index| self.field(index)));
        content.push(look::end());
        let root = column(vec![
            self.top(),
            scroll(content).key("form").weight_height(1.0),
        ])
        .class("android.view.ViewGroup")
        .background(Color::SURFACE)
        .fill();
        let window = self.front.map(|front| match front {
            Front::Discard => look::question(
                "Discard changes?",
                "DISCARD",
                Message::Discard,
                Message::Dismiss,
            ),
            Front::Photo => self.photo_window(),
            Front::Categories => self.category_window(),
        });
        Screen::new(root).background(GREEN).overlay(window)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

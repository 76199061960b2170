//! The fields of what a person writes about a track: name, type, description.

use super::database::{self, Track};
use super::kinds::{self, KINDS, Kind};
use super::look::field;
use crate::phone::system::{PhoneError, System};
use crate::phone::ui::{
    Align, Color, Length, Overlay, OverlayKind, Widget, alert, column, icon, list, row, text,
};

/// Most suggestions under the field of the type.
const SUGGESTIONS: usize = 5;
/// So many letters bring suggestions.
const LETTERS: usize = 2;
/// Signs in a row of the dialog.
const SIGNS_IN_A_ROW: usize = 4;

/// A touch on the fields.
#[derive(Debug, Clone)]
pub enum FieldMessage {
    /// Typed into the name.
    Name(String),
    /// Typed into the type.
    Category(String),
    /// Typed into the description.
    Description(String),
    /// Takes a suggestion, or the sign of a type.
    Take(&'static str),
    /// Opens the dialog of signs, or closes it.
    Signs(bool),
}

/// What the fields hold.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    name: String,
    category: String,
    description: String,
    suggesting: bool,
    signs: bool,
}

impl Fields {
    /// What is known of a track.
    pub fn of(track: &Track) -> Fields {
        Fields {
            name: track.name.clone(),
            category: track.category.clone(),
            description: track.description.clone(),
            ..Fields::default()
        }
    }

    /// Answers a touch.
    pub fn update(&mut self, message: FieldMessage) {
        self.suggesting = matches!(message, FieldMessage::Category(_));
        self.signs = matches!(message, FieldMessage::Signs(true));
        match message {
            FieldMessage::Name(text) => self.name = text,
            FieldMessage::Category(text) => self.category = text,
            FieldMessage::Description(text) => self.description = text,
            FieldMessage::Take(name) => name.clone_into(&mut self.category),
            FieldMessage::Signs(_) => {}
        }
    }

    /// Stores what they hold as that of a track.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn save(&self, system: &System, id: i64) -> Result<(), PhoneError> {
        let kind = kinds::by_name(&self.category);
        database::describe(
            system,
            id,
            &self.name,
            &self.category,
            kind,
            &self.description,
        )
    }

    // Types that begin like what was typed, or have a word that does.
    fn suggestions(&self) -> impl Iterator<Item = &'static Kind> {
        let typed = self.category.to_lowercase();
        let wanted = self.suggesting && typed.chars().count() >= LETTERS;
        KINDS
            .iter()
            .filter(move |kind| {
                let name = kind.name.to_lowercase();
                wanted
                    && (name.starts_with(&typed)
                        || name.split(' ').any(|word| word.starts_with(&typed)))
            })
            .take(SUGGESTIONS)
    }

    /// The fields.
    pub fn view<M: 'static>(&self, wrap: fn(FieldMessage) -> M) -> Widget<M> {
        let sign = kinds::by_name(&self.category).icon;
        let mut kind = vec![
            row(vec![
                column(vec![field(
                    "track_edit_activity_type",
                    "Activity type",
                    &self.category,
                    FieldMessage::Category,
                )])
                .decoration()
                .weight_width(1.0),
                icon(sign, 32.0)
                    .id("track_edit_activity_type_icon")
                    .padding(8.0)
                    .on_tap(FieldMessage::Signs(true)),
            ])
            .gap(8.0)
            .cross(Align::End),
        ];
        kind.extend(self.suggestions().map(|kind| {
            text(kind.name)
                .id("android:id/text1")
                .fill_width()
                .padding_symmetric(16.0, 12.0)
                .background(Color::SURFACE_RAISED)
                .on_tap(FieldMessage::Take(kind.name))
        }));
        column(vec![
            field("track_edit_name", "Name", &self.name, FieldMessage::Name),
            column(kind).decoration(),
            field(
                "track_edit_description",
                "Description",
                &self.description,
                FieldMessage::Description,
            ),
        ])
        .decoration()
        .gap(16.0)
        .map(&wrap)
    }

    /// The dialog of signs, when it is open.
    pub fn overlay<M: 'static>(&self, wrap: fn(FieldMessage) -> M) -> Option<Overlay<M>> {
        self.signs.then(|| {
            // Each sign stands for the first type that has it.
            let mut signs: Vec<&'static Kind> = Vec::new();
            for kind in KINDS {
                if signs.iter().all(|other| other.icon != kind.icon) {
                    signs.push(kind);
                }
            }
            let rows = signs
                .chunks(SIGNS_IN_A_ROW)
                .map(|kinds| {
                    let signs = kinds.iter().map(|kind| {
                        icon(kind.icon, 40.0)
                            .description(format!("Activity type: {}", kind.name))
                            .padding(12.0)
                            .on_tap(FieldMessage::Take(kind.name))
                    });
                    row(signs.collect()).decoration()
                })
                .collect();
            let grid = list(rows)
                .id("choose_activity_type_grid_view")
                .class("android.widget.GridView")
                .height(Length::Wrap);
            let dialog = alert("Activity type")
                .content(vec![grid])
                .widget()
                .padding_edges(0.0, 0.0, 0.0, 20.0);
            Overlay::new(
                OverlayKind::Dialog,
                dialog.map(&wrap),
                wrap(FieldMessage::Signs(false)),
            )
        })
    }
}

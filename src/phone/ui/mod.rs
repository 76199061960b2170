//! The toolkit of the virtual phone: widgets as data, activities in the Elm style, and from one laid-out
//! tree the pixels, the accessibility nodes and the touch targets. Uses `domain` and the phone's `System`.
//!
//! An app is a folder or file in `phone::apps`: for each of its screens a type that implements
//! [`Activity`] (its state is the type itself; what must last goes into `System`'s files, settings and
//! databases), and an [`AppEntry`] that is listed in `phone::apps::registry`.
//!
//! ```ignore
//! struct Counter { count: u32 }
//!
//! #[derive(Clone)]
//! enum Message { More, Name(String) }
//!
//! impl Activity for Counter {
//!     type Message = Message;
//!
//!     fn create(_system: &mut System, _intent: &Intent) -> Counter { Counter { count: 0 } }
//!
//!     fn view(&self, _system: &System) -> Screen<Message> {
//!         Screen::new(column(vec![
//!             toolbar("Counter", vec![]),
//!             text(format!("{} times", self.count)).id("count"),
//!             button("More").id("more").on_tap(Message::More),
//!         ]))
//!     }
//!
//!     fn update(&mut self, _system: &mut System, message: Message) -> Effects {
//!         match message {
//!             Message::More => self.count += 1,
//!             Message::Name(_) => {}
//!         }
//!         Effects::none()
//!     }
//! }
//! ```

pub mod activity;
pub mod attributes;
mod bars;
pub mod build;
pub mod canvas;
pub mod color;
mod contents;
mod dialog;
pub mod dump;
pub mod effects;
pub mod icon;
pub mod intent;
pub mod layout;
pub mod manifest;
mod map;
pub mod paint;
pub mod parts;
pub mod picker;
pub mod scene;
mod sign;
pub mod widget;

pub use crate::phone::system::{Extra, Intent};
pub use crate::pixels::font;
pub use activity::{Activity, Erased, ErasedActivity, Overlay, OverlayKind, Screen};
pub use attributes::{
    Align, Axis, Background, Edges, Field, Handler, ImeAction, InputKind, Length, Shape, TextStyle,
    ToggleKind,
};
pub use bars::{
    bar_action, bar_of, bar_row, bar_title, overflow_button, overflow_menu, selection_bar,
    selection_close, toolbar, toolbar_action, toolbar_with_up, up_arrow,
};
pub use build::{
    blank, button, canvas, card, checkbox, column, divider, filled_button, horizontal_list, icon,
    icon_button, list, picture, radio, row, scroll, slider, spacer, stack, stretch, switch, text,
    text_field,
};
pub use color::Color;
pub use dialog::{Alert, alert};
pub use effects::{Effect, Effects};
pub use icon::Icon;
pub use intent::Component;
pub use manifest::{ActivityEntry, AppEntry, Filter, LaunchMode, activity};
pub use parts::{
    choice, floating_button, initial, marked_choice, menu, menu_check, menu_item, menu_radio,
    notice, portrait, round_button, snackbar, tab, tab_bar, titled,
};
pub use widget::{Kind, Widget};

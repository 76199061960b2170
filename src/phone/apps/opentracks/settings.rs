//! The quieter screens: settings with the units, help, the list of markers.

use super::format::Units;
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Effects, Overlay, OverlayKind, Screen, Widget, alert, column, list,
    marked_choice, radio, text, toolbar, toolbar_with_up,
};

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Leaves the screen.
    Up,
    /// Opens the dialog of units, or closes it.
    Ask(bool),
    /// Chooses units.
    Choose(Units),
    /// An entry that has nothing behind it.
    Nothing,
}

/// Entries without a screen behind them: name, summary.
const ENTRIES: [(&str, &str); 5] = [
    ("User Interface", "Appearance, recording layout, theme"),
    ("GPS", "Time interval, distance interval, accuracy"),
    (
        "Bluetooth Sensors",
        "Cycling sensors, wheel circumference, running sensors",
    ),
    ("Announcements", "Time, distance, voice speed"),
    ("Import/Export", "Import, export, automatic export"),
];

/// The settings.
pub struct Settings {
    units: Units,
    asking: bool,
}

fn entry(title: &'static str, summary: String, message: Message) -> Widget<Message> {
    column(vec![
        text(title).id("android:id/title").text_size(18.0),
        text(summary).id("android:id/summary").quiet(14.0),
    ])
    .gap(4.0)
    .padding_symmetric(20.0, 14.0)
    .on_tap(message)
}

impl Settings {
    fn name(&self) -> &'static str {
        let mut all = Units::ALL.iter();
        all.find(|(units, _)| *units == self.units)
            .map_or("", |(_, name)| name)
    }

    fn dialog(&self) -> Overlay<Message> {
        let rows = Units::ALL.iter().map(|&(units, name)| {
            let chosen = units == self.units;
            marked_choice(radio(chosen), name, chosen, Message::Choose(units))
                .class("android.widget.CheckedTextView")
                .id("android:id/text1")
        });
        let dialog = alert("Preferred units")
            .content(rows.collect())
            .widget()
            .padding_edges(0.0, 0.0, 0.0, 20.0);
        Overlay::new(OverlayKind::Dialog, dialog, Message::Ask(false))
    }

    fn choose(&mut self, system: &System, units: Units) -> Result<(), PhoneError> {
        self.units = units;
        self.asking = false;
        units.store(&system.files)
    }
}

impl Activity for Settings {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> Settings {
        Settings {
            units: Units::load(&system.files),
            asking: false,
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let mut rows = vec![entry(
            "Preferred units",
            self.name().to_owned(),
            Message::Ask(true),
        )];
        rows.extend(
            ENTRIES
                .iter()
                .map(|&(title, summary)| entry(title, summary.to_owned(), Message::Nothing)),
        );
        Screen::new(
            column(vec![
                toolbar_with_up("Settings", Message::Up, vec![]),
                list(rows).id("recycler_view").weight_height(1.0),
            ])
            .decoration()
            .fill(),
        )
        .overlay(self.asking.then(|| self.dialog()))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Up => return Effects::none().finish(),
            Message::Ask(ask) => self.asking = ask,
            Message::Nothing => {}
            Message::Choose(units) => {
                if let Err(error) = self.choose(system, units) {
                    return Effects::none().toast(error.to_string());
                }
            }
        }
        Effects::none()
    }
}

/// A screen that only says something.
pub struct Words {
    title: &'static str,
    words: &'static str,
}

/// The help.
pub struct Help(Words);
/// The list of markers, which only a signal of satellites could fill.
pub struct MarkerList(Words);

impl Words {
    fn screen(&self) -> Screen<Message> {
        Screen::new(
            column(vec![
                toolbar(self.title, vec![]),
                text(self.words)
                    .text_align(Align::Start)
                    .fill_width()
                    .padding(20.0),
            ])
            .decoration()
            .fill(),
        )
    }
}

impl Activity for Help {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> Help {
        Help(Words {
            title: "Help",
            words: "Press the red button to record a track and hold it to stop. Touch a track to see its \
                    statistics; hold it to edit or delete it. Search finds names, descriptions and types.",
        })
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        self.0.screen()
    }

    fn update(&mut self, _system: &mut System, _message: Message) -> Effects {
        Effects::none()
    }
}

impl Activity for MarkerList {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> MarkerList {
        MarkerList(Words {
            title: "Markers",
            words: "There are no markers yet",
        })
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        self.0.screen()
    }

    fn update(&mut self, _system: &mut System, _message: Message) -> Effects {
        Effects::none()
    }
}

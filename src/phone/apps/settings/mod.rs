//! Settings (`com.android.settings`): pages of rows that change the system's real settings.

use crate::phone::system::{Intent, Namespace, System};
use crate::phone::ui::{
    Activity, ActivityEntry, AppEntry, Color, Effects, Filter, Icon, LaunchMode, Screen, activity,
    column, row, switch, text, toolbar_with_up,
};

/// The Internet page.
struct Internet;

#[derive(Clone)]
enum Message {
    Up,
    Wifi(bool),
}

impl Activity for Internet {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> Internet {
        Internet
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let on = system.settings.get(Namespace::Global, "wifi_on") == Some("1");
        Screen::new(column(vec![
            toolbar_with_up("Internet", Message::Up, vec![]),
            row(vec![
                text("Wi-Fi").id("android:id/title").weight_width(1.0),
                switch(on).id("android:id/switch_widget"),
            ])
            .on_tap(Message::Wifi(!on)),
        ]))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Up => Effects::none().finish(),
            Message::Wifi(on) => {
                match system
                    .settings
                    .put(Namespace::Global, "wifi_on", i32::from(on))
                {
                    Ok(()) => Effects::none(),
                    Err(error) => Effects::none().toast(error.to_string()),
                }
            }
        }
    }
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: "com.android.settings",
    label: "Settings",
    icon: Icon::Settings,
    color: Color::rgb(0x5F_6368),
    activities: &[ActivityEntry {
        class: "com.android.settings.Settings",
        aliases: &[],
        launcher: true,
        filters: &[Filter::action("android.settings.SETTINGS")],
        mode: LaunchMode::Standard,
        create: activity::<Internet>,
    }],
};

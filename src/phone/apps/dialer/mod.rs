//! Phone (`com.google.android.dialer`): favourites, the log of calls, contacts, the keypad, and a call.
//! People and calls are the contacts provider's; the app keeps nothing of its own.

mod call;
mod keypad;
mod lists;
mod screen;

use crate::phone::system::Intent;
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Filter, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "com.google.android.dialer";

const CALL: &str = "android.intent.action.CALL";
const DIAL: &str = "android.intent.action.DIAL";
/// The screen of a call, there as long as the call.
pub const IN_CALL: &str = "com.android.incallui.InCallActivity";

/// Extra: the other side calls. Of an intent that ends a call: this side ends it.
const INCOMING: &str = "incoming";
/// Actions: what happens to the call that there is.
const CANCEL: &str = "cancel";
const ACCEPT: &str = "accept";

/// The intent of a call that comes in.
pub fn incoming(number: &str) -> Intent {
    call(number).flag(INCOMING, true)
}

/// The intent that ends the call that there is: this side (`refused`) or the other one.
pub fn hang_up(refused: bool) -> Intent {
    Intent {
        action: Some(CANCEL.to_owned()),
        ..Intent::activity(PACKAGE, IN_CALL).flag(INCOMING, refused)
    }
}

/// The intent that answers the call that rings.
pub fn accept() -> Intent {
    Intent {
        action: Some(ACCEPT.to_owned()),
        ..Intent::activity(PACKAGE, IN_CALL)
    }
}

/// Where the URI of a number begins.
const TEL: &str = "tel:";

/// The intent that calls a number.
fn call(number: &str) -> Intent {
    Intent::activity(PACKAGE, IN_CALL).data(format!("{TEL}{number}"))
}

/// The number of an intent.
fn number_in(intent: &Intent) -> Option<&str> {
    intent.data.as_deref()?.strip_prefix(TEL)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Phone",
    icon: Icon::Phone,
    color: Color::rgb(0x1A_73E8),
    activities: &[
        ActivityEntry::new(
            "com.google.android.dialer.extensions.GoogleDialtactsActivity",
            activity::<screen::Dialtacts>,
        )
        .launcher()
        .filters(&[
            Filter::data(DIAL, TEL),
            Filter::action(DIAL),
            Filter::data(Intent::VIEW, TEL),
        ])
        .mode(LaunchMode::SingleTop),
        ActivityEntry::new(IN_CALL, activity::<call::InCall>)
            .filters(&[Filter::data(CALL, TEL)])
            .mode(LaunchMode::SingleTask),
    ],
};

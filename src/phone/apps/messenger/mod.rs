//! Simple SMS Messenger (`com.simplemobiletools.smsmessenger`): conversations, a thread, a new
//! conversation. Messages are the telephony provider's and names the contacts provider's; the app itself
//! keeps only preferences.

mod conversations;
mod look;
mod new;
mod rows;
mod thread;
mod thread_view;

use crate::phone::apps::roles;
use crate::phone::system::{Intent, PhoneError, Preference, Preferences, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Filter, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "com.simplemobiletools.smsmessenger";

const MAIN: &str = "com.simplemobiletools.smsmessenger.activities.MainActivity";
const NEW: &str = "com.simplemobiletools.smsmessenger.activities.NewConversationActivity";
const THREAD: &str = "com.simplemobiletools.smsmessenger.activities.ThreadActivity";
const ARCHIVED: &str =
    "com.simplemobiletools.smsmessenger.activities.ArchivedConversationsActivity";

const SENDTO: &str = "android.intent.action.SENDTO";
const SEND: &str = "android.intent.action.SEND";

/// Extra: the other side's number.
const NUMBER: &str = "thread_number";
/// Extra: text for the field of a thread.
const TEXT: &str = "thread_text";
/// Preference: how often the app was started.
const STARTS: &str = "app_run_count";

/// The intent that opens the conversation with a number, perhaps with a text to send.
fn thread_with(number: &str, text: &str) -> Intent {
    let intent = Intent::activity(PACKAGE, THREAD).text(NUMBER, number);
    match text.is_empty() {
        true => intent,
        false => intent.text(TEXT, text),
    }
}

/// The intent that calls a number.
fn dial(number: &str) -> Intent {
    Intent::action("android.intent.action.DIAL").data(format!("tel:{number}"))
}

/// The intent that makes a contact of a number.
fn new_contact(number: &str) -> Intent {
    Intent::action(Intent::INSERT)
        .mime("vnd.android.cursor.dir/contact")
        .text("phone", number)
}

/// Counts a start of the app.
fn count_start(system: &System) -> Result<(), PhoneError> {
    let mut stored = Preferences::load_default(&system.files, PACKAGE);
    let starts = i32::try_from(stored.number(STARTS, 0)).unwrap_or(0);
    stored.put(STARTS, Preference::Integer(starts.saturating_add(1)));
    stored.save(&system.files)
}

/// Leaves the app as after its first start: the default SMS app.
///
/// # Errors
/// When that cannot be written down.
pub fn pass_first_run(system: &mut System) -> Result<(), PhoneError> {
    roles::make_sms_app(system, PACKAGE)?;
    count_start(system)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "SMS Messenger",
    icon: Icon::Message,
    color: look::ORANGE,
    activities: &[
        ActivityEntry::new(THREAD, activity::<thread::Thread>),
        ActivityEntry::new(NEW, activity::<new::NewConversation>).filters(&[
            Filter::data(SENDTO, "sms"),
            Filter::data(Intent::VIEW, "sms"),
            Filter::mime(SEND, "text/plain"),
        ]),
        ActivityEntry::new(ARCHIVED, activity::<conversations::Conversations>),
        ActivityEntry::new(MAIN, activity::<conversations::Conversations>)
            .aliases(&["com.simplemobiletools.smsmessenger.activities.SplashActivity.Orange"])
            .launcher()
            .mode(LaunchMode::SingleTop),
    ],
};

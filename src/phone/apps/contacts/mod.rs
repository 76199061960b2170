//! Contacts (`com.google.android.contacts`): the list of people, a person's card, and the editor. People
//! are the contacts provider's; the app itself only remembers that its first start is over.

mod card;
mod editor;
mod fields;
pub(super) mod format;
pub(super) mod look;
mod pages;
mod people;

use crate::phone::system::{Intent, PhoneError, Preferences, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Filter, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "com.google.android.contacts";

const PEOPLE: &str = "com.android.contacts.activities.PeopleActivity";
const EDITOR: &str = "com.android.contacts.activities.ContactEditorActivity";
const CARD: &str = "com.android.contacts.quickcontact.QuickContactActivity";

/// Where one person's URI begins.
const CONTACT: &str = "content://com.android.contacts/contacts/";
/// Type of a person, of people, and of the rows that a person is made of.
const ITEM_TYPES: [&str; 3] = [
    "vnd.android.cursor.item/contact",
    "vnd.android.cursor.dir/contact",
    "vnd.android.cursor.dir/raw_contact",
];

/// Preference: the page that asks to sign in was passed.
const PROMO_SEEN: &str = "sign_in_promo_seen";
/// Preference: the question about notifications was answered.
const ASKED: &str = "notification_permission_asked";

/// The intent that shows a person's card.
fn card_of(id: i64) -> Intent {
    Intent::activity(PACKAGE, CARD).data(format!("{CONTACT}{id}"))
}

/// The intent that opens the editor with a person.
fn editor_of(id: i64) -> Intent {
    let mut intent = Intent::activity(PACKAGE, EDITOR).data(format!("{CONTACT}{id}"));
    intent.action = Some(Intent::EDIT.to_owned());
    intent
}

/// The person whom an intent is about: the number at the end of its URI.
fn contact_in(intent: &Intent) -> Option<i64> {
    let data = intent.data.as_deref()?;
    data.trim_end_matches('/')
        .rsplit_once('/')
        .and_then(|(_, id)| id.parse().ok())
}

fn remember(system: &System, flags: &[&str]) -> Result<(), PhoneError> {
    let mut stored = Preferences::load_default(&system.files, PACKAGE);
    for flag in flags {
        stored.put(*flag, true);
    }
    stored.save(&system.files)
}

/// Leaves the app as after its first start: not signed in, no notifications.
///
/// # Errors
/// When the preferences cannot be written.
pub fn pass_first_run(system: &System) -> Result<(), PhoneError> {
    remember(system, &[PROMO_SEEN, ASKED])
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Contacts",
    icon: Icon::Person,
    color: Color::rgb(0x1A_73E8),
    activities: &[
        ActivityEntry::new(CARD, activity::<card::QuickContact>).filters(&[
            Filter::data(Intent::VIEW, CONTACT),
            Filter::mime(Intent::VIEW, ITEM_TYPES[0]),
        ]),
        ActivityEntry::new(EDITOR, activity::<editor::Editor>).filters(&[
            Filter::data(Intent::EDIT, CONTACT),
            Filter::mime(Intent::INSERT, ITEM_TYPES[1]),
            Filter::mime(Intent::INSERT, ITEM_TYPES[2]),
            Filter::data(Intent::INSERT, "content://com.android.contacts/"),
            Filter::data(Intent::INSERT, "content://contacts/people"),
        ]),
        ActivityEntry::new(PEOPLE, activity::<people::People>)
            .launcher()
            .filters(&[
                Filter::data(Intent::VIEW, "content://contacts/people"),
                Filter::data(Intent::VIEW, "content://com.android.contacts/contacts"),
                Filter::mime(Intent::VIEW, ITEM_TYPES[1]),
                Filter::action("com.android.contacts.action.LIST_DEFAULT"),
                Filter::action("com.android.contacts.action.LIST_CONTACTS"),
            ])
            .mode(LaunchMode::SingleTop),
    ],
};

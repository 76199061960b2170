//! Contacts: people are what the contacts provider holds, and its `phones` view shows what was saved.

use super::driver::Phone;
use stepdroid::phone::providers::contacts::{self, Contact, LabelKind, Labelled};
use stepdroid::phone::system::Intent;

const CONTACTS: &str = "com.google.android.contacts";

fn person(given: &str, family: &str, number: &str) -> Contact {
    Contact {
        given: given.to_owned(),
        family: family.to_owned(),
        phones: vec![Labelled {
            value: number.to_owned(),
            ..Labelled::default()
        }],
        ..Contact::default()
    }
}

fn phone_with(people: &[Contact]) -> Phone {
    let mut phone = Phone::new();
    for person in people {
        contacts::save(&phone.system, person).unwrap();
    }
    phone.open(CONTACTS);
    phone
}

fn stored(phone: &Phone) -> Vec<Contact> {
    contacts::list(&phone.system).unwrap()
}

fn names(phone: &Phone) -> Vec<String> {
    let stored = stored(phone);
    stored.iter().map(Contact::display_name).collect()
}

/// What `content query --uri content://contacts/phones/` is answered from.
fn phones(phone: &Phone) -> Vec<(String, String, i64)> {
    let connection = contacts::SCHEMA.open(&phone.system).unwrap();
    let mut statement = connection
        .prepare("SELECT display_name, number, type FROM view_phones ORDER BY _id")
        .unwrap();
    let rows = statement
        .query_map([], |row| {
            let kind: String = row.get(2)?;
            Ok((row.get(0)?, row.get(1)?, kind.parse().unwrap()))
        })
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_first_start_asks_to_sign_in_and_for_notifications() {
    let mut phone = Phone::fresh();
    let view = Intent::action(Intent::VIEW).data("content://contacts/people/");
    phone.start(&view);
    assert!(phone.sees("Sign in") && !phone.sees("floating_action_button"));
    phone.tap("Skip");
    assert!(phone.sees("Allow Contacts to send you notifications?"));
    phone.tap("Don’t allow");
    assert!(phone.sees("No contacts in this account"));
    phone.stop(CONTACTS);
    phone.open(CONTACTS);
    assert!(phone.sees("floating_action_button") && phone.sees("Search contacts"));
    let granted = |phone: &Phone| {
        let packages = &phone.system.packages;
        packages.is_granted(CONTACTS, "android.permission.POST_NOTIFICATIONS")
    };
    assert!(!granted(&phone));
}

#[test]
fn a_person_is_created_and_shown_on_a_card() {
    let mut phone = phone_with(&[]);
    phone.tap("Create contact");
    assert_eq!(phone.node("First name").text, "First name");
    assert!(!phone.sees("Mobile Phone"));
    phone.fill("First name", "Ada");
    phone.key(66);
    phone.write("Byron");
    assert_eq!(phone.node("Last name").text, "Byron");
    phone.fill("Company", "Engines");
    phone.fill("Phone", "15551234567");
    let number = phone.node("Phone");
    assert_eq!(
        (number.text.as_str(), number.hint.as_str()),
        ("1 (555) 123-4567", "Phone")
    );
    phone.hide_keyboard();
    phone.tap("Save");
    assert_eq!(phone.node("large_title").text, "Ada Byron");
    assert_eq!(phone.node("header").text, "1 (555) 123-4567");
    assert_eq!(phone.node("sub_header").text, "Mobile");
    assert_eq!(phone.node("organization_name").text, "Engines");
    let focused = phone.windows.focused();
    assert!(focused.class.ends_with("quickcontact.QuickContactActivity"));
    assert_eq!(
        phones(&phone),
        [("Ada Byron".to_owned(), "1 (555) 123-4567".to_owned(), 2)]
    );
    phone.back();
    assert_eq!(phone.node("cliv_name_textview").text, "Ada Byron");
    phone.stop(CONTACTS);
    // `pm clear com.android.providers.contacts`.
    phone
        .system
        .packages
        .clear("com.android.providers.contacts")
        .unwrap();
    phone.open(CONTACTS);
    assert!(phone.sees("No contacts in this account"));
}

#[test]
fn the_label_of_a_number_stands_below_it_and_is_chosen_from_a_list() {
    let mut phone = phone_with(&[]);
    phone.tap("Create contact");
    phone.fill("First name", "Ada");
    phone.fill("Phone", "555-123-4567");
    assert_eq!(phone.node("Phone").text, "555-123-4567");
    phone.hide_keyboard();
    let (field, label) = (phone.node("Phone"), phone.node("Mobile Phone"));
    assert_eq!(
        (label.text.as_str(), label.class.as_str()),
        ("Mobile", "android.widget.Spinner")
    );
    let below = label.bounds[1] - field.bounds[3];
    assert!(below >= 0 && below < field.bounds[3] - field.bounds[1]);
    phone.tap("Mobile Phone");
    assert!(phone.node("Mobile").checked && phone.sees("Work Fax"));
    phone.back();
    phone.tap("Mobile Phone");
    phone.tap("Work");
    assert_eq!(phone.node("Work Phone").text, "Work");
    phone.tap("Work Phone");
    phone.tap("Custom");
    phone.write("Boat");
    phone.hide_keyboard();
    phone.tap("OK");
    assert_eq!(phone.node("Boat Phone").text, "Boat");
    phone.tap("Add phone");
    phone.write("5550001111");
    phone.hide_keyboard();
    phone.tap("Mobile Phone");
    phone.tap("Home");
    phone.tap("Save");
    let [ada] = stored(&phone).try_into().unwrap();
    let kinds: Vec<(LabelKind, &str)> = ada
        .phones
        .iter()
        .map(|phone| (phone.kind, phone.label.as_str()))
        .collect();
    assert_eq!(kinds, [(LabelKind::Custom, "Boat"), (LabelKind::Home, "")]);
    assert_eq!(ada.phones[1].value, "(555) 000-1111");
}

#[test]
fn leaving_with_entered_data_asks_and_stores_only_on_save() {
    let mut phone = phone_with(&[]);
    phone.tap("Create contact");
    phone.hide_keyboard();
    phone.back();
    assert!(phone.sees("floating_action_button"));
    phone.tap("Create contact");
    phone.fill("Last name", "Byron");
    phone.leave();
    assert!(phone.sees("Your changes have not been saved"));
    phone.tap("Cancel");
    assert_eq!(phone.node("Last name").text, "Byron");
    phone.tap("Close");
    phone.tap("Discard");
    assert!(phone.sees("floating_action_button"));
    assert_eq!(names(&phone), Vec::<String>::new());
    phone.tap("Create contact");
    phone.fill("Last name", "Byron");
    phone.leave();
    phone.tap("Save");
    assert_eq!(phone.node("large_title").text, "Byron");
    assert_eq!(names(&phone), ["Byron"]);
}

#[test]
fn an_empty_form_is_not_stored_and_its_menu_discards() {
    let mut phone = phone_with(&[]);
    phone.tap("Create contact");
    phone.tap("Save");
    assert!(phone.sees("floating_action_button"));
    phone.tap("Create contact");
    phone.fill("Phone", "123");
    phone.hide_keyboard();
    phone.tap("Delete Mobile Phone");
    assert_eq!(phone.node("Phone").text, "Phone");
    phone.fill("First name", "Ada");
    phone.hide_keyboard();
    phone.tap("More options");
    phone.tap("Discard changes");
    assert!(phone.sees("floating_action_button"));
    assert_eq!(names(&phone), Vec::<String>::new());
}

#[test]
fn a_person_is_edited_with_the_rarer_fields() {
    let mut phone = phone_with(&[person("Ada", "Byron", "555-123-4567")]);
    phone.tap("Ada Byron");
    phone.tap("Edit contact");
    assert_eq!(phone.node("Phone").text, "555-123-4567");
    phone.tap("Show more name fields");
    phone.fill("Name prefix", "Dr.");
    phone.fill("Name suffix", "PhD");
    phone.hide_keyboard();
    phone.tap("Collapse name fields");
    phone.replace("Last name", "King");
    phone.hide_keyboard();
    phone.swipe("contact_editor_fragment", 0, -900);
    phone.fill("Email", "ada@example.com");
    phone.hide_keyboard();
    phone.swipe("contact_editor_fragment", 0, -900);
    assert_eq!(phone.node("Home Email").text, "Home");
    phone.tap("More fields");
    phone.swipe("contact_editor_fragment", 0, -900);
    phone.fill("Notes", "Likes numbers");
    phone.hide_keyboard();
    phone.tap("Save");
    assert_eq!(phone.node("large_title").text, "Dr. Ada King, PhD");
    assert!(phone.sees("ada@example.com") && phone.sees("Likes numbers"));
    let [ada] = stored(&phone).try_into().unwrap();
    assert_eq!((ada.prefix.as_str(), ada.suffix.as_str()), ("Dr.", "PhD"));
    assert_eq!(ada.emails[0].kind, LabelKind::Home);
    assert_eq!(ada.phones[0].value, "555-123-4567");
    phone.back();
    assert!(phone.sees("Dr. Ada King, PhD"));
}

#[test]
fn a_card_stars_and_deletes_after_a_question() {
    let people = [person("Ada", "Byron", "1"), person("Bea", "Cole", "2")];
    let mut phone = phone_with(&people);
    phone.tap("Bea Cole");
    phone.tap("Add to favorites");
    assert!(phone.sees("Remove from favorites"));
    phone.back();
    let shown = |phone: &mut Phone| -> Vec<String> {
        let nodes = phone.nodes().into_iter();
        let rows = nodes.filter(|node| node.id.ends_with("/cliv_name_textview"));
        rows.map(|node| node.text).collect()
    };
    assert_eq!(shown(&mut phone), ["Bea Cole", "Ada Byron", "Bea Cole"]);
    phone.tap("Highlights");
    phone.tap("Bea Cole");
    for answer in ["Cancel", "Delete"] {
        phone.tap("More options");
        phone.tap("Delete");
        assert!(phone.sees("Delete contact?"));
        phone.tap(answer);
    }
    assert_eq!(names(&phone), ["Ada Byron"]);
    assert!(phone.sees("Favorites") && !phone.sees("Bea Cole"));
    phone.back();
    phone.long_press("Ada Byron");
    assert_eq!(phone.node("selection_count_text").text, "1");
    phone.tap("Delete");
    phone.tap("Delete");
    assert!(phone.sees("No contacts in this account"));
}

#[test]
fn deleting_in_the_editor_leads_back_to_the_list() {
    let mut phone = phone_with(&[person("Ada", "Byron", "1")]);
    phone.tap("Ada Byron");
    phone.tap("Edit contact");
    phone.tap("More options");
    phone.tap("Delete");
    phone.tap("Delete");
    assert!(phone.sees("No contacts in this account"));
}

#[test]
fn the_search_finds_names_numbers_and_addresses() {
    let mut mail = person("Cy", "Doe", "5559990000");
    mail.emails.push(Labelled {
        value: "captain@example.com".to_owned(),
        ..Labelled::default()
    });
    let people = [
        person("Ada", "Byron", "(555) 123-4567"),
        person("Bea", "Cole", "2"),
        mail,
    ];
    let mut phone = phone_with(&people);
    phone.tap("open_search_bar");
    assert!(phone.windows.keyboard_shown());
    assert!(!phone.sees("Ada Byron"));
    phone.write("by");
    assert!(phone.sees("Ada Byron") && !phone.sees("Bea Cole"));
    phone.replace("Search contacts", "555123");
    assert!(phone.sees("Ada Byron") && !phone.sees("Cy Doe"));
    phone.replace("Search contacts", "Capt");
    assert!(phone.sees("captain@example.com"));
    phone.tap("Clear text");
    phone.write("zz");
    assert!(phone.sees("No contacts found"));
    phone.replace("Search contacts", "cole");
    phone.tap("Bea Cole");
    assert_eq!(phone.node("large_title").text, "Bea Cole");
    phone.back();
    phone.leave();
    assert!(phone.sees("floating_action_button"));
}

#[test]
fn other_apps_open_cards_and_filled_editors() {
    let mut phone = phone_with(&[person("Ada", "Byron", "1")]);
    let id = stored(&phone)[0].id;
    let uri = format!("content://com.android.contacts/contacts/{id}");
    phone.start(&Intent::action(Intent::VIEW).data(uri));
    assert_eq!(phone.node("large_title").text, "Ada Byron");
    let insert = Intent::action(Intent::INSERT)
        .mime("vnd.android.cursor.dir/contact")
        .text("name", "Bea Cole")
        .text("phone", "5551234567");
    phone.start(&insert);
    assert_eq!(phone.node("First name").text, "Bea");
    assert_eq!(phone.node("Phone").text, "(555) 123-4567");
    phone.tap("Save");
    assert_eq!(names(&phone), ["Ada Byron", "Bea Cole"]);
    let missing = "content://com.android.contacts/contacts/999";
    let mut edit = Intent::action(Intent::EDIT);
    edit.data = Some(missing.to_owned());
    phone.start(&edit);
    assert!(!phone.sees("Edit contact") || phone.sees("large_title"));
}

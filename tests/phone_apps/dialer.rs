//! Phone: the keypad, a call and its entry in the log, search.

use super::driver::Phone;
use stepdroid::phone::providers::calls;
use stepdroid::phone::providers::contacts::{self, Contact, Labelled};
use stepdroid::phone::system::Intent;

const DIALER: &str = "com.google.android.dialer";

fn add_ana(phone: &Phone) {
    let ana = Contact {
        given: "Ana".to_owned(),
        family: "Silva".to_owned(),
        phones: vec![Labelled {
            value: "+15550107788".to_owned(),
            ..Labelled::default()
        }],
        ..Contact::default()
    };
    contacts::save(&phone.system, &ana).unwrap();
}

#[test]
fn a_number_is_dialled_and_logged() {
    let mut phone = Phone::new();
    add_ana(&phone);
    phone.open(DIALER);
    assert!(phone.sees("Your call log is empty"));
    phone.tap("key pad");
    for key in [
        "five", "five", "five", "zero", "one", "one", "zero", "seven", "seven",
    ] {
        phone.tap(key);
    }
    phone.tap("backspace");
    assert_eq!(phone.node("digits").text, "(555) 011-07");
    phone.tap("backspace");
    phone.tap("backspace");
    phone.tap("backspace");
    for key in ["zero", "seven", "seven", "eight", "eight"] {
        phone.tap(key);
    }
    phone.tap("dial");
    assert_eq!(phone.node("contactgrid_contact_name").text, "Ana Silva");
    assert!(phone.sees("Calling…"));
    phone.wait(7_000);
    let timer = phone.node("contactgrid_bottom_timer").text;
    assert!(timer.starts_with("00:0"), "{timer}");
    phone.tap("End call");
    let log = calls::list(&phone.system).unwrap();
    assert_eq!((log.len(), log[0].kind), (1, calls::OUTGOING));
    assert!(log[0].duration >= 5 && log[0].number == "5550107788");
    assert_eq!(phone.node("primary_textview").text, "Ana Silva");
    phone.tap("call_log_entry_root");
    phone.tap("Delete");
    assert!(phone.sees("Your call log is empty"));
}

#[test]
fn people_are_found_and_called() {
    let mut phone = Phone::new();
    add_ana(&phone);
    let dial = Intent::action("android.intent.action.DIAL").data("tel:5550100000");
    phone.start(&dial);
    assert_eq!(phone.node("digits").text, "(555) 010-0000");
    phone.back();
    phone.tap("Contacts");
    assert!(phone.sees("Ana Silva"));
    phone.tap("open_search_bar");
    phone.write("sil");
    phone.hide_keyboard();
    phone.tap("primary");
    assert!(phone.sees("End call"));
    phone.back();
    assert_eq!(calls::list(&phone.system).unwrap().len(), 1);
}

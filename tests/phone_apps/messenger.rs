//! Simple SMS Messenger: the role, sending, selection, drafts, and what stands in the provider.

use super::driver::Phone;
use stepdroid::phone::providers::messages::{self, INBOX, SENT};
use stepdroid::phone::system::{Intent, Namespace};

const MESSENGER: &str = "com.simplemobiletools.smsmessenger";
const ANA: &str = "+15550107788";

fn receive(phone: &Phone, number: &str, body: &str) {
    messages::add(&phone.system, number, body, INBOX, "").unwrap();
    phone.system.clock.advance_millis(1_000);
}

/// Kinds, numbers and texts in the provider, the oldest first.
fn stored(phone: &Phone) -> Vec<(i64, String, String)> {
    let mut all = Vec::new();
    for one in messages::conversations(&phone.system).unwrap() {
        let messages = messages::messages(&phone.system, one.thread).unwrap();
        all.extend(
            messages
                .into_iter()
                .map(|one| (one.kind, one.address, one.body)),
        );
    }
    all
}

#[test]
fn the_first_start_asks_for_the_role() {
    let mut phone = Phone::fresh();
    phone.open(MESSENGER);
    phone.tap("Cancel");
    assert!(!phone.sees("conversations_fab"));
    phone.open(MESSENGER);
    phone.tap("Set as default");
    assert!(phone.sees("Set as default"));
    phone.tap("SMS Messenger");
    phone.tap("Set as default");
    assert!(phone.sees("Start a conversation"));
    phone.home();
    phone.open(MESSENGER);
    assert!(phone.sees("conversations_fab"));
}

#[test]
fn a_new_conversation_is_sent_and_listed() {
    let mut phone = Phone::new();
    phone.open(MESSENGER);
    phone.tap("conversations_fab");
    phone.write("55");
    assert!(!phone.sees("new_conversation_confirm"));
    phone.replace("new_conversation_address", "text me");
    phone.tap("new_conversation_confirm");
    assert!(phone.sees("New conversation"));
    phone.replace("new_conversation_address", "+1 555-010-7788");
    phone.tap("new_conversation_confirm");
    assert!(!phone.node("thread_send_message").enabled);
    phone.fill("thread_type_message", "See you at six");
    phone.tap("thread_send_message");
    let expected = (SENT, ANA.to_owned(), "See you at six".to_owned());
    assert_eq!(stored(&phone), [expected]);
    assert!(phone.sees("thread_success") && phone.sees("See you at six"));
    phone.leave();
    phone.leave();
    assert_eq!(phone.node("conversation_body_short").text, "See you at six");
}

#[test]
fn a_text_that_comes_in_shows_at_once_and_is_read_when_opened() {
    let mut phone = Phone::new();
    phone.open(MESSENGER);
    receive(&phone, ANA, "Hello");
    assert_eq!(phone.node("conversation_address").text, ANA);
    let unread = |phone: &Phone| !messages::conversations(&phone.system).unwrap()[0].read;
    assert!(unread(&phone));
    phone.tap("conversation_address");
    assert!(!unread(&phone));
    receive(&phone, ANA, "Are you there?");
    assert!(phone.sees("Are you there?"));
}

#[test]
fn drafts_are_kept_and_removed() {
    let mut phone = Phone::new();
    receive(&phone, ANA, "Hello");
    phone.open(MESSENGER);
    phone.tap("conversation_address");
    phone.fill("thread_type_message", "I am");
    phone.leave();
    assert!(phone.sees("Draft"));
    phone.tap("conversation_address");
    assert_eq!(phone.node("thread_type_message").text, "I am");
    phone.fill("thread_type_message", " here");
    phone.tap("thread_send_message");
    phone.leave();
    assert!(!phone.sees("Draft"));
    assert_eq!(stored(&phone)[1].2, "I am here");
}

#[test]
fn conversations_are_archived_and_deleted() {
    let mut phone = Phone::new();
    receive(&phone, ANA, "Hello");
    receive(&phone, "311", "Your bill");
    phone.open(MESSENGER);
    assert_eq!(phone.node("conversation_address").text, "311");
    phone.long_press("Hello");
    assert!(phone.sees("1 / 2"));
    phone.tap("More options");
    phone.tap("Archive");
    assert!(!phone.sees("Hello"));
    phone.tap("More options");
    phone.tap("Show archived conversations");
    phone.long_press("Hello");
    phone.tap("More options");
    phone.tap("Unarchive");
    phone.back();
    phone.long_press("Your bill");
    phone.tap("cab_delete");
    phone.tap("No");
    phone.tap("cab_delete");
    phone.tap("Yes");
    assert_eq!(stored(&phone).len(), 1);
}

#[test]
fn messages_are_forwarded_and_deleted() {
    let mut phone = Phone::new();
    receive(&phone, ANA, "The code is 7");
    phone.open(MESSENGER);
    phone.tap("conversation_address");
    phone.long_press("thread_message_body");
    phone.tap("More options");
    phone.tap("Forward");
    phone.fill("new_conversation_address", "5550100000");
    phone.tap("new_conversation_confirm");
    assert_eq!(phone.node("thread_type_message").text, "The code is 7");
    phone.tap("thread_send_message");
    assert_eq!(stored(&phone).len(), 2);
    phone.long_press("thread_message_body");
    phone.tap("cab_delete");
    phone.tap("Yes");
    assert_eq!(stored(&phone).len(), 1);
}

#[test]
fn nothing_is_sent_in_airplane_mode() {
    let mut phone = Phone::new();
    phone
        .system
        .settings
        .put(Namespace::Global, "airplane_mode_on", "1")
        .unwrap();
    let mut intent = Intent::action("android.intent.action.SENDTO").text("sms_body", "Hi");
    intent.data = Some(format!("sms:{ANA}"));
    phone.start(&intent);
    phone.tap("thread_send_message");
    assert!(phone.sees("thread_error") && stored(&phone)[0].0 != SENT);
    phone
        .system
        .settings
        .put(Namespace::Global, "airplane_mode_on", "0")
        .unwrap();
    phone.tap("thread_error");
    phone.tap("thread_send_message");
    assert_eq!(stored(&phone)[0].0, SENT);
}

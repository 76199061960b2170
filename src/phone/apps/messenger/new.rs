//! A new conversation: a field for a name or number, and whom it may mean. An intent that names a number
//! goes on to its conversation at once.

use super::look::{ORANGE, bar, picture};
use super::{TEXT, thread_with};
use crate::phone::providers::book::{Book, Person};
use crate::phone::providers::messages;
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Effects, Icon, InputKind, Length, Overlay, Screen, Widget, alert, column,
    horizontal_list, icon, list, radio, row, text, text_field,
};

/// Characters from which on what is typed may be a number.
const SHORTEST: usize = 3;
/// Most people that are suggested.
const SUGGESTED: usize = 5;

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Leaves the screen.
    Up,
    /// What is in the field.
    Typed(String),
    /// Takes what is typed as a number.
    Confirm,
    /// Takes a person.
    Person(i64),
    /// Takes a number.
    Number(String),
    /// Closes the dialog.
    Dismiss,
}

/// The activity.
pub struct NewConversation {
    typed: String,
    /// Text that the conversation's field will hold.
    text: String,
    /// The number that an intent named.
    named: Option<String>,
    book: Book,
    suggested: Vec<Person>,
    /// The person with several numbers who was taken.
    asked: Option<Person>,
}

/// The number in the URI of an `sms:` or `smsto:` intent.
fn number_in(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    if !matches!(scheme, "sms" | "smsto" | "mms" | "mmsto") {
        return None;
    }
    let number = rest.split('?').next().unwrap_or("");
    let number = number.trim_start_matches('/').replace("%2B", "+");
    let number = messages::plain_number(&number.replace("%20", " "));
    (!number.is_empty()).then_some(number)
}

impl NewConversation {
    fn load(&mut self, system: &System) -> Result<(), PhoneError> {
        self.book = Book::load(system)?;
        self.suggested.clear();
        for one in messages::conversations(system)? {
            if let Some(person) = self.book.owner(&one.address)
                && self.suggested.len() < SUGGESTED
                && !self.suggested.contains(person)
            {
                self.suggested.push(person.clone());
            }
        }
        Ok(())
    }

    fn go(&self, number: &str) -> Effects {
        let number = messages::plain_number(number);
        Effects::none()
            .hide_keyboard()
            .start(thread_with(&number, &self.text))
    }

    fn people(&self) -> Widget<Message> {
        let rows: Vec<Widget<Message>> = self
            .book
            .matching(&self.typed)
            .map(|person| {
                let numbers = person.numbers.join(", ");
                row(vec![
                    picture(&person.name, 44.0).id("item_contact_image"),
                    column(vec![
                        text(person.name.clone())
                            .id("item_contact_name")
                            .max_lines(1),
                        text(numbers)
                            .id("item_contact_number")
                            .quiet(14.0)
                            .max_lines(1),
                    ])
                    .decoration()
                    .weight_width(1.0),
                ])
                .id("item_contact_frame")
                .class("android.widget.FrameLayout")
                .gap(14.0)
                .padding_symmetric(16.0, 10.0)
                .on_tap(Message::Person(person.id))
            })
            .collect();
        if rows.is_empty() {
            return text("No contacts with phone numbers have been found")
                .id("no_contacts_placeholder")
                .fill_width()
                .padding(24.0);
        }
        list(rows).id("contacts_list").weight_height(1.0)
    }

    fn suggestions(&self) -> Vec<Widget<Message>> {
        if self.suggested.is_empty() {
            return Vec::new();
        }
        let people = self.suggested.iter().map(|person| {
            column(vec![
                picture(&person.name, 48.0).id("suggested_contact_image"),
                text(person.name.clone())
                    .id("suggested_contact_name")
                    .text_size(13.0)
                    .max_lines(1),
            ])
            .id("suggested_contact_holder")
            .class("android.widget.RelativeLayout")
            .width(Length::Dp(96.0))
            .padding(8.0)
            .on_tap(Message::Person(person.id))
        });
        vec![
            text("Suggestions")
                .id("suggestions_label")
                .text_size(14.0)
                .color(ORANGE)
                .padding_symmetric(16.0, 4.0),
            horizontal_list(vec![
                row(people.collect())
                    .id("suggestions_holder")
                    .width(Length::Wrap),
            ])
            .id("suggestions_scrollview")
            .height(Length::Wrap),
        ]
    }

    fn dialog(&self) -> Option<Overlay<Message>> {
        let person = self.asked.as_ref()?;
        let rows = person.numbers.iter().map(|number| {
            row(vec![
                radio(false).clickable(false).decoration(),
                text(number.clone()).weight_width(1.0),
            ])
            .class("android.widget.RadioButton")
            .spoken(number.clone())
            .min_height(48.0)
            .on_tap(Message::Number(number.clone()))
        });
        Some(alert("").content(rows.collect()).overlay(Message::Dismiss))
    }
}

impl Activity for NewConversation {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> NewConversation {
        let given = |name: &str| intent.get_text(name).map(str::to_owned);
        let text = given("sms_body")
            .or_else(|| given("android.intent.extra.TEXT"))
            .or_else(|| given(TEXT))
            .unwrap_or_default();
        NewConversation {
            typed: String::new(),
            text,
            named: intent.data.as_deref().and_then(number_in),
            book: Book::default(),
            suggested: Vec::new(),
            asked: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        if let Some(number) = self.named.take() {
            return Effects::none()
                .start(thread_with(&number, &self.text))
                .finish();
        }
        match self.load(system) {
            Ok(()) => Effects::none().focus("new_conversation_address"),
            Err(error) => Effects::none().toast(error.to_string()),
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let field = text_field(self.typed.clone(), "Add Contact or Number…")
            .id("new_conversation_address")
            .input(InputKind::Text)
            .on_change(Message::Typed);
        let mut line = vec![column(vec![field]).decoration().weight_width(1.0)];
        if self.typed.chars().count() >= SHORTEST {
            line.push(
                icon(Icon::Check, 24.0)
                    .id("new_conversation_confirm")
                    .color(ORANGE)
                    .padding(12.0)
                    .on_tap(Message::Confirm),
            );
        }
        let mut children = vec![
            bar(
                "new_conversation_toolbar",
                "New conversation",
                Message::Up,
                vec![],
            ),
            row(line).decoration().padding_symmetric(12.0, 4.0),
        ];
        children.extend(self.suggestions());
        children.push(self.people());
        let root = column(children)
            .id("new_conversation_coordinator")
            .class("android.view.ViewGroup")
            .fill();
        Screen::new(root).overlay(self.dialog())
    }

    fn update(&mut self, _system: &mut System, message: Message) -> Effects {
        match message {
            Message::Up => Effects::none().finish(),
            Message::Typed(typed) => {
                self.typed = typed;
                Effects::none()
            }
            Message::Confirm => {
                let typed = self.typed.trim().to_owned();
                if typed.chars().any(char::is_alphabetic)
                    || messages::plain_number(&typed).is_empty()
                {
                    self.typed.clear();
                    return Effects::none()
                        .toast("You cannot reply to short codes with letters like this");
                }
                self.go(&typed)
            }
            Message::Person(id) => {
                let Some(person) = self.book.0.iter().find(|person| person.id == id) else {
                    return Effects::none();
                };
                match person.numbers.as_slice() {
                    [number] => self.go(number),
                    _ => {
                        self.asked = Some(person.clone());
                        Effects::none().hide_keyboard()
                    }
                }
            }
            Message::Number(number) => {
                self.asked = None;
                self.go(&number)
            }
            Message::Dismiss => {
                self.asked = None;
                Effects::none()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::number_in;

    #[test]
    fn numbers_are_read_from_uris() {
        assert_eq!(
            number_in("sms:+15550107788").as_deref(),
            Some("+15550107788")
        );
        assert_eq!(
            number_in("smsto:555%20010-7788?body=Hi").as_deref(),
            Some("5550107788")
        );
        assert_eq!(number_in("tel:5550107788"), None);
        assert_eq!(number_in("sms:"), None);
    }
}

//! The editor: a new person, or one that exists.

mod view;

use super::fields::{Entry, Section};
use super::{PACKAGE, card_of, contact_in};
use crate::phone::providers::contacts::{self, Contact, LabelKind};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{Activity, Effects, Screen};

/// A part of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Before the name.
    Prefix,
    /// First name.
    Given,
    /// Middle name.
    Middle,
    /// Last name.
    Family,
    /// After the name.
    Suffix,
}

impl Part {
    /// With the hints and keys, in the order of the form.
    const ALL: [(Part, &'static str, &'static str); 5] = [
        (Part::Prefix, "Name prefix", "prefix"),
        (Part::Given, "First name", "given"),
        (Part::Middle, "Middle name", "middle"),
        (Part::Family, "Last name", "family"),
        (Part::Suffix, "Name suffix", "suffix"),
    ];

    fn of(self, contact: &mut Contact) -> &mut String {
        match self {
            Part::Prefix => &mut contact.prefix,
            Part::Given => &mut contact.given,
            Part::Middle => &mut contact.middle,
            Part::Family => &mut contact.family,
            Part::Suffix => &mut contact.suffix,
        }
    }

    fn read(self, contact: &Contact) -> &str {
        match self {
            Part::Prefix => &contact.prefix,
            Part::Given => &contact.given,
            Part::Middle => &contact.middle,
            Part::Family => &contact.family,
            Part::Suffix => &contact.suffix,
        }
    }
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Typed into a part of the name.
    Name(Part, String),
    /// Typed into the company.
    Company(String),
    /// Typed into the notes.
    Notes(String),
    /// Typed into a number or address.
    Value(Section, usize, String),
    /// Opens the list of labels.
    OpenLabels(Section, usize),
    /// A label of the list was chosen.
    Label(usize),
    /// Typed into the dialog for a label of the user's own.
    CustomText(String),
    /// Takes that label.
    TakeCustom,
    /// Empties or removes a number or address.
    Delete(Section, usize),
    /// Adds a number or address.
    Add(Section),
    /// Shows or hides the rarer parts of the name.
    AllNames(bool),
    /// Shows the rarer fields.
    MoreFields,
    /// The picture.
    Photo,
    /// The button.
    Save,
    /// The cross.
    Close,
    /// Leaves without saving.
    Discard,
    /// Opens the menu.
    Menu,
    /// Asks whether to delete the person.
    AskDelete,
    /// Deletes the person.
    DeleteContact,
    /// Closes what is open in front.
    Dismiss,
}

#[derive(Debug, Clone, PartialEq)]
enum Front {
    Labels(Section, usize),
    Custom(Section, usize, String),
    Unsaved,
    Menu,
    Delete,
}

/// The activity.
pub struct Editor {
    /// As it is stored; empty for a new person.
    original: Contact,
    /// Everything but numbers and addresses, which are below.
    contact: Contact,
    phones: Vec<Entry>,
    emails: Vec<Entry>,
    all_names: bool,
    more: bool,
    front: Option<Front>,
    /// Why nothing can be edited.
    broken: Option<String>,
}

fn entries(section: Section, stored: &[contacts::Labelled]) -> Vec<Entry> {
    if stored.is_empty() {
        return vec![section.empty()];
    }
    stored.iter().map(Entry::of).collect()
}

impl Editor {
    fn entries_of(&mut self, section: Section) -> &mut Vec<Entry> {
        match section {
            Section::Phone => &mut self.phones,
            Section::Email => &mut self.emails,
        }
    }

    fn entered(&self) -> Contact {
        let trimmed = |text: &String| text.trim().to_owned();
        Contact {
            prefix: trimmed(&self.contact.prefix),
            given: trimmed(&self.contact.given),
            middle: trimmed(&self.contact.middle),
            family: trimmed(&self.contact.family),
            suffix: trimmed(&self.contact.suffix),
            company: trimmed(&self.contact.company),
            notes: trimmed(&self.contact.notes),
            phones: self.phones.iter().filter_map(Entry::stored).collect(),
            emails: self.emails.iter().filter_map(Entry::stored).collect(),
            ..self.contact.clone()
        }
    }

    fn is_changed(&self) -> bool {
        self.entered() != self.original
    }

    fn is_new(&self) -> bool {
        self.original.id == 0
    }

    fn leave(&mut self) -> Effects {
        if self.is_changed() {
            self.front = Some(Front::Unsaved);
            return Effects::none().hide_keyboard();
        }
        Effects::none().finish()
    }

    fn save(&mut self, system: &System) -> Result<Effects, PhoneError> {
        self.front = None;
        let entered = self.entered();
        let name = entered.display_name();
        if entered == self.original {
            return Ok(Effects::none().finish());
        }
        if name.is_empty() {
            return Ok(Effects::none().toast("Nothing to save").finish());
        }
        let id = contacts::save(system, &entered)?;
        let effects = Effects::none().toast(format!("{name} saved"));
        let effects = if self.is_new() {
            effects.start(card_of(id))
        } else {
            effects
        };
        Ok(effects.finish_with(card_of(id)))
    }

    fn choose_label(&mut self, choice: usize) -> Effects {
        let Some(Front::Labels(section, index)) = self.front.take() else {
            return Effects::none();
        };
        let labels = section.labels();
        let Some(&(kind, _)) = labels.get(choice) else {
            return Effects::none();
        };
        if kind == LabelKind::Custom && choice > 0 {
            self.front = Some(Front::Custom(section, index, String::new()));
            return Effects::none().focus("custom_label");
        }
        if let Some(entry) = self.entries_of(section).get_mut(index) {
            entry.relabel(kind, "");
        }
        Effects::none()
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        match message {
            Message::Name(part, text) => *part.of(&mut self.contact) = text,
            Message::Company(text) => self.contact.company = text,
            Message::Notes(text) => self.contact.notes = text,
            Message::Value(section, index, text) => {
                if let Some(entry) = self.entries_of(section).get_mut(index) {
                    entry.change(section, &text);
                }
            }
            Message::OpenLabels(section, index) => {
                self.front = Some(Front::Labels(section, index));
                return Ok(Effects::none().hide_keyboard());
            }
            Message::Label(choice) => return Ok(self.choose_label(choice)),
            Message::CustomText(text) => {
                if let Some(Front::Custom(_, _, words)) = &mut self.front {
                    *words = text;
                }
            }
            Message::TakeCustom => {
                if let Some(Front::Custom(section, index, words)) = self.front.take()
                    && let Some(entry) = self.entries_of(section).get_mut(index)
                    && !words.trim().is_empty()
                {
                    entry.relabel(LabelKind::Custom, &words);
                }
                return Ok(Effects::none().hide_keyboard());
            }
            Message::Delete(section, index) => {
                let list = self.entries_of(section);
                if index < list.len() {
                    list.remove(index);
                }
                if list.is_empty() {
                    list.push(section.empty());
                }
            }
            Message::Add(section) => {
                let list = self.entries_of(section);
                list.push(section.empty());
                let index = list.len() - 1;
                return Ok(Effects::none().focus(section.key(index)));
            }
            Message::AllNames(all) => self.all_names = all,
            Message::MoreFields => self.more = true,
            Message::Photo => {
                let pick = Intent::action("android.provider.action.PICK_IMAGES");
                return Ok(Effects::none().start(pick.mime("image/*")));
            }
            Message::Save => return self.save(system),
            Message::Close => return Ok(self.leave()),
            Message::Discard => return Ok(Effects::none().finish()),
            Message::Menu => self.front = Some(Front::Menu),
            Message::AskDelete => self.front = Some(Front::Delete),
            Message::DeleteContact => {
                self.front = None;
                contacts::remove(system, self.original.id)?;
                let words = format!("{} deleted", self.original.display_name());
                return Ok(Effects::none().toast(words).finish());
            }
            Message::Dismiss => self.front = None,
        }
        Ok(Effects::none())
    }
}

impl Activity for Editor {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> Editor {
        let editing = intent.action.as_deref() == Some(Intent::EDIT);
        let mut broken = None;
        let mut original = Contact::default();
        if editing {
            match contact_in(intent).map(|id| contacts::get(system, id)) {
                Some(Ok(Some(contact))) => original = contact,
                Some(Err(error)) => broken = Some(error.to_string()),
                _ => broken = Some("The contact doesn't exist.".to_owned()),
            }
        }
        let mut editor = Editor {
            contact: original.clone(),
            phones: entries(Section::Phone, &original.phones),
            emails: entries(Section::Email, &original.emails),
            original,
            all_names: false,
            more: false,
            front: None,
            broken,
        };
        // What another app wants to insert.
        if let Some(name) = intent.get_text("name") {
            let (given, family) = name.rsplit_once(' ').unwrap_or((name, ""));
            editor.contact.given = given.to_owned();
            editor.contact.family = family.to_owned();
        }
        if let Some(company) = intent.get_text("company") {
            editor.contact.company = company.to_owned();
        }
        for (section, extra) in [(Section::Phone, "phone"), (Section::Email, "email")] {
            if let Some(value) = intent.get_text(extra) {
                let list = editor.entries_of(section);
                if list.last().is_some_and(|entry| !entry.is_empty()) {
                    list.push(section.empty());
                }
                if let Some(entry) = list.last_mut() {
                    entry.change(section, value);
                }
            }
        }
        editor
    }

    fn on_resume(&mut self, _system: &mut System) -> Effects {
        match self.broken.take() {
            Some(error) => Effects::none().toast(error).finish(),
            None => Effects::none(),
        }
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        self.leave()
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        self.screen()
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

/// The intent that opens an empty editor.
pub fn new_contact() -> Intent {
    let mut intent = Intent::activity(PACKAGE, super::EDITOR);
    intent.action = Some(Intent::INSERT.to_owned());
    intent
}

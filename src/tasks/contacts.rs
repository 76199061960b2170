//! Tasks in Contacts: a new person, stored or only drafted (catalogue section 3.5).

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::CONTACTS;
use super::comparison::fuzzy;
use super::screen::{Look, back, open, steps};
use super::{Solution, Task, TaskError, base, params, pools};
use crate::device::Device;
use crate::domain::{Action, Direction, Instance, Params, TaskSpec, UiElement};

const PROVIDER: &str = "content://contacts/phones/";
/// Forgets everybody.
pub(super) const CLEAR_CONTACTS: &str = "pm clear com.android.providers.contacts >/dev/null";

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// What a form must hold.
#[derive(Debug, Clone)]
struct Person {
    first: String,
    last: String,
    phone: String,
    /// Label of the number, where it matters.
    label: Option<String>,
}

/// Parameters of ContactsAddContact.
#[derive(Serialize, Deserialize)]
struct Named {
    name: String,
    number: String,
}

/// Parameters of ContactsNewContactDraft.
#[derive(Serialize, Deserialize)]
struct Drafted {
    first: String,
    last: String,
    phone: String,
    phone_label: String,
}

/// ContactsAddContact.
struct Add {
    spec: TaskSpec,
}

impl Add {
    fn read(&self, params: &Params) -> Result<Named, TaskError> {
        let given: Named = params::read(&self.spec, params)?;
        if given.name.trim().is_empty() || digits(&given.number).is_empty() {
            return Err(params::wrong(&self.spec, "a name and a number are needed"));
        }
        Ok(given)
    }
}

#[async_trait]
impl Task for Add {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let name = pools::person(rng);
        let number = pools::phone_number(rng);
        params::write(&Named { name, number })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let Named { name, number } = self.read(params)?;
        Ok(format!(
            "Add a contact named \"{name}\" with the number {number}."
        ))
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        base::init(device, &self.spec, CLEAR_CONTACTS)
            .await
            .map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        let rows = device
            .adb()
            .content_query(PROVIDER, &["display_name", "number"])
            .await?;
        let is_wanted = |row: &Vec<(String, String)>| {
            let value = |name: &str| {
                row.iter()
                    .find(|(column, _)| column == name)
                    .map_or("", |(_, value)| value)
            };
            value("display_name") == given.name && digits(value("number")) == digits(&given.number)
        };
        Ok(rows.iter().any(is_wanted))
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let Named { name, number } = self.read(&instance.params)?;
        let (first, last) = name.split_once(' ').unwrap_or((&name, ""));
        let person = Person {
            first: first.to_owned(),
            last: last.to_owned(),
            phone: number,
            label: None,
        };
        let mut saved = false;
        Ok(steps(move |look| {
            if !look.shows(CONTACTS) {
                return open(CONTACTS);
            }
            if let Some(action) = fill(look, &person) {
                return action;
            }
            if in_editor(look) {
                saved = true;
                return look.tap_named("Save").unwrap_or_else(back);
            }
            // The card of a new person opens by itself.
            let shown = look.has(&name);
            if saved && shown {
                return Action::complete();
            }
            look.tap_named("Create contact").unwrap_or_else(back)
        }))
    }
}

/// ContactsNewContactDraft.
struct Draft {
    spec: TaskSpec,
}

impl Draft {
    fn read(&self, params: &Params) -> Result<Drafted, TaskError> {
        let given: Drafted = params::read(&self.spec, params)?;
        let texts = [&given.first, &given.last, &given.phone_label];
        if texts.iter().any(|text| text.trim().is_empty()) || digits(&given.phone).is_empty() {
            return Err(params::wrong(&self.spec, "none of them may be empty"));
        }
        Ok(given)
    }
}

#[async_trait]
impl Task for Draft {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&Drafted {
            first: pools::pick(&pools::DRAFT_FIRST_NAMES, rng),
            last: pools::pick(&pools::DRAFT_LAST_NAMES, rng),
            phone: format!(
                "{}-{}-{}",
                rng.random_range(100..1_000),
                rng.random_range(100..1_000),
                rng.random_range(1_000..10_000)
            ),
            phone_label: pools::pick(&["Home", "Work"], rng),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let Drafted {
            first,
            last,
            phone,
            phone_label,
        } = self.read(params)?;
        Ok(format!(
            "Fill in a new contact without saving it: first name {first}, last name {last}, phone {phone}, label {phone_label}."
        ))
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        base::init(device, &self.spec, "").await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        let elements = device.elements().await?;
        Ok(holds(&elements, &given))
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        let person = Person {
            first: given.first,
            last: given.last,
            phone: given.phone,
            label: Some(given.phone_label),
        };
        Ok(steps(move |look| {
            if !look.shows(CONTACTS) {
                return open(CONTACTS);
            }
            if let Some(action) = fill(look, &person) {
                return action;
            }
            if in_editor(look) {
                return Action::complete();
            }
            look.tap_named("Create contact").unwrap_or_else(back)
        }))
    }
}

/// The benchmark's condition on the screen. Where the tree has no hints, fields are known by their
/// order; each element fills one place only.
fn holds(elements: &[UiElement], given: &Drafted) -> bool {
    let text = |index: Option<usize>| index.and_then(|index| elements[index].text.as_deref());
    let all = || elements.iter().enumerate();
    let first = fuzzy(text(field(all(), "First name")), Some(&given.first));
    let last = fuzzy(text(field(all(), "Last name")), Some(&given.last));
    let Some(phone) = field(all(), "Phone") else {
        return false;
    };
    let number = digits(text(Some(phone)).unwrap_or("")) == digits(&given.phone);
    let below = elements[phone]
        .bbox_pixels
        .map(|bounds| bounds.y_max..=bounds.y_max + bounds.height());
    let described = format!("{} Phone", given.phone_label);
    let label = all().any(|(index, element)| {
        let named = element.text.as_deref() == Some(&*given.phone_label);
        let near = || {
            let top = element.bbox_pixels.map(|bounds| bounds.y_min);
            top.zip(below.as_ref())
                .is_some_and(|(top, below)| below.contains(&top))
        };
        index != phone
            && named
            && (element.content_description.as_deref() == Some(&*described) || near())
    });
    first && last && number && label
}

/// The field of a hint. A tree without hints shows the hint of an empty field as its text, and has
/// the fields in the order of the form: first name, last name, company, phone.
fn field<'a>(elements: impl Iterator<Item = (usize, &'a UiElement)>, hint: &str) -> Option<usize> {
    let fields: Vec<(usize, &UiElement)> = elements
        .filter(|(_, element)| element.is_editable)
        .collect();
    if fields
        .iter()
        .any(|(_, element)| element.hint_text.is_some())
    {
        return fields
            .iter()
            .find(|(_, element)| element.hint_text.as_deref() == Some(hint))
            .map(|(index, _)| *index);
    }
    let order = ["First name", "Last name", "Company", "Phone"];
    let empty = fields
        .iter()
        .find(|(_, element)| element.text.as_deref() == Some(hint));
    empty
        .or_else(|| fields.get(order.iter().position(|name| *name == hint)?))
        .map(|(index, _)| *index)
}

fn in_editor(look: Look) -> bool {
    look.id("contact_editor_fragment").is_some() || look.has("Create contact") && look.has("Save")
}

/// The next action on the form, from its top to its bottom; `None` when there is no form or it holds
/// everything.
fn fill(look: Look, person: &Person) -> Option<Action> {
    // The list of labels lies in front of the form.
    if let Some(label) = &person.label
        && let Some(choice) = look.find(|element| {
            element.short_class() == "CheckedTextView" && element.text.as_deref() == Some(label)
        })
    {
        return Some(Action::click(choice));
    }
    if !in_editor(look) {
        return None;
    }
    let wanted = [
        ("First name", &person.first),
        ("Last name", &person.last),
        ("Phone", &person.phone),
    ];
    for (hint, wanted) in wanted {
        let held = |index: usize| look.text(index).trim();
        match field(look.elements(), hint) {
            _ if wanted.is_empty() => {}
            Some(index) if held(index) == wanted => {}
            Some(index) if hint == "Phone" && digits(held(index)) == digits(wanted) => {}
            Some(index) => return Some(Action::input_text(index, wanted)),
            None if hint == "Phone" => return Some(Action::scroll(Direction::Down)),
            None => return Some(Action::scroll(Direction::Up)),
        }
    }
    let label = person.label.as_ref()?;
    let described = |element: &UiElement| element.content_description.clone().unwrap_or_default();
    let spinner = look.find(|element| {
        let words = described(element);
        words.ends_with(" Phone") && !words.starts_with("Delete")
    });
    match spinner {
        Some(spinner) if described(look.element(spinner)) == format!("{label} Phone") => None,
        Some(spinner) => Some(look.tap(spinner)),
        None => Some(Action::scroll(Direction::Down)),
    }
}

/// The tasks of this file.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &Add {
        spec: TaskSpec::new(
            "ContactsAddContact",
            &["contacts"],
            1.2,
            "easy",
            &["data_entry", "parameterized"],
            &["name", "number"],
        ),
    },
    &Draft {
        spec: TaskSpec::new(
            "ContactsNewContactDraft",
            &["contacts"],
            1.2,
            "easy",
            &["screen_reading", "data_entry"],
            &["first", "last", "phone", "phone_label"],
        ),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BoundingBox;

    fn input(hint: Option<&str>, text: &str, top: i32) -> UiElement {
        UiElement {
            text: Some(text.to_owned()),
            hint_text: hint.map(str::to_owned),
            is_editable: true,
            bbox_pixels: Some(BoundingBox::new(0, top, 100, top + 50)),
            ..UiElement::default()
        }
    }

    fn form(hints: bool, label: (&str, i32)) -> Vec<UiElement> {
        let hint = |words| hints.then_some(words);
        vec![
            input(hint("First name"), "Ana", 0),
            input(hint("Last name"), "Ruiz", 60),
            input(hint("Company"), "Company", 120),
            input(hint("Phone"), "(555) 123-4567", 180),
            UiElement {
                text: Some(label.0.to_owned()),
                bbox_pixels: Some(BoundingBox::new(0, label.1, 50, label.1 + 40)),
                ..UiElement::default()
            },
        ]
    }

    #[test]
    fn drafts_are_judged_with_and_without_hints() {
        let given = Drafted {
            first: "Ana".into(),
            last: "Ruiz".into(),
            phone: "555-123-4567".into(),
            phone_label: "Home".into(),
        };
        for hints in [true, false] {
            assert!(holds(&form(hints, ("Home", 240)), &given));
            assert!(!holds(&form(hints, ("Work", 240)), &given));
            assert!(!holds(&form(hints, ("Home", 500)), &given));
            let mut other = form(hints, ("Home", 240));
            other[3].text = Some("(555) 123-4568".into());
            assert!(!holds(&other, &given));
            other = form(hints, ("Home", 240));
            other.swap(0, 1);
            assert_eq!(holds(&other, &given), hints);
        }
    }
}

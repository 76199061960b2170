//! Who a number belongs to, from the contacts provider.

use super::contacts;
use super::messages::same_number;
use crate::phone::system::{PhoneError, System};

/// A person with at least one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Row id of the contact.
    pub id: i64,
    /// Display name.
    pub name: String,
    /// Numbers as they were entered.
    pub numbers: Vec<String>,
    /// Marked as a favourite.
    pub starred: bool,
}

/// Everybody with a number, sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book(pub Vec<Person>);

impl Book {
    /// Reads the contacts.
    pub fn load(system: &System) -> Result<Book, PhoneError> {
        let people = contacts::list(system)?.into_iter().map(|contact| Person {
            id: contact.id,
            name: contact.display_name(),
            starred: contact.starred,
            numbers: contact
                .phones
                .into_iter()
                .map(|phone| phone.value)
                .collect(),
        });
        Ok(Book(
            people.filter(|person| !person.numbers.is_empty()).collect(),
        ))
    }

    /// Whose number it is.
    pub fn owner(&self, number: &str) -> Option<&Person> {
        self.0.iter().find(|person| {
            let mut numbers = person.numbers.iter();
            numbers.any(|one| same_number(one, number))
        })
    }

    /// The owner's name, else the number.
    pub fn title<'a>(&'a self, number: &'a str) -> &'a str {
        self.owner(number).map_or(number, |person| &person.name)
    }

    /// Those whose name or number holds these words.
    pub fn matching(&self, words: &str) -> impl Iterator<Item = &Person> {
        let words = words.trim().to_lowercase();
        let digits: String = words.chars().filter(char::is_ascii_digit).collect();
        self.0.iter().filter(move |person| {
            let number_fits = |number: &String| {
                let plain: String = number.chars().filter(char::is_ascii_digit).collect();
                !digits.is_empty() && plain.contains(&digits)
            };
            words.is_empty()
                || person.name.to_lowercase().contains(&words)
                || person.numbers.iter().any(number_fits)
        })
    }
}

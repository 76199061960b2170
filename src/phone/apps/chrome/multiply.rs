//! The page that shows five numbers one after the other and asks for their product.

use super::page::{PageMessage, SUCCESS, paragraph, web_button};
use crate::domain::pages::numbers;
use crate::phone::ui::{Color, InputKind, Length, Widget, text_field};

/// A touch on the page.
#[derive(Debug, Clone)]
pub enum MultiplyMessage {
    /// Shows the next number.
    Next,
    /// Typed into the field.
    Typed(String),
    /// Submits it.
    Submit,
}

/// The page.
pub struct Multiply {
    numbers: [u64; 5],
    /// Place of the number that is shown; after the last one the field is.
    shown: usize,
    typed: String,
    right: bool,
}

impl Multiply {
    /// The page of a seed.
    pub fn new(seed: u32) -> Multiply {
        Multiply {
            numbers: numbers(seed),
            shown: 0,
            typed: String::new(),
            right: false,
        }
    }

    /// Answers a touch.
    pub fn update(&mut self, message: MultiplyMessage) {
        match message {
            MultiplyMessage::Next => self.shown += 1,
            MultiplyMessage::Typed(text) => self.typed = text,
            MultiplyMessage::Submit => {
                let product: u64 = self.numbers.iter().product();
                self.right = whole(&self.typed) == Some(product);
            }
        }
    }

    /// What is on it.
    pub fn view(&self) -> Vec<Widget<PageMessage>> {
        let send = PageMessage::Multiply;
        let mut parts = Vec::new();
        if let Some(number) = self.numbers.get(self.shown) {
            parts.push(paragraph(number.to_string()).text_size(40.0));
            parts.push(web_button("Click Me", send(MultiplyMessage::Next)));
            return parts;
        }
        let field = text_field(self.typed.clone(), "Enter the product")
            .key("product")
            .input(InputKind::Number)
            .border(1.0, Color::rgb(0x76_7676))
            .padding_symmetric(12.0, 12.0)
            .width(Length::Dp(220.0))
            .on_change(move |text| send(MultiplyMessage::Typed(text)));
        parts.push(field);
        parts.push(web_button("Submit", send(MultiplyMessage::Submit)));
        if self.right {
            parts.push(paragraph(SUCCESS));
        }
        parts
    }
}

/// The whole part of what a field for numbers holds.
fn whole(typed: &str) -> Option<u64> {
    typed.parse::<f64>().ok()?;
    let digits = typed.split('.').next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_are_entered() {
        assert_eq!(whole("2800"), Some(2800));
        assert_eq!(whole("0012.9"), Some(12));
        for wrong in ["", "-3", "1-2", "..", ".5", "12a"] {
            assert_eq!(whole(wrong), None, "{wrong}");
        }
    }
}

//! Copying a text to the clipboard (catalogue section 3.15).

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::CALENDAR;
use super::clipboard::{self, BarButton, touch_bar};
use super::comparison::fuzzy;
use super::screen::{back, open, steps};
use super::{Solution, Task, TaskError, base, params, pools};
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// What is on the clipboard before and afterwards.
const NOTHING_COPIED: &str = "nothing was copied yet";

/// Short texts.
const TEXTS: [&str; 36] = [
    "12 Maple Street",
    "48 Harbour Road, Flat 3",
    "Unit 7B, Orchard Lane 19",
    "PO Box 2210, Elmwood",
    "221 Cedar Avenue, Room 14",
    "Gate C, North Terminal",
    "Locker #318",
    "Parcel no. 88-1042-6",
    "Order #A4471-Q",
    "Voucher: SPRING25",
    "Booking code: K9X2LM",
    "Ticket T-55031",
    "Invoice 2023/1187",
    "Serial: 7F3A-22C0-9D14",
    "Door code 4402",
    "PIN: 8836",
    "Wi-Fi: guest-lounge-5",
    "Room #204",
    "Flight LX 318",
    "Train IC 714, coach 9",
    "ana.ruiz@example.org",
    "office@example.com",
    "sales.team@example.net",
    "k.lind+trip@example.org",
    "+1 555 010 4477",
    "555-0139 ext. 12",
    "https://example.org/menu",
    "Tom's garage, 3rd floor",
    "Lena's new number",
    "Don't forget the keys",
    "It's at 18:45",
    "Meet at 9:30",
    "Size 42, colour: blue",
    "2 kg flour, 1 kg sugar",
    "Recipe: lemon cake",
    "Blood type: AB+",
];

/// SystemCopyToClipboard.
struct CopyText {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    clipboard_content: String,
}

impl CopyText {
    fn read(&self, params: &Params) -> Result<String, TaskError> {
        let Given { clipboard_content } = params::read(&self.spec, params)?;
        match clipboard_content.trim().is_empty() {
            true => Err(params::wrong(&self.spec, "clipboard_content is empty")),
            false => Ok(clipboard_content),
        }
    }
}

#[async_trait]
impl Task for CopyText {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&Given {
            clipboard_content: pools::pick(&TEXTS, rng),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let text = self.read(params)?;
        Ok(format!("Put this text on the clipboard: {text}"))
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        base::init(device, &self.spec, "").await?;
        clipboard::set(device, NOTHING_COPIED).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let text = self.read(&instance.params)?;
        let copied = clipboard::get(device).await?;
        Ok(fuzzy(Some(&text), copied.as_deref()))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        clipboard::set(device, NOTHING_COPIED).await?;
        base::teardown(device, &self.spec, "").await
    }

    // Any field will do to type the text and copy it; that of a search keeps nothing.
    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let text = self.read(&instance.params)?;
        let mut touches = 0;
        Ok(steps(move |look| {
            if !look.shows(CALENDAR) {
                return open(CALENDAR);
            }
            let Some(field) = look.id("top_toolbar_search") else {
                return back();
            };
            if look.text(field).trim() != text.trim() {
                touches = 0;
                return Action::input_text(field, &text);
            }
            touches += 1;
            match touches {
                1 => Action::long_press(field),
                2 => touch_bar(look, field, BarButton::SelectAll),
                3 => touch_bar(look, field, BarButton::Copy),
                _ => Action::complete(),
            }
        }))
    }
}

/// The task of this file.
pub(super) const TASKS: &[&'static dyn Task] = &[&CopyText {
    spec: TaskSpec {
        name: "SystemCopyToClipboard",
        apps: &["clipper"],
        complexity: 1.0,
        difficulty: "easy",
        tags: &["data_entry", "parameterized"],
        params: &["clipboard_content"],
    },
}];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_passes_for_another() {
        for (position, text) in TEXTS.iter().enumerate() {
            assert!(text.is_ascii() && text.trim() == *text, "{text}");
            let others = TEXTS[..position].iter().chain([&NOTHING_COPIED]);
            assert!(
                others.clone().all(|other| !fuzzy(Some(text), Some(other))),
                "{text}"
            );
        }
    }
}

//! The clipboard of the device, through Clipper (catalogue section 2.7), and the bar over a text field
//! with which solutions copy and paste.

use super::TaskError;
use super::screen::Look;
use crate::adb::quote;
use crate::device::Device;
use crate::domain::Action;

/// A script that puts a text on the clipboard, if there is one, and prints what is on it. Only the app in
/// front can read it.
fn script(text: Option<&str>) -> String {
    let set = text.map_or_else(String::new, |text| {
        format!(
            "am broadcast -a clipper.set -e text {} >/dev/null\n",
            quote(text)
        )
    });
    format!(
        "am start -n ca.zgrs.clipper/.Main >/dev/null 2>&1
sleep 0.5
{set}am broadcast -a clipper.get
input keyevent KEYCODE_BACK"
    )
}

/// Reads what the broadcast answered; `None` when there is nothing on the clipboard, or no Clipper.
fn parse(output: &str) -> Option<&str> {
    let (_, rest) = output.split_once("result=-1")?;
    let (_, text) = rest.split_once("data=")?;
    Some(plain(text))
}

/// A text without the quotes and line breaks around it, which an answer does not tell from its own.
fn plain(text: &str) -> &str {
    text.trim_matches(['"', '\n', '\r'])
}

/// Puts a text on the clipboard and makes sure of it.
pub(super) async fn set(device: &Device, text: &str) -> Result<(), TaskError> {
    let output = device.adb().query(&script(Some(text))).await?;
    if parse(&output) == Some(plain(text)) {
        return Ok(());
    }
    Err(TaskError::setup(
        device,
        "the clipboard could not be set; is Clipper installed?",
    ))
}

/// What is on the clipboard, if anything.
pub(super) async fn get(device: &Device) -> Result<Option<String>, TaskError> {
    let output = device.adb().query(&script(None)).await?;
    Ok(parse(&output).map(str::to_owned))
}

/// A button of the bar that comes with a long press on a text field. The bar is a window of its own, which
/// not every tree of a screen holds: then it is touched where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BarButton {
    /// On an empty field.
    Paste,
    /// Whether or not a word is selected.
    SelectAll,
    /// After all is selected.
    Copy,
}

/// From this height on a field has room for the bar above it, in dp.
const ROOM: f32 = 104.0;
/// From the field to the middle of the bar, in dp.
const APART: f32 = 28.0;

/// Touches a button of the bar of a field.
pub(super) fn touch_bar(look: Look, field: usize, button: BarButton) -> Action {
    // From the middle of the screen, in dp.
    let (label, aside) = match button {
        BarButton::Paste => ("Paste", -45.0),
        BarButton::SelectAll => ("Select all", 55.0),
        BarButton::Copy => ("Copy", -50.0),
    };
    if let Some(tap) = look.tap_named(label) {
        return tap;
    }
    let width = look.screen().width() as f32;
    let dp = width / 411.0;
    let bounds = look.bounds(field);
    let y = match bounds.y_min as f32 >= ROOM * dp {
        true => bounds.y_min as f32 - APART * dp,
        false => bounds.y_max as f32 + APART * dp,
    };
    Action::click_at((width / 2.0 + aside * dp) as i32, y as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clipper_answers_is_read() {
        let answer = |text: &str| {
            format!(
                "Broadcasting: Intent {{ act=clipper.get }}\nBroadcast completed: result=-1, data=\"{text}\"\n"
            )
        };
        assert_eq!(parse(&answer("a: 'b' #3")), Some("a: 'b' #3"));
        assert_eq!(parse(&answer("one data=two")), Some("one data=two"));
        assert_eq!(parse("Broadcast completed: result=0\n"), None);
    }
}

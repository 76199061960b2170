//! Whether an observation is whole: what no screen can have shown is an error, whichever channel it came through.
//! Pure; uses `domain`.

use super::Tree;
use crate::domain::{Frame, ScreenSize};

/// Why a picture can't be one of a screen of this size, turned or not.
pub fn picture(frame: &Frame, screen: Option<ScreenSize>) -> Result<(), String> {
    if let Some(screen) = screen {
        let is = |size: ScreenSize| {
            i64::from(frame.width) == i64::from(size.width)
                && i64::from(frame.height) == i64::from(size.height)
        };
        if !is(screen) && !is(screen.turned(1)) {
            return Err(format!(
                "a picture of {}x{} of a screen of {screen}",
                frame.width, frame.height
            ));
        }
    }
    // A screen that is black is opaque all the same.
    match frame.rgba.iter().all(|byte| *byte == 0) {
        true => Err("a picture of nothing but zeros, as of a display that is not drawn".to_owned()),
        false => Ok(()),
    }
}

/// Why a tree can't be one of a screen.
pub fn tree(tree: &Tree) -> Result<(), String> {
    match tree.elements.is_empty() {
        true => Err("a tree without elements".to_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::UiElement;

    #[test]
    fn what_no_screen_shows_is_told() {
        let screen = ScreenSize {
            width: 2,
            height: 3,
        };
        let frame = |width: u32, height: u32, value: u8| {
            let mut rgba = vec![0; width as usize * height as usize * 4];
            if let Some(last) = rgba.last_mut() {
                *last = value;
            }
            Frame::new(width, height, rgba).unwrap()
        };
        for (frame, whole) in [
            (frame(2, 3, 255), true),
            (frame(3, 2, 255), true),
            (frame(3, 3, 255), false),
            (frame(1, 3, 255), false),
            (frame(2, 3, 0), false),
            (frame(0, 0, 0), false),
        ] {
            assert_eq!(picture(&frame, Some(screen)).is_ok(), whole, "{frame:?}");
        }
        assert!(picture(&frame(9, 9, 1), None).is_ok());
        assert!(tree(&Tree::default()).is_err());
        let elements = vec![UiElement::default()];
        let activity = None;
        assert!(tree(&Tree { elements, activity }).is_ok());
    }
}

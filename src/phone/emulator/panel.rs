//! The panel of the screen, which stays as it is built when the screen is turned: an emulator's clients touch it
//! and see it so. Pure.

use crate::domain::{Frame, ScreenSize};

/// Where a touch of the panel is on a screen with `turns` quarter turns to the left. `size` is the panel's.
pub fn turned(turns: u8, size: ScreenSize, (x, y): (i32, i32)) -> (i32, i32) {
    let (right, low) = (size.width - 1, size.height - 1);
    match turns {
        1 => (y, right - x),
        2 => (right - x, low - y),
        3 => (low - y, x),
        _ => (x, y),
    }
}

/// The panel when the screen shows this.
pub fn panel(turns: u8, screen: Frame) -> Frame {
    if turns == 0 {
        return screen;
    }
    let (width, height) = match turns {
        2 => (screen.width, screen.height),
        _ => (screen.height, screen.width),
    };
    let (Ok(wide), Ok(tall)) = (i32::try_from(width), i32::try_from(height)) else {
        return screen;
    };
    let size = ScreenSize {
        width: wide,
        height: tall,
    };
    let mut rgba = Vec::with_capacity(screen.rgba.len());
    for y in 0..tall {
        for x in 0..wide {
            let (x, y) = turned(turns, size, (x, y));
            let at = (y as usize * screen.width as usize + x as usize) * 4;
            rgba.extend_from_slice(screen.rgba.get(at..at + 4).unwrap_or(&[0; 4]));
        }
    }
    Frame {
        width,
        height,
        rgba: rgba.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_touched_is_what_is_seen() {
        // A screen of 3 by 2 whose pixels say where they are.
        let pixel = |x: u8, y: u8| [x, y, 0, 255];
        for (turns, width, height) in [(0, 3, 2), (1, 3, 2), (2, 3, 2), (3, 3, 2)] {
            let rgba: Vec<u8> = (0..height)
                .flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)))
                .collect();
            let screen = Frame {
                width: u32::from(width),
                height: u32::from(height),
                rgba: rgba.into(),
            };
            let shown = panel(turns, screen);
            let sides = if turns % 2 == 1 { (2, 3) } else { (3, 2) };
            assert_eq!((shown.width, shown.height), sides);
            let size = ScreenSize {
                width: sides.0 as i32,
                height: sides.1 as i32,
            };
            for at in 0..6 {
                let place = (at as i32 % size.width, at as i32 / size.width);
                let (x, y) = turned(turns, size, place);
                assert_eq!(shown.rgba[at * 4..at * 4 + 4], pixel(x as u8, y as u8));
            }
        }
        let size = ScreenSize {
            width: 1080,
            height: 2400,
        };
        // Turned to the left, the panel's upper right corner is the screen's upper left one.
        assert_eq!(turned(1, size, (1079, 0)), (0, 0));
        assert_eq!(turned(3, size, (0, 2399)), (0, 0));
    }
}

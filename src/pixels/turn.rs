//! Pictures of a screen that is turned. Uses `domain`.

use crate::domain::{Frame, Point, ScreenSize};

/// The picture of a panel whose screen, turned by so many quarter turns to the left, shows this; the other way round,
/// from the panel's picture to the screen's, it is `4 - turns`. A picture that is not turned is not copied.
pub fn turn(turns: u8, screen: Frame) -> Frame {
    let (Ok(width), Ok(height)) = (i32::try_from(screen.width), i32::try_from(screen.height))
    else {
        return screen;
    };
    if turns.is_multiple_of(4) {
        return screen;
    }
    let size = ScreenSize { width, height }.turned(turns);
    let mut rgba = Vec::with_capacity(screen.rgba.len());
    for y in 0..size.height {
        for x in 0..size.width {
            let at = size.turn_point(turns, Point { x, y });
            let at = (at.y as usize * screen.width as usize + at.x as usize) * 4;
            rgba.extend_from_slice(screen.rgba.get(at..at + 4).unwrap_or(&[0; 4]));
        }
    }
    Frame {
        width: size.width.unsigned_abs(),
        height: size.height.unsigned_abs(),
        rgba: rgba.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_touched_is_what_is_seen() {
        // A screen of 3 by 2 whose pixels say where they are.
        let rgba: Vec<u8> = (0..2u8)
            .flat_map(|y| (0..3u8).flat_map(move |x| [x, y, 0, 255]))
            .collect();
        let screen = Frame {
            width: 3,
            height: 2,
            rgba: rgba.into(),
        };
        for turns in 0..4 {
            let shown = turn(turns, screen.clone());
            let sides = if turns % 2 == 1 { (2, 3) } else { (3, 2) };
            assert_eq!((shown.width, shown.height), sides);
            let size = ScreenSize {
                width: sides.0 as i32,
                height: sides.1 as i32,
            };
            for at in 0..6 {
                let place = Point {
                    x: at as i32 % size.width,
                    y: at as i32 / size.width,
                };
                let Point { x, y } = size.turn_point(turns, place);
                assert_eq!(shown.rgba[at * 4..at * 4 + 4], [x as u8, y as u8, 0, 255]);
            }
            assert_eq!(turn((4 - turns) % 4, shown), screen);
        }
    }
}

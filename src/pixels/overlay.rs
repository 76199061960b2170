//! Marks drawn on a screenshot for people.

use crate::domain::Frame;

/// Draws a ring around a tap, sized to the screen.
pub fn draw_tap(frame: &Frame, x: i32, y: i32) -> Frame {
    let mut rgba = frame.rgba.to_vec();
    let outer = (frame.width as f32 * 0.045).max(4.0);
    let inner = outer * 0.7;
    let reach = outer.ceil() as i32;
    for row in (y - reach).max(0)..(y + reach + 1).min(frame.height as i32) {
        for column in (x - reach).max(0)..(x + reach + 1).min(frame.width as i32) {
            let distance = ((row - y) as f32).hypot((column - x) as f32);
            let strength = if distance > outer {
                continue;
            } else if distance >= inner {
                0.9
            } else {
                0.25
            };
            let start = (row as usize * frame.width as usize + column as usize) * 4;
            for (channel, color) in rgba[start..start + 3]
                .iter_mut()
                .zip([230.0, 30.0, 80.0_f32])
            {
                *channel = (f32::from(*channel) * (1.0 - strength) + color * strength) as u8;
            }
        }
    }
    Frame {
        rgba: rgba.into(),
        ..*frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_change_pixels_only_near_them() {
        let frame = Frame::new(100, 100, vec![255u8; 40_000]).unwrap();
        let marked = draw_tap(&frame, 50, 50);
        assert_ne!(marked.rgba[(50 * 100 + 54) * 4 + 1], 255);
        assert_eq!(marked.rgba[0], 255);
        // Taps at or beyond the edge are cut, not a panic.
        draw_tap(&frame, -3, 120);
        draw_tap(&frame, 99, 0);
    }
}

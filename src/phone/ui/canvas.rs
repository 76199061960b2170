//! Drawing into RGBA pixels: rectangles with round corners, arcs, lines, masks. Opaque fills go row by row.

use super::color::Color;
use super::font::Mask;
use crate::domain::{BoundingBox, Frame};

/// Pixels to draw into, within a clip.
pub struct Canvas<'a> {
    /// One word per pixel, red in the lowest byte on a little-endian host (see [`word`]).
    pixels: &'a mut [u32],
    width: i32,
    height: i32,
    clip: BoundingBox,
}

/// An opaque colour as the four bytes R, G, B, 255 in memory order.
pub fn word(color: Color) -> u32 {
    u32::from_ne_bytes([color.red, color.green, color.blue, 255])
}

fn blend(pixel: &mut u32, color: Color, coverage: u32) {
    let [red, green, blue, _] = pixel.to_ne_bytes();
    // Division by 255 as in (x * 257 + 257) >> 16, exact for x <= 255 * 255.
    let mix = |below: u8, above: u8| {
        let value = u32::from(below) * (255 - coverage) + u32::from(above) * coverage;
        ((value * 257 + 257) >> 16) as u8
    };
    *pixel = u32::from_ne_bytes([
        mix(red, color.red),
        mix(green, color.green),
        mix(blue, color.blue),
        255,
    ]);
}

impl<'a> Canvas<'a> {
    /// A canvas of `[height, width]` pixels; `None` when their number does not fit.
    pub fn new(pixels: &'a mut [u32], width: i32, height: i32) -> Option<Canvas<'a>> {
        let fits = width > 0
            && height > 0
            && pixels.len() as u64 == u64::from(width as u32) * u64::from(height as u32);
        fits.then(|| Canvas {
            pixels,
            width,
            height,
            clip: BoundingBox::new(0, 0, width, height),
        })
    }

    /// Limits drawing to a box.
    pub fn set_clip(&mut self, clip: BoundingBox) {
        self.clip = clip.intersection(&BoundingBox::new(0, 0, self.width, self.height));
    }

    fn row(&mut self, y: i32, from: i32, to: i32) -> &mut [u32] {
        let start = (y * self.width + from) as usize;
        &mut self.pixels[start..start + (to - from).max(0) as usize]
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, bounds: BoundingBox, color: Color) {
        let area = bounds.intersection(&self.clip);
        if area.is_empty() || color.alpha == 0 {
            return;
        }
        for y in area.y_min..area.y_max {
            let row = self.row(y, area.x_min, area.x_max);
            if color.alpha == 255 {
                row.fill(word(color));
            } else {
                for pixel in row {
                    blend(pixel, color, u32::from(color.alpha));
                }
            }
        }
    }

    /// Fills a rectangle with round corners of `radius` pixels.
    pub fn fill_rounded(&mut self, bounds: BoundingBox, radius: f32, color: Color) {
        let shorter = bounds.width().min(bounds.height()) as f32;
        let radius = radius.min(shorter / 2.0);
        if radius < 0.5 {
            return self.fill(bounds, color);
        }
        let area = bounds.intersection(&self.clip);
        if area.is_empty() || color.alpha == 0 {
            return;
        }
        let corner = radius.ceil() as i32;
        for y in area.y_min..area.y_max {
            let from_top = (y - bounds.y_min) as f32 + 0.5;
            let from_bottom = (bounds.y_max - y) as f32 - 0.5;
            let depth = from_top.min(from_bottom);
            let (mut start, mut end) = (bounds.x_min, bounds.x_max);
            if depth < radius {
                start += corner;
                end -= corner;
                for step in 0..corner {
                    let (dx, dy) = (radius - step as f32 - 0.5, radius - depth);
                    let cover = radius - (dx * dx + dy * dy).sqrt() + 0.5;
                    if cover <= 0.0 {
                        continue;
                    }
                    let cover = (cover.min(1.0) * f32::from(color.alpha)) as u32;
                    for x in [bounds.x_min + step, bounds.x_max - 1 - step] {
                        self.blend_at(x, y, color, cover);
                    }
                }
            }
            let span = BoundingBox::new(start, y, end, y + 1);
            self.fill(span, color);
        }
    }

    /// Draws the outline of a rectangle with round corners, inside of its edges.
    pub fn outline(&mut self, bounds: BoundingBox, radius: f32, width: f32, color: Color) {
        let half = [bounds.width() as f32 / 2.0, bounds.height() as f32 / 2.0];
        let radius = radius.min(half[0]).min(half[1]);
        let center = [bounds.x_min as f32 + half[0], bounds.y_min as f32 + half[1]];
        let band = (radius.max(width).ceil() as i32 + 1).max(1);
        let area = bounds.intersection(&self.clip);
        for y in area.y_min..area.y_max {
            let near_edge = y < bounds.y_min + band || y >= bounds.y_max - band;
            let mut x = area.x_min;
            while x < area.x_max {
                // Between the two vertical bands of an inner row there is nothing to draw.
                if !near_edge && x >= bounds.x_min + band && x < bounds.x_max - band {
                    x = bounds.x_max - band;
                    continue;
                }
                let dx = (x as f32 + 0.5 - center[0]).abs() - (half[0] - radius);
                let dy = (y as f32 + 0.5 - center[1]).abs() - (half[1] - radius);
                let outside = (dx.max(0.0).powi(2) + dy.max(0.0).powi(2)).sqrt();
                let distance = outside + dx.max(dy).min(0.0) - radius;
                let cover =
                    (0.5 - distance).clamp(0.0, 1.0) - (0.5 - (distance + width)).clamp(0.0, 1.0);
                if cover > 0.0 {
                    self.blend_at(x, y, color, (cover * f32::from(color.alpha)) as u32);
                }
                x += 1;
            }
        }
    }

    /// Draws a part of a ring, clockwise from the top; begin and sweep are parts of a turn.
    pub fn arc(&mut self, center: [f32; 2], radius: f32, width: f32, turn: [f32; 2], color: Color) {
        let reach = radius + width / 2.0 + 1.0;
        let around = BoundingBox::new(
            (center[0] - reach) as i32,
            (center[1] - reach) as i32,
            (center[0] + reach).ceil() as i32,
            (center[1] + reach).ceil() as i32,
        );
        let area = around.intersection(&self.clip);
        for y in area.y_min..area.y_max {
            for x in area.x_min..area.x_max {
                let (dx, dy) = (x as f32 + 0.5 - center[0], y as f32 + 0.5 - center[1]);
                let off = ((dx * dx + dy * dy).sqrt() - radius).abs() - width / 2.0;
                if off >= 0.5 {
                    continue;
                }
                if turn[1] < 1.0 {
                    let angle = dx.atan2(-dy) / std::f32::consts::TAU;
                    if (angle - turn[0]).rem_euclid(1.0) > turn[1] {
                        continue;
                    }
                }
                let cover = (0.5 - off).min(1.0);
                self.blend_at(x, y, color, (cover * f32::from(color.alpha)) as u32);
            }
        }
    }

    /// Draws a straight line.
    pub fn line(&mut self, from: [f32; 2], to: [f32; 2], width: f32, color: Color) {
        let reach = width / 2.0 + 1.0;
        let around = BoundingBox::new(
            (from[0].min(to[0]) - reach) as i32,
            (from[1].min(to[1]) - reach) as i32,
            (from[0].max(to[0]) + reach).ceil() as i32,
            (from[1].max(to[1]) + reach).ceil() as i32,
        );
        let area = around.intersection(&self.clip);
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length2 = (dx * dx + dy * dy).max(1e-6);
        for y in area.y_min..area.y_max {
            for x in area.x_min..area.x_max {
                let (px, py) = (x as f32 + 0.5 - from[0], y as f32 + 0.5 - from[1]);
                let along = ((px * dx + py * dy) / length2).clamp(0.0, 1.0);
                let (ex, ey) = (px - along * dx, py - along * dy);
                let cover = width / 2.0 - (ex * ex + ey * ey).sqrt() + 0.5;
                if cover > 0.0 {
                    self.blend_at(
                        x,
                        y,
                        color,
                        (cover.min(1.0) * f32::from(color.alpha)) as u32,
                    );
                }
            }
        }
    }

    /// Draws a mask with its origin at a pixel.
    pub fn mask(&mut self, mask: &Mask, x: i32, y: i32, color: Color) {
        let bounds = BoundingBox::new(
            x + mask.left,
            y + mask.top,
            x + mask.left + mask.width,
            y + mask.top + mask.height,
        );
        let area = bounds.intersection(&self.clip);
        if area.is_empty() {
            return;
        }
        let alpha = u32::from(color.alpha);
        for row in area.y_min..area.y_max {
            let start = (row - bounds.y_min) * mask.width + area.x_min - bounds.x_min;
            let coverage = &mask.coverage[start as usize..][..area.width() as usize];
            let pixels = self.row(row, area.x_min, area.x_max);
            for (pixel, &cover) in pixels.iter_mut().zip(coverage) {
                match (cover, alpha) {
                    (0, _) => {}
                    (255, 255) => *pixel = word(color),
                    (cover, 255) => blend(pixel, color, u32::from(cover)),
                    (cover, alpha) => blend(pixel, color, u32::from(cover) * alpha / 255),
                }
            }
        }
    }

    /// Draws a picture pixel by pixel with its top left corner at `x`, `y`.
    pub fn picture(&mut self, frame: &Frame, x: i32, y: i32) {
        let [Ok(width), Ok(height)] = [frame.width, frame.height].map(i32::try_from) else {
            return;
        };
        let area = BoundingBox::new(x, y, x + width, y + height).intersection(&self.clip);
        if area.is_empty() {
            return;
        }
        for row in area.y_min..area.y_max {
            let start = ((row - y) * width + area.x_min - x) as usize * 4;
            let source = frame.rgba[start..].chunks_exact(4);
            let pixels = self.row(row, area.x_min, area.x_max);
            for (pixel, from) in pixels.iter_mut().zip(source) {
                let color = Color::rgb(u32::from_be_bytes([0, from[0], from[1], from[2]]));
                match from[3] {
                    255 => *pixel = word(color),
                    alpha => blend(pixel, color, u32::from(alpha)),
                }
            }
        }
    }

    fn blend_at(&mut self, x: i32, y: i32, color: Color, coverage: u32) {
        let inside = (self.clip.x_min..self.clip.x_max).contains(&x)
            && (self.clip.y_min..self.clip.y_max).contains(&y);
        if inside {
            blend(
                &mut self.pixels[(y * self.width + x) as usize],
                color,
                coverage.min(255),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_stay_inside_their_box_and_clip() {
        let mut pixels = vec![word(Color::WHITE); 100];
        let mut canvas = Canvas::new(&mut pixels, 10, 10).unwrap();
        canvas.set_clip(BoundingBox::new(2, 2, 8, 8));
        canvas.fill(BoundingBox::new(-5, 4, 50, 6), Color::BLACK);
        canvas.fill_rounded(BoundingBox::new(3, 0, 7, 4), 2.0, Color::ACCENT);
        for y in 0..10 {
            for x in 0..10 {
                let inside = (2..8).contains(&x) && (2..8).contains(&y);
                if !inside {
                    assert_eq!(pixels[y * 10 + x], word(Color::WHITE), "{x} {y}");
                }
            }
        }
        assert_eq!(pixels[4 * 10 + 5], word(Color::BLACK));
        assert_eq!(pixels[2 * 10 + 5], word(Color::ACCENT));
    }

    #[test]
    fn corners_are_round_and_outlines_hollow() {
        let mut pixels = vec![word(Color::WHITE); 400];
        let mut canvas = Canvas::new(&mut pixels, 20, 20).unwrap();
        canvas.fill_rounded(BoundingBox::new(0, 0, 20, 20), 8.0, Color::BLACK);
        assert_eq!(pixels[0], word(Color::WHITE));
        assert_eq!(pixels[10 * 20], word(Color::BLACK));
        let mut pixels = vec![word(Color::WHITE); 400];
        let mut canvas = Canvas::new(&mut pixels, 20, 20).unwrap();
        canvas.outline(BoundingBox::new(0, 0, 20, 20), 4.0, 2.0, Color::BLACK);
        assert_eq!(pixels[10 * 20 + 10], word(Color::WHITE));
        assert_eq!(pixels[10 * 20], word(Color::BLACK));
        assert_eq!(pixels[10 * 20 + 19], word(Color::BLACK));
        assert_eq!(pixels[0], word(Color::WHITE));
    }

    #[test]
    fn a_canvas_of_the_wrong_size_is_refused() {
        let mut pixels = vec![0; 10];
        assert!(Canvas::new(&mut pixels, 3, 3).is_none());
        assert!(Canvas::new(&mut pixels, -2, -5).is_none());
    }
}

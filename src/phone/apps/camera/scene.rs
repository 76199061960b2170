//! What the camera sees: tiles and a square in front of them, as shapes for the preview and as pixels for
//! files. Pure, but for the encoder of pictures.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::phone::ui::{Color, Shape};

/// Tiles in a row.
const COLUMNS: u32 = 8;
/// Rows of tiles.
const ROWS: u32 = 10;
/// Side of the square, as a share of the width.
const SQUARE: f32 = 0.22;

/// The view of one of the cameras at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scene {
    /// The camera at the front.
    pub front: bool,
    /// Where the square is on its way, from 0 to 1.
    pub moment: f32,
}

impl Scene {
    fn tile(self, column: u32, row: u32) -> Color {
        let shade = u8::try_from(row * 9).unwrap_or(u8::MAX);
        let (light, dark) = match self.front {
            false => ([206, 214, 226], [92, 108, 140]),
            true => ([226, 212, 200], [140, 104, 84]),
        };
        let [red, green, blue] = match (column + row) % 2 {
            0 => light,
            _ => dark,
        };
        let level = |value: u8| value.saturating_sub(shade);
        Color {
            red: level(red),
            green: level(green),
            blue: level(blue),
            alpha: 255,
        }
    }

    /// Left and top of the square as shares of the width and the height.
    fn square(self) -> (f32, f32) {
        (0.12 + 0.54 * self.moment, 0.4)
    }

    const SQUARE_COLOR: Color = Color::rgb(0xE0_7A2E);

    /// Shapes that fill a preview of that size in dp.
    pub fn shapes(self, width: f32, height: f32) -> Vec<Shape> {
        let (tile_width, tile_height) = (width / COLUMNS as f32, height / ROWS as f32);
        let mut shapes: Vec<Shape> = (0..ROWS)
            .flat_map(|row| (0..COLUMNS).map(move |column| (column, row)))
            .map(|(column, row)| Shape::Rectangle {
                at: [
                    column as f32 * tile_width,
                    row as f32 * tile_height,
                    tile_width,
                    tile_height,
                ],
                radius: 0.0,
                color: self.tile(column, row),
            })
            .collect();
        let (left, top) = self.square();
        let side = SQUARE * width;
        shapes.push(Shape::Rectangle {
            at: [left * width, top * height, side, side],
            radius: 0.0,
            color: Scene::SQUARE_COLOR,
        });
        shapes
    }

    /// A JPEG of that size in pixels; `None` when the encoder refuses.
    pub fn jpeg(self, width: u16, height: u16) -> Option<Vec<u8>> {
        let (columns, rows) = (u32::from(width), u32::from(height));
        let (left, top) = self.square();
        let side = SQUARE * width as f32;
        let inside = |value: u32, from: f32| {
            let value = value as f32;
            value >= from && value < from + side
        };
        let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
        for y in 0..rows {
            let in_rows = inside(y, top * height as f32);
            for x in 0..columns {
                let color = match in_rows && inside(x, left * width as f32) {
                    true => Scene::SQUARE_COLOR,
                    false => self.tile(x * COLUMNS / columns, y * ROWS / rows),
                };
                pixels.extend([color.red, color.green, color.blue]);
            }
        }
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 85);
        encoder
            .encode(&pixels, columns, rows, ExtendedColorType::Rgb8)
            .ok()?;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_show_the_square_where_the_preview_has_it() {
        let scene = Scene {
            front: false,
            moment: 0.5,
        };
        let bytes = scene.jpeg(160, 120).unwrap();
        let picture = image::load_from_memory(&bytes).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), (160, 120));
        let (left, top) = scene.square();
        let middle = picture.get_pixel((left * 160.0) as u32 + 17, (top * 120.0) as u32 + 17);
        assert!(middle[0] > 200 && middle[2] < 90, "{middle:?}");
        assert_eq!(scene.shapes(100.0, 100.0).len(), 81);
    }
}

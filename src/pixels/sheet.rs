//! A sheet that text is written on: pictures that tasks make.

use super::font;
use crate::domain::Frame;

/// A picture in the making.
#[derive(Debug, Clone)]
pub struct Sheet {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

/// Largest side of a sheet in pixels.
const MAX_SIDE: u32 = 8_192;

impl Sheet {
    /// A sheet of one colour; sides are at least one pixel and at most 8192.
    pub fn new(width: u32, height: u32, color: [u8; 3]) -> Sheet {
        let (width, height) = (width.clamp(1, MAX_SIDE), height.clamp(1, MAX_SIDE));
        let [red, green, blue] = color;
        let count = width as usize * height as usize;
        Sheet {
            width,
            height,
            rgba: [red, green, blue, 255].repeat(count),
        }
    }

    /// Pixels across.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Gives each pixel a colour, row by row.
    pub fn paint(&mut self, mut color: impl FnMut() -> [u8; 3]) {
        for pixel in self.rgba.chunks_exact_mut(4) {
            pixel[..3].copy_from_slice(&color());
        }
    }

    /// Writes one line with its top left corner at a pixel; what reaches beyond the edges is cut.
    pub fn write(&mut self, line: &str, size: f32, at: [f32; 2], bold: bool, color: [u8; 3]) {
        let baseline = (at[1] + font::baseline(size)).round() as i32;
        font::each_glyph(line, size, bold, at[0], baseline, |mask, x, y| {
            for row in 0..mask.height {
                for column in 0..mask.width {
                    let cover = mask.coverage[(row * mask.width + column) as usize];
                    self.blend(
                        x + mask.left + column,
                        y + mask.top + row,
                        color,
                        u32::from(cover),
                    );
                }
            }
        });
    }

    fn blend(&mut self, x: i32, y: i32, color: [u8; 3], cover: u32) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return;
        };
        if x >= self.width || y >= self.height {
            return;
        }
        let start = (y as usize * self.width as usize + x as usize) * 4;
        for (below, above) in self.rgba[start..start + 3].iter_mut().zip(color) {
            let mixed = u32::from(*below) * (255 - cover) + u32::from(above) * cover;
            *below = (mixed / 255) as u8;
        }
    }

    /// The picture.
    pub fn finish(self) -> Frame {
        Frame {
            width: self.width,
            height: self.height,
            rgba: self.rgba.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_written_inside_of_the_sheet() {
        let mut sheet = Sheet::new(60, 30, [255, 255, 255]);
        sheet.write("Ink", 24.0, [4.0, 0.0], false, [0, 0, 0]);
        sheet.write("beyond the edge", 24.0, [40.0, 8.0], true, [255, 0, 0]);
        let frame = sheet.finish();
        let pixels: Vec<&[u8]> = frame.rgba.chunks_exact(4).collect();
        assert_eq!(pixels.len(), 60 * 30);
        assert!(pixels.iter().any(|pixel| pixel[..3] == [0, 0, 0]));
        assert!(pixels.iter().any(|pixel| pixel[0] == 255 && pixel[1] < 128));
        assert!(pixels.iter().all(|pixel| pixel[3] == 255));
    }
}

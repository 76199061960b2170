//! Pictures as files: PNG, JPEG, SVG.

use std::fmt::Write;

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ImageEncoder, ImageResult};

use super::picture::Picture;
use crate::domain::BoundingBox;
use crate::phone::ui::Color;
use crate::phone::ui::canvas::{Canvas, word};

/// Quality of JPEG files, out of 100.
const QUALITY: u8 = 70;
/// Pixels along one side at most.
const LONGEST: i32 = 8_192;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// Scalable Vector Graphics.
    Svg,
    /// JPEG.
    Jpg,
}

impl Format {
    /// In the order of the dialog.
    pub const ALL: [Format; 3] = [Format::Png, Format::Svg, Format::Jpg];

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Svg => "svg",
            Format::Jpg => "jpg",
        }
    }

    /// Its MIME type.
    pub fn mime(self) -> &'static str {
        match self {
            Format::Png => "image/png",
            Format::Svg => "image/svg+xml",
            Format::Jpg => "image/jpeg",
        }
    }
}

/// The bytes of a file with the picture in that many pixels; `density` is pixels per dp. `None` when the
/// size makes no picture.
pub fn encode(picture: &Picture, format: Format, size: [i32; 2], density: f32) -> Option<Vec<u8>> {
    let [width, height] = size;
    if !(1..=LONGEST).contains(&width) || !(1..=LONGEST).contains(&height) {
        return None;
    }
    if format == Format::Svg {
        return Some(svg(picture, size, density).into_bytes());
    }
    let mut words = vec![word(picture.ground); width as usize * height as usize];
    let mut canvas = Canvas::new(&mut words, width, height)?;
    canvas.set_clip(BoundingBox::new(0, 0, width, height));
    for stroke in &picture.strokes {
        let [from_x, from_y, to_x, to_y] = stroke.way.map(|dp| dp * density);
        let color = stroke.color.unwrap_or(picture.ground);
        canvas.line(
            [from_x, from_y],
            [to_x, to_y],
            stroke.width * density,
            color,
        );
    }
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    compress(&bytes, format, width as u32, height as u32).ok()
}

fn compress(rgba: &[u8], format: Format, width: u32, height: u32) -> ImageResult<Vec<u8>> {
    let mut file = Vec::new();
    if format == Format::Png {
        let encoder = PngEncoder::new(&mut file);
        encoder.write_image(rgba, width, height, ExtendedColorType::Rgba8)?;
    } else {
        let rgb: Vec<u8> = rgba
            .chunks_exact(4)
            .flat_map(|pixel| pixel.iter().copied().take(3))
            .collect();
        let encoder = JpegEncoder::new_with_quality(&mut file, QUALITY);
        encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8)?;
    }
    Ok(file)
}

fn svg(picture: &Picture, [width, height]: [i32; 2], density: f32) -> String {
    let hex = |color: Color| format!("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue);
    let ground = hex(picture.ground);
    let mut text = format!(
        "<svg width=\"{width}\" height=\"{height}\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{ground}\"/>\n"
    );
    for stroke in &picture.strokes {
        let [from_x, from_y, to_x, to_y] = stroke.way.map(|dp| dp * density);
        let _ = writeln!(
            text,
            "<path d=\"M{from_x:.1},{from_y:.1} L{to_x:.1},{to_y:.1}\" fill=\"none\" stroke=\"{}\" \
             stroke-width=\"{:.1}\" stroke-linecap=\"round\"/>",
            hex(stroke.color.unwrap_or(picture.ground)),
            stroke.width * density
        );
    }
    text + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::super::picture::{Drawing, Stroke};
    use super::*;

    #[test]
    fn files_show_the_strokes() {
        let mut drawing = Drawing::new(Color::WHITE);
        drawing.draw(Stroke {
            way: [5.0, 10.0, 35.0, 10.0],
            width: 8.0,
            color: Some(Color::rgb(0xD0_0000)),
        });
        for format in [Format::Png, Format::Jpg] {
            let file = encode(&drawing.picture, format, [80, 60], 2.0).unwrap();
            let picture = image::load_from_memory(&file).unwrap().to_rgb8();
            assert_eq!(picture.dimensions(), (80, 60));
            let [red, green, _] = picture.get_pixel(40, 20).0;
            assert!(red > 180 && green < 40, "{format:?}");
            assert!(picture.get_pixel(40, 50).0.iter().all(|level| *level > 240));
        }
        let file = encode(&drawing.picture, Format::Svg, [80, 60], 2.0).unwrap();
        let text = String::from_utf8(file).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        let path = document
            .descendants()
            .find(|node| node.has_tag_name("path"))
            .unwrap();
        assert_eq!(path.attribute("d"), Some("M10.0,20.0 L70.0,20.0"));
        assert!(encode(&drawing.picture, Format::Png, [0, 60], 2.0).is_none());
    }
}

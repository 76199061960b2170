//! Pictures: decode, encode, resize, thumbnails, text and taps drawn on them; video. May use `domain` and `wire`.

pub mod font;
mod overlay;
mod plain_png;
mod sheet;
mod turn;
mod unfilter;
mod video;

pub use overlay::draw_tap;
pub use sheet::Sheet;
pub use turn::turn;
pub use video::{EncodedFrame, VideoEncoder, decode_key_frame};

use std::io::Cursor;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageFormat, ImageReader, Limits};

use crate::domain::Frame;

/// Largest side of a picture that is decoded, in pixels.
const MAX_SIDE: u32 = 16_384;
/// Most pixels of a picture that [`decode`] takes: those of a phone's camera.
const MAX_PIXELS: u64 = 16 << 20;
/// Most memory that decoding a PNG takes, in bytes.
const MAX_BYTES: usize = 256 << 20;

/// Why a picture can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PixelsError {
    /// Not a picture, or beyond the limits.
    #[error("the picture can't be decoded: {0}")]
    Decode(String),
    /// It could not be written.
    #[error("the picture can't be encoded: {0}")]
    Encode(String),
    /// A size of zero.
    #[error("the picture can't be resized: {0}")]
    Resize(String),
}

/// Decodes a PNG; its size is checked before memory is taken.
///
/// # Errors
/// [`PixelsError::Decode`].
pub fn decode_png(bytes: &[u8]) -> Result<Frame, PixelsError> {
    match plain_png::decode(bytes)? {
        Some(frame) => Ok(frame),
        None => decode_any_png(bytes),
    }
}

fn decode_any_png(bytes: &[u8]) -> Result<Frame, PixelsError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES as u64);
    reader.limits(limits);
    let picture = reader
        .decode()
        .map_err(|error| PixelsError::Decode(error.to_string()))?
        .into_rgba8();
    let (width, height) = picture.dimensions();
    Frame::new(width, height, picture.into_raw())
        .ok_or_else(|| PixelsError::Decode("odd size".into()))
}

/// Decodes a PNG or JPEG, whichever it is, and shrinks it to at most `most` pixels. Its size is checked
/// before memory is taken.
///
/// # Errors
/// [`PixelsError::Decode`].
pub fn decode(bytes: &[u8], most: u64) -> Result<Frame, PixelsError> {
    let wrong = |error: &dyn std::fmt::Display| PixelsError::Decode(error.to_string());
    let format = image::guess_format(bytes).map_err(|error| wrong(&error))?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg) {
        return Err(wrong(&"neither PNG nor JPEG"));
    }
    let read = || {
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(MAX_PIXELS * 8);
        reader.limits(limits);
        reader
    };
    let (width, height) = read().into_dimensions().map_err(|error| wrong(&error))?;
    let count = u64::from(width) * u64::from(height);
    if count > MAX_PIXELS {
        return Err(wrong(&format!("{width}x{height} is too large")));
    }
    let picture = read().decode().map_err(|error| wrong(&error))?.into_rgba8();
    let (width, height) = picture.dimensions();
    let frame = Frame::new(width, height, picture.into_raw()).ok_or_else(|| wrong(&"odd size"))?;
    if count <= most {
        return Ok(frame);
    }
    let scale = (most as f64 / count as f64).sqrt();
    let side = |length: u32| ((f64::from(length) * scale) as u32).max(1);
    resize(&frame, side(width), side(height))
}

/// Encodes a frame as PNG, fast rather than small.
///
/// # Errors
/// [`PixelsError::Encode`].
pub fn encode_png(frame: &Frame) -> Result<Vec<u8>, PixelsError> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, PngFilter::Adaptive)
        .write_image(
            &frame.rgba,
            frame.width,
            frame.height,
            ExtendedColorType::Rgba8,
        )
        .map_err(|error| PixelsError::Encode(error.to_string()))?;
    Ok(bytes)
}

/// Encodes a frame as JPEG with a quality of 1 to 100.
///
/// # Errors
/// [`PixelsError::Encode`].
pub fn encode_jpeg(frame: &Frame, quality: u8) -> Result<Vec<u8>, PixelsError> {
    let rgb: Vec<u8> = frame
        .rgba
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100))
        .write_image(&rgb, frame.width, frame.height, ExtendedColorType::Rgb8)
        .map_err(|error| PixelsError::Encode(error.to_string()))?;
    Ok(bytes)
}

/// Resizes a frame (bilinear, with the right support for shrinking).
///
/// # Errors
/// [`PixelsError::Resize`] for a size of zero.
pub fn resize(frame: &Frame, width: u32, height: u32) -> Result<Frame, PixelsError> {
    let whole = [0.0, 0.0, f64::from(frame.width), f64::from(frame.height)];
    resize_part(frame, whole, width, height)
}

/// Resizes the part of a frame that has this left edge, top edge, width and height in its pixels.
///
/// # Errors
/// [`PixelsError::Resize`] for a size of zero, or a part that is not inside.
pub fn resize_part(
    frame: &Frame,
    [left, top, part_width, part_height]: [f64; 4],
    width: u32,
    height: u32,
) -> Result<Frame, PixelsError> {
    if width == 0 || height == 0 {
        return Err(PixelsError::Resize(format!("to {width}x{height}")));
    }
    let problem = |error: &dyn std::fmt::Display| PixelsError::Resize(error.to_string());
    let source = ImageRef::new(frame.width, frame.height, &frame.rgba, PixelType::U8x4)
        .map_err(|e| problem(&e))?;
    let mut target = Image::new(width, height, PixelType::U8x4);
    // Screenshots are opaque: alpha need not be multiplied in and out.
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
        .crop(left, top, part_width, part_height)
        .use_alpha(false);
    Resizer::new()
        .resize(&source, &mut target, &options)
        .map_err(|e| problem(&e))?;
    Frame::new(width, height, target.into_vec())
        .ok_or_else(|| PixelsError::Resize("a size of zero".into()))
}

/// Luminance in [0, 1], `[height, width]`, of a frame shrunk to that size.
///
/// # Errors
/// [`PixelsError::Resize`] for a size of zero.
pub fn luminance(frame: &Frame, width: u32, height: u32) -> Result<Vec<f32>, PixelsError> {
    let small = resize(frame, width, height)?;
    Ok(small
        .rgba
        .chunks_exact(4)
        .map(|pixel| {
            // Rec. 601 weights.
            (0.299 * f32::from(pixel[0])
                + 0.587 * f32::from(pixel[1])
                + 0.114 * f32::from(pixel[2]))
                / 255.0
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn striped(width: u32, height: u32) -> Frame {
        let rgba: Vec<u8> = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 200, 255]))
            .collect();
        Frame::new(width, height, rgba).unwrap()
    }

    #[test]
    fn png_round_trips() {
        let frame = striped(20, 30);
        assert_eq!(decode_png(&encode_png(&frame).unwrap()).unwrap(), frame);
        assert!(decode_png(b"no picture").is_err());
        assert!(decode_png(&encode_png(&frame).unwrap()[..60]).is_err());
    }

    #[test]
    fn pictures_of_files_are_told_apart_and_shrunk() {
        let frame = striped(40, 20);
        for bytes in [
            encode_png(&frame).unwrap(),
            encode_jpeg(&frame, 90).unwrap(),
        ] {
            let whole = decode(&bytes, 800).unwrap();
            assert_eq!((whole.width, whole.height), (40, 20));
            let small = decode(&bytes, 200).unwrap();
            assert_eq!((small.width, small.height), (20, 10));
            assert!(decode(&bytes[..bytes.len() / 8], 800).is_err());
        }
        assert!(decode(b"GIF89a", 800).is_err());
        assert!(resize_part(&frame, [30.0, 0.0, 20.0, 5.0], 3, 3).is_err());
    }

    #[test]
    fn luminance_of_a_flat_picture_is_flat() {
        let white = Frame::new(40, 80, vec![255u8; 40 * 80 * 4]).unwrap();
        let values = luminance(&white, 4, 8).unwrap();
        assert_eq!(values.len(), 32);
        assert!(values.iter().all(|value| (value - 1.0).abs() < 0.01));
        assert!(luminance(&white, 0, 8).is_err());
    }

    #[test]
    fn jpeg_is_made() {
        assert_eq!(
            &encode_jpeg(&striped(16, 16), 80).unwrap()[..2],
            b"\xff\xd8"
        );
    }
}

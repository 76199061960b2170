//! H.264, by the crate `openh264`: frames to a stream, and key frames of a stream to frames. May use `domain` and
//! `wire`.

use openh264::OpenH264API;
use openh264::decoder::Decoder;
use openh264::encoder::{
    Complexity, Encoder, EncoderConfig, FrameRate, FrameType, RateControlMode, UsageType, VuiConfig,
};
use openh264::formats::{RgbaSliceU8, YUVBuffer, YUVSource};

use super::PixelsError;
use crate::domain::Frame;
use crate::wire::h264::{self, Matrix, Sequence};

/// Frames to a stream. Sizes may change between frames.
pub struct VideoEncoder {
    encoder: Encoder,
}

/// What a frame became: units with start codes before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedFrame {
    /// Parameter sets and slices.
    pub stream: Vec<u8>,
    /// Whether it needs no frame before it; then the parameter sets come first.
    pub key: bool,
}

impl VideoEncoder {
    /// An encoder of a fixed good quality: screens are flat and sharp, and small at that.
    ///
    /// # Errors
    /// [`PixelsError::Encode`].
    pub fn new() -> Result<VideoEncoder, PixelsError> {
        // What differs from this for screens the library changes itself, with a complaint on the error stream.
        let config = EncoderConfig::new()
            .max_frame_rate(FrameRate::from_hz(60.0))
            .rate_control_mode(RateControlMode::Off)
            .usage_type(UsageType::ScreenContentRealTime)
            .complexity(Complexity::Low)
            .skip_frames(false)
            .scene_change_detect(true)
            .background_detection(false)
            .adaptive_quantization(false)
            .vui(VuiConfig::bt601())
            .num_threads(1);
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config);
        Ok(VideoEncoder {
            encoder: encoder.map_err(|error| PixelsError::Encode(error.to_string()))?,
        })
    }

    /// The next frame; `key` has it need none before it. The first one, those of a new size, and those that have
    /// nothing of the one before never do.
    ///
    /// # Errors
    /// [`PixelsError::Encode`], also for a side of an odd number of pixels.
    pub fn encode(&mut self, frame: &Frame, key: bool) -> Result<EncodedFrame, PixelsError> {
        let (width, height) = (frame.width as usize, frame.height as usize);
        if width % 2 + height % 2 > 0 || width == 0 || height == 0 {
            let reason = format!("a video of {width}x{height}; sides must be even");
            return Err(PixelsError::Encode(reason));
        }
        let source = RgbaSliceU8::new(&frame.rgba, (width, height));
        let picture = YUVBuffer::from_rgba8_source(source);
        if key {
            self.encoder.force_intra_frame();
        }
        let encoded = self.encoder.encode(&picture);
        let encoded = encoded.map_err(|error| PixelsError::Encode(error.to_string()))?;
        Ok(EncodedFrame {
            stream: encoded.to_vec(),
            key: matches!(encoded.frame_type(), FrameType::IDR),
        })
    }
}

/// Decodes a key frame, with the parameter sets in front of it. What it says of its size is checked before memory is
/// taken.
///
/// # Errors
/// [`PixelsError::Decode`].
pub fn decode_key_frame(stream: &[u8]) -> Result<Frame, PixelsError> {
    let wrong = |error: &dyn std::fmt::Display| PixelsError::Decode(error.to_string());
    let sequence = h264::sequence(stream).map_err(|error| wrong(&error))?;
    let sequence = sequence.ok_or_else(|| wrong(&"no parameter set comes with the key frame"))?;
    // A decoder keeps pictures to refer to: one for each key frame costs less than that.
    let mut decoder = Decoder::new().map_err(|error| wrong(&error))?;
    let decoded = decoder.decode(stream).map_err(|error| wrong(&error))?;
    let decoded = decoded.ok_or_else(|| wrong(&"the key frame is not whole"))?;
    let (width, height) = decoded.dimensions();
    if (width as u64, height as u64) != (sequence.width.into(), sequence.height.into()) {
        return Err(wrong(&format!(
            "{width}x{height} pixels came where {}x{} were said",
            sequence.width, sequence.height
        )));
    }
    let mut rgba = vec![0; width * height * 4];
    match sequence {
        Sequence {
            full_range: false,
            matrix: Matrix::Bt601,
            ..
        } => decoded.write_rgba8(&mut rgba),
        other => write_rgba(&decoded, Mixing::of(other), &mut rgba),
    }
    Frame::new(sequence.width, sequence.height, rgba).ok_or_else(|| wrong(&"odd size"))
}

/// Factors of luminance and colours, in 1/65536.
struct Mixing {
    black: i32,
    light: i32,
    red: i32,
    green: (i32, i32),
    blue: i32,
}

impl Mixing {
    fn of(sequence: Sequence) -> Mixing {
        // Parts of red and blue in the luminance (ITU-R BT.601 and BT.709).
        let (red, blue) = match sequence.matrix {
            Matrix::Bt601 => (0.299, 0.114),
            Matrix::Bt709 => (0.2126, 0.0722),
        };
        let (black, light, colour) = match sequence.full_range {
            true => (0, 1.0, 1.0),
            false => (16, 255.0 / 219.0, 255.0 / 224.0),
        };
        let green = 1.0 - red - blue;
        let whole = |factor: f64| (factor * 65_536.0).round() as i32;
        Mixing {
            black,
            light: whole(light),
            red: whole(2.0 * (1.0 - red) * colour),
            green: (
                whole(2.0 * (1.0 - blue) * blue / green * colour),
                whole(2.0 * (1.0 - red) * red / green * colour),
            ),
            blue: whole(2.0 * (1.0 - blue) * colour),
        }
    }
}

/// For the colours that the crate's own conversion does not know.
fn write_rgba(picture: &impl YUVSource, mixing: Mixing, rgba: &mut [u8]) {
    let (width, _) = picture.dimensions();
    let (luminance, blue, red) = picture.strides();
    let level = |value: i32| (value >> 16).clamp(0, 255) as u8;
    for (row, pixels) in rgba.chunks_exact_mut(width * 4).enumerate() {
        let y = picture.y().chunks(luminance).nth(row).unwrap_or_default();
        let u = picture.u().chunks(blue).nth(row / 2).unwrap_or_default();
        let v = picture.v().chunks(red).nth(row / 2).unwrap_or_default();
        // Two pixels share their colours.
        let colours = u.iter().zip(v).flat_map(|colour| [colour, colour]);
        for ((pixel, y), (u, v)) in pixels.chunks_exact_mut(4).zip(y).zip(colours) {
            let light = (i32::from(*y) - mixing.black) * mixing.light + (1 << 15);
            let (u, v) = (i32::from(*u) - 128, i32::from(*v) - 128);
            pixel.copy_from_slice(&[
                level(light + mixing.red * v),
                level(light - mixing.green.0 * u - mixing.green.1 * v),
                level(light + mixing.blue * u),
                255,
            ]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of plain colours with sharp edges, as screens have them.
    fn screen(width: u32, height: u32, shade: u8) -> Frame {
        let colours = [[250, 250, 250], [20, 90, 200], [shade, 10, 60], [0, 0, 0]];
        let rgba: Vec<u8> = (0..height)
            .flat_map(|y| {
                (0..width).flat_map(move |x| {
                    let [red, green, blue] = colours[(x / 40 + y / 56) as usize % 4];
                    [red, green, blue, 255]
                })
            })
            .collect();
        Frame::new(width, height, rgba).unwrap()
    }

    /// The mean difference of a channel, in levels.
    fn difference(left: &Frame, right: &Frame) -> f64 {
        assert_eq!((left.width, left.height), (right.width, right.height));
        let pairs = left.rgba.iter().zip(right.rgba.iter());
        let sum: u64 = pairs
            .map(|(left, right)| u64::from(left.abs_diff(*right)))
            .sum();
        sum as f64 / left.rgba.len() as f64
    }

    #[test]
    fn key_frames_are_what_was_encoded() {
        let mut encoder = VideoEncoder::new().unwrap();
        for (width, height, shade) in [(240, 560, 200), (240, 560, 30), (560, 240, 90), (52, 68, 9)]
        {
            let frame = screen(width, height, shade);
            let encoded = encoder.encode(&frame, true).unwrap();
            assert!(encoded.key);
            let decoded = decode_key_frame(&encoded.stream).unwrap();
            let difference = difference(&frame, &decoded);
            assert!(difference < 3.0, "{width}x{height}: {difference}");
        }
    }

    #[test]
    fn only_the_first_frame_and_wanted_ones_are_key_frames() {
        let mut encoder = VideoEncoder::new().unwrap();
        let keys: Vec<bool> = [(1, false), (2, false), (3, true), (3, false)]
            .into_iter()
            .map(|(shade, key)| encoder.encode(&screen(160, 160, shade), key).unwrap().key)
            .collect();
        assert_eq!(keys, [true, false, true, false]);
        assert!(encoder.encode(&screen(161, 160, 0), false).is_err());
    }

    #[test]
    fn what_is_no_key_frame_is_an_error() {
        let mut encoder = VideoEncoder::new().unwrap();
        let key = encoder.encode(&screen(160, 160, 1), true).unwrap().stream;
        let other = encoder.encode(&screen(160, 160, 90), false).unwrap().stream;
        assert!(decode_key_frame(&other).is_err());
        assert!(decode_key_frame(b"").is_err());
        assert!(decode_key_frame(&key[..key.len() / 2]).is_err());
        // Whatever comes of a bit that is wrong, it comes as a picture of the right size or as an error.
        for at in (0..key.len()).step_by(7) {
            let mut bent = key.clone();
            bent[at] ^= 0x40;
            let _ = decode_key_frame(&bent);
        }
    }

    #[test]
    fn other_colours_are_mixed_as_they_are_meant() {
        let (y, u, v) = (vec![63; 8 * 4], vec![102; 8], vec![240; 8]);
        let planes = openh264::formats::YUVSlices::new((&y, &u, &v), (8, 4), (8, 4, 4));
        let mixed = |full_range, matrix| {
            let sequence = Sequence {
                width: 8,
                height: 4,
                full_range,
                matrix,
            };
            let mut rgba = vec![0; 8 * 4 * 4];
            write_rgba(&planes, Mixing::of(sequence), &mut rgba);
            assert!(rgba.chunks_exact(4).all(|pixel| pixel == &rgba[..4]));
            [rgba[0], rgba[1], rgba[2]]
        };
        // Red as BT.709 has it: luminance 63, colours 102 and 240.
        assert_eq!(mixed(false, Matrix::Bt709), [255, 1, 0]);
        assert_eq!(mixed(false, Matrix::Bt601), [233, 0, 2]);
        assert_eq!(mixed(true, Matrix::Bt709), [239, 15, 15]);
    }
}

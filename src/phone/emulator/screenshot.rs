//! The screen as the control service gives it. Uses the machine's screen and `pixels`.

use bytes::Bytes;

use super::shared::{self, SharedError};
use crate::domain::Frame;
use crate::phone::machine::Machine;
use crate::pixels;
use crate::wire::emulator::messages::{
    IMAGE_IN_FILE, Image, ImageFormat, ImageTransport, PixelFormat, Rotation,
};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum ScreenshotError {
    /// A layout that nobody defined.
    #[error("there is no picture format {0}; there are 0 (PNG), 1 (RGBA8888) and 2 (RGB888)")]
    Format(i32),
    /// A display that the phone lacks.
    #[error("there is no display {0}; a phone has display 0")]
    Display(u32),
    /// A way that nobody defined.
    #[error("there is no transport {0}; there are 0 (in the answer) and 1 (in a file)")]
    Transport(i32),
    /// The file can't be written.
    #[error(transparent)]
    File(#[from] SharedError),
    /// The picture could not be made.
    #[error("the picture was not made: {0}")]
    Picture(String),
}

/// The screen now, in the wanted layout and no larger than the wanted size.
///
/// # Errors
/// [`ScreenshotError`] for a wish that cannot be met.
pub fn screenshot(machine: &Machine, wanted: &ImageFormat) -> Result<Image, ScreenshotError> {
    let format =
        PixelFormat::try_from(wanted.format).map_err(|_| ScreenshotError::Format(wanted.format))?;
    if wanted.display != 0 {
        return Err(ScreenshotError::Display(wanted.display));
    }
    let way = wanted.transport.as_ref().filter(|way| way.channel != 0);
    if let Some(way) = way.filter(|way| way.channel != IMAGE_IN_FILE) {
        return Err(ScreenshotError::Transport(way.channel));
    }
    let failed = |error: &dyn std::fmt::Display| ScreenshotError::Picture(error.to_string());
    let timestamp = machine.clock.now_micros();
    // An emulator's picture turns with the phone, not with what it shows.
    let (held, turns) = {
        let system = &machine.look().system;
        let held = system.held % 4;
        (held, (system.rotation() + 4 - held) % 4)
    };
    let kept = machine.screen.kept(machine);
    let own = kept.is_some();
    let shown = kept.unwrap_or_else(|| machine.screen.frame(machine));
    let whole = pixels::turn(turns, shown);
    let (width, height) = fitting((whole.width, whole.height), (wanted.width, wanted.height));
    let scaled = (width, height) != (whole.width, whole.height);
    let frame = match scaled {
        true => pixels::resize(&whole, width, height).map_err(|error| failed(&error))?,
        false => whole,
    };
    let image = match format {
        PixelFormat::Rgba8888 => frame.rgba,
        PixelFormat::Rgb888 => opaque(&frame),
        PixelFormat::Png if scaled || own || turns != 0 => pixels::encode_png(&frame)
            .map_err(|error| failed(&error))?
            .into(),
        PixelFormat::Png => match machine.screen.png(machine) {
            Some(png) => Bytes::from_owner(png),
            None => return Err(failed(&"it could not be encoded as PNG")),
        },
    };
    let length = image.len();
    let mut image = machine.faults.picture(image);
    if let Some(way) = way {
        shared::write(&way.handle, &image, length)?;
        image = Bytes::new();
    }
    Ok(Image {
        format: Some(ImageFormat {
            format: wanted.format,
            rotation: Some(Rotation {
                rotation: held.into(),
            }),
            width,
            height,
            display: 0,
            transport: way.map(|way| ImageTransport {
                channel: IMAGE_IN_FILE,
                handle: way.handle.clone(),
            }),
        }),
        width,
        height,
        image,
        sequence: 0,
        timestamp_micros: u64::try_from(timestamp).unwrap_or(0),
    })
}

/// The largest size of a screen's proportions within a wanted one, where 0 asks for the screen's own; never larger
/// than the screen.
fn fitting((width, height): (u32, u32), wanted: (u32, u32)) -> (u32, u32) {
    let most = |side: u32, wanted: u32| match wanted {
        0 => side,
        wanted => wanted.min(side),
    };
    let (most_width, most_height) = (most(width, wanted.0), most(height, wanted.1));
    let part = |side: u32, by: u32, of: u32| {
        let scaled = u64::from(side) * u64::from(by) / u64::from(of.max(1));
        u32::try_from(scaled).unwrap_or(side).max(1)
    };
    let by_width = part(height, most_width, width);
    match by_width <= most_height {
        true => (most_width, by_width),
        false => (part(width, most_height, height), most_height),
    }
}

fn opaque(frame: &Frame) -> Bytes {
    let pixels = frame.rgba.chunks_exact(4);
    pixels
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_the_proportions_and_stay_within() {
        let screen = (1080, 2400);
        for (wanted, size) in [
            ((0, 0), (1080, 2400)),
            ((540, 0), (540, 1200)),
            ((0, 240), (108, 240)),
            ((540, 240), (108, 240)),
            ((1_000_000_000, 1_000_000_000), (1080, 2400)),
            ((u32::MAX, 1), (1, 1)),
            ((1, u32::MAX), (1, 2)),
        ] {
            assert_eq!(fitting(screen, wanted), size, "{wanted:?}");
        }
    }
}

//! Screenshots in the encodings that clients ask for, kept until the screen changes. Uses the
//! machine's windows.

use std::sync::{Arc, Mutex, PoisonError};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::faults::Condition;
use super::machine::Machine;
use crate::domain::Frame;

/// The last frame and what it was encoded to.
#[derive(Default)]
pub struct ScreenCache {
    last: Mutex<Option<Encoded>>,
    /// What servers show that have a picture of their own, while they stand still.
    kept: Mutex<Option<Frame>>,
}

struct Encoded {
    frame: Frame,
    png: Option<Arc<[u8]>>,
}

impl ScreenCache {
    /// The screen now. Frames that are equal are the same allocation.
    pub fn frame(&self, machine: &Machine) -> Frame {
        self.drawn(machine, || {
            let mut state = machine.lock();
            let state = &mut *state;
            state.windows.render(&mut state.system)
        })
    }

    /// The same for whoever watches the screen: no reason for other watchers to look again.
    pub fn glance(&self, machine: &Machine) -> Frame {
        self.drawn(machine, || {
            let mut state = machine.look();
            let state = &mut *state;
            state.windows.render(&mut state.system)
        })
    }

    /// Has servers with a picture of their own show the one of now, should they stand still.
    pub fn keep(&self, machine: &Machine) {
        let frame = self.frame(machine);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(frame);
    }

    /// The picture that such servers show, where they stand still.
    pub fn kept(&self, machine: &Machine) -> Option<Frame> {
        if !machine.faults.is(Condition::FrozenChannels) {
            return None;
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }

    fn drawn(&self, machine: &Machine, draw: impl FnOnce() -> Frame) -> Frame {
        if machine.faults.is(Condition::FrozenScreen) {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(encoded) = &*last {
                return encoded.frame.clone();
            }
        }
        let frame = draw();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(encoded) if is_same(&encoded.frame, &frame) => encoded.frame.clone(),
            _ => {
                *last = Some(Encoded {
                    frame: frame.clone(),
                    png: None,
                });
                frame
            }
        }
    }

    /// The screen now as PNG.
    pub fn png(&self, machine: &Machine) -> Option<Arc<[u8]>> {
        let frame = self.frame(machine);
        {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(encoded) = &*last
                && is_same(&encoded.frame, &frame)
                && let Some(png) = &encoded.png
            {
                return Some(png.clone());
            }
        }
        let png: Arc<[u8]> = encode_png(&frame)?.into();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(encoded) = &mut *last
            && is_same(&encoded.frame, &frame)
        {
            encoded.png = Some(png.clone());
        }
        Some(png)
    }
}

fn is_same(left: &Frame, right: &Frame) -> bool {
    left.shares(right) || left == right
}

fn encode_png(frame: &Frame) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(256 << 10);
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive)
        .write_image(
            &frame.rgba,
            frame.width,
            frame.height,
            ExtendedColorType::Rgba8,
        )
        .ok()?;
    Some(bytes)
}

/// The 16 bytes in front of a raw `screencap` since API 28: width, height, RGBA_8888, sRGB.
pub fn raw_header(frame: &Frame) -> [u8; 16] {
    const RGBA_8888: u32 = 1;
    const SRGB: u32 = 1;
    let mut header = [0; 16];
    for (index, word) in [frame.width, frame.height, RGBA_8888, SRGB]
        .into_iter()
        .enumerate()
    {
        header[index * 4..index * 4 + 4].copy_from_slice(&word.to_le_bytes());
    }
    header
}

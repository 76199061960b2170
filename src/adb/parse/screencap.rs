//! Raw frames of `screencap`: a header of 16 bytes (12 before Android 9), then pixels.

use bytes::Bytes;

use crate::domain::Frame;

/// Largest side that is taken, in pixels.
const MAX_SIDE: u32 = 16_384;

/// Why bytes are not a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Too few bytes for the header.
    #[error("only {0} bytes")]
    Short(usize),
    /// A size of zero or beyond the limit.
    #[error("a size of {width}x{height}")]
    Size {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// Not RGBA.
    #[error("pixel format {0}, expected 1 (RGBA) or 2 (RGBX)")]
    Format(u32),
    /// The pixels do not fill the size.
    #[error("{found} bytes of pixels for {width}x{height}")]
    Torn {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Bytes after the header.
        found: usize,
    },
}

/// Parses a raw frame, whose pixels stay where they are.
///
/// # Errors
/// [`FrameError`]; a torn frame is an error, not an observation.
pub fn parse_raw(bytes: Bytes) -> Result<Frame, FrameError> {
    let word = |at: usize| {
        bytes
            .get(at..at + 4)
            .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
    };
    let (Some(width), Some(height), Some(format)) = (word(0), word(4), word(8)) else {
        return Err(FrameError::Short(bytes.len()));
    };
    if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
        return Err(FrameError::Size { width, height });
    }
    if !(1..=2).contains(&format) {
        return Err(FrameError::Format(format));
    }
    let pixels = width as usize * height as usize * 4;
    let header = match bytes.len().checked_sub(pixels) {
        Some(header @ (12 | 16)) => header,
        _ => {
            return Err(FrameError::Torn {
                width,
                height,
                found: bytes.len().saturating_sub(16),
            });
        }
    };
    Frame::new(width, height, bytes.slice(header..)).ok_or(FrameError::Size { width, height })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn raw(width: u32, height: u32, format: u32, header: usize, pixels: usize) -> Bytes {
        let mut bytes: Vec<u8> = [width, height, format, 0]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        bytes.truncate(header);
        bytes.resize(header + pixels, 7);
        bytes.into()
    }

    #[test]
    fn both_headers_are_read_and_torn_frames_refused() {
        assert_eq!(parse_raw(raw(2, 3, 1, 16, 24)).unwrap().height, 3);
        assert_eq!(parse_raw(raw(2, 3, 1, 12, 24)).unwrap().width, 2);
        assert!(matches!(
            parse_raw(raw(2, 3, 1, 16, 21)),
            Err(FrameError::Torn { .. })
        ));
        assert!(matches!(
            parse_raw(raw(2, 3, 4, 16, 24)),
            Err(FrameError::Format(4))
        ));
        assert!(matches!(
            parse_raw(raw(0, 3, 1, 16, 24)),
            Err(FrameError::Size { .. })
        ));
        assert!(matches!(
            parse_raw(raw(u32::MAX, u32::MAX, 1, 16, 24)),
            Err(FrameError::Size { .. })
        ));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let _ = parse_raw(bytes.into());
        }
    }
}

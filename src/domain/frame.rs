//! One screenshot in memory.

use std::sync::Arc;

/// A screenshot: RGBA, 8 bits a channel, rows from the top, no padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// `[height, width, 4]`, exactly `width * height * 4` bytes.
    pub rgba: Arc<[u8]>,
}

impl Frame {
    /// Wraps RGBA bytes; `None` when their number does not fit the size.
    pub fn new(width: u32, height: u32, rgba: impl Into<Arc<[u8]>>) -> Option<Frame> {
        let rgba = rgba.into();
        let expected = u64::from(width) * u64::from(height) * 4;
        (rgba.len() as u64 == expected).then_some(Frame {
            width,
            height,
            rgba,
        })
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({}x{})", self.width, self.height)
    }
}

//! One screenshot in memory.

use bytes::Bytes;

/// A screenshot: RGBA, 8 bits a channel, rows from the top, no padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// `[height, width, 4]`, exactly `width * height * 4` bytes, shared by clones.
    pub rgba: Bytes,
}

impl Frame {
    /// Wraps RGBA bytes; `None` when their number does not fit the size.
    pub fn new(width: u32, height: u32, rgba: impl Into<Bytes>) -> Option<Frame> {
        let rgba = rgba.into();
        let expected = u64::from(width) * u64::from(height) * 4;
        (rgba.len() as u64 == expected).then_some(Frame {
            width,
            height,
            rgba,
        })
    }

    /// Whether both have their pixels in the same memory, which is quicker to tell than whether they are equal.
    pub fn shares(&self, other: &Frame) -> bool {
        self.rgba.as_ptr() == other.rgba.as_ptr() && self.rgba.len() == other.rgba.len()
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({}x{})", self.width, self.height)
    }
}

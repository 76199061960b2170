//! Pictures: decode, resize, to tensor, thumbnails, overlays.

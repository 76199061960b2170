//! Any bytes as a screenshot, and as the deflated rows of one whose header and checksums are right: they end in a typed
//! error or in a frame of the size that the header says.
//!
//! `make fuzz FUZZ=screenshot`, with the nightly compiler and `cargo install cargo-fuzz`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stepdroid::pixels::decode_png;

fuzz_target!(|data: &[u8]| {
    let _ = decode_png(data);
    let Some(([width, height], rows)) = data.split_first_chunk() else {
        return;
    };
    let (width, height) = (u32::from(*width), u32::from(*height));
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[8, 6, 0, 0, 0],
    ];
    chunk(&mut picture, b"IHDR", &header.concat());
    chunk(&mut picture, b"IDAT", rows);
    chunk(&mut picture, b"IEND", &[]);
    if let Ok(frame) = decode_png(&picture) {
        assert_eq!((frame.width, frame.height), (width, height));
        assert_eq!(frame.rgba.len(), width as usize * height as usize * 4);
    }
});

fn chunk(picture: &mut Vec<u8>, kind: &[u8; 4], contents: &[u8]) {
    let summed = [&kind[..], contents].concat();
    picture.extend_from_slice(&(contents.len() as u32).to_be_bytes());
    picture.extend_from_slice(&summed);
    picture.extend_from_slice(&crc32fast::hash(&summed).to_be_bytes());
}

//! Any bytes as what scrcpy's server and client send: messages are read again as they were written, and a video is a
//! picture of the size that it says or a typed error.
//!
//! `make fuzz FUZZ=scrcpy`, with the nightly compiler and `cargo install cargo-fuzz`.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use stepdroid::pixels::decode_key_frame;
use stepdroid::wire::h264;
use stepdroid::wire::scrcpy::{ControlMessage, DeviceMessage, PacketHeader};

fuzz_target!(|data: &[u8]| {
    let mut buffer = BytesMut::from(data);
    while let Ok(Some(message)) = ControlMessage::decode(&mut buffer) {
        let mut bytes = BytesMut::new();
        message.encode(&mut bytes);
        // Input devices that a client plays are read only.
        if !matches!(message, ControlMessage::InputDevice(_)) {
            let again = ControlMessage::decode(&mut bytes).expect("what was written is known");
            assert!(again.is_some());
        }
    }
    let mut buffer = BytesMut::from(data);
    while let Ok(Some(message)) = DeviceMessage::decode(&mut buffer) {
        let mut bytes = BytesMut::new();
        message.encode(&mut bytes);
        assert!(matches!(DeviceMessage::decode(&mut bytes), Ok(Some(_))));
    }
    if let Some(head) = data.first_chunk() {
        let _ = PacketHeader::read(head);
    }
    let Ok(Some(sequence)) = h264::sequence(data) else {
        return;
    };
    if let Ok(frame) = decode_key_frame(data) {
        assert_eq!(
            (frame.width, frame.height),
            (sequence.width, sequence.height)
        );
    }
});

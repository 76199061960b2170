//! Any bytes as what an ADB peer sends: packets and messages that are taken are written again as they were read.
//!
//! `make fuzz FUZZ=adb_wire`, with the nightly compiler and `cargo install cargo-fuzz`.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use stepdroid::wire::packet::Packet;
use stepdroid::wire::shell_v2::ShellPacket;
use stepdroid::wire::smart_socket;
use stepdroid::wire::sync::{StatV1, StatV2, split_send};

fuzz_target!(|data: &[u8]| {
    for checksum in [false, true] {
        let mut buffer = BytesMut::from(data);
        while let Ok(Some(packet)) = Packet::decode(&mut buffer, checksum) {
            let mut bytes = BytesMut::new();
            packet.encode(checksum, &mut bytes);
            assert_eq!(Packet::decode(&mut bytes, checksum), Ok(Some(packet)));
        }
    }
    let mut buffer = BytesMut::from(data);
    while let Ok(Some(packet)) = ShellPacket::decode(&mut buffer) {
        let mut bytes = BytesMut::new();
        packet.encode(&mut bytes);
        assert_eq!(ShellPacket::decode(&mut bytes), Ok(Some(packet)));
    }
    if let Some(digits) = data.first_chunk()
        && let Ok(length) = smart_socket::decode_length(*digits)
    {
        let written = smart_socket::encode(&"x".repeat(length)).expect("four digits fit");
        assert!(written[..4].eq_ignore_ascii_case(digits));
    }
    if let Some(bytes) = data.first_chunk() {
        let mut again = BytesMut::new();
        StatV1::read(bytes).put(&mut again);
        assert_eq!(again[..], bytes[..]);
    }
    if let Some(bytes) = data.first_chunk() {
        let mut again = BytesMut::new();
        StatV2::read(bytes).put(&mut again);
        assert_eq!(again[..], bytes[..]);
    }
    if let Some((path, _)) = std::str::from_utf8(data).ok().and_then(split_send) {
        assert!(path.len() < data.len());
    }
});

//! Any bytes as what a device's programs print: trees, frames, files and lists end in an error or in what was printed,
//! and nothing of it makes us panic, whatever is cut or torn.
//!
//! `make fuzz FUZZ=device_replies`, with the nightly compiler and `cargo install cargo-fuzz`.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use stepdroid::adb::parse::{bundle, content, devices, dumpsys, hierarchy, listing, screencap};

fuzz_target!(|data: &[u8]| {
    if let Ok(frame) = screencap::parse_raw(Bytes::copy_from_slice(data)) {
        assert_eq!(
            frame.rgba.len(),
            frame.width as usize * frame.height as usize * 4
        );
    }
    if let Ok(files) = bundle::parse(data, 3) {
        assert_eq!(files.len(), 3);
        let held: usize = files.iter().flatten().map(Vec::len).sum();
        assert!(held <= data.len());
    }
    let text = &String::from_utf8_lossy(data);
    if let Ok(elements) = hierarchy::parse_hierarchy(text) {
        assert!(!elements.is_empty());
    }
    // The dialects of XML matter less than what is in it.
    let _ = hierarchy::parse_hierarchy(&format!("<hierarchy><node {text}/></hierarchy>"));
    for row in content::parse_rows(text, &["_id", "display_name", "number"]) {
        assert!(row.len() <= 3);
    }
    let _ = content::parse_rows(&format!("Row: 0 {text}"), &["a", "b"]);
    let _ = devices::parse_devices(text);
    let _ = dumpsys::parse_wm_size(text);
    let _ = dumpsys::parse_logical_frame(text);
    let _ = dumpsys::parse_viewport(text);
    let _ = dumpsys::parse_top_activity(text);
    let _ = dumpsys::parse_recent_ids(text);
    let _ = listing::parse_regular_files(text);
    let _ = listing::parse_regular_files(&format!("-rw-rw---- 1 u0 u0 {text}"));
});

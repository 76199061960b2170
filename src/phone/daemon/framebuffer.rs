//! The `framebuffer:` service: a header and the raw screen. Uses the machine's screen.

use std::sync::Arc;

use super::connection::Connection;
use super::stream::StreamWriter;

/// Sends one frame.
pub async fn run(connection: &Arc<Connection>, writer: StreamWriter) {
    let machine = connection.daemon.machine.clone();
    let shown = machine.clone();
    let Ok(frame) = tokio::task::spawn_blocking(move || shown.screen.frame(&shown)).await else {
        return;
    };
    // Version 1: version, bits per pixel, size, width, height, then offset and length in bits of
    // red, blue, green and alpha.
    let words = [
        1,
        32,
        frame.rgba.len() as u32,
        frame.width,
        frame.height,
        0,
        8,
        16,
        8,
        8,
        8,
        24,
        8,
    ];
    let header: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    if writer.write(header.into()).await.is_ok() {
        // Who closed the stream does not want the rest.
        let pixels = machine.faults.picture(frame.rgba);
        let _ = writer.write(pixels).await;
    }
}

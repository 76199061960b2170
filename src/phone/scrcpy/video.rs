//! The screen as a stream of H.264, a picture whenever it changes. Uses the machine's screen and `pixels`.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use bytes::{BufMut, BytesMut};

use super::options::Level;
use super::{Server, sockets};
use crate::domain::Frame;
use crate::pixels::{self, EncodedFrame, PixelsError, VideoEncoder};
use crate::wire::h264;
use crate::wire::scrcpy::{H264, PacketHeader, VideoHeader};

/// How often it is seen whether something on the phone has changed.
const GLANCE: Duration = Duration::from_millis(4);
/// How often the screen is looked at even so: what it shows may change with the time.
const LOOK: Duration = Duration::from_millis(250);
/// Shortest time between two pictures: 60 in a second.
const SHORTEST: Duration = Duration::from_micros(16_667);

/// Shows the screen until the client goes or the server is over. A message in `resets` starts the video anew.
pub fn show(server: &Server, socket: &UnixStream, resets: &Receiver<()>) {
    if server.options.codec != "h264" {
        let codec = &server.options.codec;
        let text = format!("Could not create default video encoder for {codec}");
        return server.log(Level::Error, &text);
    }
    let encoder = match VideoEncoder::new() {
        Ok(encoder) => encoder,
        Err(error) => return server.log(Level::Error, &error.to_string()),
    };
    let mut show = Show {
        server,
        socket,
        encoder,
        began: Instant::now(),
        shown: None,
    };
    match show.run(resets) {
        // The client has closed its socket, which is how it ends a server.
        Ok(()) | Err(Failure::Gone) => {}
        Err(Failure::Picture(error)) => {
            server.log(Level::Error, &format!("Video encoding error: {error}"));
        }
    }
    server.log(Level::Debug, "Screen streaming stopped");
}

enum Failure {
    Gone,
    Picture(PixelsError),
}

impl From<io::Error> for Failure {
    fn from(_: io::Error) -> Failure {
        Failure::Gone
    }
}

impl From<PixelsError> for Failure {
    fn from(error: PixelsError) -> Failure {
        Failure::Picture(error)
    }
}

struct Show<'a> {
    server: &'a Server,
    socket: &'a UnixStream,
    encoder: VideoEncoder,
    began: Instant,
    shown: Option<Shown>,
}

/// What the client has.
struct Shown {
    /// The screen that the last packet shows.
    screen: Frame,
    /// The video's size.
    size: (u32, u32),
    /// The last packet, where it was a key frame: it serves again as long as the screen stands still.
    key_frame: Option<EncodedFrame>,
}

impl Show<'_> {
    fn run(&mut self, resets: &Receiver<()>) -> Result<(), Failure> {
        let machine = &self.server.machine;
        let mut reset = false;
        while !self.server.is_over() {
            // Counted before looking: what changes in between is seen at the next turn.
            let seen = machine.changes.count();
            let kept = machine.screen.kept(machine);
            let frame = kept.unwrap_or_else(|| machine.screen.glance(machine));
            let looked = Instant::now();
            let pause = match self.picture(frame, reset)? {
                true => self.pause(),
                false => Duration::ZERO,
            };
            reset = self.rest(resets, seen, looked, pause);
        }
        Ok(())
    }

    /// Waits until there is a reason to look again; whether that is a wish for a new beginning.
    fn rest(&self, resets: &Receiver<()>, seen: u64, looked: Instant, pause: Duration) -> bool {
        while !self.server.is_over() {
            match resets.recv_timeout(GLANCE) {
                Ok(()) => {
                    // One beginning serves all who asked before it.
                    while resets.try_recv().is_ok() {}
                    return true;
                }
                Err(RecvTimeoutError::Timeout) => {}
                // Without control nobody asks.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(GLANCE),
            }
            let (since, changes) = (looked.elapsed(), &self.server.machine.changes);
            if since >= pause && (changes.count() != seen || since >= LOOK) {
                return false;
            }
        }
        false
    }

    fn pause(&self) -> Duration {
        match self.server.options.max_fps {
            most if most > 0.0 => SHORTEST.max(Duration::from_secs_f32((1.0 / most).min(10.0))),
            _ => SHORTEST,
        }
    }

    /// Sends a picture of the screen, unless the client has it already; whether it was sent.
    fn picture(&mut self, screen: Frame, reset: bool) -> Result<bool, Failure> {
        let size = video_size((screen.width, screen.height), self.server.options.max_size);
        let before = self.shown.take();
        let same = before
            .as_ref()
            .is_some_and(|shown| shown.screen.shares(&screen));
        if same && !reset {
            self.shown = before;
            return Ok(false);
        }
        let first = before.is_none();
        let anew = reset || before.as_ref().is_none_or(|shown| shown.size != size);
        if anew {
            self.server.set_size(size.0, size.1);
        }
        let known = before.and_then(|shown| shown.key_frame);
        let encoded = match known.filter(|_| same) {
            Some(encoded) => encoded,
            None if size == (screen.width, screen.height) => self.encoder.encode(&screen, anew)?,
            None => {
                let scaled = pixels::resize(&screen, size.0, size.1)?;
                self.encoder.encode(&scaled, anew)?
            }
        };
        let mut out = BytesMut::with_capacity(encoded.stream.len() + 64);
        if first && self.server.options.codec_meta {
            let (width, height) = size;
            VideoHeader {
                codec: H264,
                width,
                height,
            }
            .encode(&mut out);
        }
        let (config, slices) = split(&encoded.stream);
        if anew {
            self.packet(&mut out, true, false, &config);
        }
        self.packet(&mut out, false, encoded.key, &slices);
        sockets::send(self.server, self.socket, &out)?;
        self.shown = Some(Shown {
            screen,
            size,
            key_frame: Some(encoded).filter(|encoded| encoded.key),
        });
        Ok(true)
    }

    fn packet(&self, out: &mut BytesMut, config: bool, key_frame: bool, bytes: &[u8]) {
        if self.server.options.frame_meta {
            let time = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(0);
            PacketHeader {
                config,
                key_frame,
                time,
                length: bytes.len() as u32,
            }
            .encode(out);
        }
        out.put_slice(bytes);
    }
}

/// Parameter sets and slices of a stream, each with start codes: an encoder of Android gives them apart.
fn split(stream: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut config, mut slices) = (Vec::new(), Vec::with_capacity(stream.len()));
    for unit in h264::units(stream) {
        let to = match h264::kind(unit) {
            h264::SEQUENCE | h264::PICTURE => &mut config,
            _ => &mut slices,
        };
        to.extend_from_slice(&[0, 0, 0, 1]);
        to.extend_from_slice(unit);
    }
    (config, slices)
}

/// The size of a video of a screen: its longer side within the limit, both sides multiples of 8.
fn video_size((width, height): (u32, u32), most: u32) -> (u32, u32) {
    let portrait = height > width;
    let (mut major, mut minor) = if portrait {
        (height, width)
    } else {
        (width, height)
    };
    if most > 0 && major > most {
        minor =
            u32::try_from(u64::from(most) * u64::from(minor) / u64::from(major)).unwrap_or(most);
        major = most;
    }
    if major % 8 + minor % 8 > 0 {
        major &= !7;
        // To the nearest, so that the proportions change least.
        minor = ((minor + 4) & !7).min(major);
    }
    let (major, minor) = (major.max(8), minor.max(8));
    if portrait {
        (minor, major)
    } else {
        (major, minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_real_server() {
        for (screen, most, expected) in [
            ((1080, 2400), 0, (1080, 2400)),
            ((2400, 1080), 0, (2400, 1080)),
            ((1080, 2340), 0, (1080, 2336)),
            ((1080, 2400), 1024, (464, 1024)),
            ((1080, 2400), 4000, (1080, 2400)),
            ((1000, 1001), 0, (1000, 1000)),
            ((1084, 1084), 0, (1080, 1080)),
            ((100, 2000), 8, (8, 8)),
        ] {
            assert_eq!(video_size(screen, most), expected, "{screen:?} {most}");
        }
    }

    #[test]
    fn parameter_sets_go_apart() {
        let stream = [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 1, 0x65, 3];
        let (config, slices) = split(&stream);
        assert_eq!(config, [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2]);
        assert_eq!(slices, [0, 0, 0, 1, 0x65, 3]);
    }
}

//! scrcpy as a channel: its server 3.3.4, started on the device over ADB, shows the screen as H.264 and takes touches,
//! keys and text. The server's jar is the user's; it is pushed once. May use `device`, `adb`, `pixels`, `wire` and
//! `domain`.
//!
//! A device sends a packet only when its screen changes, so that the last one may be old or late. A picture is
//! therefore asked for: the video is started anew, and the key frame that comes of that is the answer. The packets in
//! between are read and dropped, and cost no decoding.

mod fingers;
mod hand;
mod server;
mod video;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::adb::{Adb, AdbError};
use crate::device::{Channel, DeviceError, Gesture, Offers};
use crate::domain::Frame;
use crate::pixels;
use server::Session;

/// Its name.
const NAME: &str = "scrcpy";

/// How scrcpy is used.
#[derive(Debug, Clone)]
pub struct ScrcpyOptions {
    /// The jar of scrcpy's server 3.3.4 on this machine.
    pub jar: PathBuf,
    /// The SHA-256 that the jar must have, in hexadecimal.
    pub sha256: Option<String>,
    /// Most pixels of the pictures' longer side; 0 for the screen's own size. Touches stay in pixels of the screen.
    pub max_size: u32,
    /// Bits of video in a second.
    pub bit_rate: u32,
    /// Most pictures that the device encodes in a second while its screen moves.
    pub max_fps: u32,
    /// How long the server may take to start.
    pub start: Duration,
    /// How long a picture, or what comes after the last gesture, may take.
    pub answer: Duration,
}

impl ScrcpyOptions {
    /// The jar, with what suits most devices.
    pub fn new(jar: impl Into<PathBuf>) -> ScrcpyOptions {
        ScrcpyOptions {
            jar: jar.into(),
            sha256: None,
            max_size: 0,
            bit_rate: 16_000_000,
            max_fps: 15,
            start: Duration::from_secs(20),
            answer: Duration::from_secs(5),
        }
    }
}

/// scrcpy on one device. Its server runs from the first call until [`Channel::close`] or until this is dropped.
#[derive(Debug)]
pub struct Scrcpy {
    adb: Adb,
    options: ScrcpyOptions,
    /// Taken out while it is used: whatever interrupts a use ends the server too.
    session: Mutex<Option<Session>>,
}

/// Why a use of the server failed.
#[derive(Debug)]
enum Failure {
    /// The wire to the device.
    Adb(AdbError),
    /// The server, or what it sent.
    Server(String),
    /// The server closed its video.
    Closed,
}

impl From<AdbError> for Failure {
    fn from(error: AdbError) -> Failure {
        Failure::Adb(error)
    }
}

impl Scrcpy {
    /// scrcpy on a device; nothing is started yet.
    pub fn new(adb: Adb, options: ScrcpyOptions) -> Scrcpy {
        Scrcpy {
            adb,
            options,
            session: Mutex::new(None),
        }
    }

    fn failed(&self, failure: Failure) -> DeviceError {
        match failure {
            Failure::Adb(error) if error.is_lost() => DeviceError::Adb(error),
            Failure::Adb(error) => self.trouble(&error.to_string()),
            Failure::Server(reason) => self.trouble(&reason),
            Failure::Closed => self.trouble("the server closed its video"),
        }
    }

    fn trouble(&self, reason: &str) -> DeviceError {
        DeviceError::Channel {
            channel: NAME,
            reason: format!("on device {}: {reason}", self.adb.serial()),
        }
    }

    /// The session that is open and lives, or a new one.
    async fn open(&self, before: Option<Session>) -> Result<Session, DeviceError> {
        if let Some(session) = before
            && session.video.is_alive()
        {
            return Ok(session);
        }
        let limit = self.options.start;
        match timeout(limit, Session::start(&self.adb, &self.options)).await {
            Ok(started) => started.map_err(|failure| self.failed(failure)),
            Err(_) => Err(self.trouble(&format!(
                "the server did not start within {} ms; see whether it starts by hand, with log_level=debug",
                limit.as_millis()
            ))),
        }
    }

    fn late(&self, what: &str, limit: Duration) -> DeviceError {
        self.trouble(&format!(
            "{what} did not come within {} ms; the server is started anew at the next call",
            limit.as_millis()
        ))
    }
}

#[async_trait]
impl Channel for Scrcpy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offers(&self) -> Offers {
        Offers {
            frame: true,
            input: true,
            ..Offers::default()
        }
    }

    async fn frame(&self) -> Result<Frame, DeviceError> {
        let mut slot = self.session.lock().await;
        let mut session = self.open(slot.take()).await?;
        let limit = self.options.answer;
        let stream = match timeout(limit, session.key_frame()).await {
            Ok(stream) => stream.map_err(|failure| self.failed(failure))?,
            Err(_) => return Err(self.late("a picture", limit)),
        };
        // Milliseconds of work: the other devices of this thread need not wait.
        let decoded = tokio::task::spawn_blocking(move || pixels::decode_key_frame(&stream)).await;
        let frame = decoded
            .map_err(|error| self.trouble(&error.to_string()))?
            .map_err(|error| self.trouble(&error.to_string()))?;
        let screen = session.screen(frame.width, frame.height);
        let frame = match screen {
            // The video's sides are multiples of 8; other channels give the screen's own.
            Some((width, height)) if self.options.max_size == 0 => {
                pixels::resize(&frame, width, height)
                    .map_err(|error| self.trouble(&error.to_string()))?
            }
            _ => frame,
        };
        *slot = Some(session);
        Ok(frame)
    }

    async fn input(&self, gestures: &[Gesture]) -> Result<(), DeviceError> {
        if gestures.is_empty() {
            return Ok(());
        }
        let mut slot = self.session.lock().await;
        let mut session = self.open(slot.take()).await?;
        let limit = self.options.answer + hand::duration(gestures);
        let refused = match timeout(limit, session.perform(gestures)).await {
            Ok(done) => done.map_err(|failure| self.failed(failure))?,
            Err(_) => return Err(self.late("the end of the gestures", limit)),
        };
        *slot = Some(session);
        match refused {
            Some(reason) => Err(self.trouble(&reason)),
            None => Ok(()),
        }
    }

    async fn close(&self) {
        if let Some(session) = self.session.lock().await.take() {
            session.end().await;
        }
    }
}

//! Gestures as control messages, and pictures that are of now. May use the session.

use std::time::Duration;

use tokio::time::sleep;

use super::server::Session;
use super::{Failure, fingers};
use crate::channels::keys;
use crate::device::Gesture;
use crate::domain::Point;
use crate::wire::scrcpy::{ControlMessage, DeviceMessage, Position, meta, touch};

/// Longest text of one message, in bytes; scrcpy's own client sends no more.
const MOST_TEXT: usize = 300;

/// How long gestures take by themselves.
pub(super) fn duration(gestures: &[Gesture]) -> Duration {
    gestures
        .iter()
        .map(|gesture| match gesture {
            Gesture::Tap(_) => fingers::BETWEEN,
            Gesture::Press(_, duration) => *duration + fingers::BETWEEN,
            Gesture::Swipe { duration, .. } => {
                duration.unwrap_or(fingers::SWIPE) + fingers::BETWEEN
            }
            Gesture::Key(_) | Gesture::Text(_) | Gesture::Clear => Duration::ZERO,
        })
        .sum()
}

impl Session {
    /// A key frame of the screen as it is after this was called, with its configuration.
    pub async fn key_frame(&mut self) -> Result<Vec<u8>, Failure> {
        let mut before = 0;
        // A session that was begun for this call begins with what is wanted.
        let mut sure = std::mem::take(&mut self.fresh);
        loop {
            let known = self.video.config();
            if !sure {
                before = self.video.beginnings();
                self.begin_anew().await?;
            }
            self.after(before, true).await?;
            // One that differs may be of a screen that turned just before we asked.
            sure |= self.video.config() == known;
            if sure && let Some(picture) = self.video.picture() {
                self.measure().await?;
                return Ok(picture);
            }
        }
    }

    /// Does gestures one after the other; returns when the device has them all. What it has no key for is told at the
    /// end.
    pub async fn perform(&mut self, gestures: &[Gesture]) -> Result<Option<String>, Failure> {
        // The size of the video has to be known before the first touch.
        self.after(0, false).await?;
        self.measure().await?;
        let mut refused = None;
        let mut touched = false;
        for gesture in gestures {
            let touches = !matches!(gesture, Gesture::Key(_) | Gesture::Text(_) | Gesture::Clear);
            if touches && touched {
                sleep(fingers::BETWEEN).await;
            }
            touched = touches;
            match gesture {
                Gesture::Tap(at) => self.tap(*at),
                Gesture::Press(at, duration) => self.press(*at, *duration).await?,
                Gesture::Swipe { from, to, duration } => {
                    let duration = duration.unwrap_or(fingers::SWIPE);
                    self.drag(*from, *to, duration).await?;
                }
                Gesture::Key(name) => match keys::code(name) {
                    Some(code) => self.key(code, 0),
                    None => {
                        refused = Some(format!("scrcpy's channel does not know the key {name}"))
                    }
                },
                Gesture::Text(text) => self.type_text(text).await?,
                Gesture::Clear => self.clear(),
            }
            self.send().await?;
        }
        // Messages are done in turn: what this one asks for comes after all that the others did.
        let before = self.video.beginnings();
        self.begin_anew().await?;
        self.after(before, false).await?;
        self.fresh = false;
        Ok(refused)
    }

    async fn send(&mut self) -> Result<(), Failure> {
        Ok(self.control.flush().await?)
    }

    async fn begin_anew(&mut self) -> Result<(), Failure> {
        self.control.put(&ControlMessage::ResetVideo);
        self.send().await
    }

    /// Waits for a beginning of the video after so many, and for its first picture if that is wanted.
    async fn after(&mut self, beginnings: u64, picture: bool) -> Result<(), Failure> {
        let serial = self.serial().to_owned();
        let came = self.video.until(&serial, |seen| {
            seen.beginnings > beginnings && (!picture || seen.key_frame.is_some())
        });
        match came.await {
            Err(Failure::Closed) => Err(Failure::Server(self.why("it closed the video"))),
            came => came,
        }
    }

    /// A pixel of the screen as one of the video.
    fn position(&self, at: Point) -> Position {
        let (width, height) = self.video.size();
        let (x, y) = match self.screen(width, height) {
            Some((across, down)) => (scaled(at.x, width, across), scaled(at.y, height, down)),
            None => (at.x, at.y),
        };
        let side = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
        Position {
            x,
            y,
            width: side(width),
            height: side(height),
        }
    }

    fn touch(&mut self, action: u8, at: Point) {
        let up = action == touch::UP;
        let message = ControlMessage::Touch {
            action,
            pointer: touch::FINGER,
            at: self.position(at),
            pressure: if up { 0 } else { touch::PRESSED },
            changed: 0,
            buttons: 0,
        };
        self.control.put(&message);
    }

    /// Down and up in one write, as from the device's own tool: whatever delays it, it never becomes a long press.
    fn tap(&mut self, at: Point) {
        self.touch(touch::DOWN, at);
        self.touch(touch::UP, at);
    }

    async fn press(&mut self, at: Point, duration: Duration) -> Result<(), Failure> {
        self.touch(touch::DOWN, at);
        self.send().await?;
        sleep(duration).await;
        self.touch(touch::UP, at);
        Ok(())
    }

    async fn drag(&mut self, from: Point, to: Point, duration: Duration) -> Result<(), Failure> {
        if from == to {
            return self.press(from, duration).await;
        }
        self.touch(touch::DOWN, from);
        for (pause, at) in fingers::way(from, to, duration) {
            self.send().await?;
            sleep(pause).await;
            self.touch(touch::MOVE, at);
        }
        self.touch(touch::UP, to);
        Ok(())
    }

    fn key(&mut self, code: u32, meta: u32) {
        for action in [touch::DOWN, touch::UP] {
            self.key_event(action, code, meta);
        }
    }

    fn key_event(&mut self, action: u8, code: u32, meta: u32) {
        self.control.put(&ControlMessage::Key {
            action,
            code,
            repeat: 0,
            meta,
        });
    }

    fn clear(&mut self) {
        self.key_event(touch::DOWN, keys::CTRL, meta::CTRL);
        self.key(keys::A, meta::CTRL);
        self.key_event(touch::UP, keys::CTRL, 0);
        self.key(keys::DEL, 0);
    }

    /// Keys for a line that they are enough for; any other is pasted, and stays on the clipboard.
    async fn type_text(&mut self, text: &str) -> Result<(), Failure> {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.key(keys::ENTER, 0);
            }
            if line.is_ascii() {
                // Of ASCII every byte is a character.
                for piece in line.as_bytes().chunks(MOST_TEXT) {
                    let piece = String::from_utf8_lossy(piece).into_owned();
                    self.control.put(&ControlMessage::Text(piece));
                }
            } else {
                self.paste(line).await?;
            }
        }
        Ok(())
    }

    async fn paste(&mut self, text: &str) -> Result<(), Failure> {
        self.sequence += 1;
        self.control.put(&ControlMessage::SetClipboard {
            sequence: self.sequence,
            paste: true,
            text: text.to_owned(),
        });
        self.send().await?;
        loop {
            match self.control.next().await? {
                Some(DeviceMessage::ClipboardSet(sequence)) if sequence == self.sequence => {
                    return Ok(());
                }
                Some(_) => {}
                None => return Err(Failure::Server(self.why("it closed the control socket"))),
            }
        }
    }
}

fn scaled(value: i32, by: u32, of: u32) -> i32 {
    let scaled = i64::from(value) * i64::from(by) / i64::from(of.max(1));
    i32::try_from(scaled).unwrap_or(i32::MAX)
}

//! An emulator's control service as a channel: pictures over gRPC (`emulator-grpc`) or through this machine's memory
//! (`emulator-memory`), touches and keys. What it can't type goes through the device's `input` tool. Uses `emulator`,
//! `device`, `adb` and `pixels`.
//!
//! An emulator knows how the device is held and nothing of the screen: its pictures turn with the device, and what is
//! touched is the panel as it is built. So each picture and each touch asks Android, at the same time, how the screen
//! lies on the panel; a picture that is not the panel's in size is an error.

mod hand;
mod memory;

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;

use self::memory::Memory;
use crate::adb::Adb;
use crate::adb::parse::dumpsys::Viewport;
use crate::device::{Channel, DeviceError, Gesture, InputTool, Offers};
use crate::domain::Frame;
use crate::emulator::{Control, EmulatorError, Shot};
use crate::pixels;

/// How long connecting and one call may take, if not said otherwise.
const PATIENCE: Duration = Duration::from_secs(3);
/// No turn of a screen.
const UNKNOWN: u8 = u8::MAX;

/// An emulator's control service. Its port is not guessed: nothing that it says tells that it is the same device as the
/// one that ADB reaches.
#[derive(Debug)]
pub struct Emulator {
    adb: Adb,
    tool: InputTool,
    port: u16,
    patience: Duration,
    in_memory: bool,
    control: Mutex<Option<Control>>,
    /// Taken while a picture is under way.
    memory: Mutex<Option<Memory>>,
    keyboard: Mutex<Option<bool>>,
    /// How the screen was turned last.
    turns: AtomicU8,
}

impl Emulator {
    /// Pictures in the answers, and input.
    pub fn grpc(adb: Adb, port: u16) -> Emulator {
        Emulator::new(adb, port, false)
    }

    /// Pictures in this machine's memory. The emulator runs on this machine.
    pub fn memory(adb: Adb, port: u16) -> Emulator {
        Emulator::new(adb, port, true)
    }

    fn new(adb: Adb, port: u16, in_memory: bool) -> Emulator {
        Emulator {
            tool: InputTool::new(adb.clone()),
            adb,
            port,
            patience: PATIENCE,
            in_memory,
            control: Mutex::default(),
            memory: Mutex::default(),
            keyboard: Mutex::default(),
            turns: AtomicU8::new(UNKNOWN),
        }
    }

    /// The same with another deadline for connecting and for each call.
    pub fn with_patience(mut self, patience: Duration) -> Emulator {
        self.patience = patience;
        self
    }

    fn failed(&self, reason: impl std::fmt::Display) -> DeviceError {
        DeviceError::Channel {
            channel: self.name(),
            reason: format!("device {}: {reason}", self.adb.serial()),
        }
    }

    /// The service failed: the next call connects anew.
    async fn broken(&self, error: EmulatorError) -> DeviceError {
        *self.control.lock().await = None;
        self.failed(format_args!(
            "{error}; is the emulator running with `-grpc {}`?",
            self.port
        ))
    }

    async fn control(&self) -> Result<Control, DeviceError> {
        let mut slot = self.control.lock().await;
        if let Some(control) = &*slot {
            return Ok(control.clone());
        }
        match Control::connect_within(self.port, self.patience).await {
            Ok(control) => Ok(slot.insert(control).clone()),
            Err(error) => {
                drop(slot);
                Err(self.broken(error).await)
            }
        }
    }

    async fn shot(&self) -> Result<Shot, DeviceError> {
        let control = self.control().await?;
        match self.in_memory {
            true => self.shot_in_memory(&control).await,
            false => match control.shot().await {
                Ok(shot) => Ok(shot),
                Err(error) => Err(self.broken(error).await),
            },
        }
    }

    async fn shot_in_memory(&self, control: &Control) -> Result<Shot, DeviceError> {
        let mut slot = self.memory.lock().await;
        // Whatever fails from here on, or is dropped, leaves the file to the emulator, which may still write to it.
        let mut memory = match slot.take() {
            Some(memory) => memory,
            None => {
                let first = match control.shot().await {
                    Ok(shot) => shot.frame.rgba.len() as u64,
                    Err(error) => return Err(self.broken(error).await),
                };
                Memory::create(first).map_err(|error| {
                    self.failed(format_args!("no memory for its pictures: {error}"))
                })?
            }
        };
        let marked = memory.mark();
        marked.map_err(|error| self.failed(format_args!("the pictures' memory: {error}")))?;
        let placed = match control.shot_into(&memory.handle()).await {
            Ok(placed) => placed,
            Err(error) => return Err(self.broken(error).await),
        };
        // Megabytes to copy: the other devices of this thread need not wait.
        let reading = tokio::task::spawn_blocking(move || (memory.read(placed), memory));
        let (frame, memory) = reading.await.map_err(|error| self.failed(error))?;
        let frame = frame.map_err(|reason| self.failed(reason))?;
        *slot = Some(memory);
        Ok(Shot {
            frame,
            held: placed.held,
        })
    }

    /// How the screen lies on the panel.
    async fn viewport(&self) -> Result<Viewport, DeviceError> {
        let viewport = self.adb.viewport().await?;
        if viewport.logical != viewport.physical {
            return Err(self.failed(format_args!(
                "its screen of {} is scaled from {}; undo that with `wm size reset`, or use the channels of ADB",
                viewport.logical, viewport.physical
            )));
        }
        Ok(viewport)
    }

    async fn has_keyboard(&self, control: &Control) -> Result<bool, DeviceError> {
        let mut slot = self.keyboard.lock().await;
        if let Some(known) = *slot {
            return Ok(known);
        }
        match control.has_keyboard().await {
            Ok(has) => Ok(*slot.insert(has)),
            Err(error) => Err(self.broken(error).await),
        }
    }
}

#[async_trait]
impl Channel for Emulator {
    fn name(&self) -> &'static str {
        match self.in_memory {
            true => "emulator-memory",
            false => "emulator-grpc",
        }
    }

    fn offers(&self) -> Offers {
        Offers {
            frame: true,
            input: !self.in_memory,
            ..Offers::default()
        }
    }

    async fn frame(&self) -> Result<Frame, DeviceError> {
        let (mut shot, viewport) = tokio::join!(self.shot(), self.viewport());
        let viewport = viewport?;
        if self.turns.swap(viewport.turns, Ordering::Relaxed) != viewport.turns {
            // The screen has turned, perhaps since the picture was taken.
            shot = self.shot().await;
        }
        upright(shot?, viewport).map_err(|reason| self.failed(reason))
    }

    /// Keys, touches and ASCII go to the service, the rest to the device's `input` tool, in their order.
    ///
    /// # Errors
    /// When the service or the device fails; what came before has been done.
    async fn input(&self, gestures: &[Gesture]) -> Result<(), DeviceError> {
        let control = self.control().await?;
        let touches = |gesture: &Gesture| {
            matches!(
                gesture,
                Gesture::Tap(_) | Gesture::Press(..) | Gesture::Swipe { .. }
            )
        };
        let viewport = match gestures.iter().any(touches) {
            true => Some(self.viewport().await?),
            false => None,
        };
        for (number, gesture) in gestures.iter().enumerate() {
            if number > 0 {
                hand::pause().await;
            }
            let keyboard = match gesture {
                Gesture::Text(_) | Gesture::Clear => self.has_keyboard(&control).await?,
                _ => false,
            };
            match hand::steps(gesture, keyboard) {
                Some(steps) => {
                    if let Err(error) = hand::perform(&control, viewport, &steps).await {
                        return Err(self.broken(error).await);
                    }
                }
                None => self.tool.input(std::slice::from_ref(gesture)).await?,
            }
        }
        Ok(())
    }

    async fn close(&self) {
        *self.control.lock().await = None;
        *self.memory.lock().await = None;
    }
}

/// The screen's picture out of the one that an emulator made of its panel.
fn upright(shot: Shot, viewport: Viewport) -> Result<Frame, String> {
    let panel = viewport.physical.turned(viewport.turns);
    let expected = panel.turned(shot.held);
    let (width, height) = (shot.frame.width, shot.frame.height);
    if i64::from(width) != i64::from(expected.width)
        || i64::from(height) != i64::from(expected.height)
    {
        return Err(format!(
            "a picture of {width}x{height} of a display of {expected}: it is square, scaled or of another display"
        ));
    }
    // From the device as it is held to the screen as it is turned.
    let turns = (4 + viewport.turns - shot.held) % 4;
    Ok(pixels::turn((4 - turns) % 4, shot.frame))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ScreenSize;

    fn shot(width: u32, height: u32, held: u8) -> Shot {
        let rgba: Vec<u8> = (0..width * height * 4).map(|at| at as u8).collect();
        let frame = Frame::new(width, height, rgba).unwrap();
        Shot { frame, held }
    }

    #[test]
    fn pictures_are_held_against_the_panel_and_turned() {
        let panel = ScreenSize {
            width: 3,
            height: 5,
        };
        let viewport = |turns| Viewport {
            logical: panel.turned(turns),
            physical: panel.turned(turns),
            turns,
        };
        for turns in 0..4 {
            for held in 0..4 {
                let size = panel.turned(held);
                let (width, height) = (size.width.unsigned_abs(), size.height.unsigned_abs());
                let picture = shot(width, height, held);
                let frame = upright(picture.clone(), viewport(turns)).unwrap();
                let screen = panel.turned(turns);
                assert_eq!(i64::from(frame.width), i64::from(screen.width));
                // The device shows it again as the emulator did.
                let again = pixels::turn((4 + turns - held) % 4, frame);
                assert_eq!(again, picture.frame);
            }
        }
        for (width, height, held) in [(5, 5, 0), (3, 3, 0), (6, 10, 0), (5, 3, 0), (3, 5, 1)] {
            let error = upright(shot(width, height, held), viewport(0)).unwrap_err();
            assert!(error.contains("square"), "{error}");
        }
    }
}

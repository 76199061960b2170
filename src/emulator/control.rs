//! A client of an emulator's control service over gRPC, in plain text on 127.0.0.1: screenshots, touch and keys
//! without ADB. Uses `tonic`.

use std::time::Duration;

use prost::Message;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use super::EmulatorError;
use crate::domain::Frame;
use crate::wire::emulator::messages::{
    Empty, EmulatorStatus, IMAGE_IN_FILE, Image, ImageFormat, ImageTransport, KeyCodeType,
    KeyEventType, KeyboardEvent, PixelFormat, Touch, TouchEvent,
};
use crate::wire::emulator::{CONTROL, Protobuf};

/// How long connecting and one call may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer: a screen of 8192 by 4096.
const LONGEST: usize = 160 << 20;
/// Largest side of a screen.
const LARGEST_SIDE: u32 = 8192;

/// A connection to the service; clones share it.
#[derive(Debug, Clone)]
pub struct Control {
    port: u16,
    patience: Duration,
    grpc: Grpc<Channel>,
}

/// A picture, and how the device was held: an emulator turns its pictures with the device, whatever the screen does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    /// The picture.
    pub frame: Frame,
    /// Quarter turns to the left.
    pub held: u8,
}

/// A picture that was put into a file: RGBA, rows from the top, from the file's begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// As in [`Shot`].
    pub held: u8,
}

/// What happens to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// It goes down and stays.
    Down,
    /// It comes up.
    Up,
    /// Both.
    Press,
}

impl Control {
    /// Connects.
    ///
    /// # Errors
    /// When nobody answers in time.
    pub async fn connect(port: u16) -> Result<Control, EmulatorError> {
        Control::connect_within(port, PATIENCE).await
    }

    /// Connects, with a deadline for connecting and for each call after it.
    ///
    /// # Errors
    /// When nobody answers in time.
    pub async fn connect_within(port: u16, patience: Duration) -> Result<Control, EmulatorError> {
        let failed = |reason: String| EmulatorError::Control { port, reason };
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}"))
            .map_err(|error| failed(error.to_string()))?
            .connect_timeout(patience);
        let channel = match tokio::time::timeout(patience, endpoint.connect()).await {
            Ok(Ok(channel)) => channel,
            Ok(Err(error)) => return Err(failed(format!("can't be reached: {}", causes(&error)))),
            Err(_) => return Err(failed("nobody answers".into())),
        };
        Ok(Control {
            port,
            patience,
            grpc: Grpc::new(channel).max_decoding_message_size(LONGEST),
        })
    }

    async fn call<A, B>(&self, method: &str, message: A) -> Result<B, EmulatorError>
    where
        A: Message + 'static,
        B: Message + Default + 'static,
    {
        let failed = |reason: String| EmulatorError::Control {
            port: self.port,
            reason: format!("{method}: {reason}"),
        };
        let path: PathAndQuery = format!("{CONTROL}{method}")
            .parse()
            .map_err(|_| failed("no such path".into()))?;
        let mut grpc = self.grpc.clone();
        let calling = async {
            let gone = |error: tonic::transport::Error| Status::unavailable(causes(&error));
            grpc.ready().await.map_err(gone)?;
            grpc.unary(Request::new(message), path, Protobuf::<A, B>::default())
                .await
        };
        match tokio::time::timeout(self.patience, calling).await {
            Ok(Ok(answer)) => Ok(answer.into_inner()),
            Ok(Err(status))
                if matches!(
                    status.code(),
                    Code::Unauthenticated | Code::PermissionDenied
                ) =>
            {
                Err(failed(
                    "it asks for a token; start the emulator with `-grpc PORT` alone".into(),
                ))
            }
            Ok(Err(status)) => Err(failed(format!("{}: {}", status.code(), status.message()))),
            Err(_) => Err(failed(format!(
                "no answer within {} ms",
                self.patience.as_millis()
            ))),
        }
    }

    /// Whether Android has booted, by the emulator's word.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn is_booted(&self) -> Result<bool, EmulatorError> {
        let status: EmulatorStatus = self.call("getStatus", Empty {}).await?;
        Ok(status.booted)
    }

    /// Whether it has a keyboard for text; without one, what is typed is lost without a word.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn has_keyboard(&self) -> Result<bool, EmulatorError> {
        let status: EmulatorStatus = self.call("getStatus", Empty {}).await?;
        let hardware = status.hardware.unwrap_or_default();
        let keyboard = hardware
            .entry
            .iter()
            .find(|entry| entry.key == "hw.keyboard");
        Ok(keyboard.is_some_and(|entry| matches!(&*entry.value, "true" | "yes" | "1")))
    }

    /// The screen now, in its own size.
    ///
    /// # Errors
    /// When the service fails, or its picture is empty or torn.
    pub async fn screenshot(&self) -> Result<Frame, EmulatorError> {
        Ok(self.shot().await?.frame)
    }

    /// The same with how the device is held.
    ///
    /// # Errors
    /// As [`Control::screenshot`].
    pub async fn shot(&self) -> Result<Shot, EmulatorError> {
        let image = self.picture(None).await?;
        frame(&image).map_err(|reason| self.no_picture(&reason))
    }

    /// Has the emulator put the screen of now into a file, which it names as `file:///...`. The file is there already
    /// and has room for four bytes a pixel: an emulator that can't map it may come to harm. The emulator has written
    /// all of it when this returns; when it fails, it may still be writing.
    ///
    /// # Errors
    /// When the service fails, or it does not write to files.
    pub async fn shot_into(&self, handle: &str) -> Result<Placed, EmulatorError> {
        let image = self.picture(Some(handle)).await?;
        placed(&image, handle).map_err(|reason| self.no_picture(&reason))
    }

    async fn picture(&self, handle: Option<&str>) -> Result<Image, EmulatorError> {
        let wanted = ImageFormat {
            format: PixelFormat::Rgba8888.into(),
            transport: handle.map(|handle| ImageTransport {
                channel: IMAGE_IN_FILE,
                handle: handle.to_owned(),
            }),
            ..ImageFormat::default()
        };
        self.call("getScreenshot", wanted).await
    }

    fn no_picture(&self, reason: &str) -> EmulatorError {
        EmulatorError::Control {
            port: self.port,
            reason: format!("getScreenshot: {reason}"),
        }
    }

    /// Puts a finger down, or moves it.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn touch(&self, x: i32, y: i32) -> Result<(), EmulatorError> {
        self.finger(x, y, 1).await
    }

    /// Lifts the finger.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn lift(&self, x: i32, y: i32) -> Result<(), EmulatorError> {
        self.finger(x, y, 0).await
    }

    async fn finger(&self, x: i32, y: i32, pressure: i32) -> Result<(), EmulatorError> {
        let touch = Touch {
            x,
            y,
            identifier: 0,
            pressure,
            expiration: 1,
        };
        let event = TouchEvent {
            touches: vec![touch],
            display: 0,
        };
        self.call::<_, Empty>("sendTouch", event).await.map(|_| ())
    }

    /// Presses a key by its name in browsers: `GoHome`, `GoBack`, `Enter`.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn press(&self, key: &str) -> Result<(), EmulatorError> {
        let event = KeyboardEvent {
            event_type: KeyEventType::Press.into(),
            key: key.to_owned(),
            ..KeyboardEvent::default()
        };
        self.call::<_, Empty>("sendKey", event).await.map(|_| ())
    }

    /// A key of the emulator's keyboard by Linux's number (`linux/input-event-codes.h`).
    ///
    /// # Errors
    /// When the service fails or knows no such key.
    pub async fn key(&self, linux: i32, stroke: Stroke) -> Result<(), EmulatorError> {
        let event_type = match stroke {
            Stroke::Down => KeyEventType::Down,
            Stroke::Up => KeyEventType::Up,
            Stroke::Press => KeyEventType::Press,
        };
        let event = KeyboardEvent {
            code_type: KeyCodeType::Evdev.into(),
            event_type: event_type.into(),
            key_code: linux,
            ..KeyboardEvent::default()
        };
        self.call::<_, Empty>("sendKey", event).await.map(|_| ())
    }

    /// Types text on the emulator's keyboard: printable ASCII, as it has no other keys, and not much at once, as what
    /// does not fit into its buffer is lost without a word.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn type_text(&self, text: &str) -> Result<(), EmulatorError> {
        let event = KeyboardEvent {
            text: text.to_owned(),
            ..KeyboardEvent::default()
        };
        self.call::<_, Empty>("sendKey", event).await.map(|_| ())
    }
}

/// Width and height of a picture.
fn size(image: &Image) -> Result<(u32, u32), String> {
    // Newer emulators say the size in the format, older ones beside it.
    let size = image
        .format
        .as_ref()
        .map(|format| (format.width, format.height));
    let (width, height) = size
        .filter(|size| size.0 > 0 && size.1 > 0)
        .unwrap_or((image.width, image.height));
    if width == 0 || height == 0 {
        return Err("an empty picture; the screen is not drawn yet".to_owned());
    }
    if width > LARGEST_SIDE || height > LARGEST_SIDE {
        return Err(format!("a picture of {width}x{height}"));
    }
    Ok((width, height))
}

/// How the device was held.
fn held(image: &Image) -> Result<u8, String> {
    let rotation = image.format.as_ref().and_then(|format| format.rotation);
    let rotation = rotation.map_or(0, |rotation| rotation.rotation);
    match u8::try_from(rotation) {
        Ok(held @ 0..4) => Ok(held),
        _ => Err(format!("a device that is turned {rotation} times")),
    }
}

/// A picture as a frame.
fn frame(image: &Image) -> Result<Shot, String> {
    let (width, height) = size(image)?;
    let held = held(image)?;
    let frame = Frame::new(width, height, image.image.clone()).ok_or_else(|| {
        format!(
            "{} bytes for a picture of {width}x{height}",
            image.image.len()
        )
    })?;
    Ok(Shot { frame, held })
}

/// What a picture in a file is.
fn placed(image: &Image, handle: &str) -> Result<Placed, String> {
    let (width, height) = size(image)?;
    let transport = image
        .format
        .as_ref()
        .and_then(|format| format.transport.as_ref());
    // It says so when it has written, and is silent when it could not.
    let written = transport.is_some_and(|way| way.channel == IMAGE_IN_FILE && way.handle == handle);
    if !written || !image.image.is_empty() {
        return Err("it wrote no picture to shared memory; it is too old for that".to_owned());
    }
    Ok(Placed {
        width,
        height,
        held: held(image)?,
    })
}

/// An error with what is behind it: a transport's own words are only "transport error".
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::emulator::messages::Rotation;

    #[test]
    fn empty_and_torn_pictures_are_no_frames() {
        let image = |width, height, bytes: usize| Image {
            width,
            height,
            image: vec![7; bytes].into(),
            ..Image::default()
        };
        assert_eq!(
            frame(&image(2, 3, 24)).map(|shot| (shot.frame.width, shot.frame.height, shot.held)),
            Ok((2, 3, 0))
        );
        for bad in [
            image(0, 0, 0),
            image(2, 3, 23),
            image(2, 3, 25),
            image(u32::MAX, u32::MAX, 0),
        ] {
            assert!(frame(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_picture_in_a_file_is_said_to_be_there() {
        let image = |channel, handle: &str, rotation, bytes: usize| Image {
            format: Some(ImageFormat {
                width: 2,
                height: 3,
                rotation: Some(Rotation { rotation }),
                transport: Some(ImageTransport {
                    channel,
                    handle: handle.to_owned(),
                }),
                ..ImageFormat::default()
            }),
            image: vec![7; bytes].into(),
            ..Image::default()
        };
        let ours = "file:///dev/shm/a";
        let whole = Placed {
            width: 2,
            height: 3,
            held: 1,
        };
        assert_eq!(placed(&image(1, ours, 1, 0), ours), Ok(whole));
        for bad in [
            image(0, ours, 1, 0),
            image(1, "file:///dev/shm/b", 1, 0),
            image(1, ours, 1, 24),
            image(1, ours, 4, 0),
            image(1, ours, -1, 0),
            Image::default(),
        ] {
            assert!(placed(&bad, ours).is_err(), "{bad:?}");
        }
    }
}

//! A client of an emulator's control service over gRPC, in plain text on 127.0.0.1: screenshots and touch without
//! ADB. Uses `tonic`.

use std::time::Duration;

use prost::Message;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use super::EmulatorError;
use crate::domain::Frame;
use crate::wire::emulator::messages::{
    Empty, EmulatorStatus, Image, ImageFormat, KeyEventType, KeyboardEvent, PixelFormat, Touch,
    TouchEvent,
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
    grpc: Grpc<Channel>,
}

impl Control {
    /// Connects.
    ///
    /// # Errors
    /// When nobody answers in time.
    pub async fn connect(port: u16) -> Result<Control, EmulatorError> {
        let failed = |reason: String| EmulatorError::Control { port, reason };
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}"))
            .map_err(|error| failed(error.to_string()))?
            .connect_timeout(PATIENCE);
        let channel = match tokio::time::timeout(PATIENCE, endpoint.connect()).await {
            Ok(Ok(channel)) => channel,
            Ok(Err(error)) => return Err(failed(format!("can't be reached: {}", causes(&error)))),
            Err(_) => return Err(failed("nobody answers".into())),
        };
        Ok(Control {
            port,
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
        match tokio::time::timeout(PATIENCE, calling).await {
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
            Err(_) => Err(failed(format!("no answer within {} s", PATIENCE.as_secs()))),
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

    /// The screen now, in its own size.
    ///
    /// # Errors
    /// When the service fails, or its picture is empty or torn.
    pub async fn screenshot(&self) -> Result<Frame, EmulatorError> {
        let wanted = ImageFormat {
            format: PixelFormat::Rgba8888.into(),
            ..ImageFormat::default()
        };
        let image: Image = self.call("getScreenshot", wanted).await?;
        frame(&image).map_err(|reason| EmulatorError::Control {
            port: self.port,
            reason: format!("getScreenshot: {reason}"),
        })
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
}

/// A picture as a frame.
fn frame(image: &Image) -> Result<Frame, String> {
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
    Frame::new(width, height, &image.image[..]).ok_or_else(|| {
        format!(
            "{} bytes for a picture of {width}x{height}",
            image.image.len()
        )
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

    #[test]
    fn empty_and_torn_pictures_are_no_frames() {
        let image = |width, height, bytes: usize| Image {
            width,
            height,
            image: vec![7; bytes].into(),
            ..Image::default()
        };
        assert_eq!(
            frame(&image(2, 3, 24)).map(|frame| (frame.width, frame.height)),
            Ok((2, 3))
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
}

//! A client of the control service.

use prost::Message;
use stepdroid::phone::Phone;
use stepdroid::wire::emulator::Protobuf;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::PATIENCE;
use crate::wire::{Format, Nothing, Picture, Touch, Touches};

#[derive(Clone)]
pub struct Client {
    grpc: tonic::client::Grpc<Channel>,
}

impl Client {
    pub async fn new(phone: &Phone) -> Client {
        Client::connect(phone).await.unwrap()
    }

    /// `None` when nobody is let in.
    pub async fn connect(phone: &Phone) -> Option<Client> {
        let port = phone.control_port().unwrap();
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}")).unwrap();
        let grpc = tonic::client::Grpc::new(endpoint.connect().await.ok()?);
        Some(Client {
            grpc: grpc.max_decoding_message_size(64 << 20),
        })
    }

    pub async fn call<A, B>(&self, method: &'static str, message: A) -> Result<B, Status>
    where
        A: Message + 'static,
        B: Message + Default + 'static,
    {
        let mut grpc = self.grpc.clone();
        let failed = |error: tonic::transport::Error| Status::unavailable(error.to_string());
        grpc.ready().await.map_err(failed)?;
        let path = format!("/android.emulation.control.EmulatorController/{method}");
        let codec = Protobuf::<A, B>::default();
        let call = grpc.unary(Request::new(message), path.try_into().unwrap(), codec);
        let answer = tokio::time::timeout(PATIENCE, call).await.unwrap()?;
        Ok(answer.into_inner())
    }

    pub async fn picture(&self, format: i32, width: u32, height: u32) -> Result<Picture, Status> {
        let wanted = Format {
            format,
            width,
            height,
            ..Format::default()
        };
        self.call("getScreenshot", wanted).await
    }

    pub async fn touch(&self, x: i32, y: i32, pressure: i32) {
        let touch = Touch {
            x,
            y,
            identifier: 3,
            pressure,
        };
        let touches = vec![touch];
        let _: Nothing = self.call("sendTouch", Touches { touches }).await.unwrap();
    }

    pub async fn tap(&self, x: i32, y: i32) {
        self.touch(x, y, 1).await;
        // Where it is lifted does not count.
        self.touch(0, 0, 0).await;
    }
}

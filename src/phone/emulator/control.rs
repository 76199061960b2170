//! The emulator's control service over gRPC: `android.emulation.control.EmulatorController`, as far as this phone
//! can do what it asks. Uses `tonic`, the machine and the rest of this folder.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use prost::Message;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, UnaryService};
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use super::console;
use super::fingers::{Contact, Fingers};
use super::guest::{self, Flow};
use super::keys::Keys;
use super::screenshot::{ScreenshotError, screenshot};
use super::shared::SharedError;
use crate::domain::{Point, ScreenSize};
use crate::phone::faults::{Fault, befall};
use crate::phone::machine::Machine;
use crate::wire::emulator::messages::{
    ClipData, Empty, EmulatorStatus, Entry, EntryList, Image, ImageFormat, KeyboardEvent,
    PhoneResponse, SmsMessage, Touch, TouchEvent,
};
use crate::wire::emulator::{CONTROL, Protobuf};

/// Longest message that is read.
const MESSAGE: usize = 64 << 10;
/// Most requests at a time on a connection; each may hold a picture.
const REQUESTS: u32 = 4;
/// Most fingers in one event.
const CONTACTS: usize = 64;
/// Longest wait for the answers before a picture to be taken.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a connection is pinged, and how long it may take to answer before it is closed.
const PING: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(10)];

/// Serves a listener until `stop` is cancelled.
pub async fn serve(machine: Arc<Machine>, listener: TcpListener, stop: CancellationToken) {
    let control = Control(Arc::new(Inside {
        machine,
        fingers: Fingers::default(),
        keys: Keys::default(),
    }));
    let guests = guest::receive(listener, stop.clone());
    let served = Server::builder()
        .max_concurrent_streams(REQUESTS)
        .http2_keepalive_interval(Some(PING[0]))
        .http2_keepalive_timeout(Some(PING[1]))
        .serve_with_incoming_shutdown(control, guests, stop.cancelled())
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "the emulator's control service ended");
    }
}

struct Inside {
    machine: Arc<Machine>,
    fingers: Fingers,
    keys: Keys,
}

#[derive(Clone)]
struct Control(Arc<Inside>);

impl Service<http::Request<Body>> for Control {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<http::Response<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let inside = self.0.clone();
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            let answer = match path.strip_prefix(CONTROL).unwrap_or_default() {
                "getStatus" => run(request, inside, "getStatus", status).await,
                "getScreenshot" => run(request, inside, "getScreenshot", picture).await,
                "sendTouch" => run(request, inside, "sendTouch", touch).await,
                "sendKey" => run(request, inside, "sendKey", key).await,
                "sendSms" => run(request, inside, "sendSms", message).await,
                "getClipboard" => run(request, inside, "getClipboard", clipboard).await,
                "setClipboard" => run(request, inside, "setClipboard", copy).await,
                _ => Status::unimplemented(format!(
                    "a virtual phone has no {path}; there are getStatus, getScreenshot, sendTouch, sendKey, \
                     sendSms, getClipboard and setClipboard"
                ))
                .into_http(),
            };
            Ok(answer)
        })
    }
}

type Work<A, B> = fn(&Inside, A) -> Result<B, Status>;

/// One call: its name, which faults are planned by, and what does it.
struct Call<A, B> {
    inside: Arc<Inside>,
    name: &'static str,
    work: Work<A, B>,
    flow: Option<Arc<Flow>>,
}

async fn run<A, B>(
    request: http::Request<Body>,
    inside: Arc<Inside>,
    name: &'static str,
    work: Work<A, B>,
) -> http::Response<Body>
where
    A: Message + Default + 'static,
    B: Message + 'static,
{
    let flow = request.extensions().get::<Arc<Flow>>().cloned();
    let call = Call {
        inside,
        name,
        work,
        flow,
    };
    Grpc::new(Protobuf::<B, A>::default())
        .max_decoding_message_size(MESSAGE)
        .unary(call, request)
        .await
}

impl<A, B> UnaryService<A> for Call<A, B>
where
    A: Send + 'static,
    B: Message + 'static,
{
    type Response = B;
    type Future = BoxFuture<Response<B>, Status>;

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let (inside, work, name) = (self.inside.clone(), self.work, self.name);
        let flow = self.flow.clone().unwrap_or_default();
        Box::pin(async move {
            let machine = inside.machine.clone();
            misbehave(&machine, name).await?;
            let _room = match name {
                "getScreenshot" => {
                    let waited = tokio::time::timeout(PATIENCE, flow.room()).await;
                    Some(waited.map_err(|_| {
                        Status::resource_exhausted(
                            "earlier answers on this connection were not taken",
                        )
                    })?)
                }
                _ => None,
            };
            let work = tokio::task::spawn_blocking(move || work(&inside, request.into_inner()));
            let answer = work
                .await
                .map_err(|error| Status::internal(format!("{name}: {error}")))??;
            flow.promise(answer.encoded_len() as u64);
            // Whoever has the answer is not to judge by a forest from before it.
            machine.forwarder.caught_up(&machine.changes).await;
            Ok(Response::new(answer))
        })
    }
}

/// A planned fault, or that the phone cannot be reached.
async fn misbehave(machine: &Arc<Machine>, name: &str) -> Result<(), Status> {
    match befall::meet(machine, &format!("grpc:{name}")).await {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Slow(time)) => tokio::time::sleep(time).await,
        Some(Fault::Drop | Fault::NoExit) => {
            return Err(Status::unavailable("the phone was told to drop this call"));
        }
        Some(fault) if fault.breaks_connections() => {
            return Err(Status::unavailable("the phone has just gone"));
        }
        // What else concerns the whole phone has happened already; a message has no bit to spare.
        _ => {}
    }
    // Only its state can be asked for while it boots.
    match machine.faults.is_offline() && name != "getStatus" {
        true => Err(Status::unavailable("the phone is not there at the moment")),
        false => Ok(()),
    }
}

fn status(inside: &Inside, _: Empty) -> Result<EmulatorStatus, Status> {
    let machine = &inside.machine;
    Ok(EmulatorStatus {
        version: concat!("stepdroid ", env!("CARGO_PKG_VERSION")).to_owned(),
        uptime: u64::try_from(machine.clock.uptime_millis()).unwrap_or(0),
        booted: !machine.faults.is_offline(),
        hardware: Some(EntryList {
            entry: vec![Entry {
                key: "hw.keyboard".to_owned(),
                value: "true".to_owned(),
            }],
        }),
    })
}

fn picture(inside: &Inside, wanted: ImageFormat) -> Result<Image, Status> {
    screenshot(&inside.machine, &wanted).map_err(|error| match error {
        ScreenshotError::Format(_)
        | ScreenshotError::Display(_)
        | ScreenshotError::Transport(_)
        | ScreenshotError::File(SharedError::Handle { .. }) => {
            Status::invalid_argument(error.to_string())
        }
        ScreenshotError::File(SharedError::Small(_)) => {
            Status::failed_precondition(error.to_string())
        }
        ScreenshotError::Picture(_) => Status::internal(error.to_string()),
    })
}

fn touch(inside: &Inside, event: TouchEvent) -> Result<Empty, Status> {
    if event.display != 0 {
        return Err(Status::invalid_argument(format!(
            "there is no display {}; a phone has display 0",
            event.display
        )));
    }
    if event.touches.len() > CONTACTS {
        return Err(Status::invalid_argument(format!(
            "{} touches are too many for one event; send at most {CONTACTS}",
            event.touches.len()
        )));
    }
    let (turns, size) = {
        let state = inside.machine.look();
        (state.system.rotation(), state.system.screen)
    };
    let contacts: Vec<Contact> = event
        .touches
        .iter()
        .map(|touch| Contact {
            identifier: touch.identifier,
            at: place(turns, size, touch),
            down: touch.pressure > 0,
            stays: touch.expiration == 1,
        })
        .collect();
    inside.fingers.touch(&inside.machine, &contacts);
    Ok(Empty {})
}

/// Where a touch of the panel is on the screen: clients touch the panel as it is built, however the screen is turned.
fn place(turns: u8, panel: ScreenSize, touch: &Touch) -> (i32, i32) {
    let (x, y) = (touch.x.clamp(-LIMIT, LIMIT), touch.y.clamp(-LIMIT, LIMIT));
    let Point { x, y } = panel.turn_point(turns, Point { x, y });
    (x, y)
}

/// Coordinates beyond this are as good as it: far off any screen, and safe to subtract.
const LIMIT: i32 = 1_000_000;

fn key(inside: &Inside, event: KeyboardEvent) -> Result<Empty, Status> {
    inside
        .keys
        .press(&inside.machine, &event)
        .map(|()| Empty {})
        .map_err(|error| Status::invalid_argument(error.to_string()))
}

fn message(inside: &Inside, sms: SmsMessage) -> Result<PhoneResponse, Status> {
    const OK: i32 = 0;
    const BAD_NUMBER: i32 = 2;
    const FAILED: i32 = 4;
    let response = match console::is_number(&sms.source) {
        false => BAD_NUMBER,
        true => match console::receive(&inside.machine, &sms.source, &sms.text) {
            Ok(()) => OK,
            Err(_) => FAILED,
        },
    };
    Ok(PhoneResponse { response })
}

fn clipboard(inside: &Inside, _: Empty) -> Result<ClipData, Status> {
    let text = inside.machine.lock().system.clipboard.clone();
    Ok(ClipData {
        text: text.unwrap_or_default(),
    })
}

fn copy(inside: &Inside, data: ClipData) -> Result<Empty, Status> {
    inside.machine.lock().system.clipboard = Some(data.text);
    Ok(Empty {})
}

//! The server that the forwarder app pushes to: `android_env.A11yService`, on 127.0.0.1 only. Uses `tonic` and `wire`.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use prost::Message;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, StreamingService, UnaryService};
use tonic::transport::Server as Tonic;
use tonic::{Request, Response, Status, Streaming};

use super::elements::RawForest;
use super::received::Received;
use crate::wire::emulator::Protobuf;
use crate::wire::emulator::messages::Empty;
use crate::wire::forwarder::{Answer, GetForest, SERVICE, ServerToClient};

/// Longest forest, and longest event, of which nothing is kept.
const FOREST: usize = 4 << 20;
const EVENT: usize = 64 << 10;
/// Most connections at a time, and most calls on each.
const GUESTS: usize = 4;
const CALLS: u32 = 4;

/// A push on a stream whose parts are still bytes.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct RawPush {
    #[prost(message, optional, tag = "1")]
    event: Option<Empty>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    forest: Option<Bytes>,
}

/// A server for one device. Dropping it ends it; [`Server::close`] waits until its port is free.
#[derive(Debug)]
pub struct Server {
    /// Its port.
    pub port: u16,
    /// What has come.
    pub received: Arc<Received>,
    stop: CancellationToken,
    /// What accepts, and what serves.
    tasks: [JoinHandle<()>; 2],
}

impl Server {
    /// Listens on any free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> io::Result<Server> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let received = Arc::new(Received::default());
        let stop = CancellationToken::new();
        let service = A11y {
            received: received.clone(),
            stop: stop.clone(),
        };
        let (guests, accepting) = guest::receive(listener, stop.clone());
        let stopped = stop.clone();
        let serving = tokio::spawn(async move {
            let serving = Tonic::builder()
                .max_concurrent_streams(CALLS)
                .serve_with_incoming_shutdown(service, guests, stopped.cancelled());
            tokio::select! {
                ended = serving => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "the accessibility forwarder's server ended");
                    }
                }
                // Calls that are under way are not waited for.
                () = stopped.cancelled() => {}
            }
        });
        Ok(Server {
            port,
            received,
            stop,
            tasks: [accepting, serving],
        })
    }

    /// Ends it.
    pub async fn close(mut self) {
        self.stop.cancel();
        for task in &mut self.tasks {
            let _ = task.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[derive(Debug, Clone)]
struct A11y {
    received: Arc<Received>,
    stop: CancellationToken,
}

impl Service<http::Request<Body>> for A11y {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<http::Response<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            Ok(match path.strip_prefix(SERVICE).unwrap_or_default() {
                "SendForest" => {
                    let take = Take(service, |service: &A11y, forest: RawForest| {
                        service.received.pushed(&forest);
                    });
                    Grpc::new(Protobuf::<Answer, RawForest>::default())
                        .max_decoding_message_size(FOREST)
                        .unary(take, request)
                        .await
                }
                "SendEvent" => {
                    let take = Take(service, |service: &A11y, _: Empty| {
                        service.received.happened();
                    });
                    Grpc::new(Protobuf::<Answer, Empty>::default())
                        .max_decoding_message_size(EVENT)
                        .unary(take, request)
                        .await
                }
                "Bidi" => {
                    Grpc::new(Protobuf::<ServerToClient, RawPush>::default())
                        .max_decoding_message_size(FOREST)
                        .streaming(service, request)
                        .await
                }
                _ => Status::unimplemented(format!("there is no {path} here")).into_http(),
            })
        })
    }
}

/// Takes what one call brings.
struct Take<M>(A11y, fn(&A11y, M));

impl<M: Send + 'static> UnaryService<M> for Take<M> {
    type Response = Answer;
    type Future = BoxFuture<Response<Answer>, Status>;

    fn call(&mut self, request: Request<M>) -> Self::Future {
        let (service, take) = (self.0.clone(), self.1);
        Box::pin(async move {
            take(&service, request.into_inner());
            Ok(Response::new(Answer::default()))
        })
    }
}

impl StreamingService<RawPush> for A11y {
    type Response = ServerToClient;
    type ResponseStream = ReceiverStream<Result<ServerToClient, Status>>;
    type Future = BoxFuture<Response<Self::ResponseStream>, Status>;

    fn call(&mut self, request: Request<Streaming<RawPush>>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let (sender, receiver) = mpsc::channel(1);
            tokio::spawn(async move {
                let stop = service.stop.clone();
                tokio::select! {
                    () = converse(&service.received, request.into_inner(), sender) => {}
                    () = stop.cancelled() => {}
                }
            });
            Ok(Response::new(ReceiverStream::new(receiver)))
        })
    }
}

/// Asks for forests and takes what comes, until the stream ends.
async fn converse(
    received: &Received,
    mut pushes: Streaming<RawPush>,
    sender: mpsc::Sender<Result<ServerToClient, Status>>,
) {
    // An empty one first: clients wait for it.
    let mut next = Some(ServerToClient::default());
    let mut questions = received.questions();
    loop {
        if let Some(message) = next.take()
            && sender.send(Ok(message)).await.is_err()
        {
            return;
        }
        tokio::select! {
            push = pushes.message() => {
                let Ok(Some(push)) = push else {
                    return;
                };
                if push.event.is_some() {
                    received.happened();
                }
                match push.forest.map(RawForest::decode) {
                    Some(Ok(forest)) => received.brought(&forest),
                    Some(Err(_)) => return,
                    None => {}
                }
            }
            asked = questions.changed() => {
                if asked.is_err() {
                    return;
                }
                next = Some(ServerToClient {
                    get_forest: Some(GetForest {}),
                });
            }
        }
    }
}

/// Connections, few at a time.
mod guest {
    use std::pin::Pin;

    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
    use tokio::net::TcpStream;
    use tokio::sync::OwnedSemaphorePermit;
    use tonic::transport::server::Connected;

    use super::*;

    /// A connection and its place among the few.
    pub struct Guest {
        socket: TcpStream,
        _place: OwnedSemaphorePermit,
    }

    /// Lets connections in until `stop` is cancelled; who is one too many is hung up on, and may try again.
    pub fn receive(
        listener: TcpListener,
        stop: CancellationToken,
    ) -> (ReceiverStream<Result<Guest, Infallible>>, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(1);
        let places = Arc::new(Semaphore::new(GUESTS));
        let accepting = tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = stop.cancelled() => return,
                };
                let Ok((socket, _)) = accepted else {
                    // Out of file descriptors, for instance; it may get better.
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                };
                let Ok(place) = places.clone().try_acquire_owned() else {
                    continue;
                };
                // Small answers are not to wait for each other; without it they are only slower.
                let _ = socket.set_nodelay(true);
                let guest = Guest {
                    socket,
                    _place: place,
                };
                if sender.send(Ok(guest)).await.is_err() {
                    return;
                }
            }
        });
        (ReceiverStream::new(receiver), accepting)
    }

    impl Connected for Guest {
        type ConnectInfo = ();

        fn connect_info(&self) {}
    }

    impl AsyncRead for Guest {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.socket).poll_read(context, buffer)
        }
    }

    impl AsyncWrite for Guest {
        fn poll_write(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.socket).poll_write(context, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.socket).poll_flush(context)
        }

        fn poll_shutdown(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.socket).poll_shutdown(context)
        }
    }
}

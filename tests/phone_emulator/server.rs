//! A stand-in for the server that `android-env` receives forests with.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use stepdroid::wire::emulator::Protobuf;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::tokio_stream::wrappers::TcpListenerStream;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, UnaryService};
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use crate::PATIENCE;
use crate::wire::{Event, Forest, Nothing};

/// What came.
#[derive(Default)]
pub struct Received {
    pub forests: Vec<Forest>,
    pub events: Vec<HashMap<String, String>>,
}

/// What came, and how long the server takes to take something.
#[derive(Clone, Default)]
pub struct A11y(pub Arc<Mutex<Received>>, Duration);

impl A11y {
    /// A server that is slow.
    pub fn slow(time: Duration) -> A11y {
        A11y(Arc::default(), time)
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap().forests.len()
    }

    pub fn latest(&self) -> Forest {
        self.0.lock().unwrap().forests.last().cloned().unwrap()
    }

    /// Waits until something holds of what was received.
    pub async fn until(&self, what: &str, holds: impl Fn(&Received) -> bool) {
        let begin = Instant::now();
        while !holds(&self.0.lock().unwrap()) {
            assert!(begin.elapsed() < PATIENCE, "never: {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits for one more forest than now.
    pub async fn another(&self, what: &str) {
        let count = self.count();
        self.until(what, |all| all.forests.len() > count).await;
    }
}

/// A server on a port (0: any), until it is aborted.
pub async fn listen(service: A11y, port: u16) -> (u16, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let incoming = TcpListenerStream::new(listener);
        let _ = Server::builder()
            .serve_with_incoming(service, incoming)
            .await;
    });
    (port, task)
}

impl Service<http::Request<Body>> for A11y {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<http::Response<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let (received, time) = (self.0.clone(), self.1);
        Box::pin(async move {
            Ok(match request.uri().path() {
                "/android_env.A11yService/SendForest" => {
                    let keep = Keep(received, time, |all, forest| all.forests.push(forest));
                    let mut grpc = Grpc::new(Protobuf::<Nothing, Forest>::default());
                    grpc.unary(keep, request).await
                }
                "/android_env.A11yService/SendEvent" => {
                    let keep = Keep(received, time, |all, event: Event| {
                        all.events.push(event.event)
                    });
                    let mut grpc = Grpc::new(Protobuf::<Nothing, Event>::default());
                    grpc.unary(keep, request).await
                }
                other => Status::unimplemented(other).into_http(),
            })
        })
    }
}

struct Keep<M>(Arc<Mutex<Received>>, Duration, fn(&mut Received, M));

impl<M: Send + 'static> UnaryService<M> for Keep<M> {
    type Response = Nothing;
    type Future = BoxFuture<Response<Nothing>, Status>;

    fn call(&mut self, request: Request<M>) -> Self::Future {
        let (received, time, keep) = (self.0.clone(), self.1, self.2);
        Box::pin(async move {
            tokio::time::sleep(time).await;
            keep(&mut received.lock().unwrap(), request.into_inner());
            Ok(Response::new(Nothing {}))
        })
    }
}

//! A byte stream to one service of a device, and what opens it.

use std::fmt::Debug;

use async_trait::async_trait;
use bytes::{Buf, Bytes, BytesMut};

use super::AdbError;

/// A bidirectional stream to a service. Dropping it closes it.
#[async_trait]
pub trait ServiceStream: Send {
    /// The next bytes, or `None` after the orderly end.
    async fn read_chunk(&mut self) -> Result<Option<Bytes>, AdbError>;

    /// Sends all bytes.
    async fn write_all(&mut self, bytes: &[u8]) -> Result<(), AdbError>;
}

/// Opens streams to the services of one device.
#[async_trait]
pub trait Connector: Send + Sync + Debug {
    /// The serial that messages name.
    fn serial(&self) -> &str;

    /// Opens a service such as `shell,v2,raw:ls`.
    async fn open(&self, service: &str) -> Result<Box<dyn ServiceStream>, AdbError>;

    /// Features that both ends have, e.g. `shell_v2`.
    async fn features(&self) -> Result<Vec<String>, AdbError>;

    /// Drops what is connected.
    async fn reset(&self);
}

/// Reads exact numbers of bytes from a stream.
pub(super) struct Reader {
    stream: Box<dyn ServiceStream>,
    buffer: BytesMut,
}

impl Reader {
    pub(super) fn new(stream: Box<dyn ServiceStream>) -> Reader {
        Reader {
            stream,
            buffer: BytesMut::new(),
        }
    }

    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> Result<(), AdbError> {
        self.stream.write_all(bytes).await
    }

    /// Exactly `length` bytes; `None` when the stream ended before.
    pub(super) async fn exact(&mut self, length: usize) -> Result<Option<Bytes>, AdbError> {
        while self.buffer.len() < length {
            match self.stream.read_chunk().await? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
        Ok(Some(self.buffer.split_to(length).freeze()))
    }

    /// Whatever comes next, at most `limit` bytes.
    pub(super) async fn some(&mut self, limit: usize) -> Result<Option<Bytes>, AdbError> {
        if self.buffer.is_empty() {
            match self.stream.read_chunk().await? {
                Some(chunk) if chunk.len() <= limit => return Ok(Some(chunk)),
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
        let length = self.buffer.len().min(limit);
        let chunk = Bytes::copy_from_slice(&self.buffer[..length]);
        self.buffer.advance(length);
        Ok(Some(chunk))
    }
}

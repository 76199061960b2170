//! The video stream: a task reads it to its end and keeps the last configuration and key frame. May use `adb` and
//! `wire`.

use bytes::{Bytes, BytesMut};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Failure;
use crate::adb::{AdbError, ServiceStream};
use crate::wire::h264;
use crate::wire::scrcpy::PacketHeader;

/// Bytes of a stream, by number.
pub(super) struct Incoming {
    stream: Box<dyn ServiceStream>,
    buffer: BytesMut,
}

impl Incoming {
    /// From the front of a stream.
    pub fn new(stream: Box<dyn ServiceStream>) -> Incoming {
        Incoming {
            stream,
            buffer: BytesMut::new(),
        }
    }

    /// Exactly so many bytes; `None` when the stream ended before. Memory is taken for what has come only.
    pub async fn exact(&mut self, length: usize) -> Result<Option<Bytes>, AdbError> {
        while self.buffer.len() < length {
            match self.stream.read_chunk().await? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
        Ok(Some(self.buffer.split_to(length).freeze()))
    }
}

/// What is known of a video.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Configurations that have come: one for each beginning of the video.
    pub beginnings: u64,
    /// The last one.
    pub config: Bytes,
    /// The size that it says.
    pub size: (u32, u32),
    /// The first key frame after it, if it has come.
    pub key_frame: Option<Bytes>,
    /// Why there will be nothing more.
    end: Option<End>,
}

/// Why a stream ended.
#[derive(Debug, Clone)]
enum End {
    /// The server closed it.
    Closed,
    /// The connection to the device broke.
    Lost(String),
    /// It is not what a server sends.
    Wrong(String),
}

/// A video that is read. Dropping it closes its stream.
#[derive(Debug)]
pub(super) struct Video {
    seen: watch::Receiver<Seen>,
    reader: JoinHandle<()>,
}

impl Video {
    /// Reads a stream, from behind its head, until it ends.
    pub fn watch(incoming: Incoming) -> Video {
        let (sender, seen) = watch::channel(Seen::default());
        let reader = tokio::spawn(read(incoming, sender));
        Video { seen, reader }
    }

    /// Whether its end has not come.
    pub fn is_alive(&self) -> bool {
        self.seen.borrow().end.is_none()
    }

    /// Beginnings so far.
    pub fn beginnings(&self) -> u64 {
        self.seen.borrow().beginnings
    }

    /// Size of the pictures; zero before the first beginning.
    pub fn size(&self) -> (u32, u32) {
        self.seen.borrow().size
    }

    /// The last configuration.
    pub fn config(&self) -> Bytes {
        self.seen.borrow().config.clone()
    }

    /// Waits until something is so.
    pub async fn until(
        &mut self,
        serial: &str,
        is_so: impl Fn(&Seen) -> bool,
    ) -> Result<(), Failure> {
        let found = self
            .seen
            .wait_for(|seen| seen.end.is_some() || is_so(seen))
            .await;
        let (end, so) = match found {
            Ok(seen) => (seen.end.clone(), is_so(&seen)),
            Err(_) => (Some(End::Closed), false),
        };
        match end {
            _ if so => Ok(()),
            Some(End::Lost(reason)) => Err(Failure::Adb(AdbError::Lost {
                serial: serial.to_owned(),
                operation: "the video of scrcpy".to_owned(),
                reason,
            })),
            Some(End::Wrong(reason)) => Err(Failure::Server(reason)),
            Some(End::Closed) | None => Err(Failure::Closed),
        }
    }

    /// The last configuration and its key frame in one.
    pub fn picture(&self) -> Option<Vec<u8>> {
        let seen = self.seen.borrow();
        let key_frame = seen.key_frame.as_ref()?;
        Some([&seen.config[..], key_frame].concat())
    }

    /// Closes the stream and waits until that is done.
    pub async fn stop(mut self) {
        self.reader.abort();
        // It ends as aborted, which is no news.
        let _ = (&mut self.reader).await;
    }
}

impl Drop for Video {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(mut incoming: Incoming, seen: watch::Sender<Seen>) {
    let end = loop {
        match packet(&mut incoming).await {
            Ok(Some((header, bytes))) => {
                if let Err(reason) = note(&seen, header, bytes) {
                    break End::Wrong(reason);
                }
            }
            Ok(None) => break End::Closed,
            Err(Failure::Adb(error)) if error.is_lost() => break End::Lost(error.to_string()),
            Err(Failure::Adb(error)) => break End::Wrong(error.to_string()),
            Err(Failure::Server(reason)) => break End::Wrong(reason),
            Err(Failure::Closed) => break End::Closed,
        }
    };
    seen.send_modify(|seen| seen.end = Some(end));
}

async fn packet(incoming: &mut Incoming) -> Result<Option<(PacketHeader, Bytes)>, Failure> {
    let Some(head) = incoming.exact(PacketHeader::LENGTH).await? else {
        return Ok(None);
    };
    let mut bytes = [0; PacketHeader::LENGTH];
    bytes.copy_from_slice(&head);
    let header = PacketHeader::read(&bytes).map_err(|error| Failure::Server(error.to_string()))?;
    let bytes = incoming.exact(header.length as usize).await?;
    Ok(bytes.map(|bytes| (header, bytes)))
}

/// Keeps what a packet tells.
fn note(seen: &watch::Sender<Seen>, header: PacketHeader, bytes: Bytes) -> Result<(), String> {
    if header.config {
        let sequence = h264::sequence(&bytes).map_err(|error| error.to_string())?;
        let sequence = sequence.ok_or("a configuration came without the size of the video")?;
        seen.send_modify(|seen| {
            seen.beginnings += 1;
            seen.config = bytes;
            seen.size = (sequence.width, sequence.height);
            seen.key_frame = None;
        });
    } else if header.key_frame {
        if seen.borrow().beginnings == 0 {
            return Err("a key frame came before its configuration".to_owned());
        }
        seen.send_if_modified(|seen| {
            // A later one of the same beginning is no answer to anybody.
            let first = seen.key_frame.is_none();
            if first {
                seen.key_frame = Some(bytes);
            }
            first
        });
    }
    Ok(())
}

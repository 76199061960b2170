//! The daemon's services over any connector: shell v2, exec and sync. What is the same for an adb
//! server and for a daemon reached directly is here once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Buf, Bytes, BytesMut};
use tokio::time::timeout;

use super::stream::{Reader, ServiceStream};
use super::{AdbError, Connector, FileStat, RemoteEntry, ShellOutput, Transport, Upload};
use crate::wire::shell_v2::{Kind, ShellPacket};
use crate::wire::sync::{self, Id, StatV1, StatV2};

/// Most output of one command that is kept, in bytes; more is an error, not a full memory.
const OUTPUT_LIMIT: usize = 256 << 20;

/// A [`Transport`] made of the daemon's services.
#[derive(Debug)]
pub struct Services<C> {
    connector: C,
    /// Services opened so far.
    opened: AtomicU64,
}

impl<C: Connector> Services<C> {
    /// Wraps a connector.
    pub fn new(connector: C) -> Services<C> {
        Services {
            connector,
            opened: AtomicU64::new(0),
        }
    }

    /// The connector, e.g. for forwards.
    pub fn connector(&self) -> &C {
        &self.connector
    }

    fn lost(&self, operation: &str, reason: &str) -> AdbError {
        AdbError::lost(self.connector.serial(), operation, reason)
    }

    fn malformed(&self, what: &'static str, detail: impl ToString) -> AdbError {
        AdbError::malformed(self.connector.serial(), what, detail)
    }

    async fn within<T>(
        &self,
        operation: &str,
        deadline: Duration,
        work: impl Future<Output = Result<T, AdbError>>,
    ) -> Result<T, AdbError> {
        match timeout(deadline, work).await {
            Ok(result) => result,
            Err(_) => Err(AdbError::Timeout {
                serial: self.connector.serial().to_owned(),
                operation: shorten(operation),
                deadline,
            }),
        }
    }

    /// Opens a service; every use of the wire begins here.
    async fn open_service(&self, service: &str) -> Result<Box<dyn ServiceStream>, AdbError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.connector.open(service).await
    }

    async fn run_shell(&self, command: &str) -> Result<ShellOutput, AdbError> {
        let mut stream = self
            .open_service(&format!("shell,v2,raw:{command}"))
            .await?;
        let mut buffer = BytesMut::new();
        let mut output = ShellOutput::default();
        while let Some(chunk) = stream.read_chunk().await? {
            buffer.extend_from_slice(&chunk);
            while let Some(packet) = ShellPacket::decode(&mut buffer)
                .map_err(|error| AdbError::wire(self.connector.serial(), &error))?
            {
                match packet.kind {
                    Kind::Stdout => output.stdout.extend_from_slice(&packet.data),
                    Kind::Stderr => output.stderr.extend_from_slice(&packet.data),
                    Kind::Exit => {
                        output.exit_code = packet.data.first().copied().unwrap_or(u8::MAX);
                        return Ok(output);
                    }
                    Kind::Stdin | Kind::CloseStdin | Kind::WindowSize => {}
                }
            }
            if output.stdout.len() + output.stderr.len() > OUTPUT_LIMIT {
                return Err(
                    self.malformed("output", format!("more than {OUTPUT_LIMIT} bytes of it"))
                );
            }
        }
        // The stream closed without the exit packet: whatever arrived is not an answer.
        Err(self.lost(
            &format!("`{}`", shorten(command)),
            "the stream ended without an exit code",
        ))
    }

    async fn run_exec(&self, command: &str) -> Result<Vec<u8>, AdbError> {
        let mut stream = self.open_service(&format!("exec:{command}")).await?;
        let mut output = Vec::new();
        while let Some(chunk) = stream.read_chunk().await? {
            output.extend_from_slice(&chunk);
            if output.len() > OUTPUT_LIMIT {
                return Err(
                    self.malformed("output", format!("more than {OUTPUT_LIMIT} bytes of it"))
                );
            }
        }
        Ok(output)
    }

    async fn open_sync(&self) -> Result<Reader, AdbError> {
        Ok(Reader::new(self.open_service("sync:").await?))
    }

    async fn has_feature(&self, name: &str) -> Result<bool, AdbError> {
        Ok(self
            .connector
            .features()
            .await?
            .iter()
            .any(|feature| feature == name))
    }

    async fn exact(
        &self,
        reader: &mut Reader,
        length: usize,
        operation: &str,
    ) -> Result<Bytes, AdbError> {
        reader.exact(length).await?.ok_or_else(|| {
            self.lost(
                operation,
                "the sync stream ended in the middle of a message",
            )
        })
    }

    async fn header(&self, reader: &mut Reader, operation: &str) -> Result<(Id, u32), AdbError> {
        let bytes = self.exact(reader, 8, operation).await?;
        let mut header = [0; 8];
        header.copy_from_slice(&bytes);
        Ok(sync::read_header(&header))
    }

    /// The text of a FAIL message as an error about `path`.
    async fn failure(
        &self,
        reader: &mut Reader,
        length: u32,
        operation: &str,
        path: &str,
    ) -> AdbError {
        let text = match sync::check_length("failure text", length, sync::MAX_MESSAGE) {
            Ok(length) => match self.exact(reader, length, operation).await {
                Ok(text) => String::from_utf8_lossy(&text).into_owned(),
                Err(error) => return error,
            },
            Err(error) => return AdbError::wire(self.connector.serial(), &error),
        };
        if text.contains("No such file") {
            return AdbError::NoFile {
                serial: self.connector.serial().to_owned(),
                path: path.to_owned(),
            };
        }
        AdbError::Refused {
            serial: self.connector.serial().to_owned(),
            operation: format!("{operation} of {path}"),
            reason: text,
        }
    }

    async fn run_stat(&self, path: &str) -> Result<FileStat, AdbError> {
        let version_2 = self.has_feature("stat_v2").await?;
        let mut reader = self.open_sync().await?;
        let mut request = BytesMut::new();
        sync::put_text(
            &mut request,
            if version_2 { Id::STAT_V2 } else { Id::STAT },
            path.as_bytes(),
        );
        reader.write_all(&request).await?;
        let id = self.exact(&mut reader, 4, "stat").await?;
        let missing = || AdbError::NoFile {
            serial: self.connector.serial().to_owned(),
            path: path.to_owned(),
        };
        if version_2 && id[..] == Id::STAT_V2.0 {
            let bytes = self.exact(&mut reader, StatV2::LENGTH, "stat").await?;
            let mut fields = [0; StatV2::LENGTH];
            fields.copy_from_slice(&bytes);
            let stat = StatV2::read(&fields);
            return match stat.error {
                0 => Ok(FileStat {
                    mode: stat.mode,
                    size: stat.size,
                    mtime: stat.mtime,
                }),
                2 | 20 => Err(missing()),
                other => Err(AdbError::Refused {
                    serial: self.connector.serial().to_owned(),
                    operation: format!("stat of {path}"),
                    reason: format!("errno {other}"),
                }),
            };
        }
        if id[..] != Id::STAT.0 {
            return Err(
                self.malformed("metadata", format!("id {:?}", String::from_utf8_lossy(&id)))
            );
        }
        let bytes = self.exact(&mut reader, StatV1::LENGTH, "stat").await?;
        let mut fields = [0; StatV1::LENGTH];
        fields.copy_from_slice(&bytes);
        let stat = StatV1::read(&fields);
        // Version 1 says that a file is missing by all zeros.
        if stat.mode == 0 {
            return Err(missing());
        }
        Ok(FileStat {
            mode: stat.mode,
            size: u64::from(stat.size),
            mtime: i64::from(stat.mtime),
        })
    }

    async fn run_list(&self, path: &str) -> Result<Vec<RemoteEntry>, AdbError> {
        let version_2 = self.has_feature("ls_v2").await?;
        let mut reader = self.open_sync().await?;
        let mut request = BytesMut::new();
        sync::put_text(
            &mut request,
            if version_2 { Id::LIST_V2 } else { Id::LIST },
            path.as_bytes(),
        );
        reader.write_all(&request).await?;
        let mut entries = Vec::new();
        loop {
            let id = self.exact(&mut reader, 4, "list").await?;
            let length = if version_2 {
                StatV2::LENGTH
            } else {
                StatV1::LENGTH
            };
            // The closing DONE has the same length as an entry, with zeros in it.
            let fields = self.exact(&mut reader, length + 4, "list").await?;
            if id[..] == Id::DONE.0 {
                return Ok(entries);
            }
            let expected = if version_2 { Id::ENTRY_V2 } else { Id::ENTRY };
            if id[..] != expected.0 {
                return Err(self.malformed(
                    "a directory entry",
                    format!("id {:?}", String::from_utf8_lossy(&id)),
                ));
            }
            let (mut stat, mut name_length) = (&fields[..length], &fields[length..]);
            let stat = if version_2 {
                let mut bytes = [0; StatV2::LENGTH];
                stat.copy_to_slice(&mut bytes);
                let stat = StatV2::read(&bytes);
                FileStat {
                    mode: stat.mode,
                    size: stat.size,
                    mtime: stat.mtime,
                }
            } else {
                let mut bytes = [0; StatV1::LENGTH];
                stat.copy_to_slice(&mut bytes);
                let stat = StatV1::read(&bytes);
                FileStat {
                    mode: stat.mode,
                    size: u64::from(stat.size),
                    mtime: i64::from(stat.mtime),
                }
            };
            let name_length =
                sync::check_length("file name", name_length.get_u32_le(), sync::MAX_PATH)
                    .map_err(|error| AdbError::wire(self.connector.serial(), &error))?;
            let name = self.exact(&mut reader, name_length, "list").await?;
            let name = String::from_utf8_lossy(&name).into_owned();
            if name != "." && name != ".." {
                entries.push(RemoteEntry { name, stat });
            }
        }
    }

    async fn run_push(&self, files: &[Upload<'_>], mode: u32, mtime: u32) -> Result<(), AdbError> {
        let mut reader = self.open_sync().await?;
        for file in files {
            self.push_one(&mut reader, *file, mode, mtime).await?;
        }
        Ok(())
    }

    async fn push_one(
        &self,
        reader: &mut Reader,
        Upload { path, data }: Upload<'_>,
        mode: u32,
        mtime: u32,
    ) -> Result<(), AdbError> {
        let mut message = BytesMut::new();
        let mode = 0o100_000 | (mode & 0o7777);
        sync::put_text(&mut message, Id::SEND, format!("{path},{mode}").as_bytes());
        for chunk in data.chunks(sync::MAX_CHUNK as usize) {
            sync::put_text(&mut message, Id::DATA, chunk);
            if message.len() > 512 * 1024 {
                reader.write_all(&message).await?;
                message.clear();
            }
        }
        sync::put_header(&mut message, Id::DONE, mtime);
        reader.write_all(&message).await?;
        match self.header(reader, "push").await? {
            (Id::OKAY, _) => Ok(()),
            (Id::FAIL, length) => Err(self.failure(reader, length, "push", path).await),
            (id, _) => Err(self.malformed("the end of a push", format!("id {id}"))),
        }
    }

    async fn run_pull(&self, path: &str, limit: u64) -> Result<Vec<u8>, AdbError> {
        let mut reader = self.open_sync().await?;
        let mut request = BytesMut::new();
        sync::put_text(&mut request, Id::RECEIVE, path.as_bytes());
        reader.write_all(&request).await?;
        let mut data = Vec::new();
        loop {
            match self.header(&mut reader, "pull").await? {
                (Id::DATA, length) => {
                    let mut left = sync::check_length("file chunk", length, sync::MAX_CHUNK)
                        .map_err(|error| AdbError::wire(self.connector.serial(), &error))?;
                    if data.len() as u64 + left as u64 > limit {
                        return Err(self
                            .malformed("a file", format!("{path} is longer than {limit} bytes")));
                    }
                    while left > 0 {
                        let chunk = reader.some(left).await?.ok_or_else(|| {
                            self.lost("pull", "the sync stream ended in the middle of a file")
                        })?;
                        left -= chunk.len();
                        data.extend_from_slice(&chunk);
                    }
                }
                (Id::DONE, _) => return Ok(data),
                (Id::FAIL, length) => {
                    return Err(self.failure(&mut reader, length, "pull", path).await);
                }
                (id, _) => return Err(self.malformed("a file chunk", format!("id {id}"))),
            }
        }
    }
}

#[async_trait]
impl<C: Connector> Transport for Services<C> {
    fn serial(&self) -> &str {
        self.connector.serial()
    }

    fn round_trips(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    async fn shell(&self, command: &str, deadline: Duration) -> Result<ShellOutput, AdbError> {
        self.within(&format!("`{command}`"), deadline, self.run_shell(command))
            .await
    }

    async fn exec_out(&self, command: &str, deadline: Duration) -> Result<Vec<u8>, AdbError> {
        self.within(&format!("`{command}`"), deadline, self.run_exec(command))
            .await
    }

    async fn stat(&self, path: &str, deadline: Duration) -> Result<FileStat, AdbError> {
        self.within("stat", deadline, self.run_stat(path)).await
    }

    async fn list(&self, path: &str, deadline: Duration) -> Result<Vec<RemoteEntry>, AdbError> {
        self.within("list", deadline, self.run_list(path)).await
    }

    async fn push(
        &self,
        files: &[Upload<'_>],
        mode: u32,
        mtime: u32,
        deadline: Duration,
    ) -> Result<(), AdbError> {
        self.within("push", deadline, self.run_push(files, mode, mtime))
            .await
    }

    async fn pull(&self, path: &str, limit: u64, deadline: Duration) -> Result<Vec<u8>, AdbError> {
        self.within("pull", deadline, self.run_pull(path, limit))
            .await
    }

    async fn open(
        &self,
        service: &str,
        deadline: Duration,
    ) -> Result<Box<dyn ServiceStream>, AdbError> {
        self.within(
            &format!("opening {service}"),
            deadline,
            self.open_service(service),
        )
        .await
    }

    async fn reset(&self) {
        self.connector.reset().await;
    }
}

/// A command short enough for a message.
fn shorten(command: &str) -> String {
    const LIMIT: usize = 120;
    if command.chars().count() <= LIMIT {
        return command.to_owned();
    }
    command.chars().take(LIMIT).chain("…".chars()).collect()
}

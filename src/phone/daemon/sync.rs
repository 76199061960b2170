//! The sync service: `stat`, `list`, `send` and `receive` in both versions. Files are streamed, on
//! a thread of its own. Uses the phone's files.

use std::io::{Read, Write};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::runtime::Handle;

use super::connection::Connection;
use super::stream::{StreamReader, StreamWriter};
use crate::phone::machine::Machine;
use crate::phone::system::files::{FileWriter, WriteMode};
use crate::phone::system::{FileError, Metadata, access, paths};
use crate::wire::sync::{
    Id, MAX_CHUNK, MAX_PATH, StatV1, StatV2, check_length, put_header, put_text, read_header,
    split_send,
};

/// Why a session ends before QUIT: the stream broke or spoke nonsense.
struct Broken;

/// Runs a session to its end.
pub async fn run(connection: &Arc<Connection>, reader: StreamReader, writer: StreamWriter) {
    let machine = connection.daemon.machine.clone();
    let handle = Handle::current();
    let task = tokio::task::spawn_blocking(move || {
        let mut session = Session {
            machine,
            reader,
            writer,
            handle,
            out: BytesMut::new(),
        };
        // A client that breaks off has its reasons.
        let _ = session.serve();
    });
    let _ = task.await;
}

struct Session {
    machine: Arc<Machine>,
    reader: StreamReader,
    writer: StreamWriter,
    handle: Handle,
    out: BytesMut,
}

impl Session {
    fn read(&mut self, mut into: &mut [u8]) -> Result<(), Broken> {
        while !into.is_empty() {
            match self.reader.read_blocking(into) {
                0 => return Err(Broken),
                count => into = &mut into[count..],
            }
        }
        Ok(())
    }

    fn header(&mut self) -> Result<(Id, u32), Broken> {
        let mut bytes = [0; 8];
        self.read(&mut bytes)?;
        Ok(read_header(&bytes))
    }

    fn number(&mut self) -> Result<u32, Broken> {
        let mut bytes = [0; 4];
        self.read(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn flush(&mut self) -> Result<(), Broken> {
        let bytes = self.out.split().freeze();
        self.writer
            .write_blocking(&self.handle, bytes)
            .map_err(|_| Broken)
    }

    fn fail(&mut self, message: &str) -> Result<(), Broken> {
        put_text(&mut self.out, Id::FAIL, message.as_bytes());
        self.flush()
    }

    fn serve(&mut self) -> Result<(), Broken> {
        loop {
            let (id, length) = self.header()?;
            if id == Id::QUIT {
                return Ok(());
            }
            let Ok(length) = check_length("path", length, MAX_PATH) else {
                self.fail("path too long")?;
                return Err(Broken);
            };
            let mut name = vec![0; length];
            self.read(&mut name)?;
            let name = String::from_utf8_lossy(&name).into_owned();
            match id {
                Id::STAT => self.stat(&name)?,
                Id::STAT_V2 | Id::LSTAT_V2 => self.stat_v2(id, &name)?,
                Id::LIST => self.list(&name, false)?,
                Id::LIST_V2 => self.list(&name, true)?,
                Id::SEND => match split_send(&name) {
                    Some((path, mode)) => self.receive_file(path, mode)?,
                    None => {
                        self.fail("missing , in ID_SEND")?;
                        return Err(Broken);
                    }
                },
                Id::SEND_V2 => {
                    let (_, mode) = self.header()?;
                    match self.number()? {
                        0 => self.receive_file(&name, mode)?,
                        flags => {
                            self.fail(&format!("unsupported flags {flags:#x}"))?;
                            return Err(Broken);
                        }
                    }
                }
                Id::RECEIVE => self.send_file(&name)?,
                Id::RECEIVE_V2 => {
                    let (_, flags) = self.header()?;
                    match flags {
                        0 => self.send_file(&name)?,
                        flags => {
                            self.fail(&format!("unsupported flags {flags:#x}"))?;
                            return Err(Broken);
                        }
                    }
                }
                other => {
                    self.fail(&format!("unknown command {other}"))?;
                    return Err(Broken);
                }
            }
        }
    }

    fn path(&self, name: &str) -> Result<String, FileError> {
        if name.is_empty() {
            return Err(FileError::NotFound);
        }
        let path = paths::normalize_link("/", name).ok_or(FileError::InvalidPath)?;
        match self.machine.is_root() || (access::may_use(name) && access::may_use(&path)) {
            true => Ok(path),
            false => Err(FileError::Denied),
        }
    }

    /// The path of an entry that is made, changed or removed.
    fn path_to_change(&self, name: &str) -> Result<String, FileError> {
        let path = self.path(name)?;
        match self.machine.is_root() || access::may_change(&path) {
            true => Ok(path),
            false => Err(FileError::Denied),
        }
    }

    fn metadata(&self, name: &str, follow: bool) -> Result<Metadata, FileError> {
        let path = self.path(name)?;
        let files = &self.machine.files;
        match follow || name.ends_with('/') {
            true => files.metadata(&path),
            false => files.link_metadata(&path),
        }
    }

    fn stat(&mut self, name: &str) -> Result<(), Broken> {
        let stat = self
            .metadata(name, false)
            .map(|found| old_stat(&found))
            .unwrap_or_default();
        self.out.extend_from_slice(&Id::STAT.0);
        stat.put(&mut self.out);
        self.flush()
    }

    fn stat_v2(&mut self, id: Id, name: &str) -> Result<(), Broken> {
        let stat = match self.metadata(name, id == Id::STAT_V2) {
            Ok(found) => new_stat(&found),
            Err(error) => StatV2 {
                error: error.errno(),
                ..StatV2::default()
            },
        };
        self.out.extend_from_slice(&id.0);
        stat.put(&mut self.out);
        self.flush()
    }

    fn list(&mut self, name: &str, v2: bool) -> Result<(), Broken> {
        let mut rows: Vec<(String, Metadata)> = Vec::new();
        if let Ok(path) = self.path(name) {
            let files = &self.machine.files;
            let real = paths::normalize("/", &path).unwrap_or(path);
            let parent = paths::split(&real).map_or("/", |(parent, _)| parent);
            for (dot, place) in [(".", real.as_str()), ("..", parent)] {
                if let Ok(found) = files.metadata(place)
                    && files.is_dir(&real)
                {
                    rows.push((dot.to_owned(), found));
                }
            }
            let entries = match self.machine.is_root() || access::may_list(&real) {
                true => files.list(&real).unwrap_or_default(),
                false => Vec::new(),
            };
            rows.extend(
                entries
                    .into_iter()
                    .map(|entry| (entry.name, entry.metadata)),
            );
        }
        for (name, found) in rows {
            match v2 {
                true => {
                    self.out.extend_from_slice(&Id::ENTRY_V2.0);
                    new_stat(&found).put(&mut self.out);
                }
                false => {
                    self.out.extend_from_slice(&Id::ENTRY.0);
                    old_stat(&found).put(&mut self.out);
                }
            }
            self.out
                .extend_from_slice(&(name.len() as u32).to_le_bytes());
            self.out.extend_from_slice(name.as_bytes());
            if self.out.len() > 64 << 10 {
                self.flush()?;
            }
        }
        let rest = if v2 {
            StatV2::LENGTH + 4
        } else {
            StatV1::LENGTH + 4
        };
        self.out.extend_from_slice(&Id::DONE.0);
        self.out.extend_from_slice(&vec![0; rest]);
        self.flush()
    }

    fn send_file(&mut self, name: &str) -> Result<(), Broken> {
        let opened = self
            .path(name)
            .and_then(|path| self.machine.files.open_read(&path));
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => return self.fail(&format!("open failed: {error}")),
        };
        let mut chunk = vec![0; MAX_CHUNK as usize];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => {
                    put_header(&mut self.out, Id::DATA, count as u32);
                    self.out.extend_from_slice(&chunk[..count]);
                    if self.out.len() >= 192 << 10 {
                        self.flush()?;
                    }
                }
                Err(error) => {
                    return self.fail(&format!("read failed: {}", FileError::from(error)));
                }
            }
        }
        put_header(&mut self.out, Id::DONE, 0);
        self.flush()
    }

    /// Takes a file. After an error the rest is read and thrown away, as the client is still
    /// sending; then it is told.
    fn receive_file(&mut self, name: &str, mode: u32) -> Result<(), Broken> {
        const KIND: u32 = 0o170_000;
        let opened = match mode & KIND {
            0o120_000 => Err("couldn't create symlink: Operation not permitted".to_owned()),
            0o040_000 => self
                .path_to_change(name)
                .and_then(|path| self.machine.files.make_dirs(&path))
                .map(|()| None)
                .map_err(|error| format!("couldn't create directory: {error}")),
            _ => self
                .create(name)
                .map(Some)
                .map_err(|error| format!("couldn't create file: {error}")),
        };
        let (mut writer, mut failure) = match opened {
            Ok(writer) => (writer, None),
            Err(message) => (None, Some(message)),
        };
        let mut chunk = vec![0; MAX_CHUNK as usize];
        let modified = loop {
            let (id, value) = self.header()?;
            if id == Id::DONE {
                break value;
            }
            let length = match check_length("chunk", value, MAX_CHUNK) {
                Ok(length) if id == Id::DATA => length,
                _ => {
                    self.fail("invalid data message")?;
                    return Err(Broken);
                }
            };
            self.read(&mut chunk[..length])?;
            if let Some(open) = &mut writer
                && let Err(error) = open.write_all(&chunk[..length])
            {
                writer = None;
                // What arrived of it is of no use to anybody.
                if let Ok(path) = self.path_to_change(name) {
                    let _ = self.machine.files.remove_file(&path);
                }
                failure = Some(format!("write failed: {}", FileError::from(error)));
            }
        };
        if let Some(writer) = writer {
            let finished = writer
                .finish_at(i64::from(modified) * 1_000_000)
                .and_then(|()| {
                    let path = self.path_to_change(name)?;
                    self.machine.files.set_mode(&path, mode & 0o777)
                });
            if let Err(error) = finished {
                failure = Some(format!("couldn't finish file: {error}"));
            }
        }
        match failure {
            Some(message) => self.fail(&message),
            None => {
                put_header(&mut self.out, Id::OKAY, 0);
                self.flush()
            }
        }
    }

    fn create(&self, name: &str) -> Result<FileWriter, FileError> {
        let path = self.path_to_change(name)?;
        let path = paths::normalize("/", &path).unwrap_or(path);
        let files = &self.machine.files;
        if let Some((parent, _)) = paths::split(&path) {
            files.make_dirs(parent)?;
        }
        files.open_write(&path, WriteMode::Truncate)
    }
}

fn old_stat(found: &Metadata) -> StatV1 {
    StatV1 {
        mode: found.mode,
        size: u32::try_from(found.size).unwrap_or(u32::MAX),
        mtime: u32::try_from(found.modified_seconds()).unwrap_or(0),
    }
}

fn new_stat(found: &Metadata) -> StatV2 {
    StatV2 {
        error: 0,
        dev: 0xfd05,
        ino: found.inode,
        mode: found.mode,
        nlink: u32::try_from(found.links).unwrap_or(u32::MAX),
        uid: found.user,
        gid: found.group,
        size: found.size,
        atime: found.modified_seconds(),
        mtime: found.modified_seconds(),
        ctime: found.modified_seconds(),
    }
}

/// Bytes that are ready to go, for tests of the format.
pub fn encoded(stat: &Metadata) -> Bytes {
    let mut out = BytesMut::new();
    new_stat(stat).put(&mut out);
    out.freeze()
}

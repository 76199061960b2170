//! What a command reads and writes: standard input, output and error as shared handles. Uses the
//! phone's files only.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// The most that one command of a pipeline may hand to the next, or a substitution may hold.
pub const MAX_BUFFERED: usize = 64 << 20;

/// Where bytes go at the end: the client's terminal, a file, a buffer.
pub trait Sink: Send {
    /// Takes bytes; an error means that nobody listens any more.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Takes bytes that are shared, without copying them where that is possible.
    fn put_shared(&mut self, bytes: Bytes) -> io::Result<()> {
        self.put(&bytes)
    }
    /// Delivers what was held back.
    fn flush(&mut self) -> io::Result<()>;
}

/// Where bytes come from.
pub trait Source: Send {
    /// Waits for bytes; 0 is the end.
    fn get(&mut self, into: &mut [u8]) -> io::Result<usize>;
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A shared output.
#[derive(Clone)]
pub struct Output {
    sink: Arc<Mutex<dyn Sink>>,
    closed: Arc<AtomicBool>,
    full: Arc<AtomicBool>,
}

impl Output {
    /// An output into a sink.
    pub fn new(sink: impl Sink + 'static) -> Output {
        Output {
            sink: Arc::new(Mutex::new(sink)),
            closed: Arc::default(),
            full: Arc::default(),
        }
    }

    /// An output that forgets.
    pub fn null() -> Output {
        Output::new(Null)
    }

    /// An output into memory, and the handle to take it from.
    pub fn buffer() -> (Output, Buffer) {
        let buffer = Buffer::default();
        (Output::new(buffer.clone()), buffer)
    }

    /// Writes bytes; once nobody listens any more they are dropped and [`Output::is_closed`].
    pub fn write(&self, bytes: &[u8]) {
        if self.is_closed() {
            return;
        }
        if let Err(error) = lock(&self.sink).put(bytes) {
            self.closed.store(true, Ordering::Relaxed);
            let full = error.kind() == io::ErrorKind::StorageFull;
            self.full.store(full, Ordering::Relaxed);
        }
    }

    /// Writes bytes and tells what went wrong, for whoever must report a full disk.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<()> {
        lock(&self.sink).put(bytes)
    }

    /// [`Output::try_write`] for bytes that are shared.
    pub fn try_write_shared(&self, bytes: Bytes) -> io::Result<()> {
        lock(&self.sink).put_shared(bytes)
    }

    /// Delivers what was held back.
    pub fn flush(&self) {
        if lock(&self.sink).flush().is_err() {
            self.closed.store(true, Ordering::Relaxed);
        }
    }

    /// Whether writing is in vain.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Whether a file could not take it all because the disk is full; told once.
    pub fn take_full(&self) -> bool {
        self.full.swap(false, Ordering::Relaxed)
    }

    /// Whether two outputs go to one place.
    pub fn is_same(&self, other: &Output) -> bool {
        Arc::ptr_eq(&self.sink, &other.sink)
    }
}

/// A shared input.
#[derive(Clone)]
pub struct Input {
    source: Arc<Mutex<dyn Source>>,
}

impl Input {
    /// An input from a source.
    pub fn new(source: impl Source + 'static) -> Input {
        Input {
            source: Arc::new(Mutex::new(source)),
        }
    }

    /// An input that is at its end.
    pub fn empty() -> Input {
        Input::bytes(Vec::new())
    }

    /// An input of known bytes.
    pub fn bytes(bytes: Vec<u8>) -> Input {
        Input::new(Reader(io::Cursor::new(bytes)))
    }

    /// An input from a reader.
    pub fn reader(reader: impl Read + Send + 'static) -> Input {
        Input::new(Reader(reader))
    }

    /// Waits for bytes; 0 is the end.
    pub fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        lock(&self.source).get(into)
    }

    /// One line with its newline; `None` at the end.
    pub fn read_line(&self) -> Option<Vec<u8>> {
        let line = self.read_until(Some(b'\n'), MAX_BUFFERED);
        (!line.is_empty()).then_some(line)
    }

    /// Bytes up to and including the delimiter, at most so many; fewer at the end.
    pub fn read_until(&self, delimiter: Option<u8>, most: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while bytes.len() < most && matches!(self.read(&mut byte), Ok(1)) {
            bytes.push(byte[0]);
            if Some(byte[0]) == delimiter {
                break;
            }
        }
        bytes
    }

    /// Everything up to the end, at most [`MAX_BUFFERED`] bytes.
    pub fn read_all(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut chunk = vec![0; 64 << 10];
        while bytes.len() < MAX_BUFFERED {
            match self.read(&mut chunk) {
                Ok(0) | Err(_) => break,
                Ok(count) => bytes.extend_from_slice(&chunk[..count]),
            }
        }
        bytes
    }
}

/// What a descriptor leads to: one to read from, one to write to, or both.
#[derive(Clone, Default)]
pub struct Descriptor {
    /// Where bytes come from.
    pub input: Option<Input>,
    /// Where bytes go.
    pub output: Option<Output>,
}

/// The standard streams of a command, and its other descriptors.
#[derive(Clone)]
pub struct Streams {
    /// Standard input.
    pub input: Input,
    /// Standard output.
    pub output: Output,
    /// Standard error.
    pub error: Output,
    /// Descriptors from 3 to 9 that a script opened.
    pub others: Arc<BTreeMap<i32, Descriptor>>,
}

impl Streams {
    /// Three streams and nothing else.
    pub fn new(input: Input, output: Output, error: Output) -> Streams {
        Streams {
            input,
            output,
            error,
            others: Arc::default(),
        }
    }

    /// What a descriptor leads to; `None` when it is not open.
    pub fn descriptor(&self, number: i32) -> Option<Descriptor> {
        match number {
            0 => Some(Descriptor {
                input: Some(self.input.clone()),
                output: None,
            }),
            1 | 2 => Some(Descriptor {
                input: None,
                output: Some(match number {
                    1 => self.output.clone(),
                    _ => self.error.clone(),
                }),
            }),
            _ => self.others.get(&number).cloned(),
        }
    }

    /// Opens a descriptor, or closes it with an empty one.
    pub fn set_descriptor(&mut self, number: i32, descriptor: Descriptor) {
        match number {
            0 => self.input = descriptor.input.unwrap_or_else(Input::empty),
            1 => self.output = descriptor.output.unwrap_or_else(Output::null),
            2 => self.error = descriptor.output.unwrap_or_else(Output::null),
            _ if descriptor.input.is_none() && descriptor.output.is_none() => {
                Arc::make_mut(&mut self.others).remove(&number);
            }
            _ => {
                Arc::make_mut(&mut self.others).insert(number, descriptor);
            }
        }
    }

    /// Writes text to standard output.
    pub fn print(&self, text: impl AsRef<[u8]>) {
        self.output.write(text.as_ref());
    }

    /// Writes text and a newline to standard output.
    pub fn line(&self, text: impl AsRef<str>) {
        let mut line = text.as_ref().as_bytes().to_vec();
        line.push(b'\n');
        self.output.write(&line);
    }

    /// Writes `tool: text` and a newline to standard error; returns the exit code 1.
    pub fn fail(&self, tool: &str, text: impl std::fmt::Display) -> i32 {
        self.complain(format!("{tool}: {text}"));
        1
    }

    /// Writes text and a newline to standard error.
    pub fn complain(&self, text: impl AsRef<str>) {
        let mut line = text.as_ref().as_bytes().to_vec();
        line.push(b'\n');
        self.error.write(&line);
    }

    /// Delivers what was held back, before waiting for anything.
    pub fn flush(&self) {
        self.output.flush();
        self.error.flush();
    }
}

/// Bytes in memory that an output fills.
#[derive(Debug, Clone, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    /// Takes what is there.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *lock(&self.0))
    }
}

impl Sink for Buffer {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut held = lock(&self.0);
        if held.len() + bytes.len() > MAX_BUFFERED {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        held.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Null;

impl Sink for Null {
    fn put(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Reader<R>(R);

impl<R: Read + Send> Source for Reader<R> {
    fn get(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

/// A file of the phone as an output; closes with the phone's time when the last handle goes.
pub struct FileSink(pub Option<crate::phone::system::files::FileWriter>);

impl Sink for FileSink {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.0 {
            Some(writer) => writer.write_all(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for FileSink {
    fn drop(&mut self) {
        if let Some(writer) = self.0.take() {
            // A file that vanished meanwhile has nobody to complain to.
            let _ = writer.finish();
        }
    }
}

//! The server on the device: its jar, its start, its sockets and its end. May use `adb` and `wire`.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::video::{Incoming, Video};
use super::{Failure, ScrcpyOptions};
use crate::adb::{Adb, AdbError, ServiceStream};
use crate::domain::ScreenSize;
use crate::wire::scrcpy::{
    ControlMessage, DeviceMessage, H264, NAME_LENGTH, SERVER_CLASS, VERSION, VideoHeader,
    socket_name,
};
use crate::wire::shell_v2::{Kind, ShellPacket};

/// Where the jar is on the device.
const JAR: &str = "/data/local/tmp/stepdroid-scrcpy-server-3.3.4.jar";
/// Largest jar that is pushed; the real one has 91 KB.
const MAX_JAR: u64 = 16 << 20;
/// Pause before a socket that is not there yet is tried again.
const RETRY: Duration = Duration::from_millis(20);
/// How long a server may take to end by itself.
const GOODBYE: Duration = Duration::from_secs(1);
/// How much of the server's last words is kept, in bytes.
const LAST_WORDS: usize = 2 << 10;

/// A running server with its sockets. Dropping it closes them, and so ends it.
#[derive(Debug)]
pub(super) struct Session {
    /// The pictures.
    pub video: Video,
    pub(super) control: Control,
    shell: Shell,
    adb: Adb,
    /// The screen's size, turned in some way.
    logical: ScreenSize,
    /// The video's sides when that was read, the shorter one first.
    measured: (u32, u32),
    /// Whether the first key frame of the video has not been given to anybody.
    pub(super) fresh: bool,
    /// Number of the last clipboard that was set.
    pub(super) sequence: u64,
}

impl Session {
    /// Pushes the jar if it is not there, starts the server and connects.
    pub async fn start(adb: &Adb, options: &ScrcpyOptions) -> Result<Session, Failure> {
        place_jar(adb, options).await?;
        let logical = adb.screen_size().await?;
        // 31 bits; two servers on one device must not meet.
        let scid = RandomState::new().build_hasher().finish() as u32 >> 1;
        let command = format!(
            "CLASSPATH={JAR} app_process / {SERVER_CLASS} {VERSION} scid={scid:08x} log_level=info audio=false \
             tunnel_forward=true cleanup=false clipboard_autosync=false max_size={} video_bit_rate={} max_fps={}",
            options.max_size, options.bit_rate, options.max_fps
        );
        let shell = Shell::new(adb.open(&format!("shell,v2,raw:{command}")).await?);
        let address = format!("localabstract:{}", socket_name(scid));
        let mut incoming = Incoming::new(connect(adb, &address, &shell).await?);
        let ended = |shell: &Shell| Failure::Server(shell.why("it closed the video"));
        // A byte says that the server is there; its name and the rest come when it has all its sockets.
        let first = incoming.exact(1).await?;
        first.ok_or_else(|| ended(&shell))?;
        let control = adb.open(&address).await.map_err(|error| match error {
            AdbError::Refused { .. } => Failure::Server(shell.why("it took no control socket")),
            error => Failure::Adb(error),
        })?;
        let head = incoming.exact(NAME_LENGTH + VideoHeader::LENGTH).await?;
        let head = head.ok_or_else(|| ended(&shell))?;
        let mut bytes = [0; VideoHeader::LENGTH];
        bytes.copy_from_slice(&head[NAME_LENGTH..]);
        let header = VideoHeader::read(&bytes);
        if header.codec != H264 {
            let reason = format!("the video's codec is {:#010x} and not H.264", header.codec);
            return Err(Failure::Server(reason));
        }
        Ok(Session {
            video: Video::watch(incoming),
            control: Control::new(control),
            shell,
            adb: adb.clone(),
            logical,
            measured: sides((header.width, header.height)),
            fresh: true,
            sequence: 0,
        })
    }

    /// The device's serial.
    pub fn serial(&self) -> &str {
        self.adb.serial()
    }

    /// Reads the screen's size again where the video's has changed other than by turning.
    pub async fn measure(&mut self) -> Result<(), Failure> {
        let now = sides(self.video.size());
        if now != self.measured {
            self.logical = self.adb.screen_size().await?;
            self.measured = now;
        }
        Ok(())
    }

    /// The screen's size, turned as a video of this size is; `None` where that is the video's own.
    pub fn screen(&self, width: u32, height: u32) -> Option<(u32, u32)> {
        let side = |length: i32| u32::try_from(length).unwrap_or(0);
        let (across, down) = (side(self.logical.width), side(self.logical.height));
        let turned = (across > down) != (width > height);
        let screen = if turned {
            (down, across)
        } else {
            (across, down)
        };
        (screen != (width, height)).then_some(screen)
    }

    /// Why the server is not there any more, from its own last words where it had some.
    pub fn why(&self, what: &str) -> String {
        self.shell.why(what)
    }

    /// Closes the sockets and waits a moment for the server to end.
    pub async fn end(self) {
        let Session {
            video,
            control,
            shell,
            ..
        } = self;
        drop(control);
        video.stop().await;
        shell.end().await;
    }
}

fn sides((width, height): (u32, u32)) -> (u32, u32) {
    (width.min(height), width.max(height))
}

/// Pushes the jar, unless one with the same content is there.
async fn place_jar(adb: &Adb, options: &ScrcpyOptions) -> Result<(), Failure> {
    let local = options.jar.display();
    let advice = "the option is the path of the server of scrcpy 3.3.4";
    let unusable = |reason: String| Failure::Server(format!("{local}: {reason}; {advice}"));
    let length = tokio::fs::metadata(&options.jar)
        .await
        .map_err(|error| unusable(error.to_string()))?
        .len();
    if length == 0 || length > MAX_JAR {
        return Err(unusable(format!("it has {length} bytes")));
    }
    let jar = tokio::fs::read(&options.jar)
        .await
        .map_err(|error| unusable(error.to_string()))?;
    let digest = Sha256::digest(&jar);
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(wanted) = &options.sha256
        && !wanted.eq_ignore_ascii_case(&hash)
    {
        return Err(unusable(format!("its SHA-256 is {hash} and not {wanted}")));
    }
    let there = adb.shell(&format!("sha256sum {JAR}")).await?;
    if there.exit_code == 0 && there.text().split_whitespace().next() == Some(&hash) {
        return Ok(());
    }
    adb.write_file(JAR, &jar, 0o644).await?;
    Ok(())
}

/// Connects as soon as the server listens.
async fn connect(
    adb: &Adb,
    address: &str,
    shell: &Shell,
) -> Result<Box<dyn ServiceStream>, Failure> {
    loop {
        match adb.open(address).await {
            Ok(stream) => return Ok(stream),
            Err(AdbError::Refused { .. }) if !shell.is_over() => sleep(RETRY).await,
            Err(AdbError::Refused { .. }) => {
                return Err(Failure::Server(shell.why("it ended at once")));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// The shell that the server runs in. Dropping it closes its stream.
#[derive(Debug)]
struct Shell {
    heard: Arc<Mutex<Heard>>,
    listener: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Heard {
    words: BytesMut,
    over: bool,
}

impl Shell {
    fn new(stream: Box<dyn ServiceStream>) -> Shell {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let listener = tokio::spawn(listen(stream, heard.clone()));
        Shell { heard, listener }
    }

    fn heard(&self) -> std::sync::MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.heard().over
    }

    fn why(&self, what: &str) -> String {
        let heard = self.heard();
        let words = String::from_utf8_lossy(&heard.words);
        // What it says of errors is worth more than what it says of its work.
        let lines = || words.lines().map(str::trim).filter(|line| !line.is_empty());
        let line = lines()
            .find(|line| line.contains("ERROR"))
            .or_else(|| lines().next_back());
        match line {
            Some(line) => format!("the server of scrcpy {VERSION} failed: {what}; it said: {line}"),
            None => format!("the server of scrcpy {VERSION} failed: {what}"),
        }
    }

    async fn end(mut self) {
        // It ends with its sockets; one that does not loses its shell.
        let _ = timeout(GOODBYE, &mut self.listener).await;
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn listen(mut stream: Box<dyn ServiceStream>, heard: Arc<Mutex<Heard>>) {
    let mut buffer = BytesMut::new();
    let note = |data: &[u8]| {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.words.extend_from_slice(data);
        let excess = heard.words.len().saturating_sub(LAST_WORDS);
        let _ = heard.words.split_to(excess);
    };
    'stream: while let Ok(Some(chunk)) = stream.read_chunk().await {
        buffer.extend_from_slice(&chunk);
        loop {
            match ShellPacket::decode(&mut buffer) {
                Ok(Some(packet)) => match packet.kind {
                    Kind::Stdout | Kind::Stderr => note(&packet.data),
                    Kind::Exit => break 'stream,
                    _ => {}
                },
                Ok(None) => break,
                Err(_) => break 'stream,
            }
        }
    }
    heard.lock().unwrap_or_else(PoisonError::into_inner).over = true;
}

/// The control socket.
pub(super) struct Control {
    stream: Box<dyn ServiceStream>,
    held: BytesMut,
    /// Messages that have not been sent yet.
    out: BytesMut,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Control")
    }
}

impl Control {
    fn new(stream: Box<dyn ServiceStream>) -> Control {
        Control {
            stream,
            held: BytesMut::new(),
            out: BytesMut::new(),
        }
    }

    /// Puts a message behind those that wait to be sent.
    pub fn put(&mut self, message: &ControlMessage) {
        message.encode(&mut self.out);
    }

    /// Sends what waits.
    pub async fn flush(&mut self) -> Result<(), AdbError> {
        let bytes: Bytes = self.out.split().freeze();
        match bytes.is_empty() {
            true => Ok(()),
            false => self.stream.write_all(&bytes).await,
        }
    }

    /// The next message of the device; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<DeviceMessage>, Failure> {
        loop {
            let decoded = DeviceMessage::decode(&mut self.held);
            if let Some(message) = decoded.map_err(|error| Failure::Server(error.to_string()))? {
                return Ok(Some(message));
            }
            match self.stream.read_chunk().await? {
                Some(chunk) => self.held.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }
}

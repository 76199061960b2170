//! scrcpy's channel against a played device whose server says what no server should: an error each time, in time, and
//! a new start after it.
#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{BufMut, Bytes, BytesMut};
use proptest::prelude::*;
use stepdroid::adb::{
    Adb, AdbError, FileStat, RemoteEntry, ServiceStream, ShellOutput, Transport, Upload,
};
use stepdroid::channels::scrcpy::{Scrcpy, ScrcpyOptions};
use stepdroid::device::{Channel, DeviceError, Gesture};
use stepdroid::domain::{Frame, Point};
use stepdroid::pixels::VideoEncoder;
use stepdroid::wire::h264;
use stepdroid::wire::scrcpy::{DeviceMessage, H264, NAME_LENGTH, PacketHeader, VideoHeader};

/// How long anything may take here; reached only when it fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a server has that never answers.
const SHORT: Duration = Duration::from_millis(300);

/// What a stream does next.
#[derive(Debug, Clone)]
enum Step {
    Bytes(Vec<u8>),
    /// Nothing, for ever.
    Hang,
    /// The orderly end.
    End,
    /// The connection breaks.
    Lost,
}

/// One start of the server: what its two sockets say. After the last step a stream hangs.
#[derive(Debug, Clone, Default)]
struct Act {
    video: Vec<Step>,
    control: Vec<Step>,
}

/// A device whose server is played, one act for each start and the last one again.
#[derive(Debug)]
struct Played {
    acts: Mutex<VecDeque<Act>>,
    /// Sockets opened in this act.
    sockets: AtomicU64,
    starts: AtomicU64,
}

impl Played {
    fn new(acts: impl IntoIterator<Item = Act>) -> Arc<Played> {
        Arc::new(Played {
            acts: Mutex::new(acts.into_iter().collect()),
            sockets: AtomicU64::new(0),
            starts: AtomicU64::new(0),
        })
    }
}

struct Stream(VecDeque<Step>);

#[async_trait]
impl ServiceStream for Stream {
    async fn read_chunk(&mut self) -> Result<Option<Bytes>, AdbError> {
        match self.0.pop_front() {
            Some(Step::Bytes(bytes)) => Ok(Some(bytes.into())),
            Some(Step::End) => Ok(None),
            Some(Step::Lost) => Err(AdbError::Lost {
                serial: "played".to_owned(),
                operation: "a read".to_owned(),
                reason: "the cable is out".to_owned(),
            }),
            Some(Step::Hang) | None => std::future::pending().await,
        }
    }

    async fn write_all(&mut self, _bytes: &[u8]) -> Result<(), AdbError> {
        Ok(())
    }
}

#[async_trait]
impl Transport for Played {
    fn serial(&self) -> &str {
        "played"
    }

    fn round_trips(&self) -> u64 {
        0
    }

    async fn shell(&self, command: &str, _: Duration) -> Result<ShellOutput, AdbError> {
        let text = match command {
            "dumpsys input" => "Viewport: logicalFrame=[0, 0, 64, 96]\n",
            _ => "",
        };
        Ok(ShellOutput {
            stdout: text.into(),
            ..ShellOutput::default()
        })
    }

    async fn exec_out(&self, _: &str, _: Duration) -> Result<Vec<u8>, AdbError> {
        Ok(Vec::new())
    }

    async fn stat(&self, _: &str, _: Duration) -> Result<FileStat, AdbError> {
        Err(AdbError::Environment("not played".to_owned()))
    }

    async fn list(&self, _: &str, _: Duration) -> Result<Vec<RemoteEntry>, AdbError> {
        Ok(Vec::new())
    }

    async fn push(&self, _: &[Upload<'_>], _: u32, _: u32, _: Duration) -> Result<(), AdbError> {
        Ok(())
    }

    async fn pull(&self, _: &str, _: u64, _: Duration) -> Result<Vec<u8>, AdbError> {
        Ok(Vec::new())
    }

    async fn open(&self, service: &str, _: Duration) -> Result<Box<dyn ServiceStream>, AdbError> {
        if service.starts_with("shell") {
            self.starts.fetch_add(1, Ordering::Relaxed);
            self.sockets.store(0, Ordering::Relaxed);
            let mut acts = self.acts.lock().unwrap();
            if self.starts.load(Ordering::Relaxed) > 1 && acts.len() > 1 {
                acts.pop_front();
            }
            return Ok(Box::new(Stream(VecDeque::new())));
        }
        let act = self.acts.lock().unwrap().front().unwrap().clone();
        let steps = match self.sockets.fetch_add(1, Ordering::Relaxed) {
            0 => act.video,
            _ => act.control,
        };
        Ok(Box::new(Stream(steps.into())))
    }

    async fn reset(&self) {}
}

fn head(codec: u32) -> Vec<u8> {
    let mut out = BytesMut::new();
    out.put_bytes(0, 1 + NAME_LENGTH);
    VideoHeader {
        codec,
        width: 64,
        height: 96,
    }
    .encode(&mut out);
    out.to_vec()
}

fn packet(config: bool, key_frame: bool, bytes: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    PacketHeader {
        config,
        key_frame,
        time: 1,
        length: bytes.len() as u32,
    }
    .encode(&mut out);
    out.put_slice(bytes);
    out.to_vec()
}

/// Parameter sets and a key frame of a grey picture.
fn video() -> (Vec<u8>, Vec<u8>) {
    let grey = Frame::new(64, 96, vec![128; 64 * 96 * 4]).unwrap();
    let mut encoder = VideoEncoder::new().unwrap();
    let stream = encoder.encode(&grey, true).unwrap().stream;
    let (mut config, mut slices) = (Vec::new(), Vec::new());
    for unit in h264::units(&stream) {
        let to = match h264::kind(unit) {
            h264::SEQUENCE | h264::PICTURE => &mut config,
            _ => &mut slices,
        };
        to.extend_from_slice(&[0, 0, 0, 1]);
        to.extend_from_slice(unit);
    }
    (config, slices)
}

fn good() -> Act {
    let (config, key_frame) = video();
    Act {
        video: vec![
            Step::Bytes(head(H264)),
            Step::Bytes(packet(true, false, &config)),
            Step::Bytes(packet(false, true, &key_frame)),
            Step::Hang,
        ],
        control: Vec::new(),
    }
}

fn channel(device: Arc<Played>) -> (Scrcpy, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let jar = folder.path().join("server.jar");
    std::fs::write(&jar, b"PK").unwrap();
    let options = ScrcpyOptions {
        start: SHORT,
        answer: SHORT,
        ..ScrcpyOptions::new(jar)
    };
    (Scrcpy::new(Adb::new(device), options), folder)
}

/// A stream that says all of this, piece by piece, and then does this.
fn says(pieces: &[&[u8]], then: Step) -> Act {
    let bytes = |piece: &&[u8]| Step::Bytes(piece.to_vec());
    Act {
        video: pieces.iter().map(bytes).chain([then]).collect(),
        control: Vec::new(),
    }
}

#[tokio::test]
async fn what_no_server_says_is_an_error_and_no_end() {
    let (config, key_frame) = video();
    let ok = head(H264);
    let config = packet(true, false, &config);
    let key = packet(false, true, &key_frame);
    let length = |length: u32| [&[0; 8][..], &length.to_be_bytes()].concat();
    let bent = packet(
        false,
        true,
        &[&[0, 0, 0, 1, 0x65][..], &[0x5a; 300]].concat(),
    );
    let senseless = packet(
        true,
        false,
        &[&[0, 0, 0, 1, 0x67][..], &[0x5a; 40]].concat(),
    );
    let table: Vec<(&str, Act)> = vec![
        ("nothing", says(&[], Step::End)),
        ("silence", says(&[], Step::Hang)),
        ("one byte", says(&[&[0]], Step::Hang)),
        ("half a head", says(&[&ok[..70]], Step::End)),
        ("another codec", says(&[&head(0x6832_3635)], Step::Hang)),
        ("a head alone", says(&[&ok], Step::Hang)),
        ("a head and the end", says(&[&ok], Step::End)),
        ("a packet of nothing", says(&[&ok, &length(0)], Step::Hang)),
        (
            "an endless packet",
            says(&[&ok, &length(u32::MAX)], Step::Hang),
        ),
        ("half a packet", says(&[&ok, &config[..20]], Step::Hang)),
        (
            "half a packet and the end",
            says(&[&ok, &config[..20]], Step::End),
        ),
        ("a configuration alone", says(&[&ok, &config], Step::End)),
        ("a key frame first", says(&[&ok, &key], Step::Hang)),
        (
            "no configuration",
            says(&[&ok, &packet(true, false, b"nothing")], Step::Hang),
        ),
        (
            "a senseless configuration",
            says(&[&ok, &senseless], Step::Hang),
        ),
        (
            "half a key frame",
            says(&[&ok, &config, &key[..key.len() - 3]], Step::Hang),
        ),
        ("no key frame", says(&[&ok, &config, &bent], Step::Hang)),
    ];
    for (name, act) in table {
        let device = Played::new([act, good()]);
        let (channel, _folder) = channel(device.clone());
        let error = tokio::time::timeout(PATIENCE, channel.frame()).await;
        let error = error.unwrap().unwrap_err();
        let is_own = matches!(
            error,
            DeviceError::Channel {
                channel: "scrcpy",
                ..
            }
        );
        assert!(is_own, "{name}: {error}");
        assert!(error.to_string().contains("played"), "{name}: {error}");
        let frame = channel.frame().await.unwrap();
        assert_eq!((frame.width, frame.height), (64, 96), "{name}");
        assert_eq!(device.starts.load(Ordering::Relaxed), 2, "{name}");
    }
    let lost = Played::new([says(&[&ok, &config], Step::Lost)]);
    let error = channel(lost).0.frame().await.unwrap_err();
    assert!(error.is_lost(), "{error}");
}

#[tokio::test]
async fn a_server_that_stops_answering_is_left_and_one_that_died_is_started() {
    let mut dying = good();
    dying.video.pop();
    dying.video.push(Step::End);
    let device = Played::new([good(), dying, good()]);
    let (channel, _folder) = channel(device.clone());
    let starts = || device.starts.load(Ordering::Relaxed);
    channel.frame().await.unwrap();
    // No key frame comes of the second wish.
    let error = channel.frame().await.unwrap_err();
    assert!(error.to_string().contains("did not come within"), "{error}");
    channel.frame().await.unwrap();
    assert_eq!(starts(), 2);
    tokio::task::yield_now().await;
    // This one has closed its video after the picture.
    channel.frame().await.unwrap();
    assert_eq!(starts(), 3);
}

#[tokio::test]
async fn control_that_makes_no_sense_is_an_error() {
    let mut acknowledged = BytesMut::new();
    DeviceMessage::Clipboard("other".to_owned()).encode(&mut acknowledged);
    DeviceMessage::ClipboardSet(77).encode(&mut acknowledged);
    let text = [
        Gesture::Tap(Point { x: 1, y: 1 }),
        Gesture::Text("é".to_owned()),
    ];
    for control in [
        vec![Step::Bytes(vec![99])],
        vec![Step::Bytes(vec![0, 255, 255, 255, 255])],
        vec![Step::Bytes(acknowledged.to_vec()), Step::End],
        vec![Step::Bytes(acknowledged.to_vec())],
    ] {
        let act = Act { control, ..good() };
        let (channel, _folder) = channel(Played::new([act]));
        let error = tokio::time::timeout(PATIENCE, channel.input(&text)).await;
        let error = error.unwrap().unwrap_err();
        assert!(matches!(error, DeviceError::Channel { .. }), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn noise_is_an_error_or_a_picture(
        noise in proptest::collection::vec(any::<u8>(), 0..600),
        cut in 1_usize..200,
        keep in 0_usize..400,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let (config, key_frame) = video();
            let mut stream = [head(H264), packet(true, false, &config), packet(false, true, &key_frame)].concat();
            let keep = keep.min(stream.len());
            stream.truncate(keep);
            stream.extend_from_slice(&noise);
            let steps = stream.chunks(cut).map(|piece| Step::Bytes(piece.to_vec())).chain([Step::End]);
            let act = Act { video: steps.collect(), control: Vec::new() };
            let (channel, _folder) = channel(Played::new([act]));
            let answer = tokio::time::timeout(PATIENCE, channel.frame()).await;
            if let Err(error) = answer.unwrap() {
                assert!(!error.is_lost(), "{error}");
            }
        });
    }
}

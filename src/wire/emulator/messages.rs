//! Messages of the emulator's control service (`android.emulation.control`, `emulator_controller.proto`), written
//! by hand so that no protobuf compiler is needed. Fields that this phone neither reads nor fills are left out;
//! numbers and types are the original's. Uses `prost`.

/// Nothing.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct Empty {}

/// How the emulator is.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct EmulatorStatus {
    /// Version of the program.
    #[prost(string, tag = "1")]
    pub version: String,
    /// Milliseconds since the phone started.
    #[prost(uint64, tag = "2")]
    pub uptime: u64,
    /// Whether Android has finished booting.
    #[prost(bool, tag = "3")]
    pub booted: bool,
    /// What it is made of.
    #[prost(message, optional, tag = "5")]
    pub hardware: Option<EntryList>,
}

/// A name and its value.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Entry {
    /// E.g. `hw.keyboard`.
    #[prost(string, tag = "1")]
    pub key: String,
    /// E.g. `true`.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// Names and values.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct EntryList {
    /// Each of them.
    #[prost(message, repeated, tag = "1")]
    pub entry: Vec<Entry>,
}

/// One finger.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct Touch {
    /// Pixels from the left.
    #[prost(int32, tag = "1")]
    pub x: i32,
    /// Pixels from the top.
    #[prost(int32, tag = "2")]
    pub y: i32,
    /// Which finger.
    #[prost(int32, tag = "3")]
    pub identifier: i32,
    /// 0 when it is lifted.
    #[prost(int32, tag = "4")]
    pub pressure: i32,
    /// 1: the finger is never forgotten.
    #[prost(int32, tag = "7")]
    pub expiration: i32,
}

/// Fingers that moved together.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct TouchEvent {
    /// Each of them.
    #[prost(message, repeated, tag = "1")]
    pub touches: Vec<Touch>,
    /// 0 is the phone's own display.
    #[prost(int32, tag = "2")]
    pub display: i32,
}

/// Numbering of a [`KeyboardEvent`]'s `key_code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum KeyCodeType {
    /// USB usage pages.
    Usb = 0,
    /// Linux input events.
    Evdev = 1,
    /// X11: Linux's numbers and 8.
    Xkb = 2,
    /// Windows.
    Win = 3,
    /// macOS.
    Mac = 4,
}

/// What happens to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum KeyEventType {
    /// It goes down.
    Down = 0,
    /// It comes up.
    Up = 1,
    /// Both.
    Press = 2,
}

/// A key, or text that is typed.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct KeyboardEvent {
    /// Numbering of `key_code`.
    #[prost(enumeration = "KeyCodeType", tag = "1")]
    pub code_type: i32,
    /// What happens to the key.
    #[prost(enumeration = "KeyEventType", tag = "2")]
    pub event_type: i32,
    /// The key; when it is not 0, `key` and `text` count for nothing.
    #[prost(int32, tag = "3")]
    pub key_code: i32,
    /// The key's name as browsers have it: `a`, `Enter`, `GoHome`.
    #[prost(string, tag = "4")]
    pub key: String,
    /// Text to type.
    #[prost(string, tag = "5")]
    pub text: String,
}

/// How a picture's bytes are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum PixelFormat {
    /// A PNG file.
    Png = 0,
    /// Four bytes a pixel.
    Rgba8888 = 1,
    /// Three bytes a pixel.
    Rgb888 = 2,
}

/// How the screen is turned.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Rotation {
    /// 0 is upright.
    #[prost(int32, tag = "1")]
    pub rotation: i32,
}

/// The pixels go to a file of the host, as [`ImageTransport`]'s channel.
pub const IMAGE_IN_FILE: i32 = 1;

/// Another way for the pixels than in the message.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ImageTransport {
    /// 0: in the message; [`IMAGE_IN_FILE`].
    #[prost(int32, tag = "1")]
    pub channel: i32,
    /// The file, as `file:///...`. The client makes and owns it, large enough; it may be written at any time while a
    /// call is under way, so that a picture that is read meanwhile is torn.
    #[prost(string, tag = "2")]
    pub handle: String,
}

/// Which picture is wanted, or which one it is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ImageFormat {
    /// Layout of the bytes.
    #[prost(enumeration = "PixelFormat", tag = "1")]
    pub format: i32,
    /// How the screen is turned, in an answer.
    #[prost(message, optional, tag = "2")]
    pub rotation: Option<Rotation>,
    /// Width in pixels; wanted at most, 0 for the screen's.
    #[prost(uint32, tag = "3")]
    pub width: u32,
    /// Height in pixels; wanted at most, 0 for the screen's.
    #[prost(uint32, tag = "4")]
    pub height: u32,
    /// 0 is the phone's own display.
    #[prost(uint32, tag = "5")]
    pub display: u32,
    /// Where the pixels go.
    #[prost(message, optional, tag = "6")]
    pub transport: Option<ImageTransport>,
}

/// A picture of the screen.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Image {
    /// What it is.
    #[prost(message, optional, tag = "1")]
    pub format: Option<ImageFormat>,
    /// Width, where older clients look for it.
    #[prost(uint32, tag = "2")]
    pub width: u32,
    /// Height, where older clients look for it.
    #[prost(uint32, tag = "3")]
    pub height: u32,
    /// The rows from the top.
    #[prost(bytes = "bytes", tag = "4")]
    pub image: bytes::Bytes,
    /// Place in a stream; 0 for a single one.
    #[prost(uint32, tag = "5")]
    pub sequence: u32,
    /// When it was taken, in microseconds of the Unix epoch on the phone's clock.
    #[prost(uint64, tag = "6")]
    pub timestamp_micros: u64,
}

/// A text message that comes in.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct SmsMessage {
    /// Who sent it.
    #[prost(string, tag = "1")]
    pub source: String,
    /// What it says.
    #[prost(string, tag = "2")]
    pub text: String,
}

/// What became of a call or a message: 0 is well, 2 a bad number, 4 a failure.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct PhoneResponse {
    /// The number.
    #[prost(int32, tag = "1")]
    pub response: i32,
}

/// What lies on the clipboard.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ClipData {
    /// Its text.
    #[prost(string, tag = "1")]
    pub text: String,
}

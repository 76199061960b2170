//! The words of the server's command line. Pure.

use crate::wire::scrcpy::VERSION;

/// How much the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everything.
    Verbose,
    /// For its makers.
    Debug,
    /// What it does.
    Info,
    /// What it cannot do.
    Warn,
    /// Why it ends.
    Error,
}

impl Level {
    fn parse(text: &str) -> Option<Level> {
        let all = [
            Level::Verbose,
            Level::Debug,
            Level::Info,
            Level::Warn,
            Level::Error,
        ];
        let upper = text.to_ascii_uppercase();
        all.into_iter().find(|level| level.name() == upper)
    }

    /// Its name in a line of the log.
    pub fn name(self) -> &'static str {
        match self {
            Level::Verbose => "VERBOSE",
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        }
    }
}

/// What a client wants of the server; of what the real one knows besides, the value is not looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Tells servers apart.
    pub scid: Option<u32>,
    /// Lines below it are not written.
    pub level: Level,
    /// Whether there is a socket for pictures.
    pub video: bool,
    /// Whether there is a socket for sound, which this phone has none of.
    pub audio: bool,
    /// Whether there is a socket for control.
    pub control: bool,
    /// The client connects to the phone, not the other way round.
    pub tunnel_forward: bool,
    /// The longer side's most pixels; 0 for the screen's own.
    pub max_size: u32,
    /// Most pictures in a second; 0 for as many as there are.
    pub max_fps: f32,
    /// The codec's name.
    pub codec: String,
    /// A byte on the first socket, once it is connected.
    pub dummy_byte: bool,
    /// The device's name on the first socket.
    pub device_meta: bool,
    /// Codec and size in front of the video.
    pub codec_meta: bool,
    /// A head in front of every packet.
    pub frame_meta: bool,
    /// Tell the client when the clipboard changes.
    pub clipboard_autosync: bool,
    /// Remove the jar.
    pub cleanup: bool,
    /// Only say what there is.
    pub only_lists: bool,
    /// Keys that nobody knows.
    pub unknown: Vec<String>,
}

/// Keys of the real server that mean nothing here.
const WITHOUT_MEANING: &[&str] = &[
    "angle",
    "audio_bit_rate",
    "audio_codec",
    "audio_codec_options",
    "audio_dup",
    "audio_encoder",
    "audio_source",
    "camera_ar",
    "camera_facing",
    "camera_fps",
    "camera_high_speed",
    "camera_id",
    "camera_size",
    "capture_orientation",
    "crop",
    "display_id",
    "display_ime_policy",
    "downsize_on_error",
    "new_display",
    "power_off_on_close",
    "power_on",
    "screen_off_timeout",
    "show_touches",
    "stay_awake",
    "vd_destroy_content",
    "vd_system_decorations",
    "video_bit_rate",
    "video_codec_options",
    "video_encoder",
    "video_source",
];

impl Options {
    /// Reads them as the real server does.
    ///
    /// # Errors
    /// The message of its exception.
    pub fn parse(words: &[String]) -> Result<Options, String> {
        let (version, pairs) = words.split_first().ok_or("Missing client version")?;
        if version != VERSION {
            return Err(format!(
                "The server version ({VERSION}) does not match the client ({version})"
            ));
        }
        let mut options = Options {
            scid: None,
            level: Level::Debug,
            video: true,
            audio: true,
            control: true,
            tunnel_forward: false,
            max_size: 0,
            max_fps: 0.0,
            codec: "h264".to_owned(),
            dummy_byte: true,
            device_meta: true,
            codec_meta: true,
            frame_meta: true,
            clipboard_autosync: true,
            cleanup: true,
            only_lists: false,
            unknown: Vec::new(),
        };
        for pair in pairs {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| format!("Invalid key=value pair: \"{pair}\""))?;
            options.set(key, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let no_number = || format!("For input string: \"{value}\"");
        // Whatever is not `true` is false to the real one too.
        let yes = value.eq_ignore_ascii_case("true");
        match key {
            "scid" => {
                let scid = i64::from_str_radix(value, 16).map_err(|_| no_number())?;
                self.scid = match scid {
                    -1 => None,
                    0..=0x7fff_ffff => Some(scid as u32),
                    _ if scid < 0 => {
                        return Err(format!(
                            "scid may not be negative (except -1 for 'none'): {scid}"
                        ));
                    }
                    _ => return Err(no_number()),
                };
            }
            "log_level" => {
                let constant = "No enum constant com.genymobile.scrcpy.util.Ln.Level.";
                self.level = Level::parse(value)
                    .ok_or_else(|| format!("{constant}{}", value.to_ascii_uppercase()))?;
            }
            "video" => self.video = yes,
            "audio" => self.audio = yes,
            "control" => self.control = yes,
            "tunnel_forward" => self.tunnel_forward = yes,
            "max_size" => {
                let size: i32 = value.parse().map_err(|_| no_number())?;
                self.max_size = u32::try_from(size).unwrap_or(0) & !7;
            }
            "max_fps" => {
                let most: f32 = value
                    .parse()
                    .map_err(|_| format!("Invalid float value for max_fps: \"{value}\""))?;
                self.max_fps = if most.is_finite() { most.max(0.0) } else { 0.0 };
            }
            "video_codec" => match value {
                "h264" | "h265" | "av1" => self.codec = value.to_owned(),
                _ => return Err(format!("Video codec {value} not supported")),
            },
            "send_dummy_byte" => self.dummy_byte = yes,
            "send_device_meta" => self.device_meta = yes,
            "send_codec_meta" => self.codec_meta = yes,
            "send_frame_meta" => self.frame_meta = yes,
            "raw_stream" if yes => {
                self.dummy_byte = false;
                self.device_meta = false;
                self.codec_meta = false;
                self.frame_meta = false;
            }
            "raw_stream" => {}
            "clipboard_autosync" => self.clipboard_autosync = yes,
            "cleanup" => self.cleanup = yes,
            "list_encoders" | "list_displays" | "list_cameras" | "list_camera_sizes"
            | "list_apps" => self.only_lists |= yes,
            other if WITHOUT_MEANING.contains(&other) => {}
            other => self.unknown.push(other.chars().take(100).collect()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn words_are_read_as_the_real_server_reads_them() {
        let plain = parse("3.3.4").unwrap();
        assert!(plain.video && plain.audio && plain.control && !plain.tunnel_forward);
        let set = parse(
            "3.3.4 scid=0000abcd log_level=warn audio=false tunnel_forward=true max_size=1023 \
             video_bit_rate=1000000 max_fps=10 raw_stream=true crop=1:2:3:4 tea=black",
        )
        .unwrap();
        assert_eq!((set.scid, set.level), (Some(0xabcd), Level::Warn));
        assert_eq!((set.max_size, set.max_fps), (1016, 10.0));
        assert!(!set.audio && set.tunnel_forward && !set.dummy_byte && !set.frame_meta);
        assert_eq!(set.unknown, ["tea"]);
        assert_eq!(parse("3.3.4 scid=-1").unwrap().scid, None);
    }

    #[test]
    fn what_the_real_server_refuses_is_refused_with_its_words() {
        for (line, message) in [
            ("", "Missing client version"),
            (
                "3.3.3 scid=1",
                "The server version (3.3.4) does not match the client (3.3.3)",
            ),
            ("3.3.4 video", "Invalid key=value pair: \"video\""),
            (
                "3.3.4 scid=-2",
                "scid may not be negative (except -1 for 'none'): -2",
            ),
            ("3.3.4 scid=80000000", "For input string: \"80000000\""),
            ("3.3.4 max_size=big", "For input string: \"big\""),
            ("3.3.4 video_codec=vp9", "Video codec vp9 not supported"),
        ] {
            assert_eq!(parse(line).unwrap_err(), message);
        }
    }
}

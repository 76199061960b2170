//! Control messages, done on the phone. Uses the machine, its windows and its shell.

use std::os::unix::net::UnixStream;
use std::sync::mpsc::Sender;

use bytes::BytesMut;

use super::fingers::Fingers;
use super::options::Level;
use super::{Server, sockets};
use crate::phone::run_shell;
use crate::phone::system::Namespace;
use crate::wire::scrcpy::{ControlMessage, DeviceMessage, Position, meta};

/// How far a notch of the wheel moves, in dp.
const NOTCH: f32 = 64.0;
/// What a notch is in a message.
const NOTCHES: f32 = 16.0 / 32_768.0;
/// The meaning of a key event's 0.
const DOWN: u8 = 0;

/// Android's key codes (`android.view.KeyEvent`).
mod code {
    pub const BACK: u32 = 4;
    pub const SHIFT: u32 = 59;
    pub const ENTER: u32 = 66;
    pub const NOTIFICATION: u32 = 83;
    pub const CTRL: u32 = 113;
    pub const CUT: u32 = 277;
    pub const COPY: u32 = 278;
    pub const PASTE: u32 = 279;
}

/// Does what the client says until it goes or the server is over. Wishes for a new beginning go to `resets`.
pub fn obey(server: &Server, socket: &UnixStream, resets: &Sender<()>) {
    let mut hand = Hand {
        server,
        socket,
        resets,
        fingers: Fingers::default(),
        clipboard: None,
        seen: 0,
    };
    hand.remember_clipboard();
    let mut held = BytesMut::new();
    let mut chunk = vec![0; 16 << 10];
    while !server.is_over() {
        match sockets::receive(socket, &mut chunk) {
            None => return,
            Some(count) => held.extend_from_slice(&chunk[..count]),
        }
        loop {
            match ControlMessage::decode(&mut held) {
                Ok(Some(message)) => {
                    if hand.act(message).is_none() {
                        return;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    return server.log(Level::Error, &format!("Controller error: {error}"));
                }
            }
        }
        if hand.tell_clipboard().is_none() {
            return;
        }
    }
}

struct Hand<'a> {
    server: &'a Server,
    socket: &'a UnixStream,
    resets: &'a Sender<()>,
    fingers: Fingers,
    /// The clipboard that the client knows, and the phone's count of changes then.
    clipboard: Option<String>,
    seen: u64,
}

impl Hand<'_> {
    /// Does one thing; `None` when the client has gone.
    fn act(&mut self, message: ControlMessage) -> Option<()> {
        match message {
            ControlMessage::Key {
                action, code, meta, ..
            } if action == DOWN => self.key(code, meta),
            ControlMessage::BackOrScreenOn(DOWN) => self.key(code::BACK, 0),
            ControlMessage::Key { .. } | ControlMessage::BackOrScreenOn(_) => {}
            ControlMessage::Text(text) => self.type_text(&text),
            ControlMessage::Touch {
                action,
                pointer,
                at,
                ..
            } => {
                if let Some(at) = self.place(at) {
                    self.fingers
                        .touch(&self.server.machine, pointer, action, at);
                }
            }
            ControlMessage::Scroll {
                at,
                horizontal,
                vertical,
                ..
            } => self.scroll(
                at,
                f32::from(horizontal) * NOTCHES,
                f32::from(vertical) * NOTCHES,
            ),
            ControlMessage::Notifications | ControlMessage::QuickSettings => {
                self.key(code::NOTIFICATION, 0);
            }
            ControlMessage::Collapse => self.collapse(),
            ControlMessage::KeyboardSettings => {
                self.run("am start -a android.settings.HARD_KEYBOARD_SETTINGS");
            }
            ControlMessage::StartApp(name) => self.start_app(&name),
            ControlMessage::GetClipboard(copy) => return self.give_clipboard(copy),
            ControlMessage::SetClipboard {
                sequence,
                paste,
                text,
            } => return self.take_clipboard(sequence, paste, text),
            ControlMessage::Rotate => self.rotate(),
            ControlMessage::ResetVideo => {
                self.server.log(Level::Info, "Video capture reset");
                // Without video nobody takes it.
                let _ = self.resets.send(());
            }
            // This phone's display is always on, and it takes no further input devices.
            ControlMessage::DisplayPower(_) | ControlMessage::InputDevice(_) => {}
        }
        Some(())
    }

    fn send(&self, message: &DeviceMessage) -> Option<()> {
        let mut out = BytesMut::new();
        message.encode(&mut out);
        sockets::send(self.server, self.socket, &out).ok()
    }

    fn run(&self, script: &str) {
        run_shell(&self.server.machine, script, b"");
    }

    /// A pixel of the screen; `None` for one of a video that was replaced.
    fn place(&self, at: Position) -> Option<(i32, i32)> {
        let Some(size) = self.server.size() else {
            return Some((at.x, at.y));
        };
        let meant = (u32::from(at.width), u32::from(at.height));
        if meant != size {
            let text = format!(
                "Ignore positional event generated for size {}x{} (current size is {}x{})",
                meant.0, meant.1, size.0, size.1
            );
            self.server.log(Level::Verbose, &text);
            return None;
        }
        let screen = self.server.machine.look().system.size();
        let scaled = |value: i32, by: i32, of: u32| {
            let scaled = i64::from(value) * i64::from(by) / i64::from(of.max(1));
            i32::try_from(scaled).unwrap_or(i32::MAX)
        };
        Some((
            scaled(at.x, screen.width, size.0),
            scaled(at.y, screen.height, size.1),
        ))
    }

    fn key(&self, code: u32, held: u32) {
        let machine = &self.server.machine;
        machine.clock.advance_millis(100);
        let mut state = machine.lock();
        let state = &mut *state;
        let with = match held {
            held if held & meta::ANY_CTRL != 0 => code::CTRL,
            held if held & meta::ANY_SHIFT != 0 => code::SHIFT,
            _ => return state.windows.key(&mut state.system, code),
        };
        // The key itself comes too, before the one that it changes.
        if ![code::CTRL, code::SHIFT].contains(&code) {
            state
                .windows
                .key_combination(&mut state.system, &[with, code]);
        }
    }

    fn collapse(&self) {
        let shade = self.server.machine.look().windows.focused_window();
        if shade == "NotificationShade" {
            self.key(code::BACK, 0);
        }
    }

    /// Types what a keyboard has keys for.
    fn type_text(&self, text: &str) {
        let machine = &self.server.machine;
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.key(code::ENTER, 0);
            }
            let typed: String = line.chars().filter(char::is_ascii).collect();
            if !typed.is_empty() {
                machine.clock.advance_millis(100);
                let mut state = machine.lock();
                let state = &mut *state;
                state.windows.text(&mut state.system, &typed);
            }
        }
        for character in text.chars().filter(|character| !character.is_ascii()) {
            let text = format!("Could not inject char u+{:04x}", u32::from(character));
            self.server.log(Level::Warn, &text);
        }
    }

    fn scroll(&self, at: Position, right: f32, up: f32) {
        let Some((x, y)) = self.place(at) else {
            return;
        };
        let machine = &self.server.machine;
        machine.clock.advance_millis(100);
        let mut state = machine.lock();
        let state = &mut *state;
        let size = state.system.size();
        // A screen is about 411 dp wide on its shorter side.
        let notch = NOTCH * size.width.min(size.height) as f32 / 411.0;
        let to = (x - (right * notch) as i32, y + (up * notch) as i32);
        state.windows.swipe(&mut state.system, (x, y), to, 100);
    }

    /// A package, or `?` and the beginning of a name; `+` stops it before.
    fn start_app(&self, name: &str) {
        let (stop, name) = match name.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        let package = match name.strip_prefix('?') {
            Some(label) => self.labelled(label),
            None => Some(name.to_owned()),
        };
        let plain = |package: &String| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "._".contains(c);
            !package.is_empty() && package.chars().all(is_plain)
        };
        let Some(package) = package.filter(plain) else {
            let text = format!("No app found for package \"{name}\"");
            return self.server.log(Level::Warn, &text);
        };
        if stop {
            self.run(&format!("am force-stop {package}"));
        }
        self.run(&format!(
            "monkey -p {package} -c android.intent.category.LAUNCHER 1"
        ));
    }

    fn labelled(&self, label: &str) -> Option<String> {
        let wanted = label.to_lowercase();
        let state = self.server.machine.look();
        let mut all = state.system.packages.list();
        all.find(|package| package.label.to_lowercase().starts_with(&wanted))
            .map(|package| package.package.clone())
    }

    fn rotate(&self) {
        let mut state = self.server.machine.lock();
        let turned = i64::from((state.system.rotation() & 1) ^ 1);
        let settings = &mut state.system.settings;
        // Where the disk is full the screen stays as it is.
        let _ = settings
            .put(Namespace::System, "accelerometer_rotation", 0)
            .and_then(|()| settings.put(Namespace::System, "user_rotation", turned));
    }

    fn give_clipboard(&mut self, copy: u8) -> Option<()> {
        match copy {
            1 => self.key(code::COPY, 0),
            2 => self.key(code::CUT, 0),
            _ => {}
        }
        // With the other way on, the client hears of it when it changes.
        if self.server.options.clipboard_autosync {
            return Some(());
        }
        let text = self.server.machine.look().system.clipboard.clone();
        match text {
            Some(text) => self.send(&DeviceMessage::Clipboard(text)),
            None => Some(()),
        }
    }

    fn take_clipboard(&mut self, sequence: u64, paste: bool, text: String) -> Option<()> {
        self.clipboard = Some(text.clone());
        self.server.machine.lock().system.clipboard = Some(text);
        self.server.log(Level::Info, "Device clipboard set");
        if paste {
            self.key(code::PASTE, 0);
        }
        match sequence {
            0 => Some(()),
            _ => self.send(&DeviceMessage::ClipboardSet(sequence)),
        }
    }

    fn remember_clipboard(&mut self) {
        self.seen = self.server.machine.changes.count();
        self.clipboard = self.server.machine.look().system.clipboard.clone();
    }

    /// Tells the client of a clipboard that it did not set itself.
    fn tell_clipboard(&mut self) -> Option<()> {
        let count = self.server.machine.changes.count();
        if !self.server.options.clipboard_autosync || count == self.seen {
            return Some(());
        }
        let before = self.clipboard.take();
        self.remember_clipboard();
        match &self.clipboard {
            Some(text) if before.as_ref() != Some(text) => {
                self.send(&DeviceMessage::Clipboard(text.clone()))
            }
            _ => Some(()),
        }
    }
}

//! The console of an emulator, which clients reach through `adb emu`: text lines over TCP, behind a token
//! that the user's home holds. It receives messages; and it tells an ADB server of the phone.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use rand::distr::Alphanumeric;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::line;
use crate::phone::daemon::Daemon;
use crate::phone::machine::Machine;
use crate::phone::providers::messages::{self, INBOX};

/// Longest line that is read.
const LINE: u64 = 64 << 10;
/// Most clients at a time.
const CLIENTS: usize = 16;
/// An ADB server that does not answer in this time is told nothing.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a phone that nobody is connected to makes itself known.
const AGAIN: Duration = Duration::from_secs(1);

/// How a phone passes for an emulator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleOptions {
    /// Port of the console on 127.0.0.1; 0 takes any. Clients expect the one below the ADB daemon's.
    pub port: u16,
    /// The file of the token that clients must say; an empty one asks for none. Made when missing.
    pub token: PathBuf,
    /// Port of the ADB server that is told of the phone.
    pub server: Option<u16>,
}

/// Reads the token, or makes one that only this user can read.
///
/// # Errors
/// When the file can be neither read nor made.
pub fn token(path: &Path) -> io::Result<String> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::read_to_string(path) {
        Ok(text) => return Ok(text.trim().to_owned()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) => {}
    }
    let mut random = rand::rng();
    let made: String = (0..16)
        .map(|_| char::from(random.sample(Alphanumeric)))
        .collect();
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    match file {
        Ok(mut file) => file.write_all(made.as_bytes()).map(|()| made),
        // Another phone was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::read_to_string(path).map(|text| text.trim().to_owned())
        }
        Err(error) => Err(error),
    }
}

/// Tells an ADB server that a phone listens on a port, as emulators do, and again whenever nobody is connected: the
/// server may have come later, or once more. Ends when `stop` is cancelled.
pub async fn announce(daemon: Arc<Daemon>, server: u16, port: u16, stop: CancellationToken) {
    let tell = async || {
        let mut socket = TcpStream::connect(("127.0.0.1", server)).await?;
        let words = format!("host:emulator:{port}");
        let request = format!("{:04x}{words}", words.len());
        socket.write_all(request.as_bytes()).await
    };
    loop {
        if daemon.is_alone() {
            match tokio::time::timeout(PATIENCE, tell()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::debug!(server, %error, "no ADB server was told of the phone")
                }
                Err(_) => tracing::debug!(server, "the ADB server took no notice of the phone"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Serves a listener until `stop` is cancelled.
pub async fn serve(
    machine: Arc<Machine>,
    listener: TcpListener,
    options: ConsoleOptions,
    token: String,
    stop: CancellationToken,
) {
    let clients = Arc::new(tokio::sync::Semaphore::new(CLIENTS));
    let console = Arc::new((machine, options.token, token));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((socket, _)) = accepted else {
            // Out of file descriptors, for instance; it may get better.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = clients.clone().try_acquire_owned() else {
            continue;
        };
        let (console, stop) = (console.clone(), stop.clone());
        tokio::spawn(async move {
            let (machine, path, token) = &*console;
            tokio::select! {
                // A client that hangs up needs no answer.
                _ = talk(machine, socket, path, token) => {}
                () = stop.cancelled() => {}
            }
            drop(place);
        });
    }
}

const READY: &str = "Android Console: type 'help' for a list of commands\r\nOK\r\n";

async fn talk(
    machine: &Arc<Machine>,
    mut socket: TcpStream,
    path: &Path,
    token: &str,
) -> io::Result<()> {
    let (reader, mut writer) = socket.split();
    let mut reader = BufReader::new(reader);
    let mut known = token.is_empty();
    let greeting = match known {
        true => READY.to_owned(),
        false => format!(
            "Android Console: Authentication required\r\n\
             Android Console: type 'auth <auth_token>' to authenticate\r\n\
             Android Console: you can find your <auth_token> in\r\n'{}'\r\nOK\r\n",
            path.display()
        ),
    };
    writer.write_all(greeting.as_bytes()).await?;
    loop {
        let mut line = Vec::new();
        let read = (&mut reader)
            .take(LINE)
            .read_until(b'\n', &mut line)
            .await?;
        // Also a line that never ends.
        if read == 0 || line.last() != Some(&b'\n') {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match verb {
            "" => continue,
            "quit" | "exit" => return Ok(()),
            "auth" if known || rest.trim() == token => {
                known = true;
                READY.to_owned()
            }
            "auth" => "KO: authentication token does not match ~/.emulator_console_auth_token\r\n"
                .to_owned(),
            "help" | "ping" | "avd" | "sms" | "gsm" | "rotate" if known => {
                let (machine, verb, rest) = (machine.clone(), verb.to_owned(), rest.to_owned());
                // Messages go to a database: off the reactor.
                let answer = tokio::task::spawn_blocking(move || command(&machine, &verb, &rest));
                match answer.await {
                    Ok(Ok(text)) => format!("{text}OK\r\n"),
                    Ok(Err(reason)) => format!("KO: {reason}\r\n"),
                    Err(_) => "KO: the command failed\r\n".to_owned(),
                }
            }
            _ => "KO: unknown command, try 'help'\r\n".to_owned(),
        };
        writer.write_all(answer.as_bytes()).await?;
    }
}

/// What a command answers, or why it cannot be done.
fn command(machine: &Machine, verb: &str, rest: &str) -> Result<String, String> {
    let (first, rest) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
    match (verb, first) {
        ("help", _) => Ok(
            "Android console commands:\r\n    help\r\n    ping\r\n    avd name|status\r\n    \
             sms send <phonenumber> <text message>\r\n    \
             gsm call|accept|cancel <phonenumber>\r\n    gsm list\r\n    rotate\r\n    quit|exit\r\n"
                .to_owned(),
        ),
        ("ping", _) => Ok("I am alive!\r\n".to_owned()),
        ("avd", "name") => Ok("stepdroid\r\n".to_owned()),
        ("avd", "status") => Ok("virtual device is running\r\n".to_owned()),
        ("sms", "send") => {
            let (number, text) = rest
                .split_once(' ')
                .ok_or("missing argument, try 'sms send <phonenumber> <text message>'")?;
            match is_number(number) {
                false => Err("bad phone number format, must be [+](0-9)*".to_owned()),
                true => receive(machine, number, &unescape(text)).map(|()| String::new()),
            }
        }
        ("gsm", "list") => Ok(line::list(machine)),
        ("gsm", "call" | "accept" | "cancel") if rest.trim().is_empty() => {
            Err(format!("missing argument, try 'gsm {first} <phonenumber>'"))
        }
        ("gsm", "call") => match is_number(rest.trim()) {
            false => Err("bad phone number format, use digits, # and + only".to_owned()),
            true => line::call(machine, rest.trim()),
        },
        ("gsm", "accept") => line::accept(machine, rest.trim()),
        ("gsm", "cancel") => line::cancel(machine, rest.trim()),
        ("rotate", _) => {
            let system = &mut machine.lock().system;
            system.held = (system.held + 1) % 4;
            Ok(String::new())
        }
        _ => Err("bad sub-command".to_owned()),
    }
}

/// Whether a text message can come from there.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A text message comes in.
pub(super) fn receive(machine: &Machine, number: &str, text: &str) -> Result<(), String> {
    let system = &machine.lock().system;
    messages::add(system, number, text, INBOX, "")
        .map(|_| ())
        .map_err(|error| error.to_string())
}

/// The text of a message: a backslash before `n` and before itself has a meaning.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match (sign, signs.peek()) {
            ('\\', Some('n')) => {
                signs.next();
                plain.push('\n');
            }
            ('\\', Some('\\')) => {
                signs.next();
                plain.push('\\');
            }
            _ => plain.push(sign),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_made_once_for_their_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("token");
        let made = token(&path).unwrap();
        assert_eq!((made.len(), token(&path).unwrap()), (16, made));
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&path, "").unwrap();
        assert_eq!(token(&path).unwrap(), "");
        assert!(token(home.path()).is_err());
    }

    #[test]
    fn texts_may_have_lines() {
        assert_eq!(unescape(r"a\nb\\n \x"), "a\nb\\n \\x");
    }
}

//! What an ADB client can open on the phone, by the name of the service. Uses the other files of
//! this room.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::connection::Connection;
use super::stream::{StreamReader, StreamWriter};
use super::{Control, forward, framebuffer, session, sync};
use crate::phone::faults::{Fault, befall};

/// Whether a service exists; others are refused at once.
pub fn is_known(connection: &Arc<Connection>, name: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "shell:",
        "shell,",
        "exec:",
        "sync:",
        "abb:",
        "abb_exec:",
        "framebuffer:",
        "reboot:",
        "root:",
        "unroot:",
        "remount:",
        "disable-verity:",
        "enable-verity:",
        "tcpip:",
        "usb:",
        "reverse:",
        "source:",
        "sink:",
    ];
    if name.starts_with("tcp:") || name.starts_with("local") {
        return connection.daemon.machine.loopback.is_listening(name);
    }
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a service works on a thread of its own.
pub fn needs_thread(name: &str) -> bool {
    let kind = name.split([':', ',']).next().unwrap_or("");
    matches!(
        kind,
        "shell" | "exec" | "abb" | "abb_exec" | "sync" | "framebuffer"
    )
}

/// Serves one stream to its end. The caller closes it.
pub async fn serve(
    connection: &Arc<Connection>,
    name: &str,
    reader: StreamReader,
    writer: StreamWriter,
) {
    let mut exit_packet = true;
    match befall::meet(&connection.daemon.machine, name).await {
        Some(Fault::Hang) => {
            writer.shared().closed().await;
            return;
        }
        Some(Fault::Drop) => {
            connection.cancel.cancel();
            return;
        }
        Some(Fault::Slow(duration)) => tokio::time::sleep(duration).await,
        Some(Fault::Corrupt) => writer.corrupt_next(),
        Some(Fault::NoExit) => exit_packet = false,
        Some(fault) if fault.breaks_connections() => {
            writer.shared().closed().await;
            return;
        }
        // What else concerns the whole phone has happened already.
        _ => {}
    }
    let _thread = match needs_thread(name) {
        // A stream whose peer leaves while it waits is served for nobody, and so ends at once.
        true => connection.daemon.machine.sessions.acquire().await.ok(),
        false => None,
    };
    let (kind, argument) = name.split_once(':').unwrap_or((name, ""));
    let say = async |text: &str| {
        // Who closed the stream does not want to know.
        let _ = writer.write(Bytes::copy_from_slice(text.as_bytes())).await;
    };
    match kind {
        "exec" | "abb" | "abb_exec" => {
            let session = session::Session::parse(kind, argument, exit_packet);
            session::run(connection, session, reader, writer).await;
        }
        kind if kind == "shell" || kind.starts_with("shell,") => {
            let session = session::Session::parse(kind, argument, exit_packet);
            session::run(connection, session, reader, writer).await;
        }
        "sync" => sync::run(connection, reader, writer).await,
        "framebuffer" => framebuffer::run(connection, writer).await,
        "reboot" => {
            writer.close().await;
            connection
                .daemon
                .control_later(Control::Reboot, Duration::from_millis(50));
        }
        "root" | "unroot" => {
            let wanted = kind == "root";
            if wanted && connection.daemon.machine.is_sold() {
                say("adbd cannot run as root in production builds\n").await;
            } else if connection.daemon.machine.is_root() == wanted {
                say(match wanted {
                    true => "adbd is already running as root\n",
                    false => "adbd not running as root\n",
                })
                .await;
            } else {
                say(match wanted {
                    true => "restarting adbd as root\n",
                    false => "restarting adbd as non root\n",
                })
                .await;
                writer.close().await;
                connection.daemon.control_later(
                    Control::Restart { root: wanted },
                    Duration::from_millis(100),
                );
            }
        }
        "remount" => match connection.daemon.machine.is_root() {
            true => say("remount succeeded\n").await,
            false => say("Not running as root. Try \"adb root\" first.\n").await,
        },
        "disable-verity" => say("verity is already disabled\n").await,
        "enable-verity" => say("verity cannot be enabled on a virtual phone\n").await,
        "tcpip" | "usb" => say(&format!("restarting in {} mode\n", kind.to_uppercase())).await,
        "reverse" => forward::reverse(connection, argument, &writer).await,
        "tcp" | "localabstract" | "localfilesystem" | "localreserved" | "local" => {
            forward::connect(connection, name, reader, writer).await;
        }
        "source" => {
            let mut left = argument.parse::<u64>().unwrap_or(0);
            let zeros = Bytes::from(vec![0; 64 << 10]);
            while left > 0 {
                let piece =
                    zeros.slice(..zeros.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
                left -= piece.len() as u64;
                if writer.write(piece).await.is_err() {
                    break;
                }
            }
        }
        "sink" => {
            let mut reader = reader;
            let mut left = argument.parse::<u64>().unwrap_or(0);
            while left > 0 {
                match reader.next().await {
                    Some(piece) => left = left.saturating_sub(piece.len() as u64),
                    None => break,
                }
            }
        }
        _ => {}
    }
}

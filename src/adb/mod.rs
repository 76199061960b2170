//! The device's wire: connections, shell, files, input, capture, and the parsers of what a device
//! answers. May use `domain` and `wire`.
//!
//! [`connect`] turns a serial into an [`Adb`] handle. Behind it stands one of three transports: the
//! smart sockets of an adb server, a daemon reached directly over TCP, or the `adb_client` crate for
//! USB and TLS. Every call has a deadline; dropping its future closes what it had opened.

mod capture;
mod client;
mod direct;
mod error;
mod handle;
mod input;
pub mod parse;
mod quote;
mod revive;
mod root;
mod server;
mod services;
mod stream;
mod transport;

pub use client::{ClientTransport, DiscoveredDevice, discover, pair};
pub use direct::DirectConnector;
pub use error::AdbError;
pub use handle::{Adb, Deadlines};
pub use input::{escape_text, typing_commands};
pub use quote::quote;
pub use revive::Revived;
pub use server::{
    ListedDevice, ServerAddress, ServerConnector, list_devices, list_devices_of, program,
};
pub use services::Services;
pub use stream::{Connector, ServiceStream};
pub use transport::{FileStat, RemoteEntry, ShellOutput, Transport, Upload};

use std::sync::Arc;
use std::time::Duration;

/// How long the adb server may take to drop a connection.
const RECONNECT: Duration = Duration::from_secs(10);

/// Connects to a device by its serial: `host:port` speaks to the daemon directly, `usb:SERIAL` uses
/// the cable without an adb server, `host:port/SERIAL` is a device of another machine's adb server, anything
/// else is a serial of this machine's (whose port is `ANDROID_ADB_SERVER_PORT`, else 5037).
///
/// # Errors
/// When the device does not answer, or is offline or unauthorized.
pub async fn connect(serial: &str) -> Result<Adb, AdbError> {
    let transport: Arc<dyn Transport> = if let Some(usb) = serial.strip_prefix("usb:") {
        Arc::new(ClientTransport::usb(usb)?)
    } else if looks_like_address(serial) {
        Arc::new(Services::new(DirectConnector::new(serial)))
    } else {
        let (server, on_server) = behind_server(serial)?;
        Arc::new(Services::new(ServerConnector::new(server, on_server)))
    };
    let adb = Adb::new(transport);
    adb.probe().await?;
    Ok(adb)
}

/// The adb server that a device is reached through; `None` for one that is reached without.
///
/// # Errors
/// When the environment's server, or the one in the serial, is none.
pub fn server_of(serial: &str) -> Result<Option<ServerAddress>, AdbError> {
    if serial.starts_with("usb:") || looks_like_address(serial) {
        return Ok(None);
    }
    behind_server(serial).map(|(server, _)| Some(server))
}

/// The server, and what it calls the device.
fn behind_server(serial: &str) -> Result<(ServerAddress, &str), AdbError> {
    match serial.split_once('/') {
        Some((server, on_server)) => Ok((ServerAddress::parse(server)?, on_server)),
        None => Ok((ServerAddress::from_environment()?, serial)),
    }
}

/// Has the adb server take a device's connection up anew, or connect to a device of the network that it does not know:
/// a new server does not know those of the one before it. Nothing for one that is reached without a server.
///
/// # Errors
/// When the server does not answer, or does not know the device.
pub async fn reconnect(serial: &str) -> Result<(), AdbError> {
    if server_of(serial)?.is_none() {
        return Ok(());
    }
    let (server, on_server) = behind_server(serial)?;
    let ask = async {
        let known = server
            .ask(&format!("host-serial:{on_server}:reconnect"))
            .await;
        // It says so in words only, after OKAY.
        let is_unknown = match &known {
            Ok(words) => words.contains("not found"),
            Err(error) => error.is_lost(),
        };
        match is_unknown && looks_like_address(on_server) {
            true => server.ask(&format!("host:connect:{on_server}")).await,
            false => known,
        }
    };
    match tokio::time::timeout(RECONNECT, ask).await {
        Ok(answer) => answer.map(|_| ()),
        Err(_) => Err(AdbError::Timeout {
            serial: serial.to_owned(),
            operation: "a reconnection".to_owned(),
            deadline: RECONNECT,
        }),
    }
}

/// `host:port`, but not `emulator-5554`.
fn looks_like_address(serial: &str) -> bool {
    !serial.contains('/')
        && serial
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_serials() {
        for address in ["127.0.0.1:5555", "phone.local:5555", "[::1]:5555"] {
            assert!(looks_like_address(address), "{address}");
        }
        for serial in [
            "emulator-5554",
            "R58M12ABCDE",
            ":5555",
            "adb-1234._adb-tls-connect._tcp",
            "10.0.0.7:5037/emulator-5554",
            "10.0.0.7:5037/192.168.1.20:5555",
        ] {
            assert!(!looks_like_address(serial), "{serial}");
        }
    }
}

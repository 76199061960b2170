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
pub use server::{ServerAddress, ServerConnector, list_devices, program};
pub use services::Services;
pub use stream::{Connector, ServiceStream};
pub use transport::{FileStat, RemoteEntry, ShellOutput, Transport, Upload};

use std::sync::Arc;

/// Connects to a device by its serial: `host:port` speaks to the daemon directly, `usb:SERIAL` uses
/// the cable without an adb server, anything else is a serial of the adb server (whose port is
/// `ANDROID_ADB_SERVER_PORT`, else 5037).
///
/// # Errors
/// When the device does not answer, or is offline or unauthorized.
pub async fn connect(serial: &str) -> Result<Adb, AdbError> {
    let transport: Arc<dyn Transport> = if let Some(usb) = serial.strip_prefix("usb:") {
        Arc::new(ClientTransport::usb(usb)?)
    } else if looks_like_address(serial) {
        Arc::new(Services::new(DirectConnector::new(serial)))
    } else {
        Arc::new(Services::new(ServerConnector::new(
            ServerAddress::from_environment()?,
            serial,
        )))
    };
    let adb = Adb::new(transport);
    adb.probe().await?;
    Ok(adb)
}

/// `host:port`, but not `emulator-5554`.
fn looks_like_address(serial: &str) -> bool {
    serial
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
        ] {
            assert!(!looks_like_address(serial), "{serial}");
        }
    }
}

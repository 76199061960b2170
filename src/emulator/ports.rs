//! Ports for an emulator: an even one for its console, the next for ADB, one 3000 above for gRPC. They start where
//! an ADB server that scans for emulators (5554 to 5585) does not look, so that a stray one does not grab them.

use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use super::EmulatorError;

/// First console port.
pub const FIRST_PORT: u16 = 5600;
/// Last console port that the emulator accepts.
pub const LAST_PORT: u16 = 5682;
/// From the console's port to that of gRPC.
const TO_GRPC: u16 = 3000;

/// Ports that nobody else of this program takes while this is held.
#[derive(Debug)]
pub(super) struct Ports {
    /// The console's.
    pub console: u16,
    /// The ADB daemon's.
    pub adb: u16,
    /// The control service's.
    pub grpc: u16,
    _lock: File,
}

/// Finds free ports from `first` on that are not among `taken`. The lock in `directory` keeps other processes of this
/// program off until the emulator listens.
///
/// # Errors
/// [`EmulatorError::NoPorts`], or when the lock's file can't be made.
pub(super) fn reserve(directory: &Path, first: u16, taken: &[u16]) -> Result<Ports, EmulatorError> {
    let first = first.saturating_add(first % 2);
    fs::create_dir_all(directory)
        .map_err(|error| EmulatorError::file(directory, "making the directory", error))?;
    for console in (first..=LAST_PORT)
        .step_by(2)
        .filter(|port| !taken.contains(port))
    {
        let (adb, grpc) = (console + 1, console + TO_GRPC);
        let path = directory.join(format!("{console}.lock"));
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).open(&path);
        let lock = file.map_err(|error| EmulatorError::file(&path, "opening the lock", error))?;
        if lock.try_lock().is_err() {
            continue;
        }
        let free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        if [console, adb, grpc].into_iter().all(free) {
            return Ok(Ports {
                console,
                adb,
                grpc,
                _lock: lock,
            });
        }
    }
    Err(EmulatorError::NoPorts {
        first,
        last: LAST_PORT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_distinct_free_and_given_back() {
        let place = tempfile::tempdir().unwrap();
        // High ones, where no other test of this machine listens.
        let first = reserve(place.path(), 5660, &[]).unwrap();
        let second = reserve(place.path(), 5660, &[]).unwrap();
        assert_eq!(
            (first.console % 2, first.adb, first.grpc),
            (0, first.console + 1, first.console + 3000)
        );
        assert!(second.console >= first.console + 2);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!(TcpListener::bind(listener.local_addr().unwrap()).is_err());
        let taken: Vec<u16> = (5660..=LAST_PORT).collect();
        assert!(matches!(
            reserve(place.path(), 5660, &taken),
            Err(EmulatorError::NoPorts { .. })
        ));
        let port = first.console;
        drop(first);
        assert_eq!(reserve(place.path(), 5660, &[]).unwrap().console, port);
        assert!(reserve(place.path(), LAST_PORT + 2, &[]).is_err());
    }
}

//! Which failures time may heal, and how long it is given.

use std::time::Duration;

use super::super::Failure;
use crate::adb::AdbError;
use crate::device::DeviceError;
use crate::farm::FarmError;
use crate::phone::PhoneError;
use crate::rollout::RolloutError;
use crate::store::StoreError;
use crate::tasks::TaskError;
use crate::train::TrainError;

/// Longest wait between two attempts.
const LONGEST: Duration = Duration::from_secs(600);

/// Growing waits.
#[derive(Debug)]
pub(super) struct Waits {
    first: Duration,
    failures: u32,
}

impl Waits {
    pub(super) fn new(first: Duration) -> Waits {
        Waits { first, failures: 0 }
    }

    /// The wait after one more failure.
    pub(super) fn next(&mut self) -> Duration {
        let doubled = self.first.saturating_mul(1 << self.failures.min(20));
        self.failures += 1;
        doubled.min(LONGEST)
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Something worked in between.
    pub(super) fn begin_anew(&mut self) {
        self.failures = 0;
    }
}

/// Whether the same may work later: devices come back, disks are cleared. What a configuration, a damaged
/// file or a missing library does wrong stays so until people mend it.
pub(super) fn heals(failure: &Failure) -> bool {
    let Some(error) = &failure.error else {
        return false;
    };
    let is_full = |error: &(dyn std::error::Error + 'static)| {
        error.downcast_ref().is_some_and(crate::store::is_full)
    };
    if error.chain().any(is_full) {
        return true;
    }
    if let Some(error) = error.downcast_ref::<TrainError>() {
        return match error {
            TrainError::Store(error) => store(error),
            TrainError::Farm(error) => farm(error),
            TrainError::Rollout(error) => rollout(error),
            TrainError::DiskLow { .. } => true,
            _ => false,
        };
    }
    match (
        error.downcast_ref::<FarmError>(),
        error.downcast_ref::<StoreError>(),
    ) {
        (Some(error), _) => farm(error),
        (_, Some(error)) => store(error),
        _ => false,
    }
}

fn rollout(error: &RolloutError) -> bool {
    match error {
        RolloutError::NoDevices { last, .. } => farm(last),
        RolloutError::Store(error) => store(error),
        _ => false,
    }
}

fn store(error: &StoreError) -> bool {
    // Locked: a backup or a look that took too long.
    matches!(error, StoreError::Full { .. } | StoreError::Locked(_))
}

fn farm(error: &FarmError) -> bool {
    match error {
        FarmError::Size(_)
        | FarmError::Twice { .. }
        | FarmError::Channel(_)
        | FarmError::NoRoot { .. }
        | FarmError::Emulators(_)
        | FarmError::Refused(_)
        | FarmError::Register { .. } => false,
        FarmError::Phone { source, .. } => !matches!(source, PhoneError::Options(_)),
        FarmError::Connect(error) | FarmError::Device(DeviceError::Adb(error)) => device(error),
        FarmError::SetUp { source, .. } => match source {
            TaskError::Device(DeviceError::Adb(error)) => device(error),
            TaskError::Device(_) | TaskError::Setup { .. } | TaskError::Database { .. } => true,
            _ => false,
        },
        // It is unwell, swapped, in use or not there: all of that may change.
        _ => true,
    }
}

fn device(error: &AdbError) -> bool {
    !matches!(error, AdbError::LocalFile { .. })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_begin_anew() {
        let mut waits = Waits::new(Duration::from_secs(5));
        let found: Vec<u64> = (0..9).map(|_| waits.next().as_secs()).collect();
        assert_eq!(found, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
        assert_eq!(waits.failures(), 9);
        waits.begin_anew();
        assert_eq!(waits.next().as_secs(), 5);
    }

    #[test]
    fn full_disks_and_lost_devices_heal_and_damage_does_not() {
        let full = StoreError::Full {
            path: PathBuf::from("run.sqlite"),
            doing: "writing",
        };
        let gone = FarmError::Connect(AdbError::Unreachable {
            serial: "phone".into(),
            reason: "gone".into(),
        });
        let file = TrainError::File {
            path: PathBuf::from("a"),
            doing: "writing",
            source: std::io::Error::from(std::io::ErrorKind::StorageFull),
        };
        assert!(heals(&Failure::from(TrainError::Store(full))));
        assert!(heals(&Failure::from(gone)));
        assert!(heals(&Failure::from(file)));
        let damaged = StoreError::Corrupt {
            path: PathBuf::from("run.sqlite"),
            detail: String::new(),
        };
        assert!(!heals(&Failure::from(TrainError::Store(damaged))));
        assert!(!heals(&Failure::from(TrainError::Panicked)));
        let rootless = FarmError::NoRoot {
            serial: "R58M".into(),
            reason: "MarkorCreateNote needs it".into(),
        };
        assert!(!heals(&Failure::from(TrainError::Farm(rootless))));
        assert!(!heals(&Failure::interrupted()));
    }
}

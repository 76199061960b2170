//! The table: each fault, how the device that it strikes is reached, and what must be seen of it.

use std::time::Duration;

use stepdroid::faultline::LineFault;
use stepdroid::phone::Fault;

use crate::device::Way;

/// Longer than any row takes: it ends when the test ends it.
const LONG: Duration = Duration::from_secs(3_600);
const SHORT: Duration = Duration::from_millis(300);
/// For the next use only.
const ONCE: Duration = Duration::ZERO;

/// What is done to the device.
#[derive(Debug, Clone, Copy)]
pub enum Blow {
    /// The phone does it itself, with a screenshot of an episode.
    Phone(Fault),
    /// The phone does it itself, with a service whose name contains this.
    Service(Fault, &'static str),
    /// The line to it.
    Line(LineFault),
    /// It is gone.
    Gone,
    /// Another phone is in its place.
    Replaced,
    /// The adb server that it is reached through is killed.
    ServerKilled,
    /// The same server answers nobody any more.
    ServerHung,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    pub fault: &'static str,
    pub way: Way,
    pub blow: Blow,
    /// The event of the device at which the fault ends; without one it ends by itself.
    pub until: Option<&'static str>,
    /// What must be seen of the device after it is ready, in this order.
    pub seen: &'static [&'static str],
    /// What may be seen besides.
    pub may: &'static [&'static str],
    /// Trajectories that it costs, at least and at most.
    pub costs: (usize, usize),
    /// What they were lost to, where that is sure.
    pub cause: Option<&'static str>,
}

/// A short fault of a phone of somebody else's: lost, and back at the next look.
const fn short(fault: &'static str, blow: Fault) -> Row {
    Row {
        fault,
        way: Way::Foreign,
        blow: Blow::Phone(blow),
        until: None,
        seen: &["lost", "back"],
        may: &["lost", "reconnect", "tidy", "quarantined"],
        costs: (1, 1),
        cause: None,
    }
}

/// A fault that lasts: the device is repaired in vain until it is quarantined, and is back once the fault is over.
const fn long(fault: &'static str, blow: Fault) -> Row {
    Row {
        until: Some("quarantined"),
        seen: &["lost", "reconnect", "quarantined", "back"],
        ..short(fault, blow)
    }
}

/// A fault that a second question heals.
const fn asked_again(fault: &'static str, blow: Fault) -> Row {
    Row {
        seen: &[],
        may: &[],
        costs: (0, 0),
        ..short(fault, blow)
    }
}

const fn because(cause: &'static str, row: Row) -> Row {
    Row {
        cause: Some(cause),
        ..row
    }
}

const fn by(way: Way, row: Row) -> Row {
    Row { way, ..row }
}

const fn line(row: Row, fault: LineFault) -> Row {
    Row {
        way: Way::Line,
        blow: Blow::Line(fault),
        ..row
    }
}

/// What the farm runs it may start anew.
const OURS: &[&str] = &["reconnect", "tidy", "restart", "quarantined"];
const DIALOG: &[&str] = &["lost", "reconnect", "tidy", "back"];

/// The faults of devices that are reached by an address or through an adb server, and of phones that the farm runs.
/// Those of emulators that it runs (killed, frozen, port stolen, snapshot missing) belong behind them, with a
/// [`Way`] and a [`Blow`] of their own.
pub const ROWS: &[Row] = &[
    line(
        long("unplugged", Fault::Drop),
        LineFault::Down { lasts: LONG },
    ),
    Row {
        blow: Blow::Gone,
        ..long("switched off", Fault::Drop)
    },
    long("offline", Fault::Offline(LONG)),
    long("unauthorized", Fault::Unauthorized(LONG)),
    Row {
        way: Way::Server,
        blow: Blow::ServerKilled,
        seen: &["lost", "reconnect", "back"],
        ..short("adb server killed", Fault::Drop)
    },
    Row {
        way: Way::Server,
        blow: Blow::ServerHung,
        seen: &["lost", "reconnect", "server", "back"],
        ..short("adb server hung", Fault::Drop)
    },
    because(
        "device_lost",
        Row {
            blow: Blow::Service(Fault::Hang, "input"),
            ..short("shell hangs", Fault::Hang)
        },
    ),
    Row {
        blow: Blow::Service(Fault::NoExit, "input"),
        ..short("shell without exit code", Fault::NoExit)
    },
    asked_again("half a screenshot", Fault::HalfScreenshot(ONCE)),
    long("half screenshots", Fault::HalfScreenshot(LONG)),
    asked_again("no idle state once", Fault::NoIdle(ONCE)),
    long("no idle state", Fault::NoIdle(LONG)),
    long("null root", Fault::NullRoot(LONG)),
    long("empty tree", Fault::EmptyTree(LONG)),
    because(
        "not_responding",
        Row {
            seen: DIALOG,
            ..short("app not responding", Fault::NotResponding)
        },
    ),
    because(
        "not_responding",
        Row {
            seen: DIALOG,
            ..short("system UI not responding", Fault::SystemUiNotResponding)
        },
    ),
    because(
        "system_ui_crash",
        short("system UI crash", Fault::SystemUiCrash(SHORT)),
    ),
    short("reboot", Fault::Reboot(SHORT)),
    Row {
        may: OURS,
        ..by(
            Way::Ours,
            short("reboot of one of ours", Fault::Reboot(SHORT)),
        )
    },
    because(
        "clock_jump",
        short("clock jump", Fault::ClockJump(3_600_000)),
    ),
    because(
        "storage_full",
        long("storage full", Fault::StorageFull(LONG)),
    ),
    because(
        "no_package_manager",
        long("no package manager", Fault::NoPackageManager(LONG)),
    ),
    line(
        long("half-open network", Fault::Drop),
        LineFault::HalfOpen { lasts: LONG },
    ),
    Row {
        until: Some("lost"),
        ..line(
            short("garbage on the line", Fault::Drop),
            LineFault::Garbage { lasts: LONG },
        )
    },
    Row {
        seen: &[],
        may: &["lost", "back"],
        costs: (0, 1),
        ..line(short("cable wiggled", Fault::Drop), LineFault::Cut)
    },
    Row {
        blow: Blow::Replaced,
        ..long("another in its place", Fault::Swapped)
    },
    Row {
        may: OURS,
        ..by(Way::Ours, short("one of ours swapped", Fault::Swapped))
    },
];

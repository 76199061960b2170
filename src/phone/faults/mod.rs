//! Ways in which a phone can be told to misbehave. Uses the machine; of `domain` the files of faults and the
//! random times.
//!
//! Here are the kinds and how they are written; `plan` reads a file of them, `switch` knows what is planned and
//! what lasts at the moment, `befall` does to the machine what has to be done.

pub mod befall;
mod plan;
mod switch;

use std::time::Duration;

pub use plan::FaultPlan;
pub use switch::{Condition, FaultSwitch, Strike, Struck};

/// One kind of misbehaviour. Where a time says how long something lasts, zero of those that may be used means: for
/// the next use only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The command is taken and never answered; the connection stays up.
    Hang,
    /// The connection breaks in the middle of the command.
    Drop,
    /// The command's stream closes without an exit packet.
    NoExit,
    /// The command is answered this much later.
    Slow(Duration),
    /// The phone is not reachable for this long: connections break, new ones are refused.
    Offline(Duration),
    /// A bit of the command's output is flipped.
    Corrupt,
    /// Half of a screenshot comes, as if all were well.
    HalfScreenshot(Duration),
    /// `uiautomator dump` waits in vain for the screen to stand still.
    NoIdle(Duration),
    /// `uiautomator dump` finds no window.
    NullRoot(Duration),
    /// The accessibility tree has no nodes.
    EmptyTree(Duration),
    /// `uiautomator dump` gives the tree of the dump before, and the accessibility forwarder what it saw last.
    StaleTree(Duration),
    /// Screenshots show what was there when it began.
    FrozenScreen(Duration),
    /// The servers that have a picture of their own (scrcpy's, uiautomator2's, an emulator's control service) show what
    /// was there when it began. Whoever has the screen composed, as `screencap` does, sees the screen.
    FrozenChannels(Duration),
    /// Nothing can be written.
    StorageFull(Duration),
    /// The package service is gone.
    NoPackageManager(Duration),
    /// The daemon wants a key that it does not accept; connections break.
    Unauthorized(Duration),
    /// The app in front stops responding: the system's dialog asks what to do.
    NotResponding,
    /// The same of the system UI.
    SystemUiNotResponding,
    /// The system UI crashes; its bars come back after this time on the phone's clock.
    SystemUiCrash(Duration),
    /// The phone reboots; the boot is completed after this time, or once it can be reached.
    Reboot(Duration),
    /// The wall clock jumps by so many milliseconds.
    ClockJump(i64),
    /// Another phone answers at the address: another serial number, nothing of what was there.
    Swapped,
}

/// What number stands beside a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    /// None.
    No,
    /// How much later something comes, in milliseconds.
    Delay,
    /// How long it lasts, in milliseconds.
    Lasts,
    /// The same, or none: for the next use, or the kind's own time.
    MayLast,
    /// By how many milliseconds the clock jumps.
    Jump,
}

/// A kind as it is written.
struct Kind {
    name: &'static str,
    number: Number,
    make: fn(i64) -> Fault,
}

/// How long the bars of a crashed system UI are gone, unless said otherwise.
const SYSTEM_UI_MILLIS: i64 = 2_000;

const fn kind(name: &'static str, number: Number, make: fn(i64) -> Fault) -> Kind {
    Kind { name, number, make }
}

const KINDS: [Kind; 22] = [
    kind("hang", Number::No, |_| Fault::Hang),
    kind("drop", Number::No, |_| Fault::Drop),
    kind("no-exit", Number::No, |_| Fault::NoExit),
    kind("slow", Number::Delay, |ms| Fault::Slow(time(ms))),
    kind("offline", Number::Lasts, |ms| Fault::Offline(time(ms))),
    kind("corrupt", Number::No, |_| Fault::Corrupt),
    kind("half-screenshot", Number::MayLast, |ms| {
        Fault::HalfScreenshot(time(ms))
    }),
    kind("no-idle", Number::MayLast, |ms| Fault::NoIdle(time(ms))),
    kind("null-root", Number::MayLast, |ms| Fault::NullRoot(time(ms))),
    kind("empty-tree", Number::MayLast, |ms| {
        Fault::EmptyTree(time(ms))
    }),
    kind("stale-tree", Number::MayLast, |ms| {
        Fault::StaleTree(time(ms))
    }),
    kind("frozen-screen", Number::Lasts, |ms| {
        Fault::FrozenScreen(time(ms))
    }),
    kind("frozen-channels", Number::Lasts, |ms| {
        Fault::FrozenChannels(time(ms))
    }),
    kind("storage-full", Number::Lasts, |ms| {
        Fault::StorageFull(time(ms))
    }),
    kind("no-package-manager", Number::Lasts, |ms| {
        Fault::NoPackageManager(time(ms))
    }),
    kind("unauthorized", Number::Lasts, |ms| {
        Fault::Unauthorized(time(ms))
    }),
    kind("not-responding", Number::No, |_| Fault::NotResponding),
    kind("system-ui-not-responding", Number::No, |_| {
        Fault::SystemUiNotResponding
    }),
    kind("system-ui-crash", Number::MayLast, |ms| {
        let ms = if ms == 0 { SYSTEM_UI_MILLIS } else { ms };
        Fault::SystemUiCrash(time(ms))
    }),
    kind("reboot", Number::MayLast, |ms| Fault::Reboot(time(ms))),
    kind("clock-jump", Number::Jump, Fault::ClockJump),
    kind("swapped", Number::No, |_| Fault::Swapped),
];

fn time(millis: i64) -> Duration {
    Duration::from_millis(millis.unsigned_abs())
}

impl Fault {
    /// The kinds as [`Fault::parse`] takes them.
    pub fn names() -> String {
        let name = |kind: &Kind| match kind.number {
            Number::No => kind.name.to_owned(),
            Number::MayLast => format!("{}[=MS]", kind.name),
            Number::Delay | Number::Lasts | Number::Jump => format!("{}=MS", kind.name),
        };
        KINDS.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    /// Parses a kind of [`Fault::names`], such as `hang`, `slow=MILLIS` or `no-idle`.
    pub fn parse(text: &str) -> Option<Fault> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.parse::<i64>().ok()?)),
            None => (text, None),
        };
        let kind = KINDS.iter().find(|kind| kind.name == name)?;
        let value = match (kind.number, value) {
            (Number::No | Number::MayLast, None) => 0,
            (Number::Jump, Some(value)) => value,
            (Number::Delay | Number::Lasts | Number::MayLast, Some(value)) if value >= 0 => value,
            _ => return None,
        };
        Some((kind.make)(value))
    }

    /// Whether it ends all connections, so that nothing more is heard of a service that it comes with.
    pub fn breaks_connections(&self) -> bool {
        matches!(
            self,
            Fault::Offline(_) | Fault::Unauthorized(_) | Fault::Reboot(_) | Fault::Swapped
        )
    }

    /// Whether it happens to one service, and not to the phone.
    pub fn strikes_service(&self) -> bool {
        matches!(
            self,
            Fault::Hang | Fault::Drop | Fault::NoExit | Fault::Slow(_) | Fault::Corrupt
        )
    }
}

/// Which clock a plan goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlanClock {
    /// This machine's.
    #[default]
    Wall,
    /// The phone's uptime, which may stand still until something is done.
    Phone,
}

/// When a fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timing {
    /// With a service, by the count of those that match.
    #[default]
    Services,
    /// So long after it was planned; when repeated, again after as long, which must not be zero.
    Time {
        /// How long.
        after: Duration,
        /// On which clock.
        clock: PlanClock,
    },
    /// At random, again and again.
    Random {
        /// Mean time between two.
        mean: Duration,
        /// On which clock.
        clock: PlanClock,
        /// Seed of the times.
        seed: u64,
    },
}

/// A fault and the service or the time that it comes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFault {
    /// What happens.
    pub fault: Fault,
    /// How many matching services work before it.
    pub after: u64,
    /// Only services whose name contains this text, e.g. `screencap` or `sync:`; empty: all.
    pub service: String,
    /// Happens with every matching service from then on, or again after as long a time, not once.
    pub repeated: bool,
    /// Whether services or time bring it. What strikes a service and comes with time strikes the next one that
    /// matches.
    pub timing: Timing,
}

impl PlannedFault {
    /// A fault that hits the next service, once.
    pub fn now(fault: Fault) -> PlannedFault {
        PlannedFault {
            fault,
            after: 0,
            service: String::new(),
            repeated: false,
            timing: Timing::Services,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_parsed_as_they_are_named() {
        assert_eq!(
            Fault::parse("slow=20"),
            Some(Fault::Slow(Duration::from_millis(20)))
        );
        assert_eq!(Fault::parse("clock-jump=-5"), Some(Fault::ClockJump(-5)));
        for wrong in [
            "slow",
            "slow=-1",
            "explode",
            "hang=1",
            "offline",
            "clock-jump",
            "slow=x",
        ] {
            assert_eq!(Fault::parse(wrong), None, "{wrong}");
        }
        for name in Fault::names().split(", ") {
            let bare = name.split(['=', '[']).next().unwrap();
            let takes = name.contains("=MS") && !name.contains('[');
            assert_eq!(Fault::parse(bare).is_none(), takes, "{name}");
            let given = Fault::parse(&format!("{bare}=7"));
            assert_eq!(given.is_some(), name.contains("=MS"), "{name}");
        }
    }
}

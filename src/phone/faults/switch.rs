//! What is planned for a phone and what lasts at the moment. Uses `domain` and the clock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Notify;

use super::{Fault, PlanClock, PlannedFault, Timing};
use crate::domain::arrivals::Arrivals;
use crate::phone::system::{Clock, ClockMode};

/// What may be the case with a phone for a while, or for one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// [`Fault::HalfScreenshot`]
    HalfScreenshot,
    /// [`Fault::NoIdle`]
    NoIdle,
    /// [`Fault::NullRoot`]
    NullRoot,
    /// [`Fault::EmptyTree`]
    EmptyTree,
    /// [`Fault::StaleTree`]
    StaleTree,
    /// [`Fault::FrozenScreen`]
    FrozenScreen,
    /// [`Fault::FrozenChannels`]
    FrozenChannels,
    /// [`Fault::StorageFull`]
    StorageFull,
    /// [`Fault::NoPackageManager`]
    NoPackageManager,
    /// [`Fault::Unauthorized`]
    Unauthorized,
    /// The daemon can be reached, but the boot is not completed.
    Booting,
}

/// A fault that happens to the phone now, and the clock that its time is counted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strike {
    /// What.
    pub fault: Fault,
    /// The clock of its plan.
    pub clock: PlanClock,
}

/// What comes with a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Struck {
    /// What happens to the service itself.
    pub hit: Option<Fault>,
    /// What happens to the phone before.
    pub strikes: Vec<Strike>,
}

#[derive(Debug)]
struct Entry {
    planned: PlannedFault,
    /// When it comes next, in microseconds of its clock; `None` for what services bring, and for what has come.
    due: Option<u64>,
    arrivals: Option<Arrivals>,
    /// It has come and waits for its service.
    armed: bool,
}

/// A condition: for one use, until a time, or both.
#[derive(Debug, Clone, Copy, Default)]
struct Lasting {
    once: bool,
    until: Option<(PlanClock, u64)>,
}

#[derive(Debug, Default)]
struct Plan {
    entries: Vec<Entry>,
    /// Faults that were ever planned: each has random times of its own.
    count: u64,
    conditions: BTreeMap<Condition, Lasting>,
    offline_until: Option<Instant>,
    last_tree: Option<String>,
    happened: u64,
}

/// The switch that a phone's daemon and tools ask before they work.
#[derive(Debug)]
pub struct FaultSwitch {
    plan: Mutex<Plan>,
    clock: Clock,
    started: Instant,
    /// Microseconds by which the phone's clock was put back: time that has passed for what is planned.
    put_back: AtomicU64,
    /// Somebody planned something.
    pub(super) news: Notify,
}

impl FaultSwitch {
    /// A phone that behaves; `clock` is its own.
    pub fn new(clock: Clock) -> FaultSwitch {
        FaultSwitch {
            plan: Mutex::default(),
            clock,
            started: Instant::now(),
            put_back: AtomicU64::new(0),
            news: Notify::new(),
        }
    }

    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self, clock: PlanClock) -> u64 {
        match clock {
            PlanClock::Wall => micros(self.started.elapsed()),
            PlanClock::Phone => u64::try_from(self.clock.uptime_micros())
                .unwrap_or(0)
                .saturating_add(self.put_back.load(Ordering::Relaxed)),
        }
    }

    /// Plans a fault.
    pub fn plan_fault(&self, planned: PlannedFault) {
        let mut plan = self.plan();
        let (first, clock, arrivals) = match planned.timing {
            Timing::Services => (None, PlanClock::Wall, None),
            Timing::Time { after, clock } => (Some(after), clock, None),
            Timing::Random { mean, clock, seed } => {
                let mut arrivals = Arrivals::new(seed, "phone faults", plan.count, mean);
                (Some(arrivals.next_gap()), clock, Some(arrivals))
            }
        };
        plan.count += 1;
        let due = first.map(|first| self.now(clock).saturating_add(micros(first)));
        plan.entries.push(Entry {
            planned,
            due,
            arrivals,
            armed: false,
        });
        drop(plan);
        self.news.notify_one();
    }

    /// Forgets everything planned, ends what lasts and comes back online.
    pub fn clear(&self) {
        let count = self.plan().count;
        *self.plan() = Plan {
            count,
            ..Plan::default()
        };
    }

    /// The phone went back to a kept state, and its uptime by so many microseconds; what is planned does not.
    pub fn went_back(&self, micros: i64) {
        let micros = u64::try_from(micros).unwrap_or(0);
        self.put_back.fetch_add(micros, Ordering::Relaxed);
    }

    /// Ends what lasts, as another phone is in the place of the one that had it; what is planned stays.
    pub fn end_all(&self) {
        let mut plan = self.plan();
        plan.conditions.clear();
        plan.last_tree = None;
    }

    /// How many faults have happened.
    pub fn happened(&self) -> u64 {
        self.plan().happened
    }

    /// What comes with a service that is about to be served, which is counted. One service brings one fault at
    /// most, besides those that are due by time.
    pub fn strike(&self, service: &str) -> Struck {
        let mut plan = self.plan();
        let mut struck = Struck {
            hit: None,
            strikes: self.come_due(&mut plan),
        };
        let mut hit = None;
        for (index, entry) in plan.entries.iter_mut().enumerate() {
            if !service.contains(&entry.planned.service) {
                continue;
            }
            match entry.planned.timing {
                Timing::Services if entry.planned.after > 0 => entry.planned.after -= 1,
                Timing::Services => hit = hit.or(Some(index)),
                _ if entry.armed => hit = hit.or(Some(index)),
                _ => {}
            }
        }
        if let Some(index) = hit {
            plan.happened += 1;
            let entry = &mut plan.entries[index];
            let fault = entry.planned.fault;
            entry.armed = false;
            let over = match entry.planned.timing {
                Timing::Services => !entry.planned.repeated,
                _ => entry.due.is_none(),
            };
            if over {
                plan.entries.remove(index);
            }
            match fault.strikes_service() {
                true => struck.hit = Some(fault),
                false => struck.strikes.push(Strike {
                    fault,
                    clock: PlanClock::Wall,
                }),
            }
        }
        struck
    }

    /// What is due by time.
    pub fn due(&self) -> Vec<Strike> {
        self.come_due(&mut self.plan())
    }

    fn come_due(&self, plan: &mut Plan) -> Vec<Strike> {
        let mut strikes = Vec::new();
        for entry in &mut plan.entries {
            let (Timing::Time { clock, .. } | Timing::Random { clock, .. }) = entry.planned.timing
            else {
                continue;
            };
            let now = self.now(clock);
            let Some(due) = entry.due.filter(|due| *due <= now) else {
                continue;
            };
            // What should have come several times meanwhile comes once.
            entry.due = match (&mut entry.arrivals, entry.planned.timing) {
                (Some(arrivals), _) => {
                    let mut next = due;
                    while next <= now {
                        next = next.saturating_add(micros(arrivals.next_gap()));
                    }
                    Some(next)
                }
                (None, Timing::Time { after, .. }) if entry.planned.repeated => {
                    let every = micros(after).max(1);
                    Some(due.saturating_add(((now - due) / every + 1).saturating_mul(every)))
                }
                _ => None,
            };
            match entry.planned.fault.strikes_service() {
                true => entry.armed = true,
                false => strikes.push(Strike {
                    fault: entry.planned.fault,
                    clock,
                }),
            }
        }
        plan.happened += strikes.len() as u64;
        plan.entries.retain(|entry| {
            entry.planned.timing == Timing::Services || entry.due.is_some() || entry.armed
        });
        strikes
    }

    /// How long nothing comes by time, as far as that is known: a clock that moves by what is done is looked at
    /// when something is done.
    pub fn quiet_time(&self) -> Option<Duration> {
        let steps = self.clock.mode() == ClockMode::Steps;
        let plan = self.plan();
        let left = plan.entries.iter().filter_map(|entry| {
            let (Timing::Time { clock, .. } | Timing::Random { clock, .. }) = entry.planned.timing
            else {
                return None;
            };
            let due = entry.due.filter(|_| clock == PlanClock::Wall || !steps)?;
            Some(due.saturating_sub(self.now(clock)))
        });
        left.min().map(Duration::from_micros)
    }

    /// Makes something the case: for one use where `lasts` is zero, else for so long.
    pub fn begin(&self, condition: Condition, lasts: Duration, clock: PlanClock) {
        let end = self.now(clock).saturating_add(micros(lasts));
        let mut plan = self.plan();
        let lasting = plan.conditions.entry(condition).or_default();
        match lasts.is_zero() {
            true => lasting.once = true,
            false => {
                let same = lasting.until.filter(|(old, _)| *old == clock);
                let end = same.map_or(end, |(_, old)| old.max(end));
                lasting.until = Some((clock, end));
            }
        }
    }

    /// Whether something lasts now.
    pub fn is(&self, condition: Condition) -> bool {
        let lasting = self.plan().conditions.get(&condition).copied();
        let until = lasting.and_then(|lasting| lasting.until);
        until.is_some_and(|(clock, until)| self.now(clock) < until)
    }

    /// Whether something is the case for whoever asks now, which may be the one use that it is for.
    pub fn meets(&self, condition: Condition) -> bool {
        if self.is(condition) {
            return true;
        }
        let mut plan = self.plan();
        let lasting = plan.conditions.get_mut(&condition);
        lasting.is_some_and(|lasting| std::mem::take(&mut lasting.once))
    }

    /// The bytes of a picture that somebody asked for: half of them where that is how pictures come.
    pub fn picture(&self, whole: Bytes) -> Bytes {
        match self.meets(Condition::HalfScreenshot) {
            true => whole.slice(..whole.len() / 2),
            false => whole,
        }
    }

    /// The tree that a dump gives: an old one where trees are stale, else the one that is handed in.
    pub fn tree(&self, fresh: String) -> String {
        let stale = self.meets(Condition::StaleTree);
        let mut plan = self.plan();
        if stale && let Some(old) = &plan.last_tree {
            return old.clone();
        }
        let wanted = |entry: &Entry| matches!(entry.planned.fault, Fault::StaleTree(_));
        if plan.entries.iter().any(wanted) || stale {
            plan.last_tree = Some(fresh.clone());
        }
        fresh
    }

    /// Goes offline for a while.
    pub fn go_offline(&self, duration: Duration) {
        self.plan().offline_until = Instant::now().checked_add(duration);
    }

    /// Whether the phone is unreachable now.
    pub fn is_offline(&self) -> bool {
        self.plan()
            .offline_until
            .is_some_and(|until| Instant::now() < until)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switch() -> (FaultSwitch, Clock) {
        let clock = Clock::new(ClockMode::Steps);
        (FaultSwitch::new(clock.clone()), clock)
    }

    #[test]
    fn faults_hit_the_services_they_are_meant_for() {
        let (faults, _) = switch();
        faults.plan_fault(PlannedFault {
            after: 1,
            service: "screencap".to_owned(),
            ..PlannedFault::now(Fault::Drop)
        });
        let hit = |service: &str| faults.strike(service).hit;
        assert_eq!(hit("shell:ls"), None);
        assert_eq!(hit("exec:screencap -p"), None);
        assert_eq!(hit("exec:screencap -p"), Some(Fault::Drop));
        assert_eq!(hit("exec:screencap -p"), None);
        assert_eq!(faults.happened(), 1);
    }

    fn timed(fault: Fault, timing: Timing) -> PlannedFault {
        PlannedFault {
            timing,
            ..PlannedFault::now(fault)
        }
    }

    /// What a random plan does while the phone's clock moves by a tenth of a second for each service.
    fn played(seed: u64) -> Vec<Option<Fault>> {
        let (faults, clock) = switch();
        let random = Timing::Random {
            mean: Duration::from_secs(1),
            clock: PlanClock::Phone,
            seed,
        };
        faults.plan_fault(timed(Fault::Hang, random));
        faults.plan_fault(timed(Fault::Reboot(Duration::ZERO), random));
        let step = |_| {
            clock.advance_millis(100);
            let struck = faults.strike("shell:true");
            let strike = struck.strikes.first().map(|strike| strike.fault);
            struck.hit.or(strike)
        };
        (0..200).map(step).collect()
    }

    #[test]
    fn a_seeded_plan_is_the_same_again() {
        let first = played(3);
        assert_eq!(first, played(3));
        assert_ne!(first, played(4));
        let hangs = first.iter().filter(|fault| **fault == Some(Fault::Hang));
        // Twenty are expected.
        assert!((8..=35).contains(&hangs.count()), "{first:?}");
        assert!(first.contains(&Some(Fault::Reboot(Duration::ZERO))));
    }

    #[test]
    fn what_comes_with_time_waits_for_its_service() {
        let (faults, clock) = switch();
        let time = Timing::Time {
            after: Duration::from_secs(1),
            clock: PlanClock::Phone,
        };
        faults.plan_fault(PlannedFault {
            service: "sync:".to_owned(),
            repeated: true,
            ..timed(Fault::Hang, time)
        });
        assert_eq!(faults.quiet_time(), None);
        assert_eq!(faults.strike("sync:").hit, None);
        clock.advance_millis(5_500);
        assert_eq!(faults.strike("shell:").hit, None);
        assert_eq!(faults.strike("sync:").hit, Some(Fault::Hang));
        assert_eq!(faults.strike("sync:").hit, None);
        clock.advance_millis(600);
        assert_eq!(faults.strike("sync:").hit, Some(Fault::Hang));
        faults.clear();
        clock.advance_millis(5_000);
        assert_eq!(faults.strike("sync:"), Struck::default());
    }

    #[test]
    fn conditions_end() {
        let (faults, clock) = switch();
        faults.begin(Condition::NoIdle, Duration::ZERO, PlanClock::Wall);
        assert!(!faults.is(Condition::NoIdle));
        assert!(faults.meets(Condition::NoIdle));
        assert!(!faults.meets(Condition::NoIdle));
        let second = Duration::from_secs(1);
        faults.begin(Condition::StorageFull, second, PlanClock::Phone);
        assert!(faults.meets(Condition::StorageFull) && faults.is(Condition::StorageFull));
        clock.advance_millis(1_001);
        assert!(!faults.meets(Condition::StorageFull));
        // Nor are they longer for a phone that goes back.
        let kept = clock.moment();
        clock.advance_millis(600);
        faults.begin(Condition::StorageFull, second, PlanClock::Phone);
        clock.put_back(&kept);
        faults.went_back(600_000);
        assert!(faults.is(Condition::StorageFull));
        clock.advance_millis(1_001);
        assert!(!faults.is(Condition::StorageFull));
    }

    #[test]
    fn a_stale_tree_is_the_one_before() {
        let (faults, _) = switch();
        let fault = Fault::StaleTree(Duration::ZERO);
        faults.plan_fault(PlannedFault {
            service: "never".to_owned(),
            ..PlannedFault::now(fault)
        });
        let tree = |text: &str| faults.tree(text.to_owned());
        assert_eq!(tree("one"), "one");
        faults.begin(Condition::StaleTree, Duration::ZERO, PlanClock::Wall);
        assert_eq!(tree("two"), "one");
        assert_eq!(tree("three"), "three");
    }
}

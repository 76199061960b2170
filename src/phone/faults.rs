//! Ways in which a phone can be told to misbehave. Uses nothing of the house.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One kind of misbehaviour.
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
}

impl Fault {
    /// Parses `hang`, `drop`, `no-exit`, `slow=MILLIS`, `offline=MILLIS`, `corrupt`.
    pub fn parse(text: &str) -> Option<Fault> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(Duration::from_millis(value.parse().ok()?))),
            None => (text, None),
        };
        match (name, value) {
            ("hang", None) => Some(Fault::Hang),
            ("drop", None) => Some(Fault::Drop),
            ("no-exit", None) => Some(Fault::NoExit),
            ("slow", Some(time)) => Some(Fault::Slow(time)),
            ("offline", Some(time)) => Some(Fault::Offline(time)),
            ("corrupt", None) => Some(Fault::Corrupt),
            _ => None,
        }
    }
}

/// A fault and the service it hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFault {
    /// What happens.
    pub fault: Fault,
    /// How many matching services work before it.
    pub after: u64,
    /// Only services whose name contains this text, e.g. `screencap` or `sync:`; empty: all.
    pub service: String,
    /// Happens on every matching service from then on, not once.
    pub repeated: bool,
}

impl PlannedFault {
    /// A fault that hits the next service, once.
    pub fn now(fault: Fault) -> PlannedFault {
        PlannedFault {
            fault,
            after: 0,
            service: String::new(),
            repeated: false,
        }
    }
}

#[derive(Debug, Default)]
struct Plan {
    planned: VecDeque<PlannedFault>,
    offline_until: Option<Instant>,
}

/// The switch that a phone's daemon asks before it serves.
#[derive(Debug, Default)]
pub struct FaultSwitch {
    plan: Mutex<Plan>,
}

impl FaultSwitch {
    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans a fault.
    pub fn plan_fault(&self, fault: PlannedFault) {
        self.plan().planned.push_back(fault);
    }

    /// Forgets everything planned and comes back online.
    pub fn clear(&self) {
        *self.plan() = Plan::default();
    }

    /// Asks for the fault of a service that is about to be served, and counts it.
    pub fn take(&self, service: &str) -> Option<Fault> {
        let mut plan = self.plan();
        let mut hit = None;
        for (index, planned) in plan.planned.iter_mut().enumerate() {
            if !service.contains(&planned.service) {
                continue;
            }
            if planned.after > 0 {
                planned.after -= 1;
            } else if hit.is_none() {
                hit = Some(index);
            }
        }
        let index = hit?;
        let fault = plan.planned[index].fault;
        if !plan.planned[index].repeated {
            plan.planned.remove(index);
        }
        Some(fault)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_hit_the_services_they_are_meant_for() {
        let faults = FaultSwitch::default();
        faults.plan_fault(PlannedFault {
            fault: Fault::Drop,
            after: 1,
            service: "screencap".to_owned(),
            repeated: false,
        });
        assert_eq!(faults.take("shell:ls"), None);
        assert_eq!(faults.take("exec:screencap -p"), None);
        assert_eq!(faults.take("exec:screencap -p"), Some(Fault::Drop));
        assert_eq!(faults.take("exec:screencap -p"), None);
        assert_eq!(
            Fault::parse("slow=20"),
            Some(Fault::Slow(Duration::from_millis(20)))
        );
        assert_eq!(Fault::parse("slow"), None);
        assert_eq!(Fault::parse("explode"), None);
    }
}

//! A plan's timed faults in the order in which they happen. Pure; uses `domain`.

use std::time::Duration;

use super::plan::{LineFault, LinePlan, When};
use crate::domain::arrivals::Arrivals;

/// The timed faults of a plan, one after the other. The same plan and seed give the same sequence.
#[derive(Debug)]
pub struct Schedule {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    fault: LineFault,
    due: Duration,
    again: Again,
}

#[derive(Debug)]
enum Again {
    Never,
    Every(Duration),
    Random(Box<Arrivals>),
}

impl Schedule {
    /// The schedule of a plan, from its beginning.
    pub fn new(plan: &LinePlan, seed: u64) -> Schedule {
        let entry = |(index, fault, when)| {
            let (due, again) = match when {
                When::After(time) => (time, Again::Never),
                When::Every(time) => (time, Again::Every(time)),
                When::Mean(mean) => {
                    let mut arrivals = Arrivals::new(seed, "faultline", index, mean);
                    (arrivals.next_gap(), Again::Random(Box::new(arrivals)))
                }
                When::Bytes { .. } => return None,
            };
            Some(Entry { fault, due, again })
        };
        let planned = (0..).zip(&plan.faults);
        Schedule {
            entries: planned
                .map(|(index, planned)| (index, planned.fault, planned.when))
                .filter_map(entry)
                .collect(),
        }
    }
}

impl Iterator for Schedule {
    type Item = (Duration, LineFault);

    /// The next fault and how long after the start it happens; of two at one time the one that stands first.
    fn next(&mut self) -> Option<(Duration, LineFault)> {
        let position = (0..self.entries.len()).min_by_key(|index| self.entries[*index].due)?;
        let entry = &mut self.entries[position];
        let found = (entry.due, entry.fault);
        let gap = match &mut entry.again {
            Again::Never => None,
            Again::Every(time) => Some(*time),
            Again::Random(arrivals) => Some(arrivals.next_gap()),
        };
        match gap.and_then(|gap| entry.due.checked_add(gap)) {
            Some(due) => entry.due = due,
            None => {
                self.entries.remove(position);
            }
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faultline::PlannedLineFault;

    #[test]
    fn a_seed_is_a_sequence() {
        let ms = Duration::from_millis;
        let fault = |fault, when| PlannedLineFault { fault, when };
        let plan = LinePlan {
            seed: None,
            faults: vec![
                fault(LineFault::Cut, When::Mean(ms(100))),
                fault(LineFault::Stall { lasts: ms(5) }, When::Every(ms(70))),
                fault(LineFault::Garbage { lasts: ms(0) }, When::After(ms(30))),
                fault(
                    LineFault::Down { lasts: ms(5) },
                    When::Bytes {
                        count: 1,
                        repeated: true,
                    },
                ),
            ],
        };
        let first = |seed| Schedule::new(&plan, seed).take(200).collect::<Vec<_>>();
        let faults = first(1);
        assert_eq!(faults, first(1));
        assert_ne!(faults, first(2));
        assert!(faults.is_sorted_by_key(|(at, _)| *at));
        let garbage = faults.iter().filter(|(_, fault)| fault.kind() == "garbage");
        assert_eq!(garbage.count(), 1);
        assert!(faults.iter().all(|(_, fault)| fault.kind() != "down"));
        let end = faults[199].0;
        let stalls = faults.iter().filter(|(_, fault)| fault.kind() == "stall");
        assert_eq!(stalls.count() as u128, end.as_millis() / 70);
    }
}

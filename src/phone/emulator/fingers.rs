//! Fingers that are put down, moved and lifted, as gestures of the windows. Uses the machine.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::phone::machine::Machine;

/// Most fingers at a time; a further one is not felt.
const MOST: usize = 10;
/// A finger that does nothing for this long was lifted without a word, in milliseconds.
const FORGOTTEN: i64 = 120_000;
/// What an event takes on a clock that moves by steps, in milliseconds.
const STEP: i64 = 100;

/// Where a finger is, or that it is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    /// Which finger.
    pub identifier: i32,
    /// Pixels from the left and the top.
    pub at: (i32, i32),
    /// Whether it is on the screen.
    pub down: bool,
    /// Whether it stays down until it is lifted, whatever time passes.
    pub stays: bool,
}

#[derive(Debug, Clone, Copy)]
struct Finger {
    from: (i32, i32),
    to: (i32, i32),
    /// Uptime when it was put down and when it last moved, in milliseconds.
    since: i64,
    moved: i64,
    stays: bool,
}

/// The fingers on one screen.
#[derive(Debug, Default)]
pub struct Fingers {
    down: Mutex<BTreeMap<i32, Finger>>,
}

impl Fingers {
    /// Moves fingers, in turn. A gesture happens when its finger is lifted: the windows get its way and the time
    /// that it took. Where the lift itself was is of no account, as on an emulator.
    pub fn touch(&self, machine: &Machine, contacts: &[Contact]) {
        machine.clock.advance_millis(STEP);
        let now = machine.clock.uptime_millis();
        for contact in contacts {
            if let Some((finger, time)) = self.step(*contact, now) {
                let mut state = machine.lock();
                let state = &mut *state;
                state
                    .windows
                    .swipe(&mut state.system, finger.from, finger.to, time);
            }
        }
    }

    /// Follows one finger; when it is lifted, gives it and how long it was down in milliseconds.
    fn step(&self, contact: Contact, now: i64) -> Option<(Finger, u64)> {
        let mut down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        down.retain(|_, finger| finger.stays || now - finger.moved <= FORGOTTEN);
        if !contact.down {
            let finger = down.remove(&contact.identifier)?;
            let time = u64::try_from(now - finger.since).unwrap_or(0);
            return Some((finger, time));
        }
        let full = down.len() >= MOST;
        match down.get_mut(&contact.identifier) {
            Some(finger) => {
                finger.to = contact.at;
                finger.moved = now;
            }
            None if !full => {
                let finger = Finger {
                    from: contact.at,
                    to: contact.at,
                    since: now,
                    moved: now,
                    stays: contact.stays,
                };
                down.insert(contact.identifier, finger);
            }
            None => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(identifier: i32, at: (i32, i32), down: bool) -> Contact {
        Contact {
            identifier,
            at,
            down,
            stays: false,
        }
    }

    #[test]
    fn each_finger_has_its_own_way() {
        let fingers = Fingers::default();
        assert!(fingers.step(contact(0, (0, 0), false), 5).is_none());
        assert!(fingers.step(contact(0, (10, 20), true), 10).is_none());
        assert!(fingers.step(contact(7, (1, 1), true), 20).is_none());
        assert!(fingers.step(contact(0, (10, 90), true), 30).is_none());
        let (finger, time) = fingers.step(contact(0, (0, 0), false), 250).unwrap();
        assert_eq!((finger.from, finger.to, time), ((10, 20), (10, 90), 240));
        let (finger, time) = fingers.step(contact(7, (0, 0), false), 820).unwrap();
        assert_eq!((finger.from, finger.to, time), ((1, 1), (1, 1), 800));
        assert!(fingers.step(contact(7, (0, 0), false), 900).is_none());
    }

    #[test]
    fn fingers_are_few_and_not_kept_forever() {
        let fingers = Fingers::default();
        for identifier in 0..1_000 {
            fingers.step(contact(identifier, (1, 1), true), 0);
        }
        assert_eq!(fingers.down.lock().unwrap().len(), MOST);
        assert!(fingers.step(contact(999, (1, 1), false), 0).is_none());
        assert!(
            fingers
                .step(contact(0, (1, 1), false), FORGOTTEN + 1)
                .is_none()
        );
    }
}

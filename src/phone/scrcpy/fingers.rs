//! Fingers that scrcpy's client puts down, moves and lifts, as gestures of the windows. Uses the machine.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::phone::machine::Machine;
use crate::wire::scrcpy::touch;

/// Most fingers at a time; a further one is not felt.
const MOST: usize = 10;
/// What a gesture takes at least on a clock that moves by steps, in milliseconds; longer ones take whole multiples.
const STEP: u64 = 100;

#[derive(Debug, Clone, Copy)]
struct Finger {
    from: (i32, i32),
    since: Instant,
}

/// The fingers of one client.
#[derive(Debug, Default)]
pub struct Fingers(BTreeMap<u64, Finger>);

impl Fingers {
    /// Follows one finger. When it is lifted, the windows get where it came down, where it was lifted and the time
    /// that it took, which is the client's time also where the phone's clock moves by steps.
    pub fn touch(&mut self, machine: &Machine, pointer: u64, action: u8, at: (i32, i32)) {
        let Some((from, millis)) = self.step(pointer, action, at, Instant::now()) else {
            return;
        };
        let steps = (millis / STEP).max(1) * STEP;
        machine
            .clock
            .advance_millis(i64::try_from(steps).unwrap_or(0));
        let mut state = machine.lock();
        let state = &mut *state;
        state.windows.swipe(&mut state.system, from, at, millis);
    }

    /// When a finger is lifted: where it came down and how long it was there, in milliseconds.
    fn step(
        &mut self,
        pointer: u64,
        action: u8,
        at: (i32, i32),
        now: Instant,
    ) -> Option<((i32, i32), u64)> {
        match action {
            touch::DOWN if self.0.len() < MOST => {
                self.0.insert(
                    pointer,
                    Finger {
                        from: at,
                        since: now,
                    },
                );
            }
            touch::UP => {
                let finger = self.0.remove(&pointer)?;
                let millis = now.saturating_duration_since(finger.since).as_millis();
                return Some((
                    finger.from,
                    u64::try_from(millis).unwrap_or(u64::MAX).min(60_000),
                ));
            }
            touch::CANCEL => {
                self.0.remove(&pointer);
            }
            // Where it is in between is of no account: it goes in a line.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_finger_has_its_own_way() {
        let (mut fingers, begin) = (Fingers::default(), Instant::now());
        let mut step = |pointer, action, at, after| {
            fingers.step(pointer, action, at, begin + Duration::from_millis(after))
        };
        assert_eq!(step(1, touch::UP, (0, 0), 0), None);
        assert_eq!(step(1, touch::DOWN, (10, 20), 0), None);
        assert_eq!(step(2, touch::DOWN, (1, 1), 10), None);
        assert_eq!(step(1, touch::MOVE, (10, 50), 20), None);
        assert_eq!(step(1, touch::UP, (10, 90), 250), Some(((10, 20), 250)));
        assert_eq!(step(2, touch::CANCEL, (1, 1), 300), None);
        assert_eq!(step(2, touch::UP, (1, 1), 310), None);
        for pointer in 0..100 {
            step(pointer, touch::DOWN, (1, 1), 400);
        }
        assert_eq!(step(99, touch::UP, (1, 1), 500), None);
    }
}

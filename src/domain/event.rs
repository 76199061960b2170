//! What happens in a run while it happens. Whoever shows or logs a run listens to these; a listener
//! may fail without failing the run.

use std::sync::Arc;

use super::{Outcome, Phase};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A piece of work began. `done` is above 0 where an interrupted one goes on.
    Began {
        /// For people: `demonstrations`, `round 3 of 30`.
        what: String,
        /// What is counted: `episodes`, `steps`.
        unit: &'static str,
        /// How much there is.
        total: u64,
        /// How much of it is done.
        done: u64,
    },
    /// The piece of work that began last has come this far.
    Advanced {
        /// How much is done.
        done: u64,
        /// A few words on where it stands.
        detail: String,
    },
    /// The piece of work that began last is done.
    Ended {
        /// A line for people.
        summary: String,
    },
    /// An episode ended.
    Episode {
        /// What it was for.
        phase: Phase,
        /// Which round or evaluation.
        number: u64,
        /// Task name.
        task: String,
        /// Serial.
        device: String,
        /// How it ended.
        outcome: Outcome,
        /// Steps taken.
        steps: u32,
    },
    /// Something happened to a device.
    Device {
        /// Serial.
        serial: String,
        /// `ready`, `taken` (somebody else has it), `refused`, `lost`, `repair`, `quarantined`, `back`.
        kind: &'static str,
        /// For people.
        detail: String,
    },
    /// Something that people should know.
    Note(String),
    /// The run waits where it stands for something that people can mend.
    Waiting {
        /// What it waits for, for people.
        reason: String,
    },
    /// The wait is over.
    GoesOn,
}

/// What is called for every event.
type Listener = dyn Fn(&Event) + Send + Sync;

/// Who listens. Cloning is cheap; the default listens to nothing.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<Listener>>);

impl Observer {
    /// Calls a function for every event.
    pub fn new(listen: impl Fn(&Event) + Send + Sync + 'static) -> Observer {
        Observer(Some(Arc::new(listen)))
    }

    /// Tells of an event.
    pub fn tell(&self, event: &Event) {
        if let Some(listen) = &self.0 {
            listen(event);
        }
    }
}

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() {
            "Observer(listening)"
        } else {
            "Observer"
        })
    }
}

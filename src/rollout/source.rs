//! Where the instance of a slot comes from: drawn from the slot's seed, or given by somebody else.

use crate::domain::{Instance, Slot};
use crate::tasks::{self, Task, TaskError};

/// Says what runs in a slot.
pub trait InstanceSource: Send + Sync {
    /// The task and the instance of a slot; always the same for the same slot.
    ///
    /// # Errors
    /// When there is no such task, or its parameters make no instance.
    fn instance(&self, slot: &Slot) -> Result<(&dyn Task, Instance), TaskError>;
}

/// Instances drawn from the seeds of their slots.
#[derive(Debug, Clone, Copy, Default)]
pub struct Drawn;

impl InstanceSource for Drawn {
    fn instance(&self, slot: &Slot) -> Result<(&dyn Task, Instance), TaskError> {
        let task = tasks::find(&slot.task)?;
        Ok((task, tasks::instance(task, slot.instance_seed)?))
    }
}

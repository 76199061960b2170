//! One episode: a task instance on a device with a policy.

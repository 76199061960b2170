//! Plain data and maths without I/O: actions, observations, episodes, tasks, statistics, random streams.
//! Uses nothing of the house.

pub mod action;
pub mod arrivals;
pub mod compat;
mod episode;
pub mod event;
pub mod fault_file;
pub mod frame;
pub mod geometry;
pub mod observation;
pub mod pages;
pub mod plan;
pub mod statistics;
pub mod streams;
pub mod task;

pub use action::{Action, ActionError, ActionType, Direction};
pub use compat::Compat;
pub use episode::{Outcome, StepRecord, Trajectory};
pub use event::{Event, Observer};
pub use frame::Frame;
pub use geometry::{BoundingBox, Point, ScreenSize};
pub use observation::{Observation, UiElement};
pub use plan::{Phase, RateEntry, Slot};
pub use task::{Instance, Params, TaskSpec};

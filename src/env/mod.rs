//! One episode: a task instance on a device with an agent that acts. May use `tasks`, `policy`,
//! `learn` (for the anchors of states), `device`, `pixels`, `store` (for the blobs) and `domain`.

mod agent;
mod branch;
mod demonstrator;
mod episode;
mod human;
mod policy_agent;
mod random;
mod typed;

pub use agent::{Agent, AgentError, Choice, Moment};
pub use branch::{BranchAgent, Recorded};
pub use demonstrator::Demonstrator;
pub use episode::{Episode, EpisodeOptions, Measure, run_episode};
pub use human::{HumanAgent, Terminal};
pub use policy_agent::PolicyAgent;
pub use random::RandomAgent;

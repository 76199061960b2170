//! The gradient builder: reads a forward graph with a scalar loss, returns a graph that computes the
//! loss and the gradient of every trainable weight, of standard operators only.
//!
//! Reverse mode: from the loss back through every node between it and a trainable weight, each
//! node's rule (one small file per operator in `rules`) turns the gradient of its outputs into
//! gradients of its inputs; what comes from several places is summed.

mod constants;
mod context;
mod coverage;
mod engine;
mod layout;
mod lengths;
mod patterns;
mod pieces;
mod ranks;
mod recompute;
mod rules;
mod shape_lists;
mod shapes;
mod standard;

pub use coverage::{Coverage, WithoutRule, coverage, has_rule, stops_gradient};
pub use engine::{GradientGraph, GradientOptions, LOSS_SCALE, build_gradient};
pub use recompute::Recompute;

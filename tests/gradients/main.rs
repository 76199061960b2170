//! The gradient builder on the real ONNX Runtime: every rule against finite differences, with fixed and
//! with symbolic shapes, and whole graphs.
#![allow(clippy::unwrap_used)]

mod basic;
mod decoder;
mod dense;
mod fused;
mod harness;
mod lora;
mod losses;
mod movement;
mod networks;
mod patterns;

//! The gradient builder on the real ONNX Runtime: every rule against finite differences, with fixed and
//! with symbolic shapes, and whole graphs.
#![allow(clippy::unwrap_used)]

mod attributes;
mod basic;
mod convolution;
mod decoder;
mod dense;
mod fused;
mod halves;
mod harness;
mod images;
mod lora;
mod losses;
mod movement;
mod networks;
mod patterns;
mod pooling;
mod quantised;
mod resizing;

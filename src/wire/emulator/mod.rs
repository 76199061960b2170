//! The emulator's control service over gRPC: its messages, and protobuf in gRPC's frames. Shared by the
//! virtual phone, which serves it, and by `emulator`, which is its client. Uses `prost` and `tonic`; no I/O.

pub mod codec;
pub mod messages;

pub use codec::Protobuf;

/// The control service's name with which the path of every call begins.
pub const CONTROL: &str = "/android.emulation.control.EmulatorController/";

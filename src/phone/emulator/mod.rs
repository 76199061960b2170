//! What an Android emulator has around its phone: the console, the control service over gRPC, and the accessibility
//! forwarder's way to the host. Uses the machine; nothing in the phone but whoever starts it uses this, except that
//! the forwarder's broadcasts are received by the machine.

pub mod console;
pub mod control;
pub mod fingers;
pub mod forwarder;
mod guest;
mod keys;
mod line;
mod screenshot;
mod shared;

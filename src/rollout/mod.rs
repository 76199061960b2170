//! A worker's loop: trajectories from a plan onto a device.

//! STEP and its baselines: pure and synchronous.

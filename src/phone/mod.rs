//! The virtual phone: a simulated Android behind a real ADB daemon. Uses floor 0 only; nothing above knows it, except whoever starts one.

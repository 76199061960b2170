//! One device as an episode sees it: perform an action, observe, settle, probe.

//! Suites: instances, repeats, intervals.

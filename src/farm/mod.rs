//! The pool of devices: leases, probes, repair, quarantine.

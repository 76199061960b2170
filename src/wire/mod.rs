//! ADB frames as pure codecs: packets, shell v2, sync. No I/O; used by the client (`adb`) and by the virtual phone (`phone`).

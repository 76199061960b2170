//! The device's wire: connections, shell, files, input, capture, and the parsers of what a device answers.

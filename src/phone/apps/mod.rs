//! The registry of the phone's apps: one file or folder per app.

//! Widgets as data: one tree gives layout, pixels, accessibility nodes and touch targets.

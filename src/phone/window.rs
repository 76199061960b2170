//! The window manager: tasks, focus, touch, keys, and what is drawn.

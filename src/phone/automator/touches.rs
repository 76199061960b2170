//! Fingers, keys and text as the server injects them. Uses the machine's windows.

use crate::phone::machine::Machine;

/// Bits of a key's meta state.
const SHIFT: u64 = 0x01;
const CTRL: u64 = 0x1000;
/// Key codes that are pressed together with others.
const SHIFT_LEFT: u32 = 59;
const CTRL_LEFT: u32 = 113;
const KEY_A: u32 = 29;
const KEY_V: u32 = 50;
const DELETE: u32 = 67;
/// What a key or a tap takes on a clock that moves by steps, in milliseconds, as the device's own tool has it.
const STEP: i64 = 100;
/// Longest that a finger stays down, in milliseconds.
const LONGEST: u64 = 60_000;

/// A finger that goes from one point to another; where both are the same it stays there.
pub fn swipe(machine: &Machine, from: (i32, i32), to: (i32, i32), millis: u64) {
    let millis = millis.min(LONGEST);
    let mut state = machine.lock();
    let state = &mut *state;
    machine
        .clock
        .advance_millis(i64::try_from(millis).unwrap_or(STEP).max(STEP));
    state.windows.swipe(&mut state.system, from, to, millis);
}

/// A short touch.
pub fn tap(machine: &Machine, at: (i32, i32)) {
    let mut state = machine.lock();
    let state = &mut *state;
    machine.clock.advance_millis(STEP);
    state.windows.tap(&mut state.system, at.0, at.1);
}

/// A key with what is held down beside it.
pub fn key(machine: &Machine, code: u32, meta: u64) {
    let mut state = machine.lock();
    let state = &mut *state;
    machine.clock.advance_millis(STEP);
    let held = match meta {
        meta if meta & CTRL != 0 => CTRL_LEFT,
        meta if meta & SHIFT != 0 => SHIFT_LEFT,
        _ => return state.windows.key(&mut state.system, code),
    };
    state
        .windows
        .key_combination(&mut state.system, &[held, code]);
}

/// A key by the name that the server knows it by; `false` for others.
pub fn named_key(machine: &Machine, name: &str) -> bool {
    let code = match name.to_ascii_lowercase().as_str() {
        "home" => 3,
        "back" => 4,
        "left" => 21,
        "right" => 22,
        "up" => 19,
        "down" => 20,
        "center" => 23,
        "menu" => 82,
        "search" => 84,
        "enter" => 66,
        "delete" | "del" => DELETE,
        "recent" => 187,
        "volume_up" => 24,
        "volume_down" => 25,
        "volume_mute" => 164,
        "camera" => 27,
        "power" => 26,
        _ => return false,
    };
    key(machine, code, 0);
    true
}

/// What the clipboard holds goes into the focused field.
pub fn paste(machine: &Machine) {
    key(machine, KEY_V, CTRL);
}

/// Everything in the focused field is selected and deleted.
pub fn clear(machine: &Machine) {
    key(machine, KEY_A, CTRL);
    key(machine, DELETE, 0);
}

/// A text in the place of the one in the field at a point.
pub fn set_text(machine: &Machine, at: (i32, i32), text: &str) {
    tap(machine, at);
    clear(machine);
    let mut state = machine.lock();
    let state = &mut *state;
    state.windows.text(&mut state.system, text);
}

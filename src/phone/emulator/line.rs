//! Calls on an emulator's line (`gsm`): they come in, are answered and given up. Uses the machine and the dialer.

use crate::phone::apps::dialer::{self, IN_CALL};
use crate::phone::machine::{Machine, State};
use crate::phone::system::{Call, Intent, Namespace};

/// The call that there is.
fn current(state: &State) -> Option<&Call> {
    state
        .system
        .call
        .as_ref()
        .filter(|_| state.windows.holds(IN_CALL))
}

/// A call comes in.
///
/// # Errors
/// When the phone has no network or a call already.
pub fn call(machine: &Machine, number: &str) -> Result<String, String> {
    let mut state = machine.lock();
    let state = &mut *state;
    let settings = &state.system.settings;
    if settings.get_integer(Namespace::Global, "airplane_mode_on", 0) != 0 {
        return Err("the phone is in airplane mode".to_owned());
    }
    if current(state).is_some() {
        return Err("the line is busy".to_owned());
    }
    let started = state
        .windows
        .start(&mut state.system, &dialer::incoming(number));
    started
        .map(|_| String::new())
        .map_err(|error| error.to_string())
}

/// The call with this number is answered: from here, whoever calls.
///
/// # Errors
/// When there is no such call.
pub fn accept(machine: &Machine, number: &str) -> Result<String, String> {
    deliver(machine, number, &dialer::accept())
        .ok_or_else(|| "could not accept this number".to_owned())
}

/// The other side ends the call with this number.
///
/// # Errors
/// When there is no such call.
pub fn cancel(machine: &Machine, number: &str) -> Result<String, String> {
    deliver(machine, number, &dialer::hang_up(false))
        .ok_or_else(|| "could not cancel this number".to_owned())
}

/// The calls, one a line.
pub fn list(machine: &Machine) -> String {
    let state = machine.look();
    let Some(call) = current(&state) else {
        return String::new();
    };
    let (from, doing) = match (call.incoming, call.answered) {
        (true, false) => ("inbound from", "incoming"),
        (true, true) => ("inbound from", "active"),
        (false, _) => ("outbound to ", "active"),
    };
    format!("{from} {:<10} : {doing}\r\n", call.number)
}

fn deliver(machine: &Machine, number: &str, intent: &Intent) -> Option<String> {
    let mut state = machine.lock();
    let state = &mut *state;
    current(state).filter(|call| call.number == number)?;
    state.windows.hand_over(&mut state.system, IN_CALL, intent);
    Some(String::new())
}

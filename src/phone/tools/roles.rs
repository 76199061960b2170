//! `cmd role`: who holds a role. Only that of the default SMS app is known here. Uses the apps' record of it.

use crate::phone::apps::roles;
use crate::phone::shell::{Shell, Streams};

/// `cmd role get-role-holders|add-role-holder [--user N] ROLE [PACKAGE]`
pub fn role(shell: &Shell, words: &[&str], streams: &Streams) -> i32 {
    let mut words = words.to_vec();
    if let Some(at) = words.iter().position(|word| *word == "--user") {
        words.drain(at..words.len().min(at + 2));
    }
    let mut state = shell.machine.lock();
    match words[..] {
        ["get-role-holders", roles::SMS] => {
            let holder = roles::sms_app(&state.system);
            drop(state);
            streams.line(holder);
            0
        }
        ["get-role-holders", _] => {
            streams.line("");
            0
        }
        ["add-role-holder", roles::SMS, package, ..] => {
            match roles::make_sms_app(&mut state.system, package) {
                Ok(()) => 0,
                Err(error) => streams.fail("cmd", error),
            }
        }
        ["add-role-holder" | "remove-role-holder", ..] => {
            streams.complain("Error: see logcat for details.");
            255
        }
        _ => {
            streams.complain("Role (role) commands:");
            255
        }
    }
}

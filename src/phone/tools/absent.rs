//! Tools whose service is gone: while a phone boots, or when a part of the system has died. Uses the faults.

use super::Tool;
use crate::phone::faults::Condition;
use crate::phone::machine::Machine;
use crate::phone::shell::{Shell, Streams};

/// Runs a tool, unless the service that it speaks to is gone.
pub fn run(shell: &mut Shell, name: &str, tool: Tool, words: &[String], streams: &Streams) -> i32 {
    let service = match name.rsplit('/').next().unwrap_or(name) {
        "pm" => "package",
        "am" => "activity",
        "settings" => "settings",
        "wm" => "window",
        "input" => "input",
        "ime" => "input_method",
        "appops" => "appops",
        "cmd" => match words.first() {
            Some(word) if !word.starts_with('-') => word.as_str(),
            _ => return tool(shell, words, streams),
        },
        _ => return tool(shell, words, streams),
    };
    if is_gone(&shell.machine, service) {
        streams.complain(format!("cmd: Can't find service: {service}"));
        return 20;
    }
    tool(shell, words, streams)
}

/// Whether a service cannot be found.
pub fn is_gone(machine: &Machine, service: &str) -> bool {
    let faults = &machine.faults;
    (service == "package" && faults.is(Condition::NoPackageManager))
        || faults.is(Condition::Booting)
}

/// What a property says while the boot is not completed; `None` for those that say what they always say.
pub fn booting_property(machine: &Machine, name: &str) -> Option<&'static str> {
    let value = match name {
        "sys.boot_completed" | "dev.bootcomplete" => "",
        "init.svc.bootanim" => "running",
        _ => return None,
    };
    machine.faults.is(Condition::Booting).then_some(value)
}

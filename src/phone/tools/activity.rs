//! `am` and `monkey`: starting and stopping. Uses the windows and the packages.

use crate::phone::emulator::forwarder;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::intent::{parse_component, short_component};
use crate::phone::system::{Extra, Intent};
use crate::phone::window::StartError;

/// `am` with its subcommands.
pub fn am(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let Some((verb, rest)) = arguments.split_first() else {
        streams.line("Activity manager (activity) commands:");
        return 1;
    };
    match verb.as_str() {
        "start" | "start-activity" => start(shell, rest, streams),
        "broadcast" => broadcast(shell, rest, streams),
        "force-stop" | "kill" | "crash" => stop(shell, verb, rest, streams),
        "kill-all" | "wait-for-broadcast-idle" | "set-debug-app" | "clear-debug-app" => 0,
        "stack" | "task" => stack(shell, rest, streams),
        "startservice"
        | "start-service"
        | "startforegroundservice"
        | "start-foreground-service" => service(shell, rest, "Starting service", streams),
        "stopservice" | "stop-service" => service(shell, rest, "Stopping service", streams),
        "get-current-user" => {
            streams.line("0");
            0
        }
        "get-config" => {
            let state = shell.machine.lock();
            let screen = state.system.screen;
            streams.line(format!("config: en-rUS-ldltr-sw411dp-w411dp-h{}dp-normal-long-notround-port-notnight-finger-keysexposed-nokeys-navhidden-nonav-v33\nabi: x86_64", i64::from(screen.height) * 160 / state.system.density().max(1)));
            0
        }
        "instrument" => {
            streams.line("INSTRUMENTATION_STATUS: id=ActivityManagerService\nINSTRUMENTATION_FAILED: no instrumentation on this phone");
            1
        }
        other => {
            streams.complain(format!("Unknown command: {other}"));
            255
        }
    }
}

/// What `am` was asked besides the intent.
#[derive(Default)]
struct Options {
    wait: bool,
    stop_first: bool,
}

/// Reads an intent as `am` takes it.
fn parse_intent(words: &[String]) -> Result<(Intent, Options), String> {
    let mut intent = Intent::default();
    let mut options = Options::default();
    let mut words = words.iter();
    let mut free: Vec<String> = Vec::new();
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .cloned()
                .ok_or_else(|| format!("Argument expected after \"{word}\""))
        };
        let bad = |text: &str| format!("Bad number '{text}' for {word}");
        match word.as_str() {
            // `adb shell am start "" -W` sends an empty word.
            "" => {}
            "-a" => intent.action = Some(value()?),
            "-d" => intent.data = Some(value()?),
            "-t" => intent.mime = Some(value()?),
            "-c" => intent.categories.push(value()?),
            "-p" => intent.package = Some(value()?),
            "-n" => {
                let text = value()?;
                let component =
                    parse_component(&text).ok_or(format!("Bad component name: {text}"))?;
                intent.component = Some(component);
            }
            "-f" => {
                let text = value()?;
                let parsed = match text.strip_prefix("0x") {
                    Some(digits) => u32::from_str_radix(digits, 16),
                    None => text.parse(),
                };
                intent.flags |= parsed.map_err(|_| bad(&text))?;
            }
            "-e" | "--es" | "--eu" | "--ecn" => {
                let name = value()?;
                intent.extras.insert(name, Extra::Text(value()?));
            }
            "--esn" => {
                intent.extras.insert(value()?, Extra::Null);
            }
            "--ez" => {
                let name = value()?;
                let text = value()?;
                let on = match text.to_lowercase().as_str() {
                    "true" | "t" | "1" => true,
                    "false" | "f" | "0" => false,
                    _ => return Err(format!("Invalid boolean value: {text}")),
                };
                intent.extras.insert(name, Extra::Boolean(on));
            }
            "--ei" | "--el" => {
                let name = value()?;
                let text = value()?;
                let number = text.parse().map_err(|_| bad(&text))?;
                intent.extras.insert(name, Extra::Integer(number));
            }
            "--ef" | "--ed" => {
                let name = value()?;
                let text = value()?;
                let number = text.parse().map_err(|_| bad(&text))?;
                intent.extras.insert(name, Extra::Number(number));
            }
            "--esa" | "--esal" | "--eia" | "--ela" | "--efa" | "--eial" => {
                let name = value()?;
                let list = value()?.split(',').map(str::to_owned).collect();
                intent.extras.insert(name, Extra::TextList(list));
            }
            "-W" => options.wait = true,
            "-S" => options.stop_first = true,
            "-D" | "-N" | "--streaming" | "--track-allocation" | "--task-overlay"
            | "--lock-task" => {}
            "-P"
            | "-R"
            | "--user"
            | "--display"
            | "--windowingMode"
            | "--activityType"
            | "--task"
            | "--start-profiler"
            | "--receiver-permission" => {
                value()?;
            }
            "--activity-clear-task" => intent.flags |= 0x0000_8000,
            "--activity-clear-top" => intent.flags |= 0x0400_0000,
            "--activity-single-top" => intent.flags |= 0x2000_0000,
            "--activity-no-animation" => intent.flags |= 0x0001_0000,
            "--activity-brought-to-front" => intent.flags |= 0x0040_0000,
            "--include-stopped-packages" => intent.flags |= 0x0000_0020,
            "--receiver-foreground" => intent.flags |= 0x1000_0000,
            option if option.starts_with("--activity-") || option.starts_with("--grant-") => {}
            option if option.starts_with('-') => return Err(format!("Unknown option: {option}")),
            other => free.push(other.to_owned()),
        }
    }
    for word in free {
        if word.contains(':') {
            intent.data = Some(word);
        } else if let Some(component) = parse_component(&word) {
            intent.component = Some(component);
        } else {
            intent.package = Some(word);
        }
    }
    if intent.action.is_none() && intent.data.is_some() && intent.component.is_none() {
        intent.action = Some("android.intent.action.VIEW".to_owned());
    }
    Ok((intent, options))
}

/// `Intent { act=... }` as Android prints it.
fn show(intent: &Intent) -> String {
    let mut parts = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            parts.push(format!("{name}={value}"));
        }
    };
    add("act", intent.action.clone());
    let categories =
        (!intent.categories.is_empty()).then(|| format!("[{}]", intent.categories.join(",")));
    add("cat", categories);
    add("dat", intent.data.clone());
    add("typ", intent.mime.clone());
    add(
        "flg",
        (intent.flags != 0).then(|| format!("0x{:x}", intent.flags)),
    );
    add("pkg", intent.package.clone());
    let component = intent.component.as_ref();
    add(
        "cmp",
        component.map(|(package, class)| short_component(package, class)),
    );
    if !intent.extras.is_empty() {
        parts.push("(has extras)".to_owned());
    }
    format!("Intent {{ {} }}", parts.join(" "))
}

fn start(shell: &mut Shell, words: &[String], streams: &Streams) -> i32 {
    let (mut intent, options) = match parse_intent(words) {
        Ok(parsed) => parsed,
        Err(message) => return refuse(streams, &message),
    };
    if intent == Intent::default() {
        return refuse(streams, "No intent supplied");
    }
    if let (None, None, None, Some(package)) = (
        &intent.action,
        &intent.component,
        &intent.data,
        &intent.package,
    ) {
        intent = Intent::launch(&package.clone());
    }
    let machine = shell.machine.clone();
    let mut guard = machine.lock();
    let state = &mut *guard;
    if options.stop_first
        && let Some(package) = intent
            .component
            .as_ref()
            .map(|(package, _)| package.clone())
    {
        state.windows.force_stop(&mut state.system, &package);
        streams.line(format!("Stopping: {package}"));
    }
    streams.line(format!("Starting: {}", show(&intent)));
    machine.clock.advance_millis(300);
    let started = state.windows.start(&mut state.system, &intent);
    drop(guard);
    match started {
        Ok(started) => {
            if started.delivered {
                streams.complain("Warning: Activity not started, intent has been delivered to currently running top-most instance.");
            } else if !started.created {
                streams.complain(
                    "Warning: Activity not started, its current task has been brought to the front",
                );
            }
            if options.wait {
                let state = if started.created { "COLD" } else { "HOT" };
                let time = if started.created { 312 } else { 0 };
                streams.line(format!(
                    "Status: ok\nLaunchState: {state}\nActivity: {}\nTotalTime: {time}\nWaitTime: {}\nComplete",
                    started.component.short(),
                    time + 14
                ));
            }
            0
        }
        Err(StartError::NoComponent(name)) => {
            streams.complain("Error type 3");
            let name = match &intent.component {
                Some((package, class)) => format!("{package}/{class}"),
                None => name,
            };
            streams.complain(format!("Error: Activity class {{{name}}} does not exist."));
            1
        }
        Err(StartError::NoActivity(_)) => {
            streams.complain(format!(
                "Error: Activity not started, unable to resolve {}",
                show(&intent)
            ));
            1
        }
    }
}

fn refuse(streams: &Streams, message: &str) -> i32 {
    streams.complain("Exception occurred while executing 'start':");
    streams.complain(format!("java.lang.IllegalArgumentException: {message}"));
    255
}

fn broadcast(shell: &mut Shell, words: &[String], streams: &Streams) -> i32 {
    let (mut intent, _) = match parse_intent(words) {
        Ok(parsed) => parsed,
        Err(message) => return refuse(streams, &message),
    };
    // FLAG_RECEIVER_FROM_SHELL.
    intent.flags |= 0x0040_0000;
    streams.line(format!("Broadcasting: {}", show(&intent)));
    let machine = shell.machine.clone();
    let mut state = machine.lock();
    let state = &mut *state;
    if state.system.packages.contains(forwarder::PACKAGE)
        && let Some(said) = machine.forwarder.receive(&intent)
    {
        let now = machine.clock.now_micros();
        state
            .system
            .log
            .write(now, 'I', "AccessibilityForwarder", &said);
    }
    let in_front = state.windows.focused().package == CLIPPER;
    let installed = state.system.packages.contains(CLIPPER);
    let data = match intent.action.as_deref() {
        // Since Android 10 only the app in front reads the clipboard.
        Some("clipper.get" | "get") if in_front => state.system.clipboard.clone(),
        Some("clipper.set" | "set") if installed => intent.extra_text("text").map(|text| {
            state.system.clipboard = Some(text);
            "Text is copied into clipboard.".to_owned()
        }),
        _ => None,
    };
    match data {
        Some(data) => streams.line(format!("Broadcast completed: result=-1, data=\"{data}\"")),
        None => streams.line("Broadcast completed: result=0"),
    }
    0
}

const CLIPPER: &str = "ca.zgrs.clipper";

fn stop(shell: &mut Shell, verb: &str, words: &[String], streams: &Streams) -> i32 {
    let package = words
        .iter()
        .rev()
        .find(|word| !word.starts_with('-') && word.parse::<u32>().is_err());
    let Some(package) = package else {
        return refuse(streams, "Argument expected after \"package\"");
    };
    let mut state = shell.machine.lock();
    let state = &mut *state;
    let front = state.windows.focused().package == *package;
    // `am kill` only stops what is in the background.
    if verb != "kill" || !front {
        state.windows.force_stop(&mut state.system, package);
    }
    0
}

fn stack(shell: &mut Shell, words: &[String], streams: &Streams) -> i32 {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut state = shell.machine.lock();
    let state = &mut *state;
    match words[..] {
        ["list" | "info", ..] => {
            streams.print(ended(state.windows.stack_list(&state.system)));
            0
        }
        ["remove", id] => match id.parse() {
            Ok(id) => {
                state.windows.remove_task(&mut state.system, id);
                0
            }
            Err(_) => refuse(streams, &format!("For input string: \"{id}\"")),
        },
        _ => {
            streams.complain(format!(
                "Error: unknown command '{}'",
                words.first().unwrap_or(&"")
            ));
            255
        }
    }
}

/// Text that ends with a newline.
pub fn ended(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn service(shell: &mut Shell, words: &[String], verb: &str, streams: &Streams) -> i32 {
    let (intent, _) = match parse_intent(words) {
        Ok(parsed) => parsed,
        Err(message) => return refuse(streams, &message),
    };
    streams.line(format!("{verb}: {}", show(&intent)));
    let state = shell.machine.lock();
    let known = intent
        .component
        .as_ref()
        .is_some_and(|(package, _)| state.system.packages.contains(package));
    if !known {
        streams.complain(match verb {
            "Starting service" => "Error: Not found; no service started.",
            _ => "Service not stopped: was not running.",
        });
        return i32::from(verb == "Starting service");
    }
    if verb != "Starting service" {
        streams.line("Service stopped");
    }
    0
}

/// `monkey -p PACKAGE [-c CATEGORY] COUNT`: starts the package's launcher activity.
pub fn monkey(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut package = None;
    let mut words = arguments.iter();
    for argument in arguments {
        streams.line(format!("  bash arg: {argument}"));
    }
    while let Some(word) = words.next() {
        match word.as_str() {
            "-p" => package = words.next().cloned(),
            "-c" | "-s" | "--throttle" | "--pct-syskeys" => {
                words.next();
            }
            _ => {}
        }
    }
    let Some(package) = package else {
        streams.complain("** Error: a package is needed (-p)");
        return 255;
    };
    streams.line(format!("args: [{}]", arguments.join(", ")));
    for argument in arguments {
        streams.line(format!(" arg: \"{argument}\""));
    }
    streams.line(format!("data=\"{package}\""));
    let machine = shell.machine.clone();
    let mut state = machine.lock();
    let state = &mut *state;
    machine.clock.advance_millis(300);
    match state
        .windows
        .start(&mut state.system, &Intent::launch(&package))
    {
        Ok(_) => {
            streams.line("Events injected: 1\n## Network stats: elapsed time=12ms (0ms mobile, 0ms wifi, 12ms not connected)");
            0
        }
        Err(_) => {
            streams.line("** No activities found to run, monkey aborted.");
            252
        }
    }
}

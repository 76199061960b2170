//! Users, processes and running other commands: `whoami`, `id`, `ps`, `pidof`, `kill`, `sleep`,
//! `sh`, `su`, `env`, `xargs`, `timeout`, `which`, `uname`, ... Uses the shell.

use std::time::Duration;

use super::flags::Flags;
use crate::phone::shell::{Shell, Streams, builtins};
use crate::phone::system::attributes;
use crate::phone::system::attributes::user_name;

/// Files of `/proc` and `/sys` that clients look at.
pub fn pseudo_file(shell: &Shell, name: &str) -> Option<String> {
    let clock = &shell.machine.clock;
    let uptime = clock.uptime_micros() as f64 / 1e6;
    Some(match name {
        "/proc/uptime" => format!("{uptime:.2} {uptime:.2}\n"),
        "/proc/version" => "Linux version 5.15.41-android13-8 (build-user@build-host) #1 SMP PREEMPT\n".to_owned(),
        "/proc/meminfo" => "MemTotal:        2027640 kB\nMemFree:          151420 kB\nMemAvailable:    1013820 kB\n".to_owned(),
        "/proc/cpuinfo" => "processor\t: 0\nmodel name\t: Android virtual processor\n\nprocessor\t: 1\nmodel name\t: Android virtual processor\n\n".to_owned(),
        "/proc/loadavg" => "0.00 0.01 0.05 1/700 4000\n".to_owned(),
        "/sys/class/power_supply/battery/capacity" => "100\n".to_owned(),
        _ => return None,
    })
}

/// `whoami`
pub fn whoami(shell: &mut Shell, _: &[String], streams: &Streams) -> i32 {
    streams.line(user_name(shell.user));
    0
}

/// `id [-u] [-g] [-n] [-G]`
pub fn id(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("id", arguments, "GZgnru", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let (id, name) = (shell.user, user_name(shell.user));
    if flags.has('Z') {
        streams.line(match id {
            attributes::ROOT => "u:r:su:s0",
            _ => "u:r:shell:s0",
        });
    } else if flags.has('u') || flags.has('g') || flags.has('G') {
        streams.line(if flags.has('n') { name } else { id.to_string() });
    } else {
        let (groups, context) = match id {
            attributes::ROOT => (
                "0(root),1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),\
                 1078(ext_data_rw),1079(ext_obb_rw),3001(net_bt_admin),3002(net_bt),3003(inet),\
                 3006(net_bw_stats),3009(readproc),3011(uhid),3012(readtracefs)",
                "u:r:su:s0",
            ),
            _ => (
                "2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),\
                 1078(ext_data_rw),1079(ext_obb_rw),3001(net_bt_admin),3002(net_bt),3003(inet),\
                 3006(net_bw_stats),3009(readproc),3011(uhid),3012(readtracefs)",
                "u:r:shell:s0",
            ),
        };
        streams.line(format!(
            "uid={id}({name}) gid={id}({name}) groups={groups} context={context}"
        ));
    }
    0
}

/// `sleep SECONDS...`
pub fn sleep(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    if arguments.is_empty() {
        streams.complain("sleep: Needs 1 argument (see \"sleep --help\")");
        return 1;
    }
    let mut total = Duration::ZERO;
    for argument in arguments {
        match duration(argument) {
            Some(duration) => total = total.saturating_add(duration),
            None => return streams.fail("sleep", format!("Not a number '{argument}'")),
        }
    }
    streams.flush();
    shell.machine.sleep(total, &shell.cancelled);
    0
}

fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = match text.chars().last()? {
        's' => (&text[..text.len() - 1], 1.0),
        'm' => (&text[..text.len() - 1], 60.0),
        'h' => (&text[..text.len() - 1], 3600.0),
        'd' => (&text[..text.len() - 1], 86_400.0),
        _ => (text, 1.0),
    };
    let seconds = digits.parse::<f64>().ok()? * unit;
    Duration::try_from_secs_f64(seconds).ok()
}

/// `sh [-c SCRIPT] [FILE] [ARGUMENT...]`
pub fn sh(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut script = None;
    let mut words = arguments.iter();
    let mut rest: Vec<String> = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-c" => {
                script = words.next().cloned();
                rest.extend(words.by_ref().skip(1).cloned());
            }
            flag if flag.starts_with('-') && rest.is_empty() => {}
            file => {
                let found = shell
                    .path(file)
                    .and_then(|path| shell.machine.files.read_text(&path));
                match found {
                    Ok(text) => script = Some(text),
                    Err(error) => {
                        streams.complain(format!("/system/bin/sh: can't open '{file}': {error}"));
                        return 127;
                    }
                }
                rest.extend(words.by_ref().cloned());
            }
        }
    }
    if let Some(script) = script {
        return shell.subshell(|shell| {
            shell.positional = rest;
            shell.run_text(&script, streams)
        });
    }
    run_input(shell, streams)
}

/// A shell that reads its script from standard input, complete command by complete command.
pub fn run_input(shell: &mut Shell, streams: &Streams) -> i32 {
    shell.subshell(|shell| {
        let mut held = String::new();
        loop {
            streams.flush();
            let line = streams.input.read_line();
            let ended = line.is_none();
            if let Some(line) = line {
                held.push_str(&String::from_utf8_lossy(&line).replace('\r', ""));
            }
            let open = !ended && is_open(&held);
            if open && held.len() < 1 << 20 {
                continue;
            }
            let script = std::mem::take(&mut held);
            if !script.trim().is_empty() {
                let before = shell.status;
                match shell.execute_text(&script, streams) {
                    Ok(()) => {}
                    Err(fault) => {
                        shell.status = before;
                        if let Some(status) = shell.conclude(fault, streams) {
                            return status;
                        }
                    }
                }
            }
            if ended || shell.is_cancelled() {
                return shell.status;
            }
        }
    })
}

/// Whether a script waits for more lines: an open quote, block or a trailing backslash.
fn is_open(script: &str) -> bool {
    let words: Vec<&str> = script
        .split(|c: char| c.is_whitespace() || c == ';')
        .filter(|word| !word.is_empty())
        .collect();
    let count = |word: &str| words.iter().filter(|one| **one == word).count();
    let quotes = |quote: char| script.matches(quote).count() % 2 == 1;
    script.trim_end_matches('\n').ends_with('\\')
        || quotes('\'')
        || quotes('"')
        || count("if") > count("fi")
        || count("do") > count("done")
        || count("case") > count("esac")
        || count("{") > count("}")
}

/// `su [USER] [-c SCRIPT | COMMAND...]`: as on a userdebug image, only root and shell may.
pub fn su(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut words = arguments;
    let mut user = attributes::ROOT;
    if let Some(first) = words.first()
        && let Some(id) = attributes::user_id(first)
    {
        user = id;
        words = &words[1..];
    }
    shell.subshell(|shell| {
        shell.user = user;
        match words.first().map(String::as_str) {
            None => run_input(shell, streams),
            Some("-c" | "--command") => shell.run_text(&words[1..].join(" "), streams),
            Some(_) => builtins::run_words(shell, words, streams),
        }
    })
}

/// `env [-i] [NAME=VALUE...] [COMMAND...]`
pub fn env(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    shell.subshell(|shell| {
        let mut words = arguments;
        while let Some(word) = words.first() {
            match word.split_once('=') {
                Some((name, value)) => {
                    shell.set_variable(name, value);
                    shell.export(name);
                }
                None if word.starts_with('-') => {}
                None => break,
            }
            words = &words[1..];
        }
        if words.is_empty() {
            for (name, value) in shell.environment() {
                streams.line(format!("{name}={value}"));
            }
            return 0;
        }
        builtins::run_words(shell, words, streams)
    })
}

/// `xargs [-0r] [-n COUNT] [-I TEXT] COMMAND...`
pub fn xargs(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut words = arguments;
    let (mut zero, mut no_run_if_empty) = (false, false);
    let (mut most, mut replace): (usize, Option<String>) = (usize::MAX, None);
    while let Some(flag) = words.first().filter(|word| word.starts_with('-')) {
        let value = || words.get(1).cloned().unwrap_or_default();
        match flag.as_str() {
            "-0" => zero = true,
            "-r" => no_run_if_empty = true,
            "-t" | "-o" => {}
            "-n" | "-P" | "-s" | "-L" => {
                if flag == "-n" || flag == "-L" {
                    most = value().parse().unwrap_or(1).max(1);
                }
                words = &words[1..];
            }
            "-I" => {
                replace = Some(value());
                words = &words[1..];
            }
            other => {
                streams.complain(format!(
                    "xargs: Unknown option '{}' (see \"xargs --help\")",
                    &other[1..]
                ));
                return 1;
            }
        }
        words = words.get(1..).unwrap_or_default();
    }
    let command = match words.is_empty() {
        true => vec!["echo".to_owned()],
        false => words.to_vec(),
    };
    let text = String::from_utf8_lossy(&streams.input.read_all()).into_owned();
    let items: Vec<String> = match (zero, &replace) {
        (true, _) => text
            .split('\0')
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect(),
        (_, Some(_)) => text
            .lines()
            .map(|line| line.trim_start().to_owned())
            .collect(),
        _ => text.split_whitespace().map(str::to_owned).collect(),
    };
    if items.is_empty() && (no_run_if_empty || replace.is_some()) {
        return 0;
    }
    let mut status = 0;
    let mut run = |shell: &mut Shell, line: &[String]| {
        if builtins::run_words(shell, line, streams) != 0 {
            status = 123;
        }
    };
    match replace {
        Some(marker) => {
            for item in &items {
                let line: Vec<String> = command
                    .iter()
                    .map(|word| word.replace(&marker, item))
                    .collect();
                run(shell, &line);
            }
        }
        None if items.is_empty() => run(shell, &command),
        None => {
            for chunk in items.chunks(most.min(items.len())) {
                let line: Vec<String> = command.iter().chain(chunk).cloned().collect();
                run(shell, &line);
            }
        }
    }
    status
}

/// `timeout SECONDS COMMAND...`: tools here end by themselves, so it only runs the command.
pub fn timeout(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<String> = arguments
        .iter()
        .skip_while(|word| word.starts_with('-'))
        .cloned()
        .collect();
    match words.split_first() {
        Some((time, command)) if duration(time).is_some() && !command.is_empty() => {
            builtins::run_words(shell, command, streams)
        }
        _ => streams.fail("timeout", "Needs 2 arguments (see \"timeout --help\")"),
    }
}

/// `nohup COMMAND...`, `nice COMMAND...`, `setsid COMMAND...`
pub fn wrapped(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<String> = arguments
        .iter()
        .skip_while(|word| word.starts_with('-'))
        .cloned()
        .collect();
    builtins::run_words(shell, &words, streams)
}

/// `which [-a] NAME...`
pub fn which(_: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut status = 0;
    for name in arguments.iter().filter(|name| !name.starts_with('-')) {
        match super::find(name) {
            Some(_) => streams.line(format!("/system/bin/{name}")),
            None => status = 1,
        }
    }
    status
}

/// `uname [-amnorsv]`
pub fn uname(_: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("uname", arguments, "oamvrns", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let all = flags.has('a');
    let any = "snrvmo".chars().any(|letter| flags.has(letter));
    let parts: Vec<&str> = [
        ('s', "Linux"),
        ('n', "localhost"),
        ('r', "5.15.41-android13-8-00055-g4f5025129fe8-ab8949913"),
        ('v', "#1 SMP PREEMPT Mon Aug 15 18:33:14 UTC 2022"),
        ('m', "x86_64"),
        ('o', "Toybox"),
    ]
    .into_iter()
    .filter(|(letter, _)| all || flags.has(*letter) || (!any && *letter == 's'))
    .map(|(_, text)| text)
    .collect();
    streams.line(parts.join(" "));
    0
}

/// What runs on the phone: process id, user and name.
fn processes(shell: &Shell) -> Vec<(u32, u32, String)> {
    let mut list = vec![
        (1, 0, "init".to_owned()),
        (330, 1000, "servicemanager".to_owned()),
        (357, 1000, "surfaceflinger".to_owned()),
        (392, 0, "zygote64".to_owned()),
        (455, shell.machine.shell_user(), "adbd".to_owned()),
        (612, 1000, "system_server".to_owned()),
        (780, 10_133, "com.android.systemui".to_owned()),
        (1012, 1001, "com.android.phone".to_owned()),
        (
            1066,
            10_147,
            "com.google.android.inputmethod.latin".to_owned(),
        ),
    ];
    let state = shell.machine.lock();
    let focused = state.windows.focused().package;
    let installed = state.system.packages.list();
    for (index, manifest) in installed
        .filter(|manifest| manifest.launcher.is_some())
        .enumerate()
    {
        let listed = state.windows.stack_list(&state.system);
        if manifest.package == focused || listed.contains(&format!("{}/", manifest.package)) {
            let user = state.system.packages.user(&manifest.package).unwrap_or(0);
            list.push((2000 + 10 * index as u32, user, manifest.package.clone()));
        }
    }
    drop(state);
    list.push((shell.process, shell.user, "sh".to_owned()));
    list
}

/// `ps [-A] [-e] [-f] [-o ...]`
pub fn ps(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let all = arguments.iter().any(|word| {
        word.strip_prefix('-')
            .is_some_and(|flags| flags.contains(['A', 'e']))
    });
    streams.line("USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME                       ");
    for (process, user, name) in processes(shell) {
        if all || user == shell.user {
            streams.line(format!(
                "{:<13} {process:>4}     1 12000000 100000 0                   0 S {name}",
                user_name(user)
            ));
        }
    }
    0
}

/// `pidof NAME...`
pub fn pidof(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let found: Vec<String> = processes(shell)
        .into_iter()
        .filter(|(_, _, name)| arguments.contains(name))
        .map(|(process, _, _)| process.to_string())
        .collect();
    if found.is_empty() {
        return 1;
    }
    streams.line(found.join(" "));
    0
}

/// `kill [-SIGNAL] PROCESS...`: stops apps.
pub fn kill(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    if wanted.is_empty() {
        return streams.fail("kill", "missing argument (see \"kill --help\")");
    }
    let list = processes(shell);
    let mut status = 0;
    for word in wanted {
        let found = list
            .iter()
            .find(|(process, _, _)| word.parse() == Ok(*process));
        match found {
            Some((_, _, name)) => stop(shell, name),
            None => status = streams.fail("kill", format!("bad pid '{word}': No such process")),
        }
    }
    status
}

/// `killall NAME...`, `pkill NAME`
pub fn killall(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let list = processes(shell);
    let mut status = 0;
    for word in arguments.iter().filter(|word| !word.starts_with('-')) {
        match list.iter().any(|(_, _, name)| name == word) {
            true => stop(shell, word),
            false => status = streams.fail("killall", format!("{word}: No such process")),
        }
    }
    status
}

fn stop(shell: &Shell, name: &str) {
    let mut state = shell.machine.lock();
    let state = &mut *state;
    if state.system.packages.contains(name) {
        state.windows.force_stop(&mut state.system, name);
    }
}

/// `uptime`
pub fn uptime(shell: &mut Shell, _: &[String], streams: &Streams) -> i32 {
    let clock = &shell.machine.clock;
    let minutes = clock.uptime_micros() / 60_000_000;
    streams.line(format!(
        " {} up {} min,  0 users,  load average: 0.00, 0.01, 0.05",
        clock.now().strftime("%H:%M:%S"),
        minutes
    ));
    0
}

/// `hostname`
pub fn hostname(_: &mut Shell, _: &[String], streams: &Streams) -> i32 {
    streams.line("localhost");
    0
}

/// `nproc`
pub fn nproc(_: &mut Shell, _: &[String], streams: &Streams) -> i32 {
    streams.line("2");
    0
}

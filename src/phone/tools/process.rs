//! Users, processes and the machine: `whoami`, `id`, `ps`, `pidof`, `kill`, `uname`, ... Uses the
//! shell and the windows.

use super::flags::Flags;
use crate::phone::automator;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::attributes::user_name;
use crate::phone::system::{FileError, attributes};

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

/// The name of a Java program that a client started.
const SERVER: &str = "app_process";

/// What runs on the phone: process id, user and name.
fn processes(shell: &Shell) -> Vec<(u32, u32, String)> {
    let mut list = vec![
        (1, 0, "init".to_owned()),
        (330, 1000, "servicemanager".to_owned()),
        (357, 1000, "surfaceflinger".to_owned()),
        (392, 0, "zygote64".to_owned()),
        (455, shell.machine.shell_user(), "adbd".to_owned()),
        (612, 1000, "system_server".to_owned()),
        (1012, 1001, "com.android.phone".to_owned()),
        (
            1066,
            10_147,
            "com.google.android.inputmethod.latin".to_owned(),
        ),
    ];
    let state = shell.machine.lock();
    let system_ui = state.windows.system_ui_process(&state.system);
    list.extend(system_ui.map(|process| (process, 10_133, "com.android.systemui".to_owned())));
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
    if let Some((process, user)) = shell.machine.automation.process() {
        list.push((process, user, SERVER.to_owned()));
    }
    list
}

/// `ps [-A] [-e] [-f] [-o ...]`
pub fn ps(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let all = arguments.iter().any(|word| {
        word.strip_prefix('-')
            .is_some_and(|flags| flags.contains(['A', 'e']))
    });
    let wanted: Option<Vec<u32>> = arguments
        .iter()
        .position(|word| word == "-p")
        .and_then(|at| arguments.get(at + 1))
        .map(|list| list.split(',').filter_map(|one| one.parse().ok()).collect());
    streams.line("USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME                       ");
    for (process, user, name) in processes(shell) {
        let shown = match &wanted {
            Some(wanted) => wanted.contains(&process),
            None => all || user == shell.user,
        };
        if shown {
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

/// `pgrep NAME`
pub fn pgrep(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let Some(wanted) = arguments.iter().rfind(|word| !word.starts_with('-')) else {
        return streams.fail("pgrep", "No match");
    };
    let list = processes(shell);
    let found = list.iter().filter(|(_, _, name)| name.contains(wanted));
    let mut status = 1;
    for (process, _, _) in found {
        streams.line(process.to_string());
        status = 0;
    }
    status
}

/// `pkill [-f] [-SIGNAL] PATTERN`
pub fn pkill(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let list = processes(shell);
    let whole = arguments.iter().any(|word| word == "-f");
    let mut status = 1;
    for word in arguments.iter().filter(|word| !word.starts_with('-')) {
        let Ok(pattern) = regex::Regex::new(word) else {
            return streams.fail("pkill", format!("bad pattern '{word}'"));
        };
        let found = list.iter().filter(|(_, _, name)| {
            let line = format!("{SERVER} / {}", automator::MAIN);
            pattern.is_match(name) || (whole && name == SERVER && pattern.is_match(&line))
        });
        for (process, user, name) in found {
            match may_signal(shell, *user) {
                true => {
                    stop(shell, name);
                    status = 0;
                }
                false => streams.complain(format!("pkill: {process}: {}", FileError::NotPermitted)),
            }
        }
    }
    status
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
            Some((_, user, name)) if may_signal(shell, *user) => stop(shell, name),
            Some(_) => {
                let error = FileError::NotPermitted;
                status = streams.fail("kill", format!("bad pid '{word}': {error}"));
            }
            None => status = streams.fail("kill", format!("bad pid '{word}': No such process")),
        }
    }
    status
}

/// Sends a signal to a process, or says why not. Signal 0 only asks.
pub fn signal(shell: &Shell, number: u32, signal: usize) -> Result<(), String> {
    let list = processes(shell);
    let found = list.iter().find(|(process, _, _)| *process == number);
    let Some((_, user, name)) = found else {
        return Err("No such process".to_owned());
    };
    if !may_signal(shell, *user) {
        return Err(FileError::NotPermitted.to_string());
    }
    if signal > 0 {
        stop(shell, name);
    }
    Ok(())
}

/// Whether a shell's user may send signals to processes of a user.
fn may_signal(shell: &Shell, user: u32) -> bool {
    shell.user == attributes::ROOT || shell.user == user
}

/// `killall NAME...`
pub fn killall(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let list = processes(shell);
    let mut status = 0;
    for word in arguments.iter().filter(|word| !word.starts_with('-')) {
        match list.iter().find(|(_, _, name)| name == word) {
            Some((_, user, _)) if may_signal(shell, *user) => stop(shell, word),
            Some(_) => {
                let error = FileError::NotPermitted;
                status = streams.fail("killall", format!("bad {word}: {error}"));
            }
            None => status = streams.fail("killall", format!("{word}: No such process")),
        }
    }
    status
}

fn stop(shell: &Shell, name: &str) {
    if name == SERVER {
        return shell.machine.automation.kill();
    }
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

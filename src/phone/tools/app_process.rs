//! `app_process`: runs the classes that clients push to a phone and that this one plays. Uses the shell.

use crate::phone::shell::{Shell, Streams};
use crate::phone::{automator, scrcpy};
use crate::wire::scrcpy::SERVER_CLASS;

/// What a program that the system kills leaves as its exit code: 128 and SIGABRT.
const ABORTED: i32 = 134;

/// `CLASSPATH=JAR app_process [OPTION...] DIRECTORY [OPTION...] CLASS [WORD...]`
pub fn app_process(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut words = arguments.iter().position(|word| !word.starts_with('-'));
    // After the directory there may be options again, as --nice-name=NAME.
    words = words.and_then(|directory| {
        let rest = &arguments[directory + 1..];
        let class = rest.iter().position(|word| !word.starts_with('-'))?;
        Some(directory + 1 + class)
    });
    let Some(at) = words else {
        streams.complain("Error: no class name or --zygote supplied.");
        streams.complain("app_process: no class name or --zygote supplied.");
        return ABORTED;
    };
    let (class, rest) = (arguments[at].as_str(), &arguments[at + 1..]);
    let class_path = shell.variable("CLASSPATH").unwrap_or_default();
    let jars: Vec<String> = class_path
        .split(':')
        .filter_map(|jar| shell.path(jar).ok())
        .collect();
    let files = &shell.machine.files;
    let server = jars.iter().find(|jar| scrcpy::has_jar(files, jar)).cloned();
    let is_program = jars
        .iter()
        .any(|jar| automator::is_program(&shell.machine, jar));
    match (class, server) {
        (SERVER_CLASS, Some(jar)) => scrcpy::main(shell, &jar, rest, streams),
        (automator::MAIN, _) if is_program => automator::run(shell, rest, streams),
        _ => {
            // The exception itself goes to the log.
            let text = format!(
                "java.lang.ClassNotFoundException: Didn't find class \"{class}\" on path: DexPathList[[zip file \"{}\"]]",
                class_path.split(':').next().unwrap_or_default()
            );
            let now = shell.machine.clock.now_micros();
            shell
                .machine
                .lock()
                .system
                .log
                .write(now, 'E', "AndroidRuntime", &text);
            streams.complain("Aborted ");
            ABORTED
        }
    }
}

//! A run that goes on for long takes no more memory at its end than it took when it had warmed up.

use super::program::{Service, status};
use super::small_run::small_run;

/// Rounds until everything that is filled once is full, and rounds after that.
const WARM: u64 = 60;
const ROUNDS: u64 = 150;
/// What allocators and page caches may add over 90 rounds, in KiB: a tenth of a megabyte in each would be
/// more than that.
const BOUND: u64 = 8 * 1024;

/// What this run has otherwise: it is as small as can be.
const OWN: &str = r#"
[run]
seed = 0

[policy]
width = 16
feed_forward = 16
threads = 1

[pretrain]
demonstrations = 1
steps = 5

[train]
group_size = 2
max_steps = 2
epochs = 1
keep_samples = 1
checkpoint_every = 1000

[eval]
before = false
screenshots = 1

[retention]
keep_screenshots = "none"
"#;

/// Resident memory of a process in KiB, without what is mapped from files.
fn memory(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.unwrap().split_whitespace().next().unwrap();
    number.parse().unwrap()
}

#[test]
fn memory_does_not_grow_with_the_rounds() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.toml"), small_run(&[OWN])).unwrap();
    let run = folder.path().join("run");
    // One round more, so that the process is still there when it is looked at.
    let rounds = format!("train.rounds={}", ROUNDS + 1);
    let mut service = Service::start(folder.path(), &["--set", &rounds]);
    let done = |rounds: u64| {
        let found = status(&run);
        found.is_some_and(|status| status["rounds_done"].as_u64().unwrap() >= rounds)
    };
    let mut seen = Vec::new();
    for rounds in [WARM, (WARM + ROUNDS) / 2, ROUNDS] {
        service.until(|| done(rounds));
        seen.push(memory(service.process()));
    }
    service.signal("TERM");
    service.ends(0);
    println!("KiB after {WARM} rounds, halfway and after {ROUNDS}: {seen:?}");
    let grown = seen[2].saturating_sub(seen[0]);
    assert!(grown < BOUND, "{grown} KiB more: {seen:?}");
}

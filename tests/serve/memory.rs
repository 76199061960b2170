//! A run that goes on for long takes no more memory at its end than it took when it had warmed up.
//!
//! What a process has at one moment says little: it is 10 MB more in the middle of a round than between two, and an
//! allocator with a pool for each thread keeps as much again of what was freed. So the least of many rounds is compared,
//! with one pool, and with what is large given back at once, so that what leaks can't hide in what was freed.

use std::cell::Cell;
use std::path::Path;

use super::program::{Service, status};
use super::small_run::small_run;

/// Rounds until everything that is filled once is full, and rounds until the end.
const WARM: u64 = 60;
const ROUNDS: u64 = 150;
/// Rounds over which the least is looked for.
const SPAN: u64 = 20;
/// What 90 rounds may add, in KiB: 23 for each. It is 0.2 MB otherwise, and 0.7 on a machine that is busy.
const BOUND: u64 = 2048;
/// How the allocator of glibc is told so (mallopt(3)).
const ALLOCATOR: [(&str, &str); 4] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "16384"),
    ("MALLOC_TOP_PAD_", "0"),
    ("MALLOC_TRIM_THRESHOLD_", "0"),
];

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

/// The least memory of a service in KiB while it comes to some round.
fn least(service: &mut Service, run: &Path, rounds: u64) -> u64 {
    let (process, least) = (service.process(), Cell::new(u64::MAX));
    service.until(|| {
        least.set(least.get().min(memory(process)));
        status(run).is_some_and(|status| status["rounds_done"].as_u64().unwrap() >= rounds)
    });
    least.get()
}

#[test]
fn memory_does_not_grow_with_the_rounds() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.toml"), small_run(&[OWN])).unwrap();
    let run = folder.path().join("run");
    // Some rounds more, so that the process is still there when it is looked at.
    let rounds = format!("train.rounds={}", ROUNDS + 2 * SPAN);
    let mut service = Service::start_with(folder.path(), &["--set", &rounds], |command| {
        command.envs(ALLOCATOR)
    });
    let mut seen = Vec::new();
    for rounds in [WARM, (WARM + ROUNDS) / 2, ROUNDS] {
        least(&mut service, &run, rounds);
        seen.push(least(&mut service, &run, rounds + SPAN));
    }
    service.signal("TERM");
    service.ends(0);
    println!("KiB after {WARM} rounds, halfway and after {ROUNDS}: {seen:?}");
    let grown = seen[2].saturating_sub(seen[0]);
    assert!(grown < BOUND, "{grown} KiB more: {seen:?}");
}

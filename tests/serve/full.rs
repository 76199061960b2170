//! A disk that becomes full in the middle of a run, and has room again: the run waits where it stands, and ends as one
//! that had room. On a real small file system, which becomes full for every process; where none can be mounted, the
//! bound of the database's size stands for it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::life::{episodes, folder, is_in, reason, undisturbed};
use super::program::{Service, program};
use super::training_state::{assert_same, state};
use stepdroid::store::RoundKey;

/// Where the test that runs on a small disk has it.
const DISK: &str = "STEPDROID_TEST_DISK";
/// Size of the small disk.
const SIZE: &str = "size=24m";

/// Runs a test of this name with a small disk, which only it and what it starts can see: this program once more, in a
/// name space of its own. `None` where that program runs, which is told its disk.
fn on_a_small_disk(name: &str) -> Option<PathBuf> {
    if let Some(disk) = std::env::var_os(DISK) {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "none"]).arg(&disk);
        assert!(mount.status().unwrap().success());
        return Some(disk.into());
    }
    let alone = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", program]);
        command
    };
    let disk = tempfile::tempdir().unwrap();
    let mut trial = alone("mount");
    trial
        .args(["-t", "tmpfs", "-o", SIZE, "none"])
        .arg(disk.path());
    match trial.output() {
        Ok(output) if output.status.success() => {}
        refused => {
            eprintln!("skipped: no small disk can be mounted here ({refused:?})");
            return None;
        }
    }
    let this = std::env::current_exe().unwrap();
    let mut again = alone(this.to_str().unwrap());
    again.args(["--exact", name, "--nocapture"]);
    let output = again.env(DISK, disk.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}\n{said}");
    assert!(told.contains("1 passed"), "{told}");
    None
}

/// A file that takes all the room of a disk, but for some.
struct Filler(PathBuf);

impl Filler {
    fn fill(disk: &Path, left: u64) -> Filler {
        let path = disk.join("filler");
        let mut file = File::create(&path).unwrap();
        let mut block = vec![1; 1 << 20];
        while !block.is_empty() {
            match file.write(&block) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => {
                    let half = block.len() / 2;
                    block.truncate(half);
                }
                Err(error) => panic!("{error}"),
            }
        }
        let length = file.metadata().unwrap().len();
        file.set_len(length - left).unwrap();
        Filler(path)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

fn train(arguments: &[&str], run: &Path, folder: &Path) -> (Output, String) {
    let mut train = program();
    train.arg("train").args(arguments).arg(run);
    let output = train.env("TMPDIR", folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, said)
}

#[test]
fn a_run_whose_disk_is_full_for_a_while_ends_as_one_that_had_room() {
    let name = "full::a_run_whose_disk_is_full_for_a_while_ends_as_one_that_had_room";
    let Some(disk) = on_a_small_disk(name) else {
        return;
    };
    let folder = folder();
    let run = folder.path().join("run");
    fs::create_dir(disk.join("run")).unwrap();
    // What phones and this test write lies elsewhere.
    std::os::unix::fs::symlink(disk.join("run"), &run).unwrap();
    let mut service = Service::start(folder.path(), &[]);

    // In the middle of the demonstrations, and of a round: episodes have no room.
    for key in [RoundKey::demonstrate(0), RoundKey::train(0)] {
        service.until(|| episodes(&run, key) >= 1);
        let full = Filler::fill(&disk, 0);
        service.until(|| is_in(&run, "waiting"));
        let said = reason(&run);
        for part in [
            "the disk is full while ",
            " bytes are free in ",
            run.to_str().unwrap(),
        ] {
            assert!(said.contains(part), "{said}");
        }
        drop(full);
        service.until(|| !is_in(&run, "waiting"));
    }
    let said = service.said();
    service.ends(0);
    let times = |words: &str| said.matches(words).count();
    assert_eq!(times("the run waits for room\n"), 2, "{said}");
    assert_eq!(times("there is room again; the run goes on"), 2, "{said}");
    let wanted = undisturbed(&folder.path().join("undisturbed"));
    assert_same(&state(&run), &wanted, "the run without room");

    // `train` waits for its time, and is gone on with.
    fs::remove_dir_all(disk.join("run")).unwrap();
    fs::create_dir(disk.join("run")).unwrap();
    let mut service = Service::start(folder.path(), &[]);
    service.until(|| episodes(&run, RoundKey::train(0)) >= 1);
    service.signal("TERM");
    service.ends(0);
    let full = Filler::fill(&disk, 64 << 10);
    let short = ["--set", "retention.wait_for_room_s=1", "--resume"];
    let (output, said) = train(&short, &run, folder.path());
    assert_eq!(output.status.code(), Some(3), "{said}");
    for part in [
        "waits for room for 1 s",
        "error: ",
        "the disk is full while",
        "--resume",
    ] {
        assert!(said.contains(part), "{said}");
    }
    drop(full);
    let (output, said) = train(&short, &run, folder.path());
    assert!(output.status.success(), "{said}");
    assert_same(&state(&run), &wanted, "the run that was gone on with");
}

#[test]
fn a_database_at_its_bound_is_a_full_disk() {
    let folder = folder();
    let run = folder.path().join("run");
    let small = folder.path().join("small.toml");
    let bound = [
        "--set",
        "run.max_database_bytes=260000",
        "--set",
        "retention.min_free_bytes=0",
    ];
    let out = ["--out", run.to_str().unwrap()];
    for (wait, words) in [("0", None), ("1", Some("the run waits for room for 1 s"))] {
        let wait = format!("retention.wait_for_room_s={wait}");
        let mut arguments = [&bound[..], &["--set", &wait]].concat();
        let (output, said) = match run.exists() {
            false => {
                arguments.extend(out);
                train(&arguments, &small, folder.path())
            }
            true => {
                arguments.push("--resume");
                train(&arguments, &run, folder.path())
            }
        };
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(
            said.contains("error: ") && said.contains("the disk is full while"),
            "{said}"
        );
        let waits = said.contains("waits for room");
        assert_eq!(
            waits,
            words.is_some_and(|words| said.contains(words)),
            "{said}"
        );
        assert_eq!(waits, words.is_some(), "{said}");
    }
    // A stop ends the wait.
    let mut service = Service::start(folder.path(), &bound);
    service.until(|| is_in(&run, "waiting"));
    assert!(
        reason(&run).contains("run.max_database_bytes"),
        "{}",
        reason(&run)
    );
    service.signal("INT");
    service.ends(130);
    let free = ["--set", "run.max_database_bytes=0", "--resume"];
    let (output, said) = train(&free, &run, folder.path());
    assert!(output.status.success(), "{said}");
    let wanted = undisturbed(&folder.path().join("undisturbed"));
    assert_same(&state(&run), &wanted, "the run with a bound");
}

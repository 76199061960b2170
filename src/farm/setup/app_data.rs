//! Copies of apps' private data, on the device itself: quick, with owners, modes and times, and never on this machine.
//! Needs root. The copies lie outside of the apps' folders, whose strangers Android removes when it boots.

use std::fmt::Write;
use std::time::Duration;

use super::SetupError;
use super::look::{granted, operation};
use super::record::{Kept, KeptFolder};
use crate::adb::{Adb, AdbError, Deadlines, quote};
use crate::tasks::setup::SNAPSHOT_ROOT;

/// Where the copies lie, one folder for each app.
pub(super) const PLACE: &str = "/data/local/stepdroid";
/// How long a copy may take.
const COPYING: Duration = Duration::from_secs(900);
/// Special accesses that the first-time set-up gives.
const OPERATIONS: &[&str] = &["MANAGE_EXTERNAL_STORAGE", "SYSTEM_ALERT_WINDOW"];

/// Shell function: a hash over names, modes, owners and contents of a folder.
const SUM: &str = "sum() { ( cd \"$1\" && { find . -type f -exec sha256sum {} +; find . -exec stat -c '%n %a %u:%g' {} +; } \
                   | sort | sha256sum | cut -d' ' -f1 ); }\n";

/// The folders of an app: private, private before the first unlock, on the shared storage, its snapshot.
fn folders(package: &str) -> [String; 5] {
    [
        format!("/data/data/{package}"),
        format!("/data/user_de/0/{package}"),
        format!("/data/media/0/Android/data/{package}"),
        format!("/data/media/0/Android/media/{package}"),
        format!("{SNAPSHOT_ROOT}/snapshots/{package}"),
    ]
}

fn copy_of(package: &str) -> String {
    format!("{PLACE}/{package}")
}

fn patient(adb: &Adb) -> Adb {
    adb.with_deadlines(Deadlines {
        shell: COPYING,
        ..Deadlines::default()
    })
}

/// SHA-256 of a file of the device; nothing where there is none.
pub(super) async fn hash_of(adb: &Adb, path: &str) -> Result<Option<String>, AdbError> {
    let path = quote(path);
    let text = patient(adb)
        .query(&format!("[ -e {path} ] || exit 0; sha256sum {path}"))
        .await?;
    Ok(text.split_whitespace().next().map(str::to_owned))
}

/// Free room on the device's data partition, in kB.
pub(super) async fn free(adb: &Adb) -> Result<u64, AdbError> {
    let text = adb.query("df -k /data").await?;
    let row = text.lines().last().unwrap_or_default();
    let number = row
        .split_whitespace()
        .nth(3)
        .and_then(|word| word.parse().ok());
    number.ok_or_else(|| AdbError::Malformed {
        serial: adb.serial().to_owned(),
        what: "free room",
        detail: row.to_owned(),
    })
}

/// How much data apps have, in kB and in their order.
pub(super) async fn sizes(
    adb: &Adb,
    packages: impl Iterator<Item = &str>,
) -> Result<Vec<u64>, AdbError> {
    let mut script = String::new();
    let mut count = 0;
    for package in packages {
        let paths: Vec<String> = folders(package).iter().map(|path| quote(path)).collect();
        let _ = writeln!(script, "echo @; du -sk {} 2>/dev/null", paths.join(" "));
        count += 1;
    }
    let text = patient(adb).query(&format!("{script}true")).await?;
    let size = |part: &str| {
        let sizes = part
            .lines()
            .filter_map(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        sizes.sum()
    };
    let mut sizes: Vec<u64> = text.split("@\n").skip(1).map(size).collect();
    sizes.resize(count, 0);
    Ok(sizes)
}

/// Copies an app's data; when this returns, the copy is whole.
pub(super) async fn keep(adb: &Adb, package: &str) -> Result<Kept, SetupError> {
    let copy = quote(&copy_of(package));
    let mut script = format!(
        "{SUM}rm -rf {copy}; mkdir -p {copy} && chmod 700 {PLACE} || exit 1\nam force-stop {0}\nstat -c 'user %u' /data/data/{0} || exit 1\n",
        quote(package)
    );
    let folders = folders(package);
    for (number, path) in folders.iter().enumerate() {
        let path = quote(path);
        let _ = writeln!(
            script,
            "if [ -d {path} ]; then mkdir -p {copy}/{number} && cp -a {path}/. {copy}/{number}/ || {{ rm -rf {copy}; exit 1; }}
echo there {number} $(stat -c '%a %u:%g' {path}) $(sum {copy}/{number})
else echo missing {number}; fi"
        );
    }
    let _ = writeln!(script, "sync\necho whole");
    let output = patient(adb).shell(&script).await?;
    let text = output.text();
    let refused = |reason: String| SetupError::Step {
        serial: adb.serial().to_owned(),
        what: format!("keeping the data of {package}"),
        reason,
    };
    if output.exit_code != 0 || !text.lines().any(|line| line == "whole") {
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(refused(words));
    }
    let mut kept = Kept {
        user: 0,
        folders: Vec::new(),
        missing: Vec::new(),
        permissions: Vec::new(),
        operations: Vec::new(),
    };
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let path = |number: &str| {
            let number = number.parse::<usize>().ok();
            number.and_then(|number| folders.get(number)).cloned()
        };
        match words[..] {
            ["user", user] => kept.user = user.parse().unwrap_or(0),
            ["missing", number] => kept.missing.extend(path(number)),
            ["there", number, mode, owner, hash] => {
                kept.folders.extend(path(number).map(|path| KeptFolder {
                    path,
                    mode: mode.to_owned(),
                    owner: owner.to_owned(),
                    sha256: hash.to_owned(),
                }));
            }
            _ => {}
        }
    }
    if kept.folders.len() + kept.missing.len() != folders.len() {
        return Err(refused(format!(
            "an answer that can't be understood: {text:?}"
        )));
    }
    let name = quote(package);
    kept.permissions = granted(&adb.query(&format!("dumpsys package {name}")).await?);
    let printed = adb.shell(&format!("appops get {name}")).await?.text();
    kept.operations = OPERATIONS
        .iter()
        .map(|name| ((*name).to_owned(), operation(&printed, name)))
        .collect();
    Ok(kept)
}

/// Removes the copy of an app's data.
pub(super) async fn drop_copy(adb: &Adb, package: &str) -> Result<(), AdbError> {
    let script = format!("rm -rf {}", quote(&copy_of(package)));
    patient(adb).shell_ok(&script).await.map(drop)
}

/// Why an app's data are not put back.
pub(super) type LeftAlone = String;

/// Puts an app's data, permissions and special accesses back to how they were kept.
pub(super) async fn put_back(
    adb: &Adb,
    package: &str,
    kept: &Kept,
    force: bool,
) -> Result<Result<(), LeftAlone>, SetupError> {
    let name = quote(package);
    let there = adb
        .query(&format!("stat -c %u /data/data/{name} 2>/dev/null; true"))
        .await?;
    let Ok(user) = there.trim().parse::<u32>() else {
        return Ok(Err(
            "it was uninstalled since; its data have no place".to_owned()
        ));
    };
    if user != kept.user && !force {
        return Ok(Err(
            "it was installed anew since, and its data are another user's; --force puts the old ones in".to_owned(),
        ));
    }
    let copy = copy_of(package);
    let part = |path: &str| {
        let number = folders(package).iter().position(|one| one == path);
        number.map(|number| quote(&format!("{copy}/{number}")))
    };
    // All copies are looked at before the first folder is emptied.
    let mut check = SUM.to_owned();
    for folder in &kept.folders {
        let Some(part) = part(&folder.path) else {
            return Ok(Err(format!(
                "the record has a folder of another app: {}",
                folder.path
            )));
        };
        let _ = writeln!(check, "echo $(sum {part})");
    }
    let sums = patient(adb).query(&format!("{check}true")).await?;
    let whole = sums
        .lines()
        .map(str::trim)
        .eq(kept.folders.iter().map(|folder| &*folder.sha256));
    if !whole && !force {
        return Ok(Err(format!(
            "the copy at {copy} is not as it was made; --force takes it as it is"
        )));
    }
    let mut script = format!("am force-stop {name}\n");
    for folder in &kept.folders {
        let (path, part) = (quote(&folder.path), part(&folder.path).unwrap_or_default());
        let owner = match user == kept.user {
            true => quote(&folder.owner),
            false => format!("-R {user}:{user}"),
        };
        let _ = writeln!(
            script,
            "[ -d {part} ] && mkdir -p {path} && find {path} -mindepth 1 -delete && cp -a {part}/. {path}/ && chown {owner} {path} \
             && chmod {} {path} && restorecon -RDF {path} || exit 1",
            quote(&folder.mode)
        );
    }
    for path in kept.missing.iter().filter(|path| part(path).is_some()) {
        let _ = writeln!(script, "rm -rf {} || exit 1", quote(path));
    }
    let output = patient(adb).shell(&script).await?;
    if output.exit_code != 0 {
        return Err(SetupError::Step {
            serial: adb.serial().to_owned(),
            what: format!("putting the data of {package} back"),
            reason: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    let now = granted(&adb.query(&format!("dumpsys package {name}")).await?);
    let mut script = String::new();
    for permission in now.iter().filter(|one| !kept.permissions.contains(one)) {
        let _ = writeln!(script, "pm revoke {name} {}", quote(permission));
    }
    for permission in kept.permissions.iter().filter(|one| !now.contains(one)) {
        let _ = writeln!(script, "pm grant {name} {}", quote(permission));
    }
    let printed = adb.shell(&format!("appops get {name}")).await?.text();
    for (one, mode) in &kept.operations {
        if operation(&printed, one) != *mode {
            let _ = writeln!(script, "appops set {name} {} {}", quote(one), quote(mode));
        }
    }
    if !script.is_empty() {
        // One that the app no longer asks for is no reason to stop.
        adb.shell(&script).await?;
    }
    Ok(Ok(()))
}

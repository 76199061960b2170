//! Paths that lead out of the phone: none does.

use std::collections::BTreeMap;
use std::path::Path;

use stepdroid::phone::{Phone, PhoneOptions};
use stepdroid::wire::packet::Command;
use stepdroid::wire::sync::Id;

use super::client::{Client, answers};

/// A phone in a directory of the host with a secret beside it.
async fn beside_a_secret(folder: &Path) -> Phone {
    std::fs::write(folder.join("secret"), "host").unwrap();
    Phone::start(PhoneOptions {
        root: Some(folder.join("root")),
        ..PhoneOptions::default()
    })
    .await
    .unwrap()
}

/// Every file of the host beside the phone's root.
fn outside(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries
        .filter(|entry| entry.file_name() != "root")
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap_or_default())
        })
        .collect()
}

fn header(id: Id, value: u32) -> Vec<u8> {
    [&id.0[..], &value.to_le_bytes()].concat()
}

/// What sync says to a request.
async fn sync(phone: &Phone, request: &[u8]) -> Vec<u8> {
    let mut client = Client::connect(phone).await;
    let remote = client.open(1, "sync:").await.unwrap();
    let request = [request, &header(Id::QUIT, 0)].concat();
    client.send(Command::Write, 1, remote, &request).await;
    let mut all = Vec::new();
    while let Some(packet) = client.receive().await {
        match packet.command {
            Command::Write => {
                all.extend_from_slice(&packet.payload);
                client.send(Command::Okay, 1, remote, &[]).await;
            }
            Command::Close => break,
            _ => {}
        }
    }
    all
}

fn push(path: &str, mode: u32, text: &[u8]) -> Vec<u8> {
    let name = format!("{path},{mode}");
    let mut request = header(Id::SEND, name.len() as u32);
    request.extend_from_slice(name.as_bytes());
    request.extend(header(Id::DATA, text.len() as u32));
    request.extend_from_slice(text);
    request.extend(header(Id::DONE, u32::MAX));
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_stays_inside() {
    let folder = tempfile::tempdir().unwrap();
    let phone = beside_a_secret(folder.path()).await;
    let secret = folder.path().join("secret").display().to_string();
    let root = folder.path().join("root");
    // Links of the host inside of the phone's directory, however they came there.
    std::os::unix::fs::symlink(folder.path(), root.join("data/local/tmp/out")).unwrap();
    std::os::unix::fs::symlink(&secret, root.join("data/local/tmp/file")).unwrap();
    let before = outside(folder.path());
    let up = "../".repeat(40);
    for path in [
        secret.clone(),
        format!("{up}{secret}"),
        "/sdcard/../../../../secret".to_owned(),
        "../secret".to_owned(),
        "/data/local/tmp/out/secret".to_owned(),
        "/data/local/tmp/out/new".to_owned(),
        "/data/local/tmp/file".to_owned(),
        "/data/local/tmp/./out/../file".to_owned(),
        "/data/local/tmp/a\0b".to_owned(),
        format!("/data/local/tmp/{}", "n".repeat(300)),
        "/".to_owned(),
        "/data/local/tmp/out/".to_owned(),
    ] {
        for mode in [0o100_644, 0o120_777, 0o040_777, 0o060_000, u32::MAX] {
            sync(&phone, &push(&path, mode, secret.as_bytes())).await;
        }
        for id in [Id::RECEIVE, Id::LIST, Id::STAT] {
            let request = [header(id, path.len() as u32), path.clone().into_bytes()].concat();
            let answer = sync(&phone, &request).await;
            let told = String::from_utf8_lossy(&answer);
            assert!(!told.contains("host"), "{path}: {told}");
        }
        assert_eq!(outside(folder.path()), before, "{path}");
    }
    answers(&phone).await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_stays_inside() {
    let folder = tempfile::tempdir().unwrap();
    let phone = beside_a_secret(folder.path()).await;
    let root = folder.path().join("root");
    std::os::unix::fs::symlink(folder.path(), root.join("data/local/tmp/out")).unwrap();
    let before = outside(folder.path());
    let host = folder.path().display().to_string();
    let mut client = Client::connect(&phone).await;
    let scripts = [
        "cat {h}/secret /data/local/tmp/out/secret ../../../../{h}/secret",
        "echo x > /data/local/tmp/out/new; echo x >> {h}/secret; echo y | tee /data/local/tmp/out/secret",
        "cp /data/local/tmp/out/secret /sdcard/copy; cat /sdcard/copy",
        "mv /data/local/tmp/out/secret /sdcard/moved; cat /sdcard/moved; mv /data/local/tmp/out /sdcard/x; cat /sdcard/x/secret",
        "rm -rf /data/local/tmp/out/ /data/local/tmp/out/* /data/local/tmp/../../../..; rm -rf /data/local/tmp",
        "ln -s {h} /sdcard/link; cat /sdcard/link/secret; ln {h}/secret /sdcard/hard; cat /sdcard/hard",
        "find /data/local/tmp/out -type f -delete; find / -name secret -exec cat {} +",
        "chmod 0 /data/local/tmp/out/secret; touch /data/local/tmp/out/touched; truncate -s 0 /data/local/tmp/out/secret",
        "sqlite3 :memory: \"ATTACH '{h}/attached' AS a; CREATE TABLE a.t(x)\"",
        "sqlite3 :memory: \"CREATE TABLE t(x); VACUUM INTO '{h}/vacuumed'\"",
        "sqlite3 /data/local/tmp/out/secret 'create table t(x)'; sqlite3 '{h}/made' 'create table t(x)'",
        "sqlite3 'file:{h}/made?mode=rwc' 'create table t(x)'",
        "sqlite3 :memory: '.output {h}/put' 'select 1' '.backup {h}/backup' '.read {h}/secret' '.shell touch {h}/run'",
        "sqlite3 :memory: \"select load_extension('{h}/secret'); select readfile('{h}/secret'), writefile('{h}/w', 'x')\"",
        "pm install {h}/secret; pm install /data/local/tmp/out/secret; pm install ../../../../secret",
        "sed -i s/host/x/ /data/local/tmp/out/secret; mktemp -p /data/local/tmp/out; mkdir -p /data/local/tmp/out/dir",
        "screencap -p /data/local/tmp/out/shot.png; uiautomator dump {h}/dump.xml; screencap {h}/shot.raw",
        "am start -a android.intent.action.VIEW -d file://{h}/secret; am start -a android.intent.action.VIEW -d file:///data/local/tmp/out/secret -t text/plain",
        "run-as ../../../../{h} cat secret; pm clear ../../../..; pm clear ..; am force-stop ../..",
        "sh /data/local/tmp/out/secret; . /data/local/tmp/out/secret; nc -l -p 1 < {h}/secret &",
        "content read --uri content://media/../../{h}/secret; settings put global ../../x y",
    ];
    for (number, script) in scripts.iter().enumerate() {
        let script = format!("exec:{} 2>&1", script.replace("{h}", &host));
        let answer = client.ask(number as u32 + 1, &script).await.unwrap();
        let told = String::from_utf8_lossy(&answer);
        assert!(
            !told.lines().any(|line| line.trim() == "host"),
            "{script}: {told}"
        );
        assert_eq!(outside(folder.path()), before, "{script}: {told}");
    }
    answers(&phone).await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_without_end_end_with_their_client() {
    let folder = tempfile::tempdir().unwrap();
    let phone = beside_a_secret(folder.path()).await;
    let tasks = super::client::alive_tasks();
    let before = super::client::memory();
    let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";
    let mut client = Client::connect(&phone).await;
    for (number, query) in [
        "SELECT max(x) FROM c",
        "SELECT x, hex(zeroblob(1000)) FROM c",
    ]
    .iter()
    .enumerate()
    {
        let service = format!("exec:sqlite3 :memory: '{endless} {query}'");
        client.open(number as u32 + 1, &service).await.unwrap();
    }
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let grown = super::client::memory().saturating_sub(before);
    drop(client);
    super::client::calm(tasks).await;
    assert!(grown < 300, "{grown} MiB");
    phone.stop().await;
}

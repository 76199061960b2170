//! Somebody's own phone is used by runs only once there is a record of how it was.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use stepdroid::farm::{DeviceState, Register};
use stepdroid::phone::Phone;
use stepdroid::store::{RoundKey, Store, StoreOptions};

use super::stand::{Process, STATE, evaluation, is_as_before, phone, physical, run};

const WORDS: [&str; 4] = [
    "is a physical phone",
    "`stepdroid devices setup ",
    "`stepdroid devices restore ",
    "devices.without_record = true",
];

/// What `stepdroid devices` says of one.
async fn listed(state: &Path, serial: &str) -> Value {
    let config = state.join("devices.toml");
    std::fs::write(
        &config,
        format!("[run]\nname = \"x\"\n[devices]\nserials = [\"{serial}\"]\n"),
    )
    .unwrap();
    let words = [
        "devices",
        "--json",
        "list",
        "--config",
        config.to_str().unwrap(),
    ];
    let all = run(state, &words).await.ends(0, &[]).json();
    let devices = all.as_array().unwrap().iter();
    let mut found = devices.filter(|device| device["serial"] == serial);
    found.next().unwrap().clone()
}

/// Devices of the judged episodes of an evaluation so far.
fn used(out: &Path) -> BTreeSet<String> {
    let store = Store::read(out, &StoreOptions::default()).ok();
    let episodes = store.and_then(|store| store.episodes(RoundKey::evaluate(0)).ok());
    let judged = episodes.unwrap_or_default().into_iter();
    let judged = judged.filter(|episode| episode.outcome.is_judged());
    judged.map(|episode| episode.device).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_without_a_record_is_refused_before_it_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    let phone = phone(physical).await;
    let before = phone.shell(STATE).text();
    let serial = &*phone.serial();
    let instance = state.join("instance.json");
    let instance = instance.to_str().unwrap();
    let out = |name: &str| state.join(name);
    run(state, &evaluation(&out("first"), "1", &[serial]))
        .await
        .ends(3, &WORDS);
    let found = listed(state, serial).await;
    assert_eq!(found["state"], "refused", "{found}");
    assert!(
        found["reason"].as_str().unwrap().contains(WORDS[1]),
        "{found}"
    );
    assert_eq!(found["holder"], Value::Null);

    let device = ["--device", serial];
    let init = ["tasks", "init", "SystemWifiTurnOn", "--seed", "1", "--out"];
    let init = [&init[..], &[instance], &device].concat();
    run(state, &init).await.ends(3, &WORDS);
    is_as_before(&phone, &before);

    // Whoever wants it so has it so.
    run(state, &[&init[..], &["--without-record"]].concat())
        .await
        .ends(0, &[]);
    let solve = ["tasks", "solve", "--fast", "--instance", instance];
    let solve = [&solve[..], &device].concat();
    run(state, &solve).await.ends(3, &WORDS);
    run(state, &[&solve[..], &["--without-record"]].concat())
        .await
        .ends(0, &[]);
    let second = out("second");
    let mut words = evaluation(&second, "1", &[serial]);
    words.extend(["--set", "devices.without_record=true"]);
    run(state, &words).await.ends(0, &[]);
    assert_eq!(listed(state, serial).await["state"], "ready");

    // With a record nothing of this is wanted; that there was nothing to change is worth one too.
    let setup = ["devices", "setup", serial, "--no-apps", "--yes"];
    run(state, &setup).await.ends(0, &["changes made"]);
    run(state, &evaluation(&out("third"), "1", &[serial]))
        .await
        .ends(0, &[]);
    std::fs::remove_dir_all(state.join("stepdroid/devices")).unwrap();
    run(state, &init).await.ends(3, &WORDS);
    run(state, &setup).await.ends(0, &["nothing to change"]);
    run(state, &init).await.ends(0, &[]);
}

/// How a device stands by its register, and whether it is held.
fn stands(state: &Path, phone: &Phone) -> Option<(DeviceState, bool)> {
    let register = Register::at(&state.join("stepdroid/register"));
    let entry = register.entry(&phone.serial())?;
    Some((entry.record.standing.state, entry.held))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_go_on_and_the_refused_one_joins_them_once_it_is_set_up() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    let own = phone(physical).await;
    let other = phone(|options| options.seed = 2).await;
    let before = own.shell(STATE).text();
    let (serial, out) = (own.serial(), state.join("run"));
    let both = [&*serial, &*other.serial()];
    let mut driver = Process::start(state, &evaluation(&out, "400", &both));
    driver
        .until("the other works", || used(&out).contains(both[1]))
        .await;
    assert_eq!(stands(state, &own), Some((DeviceState::Refused, false)));
    is_as_before(&own, &before);
    // The run has let go of it.
    let setup = ["devices", "setup", &*serial, "--no-apps", "--yes"];
    run(state, &setup).await.ends(0, &["changes made"]);
    driver
        .until("both work", || used(&out).contains(both[0]))
        .await;
}

//! What a task costs on the wire: how often a device is asked for something by the start, the check and
//! the teardown of one instance. A round trip to an emulator takes tens of milliseconds, so they are what
//! an episode waits for besides its steps.

use stepdroid::tasks::{self, Task};

use super::harness::{Bench, chosen, on_phones};

/// Most round trips of a start and a check together, in the mean over the catalogue.
const MEAN: f64 = 6.0;
/// Most round trips of a start and a check together, of any task.
const WORST: u64 = 16;

/// Round trips of one instance.
struct Cost {
    init: u64,
    check: u64,
    teardown: u64,
}

async fn cost(bench: &Bench, task: &dyn Task) -> Cost {
    let device = &bench.device;
    let mut instance = tasks::instance(task, 0).unwrap();
    let mut before = device.adb().round_trips();
    let mut since = || {
        let now = device.adb().round_trips();
        now - std::mem::replace(&mut before, now)
    };
    task.init(device, &mut instance).await.unwrap();
    let init = since();
    // Questions are judged by the answer; the other tasks do not look at it.
    bench.score(task, &instance, Some("nothing")).await;
    let check = since();
    task.teardown(device, &instance).await.unwrap();
    Cost {
        init,
        check,
        teardown: since(),
    }
}

#[test]
fn tasks_ask_a_device_for_little() {
    let costs = on_phones(cost);
    println!(
        "{:46} {:>5} {:>5} {:>8}",
        "task", "init", "check", "teardown"
    );
    for task in chosen() {
        let name = task.spec().name;
        let Cost {
            init,
            check,
            teardown,
        } = &costs[name];
        println!("{name:46} {init:>5} {check:>5} {teardown:>8}");
    }
    let count = costs.len() as f64;
    let mean = |part: fn(&Cost) -> u64| costs.values().map(part).sum::<u64>() as f64 / count;
    println!(
        "{:46} {:>5.1} {:>5.1} {:>8.1}",
        "mean",
        mean(|cost| cost.init),
        mean(|cost| cost.check),
        mean(|cost| cost.teardown)
    );
    let both = mean(|cost| cost.init + cost.check);
    assert!(
        both <= MEAN,
        "{both:.1} round trips for a start and a check in the mean, more than {MEAN}"
    );
    for (name, cost) in &costs {
        let both = cost.init + cost.check;
        assert!(both > 0, "{name}: nothing was counted");
        assert!(
            both <= WORST,
            "{name}: {both} round trips for a start and a check, more than {WORST}"
        );
    }
}

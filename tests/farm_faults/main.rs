//! Devices that fail in the middle of an episode, one fault a row: what is seen of it, what is done about it, and what
//! it costs. Whatever it is, one trajectory of the device that it strikes is lost at most, nothing is judged by it, and
//! the other devices go on.
//!
//! `rows` is the table, `stand` runs one row, `device` is what is struck and healed, `server` an adb server for it.
#![allow(clippy::unwrap_used)]

mod device;
mod rows;
mod server;
mod stand;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use rows::ROWS;
use stand::{Ran, outcomes_without_faults, run};

/// Rows at a time. Most of a row's time is waiting for deadlines.
const AT_A_TIME: usize = 4;

/// `FAULT=half` runs the rows with that in their names alone.
fn wanted(name: &str) -> bool {
    std::env::var("FAULT").map_or(true, |part| name.contains(&part))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_costs_one_trajectory_at_most_and_is_never_judged() {
    let expected = Arc::new(outcomes_without_faults().await);
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = JoinSet::new();
    for (number, row) in ROWS.iter().enumerate() {
        if !wanted(row.fault) {
            continue;
        }
        let (places, expected) = (places.clone(), expected.clone());
        running.spawn(async move {
            let _place = places.acquire_owned().await.unwrap();
            let ran = run(row, &expected).await;
            println!("{ran}");
            (number, ran)
        });
    }
    let mut ran: Vec<(usize, Ran)> = running.join_all().await;
    ran.sort_by_key(|(number, _)| *number);
    println!(
        "{:<28} {:>4} {:>5} {:>6}  seen",
        "fault", "lost", "well", "s"
    );
    let mut wrong = Vec::new();
    for (_, row) in ran {
        println!("{row}");
        wrong.extend(
            row.wrong
                .iter()
                .map(|what| format!("{}: {what}", row.fault)),
        );
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

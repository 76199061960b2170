//! The report of a whole synthetic run, read as data, as a file, and in a real browser.
#![allow(clippy::unwrap_used)]

#[path = "../chromedriver/mod.rs"]
mod chromedriver;
mod whole_run;

use std::time::Duration;

use chromedriver::Driver;
use fantoccini::{Locator, key::Key};
use stepdroid::report::{significance, summarize, write_html};
use stepdroid::store::{NewRun, Store, StoreOptions};
use whole_run::{ROUNDS, SEEDS, TASKS, evaluate, whole_run};

#[test]
fn a_run_is_summarized() {
    let directory = tempfile::tempdir().unwrap();
    let writer = whole_run(directory.path());
    // The report reads while the run still goes on.
    let store = Store::read(directory.path(), &StoreOptions::default()).unwrap();
    let summary = summarize(&store).unwrap();
    drop(writer);
    let episodes = TASKS.len() as u32 * SEEDS as u32;
    let (before, after) = (summary.before.unwrap(), summary.after.unwrap());
    assert_eq!((before.episodes, after.episodes), (episodes, episodes));
    assert!(
        before.success < 0.4 && after.success > 0.5,
        "{before:?} {after:?}"
    );
    assert!(before.low <= before.success && before.success <= before.high);
    assert_eq!(summary.tasks, TASKS.len() as u32);
    assert_eq!(summary.episodes, 3 * episodes);
    assert_eq!(u64::from(summary.rounds), ROUNDS);
    assert!(summary.seconds >= 754.0);
    assert_eq!(summary.losses.by_cause["device_lost"]["evaluate"], 3);
    assert_eq!(summary.pairs.pairs, episodes);
    let net = f64::from(summary.pairs.gained) - f64::from(summary.pairs.lost);
    assert!((summary.difference.unwrap() - net / f64::from(episodes)).abs() < 1e-12);
    assert!(summary.p_value.unwrap() < 0.001);
    assert_eq!(significance(&[], &[]), 1.0);
    let held_out: Vec<&str> = summary
        .by_task
        .iter()
        .filter(|row| row.held_out)
        .map(|row| row.task.as_str())
        .collect();
    assert_eq!(held_out, ["ExpenseDeleteSingle", "MarkorDeleteNote"]);
    assert_eq!(summary.held_out_after.unwrap().episodes, 2 * SEEDS as u32);
    assert_eq!(summary.curves.training.len() as u64, ROUNDS);
    let at: Vec<u64> = summary
        .curves
        .evaluations
        .iter()
        .map(|point| point.rounds)
        .collect();
    assert_eq!(at, [0, 12, ROUNDS]);
    assert!(serde_json::to_value(&summary).unwrap()["by_task"][0]["before"]["low"].is_number());
}

#[test]
fn a_run_that_has_just_begun_has_a_report() {
    let directory = tempfile::tempdir().unwrap();
    let run = NewRun {
        name: "new".into(),
        seed: 0,
        config: "not toml [".into(),
        program_version: "0.1.0".into(),
        suite_version: "one".into(),
    };
    let store = Store::create(directory.path(), &run, &StoreOptions::default()).unwrap();
    let summary = summarize(&store).unwrap();
    assert_eq!(
        (summary.before, summary.after, summary.p_value),
        (None, None, None)
    );
    let path = write_html(directory.path(), &store).unwrap();
    let page = std::fs::read_to_string(path).unwrap();
    assert!(page.contains("Not decided yet"));
    assert!(page.contains("not toml ["));

    // A plan without an episode yet, then one evaluation only.
    evaluate(&store, 0, "before", None);
    let summary = summarize(&store).unwrap();
    assert!(summary.before.is_some() && summary.after.is_none());
    let page = std::fs::read_to_string(write_html(directory.path(), &store).unwrap()).unwrap();
    assert!(page.contains("one episode"));
}

#[test]
fn damaged_screenshots_are_gaps() {
    let directory = tempfile::tempdir().unwrap();
    let store = whole_run(directory.path());
    for folder in std::fs::read_dir(store.blobs().directory()).unwrap() {
        for blob in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            std::fs::write(blob.unwrap().path(), b"torn").unwrap();
        }
    }
    let page = std::fs::read_to_string(write_html(directory.path(), &store).unwrap()).unwrap();
    assert!(!page.contains("data:image/jpeg"));
    assert!(page.contains("id=\"player\""));
}

#[tokio::test]
async fn the_page_works_in_a_browser() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let store = whole_run(directory.path());
    std::fs::write(directory.path().join("run.toml"), "# from the file <x>").unwrap();
    let path = write_html(directory.path(), &store).unwrap();
    assert_eq!(path, directory.path().join("report/index.html"));

    let client = driver.client().await;
    client
        .goto(&format!("file://{}", path.display()))
        .await
        .unwrap();
    let text = async |selector: &str| {
        let element = client.find(Locator::Css(selector)).await.unwrap();
        element.text().await.unwrap()
    };
    let number = async |script: &str| {
        let value = client.execute(script, vec![]).await.unwrap();
        value
            .as_f64()
            .unwrap_or_else(|| panic!("{script} gave {value}"))
    };

    // The headline says what the data say.
    let summary = summarize(&store).unwrap();
    let headline = text("#headline").await;
    for rate in [summary.before.unwrap(), summary.after.unwrap()] {
        let value = format!("{:.0}", rate.success * 100.0);
        assert!(headline.contains(&value), "{value} in {headline:?}");
        assert!(
            headline.contains(&format!("{} of 72", rate.successes)),
            "{headline:?}"
        );
    }
    assert_eq!(text("#verdict").await, "Training helped");

    // One row a task; sorting by name puts them in order.
    let rows = client
        .find_all(Locator::Css("#by-task tbody tr"))
        .await
        .unwrap();
    assert_eq!(rows.len(), TASKS.len());
    client
        .find(Locator::Css("#by-task thead th:first-child button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    assert_eq!(
        text("#by-task tbody tr:first-child th").await,
        "ClockStopWatchRunning"
    );
    assert!(number("return document.querySelectorAll('.chart path.line').length").await >= 4.0);
    assert_eq!(
        number("return document.querySelectorAll('.heat text.end').length").await,
        TASKS.len() as f64
    );

    // Next, previous, arrow keys and play move both episodes; the ring lies where the touch was.
    assert_eq!(text("#step-count").await, "Step 1 of 6");
    assert_eq!(
        number("return document.querySelectorAll('.touch').length").await,
        0.0
    );
    let next = client.find(Locator::Css("#next")).await.unwrap();
    next.click().await.unwrap();
    assert_eq!(text("#step-count").await, "Step 2 of 6");
    assert_eq!(
        number("return Number(document.querySelector('.take.after .touch').getAttribute('cx'))")
            .await,
        230.0
    );
    let loaded = "const source = document.querySelector('.take.after image').getAttribute('href');\
                  const picture = new Image(); picture.src = source; await picture.decode();\
                  return picture.naturalWidth;";
    let loaded = format!("return (async () => {{ {loaded} }})()");
    assert_eq!(number(&loaded).await, 360.0);
    for _ in 0..2 {
        next.click().await.unwrap();
    }
    assert_eq!(text("#step-count").await, "Step 4 of 6");
    // What the device said is shown as text, never run as markup.
    assert!(
        text(".take.after .now")
            .await
            .contains("</script><b>Wi-Fi</b>")
    );
    assert!(text("#goal").await.contains("<em>number"));
    let body = client.find(Locator::Css("body")).await.unwrap();
    body.send_keys(&char::from(Key::Left).to_string())
        .await
        .unwrap();
    assert_eq!(text("#step-count").await, "Step 3 of 6");
    client
        .find(Locator::Css("#play"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(text("#step-count").await, "Step 4 of 6");
    client
        .find(Locator::Css("[data-scene='1']"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    assert_eq!(text("#step-count").await, "Step 1 of 6");

    // Nothing is wider than a small phone, and the console is quiet.
    client.set_window_size(500, 900).await.unwrap();
    let overflow = "return document.documentElement.scrollWidth - window.innerWidth";
    assert!(number(overflow).await <= 0.0);
    assert_eq!(driver.console_errors(&client).await, Vec::<String>::new());
    client.close().await.unwrap();
}

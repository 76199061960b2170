//! The judge behind an HTTP endpoint, against a server that stands in for one: sound answers, broken
//! ones, errors that pass and errors that stay, silence, and what is sent.

use std::time::Duration;

use super::stand_in::{Reply, StandIn};
use stepdroid::config::{self, JudgeConfig};
use stepdroid::judge::{self, HttpJudge};
use stepdroid::learn::judge::{CandidateAction, RunQuestion, SeenStep, StateQuestion, Taken};
use stepdroid::learn::{Judge, Score};

fn settings(endpoint: &str, sets: &[&str]) -> JudgeConfig {
    let mut all = vec![
        "train.preset=tgrpo".to_owned(),
        "judge.kind=http".to_owned(),
        format!("judge.endpoint={endpoint}"),
        "judge.model=small".to_owned(),
        "judge.retries=2".to_owned(),
    ];
    all.extend(sets.iter().map(|set| set.to_string()));
    config::load(None, &all).unwrap().config.judge
}

fn state(goal: &str) -> StateQuestion {
    let action = |text: &str| CandidateAction {
        text: text.into(),
        parsed: true,
        matches: false,
    };
    StateQuestion {
        goal: goal.into(),
        past: vec!["OpenApp settings".into()],
        screen: "0: Switch \"Wi-Fi\"".into(),
        actions: vec![action("click 0"), action("back")],
        taken: Taken::default(),
    }
}

fn run(steps: usize) -> RunQuestion {
    let step = SeenStep {
        screen: "home".into(),
        action: "wait".into(),
    };
    RunQuestion {
        goal: "Turn Wi-Fi on".into(),
        steps: vec![step; steps],
        measured: Vec::new(),
    }
}

const GOOD: &str = "Here: {\"scores\": [1, -1]}";

fn good() -> Option<Vec<Option<Score>>> {
    Some(vec![Some(Score::Helpful), Some(Score::Harmful)])
}

#[test]
fn questions_are_asked_and_answers_come_in_their_order() {
    let server = StandIn::start(|_, request| {
        let question = request.question();
        if let Some(steps) = question["steps"].as_array() {
            let shares: Vec<f64> = (1..=steps.len()).map(|step| step as f64 / 4.0).collect();
            return Reply::Says(serde_json::json!({"progress": shares}).to_string());
        }
        // Answers of later questions come first.
        let number: u64 = question["goal"].as_str().unwrap().parse().unwrap();
        std::thread::sleep(Duration::from_millis(60 - 10 * number));
        let score = number as i64 % 3 - 1;
        Reply::Says(format!("```json\n{{\"scores\": [{score}, 0]}}\n```"))
    });
    // Cargo sets this one for every test.
    let judge = judge::of(&settings(
        &server.endpoint,
        &["judge.api_key_env=CARGO_PKG_NAME"],
    ));
    let judge = judge.unwrap().unwrap();
    assert!(!judge.is_repeatable());
    let states: Vec<StateQuestion> = (0..6).map(|number| state(&number.to_string())).collect();
    let scores = judge.scores(&states);
    let first: Vec<f64> = scores
        .iter()
        .map(|scores| scores.as_ref().unwrap()[0].unwrap().value())
        .collect();
    assert_eq!(first, [-1.0, 0.0, 1.0, -1.0, 0.0, 1.0]);
    let progress = judge.progress(&[run(3), run(1)]);
    let of = |shares: &[f64]| Some(shares.iter().copied().map(Some).collect::<Vec<_>>());
    assert_eq!(progress, [of(&[0.25, 0.5, 0.75]), of(&[0.25])]);

    let requests = server.requests.lock().unwrap();
    assert_eq!(requests.len(), 8);
    for request in requests.iter() {
        assert!(
            request.head.starts_with("post /v1/chat/completions"),
            "{}",
            request.head
        );
        let key = env!("CARGO_PKG_NAME");
        assert!(
            request
                .head
                .contains(&format!("authorization: bearer {key}"))
        );
        assert_eq!(request.body["model"], "small");
        assert_eq!(request.body["temperature"], 0);
        assert_eq!(request.body["messages"][0]["role"], "system");
    }
    assert_eq!(
        requests[0].question()["actions"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn broken_answers_are_asked_for_again_and_then_are_none() {
    let once = StandIn::start(|number, _| match number {
        0 => Reply::Raw(200, "<html>".into()),
        1 => Reply::Raw(503, "busy".into()),
        _ => Reply::Says(GOOD.into()),
    });
    let judge = HttpJudge::new(&settings(&once.endpoint, &[])).unwrap();
    assert_eq!(judge.scores(&[state("x")]), [good()]);
    assert_eq!(once.count(), 3);

    // What is wrong stays wrong: three tries, and no judgement; a bad score it is not.
    for wrong in ["{\"scores\": [1]}", "{\"scores\": [1, 7]}", "I can't say."] {
        let server = StandIn::start(move |_, _| Reply::Says(wrong.into()));
        let judge = HttpJudge::new(&settings(&server.endpoint, &[])).unwrap();
        assert_eq!(judge.scores(&[state("x")]), [None], "{wrong}");
        assert_eq!(server.count(), 3);
    }
    // A refusal is no accident: it is not asked again.
    let server = StandIn::start(|_, _| Reply::Raw(401, "{\"error\":\"no key\"}".into()));
    let judge = HttpJudge::new(&settings(&server.endpoint, &[])).unwrap();
    assert_eq!(judge.scores(&[state("x")]), [None]);
    assert_eq!(server.count(), 1);
    // A reply without an end is cut off.
    let long = "x".repeat(2 << 20);
    let server = StandIn::start(move |_, _| Reply::Says(long.clone()));
    let judge = HttpJudge::new(&settings(&server.endpoint, &["judge.retries=0"])).unwrap();
    assert_eq!(judge.scores(&[state("x")]), [None]);
}

#[test]
fn silence_has_an_end() {
    // Whoever waits for it gets a sound answer.
    let server = StandIn::start(|_, _| Reply::SaysAfter(Duration::from_secs(60), GOOD.into()));
    let sets = ["judge.timeout_seconds=1", "judge.retries=0"];
    let judge = HttpJudge::new(&settings(&server.endpoint, &sets)).unwrap();
    let states: Vec<StateQuestion> = (0..40).map(|number| state(&number.to_string())).collect();
    assert_eq!(judge.scores(&states), vec![None; 40]);
    // The rest of the batch is given up.
    let first = server.count();
    assert!(first < 20, "{first}");
    // The next batch tries again, and gives up sooner.
    assert_eq!(judge.scores(&states), vec![None; 40]);
    assert!(server.count() <= first + 4, "{} {first}", server.count());
    // Nobody there at all.
    let judge = HttpJudge::new(&settings("http://127.0.0.1:9", &["judge.retries=0"])).unwrap();
    assert_eq!(judge.progress(&[run(2)]), [None]);
}

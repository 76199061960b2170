//! The result of a run as plain data: success before and after training, overall and by task.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ReportError;
use super::curves::{Curves, curves};
use super::guards::{GuardSeries, Losses, guards, losses};
use crate::domain::{Phase, statistics};
use crate::store::{EpisodeRow, Evaluation, RoundKey, RoundState, Store};

/// A success rate with its 95 % Wilson interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// Share of judged episodes with full score, in [0, 1].
    pub success: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Successes.
    pub successes: u32,
    /// Judged episodes.
    pub episodes: u32,
}

impl Rate {
    /// The rate of `successes` among `episodes` judged ones; `None` without any.
    pub fn of(successes: u32, episodes: u32) -> Option<Rate> {
        if episodes == 0 {
            return None;
        }
        let interval = statistics::wilson(u64::from(successes), u64::from(episodes));
        Some(Rate {
            success: interval.success,
            low: interval.low,
            high: interval.high,
            successes,
            episodes,
        })
    }

    fn among<'a>(episodes: impl Iterator<Item = &'a Judged>) -> Option<Rate> {
        let (successes, count) = episodes.fold((0, 0), |(successes, count), episode| {
            (successes + u32::from(episode.success), count + 1)
        });
        Rate::of(successes, count)
    }
}

/// A judged episode of an evaluation, as the test of significance sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Judged {
    /// Task name.
    pub task: String,
    /// Seed of the instance.
    pub seed: u64,
    /// Whether it reached the full score.
    pub success: bool,
}

/// One task before and after training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskRow {
    /// Task name.
    pub task: String,
    /// Whether it was kept out of training.
    pub held_out: bool,
    /// Success before; `None` where no episode was judged.
    pub before: Option<Rate>,
    /// Success after; `None` where no episode was judged.
    pub after: Option<Rate>,
    /// After minus before, where both are known.
    pub difference: Option<f64>,
}

/// Pairs of episodes on the same instance, before and after.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pairs {
    /// All pairs.
    pub pairs: u32,
    /// Failed before, succeeded after.
    pub gained: u32,
    /// Succeeded before, failed after.
    pub lost: u32,
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Name of the run.
    pub name: String,
    /// Name of the evaluated suite; empty before the first evaluation.
    pub suite: String,
    /// Different tasks that were evaluated, or trained where nothing was evaluated yet.
    pub tasks: u32,
    /// Judged episodes of all phases.
    pub episodes: u32,
    /// Steps of those episodes.
    pub steps: u64,
    /// Rounds of training that are done.
    pub rounds: u32,
    /// Time from the beginning of the run to the last thing it finished, in seconds.
    pub seconds: f64,
    /// Success before training.
    pub before: Option<Rate>,
    /// Success after training.
    pub after: Option<Rate>,
    /// After minus before, where both are known.
    pub difference: Option<f64>,
    /// The same instances before and after.
    pub pairs: Pairs,
    /// One-sided p value of the gain ([`significance`]); `None` without pairs.
    pub p_value: Option<f64>,
    /// Success on the tasks kept out of training, before.
    pub held_out_before: Option<Rate>,
    /// Success on the tasks kept out of training, after.
    pub held_out_after: Option<Rate>,
    /// By task, in alphabetical order.
    pub by_task: Vec<TaskRow>,
    /// What training did over the rounds.
    pub curves: Curves,
    /// Episodes lost to infrastructure; they are in no rate.
    pub losses: Losses,
    /// The guard metrics of the rounds.
    pub guards: Vec<GuardSeries>,
}

/// Probability of at least this gain if training had changed nothing: one-sided, exact.
///
/// Evaluations before and after run the same instances, so episodes are paired by task and seed
/// (repeats of an instance in their order). A pair whose outcome did not change says nothing; under
/// "nothing changed" each changed pair is a gain or a loss with equal chance. The sign test on the
/// changed pairs (the exact form of McNemar's test) therefore compares within tasks only: it is
/// stratified by task, and tasks of different difficulty cannot blur it. Episodes without a partner
/// are left out; without any changed pair the value is 1.
pub fn significance(before: &[Judged], after: &[Judged]) -> f64 {
    let pairs = pair_up(before, after);
    statistics::paired_gain_p_value(u64::from(pairs.gained), u64::from(pairs.lost))
}

pub(super) fn pair_up(before: &[Judged], after: &[Judged]) -> Pairs {
    let mut partners: BTreeMap<(&str, u64), Vec<bool>> = BTreeMap::new();
    for episode in before {
        partners
            .entry((&episode.task, episode.seed))
            .or_default()
            .push(episode.success);
    }
    let mut used: BTreeMap<(&str, u64), usize> = BTreeMap::new();
    let mut pairs = Pairs::default();
    for episode in after {
        let key = (episode.task.as_str(), episode.seed);
        let next = used.entry(key).or_insert(0);
        let Some(earlier) = partners.get(&key).and_then(|list| list.get(*next)) else {
            continue;
        };
        *next += 1;
        pairs.pairs += 1;
        match (earlier, episode.success) {
            (false, true) => pairs.gained += 1,
            (true, false) => pairs.lost += 1,
            _ => {}
        }
    }
    pairs
}

/// The evaluations that a run is judged by.
#[derive(Debug, Clone, Default)]
pub(super) struct Compared {
    pub(super) before: Option<Evaluation>,
    pub(super) after: Option<Evaluation>,
}

/// The first evaluation labelled `before` and the last one labelled `after`, else the first and
/// the last evaluation. One evaluation alone is never compared with itself.
pub(super) fn compared(evaluations: &[Evaluation]) -> Compared {
    let labelled = |label: &'static str| {
        move |evaluation: &&Evaluation| evaluation.label.eq_ignore_ascii_case(label)
    };
    let after = evaluations.iter().rev().find(labelled("after"));
    let before = evaluations
        .iter()
        .find(labelled("before"))
        .or_else(|| evaluations.first())
        .filter(|before| after.is_none_or(|after| before.number != after.number));
    let after = after.or_else(|| {
        evaluations
            .last()
            .filter(|last| before.is_none_or(|before| before.number < last.number))
    });
    Compared {
        before: before.cloned(),
        after: after.cloned(),
    }
}

/// The judged episodes of an evaluation, in plan order.
pub(super) fn judged(episodes: &[EpisodeRow]) -> Vec<Judged> {
    episodes
        .iter()
        .filter_map(|episode| {
            Some(Judged {
                task: episode.instance.task.clone(),
                seed: episode.instance.seed,
                success: episode.outcome.reward()? >= 1.0,
            })
        })
        .collect()
}

/// Reads the result of a run. It may still be going on: what is not there yet is `None` or empty.
///
/// # Errors
/// The database can't be read.
pub fn summarize(store: &Store) -> Result<Summary, ReportError> {
    let run = store.run()?;
    let evaluations = store.evaluations()?;
    let pair = compared(&evaluations);
    let (mut episodes, mut steps, mut last) = (0_u32, 0_u64, run.created_at);
    let mut evaluated: BTreeMap<u64, Vec<Judged>> = BTreeMap::new();
    let mut all_losses = Losses::default();
    for phase in [Phase::Demonstrate, Phase::Train, Phase::Evaluate] {
        for round in store.rounds(phase)? {
            last = last.max(round.finished_at.unwrap_or(0));
            let rows = store.episodes(round.key)?;
            for row in rows.iter().filter(|row| row.outcome.is_judged()) {
                episodes += 1;
                steps += u64::from(row.steps);
            }
            last = rows.iter().map(|row| row.finished_at).fold(last, i64::max);
            losses(&mut all_losses, phase, &rows);
            if phase == Phase::Evaluate {
                evaluated.insert(round.key.number, judged(&rows));
            }
        }
    }
    let of = |evaluation: &Option<Evaluation>| {
        evaluation
            .as_ref()
            .and_then(|evaluation| evaluated.get(&evaluation.number))
            .map_or(&[] as &[Judged], Vec::as_slice)
    };
    let (before, after) = (of(&pair.before), of(&pair.after));
    let held_out = held_out_tasks(&run.run.config, &store.task_apps()?);
    let by_task = task_rows(before, after, &held_out);
    let rates: Vec<_> = evaluations
        .iter()
        .filter_map(|evaluation| {
            let judged = evaluated.get(&evaluation.number)?;
            Some((evaluation, Rate::among(judged.iter())?))
        })
        .collect();
    let curves = curves(store, &rates)?;
    let pairs = pair_up(before, after);
    let (rate_before, rate_after) = (Rate::among(before.iter()), Rate::among(after.iter()));
    let kept = |list: &[Judged]| {
        Rate::among(
            list.iter()
                .filter(|episode| held_out.contains(&episode.task)),
        )
    };
    Ok(Summary {
        name: run.run.name,
        suite: evaluations
            .last()
            .map(|evaluation| evaluation.suite.clone())
            .unwrap_or_default(),
        tasks: if by_task.is_empty() {
            curves.heat.len() as u32
        } else {
            by_task.len() as u32
        },
        episodes,
        steps,
        rounds: store
            .rounds(Phase::Train)?
            .iter()
            .filter(|round| round.state == RoundState::Done)
            .count() as u32,
        seconds: (last - run.created_at).max(0) as f64 / 1000.0,
        before: rate_before,
        after: rate_after,
        difference: difference(rate_before, rate_after),
        pairs,
        p_value: (pairs.pairs > 0).then(|| significance(before, after)),
        held_out_before: kept(before),
        held_out_after: kept(after),
        by_task,
        curves,
        losses: all_losses,
        guards: guards(store)?,
    })
}

fn difference(before: Option<Rate>, after: Option<Rate>) -> Option<f64> {
    Some(after?.success - before?.success)
}

fn task_rows(before: &[Judged], after: &[Judged], held_out: &BTreeSet<String>) -> Vec<TaskRow> {
    let names: BTreeSet<&str> = before
        .iter()
        .chain(after)
        .map(|episode| episode.task.as_str())
        .collect();
    names
        .into_iter()
        .map(|task| {
            let of = |list: &[Judged]| Rate::among(list.iter().filter(|one| one.task == task));
            let (before, after) = (of(before), of(after));
            TaskRow {
                task: task.to_string(),
                held_out: held_out.contains(task),
                before,
                after,
                difference: difference(before, after),
            }
        })
        .collect()
}

/// `suite.held_out` of a stored configuration; a configuration that can't be parsed has none.
fn held_out_tasks(config: &str, apps: &[(String, Vec<String>)]) -> BTreeSet<String> {
    let table: Option<toml::Table> = config.parse().ok();
    let list = |key: &str| -> BTreeSet<String> {
        table
            .as_ref()
            .and_then(|table| table.get("suite")?.get(key)?.as_array())
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(String::from))
            .collect()
    };
    let held_apps = list("held_out_apps");
    let of_apps = apps
        .iter()
        .filter(|(_, apps)| apps.iter().any(|app| held_apps.contains(app)))
        .map(|(task, _)| task.clone());
    list("held_out").into_iter().chain(of_apps).collect()
}

/// Episodes of an evaluation, where there is one.
pub(super) fn episodes_of(
    store: &Store,
    evaluation: Option<&Evaluation>,
) -> Result<Vec<EpisodeRow>, ReportError> {
    Ok(match evaluation {
        Some(evaluation) => store.episodes(RoundKey::evaluate(evaluation.number))?,
        None => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Binomial, DiscreteCDF};

    fn episode(task: &str, seed: u64, success: bool) -> Judged {
        Judged {
            task: task.into(),
            seed,
            success,
        }
    }

    fn evaluation(number: u64, label: &str) -> Evaluation {
        Evaluation {
            number,
            label: label.into(),
            suite: "s".into(),
            policy_version: number,
            temperature: 0.0,
            after_round: None,
        }
    }

    #[test]
    fn rates_hold_their_interval() {
        assert_eq!(Rate::of(0, 0), None);
        let rate = Rate::of(8, 10).unwrap();
        assert!((rate.low - 0.490_162).abs() < 1e-5 && (rate.high - 0.943_318).abs() < 1e-5);
    }

    #[test]
    fn pairs_are_made_within_task_and_seed() {
        let before = [
            episode("A", 1, false),
            episode("A", 1, true),
            episode("A", 2, false),
            episode("B", 1, true),
            episode("C", 9, true),
        ];
        let after = [
            episode("B", 1, false),
            episode("A", 2, true),
            episode("A", 1, true),
            episode("A", 1, true),
            episode("A", 1, true),
            episode("D", 4, true),
        ];
        let pairs = pair_up(&before, &after);
        assert_eq!((pairs.pairs, pairs.gained, pairs.lost), (4, 2, 1));
    }

    #[test]
    fn significance_is_the_exact_sign_test() {
        let before: Vec<Judged> = (0..20).map(|seed| episode("A", seed, seed < 3)).collect();
        let after: Vec<Judged> = (0..20).map(|seed| episode("A", seed, seed > 1)).collect();
        // 17 gains, 2 losses.
        let expected = Binomial::new(0.5, 19).unwrap().sf(16);
        assert!((significance(&before, &after) - expected).abs() < 1e-12);
        assert_eq!(significance(&before, &before), 1.0);
        assert_eq!(significance(&[], &after), 1.0);
    }

    #[test]
    fn evaluations_are_chosen_by_label_then_by_order() {
        let list = [
            evaluation(0, "probe"),
            evaluation(1, "before"),
            evaluation(2, "round 5"),
            evaluation(3, "after"),
            evaluation(4, "probe"),
        ];
        let numbers = |list: &[Evaluation]| {
            let pair = compared(list);
            (
                pair.before.map(|found| found.number),
                pair.after.map(|found| found.number),
            )
        };
        assert_eq!(numbers(&list), (Some(1), Some(3)));
        assert_eq!(numbers(&list[..3]), (Some(1), Some(2)));
        assert_eq!(numbers(&list[..2]), (Some(1), None));
        assert_eq!(numbers(&list[..1]), (Some(0), None));
        assert_eq!(numbers(&list[3..4]), (None, Some(3)));
        assert_eq!(numbers(&[]), (None, None));
    }

    #[test]
    fn held_out_tasks_come_from_the_configuration() {
        let apps = [("C".to_owned(), vec!["clock".to_owned(), "files".to_owned()])];
        let config = "[suite]\nheld_out = [\"A\", \"B\"]\nheld_out_apps = [\"files\"]\n";
        let found = held_out_tasks(config, &apps);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["A", "B", "C"]);
        assert!(held_out_tasks("[suite", &apps).is_empty());
        assert!(held_out_tasks("[run]\nname = \"x\"", &apps).is_empty());
    }
}

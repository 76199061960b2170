//! Acting: a forward session with the weights baked in, and draws from its heads.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::distributions::{END, LogProbabilities, POINTER, START, Scores};
use super::features::{ELEMENTS, GOAL, MASKED};
use super::loss_graph::trainable;
use super::model::Heads;
use super::{Context, Kind, Lengths, PolicyError, StepSample, View, goal_tokens};
use crate::domain::Action;
use crate::onnx::{Model, OnnxError, Tensor};
use crate::runtime::{ActingSession, ActingWeights, Chosen, Library, SessionOptions};

/// What the policy chose.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The action.
    pub action: Action,
    /// What to learn from.
    pub sample: StepSample,
    /// Log-probability of the choices at the temperature of the draw; at temperature 0 that of
    /// temperature 1.
    pub log_probability: f64,
}

/// Draws for one decision, uniform in [0, 1): kind, candidate or direction or app, first and last
/// token. They come from the caller's stream, so that batching never changes what is drawn.
pub type Draws = [f64; 4];

/// A policy that acts.
///
/// What it says of a view does not depend on which others are asked about with it, so that the order in
/// which devices happen to ask changes no bit of a run. Where the engine does not keep to that (its
/// kernels may depend on the number of rows), views are asked about one at a time.
#[derive(Debug)]
pub struct Acting {
    /// Sessions of the same model, each for one thread at a time: a share of the views for each is
    /// quicker than one session whose threads meet again at every operator. At least one.
    sessions: Vec<ActingSession>,
    /// How far the policy looks back.
    context: Context,
    /// Most tokens in one run of a session.
    run: usize,
    /// Whether runs are cut to their longest view.
    open: bool,
    /// Whether rows of a batch come out as they do alone.
    rows_agree: bool,
}

/// Most tokens in one run on the CPU: enough to share the cost of the run, few enough that what goes from
/// operator to operator stays in the cache.
const RUN: usize = 420;
/// Most bytes that the weights of all sessions together may take; above it there is one session, with
/// threads inside of its operators.
const MOST_BYTES: usize = 256 << 20;
/// Batches that are tried to see whether rows agree: each of the kernels' block sizes, and what is left
/// over.
const TRIED: [usize; 5] = [2, 3, 5, 8, 17];

impl Acting {
    /// Loads a forward model whose weights are initializers. Those that learning changes stay
    /// replaceable: as inputs where they are few, as adapters are. Many views at once are computed by
    /// `threads`.
    ///
    /// # Errors
    /// When the engine refuses it.
    pub fn new(
        library: &Library,
        provider: &Chosen,
        model: &Model,
        threads: usize,
    ) -> Result<Acting, PolicyError> {
        let weights = trainable(model)?;
        let bytes: usize = weights
            .iter()
            .map(|name| Ok(4 * model.initializer(name)?.data.len()))
            .sum::<Result<usize, OnnxError>>()?;
        let session = |threads: usize| {
            let options = SessionOptions {
                threads,
                ..SessionOptions::default()
            };
            ActingSession::new(
                library,
                provider,
                "policy",
                model.clone(),
                &weights,
                None,
                options,
                None,
            )
        };
        let is_cpu = matches!(provider, Chosen::Cpu { .. });
        let threads = threads.max(1);
        let first = session(1)?;
        // Weights beside the model are few, but what they are beside may be huge.
        let is_small = first.kept() == ActingWeights::Baked && bytes * threads <= MOST_BYTES;
        let sessions = match (is_cpu && threads > 1, is_small) {
            (false, _) => vec![first],
            (true, false) => vec![session(threads)?],
            (true, true) => {
                let others = (1..threads).map(|_| session(1));
                std::iter::once(Ok(first))
                    .chain(others)
                    .collect::<Result<_, _>>()?
            }
        };
        let mut acting = Acting {
            sessions,
            context: Context::of(model),
            run: if is_cpu { RUN } else { usize::MAX },
            open: Lengths::are_open(model),
            rows_agree: true,
        };
        // A device that is not the CPU promises nothing of the kind, and is slow with single rows.
        if is_cpu {
            acting.rows_agree = acting.do_rows_agree()?;
        }
        Ok(acting)
    }

    /// Asks about the same views alone and in batches of several sizes.
    fn do_rows_agree(&self) -> Result<bool, PolicyError> {
        let most = TRIED.into_iter().max().unwrap_or(1);
        for views in self.context.trials(most) {
            if !self.do_these_agree(&views.iter().collect::<Vec<_>>())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn do_these_agree(&self, views: &[&View]) -> Result<bool, PolicyError> {
        let mut alone = Vec::with_capacity(views.len());
        for view in views {
            alone.extend(self.rows(&self.sessions, &[*view])?);
        }
        for size in TRIED {
            let together = self.rows(&self.sessions, &views[..size])?;
            let pairs = together.iter().zip(&alone).zip(views);
            let is_same = |((left, right), view): ((&Scores, &Scores), &&View)| {
                bits_of(left, view) == bits_of(right, view)
            };
            if !pairs.into_iter().all(is_same) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether views that are asked about together are computed together.
    pub fn is_batched(&self) -> bool {
        self.rows_agree
    }

    /// Acts with other values of the weights that learning changes, from the next decision on.
    ///
    /// # Errors
    /// For a weight that is not one of these, and when the engine fails.
    pub fn update(&self, weights: &[(String, Tensor)]) -> Result<(), PolicyError> {
        for session in &self.sessions {
            session.update(weights)?;
        }
        Ok(())
    }

    /// The heads' scores for some views.
    fn rows(
        &self,
        sessions: &[ActingSession],
        views: &[&View],
    ) -> Result<Vec<Scores>, PolicyError> {
        let (context, runs) = (self.context, self.runs(sessions.len(), views));
        let next = AtomicUsize::new(0);
        // Runs differ in length: whoever is free takes the next one.
        let work = |session: &ActingSession| -> Result<Vec<(usize, Scores)>, PolicyError> {
            let mut rows = Vec::new();
            while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let scores = run_of(session, context, views, run)?;
                rows.extend(run.rows.iter().copied().zip(scores));
            }
            Ok(rows)
        };
        let Some((own, others)) = sessions.split_first() else {
            return Ok(Vec::new());
        };
        let others = &others[..others.len().min(runs.len().saturating_sub(1))];
        let mut rows = std::thread::scope(|scope| {
            let work = &work;
            let others: Vec<_> = others
                .iter()
                .map(|session| scope.spawn(move || work(session)))
                .collect();
            let mut rows = work(own)?;
            for other in others {
                match other.join() {
                    Ok(share) => rows.extend(share?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok::<_, PolicyError>(rows)
        })?;
        rows.sort_unstable_by_key(|(row, _)| *row);
        Ok(rows.into_iter().map(|(_, scores)| scores).collect())
    }

    /// Views of similar length together, the longest first; a share for each session at least.
    fn runs(&self, sessions: usize, views: &[&View]) -> Vec<Run> {
        let length = |view: &&View| Lengths {
            past: self.context.past_lengths(view),
            ..match self.open {
                true => Lengths::of(view),
                false => Lengths::FULL,
            }
        };
        let mut rows: Vec<(Lengths, usize)> =
            views.iter().map(length).zip(0..views.len()).collect();
        rows.sort_by_key(|(lengths, row)| {
            let tokens = std::cmp::Reverse(lengths.tokens());
            (std::cmp::Reverse(lengths.past), tokens, *row)
        });
        let total: usize = rows.iter().map(|(lengths, _)| lengths.tokens()).sum();
        let rounds = total.div_ceil(self.run.saturating_mul(sessions.max(1)));
        let most = total.div_ceil((rounds * sessions).max(1));
        let mut runs: Vec<Run> = Vec::new();
        for (lengths, row) in rows {
            if let Some(run) = runs.last_mut() {
                let both = run.lengths.and(lengths);
                // A run may be a little longer than its share, or its last view would be alone.
                let longer = both.tokens() * (run.rows.len() + 1);
                let is_short = longer <= most + lengths.tokens() / 2;
                if is_short && run.lengths.past == lengths.past {
                    run.lengths = both;
                    run.rows.push(row);
                    continue;
                }
            }
            let rows = vec![row];
            runs.push(Run { lengths, rows });
        }
        runs
    }

    /// The distributions for some views at a temperature each; 0 counts as 1 here.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn distributions(
        &self,
        views: &[&View],
        temperatures: &[f32],
    ) -> Result<Vec<LogProbabilities>, PolicyError> {
        self.distributions_of(&self.sessions, views, temperatures)
    }

    fn distributions_of(
        &self,
        sessions: &[ActingSession],
        views: &[&View],
        temperatures: &[f32],
    ) -> Result<Vec<LogProbabilities>, PolicyError> {
        let mut rows = Vec::with_capacity(views.len());
        let size = if self.rows_agree { views.len() } else { 1 };
        for chunk in views.chunks(size.max(1)) {
            rows.extend(self.rows(sessions, chunk)?);
        }
        let temperatures = temperatures.iter().copied().chain(std::iter::repeat(1.0));
        Ok(rows
            .into_iter()
            .zip(temperatures)
            .map(|(scores, temperature)| LogProbabilities {
                scores,
                temperature: if temperature > 0.0 { temperature } else { 1.0 },
            })
            .collect())
    }

    /// Chooses for some views: by the draws at a temperature, or the likeliest choice at 0.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn decide(&self, requests: &[(&View, f32, Draws)]) -> Result<Vec<Decision>, PolicyError> {
        self.decide_with(&self.sessions, requests)
    }

    /// How many threads can decide at once without one waiting for another.
    pub fn shares(&self) -> usize {
        self.sessions.len()
    }

    /// As [`Acting::decide`], for one of several threads that decide at once: with a session of its own
    /// where there is one for each.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn decide_alone(
        &self,
        thread: usize,
        requests: &[(&View, f32, Draws)],
    ) -> Result<Vec<Decision>, PolicyError> {
        let own = thread % self.sessions.len().max(1);
        self.decide_with(self.sessions.get(own..=own).unwrap_or_default(), requests)
    }

    fn decide_with(
        &self,
        sessions: &[ActingSession],
        requests: &[(&View, f32, Draws)],
    ) -> Result<Vec<Decision>, PolicyError> {
        let views: Vec<&View> = requests.iter().map(|(view, _, _)| *view).collect();
        let temperatures: Vec<f32> = requests
            .iter()
            .map(|(_, temperature, _)| *temperature)
            .collect();
        let distributions = self.distributions_of(sessions, &views, &temperatures)?;
        Ok(requests
            .iter()
            .zip(distributions)
            .map(|((view, temperature, draws), distribution)| {
                let choices = distribution.choose((*temperature > 0.0).then_some(draws));
                let log_probability = distribution.of(&choices);
                let temperature = if *temperature > 0.0 {
                    *temperature
                } else {
                    1.0
                };
                Decision {
                    action: choices.action(view),
                    sample: StepSample {
                        view: (*view).clone(),
                        choices,
                        temperature,
                        only_seen: None,
                    },
                    log_probability,
                }
            })
            .collect())
    }
}

/// Views that are computed together, by their places.
#[derive(Debug)]
struct Run {
    lengths: Lengths,
    rows: Vec<usize>,
}

/// The heads' scores for the views of a run, with places for every goal token and element.
fn run_of(
    session: &ActingSession,
    context: Context,
    views: &[&View],
    run: &Run,
) -> Result<Vec<Scores>, PolicyError> {
    let chosen = run.rows.iter().filter_map(|row| views.get(*row).copied());
    let batch = context.inputs(chosen, run.lengths);
    let scores = session.run(&batch.named(), &Heads::NAMES)?;
    let row = |row: usize| {
        std::array::from_fn(|head| {
            let values = scores.get(head).and_then(Tensor::as_f32).unwrap_or(&[]);
            let length = values.len() / batch.rows.max(1);
            let row = values.get(row * length..(row + 1) * length);
            let row = row.unwrap_or(&[]);
            let (width, full) = match head {
                POINTER => (run.lengths.elements, ELEMENTS),
                START | END => (run.lengths.goal, GOAL),
                _ => return row.to_vec(),
            };
            widened(row, width, full)
        })
    };
    Ok((0..batch.rows).map(row).collect())
}

/// The scores of all that a view has, to the bit. Of what it lacks, as much is said as there is room for.
fn bits_of(scores: &Scores, view: &View) -> Vec<u32> {
    let elements = view.candidates.len().min(ELEMENTS);
    let goal = goal_tokens(&view.goal).len();
    let mut bits = Vec::new();
    for (head, values) in scores.iter().enumerate() {
        let (full, rows, columns) = match head {
            POINTER => (ELEMENTS, Kind::POINTING, elements),
            START => (GOAL, elements, goal),
            END => (GOAL, goal, goal),
            _ => (values.len().max(1), 1, values.len()),
        };
        let there = values.chunks(full).take(rows);
        let there = there.flat_map(|row| row.iter().take(columns));
        bits.extend(there.map(|score| score.to_bits()));
    }
    bits
}

/// Rows of a table with more columns, of places where nothing is.
fn widened(table: &[f32], width: usize, full: usize) -> Vec<f32> {
    if width == full {
        return table.to_vec();
    }
    let mut wide = Vec::with_capacity(table.len() / width.max(1) * full);
    for row in table.chunks(width.max(1)) {
        let end = wide.len() + full;
        wide.extend_from_slice(row);
        wide.resize(end, MASKED);
    }
    wide
}

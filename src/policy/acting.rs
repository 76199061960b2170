//! Acting: a forward session with the weights baked in, and draws from its heads.

use super::features::{ELEMENTS, GOAL};
use super::loss_graph::trainable;
use super::model::Heads;
use super::{APPS, Choices, Context, Kind, PolicyError, StepSample, View};
use crate::domain::{Action, Direction};
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
    /// Most views in one run of a session.
    run: usize,
    /// Whether rows of a batch come out as they do alone.
    rows_agree: bool,
}

/// Most views in one run on the CPU: enough to share the cost of the run, few enough that what goes from
/// operator to operator stays in the cache.
const RUN: usize = 4;
/// Fewest views that a session of its own is worth.
const SHARE: usize = 2;
/// Most bytes that the weights of all sessions together may take; above it there is one session, with
/// threads inside of its operators.
const MOST_BYTES: usize = 256 << 20;
/// Batches that are tried to see whether rows agree: each of the kernels' block sizes, and what is left
/// over.
const TRIED: [usize; 5] = [2, 3, 5, 8, 17];

/// The heads' log-probabilities for one row at one temperature. A distribution is worked out when it is
/// asked for: a choice needs few of them.
#[derive(Debug, Clone)]
pub struct LogProbabilities {
    /// Scores of the heads in the order of [`Heads::NAMES`].
    scores: [Vec<f32>; 6],
    temperature: f32,
}

/// Places in [`LogProbabilities::scores`].
const KIND: usize = 0;
const POINTER: usize = 1;
const START: usize = 2;
const END: usize = 3;
const DIRECTION: usize = 4;
const APP: usize = 5;

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
            alone.extend(self.rows(&[*view])?);
        }
        for size in TRIED {
            let together = self.rows(&views[..size])?;
            let is_same = |(left, right): (&[Vec<f32>; 6], &[Vec<f32>; 6])| {
                let bits = |scores: &[Vec<f32>; 6]| -> Vec<u32> {
                    scores
                        .iter()
                        .flatten()
                        .map(|score| score.to_bits())
                        .collect()
                };
                bits(left) == bits(right)
            };
            if !together.iter().zip(&alone).all(is_same) {
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

    /// The heads' scores for some views, each in the order of [`Heads::NAMES`].
    fn rows(&self, views: &[&View]) -> Result<Vec<[Vec<f32>; 6]>, PolicyError> {
        if self.context == Context::Screen {
            return self.rows_in_order(views);
        }
        // Rows of one length are computed together: what a row is padded to depends on it alone.
        let mut order: Vec<usize> = (0..views.len()).collect();
        order.sort_by_key(|place| self.context.lengths(views[*place]));
        let sorted: Vec<&View> = order.iter().map(|place| views[*place]).collect();
        let mut rows: Vec<_> = order
            .into_iter()
            .zip(self.rows_in_order(&sorted)?)
            .collect();
        rows.sort_by_key(|(place, _)| *place);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    fn rows_in_order(&self, views: &[&View]) -> Result<Vec<[Vec<f32>; 6]>, PolicyError> {
        let (context, most) = (self.context, self.run);
        let share_of =
            move |session: &ActingSession, share: &[&View]| share_of(session, context, share, most);
        let shares = self.sessions.len().min(views.len() / SHARE).max(1);
        let mut shares = views.chunks(views.len().div_ceil(shares).max(1));
        let mut sessions = self.sessions.iter();
        let (Some(own), Some(session)) = (shares.next(), sessions.next()) else {
            return Ok(Vec::new());
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = shares
                .zip(sessions)
                .map(|(share, session)| scope.spawn(move || share_of(session, share)))
                .collect();
            let mut rows = share_of(session, own)?;
            for other in others {
                match other.join() {
                    Ok(share) => rows.extend(share?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(rows)
        })
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
        let mut rows = Vec::with_capacity(views.len());
        let size = if self.rows_agree { views.len() } else { 1 };
        for chunk in views.chunks(size.max(1)) {
            rows.extend(self.rows(chunk)?);
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
        let views: Vec<&View> = requests.iter().map(|(view, _, _)| *view).collect();
        let temperatures: Vec<f32> = requests
            .iter()
            .map(|(_, temperature, _)| *temperature)
            .collect();
        let distributions = self.distributions(&views, &temperatures)?;
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

/// The heads' scores for some views, by one session, at most so many in one run.
fn share_of(
    session: &ActingSession,
    context: Context,
    views: &[&View],
    most: usize,
) -> Result<Vec<[Vec<f32>; 6]>, PolicyError> {
    let mut rows = Vec::with_capacity(views.len());
    let alike = |one: &&View, other: &&View| context.lengths(one) == context.lengths(other);
    for run in views.chunk_by(alike).flat_map(|run| run.chunks(most)) {
        rows.extend(run_of(session, context, run)?);
    }
    Ok(rows)
}

/// The heads' scores for some views in one run.
fn run_of(
    session: &ActingSession,
    context: Context,
    views: &[&View],
) -> Result<Vec<[Vec<f32>; 6]>, PolicyError> {
    let batch = context.inputs(views.iter().copied());
    let scores = session.run(&batch.named(), &Heads::NAMES)?;
    let row = |row: usize| {
        std::array::from_fn(|head| {
            let values = scores.get(head).and_then(Tensor::as_f32).unwrap_or(&[]);
            let length = values.len() / views.len().max(1);
            let row = values.get(row * length..(row + 1) * length);
            row.unwrap_or(&[]).to_vec()
        })
    };
    Ok((0..views.len()).map(row).collect())
}

impl LogProbabilities {
    /// The log-probabilities of one of a head's distributions, each over `width` places.
    fn distribution(&self, head: usize, group: usize, width: usize) -> Vec<f64> {
        let scores = self.scores[head].get(group * width..(group + 1) * width);
        log_softmax(scores.unwrap_or(&[]), self.temperature)
    }

    /// Draws choices, or takes the likeliest ones without draws.
    pub fn choose(&self, draws: Option<&Draws>) -> Choices {
        let pick = |values: Vec<f64>, draw: usize| match draws {
            Some(draws) => sample(&values, draws[draw]),
            None => likeliest(&values),
        };
        let kind = Kind::ALL
            .get(pick(self.distribution(KIND, 0, Kind::ALL.len()), 0))
            .copied()
            .unwrap_or(Kind::Wait);
        let mut choices = Choices::of(kind);
        let position = kind as usize;
        if position < Kind::POINTING {
            let candidate = pick(self.distribution(POINTER, position, ELEMENTS), 1);
            choices.candidate = Some(candidate);
            if kind == Kind::InputText {
                let first = pick(self.distribution(START, candidate, GOAL), 2);
                choices.span = Some((first, pick(self.distribution(END, first, GOAL), 3)));
            }
        }
        let direction = || self.distribution(DIRECTION, 0, Direction::ALL.len());
        match kind {
            Kind::Slide => choices.direction = Some(pick(direction(), 2)),
            Kind::Scroll => choices.direction = Some(pick(direction(), 1)),
            Kind::OpenApp => choices.app = Some(pick(self.distribution(APP, 0, APPS.len()), 1)),
            _ => {}
        }
        choices
    }

    /// Log-probability of choices: the sum over the heads that they used.
    pub fn of(&self, choices: &Choices) -> f64 {
        let at = |values: Vec<f64>, position: usize| {
            values.get(position).copied().unwrap_or(f64::NEG_INFINITY)
        };
        let kind = choices.kind as usize;
        let mut total = at(self.distribution(KIND, 0, Kind::ALL.len()), kind);
        if let Some(candidate) = choices.candidate.filter(|_| kind < Kind::POINTING) {
            total += at(self.distribution(POINTER, kind, ELEMENTS), candidate);
            if let Some((first, last)) = choices.span.filter(|_| choices.kind == Kind::InputText) {
                total += at(self.distribution(START, candidate, GOAL), first)
                    + at(self.distribution(END, first, GOAL), last);
            }
        }
        if let Some(direction) = choices.direction {
            let values = self.distribution(DIRECTION, 0, Direction::ALL.len());
            total += at(values, direction);
        }
        if let Some(app) = choices.app {
            total += at(self.distribution(APP, 0, APPS.len()), app);
        }
        total
    }
}

fn log_softmax(scores: &[f32], temperature: f32) -> Vec<f64> {
    let scaled: Vec<f64> = scores
        .iter()
        .map(|score| f64::from(*score / temperature))
        .collect();
    let largest = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = scaled.iter().map(|score| (score - largest).exp()).sum();
    scaled
        .into_iter()
        .map(|score| score - largest - total.ln())
        .collect()
}

fn sample(log_probabilities: &[f64], draw: f64) -> usize {
    let mut left = draw;
    for (position, log_probability) in log_probabilities.iter().enumerate() {
        left -= log_probability.exp();
        if left < 0.0 {
            return position;
        }
    }
    // Rounding may leave a little: the last place that can be drawn at all.
    log_probabilities
        .iter()
        .rposition(|value| value.exp() > 0.0)
        .unwrap_or(0)
}

fn likeliest(log_probabilities: &[f64]) -> usize {
    let mut best = 0;
    for (position, value) in log_probabilities.iter().enumerate() {
        if *value > log_probabilities[best] {
            best = position;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_the_distribution() {
        let values = log_softmax(&[0.0, (3.0f32).ln(), -1e4], 1.0);
        assert_eq!(sample(&values, 0.0), 0);
        assert_eq!(sample(&values, 0.24), 0);
        assert_eq!(sample(&values, 0.26), 1);
        assert_eq!(sample(&values, 0.999_999_999_999), 1);
        assert_eq!(likeliest(&values), 1);
    }
}

//! Learning: gradient graphs over the forward graph, and an optimizer on the weights.

use super::features::choice_inputs;
use super::loss_graph::{gradient_graph, loss_graph};
use super::model::{Heads, Shape, build_forward};
use super::optimizer::{Moments, OptimizerSettings};
use super::steps::Training;
use super::{Context, Lengths, PolicyError, StepSample};
use crate::onnx::{GradientGraph, GraphBuilder, Model, Tensor};
use crate::runtime::{Chosen, Library, Session, SessionOptions};

/// Rows that are scored at once.
const SCORED: usize = 64;
/// Fewer rows than this are not worth a run of their own.
const FEW: usize = 8;

/// One row to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// What was seen and chosen.
    pub sample: &'a StepSample,
    /// Weight of the row in the mean.
    pub weight: f32,
    /// Advantage; not used when cloning.
    pub advantage: f32,
    /// Log-probability when it was chosen; not used when cloning.
    pub old_log_probability: f32,
    /// Log-probability under the reference policy, for the KL penalty; not used when its weight is 0.
    pub reference_log_probability: f32,
}

/// What to minimise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objective {
    /// Cross-entropy of the choices, less an entropy bonus.
    Clone {
        /// Weight of the entropy bonus.
        entropy: f32,
    },
    /// PPO's clipped loss (STEP section 5), less an entropy bonus.
    Ppo {
        /// Lower bound is 1 minus this.
        clip_low: f32,
        /// Upper bound is 1 plus this.
        clip_high: f32,
        /// Weight of the entropy bonus.
        entropy: f32,
        /// Weight of the KL penalty (k3) towards the reference policy.
        kl: f32,
    },
}

/// What one optimizer step showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Metrics {
    /// Loss before the step.
    pub loss: f64,
    /// Global gradient norm before clipping.
    pub gradient_norm: f64,
    /// Mean entropy of kind and target, in nat.
    pub entropy: f64,
    /// Mean probability ratio.
    pub ratio: f64,
    /// Share of rows outside the clip bounds.
    pub clip_fraction: f64,
    /// Approximate KL divergence from the policy that acted.
    pub approximate_kl: f64,
    /// KL penalty (k3) towards the reference policy, before its weight.
    pub kl: f64,
}

impl Metrics {
    /// Adds another one's share to a mean.
    pub(super) fn add(&mut self, other: &Metrics, share: f64) {
        self.loss += share * other.loss;
        self.entropy += share * other.entropy;
        self.ratio += share * other.ratio;
        self.clip_fraction += share * other.clip_fraction;
        self.approximate_kl += share * other.approximate_kl;
        self.kl += share * other.kl;
    }
}

/// Weights, their gradients and their optimizer.
#[derive(Debug)]
pub struct Learner {
    shape: Shape,
    pub(super) context: Context,
    forward: Model,
    pub(super) weights: Vec<(String, Tensor)>,
    provider: Chosen,
    library: Library,
    threads: usize,
    score: Session,
    /// Whether batches are cut to their longest row.
    open: bool,
    /// Sessions that train, by the kind of objective, made when they are first needed.
    pub(super) training: [Option<Training>; 2],
    /// Moments of the optimizer.
    pub optimizer: Moments,
    /// Settings of the optimizer.
    pub options: OptimizerSettings,
}

impl Learner {
    /// A learner for weights of the forward model.
    ///
    /// # Errors
    /// When a graph can't be built or loaded, or the weights do not fit the shape.
    pub fn new(
        library: &Library,
        provider: &Chosen,
        shape: Shape,
        forward: Model,
        threads: usize,
    ) -> Result<Learner, PolicyError> {
        let options = SessionOptions {
            threads,
            memory_pattern: false,
            optimise: true,
        };
        let mut graph = loss_graph(&forward, None)?;
        let weights = graph
            .weights
            .iter()
            .map(|name| Ok((name.clone(), forward.initializer(name)?)))
            .collect::<Result<Vec<_>, PolicyError>>()?;
        graph.model.weights_to_inputs(&graph.weights);
        let score = Session::new(
            library,
            provider,
            "log-probabilities",
            &graph.model,
            options,
        )?;
        let open = Lengths::are_open(&forward);
        let options = OptimizerSettings::default();
        let optimizer = Moments::new(&options, &weights);
        Ok(Learner {
            shape,
            context: Context::of(&forward),
            forward,
            weights,
            provider: provider.clone(),
            library: library.clone(),
            threads,
            score,
            open,
            training: [None, None],
            optimizer,
            options,
        })
    }

    /// Size of the network.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// How far the policy looks back.
    pub fn context(&self) -> Context {
        self.context
    }

    /// Number of weights.
    pub fn parameters(&self) -> usize {
        self.weights
            .iter()
            .map(|(_, tensor)| tensor.data.len())
            .sum()
    }

    /// The weights by name.
    pub fn weights(&self) -> &[(String, Tensor)] {
        &self.weights
    }

    /// Takes weights that [`Learner::weights`] gave at another time. The optimizer's moments stay.
    pub fn set_weights(&mut self, weights: Vec<(String, Tensor)>) {
        for (name, tensor) in weights {
            if let Some((_, mine)) = self.weights.iter_mut().find(|(known, _)| *known == name)
                && mine.shape == tensor.shape
            {
                *mine = tensor;
            }
        }
    }

    /// What a session that trains is made of.
    pub(super) fn parts(&self) -> (&Library, &Chosen, usize) {
        (&self.library, &self.provider, self.threads)
    }

    /// The gradient graph of an objective, with the weights of now.
    pub(super) fn graph_of(&self, objective: Objective) -> Result<GradientGraph, PolicyError> {
        gradient_graph(&self.library, &self.forward, objective)
    }

    /// Forgets the optimizer's moments.
    pub fn reset_optimizer(&mut self) {
        self.optimizer = Moments::new(&self.options, &self.weights);
    }

    /// The forward model with the weights of now as initializers.
    pub fn forward(&self) -> Model {
        let mut model = self.forward.clone();
        for initializer in &mut model.graph_mut().initializer {
            let name = initializer.name.clone().unwrap_or_default();
            if let Some((_, tensor)) = self.weights.iter().find(|(known, _)| *known == name) {
                *initializer = tensor.to_proto(&name);
            }
        }
        model
    }

    /// Log-probabilities of the samples' choices under the weights of now, at each one's temperature.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn log_probabilities(&self, samples: &[&StepSample]) -> Result<Vec<f64>, PolicyError> {
        self.log_probabilities_under(&self.weights, samples)
    }

    /// As [`Learner::log_probabilities`], under other weights of the same names and shapes, as those
    /// of a reference policy.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn log_probabilities_under(
        &self,
        weights: &[(String, Tensor)],
        samples: &[&StepSample],
    ) -> Result<Vec<f64>, PolicyError> {
        let mut all = vec![0.0; samples.len()];
        let rows = samples.iter().map(|sample| Row {
            sample,
            weight: 1.0,
            advantage: 0.0,
            old_log_probability: 0.0,
            reference_log_probability: 0.0,
        });
        for portion in self.by_length(rows, SCORED) {
            let (places, rows): (Vec<usize>, Vec<Row>) = portion.into_iter().unzip();
            let inputs = self.inputs(&rows, None);
            let output = self
                .score
                .run(&named(&inputs, weights), &["log_probability"])?;
            let values = output[0].to_f64().unwrap_or_default();
            for (place, value) in places.into_iter().zip(values) {
                all[place] = value;
            }
        }
        Ok(all)
    }

    /// Loss and gradients, in the order of the weights, without moving anything.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn gradients(
        &mut self,
        rows: &[Row],
        objective: Objective,
    ) -> Result<(Metrics, Vec<Tensor>), PolicyError> {
        let mut steps = self.begin(objective)?;
        let metrics = steps.accumulate(rows, objective, 1.0)?;
        let gradients = steps.gradients()?;
        let gradients = gradients.into_iter().map(|(_, tensor)| tensor);
        Ok((metrics, gradients.collect()))
    }

    /// One optimizer step on some rows. For many steps, [`Learner::begin`] is quicker: what is
    /// learnt stays where it is computed with.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn step(
        &mut self,
        rows: &[Row],
        objective: Objective,
        learning_rate: f32,
    ) -> Result<Metrics, PolicyError> {
        let mut steps = self.begin(objective)?;
        let metrics = steps.step(&[rows.to_vec()], objective, learning_rate)?;
        steps.finish()?;
        Ok(metrics)
    }

    /// Room for a row.
    fn lengths(&self, row: &Row) -> Lengths {
        let StepSample { view, choices, .. } = row.sample;
        Lengths {
            past: self.context.past_lengths(view),
            ..match self.open {
                true => Lengths::of(view).and(Lengths::of_choices(choices)),
                false => Lengths::FULL,
            }
        }
    }

    /// Rows with their places, in portions of at most so many that fit into memory: those of similar
    /// length together, since a portion costs what its longest row costs.
    pub(super) fn by_length<'a>(
        &self,
        rows: impl Iterator<Item = Row<'a>>,
        most: usize,
    ) -> Vec<Vec<(usize, Row<'a>)>> {
        let mut sorted: Vec<(Lengths, (usize, Row))> = rows
            .enumerate()
            .map(|(place, row)| (self.lengths(&row), (place, row)))
            .collect();
        sorted.sort_by_key(|(lengths, (place, _))| {
            let tokens = std::cmp::Reverse(lengths.tokens());
            (tokens, *lengths, *place)
        });
        let mut portions: Vec<Vec<(usize, Row)>> = Vec::new();
        let (mut last, mut room) = (None, Lengths::FULL);
        for (lengths, row) in sorted {
            let both = room.and(lengths);
            match portions.last_mut() {
                Some(portion)
                    if portion.len() < most
                        && (last == Some(lengths) || portion.len() < FEW)
                        && self.context.fit(portion.len() + 1, both) =>
                {
                    portion.push(row);
                    room = both;
                }
                _ => {
                    portions.push(vec![row]);
                    room = lengths;
                }
            }
            last = Some(lengths);
        }
        portions
    }

    pub(super) fn inputs(
        &self,
        rows: &[Row],
        objective: Option<Objective>,
    ) -> Vec<(&'static str, Tensor)> {
        let lengths = rows.iter().map(|row| self.lengths(row));
        let lengths = lengths.reduce(Lengths::and).unwrap_or(Lengths::FULL);
        let views = rows.iter().map(|row| &row.sample.view);
        let mut inputs = self.context.inputs(views, lengths).inputs;
        let choices = rows.iter().map(|row| &row.sample.choices);
        inputs.extend(choice_inputs(choices, lengths));
        let column = |value: fn(&Row) -> f32| {
            Tensor::f32(&[rows.len()], rows.iter().map(value).collect::<Vec<_>>())
        };
        inputs.push(("weight", column(|row| row.weight)));
        inputs.push(("temperature", column(|row| row.sample.temperature)));
        match objective {
            None => {}
            Some(Objective::Clone { entropy }) => {
                inputs.push(("entropy_coefficient", Tensor::scalar(entropy)))
            }
            Some(Objective::Ppo {
                clip_low,
                clip_high,
                entropy,
                kl,
            }) => inputs.extend([
                ("kl_coefficient", Tensor::scalar(kl)),
                (
                    "reference_log_probability",
                    column(|row| row.reference_log_probability),
                ),
                ("entropy_coefficient", Tensor::scalar(entropy)),
                ("advantage", column(|row| row.advantage)),
                ("old_log_probability", column(|row| row.old_log_probability)),
                ("clip_low", Tensor::scalar(clip_low)),
                ("clip_high", Tensor::scalar(clip_high)),
            ]),
        }
        inputs
    }
}

fn named<'a>(
    inputs: &'a [(&'static str, Tensor)],
    weights: &'a [(String, Tensor)],
) -> Vec<(&'a str, &'a Tensor)> {
    let weights = weights.iter().map(|(name, tensor)| (name.as_str(), tensor));
    inputs
        .iter()
        .map(|(name, tensor)| (*name, tensor))
        .chain(weights)
        .collect()
}

/// The forward graph as a model of its own, with the heads as outputs.
///
/// # Errors
/// When the shape is not valid.
pub fn forward_model(shape: Shape, context: Context, seed: u64) -> Result<Model, PolicyError> {
    let mut builder = GraphBuilder::new("compact");
    let heads = build_forward(&mut builder, shape, context, seed)?;
    for (value, name) in heads.values().into_iter().zip(Heads::NAMES) {
        builder.alias(value, name);
        builder.untyped_output(name);
    }
    Ok(builder.finish()?)
}

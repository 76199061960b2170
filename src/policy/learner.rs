//! Learning: gradient graphs over the forward graph, and AdamW on the weights.

use super::features::{choice_inputs, features};
use super::model::{Heads, Shape, build_forward};
use super::{APPS, Kind, PolicyError, StepSample};
use crate::domain::Direction;
use crate::onnx::optimizer::{AdamW, AdamWOptions};
use crate::onnx::{
    Dimension, ElementType, GradientGraph, GradientOptions, GraphBuilder, Model, OnnxError, Tensor,
    TensorData, Value, build_gradient, lora, loss,
};
use crate::runtime::{Chosen, Library, Session, SessionOptions, SessionOracle};

use super::features::{ELEMENTS, GOAL};

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
    fn add(&mut self, other: &Metrics, share: f64) {
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
    forward: Model,
    weights: Vec<(String, Tensor)>,
    score: Session,
    clone: Session,
    ppo: Session,
    /// Moments of the optimizer.
    pub optimizer: AdamW,
    /// Settings of the optimizer.
    pub options: AdamWOptions,
}

struct LossGraph {
    model: Model,
    weights: Vec<String>,
}

const DIAGNOSTICS: [&str; 6] = [
    "log_probability",
    "entropy",
    "ratio",
    "clip_fraction",
    "approximate_kl",
    "kl",
];

/// What is trained of a forward model: its adapters when it has some, else all its weights.
///
/// # Errors
/// When the model's note of its adapters can't be read.
pub fn trainable(forward: &Model) -> Result<Vec<String>, PolicyError> {
    let adapters = lora::adapters(forward)?;
    if !adapters.is_empty() {
        let factors = adapters
            .into_iter()
            .flat_map(|adapter| [adapter.a, adapter.b]);
        return Ok(factors.collect());
    }
    let names = forward.graph().initializer.iter();
    let names = names.filter_map(|tensor| tensor.name.clone());
    Ok(names.filter(|name| !name.starts_with("const")).collect())
}

/// The forward graph with the joint log-probability of the choices taken and, for learning, a loss.
fn loss_graph(forward: &Model, objective: Option<&Objective>) -> Result<LossGraph, PolicyError> {
    let weights = trainable(forward)?;
    let outputs = forward.output_names();
    if let Some(missing) = Heads::NAMES
        .iter()
        .find(|name| !outputs.iter().any(|o| o == *name))
    {
        return Err(OnnxError::Missing {
            what: "output",
            name: (*missing).to_owned(),
        }
        .into());
    }
    let mut builder = GraphBuilder::extend(forward.clone(), "loss/");
    builder.graph().output.clear();
    let [kind, pointer, start, end, direction, app] = Heads::NAMES.map(Value::named);
    let mut input = |name: &str, lengths: &[usize]| {
        let batch = Dimension::Symbol("batch".into());
        let lengths = lengths.iter().map(|length| Dimension::Fixed(*length));
        builder.input(
            name,
            ElementType::F32,
            &std::iter::once(batch).chain(lengths).collect::<Vec<_>>(),
        )
    };
    let choices = [
        (&kind, input("kind_choice", &[Kind::ALL.len()]), 1),
        (
            &pointer,
            input("pointer_choice", &[Kind::POINTING, ELEMENTS]),
            2,
        ),
        (&start, input("start_choice", &[ELEMENTS, GOAL]), 2),
        (&end, input("end_choice", &[GOAL, GOAL]), 2),
        (
            &direction,
            input("direction_choice", &[Direction::ALL.len()]),
            1,
        ),
        (&app, input("app_choice", &[APPS.len()]), 1),
    ];
    let weight = input("weight", &[]);
    let temperature = input("temperature", &[]);
    let mut total: Option<Value> = None;
    let mut distributions = Vec::new();
    for (scores, choice, trailing) in &choices {
        let shape: Vec<i64> = std::iter::once(-1)
            .chain(std::iter::repeat_n(1, *trailing))
            .collect();
        let divisor = builder.reshape(&temperature, &shape);
        let scaled = builder.div(scores, &divisor);
        let log_probabilities = builder.log_softmax(&scaled, -1);
        let chosen = builder.mul(&log_probabilities, choice);
        let axes: Vec<i64> = (1..=i64::from(*trailing as i32)).collect();
        let chosen = builder.reduce_sum(&chosen, &axes, false);
        total = Some(match total {
            Some(total) => builder.add(&total, &chosen),
            None => chosen,
        });
        distributions.push(log_probabilities);
    }
    let total = total.unwrap_or_else(|| weight.clone());
    let log_probability = builder.alias(&total, "log_probability");
    let Some(objective) = objective else {
        builder.untyped_output("log_probability");
        return Ok(LossGraph {
            model: builder.finish()?,
            weights,
        });
    };
    let entropy = entropy(&mut builder, &distributions[0], &distributions[1], &weight);
    let entropy = builder.alias(&entropy, "entropy");
    let bonus = builder.input("entropy_coefficient", ElementType::F32, &[]);
    let main = match objective {
        Objective::Clone { .. } => {
            loss::cross_entropy(&mut builder, &log_probability, &weight, ElementType::F32)
        }
        Objective::Ppo { .. } => {
            let batch = [Dimension::Symbol("batch".into())];
            let advantage = builder.input("advantage", ElementType::F32, &batch);
            let old = builder.input("old_log_probability", ElementType::F32, &batch);
            let low = builder.input("clip_low", ElementType::F32, &[]);
            let high = builder.input("clip_high", ElementType::F32, &[]);
            let ppo = loss::ppo_clip(
                &mut builder,
                &log_probability,
                &old,
                &advantage,
                &weight,
                &low,
                &high,
                ElementType::F32,
            );
            let ratio = loss::weighted_mean(&mut builder, &ppo.ratio, &weight, ElementType::F32);
            let reference = builder.input("reference_log_probability", ElementType::F32, &batch);
            let coefficient = builder.input("kl_coefficient", ElementType::F32, &[]);
            let penalty = loss::k3(
                &mut builder,
                &log_probability,
                &reference,
                &weight,
                ElementType::F32,
            );
            for (value, name) in [
                (&ratio, "ratio"),
                (&penalty, "kl"),
                (&ppo.clip_fraction, "clip_fraction"),
                (&ppo.approximate_kl, "approximate_kl"),
            ] {
                builder.alias(value, name);
                builder.untyped_output(name);
            }
            let penalty = builder.mul(&penalty, &coefficient);
            builder.add(&ppo.loss, &penalty)
        }
    };
    let reward = builder.mul(&entropy, &bonus);
    let total = builder.sub(&main, &reward);
    builder.alias(&total, "loss");
    for name in ["loss", "log_probability", "entropy"] {
        builder.untyped_output(name);
    }
    Ok(LossGraph {
        model: builder.finish()?,
        weights,
    })
}

/// The gradient graph of an objective: the loss, its diagnostics and `grad.<weight>` for every weight,
/// which are inputs. The numbers in the objective are inputs too; only its kind matters here.
///
/// # Errors
/// When the forward graph is not that of a policy, or the engine refuses it.
pub fn gradient_graph(
    library: &Library,
    forward: &Model,
    objective: Objective,
) -> Result<GradientGraph, PolicyError> {
    let graph = loss_graph(forward, Some(&objective))?;
    let keep = graph
        .model
        .output_names()
        .into_iter()
        .filter(|name| name != "loss")
        .collect();
    let wanted = GradientOptions {
        loss: "loss".into(),
        trainable: graph.weights,
        keep,
        ..Default::default()
    };
    Ok(build_gradient(
        &graph.model,
        &wanted,
        &SessionOracle::new(library),
    )?)
}

/// Entropy of the kind, plus that of the target of each pointing kind by how likely the kind is.
fn entropy(builder: &mut GraphBuilder, kind: &Value, pointer: &Value, weight: &Value) -> Value {
    let each = |builder: &mut GraphBuilder, log_probabilities: &Value| {
        let probabilities = builder.exp(log_probabilities);
        let product = builder.mul(&probabilities, log_probabilities);
        let sum = builder.reduce_sum(&product, &[-1], false);
        (probabilities, builder.neg(&sum))
    };
    let (kinds, of_kind) = each(builder, kind);
    let (_, of_pointer) = each(builder, pointer);
    let pointing = builder.slice(&kinds, 1, 0, Kind::POINTING as i64);
    let expected = builder.mul(&pointing, &of_pointer);
    let expected = builder.reduce_sum(&expected, &[1], false);
    let total = builder.add(&of_kind, &expected);
    loss::weighted_mean(builder, &total, weight, ElementType::F32)
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
        let gradient = |objective: &Objective| -> Result<Session, PolicyError> {
            let built = gradient_graph(library, &forward, *objective)?;
            Ok(Session::new(
                library,
                provider,
                "gradient",
                &built.model,
                options,
            )?)
        };
        let clone = gradient(&Objective::Clone { entropy: 0.0 })?;
        let ppo = gradient(&Objective::Ppo {
            clip_low: 0.0,
            clip_high: 0.0,
            entropy: 0.0,
            kl: 0.0,
        })?;
        let mut graph = loss_graph(&forward, None)?;
        let weights = graph
            .weights
            .iter()
            .map(|name| Ok((name.clone(), forward.initializer(name)?)))
            .collect::<Result<Vec<_>, PolicyError>>()?;
        weights_to_inputs(&mut graph.model, &weights);
        let score = Session::new(
            library,
            provider,
            "log-probabilities",
            &graph.model,
            options,
        )?;
        let optimizer = AdamW::new(weights.iter().map(|(_, tensor)| tensor.data.len()));
        let options = AdamWOptions::default();
        Ok(Learner {
            shape,
            forward,
            weights,
            score,
            clone,
            ppo,
            optimizer,
            options,
        })
    }

    /// Size of the network.
    pub fn shape(&self) -> Shape {
        self.shape
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

    /// Forgets the optimizer's moments.
    pub fn reset_optimizer(&mut self) {
        self.optimizer = AdamW::new(self.weights.iter().map(|(_, tensor)| tensor.data.len()));
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
        let mut all = Vec::with_capacity(samples.len());
        for chunk in samples.chunks(64) {
            let rows: Vec<Row> = chunk
                .iter()
                .map(|sample| Row {
                    sample,
                    weight: 1.0,
                    advantage: 0.0,
                    old_log_probability: 0.0,
                    reference_log_probability: 0.0,
                })
                .collect();
            let inputs = self.inputs(&rows, None);
            let output = self
                .score
                .run(&named(&inputs, weights), &["log_probability"])?;
            all.extend(output[0].to_f64().unwrap_or_default());
        }
        Ok(all)
    }

    /// Loss and gradients, in the order of the weights, without moving anything.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn gradients(
        &self,
        rows: &[Row],
        objective: Objective,
    ) -> Result<(Metrics, Vec<Tensor>), PolicyError> {
        let inputs = self.inputs(rows, Some(objective));
        let session = match objective {
            Objective::Clone { .. } => &self.clone,
            Objective::Ppo { .. } => &self.ppo,
        };
        let names: Vec<String> = self
            .weights
            .iter()
            .map(|(name, _)| format!("grad.{name}"))
            .collect();
        let diagnostics: Vec<&str> = DIAGNOSTICS[1..]
            .iter()
            .copied()
            .filter(|name| session.outputs().iter().any(|o| o == name))
            .collect();
        let mut wanted = vec!["loss"];
        wanted.extend(&diagnostics);
        wanted.extend(names.iter().map(String::as_str));
        let mut outputs = session.run(&named(&inputs, &self.weights), &wanted)?;
        let gradients = outputs.split_off(1 + diagnostics.len());
        let number = |tensor: &Tensor| {
            tensor
                .to_f64()
                .and_then(|values| values.first().copied())
                .unwrap_or(f64::NAN)
        };
        let find = |name: &str| {
            diagnostics
                .iter()
                .position(|known| *known == name)
                .map_or(0.0, |position| number(&outputs[1 + position]))
        };
        let metrics = Metrics {
            loss: number(&outputs[0]),
            gradient_norm: 0.0,
            entropy: find("entropy"),
            ratio: find("ratio"),
            clip_fraction: find("clip_fraction"),
            approximate_kl: find("approximate_kl"),
            kl: find("kl"),
        };
        Ok((metrics, gradients))
    }

    /// One optimizer step on some rows.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn step(
        &mut self,
        rows: &[Row],
        objective: Objective,
        learning_rate: f32,
    ) -> Result<Metrics, PolicyError> {
        self.step_portions(&[rows.to_vec()], objective, learning_rate)
    }

    /// One optimizer step on rows in portions that fit into memory: the gradients of the portions'
    /// means are added up by their weight, so that the result is that of all rows at once.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn step_portions(
        &mut self,
        portions: &[Vec<Row>],
        objective: Objective,
        learning_rate: f32,
    ) -> Result<Metrics, PolicyError> {
        let weight = |rows: &[Row]| rows.iter().map(|row| row.weight).sum::<f32>();
        let total = portions
            .iter()
            .map(|rows| weight(rows))
            .sum::<f32>()
            .max(f32::MIN_POSITIVE);
        let mut sums: Vec<Vec<f32>> = self
            .weights
            .iter()
            .map(|(_, tensor)| vec![0.0; tensor.data.len()])
            .collect();
        let mut metrics = Metrics::default();
        for rows in portions.iter().filter(|rows| !rows.is_empty()) {
            let share = weight(rows) / total;
            let (part, gradients) = self.gradients(rows, objective)?;
            metrics.add(&part, f64::from(share));
            for (sum, gradient) in sums.iter_mut().zip(&gradients) {
                for (sum, value) in sum.iter_mut().zip(gradient.as_f32().unwrap_or(&[])) {
                    *sum += share * value;
                }
            }
        }
        let slices: Vec<&[f32]> = sums.iter().map(Vec::as_slice).collect();
        let mut weights: Vec<(&[usize], &mut [f32])> = self
            .weights
            .iter_mut()
            .filter_map(|(_, tensor)| match &mut tensor.data {
                TensorData::F32(values) => Some((tensor.shape.as_slice(), values.as_mut_slice())),
                _ => None,
            })
            .collect();
        metrics.gradient_norm =
            self.optimizer
                .step(&mut weights, &slices, learning_rate, &self.options);
        Ok(metrics)
    }

    fn inputs(&self, rows: &[Row], objective: Option<Objective>) -> Vec<(&'static str, Tensor)> {
        let mut inputs = features(rows.iter().map(|row| &row.sample.view)).inputs;
        inputs.extend(choice_inputs(rows.iter().map(|row| &row.sample.choices)));
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

/// Turns initializers into inputs of the same name.
fn weights_to_inputs(model: &mut Model, weights: &[(String, Tensor)]) {
    let graph = model.graph_mut();
    graph.initializer.retain(|tensor| {
        !weights
            .iter()
            .any(|(name, _)| tensor.name.as_deref() == Some(name))
    });
    for (name, tensor) in weights {
        let dimensions = tensor
            .shape
            .iter()
            .map(|length| Dimension::Fixed(*length))
            .collect();
        let value = crate::onnx::ValueType {
            element: tensor.element(),
            dimensions,
        };
        graph
            .input
            .push(crate::onnx::model::value_info(name, &value));
    }
}

/// The forward graph as a model of its own, with the heads as outputs.
///
/// # Errors
/// When the shape is not valid.
pub fn forward_model(shape: Shape, seed: u64) -> Result<Model, PolicyError> {
    let mut builder = GraphBuilder::new("compact");
    let heads = build_forward(&mut builder, shape, seed)?;
    for (value, name) in heads.values().into_iter().zip(Heads::NAMES) {
        builder.alias(value, name);
        builder.untyped_output(name);
    }
    Ok(builder.finish()?)
}

//! Losses behind a policy's forward graph: the joint log-probability of the choices taken, what cloning
//! and STEP minimise, and the graphs that return their gradients.

use super::model::Heads;
use super::{APPS, Kind, Lengths, Objective, PolicyError};
use crate::domain::Direction;
use crate::onnx::{
    Dimension, ElementType, GradientGraph, GradientOptions, GraphBuilder, Model, OnnxError, Value,
    build_gradient, lora, loss,
};
use crate::runtime::{Library, SessionOracle};

/// A forward graph with outputs to learn from.
pub(super) struct LossGraph {
    /// The graph.
    pub model: Model,
    /// Names of what is trained.
    pub weights: Vec<String>,
}

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
pub(super) fn loss_graph(
    forward: &Model,
    objective: Option<&Objective>,
) -> Result<LossGraph, PolicyError> {
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
    let mut input = |name: &str, lengths: &[Dimension]| {
        let batch = Dimension::Symbol("batch".into());
        builder.input(
            name,
            ElementType::F32,
            &[std::slice::from_ref(&batch), lengths].concat(),
        )
    };
    let fixed = Dimension::Fixed;
    let (goal, element) = match Lengths::are_open(forward) {
        true => {
            let length = |name: &str| Dimension::Symbol(name.into());
            (length("goal"), length("element"))
        }
        false => (fixed(Lengths::FULL.goal), fixed(Lengths::FULL.elements)),
    };
    let (goal, element) = (|| goal.clone(), || element.clone());
    let choices = [
        (&kind, input("kind_choice", &[fixed(Kind::ALL.len())]), 1),
        (
            &pointer,
            input("pointer_choice", &[fixed(Kind::POINTING), element()]),
            2,
        ),
        (&start, input("start_choice", &[element(), goal()]), 2),
        (&end, input("end_choice", &[goal(), goal()]), 2),
        (
            &direction,
            input("direction_choice", &[fixed(Direction::ALL.len())]),
            1,
        ),
        (&app, input("app_choice", &[fixed(APPS.len())]), 1),
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

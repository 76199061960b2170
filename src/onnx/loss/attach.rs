//! Puts a loss behind a forward model: new inputs for what only training knows, new outputs for the
//! loss and what it says about itself.

use std::collections::HashSet;

use super::{
    Average, LogProbability, LossKind, LossOptions, cross_entropy, entropy, k3_each, masked_mean,
    number, of_labels, ppo_clip, ppo_terms, preference, squared_error, weighted_mean,
};
use crate::onnx::model::value_info;
use crate::onnx::{Dimension, ElementType, GraphBuilder, Model, OnnxError, Value, ValueType};

/// Puts a loss behind a forward model, whose inputs and outputs stay.
///
/// Inputs, as far as the loss needs them: `labels` (64-bit integers, the logits' shape without classes;
/// negative ones are ignored), `mask` (`[batch, tokens]`), `advantage`, `old_log_probability` and
/// `reference_log_probability` (of the labels' shape; `[2 * pairs]` for pairs), `target` (of the
/// output's shape), scalars `clip_low`, `clip_high`, `beta`, and those of [`LossOptions`].
/// Outputs: `loss`, `log_probability` of the labels, `ratio`, `clip_fraction`, `approximate_kl`,
/// `margin`, `accuracy`, `entropy` and `kl`, likewise.
///
/// Logits of 16 bits are cast to 32 for the loss; logits of 64 bits stay, and so do all other floats.
///
/// # Errors
/// [`OnnxError::Missing`] for an output that is not there or whose type is not known,
/// [`OnnxError::Taken`] for a name that the model uses, [`OnnxError::Invalid`] for logits of another
/// rank or type than the loss needs.
pub fn attach(model: &Model, kind: LossKind, options: &LossOptions) -> Result<Model, OnnxError> {
    let declared = declared_output(model, &options.logits)?;
    let known = options.value_type.clone().or(declared);
    let known = known.ok_or_else(|| OnnxError::Missing {
        what: "type for the output",
        name: options.logits.clone(),
    })?;
    check_logits(kind, options, &known)?;
    let taken = names(model);
    let inner = (1..)
        .map(|number| format!("loss{number}/"))
        .find(|prefix| !taken.iter().any(|name| name.starts_with(prefix)));
    let mut builder = GraphBuilder::extend(model.clone(), &inner.unwrap_or_default());
    let element = match known.element {
        ElementType::F64 => ElementType::F64,
        _ => ElementType::F32,
    };
    let mut logits = Value::named(&options.logits);
    if known.element != element {
        logits = builder.cast(&logits, element);
    }
    let mut attached = Attached {
        builder,
        options,
        element,
        taken,
        shape: known.dimensions,
    };
    match kind {
        LossKind::SquaredError => attached.squared_error(&logits)?,
        _ => attached.of_labels(kind, &logits)?,
    }
    attached.builder.finish()
}

/// What the file says of an output, when it tells its shape.
///
/// # Errors
/// [`OnnxError::Missing`] for an output that is not there.
pub fn declared_output(model: &Model, name: &str) -> Result<Option<ValueType>, OnnxError> {
    let mut outputs = model.graph().output.iter();
    let output = outputs.find(|output| output.name.as_deref() == Some(name));
    let output = output.ok_or_else(|| OnnxError::Missing {
        what: "output",
        name: name.to_owned(),
    })?;
    let tensor = output
        .r#type
        .as_ref()
        .and_then(|kind| kind.tensor_type.as_ref());
    // A type without a shape says nothing about the labels.
    Ok(tensor
        .filter(|tensor| tensor.shape.is_some())
        .map(crate::onnx::model::value_type))
}

fn check_logits(kind: LossKind, options: &LossOptions, known: &ValueType) -> Result<(), OnnxError> {
    let rank = known.rank();
    if !known.element.is_float() {
        return Err(OnnxError::Invalid(format!(
            "the output {:?} holds no floats, so there is no {} of it",
            options.logits,
            kind.name()
        )));
    }
    let fits = match kind.rank() {
        Some(wanted) => rank == wanted,
        None => rank > 0 || kind == LossKind::SquaredError,
    };
    if fits {
        return Ok(());
    }
    let wanted = kind
        .rank()
        .map_or_else(|| "at least one".to_owned(), |rank| rank.to_string());
    Err(OnnxError::Invalid(format!(
        "the output {:?} has {rank} dimensions, and {} needs logits with {wanted}",
        options.logits,
        kind.name()
    )))
}

fn names(model: &Model) -> HashSet<String> {
    let graph = model.graph();
    let nodes = graph.node.iter().flat_map(|node| node.output.clone());
    let inputs = graph.input.iter().filter_map(|value| value.name.clone());
    let initializers = graph
        .initializer
        .iter()
        .filter_map(|tensor| tensor.name.clone());
    nodes.chain(inputs).chain(initializers).collect()
}

struct Attached<'a> {
    builder: GraphBuilder,
    options: &'a LossOptions,
    element: ElementType,
    taken: HashSet<String>,
    /// Dimensions of the logits.
    shape: Vec<Dimension>,
}

impl Attached<'_> {
    fn name(&mut self, name: &str) -> Result<String, OnnxError> {
        let name = format!("{}{name}", self.options.prefix);
        if self.taken.insert(name.clone()) {
            Ok(name)
        } else {
            Err(OnnxError::Taken { name })
        }
    }

    fn input_of(
        &mut self,
        name: &str,
        element: ElementType,
        dimensions: &[Dimension],
    ) -> Result<Value, OnnxError> {
        let name = self.name(name)?;
        Ok(self.builder.input(&name, element, dimensions))
    }

    fn input(&mut self, name: &str, dimensions: &[Dimension]) -> Result<Value, OnnxError> {
        self.input_of(name, self.element, dimensions)
    }

    fn optional(
        &mut self,
        wanted: bool,
        name: &str,
        dimensions: &[Dimension],
    ) -> Result<Option<Value>, OnnxError> {
        wanted.then(|| self.input(name, dimensions)).transpose()
    }

    fn output(
        &mut self,
        value: &Value,
        name: &str,
        dimensions: &[Dimension],
    ) -> Result<(), OnnxError> {
        let name = self.name(name)?;
        self.builder.alias(value, &name);
        let value = ValueType {
            element: self.element,
            dimensions: dimensions.to_vec(),
        };
        self.builder.graph().output.push(value_info(&name, &value));
        Ok(())
    }

    /// The labels' dimensions: the logits' without the classes, with names where there is nothing.
    fn positions(&self) -> Vec<Dimension> {
        let count = self.shape.len().saturating_sub(1);
        let leading = self.shape.iter().take(count).enumerate();
        leading
            .map(|(axis, dimension)| match dimension {
                Dimension::Unknown => {
                    Dimension::Symbol(format!("{}labels_{axis}", self.options.prefix))
                }
                known => known.clone(),
            })
            .collect()
    }

    fn squared_error(&mut self, output: &Value) -> Result<(), OnnxError> {
        let shape = self.shape.clone();
        let target = self.input("target", &shape)?;
        let weight = self.optional(self.options.weight, "weight", &shape)?;
        let loss = squared_error(
            &mut self.builder,
            output,
            &target,
            weight.as_ref(),
            self.element,
        );
        self.output(&loss, "loss", &[])
    }

    fn of_labels(&mut self, kind: LossKind, logits: &Value) -> Result<(), OnnxError> {
        let positions = self.positions();
        let labels = self.input_of("labels", ElementType::I64, &positions)?;
        let temperature = self.optional(self.options.temperature, "temperature", &[])?;
        let element = self.element;
        let builder = &mut self.builder;
        let found = of_labels(builder, logits, &labels, temperature.as_ref(), element);
        let counts = builder.cast(&found.counts, element);
        let (loss, weights) = match kind {
            LossKind::PpoToken => self.tokens(&found, &counts, Average::Tokens, &positions)?,
            LossKind::PpoSequence => {
                self.tokens(&found, &counts, Average::Sequences, &positions)?
            }
            LossKind::PpoStep => self.steps(&found, &counts, &positions)?,
            LossKind::Dpo => self.pairs(&found, &counts, &positions)?,
            LossKind::CrossEntropy | LossKind::SquaredError => {
                let weight = self.optional(self.options.weight, "weight", &positions)?;
                let builder = &mut self.builder;
                let weights = match weight {
                    Some(weight) => builder.mul(&counts, &weight),
                    None => counts.clone(),
                };
                let loss = cross_entropy(builder, &found.of_label, &weights, element);
                (loss, Weights::Each(weights))
            }
        };
        let loss = self.regularised(kind, loss, &found, &weights, &positions)?;
        self.output(&loss, "loss", &[])?;
        self.output(&found.of_label, "log_probability", &positions)
    }

    /// PPO's clipped loss of one choice a row.
    fn steps(
        &mut self,
        found: &LogProbability,
        counts: &Value,
        positions: &[Dimension],
    ) -> Result<(Value, Weights), OnnxError> {
        let weight = self.optional(self.options.weight, "weight", positions)?;
        let advantage = self.input("advantage", positions)?;
        let old = self.input("old_log_probability", positions)?;
        let (low, high) = (self.input("clip_low", &[])?, self.input("clip_high", &[])?);
        let element = self.element;
        let builder = &mut self.builder;
        let weights = match weight {
            Some(weight) => builder.mul(counts, &weight),
            None => counts.clone(),
        };
        let ppo = ppo_clip(
            builder,
            &found.of_label,
            &old,
            &advantage,
            &weights,
            &low,
            &high,
            element,
        );
        self.output(&ppo.ratio, "ratio", positions)?;
        self.output(&ppo.clip_fraction, "clip_fraction", &[])?;
        self.output(&ppo.approximate_kl, "approximate_kl", &[])?;
        Ok((ppo.loss, Weights::Each(weights)))
    }

    /// PPO's clipped loss of tokens.
    fn tokens(
        &mut self,
        found: &LogProbability,
        counts: &Value,
        average: Average,
        positions: &[Dimension],
    ) -> Result<(Value, Weights), OnnxError> {
        let batch = positions.get(..1).unwrap_or_default();
        let mask = self.input("mask", positions)?;
        let weight = self.optional(self.options.weight, "weight", batch)?;
        let advantage = if self.options.token_advantages {
            self.input("advantage", positions)?
        } else {
            let advantage = self.input("advantage", batch)?;
            self.builder.unsqueeze(&advantage, &[1])
        };
        let old = self.input("old_log_probability", positions)?;
        let (low, high) = (self.input("clip_low", &[])?, self.input("clip_high", &[])?);
        let element = self.element;
        let builder = &mut self.builder;
        let mask = builder.mul(&mask, counts);
        let difference = where_counted(builder, &mask, &found.of_label, &old, element);
        let terms = ppo_terms(builder, &difference, &advantage, &low, &high, element);
        let mut mean =
            |values| masked_mean(builder, values, &mask, weight.as_ref(), average, element);
        let objective = mean(&terms.objective);
        let clip_fraction = mean(&terms.outside);
        let approximate_kl = mean(&terms.divergence);
        let loss = builder.neg(&objective);
        self.output(&terms.ratio, "ratio", positions)?;
        self.output(&clip_fraction, "clip_fraction", &[])?;
        self.output(&approximate_kl, "approximate_kl", &[])?;
        let weights = Weights::Masked {
            mask,
            weight,
            average,
        };
        Ok((loss, weights))
    }

    /// Direct preference optimisation.
    fn pairs(
        &mut self,
        found: &LogProbability,
        counts: &Value,
        positions: &[Dimension],
    ) -> Result<(Value, Weights), OnnxError> {
        let batch = positions.get(..1).unwrap_or_default();
        let pairs = match batch.first() {
            Some(Dimension::Fixed(rows)) => Dimension::Fixed(rows / 2),
            _ => Dimension::Symbol(format!("{}pairs", self.options.prefix)),
        };
        let pairs = [pairs];
        let mask = self.input("mask", positions)?;
        let weight = self.optional(self.options.weight, "weight", &pairs)?;
        let reference = self.input("reference_log_probability", batch)?;
        let beta = self.input("beta", &[])?;
        let element = self.element;
        let builder = &mut self.builder;
        let mask = builder.mul(&mask, counts);
        let each = builder.mul(&found.of_label, &mask);
        let answers = builder.reduce_sum(&each, &[1], false);
        let result = preference(
            builder,
            &answers,
            &reference,
            weight.as_ref(),
            &beta,
            element,
        );
        self.output(&answers, "answer_log_probability", batch)?;
        self.output(&result.margin, "margin", &pairs)?;
        self.output(&result.accuracy, "accuracy", &[])?;
        let weights = Weights::Masked {
            mask,
            weight: None,
            average: Average::Tokens,
        };
        Ok((result.loss, weights))
    }

    /// Adds the entropy bonus and the penalty for leaving the reference, where they are wanted.
    fn regularised(
        &mut self,
        kind: LossKind,
        loss: Value,
        found: &LogProbability,
        weights: &Weights,
        positions: &[Dimension],
    ) -> Result<Value, OnnxError> {
        let element = self.element;
        let mut loss = loss;
        if self.options.entropy {
            let coefficient = self.input("entropy_coefficient", &[])?;
            let builder = &mut self.builder;
            let each = entropy(builder, &found.all);
            let mean = weights.mean(builder, &each, element);
            let bonus = builder.mul(&mean, &coefficient);
            loss = builder.sub(&loss, &bonus);
            self.output(&mean, "entropy", &[])?;
        }
        if self.options.kl {
            if kind == LossKind::Dpo {
                return Err(OnnxError::Invalid(
                    "dpo has its reference already; a penalty for leaving it is not added".into(),
                ));
            }
            let reference = self.input("reference_log_probability", positions)?;
            let coefficient = self.input("kl_coefficient", &[])?;
            let builder = &mut self.builder;
            let counted = weights.counted(builder, element);
            let zero = number(builder, 0.0, element);
            let difference = builder.sub(&reference, &found.of_label);
            let difference = builder.choose(&counted, &difference, &zero);
            let each = k3_each(builder, &difference, element);
            let mean = weights.mean(builder, &each, element);
            let penalty = builder.mul(&mean, &coefficient);
            loss = builder.add(&loss, &penalty);
            self.output(&mean, "kl", &[])?;
        }
        Ok(loss)
    }
}

/// `logp - old_logp` where the mask is not 0, else 0: what padding holds must not reach an exponential.
fn where_counted(
    builder: &mut GraphBuilder,
    mask: &Value,
    log_probability: &Value,
    old: &Value,
    element: ElementType,
) -> Value {
    let zero = number(builder, 0.0, element);
    let counted = builder.greater(mask, &zero);
    let difference = builder.sub(log_probability, old);
    builder.choose(&counted, &difference, &zero)
}

/// How the positions of a loss are averaged.
enum Weights {
    /// A weight for each position.
    Each(Value),
    /// A mask for tokens, and a weight for each sequence.
    Masked {
        mask: Value,
        weight: Option<Value>,
        average: Average,
    },
}

impl Weights {
    fn mean(&self, builder: &mut GraphBuilder, values: &Value, element: ElementType) -> Value {
        match self {
            Weights::Each(weights) => weighted_mean(builder, values, weights, element),
            Weights::Masked {
                mask,
                weight,
                average,
            } => masked_mean(builder, values, mask, weight.as_ref(), *average, element),
        }
    }

    fn counted(&self, builder: &mut GraphBuilder, element: ElementType) -> Value {
        let (Weights::Each(weights) | Weights::Masked { mask: weights, .. }) = self;
        let zero = number(builder, 0.0, element);
        builder.greater(weights, &zero)
    }
}

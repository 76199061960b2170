//! Points where a function bends or jumps, forms that are refused, and 16-bit values.

use stepdroid::onnx::proto::AttributeProto as Attribute;
use stepdroid::onnx::{
    ElementType, GradientOptions, GraphBuilder, Tensor, TensorData, Value, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use super::{computed, nothing, number, single};
use crate::harness::{CPU, case, check_all, library};

#[test]
fn steps_have_no_gradient_but_are_no_error() {
    check_all(&[
        case("rounded and itself", &[&[3, 4]], |b, v| {
            let mut total = v[0].clone();
            for operator in ["Floor", "Ceil", "Round", "Sign"] {
                let step = b.node(operator, &[&v[0]], Vec::new());
                total = b.add(&total, &step);
            }
            total
        })
        .range(-1.3, 1.37)
        .apart(),
        case("positions and itself", &[&[3, 4]], |b, v| {
            let best = b.node("ArgMax", &[&v[0]], vec![Attribute::int("axis", 1)]);
            let best = b.cast(&best, ElementType::F64);
            let size = b.node("Size", &[&v[0]], Vec::new());
            let size = b.cast(&size, ElementType::F64);
            let product = b.mul(&v[0], &best);
            b.mul(&product, &size)
        })
        .apart(),
        case("hardmax and itself", &[&[3, 4]], |b, v| {
            let hard = b.node("Hardmax", &[&v[0]], Vec::new());
            b.mul(&v[0], &hard)
        })
        .single()
        .apart(),
    ]);
}

/// The loss and the gradient of `w` in a graph that is built by hand.
fn gradient_of(weight: &Tensor, build: fn(&mut GraphBuilder, &Value) -> Value) -> Vec<f64> {
    let library = library();
    let model = summed(weight, build);
    let gradient = build_gradient(&model, &options(), &SessionOracle::new(&library)).unwrap();
    let session = Session::new(
        &library,
        &CPU,
        "by hand",
        &gradient.model,
        SessionOptions::default(),
    )
    .unwrap();
    let outputs = session.run(&[("w", weight)], &["grad.w"]).unwrap();
    outputs[0].to_f64().unwrap()
}

fn options() -> GradientOptions {
    GradientOptions {
        loss: "loss".into(),
        trainable: vec!["w".into()],
        keep: Vec::new(),
        ..Default::default()
    }
}

fn summed(
    weight: &Tensor,
    build: fn(&mut GraphBuilder, &Value) -> Value,
) -> stepdroid::onnx::Model {
    let mut builder = GraphBuilder::new("by hand");
    let value = builder.initializer("w", weight);
    let result = build(&mut builder, &value);
    let total = builder.reduce_sum(&result, &[], false);
    builder.alias(&total, "loss");
    builder.untyped_output("loss");
    builder.finish().unwrap()
}

#[test]
fn corners_have_the_gradients_that_training_expects() {
    let row = |values: &[f64]| Tensor::f64(&[values.len()], values);
    let clipped = gradient_of(&row(&[-2.0, -1.0, 0.0, 1.0, 2.0]), |b, w| {
        let (low, high) = (number(b, -1.0), number(b, 1.0));
        b.node("Clip", &[w, &low, &high], Vec::new())
    });
    assert_eq!(clipped, [0.0, 1.0, 1.0, 1.0, 0.0]);
    let tied = gradient_of(&row(&[-1.0, 0.0, 1.0]), |b, w| {
        let zero = number(b, 0.0);
        b.max(w, &zero)
    });
    assert_eq!(tied, [0.0, 0.5, 1.0]);
    let shared = gradient_of(&row(&[3.0, 1.0, 3.0]), |b, w| b.reduce_max(w, &[0], false));
    assert_eq!(shared, [0.5, 0.0, 0.5]);
    let rectified = gradient_of(&row(&[-1.0, 0.0, 1.0]), |b, w| b.relu(w));
    assert_eq!(rectified, [0.0, 0.0, 1.0]);
    let squares = gradient_of(&row(&[-2.0, 0.0, 3.0]), |b, w| {
        let two = computed(b, &[2]);
        b.pow(w, &two)
    });
    assert_eq!(squares, [-4.0, 0.0, 6.0]);
    let constant = gradient_of(&row(&[-2.0, 0.0, 3.0]), |b, w| {
        let zero = computed(b, &[0]);
        b.pow(w, &zero)
    });
    assert_eq!(constant, [0.0, 0.0, 0.0]);
    let exponents = gradient_of(&row(&[2.0, 3.0]), |b, w| {
        let base = b.constant(&Tensor::f64(&[2], [-2.0, 0.0]));
        b.pow(&base, w)
    });
    assert_eq!(exponents, [0.0, 0.0]);
    let length = gradient_of(&row(&[0.0, 0.0]), |b, w| {
        b.node("ReduceL2", &[w], Vec::new())
    });
    assert_eq!(length, [0.0, 0.0]);
    let unit = gradient_of(&row(&[0.0, 0.0]), |b, w| {
        b.node("LpNormalization", &[w], Vec::new())
    });
    assert!(unit.iter().all(|value| value.is_finite()), "{unit:?}");
    let product = gradient_of(
        &Tensor::f64(&[3, 3], [2.0, 0.0, 3.0, 0.0, 0.0, 5.0, 1.0, 2.0, 4.0]),
        |b, w| {
            let axes = b.integers(&[1]);
            b.node("ReduceProd", &[w, &axes], Vec::new())
        },
    );
    assert_eq!(product, [0.0, 6.0, 0.0, 0.0, 0.0, 0.0, 8.0, 4.0, 2.0]);
}

#[test]
fn operators_that_draw_or_learn_statistics_are_refused_by_name() {
    let refused = |build: fn(&mut GraphBuilder, &Value) -> Value| {
        let weight = Tensor::f32(&[2, 3], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
        let model = summed(&weight, build);
        build_gradient(&model, &options(), &SessionOracle::new(&library()))
            .unwrap_err()
            .to_string()
    };
    let training = refused(|b, w| {
        let ratio = single(b, 0.5);
        let on = b.constant(&Tensor {
            shape: vec![],
            data: TensorData::Bool(vec![true]),
        });
        b.named_node("Dropout", &[w, &ratio, &on], Vec::new(), "dropped")
    });
    assert!(
        training.contains("Dropout") && training.contains("dropped"),
        "{training}"
    );
    let learning = refused(|b, w| {
        let list = b.constant(&Tensor::f32(&[3], [1.0, 1.0, 1.0]));
        let attributes = vec![Attribute::int("training_mode", 1)];
        b.nodes(
            "BatchNormalization",
            &[w, &list, &list, &list, &list],
            attributes,
            3,
        )
        .remove(0)
    });
    assert!(learning.contains("BatchNormalization"), "{learning}");
    let weighted = refused(|b, w| {
        let targets = b.constant(&Tensor::i64(&[2], [1, 0]));
        let row = b.reduce_sum(w, &[0], false);
        b.node(
            "NegativeLogLikelihoodLoss",
            &[w, &targets, &row],
            Vec::new(),
        )
    });
    assert!(weighted.contains("class weights"), "{weighted}");
}

/// The loss gradient with the middle of the graph in an element type.
fn through(element: ElementType, build: fn(&mut GraphBuilder, &Value) -> Value) -> Vec<f64> {
    let mut builder = GraphBuilder::new("through");
    builder.set_opset("", 20);
    let weight = Tensor::f32(&[2, 3], [0.3, -0.4, 0.9, -1.2, 0.7, 0.5]);
    let value = builder.initializer("w", &weight);
    let inner = builder.cast(&value, element);
    let result = build(&mut builder, &inner);
    let result = builder.cast(&result, ElementType::F32);
    let mix = builder.constant(&Tensor::f32(&[3], [1.0, -0.5, 2.0]));
    let mixed = builder.mul(&result, &mix);
    let total = builder.reduce_sum(&mixed, &[], false);
    builder.alias(&total, "loss");
    builder.untyped_output("loss");
    let model = builder.finish().unwrap();
    let library = library();
    let gradient = build_gradient(&model, &options(), &SessionOracle::new(&library)).unwrap();
    let name = format!("through {element:?}");
    let defaults = SessionOptions::default();
    let session = Session::new(&library, &CPU, &name, &gradient.model, defaults).unwrap();
    let outputs = session.run(&[("w", &weight)], &["grad.w"]).unwrap();
    outputs[0].to_f64().unwrap()
}

#[test]
fn rules_keep_to_16_bits() {
    const F16: ElementType = ElementType::Other(10);
    fn plain(b: &mut GraphBuilder, operator: &str, x: &Value) -> Value {
        b.node(operator, &[x], Vec::new())
    }
    macro_rules! plain {
        ($($operator:literal),*) => {
            vec![$(($operator, (|b, x| plain(b, $operator, x)) as fn(&mut GraphBuilder, &Value) -> Value)),*]
        };
    }
    let mut list = plain![
        "Tanh",
        "Sigmoid",
        "Relu",
        "LeakyRelu",
        "Elu",
        "Selu",
        "HardSigmoid",
        "HardSwish",
        "Mish",
        "Gelu",
        "Softplus",
        "Softsign",
        "Erf",
        "Exp",
        "Neg",
        "Abs",
        "Sin",
        "Cos",
        "Softmax",
        "LogSoftmax",
        "ReduceMean",
        "ReduceMax",
        "ReduceL2",
        "ReduceSumSquare",
        "ReduceProd",
        "ReduceLogSumExp",
        "LpNormalization",
        "Identity"
    ];
    list.push(("gelu by tanh", |b, x| {
        b.node("Gelu", &[x], vec![Attribute::text("approximate", "tanh")])
    }));
    list.push(("layer norm", |b, x| {
        let scale = b.constant(&Tensor::f32(&[3], [0.5, 1.5, -1.0]));
        let scale = b.cast(&scale, F16);
        let scale = b.node("CastLike", &[&scale, x], Vec::new());
        b.node("LayerNormalization", &[x, &scale], Vec::new())
    }));
    list.push(("power, division, extremes", |b, x| {
        let exponent = b.constant(&Tensor::i64(&[3], [2, 0, 3]));
        let power = b.pow(x, &exponent);
        let square = b.mul(x, x);
        let ratio = b.div(&power, x);
        let low = b.min(&ratio, &square);
        let bound = b.constant(&Tensor {
            shape: vec![],
            ..Tensor::f32(&[1], [0.7])
        });
        let bound = b.node("CastLike", &[&bound, x], Vec::new());
        b.node("Clip", &[&low, &nothing(), &bound], Vec::new())
    }));
    for (name, build) in list {
        let (half, whole) = (through(F16, build), through(ElementType::F32, build));
        for (found, expected) in half.iter().zip(&whole) {
            assert!(
                (found - expected).abs() < 2e-2 * expected.abs().max(1.0),
                "{name}: {half:?} in 16 bits, {whole:?} in 32"
            );
        }
    }
}

//! Element-wise functions, activations and selections; the other dense operators are in the rooms below.

use stepdroid::onnx::proto::AttributeProto as Attribute;
use stepdroid::onnx::{ElementType, GraphBuilder, Tensor, TensorData, Value};

use crate::harness::{case, check_all};

mod corners;
mod losses;
mod normalisations;
mod reductions;

/// A number without dimensions in 64 bits.
fn number(b: &mut GraphBuilder, value: f64) -> Value {
    b.constant(&Tensor {
        shape: vec![],
        ..Tensor::f64(&[1], [value])
    })
}

/// A number without dimensions in 32 bits.
fn single(b: &mut GraphBuilder, value: f32) -> Value {
    b.scalar(value)
}

/// A list that is computed when the graph runs: the constants behind it hide from the builder.
fn computed(b: &mut GraphBuilder, values: &[i64]) -> Value {
    let list = b.integers(values);
    let zero = b.integers(&[0]);
    b.add(&list, &zero)
}

fn nothing() -> Value {
    Value::named("")
}

macro_rules! unary {
    ($name:literal) => {
        case($name, &[&[2, 3]], |b, v| {
            b.node($name, &[&v[0]], Vec::new())
        })
    };
}

macro_rules! unary_with {
    ($name:literal, $label:literal, $attributes:expr) => {
        case($label, &[&[3, 4]], |b, v| {
            b.node($name, &[&v[0]], $attributes)
        })
        .apart()
    };
}

#[test]
fn arithmetic() {
    check_all(&[
        case("add with itself", &[&[2, 3]], |b, v| b.add(&v[0], &v[0])),
        case("sub, second is small", &[&[2, 3], &[1]], |b, v| {
            b.sub(&v[0], &v[1])
        }),
        case("sub, first is small", &[&[3], &[4, 2, 3]], |b, v| {
            b.sub(&v[0], &v[1])
        }),
        case("square", &[&[2, 3]], |b, v| b.mul(&v[0], &v[0])),
        case("mul broadcast", &[&[2, 1, 3], &[4, 1]], |b, v| {
            b.mul(&v[0], &v[1])
        }),
        case("div, second is small", &[&[4, 2, 3], &[2, 1]], |b, v| {
            b.div(&v[0], &v[1])
        })
        .positive(),
        case("div, first is small", &[&[1], &[2, 3]], |b, v| {
            b.div(&v[0], &v[1])
        })
        .positive(),
        case("div by a constant", &[&[2, 3]], |b, v| {
            let two = number(b, 2.5);
            b.div(&v[0], &two)
        }),
        case("div of a constant", &[&[2, 3]], |b, v| {
            let two = number(b, 2.5);
            b.div(&two, &v[0])
        })
        .positive(),
        case("sum of three", &[&[2, 3], &[3], &[2, 1]], |b, v| {
            b.node("Sum", &[&v[0], &v[1], &v[2], &v[0]], Vec::new())
        }),
        case("sum of one", &[&[2, 3]], |b, v| {
            b.node("Sum", &[&v[0]], Vec::new())
        }),
        case("mean of three", &[&[2, 3], &[3], &[2, 1]], |b, v| {
            b.node("Mean", &[&v[0], &v[1], &v[2]], Vec::new())
        })
        .single(),
        case("mean of one", &[&[2, 3]], |b, v| {
            b.node("Mean", &[&v[0]], Vec::new())
        })
        .single(),
        case("mod", &[&[3, 4], &[1]], |b, v| {
            // Divisors between 0.5 and 1, dividends to both sides of zero.
            let slope = b.sigmoid(&v[1]);
            let nine = number(b, 2.13);
            let wide = b.mul(&v[0], &nine);
            b.node("Mod", &[&wide, &slope], vec![Attribute::int("fmod", 1)])
        })
        .apart(),
        case("cast there and back", &[&[4]], |b, v| {
            let wide = b.cast(&v[0], ElementType::F64);
            let doubled = b.add(&wide, &wide);
            b.cast(&doubled, ElementType::F32)
        })
        .single(),
        case("cast like", &[&[4], &[2]], |b, v| {
            let like = number(b, 0.0);
            let wide = b.node("CastLike", &[&v[0], &like], Vec::new());
            let square = b.mul(&wide, &wide);
            let back = b.node("CastLike", &[&square, &v[1]], Vec::new());
            let total = b.reduce_sum(&v[1], &[], false);
            b.mul(&back, &total)
        })
        .single(),
        case("identity", &[&[4]], |b, v| b.identity(&v[0])),
    ]);
}

#[test]
fn powers() {
    macro_rules! power {
        ($label:literal, $exponent:expr) => {
            case($label, &[&[2, 3]], |b, v| {
                let exponent = number(b, $exponent);
                b.pow(&v[0], &exponent)
            })
        };
    }
    check_all(&[
        power!("square of any sign", 2.0),
        power!("cube of any sign", 3.0),
        power!("fourth power of any sign", 4.0),
        power!("power one", 1.0),
        power!("power zero", 0.0),
        power!("power -1 of any sign", -1.0).range(-1.5, -0.4),
        power!("power -2 of any sign", -2.0).range(-1.5, -0.4),
        power!("power one half", 0.5).positive(),
        power!("power three halves", 1.5).positive(),
        power!("power -0.7", -0.7).positive(),
        power!("power 2.3", 2.3).positive(),
        case("whole exponents of any sign", &[&[2, 3]], |b, v| {
            let exponents = b.constant(&Tensor::i64(&[3], [0, 2, 3]));
            b.pow(&v[0], &exponents)
        }),
        case("one whole exponent", &[&[2, 3]], |b, v| {
            let exponent = b.constant(&Tensor::i64(&[1], [3]));
            b.pow(&v[0], &exponent)
        }),
        case("exponents known at run time", &[&[3, 2, 1]], |b, v| {
            let exponents = computed(b, &[0, 1, 2, 3]);
            b.pow(&v[0], &exponents)
        }),
        case("both trained", &[&[2, 3], &[2, 1]], |b, v| {
            b.pow(&v[0], &v[1])
        })
        .positive(),
        case("both the same", &[&[2, 3]], |b, v| b.pow(&v[0], &v[0])).positive(),
        case("exponent in other bits", &[&[2, 3], &[3]], |b, v| {
            let wide = b.cast(&v[0], ElementType::F64);
            b.pow(&wide, &v[1])
        })
        .single()
        .positive(),
        case("exponent of a small base", &[&[4, 3]], |b, v| {
            let base = b.constant(&Tensor::f64(&[3], [2.0, 1.0, 0.4]));
            b.pow(&base, &v[0])
        }),
    ]);
}

#[test]
fn smooth_functions() {
    check_all(&[
        unary!("Neg"),
        unary!("Exp"),
        unary!("Log").positive(),
        unary!("Sqrt").positive(),
        unary!("Reciprocal").positive(),
        unary!("Erf").single(),
        unary!("Tanh"),
        unary!("Sigmoid"),
        unary!("Softplus"),
        unary!("Sin"),
        unary!("Cos"),
        unary!("Tan").single().range(-1.0, 1.0),
        unary!("Asin").single().range(-0.8, 0.8),
        unary!("Acos").single().range(-0.8, 0.8),
        unary!("Atan").single(),
        unary!("Sinh").single(),
        unary!("Cosh").single(),
        unary!("Asinh").single(),
        unary!("Acosh").single().range(1.3, 3.0),
        unary!("Atanh").single().range(-0.8, 0.8),
        unary!("Mish"),
        unary!("Gelu").single().opset(20),
        unary_with!(
            "Gelu",
            "gelu by tanh",
            vec![Attribute::text("approximate", "tanh")]
        )
        .opset(20)
        .range(-4.0, 4.0),
        unary_with!(
            "Gelu",
            "gelu by tanh in 32 bits",
            vec![Attribute::text("approximate", "tanh")]
        )
        .opset(20)
        .single(),
        unary!("Swish").opset(24),
        unary_with!(
            "Swish",
            "swish with a factor",
            vec![Attribute::float("alpha", 1.702)]
        )
        .opset(24),
        unary!("Softmax"),
    ]);
}

#[test]
fn functions_with_corners() {
    check_all(&[
        unary!("Abs").apart(),
        unary!("Softsign").apart(),
        unary!("Relu").apart(),
        unary_with!("LeakyRelu", "leaky relu", vec![]),
        unary_with!(
            "LeakyRelu",
            "leaky relu with a slope",
            vec![Attribute::float("alpha", 0.3)]
        ),
        unary_with!("ThresholdedRelu", "thresholded relu", vec![]).range(-2.0, 2.3),
        unary_with!(
            "ThresholdedRelu",
            "thresholded relu at 0.31",
            vec![Attribute::float("alpha", 0.31)]
        ),
        unary_with!("Elu", "elu", vec![]),
        unary_with!(
            "Elu",
            "elu with a factor",
            vec![Attribute::float("alpha", 0.4)]
        ),
        unary_with!("Celu", "celu", vec![]).single(),
        unary_with!(
            "Celu",
            "celu with a factor",
            vec![Attribute::float("alpha", 0.4)]
        )
        .single(),
        unary_with!("Selu", "selu", vec![]),
        unary_with!(
            "Selu",
            "selu with factors",
            vec![
                Attribute::float("alpha", 0.7),
                Attribute::float("gamma", 1.3)
            ]
        ),
        unary_with!("HardSigmoid", "hard sigmoid", vec![]).range(-4.0, 4.1),
        unary_with!(
            "HardSigmoid",
            "hard sigmoid with factors",
            vec![
                Attribute::float("alpha", 0.6),
                Attribute::float("beta", 0.37)
            ]
        ),
        unary_with!("HardSwish", "hard swish", vec![]).range(-5.0, 5.2),
        unary_with!("Shrink", "shrink", vec![]).single(),
        unary_with!(
            "Shrink",
            "shrink with a bias",
            vec![
                Attribute::float("lambd", 0.41),
                Attribute::float("bias", 0.2)
            ]
        )
        .single(),
        case(
            "prelu with a slope per channel",
            &[&[2, 3, 4], &[3, 1]],
            |b, v| b.node("PRelu", &[&v[0], &v[1]], Vec::new()),
        )
        .apart(),
        case("prelu with one slope", &[&[2, 3], &[1]], |b, v| {
            b.node("PRelu", &[&v[0], &v[1]], Vec::new())
        })
        .apart(),
        case("prelu with a fixed slope", &[&[2, 3]], |b, v| {
            let slope = b.constant(&Tensor::f64(&[3], [0.1, 0.2, 0.3]));
            b.node("PRelu", &[&v[0], &slope], Vec::new())
        })
        .apart(),
    ]);
}

#[test]
fn selections() {
    check_all(&[
        case("where, everything broadcast", &[&[2, 1], &[3]], |b, v| {
            let condition = b.constant(&Tensor {
                shape: vec![2, 2, 1],
                data: TensorData::Bool(vec![true, false, false, true]),
            });
            b.choose(&condition, &v[0], &v[1])
        }),
        case("where, one side trained", &[&[2, 3]], |b, v| {
            let zero = number(b, 0.0);
            let condition = b.greater(&v[0], &zero);
            b.choose(&condition, &zero, &v[0])
        }),
        case("min of one", &[&[2, 3]], |b, v| {
            b.node("Min", &[&v[0]], Vec::new())
        }),
        case("max of one", &[&[2, 3]], |b, v| {
            b.node("Max", &[&v[0]], Vec::new())
        }),
        case("max with a constant", &[&[2, 3]], |b, v| {
            let zero = number(b, 0.01);
            b.max(&v[0], &zero)
        })
        .apart(),
        case("min of three", &[&[2, 3], &[3], &[2, 1]], |b, v| {
            b.node("Min", &[&v[0], &v[1], &v[2]], Vec::new())
        })
        .apart(),
        case("max of three", &[&[2, 3], &[3], &[4, 1, 1]], |b, v| {
            b.node("Max", &[&v[0], &v[1], &v[2]], Vec::new())
        })
        .apart(),
        case("clip below", &[&[3, 4]], |b, v| {
            let low = number(b, -0.51);
            b.node("Clip", &[&v[0], &low], Vec::new())
        })
        .apart(),
        case("clip above", &[&[3, 4]], |b, v| {
            let high = number(b, 0.49);
            b.node("Clip", &[&v[0], &nothing(), &high], Vec::new())
        })
        .apart(),
        case("clip without bounds", &[&[3, 4]], |b, v| {
            b.node("Clip", &[&v[0]], Vec::new())
        }),
        case(
            "clip with trained bounds",
            &[&[3, 4], &[1], &[1]],
            |b, v| {
                let none = b.integers(&[]);
                let half = number(b, 0.5);
                let (low, high) = (b.exp(&v[1]), b.exp(&v[2]));
                let (low, high) = (b.neg(&low), b.mul(&high, &half));
                let (low, high) = (b.reshape_to(&low, &none), b.reshape_to(&high, &none));
                b.node("Clip", &[&v[0], &low, &high], Vec::new())
            },
        )
        .range(-0.9, 0.9)
        .apart(),
        case(
            "clip with a trained upper bound",
            &[&[3, 4], &[1]],
            |b, v| {
                let none = b.integers(&[]);
                let high = b.reshape_to(&v[1], &none);
                b.node("Clip", &[&v[0], &nothing(), &high], Vec::new())
            },
        )
        .apart(),
    ]);
}

//! Element-wise functions, activations, reductions, softmax, normalisations, losses over classes.

use stepdroid::onnx::proto::AttributeProto as Attribute;
use stepdroid::onnx::{
    ElementType, GradientOptions, GraphBuilder, Tensor, TensorData, Value, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use crate::harness::{CPU, case, check_all, library};

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

macro_rules! reduction {
    ($operator:literal, $list:ident, $($adjust:ident),*) => {
        $list.extend([
            case(concat!($operator, ", one axis"), &[&[2, 3, 4]], |b, v| {
                let axes = b.integers(&[1]);
                b.node($operator, &[&v[0], &axes], vec![Attribute::int("keepdims", 0)])
            })$(.$adjust())*,
            case(concat!($operator, ", two axes from the end"), &[&[2, 3, 4]], |b, v| {
                let axes = b.integers(&[-1, 0]);
                b.node($operator, &[&v[0], &axes], Vec::new())
            })$(.$adjust())*,
            case(concat!($operator, ", two axes out of order, taken away"), &[&[2, 3, 4]], |b, v| {
                let axes = b.integers(&[2, 0]);
                b.node($operator, &[&v[0], &axes], vec![Attribute::int("keepdims", 0)])
            })$(.$adjust())*,
            case(concat!($operator, ", all axes"), &[&[2, 3]], |b, v| {
                b.node($operator, &[&v[0]], vec![Attribute::int("keepdims", 0)])
            })$(.$adjust())*,
            case(concat!($operator, ", all axes kept"), &[&[2, 3]], |b, v| {
                b.node($operator, &[&v[0]], Vec::new())
            })$(.$adjust())*,
            case(concat!($operator, ", an empty list means all"), &[&[2, 3]], |b, v| {
                let axes = b.integers(&[]);
                b.node($operator, &[&v[0], &axes], Vec::new())
            })$(.$adjust())*,
            case(concat!($operator, ", an empty list means none"), &[&[2, 3]], |b, v| {
                let axes = b.integers(&[]);
                let attributes = vec![Attribute::int("noop_with_empty_axes", 1)];
                b.node($operator, &[&v[0], &axes], attributes)
            })$(.$adjust())*,
            case(concat!($operator, ", no list means none"), &[&[2, 3]], |b, v| {
                let attributes = vec![
                    Attribute::int("noop_with_empty_axes", 1),
                    Attribute::int("keepdims", 0),
                ];
                b.node($operator, &[&v[0]], attributes)
            })$(.$adjust())*,
            case(concat!($operator, ", axes computed at run time"), &[&[2, 3, 4]], |b, v| {
                let axes = computed(b, &[0, -1]);
                b.node($operator, &[&v[0], &axes], Vec::new())
            })$(.$adjust())*,
            case(concat!($operator, ", axes computed at run time, taken away"), &[&[2, 3, 4]], |b, v| {
                let axes = computed(b, &[1, -1]);
                b.node($operator, &[&v[0], &axes], vec![Attribute::int("keepdims", 0)])
            })$(.$adjust())*,
        ]);
    };
}

#[test]
fn reductions() {
    let mut list = Vec::new();
    reduction!("ReduceSum", list,);
    reduction!("ReduceMean", list,);
    reduction!("ReduceMax", list, apart);
    reduction!("ReduceMin", list, apart);
    reduction!("ReduceL1", list, apart);
    reduction!("ReduceL2", list,);
    reduction!("ReduceLogSum", list, positive);
    reduction!("ReduceLogSumExp", list,);
    reduction!("ReduceSumSquare", list,);
    reduction!("ReduceProd", list,);
    check_all(&list);
}

#[test]
fn cumulative_sums() {
    check_all(&[
        case("cumsum", &[&[3, 4]], |b, v| {
            let axis = b.constant(&Tensor::i64(&[1], [1]));
            b.node("CumSum", &[&v[0], &axis], Vec::new())
        }),
        case("cumsum exclusive", &[&[3, 4]], |b, v| {
            let axis = b.constant(&Tensor::i64(&[1], [-2]));
            let attributes = vec![Attribute::int("exclusive", 1)];
            b.node("CumSum", &[&v[0], &axis], attributes)
        }),
        case("cumsum reverse", &[&[3, 4]], |b, v| {
            let axis = b.constant(&Tensor::i64(&[1], [0]));
            let attributes = vec![Attribute::int("reverse", 1)];
            b.node("CumSum", &[&v[0], &axis], attributes)
        }),
        case("cumsum along a computed axis", &[&[3, 4]], |b, v| {
            let axis = computed(b, &[-1]);
            let attributes = vec![Attribute::int("reverse", 1), Attribute::int("exclusive", 1)];
            b.node("CumSum", &[&v[0], &axis], attributes)
        }),
    ]);
}

#[test]
fn softmaxes() {
    macro_rules! along {
        ($operator:literal, $axis:literal) => {
            case(
                concat!($operator, " along ", $axis),
                &[&[2, 3, 4]],
                |b, v| b.node($operator, &[&v[0]], vec![Attribute::int("axis", $axis)]),
            )
        };
    }
    check_all(&[
        along!("Softmax", 0),
        along!("Softmax", 1),
        along!("Softmax", -1),
        along!("Softmax", -2),
        along!("LogSoftmax", 0),
        along!("LogSoftmax", 1),
        along!("LogSoftmax", -1),
        along!("LogSoftmax", -3),
    ]);
}

#[test]
fn layer_normalizations() {
    check_all(&[
        case("layer norm", &[&[2, 3, 4], &[4], &[4]], |b, v| {
            b.layer_norm(&v[0], &v[1], &v[2], 1e-5)
        }),
        case("layer norm without bias", &[&[2, 3, 4], &[4]], |b, v| {
            let attributes = vec![Attribute::float("epsilon", 0.1)];
            b.node("LayerNormalization", &[&v[0], &v[1]], attributes)
        }),
        case("layer norm with an empty bias", &[&[2, 4], &[4]], |b, v| {
            b.node(
                "LayerNormalization",
                &[&v[0], &v[1], &nothing()],
                Vec::new(),
            )
        }),
        case(
            "layer norm over two axes",
            &[&[2, 3, 4], &[3, 4], &[3, 4]],
            |b, v| {
                let attributes = vec![Attribute::int("axis", 1)];
                b.node("LayerNormalization", &[&v[0], &v[1], &v[2]], attributes)
            },
        ),
        case("layer norm over all axes", &[&[2, 3], &[2, 3]], |b, v| {
            let attributes = vec![Attribute::int("axis", -2)];
            b.node("LayerNormalization", &[&v[0], &v[1]], attributes)
        }),
        case("layer norm with fixed weights", &[&[3, 4]], |b, v| {
            let scale = b.constant(&Tensor::f64(&[4], [0.5, 1.0, -2.0, 0.7]));
            b.node("LayerNormalization", &[&v[0], &scale], Vec::new())
        }),
        case("layer norm of a fixed value", &[&[4], &[4]], |b, v| {
            let x = b.constant(&Tensor::f64(
                &[2, 4],
                [0.5, 1.0, -2.0, 0.7, 1.0, 2.0, 4.0, 1.5],
            ));
            b.node("LayerNormalization", &[&x, &v[0], &v[1]], Vec::new())
        }),
        case(
            "layer norm, all outputs used",
            &[&[2, 3, 4], &[4]],
            |b, v| {
                let outputs = b.nodes("LayerNormalization", &[&v[0], &v[1]], Vec::new(), 3);
                let mean = b.exp(&outputs[1]);
                let both = b.mul(&mean, &outputs[2]);
                let both = b.cast(&both, ElementType::F32);
                b.mul(&outputs[0], &both)
            },
        )
        .single(),
        case("layer norm, only its mean used", &[&[2, 4]], |b, v| {
            let scale = b.constant(&Tensor::f32(&[4], [0.5, 1.0, -2.0, 0.7]));
            let outputs = b.nodes("LayerNormalization", &[&v[0], &scale], Vec::new(), 2);
            b.exp(&outputs[1])
        })
        .single(),
        case("rms norm", &[&[2, 3, 4], &[4]], |b, v| {
            b.node("RMSNormalization", &[&v[0], &v[1]], Vec::new())
        })
        .opset(23),
        case("rms norm over two axes", &[&[2, 3, 4], &[3, 4]], |b, v| {
            let attributes = vec![Attribute::int("axis", -2), Attribute::float("epsilon", 0.1)];
            b.node("RMSNormalization", &[&v[0], &v[1]], attributes)
        })
        .opset(23),
    ]);
}

#[test]
fn channel_normalizations() {
    fn batch(b: &mut GraphBuilder, v: &[Value]) -> Value {
        let variance = b.exp(&v[4]);
        let inputs = [&v[0], &v[1], &v[2], &v[3], &variance];
        b.node(
            "BatchNormalization",
            &inputs,
            vec![Attribute::float("epsilon", 0.01)],
        )
    }
    fn groups(b: &mut GraphBuilder, v: &[Value]) -> Value {
        let attributes = vec![Attribute::int("num_groups", 2)];
        b.node("GroupNormalization", &[&v[0], &v[1], &v[2]], attributes)
    }
    fn groups_in_64_bits(b: &mut GraphBuilder, v: &[Value]) -> Value {
        let attributes = vec![
            Attribute::int("num_groups", 2),
            Attribute::int("stash_type", 11),
        ];
        b.node("GroupNormalization", &[&v[0], &v[1], &v[2]], attributes)
    }
    fn instance(b: &mut GraphBuilder, v: &[Value]) -> Value {
        b.node("InstanceNormalization", &[&v[0], &v[1], &v[2]], Vec::new())
    }
    check_all(&[
        case(
            "batch norm",
            &[&[2, 3, 2, 2], &[3], &[3], &[3], &[3]],
            batch,
        ),
        case(
            "batch norm of rows",
            &[&[4, 3], &[3], &[3], &[3], &[3]],
            batch,
        ),
        case("batch norm with fixed statistics", &[&[2, 3, 2]], |b, v| {
            let mut list = |values: [f64; 3]| b.constant(&Tensor::f64(&[3], values));
            let scale = list([0.5, 1.5, -1.0]);
            let (bias, mean) = (list([0.1, 0.2, 0.3]), list([-0.2, 0.4, 0.0]));
            let variance = list([0.5, 2.0, 1.0]);
            let inputs = [&v[0], &scale, &bias, &mean, &variance];
            b.node("BatchNormalization", &inputs, Vec::new())
        }),
        case(
            "group norm, weights per group",
            &[&[2, 4, 3, 2], &[2], &[2]],
            groups,
        ),
        case(
            "group norm, weights per channel",
            &[&[2, 4, 3, 2], &[4], &[4]],
            groups_in_64_bits,
        )
        .opset(21),
        case(
            "group norm of sequences",
            &[&[2, 4, 3], &[4], &[4]],
            groups_in_64_bits,
        )
        .opset(21),
        case("group norm in 32 bits", &[&[2, 4, 3], &[4], &[4]], groups)
            .opset(21)
            .single(),
        case("instance norm", &[&[2, 3, 2, 3], &[3], &[3]], instance).single(),
        case(
            "instance norm of sequences",
            &[&[2, 3, 5], &[3], &[3]],
            instance,
        )
        .single(),
        case("mean variance norm", &[&[2, 3, 2, 2]], |b, v| {
            b.node("MeanVarianceNormalization", &[&v[0]], Vec::new())
        })
        .single(),
        case("mean variance norm over space", &[&[2, 2, 2, 3]], |b, v| {
            let attributes = vec![Attribute::ints("axes", &[2, 3])];
            b.node("MeanVarianceNormalization", &[&v[0]], attributes)
        })
        .single(),
        case("lp norm", &[&[2, 3]], |b, v| {
            b.node("LpNormalization", &[&v[0]], Vec::new())
        }),
        case("l1 norm along the first axis", &[&[4, 3]], |b, v| {
            let attributes = vec![Attribute::int("p", 1), Attribute::int("axis", 0)];
            b.node("LpNormalization", &[&v[0]], attributes)
        })
        .apart(),
    ]);
}

#[test]
fn dropout_outside_of_training() {
    check_all(&[
        case("dropout", &[&[2, 3]], |b, v| {
            b.node("Dropout", &[&v[0]], Vec::new())
        }),
        case("dropout with a ratio", &[&[2, 3]], |b, v| {
            let ratio = single(b, 0.5);
            b.nodes("Dropout", &[&v[0], &ratio], Vec::new(), 2)
                .remove(0)
        }),
        case("dropout switched off", &[&[2, 3]], |b, v| {
            let off = b.constant(&Tensor {
                shape: vec![],
                data: TensorData::Bool(vec![false]),
            });
            b.node("Dropout", &[&v[0], &nothing(), &off], Vec::new())
        }),
        case("dropout of nothing", &[&[2, 3]], |b, v| {
            let ratio = single(b, 0.0);
            let on = b.constant(&Tensor {
                shape: vec![],
                data: TensorData::Bool(vec![true]),
            });
            b.node("Dropout", &[&v[0], &ratio, &on], Vec::new())
        }),
    ]);
}

#[test]
fn generators() {
    check_all(&[
        case("range", &[&[1], &[1]], |b, v| {
            let none = b.integers(&[]);
            let (start, step) = (b.reshape_to(&v[0], &none), b.exp(&v[1]));
            let step = b.reshape_to(&step, &none);
            // The number of elements must not depend on the weights.
            let four = number(b, 3.5);
            let length = b.mul(&step, &four);
            let end = b.add(&start, &length);
            b.node("Range", &[&start, &end, &step], Vec::new())
        }),
        case("one hot", &[&[2]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[3], [0, 2, 1]));
            let depth = b.integers(&[4]);
            b.node("OneHot", &[&indices, &depth, &v[0]], Vec::new())
        })
        .single(),
        case("one hot in front", &[&[2]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[3], [0, 2, 1]));
            let depth = b.integers(&[4]);
            let attributes = vec![Attribute::int("axis", 0)];
            b.node("OneHot", &[&indices, &depth, &v[0]], attributes)
        })
        .single(),
    ]);
}

macro_rules! class_loss {
    ($operator:literal, $list:ident) => {
        $list.extend([
            case(concat!($operator, ", mean"), &[&[3, 4]], |b, v| {
                let targets = b.constant(&Tensor::i64(&[3], [1, 3, 0]));
                b.node($operator, &[&v[0], &targets], Vec::new())
            }),
            case(
                concat!($operator, ", sum over positions"),
                &[&[2, 4, 3]],
                |b, v| {
                    let targets = b.constant(&Tensor::i64(&[2, 3], [1, 3, 0, 2, 2, 1]));
                    b.node(
                        $operator,
                        &[&v[0], &targets],
                        vec![Attribute::text("reduction", "sum")],
                    )
                },
            ),
            case(concat!($operator, ", none"), &[&[2, 4, 3]], |b, v| {
                let targets = b.constant(&Tensor::i64(&[2, 3], [1, 3, 0, 2, 2, 1]));
                b.node(
                    $operator,
                    &[&v[0], &targets],
                    vec![Attribute::text("reduction", "none")],
                )
            }),
            case(
                concat!($operator, ", mean without the ignored"),
                &[&[4, 3]],
                |b, v| {
                    let targets = b.constant(&Tensor::i64(&[4], [1, -100, 0, 2]));
                    b.node(
                        $operator,
                        &[&v[0], &targets],
                        vec![Attribute::int("ignore_index", -100)],
                    )
                },
            ),
            case(concat!($operator, ", weighted mean"), &[&[4, 3]], |b, v| {
                let targets = b.constant(&Tensor::i64(&[4], [1, 1, 0, 2]));
                let weights = b.constant(&Tensor::f64(&[3], [0.5, 2.0, 1.3]));
                let attributes = vec![Attribute::int("ignore_index", 2)];
                b.node($operator, &[&v[0], &targets, &weights], attributes)
            }),
            case(
                concat!($operator, ", weighted, each"),
                &[&[2, 3, 2]],
                |b, v| {
                    let targets = b.constant(&Tensor::i64(&[2, 2], [1, 1, 0, 2]));
                    let targets = b.cast(&targets, ElementType::I32);
                    let weights = b.constant(&Tensor::f64(&[3], [0.5, 2.0, 1.3]));
                    let attributes = vec![
                        Attribute::int("ignore_index", 0),
                        Attribute::text("reduction", "none"),
                    ];
                    b.node($operator, &[&v[0], &targets, &weights], attributes)
                },
            ),
        ]);
    };
}

#[test]
fn losses_over_classes() {
    let mut list = Vec::new();
    class_loss!("NegativeLogLikelihoodLoss", list);
    class_loss!("SoftmaxCrossEntropyLoss", list);
    list.extend([
        case(
            "cross entropy with log-probabilities",
            &[&[3, 4]],
            |b, v| {
                let targets = b.constant(&Tensor::i64(&[3], [1, 3, 0]));
                let both = b.nodes("SoftmaxCrossEntropyLoss", &[&v[0], &targets], vec![], 2);
                b.mul(&both[0], &both[1])
            },
        ),
        case("only the log-probabilities", &[&[3, 4]], |b, v| {
            let targets = b.constant(&Tensor::i64(&[3], [1, 3, 0]));
            b.nodes("SoftmaxCrossEntropyLoss", &[&v[0], &targets], vec![], 2)
                .remove(1)
        }),
    ]);
    check_all(&list);
}

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

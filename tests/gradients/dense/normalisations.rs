//! Normalisations, and dropout outside of training.

use stepdroid::onnx::proto::AttributeProto as Attribute;
use stepdroid::onnx::{ElementType, GraphBuilder, Tensor, TensorData, Value};

use super::{nothing, single};
use crate::harness::{case, check_all};

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

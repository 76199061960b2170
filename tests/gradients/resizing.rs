//! Resizes in every mode.

use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{Tensor, Value};

use crate::harness::{Case, case, check_all};
use crate::images::{int, ints, text};

/// Resizes by scales, with a list of attributes.
macro_rules! scaled {
    ($name:literal, $shapes:expr, $scales:expr, [$($attribute:expr),*]) => {
        case($name, $shapes, |b, v| {
            let scales: &[f32] = &$scales;
            let scales = b.constant(&Tensor::f32(&[scales.len()], scales));
            b.node("Resize", &[&v[0], &Value::named(""), &scales], vec![$($attribute),*])
        })
        .single()
    };
}

/// Resizes to sizes.
macro_rules! sized {
    ($name:literal, $shapes:expr, $sizes:expr, [$($attribute:expr),*]) => {
        case($name, $shapes, |b, v| {
            let sizes = b.integers(&$sizes);
            let none = Value::named("");
            b.node("Resize", &[&v[0], &none, &none, &sizes], vec![$($attribute),*])
        })
        .single()
    };
}

fn mode(mode: &str) -> AttributeProto {
    text("mode", mode)
}

fn coordinates(mode: &str) -> AttributeProto {
    text("coordinate_transformation_mode", mode)
}

fn rounding(mode: &str) -> AttributeProto {
    text("nearest_mode", mode)
}

fn resizes() -> Vec<Case> {
    vec![
        scaled!(
            "nearest twice",
            &[&[2, 2, 3, 4]],
            [1.0, 1.0, 2.0, 3.0],
            [coordinates("asymmetric"), rounding("floor")]
        ),
        scaled!(
            "nearest half pixel",
            &[&[2, 2, 3, 4]],
            [1.0, 1.0, 2.0, 3.0],
            []
        ),
        scaled!(
            "nearest half pixel, ceil",
            &[&[2, 2, 3, 4]],
            [1.0, 1.0, 2.0, 3.0],
            [rounding("ceil")]
        ),
        scaled!(
            "nearest half pixel, prefer ceil",
            &[&[2, 2, 3, 4]],
            [1.0, 1.0, 2.0, 4.0],
            [rounding("round_prefer_ceil")]
        ),
        scaled!(
            "nearest odd",
            &[&[1, 2, 5, 4]],
            [1.0, 1.0, 1.7, 0.6],
            [coordinates("asymmetric"), rounding("floor")]
        ),
        scaled!(
            "nearest odd half pixel",
            &[&[1, 2, 5, 4]],
            [1.0, 1.0, 1.7, 0.6],
            []
        ),
        scaled!(
            "nearest corners",
            &[&[1, 2, 5, 4]],
            [1.0, 1.0, 2.0, 2.0],
            [coordinates("align_corners"), rounding("round_prefer_ceil")]
        ),
        scaled!(
            "nearest torch",
            &[&[1, 2, 5, 4]],
            [1.0, 1.0, 2.0, 2.0],
            [coordinates("pytorch_half_pixel"), rounding("floor")]
        ),
        scaled!(
            "nearest 1d",
            &[&[2, 2, 4]],
            [1.0, 1.0, 2.0],
            [coordinates("asymmetric"), rounding("floor")]
        ),
        scaled!(
            "nearest batch too",
            &[&[2, 2, 3]],
            [2.0, 1.0, 2.0],
            [coordinates("asymmetric"), rounding("floor")]
        ),
        sized!(
            "nearest sizes",
            &[&[2, 2, 3, 4]],
            [2, 2, 6, 8],
            [coordinates("asymmetric"), rounding("floor")]
        ),
        sized!(
            "nearest odd sizes",
            &[&[2, 2, 3, 4]],
            [2, 2, 7, 3],
            [coordinates("asymmetric"), rounding("floor")]
        ),
        scaled!(
            "linear half pixel",
            &[&[2, 2, 3, 4]],
            [1.0, 1.0, 2.0, 1.5],
            [mode("linear")]
        ),
        scaled!(
            "linear down",
            &[&[1, 2, 6, 7]],
            [1.0, 1.0, 0.5, 0.4],
            [mode("linear")]
        ),
        scaled!(
            "linear corners",
            &[&[1, 2, 3, 4]],
            [1.0, 1.0, 2.0, 2.0],
            [mode("linear"), coordinates("align_corners")]
        ),
        scaled!(
            "linear asymmetric",
            &[&[1, 2, 3, 4]],
            [1.0, 1.0, 2.5, 2.0],
            [mode("linear"), coordinates("asymmetric")]
        ),
        scaled!(
            "linear torch",
            &[&[1, 2, 3, 4]],
            [1.0, 1.0, 2.5, 2.0],
            [mode("linear"), coordinates("pytorch_half_pixel")]
        ),
        scaled!(
            "linear symmetric",
            &[&[1, 2, 3, 4]],
            [1.0, 1.0, 1.4, 2.0],
            [mode("linear"), coordinates("half_pixel_symmetric")]
        )
        .opset(19),
        scaled!(
            "linear 1d",
            &[&[2, 2, 4]],
            [1.0, 1.0, 2.0],
            [mode("linear")]
        ),
        scaled!(
            "linear 3d",
            &[&[1, 2, 2, 3, 2]],
            [1.0, 1.0, 2.0, 1.5, 2.0],
            [mode("linear")]
        ),
        scaled!("linear matrix", &[&[3, 4]], [2.0, 1.5], [mode("linear")]),
        scaled!(
            "linear one axis",
            &[&[2, 2, 3, 4]],
            [1.0, 1.0, 1.0, 2.0],
            [mode("linear")]
        ),
        sized!(
            "linear sizes",
            &[&[2, 2, 3, 4]],
            [2, 2, 5, 7],
            [mode("linear")]
        ),
        sized!(
            "linear sizes, corners",
            &[&[2, 2, 3, 4]],
            [2, 2, 5, 2],
            [mode("linear"), coordinates("align_corners")]
        ),
        sized!(
            "linear sizes of axes",
            &[&[2, 2, 3, 4]],
            [7, 5],
            [mode("linear"), ints("axes", &[-1, 2])]
        ),
        scaled!(
            "linear smooth",
            &[&[1, 2, 6, 7]],
            [1.0, 1.0, 0.5, 0.4],
            [mode("linear"), int("antialias", 1)]
        ),
        scaled!(
            "cubic",
            &[&[1, 2, 4, 5]],
            [1.0, 1.0, 2.0, 1.5],
            [mode("cubic")]
        ),
        scaled!(
            "cubic exclude outside",
            &[&[1, 2, 4, 5]],
            [1.0, 1.0, 2.0, 0.7],
            [
                mode("cubic"),
                int("exclude_outside", 1),
                AttributeProto::float("cubic_coeff_a", -0.5)
            ]
        ),
        scaled!(
            "cubic corners",
            &[&[1, 2, 4, 5]],
            [1.0, 1.0, 2.0, 1.5],
            [mode("cubic"), coordinates("align_corners")]
        ),
        scaled!(
            "cubic smooth",
            &[&[1, 2, 6, 7]],
            [1.0, 1.0, 0.5, 0.6],
            [mode("cubic"), int("antialias", 1)]
        ),
        case("linear sizes at run time", &[&[2, 2, 3, 4]], |b, v| {
            let shape = b.shape(&v[0]);
            let factors = b.integers(&[1, 1, 2, 3]);
            let sizes = b.mul(&shape, &factors);
            let none = Value::named("");
            b.node(
                "Resize",
                &[&v[0], &none, &none, &sizes],
                vec![mode("linear")],
            )
        })
        .single(),
        case("cropped", &[&[1, 2, 5, 6]], |b, v| {
            let scales = b.constant(&Tensor::f32(&[4], [1.0, 1.0, 1.0, 0.7]));
            let region = [0.0, 0.0, 0.1, -0.2, 1.0, 1.0, 0.8, 1.1];
            let region = b.constant(&Tensor::f32(&[8], region));
            let attributes = vec![
                mode("linear"),
                coordinates("tf_crop_and_resize"),
                AttributeProto::float("extrapolation_value", 3.0),
            ];
            b.node("Resize", &[&v[0], &region, &scales], attributes)
        })
        .single(),
    ]
}

#[test]
fn resizes_agree_with_finite_differences() {
    check_all(&resizes());
}

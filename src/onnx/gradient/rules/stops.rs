//! Operators that no gradient goes through.

/// Whether an operator's outputs do not change, or only jump, when its inputs change a little: the
/// derivative is zero wherever there is one, so that the inputs get no gradient.
pub(in crate::onnx::gradient) fn stops_gradient(operator: &str) -> bool {
    matches!(
        operator,
        // Facts about shapes, and constants.
        "Shape" | "Size" | "Constant" | "ConstantOfShape" | "EyeLike"
            // Comparisons and logic.
            | "Equal" | "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual"
            | "And" | "Or" | "Xor" | "Not" | "IsNaN" | "IsInf"
            | "BitShift" | "BitwiseAnd" | "BitwiseNot" | "BitwiseOr" | "BitwiseXor"
            // Positions of elements.
            | "ArgMax" | "ArgMin" | "NonZero" | "NonMaxSuppression"
            // Steps.
            | "Sign" | "Floor" | "Ceil" | "Round" | "Hardmax"
            // Random draws.
            | "Bernoulli" | "Multinomial" | "RandomNormal" | "RandomNormalLike"
            | "RandomUniform" | "RandomUniformLike"
            // Windows and filter banks of a given length.
            | "HannWindow" | "HammingWindow" | "BlackmanWindow" | "MelWeightMatrix"
    )
}

/// Positions of the inputs that only say how an operator works. Where they hold floats, they are
/// constants all the same: they get no gradient.
pub(in crate::onnx::gradient) fn settings(operator: &str) -> &'static [usize] {
    match operator {
        // Region, scales and sizes.
        "Resize" => &[1, 2, 3],
        // The share that is dropped, and whether.
        "Dropout" => &[1, 2],
        // Scale and zero point: the gradient goes straight through to the number itself.
        "QuantizeLinear" => &[1, 2],
        // Only its type matters.
        "CastLike" => &[1],
        // Places and length; the third input holds the values.
        "OneHot" => &[0, 1],
        _ => &[],
    }
}

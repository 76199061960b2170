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

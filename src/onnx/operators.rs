//! Typed calls of the [`GraphBuilder`] for the standard operators, one method each.

use super::proto::AttributeProto;
use super::{ElementType, GraphBuilder, Value};

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident = $operator:literal;)*) => {
        impl GraphBuilder {
            $($(#[$doc])* pub fn $name(&mut self, x: &Value) -> Value {
                self.node($operator, &[x], Vec::new())
            })*
        }
    };
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident = $operator:literal;)*) => {
        impl GraphBuilder {
            $($(#[$doc])* pub fn $name(&mut self, a: &Value, b: &Value) -> Value {
                self.node($operator, &[a, b], Vec::new())
            })*
        }
    };
}

unary! {
    /// `-x`
    neg = "Neg";
    /// `exp(x)`
    exp = "Exp";
    /// Natural logarithm.
    log = "Log";
    /// Square root.
    sqrt = "Sqrt";
    /// Error function.
    erf = "Erf";
    /// Hyperbolic tangent.
    tanh = "Tanh";
    /// Logistic function.
    sigmoid = "Sigmoid";
    /// `max(x, 0)`
    relu = "Relu";
    /// Sign.
    sign = "Sign";
    /// Absolute value.
    abs = "Abs";
    /// `1 / x`
    reciprocal = "Reciprocal";
    /// The shape as a list of 64-bit integers.
    shape = "Shape";
    /// Logical not.
    not = "Not";
    /// The same value.
    identity = "Identity";
}

binary! {
    /// `a + b`, broadcast.
    add = "Add";
    /// `a - b`, broadcast.
    sub = "Sub";
    /// `a * b`, broadcast.
    mul = "Mul";
    /// `a / b`, broadcast.
    div = "Div";
    /// `a` to the power of `b`, broadcast.
    pow = "Pow";
    /// Matrix product, batched over leading dimensions.
    matmul = "MatMul";
    /// Element-wise minimum.
    min = "Min";
    /// Element-wise maximum.
    max = "Max";
    /// `a == b`
    equal = "Equal";
    /// `a > b`
    greater = "Greater";
    /// `a < b`
    less = "Less";
    /// `a >= b`
    greater_or_equal = "GreaterOrEqual";
    /// `a <= b`
    less_or_equal = "LessOrEqual";
    /// Logical and.
    and = "And";
    /// `x` in the shape that the second value lists.
    reshape_to = "Reshape";
    /// `x` broadcast to the shape that the second value lists.
    expand_to = "Expand";
}

impl GraphBuilder {
    /// `x` in a shape; -1 stands for what is left, 0 for the dimension that was there.
    pub fn reshape(&mut self, x: &Value, shape: &[i64]) -> Value {
        let shape = self.integers(shape);
        self.reshape_to(x, &shape)
    }

    /// Dimensions in another order.
    pub fn transpose(&mut self, x: &Value, order: &[i64]) -> Value {
        self.node("Transpose", &[x], vec![AttributeProto::ints("perm", order)])
    }

    /// Values one after the other along an axis.
    pub fn concat(&mut self, values: &[&Value], axis: i64) -> Value {
        self.node("Concat", values, vec![AttributeProto::int("axis", axis)])
    }

    /// Elements `start..end` along an axis.
    pub fn slice(&mut self, x: &Value, axis: i64, start: i64, end: i64) -> Value {
        let (starts, ends, axes) = (
            self.integers(&[start]),
            self.integers(&[end]),
            self.integers(&[axis]),
        );
        self.node("Slice", &[x, &starts, &ends, &axes], Vec::new())
    }

    /// New dimensions of length 1.
    pub fn unsqueeze(&mut self, x: &Value, axes: &[i64]) -> Value {
        let axes = self.integers(axes);
        self.node("Unsqueeze", &[x, &axes], Vec::new())
    }

    /// Takes dimensions of length 1 away.
    pub fn squeeze(&mut self, x: &Value, axes: &[i64]) -> Value {
        let axes = self.integers(axes);
        self.node("Squeeze", &[x, &axes], Vec::new())
    }

    /// Rows of `x` by index.
    pub fn gather(&mut self, x: &Value, indices: &Value, axis: i64) -> Value {
        self.node(
            "Gather",
            &[x, indices],
            vec![AttributeProto::int("axis", axis)],
        )
    }

    /// `x` in another element type.
    pub fn cast(&mut self, x: &Value, element: ElementType) -> Value {
        self.node(
            "Cast",
            &[x],
            vec![AttributeProto::int("to", i64::from(element.code()))],
        )
    }

    /// `a` where the condition holds, else `b`.
    pub fn choose(&mut self, condition: &Value, a: &Value, b: &Value) -> Value {
        self.node("Where", &[condition, a, b], Vec::new())
    }

    fn reduce(&mut self, operator: &str, x: &Value, axes: &[i64], keep: bool) -> Value {
        let keep = AttributeProto::int("keepdims", i64::from(keep));
        // ReduceSum takes its axes as an input since version 13, the others since version 18.
        if operator == "ReduceSum" || self.opset() >= 18 {
            if axes.is_empty() {
                return self.node(operator, &[x], vec![keep]);
            }
            let axes = self.integers(axes);
            return self.node(operator, &[x, &axes], vec![keep]);
        }
        if axes.is_empty() {
            return self.node(operator, &[x], vec![keep]);
        }
        self.node(
            operator,
            &[x],
            vec![keep, AttributeProto::ints("axes", axes)],
        )
    }

    /// Sum over axes; over all of them when none is named.
    pub fn reduce_sum(&mut self, x: &Value, axes: &[i64], keep: bool) -> Value {
        self.reduce("ReduceSum", x, axes, keep)
    }

    /// Mean over axes; over all of them when none is named.
    pub fn reduce_mean(&mut self, x: &Value, axes: &[i64], keep: bool) -> Value {
        self.reduce("ReduceMean", x, axes, keep)
    }

    /// Maximum over axes; over all of them when none is named.
    pub fn reduce_max(&mut self, x: &Value, axes: &[i64], keep: bool) -> Value {
        self.reduce("ReduceMax", x, axes, keep)
    }

    /// Softmax along an axis.
    pub fn softmax(&mut self, x: &Value, axis: i64) -> Value {
        self.node("Softmax", &[x], vec![AttributeProto::int("axis", axis)])
    }

    /// Logarithm of the softmax along an axis.
    pub fn log_softmax(&mut self, x: &Value, axis: i64) -> Value {
        self.node("LogSoftmax", &[x], vec![AttributeProto::int("axis", axis)])
    }

    /// Normalisation over the last axis with scale and bias.
    pub fn layer_norm(&mut self, x: &Value, scale: &Value, bias: &Value, epsilon: f32) -> Value {
        let attributes = vec![
            AttributeProto::int("axis", -1),
            AttributeProto::float("epsilon", epsilon),
        ];
        self.node("LayerNormalization", &[x, scale, bias], attributes)
    }

    /// `alpha * op(a) * op(b)` of matrices, where `op` transposes when asked for.
    pub fn gemm(&mut self, a: &Value, b: &Value, transpose_a: bool, transpose_b: bool) -> Value {
        let attributes = vec![
            AttributeProto::int("transA", i64::from(transpose_a)),
            AttributeProto::int("transB", i64::from(transpose_b)),
        ];
        self.node("Gemm", &[a, b], attributes)
    }

    /// The Gaussian error linear unit in its exact form, of basic operators.
    pub fn gelu(&mut self, x: &Value) -> Value {
        let scale = self.scalar(std::f32::consts::FRAC_1_SQRT_2);
        let scaled = self.mul(x, &scale);
        let erf = self.erf(&scaled);
        let one = self.scalar(1.0);
        let sum = self.add(&erf, &one);
        let product = self.mul(x, &sum);
        let half = self.scalar(0.5);
        self.mul(&product, &half)
    }
}

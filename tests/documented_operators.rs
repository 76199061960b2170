//! Keeps `docs/models.md` honest: its lists of operators are those of the gradient rules.
//! `UPDATE_DOCS=1 cargo test --test documented_operators` writes them anew.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use stepdroid::onnx::gradient::{has_rule, stops_gradient};

/// The standard operators up to version 28.
const STANDARD: &str = "
Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool BatchNormalization
Bernoulli BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast CastLike CausalConvWithState
Ceil Celu CenterCropPad Clip Col2Im Compress Concat ConcatFromSequence Constant ConstantOfShape Conv ConvInteger
ConvTranspose Cos Cosh CumProd CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout
DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu
Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HammingWindow
HannWindow HardSigmoid HardSwish Hardmax Identity If ImageDecoder InstanceNormalization IsInf IsNaN LRN LSTM
LayerNormalization LeakyRelu Less LessOrEqual LinearAttention Log LogSoftmax Loop LpNormalization LpPool MatMul
MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul
Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement
OptionalHasElement Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN RandomNormal
RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp
ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape Resize ReverseSequence
RoiAlign RotaryEmbedding Round STFT Scan Scatter ScatterElements ScatterND Selu SequenceAt SequenceConstruct
SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink Sigmoid Sign Sin Sinh Size Slice
Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split SplitToSequence Sqrt Squeeze StringConcat
StringNormalizer StringSplit Sub Sum SwiGLU Swish Tan Tanh TensorScatter TfIdfVectorizer ThresholdedRelu Tile TopK
Transpose Trilu Unique Unsqueeze Upsample Where Xor
";

/// Operators of ONNX Runtime's own domain that a model may be made of.
const CONTRIBUTED: &str = "
Attention BiasAdd BiasGelu BiasSplitGelu ConvTransposeWithDynamicPads DequantizeLinear DynamicQuantizeMatMul
EmbedLayerNormalization FastGelu FusedConv FusedGemm FusedMatMul FusedMatMulActivation GatherBlockQuantized GatherND Gelu
GemmFastGelu GreedySearch GridSample GroupNorm GroupQueryAttention Inverse MatMulBnb4 MatMulFpQ4 MatMulInteger16
MatMulIntegerToFloat MatMulNBits MoE MultiHeadAttention NGramRepeatBlock NhwcConv NhwcMaxPool PackedAttention
PackedMultiHeadAttention Pad QAttention QGemm QLinearAdd QLinearAveragePool QLinearConcat QLinearLeakyRelu QLinearMul
QLinearSigmoid QLinearSoftmax QLinearWhere QMoE QOrderedMatMul QuantizeLinear QuickGelu RelativePositionBias
RemovePadding RestorePadding Rfft RotaryEmbedding SampleOp SimplifiedLayerNormalization SkipGroupNorm SkipLayerNormalization
SkipSimplifiedLayerNormalization SparseAttention SparseToDenseMatMul Tokenizer TransposeMatMul Trilu UnfoldTensor Unique
WordConvEmbedding
";

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split_whitespace()
}

/// What a list of the page should hold.
fn wanted(of: &str) -> String {
    let in_list = |domain: &str, name: &str| match of {
        "rules" => has_rule(domain, name),
        _ => !has_rule(domain, name) && domain.is_empty() && stops_gradient(name),
    };
    let standard: Vec<&str> = names(STANDARD).filter(|name| in_list("", name)).collect();
    let others = names(CONTRIBUTED).filter(|name| in_list("com.microsoft", name));
    let others: Vec<&str> = others.collect();
    let mut text = format!("\n{}\n", wrapped(&standard));
    if !others.is_empty() {
        text.push_str(&format!(
            "\nOf ONNX Runtime's own domain `com.microsoft`:\n\n{}\n",
            wrapped(&others)
        ));
    }
    text.push('\n');
    text
}

/// Names as a paragraph of at most 120 columns.
fn wrapped(names: &[&str]) -> String {
    let mut lines = vec![String::new()];
    for name in names {
        let item = format!("`{name}`");
        if lines
            .last()
            .is_some_and(|line| line.len() + item.len() > 118)
        {
            lines.push(String::new());
        }
        let line = lines.last_mut().unwrap();
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&item);
    }
    lines.join("\n")
}

#[test]
fn the_documented_operators_are_those_with_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/models.md");
    let mut page = std::fs::read_to_string(&path).unwrap();
    let mut wrong = Vec::new();
    for of in ["rules", "stops"] {
        let start = page.find(&format!("<!-- {of}:")).unwrap();
        let start = start + page[start..].find("-->").unwrap() + "-->".len();
        let end = start + page[start..].find("<!-- end -->").unwrap();
        let wanted = wanted(of);
        if page[start..end] != wanted {
            wrong.push(format!("{of}: the page must say{wanted}"));
            page.replace_range(start..end, &wanted);
        }
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        // In one piece: another test reads the page at the same time.
        let whole = path.with_extension("md.new");
        std::fs::write(&whole, page).unwrap();
        std::fs::rename(&whole, &path).unwrap();
    } else {
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn the_commands_of_the_page_exist() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/models.md");
    let page = std::fs::read_to_string(&path).unwrap();
    for operation in ["inspect", "check", "gradient", "lora", "merge", "diff"] {
        assert!(
            page.contains(&format!("stepdroid model {operation} ")),
            "{operation}"
        );
    }
    for kind in stepdroid::onnx::loss::LossKind::ALL {
        assert!(
            page.contains(&format!("`{}`", kind.name())),
            "{}",
            kind.name()
        );
    }
}

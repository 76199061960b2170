//! Matrices of few bits as MatMulNBits stores them, and what their weights are by the operator's description.

use stepdroid::onnx::{ElementType, GraphBuilder, Tensor, Value};

use super::{UINT8, bytes, raw};
use crate::harness::random;
use crate::images::int;

/// A matrix `[N,K]` as MatMulNBits stores it.
#[derive(Clone, Copy)]
pub struct Packed {
    pub columns: usize,
    pub depth: usize,
    pub bits: usize,
    pub block: usize,
    zeros: Zeros,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Zeros {
    Absent,
    Packed,
    Float,
}

impl Packed {
    fn blocks(&self) -> usize {
        self.depth.div_ceil(self.block)
    }

    fn weights(&self) -> Vec<u8> {
        bytes(
            self.columns * self.blocks() * self.block * self.bits / 8,
            11,
        )
    }

    fn scales(&self) -> Tensor {
        let count = self.columns * self.blocks();
        random(&[count], 12, 0.02, 0.2, ElementType::F32)
    }

    /// Bytes per row, so that every row begins with a byte of its own.
    fn row(&self) -> usize {
        (self.blocks() * self.bits).div_ceil(8)
    }

    fn zeros(&self) -> Vec<u8> {
        bytes(self.columns * self.row(), 13)
    }

    fn zero(&self, column: usize, block: usize) -> u8 {
        let zeros = self.zeros();
        match (self.zeros, self.bits) {
            (Zeros::Absent, 4) => 8,
            (Zeros::Absent, _) => 128,
            (Zeros::Float, _) => ((column + 3 * block) % 16) as u8,
            (_, 4) => zeros[column * self.row() + block / 2] >> (4 * (block % 2)) & 15,
            _ => zeros[column * self.row() + block],
        }
    }

    /// The weight of a column at a depth: what the operator's description says.
    pub fn weight(&self, column: usize, depth: usize) -> f64 {
        let block = depth / self.block;
        let weights = self.weights();
        let start = (column * self.blocks() + block) * self.block * self.bits / 8;
        let within = depth % self.block;
        let quantum = match self.bits {
            4 => weights[start + within / 2] >> (4 * (within % 2)) & 15,
            _ => weights[start + within],
        };
        let scale = self.scales().to_f64().unwrap()[column * self.blocks() + block];
        (f64::from(quantum) - f64::from(self.zero(column, block))) * scale
    }

    pub fn node(&self, b: &mut GraphBuilder, x: &Value, bias: Option<&Value>) -> Value {
        b.set_opset("com.microsoft", 1);
        let (columns, blocks) = (self.columns as i64, self.blocks() as i64);
        let bytes_of_block = (self.block * self.bits / 8) as i64;
        let weights = raw(b, UINT8, &[columns, blocks, bytes_of_block], self.weights());
        let scales = b.constant(&self.scales());
        let zeros = match self.zeros {
            Zeros::Absent => Value::named(""),
            Zeros::Packed => raw(b, UINT8, &[columns, self.row() as i64], self.zeros()),
            Zeros::Float => {
                let all = (0..self.columns)
                    .flat_map(|column| (0..self.blocks()).map(move |block| (column, block)));
                let values: Vec<f32> = all
                    .map(|(column, block)| f32::from(self.zero(column, block)))
                    .collect();
                b.constant(&Tensor::f32(&[self.columns * self.blocks()], values))
            }
        };
        let none = Value::named("");
        let mut inputs = vec![x, &weights, &scales, &zeros];
        if let Some(bias) = bias {
            inputs.extend([&none, bias]);
        }
        let attributes = vec![
            int("K", self.depth as i64),
            int("N", columns),
            int("bits", self.bits as i64),
            int("block_size", self.block as i64),
            int("accuracy_level", 1),
        ];
        let result = b.node("MatMulNBits", &inputs, attributes);
        if let Some(node) = b.graph().node.last_mut() {
            node.domain = Some("com.microsoft".into());
        }
        result
    }
}

const fn packed(columns: usize, depth: usize, bits: usize, block: usize, zeros: Zeros) -> Packed {
    Packed {
        columns,
        depth,
        bits,
        block,
        zeros,
    }
}

/// Layouts of either width, with and without a rest in the last block.
pub const LAYOUTS: [Packed; 10] = [
    packed(5, 32, 4, 16, Zeros::Absent),
    packed(5, 48, 4, 16, Zeros::Packed),
    packed(3, 33, 4, 16, Zeros::Packed),
    packed(3, 33, 4, 32, Zeros::Absent),
    packed(4, 20, 4, 32, Zeros::Packed),
    packed(3, 70, 4, 64, Zeros::Float),
    packed(2, 130, 4, 128, Zeros::Packed),
    packed(5, 48, 8, 16, Zeros::Absent),
    packed(3, 33, 8, 16, Zeros::Packed),
    packed(2, 65, 8, 64, Zeros::Absent),
];

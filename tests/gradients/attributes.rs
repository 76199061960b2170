//! Attributes of nodes, written as text.

use stepdroid::onnx::proto::AttributeProto;

/// The attributes of `group=2 pads=[1,0,0,1] alpha=0.5 auto_pad=VALID`.
pub fn attributes(text: &str) -> Vec<AttributeProto> {
    let attribute = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        if let Some(list) = value.strip_prefix('[') {
            let numbers = list.trim_end_matches(']').split(',');
            let numbers: Vec<i64> = numbers.map(|number| number.parse().unwrap()).collect();
            AttributeProto::ints(name, &numbers)
        } else if let Ok(number) = value.parse() {
            AttributeProto::int(name, number)
        } else if let Ok(number) = value.parse() {
            AttributeProto::float(name, number)
        } else {
            AttributeProto::text(name, value)
        }
    };
    text.split_whitespace().map(attribute).collect()
}

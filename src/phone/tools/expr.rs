//! `expr`: one expression of words. Regular expressions as in `grep`.

use std::cmp::Ordering;

use super::grep::{Grammar, compile};
use crate::phone::shell::{Shell, Streams};

/// How deep brackets may nest.
const MAX_DEPTH: usize = 64;

/// `expr WORD...`
pub fn expr(_: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut parser = Parser {
        words: arguments,
        depth: 0,
    };
    let value = parser
        .binary(0)
        .and_then(|value| match parser.words.first() {
            Some(word) => Err(format!("Unexpected extra input '{word}'\n")),
            None => Ok(value),
        });
    match value {
        Ok(value) => {
            streams.line(&value);
            i32::from(is_false(&value))
        }
        Err(message) => {
            streams.fail("expr", message);
            2
        }
    }
}

fn is_false(value: &str) -> bool {
    value.is_empty() || value.parse() == Ok(0_i64)
}

/// Operators from the loosest to the tightest.
const RANKS: &[&[&str]] = &[
    &["|"],
    &["&"],
    &["=", "==", "!=", "<", ">", "<=", ">="],
    &["+", "-"],
    &["*", "/", "%"],
    &[":"],
];

struct Parser<'a> {
    words: &'a [String],
    depth: usize,
}

impl Parser<'_> {
    fn binary(&mut self, rank: usize) -> Result<String, String> {
        let Some(operators) = RANKS.get(rank) else {
            return self.operand();
        };
        let mut left = self.binary(rank + 1)?;
        while let Some(operator) = self.words.first().cloned() {
            if !operators.contains(&operator.as_str()) {
                break;
            }
            self.words = &self.words[1..];
            let right = self.binary(rank + 1)?;
            left = apply(&operator, left, right)?;
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<String, String> {
        let Some((word, rest)) = self.words.split_first() else {
            return Err("Unexpected end of input".to_owned());
        };
        self.words = rest;
        if word != "(" {
            return Ok(word.clone());
        }
        if self.depth >= MAX_DEPTH {
            return Err("too many (".to_owned());
        }
        self.depth += 1;
        let value = self.binary(0)?;
        self.depth -= 1;
        match self.words.split_first() {
            Some((close, rest)) if close == ")" => {
                self.words = rest;
                Ok(value)
            }
            _ => Err("Expected )".to_owned()),
        }
    }
}

fn apply(operator: &str, left: String, right: String) -> Result<String, String> {
    let numbers = left.parse::<i64>().ok().zip(right.parse::<i64>().ok());
    let truth = |holds: bool| Ok(i32::from(holds).to_string());
    let order = match numbers {
        Some((left, right)) => left.cmp(&right),
        None => left.cmp(&right),
    };
    match operator {
        "|" => Ok(if is_false(&left) { right } else { left }),
        "&" => Ok(if is_false(&left) || is_false(&right) {
            "0".to_owned()
        } else {
            left
        }),
        "=" | "==" => truth(order == Ordering::Equal),
        "!=" => truth(order != Ordering::Equal),
        "<" => truth(order == Ordering::Less),
        ">" => truth(order == Ordering::Greater),
        "<=" => truth(order != Ordering::Greater),
        ">=" => truth(order != Ordering::Less),
        ":" => {
            let expression = compile(&format!("^{right}"), Grammar::Basic, false, "")?;
            let found = expression.captures(left.as_bytes());
            let grouped = expression.captures_len() > 1;
            Ok(
                match found.and_then(|found| found.get(usize::from(grouped))) {
                    Some(part) => {
                        let text = String::from_utf8_lossy(part.as_bytes());
                        if grouped {
                            text.into_owned()
                        } else {
                            text.chars().count().to_string()
                        }
                    }
                    None if grouped => String::new(),
                    None => "0".to_owned(),
                },
            )
        }
        _ => {
            let (left, right) = numbers.ok_or("non-integer argument")?;
            Ok(match operator {
                "+" => left.wrapping_add(right),
                "-" => left.wrapping_sub(right),
                "*" => left.wrapping_mul(right),
                _ if right == 0 => return Err("division by zero".to_owned()),
                "/" => left.wrapping_div(right),
                _ => left.wrapping_rem(right),
            }
            .to_string())
        }
    }
}

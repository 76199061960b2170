//! `$((...))`, `let` and everything else that counts: mksh's expressions on 32-bit integers that
//! wrap. Uses the shell's variables.

use super::interpreter::{Fault, Shell};

/// How deep brackets, and variables that hold expressions, may nest.
const MAX_DEPTH: usize = 64;

/// Binary operators from the loosest to the tightest; those of one row bind alike.
const RANKS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// Longest first, so that none hides another.
const OPERATORS: &[&str] = &[
    "<<=", ">>=", "||", "&&", "==", "!=", "<=", ">=", "<<", ">>", "++", "--", "+=", "-=", "*=",
    "/=", "%=", "&=", "|=", "^=", "|", "^", "&", "<", ">", "+", "-", "*", "/", "%", "!", "~", "?",
    ":", "=", ",", "(", ")", "#", "[", "]",
];

/// The value of an expression whose parameters are already expanded.
pub fn evaluate(shell: &mut Shell, text: &str) -> Result<i32, Fault> {
    nested(shell, text, 0)
}

fn nested(shell: &mut Shell, text: &str, depth: usize) -> Result<i32, Fault> {
    let mut parser = Parser {
        shell,
        text,
        rest: text.trim_start(),
        depth,
        unsigned: false,
    };
    if parser.rest.is_empty() {
        return Ok(0);
    }
    parser.unsigned = parser.take("#");
    let value = parser.comma(true)?;
    match parser.rest.is_empty() {
        true => Ok(value),
        false => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    shell: &'a mut Shell,
    text: &'a str,
    rest: &'a str,
    depth: usize,
    unsigned: bool,
}

impl Parser<'_> {
    fn fault(&self, message: &str) -> Fault {
        Fault::fatal(format!("{}: {message}", self.text.trim_end()))
    }

    fn unexpected(&self) -> Fault {
        let found = match self.operator() {
            Some(operator) => operator.to_owned(),
            None => match self.rest.chars().next() {
                Some(character) => character.to_string(),
                None => "end of expression".to_owned(),
            },
        };
        self.fault(&format!("unexpected '{found}'"))
    }

    fn operator(&self) -> Option<&'static str> {
        OPERATORS
            .iter()
            .copied()
            .find(|operator| self.rest.starts_with(operator))
    }

    fn skip(&mut self, length: usize) {
        self.rest = self.rest[length..].trim_start();
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = self.operator() == Some(wanted);
        if found {
            self.skip(wanted.len());
        }
        found
    }

    /// `live` tells whether assignments and divisions count: not in the branch that is not chosen.
    fn comma(&mut self, live: bool) -> Result<i32, Fault> {
        let mut value = self.assignment(live)?;
        while self.take(",") {
            value = self.assignment(live)?;
        }
        Ok(value)
    }

    fn assignment(&mut self, live: bool) -> Result<i32, Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fault("expression recurses on itself"));
        }
        self.depth += 1;
        let value = self.assigned(live);
        self.depth -= 1;
        value
    }

    fn assigned(&mut self, live: bool) -> Result<i32, Fault> {
        let before = self.rest;
        if let Some(place) = self.place(live)? {
            let operator = self.operator().unwrap_or_default();
            if operator == "="
                || (operator.ends_with('=') && !matches!(operator, "==" | "!=" | "<=" | ">="))
            {
                self.skip(operator.len());
                let operand = self.assignment(live)?;
                let new = match operator.strip_suffix('=') {
                    None | Some("") => operand,
                    Some(binary) => {
                        let old = self.read(&place)?;
                        self.apply(binary, old, operand, live)?
                    }
                };
                if live {
                    self.write(&place, new)?;
                }
                return Ok(new);
            }
        }
        self.rest = before;
        let condition = self.binary(0, live)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let yes = self.comma(live && condition != 0)?;
        if !self.take(":") {
            return Err(self.unexpected());
        }
        let no = self.assignment(live && condition == 0)?;
        Ok(if condition != 0 { yes } else { no })
    }

    fn binary(&mut self, rank: usize, live: bool) -> Result<i32, Fault> {
        let Some(operators) = RANKS.get(rank) else {
            return self.unary(live);
        };
        let mut left = self.binary(rank + 1, live)?;
        while let Some(operator) = self.operator().filter(|one| operators.contains(one)) {
            self.skip(operator.len());
            let needed = match operator {
                "&&" => left != 0,
                "||" => left == 0,
                _ => true,
            };
            let right = self.binary(rank + 1, live && needed)?;
            left = match operator {
                "&&" => i32::from(left != 0 && right != 0),
                "||" => i32::from(left != 0 || right != 0),
                _ => self.apply(operator, left, right, live)?,
            };
        }
        Ok(left)
    }

    fn apply(&self, operator: &str, left: i32, right: i32, live: bool) -> Result<i32, Fault> {
        let (a, b) = (left as u32, right as u32);
        let order = match self.unsigned {
            true => a.cmp(&b),
            false => left.cmp(&right),
        };
        Ok(match operator {
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            "/" | "%" if right == 0 && live => return Err(self.fault("zero divisor")),
            "/" | "%" if right == 0 => 0,
            "/" if self.unsigned => (a / b) as i32,
            "%" if self.unsigned => (a % b) as i32,
            "/" => left.wrapping_div(right),
            "%" => left.wrapping_rem(right),
            "<<" => left.wrapping_shl(b),
            ">>" if self.unsigned => a.wrapping_shr(b) as i32,
            ">>" => left.wrapping_shr(b),
            "&" => left & right,
            "|" => left | right,
            "^" => left ^ right,
            "==" => i32::from(left == right),
            "!=" => i32::from(left != right),
            "<" => i32::from(order.is_lt()),
            "<=" => i32::from(order.is_le()),
            ">" => i32::from(order.is_gt()),
            _ => i32::from(order.is_ge()),
        })
    }

    fn unary(&mut self, live: bool) -> Result<i32, Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fault("expression recurses on itself"));
        }
        self.depth += 1;
        let value = self.operand(live);
        self.depth -= 1;
        value
    }

    fn operand(&mut self, live: bool) -> Result<i32, Fault> {
        match self.operator() {
            Some(operator @ ("++" | "--")) => {
                self.skip(2);
                let Some(place) = self.place(live)? else {
                    return Err(self.unexpected());
                };
                let step = if operator == "++" { 1 } else { -1 };
                let new = self.read(&place)?.wrapping_add(step);
                if live {
                    self.write(&place, new)?;
                }
                Ok(new)
            }
            Some(operator @ ("+" | "-" | "!" | "~")) => {
                self.skip(1);
                let value = self.unary(live)?;
                Ok(match operator {
                    "-" => value.wrapping_neg(),
                    "!" => i32::from(value == 0),
                    "~" => !value,
                    _ => value,
                })
            }
            Some("(") => {
                self.skip(1);
                let value = self.comma(live)?;
                match self.take(")") {
                    true => Ok(value),
                    false => Err(self.fault("missing )")),
                }
            }
            _ if self.rest.starts_with(|first: char| first.is_ascii_digit()) => self.number(),
            _ => {
                let Some(place) = self.place(live)? else {
                    return Err(self.unexpected());
                };
                let value = self.read(&place)?;
                let step = match self.operator() {
                    Some("++") => 1,
                    Some("--") => -1,
                    _ => return Ok(value),
                };
                self.skip(2);
                if live {
                    self.write(&place, value.wrapping_add(step))?;
                }
                Ok(value)
            }
        }
    }

    /// Decimal, `0x` hexadecimal or `BASE#DIGITS`; a leading zero means nothing.
    fn number(&mut self) -> Result<i32, Fault> {
        let word = |c: char| !(c.is_ascii_alphanumeric() || c == '#' || c == '_');
        let end = self.rest.find(word).unwrap_or(self.rest.len());
        let digits = &self.rest[..end];
        let bad = || self.fault(&format!("bad number '{digits}'"));
        let value = parse_number(digits).ok_or_else(bad)?;
        self.skip(end);
        Ok(value)
    }

    /// A variable, or an element of an array.
    fn place(&mut self, live: bool) -> Result<Option<(String, Option<i32>)>, Fault> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(self.rest.len());
        let name = &self.rest[..end];
        if !super::variables::is_name(name) {
            return Ok(None);
        }
        self.skip(end);
        if !self.take("[") {
            return Ok(Some((name.to_owned(), None)));
        }
        let index = self.comma(live)?;
        match self.take("]") {
            true => Ok(Some((name.to_owned(), Some(index)))),
            false => Err(self.unexpected()),
        }
    }

    fn read(&mut self, place: &(String, Option<i32>)) -> Result<i32, Fault> {
        let held = match place.1 {
            Some(index) => self.shell.element(&place.0, index),
            None => self.shell.variable(&place.0),
        };
        let held = held.unwrap_or_default();
        match parse_number(held.trim()) {
            Some(value) => Ok(value),
            // A variable may hold an expression.
            None => nested(self.shell, &held, self.depth + 1),
        }
    }

    fn write(&mut self, place: &(String, Option<i32>), value: i32) -> Result<(), Fault> {
        let text = value.to_string();
        let done = match place.1 {
            Some(index) => self.shell.set_element(&place.0, index, &text),
            None => self.shell.set_variable(&place.0, &text),
        };
        match done {
            true => Ok(()),
            false => Err(Fault::Fatal(format!("read-only: {}", place.0), 2)),
        }
    }
}

/// A number as mksh writes one; it wraps at 32 bits.
pub fn parse_number(text: &str) -> Option<i32> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (base, digits) = match text.split_once('#') {
        Some((base, digits)) => (
            base.parse().ok().filter(|base| (2..=36).contains(base))?,
            digits,
        ),
        None => match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
            Some(digits) => (16, digits),
            None => (10, text),
        },
    };
    if digits.is_empty() {
        return None;
    }
    let value = digits.chars().try_fold(0_u32, |value, digit| {
        Some(value.wrapping_mul(base).wrapping_add(digit.to_digit(base)?))
    })? as i32;
    Some(if negative {
        value.wrapping_neg()
    } else {
        value
    })
}

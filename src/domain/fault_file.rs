//! Files that say what shall go wrong: TOML with a `seed` and a list of `[[fault]]` tables. Here is only how they
//! are read, field by field, with errors that name line and field; what the kinds mean is for whoever fails.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest file, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// Most faults of one file.
const MAX_FAULTS: usize = 1_024;
/// Longest time that a field may name: a year.
const MAX_MILLIS: u64 = 366 * 24 * 3_600 * 1_000;

/// What is wrong with a file of faults, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct FaultFileError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong, with the field's name, and what to write instead.
    pub problem: String,
}

/// A file as it was read.
#[derive(Debug)]
pub struct FaultFile {
    /// Seed of everything random in it, where it names one.
    pub seed: Option<u64>,
    /// Its faults in their order.
    pub faults: Vec<FaultFields>,
}

impl FaultFile {
    /// Reads a file's text.
    ///
    /// # Errors
    /// [`FaultFileError`] for what is no TOML, too long, or has anything but `seed` and `[[fault]]`.
    pub fn parse(text: &str) -> Result<FaultFile, FaultFileError> {
        let line_of = |position: usize| {
            let before = text.get(..position).unwrap_or(text);
            1 + before.bytes().filter(|byte| *byte == b'\n').count()
        };
        let error = |position: usize, problem: String| FaultFileError {
            line: line_of(position),
            problem,
        };
        if text.len() > MAX_BYTES {
            let problem = format!("the file is longer than {MAX_BYTES} bytes; write a shorter one");
            return Err(error(0, problem));
        }
        let table = DeTable::parse(text).map_err(|wrong| {
            let position = wrong.span().map_or(0, |span| span.start);
            error(position, wrong.message().trim().replace('\n', "; "))
        })?;
        let mut file = FaultFile {
            seed: None,
            faults: Vec::new(),
        };
        for (key, value) in table.into_inner() {
            let position = key.span().start;
            match (&**key.get_ref(), value.get_ref()) {
                ("seed", DeValue::Integer(number)) => {
                    let seed = u64::from_str_radix(number.as_str(), number.radix());
                    let seed = seed.map_err(|_| {
                        error(
                            position,
                            "`seed` must be a whole number from 0 on".to_owned(),
                        )
                    })?;
                    file.seed = Some(seed);
                }
                ("seed", _) => {
                    return Err(error(position, "`seed` must be a whole number".to_owned()));
                }
                ("fault", DeValue::Array(array)) => {
                    if array.len() > MAX_FAULTS {
                        let problem = format!(
                            "{} faults are too many; write at most {MAX_FAULTS}",
                            array.len()
                        );
                        return Err(error(position, problem));
                    }
                    for entry in array.iter() {
                        let start = entry.span().start;
                        let DeValue::Table(fields) = entry.get_ref() else {
                            return Err(error(start, NOT_TABLES.to_owned()));
                        };
                        file.faults
                            .push(FaultFields::read(fields, line_of(start), &line_of)?);
                    }
                }
                ("fault", _) => return Err(error(position, NOT_TABLES.to_owned())),
                (other, _) => {
                    let problem = format!(
                        "`{other}` is not known; a file has `seed` and tables named [[fault]]"
                    );
                    return Err(error(position, problem));
                }
            }
        }
        Ok(file)
    }
}

const NOT_TABLES: &str = "`fault` must be tables; begin each with [[fault]]";

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    Whole(i64),
    Number(f64),
    Boolean(bool),
}

/// The fields of one fault. What is asked for is taken out; [`FaultFields::end`] refuses what is left.
#[derive(Debug)]
pub struct FaultFields {
    line: usize,
    fields: BTreeMap<String, (usize, Value)>,
    asked: Vec<&'static str>,
}

impl FaultFields {
    fn read(
        table: &DeTable<'_>,
        line: usize,
        line_of: &dyn Fn(usize) -> usize,
    ) -> Result<FaultFields, FaultFileError> {
        let mut fields = BTreeMap::new();
        for (key, value) in table {
            let line = line_of(key.span().start);
            let name = key.get_ref().to_string();
            let value = read_value(value).ok_or_else(|| FaultFileError {
                line,
                problem: format!("`{name}` must be text, a number or true or false"),
            })?;
            fields.insert(name, (line, value));
        }
        Ok(FaultFields {
            line,
            fields,
            asked: Vec::new(),
        })
    }

    /// An error about this fault as a whole.
    pub fn error(&self, problem: impl Into<String>) -> FaultFileError {
        FaultFileError {
            line: self.line,
            problem: problem.into(),
        }
    }

    fn take(&mut self, name: &'static str) -> Option<(usize, Value)> {
        self.asked.push(name);
        self.fields.remove(name)
    }

    /// A text.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(&mut self, name: &'static str) -> Result<Option<String>, FaultFileError> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Value::Text(text))) => Ok(Some(text)),
            Some((line, _)) => Err(wrong(line, name, "must be text in quotes")),
        }
    }

    /// One of some words; the value that stands beside it.
    ///
    /// # Errors
    /// When it is another word, or no text.
    pub fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, FaultFileError> {
        let line = self.fields.get(name).map_or(self.line, |(line, _)| *line);
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let found = words.iter().find(|(word, _)| *word == text);
        let known = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
        found.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let problem = format!("is {text:?}; there are: {}", known().join(", "));
            wrong(line, name, &problem)
        })
    }

    /// `true` or `false`; `false` where it is missing.
    ///
    /// # Errors
    /// When it is something else.
    pub fn boolean(&mut self, name: &'static str) -> Result<bool, FaultFileError> {
        match self.take(name) {
            None => Ok(false),
            Some((_, Value::Boolean(value))) => Ok(value),
            Some((line, _)) => Err(wrong(line, name, "must be true or false")),
        }
    }

    /// A whole number from `least` to `most`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn whole(
        &mut self,
        name: &'static str,
        least: i64,
        most: i64,
    ) -> Result<Option<i64>, FaultFileError> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Value::Whole(value))) if (least..=most).contains(&value) => Ok(Some(value)),
            Some((line, _)) => {
                let problem = format!("must be a whole number from {least} to {most}");
                Err(wrong(line, name, &problem))
            }
        }
    }

    /// A time in milliseconds, `least` of them or more.
    ///
    /// # Errors
    /// When it is something else.
    pub fn millis(
        &mut self,
        name: &'static str,
        least: u64,
    ) -> Result<Option<Duration>, FaultFileError> {
        let bound = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let found = self.whole(name, bound(least), bound(MAX_MILLIS))?;
        Ok(found.map(|millis| Duration::from_millis(millis.unsigned_abs())))
    }

    /// A mean time between two, given as `mean_ms` or as its inverse, `per_second`.
    ///
    /// # Errors
    /// When both are given, or one is out of range.
    pub fn mean(&mut self) -> Result<Option<Duration>, FaultFileError> {
        let mean = self.millis("mean_ms", 1)?;
        let Some((line, value)) = self.take("per_second") else {
            return Ok(mean);
        };
        let rate = match value {
            Value::Number(rate) => rate,
            Value::Whole(rate) => rate as f64,
            Value::Text(_) | Value::Boolean(_) => f64::NAN,
        };
        if !(1e-6..=1e3).contains(&rate) {
            let problem = "must be a number from 0.000001 to 1000";
            return Err(wrong(line, "per_second", problem));
        }
        match mean {
            None => Ok(Some(Duration::from_secs_f64(1.0 / rate))),
            Some(_) => Err(wrong(
                line,
                "per_second",
                "says the same as `mean_ms`; write one of them",
            )),
        }
    }

    /// Refuses what nobody asked for. `kind` is named in the error.
    ///
    /// # Errors
    /// When a field is left.
    pub fn end(self, kind: &str) -> Result<(), FaultFileError> {
        match self.fields.into_iter().next() {
            None => Ok(()),
            Some((name, (line, _))) => {
                let problem = format!(
                    "is no field of a fault of kind {kind:?}; it has: {}",
                    self.asked.join(", ")
                );
                Err(wrong(line, &name, &problem))
            }
        }
    }
}

fn wrong(line: usize, name: &str, problem: &str) -> FaultFileError {
    FaultFileError {
        line,
        problem: format!("`{name}` {problem}"),
    }
}

fn read_value(value: &Spanned<DeValue<'_>>) -> Option<Value> {
    Some(match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            Value::Whole(i64::from_str_radix(number.as_str(), number.radix()).ok()?)
        }
        DeValue::Float(number) => Value::Number(number.as_str().parse().ok()?),
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(text: &str) -> FaultFields {
        FaultFile::parse(text).unwrap().faults.remove(0)
    }

    #[test]
    fn fields_are_taken_one_by_one() {
        let file = FaultFile::parse("seed = 7\n\n[[fault]]\nkind = \"cut\"\n").unwrap();
        assert_eq!((file.seed, file.faults.len()), (Some(7), 1));
        let mut fields = one("[[fault]]\na_ms = 20\nb = true\nper_second = 0.5\nc = \"x\"\n");
        assert_eq!(
            fields.millis("a_ms", 1),
            Ok(Some(Duration::from_millis(20)))
        );
        assert_eq!(fields.boolean("b"), Ok(true));
        assert_eq!(fields.boolean("none"), Ok(false));
        assert_eq!(fields.mean(), Ok(Some(Duration::from_secs(2))));
        assert_eq!(fields.word("c", &[("x", 1), ("y", 2)]), Ok(Some(1)));
        assert_eq!(fields.end("cut"), Ok(()));
    }

    #[test]
    fn errors_name_line_and_field() {
        for (text, line, word) in [
            ("seed = -1", 1, "`seed`"),
            ("seed = \"x\"", 1, "`seed`"),
            ("\nspeed = 1", 2, "`speed`"),
            ("fault = 3", 1, "`fault`"),
            ("\n\nfault = [1]", 3, "`fault`"),
            ("[[fault]]\nkind = [1]", 2, "`kind`"),
            ("[[fault]]\nkind = ", 2, ""),
            ("[[fault]]\nkind = 1\nkind = 2", 3, "duplicate"),
        ] {
            let error = FaultFile::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.to_string().contains(word), "{text}: {error}");
        }
        let mut fields = one("[[fault]]\nkind = 1\nafter_ms = 0\nper_second = 0\nextra = 1\n");
        assert_eq!(fields.text("kind").unwrap_err().line, 2);
        assert_eq!(fields.millis("after_ms", 1).unwrap_err().line, 3);
        assert_eq!(fields.mean().unwrap_err().line, 4);
        let left = fields.end("hang").unwrap_err();
        assert_eq!(left.line, 5);
        assert!(left.problem.starts_with("`extra` is no field"), "{left}");
        assert!(left.problem.contains("after_ms, mean_ms"), "{left}");
        let mut both = one("[[fault]]\nmean_ms = 10\nper_second = 1\n");
        assert!(both.mean().unwrap_err().problem.contains("`mean_ms`"));
        let long = " ".repeat(MAX_BYTES + 1);
        assert_eq!(FaultFile::parse(&long).unwrap_err().line, 1);
        let many = "[[fault]]\n".repeat(MAX_FAULTS + 1);
        assert!(FaultFile::parse(&many).is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in ".{0,200}") {
            if let Err(error) = FaultFile::parse(&text) {
                prop_assert!(error.line >= 1 && error.line <= 1 + text.matches('\n').count());
            }
        }

        #[test]
        fn no_value_is_too_odd(value in "[-+0-9a-z\"'\\[{.:_ ]{0,16}", name in "[a-z_]{1,8}") {
            let text = format!("[[fault]]\nkind = \"x\"\n{name} = {value}\n");
            if let Ok(file) = FaultFile::parse(&text) {
                for mut fields in file.faults {
                    let _ = fields.text("kind");
                    let _ = (fields.mean(), fields.millis("after_ms", 1), fields.boolean("on"));
                    let _ = fields.end("x");
                }
            }
        }
    }
}

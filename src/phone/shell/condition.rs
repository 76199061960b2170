//! `test`, `[ ]` and `[[ ]]`. Uses the phone's files.

use brush_parser::ast::{BinaryPredicate, ExtendedTestExpr, UnaryPredicate};

use super::arithmetic::parse_number;
use super::interpreter::{Fault, Shell};
use super::streams::Streams;
use super::variables::is_name;
use super::{expand, pattern};
use crate::phone::system::FileKind;

/// `test ARGUMENTS`: whether it holds; the error is the text after the name.
pub fn test(shell: &Shell, arguments: &[String]) -> Result<bool, String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut parser = Test {
        shell,
        words: &arguments,
        at: 0,
    };
    match arguments.as_slice() {
        [] => Ok(false),
        [word] => Ok(!word.is_empty()),
        ["!", word] => Ok(word.is_empty()),
        _ => {
            let holds = parser.any()?;
            match parser.peek() {
                None => Ok(holds),
                Some(word) => Err(format!("{word}: unexpected operator/operand")),
            }
        }
    }
}

struct Test<'a> {
    shell: &'a Shell,
    words: &'a [&'a str],
    at: usize,
}

impl<'a> Test<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    fn any(&mut self) -> Result<bool, String> {
        let mut holds = self.all()?;
        while self.peek() == Some("-o") {
            self.at += 1;
            holds |= self.all()?;
        }
        Ok(holds)
    }

    fn all(&mut self) -> Result<bool, String> {
        let mut holds = self.one()?;
        while self.peek() == Some("-a") {
            self.at += 1;
            holds &= self.one()?;
        }
        Ok(holds)
    }

    fn one(&mut self) -> Result<bool, String> {
        let word = self.peek().ok_or("argument expected")?;
        let left = self.words.len() - self.at;
        if left >= 3
            && let Some(holds) = compare(
                self.shell,
                word,
                self.words[self.at + 1],
                self.words[self.at + 2],
            )
        {
            self.at += 3;
            return holds;
        }
        self.at += 1;
        match word {
            "!" => Ok(!self.one()?),
            "(" => {
                let holds = self.any()?;
                match self.peek() {
                    Some(")") => {
                        self.at += 1;
                        Ok(holds)
                    }
                    _ => Err("missing )".to_owned()),
                }
            }
            _ => match self
                .peek()
                .and_then(|operand| unary(self.shell, word, operand))
            {
                Some(holds) => {
                    self.at += 1;
                    Ok(holds)
                }
                None if self.words.len() == self.at + 1 && is_comparison(self.words[self.at]) => {
                    Err(format!("{}: missing second argument", self.words[self.at]))
                }
                None => Ok(!word.is_empty()),
            },
        }
    }
}

fn is_comparison(word: &str) -> bool {
    matches!(
        word,
        "=" | "==" | "!=" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-nt" | "-ot" | "-ef"
    )
}

fn unary(shell: &Shell, operator: &str, operand: &str) -> Option<bool> {
    let files = &shell.machine.files;
    let found = || {
        let path = shell.path(operand).ok()?;
        files.metadata(&path).ok()
    };
    Some(match operator {
        "-n" => !operand.is_empty(),
        "-z" => operand.is_empty(),
        "-e" | "-a" => found().is_some() || operand.starts_with("/dev/"),
        "-f" => found().is_some_and(|found| found.kind == FileKind::File),
        "-d" => found().is_some_and(|found| found.is_directory()),
        "-s" => found().is_some_and(|found| found.size > 0),
        "-r" | "-w" => found().is_some(),
        "-x" => found().is_some_and(|found| found.mode & 0o111 != 0),
        "-L" | "-h" => shell
            .path(operand)
            .and_then(|path| files.link_metadata(&path))
            .is_ok_and(|found| found.kind == FileKind::Link),
        "-u" => found().is_some_and(|found| found.mode & 0o4000 != 0),
        "-g" => found().is_some_and(|found| found.mode & 0o2000 != 0),
        "-k" => found().is_some_and(|found| found.mode & 0o1000 != 0),
        "-b" | "-p" | "-S" => false,
        "-c" => matches!(operand, "/dev/null" | "/dev/tty" | "/dev/zero"),
        "-t" => false,
        "-v" => shell.variable(operand).is_some(),
        "-o" => match operand.strip_prefix('!') {
            Some(name) => !shell.options.is_on(name),
            None => shell.options.is_on(operand),
        },
        _ => return None,
    })
}

fn compare(shell: &Shell, left: &str, operator: &str, right: &str) -> Option<Result<bool, String>> {
    let numbers = || {
        let number = |text: &str| {
            // mksh takes a word that is no number as a variable, and an unknown one as 0.
            let text = text.trim();
            if text.is_empty() {
                return Ok(0);
            }
            let held = || shell.variable(text).unwrap_or_default();
            match parse_number(text) {
                Some(value) => Ok(value),
                None if is_name(text) => Ok(parse_number(held().trim()).unwrap_or(0)),
                None => Err(format!("{text}: bad number '{text}'")),
            }
        };
        Ok::<_, String>((number(left)?, number(right)?))
    };
    let count = |holds: fn(&i32, &i32) -> bool| numbers().map(|(left, right)| holds(&left, &right));
    let modified = |name: &str| {
        let path = shell.path(name).ok()?;
        Some(shell.machine.files.metadata(&path).ok()?.modified_micros)
    };
    Some(Ok(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-eq" => return Some(count(i32::eq)),
        "-ne" => return Some(count(i32::ne)),
        "-lt" => return Some(count(i32::lt)),
        "-le" => return Some(count(i32::le)),
        "-gt" => return Some(count(i32::gt)),
        "-ge" => return Some(count(i32::ge)),
        "-nt" => modified(left) > modified(right),
        "-ot" => modified(left) < modified(right),
        "-ef" => {
            matches!((shell.path(left), shell.path(right)), (Ok(left), Ok(right)) if left == right)
        }
        _ => return None,
    }))
}

/// `[[ ... ]]`.
pub fn extended(
    shell: &mut Shell,
    expression: &ExtendedTestExpr,
    streams: &Streams,
) -> Result<bool, Fault> {
    Ok(match expression {
        ExtendedTestExpr::And(left, right) => {
            extended(shell, left, streams)? && extended(shell, right, streams)?
        }
        ExtendedTestExpr::Or(left, right) => {
            extended(shell, left, streams)? || extended(shell, right, streams)?
        }
        ExtendedTestExpr::Not(inner) => !extended(shell, inner, streams)?,
        ExtendedTestExpr::Parenthesized(inner) => extended(shell, inner, streams)?,
        ExtendedTestExpr::UnaryTest(predicate, word) => {
            let operand = expand::text(shell, &word.value, streams)?;
            let operator = match predicate {
                UnaryPredicate::StringHasNonZeroLength => "-n",
                UnaryPredicate::StringHasZeroLength => "-z",
                UnaryPredicate::FileExistsAndIsRegularFile => "-f",
                UnaryPredicate::FileExistsAndIsDir => "-d",
                UnaryPredicate::FileExistsAndIsNotZeroLength => "-s",
                UnaryPredicate::FileExistsAndIsExecutable => "-x",
                UnaryPredicate::FileExistsAndIsSymlink => "-L",
                UnaryPredicate::FileExists
                | UnaryPredicate::FileExistsAndIsReadable
                | UnaryPredicate::FileExistsAndIsWritable => "-e",
                UnaryPredicate::ShellVariableIsSetAndAssigned => "-v",
                UnaryPredicate::ShellOptionEnabled => "-o",
                _ => return Ok(false),
            };
            unary(shell, operator, &operand).unwrap_or(false)
        }
        ExtendedTestExpr::BinaryTest(predicate, left, right) => {
            let left = expand::text(shell, &left.value, streams)?;
            let operator = match predicate {
                BinaryPredicate::StringExactlyMatchesPattern
                | BinaryPredicate::StringDoesNotExactlyMatchPattern => {
                    let wanted = expand::pattern_text(shell, &right.value, streams)?;
                    let negated =
                        matches!(predicate, BinaryPredicate::StringDoesNotExactlyMatchPattern);
                    return Ok(pattern::matches(&wanted, &left) != negated);
                }
                BinaryPredicate::StringExactlyMatchesString => "=",
                BinaryPredicate::StringDoesNotExactlyMatchString => "!=",
                BinaryPredicate::ArithmeticEqualTo => "-eq",
                BinaryPredicate::ArithmeticNotEqualTo => "-ne",
                BinaryPredicate::ArithmeticLessThan => "-lt",
                BinaryPredicate::ArithmeticLessThanOrEqualTo => "-le",
                BinaryPredicate::ArithmeticGreaterThan => "-gt",
                BinaryPredicate::ArithmeticGreaterThanOrEqualTo => "-ge",
                BinaryPredicate::LeftSortsBeforeRight => "<",
                BinaryPredicate::LeftSortsAfterRight => ">",
                BinaryPredicate::LeftFileIsNewerOrExistsWhenRightDoesNot => "-nt",
                BinaryPredicate::LeftFileIsOlderOrDoesNotExistWhenRightDoes => "-ot",
                BinaryPredicate::FilesReferToSameDeviceAndInodeNumbers => "-ef",
                _ => return Err(Fault::syntax("syntax error in [[".to_owned())),
            };
            let right = expand::text(shell, &right.value, streams)?;
            matches!(compare(shell, &left, operator, &right), Some(Ok(true)))
        }
    })
}

//! Word expansion: quotes, variables, substitutions, field splitting, globs. The grammar of words
//! is `brush-parser`'s; what they mean is decided here.

use brush_parser::ParserOptions;
use brush_parser::word::{
    self, Parameter, ParameterExpr, ParameterTestType, SpecialParameter, TildeExpr, WordPiece,
    WordPieceWithSource,
};

use super::interpreter::{Fault, Shell};
use super::streams::{Input, Output, Streams};
use super::{arithmetic, pattern};

/// The options that every parser of this shell gets: mksh takes POSIX and a little more.
pub fn parser_options() -> ParserOptions {
    ParserOptions {
        enable_extended_globbing: false,
        ..ParserOptions::default()
    }
}

/// One stretch of an expanded word.
struct Part {
    text: String,
    /// Quoted text is neither split nor matched against files.
    quoted: bool,
    /// Comes from an expansion, so that unquoted blanks in it split the word.
    splits: bool,
}

/// A word becomes any number of fields.
pub fn fields(shell: &mut Shell, word: &str, streams: &Streams) -> Result<Vec<String>, Fault> {
    let options = parser_options();
    let mut fields = Vec::new();
    for alternative in braces(word) {
        let pieces = word::parse(&alternative, &options)
            .map_err(|_| Fault::syntax(format!("syntax error: bad word '{word}'")))?;
        let mut words = Fields::default();
        expand_pieces(shell, &pieces, false, streams, &mut words)?;
        for parts in words.finish() {
            let text: String = parts
                .iter()
                .map(|part| match part.quoted {
                    true => pattern::escape(&part.text),
                    false => part.text.clone(),
                })
                .collect();
            if parts.iter().any(|part| !part.quoted) && pattern::is_pattern(&text) {
                let found = pattern::expand(&shell.machine.files, &shell.directory, &text);
                if !found.is_empty() {
                    fields.extend(found);
                    continue;
                }
            }
            fields.push(parts.into_iter().map(|part| part.text).collect());
        }
    }
    Ok(fields)
}

/// A word becomes one text: no splitting, no globs (assignments, redirections, `case`).
pub fn text(shell: &mut Shell, word: &str, streams: &Streams) -> Result<String, Fault> {
    let parts = single(shell, word, streams)?;
    Ok(parts.into_iter().map(|part| part.text).collect())
}

/// A word becomes a pattern: quoted characters stand for themselves.
pub fn pattern_text(shell: &mut Shell, word: &str, streams: &Streams) -> Result<String, Fault> {
    let parts = single(shell, word, streams)?;
    Ok(parts
        .into_iter()
        .map(|part| match part.quoted {
            true => pattern::escape(&part.text),
            false => part.text,
        })
        .collect())
}

/// The body of a here-document.
pub fn document(shell: &mut Shell, body: &str, streams: &Streams) -> Result<String, Fault> {
    let pieces = word::parse_heredoc(body, &parser_options())
        .map_err(|_| Fault::syntax("syntax error: bad here-document".to_owned()))?;
    let mut words = Fields::default();
    expand_pieces(shell, &pieces, true, streams, &mut words)?;
    Ok(words
        .finish()
        .into_iter()
        .flatten()
        .map(|part| part.text)
        .collect())
}

fn single(shell: &mut Shell, word: &str, streams: &Streams) -> Result<Vec<Part>, Fault> {
    let pieces = word::parse(word, &parser_options())
        .map_err(|_| Fault::syntax(format!("syntax error: bad word '{word}'")))?;
    let mut words = Fields {
        joined: true,
        ..Fields::default()
    };
    expand_pieces(shell, &pieces, false, streams, &mut words)?;
    Ok(words.finish().into_iter().flatten().collect())
}

/// Gathers parts into fields, splitting where expansions hold blanks.
#[derive(Default)]
struct Fields {
    done: Vec<Vec<Part>>,
    open: Vec<Part>,
    /// A field is there even when it is empty, because of quotes.
    started: bool,
    /// One text is wanted: nothing splits.
    joined: bool,
}

impl Fields {
    fn push(&mut self, part: Part) {
        if !part.splits || self.joined {
            self.started |= part.quoted || !part.text.is_empty();
            self.open.push(part);
            return;
        }
        for (index, piece) in part.text.split([' ', '\t', '\n']).enumerate() {
            if index > 0 {
                self.end_field();
            }
            if !piece.is_empty() {
                self.started = true;
                self.open.push(Part {
                    text: piece.to_owned(),
                    quoted: false,
                    splits: false,
                });
            }
        }
    }

    fn end_field(&mut self) {
        if self.started {
            self.done.push(std::mem::take(&mut self.open));
        }
        self.open.clear();
        self.started = false;
    }

    fn finish(mut self) -> Vec<Vec<Part>> {
        self.end_field();
        self.done
    }
}

fn expand_pieces(
    shell: &mut Shell,
    pieces: &[WordPieceWithSource],
    quoted: bool,
    streams: &Streams,
    into: &mut Fields,
) -> Result<(), Fault> {
    for piece in pieces {
        expand_piece(shell, &piece.piece, quoted, streams, into)?;
    }
    Ok(())
}

fn expand_piece(
    shell: &mut Shell,
    piece: &WordPiece,
    quoted: bool,
    streams: &Streams,
    into: &mut Fields,
) -> Result<(), Fault> {
    let literal = |text: &str, quoted| Part {
        text: text.to_owned(),
        quoted,
        splits: false,
    };
    match piece {
        WordPiece::Text(text) => into.push(literal(text, quoted)),
        WordPiece::SingleQuotedText(text) => into.push(literal(text, true)),
        WordPiece::AnsiCQuotedText(text) => into.push(literal(&super::text::unescape(text), true)),
        WordPiece::EscapeSequence(text) => {
            let escaped = text.strip_prefix('\\').unwrap_or(text);
            // A backslash before a newline joins the lines.
            let escaped = if escaped == "\n" { "" } else { escaped };
            into.push(literal(escaped, true));
        }
        WordPiece::DoubleQuotedSequence(inner) | WordPiece::GettextDoubleQuotedSequence(inner) => {
            let every = all_positional(inner);
            if !every {
                into.push(literal("", true));
            }
            expand_pieces(shell, inner, true, streams, into)?;
        }
        WordPiece::TildeExpansion(tilde) => {
            let text = match tilde {
                TildeExpr::Home => "/".to_owned(),
                TildeExpr::WorkingDir => shell.directory.clone(),
                TildeExpr::UserHome(user) => format!("~{user}"),
                _ => "~".to_owned(),
            };
            into.push(literal(&text, true));
        }
        WordPiece::CommandSubstitution(command)
        | WordPiece::BackquotedCommandSubstitution(command) => {
            let output = substitute(shell, command, streams)?;
            into.push(Part {
                text: output,
                quoted,
                splits: !quoted,
            });
        }
        WordPiece::ArithmeticExpression(expression) => {
            let plain = text(shell, &expression.value, streams)?;
            let value = arithmetic::evaluate(shell, &plain)?;
            into.push(literal(&value.to_string(), quoted));
        }
        WordPiece::ParameterExpansion(expression) => {
            if let ParameterExpr::Parameter {
                parameter:
                    Parameter::Special(SpecialParameter::AllPositionalParameters { concatenate: false }),
                ..
            } = expression
                && quoted
            {
                let values = shell.positional.clone();
                for (index, value) in values.iter().enumerate() {
                    if index > 0 && !into.joined {
                        into.end_field();
                    } else if index > 0 {
                        into.push(literal(" ", true));
                    }
                    into.push(literal(value, true));
                }
                return Ok(());
            }
            let value = parameter(shell, expression, streams)?;
            into.push(Part {
                text: value,
                quoted,
                splits: !quoted,
            });
        }
    }
    Ok(())
}

/// Whether the double quotes hold `$@` alone, which may become no field at all.
fn all_positional(inner: &[WordPieceWithSource]) -> bool {
    matches!(
        inner,
        [WordPieceWithSource {
            piece: WordPiece::ParameterExpansion(ParameterExpr::Parameter {
                parameter: Parameter::Special(SpecialParameter::AllPositionalParameters {
                    concatenate: false
                }),
                ..
            }),
            ..
        }]
    )
}

fn substitute(shell: &mut Shell, command: &str, streams: &Streams) -> Result<String, Fault> {
    let (output, buffer) = Output::buffer();
    let inner = Streams {
        input: Input::empty(),
        output,
        error: streams.error.clone(),
    };
    let status = shell.subshell(|shell| shell.run_text(command, &inner));
    shell.status = status;
    shell.substituted = true;
    let mut bytes = buffer.take();
    while bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Ok(String::from_utf8_lossy(&bytes).replace('\0', ""))
}

/// The value of a parameter; `None` when it is not set.
fn value_of(shell: &Shell, parameter: &Parameter) -> Option<String> {
    match parameter {
        Parameter::Positional(0) => Some("/system/bin/sh".to_owned()),
        Parameter::Positional(index) => shell.positional.get(*index as usize - 1).cloned(),
        Parameter::Named(name) => shell.variable(name),
        Parameter::NamedWithIndex { name, index } if index == "0" => shell.variable(name),
        Parameter::NamedWithIndex { .. } => None,
        Parameter::NamedWithAllIndices { name, .. } => shell.variable(name),
        Parameter::Special(special) => Some(match special {
            SpecialParameter::AllPositionalParameters { .. } => shell.positional.join(" "),
            SpecialParameter::PositionalParameterCount => shell.positional.len().to_string(),
            SpecialParameter::LastExitStatus => shell.status.to_string(),
            SpecialParameter::CurrentOptionFlags => "hc".to_owned(),
            SpecialParameter::ProcessId | SpecialParameter::LastBackgroundProcessId => {
                shell.process.to_string()
            }
            SpecialParameter::ShellName => "/system/bin/sh".to_owned(),
        }),
    }
}

fn parameter(
    shell: &mut Shell,
    expression: &ParameterExpr,
    streams: &Streams,
) -> Result<String, Fault> {
    let tested = |shell: &Shell, parameter: &Parameter, test: &ParameterTestType| {
        value_of(shell, parameter)
            .filter(|value| !matches!(test, ParameterTestType::UnsetOrNull) || !value.is_empty())
    };
    let other = |shell: &mut Shell, word: &Option<String>| match word {
        Some(word) => text(shell, word, streams),
        None => Ok(String::new()),
    };
    match expression {
        ParameterExpr::Parameter { parameter, .. } => match value_of(shell, parameter) {
            None if shell.options.unset_is_error => {
                Err(Fault::fatal(format!("{parameter}: parameter not set")))
            }
            value => Ok(value.unwrap_or_default()),
        },
        ParameterExpr::UseDefaultValues {
            parameter,
            test_type,
            default_value,
            ..
        } => match tested(shell, parameter, test_type) {
            Some(value) => Ok(value),
            None => other(shell, default_value),
        },
        ParameterExpr::AssignDefaultValues {
            parameter,
            test_type,
            default_value,
            ..
        } => match tested(shell, parameter, test_type) {
            Some(value) => Ok(value),
            None => {
                let value = other(shell, default_value)?;
                if let Parameter::Named(name) = parameter {
                    shell.set_variable(name, &value);
                }
                Ok(value)
            }
        },
        ParameterExpr::IndicateErrorIfNullOrUnset {
            parameter,
            test_type,
            error_message,
            ..
        } => match tested(shell, parameter, test_type) {
            Some(value) => Ok(value),
            None => {
                let message = match error_message {
                    Some(word) => text(shell, word, streams)?,
                    None => "parameter null or not set".to_owned(),
                };
                let name = match parameter {
                    Parameter::Named(name) => name.clone(),
                    _ => "parameter".to_owned(),
                };
                Err(Fault::fatal(format!("{name}: {message}")))
            }
        },
        ParameterExpr::UseAlternativeValue {
            parameter,
            test_type,
            alternative_value,
            ..
        } => match tested(shell, parameter, test_type) {
            Some(_) => other(shell, alternative_value),
            None => Ok(String::new()),
        },
        ParameterExpr::ParameterLength { parameter, .. } => {
            let value = value_of(shell, parameter).unwrap_or_default();
            Ok(value.chars().count().to_string())
        }
        ParameterExpr::RemoveSmallestSuffixPattern {
            parameter, pattern, ..
        } => trim(shell, parameter, pattern, streams, Trim::ShortSuffix),
        ParameterExpr::RemoveLargestSuffixPattern {
            parameter, pattern, ..
        } => trim(shell, parameter, pattern, streams, Trim::LongSuffix),
        ParameterExpr::RemoveSmallestPrefixPattern {
            parameter, pattern, ..
        } => trim(shell, parameter, pattern, streams, Trim::ShortPrefix),
        ParameterExpr::RemoveLargestPrefixPattern {
            parameter, pattern, ..
        } => trim(shell, parameter, pattern, streams, Trim::LongPrefix),
        ParameterExpr::Substring {
            parameter,
            offset,
            length,
            ..
        } => {
            let value: Vec<char> = value_of(shell, parameter)
                .unwrap_or_default()
                .chars()
                .collect();
            let offset = arithmetic::evaluate(shell, &offset.value)?;
            let length = match length {
                Some(length) => arithmetic::evaluate(shell, &length.value)?,
                None => i64::MAX,
            };
            let size = value.len() as i64;
            let start = if offset < 0 { size + offset } else { offset }.clamp(0, size);
            let end = if length < 0 {
                size + length
            } else {
                start.saturating_add(length)
            }
            .clamp(start, size);
            Ok(value[start as usize..end as usize].iter().collect())
        }
        ParameterExpr::ReplaceSubstring {
            parameter,
            pattern: wanted,
            replacement,
            match_kind,
            ..
        } => {
            let value = value_of(shell, parameter).unwrap_or_default();
            let wanted = pattern_text(shell, wanted, streams)?;
            let replacement = other(shell, replacement)?;
            let everywhere = matches!(match_kind, word::SubstringMatchKind::Anywhere);
            Ok(replace(&value, &wanted, &replacement, everywhere))
        }
        _ => Err(Fault::fatal("bad substitution".to_owned())),
    }
}

#[derive(Clone, Copy)]
enum Trim {
    ShortSuffix,
    LongSuffix,
    ShortPrefix,
    LongPrefix,
}

fn trim(
    shell: &mut Shell,
    parameter: &Parameter,
    wanted: &Option<String>,
    streams: &Streams,
    kind: Trim,
) -> Result<String, Fault> {
    let value = value_of(shell, parameter).unwrap_or_default();
    let Some(wanted) = wanted else {
        return Ok(value);
    };
    let wanted = pattern_text(shell, wanted, streams)?;
    let mut cuts: Vec<usize> = value.char_indices().map(|(at, _)| at).collect();
    cuts.push(value.len());
    if matches!(kind, Trim::ShortSuffix | Trim::LongPrefix) {
        cuts.reverse();
    }
    for cut in cuts {
        let (head, tail) = value.split_at(cut);
        match kind {
            Trim::ShortSuffix | Trim::LongSuffix if pattern::matches(&wanted, tail) => {
                return Ok(head.to_owned());
            }
            Trim::ShortPrefix | Trim::LongPrefix if pattern::matches(&wanted, head) => {
                return Ok(tail.to_owned());
            }
            _ => {}
        }
    }
    Ok(value)
}

fn replace(value: &str, wanted: &str, replacement: &str, everywhere: bool) -> String {
    let mut result = String::new();
    let mut rest = value;
    'outer: while !rest.is_empty() {
        let mut ends: Vec<usize> = rest.char_indices().map(|(at, _)| at).skip(1).collect();
        ends.push(rest.len());
        for end in ends.into_iter().rev() {
            if pattern::matches(wanted, &rest[..end]) {
                result.push_str(replacement);
                rest = &rest[end..];
                if everywhere {
                    continue 'outer;
                }
                result.push_str(rest);
                return result;
            }
        }
        let mut characters = rest.chars();
        result.extend(characters.next());
        rest = characters.as_str();
    }
    result
}

/// `{a,b}` and `{1..3}` outside of quotes; a word without them is itself.
fn braces(word: &str) -> Vec<String> {
    use brush_parser::word::{BraceExpressionMember, BraceExpressionOrText};
    const MAX_WORDS: usize = 4096;
    if !word.contains('{') {
        return vec![word.to_owned()];
    }
    fn combine(pieces: &[BraceExpressionOrText]) -> Vec<String> {
        let mut words = vec![String::new()];
        for piece in pieces {
            let choices: Vec<String> = match piece {
                BraceExpressionOrText::Text(text) => vec![text.clone()],
                BraceExpressionOrText::Expr(members) => members
                    .iter()
                    .flat_map(alternatives)
                    .take(MAX_WORDS)
                    .collect(),
            };
            words = words
                .iter()
                .flat_map(|head| choices.iter().map(move |tail| format!("{head}{tail}")))
                .take(MAX_WORDS)
                .collect();
        }
        words
    }
    fn alternatives(member: &BraceExpressionMember) -> Vec<String> {
        match member {
            BraceExpressionMember::NumberSequence {
                start,
                end,
                increment,
            } => sequence(*start, *end, *increment)
                .map(|number| number.to_string())
                .collect(),
            BraceExpressionMember::CharSequence {
                start,
                end,
                increment,
            } => sequence(i64::from(*start as u32), i64::from(*end as u32), *increment)
                .filter_map(|code| char::from_u32(u32::try_from(code).ok()?))
                .map(String::from)
                .collect(),
            BraceExpressionMember::Child(pieces) => combine(pieces),
        }
    }
    fn sequence(start: i64, end: i64, increment: i64) -> impl Iterator<Item = i64> {
        let step = increment.abs().max(1) * if end < start { -1 } else { 1 };
        std::iter::successors(Some(start), move |at| at.checked_add(step))
            .take_while(move |at| if step > 0 { *at <= end } else { *at >= end })
            .take(MAX_WORDS)
    }
    match word::parse_brace_expansions(word, &parser_options()) {
        Ok(Some(pieces)) => combine(&pieces),
        _ => vec![word.to_owned()],
    }
}

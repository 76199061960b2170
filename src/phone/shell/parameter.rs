//! Parameters: `$x`, `${x...}` in all its forms, arrays, positional and special ones. Uses the
//! shell's variables.

use brush_parser::word::{self, Parameter, ParameterExpr, ParameterTestType, SpecialParameter};

use super::expand::{pattern_text, text};
use super::interpreter::{Fault, Shell};
use super::streams::{MAX_BUFFERED, Streams};
use super::{arithmetic, pattern};

/// All values of `$@`, `$*`, `${a[@]}`, `${a[*]}` or `${!a[*]}`, and whether quotes join them.
pub fn all_of(shell: &Shell, expression: &ParameterExpr) -> Option<(Vec<String>, bool)> {
    match expression {
        ParameterExpr::Parameter {
            parameter: Parameter::Special(SpecialParameter::AllPositionalParameters { concatenate }),
            ..
        } => Some((shell.positional.clone(), *concatenate)),
        ParameterExpr::Parameter {
            parameter: Parameter::NamedWithAllIndices { name, concatenate },
            indirect: false,
        } => Some((shell.elements(name).into_values().collect(), *concatenate)),
        ParameterExpr::MemberKeys {
            variable_name,
            concatenate,
        } => {
            let keys = shell.elements(variable_name).into_keys();
            Some((keys.map(|key| key.to_string()).collect(), *concatenate))
        }
        _ => None,
    }
}

/// Whether quotes around the expansion alone may become no field at all.
pub fn may_vanish(expression: &ParameterExpr) -> bool {
    matches!(
        expression,
        ParameterExpr::Parameter {
            parameter: Parameter::Special(SpecialParameter::AllPositionalParameters {
                concatenate: false
            }) | Parameter::NamedWithAllIndices {
                concatenate: false,
                ..
            },
            ..
        }
    )
}

/// The value of a parameter; `None` when it is not set.
fn value_of(shell: &mut Shell, parameter: &Parameter) -> Result<Option<String>, Fault> {
    Ok(match parameter {
        Parameter::Positional(0) => Some(shell.name.clone()),
        Parameter::Positional(index) => shell.positional.get(*index as usize - 1).cloned(),
        Parameter::Named(name) => shell.variable(name),
        Parameter::NamedWithIndex { name, index } => {
            let index = text(shell, index, &shell.terminal.clone())?;
            let index = arithmetic::evaluate(shell, &index)?;
            shell.element(name, index)
        }
        Parameter::NamedWithAllIndices { name, .. } => {
            let values: Vec<String> = shell.elements(name).into_values().collect();
            (!values.is_empty()).then(|| values.join(" "))
        }
        Parameter::Special(special) => match special {
            SpecialParameter::AllPositionalParameters { .. } => {
                (!shell.positional.is_empty()).then(|| shell.positional.join(" "))
            }
            SpecialParameter::PositionalParameterCount => Some(shell.positional.len().to_string()),
            SpecialParameter::LastExitStatus => Some(shell.status.to_string()),
            SpecialParameter::CurrentOptionFlags => Some(shell.options.letters()),
            SpecialParameter::ProcessId => Some(shell.process.to_string()),
            SpecialParameter::LastBackgroundProcessId => {
                shell.background.map(|process| process.to_string())
            }
            SpecialParameter::ShellName => Some(shell.name.clone()),
        },
    })
}

/// A parameter as messages name it.
fn name_of(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Named(name)
        | Parameter::NamedWithIndex { name, .. }
        | Parameter::NamedWithAllIndices { name, .. } => name.clone(),
        Parameter::Positional(index) => index.to_string(),
        Parameter::Special(special) => special.to_string(),
    }
}

/// What `${...}` gives.
pub fn value(
    shell: &mut Shell,
    expression: &ParameterExpr,
    streams: &Streams,
) -> Result<String, Fault> {
    let tested =
        |shell: &mut Shell, parameter: &Parameter, test: &ParameterTestType| {
            let value = value_of(shell, parameter)?;
            Ok::<_, Fault>(value.filter(|value| {
                !matches!(test, ParameterTestType::UnsetOrNull) || !value.is_empty()
            }))
        };
    let other = |shell: &mut Shell, word: &Option<String>| match word {
        Some(word) => text(shell, word, streams),
        None => Ok(String::new()),
    };
    match expression {
        ParameterExpr::Parameter { parameter, .. } => match value_of(shell, parameter)? {
            None if shell.options.unset_is_error => Err(Fault::fatal(format!(
                "{}: parameter not set",
                name_of(parameter)
            ))),
            value => Ok(value.unwrap_or_default()),
        },
        ParameterExpr::UseDefaultValues {
            parameter,
            test_type,
            default_value,
            ..
        } => match tested(shell, parameter, test_type)? {
            Some(value) => Ok(value),
            None => other(shell, default_value),
        },
        ParameterExpr::AssignDefaultValues {
            parameter,
            test_type,
            default_value,
            ..
        } => match tested(shell, parameter, test_type)? {
            Some(value) => Ok(value),
            None => {
                let value = other(shell, default_value)?;
                if let Parameter::Named(name) = parameter {
                    shell.assign_text(name, &value)?;
                }
                Ok(value)
            }
        },
        ParameterExpr::IndicateErrorIfNullOrUnset {
            parameter,
            test_type,
            error_message,
            ..
        } => match tested(shell, parameter, test_type)? {
            Some(value) => Ok(value),
            None => {
                let message = match error_message {
                    Some(word) if !word.is_empty() => text(shell, word, streams)?,
                    _ => "parameter null or not set".to_owned(),
                };
                Err(Fault::fatal(format!("{}: {message}", name_of(parameter))))
            }
        },
        ParameterExpr::UseAlternativeValue {
            parameter,
            test_type,
            alternative_value,
            ..
        } => match tested(shell, parameter, test_type)? {
            Some(_) => other(shell, alternative_value),
            None => Ok(String::new()),
        },
        ParameterExpr::ParameterLength { parameter, .. } => {
            let count = match parameter {
                Parameter::NamedWithAllIndices { name, .. } => shell.elements(name).len(),
                Parameter::Special(SpecialParameter::AllPositionalParameters { .. }) => {
                    shell.positional.len()
                }
                other => value_of(shell, other)?.unwrap_or_default().chars().count(),
            };
            Ok(count.to_string())
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
            let value: Vec<char> = value_of(shell, parameter)?
                .unwrap_or_default()
                .chars()
                .collect();
            let offset = text(shell, &offset.value, streams)?;
            let offset = i64::from(arithmetic::evaluate(shell, &offset)?);
            let length = match length {
                Some(length) => {
                    let length = text(shell, &length.value, streams)?;
                    i64::from(arithmetic::evaluate(shell, &length)?)
                }
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
            let value = value_of(shell, parameter)?.unwrap_or_default();
            let wanted = pattern_text(shell, wanted, streams)?;
            let replacement = other(shell, replacement)?;
            Ok(replace(&value, &wanted, &replacement, match_kind))
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
    let value = value_of(shell, parameter)?.unwrap_or_default();
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

/// Replaces the longest fit of a pattern: the first, all, or the one at an end.
fn replace(
    value: &str,
    wanted: &str,
    replacement: &str,
    kind: &word::SubstringMatchKind,
) -> String {
    let mut cuts: Vec<usize> = value.char_indices().map(|(at, _)| at).collect();
    cuts.push(value.len());
    match kind {
        word::SubstringMatchKind::Prefix => {
            let end = cuts
                .iter()
                .rev()
                .find(|end| pattern::matches(wanted, &value[..**end]));
            return end.map_or(value.to_owned(), |end| {
                format!("{replacement}{}", &value[*end..])
            });
        }
        word::SubstringMatchKind::Suffix => {
            let start = cuts
                .iter()
                .find(|start| pattern::matches(wanted, &value[**start..]));
            return start.map_or(value.to_owned(), |start| {
                format!("{}{replacement}", &value[..*start])
            });
        }
        word::SubstringMatchKind::FirstOccurrence | word::SubstringMatchKind::Anywhere => {}
    }
    let everywhere = matches!(kind, word::SubstringMatchKind::Anywhere);
    let mut result = String::new();
    let mut rest = value;
    'outer: while !rest.is_empty() {
        let mut ends: Vec<usize> = rest.char_indices().map(|(at, _)| at).skip(1).collect();
        ends.push(rest.len());
        if result.len() > MAX_BUFFERED {
            return result;
        }
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

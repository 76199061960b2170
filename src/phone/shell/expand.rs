//! Word expansion: quotes, substitutions, field splitting, globs. The grammar of words is
//! `brush-parser`'s; what they mean is decided here and, for `${...}`, in `parameter`.

use brush_parser::ParserOptions;
use brush_parser::word::{self, TildeExpr, WordPiece, WordPieceWithSource};

use super::fields::{Fields, Part, alternatives};
use super::interpreter::{Fault, Shell};
use super::streams::{Output, Streams};
use super::{arithmetic, parameter, pattern};

/// The options that every parser of this shell gets: mksh takes POSIX and a little more.
pub fn parser_options() -> ParserOptions {
    ParserOptions::default()
}

/// A word becomes any number of fields.
pub fn fields(shell: &mut Shell, word: &str, streams: &Streams) -> Result<Vec<String>, Fault> {
    let pieces = parsed(word)?;
    let mut words = Fields::default();
    expand_pieces(shell, &pieces, false, streams, &mut words)?;
    let mut fields = Vec::new();
    for parts in words.finish().into_iter().flat_map(alternatives) {
        if !shell.options.no_patterns && parts.iter().any(|part| !part.quoted) {
            let text = as_pattern(&parts);
            if pattern::is_pattern(&text) {
                let found = pattern::expand(shell, &shell.directory, &text);
                if !found.is_empty() {
                    fields.extend(found);
                    continue;
                }
            }
        }
        fields.push(parts.into_iter().map(|part| part.text).collect());
    }
    Ok(fields)
}

/// A word becomes one text: no splitting, no globs (assignments, redirections, `case`).
pub fn text(shell: &mut Shell, word: &str, streams: &Streams) -> Result<String, Fault> {
    let parts = single(shell, word, streams)?;
    Ok(parts.into_iter().map(|part| part.text).collect())
}

/// An expression becomes the text that is counted: there are no tildes in it but the operator.
pub fn arithmetic_text(
    shell: &mut Shell,
    expression: &str,
    streams: &Streams,
) -> Result<String, Fault> {
    let options = ParserOptions {
        tilde_expansion_at_word_start: false,
        ..parser_options()
    };
    let pieces = word::parse(expression, &options)
        .map_err(|_| Fault::syntax(format!("syntax error: bad word '{expression}'")))?;
    let mut words = Fields::joined();
    expand_pieces(shell, &pieces, false, streams, &mut words)?;
    Ok(words
        .finish()
        .into_iter()
        .flatten()
        .map(|part| part.text)
        .collect())
}

/// A word becomes a pattern: quoted characters stand for themselves.
pub fn pattern_text(shell: &mut Shell, word: &str, streams: &Streams) -> Result<String, Fault> {
    Ok(as_pattern(&single(shell, word, streams)?))
}

/// The body of a here-document.
pub fn document(shell: &mut Shell, body: &str, streams: &Streams) -> Result<String, Fault> {
    let pieces = word::parse_heredoc(body, &parser_options())
        .map_err(|_| Fault::syntax("syntax error: bad here-document".to_owned()))?;
    let mut words = Fields::joined();
    expand_pieces(shell, &pieces, true, streams, &mut words)?;
    Ok(words
        .finish()
        .into_iter()
        .flatten()
        .map(|part| part.text)
        .collect())
}

fn as_pattern(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|part| match part.quoted {
            true => pattern::escape(&part.text),
            false => part.text.clone(),
        })
        .collect()
}

fn parsed(word: &str) -> Result<Vec<WordPieceWithSource>, Fault> {
    word::parse(word, &parser_options()).map_err(|_| match word.contains("${") {
        true => bad_substitution(word),
        false => Fault::syntax(format!("syntax error: bad word '{word}'")),
    })
}

fn bad_substitution(word: &str) -> Fault {
    let bad = &word[word.find("${").unwrap_or(0)..];
    let end = bad.find('}').map_or(bad.len(), |end| end + 1);
    Fault::fatal(format!("{}: bad substitution", &bad[..end]))
}

fn single(shell: &mut Shell, word: &str, streams: &Streams) -> Result<Vec<Part>, Fault> {
    let pieces = parsed(word)?;
    let mut words = Fields::joined();
    expand_pieces(shell, &pieces, false, streams, &mut words)?;
    Ok(words.finish().into_iter().flatten().collect())
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
    match piece {
        WordPiece::Text(text) => into.literal(text, quoted),
        WordPiece::SingleQuotedText(text) => into.literal(text, true),
        WordPiece::AnsiCQuotedText(text) => into.literal(&super::text::ansi_c(text), true),
        WordPiece::EscapeSequence(text) => {
            let escaped = text.strip_prefix('\\').unwrap_or(text);
            // A backslash before a newline joins the lines.
            if escaped != "\n" {
                into.literal(escaped, true);
            }
        }
        WordPiece::DoubleQuotedSequence(inner) | WordPiece::GettextDoubleQuotedSequence(inner) => {
            let vanishes = match inner.as_slice() {
                [only] => match &only.piece {
                    WordPiece::ParameterExpansion(one) => parameter::may_vanish(one),
                    _ => false,
                },
                _ => false,
            };
            if !vanishes {
                into.literal("", true);
            }
            expand_pieces(shell, inner, true, streams, into)?;
        }
        WordPiece::TildeExpansion(tilde) => {
            let home = || shell.variable("HOME").unwrap_or_default();
            let text = match tilde {
                TildeExpr::Home => home(),
                TildeExpr::WorkingDir => shell.directory.clone(),
                TildeExpr::OldWorkingDir => shell.variable("OLDPWD").unwrap_or_default(),
                TildeExpr::UserHome(user) => format!("~{user}"),
                _ => "~".to_owned(),
            };
            into.literal(&text, true);
        }
        WordPiece::CommandSubstitution(command)
        | WordPiece::BackquotedCommandSubstitution(command) => {
            let output = substitute(shell, command, streams)?;
            put(shell, &output, quoted, into);
        }
        WordPiece::ArithmeticExpression(expression) => {
            let plain = arithmetic_text(shell, &expression.value, streams)?;
            let value = arithmetic::evaluate(shell, &plain)?;
            into.literal(&value.to_string(), quoted);
        }
        WordPiece::ParameterExpansion(expression) => {
            if let Some((values, concatenate)) = parameter::all_of(shell, expression) {
                let separator = shell
                    .variable("IFS")
                    .map_or(" ".to_owned(), |signs| signs.chars().take(1).collect());
                if quoted && concatenate {
                    into.literal(&values.join(&separator), true);
                    return Ok(());
                }
                for (index, value) in values.iter().enumerate() {
                    if index > 0 && into.joined {
                        into.literal(" ", quoted);
                    } else if index > 0 {
                        into.end_field();
                    }
                    put(shell, value, quoted, into);
                }
                return Ok(());
            }
            let value = parameter::value(shell, expression, streams)?;
            put(shell, &value, quoted, into);
        }
    }
    Ok(())
}

fn put(shell: &Shell, text: &str, quoted: bool, into: &mut Fields) {
    if quoted {
        into.literal(text, true);
        return;
    }
    match shell.variable("IFS") {
        Some(signs) => into.split(text, &signs),
        None => into.split(text, " \t\n"),
    }
}

fn substitute(shell: &mut Shell, command: &str, streams: &Streams) -> Result<String, Fault> {
    let (output, buffer) = Output::buffer();
    let inner = Streams {
        output,
        ..streams.clone()
    };
    // `$(<FILE)` is the file's content.
    let file = command.trim().strip_prefix('<').map(str::trim_start);
    let command = match file {
        Some(file) if !file.is_empty() && !file.contains([' ', '<', '(', ';', '|']) => {
            format!("cat {file}")
        }
        _ => command.to_owned(),
    };
    let status = shell.subshell(|shell| shell.run_text(&command, &inner));
    shell.status = status;
    shell.substituted = true;
    let mut bytes = buffer.take();
    while bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Ok(String::from_utf8_lossy(&bytes).replace('\0', ""))
}

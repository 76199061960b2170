//! What can be said about a script before or without parsing it. Pure.

/// How deep brackets and blocks nest, roughly; keeps the recursive parser off the stack's end.
pub fn nesting(script: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut quoted = false;
    for (at, byte) in script.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' | b'{' | b'`' if !quoted => depth += 1,
            b')' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        let rest = &script.as_bytes()[at..];
        if !quoted {
            if ["if ", "do ", "case "]
                .iter()
                .any(|word| rest.starts_with(word.as_bytes()))
            {
                depth += 1;
            } else if ["fi", "done", "esac"]
                .iter()
                .any(|word| rest.starts_with(word.as_bytes()))
            {
                depth = depth.saturating_sub(1);
            }
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// What mksh says about a script that cannot be parsed, as near as the parser allows.
pub fn describe(script: &str) -> String {
    let quotes = |quote: char| script.matches(quote).count() % 2 == 1;
    if quotes('"') || quotes('\'') {
        return "no closing quote".to_owned();
    }
    let first = script.split_whitespace().next().unwrap_or("");
    for (opening, closing) in [
        ("if", "fi"),
        ("while", "done"),
        ("for", "done"),
        ("case", "esac"),
    ] {
        let words = || script.split(|c: char| c.is_whitespace() || c == ';');
        if first == closing {
            return format!("syntax error: unexpected '{closing}'");
        }
        if words().any(|word| word == opening) && !words().any(|word| word == closing) {
            return format!("syntax error: unmatched '{opening}'");
        }
    }
    for (opening, closing) in [('(', ')'), ('{', '}')] {
        if script.matches(opening).count() > script.matches(closing).count() {
            return format!("syntax error: unmatched '{opening}'");
        }
        if script.matches(closing).count() > script.matches(opening).count() {
            return format!("syntax error: unexpected '{closing}'");
        }
    }
    match first {
        ";" | "&" | "|" | "&&" | "||" | "then" | "else" | "do" => {
            format!("syntax error: unexpected '{first}'")
        }
        _ => "syntax error: unexpected EOF".to_owned(),
    }
}

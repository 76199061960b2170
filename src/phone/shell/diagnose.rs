//! What mksh says about a script that cannot be parsed: a reader of the grammar that finds the first
//! word which does not belong. Pure.

/// The message for a script with an error.
pub fn describe(script: &str) -> String {
    let tokens = match tokens(script) {
        Ok(tokens) => tokens,
        Err(message) => return message.to_owned(),
    };
    let mut reader = Reader {
        tokens,
        at: 0,
        depth: 0,
    };
    match reader.list(&[]) {
        Err(message) => message,
        Ok(()) if reader.at < reader.tokens.len() => reader.unexpected(),
        // The other parser refuses more than this one knows.
        Ok(()) => "syntax error: unexpected EOF".to_owned(),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Operator(&'static str),
    Newline,
}

const OPERATORS: &[&str] = &[
    "&&", "||", ";;", ";&", ";|", "((", "<<-", "<<<", "<<", ">>", "<&", ">&", "<>", ">|", "|&",
    "&>", ";", "&", "|", "(", ")", "<", ">",
];

/// Splits a script; the error is the message about a quote that does not end.
fn tokens(script: &str) -> Result<Vec<Token>, &'static str> {
    let source: Vec<char> = script.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < source.len() {
        match source[at] {
            ' ' | '\t' => at += 1,
            '\\' if source.get(at + 1) == Some(&'\n') => at += 2,
            '\n' => {
                tokens.push(Token::Newline);
                at += 1;
            }
            '#' => {
                while at < source.len() && source[at] != '\n' {
                    at += 1;
                }
            }
            _ => {
                let rest: String = source[at..].iter().take(3).collect();
                if let Some(operator) = OPERATORS.iter().find(|one| rest.starts_with(**one)) {
                    tokens.push(Token::Operator(operator));
                    at += operator.len();
                    continue;
                }
                let start = at;
                while at < source.len() && !" \t\n;&|()<>".contains(source[at]) {
                    at = quoted_end(&source, at)?;
                }
                tokens.push(Token::Word(
                    source[start..at.min(source.len())].iter().collect(),
                ));
            }
        }
    }
    Ok(tokens)
}

/// The end of what begins at `at`: a quote, a substitution or one character.
fn quoted_end(source: &[char], at: usize) -> Result<usize, &'static str> {
    const OPEN: &str = "no closing quote";
    let until = |from: usize, wanted: char, escapes: bool| {
        let mut at = from;
        while at < source.len() {
            match source[at] {
                '\\' if escapes => at += 1,
                found if found == wanted => return Ok(at + 1),
                _ => {}
            }
            at += 1;
        }
        Err(OPEN)
    };
    match source[at] {
        '\\' => Ok(at + 2),
        '\'' => until(at + 1, '\'', false),
        '"' => until(at + 1, '"', true),
        '`' => until(at + 1, '`', true),
        '$' => match source.get(at + 1) {
            Some('\'') => until(at + 2, '\'', true),
            Some(open @ ('(' | '{')) => {
                let close = if *open == '(' { ')' } else { '}' };
                let (mut depth, mut at) = (0, at + 1);
                while at < source.len() {
                    match source[at] {
                        found if found == *open => depth += 1,
                        found if found == close => depth -= 1,
                        '\'' | '"' | '`' => {
                            at = quoted_end(source, at)?;
                            continue;
                        }
                        _ => {}
                    }
                    at += 1;
                    if depth == 0 {
                        return Ok(at);
                    }
                }
                Err(OPEN)
            }
            _ => Ok(at + 1),
        },
        _ => Ok(at + 1),
    }
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// Words that may not begin a command.
const CLOSING: &[&str] = &[
    "then", "else", "elif", "fi", "do", "done", "esac", "}", "in",
];

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn word(&self) -> Option<&str> {
        match self.peek() {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn is_operator(&self, wanted: &str) -> bool {
        matches!(self.peek(), Some(Token::Operator(found)) if *found == wanted)
    }

    fn unexpected(&self) -> String {
        match self.peek() {
            None => "syntax error: unexpected EOF".to_owned(),
            Some(Token::Newline) => "syntax error: unexpected newline".to_owned(),
            Some(Token::Operator(found)) => format!("syntax error: unexpected '{found}'"),
            Some(Token::Word(found)) => format!("syntax error: unexpected '{found}'"),
        }
    }

    fn newlines(&mut self) {
        while self.peek() == Some(&Token::Newline) {
            self.at += 1;
        }
    }

    /// Takes the word or operator that must come; at the end, what is open is told.
    fn expect(&mut self, wanted: &[&str], opening: &str) -> Result<String, String> {
        self.newlines();
        let found = match self.peek() {
            None => return Err(format!("syntax error: unmatched '{opening}'")),
            Some(Token::Word(found)) => found.clone(),
            Some(Token::Operator(found)) => (*found).to_owned(),
            Some(Token::Newline) => String::new(),
        };
        if !wanted.contains(&found.as_str()) {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(found)
    }

    fn list(&mut self, ends: &[&str]) -> Result<(), String> {
        loop {
            self.newlines();
            match self.peek() {
                None => return Ok(()),
                Some(Token::Word(word)) if ends.contains(&word.as_str()) => return Ok(()),
                Some(Token::Operator(found)) if ends.contains(found) => return Ok(()),
                _ => {}
            }
            self.and_or()?;
            match self.peek() {
                Some(Token::Newline | Token::Operator(";" | "&")) => self.at += 1,
                _ => return Ok(()),
            }
        }
    }

    fn and_or(&mut self) -> Result<(), String> {
        loop {
            self.command()?;
            match self.peek() {
                Some(Token::Operator("&&" | "||" | "|" | "|&")) => {
                    self.at += 1;
                    self.newlines();
                }
                _ => return Ok(()),
            }
        }
    }

    fn command(&mut self) -> Result<(), String> {
        // The script was short of brackets, or this would not have been called; still, no depth
        // of them may end the stack.
        if self.depth > 200 {
            return Err("syntax error: script too large".to_owned());
        }
        self.depth += 1;
        let outcome = self.one_command();
        self.depth -= 1;
        outcome
    }

    fn one_command(&mut self) -> Result<(), String> {
        while self.word() == Some("!") {
            self.at += 1;
        }
        match self.peek().cloned() {
            Some(Token::Operator("(")) => {
                self.at += 1;
                self.list(&[")"])?;
                self.expect(&[")"], "(")?;
            }
            Some(Token::Word(word)) => match word.as_str() {
                "{" => {
                    self.at += 1;
                    self.list(&["}"])?;
                    self.expect(&["}"], "{")?;
                }
                "if" => {
                    self.at += 1;
                    let mut next = "if".to_owned();
                    while matches!(next.as_str(), "if" | "elif") {
                        self.list(&["then"])?;
                        self.expect(&["then"], "if")?;
                        self.list(&["elif", "else", "fi"])?;
                        next = self.expect(&["elif", "else", "fi"], "if")?;
                    }
                    if next == "else" {
                        self.list(&["fi"])?;
                        self.expect(&["fi"], "if")?;
                    }
                }
                "while" | "until" => {
                    self.at += 1;
                    self.list(&["do"])?;
                    self.expect(&["do"], &word)?;
                    self.list(&["done"])?;
                    self.expect(&["done"], &word)?;
                }
                "for" | "select" => {
                    self.at += 1;
                    if self.word().is_none() {
                        return Err(self.unexpected());
                    }
                    while self.word().is_some_and(|word| word != "do") {
                        self.at += 1;
                    }
                    if self.is_operator(";") {
                        self.at += 1;
                    }
                    self.expect(&["do"], &word)?;
                    self.list(&["done"])?;
                    self.expect(&["done"], &word)?;
                }
                "case" => self.case()?,
                closing if CLOSING.contains(&closing) => return Err(self.unexpected()),
                _ => return self.simple(),
            },
            _ => return self.simple(),
        }
        self.redirections()?;
        match self.peek() {
            Some(Token::Word(_) | Token::Operator("(")) => Err(self.unexpected()),
            _ => Ok(()),
        }
    }

    fn case(&mut self) -> Result<(), String> {
        self.at += 1;
        if self.word().is_none() {
            return Err(self.unexpected());
        }
        self.at += 1;
        self.expect(&["in"], "case")?;
        loop {
            self.newlines();
            if self.word() == Some("esac") {
                self.at += 1;
                return Ok(());
            }
            if self.is_operator("(") {
                self.at += 1;
            }
            loop {
                if self.peek().is_none() {
                    return Err("syntax error: unmatched 'case'".to_owned());
                }
                if self.word().is_none() {
                    return Err(self.unexpected());
                }
                self.at += 1;
                if !self.is_operator("|") {
                    break;
                }
                self.at += 1;
            }
            self.expect(&[")"], "case")?;
            self.list(&["esac", ";;", ";&", ";|"])?;
            if self.word() != Some("esac") {
                self.expect(&[";;", ";&", ";|"], "case")?;
            }
        }
    }

    fn redirections(&mut self) -> Result<bool, String> {
        let start = self.at;
        loop {
            match self.peek() {
                Some(Token::Operator(
                    "<" | ">" | ">>" | "<<" | "<<-" | "<<<" | "<&" | ">&" | "<>" | ">|" | "&>",
                )) => {
                    self.at += 1;
                    if self.word().is_none() {
                        return Err(self.unexpected());
                    }
                    self.at += 1;
                }
                _ => return Ok(self.at > start),
            }
        }
    }

    fn simple(&mut self) -> Result<(), String> {
        let start = self.at;
        loop {
            if self.redirections()? {
                continue;
            }
            match self.peek() {
                Some(Token::Word(_)) => self.at += 1,
                // The definition of a function, or a word that cannot be followed by it.
                Some(Token::Operator("(")) if self.at == start + 1 => {
                    self.at += 1;
                    self.expect(&[")"], "(")?;
                    self.newlines();
                    return self.command();
                }
                _ if self.at == start => return Err(self.unexpected()),
                _ => return Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wrong_word_is_named() {
        for (script, message) in [
            ("fi", "unexpected 'fi'"),
            ("echo a; done", "unexpected 'done'"),
            ("if true; then echo a", "unmatched 'if'"),
            ("for i in a; do echo", "unmatched 'for'"),
            ("(echo a", "unmatched '('"),
            ("{ echo a;", "unmatched '{'"),
            ("echo a)", "unexpected ')'"),
            ("case a in a) echo", "unmatched 'case'"),
            ("| cat", "unexpected '|'"),
            ("true &&", "unexpected EOF"),
            ("a && && b", "unexpected '&&'"),
            ("{ a; } b", "unexpected 'b'"),
            (";echo", "unexpected ';'"),
        ] {
            assert_eq!(
                describe(script),
                format!("syntax error: {message}"),
                "{script}"
            );
        }
        assert_eq!(describe("echo \"abc"), "no closing quote");
        assert_eq!(describe("echo 'abc"), "no closing quote");
    }
}

//! Quoting for the device's shell.

/// Quotes a text so that the device's shell passes it on unchanged as one word.
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn only_what_needs_it_is_quoted() {
        assert_eq!(quote("/sdcard/a-b_1.txt"), "/sdcard/a-b_1.txt");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("a b;$(rm -rf /)"), "'a b;$(rm -rf /)'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("~"), "'~'");
    }
}

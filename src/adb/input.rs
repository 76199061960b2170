//! Input events as commands of the device's `input` tool. An action's commands go out as one script.

use super::{Adb, AdbError};

/// Escapes one word for `input text` the way the benchmark does (catalogue section 1.3): a backslash
/// before each special character, non-ASCII letters reduced to their base letter or dropped.
pub fn escape_text(word: &str) -> String {
    let mut escaped = String::with_capacity(word.len() + 8);
    for character in word.chars().flat_map(fold) {
        if "\\;|`\r '\"&<>()#$".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// The ASCII letters of a character's compatibility decomposition, for the letters of European
/// languages; everything else outside ASCII is dropped.
fn fold(character: char) -> impl Iterator<Item = char> {
    const LETTERS: [(&str, char); 29] = [
        ("ÀÁÂÃÄÅĀĂĄ", 'A'),
        ("àáâãäåāăą", 'a'),
        ("ÇĆĈĊČ", 'C'),
        ("çćĉċč", 'c'),
        ("Ď", 'D'),
        ("ď", 'd'),
        ("ÈÉÊËĒĔĖĘĚ", 'E'),
        ("èéêëēĕėęě", 'e'),
        ("ĜĞĠĢ", 'G'),
        ("ĝğġģ", 'g'),
        ("ÌÍÎÏĨĪĬĮİ", 'I'),
        ("ìíîïĩīĭį", 'i'),
        ("ĹĻĽ", 'L'),
        ("ĺļľ", 'l'),
        ("ÑŃŅŇ", 'N'),
        ("ñńņň", 'n'),
        ("ÒÓÔÕÖŌŎŐ", 'O'),
        ("òóôõöōŏő", 'o'),
        ("ŔŖŘ", 'R'),
        ("ŕŗř", 'r'),
        ("ŚŜŞŠ", 'S'),
        ("śŝşš", 's'),
        ("ŢŤţť", 't'),
        ("ÙÚÛÜŨŪŬŮŰŲ", 'U'),
        ("ùúûüũūŭůűų", 'u'),
        ("ÝŶŸ", 'Y'),
        ("ýÿŷ", 'y'),
        ("ŹŻŽ", 'Z'),
        ("źżž", 'z'),
    ];
    let folded = if character.is_ascii() {
        Some(character)
    } else {
        LETTERS
            .iter()
            .find(|(letters, _)| letters.contains(character))
            .map(|(_, letter)| *letter)
    };
    folded.into_iter()
}

/// The commands that type a text: each word, each blank as `%s`, each line break as ENTER. A word
/// that holds nothing typable is left out.
pub fn typing_commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for (line_number, line) in text.split('\n').enumerate() {
        if line_number > 0 {
            commands.push("input keyevent KEYCODE_ENTER".to_owned());
        }
        for (word_number, word) in line.split(' ').enumerate() {
            if word_number > 0 {
                commands.push("input text %s".to_owned());
            }
            let escaped = escape_text(word);
            if !escaped.is_empty() {
                commands.push(format!("input text {escaped}"));
            }
        }
    }
    commands
}

impl Adb {
    /// Taps a point in pixels.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn tap(&self, x: i32, y: i32) -> Result<(), AdbError> {
        self.shell_ok(&format!("input tap {x} {y}"))
            .await
            .map(|_| ())
    }

    /// Sends a key such as `KEYCODE_BACK`.
    ///
    /// # Errors
    /// When the device fails or does not know the key.
    pub async fn key_event(&self, key: &str) -> Result<(), AdbError> {
        self.shell_ok(&format!("input keyevent {}", super::quote(key)))
            .await
            .map(|_| ())
    }

    /// Types a text into whatever has the focus.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn type_text(&self, text: &str) -> Result<(), AdbError> {
        let commands = typing_commands(text);
        if commands.is_empty() {
            return Ok(());
        }
        self.shell_ok(&commands.join(" && ")).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_follows_the_benchmark() {
        assert_eq!(
            typing_commands("Ana Ruiz\nit's $5"),
            [
                "input text Ana",
                "input text %s",
                "input text Ruiz",
                "input keyevent KEYCODE_ENTER",
                "input text it\\'s",
                "input text %s",
                "input text \\$5"
            ]
        );
        assert_eq!(
            typing_commands("a  b"),
            [
                "input text a",
                "input text %s",
                "input text %s",
                "input text b"
            ]
        );
        assert_eq!(escape_text("José 漢ß"), "Jose\\ ");
        assert!(typing_commands("").is_empty());
    }
}

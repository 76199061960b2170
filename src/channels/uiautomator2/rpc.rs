//! JSON-RPC 2.0 as the server speaks it, and the base64 that its pictures come in. Plain data.

use serde_json::{Value, json};

/// An answer that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RpcError {
    /// It was said in order that something failed on the device.
    #[error("{method} failed: {message}")]
    Failed {
        /// What was asked.
        method: &'static str,
        /// The protocol's code.
        code: i64,
        /// Its words: the name of an exception, as a rule.
        message: String,
    },
    /// It is no answer to the question.
    #[error("the answer to {method} can't be understood: {reason}")]
    Malformed {
        /// What was asked.
        method: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl RpcError {
    /// Whether a selector found nothing.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, RpcError::Failed { message, .. } if message.contains("UiObjectNotFoundException"))
    }

    /// Whether the server has no such method, or not with these parameters.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, RpcError::Failed { code, .. } if matches!(code, -32601 | -32602))
    }

    /// Whether the server has lost the device's accessibility and is of no more use.
    pub(super) fn is_fatal(&self) -> bool {
        const SIGNS: [&str; 3] = ["DeadObjectException", "DeadSystem", "not connected"];
        match self {
            RpcError::Failed { message, .. } => SIGNS.iter().any(|sign| message.contains(sign)),
            RpcError::Malformed { .. } => true,
        }
    }
}

/// A question in ASCII: whatever else there is in a text is escaped, as the server reads nothing else.
pub(super) fn question(id: u64, method: &str, parameters: &Value) -> String {
    let plain =
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}).to_string();
    let mut text = String::with_capacity(plain.len());
    let mut units = [0; 2];
    for character in plain.chars() {
        if character.is_ascii() {
            text.push(character);
            continue;
        }
        // Outside of texts JSON is ASCII.
        for unit in character.encode_utf16(&mut units) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    }
    text
}

/// The result in an answer to the question with this number.
///
/// # Errors
/// [`RpcError`], also when it answers another question.
pub(super) fn result(id: u64, method: &'static str, body: &[u8]) -> Result<Value, RpcError> {
    let malformed = |reason: String| RpcError::Malformed { method, reason };
    let mut answer: Value =
        serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        let message = error["message"].as_str().unwrap_or("no reason is given");
        let data = error["data"].as_str().unwrap_or("");
        let first = data.lines().next().unwrap_or("");
        let text = match first.is_empty() || first == message {
            true => message.to_owned(),
            false => format!("{message} ({first})"),
        };
        return Err(RpcError::Failed {
            method,
            code: error["code"].as_i64().unwrap_or(0),
            message: text.chars().take(300).collect(),
        });
    }
    if answer.get("id").and_then(Value::as_u64) != Some(id) {
        return Err(malformed(format!("it has not the number {id}")));
    }
    let result = answer.get_mut("result").map(Value::take);
    result.ok_or_else(|| malformed("it has neither a result nor an error".to_owned()))
}

/// Decodes base64 with line ends anywhere; `None` when anything else is in it, or its end is missing.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut count, mut padding) = (0_u32, 0, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'\n' | b'\r' => continue,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        held = held << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&held.to_be_bytes()[1..]);
            (held, count) = (0, 0);
        }
    }
    match (count, padding) {
        (0, 0) => {}
        (2, 2) => bytes.push((held >> 4) as u8),
        (3, 1) => bytes.extend_from_slice(&((held >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn questions_are_ascii_and_mean_the_same() {
        let parameters = json!(["Zoë 日本 😀 \"\\\n"]);
        let text = question(7, "setText", &parameters);
        assert!(text.is_ascii());
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&back["params"], &back["id"]), (&parameters, &json!(7)));
    }

    #[test]
    fn answers_are_told_from_errors_and_nonsense() {
        let ask = |body: &str| result(1, "click", body.as_bytes());
        assert_eq!(
            ask(r#"{"jsonrpc":"2.0","id":1,"result":true}"#),
            Ok(json!(true))
        );
        assert_eq!(
            ask(r#"{"id":1,"result":null,"error":null}"#),
            Ok(Value::Null)
        );
        for (body, expected) in [
            ("", "EOF"),
            ("[]", "number"),
            ("{}", "number"),
            ("null", "number"),
            (r#"{"id":2,"result":true}"#, "number"),
            (r#"{"id":1}"#, "neither"),
            (r#"{"id":1,"result":tr"#, "EOF"),
            (&"[".repeat(100_000), "recursion"),
        ] {
            let error = ask(body).unwrap_err();
            assert!(
                error.is_fatal() && error.to_string().contains(expected),
                "{error}"
            );
        }
        let error =
            ask(r#"{"id":"null","error":{"code":-32602,"message":"method parameters invalid"}}"#);
        assert!(error.unwrap_err().is_unknown());
        let missing = r#"{"id":1,"error":{"code":-32001,"message":"androidx.test.uiautomator.UiObjectNotFoundException","data":"x"}}"#;
        let error = ask(missing).unwrap_err();
        assert!(error.is_not_found() && !error.is_fatal());
        let dead = r#"{"id":1,"error":{"code":-32001,"message":"java.lang.IllegalStateException","data":"UiAutomation not connected!\nat x"}}"#;
        let error = ask(dead).unwrap_err();
        assert!(error.is_fatal());
        assert_eq!(
            error.to_string(),
            "click failed: java.lang.IllegalStateException (UiAutomation not connected!)"
        );
        assert!(!ask(r#"{"error":7}"#).unwrap_err().is_fatal());
    }

    #[test]
    fn base64_is_read_to_its_end() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("YQ==", b"a"),
            ("YWI=\n", b"ab"),
            ("YW\r\nJj\n", b"abc"),
            ("/+8A", &[0xff, 0xef, 0]),
        ] {
            assert_eq!(base64(text).as_deref(), Some(bytes), "{text:?}");
        }
        for wrong in [
            "Y", "YQ", "YQ=", "YQ===", "YWJ", "Y Q==", "YQ==YQ==", "é", "YW-j",
        ] {
            assert_eq!(base64(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, text: String) {
            let _ = result(1, "x", &bytes);
            let _ = base64(&text);
        }
    }
}

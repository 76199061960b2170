//! Strings of the adb server's smart sockets: four hexadecimal digits of length, then text.

use super::WireError;

/// Longest service name that the protocol can carry, in bytes.
pub const MAX_SERVICE: usize = 0xffff;

/// A request or text with its length in front.
///
/// # Errors
/// [`WireError::TooLong`] over [`MAX_SERVICE`] bytes.
pub fn encode(text: &str) -> Result<Vec<u8>, WireError> {
    if text.len() > MAX_SERVICE {
        return Err(WireError::TooLong {
            what: "service name",
            length: text.len() as u64,
            limit: MAX_SERVICE as u64,
        });
    }
    Ok(format!("{:04x}{text}", text.len()).into_bytes())
}

/// The length that four hexadecimal digits stand for.
///
/// # Errors
/// [`WireError::Unknown`] when they are not hexadecimal.
pub fn decode_length(digits: [u8; 4]) -> Result<usize, WireError> {
    let text = String::from_utf8_lossy(&digits);
    usize::from_str_radix(&text, 16).map_err(|_| WireError::Unknown {
        what: "length prefix",
        value: text.escape_default().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_four_hexadecimal_digits() {
        assert_eq!(encode("host:version").unwrap(), b"000chost:version");
        assert_eq!(decode_length(*b"00fF"), Ok(255));
        assert!(decode_length(*b"+0zz").is_err());
        assert!(encode(&"x".repeat(70_000)).is_err());
    }
}

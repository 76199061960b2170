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
    let mut length = 0;
    for digit in digits {
        let value = char::from(digit).to_digit(16);
        let value = value.ok_or_else(|| WireError::Unknown {
            what: "length prefix",
            value: digits.escape_ascii().to_string(),
        })?;
        length = length * 16 + value as usize;
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_four_hexadecimal_digits() {
        assert_eq!(encode("host:version").unwrap(), b"000chost:version");
        assert_eq!(decode_length(*b"00fF"), Ok(255));
        for other in [*b"+0zz", *b"+0ff", *b" 0ff", *b"\xff000"] {
            assert!(decode_length(other).is_err(), "{other:?}");
        }
        assert!(encode(&"x".repeat(70_000)).is_err());
    }
}

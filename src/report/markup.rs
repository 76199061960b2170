//! Text that goes into a page: everything from outside passes through here.

use std::fmt::Write;

/// Text as HTML, also inside double-quoted attributes. Characters that HTML can't hold are replaced.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            control if control.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// A value as JSON for a `<script type="application/json">` element: no character in it can end the
/// element or begin a comment.
pub(super) fn script_json(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_string(value).unwrap_or_else(|_| "null".into());
    let mut out = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a String can't fail.
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            other => out.push(other),
        }
    }
    out
}

/// A picture as a `data:` address (RFC 4648 base64).
pub(super) fn data_address(media_type: &str, bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = format!("data:{media_type};base64,");
    out.reserve(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            if digit > group.len() {
                out.push('=');
            } else {
                let index = (bits >> (18 - 6 * digit)) & 63;
                out.push(char::from(DIGITS[index as usize]));
            }
        }
    }
    out
}

/// A share as a percentage without the sign: `67`, `0.4`, `99.6`; never rounds to a false 0 or 100.
pub(super) fn percent(share: f64) -> String {
    let value = share * 100.0;
    // The ends of an interval are exact only up to rounding.
    let tiny = 1e-9;
    if value > tiny && value < 1.0 || value > 99.0 && value < 100.0 - tiny {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// A difference of shares in percentage points with its sign: `+25`, `−8`, `±0`.
pub(super) fn points(difference: f64) -> String {
    let value = (difference * 100.0).round();
    if value == 0.0 {
        "±0".into()
    } else if value > 0.0 {
        format!("+{value:.0}")
    } else {
        format!("\u{2212}{:.0}", -value)
    }
}

/// A number with at most four significant digits.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".into()
    } else if !(1e-4..1e6).contains(&size) {
        format!("{value:.2e}")
    } else if value.fract() == 0.0 {
        thousands(value as i64)
    } else {
        let decimals = (3 - size.log10().floor() as i32).clamp(0, 6) as usize;
        let text = format!("{value:.decimals$}");
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_string()
        } else {
            text
        }
    }
}

/// A whole number with thin gaps: `12 345`.
pub(super) fn thousands(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    if value < 0 {
        out.push('\u{2212}');
    }
    for (index, digit) in digits.chars().enumerate() {
        // Four digits read well without a gap.
        if index > 0 && digits.len() > 4 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A duration in its two largest units: `48 s`, `12 min 5 s`, `3 h 20 min`.
pub(super) fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => match whole % 60 {
            0 => format!("{} min", whole / 60),
            rest => format!("{} min {rest} s", whole / 60),
        },
        _ => match whole % 3600 / 60 {
            0 => format!("{} h", whole / 3600),
            rest => format!("{} h {rest} min", whole / 3600),
        },
    }
}

/// A p value as text after "p": ` < 0.0001`, ` = 0.032`.
pub(super) fn p_value(p: f64) -> String {
    if p < 0.0001 {
        " < 0.0001".into()
    } else if p < 0.01 {
        format!(" = {p:.4}")
    } else {
        format!(" = {p:.2}")
    }
}

/// `1 round`, `2 rounds`.
pub(super) fn count(value: u64, one: &str, many: &str) -> String {
    let text = thousands(value.min(i64::MAX as u64) as i64);
    format!("{text} {}", if value == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_can_not_get_out() {
        assert_eq!(
            escape("<img src=x onerror='a()'> & \"b\" \u{7}"),
            "&lt;img src=x onerror=&#39;a()&#39;&gt; &amp; &quot;b&quot; \u{fffd}"
        );
        let json = script_json(&"</script><!-- & \u{2028}");
        assert!(!json.contains(['<', '>', '&', '\u{2028}']));
        let back: String = serde_json::from_str(&json).unwrap();
        assert_eq!(back, "</script><!-- & \u{2028}");
    }

    #[test]
    fn base64_matches_the_standard() {
        // RFC 4648, section 10.
        for (text, code) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(
                data_address("a/b", text.as_bytes()),
                format!("data:a/b;base64,{code}")
            );
        }
        assert!(data_address("a/b", &[0xfb, 0xff, 0xbf]).ends_with("+/+/"));
    }

    #[test]
    fn numbers_are_short_and_true() {
        assert_eq!(percent(0.0), "0");
        assert_eq!(percent(1e-18), "0");
        assert_eq!(percent(0.004), "0.4");
        assert_eq!(percent(0.996), "99.6");
        assert_eq!(percent(2.0 / 3.0), "67");
        assert_eq!(points(0.25), "+25");
        assert_eq!(points(-0.08), "\u{2212}8");
        assert_eq!(points(-0.001), "±0");
        assert_eq!(number(1.5), "1.5");
        assert_eq!(number(0.012_344), "0.01234");
        assert_eq!(number(12345.0), "12\u{202f}345");
        assert_eq!(number(1234.0), "1234");
        assert_eq!(number(-0.000_01), "-1.00e-5");
        assert_eq!(duration(59.6), "1 min");
        assert_eq!(duration(725.0), "12 min 5 s");
        assert_eq!(duration(12_000.0), "3 h 20 min");
        assert_eq!(p_value(0.00002), " < 0.0001");
        assert_eq!(p_value(0.0321), " = 0.03");
        assert_eq!(count(1, "round", "rounds"), "1 round");
    }

    proptest! {
        #[test]
        fn escaped_text_has_no_markup(text in "\\PC*") {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
        }
    }
}

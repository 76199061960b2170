//! How Pro Expense writes amounts and dates, and what it takes as an amount. Pure.

use jiff::ZonedDateTime;

/// An amount in hundredths: at most two decimals without zeros at the end, commas between thousands.
pub fn amount_text(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let whole = (hundredths.unsigned_abs() / 100).to_string();
    let rest = hundredths.unsigned_abs() % 100;
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if rest > 0 {
        let decimals = format!("{rest:02}");
        text.push('.');
        text.push_str(decimals.trim_end_matches('0'));
    }
    text
}

/// An amount as the form shows it again for editing.
pub fn plain_amount(hundredths: i64) -> String {
    amount_text(hundredths).replace(',', "")
}

/// Whether the amount field takes this text: at most ten characters, eight digits and two decimals.
pub fn is_amount(text: &str) -> bool {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.chars().all(|character| character.is_ascii_digit());
    text.len() <= 10 && whole.len() <= 8 && decimals.len() <= 2 && digits(whole) && digits(decimals)
}

/// The hundredths of a text that [`is_amount`] accepts; `None` without any digit.
pub fn parse_amount(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() && decimals.is_empty() {
        return None;
    }
    let whole: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let rest: i64 = format!("{decimals:0<2}").parse().ok()?;
    Some(whole * 100 + rest)
}

/// The date of a row, as far from today as it is.
pub fn date_text(date: &ZonedDateTime, now: &ZonedDateTime) -> String {
    let time = || date.strftime("%-I:%M %p").to_string();
    let yesterday = now.date().yesterday().ok();
    if date.date() == now.date() {
        format!("Today {}", time())
    } else if Some(date.date()) == yesterday {
        format!("Yesterday {}", time())
    } else if date.year() == now.year() && date.month() == now.month() {
        date.strftime("%Y %b %-d").to_string()
    } else if date.year() == now.year() {
        date.strftime("%b %-d").to_string()
    } else {
        date.strftime("%Y %b %-d").to_string()
    }
}

/// The date under the form's title.
pub fn stamp_text(date: &ZonedDateTime) -> String {
    date.strftime("%-d %b %Y %-I:%M %p").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_read_as_in_the_app() {
        for (hundredths, text) in [
            (12_340, "123.4"),
            (125_000, "1,250"),
            (5, "0.05"),
            (0, "0"),
            (123_456_789, "1,234,567.89"),
        ] {
            assert_eq!(amount_text(hundredths), text);
        }
        assert_eq!(parse_amount("123.4"), Some(12_340));
        assert_eq!(parse_amount(".5"), Some(50));
        assert_eq!(parse_amount("7."), Some(700));
        assert_eq!(parse_amount(""), None);
        assert_eq!(parse_amount("."), None);
        for bad in ["123456789", "1.234", "1.2.3", "a", "-1"] {
            assert!(!is_amount(bad), "{bad}");
        }
    }

    #[test]
    fn dates_read_as_in_the_app() {
        let at = |text: &str| -> ZonedDateTime { format!("{text}+00:00[UTC]").parse().unwrap() };
        let now = at("2023-10-15T15:34:00");
        for (date, text) in [
            ("2023-10-15T09:05:00", "Today 9:05 AM"),
            ("2023-10-14T21:00:00", "Yesterday 9:00 PM"),
            ("2023-10-03T00:00:00", "2023 Oct 3"),
            ("2023-09-03T00:00:00", "Sep 3"),
            ("2022-12-01T00:00:00", "2022 Dec 1"),
        ] {
            assert_eq!(date_text(&at(date), &now), text);
        }
        assert_eq!(stamp_text(&now), "15 Oct 2023 3:34 PM");
    }

    proptest! {
        #[test]
        fn an_amount_shown_for_editing_is_the_same_amount(hundredths in 0i64..1_000_000_000) {
            let text = plain_amount(hundredths);
            if text.len() <= 10 {
                prop_assert!(is_amount(&text));
            }
            prop_assert_eq!(parse_amount(&text), Some(hundredths));
        }
    }
}

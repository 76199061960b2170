//! How Contacts writes telephone numbers (as in the United States, the phone's country). Pure.

/// What separates groups of digits; a number that the user separates alone is left as it is.
fn is_separator(character: char) -> bool {
    !(character.is_ascii_digit() || matches!(character, '*' | '#' | '+' | 'N' | ';' | ','))
}

/// What a change put in and took out: the middles of the new and the old text between what they share.
fn change<'a>(old: &'a str, new: &'a str) -> (&'a str, &'a str) {
    let same = |(a, b): &(char, char)| a == b;
    let start: usize = old
        .chars()
        .zip(new.chars())
        .take_while(same)
        .map(|(character, _)| character.len_utf8())
        .sum();
    let (old, new) = (&old[start..], &new[start..]);
    let end: usize = old
        .chars()
        .rev()
        .zip(new.chars().rev())
        .take_while(same)
        .map(|(character, _)| character.len_utf8())
        .sum();
    (&new[..new.len() - end], &old[..old.len() - end])
}

/// The text of a number field after a change from `old` to `new`.
///
/// `by_hand` says that the user has separated digits, or taken separators away; from then on nothing is
/// formatted until the field was empty.
pub fn after_change(old: &str, new: &str, by_hand: &mut bool) -> String {
    if new.is_empty() {
        *by_hand = false;
        return String::new();
    }
    let (typed, taken) = change(old, new);
    *by_hand |= typed.contains(is_separator) || taken.contains(is_separator);
    if *by_hand {
        return new.to_owned();
    }
    let digits: String = new.chars().filter(|c| !is_separator(*c)).collect();
    as_you_type(&digits)
}

/// A stored number as the card shows it.
pub fn shown(number: &str) -> String {
    let digits: String = number.chars().filter(|c| !is_separator(*c)).collect();
    let written = as_you_type(&digits);
    if written == digits {
        number.to_owned()
    } else {
        written
    }
}

/// A number without separators, with those that typing it gives; unchanged when it is no American one.
fn as_you_type(number: &str) -> String {
    let plain = || number.to_owned();
    let (international, digits) = match number.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return plain();
    }
    let area = |digits: &str| -> Option<String> {
        let at = |from: usize, to: usize| digits.get(from..to.min(digits.len())).unwrap_or("");
        match digits.len() {
            0..=3 => Some(digits.to_owned()),
            4..=7 => Some(format!("{}-{}", at(0, 3), at(3, 7))),
            8..=10 => Some(format!("({}) {}-{}", at(0, 3), at(3, 6), at(6, 10))),
            _ => None,
        }
    };
    match (international, digits.strip_prefix('1')) {
        (true, None) => plain(),
        (_, Some("")) => plain(),
        (true, Some(rest)) if rest.len() <= 10 => {
            let groups = [rest.get(3..), rest.get(6..)];
            let mut text = format!("+1 {}", &rest[..rest.len().min(3)]);
            if groups[0].is_some_and(|group| !group.is_empty()) {
                text.push('-');
                text.push_str(&rest[3..rest.len().min(6)]);
            }
            if let Some(last) = groups[1].filter(|group| !group.is_empty()) {
                text.push('-');
                text.push_str(last);
            }
            text
        }
        (true, Some(_)) => plain(),
        (false, Some(rest)) => area(rest).map_or_else(plain, |rest| format!("1 {rest}")),
        (false, None) if digits.starts_with('0') => plain(),
        (false, None) => area(digits).unwrap_or_else(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(text: &str) -> String {
        let (mut value, mut by_hand) = (String::new(), false);
        for character in text.chars() {
            let new = format!("{value}{character}");
            value = after_change(&value, &new, &mut by_hand);
        }
        value
    }

    #[test]
    fn digits_are_grouped_while_they_are_typed() {
        for (text, shown) in [
            ("555", "555"),
            ("5551", "555-1"),
            ("5551234", "555-1234"),
            ("5551234567", "(555) 123-4567"),
            ("55512345678", "55512345678"),
            ("1", "1"),
            ("15551234567", "1 (555) 123-4567"),
            ("+15551234567", "+1 555-123-4567"),
            ("+442071234567", "+442071234567"),
            ("*123#", "*123#"),
        ] {
            assert_eq!(typed(text), shown);
            assert_eq!(after_change("", text, &mut false), shown);
        }
    }

    #[test]
    fn what_the_user_separates_stays() {
        assert_eq!(typed("555-123-4567"), "555-123-4567");
        assert_eq!(typed("555.123"), "555.123");
        let mut by_hand = false;
        // Taking a bracket away ends the formatting, emptying the field begins it again.
        assert_eq!(
            after_change("(555) 123-4567", "555) 123-4567", &mut by_hand),
            "555) 123-4567"
        );
        assert!(by_hand);
        assert_eq!(after_change("5", "", &mut by_hand), "");
        assert_eq!(after_change("", "5551", &mut by_hand), "555-1");
    }

    #[test]
    fn a_card_groups_what_was_stored_plain() {
        assert_eq!(shown("15551234567"), "1 (555) 123-4567");
        assert_eq!(shown("555-123-4567"), "(555) 123-4567");
        assert_eq!(shown("0151 23"), "0151 23");
    }

    proptest! {
        #[test]
        fn no_digit_is_lost(old in "\\PC{0,12}", new in "\\PC{0,12}", mut by_hand: bool) {
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let after = after_change(&old, &new, &mut by_hand);
            prop_assert_eq!(digits(&after), digits(&new));
            prop_assert_eq!(digits(&shown(&new)), digits(&new));
        }
    }
}

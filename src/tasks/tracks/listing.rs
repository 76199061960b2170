//! The rows of OpenTracks' list on the screen: what they say, as days, minutes and metres.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use super::super::screen::Look;

/// The day that the tasks begin on (catalogue section 2.5).
const TODAY: Date = date(2023, 10, 15);

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listed {
    /// Position of its name in the observation.
    pub index: usize,
    /// Name.
    pub name: String,
    /// Day.
    pub day: Date,
    /// Time in minutes.
    pub minutes: f64,
    /// Metres.
    pub metres: f64,
}

impl Listed {
    /// Whether two looks saw the same row.
    pub fn is(&self, other: &Listed) -> bool {
        (&self.name, self.day, self.minutes, self.metres)
            == (&other.name, other.day, other.minutes, other.metres)
    }
}

/// The rows from top to bottom; one that is cut off by the end of the list is left out.
pub(super) fn rows(look: Look<'_>) -> Vec<Listed> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str, Option<Date>)> = None;
    for (index, element) in look.elements() {
        let text = look.text(index);
        match element.resource_entry() {
            "track_list_item_name" => open = Some((index, text, None)),
            "track_list_item_date" => {
                if let Some((_, _, date)) = &mut open {
                    *date = day(text);
                }
            }
            "track_list_item_time_distance" => {
                if let Some((index, name, Some(day))) = open.take()
                    && let Some((minutes, metres)) = sums(text)
                {
                    found.push(Listed {
                        index,
                        name: name.to_owned(),
                        day,
                        minutes,
                        metres,
                    });
                }
            }
            _ => {}
        }
    }
    found
}

/// Reads `Today`, `Yesterday`, a weekday, `7 Oct`, `7 Oct 2022`.
fn day(text: &str) -> Option<Date> {
    match text {
        "Today" => return Some(TODAY),
        "Yesterday" => return TODAY.yesterday().ok(),
        _ => {}
    }
    let weekdays = [
        ("Monday", Weekday::Monday),
        ("Tuesday", Weekday::Tuesday),
        ("Wednesday", Weekday::Wednesday),
        ("Thursday", Weekday::Thursday),
        ("Friday", Weekday::Friday),
        ("Saturday", Weekday::Saturday),
        ("Sunday", Weekday::Sunday),
    ];
    if let Some((_, weekday)) = weekdays.iter().find(|(name, _)| *name == text) {
        let ago = TODAY.weekday().since(*weekday);
        return TODAY.checked_sub(ago.days()).ok();
    }
    let full = match text.split(' ').count() {
        2 => format!("{text} {}", TODAY.year()),
        _ => text.to_owned(),
    };
    Date::strptime("%d %b %Y", full).ok()
}

/// Reads `1:15:00 (2.49 mi)` as minutes and metres.
fn sums(text: &str) -> Option<(f64, f64)> {
    let (time, distance) = text.split_once(" (")?;
    let mut seconds = 0.0;
    for part in time.split(':') {
        seconds = seconds * 60.0 + f64::from(part.parse::<u32>().ok()?);
    }
    let (number, unit) = distance.strip_suffix(')')?.split_once(' ')?;
    let number: f64 = number.replace(',', "").parse().ok()?;
    let unit = match unit {
        "mi" => 1609.34,
        "ft" => 0.3048,
        "km" => 1_000.0,
        "m" => 1.0,
        _ => return None,
    };
    Some((seconds / 60.0, number * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_near_ones_are_called() {
        let read = |text| day(text).map(|day| (day.month(), day.day()));
        assert_eq!(read("Today"), Some((10, 15)));
        assert_eq!(read("Yesterday"), Some((10, 14)));
        assert_eq!(read("Monday"), Some((10, 9)));
        assert_eq!(read("8 Oct"), Some((10, 8)));
        assert_eq!(day("24 Sep 2022"), Some(date(2022, 9, 24)));
        assert_eq!(day("Soon"), None);
    }

    #[test]
    fn sums_are_read_in_all_units() {
        assert_eq!(sums("45:00 (318.24 ft)"), Some((45.0, 318.24 * 0.3048)));
        assert_eq!(sums("1:15:00 (2.49 mi)"), Some((75.0, 2.49 * 1609.34)));
        assert_eq!(sums("04:30 (2,000.00 m)"), Some((4.5, 2_000.0)));
        assert_eq!(sums("04:30"), None);
    }
}

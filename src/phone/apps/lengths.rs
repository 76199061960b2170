//! Lengths of time in hours, minutes and seconds, as apps for sound, films and sports write them.

/// Whole hours, minutes and seconds.
pub fn parts(millis: i64) -> (i64, i64, i64) {
    let seconds = millis.max(0) / 1_000;
    (seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// `03:41`, from an hour on `01:03:41`.
pub fn padded(millis: i64) -> String {
    match parts(millis) {
        (0, minutes, seconds) => format!("{minutes:02}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_hours_only_when_there_are_some() {
        assert_eq!(padded(59_999), "00:59");
        assert_eq!(padded(3_599_000), "59:59");
        assert_eq!(padded(3_661_000), "01:01:01");
        assert_eq!(padded(-1), "00:00");
    }
}

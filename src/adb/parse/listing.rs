//! Regular files of `ls -ll -au` (catalogue LS-META).

/// One regular file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FileLine {
    /// Name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// `date time` with microseconds, as text that sorts by time.
    pub timestamp: String,
}

/// Parses the lines that begin with `-`; an odd line is returned as the error.
///
/// # Errors
/// The line with fewer than nine fields, or without a size.
pub fn parse_regular_files(text: &str) -> Result<Vec<FileLine>, String> {
    text.lines()
        .filter(|line| line.starts_with('-'))
        .map(parse_line)
        .collect()
}

fn parse_line(line: &str) -> Result<FileLine, String> {
    let mut rest = line.trim_end();
    let mut fields = Vec::with_capacity(8);
    for _ in 0..8 {
        let (field, after) = rest
            .split_once(char::is_whitespace)
            .ok_or_else(|| line.to_owned())?;
        fields.push(field);
        rest = after.trim_start();
    }
    let size = fields[4].parse().map_err(|_| line.to_owned())?;
    let time = fields[6];
    // Nanoseconds are cut to microseconds, as the benchmark does.
    let time = time
        .split_once('.')
        .map_or(time.to_owned(), |(seconds, fraction)| {
            let microseconds: String = fraction.chars().take(6).collect();
            format!("{seconds}.{microseconds}")
        });
    Ok(FileLine {
        name: rest.to_owned(),
        size,
        timestamp: format!("{} {time}", fields[5]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_blanks() {
        let text = "total 12\ndrwxrwx--- 2 u0_a1 media_rw 4096 2023-10-15 15:34:00.000000000 +0000 sub\n\
            -rw-rw---- 1 u0_a1 media_rw   21 2023-10-15 15:34:01.123456789 +0000 my note.md\n";
        let files = parse_regular_files(text).unwrap();
        assert_eq!(
            files,
            [FileLine {
                name: "my note.md".into(),
                size: 21,
                timestamp: "2023-10-15 15:34:01.123456".into()
            }]
        );
        assert!(parse_regular_files("-rw 1 a\n").is_err());
        // Bytes that are no text come as replacement characters, also where digits should be.
        let torn = "-rw 1 a b 3 2023-10-15 15:34:01.12345\u{fffd}\u{fffd} +0000 n\n";
        let files = parse_regular_files(torn).unwrap();
        assert_eq!(files[0].timestamp, "2023-10-15 15:34:01.12345\u{fffd}");
        assert!(parse_regular_files("-rw 1 a b x 2023-10-15 15:34:01.1 +0000 n\n").is_err());
    }
}

//! Rows of `content query`: `Row: 0 display_name=Ana, number=+1555`.

/// One row as `(column, value)` pairs. A value may hold `, ` and `=`, so that only names that were
/// asked for split it.
pub fn parse_rows(text: &str, columns: &[&str]) -> Vec<Vec<(String, String)>> {
    text.lines()
        .filter(|line| line.starts_with("Row:"))
        .map(|line| parse_row(line, columns))
        .collect()
}

fn parse_row(line: &str, columns: &[&str]) -> Vec<(String, String)> {
    let body = line.trim_start_matches("Row:").trim_start();
    let body = body.split_once(' ').map_or("", |(_, rest)| rest);
    let mut starts: Vec<(usize, usize, &str)> = Vec::new();
    for column in columns {
        let marker = format!("{column}=");
        let found = if body.starts_with(&marker) {
            Some(0)
        } else {
            body.find(&format!(", {marker}"))
                .map(|position| position + 2)
        };
        if let Some(start) = found {
            starts.push((start, start + marker.len(), column));
        }
    }
    starts.sort_unstable();
    (0..starts.len())
        .map(|position| {
            let (_, value_start, column) = starts[position];
            let value_end = starts
                .get(position + 1)
                .map_or(body.len(), |(next, _, _)| next.saturating_sub(2));
            (
                column.to_owned(),
                body.get(value_start..value_end).unwrap_or("").to_owned(),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_hold_separators() {
        let text = "Row: 0 display_name=Silva, Ana = x, number=+1 (555) 010-0000\nRow: 1 display_name=NULL, number=7\nNo result found.\n";
        let rows = parse_rows(text, &["display_name", "number"]);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0][0], ("display_name".into(), "Silva, Ana = x".into()));
        assert_eq!(rows[0][1], ("number".into(), "+1 (555) 010-0000".into()));
        assert_eq!(rows[1][1].1, "7");
        assert!(parse_rows("No result found.", &["a"]).is_empty());
    }
}

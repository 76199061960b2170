//! Several files of the device in the output of one command: before each its length on a line of its
//! own, or a dash where there is no such file.

use crate::adb::quote;

/// The command that prints the files. Each is cut at the length that was said before, as it may grow
/// meanwhile. Parentheses, so that all of its output can be sent elsewhere.
pub fn script(paths: &[&str]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| quote(path)).collect();
    format!(
        "(for file in {}; do
if [ -f \"$file\" ]; then size=$(stat -L -c %s \"$file\"); echo $size; [ $size = 0 ] || head -c $size \"$file\"
else echo -; fi
done)",
        paths.join(" ")
    )
}

/// The files of an output, in their order.
///
/// # Errors
/// What is wrong with it, when it does not hold `count` whole files.
pub fn parse(output: &[u8], count: usize) -> Result<Vec<Option<Vec<u8>>>, String> {
    let mut rest = output;
    let mut files = Vec::new();
    for number in 1..=count {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| format!("it ends before file {number} of {count}"))?;
        let (line, after) = rest.split_at(end);
        rest = &after[1..];
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        if line == "-" {
            files.push(None);
            continue;
        }
        let length: usize = line.parse().map_err(|_| {
            let line: String = line.chars().take(100).collect();
            format!("the length of file {number} is {line:?}")
        })?;
        let (file, after) = rest
            .split_at_checked(length)
            .ok_or_else(|| format!("{} of {length} bytes of file {number}", rest.len()))?;
        files.push(Some(file.to_vec()));
        rest = after;
    }
    match rest {
        [] => Ok(files),
        more => Err(format!("{} bytes after the last file", more.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_whatever_they_hold() {
        let output = b"3\n-\n7-\n0\n4\n\xff\n\n\n";
        let files = [
            Some(b"-\n7".to_vec()),
            None,
            Some(Vec::new()),
            Some(b"\xff\n\n\n".to_vec()),
        ];
        assert_eq!(parse(output, 4), Ok(files.to_vec()));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        let wrong: [(&[u8], usize); 7] = [
            (b"", 1),
            (b"3\nab", 1),
            (b"3\nabc", 2),
            (b"3\nabcd", 1),
            (b"-1\n", 1),
            (b"99999999999999999999\n", 1),
            (b"sh: stat: not found\n", 1),
        ];
        for (output, count) in wrong {
            assert!(parse(output, count).is_err(), "{output:?}");
        }
    }
}

//! `diff` of two files, in the unified form that toybox prints. Uses the phone's files.

use super::flags::Flags;
use super::lines::open;
use super::list::time_text;
use crate::phone::shell::{Shell, Streams};

/// Most pairs of lines that are compared; larger files are told as different as a whole.
const MAX_PAIRS: usize = 16 << 20;

/// `diff [-bBiNqsuw] [-U LINES] FILE1 FILE2`
pub fn diff(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("diff", arguments, "aBbdiNqrsTtuwL:S:U:", streams) {
        Ok(flags) => flags,
        Err(_) => return 2,
    };
    let [left, right] = &flags.operands[..] else {
        streams.fail("diff", "Needs 2 arguments (see \"diff --help\")");
        return 2;
    };
    let mut contents = Vec::new();
    for name in [left, right] {
        match open(shell, name, streams) {
            Ok(input) => contents.push(input.read_all()),
            Err(error) => {
                streams.fail("diff", format!("Can't stat {name}: {error}"));
                return 2;
            }
        }
    }
    let texts: Vec<Vec<&[u8]>> = contents
        .iter()
        .map(|content| content.split_inclusive(|byte| *byte == b'\n').collect())
        .collect();
    let key = |line: &[u8]| -> String {
        let mut text = String::from_utf8_lossy(line).into_owned();
        if flags.has('i') {
            text = text.to_lowercase();
        }
        if flags.has('w') {
            text.retain(|c| !c.is_whitespace());
        } else if flags.has('b') {
            text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        text
    };
    let keys: Vec<Vec<String>> = texts
        .iter()
        .map(|lines| lines.iter().map(|line| key(line)).collect())
        .collect();
    if keys[0] == keys[1] {
        if flags.has('s') {
            streams.line(format!("Files {left} and {right} are identical"));
        }
        return 0;
    }
    if flags.has('q') || keys[0].len().saturating_mul(keys[1].len()) > MAX_PAIRS {
        streams.line(format!("Files {left} and {right} differ"));
        return 1;
    }
    let around = flags
        .value('U')
        .and_then(|text| text.parse::<usize>().ok())
        .unwrap_or(3);
    for (mark, name) in [("---", left), ("+++", right)] {
        let found = shell
            .path(name)
            .and_then(|path| shell.machine.files.metadata(&path));
        match found {
            Ok(found) => streams.line(format!("{mark} {name}\t{}", time_text(shell, &found, true))),
            Err(_) => streams.line(format!("{mark} {name}")),
        }
    }
    for hunk in hunks(&steps(&keys[0], &keys[1]), around) {
        print_hunk(&hunk, &texts, streams);
    }
    1
}

/// One line of the comparison: where it is in both files, and whether it is in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    left: usize,
    right: usize,
    in_left: bool,
    in_right: bool,
}

/// The longest common subsequence, as steps through both files.
fn steps(left: &[String], right: &[String]) -> Vec<Step> {
    let width = right.len() + 1;
    let mut common = vec![0_u32; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            common[i * width + j] = match left[i] == right[j] {
                true => common[(i + 1) * width + j + 1] + 1,
                false => common[(i + 1) * width + j].max(common[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut steps = Vec::new();
    while i < left.len() || j < right.len() {
        let same = i < left.len() && j < right.len() && left[i] == right[j];
        let in_left = same
            || j == right.len()
            || (i < left.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]);
        steps.push(Step {
            left: i,
            right: j,
            in_left,
            in_right: same || !in_left,
        });
        i += usize::from(in_left);
        j += usize::from(same || !in_left);
    }
    steps
}

/// Stretches with changes, each with so many lines around it.
fn hunks(steps: &[Step], around: usize) -> Vec<Vec<Step>> {
    let changed: Vec<usize> = (0..steps.len())
        .filter(|at| steps[*at].in_left != steps[*at].in_right)
        .collect();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for at in changed {
        let (start, end) = (
            at.saturating_sub(around),
            (at + around + 1).min(steps.len()),
        );
        match ranges.last_mut() {
            Some((_, last)) if start <= *last => *last = end,
            _ => ranges.push((start, end)),
        }
    }
    ranges
        .into_iter()
        .map(|(start, end)| steps[start..end].to_vec())
        .collect()
}

fn print_hunk(hunk: &[Step], texts: &[Vec<&[u8]>], streams: &Streams) {
    let Some(first) = hunk.first() else { return };
    let range = |start: usize, count: usize| match count {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{count}", start + 1),
    };
    let count = |of: fn(&Step) -> bool| hunk.iter().filter(|step| of(step)).count();
    streams.line(format!(
        "@@ -{} +{} @@",
        range(first.left, count(|step| step.in_left)),
        range(first.right, count(|step| step.in_right))
    ));
    for step in hunk {
        let (mark, line) = match (step.in_left, step.in_right) {
            (true, true) => (' ', texts[0][step.left]),
            (true, false) => ('-', texts[0][step.left]),
            _ => ('+', texts[1][step.right]),
        };
        streams.print(mark.to_string());
        streams.print(line);
        if !line.ends_with(b"\n") {
            streams.print("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_found_between_common_lines() {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        let found = steps(&words("a b c"), &words("a x c d"));
        let marks: String = found
            .iter()
            .map(|step| match (step.in_left, step.in_right) {
                (true, true) => ' ',
                (true, false) => '-',
                _ => '+',
            })
            .collect();
        assert_eq!(marks, " -+ +");
        assert_eq!(hunks(&found, 0).len(), 2);
        assert_eq!(hunks(&found, 3).len(), 1);
    }
}

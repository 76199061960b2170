//! The phone's shell and tools against the real mksh and toybox: every case of `tests/shell/corpus`
//! runs on a virtual phone and must answer as recorded in `tests/shell/answers` (or in the directory
//! that SHELL_ANSWERS names), but for differences that a case declares with its reason.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use stepdroid::phone::{self, ClockMode, PhoneOptions, ShellOutput};

/// Where a case runs on the phone, and what answers call it.
const SCRATCH: &str = "/data/local/tmp/scratch";
const SHOWN: &str = "/scratch";

/// One case: a script with what belongs to it, by title (`input`, `file NAME`, `differs REASON`).
struct Case {
    name: String,
    script: String,
    sections: Vec<(String, String)>,
}

impl Case {
    fn section(&self, title: &str) -> Option<&str> {
        let found = self.sections.iter().find(|(name, _)| name == title);
        found.map(|(_, content)| content.as_str())
    }

    fn titled(&self, start: &str) -> Option<&str> {
        self.sections
            .iter()
            .find_map(|(title, _)| title.strip_prefix(start))
    }
}

/// The folder beside this file.
fn folder() -> PathBuf {
    Path::new(file!()).with_file_name("shell")
}

fn read_corpus(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case {
                name: name.trim().to_owned(),
                script: String::new(),
                sections: Vec::new(),
            });
        } else if let (Some(case), Some(title)) = (cases.last_mut(), line.strip_prefix("--- ")) {
            case.sections.push((title.trim().to_owned(), String::new()));
        } else if let Some(case) = cases.last_mut() {
            let part = match case.sections.last_mut() {
                Some((_, content)) => content,
                None => &mut case.script,
            };
            part.push_str(line);
            part.push('\n');
        }
    }
    for case in &mut cases {
        case.script = case.script.trim_end().to_owned();
        for (_, content) in &mut case.sections {
            let kept = content.trim_end();
            *content = if kept.is_empty() {
                String::new()
            } else {
                format!("{kept}\n")
            };
        }
    }
    cases
}

fn read_answers(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut answers = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        match line.strip_prefix("=== ") {
            Some(next) => next.clone_into(&mut name),
            None if line.is_empty() => {}
            None => answers
                .entry(name.clone())
                .or_insert_with(Vec::new)
                .push(line.to_owned()),
        }
    }
    answers
}

/// Bytes as one line of an answer: printable as they are, everything else as `\xHH`.
fn escaped(line: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in line.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => shown.push_str("\\\\"),
                '\t' => shown.push('\t'),
                character if character.is_control() => {
                    for byte in character.to_string().bytes() {
                        write!(shown, "\\x{byte:02x}").unwrap();
                    }
                }
                character => shown.push(character),
            }
        }
        for byte in chunk.invalid() {
            write!(shown, "\\x{byte:02x}").unwrap();
        }
    }
    shown
}

fn lines(mark: char, content: &str, into: &mut Vec<String>) {
    let content = content.replace(SCRATCH, SHOWN);
    for line in content.split_inclusive('\n') {
        into.push(match line.strip_suffix('\n') {
            Some(line) => format!("{mark}|{}", escaped(line.as_bytes())),
            None => format!("{mark}.{}", escaped(line.as_bytes())),
        });
    }
}

fn answer(output: &ShellOutput) -> Vec<String> {
    let mut answer = vec![format!("= {}", output.status)];
    lines('o', &output.text(), &mut answer);
    lines('e', &output.error_text(), &mut answer);
    answer
}

#[test]
fn the_phone_answers_as_mksh_and_toybox_do() {
    let options = PhoneOptions {
        clock: ClockMode::Steps,
        ..PhoneOptions::default()
    };
    let answers = match std::env::var_os("SHELL_ANSWERS") {
        Some(place) => PathBuf::from(place),
        None => folder().join("answers"),
    };
    let (machine, _root) = phone::boot(&options).unwrap();
    let run = |script: &str, input: &str| phone::run_shell(&machine, script, input.as_bytes());
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder().join("corpus"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let (mut count, mut wrong, mut deliberate) = (0, String::new(), String::new());
    let mut differing = 0;
    for file in files {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        let mut cases = read_corpus(&std::fs::read_to_string(&file).unwrap());
        let expected = std::fs::read_to_string(answers.join(format!("{stem}.answers"))).unwrap();
        let expected = read_answers(&expected);
        let setup = match cases.first() {
            Some(first) if first.name == "setup" => cases.remove(0).script,
            _ => String::new(),
        };
        for case in cases {
            count += 1;
            run(&format!("rm -rf {SCRATCH}; mkdir {SCRATCH}"), "");
            for (title, content) in &case.sections {
                if let Some(name) = title.strip_prefix("file ") {
                    run(&format!("cat > {SCRATCH}/{name}"), content);
                }
            }
            run(&format!("cd {SCRATCH}\n{setup}"), "");
            let output = run(
                &format!("cd {SCRATCH}\n{}", case.script),
                case.section("input").unwrap_or(""),
            );
            let found = answer(&output);
            let wanted = expected.get(&case.name).cloned().unwrap_or_default();
            match (found == wanted, case.titled("differs ")) {
                (true, None) => {}
                (false, Some(reason)) => {
                    writeln!(deliberate, "  {stem}: {}: {reason}", case.name).unwrap();
                }
                (true, Some(_)) => {
                    differing += 1;
                    writeln!(
                        wrong,
                        "{stem}: {}: answers as the real one, though it is said to differ\n",
                        case.name
                    )
                    .unwrap();
                }
                (false, None) => {
                    differing += 1;
                    writeln!(
                        wrong,
                        "{stem}: {}\n    {}\n  real:\n    {}\n  phone:\n    {}\n",
                        case.name,
                        case.script.replace('\n', "\n    "),
                        wanted.join("\n    "),
                        found.join("\n    "),
                    )
                    .unwrap();
                }
            }
        }
    }
    println!(
        "{count} cases, {differing} differ; deliberate differences: {}\n{deliberate}",
        deliberate.lines().count()
    );
    assert!(count >= 250, "the corpus was not found");
    assert!(wrong.is_empty(), "{differing} of {count} differ:\n{wrong}");
}

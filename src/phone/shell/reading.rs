//! What takes words apart: `read` and `getopts`. Uses the shell's variables.

use super::interpreter::{Fault, NAME, Shell};
use super::streams::Streams;
use super::variables::is_name;

/// `read [-Ar] [-d SIGN] [-N COUNT] [-n COUNT] [-u DESCRIPTOR] [NAME...]`
pub fn read(shell: &mut Shell, arguments: &[String], streams: &Streams) -> Result<i32, Fault> {
    let (mut raw, mut array, mut descriptor) = (false, false, 0);
    let (mut delimiter, mut most) = (Some(b'\n'), None);
    let mut words = arguments;
    while let Some(flags) = words.first().and_then(|word| word.strip_prefix('-')) {
        words = &words[1..];
        if flags == "-" {
            break;
        }
        let mut letters = flags.chars();
        while let Some(letter) = letters.next() {
            match letter {
                'r' => raw = true,
                'A' | 'a' => array = true,
                's' | 'p' => {}
                'd' | 'N' | 'n' | 'u' | 't' => {
                    let attached = letters.as_str();
                    let value = match (attached, words.split_first()) {
                        ("", Some((value, rest))) => {
                            words = rest;
                            value.clone()
                        }
                        _ => attached.to_owned(),
                    };
                    letters = "".chars();
                    match letter {
                        'd' => delimiter = Some(value.bytes().next().unwrap_or(0)),
                        'u' => descriptor = value.parse().unwrap_or(-1),
                        't' => {}
                        _ => {
                            most = value.parse::<usize>().ok();
                            if letter == 'N' {
                                delimiter = None;
                            }
                        }
                    }
                }
                other => {
                    streams.complain(format!("{NAME}: read: -{other}: unknown option"));
                    return Ok(2);
                }
            }
        }
    }
    let source = streams.descriptor(descriptor).and_then(|one| one.input);
    let Some(source) = source else {
        streams.complain(format!(
            "{NAME}: read: -u: {descriptor}: bad file descriptor"
        ));
        return Ok(2);
    };
    if let Some(bad) = words.iter().find(|name| !is_name(name)) {
        streams.complain(format!("{NAME}: read: {bad}: is not an identifier"));
        return Ok(2);
    }
    streams.flush();
    let (signs, complete) = taken(&source, raw, delimiter, most);
    let separators = shell.variable("IFS").unwrap_or_else(|| " \t\n".to_owned());
    let names = match words.is_empty() {
        true => vec!["REPLY".to_owned()],
        false => words.to_vec(),
    };
    match array {
        true => {
            let values = parted(&signs, &separators, usize::MAX);
            shell.set_array(&names[0], values);
        }
        false => {
            let mut values = parted(&signs, &separators, names.len()).into_iter();
            for name in &names {
                let value = values.next().unwrap_or_default();
                shell.assign_text(name, &value)?;
            }
        }
    }
    Ok(i32::from(!complete))
}

/// Characters, each with whether a backslash protects it, and whether the delimiter came.
fn taken(
    source: &super::Input,
    raw: bool,
    delimiter: Option<u8>,
    most: Option<usize>,
) -> (Vec<(char, bool)>, bool) {
    let mut signs = Vec::new();
    loop {
        let limit = most.map_or(super::streams::MAX_BUFFERED, |most| {
            most.saturating_sub(signs.len())
        });
        let mut bytes = source.read_until(delimiter, limit);
        let ended = delimiter.is_some() && bytes.last().copied() == delimiter;
        let complete = ended || (most.is_some() && bytes.len() == limit);
        if ended {
            bytes.pop();
        }
        let mut characters = std::str::from_utf8(&bytes)
            .map_or_else(
                |_| String::from_utf8_lossy(&bytes).into_owned(),
                str::to_owned,
            )
            .chars()
            .collect::<Vec<char>>()
            .into_iter();
        let mut goes_on = false;
        while let Some(character) = characters.next() {
            if character != '\\' || raw {
                signs.push((character, false));
                continue;
            }
            match characters.next() {
                Some(next) => signs.push((next, true)),
                // A backslash before the end of the line joins the next one.
                None => goes_on = ended,
            }
        }
        if !goes_on {
            return (signs, complete);
        }
    }
}

/// Splits at the signs of `IFS` into so many values; the last takes what is left.
fn parted(signs: &[(char, bool)], separators: &str, count: usize) -> Vec<String> {
    let separates = |sign: &(char, bool)| !sign.1 && separators.contains(sign.0);
    let is_blank = |sign: &(char, bool)| separates(sign) && matches!(sign.0, ' ' | '\t' | '\n');
    let mut values = Vec::new();
    let mut rest = signs;
    let skip = |rest: &mut &[(char, bool)]| {
        while rest.first().is_some_and(is_blank) {
            *rest = &rest[1..];
        }
    };
    skip(&mut rest);
    while !rest.is_empty() {
        if values.len() + 1 == count {
            while rest.last().is_some_and(is_blank) {
                rest = &rest[..rest.len() - 1];
            }
            values.push(rest.iter().map(|sign| sign.0).collect());
            break;
        }
        let end = rest.iter().position(separates).unwrap_or(rest.len());
        values.push(rest[..end].iter().map(|sign| sign.0).collect());
        rest = &rest[end..];
        skip(&mut rest);
        if rest
            .first()
            .is_some_and(|sign| separates(sign) && !is_blank(sign))
        {
            rest = &rest[1..];
            skip(&mut rest);
        }
    }
    values
}

/// `getopts OPTIONS NAME [WORD...]`
pub fn getopts(shell: &mut Shell, arguments: &[String], streams: &Streams) -> Result<i32, Fault> {
    let [options, name, words @ ..] = arguments else {
        return Err(Fault::fatal("getopts: missing options argument".to_owned()));
    };
    let words = match words {
        [] => shell.positional.clone(),
        words => words.to_vec(),
    };
    let (silent, known) = match options.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, options.as_str()),
    };
    let mut index = shell
        .variable("OPTIND")
        .and_then(|text| text.parse::<usize>().ok())
        .unwrap_or(1)
        .max(1);
    let word = words.get(index - 1).map(String::as_str).unwrap_or("");
    let at = shell.option_letter.max(1);
    let Some(letter) = word
        .chars()
        .nth(at)
        .filter(|_| word.starts_with('-') && word != "--")
    else {
        if word == "--" {
            index += 1;
        }
        shell.set_variable("OPTIND", &index.to_string());
        shell.assign_text(name, "?")?;
        return Ok(1);
    };
    let rest: String = word.chars().skip(at + 1).collect();
    let place = known.find(letter).filter(|_| letter != ':');
    let takes = place.is_some_and(|place| known[place + letter.len_utf8()..].starts_with(':'));
    let mut next_letter = at + 1;
    let mut argument = None;
    let mut shown = letter.to_string();
    if place.is_none() {
        shown = "?".to_owned();
        match silent {
            true => argument = Some(letter.to_string()),
            false => streams.complain(format!("{NAME}: -{letter}: unknown option")),
        }
    } else if takes {
        next_letter = 0;
        if !rest.is_empty() {
            argument = Some(rest.clone());
        } else if let Some(value) = words.get(index) {
            argument = Some(value.clone());
            index += 1;
        } else if silent {
            shown = ":".to_owned();
            argument = Some(letter.to_string());
        } else {
            shown = "?".to_owned();
            streams.complain(format!("{NAME}: -{letter}: requires argument"));
        }
    }
    if next_letter == 0 || rest.is_empty() {
        index += 1;
        next_letter = 0;
    }
    shell.set_variable("OPTIND", &index.to_string());
    shell.option_letter = next_letter;
    match argument {
        Some(argument) => {
            shell.assign_text("OPTARG", &argument)?;
        }
        None => {
            shell.unset("OPTARG");
        }
    }
    shell.assign_text(name, &shown)?;
    Ok(0)
}

//! `date`: showing and setting the phone's clock. Uses the clock.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::flags::Flags;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::Clock;

/// `date [-u] [-d DATE] [-r FILE] [-s DATE] [+FORMAT] [MMDDhhmm[[CC]YY][.SS]]`
pub fn date(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    // `-I` has its value attached, or none.
    let mut precision = None;
    let mut plain = Vec::new();
    for word in arguments {
        match word.strip_prefix("-I") {
            Some(value) => precision = Some(value),
            None => plain.push(word.clone()),
        }
    }
    let flags = match Flags::parse("date", &plain, "uRd:D:r:s:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let clock = shell.machine.clock.clone();
    let zone = match (flags.has('u'), shell.variable("TZ")) {
        (true, _) => TimeZone::UTC,
        (false, Some(name)) => TimeZone::posix(&name)
            .or_else(|_| TimeZone::get(&name))
            .unwrap_or_else(|_| clock.time_zone()),
        (false, None) => clock.time_zone(),
    };
    let mut micros = clock.now_micros();
    if let Some(text) = flags.value('d') {
        match parse(text, &clock) {
            Some(parsed) => micros = parsed,
            None => return streams.fail("date", format!("bad date {text}")),
        }
    }
    if let Some(name) = flags.value('r') {
        match shell
            .path(name)
            .and_then(|path| shell.machine.files.metadata(&path))
        {
            Ok(found) => micros = found.modified_micros,
            Err(error) => return streams.fail("date", format!("Can't stat {name}: {error}")),
        }
    }
    let mut format = match precision {
        Some("") | Some("date") => "%Y-%m-%d",
        Some("hours") => "%Y-%m-%dT%H%:z",
        Some("minutes") => "%Y-%m-%dT%H:%M%:z",
        Some("ns") => "%Y-%m-%dT%H:%M:%S,%N%:z",
        Some(_) => "%Y-%m-%dT%H:%M:%S%:z",
        None => "%a %b %e %H:%M:%S %Z %Y",
    }
    .to_owned();
    let mut set = flags.value('s').map(str::to_owned);
    for operand in &flags.operands {
        match operand.strip_prefix('+') {
            Some(wanted) => wanted.clone_into(&mut format),
            None => set = Some(operand.clone()),
        }
    }
    if let Some(text) = set {
        let Some(new) = parse(&text, &clock) else {
            return streams.fail("date", format!("bad date {text}"));
        };
        if shell.user != 0 {
            streams.fail("date", "cannot set date: Operation not permitted");
            return 1;
        }
        clock.set_micros(new);
        micros = new;
    }
    streams.line(show(&clock, micros, &format, zone));
    0
}

fn show(clock: &Clock, micros: i64, format: &str, zone: TimeZone) -> String {
    let time = clock.at_micros(micros).with_time_zone(zone);
    // `%N` and `%s` need no calendar; an unknown letter stays as it is.
    let mut text = String::new();
    let mut characters = format.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let digits: String = std::iter::from_fn(|| {
            characters.next_if(|c| c.is_ascii_digit() || matches!(c, '_' | '-' | '^' | ':'))
        })
        .collect();
        match characters.next() {
            Some('%') | None => text.push('%'),
            Some('N') => {
                let nanos = format!("{:09}", micros.rem_euclid(1_000_000) * 1_000);
                let keep = digits.parse::<usize>().unwrap_or(9).clamp(1, 9);
                text.push_str(&nanos[..keep]);
            }
            Some('s') => text.push_str(&micros.div_euclid(1_000_000).to_string()),
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('c') => text.push_str(&time.strftime("%a %b %e %H:%M:%S %Y").to_string()),
            Some('x' | 'D') => text.push_str(&time.strftime("%m/%d/%y").to_string()),
            Some('X') => text.push_str(&time.strftime("%H:%M:%S").to_string()),
            Some(letter) if "aAbBCdeFgGhHIjklmMpPrRSTuUVwWyYzZ".contains(letter) => {
                let specifier = format!("%{digits}{letter}");
                match jiff::fmt::strtime::format(&specifier, &time) {
                    Ok(shown) => text.push_str(&shown),
                    Err(_) => text.push_str(&specifier),
                }
            }
            Some(other) => {
                text.push('%');
                text.push(other);
            }
        }
    }
    text
}

/// Microseconds of the Unix epoch for what `date` takes: `MMDDhhmm[[CC]YY][.SS]`, `@SECONDS`,
/// `YYYY-MM-DD[ hh:mm[:SS]]`, `YYYY-MM-DDThh:mm:SS`.
pub fn parse(text: &str, clock: &Clock) -> Option<i64> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        let seconds: f64 = seconds.parse().ok()?;
        return (seconds.abs() < 1e11).then_some((seconds * 1e6) as i64);
    }
    let civil = match text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        true => compact(text, clock)?,
        false => {
            let spaced = text.contains(' ');
            let text = text.trim_end_matches('Z').replacen(' ', "T", 1);
            match text.contains('T') {
                // With a blank between date and time the seconds may be left out.
                true if text.matches(':').count() == 1 && spaced => {
                    format!("{text}:00").parse().ok()?
                }
                true if text.matches(':').count() == 1 => return None,
                true => text.parse().ok()?,
                false => format!("{text}T00:00:00").parse().ok()?,
            }
        }
    };
    Some(
        civil
            .to_zoned_datetime(clock.time_zone())
            .ok()?
            .timestamp()
            .as_microsecond(),
    )
}

fn compact(text: &str, clock: &Clock) -> Option<DateTime> {
    let (digits, seconds) = match text.split_once('.') {
        Some((digits, seconds)) => (digits, seconds.parse::<i8>().ok()?),
        None => (text, 0),
    };
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i8>().ok();
    let year = match digits.len() {
        8 => clock.now().year(),
        10 => {
            let short: i16 = digits[8..].parse().ok()?;
            short + if short < 69 { 2000 } else { 1900 }
        }
        12 => digits[8..].parse().ok()?,
        _ => return None,
    };
    DateTime::new(
        year,
        number(0, 2)?,
        number(2, 4)?,
        number(4, 6)?,
        number(6, 8)?,
        seconds,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::system::ClockMode;
    use crate::phone::system::clock::START_MICROS;

    #[test]
    fn dates_are_read_and_shown() {
        let clock = Clock::new(ClockMode::Steps);
        let second = 1_000_000;
        for (text, expected) in [
            ("1015153423.00", Some(START_MICROS)),
            ("101515342023.30", Some(START_MICROS + 30 * second)),
            ("10151534", Some(START_MICROS)),
            ("@1697384040", Some(START_MICROS)),
            ("2023-10-15 15:34:00", Some(START_MICROS)),
            ("2023-10-15T15:34:00", Some(START_MICROS)),
            ("2023-10-15 15:34", Some(START_MICROS)),
            ("1315153423.00", None),
            ("99", None),
            ("tomorrow", None),
        ] {
            assert_eq!(parse(text, &clock), expected, "{text}");
        }
        assert_eq!(
            show(
                &clock,
                START_MICROS + 5,
                "%Y%m%d %s.%6N %% %q",
                TimeZone::UTC
            ),
            "20231015 1697384040.000005 % %q"
        );
    }
}

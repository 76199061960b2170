//! Rules of `[devices]`: what names a device, and each only once. Uses nothing of the house.

use super::Devices;

/// The first broken rule, with its key.
pub(super) fn broken_rule(devices: &Devices) -> Option<(&'static str, String)> {
    named(
        "devices.serials",
        &devices.serials,
        is_serial,
        "a serial, as in emulator-5554 or 192.168.1.20:5555",
    )
    .or_else(|| {
        named(
            "devices.servers",
            &devices.servers,
            is_server,
            "HOST:PORT, as in 10.0.0.7:5037",
        )
    })
}

fn named(
    key: &'static str,
    names: &[String],
    is_one: fn(&str) -> bool,
    form: &str,
) -> Option<(&'static str, String)> {
    for (position, name) in names.iter().enumerate() {
        if !is_one(name) {
            return Some((key, format!("{name:?} is not {form}")));
        }
        if names[..position].contains(name) {
            return Some((
                key,
                format!(
                    "{name:?} is in it twice: one device can do one thing at a time; leave one out"
                ),
            ));
        }
    }
    None
}

fn is_serial(text: &str) -> bool {
    !text.is_empty() && !text.contains(|sign: char| sign.is_whitespace() || sign.is_control())
}

fn is_server(text: &str) -> bool {
    let address = text.rsplit_once(':');
    address.is_some_and(|(host, port)| {
        is_serial(host) && port.parse::<u16>().is_ok_and(|port| port != 0)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{ConfigError, parse};
    use std::path::Path;

    #[test]
    fn devices_are_named_once_and_well() {
        let broken = |line: &str| {
            let text = format!("[devices]\n{line}\n");
            match parse(&text, Path::new("train.toml"), &[]) {
                Ok(_) => String::new(),
                Err(ConfigError::Conflict { at, key, problem }) => format!("{at} {key}: {problem}"),
                Err(error) => error.to_string(),
            }
        };
        for (line, said) in [
            (
                "serials = [\"a\", \"b\", \"a\"]",
                "train.toml:2 devices.serials: \"a\" is in it twice",
            ),
            ("serials = [\"\"]", "is not a serial"),
            ("serials = [\"a b\"]", "is not a serial"),
            (
                "servers = [\"10.0.0.7\"]",
                "devices.servers: \"10.0.0.7\" is not HOST:PORT",
            ),
            ("servers = [\"a:1\", \"a:1\"]", "is in it twice"),
            ("without_root = \"perhaps\"", "allowed: refuse or run"),
        ] {
            let found = broken(line);
            assert!(found.contains(said), "{line}: {found}");
        }
        assert_eq!(
            broken("serials = [\"10.0.0.7:5037/R58M\", \"usb:18d1:4ee7\"]\nservers = [\"a:5037\"]"),
            ""
        );
    }
}

//! Lines of `adb devices -l`.

/// One device line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLine {
    /// Serial.
    pub serial: String,
    /// State, which may hold blanks (`no permissions`).
    pub state: String,
    /// `key:value` pairs, e.g. `model`.
    pub properties: Vec<(String, String)>,
}

/// Parses all lines; one odd line never hides the others.
pub fn parse_devices(text: &str) -> Vec<DeviceLine> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<DeviceLine> {
    let line = line.trim();
    if line.is_empty()
        || line.starts_with('*')
        || line.starts_with("List of devices")
        || line.starts_with("adb server")
    {
        return None;
    }
    let (serial, rest) = line.split_once(char::is_whitespace)?;
    let rest = rest.trim();
    if rest.starts_with("no permissions") {
        return Some(DeviceLine {
            serial: serial.into(),
            state: "no permissions".into(),
            properties: Vec::new(),
        });
    }
    let mut words = rest.split_whitespace();
    let state = words.next()?.to_owned();
    let properties = words
        .filter_map(|word| word.split_once(':'))
        .map(|(key, value)| (key.into(), value.into()))
        .collect();
    Some(DeviceLine {
        serial: serial.into(),
        state,
        properties,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_lines_do_not_hide_devices() {
        let text = "* daemon started successfully *\nList of devices attached\n\
            emulator-5554\tdevice product:sdk model:Pixel_6 transport_id:1\r\n\
            0123456789ABCDEF\tno permissions (user in plugdev group?); see [http://x]\n\
            R58M\tunauthorized usb:1-1 transport_id:3\n\nodd\n127.0.0.1:5555 offline\n";
        let devices = parse_devices(text);
        let seen: Vec<_> = devices
            .iter()
            .map(|device| (device.serial.as_str(), device.state.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                ("emulator-5554", "device"),
                ("0123456789ABCDEF", "no permissions"),
                ("R58M", "unauthorized"),
                ("127.0.0.1:5555", "offline")
            ]
        );
        assert_eq!(devices[0].properties[1], ("model".into(), "Pixel_6".into()));
    }
}

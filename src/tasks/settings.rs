//! Tasks on system settings: Wi-Fi, Bluetooth, brightness, and two of them together (catalogue
//! sections 3.15 and 3.16).

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::SETTINGS;
use super::screen::{Look, Scan, back, open, steps};
use super::sub_checks::Parts;
use super::{Solution, Task, TaskError, base, params};
use crate::device::Device;
use crate::domain::{Action, Compat, Direction, Instance, Params, TaskSpec};

/// A radio that can be turned on and off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Radio {
    /// Wi-Fi.
    Wifi,
    /// Bluetooth.
    Bluetooth,
}

impl Radio {
    fn name(self) -> &'static str {
        match self {
            Radio::Wifi => "Wi-Fi",
            Radio::Bluetooth => "Bluetooth",
        }
    }

    /// The command that turns it on or off.
    pub fn command(self, on: bool) -> &'static str {
        match (self, on) {
            (Radio::Wifi, true) => "svc wifi enable",
            (Radio::Wifi, false) => "svc wifi disable",
            (Radio::Bluetooth, true) => "svc bluetooth enable",
            (Radio::Bluetooth, false) => "svc bluetooth disable",
        }
    }

    /// Whether a value of its global setting means on or off. In flight mode Wi-Fi has a second kind of
    /// on, 2, and a second kind of off, 3; the benchmark knows only the first of these.
    fn is(self, on: bool, value: &str, compat: Compat) -> bool {
        match (self, on) {
            (Radio::Wifi, true) => value == "1" || value == "2",
            (Radio::Wifi, false) => value == "0" || (value == "3" && compat.is_fixed()),
            (Radio::Bluetooth, true) => value == "1",
            (Radio::Bluetooth, false) => value == "0",
        }
    }

    fn setting(self) -> &'static str {
        match self {
            Radio::Wifi => "wifi_on",
            Radio::Bluetooth => "bluetooth_on",
        }
    }

    /// Whether it is on, or off.
    pub async fn is_set(
        self,
        device: &Device,
        on: bool,
        compat: Compat,
    ) -> Result<bool, TaskError> {
        let value = device.adb().setting("global", self.setting()).await?;
        Ok(value.is_some_and(|value| self.is(on, &value, compat)))
    }

    /// Rows that lead to its switch, from the first page of Settings, and the switch's own row.
    fn path(self) -> (&'static [&'static str], &'static str) {
        match self {
            Radio::Wifi => (&["Network & internet", "Internet"], "Wi-Fi"),
            Radio::Bluetooth => (
                &["Connected devices", "Connection preferences", "Bluetooth"],
                "Use Bluetooth",
            ),
        }
    }
}

/// Goes towards the deepest row of a path that is seen.
fn follow(look: Look, scan: &mut Scan, path: &[&str]) -> Action {
    if !look.shows(SETTINGS) {
        scan.restart();
        return open(SETTINGS);
    }
    if let Some(action) = path.iter().rev().find_map(|row| look.tap_named(row)) {
        scan.restart();
        return action;
    }
    // Every page but the first has an arrow at its top.
    if look.has("Navigate up") {
        return back();
    }
    scan.next(look)
}

/// The next action towards a radio's state, or `None` when its switch shows it.
pub(super) fn set_radio(look: Look, scan: &mut Scan, radio: Radio, on: bool) -> Option<Action> {
    let (path, row) = radio.path();
    let switch = look
        .shows(SETTINGS)
        .then(|| look.named(row))
        .flatten()
        .and_then(|row| look.switch_beside(row).map(|switch| (row, switch)));
    match switch {
        Some((_, switch)) if look.element(switch).is_checked == on => None,
        Some((row, _)) => Some(look.tap(row)),
        None => Some(follow(look, scan, path)),
    }
}

/// `on_or_off` of the tasks on radios.
#[derive(Serialize, Deserialize)]
struct OnOrOff {
    on_or_off: String,
}

/// One radio, on or off.
struct Toggle {
    spec: TaskSpec,
    radio: Radio,
    on: bool,
    /// The state that it starts from; the `Verify` tasks start where they should end.
    starts_on: bool,
}

impl Toggle {
    fn word(&self) -> &'static str {
        if self.on { "on" } else { "off" }
    }
}

#[async_trait]
impl Task for Toggle {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, _rng: &mut ChaCha8Rng) -> Params {
        params::write(&OnOrOff {
            on_or_off: self.word().to_owned(),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given: OnOrOff = params::read(&self.spec, params)?;
        if given.on_or_off != self.word() {
            let reason = format!("on_or_off must be {}", self.word());
            return Err(params::wrong(&self.spec, reason));
        }
        Ok(format!("Switch {} {}.", self.radio.name(), self.word()))
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        let command = self.radio.command(self.starts_on);
        base::init(device, &self.spec, command).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        self.radio.is_set(device, self.on, instance.compat).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        self.goal(&instance.params)?;
        let (radio, on) = (self.radio, self.on);
        let mut scan = Scan::default();
        Ok(steps(move |look| {
            set_radio(look, &mut scan, radio, on).unwrap_or_else(Action::complete)
        }))
    }
}

/// `max_or_min` of the tasks on brightness.
#[derive(Serialize, Deserialize)]
struct MaxOrMin {
    max_or_min: String,
}

/// Brightness at one end of its range.
struct Brightness {
    spec: TaskSpec,
    max: bool,
    starts_max: bool,
}

/// `screen_brightness` at an end of its range.
fn brightness(max: bool) -> i64 {
    if max { 255 } else { 1 }
}

#[async_trait]
impl Task for Brightness {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, _rng: &mut ChaCha8Rng) -> Params {
        let word = if self.max { "max" } else { "min" };
        params::write(&MaxOrMin {
            max_or_min: word.to_owned(),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given: MaxOrMin = params::read(&self.spec, params)?;
        let (word, wish) = match self.max {
            true => ("max", "as bright as it can be"),
            false => ("min", "as dark as it can be"),
        };
        if given.max_or_min != word {
            return Err(params::wrong(
                &self.spec,
                format!("max_or_min must be {word}"),
            ));
        }
        Ok(format!(
            "Make the screen {wish}: brightness at its {word}imum."
        ))
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        let value = brightness(self.starts_max);
        let command = format!("settings put system screen_brightness {value}");
        base::init(device, &self.spec, &command).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, _instance: &Instance) -> Result<bool, TaskError> {
        let value = device.adb().setting("system", "screen_brightness").await?;
        let value: Option<i64> = value.and_then(|value| value.parse().ok());
        Ok(value == Some(brightness(self.max)))
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        self.goal(&instance.params)?;
        let max = self.max;
        let mut scan = Scan::default();
        let mut slid = false;
        Ok(steps(move |look| {
            if let Some(slider) = look.find(|element| element.short_class() == "SeekBar") {
                // The slider says its place, where it says anything, as a number from 0 to 65535.
                let reached = match look.text(slider).parse::<f64>() {
                    Ok(place) => place == if max { 65_535.0 } else { 0.0 },
                    Err(_) => slid,
                };
                if reached {
                    return Action::complete();
                }
                slid = true;
                // From the middle to the end; content to the left is what a finger that moves right
                // would reveal.
                let towards = if max {
                    Direction::Left
                } else {
                    Direction::Right
                };
                return Action::scroll_in(slider, towards);
            }
            let level = look.named("Brightness level").map(|row| {
                let around = look.bounds(look.target(row));
                let share = if max { "100%" } else { "0%" };
                look.elements().any(|(position, element)| {
                    element.text.as_deref() == Some(share)
                        && around.contains(look.bounds(position).center())
                })
            });
            if level == Some(true) {
                return Action::complete();
            }
            follow(look, &mut scan, &["Display", "Brightness level"])
        }))
    }
}

/// Wi-Fi off and Bluetooth on, half of the score each.
struct WifiOffBluetoothOn {
    spec: TaskSpec,
}

#[async_trait]
impl Task for WifiOffBluetoothOn {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, _rng: &mut ChaCha8Rng) -> Params {
        Params::new()
    }

    fn goal(&self, _params: &Params) -> Result<String, TaskError> {
        Ok("Switch Wi-Fi off, then switch Bluetooth on.".to_owned())
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        let script = [Radio::Wifi.command(true), Radio::Bluetooth.command(false)].join("\n");
        base::init(device, &self.spec, &script).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        Ok(self.check(device, instance, None).await? == 1.0)
    }

    async fn check(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let compat = instance.compat;
        let wifi = Radio::Wifi.is_set(device, false, compat).await?;
        let bluetooth = Radio::Bluetooth.is_set(device, true, compat).await?;
        Ok(compat.score(&[wifi, bluetooth]))
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let compat = instance.compat;
        let wifi = Radio::Wifi.is_set(device, false, compat).await?;
        let bluetooth = Radio::Bluetooth.is_set(device, true, compat).await?;
        Ok(Parts::of(&[wifi, bluetooth]).share(wifi && bluetooth))
    }

    fn solution(&self, _instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let mut scan = Scan::default();
        let mut wifi_is_off = false;
        Ok(steps(move |look| {
            if !wifi_is_off {
                match set_radio(look, &mut scan, Radio::Wifi, false) {
                    Some(action) => return action,
                    None => wifi_is_off = true,
                }
            }
            set_radio(look, &mut scan, Radio::Bluetooth, true).unwrap_or_else(Action::complete)
        }))
    }
}

const fn spec(
    name: &'static str,
    tags: &'static [&'static str],
    params: &'static [&'static str],
) -> TaskSpec {
    TaskSpec::new(name, &["settings"], 1.0, "easy", tags, params)
}

const fn toggle(
    name: &'static str,
    tags: &'static [&'static str],
    radio: Radio,
    on: bool,
    starts_on: bool,
) -> Toggle {
    Toggle {
        spec: spec(name, tags, &["on_or_off"]),
        radio,
        on,
        starts_on,
    }
}

const fn slide(
    name: &'static str,
    tags: &'static [&'static str],
    max: bool,
    starts_max: bool,
) -> Brightness {
    Brightness {
        spec: spec(name, tags, &["max_or_min"]),
        max,
        starts_max,
    }
}

const READING: &[&str] = &["screen_reading"];
const VERIFY: &[&str] = &["verification"];

/// The tasks of this file.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &toggle("SystemBluetoothTurnOff", &[], Radio::Bluetooth, false, true),
    &toggle(
        "SystemBluetoothTurnOffVerify",
        VERIFY,
        Radio::Bluetooth,
        false,
        false,
    ),
    &toggle(
        "SystemBluetoothTurnOn",
        READING,
        Radio::Bluetooth,
        true,
        false,
    ),
    &toggle(
        "SystemBluetoothTurnOnVerify",
        VERIFY,
        Radio::Bluetooth,
        true,
        true,
    ),
    &slide("SystemBrightnessMax", &[], true, false),
    &slide("SystemBrightnessMaxVerify", VERIFY, true, true),
    &slide("SystemBrightnessMin", &[], false, true),
    &slide("SystemBrightnessMinVerify", VERIFY, false, false),
    &toggle("SystemWifiTurnOff", READING, Radio::Wifi, false, true),
    &toggle("SystemWifiTurnOffVerify", VERIFY, Radio::Wifi, false, false),
    &toggle("SystemWifiTurnOn", READING, Radio::Wifi, true, false),
    &toggle("SystemWifiTurnOnVerify", VERIFY, Radio::Wifi, true, true),
    &WifiOffBluetoothOn {
        spec: TaskSpec {
            complexity: 2.0,
            difficulty: "medium",
            ..spec("TurnOffWifiAndTurnOnBluetooth", &[], &[])
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fixed_cannot_be_otherwise() {
        let task = super::super::find("SystemWifiTurnOff").unwrap();
        let mut params = Params::new();
        params.insert("on_or_off".into(), "on".into());
        assert!(task.goal(&params).is_err());
        params.insert("on_or_off".into(), "off".into());
        assert_eq!(task.goal(&params).unwrap(), "Switch Wi-Fi off.");
    }

    #[test]
    fn wifi_in_flight_mode_has_values_of_its_own() {
        let is = |on, value| {
            let under = |compat| Radio::Wifi.is(on, value, compat);
            [under(Compat::AndroidWorld), under(Compat::Fixed)]
        };
        assert_eq!(is(true, "1"), [true, true]);
        assert_eq!(is(true, "2"), [true, true]);
        assert_eq!(is(false, "0"), [true, true]);
        assert_eq!(is(false, "2"), [false, false]);
        assert_eq!(is(false, "3"), [false, true]);
        for value in ["2", "3"] {
            assert!(!Radio::Bluetooth.is(true, value, Compat::Fixed));
            assert!(!Radio::Bluetooth.is(false, value, Compat::Fixed));
        }
    }
}

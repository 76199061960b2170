//! The channels that every Android has: `screencap`, `uiautomator dump` and `input` over the ADB shell. May use `adb`,
//! `pixels` and `domain`.

use async_trait::async_trait;

use super::{Channel, DeviceError, Gesture, Offers, Tree};
use crate::adb::{Adb, AdbError, quote, typing_commands};
use crate::domain::Frame;
use crate::pixels;

/// `screencap`: raw pixels, or a PNG that takes the device longer and the line less.
#[derive(Debug, Clone)]
pub struct Screencap {
    adb: Adb,
    png: bool,
}

impl Screencap {
    /// Raw pixels.
    pub fn raw(adb: Adb) -> Screencap {
        Screencap { adb, png: false }
    }

    /// PNG.
    pub fn png(adb: Adb) -> Screencap {
        Screencap { adb, png: true }
    }

    async fn picture(&self) -> Result<Frame, AdbError> {
        let bytes = self.adb.exec_out("screencap -p").await?;
        let malformed = |detail: String| AdbError::Malformed {
            serial: self.adb.serial().to_owned(),
            what: "a screenshot",
            detail,
        };
        // Megabytes of pixels: the other devices of this thread need not wait.
        tokio::task::spawn_blocking(move || pixels::decode_png(&bytes))
            .await
            .map_err(|error| malformed(error.to_string()))?
            .map_err(|error| malformed(error.to_string()))
    }
}

#[async_trait]
impl Channel for Screencap {
    fn name(&self) -> &'static str {
        match self.png {
            true => "screencap-png",
            false => "screencap",
        }
    }

    fn offers(&self) -> Offers {
        Offers {
            frame: true,
            ..Offers::default()
        }
    }

    fn composes(&self) -> bool {
        true
    }

    async fn frame(&self) -> Result<Frame, DeviceError> {
        Ok(match self.png {
            true => self.picture().await?,
            false => self.adb.screencap().await?,
        })
    }
}

/// `uiautomator dump`. It holds the device's accessibility for as long as it runs only.
#[derive(Debug, Clone)]
pub struct Uiautomator(Adb);

impl Uiautomator {
    /// Over the ADB shell.
    pub fn new(adb: Adb) -> Uiautomator {
        Uiautomator(adb)
    }
}

#[async_trait]
impl Channel for Uiautomator {
    fn name(&self) -> &'static str {
        "uiautomator"
    }

    fn offers(&self) -> Offers {
        Offers {
            tree: true,
            exclusive: true,
            ..Offers::default()
        }
    }

    async fn tree(&self, activity: bool) -> Result<Tree, DeviceError> {
        let (elements, activity) = match activity {
            true => self.0.dump_hierarchy_and_activity().await?,
            false => (self.0.dump_hierarchy().await?, None),
        };
        Ok(Tree { elements, activity })
    }
}

/// The device's `input` tool.
#[derive(Debug, Clone)]
pub struct InputTool(Adb);

impl InputTool {
    /// Over the ADB shell.
    pub fn new(adb: Adb) -> InputTool {
        InputTool(adb)
    }
}

#[async_trait]
impl Channel for InputTool {
    fn name(&self) -> &'static str {
        "input"
    }

    fn offers(&self) -> Offers {
        Offers {
            input: true,
            ..Offers::default()
        }
    }

    /// One script for all of them: one round trip.
    ///
    /// # Errors
    /// When the device fails, or the last of the commands does.
    async fn input(&self, gestures: &[Gesture]) -> Result<(), DeviceError> {
        let script: Vec<String> = gestures.iter().flat_map(commands).collect();
        if script.is_empty() {
            return Ok(());
        }
        self.0.shell_ok(&script.join("\n")).await?;
        Ok(())
    }
}

fn commands(gesture: &Gesture) -> Vec<String> {
    vec![match gesture {
        Gesture::Tap(at) => format!("input tap {} {}", at.x, at.y),
        Gesture::Press(at, duration) => format!(
            "input swipe {0} {1} {0} {1} {2}",
            at.x,
            at.y,
            duration.as_millis()
        ),
        Gesture::Swipe { from, to, duration } => {
            let line = format!("input swipe {} {} {} {}", from.x, from.y, to.x, to.y);
            match duration {
                Some(duration) => format!("{line} {}", duration.as_millis()),
                None => line,
            }
        }
        Gesture::Key(key) => format!("input keyevent {}", quote(key)),
        Gesture::Text(text) => return typing_commands(text),
        Gesture::Clear => "input keycombination 113 29 && input keyevent 67".to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::Point;

    #[test]
    fn gestures_are_the_benchmarks_commands() {
        let (from, to) = (Point { x: 1, y: 2 }, Point { x: 3, y: 4 });
        let swipe = |duration| Gesture::Swipe { from, to, duration };
        for (gesture, expected) in [
            (Gesture::Tap(from), "input tap 1 2"),
            (
                Gesture::Press(from, Duration::from_secs(1)),
                "input swipe 1 2 1 2 1000",
            ),
            (swipe(None), "input swipe 1 2 3 4"),
            (
                swipe(Some(Duration::from_millis(500))),
                "input swipe 1 2 3 4 500",
            ),
            (Gesture::Key("KEYCODE_BACK"), "input keyevent KEYCODE_BACK"),
        ] {
            assert_eq!(commands(&gesture), [expected]);
        }
        let typed = commands(&Gesture::Text("a b".to_owned()));
        assert_eq!(typed, typing_commands("a b"));
        assert_eq!(typed.len(), 3);
    }
}

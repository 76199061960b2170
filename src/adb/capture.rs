//! What is on the screen: pixels and the accessibility tree, over commands that every Android has.

use std::sync::{Mutex, PoisonError};

use super::parse::dumpsys::parse_top_activity;
use super::parse::hierarchy::{HierarchyError, parse_hierarchy};
use super::parse::screencap::parse_raw;
use super::{Adb, AdbError};
use crate::domain::{Frame, UiElement};

/// Says what is on top of the screen.
pub(super) const TOP_ACTIVITY: &str = "am stack list | grep -E visible=true";
/// File that older versions of uiautomator need.
const DUMP_FILE: &str = "/sdcard/window_dump.xml";

/// What a device's last dump was read as. While a screen settles it is looked at again and again, and half of
/// what a look costs is the reading; text that is the same need not be read again.
#[derive(Debug, Default)]
pub(super) struct LastDump(Mutex<Option<(String, Vec<UiElement>)>>);

impl LastDump {
    fn read(&self, text: &str) -> Result<Vec<UiElement>, HierarchyError> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, elements)) = &*last
            && known == text
        {
            return Ok(elements.clone());
        }
        let elements = parse_hierarchy(text)?;
        *last = Some((text.to_owned(), elements.clone()));
        Ok(elements)
    }
}

impl Adb {
    /// A screenshot, as raw pixels.
    ///
    /// # Errors
    /// When the device fails, or the frame is torn.
    pub async fn screencap(&self) -> Result<Frame, AdbError> {
        let take = || async {
            let bytes = self.exec_out("screencap").await?;
            parse_raw(bytes.into())
                .map_err(|error| AdbError::malformed(self.serial(), "a screenshot", error))
        };
        match take().await {
            Err(error) if error.is_retriable() => take().await,
            result => result,
        }
    }

    /// The accessibility tree of the active window, depth first without the root.
    ///
    /// # Errors
    /// When the device fails, or has no tree to give.
    pub async fn dump_hierarchy(&self) -> Result<Vec<UiElement>, AdbError> {
        Ok(self.dump("").await?.0)
    }

    /// The same with the component on top of the screen, as [`Adb::top_activity`] says it, in one round
    /// trip.
    ///
    /// # Errors
    /// As [`Adb::dump_hierarchy`].
    pub async fn dump_hierarchy_and_activity(
        &self,
    ) -> Result<(Vec<UiElement>, Option<String>), AdbError> {
        let (elements, after) = self.dump(&format!("; {TOP_ACTIVITY}")).await?;
        Ok((elements, parse_top_activity(&after)))
    }

    /// The tree, and what a script said that ran behind it.
    async fn dump(&self, behind: &str) -> Result<(Vec<UiElement>, String), AdbError> {
        let malformed = |error: HierarchyError| {
            AdbError::malformed(self.serial(), "an accessibility tree", error)
        };
        let script = format!("uiautomator dump /dev/tty{behind}");
        let text = String::from_utf8_lossy(&self.exec_out(&script).await?).into_owned();
        match self.last_dump.read(&text) {
            Ok(elements) => Ok((elements, after_hierarchy(&text))),
            // Where /dev/tty is not to be had, the dump goes through a file; the old file must not be read again.
            Err(HierarchyError::NotXml(_)) => {
                let script = format!(
                    "rm -f {DUMP_FILE}; uiautomator dump {DUMP_FILE} >/dev/null; cat {DUMP_FILE}{behind}"
                );
                let output = self
                    .transport
                    .shell(&script, self.deadlines.capture)
                    .await?;
                let text = output.text();
                let elements = self.last_dump.read(&text).map_err(malformed)?;
                Ok((elements, after_hierarchy(&text)))
            }
            Err(error) => Err(malformed(error)),
        }
    }
}

/// What was said behind a tree; the words on the screen can't end it, as they stand in it escaped.
fn after_hierarchy(text: &str) -> String {
    let behind = text.rsplit_once("</hierarchy>");
    behind.map_or("", |(_, behind)| behind).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_is_read_again_only_when_it_changed() {
        let dump = |word: &str| format!("<hierarchy><node text=\"{word}\"/></hierarchy>");
        let last = LastDump::default();
        for word in ["one", "one", "two", "one"] {
            let elements = last.read(&dump(word)).unwrap();
            assert_eq!(elements, parse_hierarchy(&dump(word)).unwrap());
        }
        // What is no dump leaves the last one as it was.
        assert!(last.read("ERROR: could not get idle state.").is_err());
        assert_eq!(
            last.read(&dump("one")).unwrap()[0].text.as_deref(),
            Some("one")
        );
    }
}

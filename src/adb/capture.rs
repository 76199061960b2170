//! What is on the screen: pixels and the accessibility tree, over commands that every Android has.

use super::parse::hierarchy::{HierarchyError, parse_hierarchy};
use super::parse::screencap::parse_raw;
use super::{Adb, AdbError};
use crate::domain::{Frame, UiElement};

/// File that older versions of uiautomator need.
const DUMP_FILE: &str = "/sdcard/window_dump.xml";

impl Adb {
    /// A screenshot, as raw pixels.
    ///
    /// # Errors
    /// When the device fails, or the frame is torn.
    pub async fn screencap(&self) -> Result<Frame, AdbError> {
        let take = || async {
            let bytes = self.exec_out("screencap").await?;
            parse_raw(&bytes)
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
        let malformed = |error: HierarchyError| {
            AdbError::malformed(self.serial(), "an accessibility tree", error)
        };
        let text = String::from_utf8_lossy(&self.exec_out("uiautomator dump /dev/tty").await?)
            .into_owned();
        match parse_hierarchy(&text) {
            Ok(elements) => Ok(elements),
            // Where /dev/tty is not to be had, the dump goes through a file; the old file must not be read again.
            Err(HierarchyError::NotXml(_)) => {
                let script = format!(
                    "rm -f {DUMP_FILE}; uiautomator dump {DUMP_FILE} >/dev/null; cat {DUMP_FILE}"
                );
                let output = self
                    .transport
                    .shell(&script, self.deadlines.capture)
                    .await?;
                parse_hierarchy(&output.text()).map_err(malformed)
            }
            Err(error) => Err(malformed(error)),
        }
    }
}

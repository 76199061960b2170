//! `stepdroid devices screenshot`, `tree` and `tap`: single operations on a device.

use std::fmt::Write;
use std::path::Path;

use serde_json::json;

use super::super::{Context, Failure};
use super::{hold, open};
use crate::domain::UiElement;
use crate::pixels;

pub(super) async fn screenshot(device: &str, out: &Path, context: &Context) -> Result<(), Failure> {
    let frame = open(device).await?.screencap().await?;
    let png = pixels::encode_png(&frame)
        .map_err(|error| Failure::missed(format!("device {device}: {error}")))?;
    tokio::fs::write(out, png)
        .await
        .map_err(|error| Failure::unwritable(out, &error))?;
    let line = json!({
        "serial": device,
        "file": out,
        "width": frame.width,
        "height": frame.height,
    });
    context.output.result(&line, |_| {
        format!("{} ({}x{})", out.display(), frame.width, frame.height)
    })
}

pub(super) async fn tree(device: &str, context: &Context) -> Result<(), Failure> {
    let elements = open(device).await?.dump_hierarchy().await?;
    context.output.result(&elements, |elements| {
        elements
            .iter()
            .enumerate()
            .map(|(index, element)| element_line(index, element))
            .collect()
    })
}

fn element_line(index: usize, element: &UiElement) -> String {
    let mut line = format!("{index:3} ");
    if let Some(bounds) = element.bbox_pixels {
        let _ = write!(line, "{bounds} ");
    }
    let _ = write!(line, "{}", element.short_class());
    if !element.resource_entry().is_empty() {
        let _ = write!(line, " #{}", element.resource_entry());
    }
    if !element.label().is_empty() {
        let _ = write!(line, " {:?}", element.label());
    }
    let flags = [
        (element.is_clickable, "clickable"),
        (element.is_long_clickable, "long-clickable"),
        (element.is_editable, "editable"),
        (element.is_scrollable, "scrollable"),
        (element.is_checkable && !element.is_checked, "unchecked"),
        (element.is_checked, "checked"),
        (element.is_selected, "selected"),
        (element.is_focused, "focused"),
        (!element.is_enabled, "disabled"),
    ];
    for (_, flag) in flags.iter().filter(|(set, _)| *set) {
        let _ = write!(line, " {flag}");
    }
    line.push('\n');
    line
}

pub(super) async fn tap(device: &str, x: u16, y: u16, context: &Context) -> Result<(), Failure> {
    let (x, y) = (i32::from(x), i32::from(y));
    let _hold = hold(device, "devices tap").await?;
    let adb = open(device).await?;
    let screen = adb.screen_size().await?;
    if x >= screen.width || y >= screen.height {
        return Err(Failure::usage(format!(
            "{x},{y} is outside the screen of device {device}, which is {screen}"
        )));
    }
    adb.tap(x, y).await?;
    let line = json!({"serial": device, "x": x, "y": y});
    context
        .output
        .result(&line, |_| format!("tapped {device} at {x},{y}"))
}

//! Anchor states: what makes two looks at a device the same state, and how often states come back.
//! Pixels never repeat on a phone (a clock ticks, a cursor blinks), so a state is known by its
//! activity and its accessibility tree.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::UiElement;

/// The package of the status and navigation bar.
const SYSTEM_UI: &str = "com.android.systemui";

/// Parts of the status and navigation bar, by the last part of their resource names. Other windows
/// of the same package (notification shade, dialogs) are states like any other.
const BARS: [&str; 33] = [
    "status_bar",
    "status_bar_container",
    "status_bar_contents",
    "status_bar_launch_animation_container",
    "status_bar_start_side_container",
    "status_bar_start_side_content",
    "status_bar_start_side_except_heads_up",
    "status_bar_end_side_container",
    "status_bar_end_side_content",
    "notification_icon_area",
    "notification_icon_area_inner",
    "notificationIcons",
    "system_icons",
    "system_icon_area",
    "statusIcons",
    "clock",
    "battery",
    "batteryRemainingIcon",
    "battery_percentage_view",
    "wifi_combo",
    "wifi_group",
    "wifi_signal",
    "mobile_combo",
    "mobile_group",
    "mobile_signal",
    "mobile_type",
    "navigation_bar_frame",
    "navigation_bar_view",
    "navigation_inflater",
    "nav_buttons",
    "back",
    "home",
    "recent_apps",
];

/// Classes whose words change by themselves.
const TICKING_CLASSES: [&str; 4] = ["TextClock", "AnalogClock", "DigitalClock", "Chronometer"];

/// Elements whose words change by themselves, by the last part of their resource names: charge,
/// running stopwatches and timers, positions of players, lengths of recordings. Names that also
/// stand for something lasting, as `digital_clock` does for an alarm's time, are not here.
const TICKING: [&str; 14] = [
    "battery_level",
    "stopwatch_time_text",
    "stopwatch_hundredths_text",
    "timer_time_text",
    "chronometer",
    "elapsed_time",
    "songCurrentProgress",
    "songTotalTime",
    "player_overlay_time",
    "player_overlay_seekbar",
    "player_overlay_progress",
    "progressSlider",
    "record_time",
    "txt_progress",
];

/// The anchor of a state: 32 hexadecimal digits, equal where package, activity and accessibility
/// tree are, but for what is volatile.
///
/// `activity` is the component on top (`package/class`), where it is known; the package is that of
/// the component, else that of the first element that belongs to no bar.
///
/// Volatile, and therefore not in the anchor:
/// - the status bar and the navigation bar with all of their parts (clock, battery, signal,
///   notification icons);
/// - the keyboard's window;
/// - words of elements that tick: clock widgets, charge, running stopwatches and timers, positions
///   of players, lengths of recordings (they stay as elements, without words);
/// - the focus flag, and so the cursor: a field that is being typed into is the field it was;
/// - the place of an element in the list, where only volatile ones came before it.
///
/// Everything else counts: words, boxes (a list that was scrolled is another state), checks,
/// selection, what can be touched.
pub fn anchor(activity: Option<&str>, elements: &[UiElement]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut put = |part: &str| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    };
    let lasting: Vec<&UiElement> = elements.iter().filter(|element| !is_bar(element)).collect();
    let package = activity
        .and_then(|component| component.split('/').next())
        .or_else(|| {
            lasting
                .iter()
                .find_map(|element| element.package_name.as_deref())
        });
    put(package.unwrap_or(""));
    put(activity.unwrap_or(""));
    for element in lasting {
        let ticks = ticks(element);
        let words = |text: &Option<String>| match text {
            Some(text) if !ticks => text.clone(),
            _ => String::new(),
        };
        put(element.package_name.as_deref().unwrap_or(""));
        put(element.class_name.as_deref().unwrap_or(""));
        put(element.resource_entry());
        put(&words(&element.text));
        put(&words(&element.content_description));
        put(&words(&element.hint_text));
        let bounds = element.bbox_pixels.map(|bounds| {
            let sides = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
            sides.map(|side| side.to_string()).join(",")
        });
        put(bounds.as_deref().unwrap_or(""));
        let flags = [
            element.is_checked,
            element.is_checkable,
            element.is_clickable,
            element.is_editable,
            element.is_enabled,
            element.is_long_clickable,
            element.is_scrollable,
            element.is_selected,
        ];
        put(&flags
            .map(|flag| if flag { '1' } else { '0' })
            .iter()
            .collect::<String>());
    }
    let hash = hasher.finalize().to_hex();
    hash.as_str().chars().take(32).collect()
}

/// Whether an element belongs to a bar or the keyboard.
fn is_bar(element: &UiElement) -> bool {
    let package = element.package_name.as_deref().unwrap_or("");
    package.contains("inputmethod")
        || (package == SYSTEM_UI && BARS.contains(&element.resource_entry()))
}

fn ticks(element: &UiElement) -> bool {
    TICKING_CLASSES.contains(&element.short_class()) || TICKING.contains(&element.resource_entry())
}

/// The guard metric `anchor_repeats`: the share of steps whose anchor occurs in another trajectory
/// of the same task, among the steps that have an anchor; 0 without any. Where it is near 0,
/// comparing steps by their states (GiGPO) has nothing to compare.
///
/// `trajectories` are task names with the anchors of the steps.
pub fn anchor_repeats(trajectories: &[(&str, &[Option<String>])]) -> f64 {
    let mut seen: BTreeMap<(&str, &str), BTreeSet<usize>> = BTreeMap::new();
    for (number, (task, anchors)) in trajectories.iter().enumerate() {
        for anchor in anchors.iter().flatten() {
            seen.entry((task, anchor)).or_default().insert(number);
        }
    }
    let (mut steps, mut repeated) = (0u64, 0u64);
    for (task, anchors) in trajectories {
        for anchor in anchors.iter().flatten() {
            steps += 1;
            let others = seen.get(&(*task, anchor.as_str()));
            repeated += u64::from(others.is_some_and(|numbers| numbers.len() > 1));
        }
    }
    if steps == 0 {
        return 0.0;
    }
    repeated as f64 / steps as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BoundingBox;

    fn element(package: &str, resource: &str, text: &str) -> UiElement {
        UiElement {
            text: Some(text.into()),
            class_name: Some("android.widget.TextView".into()),
            package_name: Some(package.into()),
            resource_id: Some(format!("{package}:id/{resource}")),
            bbox_pixels: Some(BoundingBox::new(0, 0, 10, 10)),
            ..UiElement::default()
        }
    }

    fn screen() -> Vec<UiElement> {
        let mut widget = element("app", "digital_clock", "15:34");
        widget.class_name = Some("android.widget.TextClock".into());
        vec![
            element(SYSTEM_UI, "clock", "15:34"),
            element("app", "title", "Expenses"),
            widget,
            element("app", "digital_clock", "15:34"),
        ]
    }

    #[test]
    fn what_changes_by_itself_is_no_other_state() {
        let first = anchor(Some("app/.Main"), &screen());
        assert_eq!(first.len(), 32);
        let mut later = screen();
        later[0].text = Some("15:35".into());
        later[2].text = Some("15:35".into());
        later[1].is_focused = true;
        later.insert(0, element(SYSTEM_UI, "battery", "80 percent"));
        later.push(element("com.google.android.inputmethod.latin", "key", "q"));
        assert_eq!(anchor(Some("app/.Main"), &later), first);
    }

    #[test]
    fn what_matters_is_another_state() {
        let first = anchor(Some("app/.Main"), &screen());
        let changes: [fn(&mut Vec<UiElement>); 6] = [
            |screen| screen[3].text = Some("15:35".into()),
            |screen| screen[1].is_checked = true,
            |screen| screen[1].bbox_pixels = Some(BoundingBox::new(0, 5, 10, 15)),
            |screen| screen[1].is_enabled = true,
            |screen| drop(screen.pop()),
            |screen| screen.push(element(SYSTEM_UI, "notification_panel", "")),
        ];
        for change in changes {
            let mut other = screen();
            change(&mut other);
            assert_ne!(anchor(Some("app/.Main"), &other), first);
        }
        assert_ne!(anchor(Some("app/.Other"), &screen()), first);
        assert_ne!(anchor(None, &screen()), first);
        // Words do not run into each other.
        let two = |a: &str, b: &str| anchor(None, &[element("x", "a", a), element("x", "a", b)]);
        assert_ne!(two("ab", "c"), two("a", "bc"));
    }

    #[test]
    fn only_other_trajectories_of_the_task_make_a_repeat() {
        let of = |anchors: &[&str]| -> Vec<Option<String>> {
            anchors
                .iter()
                .map(|anchor| (!anchor.is_empty()).then(|| anchor.to_string()))
                .collect()
        };
        let (first, second, third) = (of(&["a", "b", "b", ""]), of(&["a", "c"]), of(&["b", "c"]));
        let repeats = anchor_repeats(&[("A", &first), ("A", &second), ("B", &third)]);
        assert_eq!(repeats, 2.0 / 7.0);
        assert_eq!(anchor_repeats(&[("A", &of(&[""]))]), 0.0);
    }
}

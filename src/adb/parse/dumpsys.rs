//! The few facts that are read out of `dumpsys`, `wm` and `am`.

use crate::domain::ScreenSize;

/// `Physical size: 1080x2400` of `wm size`; an override wins.
pub fn parse_wm_size(text: &str) -> Option<ScreenSize> {
    let find = |label: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(label))
            .and_then(|size| ScreenSize::parse(size.trim()))
    };
    find("Override size:").or_else(|| find("Physical size:"))
}

/// The first `logicalFrame=[0, 0, W, H]` of `dumpsys input` that is not 0x0.
pub fn parse_logical_frame(text: &str) -> Option<ScreenSize> {
    text.match_indices("logicalFrame=[")
        .find_map(|(position, label)| {
            let inner = text[position + label.len()..].split(']').next()?;
            let numbers: Vec<i32> = inner
                .split(',')
                .filter_map(|number| number.trim().parse().ok())
                .collect();
            let [_, _, width, height] = numbers[..] else {
                return None;
            };
            ScreenSize::parse(&format!("{width}x{height}"))
        })
}

/// The component of the visible task in `am stack list`: the text in the last brace pair of the
/// first line with one (the benchmark's rule, catalogue TOP-ACTIVITY).
pub fn parse_top_activity(text: &str) -> Option<String> {
    let line = text
        .lines()
        .find(|line| line.contains("visible=true") && line.contains('{') && line.contains('}'))?;
    let end = line.rfind('}')?;
    let start = line[..end].rfind('{')?;
    let component = line[start + 1..end].trim();
    (!component.is_empty()).then(|| component.to_owned())
}

/// Every `id=<digits>` of `dumpsys activity recents`, in order, without repeats.
pub fn parse_recent_ids(text: &str) -> Vec<u32> {
    let mut ids = Vec::new();
    for (position, _) in text.match_indices("id=") {
        let before = text[..position].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let digits: String = text[position + 3..]
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        if let Ok(id) = digits.parse()
            && !ids.contains(&id)
        {
            ids.push(id);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_frames() {
        assert_eq!(
            parse_wm_size("Physical size: 1080x2400\n")
                .unwrap()
                .to_string(),
            "1080x2400"
        );
        assert_eq!(
            parse_wm_size("Physical size: 1080x2400\nOverride size: 720x1600\n")
                .unwrap()
                .to_string(),
            "720x1600"
        );
        assert_eq!(parse_wm_size("error"), None);
        let text = "Viewport: logicalFrame=[0, 0, 0, 0]\n Viewport INTERNAL: logicalFrame=[0, 0, 1080, 2400], x";
        assert_eq!(parse_logical_frame(text).unwrap().to_string(), "1080x2400");
        assert_eq!(parse_logical_frame("logicalFrame=[0, 0,"), None);
    }

    #[test]
    fn the_top_activity_is_the_last_brace_pair() {
        let text = "  taskId=5: x visible=false {a/b}\n  taskId=7: com.x visible=true topActivity=ComponentInfo{com.android.settings/com.android.settings.Settings}\n";
        assert_eq!(
            parse_top_activity(text).as_deref(),
            Some("com.android.settings/com.android.settings.Settings")
        );
        assert_eq!(parse_top_activity("visible=true topActivity=null"), None);
    }

    #[test]
    fn recent_ids_are_whole_words() {
        let text =
            "* Recent #0: Task{1 #7 id=7 type=standard}\n  userId=0 taskId=9 id=7\n * id=12 x";
        assert_eq!(parse_recent_ids(text), [7, 12]);
    }
}

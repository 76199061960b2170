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

/// How the screen lies on the display's panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewport {
    /// The screen as apps see it, as it is turned.
    pub logical: ScreenSize,
    /// The display's pixels that it covers, as it is turned; another size than the logical one where the screen is
    /// scaled (`wm size`).
    pub physical: ScreenSize,
    /// Quarter turns to the left (Android's rotation).
    pub turns: u8,
}

/// The first viewport of `dumpsys input` whose logical frame is not 0x0: `orientation=1, logicalFrame=[0, 0, W, H],
/// physicalFrame=[0, 0, W, H]`, with `orientation=Rotation90` in some versions.
pub fn parse_viewport(text: &str) -> Option<Viewport> {
    text.lines().find_map(|line| {
        let logical = parse_logical_frame(line)?;
        let physical = line.find("physicalFrame=[").and_then(|at| {
            let inner = line.get(at + 15..)?.split(']').next()?;
            let mut numbers = inner.split(',').map(|number| number.trim().parse::<i32>());
            let mut next = || numbers.next()?.ok();
            let (left, top, right, low) = (next()?, next()?, next()?, next()?);
            let (width, height) = (right.checked_sub(left)?, low.checked_sub(top)?);
            ScreenSize::parse(&format!("{width}x{height}"))
        })?;
        let (_, turned) = line.split_once("orientation=")?;
        let turned = turned.split(',').next()?.trim();
        let turns = match turned.strip_prefix("Rotation").unwrap_or(turned) {
            "0" => 0,
            "1" | "90" => 1,
            "2" | "180" => 2,
            "3" | "270" => 3,
            _ => return None,
        };
        Some(Viewport {
            logical,
            physical,
            turns,
        })
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
    fn viewports_are_read_with_their_turns() {
        let line = |turns: &str, logical: &str, physical: &str| {
            format!(
                "      Viewport INTERNAL: displayId=0, uniqueId=local:4619827259835644672, port=0, orientation={turns}, \
                 logicalFrame=[0, 0, {logical}], physicalFrame=[0, 0, {physical}], deviceSize=[{physical}], \
                 isActive=[1]\n"
            )
        };
        let text = line("0", "0, 0", "0, 0") + &line("1", "2400, 1080", "2400, 1080");
        let seen = parse_viewport(&text).unwrap();
        assert_eq!(seen.logical.to_string(), "2400x1080");
        assert_eq!((seen.physical, seen.turns), (seen.logical, 1));
        let scaled = parse_viewport(&line("Rotation270", "1600, 720", "2400, 1080")).unwrap();
        assert_eq!(scaled.physical.to_string(), "2400x1080");
        assert_eq!((scaled.logical.width, scaled.turns), (1600, 3));
        for bad in [
            line("7", "1, 1", "1, 1"),
            line("0", "1, 1", "-2147483648, 1"),
            "logicalFrame=[0, 0, 1, 1]".to_owned(),
            "orientation=1, logicalFrame=[0, 0, 1, 1], physicalFrame=[0, 0".to_owned(),
        ] {
            assert_eq!(parse_viewport(&bad), None, "{bad}");
        }
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

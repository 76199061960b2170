//! GPX files: favourites as waypoints, tracks as lists of points.

use std::fmt::Write;

use super::places::Position;
use crate::phone::system::Clock;

/// A waypoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Waypoint {
    /// Where it is.
    pub position: Position,
    /// Name.
    pub name: String,
    /// Group; empty for the first.
    pub group: String,
    /// Description.
    pub about: String,
    /// When it was made, as GPX writes it.
    pub time: String,
}

/// The time of now as GPX writes it.
pub fn time(clock: &Clock) -> String {
    clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn escape(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .fold(String::new(), |mut out, character| {
            match character {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                other => out.push(other),
            }
            out
        })
}

fn file(name: &str, time: &str, body: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n\
         <gpx version=\"1.1\" creator=\"OsmAnd 4.6.13\" xmlns=\"http://www.topografix.com/GPX/1/1\" \
         xmlns:osmand=\"https://osmand.net\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd\">\n\
         \x20 <metadata>\n    <name>{}</name>\n    <time>{time}</time>\n  </metadata>\n{body}</gpx>\n",
        escape(name)
    )
}

/// A file of waypoints.
pub fn waypoints(name: &str, time: &str, all: &[Waypoint]) -> String {
    let mut body = String::new();
    for one in all {
        let Position { lat, lon } = one.position;
        let _ = writeln!(body, "  <wpt lat=\"{lat:.7}\" lon=\"{lon:.7}\">");
        let _ = writeln!(body, "    <time>{}</time>", escape(&one.time));
        let _ = writeln!(body, "    <name>{}</name>", escape(&one.name));
        if !one.about.is_empty() {
            let _ = writeln!(body, "    <desc>{}</desc>", escape(&one.about));
        }
        if !one.group.is_empty() {
            let _ = writeln!(body, "    <type>{}</type>", escape(&one.group));
        }
        body.push_str(
            "    <extensions>\n      <osmand:icon>special_star</osmand:icon>\n      \
             <osmand:background>circle</osmand:background>\n      \
             <osmand:color>#eeee10</osmand:color>\n    </extensions>\n  </wpt>\n",
        );
    }
    file(name, time, &body)
}

/// A file with one track.
pub fn track(name: &str, time: &str, points: &[Position]) -> String {
    let mut body = format!("  <trk>\n    <name>{}</name>\n    <trkseg>\n", escape(name));
    for Position { lat, lon } in points {
        let _ = writeln!(body, "      <trkpt lat=\"{lat:.7}\" lon=\"{lon:.7}\" />");
    }
    body.push_str("    </trkseg>\n  </trk>\n");
    file(name, time, &body)
}

/// The waypoints of a file; none of one that is no GPX.
pub fn read_waypoints(text: &str) -> Vec<Waypoint> {
    let Ok(document) = roxmltree::Document::parse(text) else {
        return Vec::new();
    };
    let root = document.root_element();
    let found = root.children().filter(|node| node.has_tag_name_any("wpt"));
    found
        .filter_map(|node| {
            let number = |name: &str| node.attribute(name)?.parse().ok();
            let part = |name: &str| {
                let found = node.children().find(|child| child.has_tag_name_any(name));
                found
                    .and_then(|child| child.text())
                    .unwrap_or("")
                    .to_owned()
            };
            Some(Waypoint {
                position: Position {
                    lat: number("lat")?,
                    lon: number("lon")?,
                },
                name: part("name"),
                group: part("type"),
                about: part("desc"),
                time: part("time"),
            })
        })
        .collect()
}

/// Names without regard to their space.
trait Named {
    fn has_tag_name_any(&self, name: &str) -> bool;
}

impl Named for roxmltree::Node<'_, '_> {
    fn has_tag_name_any(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waypoints_are_read_as_they_were_written() {
        let all = [Waypoint {
            position: Position {
                lat: 47.5,
                lon: -9.25,
            },
            name: "Here & <there>".to_owned(),
            group: "Trip".to_owned(),
            about: "\"quoted\"".to_owned(),
            time: "2023-10-15T15:34:00Z".to_owned(),
        }];
        let text = waypoints("favorites", "2023-10-15T15:34:00Z", &all);
        assert_eq!(read_waypoints(&text), all);
        let text = track("A to B", "t", &[MIDDLE_POINT, MIDDLE_POINT]);
        assert_eq!(text.matches("<trkpt").count(), 2);
        assert!(read_waypoints("<gpx>").is_empty());
    }

    const MIDDLE_POINT: Position = Position { lat: 1.0, lon: 2.0 };
}

//! OsmAnd's GPX files on the device.

use roxmltree::{Document, Node};

use super::super::{TaskError, paths};
use super::location::Point;
use crate::adb::quote;
use crate::device::Device;

/// The app's folder on the shared storage, as root sees it.
pub(super) const FOLDER: &str = "/data/media/0/Android/data/net.osmand/files";
/// Files of favourites, in the folder and in the app's private data.
const FAVORITES: [&str; 2] = [
    "/data/media/0/Android/data/net.osmand/files/favorites/favorites.gpx",
    "/data/data/net.osmand/files/favourites_bak.gpx",
];
/// Copies of the favourites, which are removed as well.
pub(super) const BACKUP: &str = "/data/data/net.osmand/files/backup";
/// The namespace of GPX.
const GPX: &str = "http://www.topografix.com/GPX/1/1";
/// The line before each file of an answer.
const MARK: &str = "@@gpx@@";

fn is(node: &Node, name: &str) -> bool {
    node.has_tag_name((GPX, name))
}

fn point(node: &Node) -> Option<Point> {
    let number = |name: &str| node.attribute(name)?.parse().ok();
    Some(Point {
        lat: number("lat")?,
        lon: number("lon")?,
    })
}

/// A waypoint.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Waypoint {
    pub name: String,
    pub point: Option<Point>,
}

fn waypoints(text: &str) -> Vec<Waypoint> {
    let Ok(document) = Document::parse(text) else {
        return Vec::new();
    };
    let found = document.descendants().filter(|node| is(node, "wpt"));
    found
        .map(|node| {
            let name = node.children().find(|child| is(child, "name"));
            Waypoint {
                name: name.and_then(|name| name.text()).unwrap_or("").to_owned(),
                point: point(&node),
            }
        })
        .collect()
}

/// The favourites; none when there is no such file, or it is no GPX.
pub(super) async fn favorites(device: &Device) -> Result<Vec<Waypoint>, TaskError> {
    let file = quote(FAVORITES[0]);
    let text = device
        .adb()
        .query(&format!("cat {file} 2>/dev/null; true"))
        .await?;
    Ok(waypoints(&text))
}

/// A file without its waypoints; `None` when it has none, or is no GPX.
fn without_waypoints(text: &str) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let ranges: Vec<_> = document
        .descendants()
        .filter(|node| is(node, "wpt"))
        .map(|node| node.range())
        .collect();
    let mut rest = text.to_owned();
    for range in ranges.iter().rev() {
        rest.replace_range(range.clone(), "");
    }
    (!ranges.is_empty()).then_some(rest)
}

/// Takes all favourites away.
pub(super) async fn clear_favorites(device: &Device) -> Result<(), TaskError> {
    let files = device.adb().read_files(&FAVORITES).await?;
    let emptied = FAVORITES.iter().zip(&files).filter_map(|(path, file)| {
        let text = String::from_utf8_lossy(file.as_deref()?);
        Some((*path, without_waypoints(&text)?))
    });
    let emptied: Vec<(&str, String)> = emptied.collect();
    if emptied.is_empty() {
        return Ok(());
    }
    paths::write(device, &emptied).await
}

fn track_points(text: &str) -> Vec<Point> {
    let Ok(document) = Document::parse(text) else {
        return Vec::new();
    };
    let inside = |node: &Node, name: &str| node.parent().is_some_and(|parent| is(&parent, name));
    let found = document.descendants().filter(|node| {
        is(node, "trkpt")
            && inside(node, "trkseg")
            && node.parent().is_some_and(|segment| inside(&segment, "trk"))
    });
    found.filter_map(|node| point(&node)).collect()
}

/// The points of each track.
pub(super) async fn tracks(device: &Device) -> Result<Vec<Vec<Point>>, TaskError> {
    let script = format!(
        "find {FOLDER}/tracks -name '*.gpx' -type f -exec echo {MARK} \\; -exec cat {{}} \\; 2>/dev/null; true"
    );
    let text = device.adb().query(&script).await?;
    let files = text.split(MARK).skip(1);
    Ok(files.map(|file| track_points(file.trim())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"<?xml version="1.0"?>
<gpx xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="1.5" lon="2"><name>Here</name></wpt>
<trk><trkseg><trkpt lat="1" lon="2" /><trkpt lat="3" lon="x" /></trkseg></trk><trkpt lat="9" lon="9" /></gpx>"#;

    #[test]
    fn files_are_read_and_emptied() {
        let found = waypoints(FILE);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "Here");
        assert_eq!(found[0].point, Some(Point { lat: 1.5, lon: 2.0 }));
        assert_eq!(track_points(FILE), [Point { lat: 1.0, lon: 2.0 }]);
        let rest = without_waypoints(FILE).unwrap();
        assert!(waypoints(&rest).is_empty() && rest.contains("<trkpt"));
        assert_eq!(without_waypoints(&rest), None);
        assert!(waypoints("no gpx").is_empty() && without_waypoints("<gpx>").is_none());
    }
}

//! Near misses in OsmAnd.

use super::{NearMiss, Solved, script, sql};

const MARKERS: &str = "/data/data/net.osmand/databases/map_markers_db";
const FILES: &str = "/sdcard/Android/data/net.osmand/files";

pub fn near_misses(task: &str, _solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let favorites = format!("{FILES}/favorites/favorites.gpx");
    Some(match task {
        "OsmAndFavorite" => vec![
            script(format!("rm {favorites}")),
            script(format!(
                "sed -i 's/lat=\"47/lat=\"46/; s/<name>.*</<name>Elsewhere</' {favorites}"
            )),
            script(format!("echo '<gpx>' > {favorites}")),
        ],
        "OsmAndMarker" => vec![
            sql(
                MARKERS,
                "UPDATE map_markers SET marker_lat = marker_lat + 0.002",
            ),
            sql(MARKERS, "DELETE FROM map_markers"),
            sql(MARKERS, "DROP TABLE map_markers"),
        ],
        "OsmAndTrack" => vec![
            script(format!("rm {FILES}/tracks/*")),
            script(format!("rm -r {FILES}/tracks")),
            script(format!(
                "for file in {FILES}/tracks/*.gpx; do sed -i 's/trkpt/rtept/' \"$file\"; done"
            )),
            script(format!(
                "for file in {FILES}/tracks/*.gpx; do mv \"$file\" \"$file.txt\"; done"
            )),
        ],
        _ => return None,
    })
}

//! Places of Liechtenstein as tasks name them: by name, or by coordinates.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

/// A point in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub lat: f64,
    pub lon: f64,
}

/// How far two points may lie apart, in degrees of each kind.
const TOLERANCE: f64 = 0.001;

impl Point {
    /// Whether two points count as the same.
    pub fn matches(self, other: Point) -> bool {
        (self.lat - other.lat).abs() < TOLERANCE && (self.lon - other.lon).abs() < TOLERANCE
    }

    /// Reads `lat, lon`.
    pub fn parse(text: &str) -> Option<Point> {
        let (lat, lon) = text.split_once(',')?;
        let (lat, lon) = (lat.trim().parse().ok()?, lon.trim().parse().ok()?);
        let fits = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        fits.then_some(Point { lat, lon })
    }
}

/// What stands behind the names.
const SUFFIX: &str = ", Liechtenstein";

/// Name, and coordinates as they are written.
const PLACES: [(&str, &str); 12] = [
    ("Balzers", "47.0688832, 9.5061564"),
    ("Bendern", "47.2122151, 9.5062101"),
    ("Malbun", "47.1026191, 9.6083057"),
    ("Nendeln", "47.1973857, 9.5430636"),
    ("Oberplanken", "47.1784977, 9.5450163"),
    ("Planken", "47.1858882, 9.5452201"),
    ("Rotenboden", "47.1275785, 9.5387131"),
    ("Ruggell", "47.23976, 9.5262837"),
    ("Schaan", "47.1663432, 9.5103085"),
    ("Schaanwald", "47.2165476, 9.5699984"),
    ("Schönberg", "47.1303814, 9.5930117"),
    ("Triesen", "47.106997, 9.5274854"),
];

/// So many different places, by their names.
pub(super) fn names(rng: &mut ChaCha8Rng, count: usize) -> Vec<String> {
    PLACES
        .sample(rng, count)
        .map(|(name, _)| format!("{name}{SUFFIX}"))
        .collect()
}

/// A place, by its name or by its coordinates.
pub(super) fn draw(rng: &mut ChaCha8Rng) -> String {
    let (name, coordinates) = PLACES[rng.random_range(0..PLACES.len())];
    match rng.random() {
        true => format!("{name}{SUFFIX}"),
        false => coordinates.to_owned(),
    }
}

/// Where a place is; `None` for one that nobody knows.
pub(super) fn point_of(location: &str) -> Option<Point> {
    let known = PLACES
        .iter()
        .find(|(name, _)| location.strip_suffix(SUFFIX) == Some(name));
    match known {
        Some((_, coordinates)) => Point::parse(coordinates),
        None => Point::parse(location),
    }
}

/// A place's name on the map; `None` for coordinates.
pub(super) fn short_name(location: &str) -> Option<&str> {
    location.strip_suffix(SUFFIX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn places_are_known_by_name_and_by_coordinates() {
        for (name, coordinates) in PLACES {
            let by_name = point_of(&format!("{name}{SUFFIX}")).unwrap();
            assert!(by_name.matches(point_of(coordinates).unwrap()));
        }
        assert_eq!(point_of("Atlantis"), None);
        assert_eq!(point_of("91, 3"), None);
        let mut rng = stream(1, "places", 0);
        let mut four = names(&mut rng, 4);
        four.sort_unstable();
        four.dedup();
        assert_eq!(four.len(), 4);
        assert!((0..50).all(|_| point_of(&draw(&mut rng)).is_some()));
    }
}

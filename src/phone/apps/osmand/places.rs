//! The places that the app's map knows, those of Liechtenstein, and how they are found by words or by
//! coordinates. Pure.

/// A point of the earth in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Latitude.
    pub lat: f64,
    /// Longitude.
    pub lon: f64,
}

impl Position {
    /// `47.13038, 9.59301`.
    pub fn text(self) -> String {
        format!("{:.5}, {:.5}", self.lat, self.lon)
    }

    /// Whether two points are one on the map.
    pub fn is_near(self, other: Position) -> bool {
        (self.lat - other.lat).abs() < 1e-5 && (self.lon - other.lon).abs() < 1e-5
    }

    /// Metres to another point, as the crow flies over a short way.
    pub fn metres_to(self, other: Position) -> f64 {
        const DEGREE: f64 = 111_320.0;
        let north = (other.lat - self.lat) * DEGREE;
        let east = (other.lon - self.lon) * DEGREE * self.lat.to_radians().cos();
        north.hypot(east)
    }
}

/// `850 m`, `1.2 km`.
pub fn distance(metres: f64) -> String {
    match metres < 1_000.0 {
        true => format!("{metres:.0} m"),
        false => format!("{:.1} km", metres / 1_000.0),
    }
}

/// A place, or a point of the map.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// Where it is.
    pub position: Position,
    /// Name; empty for a point.
    pub name: String,
    /// What it is.
    pub kind: String,
}

impl Spot {
    /// A point of the map.
    pub fn point(position: Position) -> Spot {
        Spot {
            position,
            name: String::new(),
            kind: "Location".to_owned(),
        }
    }

    /// Name, or coordinates.
    pub fn title(&self) -> String {
        match self.name.is_empty() {
            true => self.position.text(),
            false => self.name.clone(),
        }
    }
}

/// The middle of the map at the first start.
pub const MIDDLE: Position = Position {
    lat: 47.1510,
    lon: 9.5500,
};

/// Name, kind, latitude, longitude.
const PLACES: [(&str, &str, f64, f64); 20] = [
    ("Balzers", "Village", 47.068_883_2, 9.506_156_4),
    ("Bendern", "Village", 47.212_215_1, 9.506_210_1),
    ("Eschen", "Village", 47.210_736, 9.522_356),
    ("Gamprin", "Village", 47.220_362, 9.509_342),
    ("Malbun", "Village", 47.102_619_1, 9.608_305_7),
    ("Mauren", "Village", 47.219_236, 9.544_134),
    ("Nendeln", "Village", 47.197_385_7, 9.543_063_6),
    ("Oberplanken", "Hamlet", 47.178_497_7, 9.545_016_3),
    ("Planken", "Village", 47.185_888_2, 9.545_220_1),
    ("Rotenboden", "Hamlet", 47.127_578_5, 9.538_713_1),
    ("Ruggell", "Village", 47.239_76, 9.526_283_7),
    ("Schaan", "Town", 47.166_343_2, 9.510_308_5),
    ("Schaanwald", "Village", 47.216_547_6, 9.569_998_4),
    ("Schellenberg", "Village", 47.231_286, 9.546_728),
    ("Schönberg", "Peak", 47.130_381_4, 9.593_011_7),
    ("Steg", "Village", 47.112_217, 9.574_914),
    ("Triesen", "Village", 47.106_997, 9.527_485_4),
    ("Triesenberg", "Village", 47.117_734, 9.541_861),
    ("Vaduz", "Town", 47.139_286, 9.522_796),
    ("Wangs", "Village", 47.033_542, 9.433_211),
];

fn spot((name, kind, lat, lon): (&str, &str, f64, f64)) -> Spot {
    let region = match name {
        "Wangs" => "Switzerland",
        _ => "Liechtenstein",
    };
    Spot {
        position: Position { lat, lon },
        name: name.to_owned(),
        kind: format!("{kind}, {region}"),
    }
}

/// All places.
pub fn all() -> impl Iterator<Item = Spot> {
    PLACES.into_iter().map(spot)
}

/// Letters that the search takes for the same.
fn plain(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|character| match character {
            'ä' | 'à' | 'á' | 'â' => 'a',
            'ö' | 'ò' | 'ó' | 'ô' => 'o',
            'ü' | 'ù' | 'ú' | 'û' => 'u',
            'é' | 'è' | 'ê' => 'e',
            other => other,
        })
        .collect()
}

/// Two numbers that can be latitude and longitude.
pub fn coordinates(text: &str) -> Option<Position> {
    let mut numbers = text
        .split(|character: char| character == ',' || character.is_whitespace())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<f64>().ok());
    let (lat, lon) = (numbers.next()??, numbers.next()??);
    let fits = (-90.0..=90.0).contains(&lat)
        && (-180.0..=180.0).contains(&lon)
        && numbers.next().is_none();
    fits.then_some(Position { lat, lon })
}

/// What is found: the point of two numbers, or the places that have all words, those of exactly the first
/// word first, then by distance.
pub fn search(text: &str, from: Position) -> Vec<Spot> {
    if let Some(position) = coordinates(text) {
        return vec![Spot::point(position)];
    }
    let text = plain(text);
    let words: Vec<&str> = text
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let Some(first) = words.first() else {
        return Vec::new();
    };
    let mut found: Vec<Spot> = all()
        .filter(|spot| {
            let known = plain(&format!("{} {}", spot.name, spot.kind));
            let names: Vec<&str> = known
                .split(|character: char| !character.is_alphanumeric())
                .collect();
            words
                .iter()
                .all(|word| names.iter().any(|name| name.starts_with(word)))
        })
        .collect();
    found.sort_by(|left, right| {
        let key = |spot: &Spot| (plain(&spot.name) != *first, from.metres_to(spot.position));
        let (left, right) = (key(left), key(right));
        left.0.cmp(&right.0).then(left.1.total_cmp(&right.1))
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_by_words_and_points_by_numbers() {
        let names = |text: &str| -> Vec<String> {
            let found = search(text, MIDDLE);
            found.into_iter().map(|spot| spot.title()).collect()
        };
        assert_eq!(names("Schaan, Liechtenstein"), ["Schaan", "Schaanwald"]);
        assert_eq!(names("schonberg liecht"), ["Schönberg"]);
        assert_eq!(names("Triesen")[0], "Triesen");
        assert_eq!(names("47.1303814, 9.5930117"), ["47.13038, 9.59301"]);
        assert!(names("Atlantis").is_empty() && names(" ,").is_empty());
        assert_eq!(coordinates("91, 5"), None);
        assert_eq!(coordinates("1, 2, 3"), None);
        assert_eq!(coordinates("NaN, 2"), None);
    }
}

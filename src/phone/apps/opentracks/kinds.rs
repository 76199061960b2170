//! The types of activities: what the database calls them, what they are called on the screen, their signs.

use crate::phone::ui::Icon;

/// One type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// In the column `activity_type`.
    pub id: &'static str,
    /// On the screen, and in the column `category`.
    pub name: &'static str,
    /// Sign.
    pub icon: Icon,
    /// Its speed is told as minutes for a mile or kilometre.
    pub pace: bool,
}

const fn speed(id: &'static str, name: &'static str, icon: Icon) -> Kind {
    Kind {
        id,
        name,
        icon,
        pace: false,
    }
}

const fn pace(id: &'static str, name: &'static str, icon: Icon) -> Kind {
    Kind {
        id,
        name,
        icon,
        pace: true,
    }
}

/// The type of everything that is none of the others.
pub const UNKNOWN: Kind = speed("unknown", "unknown", Icon::Flag);

/// All types, in the order of the field's suggestions.
pub const KINDS: &[Kind] = &[
    speed("airplane", "airplane", Icon::Airplane),
    speed("ATV", "ATV", Icon::Flag),
    speed("biking", "biking", Icon::Bicycle),
    speed("blimp", "blimp", Icon::Flag),
    speed("boat", "boat", Icon::Boat),
    pace("climbing", "climbing", Icon::Flag),
    speed("commercial airplane", "commercial airplane", Icon::Airplane),
    speed("cross-country skiing", "cross-country skiing", Icon::Flag),
    speed("cycling", "cycling", Icon::Bicycle),
    speed("dirt bike", "dirt bike", Icon::Bicycle),
    speed("donkey back riding", "donkey back riding", Icon::Flag),
    speed("driving", "driving", Icon::Flag),
    speed("driving bus", "driving bus", Icon::Flag),
    speed("driving car", "driving car", Icon::Flag),
    speed("escooter", "escooter", Icon::Flag),
    speed("ferry", "ferry", Icon::Boat),
    speed("frisbee", "frisbee", Icon::Flag),
    speed("gliding", "gliding", Icon::Flag),
    speed("hang gliding", "hang gliding", Icon::Flag),
    speed("helicopter", "helicopter", Icon::Flag),
    pace("hiking", "hiking", Icon::Walk),
    speed("horse back riding", "horse back riding", Icon::Flag),
    speed("hot air balloon", "hot air balloon", Icon::Flag),
    speed("ice sailing", "ice sailing", Icon::Flag),
    speed("inline skating", "inline skating", Icon::Flag),
    speed("kayaking", "kayaking", Icon::Boat),
    speed("kite surfing", "kite surfing", Icon::Flag),
    speed("land sailing", "land sailing", Icon::Flag),
    speed("mixed type", "mixed type", Icon::Flag),
    speed("motor bike", "motor bike", Icon::Bicycle),
    speed("motor boating", "motor boating", Icon::Boat),
    speed("mountain biking", "mountain biking", Icon::Bicycle),
    pace("off trail hiking", "hiking", Icon::Walk),
    speed("other", "other", Icon::Flag),
    speed("paddling", "paddling", Icon::Flag),
    speed("para gliding", "para gliding", Icon::Flag),
    speed("RC airplane", "RC airplane", Icon::Airplane),
    speed("RC boat", "RC boat", Icon::Boat),
    speed("RC helicopter", "RC helicopter", Icon::Flag),
    speed("riding", "horse back riding", Icon::Flag),
    speed("road biking", "road biking", Icon::Bicycle),
    speed("roller skiing", "roller skiing", Icon::Flag),
    speed("rowing", "rowing", Icon::Flag),
    pace("running", "running", Icon::Run),
    speed("sailing", "sailing", Icon::Boat),
    speed("kickscooter", "scooter", Icon::Flag),
    speed("seaplane", "seaplane", Icon::Airplane),
    speed("skateboarding", "skate boarding", Icon::Flag),
    speed("skating", "skating", Icon::Flag),
    speed("skiing", "skiing", Icon::Flag),
    speed("sky jumping", "sky jumping", Icon::Flag),
    speed("sled", "sled", Icon::Flag),
    speed("snowboarding", "snow boarding", Icon::Flag),
    speed("snow shoeing", "snow shoeing", Icon::Flag),
    pace("speed walking", "speed walking", Icon::Walk),
    pace("street running", "street running", Icon::Run),
    speed("surfing", "surfing", Icon::Flag),
    speed("track cycling", "track cycling", Icon::Bicycle),
    pace("track running", "trail running", Icon::Run),
    pace("trail hiking", "trail hiking", Icon::Walk),
    pace("trail running", "trail running", Icon::Run),
    speed("train", "train", Icon::Flag),
    speed("ultimate frisbee", "ultimate frisbee", Icon::Flag),
    speed("wakeboarding", "wakeboarding", Icon::Flag),
    pace("walking", "walking", Icon::Walk),
    speed("water skiing", "water skiing", Icon::Flag),
    speed("wind surfing", "wind surfing", Icon::Flag),
    pace("swimming", "swimming", Icon::Flag),
    pace(
        "swimming in open water",
        "swimming in open water",
        Icon::Flag,
    ),
    pace("workout", "workout", Icon::Flag),
    UNKNOWN,
];

/// The type that a database calls so.
pub fn by_id(id: &str) -> Kind {
    find(|kind| kind.id == id)
}

/// The first type that the screen calls so.
pub fn by_name(name: &str) -> Kind {
    find(|kind| kind.name == name)
}

fn find(fits: impl Fn(&Kind) -> bool) -> Kind {
    KINDS
        .iter()
        .find(|kind| fits(kind))
        .copied()
        .unwrap_or(UNKNOWN)
}

//! Words that instances are made of, and how they are drawn. Our own; no check depends on them.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

/// One of a pool.
pub(super) fn pick(pool: &[&str], rng: &mut ChaCha8Rng) -> String {
    pool.choose(rng).copied().unwrap_or_default().to_owned()
}

/// So many more values, no two the same; `fits` sees those that are there and the candidate.
pub(super) fn distinct<T: PartialEq>(
    mut chosen: Vec<T>,
    more: usize,
    mut draw: impl FnMut() -> T,
    fits: impl Fn(&[T], &T) -> bool,
) -> Vec<T> {
    let wanted = chosen.len() + more;
    while chosen.len() < wanted {
        let candidate = draw();
        if !chosen.contains(&candidate) && fits(&chosen, &candidate) {
            chosen.push(candidate);
        }
    }
    chosen
}

/// Given name and family name.
pub(super) fn person(rng: &mut ChaCha8Rng) -> String {
    let given = pick(&GIVEN_NAMES, rng);
    format!("{given} {}", pick(&FAMILY_NAMES, rng))
}

/// A telephone number.
pub(super) fn phone_number(rng: &mut ChaCha8Rng) -> String {
    (0..10).fold("+1".to_owned(), |number, _| {
        format!("{number}{}", rng.random_range(0..10))
    })
}

/// First words of names of notes.
pub(super) const ADJECTIVES: [&str; 50] = [
    "amber", "bold", "brave", "bright", "broad", "calm", "clever", "cold", "cool", "crisp",
    "curious", "deep", "eager", "early", "fair", "fast", "fine", "fresh", "gentle", "glad",
    "golden", "grand", "green", "happy", "humble", "icy", "kind", "late", "light", "little",
    "lively", "loud", "lucky", "mellow", "mild", "neat", "noble", "pale", "plain", "proud",
    "quick", "quiet", "rapid", "royal", "shiny", "silent", "silver", "small", "steady", "warm",
];

/// Second words of names of notes.
pub(super) const NOUNS: [&str; 51] = [
    "anchor", "arrow", "basket", "beacon", "bridge", "cabin", "candle", "canyon", "castle",
    "cloud", "comet", "corner", "desert", "falcon", "feather", "field", "forest", "fox", "garden",
    "glacier", "harbor", "hill", "island", "kettle", "ladder", "lake", "lantern", "maple",
    "meadow", "mirror", "moon", "mountain", "ocean", "orchard", "otter", "path", "pebble", "pine",
    "planet", "pocket", "rain", "ridge", "river", "sail", "shadow", "spark", "star", "stone",
    "storm", "valley", "willow",
];

/// Texts of notes: short, and without signs that typing or a shell could change.
pub(super) const SENTENCES: [&str; 40] = [
    "Water the tomato plants before breakfast",
    "Bring the blue folder to work",
    "Call the plumber about the sink",
    "The library closes early on Friday",
    "Buy oat milk and fresh bread",
    "Pick up the parcel from school",
    "Ask Omar about the train tickets",
    "The meeting moved to room four",
    "Return the borrowed ladder to Ines",
    "Paint the garden fence next weekend",
    "Check the tires before the trip",
    "Send the photos to our neighbours",
    "The spare key hangs behind the door",
    "Try the lentil soup with lemon",
    "Book a table for six people",
    "Practice the second song every evening",
    "The rent is due on Monday",
    "Take the early bus to town",
    "Charge the camera before the hike",
    "Write a birthday card for Noor",
    "Plant the bulbs near the gate",
    "Ask for a window seat",
    "The dentist has a free slot",
    "Fix the squeaky door this week",
    "Compare prices for a new kettle",
    "Sort the old magazines by year",
    "Leave the umbrella near the stairs",
    "Learn ten new words each day",
    "The blue paint dries in two hours",
    "Order more paper for the printer",
    "Clean the filter of the fan",
    "Meet Lucas at the north gate",
    "The shop opens at nine today",
    "Renew the passport before the summer",
    "Freeze the rest of the stew",
    "Borrow a tent from my cousin",
    "Feed the cat twice a day",
    "Measure the shelf before buying boxes",
    "Turn off the heater at night",
    "Share the recipe with the team",
];

/// Names of other notes.
pub(super) const NOTE_TITLES: [&str; 20] = [
    "shopping_list.md",
    "trip_plan.md",
    "reading_notes.md",
    "garden_tasks.md",
    "meeting_summary.md",
    "budget_draft.md",
    "recipe_ideas.md",
    "workout_log.md",
    "book_quotes.md",
    "house_rules.md",
    "travel_budget.md",
    "gift_ideas.md",
    "course_outline.md",
    "morning_routine.md",
    "packing_list.md",
    "song_lyrics.md",
    "project_ideas.md",
    "dream_journal.md",
    "movie_list.md",
    "weekly_goals.md",
];

/// Names of folders of notes.
pub(super) const FOLDERS: [&str; 10] = [
    "Archive", "Drafts", "Errands", "Family", "Garden", "Journal", "Recipes", "School", "Travel",
    "Workshop",
];

/// Given names.
pub(super) const GIVEN_NAMES: [&str; 97] = [
    "Ada", "Aisha", "Alma", "Amir", "Ana", "Anton", "Asha", "Beatriz", "Ben", "Bruno", "Camila",
    "Carla", "Carlos", "Chen", "Clara", "Daniel", "Dario", "David", "Diana", "Diego", "Elena",
    "Elias", "Elif", "Emil", "Emma", "Esther", "Eva", "Fatima", "Felix", "Finn", "Fiona",
    "Gabriel", "Grace", "Greta", "Hana", "Hans", "Hector", "Helen", "Hugo", "Ibrahim", "Ines",
    "Ingrid", "Irene", "Isaac", "Ivan", "Jamal", "Jana", "Jasmin", "Joel", "Jonas", "Julia", "Kai",
    "Karim", "Katya", "Kenji", "Lara", "Laura", "Leila", "Leo", "Lena", "Lina", "Lucas", "Lucia",
    "Luis", "Maja", "Malik", "Marco", "Maria", "Marta", "Mateo", "Maya", "Mei", "Mila", "Milan",
    "Mina", "Miriam", "Nadia", "Nina", "Noah", "Nora", "Olga", "Omar", "Oscar", "Paula", "Pedro",
    "Petra", "Rafael", "Rosa", "Ruth", "Samir", "Sara", "Simon", "Sofia", "Tara", "Theo", "Tomas",
    "Yuki",
];

/// Family names; two of two words.
pub(super) const FAMILY_NAMES: [&str; 22] = [
    "Alvarez", "Bauer", "Berg", "Castro", "Costa", "Dubois", "Farah", "Garcia", "Haas", "Ito",
    "Jensen", "Kaya", "Khan", "Lopez", "Moreau", "Novak", "Okafor", "Reyes", "Santos", "Weber",
    "da Costa", "van Dijk",
];

/// Addresses that are sent on.
pub(super) const ADDRESSES: [&str; 8] = [
    "418 Alder Street, Portland, OR 97205",
    "27 Harbor View Lane, Camden, ME 04843",
    "1960 Mesa Verde Drive, Durango, CO 81301",
    "603 Magnolia Avenue, Savannah, GA 31401",
    "84 Canal Road, Lowell, MA 01852",
    "3312 Prairie Court, Lincoln, NE 68516",
    "750 Juniper Hill Road, Santa Fe, NM 87501",
    "15 Lighthouse Way, Duluth, MN 55802",
];

/// What somebody writes who wants a message again.
pub(super) const REPEAT_PLEASE: &str = "Oops, I deleted that by accident. Can you send it again?";

/// First names of drafted contacts.
pub(super) const DRAFT_FIRST_NAMES: [&str; 10] = [
    "Alice", "Bella", "Cyrus", "Derek", "Erika", "Farid", "Gemma", "Henry", "Irma", "Jorge",
];

/// Last names of drafted contacts.
pub(super) const DRAFT_LAST_NAMES: [&str; 10] = [
    "Adams", "Brown", "Clark", "Davis", "Evans", "Foster", "Gomez", "Hughes", "Irving", "Jones",
];

/// How titles of events begin; those that end in "with" go on with a name, the others with a subject.
pub(super) const EVENT_STARTS: [&str; 6] = [
    "Lunch with",
    "Chat with",
    "Interview with",
    "Planning:",
    "Review of",
    "Training:",
];

/// Names in titles of events.
pub(super) const EVENT_NAMES: [&str; 6] = ["Amara", "Jonas", "Mei", "Ravi", "Sofia", "Tomas"];

/// Subjects in titles of events.
pub(super) const EVENT_SUBJECTS: [&str; 4] = [
    "new website",
    "spring budget",
    "support desk",
    "summer fair",
];

/// What is done in an event.
pub(super) const EVENT_VERBS: [&str; 10] = [
    "collect", "compare", "draft", "explain", "improve", "list", "present", "rank", "settle",
    "sketch",
];

/// What it is done to.
pub(super) const EVENT_OBJECTS: [&str; 9] = [
    "the guest list",
    "open questions",
    "the price table",
    "first results",
    "safety rules",
    "the travel plan",
    "team goals",
    "the contract",
    "customer letters",
];

/// What is said besides.
pub(super) const EVENT_REMARKS: [&str; 5] = [
    "Please be on time.",
    "Bring a laptop.",
    "Tea will be served.",
    "Guests are welcome.",
    "Notes go out later.",
];

/// Titles of songs.
pub(super) const SONG_TITLES: [&str; 35] = [
    "Amber Road",
    "Blue Door",
    "Broken Compass",
    "Cedar Smoke",
    "City of Lanterns",
    "Cold Coffee",
    "Copper Sky",
    "Dancing Alone",
    "Distant Thunder",
    "Early Train",
    "Falling Upwards",
    "First Frost",
    "Glass Garden",
    "Half a Moon",
    "Hidden River",
    "Honey and Salt",
    "Last Ferry",
    "Letters Home",
    "Long Shadows",
    "Midnight Bakery",
    "Neon Orchard",
    "Northern Window",
    "Old Photographs",
    "Paper Boats",
    "Quiet Engines",
    "Rain on Tin",
    "Rooftop Choir",
    "Seven Bridges",
    "Slow Motion",
    "Stone and Feather",
    "Summer Static",
    "Tall Grass",
    "Velvet Morning",
    "Wild Geese",
    "Winter Harbor",
];

/// What playlists are for; a number follows.
pub(super) const PLAYLIST_THEMES: [&str; 50] = [
    "Morning Run",
    "Evening Walk",
    "Road Trip",
    "Kitchen Dance",
    "Rainy Sunday",
    "Study Session",
    "Deep Focus",
    "Garden Party",
    "Beach Bonfire",
    "Mountain Hike",
    "Night Drive",
    "Coffee Break",
    "Spring Cleaning",
    "Winter Fireside",
    "Birthday Party",
    "Slow Breakfast",
    "Yoga Hour",
    "Bike Ride",
    "Train Journey",
    "Camping Night",
    "Office Hours",
    "Bedtime Calm",
    "Power Workout",
    "Piano Favorites",
    "Guitar Classics",
    "Jazz Corner",
    "Soul Kitchen",
    "Disco Fever",
    "Indie Mix",
    "Folk Tales",
    "Rock Anthems",
    "Summer Hits",
    "Autumn Leaves",
    "City Lights",
    "Country Roads",
    "Movie Night",
    "Board Games",
    "Picnic Songs",
    "Sailing Day",
    "Snow Day",
    "Dinner Guests",
    "Lazy Afternoon",
    "Happy Monday",
    "Friday Feeling",
    "Dance Floor",
    "Acoustic Gems",
    "Old Favorites",
    "New Finds",
    "Sunset Terrace",
    "Quiet Library",
];

/// Where names of drawings begin.
pub(super) const LATIN: [&str; 8] = [
    "amicus", "luna", "silva", "nox", "mare", "ventus", "terra", "umbra",
];

/// What receipts list, with the least and the most that it costs in dollars.
pub(super) const RECEIPT_ITEMS: [(&str, [u32; 2]); 6] = [
    ("Bus Ticket", [5, 20]),
    ("Lunch Menu", [10, 40]),
    ("Printer Ink", [20, 80]),
    ("Desk Lamp", [25, 90]),
    ("Hotel Night", [60, 150]),
    ("Garden Tools", [15, 120]),
];

/// Who writes receipts.
pub(super) const COMPANIES: [&str; 4] = [
    "Northwind Market",
    "Blue Harbor Supplies",
    "Maple Street Store",
    "Orchard & Sons",
];

/// What they say of themselves.
pub(super) const SLOGANS: [&str; 4] = [
    "Open every day since 1984",
    "Fair prices, friendly people",
    "Everything under one roof",
    "Around the corner for you",
];

/// How names of videos begin.
pub(super) const VIDEO_PREFIXES: [&str; 7] = [
    "holiday",
    "lecture",
    "garden",
    "skate",
    "birthday",
    "timelapse",
    "interview",
];

/// What playlists of videos are about.
pub(super) const VIDEO_THEMES: [&str; 16] = [
    "Mountain", "Seaside", "Kitchen", "Family", "Travel", "Training", "Winter", "Street",
    "Concert", "Nature", "Science", "History", "Sports", "Weekend", "Garden", "Animal",
];

/// What they are called besides.
pub(super) const VIDEO_QUALIFIERS: [&str; 7] = [
    "Moments",
    "Favorites",
    "Diary",
    "Highlights",
    "Collection",
    "Stories",
    "Archive",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_plain_and_short() {
        for sentence in SENTENCES {
            assert!(sentence.split(' ').count() <= 7, "{sentence}");
            assert!(
                sentence
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == ' ')
            );
        }
        for word in ADJECTIVES.iter().chain(&NOUNS).chain(&FOLDERS) {
            assert!(word.chars().all(|c| c.is_ascii_alphabetic()), "{word}");
        }
        assert!(GIVEN_NAMES.iter().all(|name| !name.contains(' ')));
    }
}

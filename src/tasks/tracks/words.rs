//! What the tracks of questions are called and like. Our own words, in the benchmark's numbers; no name
//! or description holds a type, and no type is part of another.

/// Types that are asked for.
pub(super) const CATEGORIES: &[&str] = &[
    "running", "cycling", "hiking", "walking", "swimming", "rowing", "kayaking", "climbing",
    "surfing", "sailing", "skating", "skiing",
];

/// Types of the other tracks.
pub(super) const ALL_CATEGORIES: [&str; 19] = [
    "running",
    "cycling",
    "hiking",
    "walking",
    "swimming",
    "rowing",
    "kayaking",
    "climbing",
    "surfing",
    "sailing",
    "skating",
    "skiing",
    "workout",
    "paddling",
    "gliding",
    "frisbee",
    "driving",
    "wakeboarding",
    "biking",
];

/// Names of the other tracks.
pub(super) const OTHER_NAMES: [&str; 10] = [
    "Early start",
    "Lunch break",
    "With the neighbours",
    "Against the wind",
    "Old town loop",
    "Around the lake",
    "Before dinner",
    "Weekend outing",
    "New shoes",
    "Last light",
];

/// Names.
pub(super) const NAMES: &[&str] = &[
    "Legs like lead",
    "Finally some sun",
    "Best form this month",
    "Slept too little",
    "Should drink more",
    "Wind from all sides",
    "Easy does it",
    "Knee holds up",
    "Faster than planned",
    "Rain after ten minutes",
    "Forgot my gloves",
    "Found a new path",
    "Cold but clear",
    "Great company",
    "Half asleep",
];

/// Descriptions.
pub(super) const DESCRIPTIONS: &[&str] = &[
    "Kept an even pace from start to end.",
    "The last part was harder than it looked.",
    "Met two friends on the way.",
    "Stopped once for water.",
    "A quiet day with hardly anyone around.",
    "Tried out the new jacket.",
    "Breathing was fine all the time.",
    "A little sore afterwards.",
    "The view was worth it.",
    "Turned back earlier because of the clouds.",
    "Music helped a lot.",
    "Felt strong after the break.",
    "Took it slow on purpose.",
    "Next time without the rucksack.",
    "Nothing hurt for once.",
    "Too warm for the season.",
    "Longer than the last time.",
    "Had to wait at the bridge.",
    "Good for the head.",
    "Ended where it began.",
    "Should have eaten before.",
];

/// Times of day.
pub(super) const TIMES: &[&str] = &[
    "6:00am", "6:45am", "7:15am", "8am", "08:20", "9:10am", "10am", "10:40", "11:30am", "12:15pm",
    "1pm", "13:25", "2:45pm", "3pm", "15:50", "4:30pm", "5:20pm", "18:05", "7pm", "19:30",
];

/// Minutes.
pub(super) const DURATIONS: &[i64] = &[
    15, 20, 30, 40, 45, 50, 60, 75, 80, 90, 105, 120, 135, 150, 165, 180, 210, 240, 270,
];

/// Metres.
pub(super) const DISTANCES: &[i64] = &[
    100, 300, 500, 800, 1_000, 1_200, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000,
    6_000, 7_000, 8_000, 9_000, 10_000, 12_000,
];

/// Metres upwards.
pub(super) const ELEVATIONS: &[i64] = &[
    50, 75, 100, 150, 200, 250, 300, 350, 400, 450, 550, 600, 650, 700, 800, 850, 900, 1_000,
    1_100, 1_200,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_for_a_type_finds_only_that_type() {
        for wanted in CATEGORIES {
            let others = ALL_CATEGORIES.iter().filter(|other| *other != wanted);
            let texts = others.chain(&OTHER_NAMES).chain(NAMES).chain(DESCRIPTIONS);
            for text in texts {
                assert!(!text.to_lowercase().contains(wanted), "{wanted}: {text}");
            }
        }
    }

    #[test]
    fn there_are_as_many_as_in_the_benchmark() {
        assert_eq!(CATEGORIES.len(), 12);
        assert_eq!(NAMES.len(), 15);
        assert_eq!(DESCRIPTIONS.len(), 21);
        assert_eq!(DURATIONS.len(), 19);
        for twenty in [TIMES.len(), DISTANCES.len(), ELEVATIONS.len()] {
            assert_eq!(twenty, 20);
        }
    }
}

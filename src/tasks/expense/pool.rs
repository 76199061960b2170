//! Words that drawn expenses are made of. Our own; no check depends on them.

/// Names of expenses, by category from number 1 on.
pub(super) const NAMES: [&[&str]; 11] = [
    &[
        "Gift wrap",
        "Stamps",
        "Key copy",
        "Pet food",
        "Batteries",
        "Umbrella",
        "Laundry",
        "Storage box",
        "Garden seeds",
        "Flowers",
    ],
    &[
        "Salary",
        "Tax refund",
        "Old bike",
        "Dividends",
        "Tutoring",
        "Bonus",
        "Rent received",
        "Cashback",
        "Prize money",
        "Interest",
    ],
    &[
        "Groceries",
        "Bakery",
        "Pizza night",
        "Coffee beans",
        "Fish market",
        "Noodle bar",
        "Ice cream",
        "Farm eggs",
        "Tea shop",
        "Lunch box",
    ],
    &[
        "Monthly rent",
        "Water bill",
        "Heating",
        "Power bill",
        "New lamp",
        "Door repair",
        "Wall paint",
        "Carpet",
        "House insurance",
        "Plumber",
    ],
    &[
        "Birthday party",
        "Club fee",
        "Wedding gift",
        "Team dinner",
        "Farewell card",
        "Picnic",
        "Street fair",
        "Reunion",
        "Game evening",
        "Charity run",
    ],
    &[
        "Cinema",
        "Concert",
        "Museum",
        "Theatre",
        "Board game",
        "Bowling",
        "Streaming",
        "Magazine",
        "Zoo visit",
        "Arcade",
    ],
    &[
        "Bus fare",
        "Train ticket",
        "Fuel",
        "Parking",
        "Taxi ride",
        "Bike repair",
        "Ferry",
        "Toll road",
        "Car wash",
        "Tram pass",
    ],
    &[
        "Winter coat",
        "Rain boots",
        "Wool socks",
        "Sun hat",
        "Belt",
        "Scarf",
        "Running shoes",
        "Silk tie",
        "Gloves",
        "Jeans",
    ],
    &[
        "Dentist",
        "Vitamins",
        "Eye test",
        "Pharmacy",
        "Massage",
        "Vaccine",
        "Bandages",
        "Gym pass",
        "Doctor visit",
    ],
    &[
        "Textbook",
        "Online course",
        "Notebook set",
        "Language class",
        "Exam fee",
        "Library card",
        "Workshop",
        "Piano lesson",
        "Lab kit",
        "School trip",
    ],
    &[
        "Food bank",
        "Tree planting",
        "Animal shelter",
        "Red Cross",
        "School fund",
        "Flood relief",
        "Book drive",
        "Clean water",
        "Local choir",
        "Fire brigade",
    ],
];

/// Notes of expenses. Long enough to bear one character too many.
pub(super) const NOTES: [&str; 7] = [
    "Paid cash",
    "Weekly cost",
    "Split equally",
    "Worth it",
    "Receipt kept",
    "On sale",
    "Last minute",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_its_names_and_none_twice() {
        let mut all: Vec<&str> = NAMES.concat();
        assert_eq!(NAMES[8].len(), 9);
        assert_eq!(all.len(), 109);
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 109);
    }
}

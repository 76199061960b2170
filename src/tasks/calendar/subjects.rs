//! What the events of questions are called, when and where they are. Our own words, in the benchmark's
//! numbers; no title has a comma, and none is nearly another.

/// Titles of meetings.
pub(super) const MEETINGS: &[&str] = &[
    "Team Breakfast",
    "Quarterly Planning",
    "Design Critique",
    "Budget Check",
    "Hiring Round",
    "Roadmap Walkthrough",
    "Vendor Talk",
    "Safety Drill",
    "Yoga Session",
    "Dentist Visit",
    "Piano Lesson",
    "Parents Evening",
    "Car Inspection",
    "Reading Group",
    "Release Party",
    "Press Interview",
    "Mentoring Hour",
    "Board Assembly",
    "Language Exchange",
    "Photo Shoot",
    "Garden Work",
];

/// Titles of a software team's days.
pub(super) const WORKSHOPS: &[&str] = &[
    "Demo Friday",
    "Pair Programming",
    "Incident Drill",
    "Code Kata",
    "Chart Club",
    "Refactoring Day",
    "Test Marathon",
    "Prototype Sprint",
    "Retro Circle",
    "Backlog Cleanup",
    "Server Migration",
    "Open Microphone",
    "Paper Reading",
    "Hack Night",
    "Performance Clinic",
    "Usability Lab",
    "Model Review",
    "Launch Rehearsal",
    "Standards Meetup",
    "Metrics Forum",
    "Onboarding Tour",
    "Feature Auction",
    "Tooling Workshop",
];

/// Titles of things after work.
pub(super) const LEISURE: &[&str] = &[
    "Swimming",
    "Supper at Home",
    "Choir Practice",
    "Chess Evening",
    "Movie with Neighbours",
    "Pottery Class",
    "Grocery Run",
    "Climbing Hall",
    "Board Games",
    "Haircut",
];

/// Titles of meetings with customers.
pub(super) const CUSTOMERS: &[&str] = &[
    "Customer Call",
    "Price Negotiation",
    "Product Showing",
    "Contract Signing",
    "Service Hotline",
    "Trade Fair Booth",
    "Supplier Lunch",
    "Complaint Desk",
    "Market Briefing",
    "Partner Seminar",
];

/// Titles of a week; one names a person.
pub(super) const WEEK: &[&str] = &[
    "Product Preview",
    "Group Picnic",
    "Tax Appointment",
    "Flight to Lisbon",
    "Coffee with {person}",
    "Handover",
    "House Viewing",
    "Blood Donation",
    "Concert",
    "Football Training",
    "Bicycle Repair",
    "Volunteer Shift",
    "Museum Trip",
    "Poster Deadline",
    "Fire Alarm Test",
    "Baking Contest",
    "Lecture on Bees",
    "Night Hike",
    "Wine Tasting",
    "Kitchen Delivery",
];

/// Titles of events that have a place.
pub(super) const PLACED: &[&str] = &[
    "Marketing Huddle",
    "Dinner for Guests",
    "Strategy Offsite",
    "Farewell Drinks",
    "First Aid Course",
    "Family Reunion",
    "Sprint Opening",
    "Book Signing",
    "Charity Auction",
    "Science Slam",
    "Tennis Match",
    "Wedding Rehearsal",
    "Job Interview",
    "Research Colloquium",
    "Birthday Surprise",
    "Town Hall Debate",
    "Dance Workshop",
    "Flea Market",
    "Chamber Music",
    "Startup Pitch",
    "Notary Appointment",
    "Graduation",
];

/// Places.
pub(super) const PLACES: &[&str] = &[
    "Meeting Room 4",
    "Sunny Side Bakery",
    "Harbour Office",
    "City Library",
    "Old Mill Tavern",
    "Central Station",
    "Rooftop Terrace",
    "Blue Lagoon Pool",
    "Auditorium West",
    "Maple Street 12",
    "Grand Hotel Lobby",
    "Riverside Park",
    "Campus Canteen",
    "Ida's Kitchen",
    "Sports Hall North",
    "Gallery Orange",
    "Videoconference",
    "Town Museum",
    "Castle Courtyard",
    "Pier 7",
    "Botanical Garden",
    "Studio Cellar",
    "Bank Branch Main Street",
];

/// People, none of whom the other events name.
pub(super) const PEOPLE: &[&str] = &[
    "Astrid", "Boris", "Celia", "Dmitri", "Edith", "Farid", "Gloria", "Henrik", "Isolde", "Jerome",
    "Kalina", "Ludwig", "Margot", "Nestor", "Ophelia", "Pascal", "Renata", "Silvan",
];

/// Times of a day, in the notations of the benchmark.
pub(super) const TIMES: &[&str] = &[
    "6:30am", "7am", "07:45", "8:15am", "08:40", "9:00am", "9:25am", "10:10", "10:50am", "11:00am",
    "12:20pm", "13:05", "1:30pm", "14:00", "3pm", "15:35", "5:15pm", "18:40", "8:20pm", "21:45",
];

/// Times of a meeting with somebody.
pub(super) const APPOINTMENTS: &[&str] = &[
    "7:30am", "8am", "08:25", "9:10am", "09:40", "10:00", "10:35am", "11:05", "11:50am", "12:15pm",
    "13:00", "1:45pm", "14:20", "3:05pm", "15:50", "4pm", "16:30", "5:40pm", "18:00", "6:55pm",
    "19:20", "8:10pm", "21:00",
];

/// Times between which and eight in the evening something happens.
pub(super) const BEGINNINGS: &[&str] = &[
    "10:00am", "11:00am", "11:30", "12:00pm", "12:45", "1:00pm", "14:00", "2:30pm", "15:15",
    "4:00pm", "17:00", "5:30pm", "18:00",
];

/// Times after which something is the first.
pub(super) const AFTERS: &[&str] = &[
    "7:20am", "08:10", "8:55am", "9:45am", "10:30", "11:15am", "12:00", "12:40pm", "1:10pm",
    "13:50", "2:35pm", "15:00", "4:20pm", "17:05", "18:05", "7:00pm", "20:15",
];

/// Times of today that are still to come. The benchmark has midnight among them, which is past and
/// makes a question without a true answer; here all are to come.
pub(super) const LATER: &[&str] = &[
    "3:53pm", "15:58", "4:05pm", "16:20", "4:45pm", "17:00", "5:10pm", "17:30", "5:55pm", "18:15",
    "6:30pm", "18:50", "7:05pm", "19:35", "8pm", "20:25", "8:50pm", "21:10", "9:40pm", "22:15",
];

/// Durations, in the notations of the benchmark.
pub(super) const DURATIONS: &[&str] = &[
    "5 m",
    "10 min",
    "15min",
    "20 minutes",
    "25 m",
    "30 m",
    "40 min",
    "45min",
    "50 minutes",
    "1 h",
    "1 hour",
    "75 m",
    "1.5 hours",
    "2 h",
    "2.5 hours",
    "3 hours",
];

#[cfg(test)]
mod tests {
    use super::super::super::comparison::fuzzy;
    use super::super::super::pools;
    use super::*;

    #[test]
    fn pools_have_the_benchmarks_sizes_and_no_two_alike() {
        let sizes = [
            (MEETINGS, 21),
            (WORKSHOPS, 23),
            (LEISURE, 10),
            (CUSTOMERS, 10),
            (WEEK, 20),
            (PLACED, 22),
            (PLACES, 23),
            (PEOPLE, 18),
            (TIMES, 20),
            (APPOINTMENTS, 23),
            (BEGINNINGS, 13),
            (AFTERS, 17),
            (LATER, 20),
            (DURATIONS, 16),
        ];
        for (pool, size) in sizes {
            assert_eq!(pool.len(), size, "{pool:?}");
        }
        for pool in [
            MEETINGS, WORKSHOPS, LEISURE, CUSTOMERS, WEEK, PLACED, PLACES, PEOPLE,
        ] {
            for (position, one) in pool.iter().enumerate() {
                assert!(!one.contains(','), "{one}");
                let others = pool[..position].iter();
                assert!(
                    others
                        .clone()
                        .all(|other| !fuzzy(Some(one), Some(other)) && !one.contains(other)),
                    "{one}"
                );
            }
        }
        for person in PEOPLE {
            assert!(!pools::EVENT_NAMES.contains(person), "{person}");
        }
    }
}

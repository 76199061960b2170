//! What the tasks of questions are called, what is noted on them, and when they are due. Our own words, in
//! the benchmark's numbers; no title has a comma, and none is nearly another.

/// Titles, also of tasks that are not asked for.
pub(super) const CHORES: &[&str] = &[
    "Water the balcony plants",
    "Renew the library card",
    "Call the landlord",
    "Book train tickets",
    "Wash the curtains",
    "Return the drill",
    "Order printer ink",
    "Write to Grandma",
    "Repair the bicycle lamp",
    "Pay the gas bill",
    "Sort the cellar",
    "Prepare the slides",
    "Buy cat food",
    "Collect the parcel",
    "Clean the windows",
    "Cancel the magazine",
    "Find a babysitter",
    "Bake rye bread",
    "Check the smoke alarms",
    "Sharpen the knives",
];

/// Titles of work that is done together.
pub(super) const DUTIES: &[&str] = &[
    "Draft the agenda",
    "Count the stock",
    "Update the price list",
    "Label the archive boxes",
    "Interview two candidates",
    "Answer the survey",
    "Back up the server",
    "Plan the summer party",
    "Translate the brochure",
    "Test the new scanner",
    "Send the invoices",
    "Measure the meeting room",
    "Rehearse the speech",
    "Order name badges",
    "Clear the mailbox",
    "Sketch the logo",
    "Summarise the workshop",
    "Invite the choir",
    "Compare insurance offers",
    "Publish the newsletter",
    "Train the volunteers",
    "Choose a caterer",
    "Fix the doorbell",
    "Register the trademark",
    "Photograph the exhibits",
];

/// Titles of what must not be late.
pub(super) const DEADLINES: &[&str] = &[
    "Grant application",
    "Tax declaration",
    "Thesis chapter three",
    "Contract with the supplier",
    "Fire safety report",
    "Visa documents",
    "Conference poster",
    "Patent drawings",
    "Cash audit",
    "Board resolution",
];

/// Notes.
pub(super) const REMARKS: &[&str] = &[
    "Ask Nora first.",
    "Takes about an hour.",
    "See the folder on the shelf.",
    "Only on a dry day.",
    "Bring the old receipt.",
    "Two people are enough.",
    "The key is with the neighbour.",
    "Half of it is paid.",
    "Best in the morning.",
    "Look at last year's list.",
    "Keep it short.",
    "The shop closes early.",
];

/// Notes that hurry.
pub(super) const REMINDERS: &[&str] = &[
    "Do not put this off.",
    "Others are waiting for it.",
    "Must be right the first time.",
    "Tell the team when it is done.",
    "The boss has asked twice.",
    "Needs a signature.",
    "Costs money if it is late.",
    "Nothing else comes before it.",
    "Double check the numbers.",
    "A short version will do.",
    "Share the result.",
    "Start with the hard part.",
];

/// Times of a day, in the notations of the benchmark.
pub(super) const TIMES: &[&str] = &[
    "6:45am", "7:30am", "08:15", "8:50am", "9am", "9:35am", "10:20", "11:05am", "11:40", "12:10pm",
    "13:15", "1:55pm", "14:30", "3:10pm", "15:45", "4:40pm", "17:20", "6:05pm", "19:30", "21:15",
];

/// Times at which something must be ready.
pub(super) const LATEST: &[&str] = &[
    "8am", "9:30am", "10:00", "12:00pm", "1:15pm", "14:45", "4pm", "17:30", "7:20pm", "23:00",
];

#[cfg(test)]
mod tests {
    use super::super::super::comparison::fuzzy;
    use super::*;

    #[test]
    fn pools_have_the_benchmarks_sizes_and_no_two_alike() {
        let sizes = [
            (CHORES, 20),
            (DUTIES, 25),
            (DEADLINES, 10),
            (REMARKS, 12),
            (REMINDERS, 12),
            (TIMES, 20),
            (LATEST, 10),
        ];
        for (pool, size) in sizes {
            assert_eq!(pool.len(), size, "{pool:?}");
        }
        let titles = [CHORES, DUTIES, DEADLINES].concat();
        for (position, one) in titles.iter().enumerate() {
            assert!(!one.contains(','), "{one}");
            let before = &titles[..position];
            assert!(before.iter().all(|other| !fuzzy(Some(one), Some(other))));
        }
    }
}

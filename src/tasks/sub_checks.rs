//! How much of a goal is reached, where a goal has parts: pure rules, for `Task::progress`.

use super::comparison::{Listed, fuzzy};

/// Sub-checks that hold among all there are. What was harmed is a sub-check that fails, so that
/// harm never looks like progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    /// Wanted parts that are there.
    pub held: usize,
    /// Wanted parts.
    pub wanted: usize,
    /// Things that came, went or changed and should not have.
    pub harmed: usize,
}

impl Parts {
    /// Counts which parts hold.
    pub fn of(parts: &[bool]) -> Parts {
        Parts {
            held: parts.iter().filter(|part| **part).count(),
            wanted: parts.len(),
            harmed: 0,
        }
    }

    /// The share of the sub-checks that hold, in [0, 1]; 1 exactly where the goal is `reached`,
    /// whatever the counts say.
    pub fn share(self, reached: bool) -> f64 {
        if reached {
            return 1.0;
        }
        let all = self.wanted + self.harmed;
        let held = self.held.min(self.wanted);
        if held >= all {
            // Something that no part stands for is missing still.
            return all as f64 / (all + 1) as f64;
        }
        held as f64 / all as f64
    }
}

/// ADD-CHECK in parts: references with a new row for themselves, and what else came or went.
pub(super) fn added<R: PartialEq>(
    before: &[R],
    after: &[R],
    references: &[R],
    matches: impl Fn(&R, &R) -> bool,
) -> Parts {
    let mut new: Vec<&R> = after.iter().filter(|row| !before.contains(row)).collect();
    let came = new.len();
    let mut held = 0;
    for reference in references {
        if let Some(place) = new.iter().position(|row| matches(reference, row)) {
            new.swap_remove(place);
            held += 1;
        }
    }
    let lost = before.iter().filter(|row| !after.contains(row)).count();
    Parts {
        held,
        wanted: references.len(),
        harmed: came - held + lost,
    }
}

/// DEL-CHECK in parts: how many of the rows with these ids are gone, up to `wanted` of them, and
/// what else came or went.
pub(super) fn deleted<R: PartialEq>(
    before: &[R],
    after: &[R],
    ids: &[i64],
    wanted: usize,
    id_of: impl Fn(&R) -> i64,
) -> Parts {
    let (mut gone, mut lost) = (0, 0);
    for row in before.iter().filter(|row| !after.contains(row)) {
        match ids.contains(&id_of(row)) {
            true => gone += 1,
            false => lost += 1,
        }
    }
    let came = after.iter().filter(|row| !before.contains(row)).count();
    Parts {
        held: gone.min(wanted),
        wanted,
        harmed: gone.saturating_sub(wanted) + lost + came,
    }
}

/// PLAYLIST in parts: titles at their places in the playlists of nearly this name, and entries that
/// do not belong there.
pub(super) fn listed(rows: &[Listed], name: &str, titles: &[String]) -> Parts {
    let rows: Vec<&Listed> = rows
        .iter()
        .filter(|row| fuzzy(Some(&row.playlist), Some(name)))
        .collect();
    let mut places = (0..).zip(titles);
    let held = places
        .by_ref()
        .filter(|(place, title)| {
            rows.iter()
                .any(|row| row.title == **title && row.position == *place)
        })
        .count();
    Parts {
        held,
        wanted: titles.len(),
        harmed: rows.len().saturating_sub(held),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (i64, &'static str);

    fn same(reference: &Row, row: &Row) -> bool {
        reference.1 == row.1
    }

    #[test]
    fn rows_to_add_count_one_by_one_and_wrong_ones_count_against() {
        let before = [(1, "old")];
        let wanted = [(0, "a"), (0, "b")];
        let of = |after: &[Row]| added(&before, after, &wanted, same);
        assert_eq!(of(&before).share(false), 0.0);
        assert_eq!(of(&[(1, "old"), (2, "a")]).share(false), 0.5);
        // One row is no partner of two references.
        assert_eq!(
            added(
                &before,
                &[(1, "old"), (2, "a")],
                &[(0, "a"), (0, "a")],
                same
            )
            .held,
            1
        );
        assert_eq!(
            of(&[(1, "old"), (2, "a"), (3, "x")]).share(false),
            1.0 / 3.0
        );
        assert_eq!(of(&[(2, "a"), (3, "b")]).share(false), 2.0 / 3.0);
        assert_eq!(of(&[(1, "old"), (2, "a"), (3, "b")]).share(true), 1.0);
    }

    #[test]
    fn rows_to_delete_count_one_by_one_and_others_count_against() {
        let before = [(1, "a"), (2, "b"), (3, "stays")];
        let of = |after: &[Row], wanted| deleted(&before, after, &[1, 2], wanted, |row| row.0);
        assert_eq!(of(&before, 2).share(false), 0.0);
        assert_eq!(of(&[(1, "a"), (3, "stays")], 2).share(false), 0.5);
        assert_eq!(of(&[(1, "a"), (2, "b")], 2).share(false), 0.0);
        assert_eq!(of(&[(3, "stays")], 2).share(true), 1.0);
        // Of two copies one is to go.
        assert_eq!(of(&[(2, "b"), (3, "stays")], 1).held, 1);
        assert_eq!(of(&[(3, "stays")], 1).share(false), 0.5);
        // An edited row is one that went and one that came.
        assert_eq!(of(&[(1, "a"), (2, "b"), (3, "edited")], 2).harmed, 2);
    }

    #[test]
    fn only_a_reached_goal_has_all_of_the_progress() {
        let all = Parts::of(&[true, true]);
        assert_eq!(all.share(true), 1.0);
        assert!(all.share(false) < 1.0);
        assert_eq!(Parts::of(&[]).share(false), 0.0);
        assert_eq!(Parts::of(&[false, true]).share(false), 0.5);
    }

    #[test]
    fn titles_count_at_their_places() {
        let row = |title: &str, position| Listed {
            playlist: "Mix".into(),
            title: title.into(),
            position,
        };
        let titles = ["a", "b"].map(String::from);
        let of = |rows: &[Listed]| listed(rows, "mix", &titles);
        assert_eq!(of(&[]).share(false), 0.0);
        assert_eq!(of(&[row("a", 0)]).share(false), 0.5);
        assert_eq!(of(&[row("b", 0)]).share(false), 0.0);
        assert_eq!(of(&[row("a", 0), row("x", 1)]).share(false), 1.0 / 3.0);
        assert_eq!(listed(&[row("a", 0)], "other", &titles).held, 0);
    }
}

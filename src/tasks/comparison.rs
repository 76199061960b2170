//! The benchmark's rules of comparison (catalogue section 0: FUZZY, ADD-CHECK, DEL-CHECK).

use super::difflib::ratio;
use crate::domain::Compat;

/// Similarity from which two texts count as equal.
const SIMILAR: f64 = 0.9;

/// FUZZY: whether `actual` is nearly `expected`, without regard to capitals. Not symmetric; mind the
/// order of each rule.
pub(super) fn fuzzy(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => ratio(&a.to_lowercase(), &b.to_lowercase()) >= SIMILAR,
        _ => false,
    }
}

/// ADD-CHECK: every reference has a row that matches it, as many rows came as there are references,
/// and no row of before was changed or lost. The benchmark lets one row match two references, and a row
/// of before match too.
pub(super) fn were_added<R: PartialEq>(
    before: &[R],
    after: &[R],
    references: &[R],
    compat: Compat,
    matches: impl Fn(&R, &R) -> bool,
) -> bool {
    let found = match compat {
        Compat::AndroidWorld => references
            .iter()
            .all(|reference| after.iter().any(|row| matches(reference, row))),
        Compat::Fixed => {
            let new: Vec<&R> = after.iter().filter(|row| !before.contains(row)).collect();
            have_partners(references, &new, |reference, row| matches(reference, row))
        }
    };
    found
        && after.len() == before.len() + references.len()
        && before.iter().all(|row| after.contains(row))
}

/// Whether each of `all` can have one of `others` for itself.
pub(super) fn have_partners<A, B>(all: &[A], others: &[B], fits: impl Fn(&A, &B) -> bool) -> bool {
    // Who has each of the others so far; one who comes later may move somebody who can go elsewhere.
    let mut taken: Vec<Option<usize>> = vec![None; others.len()];
    (0..all.len()).all(|one| {
        let mut seen = vec![false; others.len()];
        // For every place that was reached, from which owner's place it was.
        let mut from: Vec<Option<usize>> = vec![None; others.len()];
        let mut waiting = vec![(one, None)];
        while let Some((owner, place)) = waiting.pop() {
            for (other, candidate) in others.iter().enumerate() {
                if seen[other] || !fits(&all[owner], candidate) {
                    continue;
                }
                (seen[other], from[other]) = (true, place);
                match taken[other] {
                    Some(next) => waiting.push((next, Some(other))),
                    None => {
                        let mut free = other;
                        while let Some(previous) = from[free] {
                            taken[free] = taken[previous];
                            free = previous;
                        }
                        taken[free] = Some(one);
                        return true;
                    }
                }
            }
        }
        false
    })
}

/// DEL-CHECK: exactly the rows with these ids are gone, and nothing else came, went or changed.
/// `None` when one of the ids was never there.
pub(super) fn were_deleted<R: PartialEq>(
    before: &[R],
    after: &[R],
    ids: &[i64],
    id_of: impl Fn(&R) -> i64,
) -> Option<bool> {
    if !ids
        .iter()
        .all(|id| before.iter().any(|row| id_of(row) == *id))
    {
        return None;
    }
    let kept = before
        .iter()
        .all(|row| after.contains(row) != ids.contains(&id_of(row)));
    Some(kept && after.iter().all(|row| before.contains(row)))
}

/// A title in a playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// The playlist's name.
    pub playlist: String,
    /// The title.
    pub title: String,
    /// Its place, from 0.
    pub position: i64,
}

/// PLAYLIST: whether the playlists of nearly this name hold these titles at these places, and no others.
pub(super) fn holds_playlist(rows: &[Listed], name: &str, titles: &[String]) -> bool {
    let rows: Vec<&Listed> = rows
        .iter()
        .filter(|row| fuzzy(Some(&row.playlist), Some(name)))
        .collect();
    let mut places = (0..).zip(titles);
    rows.len() == titles.len()
        && places.all(|(place, title)| {
            rows.iter()
                .any(|row| row.title == *title && row.position == place)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (i64, &'static str);
    const BEFORE: [Row; 3] = [(1, "tea"), (2, "bread"), (3, "tea")];

    #[test]
    fn texts_are_compared_without_capitals_and_with_the_benchmarks_tolerance() {
        assert!(fuzzy(Some("Quiet River"), Some("quiet river")));
        assert!(fuzzy(Some("buy fresh bread\n"), Some("buy fresh bread")));
        assert!(!fuzzy(Some("bread"), Some("breakfast")));
        assert!(!fuzzy(None, Some("bread")) && !fuzzy(None, None));
        assert!(fuzzy(Some(""), Some("")));
    }

    #[test]
    fn added_rows_must_match_in_number_and_content() {
        let matches = |reference: &Row, row: &Row| reference.1 == row.1;
        let reference = [(0, "milk")];
        let check =
            |after: &[Row]| were_added(&BEFORE, after, &reference, Compat::AndroidWorld, matches);
        assert!(check(&[(1, "tea"), (2, "bread"), (3, "tea"), (4, "milk")]));
        assert!(!check(&[(1, "tea"), (2, "bread"), (3, "tea"), (4, "salt")]));
        assert!(!check(&[(1, "tea"), (2, "bread"), (3, "tea")]));
        assert!(!check(&[(1, "tea"), (2, "rolls"), (3, "tea"), (4, "milk")]));
        let two = [
            (1, "tea"),
            (2, "bread"),
            (3, "tea"),
            (4, "milk"),
            (5, "milk"),
        ];
        assert!(!check(&two));
    }

    #[test]
    fn mended_one_row_cannot_stand_for_two() {
        let matches = |reference: &Row, row: &Row| reference.1 == row.1;
        let references = [(0, "milk"), (0, "tea")];
        let check = |new: [Row; 2], compat| {
            let after = [BEFORE.as_slice(), &new].concat();
            were_added(&BEFORE, &after, &references, compat, matches)
        };
        let both = |new| [Compat::AndroidWorld, Compat::Fixed].map(|compat| check(new, compat));
        assert_eq!(both([(4, "tea"), (5, "milk")]), [true, true]);
        // The tea of before is not the new one.
        assert_eq!(both([(4, "milk"), (5, "salt")]), [true, false]);
        assert_eq!(both([(4, "salt"), (5, "salt")]), [false, false]);
    }

    #[test]
    fn partners_are_found_where_somebody_must_move() {
        let fits = |one: &[u8], other: &u8| one.contains(other);
        let check = |all: &[&[u8]]| have_partners(all, &[1, 2, 3], |one, other| fits(one, other));
        assert!(check(&[&[1, 2], &[1], &[2, 3]]));
        assert!(check(&[&[1, 2, 3], &[1, 2], &[1]]));
        assert!(check(&[&[1, 2], &[2, 3], &[1]]));
        assert!(!check(&[&[1, 2], &[1, 2], &[1, 2]]));
        assert!(!check(&[&[1], &[1]]));
        assert!(check(&[]));
    }

    #[test]
    fn deleted_rows_are_known_by_their_id() {
        let check = |after: &[Row], ids: &[i64]| were_deleted(&BEFORE, after, ids, |row| row.0);
        assert_eq!(check(&[(2, "bread"), (3, "tea")], &[1]), Some(true));
        assert_eq!(check(&[(1, "tea"), (2, "bread")], &[1]), Some(false));
        assert_eq!(check(&[(3, "tea")], &[1]), Some(false));
        assert_eq!(check(&BEFORE, &[1]), Some(false));
        assert_eq!(
            check(&[(2, "bread"), (3, "tea"), (9, "x")], &[1]),
            Some(false)
        );
        assert_eq!(check(&[(2, "bread"), (3, "new")], &[1]), Some(false));
        assert_eq!(check(&[], &[7]), None);
    }

    #[test]
    fn a_playlist_is_known_by_its_name_and_its_order() {
        let rows = |titles: &[&str]| -> Vec<Listed> {
            (0..)
                .zip(titles)
                .map(|(position, title)| Listed {
                    playlist: "Quiet evening 31".to_owned(),
                    title: (*title).to_owned(),
                    position,
                })
                .collect()
        };
        let wanted = ["a".to_owned(), "b".to_owned()];
        let check = |titles: &[&str], name: &str| holds_playlist(&rows(titles), name, &wanted);
        assert!(check(&["a", "b"], "quiet evening 31"));
        assert!(check(&["a", "b"], "Quiet evening 3"));
        assert!(!check(&["a", "b"], "Morning run 7"));
        assert!(!check(&["b", "a"], "Quiet evening 31"));
        assert!(!check(&["a", "b", "c"], "Quiet evening 31"));
        assert!(!check(&["a"], "Quiet evening 31"));
    }
}

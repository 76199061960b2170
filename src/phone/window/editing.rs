//! Editing one text: cursor, selection, insertion and deletion. Plain data; offsets are bytes at character
//! boundaries.

use crate::phone::ui::InputKind;

/// A cursor in a text, with the other end of the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Where typing goes.
    pub at: usize,
    /// The same when nothing is selected.
    pub anchor: usize,
}

impl Cursor {
    /// Nothing selected.
    pub fn at(at: usize) -> Cursor {
        Cursor { at, anchor: at }
    }

    /// The end of a text.
    pub fn end_of(text: &str) -> Cursor {
        Cursor::at(text.len())
    }

    /// All of a text.
    pub fn all_of(text: &str) -> Cursor {
        Cursor {
            at: text.len(),
            anchor: 0,
        }
    }

    /// The word at an offset.
    pub fn word_of(text: &str, offset: usize) -> Cursor {
        let offset = floor_boundary(text, offset);
        let is_word = |character: char| !character.is_whitespace();
        let start = text[..offset]
            .char_indices()
            .rev()
            .take_while(|&(_, character)| is_word(character))
            .last()
            .map_or(offset, |(index, _)| index);
        let end = text[offset..]
            .char_indices()
            .find(|&(_, character)| !is_word(character))
            .map_or(text.len(), |(index, _)| offset + index);
        Cursor {
            at: end,
            anchor: start,
        }
    }

    /// Begin and end of the selection, begin first.
    pub fn range(self) -> (usize, usize) {
        (self.at.min(self.anchor), self.at.max(self.anchor))
    }

    /// Whether anything is selected.
    pub fn has_selection(self) -> bool {
        self.at != self.anchor
    }

    /// The same inside a text that may have become another one.
    pub fn within(self, text: &str) -> Cursor {
        Cursor {
            at: floor_boundary(text, self.at),
            anchor: floor_boundary(text, self.anchor),
        }
    }
}

/// The nearest character boundary at or before an offset.
pub fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn before(text: &str, offset: usize) -> usize {
    text[..offset]
        .char_indices()
        .next_back()
        .map_or(0, |(index, _)| index)
}

fn after(text: &str, offset: usize) -> usize {
    text[offset..]
        .chars()
        .next()
        .map_or(offset, |character| offset + character.len_utf8())
}

/// A change that keys make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit<'a> {
    /// Type in place of the selection.
    Insert(&'a str),
    /// Delete the selection, or the character before the cursor.
    DeleteBack,
    /// Delete the selection, or the character after the cursor.
    DeleteForward,
    /// One character to the left.
    Left,
    /// One character to the right.
    Right,
    /// The start of the line.
    LineStart,
    /// The end of the line.
    LineEnd,
    /// Select all.
    SelectAll,
}

/// Applies a change: the new text and cursor.
pub fn apply(text: &str, cursor: Cursor, edit: Edit<'_>) -> (String, Cursor) {
    let cursor = cursor.within(text);
    let (low, high) = cursor.range();
    let replace = |from: usize, to: usize, with: &str| {
        let mut new = String::with_capacity(text.len() + with.len());
        new.push_str(&text[..from]);
        new.push_str(with);
        new.push_str(&text[to..]);
        (new, Cursor::at(from + with.len()))
    };
    let keep = |cursor: Cursor| (text.to_owned(), cursor);
    match edit {
        Edit::Insert(typed) => replace(low, high, typed),
        Edit::DeleteBack if cursor.has_selection() => replace(low, high, ""),
        Edit::DeleteBack => replace(before(text, low), low, ""),
        Edit::DeleteForward if cursor.has_selection() => replace(low, high, ""),
        Edit::DeleteForward => replace(low, after(text, low), ""),
        Edit::Left if cursor.has_selection() => keep(Cursor::at(low)),
        Edit::Left => keep(Cursor::at(before(text, low))),
        Edit::Right if cursor.has_selection() => keep(Cursor::at(high)),
        Edit::Right => keep(Cursor::at(after(text, low))),
        Edit::LineStart => {
            let start = text[..cursor.at].rfind('\n').map_or(0, |index| index + 1);
            keep(Cursor::at(start))
        }
        Edit::LineEnd => {
            let end = text[cursor.at..]
                .find('\n')
                .map_or(text.len(), |index| cursor.at + index);
            keep(Cursor::at(end))
        }
        Edit::SelectAll => keep(Cursor::all_of(text)),
    }
}

/// What a field of a kind takes of typed text.
pub fn filter(typed: &str, input: InputKind, multiline: bool) -> String {
    typed
        .chars()
        .filter(|&character| match input {
            InputKind::Text => multiline || character != '\n',
            InputKind::Email => !character.is_whitespace(),
            InputKind::Number => character.is_ascii_digit() || matches!(character, '.' | '-'),
            InputKind::Phone => {
                character.is_ascii_digit()
                    || matches!(
                        character,
                        '+' | '-' | '(' | ')' | ' ' | '.' | '/' | '*' | '#' | ',' | ';' | 'N'
                    )
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typing_replaces_the_selection() {
        let (text, cursor) = apply("hello", Cursor::all_of("hello"), Edit::Insert("é"));
        assert_eq!((text.as_str(), cursor), ("é", Cursor::at(2)));
        let (text, cursor) = apply("aé", Cursor::at(3), Edit::DeleteBack);
        assert_eq!((text.as_str(), cursor), ("a", Cursor::at(1)));
        let (text, _) = apply("ab", Cursor::at(0), Edit::DeleteForward);
        assert_eq!(text, "b");
        let (_, cursor) = apply("ab\ncd", Cursor::at(4), Edit::LineStart);
        assert_eq!(cursor, Cursor::at(3));
        let (_, cursor) = apply("ab\ncd", Cursor::at(1), Edit::LineEnd);
        assert_eq!(cursor, Cursor::at(2));
        assert_eq!(Cursor::word_of("one two", 5).range(), (4, 7));
    }

    #[test]
    fn fields_refuse_what_does_not_fit() {
        assert_eq!(filter("12a.5", InputKind::Number, false), "12.5");
        assert_eq!(filter("+1 (5)x", InputKind::Phone, false), "+1 (5)");
        assert_eq!(filter("a\nb", InputKind::Text, false), "ab");
        assert_eq!(filter("a\nb", InputKind::Text, true), "a\nb");
    }

    proptest! {
        #[test]
        fn every_edit_leaves_the_cursor_at_a_boundary(text in ".{0,12}", at in 0usize..40, anchor in 0usize..40, typed in ".{0,4}", kind in 0usize..8) {
            let edit = [Edit::Insert(&typed), Edit::DeleteBack, Edit::DeleteForward, Edit::Left, Edit::Right,
                Edit::LineStart, Edit::LineEnd, Edit::SelectAll][kind];
            let (new, cursor) = apply(&text, Cursor { at, anchor }, edit);
            prop_assert!(new.is_char_boundary(cursor.at) && new.is_char_boundary(cursor.anchor));
        }
    }
}

//! A note of Joplin with its notebook: one row of `notes`, another of `notes_normalized`, and the
//! notebook's row of `folders` (catalogue section 4.9).

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::super::answers::Subject;
use super::super::database::AppDatabase;
use super::super::table::Row;
use super::pool::FOLDERS;

/// Sat Oct 14 15:34:00 UTC 2023 in milliseconds: when every note was written.
const WRITTEN: i64 = 1_697_297_640_000;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// Row id; 0 for one that is not stored.
    pub rowid: i64,
    /// Name of its notebook.
    pub folder: String,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// Whether it is a to-do.
    pub is_todo: bool,
    /// Whether that is done.
    pub is_done: bool,
}

impl Note {
    /// A note that is asked about.
    pub fn new(folder: &str, title: String, body: String, is_todo: bool) -> Note {
        Note {
            rowid: 0,
            folder: folder.to_owned(),
            title,
            body,
            is_todo,
            is_done: false,
        }
    }

    /// Draws one: three of ten in a notebook that the question is about, the others anywhere.
    fn random(rng: &mut ChaCha8Rng, about: &str) -> Note {
        let known = || FOLDERS.iter().find(|(name, _)| *name == about);
        let of_question = rng.random_bool(0.3);
        let any = FOLDERS.choose(rng).unwrap_or(&FOLDERS[0]);
        let (name, pairs) = match (of_question, known()) {
            (false, _) => *any,
            (true, Some(folder)) => *folder,
            // A notebook that somebody else thought of holds notes of any kind.
            (true, None) => (about, any.1),
        };
        let (title, body) = pairs.choose(rng).copied().unwrap_or_default();
        Note {
            rowid: 0,
            folder: name.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            is_todo: rng.random_bool(0.5),
            is_done: rng.random_bool(0.5),
        }
    }
}

/// 32 hexadecimal digits that stand for a row, the same for the same row.
fn name(parts: &[&str], number: usize) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    hasher.update(&number.to_le_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

/// Empties the tables.
pub(super) fn clear(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute_batch("DELETE FROM folders; DELETE FROM notes; DELETE FROM notes_normalized;")
}

fn insert_folder(connection: &Connection, id: &str, title: &str) -> rusqlite::Result<()> {
    let statement = "INSERT INTO folders (id, title, created_time, updated_time, user_created_time, \
        user_updated_time, encryption_cipher_text, encryption_applied, parent_id, is_shared, share_id, \
        master_key_id, icon, user_data) VALUES (?1, ?2, ?3, ?3, ?3, ?3, '', 0, '', 0, '', '', '', '')";
    connection
        .execute(statement, params![id, title, WRITTEN])
        .map(drop)
}

fn insert(connection: &Connection, id: &str, parent: &str, note: &Note) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO notes (id, parent_id, title, body, created_time, updated_time, \
             user_created_time, user_updated_time, is_conflict, latitude, longitude, altitude, author, \
             source_url, is_todo, todo_due, todo_completed, source, source_application, \
             application_data, `order`, encryption_cipher_text, encryption_applied, markup_language, \
             is_shared, share_id, conflict_original_id, master_key_id, user_data) VALUES (?1, ?2, ?3, \
             ?4, ?7, ?7, ?7, ?7, 0, 0.0, 0.0, 0.0, '', '', ?5, 0, ?6, '', '', '', 0.0, '', 0, 1, 0, '', \
             '', '', '')",
        )?
        .execute(params![id, parent, note.title, note.body, note.is_todo, note.is_done, WRITTEN])?;
    connection
        .prepare_cached(
            "INSERT INTO notes_normalized (id, parent_id, title, body, latitude, longitude, altitude, \
             source_url, is_todo, todo_due, todo_completed, user_created_time, user_updated_time) \
             VALUES (?1, ?2, ?3, ?4, 0.0, 0.0, 0.0, '', ?5, 0, ?6, ?7, ?7)",
        )?
        .execute(params![
            id,
            parent,
            note.title.to_lowercase(),
            note.body,
            note.is_todo,
            note.is_done,
            WRITTEN
        ])
        .map(drop)
}

impl Subject for Note {
    const OTHERS: usize = 100;

    fn other(rng: &mut ChaCha8Rng, about: Option<&Note>) -> Note {
        Note::random(rng, about.map_or("", |note| &note.folder))
    }
}

impl Row for Note {
    const DATABASE: AppDatabase = super::DATABASE;

    fn id(&self) -> i64 {
        self.rowid
    }

    fn matches(reference: &Note, row: &Note) -> bool {
        let plain = |note: &Note| Note {
            rowid: 0,
            ..note.clone()
        };
        plain(reference) == plain(row)
    }

    fn list(connection: &Connection) -> rusqlite::Result<Vec<Note>> {
        connection
            .prepare(
                "SELECT notes.rowid, folders.title, notes.title, notes.body, notes.is_todo, \
                 notes.todo_completed FROM notes JOIN folders ON folders.id = notes.parent_id \
                 ORDER BY notes.rowid",
            )?
            .query_map([], |row| {
                Ok(Note {
                    rowid: row.get(0)?,
                    folder: row.get(1)?,
                    title: row.get(2)?,
                    body: row.get(3)?,
                    is_todo: row.get(4)?,
                    is_done: row.get::<_, i64>(5)? > 0,
                })
            })?
            .collect()
    }

    // All in one transaction; a notebook is made when its first note is.
    fn replace(connection: &Connection, rows: &[&Note]) -> rusqlite::Result<Vec<Note>> {
        let transaction = connection.unchecked_transaction()?;
        clear(&transaction)?;
        let mut folders: Vec<&str> = Vec::new();
        for (number, note) in rows.iter().enumerate() {
            let parent = name(&["folder", &note.folder], 0);
            if !folders.contains(&note.folder.as_str()) {
                folders.push(&note.folder);
                insert_folder(&transaction, &parent, &note.folder)?;
            }
            let id = name(&["note", &note.folder, &note.title], number);
            insert(&transaction, &id, &parent, note)?;
        }
        transaction.commit()?;
        Note::list(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn notes_are_drawn_from_pairs_of_their_notebook() {
        assert!(
            FOLDERS
                .iter()
                .all(|(_, pairs)| (19..=30).contains(&pairs.len()))
        );
        let mut rng = stream(1, "test", 0);
        let drawn: Vec<Note> = (0..1_000).map(|_| Note::random(&mut rng, "Work")).collect();
        let share = |is: fn(&Note) -> bool| drawn.iter().filter(|note| is(note)).count();
        assert!((300..420).contains(&share(|note| note.folder == "Work")));
        assert!((430..570).contains(&share(|note| note.is_todo)));
        assert!((430..570).contains(&share(|note| note.is_done)));
        assert!(
            drawn
                .iter()
                .all(|note| !note.title.is_empty() && !note.body.is_empty())
        );
        let elsewhere = Note::random(&mut rng, "Nowhere");
        assert!(!elsewhere.title.is_empty());
    }

    #[test]
    fn names_are_of_32_digits_and_their_own() {
        let (first, second) = (name(&["note", "a", "b"], 1), name(&["note", "ab", ""], 1));
        assert!(first.len() == 32 && first != second);
        assert_eq!(first, name(&["note", "a", "b"], 1));
    }
}

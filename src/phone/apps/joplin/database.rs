//! Joplin's database: notebooks, notes and what the app remembers, in `joplin.sqlite`.

use rand::RngExt;
use rusqlite::{OptionalExtension, Row, params};

use super::PACKAGE;
use super::schema::SCHEMA;
use crate::phone::apps::app_database::AppDatabase;
use crate::phone::system::{PhoneError, System};

/// Rows that the app lists at most.
const MOST: i64 = 5_000;
/// Bytes of a text that is shown; longer ones are not opened.
pub const LARGEST: i64 = 1 << 20;
/// The columns of [`Note`] without its text, of which only the beginning is listed.
const LISTED: &str = "notes.id, notes.parent_id, notes.title, substr(notes.body, 1, 200), \
    notes.is_todo, notes.todo_completed, notes.user_created_time, notes.user_updated_time, \
    notes.deleted_time";
/// The columns of [`Note`].
const WHOLE: &str = "id, parent_id, title, body, is_todo, todo_completed, user_created_time, \
    user_updated_time, deleted_time";

/// A notebook.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folder {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Name.
    pub title: String,
    /// The notebook that it is in, or nothing.
    pub parent: String,
    /// Whether it lies in the trash.
    pub deleted: bool,
}

/// A note. In lists `body` is only its beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its notebook.
    pub parent: String,
    /// Title.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// Whether it is a to-do.
    pub is_todo: bool,
    /// When the to-do was done in milliseconds, or 0.
    pub completed: i64,
    /// Milliseconds.
    pub created: i64,
    /// Milliseconds.
    pub updated: i64,
    /// When it was put into the trash in milliseconds, or 0.
    pub deleted: i64,
}

/// Which notes are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Those of every notebook.
    All,
    /// Those of one.
    Folder(String),
    /// Those with a tag.
    Tag(String),
    /// Those in the trash.
    Trash,
}

/// The order of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Name of the column.
    pub field: &'static str,
    /// The largest first.
    pub reverse: bool,
    /// To-dos that are not done come first.
    pub open_first: bool,
    /// To-dos that are done are listed.
    pub show_completed: bool,
}

/// The columns that a list may be sorted by, and their labels.
pub const FIELDS: [(&str, &str); 4] = [
    ("user_updated_time", "Updated date"),
    ("user_created_time", "Created date"),
    ("title", "Title"),
    ("order", "Custom order"),
];

/// The app's database.
pub const DATABASE: AppDatabase = AppDatabase {
    package: PACKAGE,
    file: "databases/joplin.sqlite",
    prepare: |connection| connection.execute_batch(SCHEMA),
};

/// A name for a new row.
pub fn new_id(system: &mut System) -> String {
    format!("{:032x}", system.random.random::<u128>())
}

fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    let text =
        |index| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(index)?.unwrap_or_default());
    let number = |index| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(index)?.unwrap_or(0));
    Ok(Note {
        id: text(0)?,
        parent: text(1)?,
        title: text(2)?,
        body: text(3)?,
        is_todo: number(4)? != 0,
        completed: number(5)?,
        created: number(6)?,
        updated: number(7)?,
        deleted: number(8)?,
    })
}

/// Every notebook, in the trash or not, by name.
///
/// # Errors
/// When the database cannot be read.
pub fn folders(system: &System) -> Result<Vec<Folder>, PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .prepare(
                "SELECT id, title, parent_id, deleted_time FROM folders \
                 ORDER BY title COLLATE NOCASE, rowid LIMIT ?1",
            )?
            .query_map([MOST], |row| {
                Ok(Folder {
                    id: row.get(0)?,
                    title: row.get(1)?,
                    parent: row.get(2)?,
                    deleted: row.get::<_, i64>(3)? != 0,
                })
            })?
            .collect()
    })
}

/// The notebook that the app opens when it remembers none: the latest.
///
/// # Errors
/// When the database cannot be read.
pub fn default_folder(system: &System) -> Result<Option<String>, PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .query_row(
                "SELECT id FROM folders WHERE deleted_time = 0 \
                 ORDER BY created_time DESC, rowid LIMIT 1",
                [],
                |row| row.get(0),
            )
            .optional()
    })
}

/// The notes of a place, with the beginnings of their texts.
///
/// # Errors
/// When the database cannot be read.
pub fn notes(system: &System, place: &Place, order: &Order) -> Result<Vec<Note>, PhoneError> {
    let (condition, name) = match place {
        Place::All => ("deleted_time = 0", None),
        Place::Folder(id) => ("deleted_time = 0 AND parent_id = ?2", Some(id)),
        Place::Tag(id) => (
            "deleted_time = 0 AND id IN (SELECT note_id FROM note_tags WHERE tag_id = ?2)",
            Some(id),
        ),
        Place::Trash => ("deleted_time > 0", None),
    };
    let shown = match order.show_completed {
        true => "",
        false => " AND NOT (is_todo = 1 AND todo_completed > 0)",
    };
    let first = match order.open_first {
        true => "(is_todo = 1 AND todo_completed = 0) DESC, ",
        false => "",
    };
    let collation = if order.field == "title" {
        " COLLATE NOCASE"
    } else {
        ""
    };
    let direction = if order.reverse { " DESC" } else { "" };
    let statement = format!(
        "SELECT {LISTED} FROM notes WHERE is_conflict = 0 AND {condition}{shown} \
         ORDER BY {first}`{}`{collation}{direction}, rowid LIMIT ?1",
        order.field
    );
    DATABASE.with(system, |connection| {
        let mut statement = connection.prepare(&statement)?;
        match name {
            Some(name) => statement.query_map(params![MOST, name], note)?.collect(),
            None => statement.query_map([MOST], note)?.collect(),
        }
    })
}

/// The listed form of notes with these row ids of `notes_normalized`, in no particular order, and their
/// normalized texts: what a search weighs.
pub(super) fn matching(
    system: &System,
    expression: &str,
) -> Result<Vec<(Note, String, String)>, PhoneError> {
    let statement = format!(
        "SELECT {LISTED}, notes_normalized.title, substr(notes_normalized.body, 1, 20000) \
         FROM notes_fts JOIN notes_normalized ON notes_normalized.rowid = notes_fts.docid \
         JOIN notes ON notes.id = notes_normalized.id \
         WHERE notes_fts MATCH ?1 AND notes.deleted_time = 0 AND notes.is_conflict = 0 \
         ORDER BY notes.rowid LIMIT ?2"
    );
    DATABASE.with(system, |connection| {
        connection
            .prepare(&statement)?
            .query_map(params![expression, MOST], |row| {
                Ok((note(row)?, row.get(9)?, row.get(10)?))
            })?
            .collect()
    })
}

/// A note with its text; `None` when there is none, or its text is too long for the app.
///
/// # Errors
/// When the database cannot be read.
pub fn find(system: &System, id: &str) -> Result<Option<Note>, PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .query_row(
                &format!("SELECT {WHOLE} FROM notes WHERE id = ?1 AND length(body) <= ?2"),
                params![id, LARGEST],
                note,
            )
            .optional()
    })
}

/// Stores a note, new or not, and what the search knows of it.
///
/// # Errors
/// When the database cannot be written.
pub fn save(system: &System, note: &Note) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        transaction.execute(
            "INSERT INTO notes (id, parent_id, title, body, is_todo, todo_completed, created_time, \
             user_created_time, updated_time, user_updated_time, deleted_time, source, \
             source_application) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?8, ?9, 'joplin', \
             'net.cozic.joplin-mobile') ON CONFLICT (id) DO UPDATE SET parent_id = ?2, title = ?3, \
             body = ?4, is_todo = ?5, todo_completed = ?6, updated_time = ?8, \
             user_updated_time = ?8, deleted_time = ?9",
            params![
                note.id,
                note.parent,
                note.title,
                note.body,
                note.is_todo,
                note.completed,
                note.created,
                note.updated,
                note.deleted
            ],
        )?;
        transaction.execute("DELETE FROM notes_normalized WHERE id = ?1", [&note.id])?;
        transaction.execute(
            "INSERT INTO notes_normalized (id, title, body, user_created_time, user_updated_time, \
             is_todo, todo_completed, parent_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                note.id,
                note.title.to_lowercase(),
                note.body.to_lowercase(),
                note.created,
                note.updated,
                note.is_todo,
                note.completed,
                note.parent
            ],
        )?;
        transaction.commit()
    })
}

/// Removes a note for good.
///
/// # Errors
/// When the database cannot be written.
pub fn remove(system: &System, id: &str) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        for table in [
            "notes WHERE id",
            "notes_normalized WHERE id",
            "note_tags WHERE note_id",
        ] {
            transaction.execute(&format!("DELETE FROM {table} = ?1"), [id])?;
        }
        transaction.commit()
    })
}

/// Stores a notebook, new or not.
///
/// # Errors
/// When the database cannot be written.
pub fn save_folder(system: &System, folder: &Folder) -> Result<(), PhoneError> {
    let now = system.clock.now_millis();
    let deleted = if folder.deleted { now } else { 0 };
    DATABASE.with(system, |connection| {
        connection
            .execute(
                "INSERT INTO folders (id, title, parent_id, created_time, updated_time, \
                 user_created_time, user_updated_time, deleted_time) \
                 VALUES (?1, ?2, ?3, ?4, ?4, ?4, ?4, ?5) ON CONFLICT (id) DO UPDATE SET title = ?2, \
                 parent_id = ?3, updated_time = ?4, user_updated_time = ?4, deleted_time = ?5",
                params![folder.id, folder.title, folder.parent, now, deleted],
            )
            .map(drop)
    })
}

/// Puts a notebook with what is in it into the trash.
///
/// # Errors
/// When the database cannot be written.
pub fn discard_folder(system: &System, id: &str) -> Result<(), PhoneError> {
    const BELOW: &str = "WITH RECURSIVE below (id) AS (SELECT ?1 UNION SELECT folders.id \
        FROM folders JOIN below ON folders.parent_id = below.id)";
    let now = system.clock.now_millis();
    DATABASE.with(system, |connection| {
        let transaction = connection.transaction()?;
        for (table, column) in [("notes", "parent_id"), ("folders", "id")] {
            transaction.execute(
                &format!(
                    "{BELOW} UPDATE {table} SET deleted_time = ?2, updated_time = ?2 \
                     WHERE deleted_time = 0 AND {column} IN below"
                ),
                params![id, now],
            )?;
        }
        transaction.commit()
    })
}

/// Ids and names of the tags.
///
/// # Errors
/// When the database cannot be read.
pub fn tags(system: &System) -> Result<Vec<(String, String)>, PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .prepare("SELECT id, title FROM tags ORDER BY title COLLATE NOCASE LIMIT ?1")?
            .query_map([MOST], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    })
}

/// Something that the app remembers.
///
/// # Errors
/// When the database cannot be read.
pub fn setting(system: &System, key: &str) -> Result<Option<String>, PhoneError> {
    DATABASE.with(system, |connection| {
        let value: Option<Option<String>> = connection
            .query_row(
                "SELECT value FROM settings WHERE `key` = ?1",
                [key],
                |row| row.get(0),
            )
            .optional()?;
        Ok(value.flatten())
    })
}

/// Remembers something.
///
/// # Errors
/// When the database cannot be written.
pub fn remember(system: &System, key: &str, value: &str) -> Result<(), PhoneError> {
    DATABASE.with(system, |connection| {
        connection
            .execute(
                "INSERT INTO settings (`key`, value) VALUES (?1, ?2) \
                 ON CONFLICT (`key`) DO UPDATE SET value = ?2",
                [key, value],
            )
            .map(drop)
    })
}

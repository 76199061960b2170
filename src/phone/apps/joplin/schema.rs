//! The tables of `joplin.sqlite`. `notes_normalized` is what the search looks at: triggers copy its rows
//! into the full-text table `notes_fts`, whoever writes them.

/// Makes what is missing.
pub const SCHEMA: &str = "\
CREATE TABLE IF NOT EXISTS folders (id TEXT PRIMARY KEY, title TEXT NOT NULL DEFAULT '', \
created_time INT NOT NULL, updated_time INT NOT NULL, user_created_time INT NOT NULL DEFAULT 0, \
user_updated_time INT NOT NULL DEFAULT 0, encryption_cipher_text TEXT NOT NULL DEFAULT '', \
encryption_applied INT NOT NULL DEFAULT 0, parent_id TEXT NOT NULL DEFAULT '', \
is_shared INT NOT NULL DEFAULT 0, share_id TEXT NOT NULL DEFAULT '', \
master_key_id TEXT NOT NULL DEFAULT '', icon TEXT NOT NULL DEFAULT '', \
user_data TEXT NOT NULL DEFAULT '', deleted_time INT NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS folders_title ON folders (title);
CREATE INDEX IF NOT EXISTS folders_updated_time ON folders (updated_time);
CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, parent_id TEXT NOT NULL DEFAULT '', \
title TEXT NOT NULL DEFAULT '', body TEXT NOT NULL DEFAULT '', created_time INT NOT NULL, \
updated_time INT NOT NULL, is_conflict INT NOT NULL DEFAULT 0, \
latitude NUMERIC NOT NULL DEFAULT 0, longitude NUMERIC NOT NULL DEFAULT 0, \
altitude NUMERIC NOT NULL DEFAULT 0, author TEXT NOT NULL DEFAULT '', \
source_url TEXT NOT NULL DEFAULT '', is_todo INT NOT NULL DEFAULT 0, todo_due INT NOT NULL DEFAULT 0, \
todo_completed INT NOT NULL DEFAULT 0, source TEXT NOT NULL DEFAULT '', \
source_application TEXT NOT NULL DEFAULT '', application_data TEXT NOT NULL DEFAULT '', \
`order` NUMERIC NOT NULL DEFAULT 0, user_created_time INT NOT NULL DEFAULT 0, \
user_updated_time INT NOT NULL DEFAULT 0, encryption_cipher_text TEXT NOT NULL DEFAULT '', \
encryption_applied INT NOT NULL DEFAULT 0, markup_language INT NOT NULL DEFAULT 1, \
is_shared INT NOT NULL DEFAULT 0, share_id TEXT NOT NULL DEFAULT '', \
conflict_original_id TEXT NOT NULL DEFAULT '', master_key_id TEXT NOT NULL DEFAULT '', \
user_data TEXT NOT NULL DEFAULT '', deleted_time INT NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS notes_title ON notes (title);
CREATE INDEX IF NOT EXISTS notes_updated_time ON notes (updated_time);
CREATE INDEX IF NOT EXISTS notes_is_todo ON notes (is_todo);
CREATE TABLE IF NOT EXISTS notes_normalized (id TEXT NOT NULL, title TEXT NOT NULL DEFAULT '', \
body TEXT NOT NULL DEFAULT '', user_created_time INT NOT NULL DEFAULT 0, \
user_updated_time INT NOT NULL DEFAULT 0, is_todo INT NOT NULL DEFAULT 0, \
todo_completed INT NOT NULL DEFAULT 0, parent_id TEXT NOT NULL DEFAULT '', \
latitude NUMERIC NOT NULL DEFAULT 0, longitude NUMERIC NOT NULL DEFAULT 0, \
altitude NUMERIC NOT NULL DEFAULT 0, source_url TEXT NOT NULL DEFAULT '', todo_due INT NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS notes_normalized_id ON notes_normalized (id);
CREATE VIRTUAL TABLE IF NOT EXISTS notes_fts USING fts4(content='notes_normalized', notindexed='id', \
notindexed='user_created_time', notindexed='user_updated_time', notindexed='is_todo', \
notindexed='todo_completed', notindexed='todo_due', notindexed='parent_id', notindexed='latitude', \
notindexed='longitude', notindexed='altitude', notindexed='source_url', id, title, body, \
user_created_time, user_updated_time, is_todo, todo_completed, todo_due, parent_id, latitude, \
longitude, altitude, source_url);
CREATE TRIGGER IF NOT EXISTS notes_fts_before_update BEFORE UPDATE ON notes_normalized BEGIN \
DELETE FROM notes_fts WHERE docid = old.rowid; END;
CREATE TRIGGER IF NOT EXISTS notes_fts_before_delete BEFORE DELETE ON notes_normalized BEGIN \
DELETE FROM notes_fts WHERE docid = old.rowid; END;
CREATE TRIGGER IF NOT EXISTS notes_after_update AFTER UPDATE ON notes_normalized BEGIN \
INSERT INTO notes_fts (docid, id, title, body, user_created_time, user_updated_time, is_todo, \
todo_completed, todo_due, parent_id, latitude, longitude, altitude, source_url) \
SELECT rowid, id, title, body, user_created_time, user_updated_time, is_todo, todo_completed, \
todo_due, parent_id, latitude, longitude, altitude, source_url FROM notes_normalized \
WHERE new.rowid = notes_normalized.rowid; END;
CREATE TRIGGER IF NOT EXISTS notes_after_insert AFTER INSERT ON notes_normalized BEGIN \
INSERT INTO notes_fts (docid, id, title, body, user_created_time, user_updated_time, is_todo, \
todo_completed, todo_due, parent_id, latitude, longitude, altitude, source_url) \
SELECT rowid, id, title, body, user_created_time, user_updated_time, is_todo, todo_completed, \
todo_due, parent_id, latitude, longitude, altitude, source_url FROM notes_normalized \
WHERE new.rowid = notes_normalized.rowid; END;
CREATE TABLE IF NOT EXISTS tags (id TEXT PRIMARY KEY, title TEXT NOT NULL DEFAULT '', \
created_time INT NOT NULL, updated_time INT NOT NULL, user_created_time INT NOT NULL DEFAULT 0, \
user_updated_time INT NOT NULL DEFAULT 0, encryption_cipher_text TEXT NOT NULL DEFAULT '', \
encryption_applied INT NOT NULL DEFAULT 0, is_shared INT NOT NULL DEFAULT 0, \
parent_id TEXT NOT NULL DEFAULT '', user_data TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS note_tags (id TEXT PRIMARY KEY, note_id TEXT NOT NULL, \
tag_id TEXT NOT NULL, created_time INT NOT NULL, updated_time INT NOT NULL, \
user_created_time INT NOT NULL DEFAULT 0, user_updated_time INT NOT NULL DEFAULT 0, \
encryption_cipher_text TEXT NOT NULL DEFAULT '', encryption_applied INT NOT NULL DEFAULT 0, \
is_shared INT NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS item_changes (id INTEGER PRIMARY KEY AUTOINCREMENT, \
item_type INT NOT NULL, item_id TEXT NOT NULL, type INT NOT NULL, created_time INT NOT NULL, \
source INT NOT NULL, before_change_item TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS settings (`key` TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS key_values (id INTEGER PRIMARY KEY AUTOINCREMENT, `key` TEXT NOT NULL, \
`value` TEXT NOT NULL, `type` INT NOT NULL, updated_time INT NOT NULL);
CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT);";

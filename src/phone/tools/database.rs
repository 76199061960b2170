//! `sqlite3`: SQL on the phone's databases, in the formats of the command-line tool. Uses
//! `providers` and the system's databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Connection};

use super::appetite::Appetite;
use crate::phone::providers::SCHEMAS;
use crate::phone::shell::streams::MAX_BUFFERED;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::{open_database, paths};

/// Steps of SQLite's machine between two looks at whether the client has gone and what memory is taken. A row takes
/// a few, so that not many of the longest rows are read between two looks.
const STEPS: i32 = 50;
/// Longest value and row.
const LONGEST: i32 = 96 << 20;
/// Most pages of a database in memory, and of temporary tables, which are in memory too: SQLite's files for them
/// would lie outside of the phone.
const MAX_PAGES: i64 = 16_384;
/// What would move these bounds, or reach a path of the host.
const FIXED: [&str; 9] = [
    "cache_size",
    "hard_heap_limit",
    "max_page_count",
    "page_size",
    "soft_heap_limit",
    "temp_store",
    "threads",
    "temp_store_directory",
    "data_store_directory",
];
/// Bytes that a cell is counted for besides its content.
const CELL: usize = 32;

struct Format {
    mode: String,
    headers: bool,
    separator: String,
    null: String,
}

/// `sqlite3 [-header] [-csv|-column|-line|-list|-json|-quote] [-separator TEXT] DATABASE [SQL...]`
pub fn sqlite3(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut format = Format {
        mode: "list".to_owned(),
        headers: false,
        separator: "|".to_owned(),
        null: String::new(),
    };
    let mut words = arguments.iter();
    let mut operands: Vec<&String> = Vec::new();
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix('-').filter(|_| operands.is_empty()) else {
            operands.push(word);
            continue;
        };
        match option.trim_start_matches('-') {
            "header" => format.headers = true,
            "noheader" => format.headers = false,
            "separator" => format.separator = words.next().cloned().unwrap_or_default(),
            "nullvalue" => format.null = words.next().cloned().unwrap_or_default(),
            "cmd" => {
                words.next();
            }
            "batch" | "bail" | "interactive" | "readonly" => {}
            "version" => {
                streams.line("3.32.2 2021-07-12 15:00:17");
                return 0;
            }
            "csv" => {
                "csv".clone_into(&mut format.mode);
                ",".clone_into(&mut format.separator);
            }
            mode @ ("column" | "line" | "list" | "json" | "quote" | "tabs") => {
                mode.clone_into(&mut format.mode);
                if mode == "tabs" {
                    "\t".clone_into(&mut format.separator);
                }
            }
            other => {
                streams.complain(format!("sqlite3: Error: unknown option: -{other}"));
                streams.complain("Use -help for a list of options.");
                return 1;
            }
        }
    }
    let (name, statements) = match operands.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => (":memory:", &[][..]),
    };
    let preparing = Arc::new(AtomicBool::new(false));
    let appetite = Appetite::new();
    let connection = match open(shell, name, &preparing).and_then(|mut connection| {
        let cancelled = shell.cancelled.clone();
        let mut watched = appetite.clone();
        let gone = move || cancelled.load(Ordering::Relaxed) || watched.is_over();
        connection
            .progress_handler(STEPS, Some(gone))
            .map_err(|error| error.to_string())?;
        Ok(connection)
    }) {
        Ok(connection) => connection,
        Err(message) => {
            streams.complain(format!(
                "Error: unable to open database \"{name}\": {message}"
            ));
            return 1;
        }
    };
    let mut scripts: Vec<String> = statements.iter().map(|text| (*text).clone()).collect();
    if scripts.is_empty() {
        streams.flush();
        scripts.push(String::from_utf8_lossy(&streams.input.read_all()).into_owned());
    }
    for script in scripts {
        if let Err(message) = run(&connection, &script, &mut format, &preparing, streams) {
            let message = match appetite.was_over() {
                true => "out of memory".to_owned(),
                false => message,
            };
            streams.complain(format!("Error: {message}"));
            return 1;
        }
    }
    0
}

/// Opens a database with the bounds of a client. `preparing` tells whether a statement of the client's is
/// being read, or one that SQLite itself makes to carry it out.
fn open(shell: &Shell, name: &str, preparing: &Arc<AtomicBool>) -> Result<Connection, String> {
    let missing = || "unable to open database file".to_owned();
    let mut connection = match name {
        ":memory:" | "" => {
            let connection = Connection::open_in_memory().map_err(message)?;
            let bounded = connection.pragma_update(None, "max_page_count", MAX_PAGES);
            bounded.map_err(message)?;
            connection
        }
        _ => {
            let path = shell.path_to_change(name).map_err(|_| missing())?;
            let path = paths::normalize("/", &path).ok_or_else(missing)?;
            let (parent, _) = paths::split(&path).ok_or_else(missing)?;
            if !shell.machine.files.is_dir(parent) || shell.machine.files.is_dir(&path) {
                return Err(missing());
            }
            match SCHEMAS.iter().find(|schema| schema.path == path) {
                Some(schema) => schema.open_files(&shell.machine.files),
                None => open_database(&shell.machine.files, &path),
            }
            .map_err(|error| error.to_string())?
        }
    };
    connection
        .pragma_update(None, "temp_store", "MEMORY")
        .and_then(|()| connection.pragma_update(Some("temp"), "max_page_count", MAX_PAGES))
        .and_then(|()| connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST))
        .map_err(message)?;
    // ATTACH and VACUUM INTO take paths of the host; they must not reach outside of the phone. VACUUM attaches a
    // file without a name of its own, which a client may not: it would grow without bounds.
    let preparing = preparing.clone();
    connection
        .authorizer(Some(move |context: AuthContext<'_>| match context.action {
            AuthAction::Attach { filename }
                if !filename.is_empty() || preparing.load(Ordering::Relaxed) =>
            {
                Authorization::Deny
            }
            AuthAction::Pragma {
                pragma_name,
                pragma_value: Some(_),
            } if FIXED.contains(&pragma_name.to_ascii_lowercase().as_str()) => {
                Authorization::Ignore
            }
            _ => Authorization::Allow,
        }))
        .map_err(message)?;
    Ok(connection)
}

fn run(
    connection: &Connection,
    script: &str,
    format: &mut Format,
    preparing: &AtomicBool,
    streams: &Streams,
) -> Result<(), String> {
    let mut sql = String::new();
    for line in script.split_inclusive('\n') {
        if sql.trim().is_empty() && line.starts_with('.') {
            dot(connection, line.trim(), format, streams)?;
        } else {
            sql.push_str(line);
        }
    }
    let mut batch = Batch::new(connection, &sql);
    loop {
        preparing.store(true, Ordering::Relaxed);
        let next = batch.next().map_err(message);
        preparing.store(false, Ordering::Relaxed);
        let Some(mut statement) = next? else { break };
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        if names.is_empty() {
            statement.raw_execute().map_err(message)?;
            continue;
        }
        let mut table: Vec<Vec<Cell>> = Vec::new();
        let mut rows = statement.raw_query();
        let mut held = 0;
        while let Some(row) = rows.next().map_err(message)? {
            let mut cells = Vec::with_capacity(names.len());
            for index in 0..names.len() {
                let cell = Cell::from(row.get_ref(index).map_err(message)?);
                held += cell.length() + CELL;
                cells.push(cell);
            }
            if held > MAX_BUFFERED {
                return Err("out of memory".to_owned());
            }
            table.push(cells);
        }
        print(&names, &table, format, streams);
    }
    Ok(())
}

fn message(error: rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message,
        rusqlite::Error::SqlInputError { msg, .. } => msg,
        other => other.to_string(),
    }
}

enum Cell {
    Null,
    Number(String),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl From<ValueRef<'_>> for Cell {
    fn from(value: ValueRef<'_>) -> Cell {
        match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Number(number.to_string()),
            ValueRef::Real(number) => {
                Cell::Number(match number.fract() == 0.0 && number.abs() < 1e15 {
                    true => format!("{number:.1}"),
                    false => number.to_string(),
                })
            }
            ValueRef::Text(text) => Cell::Text(text.to_vec()),
            ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
        }
    }
}

impl Cell {
    fn length(&self) -> usize {
        match self {
            Cell::Null => 0,
            Cell::Number(text) => text.len(),
            Cell::Text(bytes) | Cell::Blob(bytes) => bytes.len(),
        }
    }

    fn bytes(&self, null: &str) -> Vec<u8> {
        match self {
            Cell::Null => null.as_bytes().to_vec(),
            Cell::Number(text) => text.as_bytes().to_vec(),
            Cell::Text(bytes) | Cell::Blob(bytes) => bytes.clone(),
        }
    }

    fn text(&self, null: &str) -> String {
        String::from_utf8_lossy(&self.bytes(null)).into_owned()
    }

    fn quoted(&self) -> String {
        match self {
            Cell::Null => "NULL".to_owned(),
            Cell::Number(text) => text.clone(),
            Cell::Text(bytes) => {
                format!("'{}'", String::from_utf8_lossy(bytes).replace('\'', "''"))
            }
            Cell::Blob(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("X'{digits}'")
            }
        }
    }
}

fn print(names: &[String], table: &[Vec<Cell>], format: &Format, streams: &Streams) {
    let csv = |text: String| match text.contains([',', '"', '\n', ' ', '\'']) || text.is_empty() {
        true if text.is_empty() => text,
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    };
    match format.mode.as_str() {
        "line" => {
            let width = names.iter().map(String::len).max().unwrap_or(0).max(5);
            for (index, row) in table.iter().enumerate() {
                if index > 0 {
                    streams.line("");
                }
                for (name, cell) in names.iter().zip(row) {
                    streams.line(format!("{name:>width$} = {}", cell.text(&format.null)));
                }
            }
        }
        "column" => {
            let widths: Vec<usize> = names
                .iter()
                .enumerate()
                .map(|(index, name)| {
                    let cells = table
                        .iter()
                        .map(|row| row[index].text(&format.null).chars().count());
                    cells.max().unwrap_or(0).max(name.len())
                })
                .collect();
            let line = |texts: Vec<String>| {
                let padded: Vec<String> = texts
                    .iter()
                    .zip(&widths)
                    .map(|(text, width)| format!("{text:<width$}"))
                    .collect();
                streams.line(padded.join("  "));
            };
            if !table.is_empty() {
                line(names.to_vec());
                line(widths.iter().map(|width| "-".repeat(*width)).collect());
            }
            for row in table {
                line(row.iter().map(|cell| cell.text(&format.null)).collect());
            }
        }
        "json" if !table.is_empty() => {
            let rows: Vec<String> = table
                .iter()
                .map(|row| {
                    let fields: Vec<String> = names
                        .iter()
                        .zip(row)
                        .map(|(name, cell)| {
                            let value = match cell {
                                Cell::Null => "null".to_owned(),
                                Cell::Number(text) => text.clone(),
                                other => serde_json::Value::from(other.text("")).to_string(),
                            };
                            format!("{}:{value}", serde_json::Value::from(name.as_str()))
                        })
                        .collect();
                    format!("{{{}}}", fields.join(","))
                })
                .collect();
            streams.line(format!("[{}]", rows.join(",\n")));
        }
        "json" => {}
        mode => {
            if format.headers && !table.is_empty() {
                let ending = if mode == "csv" { "\r\n" } else { "\n" };
                streams.print(names.join(&format.separator) + ending);
            }
            for row in table {
                let mut line: Vec<u8> = Vec::new();
                for (index, cell) in row.iter().enumerate() {
                    if index > 0 {
                        line.extend_from_slice(match mode {
                            "quote" => b",",
                            _ => format.separator.as_bytes(),
                        });
                    }
                    match mode {
                        "csv" => line.extend_from_slice(csv(cell.text(&format.null)).as_bytes()),
                        "quote" => line.extend_from_slice(cell.quoted().as_bytes()),
                        _ => line.extend_from_slice(&cell.bytes(&format.null)),
                    }
                }
                line.extend_from_slice(if mode == "csv" { b"\r\n" } else { b"\n" });
                streams.print(line);
            }
        }
    }
}

fn dot(
    connection: &Connection,
    command: &str,
    format: &mut Format,
    streams: &Streams,
) -> Result<(), String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let select = |sql: &str, argument: Option<&&str>| -> Result<Vec<String>, String> {
        let mut statement = connection.prepare(sql).map_err(message)?;
        let like = argument.map_or("%", |argument| *argument);
        let rows = statement
            .query_map([like], |row| row.get::<_, String>(0))
            .map_err(message)?;
        rows.collect::<Result<_, _>>().map_err(message)
    };
    match words.as_slice() {
        [".tables", ..] => {
            let names = select(
                "SELECT name FROM sqlite_master WHERE type IN ('table','view') \
                 AND name NOT LIKE 'sqlite_%' AND name LIKE ?1 ORDER BY name",
                words.get(1),
            )?;
            let width = names.iter().map(String::len).max().unwrap_or(0);
            let columns = (80 / (width + 2)).max(1);
            let rows = names.len().div_ceil(columns);
            for row in 0..rows {
                let line: Vec<String> = names
                    .iter()
                    .skip(row)
                    .step_by(rows)
                    .map(|name| format!("{name:<width$}"))
                    .collect();
                streams.line(line.join("  "));
            }
        }
        [".schema", ..] => {
            let list = select(
                "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND tbl_name LIKE ?1 ORDER BY rowid",
                words.get(1),
            )?;
            for sql in list {
                streams.line(format!("{sql};"));
            }
        }
        [".headers" | ".header", value] => format.headers = matches!(*value, "on" | "yes" | "1"),
        [".mode", value, ..] => (*value).clone_into(&mut format.mode),
        [".separator", value, ..] => (*value).clone_into(&mut format.separator),
        [".nullvalue", value] => (*value).clone_into(&mut format.null),
        [".quit" | ".exit", ..] => {}
        _ => {
            return Err(format!(
                "unknown command or invalid arguments:  \"{}\". Enter \".help\" for help",
                words
                    .first()
                    .map_or("", |word| word.trim_start_matches('.'))
            ));
        }
    }
    Ok(())
}

//! `content`: rows of the providers. Uses `providers`.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};

use crate::phone::providers::{Schema, calls, contacts, media, messages};
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::Namespace;

/// Where the rows of a URI are.
struct Table {
    schema: Schema,
    /// Table or view to read.
    view: &'static str,
    /// Table to write; empty when it cannot be written.
    table: &'static str,
    /// Condition that the URI adds.
    condition: String,
    /// Column that the URI fixes for new rows.
    fixed: Option<(&'static str, i64)>,
}

/// What `content` was asked.
#[derive(Default)]
struct Request {
    uri: String,
    projection: Option<String>,
    condition: Option<String>,
    sort: Option<String>,
    bindings: Vec<(String, char, String)>,
}

const USAGE: &str = "usage: adb shell content [subcommand] [options]";

/// `content query|insert|update|delete|call --uri URI ...`
pub fn content(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let Some((verb, rest)) = arguments.split_first() else {
        streams.complain(USAGE);
        return 1;
    };
    let request = match parse(rest) {
        Ok(request) => request,
        Err(message) => {
            streams.complain(format!("[ERROR] {message}"));
            streams.complain(USAGE);
            return 1;
        }
    };
    let outcome = match verb.as_str() {
        "query" => query(shell, &request, streams),
        "insert" => insert(shell, &request),
        "update" => update(shell, &request),
        "delete" => delete(shell, &request),
        "call" | "read" | "write" | "gettype" => Ok(()),
        other => Err(format!("Unsupported command: {other}")),
    };
    match outcome {
        Ok(()) => 0,
        Err(message) => {
            streams.complain(format!(
                "Error while accessing provider:{}",
                authority(&request.uri)
            ));
            streams.complain(message);
            // The real tool prints a stack trace and ends well.
            0
        }
    }
}

fn authority(uri: &str) -> &str {
    let rest = uri.strip_prefix("content://").unwrap_or(uri);
    rest.split('/').next().unwrap_or("")
}

fn parse(words: &[String]) -> Result<Request, String> {
    let mut request = Request::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().cloned().ok_or(format!("No value for {word}"));
        match word.as_str() {
            "--uri" => request.uri = value()?,
            "--projection" => request.projection = Some(value()?),
            "--where" => request.condition = Some(value()?),
            "--sort" => request.sort = Some(value()?),
            "--user" | "--method" | "--arg" | "--extra" => {
                value()?;
            }
            "--bind" => {
                let text = value()?;
                let mut parts = text.splitn(3, ':');
                let (name, kind, bound) = (parts.next(), parts.next(), parts.next());
                let (Some(name), Some(kind), Some(bound)) = (name, kind, bound) else {
                    return Err(format!("Binding not well formed: {text}"));
                };
                let kind = kind.chars().next().unwrap_or('s');
                request
                    .bindings
                    .push((name.to_owned(), kind, bound.to_owned()));
            }
            other => return Err(format!("Unsupported argument: {other}")),
        }
    }
    match request.uri.is_empty() {
        true => {
            Err("Content provider URI not specified. Did you specify --uri argument?".to_owned())
        }
        false => Ok(request),
    }
}

fn table(uri: &str) -> Option<Table> {
    let rest = uri.strip_prefix("content://")?.trim_end_matches('/');
    let make = |schema, view, table| Table {
        schema,
        view,
        table,
        condition: String::new(),
        fixed: None,
    };
    // `.../TABLE/17` is one row.
    let (base, id) = match rest.rsplit_once('/') {
        Some((base, last)) => match last.parse::<i64>() {
            Ok(id) => (base, Some(id)),
            Err(_) => (rest, None),
        },
        None => (rest, None),
    };
    let mut found = match base {
        "contacts/phones"
        | "com.android.contacts/data/phones"
        | "com.android.contacts/phone_lookup" => make(contacts::SCHEMA, "view_phones", ""),
        "contacts/people" | "com.android.contacts/contacts" => {
            make(contacts::SCHEMA, "view_contacts", "contacts")
        }
        "com.android.contacts/raw_contacts" => {
            make(contacts::SCHEMA, "raw_contacts", "raw_contacts")
        }
        "com.android.contacts/data" => make(contacts::SCHEMA, "data", "data"),
        "sms" => make(messages::SCHEMA, "sms", "sms"),
        "sms/inbox" | "sms/sent" => {
            let kind = match base {
                "sms/inbox" => messages::INBOX,
                _ => messages::SENT,
            };
            let mut table = make(messages::SCHEMA, "sms", "sms");
            table.condition = format!("type = {kind}");
            table.fixed = Some(("type", kind));
            table
        }
        "sms/conversations" | "mms-sms/conversations" => {
            make(messages::SCHEMA, "threads", "threads")
        }
        "call_log/calls" => make(calls::SCHEMA, "calls", "calls"),
        _ => return None,
    };
    if let Some(id) = id {
        found.condition = match found.condition.as_str() {
            "" => format!("_id = {id}"),
            condition => format!("{condition} AND _id = {id}"),
        };
    }
    Some(found)
}

/// The media collection of a URI: `content://media/external/downloads`.
fn media_collection(uri: &str) -> Option<&str> {
    let rest = uri.strip_prefix("content://media/")?;
    let (_, collection) = rest.split_once('/')?;
    Some(collection.trim_end_matches('/'))
}

fn settings_table(uri: &str) -> Option<Namespace> {
    Namespace::parse(
        uri.strip_prefix("content://settings/")?
            .trim_end_matches('/'),
    )
}

fn conditions(table: &Table, request: &Request) -> String {
    let parts: Vec<String> = [Some(table.condition.clone()), request.condition.clone()]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .map(|part| format!("({part})"))
        .collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!(" WHERE {}", parts.join(" AND ")),
    }
}

fn print_row(streams: &Streams, index: usize, columns: &[(String, String)]) {
    let fields: Vec<String> = columns
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    streams.line(format!("Row: {index} {}", fields.join(", ")));
}

fn query(shell: &Shell, request: &Request, streams: &Streams) -> Result<(), String> {
    let wanted: Option<Vec<&str>> = request
        .projection
        .as_ref()
        .map(|text| text.split(':').collect());
    let mut printed = 0;
    if let Some(collection) = media_collection(&request.uri) {
        for row in media::rows(&shell.machine.files, collection) {
            let columns: Vec<(String, String)> = row
                .into_iter()
                .filter(|(name, _)| wanted.as_ref().is_none_or(|wanted| wanted.contains(name)))
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            print_row(streams, printed, &columns);
            printed += 1;
        }
    } else if let Some(namespace) = settings_table(&request.uri) {
        let state = shell.machine.lock();
        for (index, (name, value)) in state.system.settings.list(namespace).enumerate() {
            let columns = [
                ("_id".to_owned(), (index + 1).to_string()),
                ("name".to_owned(), name.to_owned()),
                ("value".to_owned(), value.to_owned()),
            ];
            let fits = request.condition.as_ref().is_none_or(|condition| {
                condition.replace(['"', '\''], "") == format!("name={name}")
            });
            if fits {
                print_row(streams, printed, &columns);
                printed += 1;
            }
        }
    } else {
        let table = table(&request.uri)
            .ok_or_else(|| format!("Could not find provider: {}", authority(&request.uri)))?;
        let names = match &wanted {
            Some(wanted) => wanted
                .iter()
                .map(|name| format!("\"{}\"", name.replace('"', "")))
                .collect::<Vec<_>>()
                .join(", "),
            None => "*".to_owned(),
        };
        let sort = match &request.sort {
            Some(sort) => format!(" ORDER BY {sort}"),
            None if table.view == "sms" || table.view == "threads" => {
                " ORDER BY date DESC".to_owned()
            }
            None => String::new(),
        };
        let sql = format!(
            "SELECT {names} FROM {}{}{sort}",
            table.view,
            conditions(&table, request)
        );
        let connection = open(shell, &table)?;
        let mut statement = connection
            .prepare(&sql)
            .map_err(|error| error.to_string())?;
        if !statement.readonly() {
            return Err("Invalid query".to_owned());
        }
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).map_err(|error| error.to_string())?;
        while let Some(row) = rows.next().map_err(|error| error.to_string())? {
            let mut columns = Vec::new();
            for (index, name) in names.iter().enumerate() {
                let value = row.get_ref(index).map_err(|error| error.to_string())?;
                columns.push((name.clone(), show(value)));
            }
            print_row(streams, printed, &columns);
            printed += 1;
        }
    }
    if printed == 0 {
        streams.line("No result found.");
    }
    Ok(())
}

fn show(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(_) => "BLOB".to_owned(),
    }
}

fn open(shell: &Shell, table: &Table) -> Result<Connection, String> {
    // Under the lock, so that an app does not write at the same time.
    let state = shell.machine.lock();
    table
        .schema
        .open(&state.system)
        .map_err(|error| error.to_string())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn values(request: &Request) -> Result<(Vec<String>, Vec<rusqlite::types::Value>), String> {
    use rusqlite::types::Value;
    let mut names = Vec::new();
    let mut values = Vec::new();
    for (name, kind, text) in &request.bindings {
        if !is_name(name) {
            return Err(format!("Invalid column {name}"));
        }
        let bad = || format!("Bad value for {name}: {text}");
        names.push(name.clone());
        values.push(match kind {
            'i' | 'l' => Value::Integer(text.parse().map_err(|_| bad())?),
            'f' | 'd' => Value::Real(text.parse().map_err(|_| bad())?),
            'b' => Value::Integer(i64::from(text == "true")),
            'n' => Value::Null,
            _ => Value::Text(text.clone()),
        });
    }
    Ok((names, values))
}

fn writable(request: &Request) -> Result<Table, String> {
    table(&request.uri)
        .filter(|table| !table.table.is_empty())
        .ok_or_else(|| format!("Unknown URI: {}", request.uri))
}

fn insert(shell: &Shell, request: &Request) -> Result<(), String> {
    if let Some(namespace) = settings_table(&request.uri) {
        let bound = |wanted: &str| {
            let found = request.bindings.iter().find(|(name, _, _)| name == wanted);
            found.map(|(_, _, value)| value.clone()).unwrap_or_default()
        };
        let mut state = shell.machine.lock();
        let put = state
            .system
            .settings
            .put(namespace, &bound("name"), bound("value"));
        return put.map_err(|error| error.to_string());
    }
    if media_collection(&request.uri).is_some() {
        // The media provider finds files by itself.
        return Ok(());
    }
    let table = writable(request)?;
    let (mut names, mut bound) = values(request)?;
    if let Some((name, value)) = table.fixed
        && !names.iter().any(|one| one == name)
    {
        names.push(name.to_owned());
        bound.push(rusqlite::types::Value::Integer(value));
    }
    if table.table == "sms" {
        complete_message(shell, &table, &mut names, &mut bound)?;
    }
    let sql = match names.is_empty() {
        true => format!("INSERT INTO {} DEFAULT VALUES", table.table),
        false => format!(
            "INSERT INTO {} ({}) VALUES ({})",
            table.table,
            names.join(", "),
            vec!["?"; names.len()].join(", ")
        ),
    };
    let connection = open(shell, &table)?;
    connection
        .execute(&sql, params_from_iter(bound))
        .map(|_| ())
        .map_err(|error| error.to_string())
}

/// What the telephony provider adds to a new message: its conversation and its date.
fn complete_message(
    shell: &Shell,
    table: &Table,
    names: &mut Vec<String>,
    bound: &mut Vec<rusqlite::types::Value>,
) -> Result<(), String> {
    use rusqlite::types::Value;
    let find = |wanted: &str| names.iter().position(|name| name == wanted);
    let address = match find("address").and_then(|position| bound.get(position)) {
        Some(Value::Text(address)) => Some(address.clone()),
        Some(Value::Integer(number)) => Some(number.to_string()),
        _ => None,
    };
    let (dated, threaded) = (find("date").is_some(), find("thread_id").is_some());
    if let Some(address) = address
        && !threaded
    {
        let connection = open(shell, table)?;
        let thread =
            messages::thread_of(&connection, &address).map_err(|error| error.to_string())?;
        names.push("thread_id".to_owned());
        bound.push(Value::Integer(thread));
    }
    if !dated {
        names.push("date".to_owned());
        bound.push(Value::Integer(shell.machine.clock.now_millis()));
    }
    Ok(())
}

fn update(shell: &Shell, request: &Request) -> Result<(), String> {
    let table = writable(request)?;
    let (names, bound) = values(request)?;
    if names.is_empty() {
        return Err("Bindings not specified".to_owned());
    }
    let assignments: Vec<String> = names.iter().map(|name| format!("{name} = ?")).collect();
    let sql = format!(
        "UPDATE {} SET {}{}",
        table.table,
        assignments.join(", "),
        conditions(&table, request)
    );
    let connection = open(shell, &table)?;
    connection
        .execute(&sql, params_from_iter(bound))
        .map(|_| ())
        .map_err(|error| error.to_string())
}

fn delete(shell: &Shell, request: &Request) -> Result<(), String> {
    if let Some(collection) = media_collection(&request.uri) {
        return media::delete(&shell.machine.files, collection)
            .map(|_| ())
            .map_err(|error| error.to_string());
    }
    let table = writable(request)?;
    let sql = format!("DELETE FROM {}{}", table.table, conditions(&table, request));
    let connection = open(shell, &table)?;
    connection
        .execute(&sql, [])
        .map(|_| ())
        .map_err(|error| error.to_string())
}

//! Tables whose columns are the fields of a row by their names in JSON: read and stored without listing
//! them again.

use rusqlite::types::{Type, Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

/// A value as JSON.
fn json(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Integer(number) => number.into(),
        // A client may have stored whole numbers as reals.
        ValueRef::Real(number) if number.fract() == 0.0 => (number as i64).into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Blob(bytes) => bytes.into(),
    }
}

/// A field as a value; only numbers and texts are fields.
fn value(field: Json) -> Value {
    match field {
        Json::String(text) => Value::Text(text),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Integer(number),
            None => number.as_f64().map_or(Value::Null, Value::Real),
        },
        _ => Value::Null,
    }
}

fn broken(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Null, Box::new(error))
}

fn fields<R: Serialize>(row: &R) -> rusqlite::Result<Map<String, Json>> {
    match serde_json::to_value(row) {
        Ok(Json::Object(fields)) => Ok(fields),
        // Only types with named fields are rows.
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(broken(error)),
    }
}

/// Every row of a table. A column that is not known is an error, as for the benchmark; one that is missing
/// has the value that it has in parameters.
pub(super) fn list<R: Serialize + DeserializeOwned>(
    connection: &Connection,
    table: &str,
) -> rusqlite::Result<Vec<R>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let rows = statement.query_map([], |row| {
        let mut held = Map::new();
        for (index, column) in columns.iter().enumerate() {
            held.insert(column.clone(), json(row.get_ref(index)?));
        }
        let row: R = serde_json::from_value(Json::Object(held)).map_err(broken)?;
        let known = fields(&row)?;
        match columns.iter().find(|column| !known.contains_key(*column)) {
            Some(other) => Err(rusqlite::Error::InvalidColumnName(other.clone())),
            None => Ok(row),
        }
    })?;
    rows.collect()
}

/// Replaces the content of a table and lists it; new rows get the next free ids, in order.
pub(super) fn replace<R: Serialize + DeserializeOwned>(
    connection: &Connection,
    table: &str,
    id: &str,
    rows: &[&R],
) -> rusqlite::Result<Vec<R>> {
    connection.execute(&format!("DELETE FROM {table}"), [])?;
    for row in rows {
        let mut fields = fields(row)?;
        fields.remove(id);
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        let (names, places) = (names.join(", "), vec!["?"; fields.len()].join(", "));
        connection
            .prepare_cached(&format!("INSERT INTO {table} ({names}) VALUES ({places})"))?
            .execute(params_from_iter(
                fields.into_iter().map(|(_, field)| value(field)),
            ))?;
    }
    list(connection, table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Cup {
        #[serde(default)]
        cup_id: i64,
        name: Option<String>,
        full_at: i64,
    }

    fn cup(name: &str, full_at: i64) -> Cup {
        Cup {
            cup_id: 0,
            name: Some(name.to_owned()),
            full_at,
        }
    }

    #[test]
    fn rows_come_back_with_ids_and_strangers_are_refused() {
        let connection = Connection::open_in_memory().unwrap();
        let make = "CREATE TABLE cups (cupId INTEGER PRIMARY KEY, name TEXT, fullAt)";
        connection.execute_batch(make).unwrap();
        let rows = [cup("tea", 7), cup("soup", -2)];
        let stored: Vec<Cup> =
            replace(&connection, "cups", "cupId", &[&rows[0], &rows[1]]).unwrap();
        assert_eq!(
            stored.iter().map(|cup| cup.cup_id).collect::<Vec<_>>(),
            [1, 2]
        );
        assert_eq!((&stored[1].name, stored[1].full_at), (&rows[1].name, -2));
        let change = |statement: &str| connection.execute_batch(statement).unwrap();
        change("UPDATE cups SET name = NULL, fullAt = 12.0");
        assert_eq!(list::<Cup>(&connection, "cups").unwrap()[0].full_at, 12);
        for wrong in ["12.5", "NULL", "'much'", "x'00'"] {
            change(&format!("UPDATE cups SET fullAt = {wrong}"));
            assert!(list::<Cup>(&connection, "cups").is_err(), "{wrong}");
        }
        change("UPDATE cups SET fullAt = 1; ALTER TABLE cups ADD COLUMN lid TEXT");
        let refused = list::<Cup>(&connection, "cups").unwrap_err();
        assert_eq!(
            refused,
            rusqlite::Error::InvalidColumnName("lid".to_owned())
        );
    }
}

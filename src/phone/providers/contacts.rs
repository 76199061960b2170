//! Contacts: `contacts2.db` of the contacts provider, with the tables that its clients read.

use rusqlite::{Connection, OptionalExtension, params};

use super::Schema;
use crate::phone::system::{PhoneError, System};

/// `contacts`, `raw_contacts`, `data` and `mimetypes` in `contacts2.db`.
pub const SCHEMA: Schema = Schema {
    path: "/data/data/com.android.providers.contacts/databases/contacts2.db",
    statements: "CREATE TABLE IF NOT EXISTS mimetypes (_id INTEGER PRIMARY KEY AUTOINCREMENT, mimetype TEXT NOT NULL);\
        CREATE UNIQUE INDEX IF NOT EXISTS mime_type ON mimetypes (mimetype);\
        INSERT OR IGNORE INTO mimetypes (_id, mimetype) VALUES \
        (1, 'vnd.android.cursor.item/email_v2'), (4, 'vnd.android.cursor.item/organization'), \
        (5, 'vnd.android.cursor.item/phone_v2'), (7, 'vnd.android.cursor.item/name'), \
        (12, 'vnd.android.cursor.item/note');\
        CREATE TABLE IF NOT EXISTS contacts (_id INTEGER PRIMARY KEY AUTOINCREMENT, \
        name_raw_contact_id INTEGER, starred INTEGER NOT NULL DEFAULT 0, \
        has_phone_number INTEGER NOT NULL DEFAULT 0, lookup TEXT, \
        contact_last_updated_timestamp INTEGER);\
        CREATE TABLE IF NOT EXISTS raw_contacts (_id INTEGER PRIMARY KEY AUTOINCREMENT, \
        account_id INTEGER, contact_id INTEGER, deleted INTEGER NOT NULL DEFAULT 0, \
        starred INTEGER NOT NULL DEFAULT 0, display_name TEXT, display_name_alt TEXT, \
        display_name_source INTEGER NOT NULL DEFAULT 0, sort_key TEXT, version INTEGER NOT NULL DEFAULT 1);\
        CREATE TABLE IF NOT EXISTS data (_id INTEGER PRIMARY KEY AUTOINCREMENT, \
        mimetype_id INTEGER NOT NULL, raw_contact_id INTEGER NOT NULL, \
        is_primary INTEGER NOT NULL DEFAULT 0, is_super_primary INTEGER NOT NULL DEFAULT 0, \
        data_version INTEGER NOT NULL DEFAULT 0, data1 TEXT, data2 TEXT, data3 TEXT, data4 TEXT, \
        data5 TEXT, data6 TEXT, data7 TEXT, data8 TEXT, data9 TEXT, data10 TEXT);\
        CREATE VIEW IF NOT EXISTS view_phones AS SELECT data._id AS _id, raw_contacts.contact_id AS person, \
        raw_contacts.contact_id AS contact_id, raw_contacts._id AS raw_contact_id, \
        data.data2 AS type, data.data3 AS label, data.data1 AS number, data.data1 AS data1, \
        data.data2 AS data2, data.data3 AS data3, data.data4 AS number_key, \
        raw_contacts.display_name AS name, raw_contacts.display_name AS display_name, \
        raw_contacts.starred AS starred FROM data JOIN raw_contacts ON data.raw_contact_id = raw_contacts._id \
        WHERE data.mimetype_id = 5 AND raw_contacts.deleted = 0;\
        CREATE VIEW IF NOT EXISTS view_contacts AS SELECT contacts._id AS _id, \
        raw_contacts.display_name AS display_name, raw_contacts.display_name_alt AS display_name_alt, \
        raw_contacts.sort_key AS sort_key, contacts.has_phone_number AS has_phone_number, \
        contacts.starred AS starred, contacts.lookup AS lookup, \
        contacts.name_raw_contact_id AS name_raw_contact_id FROM contacts \
        JOIN raw_contacts ON contacts.name_raw_contact_id = raw_contacts._id WHERE raw_contacts.deleted = 0;",
};

const EMAIL: i64 = 1;
const ORGANIZATION: i64 = 4;
const PHONE: i64 = 5;
const NAME: i64 = 7;
const NOTE: i64 = 12;

/// What kind of number or address it is; the numbers are Android's for phones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LabelKind {
    /// A label of the user's own.
    Custom = 0,
    /// Home.
    Home = 1,
    /// Mobile, the default.
    #[default]
    Mobile = 2,
    /// Work.
    Work = 3,
    /// Work fax.
    WorkFax = 4,
    /// Home fax.
    HomeFax = 5,
    /// Pager.
    Pager = 6,
    /// Other.
    Other = 7,
    /// Main.
    Main = 12,
}

impl LabelKind {
    /// The name in the app's list of labels.
    pub fn name(self) -> &'static str {
        match self {
            LabelKind::Custom => "Custom",
            LabelKind::Home => "Home",
            LabelKind::Mobile => "Mobile",
            LabelKind::Work => "Work",
            LabelKind::WorkFax => "Work Fax",
            LabelKind::HomeFax => "Home Fax",
            LabelKind::Pager => "Pager",
            LabelKind::Other => "Other",
            LabelKind::Main => "Main",
        }
    }

    /// Android's number for it in a row of an e-mail address, where the numbers are others.
    fn email_number(self) -> i64 {
        match self {
            LabelKind::Custom => 0,
            LabelKind::Home => 1,
            LabelKind::Work => 2,
            LabelKind::Mobile => 4,
            _ => 3,
        }
    }

    fn from_email_number(number: i64) -> LabelKind {
        match number {
            0 => LabelKind::Custom,
            2 => LabelKind::Work,
            3 => LabelKind::Other,
            4 => LabelKind::Mobile,
            _ => LabelKind::Home,
        }
    }

    /// The kind with this number.
    pub fn from_number(number: i64) -> LabelKind {
        use LabelKind::*;
        [
            Custom, Home, Mobile, Work, WorkFax, HomeFax, Pager, Other, Main,
        ]
        .into_iter()
        .find(|kind| *kind as i64 == number)
        .unwrap_or(Mobile)
    }
}

/// A phone number or e-mail address with its label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labelled {
    /// The number as it was entered, or the address.
    pub value: String,
    /// Its label.
    pub kind: LabelKind,
    /// The user's own words for [`LabelKind::Custom`]; without any there is no label.
    pub label: String,
}

impl Labelled {
    /// What the label says.
    pub fn label_text(&self) -> &str {
        match self.kind {
            LabelKind::Custom if self.label.is_empty() => "No label",
            LabelKind::Custom => &self.label,
            kind => kind.name(),
        }
    }
}

/// One person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// Row id; 0 for one that is not stored.
    pub id: i64,
    /// Before the name, e.g. a title.
    pub prefix: String,
    /// First name.
    pub given: String,
    /// Between first and last name.
    pub middle: String,
    /// Last name.
    pub family: String,
    /// After the name, e.g. `Jr.`.
    pub suffix: String,
    /// Company.
    pub company: String,
    /// Phone numbers.
    pub phones: Vec<Labelled>,
    /// E-mail addresses.
    pub emails: Vec<Labelled>,
    /// Notes.
    pub notes: String,
    /// Marked as a favourite.
    pub starred: bool,
}

impl Contact {
    /// The parts of the name in their order; else the company, a number or an address.
    pub fn display_name(&self) -> String {
        let mut name = String::new();
        for part in [&self.prefix, &self.given, &self.middle, &self.family] {
            let part = part.trim();
            if !part.is_empty() {
                if !name.is_empty() {
                    name.push(' ');
                }
                name.push_str(part);
            }
        }
        match (name.is_empty(), self.suffix.trim()) {
            (_, "") => {}
            (true, suffix) => name.push_str(suffix),
            (false, suffix) => {
                name.push_str(", ");
                name.push_str(suffix);
            }
        }
        let first = |list: &[Labelled]| list.first().map(|one| one.value.clone());
        if !name.is_empty() {
            name
        } else if !self.company.is_empty() {
            self.company.clone()
        } else {
            first(&self.phones)
                .or_else(|| first(&self.emails))
                .unwrap_or_default()
        }
    }

    fn has_name(&self) -> bool {
        [
            &self.prefix,
            &self.given,
            &self.middle,
            &self.family,
            &self.suffix,
        ]
        .iter()
        .any(|part| !part.trim().is_empty())
    }
}

/// All contacts, sorted by display name without regard to case.
pub fn list(system: &System) -> Result<Vec<Contact>, PhoneError> {
    SCHEMA.with(system, |connection| {
        let mut statement = connection
            .prepare("SELECT _id FROM view_contacts ORDER BY display_name COLLATE NOCASE, _id")?;
        let ids: Vec<i64> = statement
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        ids.into_iter()
            .filter_map(|id| load(connection, id).transpose())
            .collect()
    })
}

/// One contact.
pub fn get(system: &System, id: i64) -> Result<Option<Contact>, PhoneError> {
    SCHEMA.with(system, |connection| load(connection, id))
}

fn load(connection: &Connection, id: i64) -> rusqlite::Result<Option<Contact>> {
    let found: Option<(i64, bool)> = connection
        .query_row(
            "SELECT name_raw_contact_id, starred FROM contacts WHERE _id = ?1",
            [id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((raw, starred)) = found else {
        return Ok(None);
    };
    let mut contact = Contact {
        id,
        starred,
        ..Contact::default()
    };
    let mut statement = connection.prepare(
        "SELECT mimetype_id, data1, data2, data3, data4, data5, data6 FROM data WHERE raw_contact_id = ?1 ORDER BY _id",
    )?;
    let mut rows = statement.query([raw])?;
    while let Some(row) = rows.next()? {
        let text = |column: usize| -> rusqlite::Result<String> {
            Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
        };
        let labelled = |kind_of: fn(i64) -> LabelKind| -> rusqlite::Result<Labelled> {
            Ok(Labelled {
                value: text(1)?,
                // Without a number the kind is the usual one.
                kind: kind_of(text(2)?.parse().unwrap_or(-1)),
                label: text(3)?,
            })
        };
        match row.get::<_, i64>(0)? {
            NAME => {
                (contact.given, contact.family) = (text(2)?, text(3)?);
                (contact.prefix, contact.middle, contact.suffix) = (text(4)?, text(5)?, text(6)?);
            }
            PHONE => contact.phones.push(labelled(LabelKind::from_number)?),
            EMAIL => contact.emails.push(labelled(LabelKind::from_email_number)?),
            ORGANIZATION => contact.company = text(1)?,
            NOTE => contact.notes = text(1)?,
            _ => {}
        }
    }
    Ok(Some(contact))
}

/// Stores a contact and returns its id: a new one when the id is 0, else the changed one.
pub fn save(system: &System, contact: &Contact) -> Result<i64, PhoneError> {
    let now = system.clock.now_millis();
    SCHEMA.with(system, |connection| store(connection, contact, now))
}

fn store(connection: &mut Connection, contact: &Contact, now: i64) -> rusqlite::Result<i64> {
    let transaction = connection.transaction()?;
    let name = contact.display_name();
    let reversed = match (contact.given.trim(), contact.family.trim()) {
        (given, family) if !given.is_empty() && !family.is_empty() => format!("{family}, {given}"),
        _ => name.clone(),
    };
    let raw: Option<i64> = transaction
        .query_row(
            "SELECT name_raw_contact_id FROM contacts WHERE _id = ?1",
            [contact.id],
            |row| row.get(0),
        )
        .optional()?;
    let raw = match raw {
        Some(raw) => {
            transaction.execute("DELETE FROM data WHERE raw_contact_id = ?1", [raw])?;
            transaction.execute(
                "UPDATE raw_contacts SET display_name = ?1, display_name_alt = ?2, sort_key = ?1, \
                 starred = ?3, version = version + 1 WHERE _id = ?4",
                params![name, reversed, contact.starred, raw],
            )?;
            raw
        }
        None => {
            transaction.execute(
                "INSERT INTO raw_contacts (account_id, display_name, display_name_alt, sort_key, \
                 display_name_source, starred) VALUES (1, ?1, ?2, ?1, 40, ?3)",
                params![name, reversed, contact.starred],
            )?;
            transaction.last_insert_rowid()
        }
    };
    let has_phone = !contact.phones.is_empty();
    let id = if contact.id != 0 {
        transaction.execute(
            "UPDATE contacts SET starred = ?1, has_phone_number = ?2, \
             contact_last_updated_timestamp = ?3 WHERE _id = ?4",
            params![contact.starred, has_phone, now, contact.id],
        )?;
        contact.id
    } else {
        transaction.execute(
            "INSERT INTO contacts (name_raw_contact_id, starred, has_phone_number, lookup, \
             contact_last_updated_timestamp) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                raw,
                contact.starred,
                has_phone,
                format!("0r{raw}-{now:X}"),
                now
            ],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.execute(
            "UPDATE raw_contacts SET contact_id = ?1 WHERE _id = ?2",
            params![id, raw],
        )?;
        id
    };
    let add = |kind: i64, values: [&str; 6]| {
        transaction.execute(
            "INSERT INTO data (mimetype_id, raw_contact_id, data1, data2, data3, data4, data5, data6) \
             VALUES (?1, ?2, ?3, NULLIF(?4, ''), NULLIF(?5, ''), NULLIF(?6, ''), NULLIF(?7, ''), NULLIF(?8, ''))",
            params![
                kind, raw, values[0], values[1], values[2], values[3], values[4], values[5]
            ],
        )
    };
    if contact.has_name() {
        add(
            NAME,
            [
                &name,
                contact.given.trim(),
                contact.family.trim(),
                contact.prefix.trim(),
                contact.middle.trim(),
                contact.suffix.trim(),
            ],
        )?;
    }
    for phone in &contact.phones {
        let digits: String = phone
            .value
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect();
        let kind = (phone.kind as i64).to_string();
        add(PHONE, [&phone.value, &kind, &phone.label, &digits, "", ""])?;
    }
    for email in &contact.emails {
        let kind = email.kind.email_number().to_string();
        add(EMAIL, [&email.value, &kind, &email.label, "", "", ""])?;
    }
    if !contact.company.is_empty() {
        add(ORGANIZATION, [&contact.company, "1", "", "", "", ""])?;
    }
    if !contact.notes.is_empty() {
        add(NOTE, [&contact.notes, "", "", "", "", ""])?;
    }
    transaction.commit()?;
    Ok(id)
}

/// Removes a contact; tells whether it was there.
pub fn remove(system: &System, id: i64) -> Result<bool, PhoneError> {
    SCHEMA.with(system, |connection| {
        let transaction = connection.transaction()?;
        transaction.execute(
            "DELETE FROM data WHERE raw_contact_id IN (SELECT _id FROM raw_contacts WHERE contact_id = ?1)",
            [id],
        )?;
        transaction.execute("DELETE FROM raw_contacts WHERE contact_id = ?1", [id])?;
        let removed = transaction.execute("DELETE FROM contacts WHERE _id = ?1", [id])?;
        transaction.commit()?;
        Ok(removed > 0)
    })
}

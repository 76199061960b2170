//! Databases and folders of apps as a checker without the app handles them: the whole folder comes over the
//! wire, opens with stock SQLite and has the tables that AndroidWorld's harness knows; what is changed in
//! it and pushed back is what the app shows after its next start.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use rusqlite::Connection;
use stepdroid::adb::{self, Adb};
use stepdroid::domain::ScreenSize;
use stepdroid::phone::{ClockMode, Phone, PhoneOptions, apps};

/// Columns of a table that the harness reads.
enum Columns {
    /// It maps every one of these; another one would be an error for it.
    All(&'static [&'static str]),
    /// It asks for these by name.
    Some(&'static [&'static str]),
}

/// A database of an app, a change, and where the app shows it.
struct Case {
    package: &'static str,
    folder: &'static str,
    file: &'static str,
    tables: &'static [(&'static str, Columns)],
    /// What must be on the phone for the change to mean something.
    before: &'static str,
    change: &'static str,
    /// What is touched after the app's start.
    way: &'static [&'static str],
    shows: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        package: "com.simplemobiletools.calendar.pro",
        folder: "/data/data/com.simplemobiletools.calendar.pro/databases",
        file: "events.db",
        tables: &[(
            "events",
            Columns::All(&[
                "id",
                "start_ts",
                "end_ts",
                "title",
                "location",
                "description",
                "repeat_interval",
                "repeat_rule",
                "reminder_1_minutes",
                "reminder_2_minutes",
                "reminder_3_minutes",
                "reminder_1_type",
                "reminder_2_type",
                "reminder_3_type",
                "repeat_limit",
                "repetition_exceptions",
                "attendees",
                "import_id",
                "time_zone",
                "flags",
                "event_type",
                "parent_id",
                "last_updated",
                "source",
                "availability",
                "color",
                "type",
            ]),
        )],
        before: "true",
        change: "INSERT INTO events (start_ts, end_ts, title, location, description, repeat_interval, \
                 repeat_rule, reminder_1_minutes, reminder_2_minutes, reminder_3_minutes, \
                 reminder_1_type, reminder_2_type, reminder_3_type, repeat_limit, \
                 repetition_exceptions, attendees, import_id, time_zone, flags, event_type, parent_id, \
                 last_updated, source, availability, color, type) \
                 VALUES (1697472000, 1697475600, 'Choir night', '', '', 0, 0, -1, -1, -1, 0, 0, 0, 0, \
                 '[]', '', '', 'UTC', 0, 1, 0, 0, 'imported-ics', 0, 0, 0)",
        // The month is a picture without texts.
        way: &["Change view", "Simple event list"],
        shows: &["Choir night"],
    },
    Case {
        package: "com.arduia.expense",
        folder: "/data/data/com.arduia.expense/databases",
        file: "accounting.db",
        tables: &[(
            "expense",
            Columns::All(&[
                "expense_id",
                "name",
                "amount",
                "category",
                "note",
                "created_date",
                "modified_date",
            ]),
        )],
        before: "true",
        change: "INSERT INTO expense (name, amount, category, note, created_date, modified_date) \
                 VALUES ('Bridge toll', 1234, 7, 'cash', 1697380000000, 1697380000000)",
        way: &[],
        shows: &["Bridge toll"],
    },
    Case {
        package: "com.flauschcode.broccoli",
        folder: "/data/data/com.flauschcode.broccoli/databases",
        file: "broccoli",
        tables: &[(
            "recipes",
            Columns::All(&[
                "recipeId",
                "title",
                "description",
                "servings",
                "preparationTime",
                "source",
                "ingredients",
                "directions",
                "imageName",
                "favorite",
            ]),
        )],
        before: "true",
        change: "INSERT INTO recipes (title, description, servings, preparationTime, source, ingredients, \
                 directions, imageName, favorite) \
                 VALUES ('Plum dumplings', 'Warm', '4', '30 mins', '', 'plums', 'Boil.', '', 0)",
        way: &[],
        shows: &["Plum dumplings"],
    },
    Case {
        package: "org.videolan.vlc",
        folder: "/data/data/org.videolan.vlc/app_db",
        file: "vlc_media.db",
        tables: &[
            ("Playlist", Columns::Some(&["id_playlist", "name"])),
            ("Media", Columns::Some(&["id_media", "filename"])),
            (
                "PlaylistMediaRelation",
                Columns::Some(&["media_id", "playlist_id", "position"]),
            ),
        ],
        before: "true",
        change: "INSERT INTO Playlist (name) VALUES ('Evening films')",
        way: &["Playlists"],
        shows: &["Evening films"],
    },
    Case {
        package: "code.name.monkey.retromusic",
        folder: "/data/data/code.name.monkey.retromusic/databases",
        file: "playlist.db",
        tables: &[
            (
                "PlaylistEntity",
                Columns::Some(&["playlist_id", "playlist_name"]),
            ),
            (
                "SongEntity",
                Columns::Some(&["song_key", "playlist_creator_id", "title", "duration"]),
            ),
        ],
        before: "true",
        change: "INSERT INTO PlaylistEntity (playlist_name) VALUES ('Slow rivers')",
        way: &["Playlists"],
        shows: &["Slow rivers"],
    },
    Case {
        package: "code.name.monkey.retromusic",
        folder: "/data/data/code.name.monkey.retromusic/databases",
        file: "music_playback_state.db",
        tables: &[("playing_queue", Columns::Some(&["title"]))],
        before: "true",
        change: "INSERT INTO playing_queue VALUES (7, 'Harbour bells', 1, 2020, 180000, \
                 '/storage/emulated/0/Music/Harbour bells.mp3', 0, 1, 'Port', 1, 'Ida', NULL, NULL)",
        way: &[],
        shows: &["Harbour bells"],
    },
    Case {
        package: "net.osmand",
        folder: "/data/data/net.osmand/databases",
        file: "map_markers_db",
        tables: &[(
            "map_markers",
            Columns::All(&[
                "marker_id",
                "marker_lat",
                "marker_lon",
                "marker_description",
                "marker_active",
                "marker_added",
                "marker_visited",
                "group_name",
                "group_key",
                "marker_color",
                "marker_next_key",
                "marker_disabled",
                "marker_selected",
                "marker_map_object_name",
                "title",
            ]),
        )],
        before: "true",
        change: "INSERT INTO map_markers (marker_id, marker_lat, marker_lon, marker_description, \
                 marker_active, marker_added, marker_visited, marker_color) \
                 VALUES ('1', 47.14, 9.52, 'Location#Old mill', 1, 1697380000000, 0, 1)",
        way: &["map_menu_button", "Map markers"],
        shows: &["Old mill"],
    },
    Case {
        package: "org.tasks",
        folder: "/data/data/org.tasks/databases",
        file: "database",
        tables: &[(
            "tasks",
            Columns::All(&[
                "_id",
                "title",
                "importance",
                "dueDate",
                "hideUntil",
                "created",
                "modified",
                "completed",
                "deleted",
                "notes",
                "estimatedSeconds",
                "elapsedSeconds",
                "timerStart",
                "notificationFlags",
                "lastNotified",
                "recurrence",
                "repeat_from",
                "calendarUri",
                "remoteId",
                "collapsed",
                "parent",
                "order",
                "read_only",
            ]),
        )],
        before: "true",
        change: "INSERT INTO tasks (title, importance, dueDate, hideUntil, created, modified, completed, \
                 deleted, estimatedSeconds, elapsedSeconds, timerStart, notificationFlags, \
                 lastNotified, repeat_from, remoteId, collapsed, parent, read_only) \
                 VALUES ('Oil the gate', 2, 1697500000000, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, '77', 0, 0, 0)",
        way: &[],
        shows: &["Oil the gate"],
    },
    Case {
        package: "de.dennisguse.opentracks",
        folder: "/data/data/de.dennisguse.opentracks/databases",
        file: "database.db",
        tables: &[(
            "tracks",
            Columns::All(&[
                "_id",
                "name",
                "description",
                "category",
                "activity_type",
                "starttime",
                "stoptime",
                "totaltime",
                "movingtime",
                "totaldistance",
                "avgspeed",
                "avgmovingspeed",
                "maxspeed",
                "minelevation",
                "maxelevation",
                "elevationgain",
                "elevationloss",
                "numpoints",
                "starttime_offset",
                "icon",
                "uuid",
            ]),
        )],
        before: "true",
        change: "INSERT INTO tracks (name, description, category, activity_type, starttime, stoptime, \
                 totaltime, movingtime, totaldistance, avgspeed, avgmovingspeed, maxspeed, \
                 minelevation, maxelevation, elevationgain, elevationloss, numpoints, \
                 starttime_offset, uuid) VALUES ('Lake loop', '', 'biking', 'biking', 1697360000000, \
                 1697363600000, 3600000, 3600000, 12000.0, 3.3, 3.3, 0, 0, 0, 40, 0, 0, 0, randomblob(16))",
        way: &[],
        shows: &["Lake loop"],
    },
    Case {
        package: "net.cozic.joplin",
        folder: "/data/data/net.cozic.joplin/databases",
        file: "joplin.sqlite",
        tables: &[
            (
                "folders",
                Columns::All(&[
                    "id",
                    "title",
                    "created_time",
                    "updated_time",
                    "user_created_time",
                    "user_updated_time",
                    "encryption_cipher_text",
                    "encryption_applied",
                    "parent_id",
                    "is_shared",
                    "share_id",
                    "master_key_id",
                    "icon",
                    "user_data",
                    "deleted_time",
                ]),
            ),
            (
                "notes",
                Columns::Some(&[
                    "id",
                    "parent_id",
                    "title",
                    "body",
                    "created_time",
                    "updated_time",
                    "user_created_time",
                    "user_updated_time",
                    "is_conflict",
                    "latitude",
                    "longitude",
                    "altitude",
                    "author",
                    "source_url",
                    "is_todo",
                    "todo_due",
                    "todo_completed",
                    "source",
                    "source_application",
                    "application_data",
                    "order",
                    "encryption_cipher_text",
                    "encryption_applied",
                    "markup_language",
                    "is_shared",
                    "share_id",
                    "conflict_original_id",
                    "master_key_id",
                    "user_data",
                ]),
            ),
            (
                "notes_normalized",
                Columns::All(&[
                    "id",
                    "parent_id",
                    "title",
                    "body",
                    "latitude",
                    "longitude",
                    "altitude",
                    "source_url",
                    "is_todo",
                    "todo_due",
                    "todo_completed",
                    "user_created_time",
                    "user_updated_time",
                ]),
            ),
        ],
        before: "true",
        change: "INSERT INTO folders (id, title, created_time, updated_time) \
                 VALUES ('0123456789abcdef0123456789abcdef', 'Garden', 5, 5); \
                 INSERT INTO notes (id, parent_id, title, body, created_time, updated_time) \
                 VALUES ('1123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef', \
                 'Seed order', 'Beans', 7, 7); \
                 INSERT INTO notes_normalized (id, parent_id, title, body) \
                 VALUES ('1123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef', \
                 'seed order', 'beans')",
        way: &[],
        shows: &["Seed order"],
    },
    Case {
        package: "com.google.android.deskclock",
        folder: "/data/data/com.google.android.deskclock/databases",
        file: "alarms.db",
        tables: &[(
            "alarm_templates",
            Columns::Some(&["_id", "hour", "minutes", "daysofweek", "enabled", "label"]),
        )],
        before: "true",
        change: "INSERT INTO alarm_templates (hour, minutes, daysofweek, enabled, vibrate, label) \
                 VALUES (5, 5, 0, 1, 0, '')",
        way: &["Alarm"],
        shows: &["05:05"],
    },
    Case {
        package: "com.dimowner.audiorecorder",
        folder: "/data/data/com.dimowner.audiorecorder/databases",
        file: "records.db",
        tables: &[(
            "records",
            Columns::Some(&[
                "_id", "name", "duration", "created", "path", "format", "size",
            ]),
        )],
        before: "mkdir -p /sdcard/Android/data/com.dimowner.audiorecorder/files/Music/records; \
                 echo x > /sdcard/Android/data/com.dimowner.audiorecorder/files/Music/records/Birds.m4a",
        change: "INSERT INTO records (name, duration, created, added, path, format, size, data, data_str) \
                 VALUES ('Birds', 2000000, 1697380000000, 1697380000000, \
                 '/storage/emulated/0/Android/data/com.dimowner.audiorecorder/files/Music/records/Birds.m4a', \
                 'm4a', 2, x'', x'')",
        way: &["btn_records_list"],
        shows: &["Birds"],
    },
    // The providers' packages hold these; their apps read through them.
    Case {
        package: "com.simplemobiletools.smsmessenger",
        folder: "/data/data/com.android.providers.telephony/databases",
        file: "mmssms.db",
        tables: &[
            (
                "sms",
                Columns::Some(&["_id", "thread_id", "address", "date", "type", "body"]),
            ),
            (
                "threads",
                Columns::Some(&["_id", "date", "message_count", "snippet"]),
            ),
        ],
        // A conversation is what a client would need a phone's own numbering for.
        before: "content insert --uri content://sms/inbox --bind address:s:+15550101234 \
                 --bind body:s:Hello --bind date:l:1697370000000 --bind read:i:1",
        change: "UPDATE sms SET body = 'The ferry is late'",
        way: &[],
        shows: &["The ferry is late"],
    },
    Case {
        package: "com.google.android.contacts",
        folder: "/data/data/com.android.providers.contacts/databases",
        file: "contacts2.db",
        tables: &[
            ("contacts", Columns::Some(&["_id", "name_raw_contact_id"])),
            (
                "raw_contacts",
                Columns::Some(&["_id", "contact_id", "display_name"]),
            ),
            (
                "data",
                Columns::Some(&["_id", "mimetype_id", "raw_contact_id", "data1"]),
            ),
        ],
        before: "true",
        change: "INSERT INTO raw_contacts (_id, contact_id, display_name, display_name_alt, sort_key) \
                 VALUES (41, 41, 'Mira Holt', 'Holt, Mira', 'Mira Holt'); \
                 INSERT INTO contacts (_id, name_raw_contact_id) VALUES (41, 41); \
                 INSERT INTO data (mimetype_id, raw_contact_id, data1, data2, data3) \
                 VALUES (7, 41, 'Mira Holt', 'Mira', 'Holt')",
        way: &[],
        shows: &["Mira Holt"],
    },
    Case {
        package: "com.google.android.dialer",
        folder: "/data/data/com.android.providers.contacts/databases",
        file: "calllog.db",
        tables: &[(
            "calls",
            Columns::Some(&["_id", "number", "date", "duration", "type"]),
        )],
        before: "true",
        change: "INSERT INTO calls (number, date, duration, type) \
                 VALUES ('+15550104321', 1697380000000, 60, 1)",
        way: &[],
        shows: &["+1 555-010-4321"],
    },
];

/// A phone whose apps are set up, and its wire.
async fn phone() -> (Phone, Adb) {
    let phone = Phone::start(PhoneOptions {
        size: ScreenSize::parse("540x1200").unwrap(),
        clock: ClockMode::Steps,
        ..PhoneOptions::default()
    })
    .await
    .unwrap();
    apps::pass_first_run(&mut phone.machine().lock().system).unwrap();
    let adb = adb::connect(&phone.serial()).await.unwrap();
    assert_eq!(adb.shell_ok("whoami").await.unwrap().trim(), "root");
    (phone, adb)
}

/// Every regular file of a folder, as the harness takes it.
async fn pull(adb: &Adb, folder: &str, place: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in adb.list(folder).await.unwrap() {
        let path = format!("{folder}/{}", entry.name);
        if entry.stat.mode & 0o170_000 == 0o100_000 {
            let data = adb.read_file(&path).await.unwrap();
            std::fs::write(place.join(&entry.name), data).unwrap();
            names.push(entry.name);
        }
    }
    names
}

/// Empties a folder and pushes one file into it, as the harness does: the app's other files are gone.
async fn push_alone(adb: &Adb, folder: &str, place: &Path, file: &str) {
    let path = format!("{folder}/{file}");
    if !adb
        .shell_ok(&format!("ls -1 {folder}"))
        .await
        .unwrap()
        .trim()
        .is_empty()
    {
        adb.shell_ok(&format!("rm -r {folder}/*")).await.unwrap();
    }
    let data = std::fs::read(place.join(file)).unwrap();
    adb.write_file(&path, &data, 0o644).await.unwrap();
    adb.shell_ok(&format!("chmod 777 {path}")).await.unwrap();
}

/// What the screen says: one line for each text, description and id.
fn words(dump: &str) -> String {
    let document = roxmltree::Document::parse(tree(dump)).unwrap();
    let mut words = String::new();
    for node in document.descendants() {
        for attribute in ["text", "content-desc", "resource-id"] {
            let said = node.attribute(attribute).unwrap_or_default();
            if !said.is_empty() {
                words += &format!("{said}\n");
            }
        }
    }
    words
}

/// The XML of a dump, without what is said behind it.
fn tree(dump: &str) -> &str {
    dump.split("UI hierchary").next().unwrap()
}

async fn dump(adb: &Adb) -> String {
    adb.shell_ok("uiautomator dump /dev/tty").await.unwrap()
}

/// Touches what is called so by its text, description or id.
async fn tap(adb: &Adb, name: &str) {
    let dump = dump(adb).await;
    let document = roxmltree::Document::parse(tree(&dump)).unwrap();
    let is = |node: &roxmltree::Node<'_, '_>| {
        let has = |attribute| node.attribute(attribute) == Some(name);
        let id = node.attribute("resource-id").unwrap_or_default();
        has("text") || has("content-desc") || id.ends_with(&format!("/{name}"))
    };
    let found = document.descendants().find(is);
    let found = found.unwrap_or_else(|| panic!("no {name:?} in {}", words(&dump)));
    let numbers: Vec<i32> = found
        .attribute("bounds")
        .unwrap()
        .split(|one: char| !one.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .collect();
    let [left, top, right, bottom] = numbers[..] else {
        panic!("{numbers:?}");
    };
    let (x, y) = ((left + right) / 2, (top + bottom) / 2);
    adb.shell_ok(&format!("input tap {x} {y}")).await.unwrap();
}

/// Starts an app anew and goes to where it shows something.
async fn see(adb: &Adb, package: &str, way: &[&str]) -> String {
    adb.shell_ok(&format!("am force-stop {package}; monkey -p {package} 1"))
        .await
        .unwrap();
    for name in way {
        tap(adb, name).await;
    }
    words(&dump(adb).await)
}

fn columns(connection: &Connection, table: &str) -> Vec<String> {
    let sql = "SELECT name FROM pragma_table_info(?1)";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([table], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_have_the_catalogued_tables_and_what_is_pushed_back_is_shown() {
    let (phone, adb) = phone().await;
    let mut wrong = Vec::new();
    for case in CASES {
        let path = format!("{}/{}", case.folder, case.file);
        // The first start makes what is missing.
        let before = see(&adb, case.package, case.way).await;
        adb.shell_ok(case.before).await.unwrap();
        let place = tempfile::tempdir().unwrap();
        let names = pull(&adb, case.folder, place.path()).await;
        assert!(
            names.iter().any(|name| name == case.file),
            "{path}: {names:?}"
        );

        let connection = Connection::open(place.path().join(case.file)).unwrap();
        let check: String = connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(check, "ok", "{path}");
        for (table, wanted) in case.tables {
            let mut found = columns(&connection, table);
            let mut wanted: Vec<&str> = match wanted {
                Columns::All(names) => names.to_vec(),
                Columns::Some(names) => {
                    found.retain(|name| names.contains(&name.as_str()));
                    names.to_vec()
                }
            };
            found.sort_unstable();
            wanted.sort_unstable();
            if found != wanted {
                wrong.push(format!("{path}, {table}: {found:?} and not {wanted:?}"));
            }
        }
        connection.execute_batch(case.change).unwrap();
        connection.close().unwrap();

        push_alone(&adb, case.folder, place.path(), case.file).await;
        let after = see(&adb, case.package, case.way).await;
        for words in case.shows {
            assert!(
                !before.contains(words),
                "{path}: {words:?} was there before"
            );
            if !after.contains(words) {
                wrong.push(format!("{path}: no {words:?} in {after}"));
            }
        }
        // What the app writes from then on goes into the file that was pushed.
        let there = adb.list(case.folder).await.unwrap();
        assert!(there.iter().any(|entry| entry.name == case.file), "{path}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_of_files_are_replaced_and_shown() {
    let (phone, adb) = phone().await;
    let notes = "/storage/emulated/0/Documents/Markor";
    let script =
        format!("mkdir -p {notes}; echo 'Buy bread' > {notes}/errands.md; echo x > {notes}/old.md");
    adb.shell_ok(&script).await.unwrap();
    let markor = "net.gsantner.markor";
    assert!(see(&adb, markor, &[]).await.contains("old.md"));
    let place = tempfile::tempdir().unwrap();
    let mut names = pull(&adb, notes, place.path()).await;
    names.sort_unstable();
    assert_eq!(names, ["errands.md", "old.md"]);
    let errands = std::fs::read_to_string(place.path().join("errands.md")).unwrap();
    std::fs::write(
        place.path().join("errands.md"),
        format!("{errands}Post the letter\n"),
    )
    .unwrap();
    push_alone(&adb, notes, place.path(), "errands.md").await;
    let list = see(&adb, markor, &[]).await;
    assert!(
        list.contains("errands.md") && !list.contains("old.md"),
        "{list}"
    );
    let note = see(&adb, markor, &["File errands.md "]).await;
    assert!(
        note.contains("Buy bread") && note.contains("Post the letter"),
        "{note}"
    );

    // OsmAnd keeps favourites and tracks in files of its own.
    let osmand = "net.osmand";
    let favorites = "/sdcard/Android/data/net.osmand/files/favorites";
    adb.shell_ok(&format!("mkdir -p {favorites}"))
        .await
        .unwrap();
    let gpx = "<?xml version='1.0' encoding='UTF-8'?>\n<gpx version=\"1.1\" creator=\"OsmAnd\" \
               xmlns=\"http://www.topografix.com/GPX/1/1\">\n<wpt lat=\"47.13\" lon=\"9.59\">\n\
               <name>Stone bridge</name>\n</wpt>\n</gpx>\n";
    std::fs::write(place.path().join("favorites.gpx"), gpx).unwrap();
    push_alone(&adb, favorites, place.path(), "favorites.gpx").await;
    let places = see(&adb, osmand, &["map_menu_button", "My Places"]).await;
    assert!(places.contains("Stone bridge"), "{places}");
    phone.stop().await;
}

//! The apps' databases: tables that AndroidWorld's harness knows, a change to each, and where the app shows it.

/// Columns of a table that the harness reads.
pub enum Columns {
    /// It maps every one of these; another one would be an error for it.
    All(&'static [&'static str]),
    /// It asks for these by name.
    Some(&'static [&'static str]),
}

/// A database of an app, a change, and where the app shows it.
pub struct Case {
    pub package: &'static str,
    pub folder: &'static str,
    pub file: &'static str,
    pub tables: &'static [(&'static str, Columns)],
    /// What must be on the phone for the change to mean something.
    pub before: &'static str,
    pub change: &'static str,
    /// What is touched after the app's start.
    pub way: &'static [&'static str],
    pub shows: &'static [&'static str],
}

pub const CASES: &[Case] = &[
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

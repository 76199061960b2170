//! Databases of apps that no app would have written: the apps open them and the phone lives on.

use std::fs;
use std::path::Path;

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;
use stepdroid::domain::ScreenSize;
use stepdroid::phone::{ClockMode, Phone, PhoneOptions, apps};

/// Apps with a database: package, path below the private directory.
const APPS: [(&str, &str); 13] = [
    ("com.flauschcode.broccoli", "databases/broccoli"),
    ("org.tasks", "databases/database"),
    ("net.cozic.joplin", "databases/joplin.sqlite"),
    ("code.name.monkey.retromusic", "databases/playlist.db"),
    (
        "code.name.monkey.retromusic",
        "databases/music_playback_state.db",
    ),
    ("org.videolan.vlc", "app_db/vlc_media.db"),
    ("com.google.android.deskclock", "databases/alarms.db"),
    ("com.dimowner.audiorecorder", "databases/records.db"),
    ("net.osmand", "databases/map_markers_db"),
    ("com.arduia.expense", "databases/accounting.db"),
    ("com.simplemobiletools.calendar.pro", "databases/events.db"),
    ("de.dennisguse.opentracks", "databases/database.db"),
    (
        "com.simplemobiletools.smsmessenger",
        "../com.android.providers.telephony/databases/mmssms.db",
    ),
];

/// Values that no column expects.
const VALUES: [&str; 14] = [
    "NULL",
    "-9223372036854775808",
    "9223372036854775807",
    "-1",
    "1e308",
    "-9e999",
    "9e999",
    "x'ff00fe80'",
    "''",
    "'NaN'",
    "'\u{202e}\u{0}\u{1f469}\u{200d}\u{1f680}'",
    "hex(zeroblob(100000))",
    "x''",
    "'%s %n {} \\ \" <b>'",
];

/// Queries in place of a table.
const ENDLESS: &str = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";

/// A phone whose apps are set up.
pub async fn phone() -> Phone {
    let phone = Phone::start(PhoneOptions {
        size: ScreenSize::parse("540x1200").unwrap(),
        clock: ClockMode::Steps,
        ..PhoneOptions::default()
    })
    .await
    .unwrap();
    apps::pass_first_run(&mut phone.machine().lock().system).unwrap();
    phone
}

/// Opens an app and touches whatever is there. A panic of the phone is one of this thread.
pub fn play(phone: &Phone, package: &str, random: &mut ChaCha8Rng, touches: u32) {
    phone.shell(&format!("monkey -p {package} 1"));
    for touch in 0..touches {
        let dump = phone.shell("uiautomator dump /dev/tty");
        let xml = dump.text();
        assert!(
            xml.contains("</hierarchy>"),
            "{package}: {xml} {}",
            dump.error_text()
        );
        assert!(touch > 0 || xml.contains(package), "{package}: {xml}");
        assert_eq!(phone.frame().width, 540);
        let (x, y) = (random.random_range(0..540), random.random_range(40..1150));
        let centres: Vec<(i32, i32)> = xml
            .split("<node ")
            .filter(|node| node.contains("clickable=\"true\""))
            .filter_map(centre)
            .collect();
        let (x, y) = centres.choose(random).copied().unwrap_or((x, y));
        phone.shell(&match random.random_range(0..8) {
            0 => format!("input swipe {x} {y} {x} {y} 900"),
            1 => "input swipe 270 900 270 200 200".to_owned(),
            2 => "input keyevent KEYCODE_BACK".to_owned(),
            _ => format!("input tap {x} {y}"),
        });
    }
    phone.shell(&format!("am force-stop {package}"));
}

fn centre(node: &str) -> Option<(i32, i32)> {
    let bounds = node.split("bounds=\"").nth(1)?.split('"').next()?;
    let numbers: Vec<i32> = bounds
        .split(|one: char| !one.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .collect();
    let [left, top, right, bottom] = numbers[..] else {
        return None;
    };
    Some(((left + right) / 2, (top + bottom) / 2))
}

fn tables(connection: &Connection) -> Vec<(String, Vec<String>)> {
    let names = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.flatten().collect()
    };
    names("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .into_iter()
        .map(|table| {
            let columns = names(&format!("SELECT name FROM pragma_table_info('{table}')"));
            (table, columns)
        })
        .collect()
}

/// Rows of hostile values in every table, and now and then another shape of the tables.
fn spoil(file: &Path, random: &mut ChaCha8Rng, round: u32) {
    let connection = Connection::open(file).unwrap();
    // What a constraint forbids is left out; hostile files need not obey the rest.
    let _ =
        connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
    for (table, columns) in tables(&connection) {
        if columns.is_empty() || table == "android_metadata" {
            continue;
        }
        let names = columns
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect::<Vec<_>>()
            .join(",");
        for row in 1..6 {
            let values: Vec<String> = columns
                .iter()
                .map(|_| match random.random_range(0..3) {
                    0 => row.to_string(),
                    1 => format!("'word {row}'"),
                    _ => (*VALUES.choose(random).unwrap()).to_owned(),
                })
                .collect();
            let _ = connection.execute_batch(&format!(
                "INSERT OR REPLACE INTO \"{table}\" ({names}) VALUES ({})",
                values.join(",")
            ));
        }
        for column in &columns {
            if random.random_ratio(1, 2) {
                let value = VALUES.choose(random).unwrap();
                let _ = connection.execute_batch(&format!(
                    "UPDATE OR IGNORE \"{table}\" SET \"{column}\" = {value}"
                ));
            }
        }
        let column = columns.choose(random).unwrap();
        let change = match (round, random.random_range(0..4)) {
            (0..2, _) => String::new(),
            (_, 0) => format!("ALTER TABLE \"{table}\" DROP COLUMN \"{column}\""),
            (_, 1) => format!("ALTER TABLE \"{table}\" RENAME COLUMN \"{column}\" TO unknown"),
            (_, 2) => format!("DROP TABLE \"{table}\""),
            _ => format!(
                "DROP TABLE \"{table}\"; CREATE VIEW \"{table}\" AS SELECT 1 AS \"{column}\""
            ),
        };
        let _ = connection.execute_batch(&change);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_wrong_content_and_shape_are_lived_with() {
    let phone = phone().await;
    for (package, name) in APPS {
        let path = format!("/data/data/{package}/{name}");
        phone.shell(&format!(
            "monkey -p {package} 1; input keyevent KEYCODE_HOME; am force-stop {package}"
        ));
        let host = phone.machine().files.host_path(&path).unwrap();
        if !host.exists() {
            fs::create_dir_all(host.parent().unwrap()).unwrap();
            fs::write(&host, "").unwrap();
        }
        let good = fs::read(&host).unwrap();
        for round in 0..4 {
            println!("{package} {round}");
            let mut random = ChaCha8Rng::seed_from_u64(u64::from(round));
            fs::write(&host, &good).unwrap();
            spoil(&host, &mut random, round);
            play(&phone, package, &mut random, 8);
        }
        let mut random = ChaCha8Rng::seed_from_u64(9);
        let mut bent = good.clone();
        for _ in 0..200 {
            if let Some(at) = (0..bent.len()).collect::<Vec<_>>().choose(&mut random) {
                bent[*at] = random.random();
            }
        }
        for bytes in [
            b"not a database".to_vec(),
            good[..good.len() / 2].to_vec(),
            bent,
        ] {
            fs::write(&host, bytes).unwrap();
            play(&phone, package, &mut random, 2);
        }
        fs::remove_file(&host).unwrap();
        fs::create_dir(&host).unwrap();
        play(&phone, package, &mut random, 2);
        fs::remove_dir(&host).unwrap();
        fs::write(&host, &good).unwrap();
    }
    super::client::answers(&phone).await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_without_end_is_given_up() {
    let phone = phone().await;
    for (package, name, table) in [
        ("org.tasks", "databases/database", "tasks"),
        ("com.arduia.expense", "databases/accounting.db", "expense"),
    ] {
        phone.shell(&format!(
            "monkey -p {package} 1; input keyevent KEYCODE_HOME; am force-stop {package}"
        ));
        let path = format!("/data/data/{package}/{name}");
        let host = phone.machine().files.host_path(&path).unwrap();
        let connection = Connection::open(&host).unwrap();
        let columns = tables(&connection)
            .into_iter()
            .find(|(found, _)| found == table)
            .map(|(_, columns)| columns)
            .unwrap_or_default();
        assert!(!columns.is_empty(), "{package} has no {table}");
        let columns: Vec<String> = columns
            .iter()
            .map(|name| format!("x AS \"{name}\""))
            .collect();
        connection
            .execute_batch(&format!(
                "DROP TABLE {table}; CREATE VIEW {table} AS {ENDLESS} SELECT {} FROM c",
                columns.join(",")
            ))
            .unwrap();
        drop(connection);
        let started = std::time::Instant::now();
        play(&phone, package, &mut ChaCha8Rng::seed_from_u64(0), 1);
        println!("{package}: {:?}", started.elapsed());
    }
    super::client::answers(&phone).await;
    phone.stop().await;
}

/// Files that this process has open outside of the phone without a name, as SQLite keeps what does not fit.
fn nameless() -> Vec<String> {
    let links = std::fs::read_dir("/proc/self/fd").unwrap();
    let targets = links.filter_map(|link| std::fs::read_link(link.unwrap().path()).ok());
    targets
        .map(|target| target.display().to_string())
        .filter(|target| target.contains("etilqs_"))
        .collect()
}

#[test]
fn what_queries_sort_stays_in_memory_and_within_bounds() {
    let options = stepdroid::phone::PhoneOptions::default();
    let (machine, _root) = stepdroid::phone::boot(&options).unwrap();
    let run = |sql: &str| {
        let script = format!("sqlite3 /sdcard/sort.db \"{sql}\"");
        stepdroid::phone::run_shell(&machine, &script, b"")
    };
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000000) ";
    // A sort, a set of what was seen, rows that are kept aside, long rows: more than fits.
    for sql in [
        "SELECT count(*) FROM (SELECT i, hex(randomblob(500)) AS t FROM n ORDER BY t, i LIMIT 90000000)",
        "SELECT count(*) FROM (SELECT DISTINCT hex(randomblob(500)) FROM n)",
        "SELECT length(group_concat(t)) FROM (SELECT randomblob(4000000) AS t FROM n ORDER BY t)",
    ] {
        let seen = std::thread::scope(|scope| {
            let watch = scope.spawn(|| {
                let mut seen = nameless();
                for _ in 0..20 {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                    seen.extend(nameless());
                }
                seen
            });
            let output = run(&format!("{rows}{sql}"));
            assert_eq!(output.error_text(), "Error: out of memory\n", "{sql}");
            assert_eq!(output.status, 1);
            watch.join().unwrap()
        });
        assert_eq!(seen, Vec::<String>::new(), "{sql}");
    }
    // What others rely on cannot be changed, and ordinary sorts work.
    run("PRAGMA hard_heap_limit=1; PRAGMA soft_heap_limit=1; PRAGMA temp_store=FILE");
    let sorted = run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) \
         SELECT i FROM n ORDER BY i DESC LIMIT 1; PRAGMA temp_store; PRAGMA hard_heap_limit",
    );
    assert_eq!(sorted.text(), "20000\n2\n0\n");
}

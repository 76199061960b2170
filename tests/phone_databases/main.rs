//! Databases and folders of apps as a checker without the app handles them: the whole folder comes over the
//! wire, opens with stock SQLite and has the tables that AndroidWorld's harness knows; what is changed in
//! it and pushed back is what the app shows after its next start.
#![allow(clippy::unwrap_used)]

mod cases;

use std::path::Path;

use cases::{CASES, Columns};
use rusqlite::Connection;
use stepdroid::adb::{self, Adb};
use stepdroid::domain::ScreenSize;
use stepdroid::phone::{ClockMode, Phone, PhoneOptions, apps};

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

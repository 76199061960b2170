//! Tasks.org: what the list says and leaves out, its groups and order, and what changes end in the database.

use super::driver::Phone;
use rusqlite::Connection;
use stepdroid::phone::apps::todo::database;

const TASKS: &str = "org.tasks";
const DAY: i64 = 86_400_000;
/// Midnight of the day that the phone begins on.
const TODAY: i64 = 1_697_328_000_000;

/// Inserts tasks as a client without the app does: title, importance, due, hidden until, completed, notes.
fn phone_with(rows: &[(&str, i64, i64, i64, i64, &str)]) -> Phone {
    let mut phone = Phone::new();
    let connection = sqlite(&phone);
    for (number, (title, importance, due, hidden, completed, notes)) in rows.iter().enumerate() {
        connection
            .execute(
                "INSERT INTO tasks (title, importance, dueDate, hideUntil, completed, notes, created, modified, \
                 deleted, estimatedSeconds, elapsedSeconds, timerStart, notificationFlags, lastNotified, \
                 repeat_from, remoteId, collapsed, parent, read_only) \
                 VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, ''), 1, 1, 0, 0, 0, 0, 0, 0, 0, ?7, 0, 0, 0)",
                rusqlite::params![title, importance, due, hidden, completed, notes, number.to_string()],
            )
            .unwrap();
    }
    phone.open(TASKS);
    phone
}

fn sqlite(phone: &Phone) -> Connection {
    Connection::open(
        phone
            .system
            .files
            .host_path(&database::DATABASE.path())
            .unwrap(),
    )
    .unwrap()
}

fn values(phone: &Phone, column: &str) -> Vec<String> {
    let connection = sqlite(phone);
    let sql = format!("SELECT CAST({column} AS TEXT) FROM tasks ORDER BY _id");
    let mut statement = connection.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, Option<String>>(0));
    rows.unwrap()
        .map(|value| value.unwrap().unwrap_or("null".to_owned()))
        .collect()
}

/// Texts of the nodes with these ids, from top to bottom.
fn texts(phone: &mut Phone, ids: &[&str]) -> Vec<String> {
    let nodes = phone.nodes().into_iter();
    nodes
        .filter(|node| {
            let id = node.id.strip_prefix("org.tasks:id/");
            id.is_some_and(|id| ids.contains(&id))
        })
        .map(|node| node.text)
        .collect()
}

fn titles(phone: &mut Phone) -> Vec<String> {
    texts(phone, &["title"])
}

fn some() -> Phone {
    phone_with(&[
        ("Low soon", 2, TODAY + DAY, 0, 0, ""),
        ("High later", 0, TODAY + 3 * DAY, 0, 0, "With a note"),
        ("None late", 3, TODAY - 2 * DAY, 0, 0, ""),
        ("Done", 1, TODAY + DAY, 0, TODAY - DAY, ""),
        ("Hidden", 1, TODAY + 8 * DAY, TODAY + 2 * DAY, 0, ""),
        ("Undated", 2, 0, 0, 0, ""),
    ])
}

#[test]
fn the_list_says_titles_days_and_notes_but_no_priorities() {
    let mut phone = some();
    assert!(phone.sees("My Tasks"));
    assert_eq!(
        titles(&mut phone),
        [
            "High later",
            "None late",
            "Low soon",
            "Hidden",
            "Undated",
            "Done"
        ]
    );
    assert_eq!(
        texts(&mut phone, &["due_date"]),
        ["Wed", "Fri", "Tmrw", "Oct 23", "Tmrw"]
    );
    assert_eq!(phone.node("description").text, "With a note");
    assert!(!phone.xml().contains("riority"));
    let boxes: Vec<bool> = phone
        .nodes()
        .iter()
        .filter(|node| node.id.ends_with("completeBox"))
        .map(|node| node.checked)
        .collect();
    assert_eq!(boxes, [false; 6]);
    // Times are shown where there are seconds.
    sqlite(&phone)
        .execute(
            "UPDATE tasks SET dueDate = ?1 WHERE _id = 1",
            [TODAY + DAY + 50_401_000],
        )
        .unwrap();
    phone.stop(TASKS);
    phone.open(TASKS);
    assert!(phone.sees("Tmrw 14:00"));
}

#[test]
fn groups_and_order_are_chosen_and_remembered() {
    let mut phone = some();
    let all = ["header", "title"];
    phone.tap("Sort");
    phone.tap("Grouping");
    phone.tap("By due date");
    phone.back();
    assert_eq!(
        texts(&mut phone, &all),
        [
            "Overdue",
            "None late",
            "Due Tomorrow",
            "Low soon",
            "Due Wednesday",
            "High later",
            "Due Monday, October 23",
            "Hidden",
            "No due date",
            "Undated",
            "Completed",
            "Done"
        ]
    );
    phone.tap("Overdue");
    assert!(!phone.sees("None late"));
    phone.tap("Overdue");
    phone.tap("Sort");
    phone.tap("Move completed tasks to bottom");
    phone.back();
    let shown = texts(&mut phone, &all);
    assert_eq!(shown[2..5], ["Due Tomorrow", "Done", "Low soon"]);
    phone.tap("Sort");
    phone.tap("Grouping");
    phone.tap("By priority");
    phone.back();
    phone.stop(TASKS);
    phone.open(TASKS);
    let shown = texts(&mut phone, &all);
    assert_eq!(
        shown[..3],
        ["High priority", "High later", "Medium priority"]
    );
    phone.tap("Sort");
    phone.tap("Grouping");
    phone.back();
    assert!(phone.sees("Sorting"));
    phone.tap("Grouping");
    phone.tap("None");
    phone.tap("Sorting");
    phone.tap("By title");
    phone.tap("Ascending");
    phone.back();
    let mut sorted = titles(&mut phone);
    sorted.reverse();
    assert_eq!(sorted[0], "Done");
    assert!(sorted.is_sorted());
}

#[test]
fn the_list_is_cut_down_by_the_menu_the_drawer_and_the_search() {
    let mut phone = some();
    phone.tap("More options");
    phone.tap("Show completed");
    assert!(!phone.sees("Done"));
    phone.tap("More options");
    phone.tap("Show unstarted");
    assert!(!phone.sees("Hidden"));
    phone.tap("More options");
    phone.tap("Show completed");
    assert!(phone.sees("Done"));
    // The sign that opens the drawer has no name.
    let bar = phone.node("bottomAppBar").bounds;
    let at = (bar[0] + 70, (bar[1] + bar[3]) / 2);
    phone.windows.tap(&mut phone.system, at.0, at.1);
    phone.tap("Today");
    assert_eq!(titles(&mut phone), ["None late"]);
    phone.back();
    phone.tap("Search");
    phone.write("note");
    phone.key(66);
    assert_eq!(titles(&mut phone), ["High later"]);
    assert!(phone.sees("note"));
    phone.back();
    assert!(phone.sees("My Tasks"));
}

#[test]
fn a_task_is_made_with_all_its_fields() {
    let mut phone = phone_with(&[]);
    assert!(phone.sees("There are no tasks here."));
    phone.tap("Create new task");
    phone.write("Buy tea");
    phone.hide_keyboard();
    phone.tap("Dismiss");
    phone.tap("No due date");
    phone.tap("Tomorrow");
    phone.tap("Pick time");
    phone.tap("9");
    phone.tap("30");
    phone.tap("AM");
    phone.tap("android:id/button1");
    phone.tap("ok_button");
    assert!(phone.sees("Tomorrow 09:30"));
    let high = phone
        .nodes()
        .into_iter()
        .rfind(|node| node.class == "android.widget.RadioButton")
        .unwrap();
    let (x, y) = high.centre();
    phone.windows.tap(&mut phone.system, x, y);
    phone.fill("Description", "Green");
    phone.hide_keyboard();
    phone.tap("Save");
    assert_eq!(titles(&mut phone), ["Buy tea"]);
    assert_eq!(phone.node("due_date").text, "Tmrw 09:30");
    assert!(phone.sees("Default list"));
    let due = TODAY + DAY + 9 * 3_600_000 + 30 * 60_000 + 1_000;
    let wanted = due.to_string();
    assert_eq!(values(&phone, "dueDate"), [wanted]);
    assert_eq!(
        values(&phone, "importance || notes || completed"),
        ["0Green0"]
    );
    let alarms: i64 = sqlite(&phone)
        .query_row("SELECT count(*) FROM alarms", [], |row| row.get(0))
        .unwrap();
    assert_eq!(alarms, 2);
}

#[test]
fn changes_are_kept_or_discarded() {
    let mut phone = phone_with(&[("Call Ada", 3, TODAY, 0, 0, "")]);
    phone.tap("Call Ada");
    assert!(phone.sees("Today") && phone.sees("No start date"));
    phone.tap("Dismiss");
    phone.replace("title", "Call Bea");
    phone.leave();
    phone.tap("Keep editing");
    phone.back();
    phone.tap("Discard");
    assert_eq!(values(&phone, "title || modified"), ["Call Ada1"]);
    phone.tap("Call Ada");
    phone.tap("Today");
    phone.tap("No date");
    phone.tap("OK");
    phone.tap("Save");
    assert_eq!(values(&phone, "dueDate"), ["0"]);
    phone.tap("Call Ada");
    phone.tap("Delete task");
    phone.tap("Cancel");
    assert_eq!(values(&phone, "deleted"), ["0"]);
    phone.tap("Delete task");
    phone.tap("OK");
    assert!(phone.sees("There are no tasks here."));
    assert_ne!(values(&phone, "deleted"), ["0"]);
}

#[test]
fn tasks_are_completed_and_opened_again() {
    let mut phone = some();
    phone.tap("completeBox");
    assert!(phone.sees("Task completed"));
    assert_eq!(titles(&mut phone)[4], "High later");
    let now = phone.system.clock.now_millis().to_string();
    assert_eq!(values(&phone, "completed")[1], now);
    phone.tap("Undo");
    assert_eq!(values(&phone, "completed")[1], "0");
    phone.tap("Done");
    phone.swipe("compose_view", 0, -900);
    assert!(phone.sees("Completion 2023-10-14 00:00"));
    phone.tap("fab");
    assert_eq!(values(&phone, "completed")[3], "0");
}

#[test]
fn several_tasks_are_changed_at_once() {
    let mut phone = some();
    phone.long_press("Low soon");
    phone.tap("None late");
    assert!(phone.sees("2"));
    phone.tap("Change priority");
    phone.tap("High priority");
    assert_eq!(values(&phone, "importance"), ["0", "0", "0", "1", "1", "2"]);
    phone.long_press("Low soon");
    phone.tap("Reschedule");
    phone.tap("20 October 2023");
    phone.tap("OK");
    assert_eq!(
        values(&phone, "dueDate")[0],
        (TODAY + 5 * DAY + DAY / 2).to_string()
    );
    phone.long_press("Hidden");
    phone.tap("Delete");
    phone.tap("OK");
    assert!(!phone.sees("Hidden"));
    phone.tap("More options");
    phone.tap("Clear Completed");
    phone.tap("OK");
    assert!(!phone.sees("Done"));
    assert_eq!(
        values(&phone, "deleted > 0"),
        ["0", "0", "0", "1", "1", "0"]
    );
}

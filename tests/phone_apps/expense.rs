//! Pro Expense: what is added, changed and deleted ends in `accounting.db`.

use super::driver::Phone;
use stepdroid::phone::apps::expense::database::{self, Expense};

const EXPENSE: &str = "com.arduia.expense";
const HOUR: i64 = 3_600_000;

fn row(name: &str, amount: i64, note: &str, modified: i64) -> Expense {
    Expense {
        id: 0,
        name: name.to_owned(),
        amount,
        category: 3,
        note: note.to_owned(),
        created: modified,
        modified,
    }
}

fn phone_with(rows: &[Expense]) -> Phone {
    let mut phone = Phone::new();
    for row in rows {
        database::save(&phone.system, row).unwrap();
    }
    phone.open(EXPENSE);
    phone
}

fn names(phone: &Phone) -> Vec<String> {
    let rows = database::list(&phone.system).unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

#[test]
fn the_first_start_asks_for_language_and_currency() {
    let mut phone = Phone::fresh();
    phone.open(EXPENSE);
    assert!(phone.sees("Choose Language") && !phone.sees("fb_main_add"));
    phone.tap("NEXT");
    assert!(phone.sees("Choose Currency"));
    phone.back();
    phone.tap("NEXT");
    phone.tap("CONTINUE");
    assert!(phone.sees("Recent"));
    phone.stop(EXPENSE);
    phone.open(EXPENSE);
    assert!(phone.sees("fb_main_add"));
}

#[test]
fn an_expense_is_added_with_all_its_fields() {
    let mut phone = phone_with(&[]);
    let now = phone.system.clock.now_millis();
    phone.tap("fb_main_add");
    assert!(phone.windows.keyboard_shown());
    assert_eq!(phone.node("edt_name").hint, "Name");
    phone.write("Dinner out");
    phone.key(66);
    phone.write("123.4");
    phone.swipe("rv_category", -600, 0);
    phone.tap("Transportation");
    phone.fill("edt_note", "With friends");
    phone.hide_keyboard();
    phone.tap("SAVE");
    let rows = database::list(&phone.system).unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(
        (row.name.as_str(), row.amount, row.category),
        ("Dinner out", 12_340, 7)
    );
    assert_eq!(row.note, "With friends");
    assert_eq!((row.created, row.modified), (now, now));
    assert_eq!(phone.node("tv_name").text, "Dinner out");
    assert_eq!(phone.node("tv_amount").text, "123.4");
    assert_eq!(phone.node("tv_date").text, "Today 3:34 PM");
}

#[test]
fn an_amount_is_needed_and_limited() {
    let mut phone = phone_with(&[]);
    phone.tap("fb_main_add");
    phone.hide_keyboard();
    phone.tap("SAVE");
    assert!(phone.sees("Cost is Empty"));
    phone.fill("edt_amount", "12.345");
    assert_eq!(phone.node("edt_amount").text, "Amount");
    phone.write("12.34");
    phone.write("5");
    assert_eq!(phone.node("edt_amount").text, "12.34");
    assert!(!phone.sees("Cost is Empty"));
    phone.back();
    phone.back();
    assert!(phone.sees("fb_main_add"));
    assert_eq!(names(&phone), Vec::<String>::new());
}

#[test]
fn the_date_and_time_of_an_expense_can_be_chosen() {
    let mut phone = phone_with(&[]);
    phone.tap("fb_main_add");
    phone.tap("Calendar");
    phone.tap("Previous month");
    phone.tap("05 September 2023");
    phone.tap("OK");
    phone.tap("Time");
    phone.tap("9");
    phone.tap("30");
    phone.tap("AM");
    phone.tap("OK");
    assert!(phone.sees("5 Sep 2023 9:30 AM"));
    phone.fill("edt_amount", "7");
    phone.hide_keyboard();
    phone.tap("SAVE");
    let rows = database::list(&phone.system).unwrap();
    assert_eq!(rows[0].modified, 1_693_906_200_000);
    assert_ne!(rows[0].created, rows[0].modified);
}

#[test]
fn save_and_next_keeps_the_form_open() {
    let mut phone = phone_with(&[]);
    phone.tap("fb_main_add");
    phone.tap("cv_lock");
    for (name, amount) in [("One", "1"), ("Two", "2.5")] {
        phone.fill("edt_name", name);
        phone.fill("edt_amount", amount);
        phone.hide_keyboard();
        phone.tap("NEXT");
        assert!(phone.sees("Saved!"));
    }
    phone.leave();
    assert_eq!(names(&phone), ["One", "Two"]);
}

#[test]
fn a_recent_expense_is_deleted_through_its_details() {
    let now = stepdroid::phone::system::clock::START_MICROS / 1_000;
    let mut phone = phone_with(&[
        row("Lunch", 1_250, "soup", now - HOUR),
        row("Lunch", 1_250, "", now - 2 * HOUR),
    ]);
    phone.tap("Lunch");
    assert_eq!(phone.node("tv_note_value").text, "soup");
    assert_eq!(phone.node("tv_amount_value").text, "12.5");
    phone.back();
    assert!(phone.sees("fb_main_add"));
    phone.tap("Lunch");
    phone.tap("btn_delete");
    phone.tap("imv_drop_close");
    assert_eq!(names(&phone).len(), 2);
    phone.tap("Lunch");
    phone.tap("btn_delete");
    phone.tap("CONFIRM");
    assert!(phone.sees("Item Deleted") && !phone.sees("fb_main_add"));
    phone.wait(5_000);
    assert!(!phone.sees("Item Deleted") && phone.sees("fb_main_add"));
    let left = database::list(&phone.system).unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].note, "");
}

#[test]
fn the_logs_show_all_and_delete_by_swipe_and_selection() {
    let now = stepdroid::phone::system::clock::START_MICROS / 1_000;
    let rows: Vec<Expense> = (0..30)
        .map(|index| row(&format!("Item {index}"), 100, "", now - index * 24 * HOUR))
        .collect();
    let mut phone = phone_with(&rows);
    assert!(!phone.sees("Item 4"));
    phone.tap("MORE");
    assert!(phone.sees("Expense Logs") && phone.sees("Item 0"));
    assert!(!phone.sees("Item 29"));
    for _ in 0..4 {
        phone.swipe("rv_expense", 0, -1_500);
    }
    assert!(phone.sees("Item 29"));
    phone.swipe("Item 29", -300, 0);
    phone.tap("imv_delete_icon");
    phone.tap("CONFIRM");
    assert_eq!(names(&phone).len(), 29);
    phone.swipe("Item 28", 300, 0);
    assert!(phone.sees("1 item"));
    phone.tap("Item 27");
    assert!(phone.sees("2 items"));
    phone.tap("Delete");
    assert_eq!(phone.node("tv_items").text, "2 items ");
    phone.tap("CONFIRM");
    assert_eq!(names(&phone).len(), 27);
    phone.long_press("Item 26");
    assert!(phone.sees("imv_delete_icon"));
    phone.back();
    assert!(!phone.sees("imv_delete_icon"));
    phone.wait(5_000);
    phone.back();
    assert!(phone.sees("fb_main_add"));
}

#[test]
fn an_expense_is_changed_and_keeps_its_creation_date() {
    let now = stepdroid::phone::system::clock::START_MICROS / 1_000;
    let mut phone = phone_with(&[row("Rent", 80_000, "", now - HOUR)]);
    phone.tap("Rent");
    phone.tap("EDIT");
    assert!(phone.sees("Update Data"));
    assert_eq!(phone.node("edt_amount").text, "800");
    phone.replace("edt_amount", "850.25");
    phone.hide_keyboard();
    phone.tap("Housing");
    phone.tap("UPDATE");
    let rows = database::list(&phone.system).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].amount, rows[0].category), (85_025, 4));
    assert_eq!(rows[0].created, now - HOUR);
}

#[test]
fn the_drawer_leads_to_every_page_and_back() {
    let mut phone = phone_with(&[]);
    for page in [
        "Statistics",
        "Backup",
        "Feedback",
        "About",
        "Settings",
        "Expense Logs",
    ] {
        let (x, y) = (70, 216);
        phone.windows.tap(&mut phone.system, x, y);
        phone.tap(page);
        assert!(phone.sees(page), "{page}");
        assert!(!phone.sees("tv_app_name"));
    }
    assert!(phone.sees("NO EXPENSE LOGS"));
    phone.back();
    assert!(phone.sees("Home"));
}

//! Chrome: its first-run pages, a page that Files opens, and the local games.

use super::driver::{Node, Phone};
use stepdroid::domain::pages;
use stepdroid::phone::system::Intent;

const CHROME: &str = "com.android.chrome";
const PAGE: &str = "/storage/emulated/0/Download/task.html";

fn page(game: &str, seed: u32) -> String {
    format!(
        "<html><head><meta name=\"page-game\" content=\"{game}\"><meta name=\"page-seed\" content=\"{seed}\">\
         <title>Game</title></head><body><p>Nothing runs here.</p></body></html>"
    )
}

fn phone_with(game: &str, seed: u32) -> Phone {
    let mut phone = Phone::new();
    let html = page(game, seed);
    phone.system.files.write(PAGE, html.as_bytes()).unwrap();
    let uri = format!("file://{PAGE}");
    let intent = Intent::activity(CHROME, "org.chromium.chrome.browser.ChromeTabbedActivity");
    phone.start(&intent.data(uri));
    phone
}

fn pages_of(phone: &mut Phone) -> Vec<String> {
    phone.nodes().into_iter().map(|node| node.text).collect()
}

/// The first node of a class; web nodes have no names.
fn of_class(phone: &mut Phone, class: &str) -> Node {
    let found = phone.nodes().into_iter().find(|node| node.class == class);
    found.unwrap()
}

#[test]
fn a_page_is_opened_from_files_after_the_first_run_pages() {
    let mut phone = Phone::fresh();
    let html = page("multiply", 3);
    phone.system.files.write(PAGE, html.as_bytes()).unwrap();
    phone.open("com.google.android.documentsui");
    phone.tap("Show roots");
    phone.tap("Downloads");
    phone.tap("task.html");
    assert!(phone.sees("HTML Viewer"));
    phone.tap("Chrome");
    phone.tap("Just once");
    assert!(phone.sees("Welcome to Chrome") && !phone.sees("url_bar"));
    phone.tap("Accept & continue");
    phone.tap("No thanks");
    // Notifications were not allowed before.
    phone.back();
    phone.tap("No thanks");
    phone.tap("No thanks");
    assert!(phone.sees("Next number"));
    assert_eq!(of_class(&mut phone, "android.webkit.WebView").text, "Game");
    // The viewer without scripts shows the words.
    phone.back();
    phone.tap("task.html");
    phone.tap("HTML Viewer");
    phone.tap("Just once");
    assert!(phone.sees("Nothing runs here.") && !phone.sees("Next number"));
}

#[test]
fn the_product_of_five_numbers_wins() {
    let mut phone = phone_with("multiply", 8);
    let mut product = 1;
    for number in pages::numbers(8) {
        assert!(pages_of(&mut phone).contains(&number.to_string()));
        product *= number;
        phone.tap("Next number");
    }
    assert!(!phone.sees("Next number"));
    phone.fill("Product", &(product + 1).to_string());
    phone.hide_keyboard();
    phone.tap("Submit");
    assert!(!phone.sees("Success!"));
    phone.tap("More options");
    phone.tap("Refresh");
    for _ in 0..5 {
        phone.tap("Next number");
    }
    phone.fill("Product", &product.to_string());
    phone.hide_keyboard();
    phone.tap("Submit");
    assert!(phone.sees("Success!"));
}

#[test]
fn the_way_through_the_maze_wins_and_walls_hold() {
    let mut phone = phone_with("maze", 7);
    let start = phone.node("X").bounds;
    // Two cells to the right is a wall.
    for step in ["Up", "Right", "Right", "Left"] {
        phone.tap(step);
    }
    assert_eq!(phone.node("X").bounds, start);
    for step in pages::Maze::new(7).way() {
        assert!(!phone.sees("Success!"));
        phone.tap(step.name());
    }
    assert!(phone.sees("Success!") && !phone.sees("X"));
}

#[test]
fn lines_in_all_three_colours_win() {
    let mut phone = phone_with("draw", 2);
    let small = |phone: &mut Phone| {
        let nodes = phone.nodes().into_iter();
        let buttons = nodes.filter(|node| node.class == "android.widget.Button");
        buttons
            .filter(|node| node.text.is_empty())
            .collect::<Vec<_>>()
    };
    let buttons = small(&mut phone);
    assert_eq!(buttons.len(), pages::PALETTE.len());
    for (number, colour) in pages::colours(2).into_iter().enumerate() {
        phone.tap("Submit");
        assert!(!phone.sees("Success!"));
        let (x, y) = buttons[colour].centre();
        phone.windows.tap(&mut phone.system, x, y);
        let canvas = of_class(&mut phone, "android.widget.Image").centre();
        let to = (canvas.0 + 200, canvas.1 - 200 + 200 * number as i32);
        phone.windows.swipe(&mut phone.system, canvas, to, 300);
    }
    phone.tap("Submit");
    assert!(phone.sees("Success!"));
}

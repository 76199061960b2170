//! Chrome: its first-run pages, a page that Files opens, and the local games.

use super::driver::{Node, Phone};
use stepdroid::phone::system::Intent;

const CHROME: &str = "com.android.chrome";
const PAGE: &str = "/storage/emulated/0/Download/task.html";

/// A page built as the benchmark builds its own: the game is known by its title, the seed by the script.
fn page(title: &str, seed: u32, script: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n  <title>{title}</title>\n</head>\n<body>\n  <p>Nothing runs here.</p>\n\
         <script>\n  class SeededRNG {{\n  }}\n\n  rng = new SeededRNG({seed})\n{script}</script>\n</body>\n</html>"
    )
}

/// Colours of a drawing page, as its script lists them.
fn colour_list() -> String {
    let list: String = (0..24)
        .map(|place| format!("'#{:06x}', ", 0x0a_1400 * place + 0x33))
        .collect();
    format!("  let drawn = [];\n  const choice = [\n    {list}\n  ];\n")
}

fn phone_with(title: &str, seed: u32, script: &str) -> Phone {
    let mut phone = Phone::new();
    let html = page(title, seed, script);
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
    let html = page("Memory Task", 3, "");
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
    assert!(phone.sees("Click Me"));
    assert_eq!(
        of_class(&mut phone, "android.webkit.WebView").text,
        "Memory Task"
    );
    // The viewer without scripts shows the words.
    phone.back();
    phone.tap("task.html");
    phone.tap("HTML Viewer");
    phone.tap("Just once");
    assert!(phone.sees("Nothing runs here.") && !phone.sees("Click Me"));
}

// The numbers, steps and places below are what the benchmark's own pages draw from these seeds, run by Node.

#[test]
fn the_product_of_five_numbers_wins() {
    let mut phone = phone_with("Memory Task", 3_225_136_173, "");
    for number in [6, 4, 9, 4, 4] {
        assert!(!phone.sees("Submit"));
        assert!(pages_of(&mut phone).contains(&number.to_string()));
        phone.tap("Click Me");
    }
    assert!(!phone.sees("Click Me"));
    phone.fill("Enter the product", "3457");
    phone.hide_keyboard();
    phone.tap("Submit");
    assert!(!phone.sees("Success!"));
    phone.tap("More options");
    phone.tap("Refresh");
    for _ in 0..5 {
        phone.tap("Click Me");
    }
    phone.fill("Enter the product", "3456");
    phone.hide_keyboard();
    phone.tap("Submit");
    assert!(phone.sees("Success!"));
}

#[test]
fn the_way_through_the_maze_wins_and_walls_hold() {
    // .### ..## #.## #...
    let mut phone = phone_with("Maze Puzzle", 7, "");
    let buttons = ["Up", "Down", "Left", "Right"];
    let lefts = buttons.map(|name| phone.node(name).bounds[0]);
    assert!(lefts.is_sorted());
    let start = phone.node("X").bounds;
    for step in ["Up", "Right", "Left", "Down", "Down", "Up"] {
        phone.tap(step);
    }
    assert_eq!(phone.node("X").bounds, start);
    for step in ["Down", "Right", "Down", "Down", "Right", "Right"] {
        assert!(!phone.sees("Success!"));
        phone.tap(step);
    }
    assert!(phone.sees("Success!") && !phone.sees("X"));
}

#[test]
fn lines_in_all_three_colours_win() {
    let mut phone = phone_with("Color Challenge", 2, &colour_list());
    assert!(phone.sees("Nothing runs here."));
    let buttons: Vec<Node> = phone
        .nodes()
        .into_iter()
        .filter(|node| node.class == "android.widget.Button" && node.text.is_empty())
        .collect();
    assert_eq!(buttons.len(), 24);
    for (number, colour) in [5, 11, 4].into_iter().enumerate() {
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

#[test]
fn a_page_without_what_a_game_needs_is_its_words() {
    for (title, script) in [("Color Challenge", ""), ("Mazes", "")] {
        let mut phone = phone_with(title, 2, script);
        assert!(phone.sees("Nothing runs here.") && !phone.sees("Submit") && !phone.sees("X"));
    }
}

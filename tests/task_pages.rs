//! The pages of the browser tasks in a real browser: its scripts draw from a seed what `domain::pages` says, and
//! what wins there wins on the page.
#![allow(clippy::unwrap_used)]

mod chromedriver;

use std::path::Path;

use chromedriver::Driver;
use fantoccini::{Client, Locator};
use stepdroid::domain::pages::{EDGE, Maze, colours, numbers};

const MAZE: &str = include_str!("../src/tasks/browser/maze.html");
const MULTIPLY: &str = include_str!("../src/tasks/browser/multiply.html");
const DRAW: &str = include_str!("../src/tasks/browser/draw.html");

const SEEDS: [u32; 5] = [0, 7, 30, 3_225_136_173, u32::MAX];

/// A page in the browser.
struct Page<'a> {
    client: &'a Client,
}

impl Page<'_> {
    async fn open<'a>(client: &'a Client, directory: &Path, html: &str, seed: u32) -> Page<'a> {
        let path = directory.join("task.html");
        let html = html.replace("SeededRNG(SEED)", &format!("SeededRNG({seed})"));
        std::fs::write(&path, html).unwrap();
        client
            .goto(&format!("file://{}", path.display()))
            .await
            .unwrap();
        Page { client }
    }

    /// What a script returns, as text.
    async fn text(&self, script: &str) -> String {
        let value = self
            .client
            .execute(&format!("return {script}"), vec![])
            .await
            .unwrap();
        value.as_str().unwrap().to_owned()
    }

    async fn click(&self, button: &str) {
        let path = format!("//button[normalize-space()='{button}']");
        let element = self.client.find(Locator::XPath(&path)).await.unwrap();
        element.click().await.unwrap();
    }

    async fn is_won(&self) -> bool {
        self.text("document.body.innerText")
            .await
            .contains("Success!")
    }
}

#[tokio::test]
async fn pages_draw_and_judge_as_the_rules_say() {
    let Some(driver) = Driver::start() else {
        return;
    };
    let client = driver.client().await;
    let directory = tempfile::tempdir().unwrap();
    for seed in SEEDS {
        let page = Page::open(&client, directory.path(), MAZE, seed).await;
        assert_eq!(page.text("document.title").await, "Maze Puzzle");
        maze(&page, seed).await;
        let page = Page::open(&client, directory.path(), MULTIPLY, seed).await;
        assert_eq!(page.text("document.title").await, "Memory Task");
        multiply(&page, seed).await;
        let page = Page::open(&client, directory.path(), DRAW, seed).await;
        assert_eq!(page.text("document.title").await, "Color Challenge");
        draw(&page, seed).await;
    }
    assert_eq!(driver.console_errors(&client).await, Vec::<String>::new());
    client.close().await.unwrap();
}

async fn maze(page: &Page<'_>, seed: u32) {
    let maze = Maze::new(seed);
    let places = (0..EDGE).flat_map(|row| (0..EDGE).map(move |column| (row, column)));
    let rules: String = places
        .map(|place| if maze.is_open(place) { '.' } else { '#' })
        .collect();
    let cells = "[...document.querySelectorAll('#maze div')]";
    let drawn = format!("{cells}.map(cell => cell.className === 'wall' ? '#' : '.').join('')");
    assert_eq!(page.text(&drawn).await, rules, "{seed}");
    let place = format!("String({cells}.findIndex(cell => cell.textContent === 'X'))");
    page.click("Up").await;
    page.click("Left").await;
    assert_eq!(page.text(&place).await, "0");
    for step in maze.way() {
        assert!(!page.is_won().await);
        page.click(step.name()).await;
    }
    assert!(page.is_won().await, "{seed}");
}

async fn multiply(page: &Page<'_>, seed: u32) {
    for number in numbers(seed) {
        let shown = page
            .text("document.getElementById('number').innerText")
            .await;
        assert_eq!(shown, number.to_string(), "{seed}");
        page.click("Click Me").await;
    }
    let product: u64 = numbers(seed).iter().product();
    let field = page
        .client
        .find(Locator::Css("input[placeholder='Enter the product']"))
        .await
        .unwrap();
    for (typed, wins) in [(product + 1, false), (product, true)] {
        field.clear().await.unwrap();
        field.send_keys(&typed.to_string()).await.unwrap();
        page.click("Submit").await;
        assert_eq!(page.is_won().await, wins, "{seed}");
    }
}

async fn draw(page: &Page<'_>, seed: u32) {
    let shades = |parts: &str| {
        format!(
            "[...document.querySelectorAll('{parts}')].map(part => part.style.background).join(';')"
        )
    };
    let palette = page.text(&shades("#colours button")).await;
    let palette: Vec<&str> = palette.split(';').collect();
    let places = colours(seed, palette.len());
    let rules: Vec<&str> = places.iter().map(|place| palette[*place]).collect();
    let shown = page.text(&shades("#targets div")).await;
    assert_eq!(shown.split(';').collect::<Vec<&str>>(), rules, "{seed}");
    let buttons = page
        .client
        .find_all(Locator::Css("#colours button"))
        .await
        .unwrap();
    for (line, place) in places.into_iter().enumerate() {
        page.click("Submit").await;
        assert!(!page.is_won().await, "{seed}");
        buttons[place].click().await.unwrap();
        drag(page, 40 + 80 * line).await;
    }
    page.click("Submit").await;
    assert!(page.is_won().await, "{seed}");
    // Clearing takes the lines, and what was said only with the next submission.
    page.click("Clear").await;
    assert!(page.is_won().await);
    page.click("Submit").await;
    assert!(!page.is_won().await);
}

/// Draws a line across the canvas, some way below its top.
async fn drag(page: &Page<'_>, below: usize) {
    let script = format!(
        "const canvas = document.getElementById('canvas'), box = canvas.getBoundingClientRect();\
         const at = (kind, x) => canvas.dispatchEvent(new PointerEvent(kind, {{\
             pointerId: 1, clientX: box.left + x, clientY: box.top + {below}, bubbles: true }}));\
         canvas.setPointerCapture = () => {{}};\
         at('pointerdown', 30); at('pointermove', 120); at('pointermove', 250); at('pointerup', 250);"
    );
    page.client.execute(&script, vec![]).await.unwrap();
}

//! Games on a local web page that is opened from Downloads with Chrome (catalogue section 3.2). The pages
//! are our own, with the titles, rules and draws of the benchmark's; they say so when they are won.

mod solve;

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::CHROME;
use super::base;
use super::paths::CLEAR_STORAGE;
use super::{Solution, Task, TaskError, params};
use crate::adb::quote;
use crate::device::Device;
use crate::domain::{Instance, Params, TaskSpec};

/// Where the page lies.
const FOLDER: &str = "/storage/emulated/0/Download";
/// Its name there.
const NAME: &str = "task.html";
/// What a page holds in place of its seed.
const SEED: &str = "SeededRNG(SEED)";
/// What a page says when it is won.
const SUCCESS: &str = "Success!";

#[derive(Serialize, Deserialize)]
struct Given {
    browser_task_seed: u32,
}

/// A game.
struct Game {
    spec: TaskSpec,
    page: &'static str,
    /// What to do on the page.
    deed: &'static str,
    solution: fn(u32) -> Box<dyn Solution>,
}

impl Game {
    fn seed(&self, params: &Params) -> Result<u32, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        Ok(given.browser_task_seed)
    }
}

/// A shared storage without files, and Chrome as before its first use.
fn clear() -> String {
    let package = quote(CHROME.package);
    format!("{CLEAR_STORAGE}pm clear {package} >/dev/null\n")
}

/// Takes the time from the network, or not.
fn network_time(on: u8) -> String {
    format!("settings put global auto_time {on}\nsettings put global auto_time_zone {on}\n")
}

#[async_trait]
impl Task for Game {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&Given {
            browser_task_seed: rng.random(),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        self.seed(params)?;
        Ok(format!(
            "In the Files app, go to Downloads, open {NAME} there and take Chrome for it. Then {}",
            self.deed
        ))
    }

    // Pages need the real time, as the benchmark has it for browsers.
    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let seed = self.seed(&instance.params)?;
        let page = self.page.replacen(SEED, &format!("SeededRNG({seed})"), 1);
        let (clear, time) = (clear(), network_time(1));
        let grant = format!(
            "pm grant {} android.permission.POST_NOTIFICATIONS",
            quote(CHROME.package)
        );
        // An older device does not know the permission.
        let script = format!("{clear}{grant} 2>/dev/null\n{time}mkdir -p {FOLDER} && sleep 1");
        base::init(device, &self.spec, &script).await?;
        let path = format!("{FOLDER}/{NAME}");
        device
            .adb()
            .write_file(&path, page.as_bytes(), 0o777)
            .await?;
        Ok(())
    }

    async fn is_reached(&self, device: &Device, _instance: &Instance) -> Result<bool, TaskError> {
        if !base::is_in_front(device, CHROME).await? {
            return Ok(false);
        }
        let observation = device.observe(false).await?;
        let said = |text: &Option<String>| text.as_deref() == Some(SUCCESS);
        Ok(observation
            .elements
            .iter()
            .any(|element| said(&element.text)))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        let script = format!("{}{}", clear(), network_time(0));
        base::teardown(device, &self.spec, &script).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        Ok((self.solution)(self.seed(&instance.params)?))
    }
}

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &Game {
        spec: TaskSpec::new(
            "BrowserDraw",
            &["chrome"],
            2.0,
            "easy",
            &["game_playing", "parameterized"],
            &["browser_task_seed"],
        ),
        page: include_str!("draw.html"),
        deed: "draw lines in all three colours that the top of the page shows, and press Submit.",
        solution: solve::draw,
    },
    &Game {
        spec: TaskSpec::new(
            "BrowserMaze",
            &["chrome"],
            2.0,
            "easy",
            &[
                "game_playing",
                "multi_app",
                "complex_ui_understanding",
                "memorization",
                "parameterized",
            ],
            &["browser_task_seed"],
        ),
        page: include_str!("maze.html"),
        deed: "lead the X with the four buttons to the cell in the bottom right corner.",
        solution: solve::maze,
    },
    &Game {
        spec: TaskSpec::new(
            "BrowserMultiply",
            &["chrome"],
            2.2,
            "hard",
            &["math_counting", "memorization", "screen_reading"],
            &["browser_task_seed"],
        ),
        page: include_str!("multiply.html"),
        deed: "press the button five times, keep every number in mind, and submit the product of all five.",
        solution: solve::multiply,
    },
];

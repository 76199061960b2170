//! Whether an emulator is really ready: its process lives, its console is its own, Android has booted, the package
//! manager answers, and the screen changes when something is done. Each alone is known to be true of emulators that
//! are of no use.

use std::time::{Duration, Instant};

use super::EmulatorsError;
use crate::adb::{self, Adb, Deadlines};
use crate::domain::Frame;
use crate::emulator::{Control, EmulatorError, Instance};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// How long one question to an emulator that boots may take.
const QUESTION: Duration = Duration::from_secs(15);
/// How often the screen is looked at after something was done on it, and after what pause.
const LOOKS: u32 = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// How an emulator's ADB daemon is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Through the adb server, as `emulator-N`, like every other tool does.
    #[default]
    Server,
    /// At its own port, without a server. Only one host can do so at a time.
    Direct,
}

impl Reach {
    /// What `adb::connect` calls the emulator.
    pub fn serial(self, instance: &Instance) -> String {
        match self {
            Reach::Server => instance.serial(),
            Reach::Direct => format!("127.0.0.1:{}", instance.record().adb),
        }
    }
}

/// Waits until an emulator is ready, and returns the way to it.
///
/// # Errors
/// When its process ends, or something is still missing at the deadline; the error says what.
pub async fn ready(
    instance: &mut Instance,
    reach: Reach,
    patience: Duration,
) -> Result<Adb, EmulatorsError> {
    let deadline = Instant::now() + patience;
    let mut missing = "it has not answered".to_owned();
    loop {
        instance.check()?;
        let left = deadline.saturating_duration_since(Instant::now());
        match tokio::time::timeout(left, look(instance, reach)).await {
            Ok(Ok(adb)) => return Ok(adb),
            Ok(Err(reason)) => missing = reason,
            // What was missing at the last look says more than that time ran out in this one.
            Err(_) => {}
        }
        if Instant::now() >= deadline {
            break;
        }
        tracing::debug!(
            serial = instance.serial(),
            missing,
            "emulator not ready yet"
        );
        tokio::time::sleep(PAUSE).await;
    }
    // It may have ended while it was asked, which says more.
    instance.check()?;
    Err(EmulatorError::NotReady {
        console: instance.record().console,
        seconds: patience.as_secs(),
        missing,
        log: instance.record().log.clone(),
    }
    .into())
}

/// Waits until an emulator that has booted answers (again), and returns the way to it.
///
/// # Errors
/// As [`ready`].
pub(super) async fn answering(
    instance: &mut Instance,
    reach: Reach,
    patience: Duration,
) -> Result<Adb, EmulatorsError> {
    let deadline = Instant::now() + patience;
    loop {
        instance.check()?;
        let asked = async {
            let adb = adb::connect(&reach.serial(instance)).await?;
            adb.shell_ok("true").await?;
            Ok::<_, adb::AdbError>(adb)
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let missing = match tokio::time::timeout(left.min(QUESTION), asked).await {
            Ok(Ok(adb)) => return Ok(adb),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer".to_owned(),
        };
        if Instant::now() >= deadline {
            return Err(EmulatorError::NotReady {
                console: instance.record().console,
                seconds: patience.as_secs(),
                missing,
                log: instance.record().log.clone(),
            }
            .into());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// One look; what is missing is said in words.
async fn look(instance: &Instance, reach: Reach) -> Result<Adb, String> {
    instance
        .console()
        .await
        .map_err(|error| error.to_string())?;
    let adb = adb::connect(&reach.serial(instance))
        .await
        .map_err(|error| error.to_string())?;
    let quick = Deadlines {
        shell: QUESTION,
        capture: QUESTION,
        ..Deadlines::default()
    };
    let patient = adb.with_deadlines(Deadlines::default());
    let adb = adb.with_deadlines(quick);
    let booted = ask(&adb, "getprop sys.boot_completed").await?;
    if booted.trim() != "1" {
        return Err("Android has not booted (sys.boot_completed is not 1)".to_owned());
    }
    let packages = ask(&adb, "pm path com.android.settings").await?;
    if !packages.contains("package:") {
        return Err(format!(
            "the package manager does not answer ({})",
            packages.trim()
        ));
    }
    let control = instance.control().await.unwrap_or_else(|error| {
        tracing::debug!(%error, "screens come over ADB");
        None
    });
    match screen_changes(&adb, control.as_ref()).await {
        Ok(true) => Ok(patient),
        Ok(false) => {
            Err("the screen does not change when the notification shade is pulled down".to_owned())
        }
        Err(reason) => Err(format!("the screen can't be seen: {reason}")),
    }
}

async fn ask(adb: &Adb, line: &str) -> Result<String, String> {
    let output = adb.shell(line).await;
    output
        .map(|output| output.text())
        .map_err(|error| error.to_string())
}

/// Pulls the notification shade down and looks whether that shows.
async fn screen_changes(adb: &Adb, control: Option<&Control>) -> Result<bool, String> {
    // A screen that is off or locked shows no shade.
    let waken = "input keyevent KEYCODE_WAKEUP; wm dismiss-keyguard; input keyevent KEYCODE_HOME";
    ask(adb, waken).await?;
    let before = picture(adb, control).await?;
    let (middle, bottom) = (before.width / 2, before.height * 3 / 4);
    let swipe = format!("input swipe {middle} 1 {middle} {bottom} 300");
    ask(adb, &swipe).await?;
    let mut changed = false;
    for _ in 0..LOOKS {
        if picture(adb, control).await? != before {
            changed = true;
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    ask(adb, "cmd statusbar collapse; input keyevent KEYCODE_HOME").await?;
    Ok(changed)
}

/// The screen: from the control service where it gives one, else over ADB.
async fn picture(adb: &Adb, control: Option<&Control>) -> Result<Frame, String> {
    if let Some(control) = control {
        match control.screenshot().await {
            Ok(frame) => return Ok(frame),
            Err(error) => tracing::debug!(%error, "this screen comes over ADB"),
        }
    }
    adb.screencap().await.map_err(|error| error.to_string())
}

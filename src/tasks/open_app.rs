//! Opening an app, alone and after Wi-Fi was turned on (catalogue sections 3.15 and 3.16).

use async_trait::async_trait;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::{App, CAMERA, CLOCK, CONTACTS, DIALER, SETTINGS};
use super::screen::{Look, Scan, open, steps};
use super::settings::{Radio, set_radio};
use super::sub_checks::Parts;
use super::{Solution, Task, TaskError, base, params};
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// The apps that are asked for.
const APPS: [App; 5] = [CAMERA, CLOCK, CONTACTS, SETTINGS, DIALER];

#[derive(Serialize, Deserialize)]
struct Given {
    app_name: String,
}

fn read(spec: &TaskSpec, params: &Params) -> Result<App, TaskError> {
    let Given { app_name } = params::read(spec, params)?;
    let found = APPS.into_iter().find(|app| app.name == app_name);
    found.ok_or_else(|| params::wrong(spec, format!("{app_name:?} is none of the apps to open")))
}

fn draw(rng: &mut ChaCha8Rng) -> Params {
    let app = APPS.choose(rng).copied().unwrap_or(CAMERA);
    params::write(&Given {
        app_name: app.name.to_owned(),
    })
}

/// Whether an app is in front.
async fn is_open(device: &Device, app: App) -> Result<bool, TaskError> {
    let top = device.adb().top_activity().await?;
    let parts: Option<Vec<&str>> = top.as_deref().map(|top| top.split('/').collect());
    Ok(parts.is_some_and(|parts| parts.len() == 2 && parts.first() == Some(&app.package)))
}

/// The next action towards an app in front without questions; none when it is there.
fn show(look: Look, app: App) -> Option<Action> {
    let questions = ["While using the app", "Allow", "NEXT", "Skip"];
    let answer = questions
        .into_iter()
        .find_map(|button| look.tap_named(button));
    match answer {
        Some(action) => Some(action),
        None if look.shows(app) => None,
        None => Some(open(app)),
    }
}

/// OpenAppTaskEval.
struct Open {
    spec: TaskSpec,
}

#[async_trait]
impl Task for Open {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        draw(rng)
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let app = read(&self.spec, params)?;
        Ok(format!(
            "Open the {} app. If it asks for permissions, grant them.",
            app.name
        ))
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        base::init(device, &self.spec, "").await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        is_open(device, read(&self.spec, &instance.params)?).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let app = read(&self.spec, &instance.params)?;
        Ok(steps(move |look| {
            show(look, app).unwrap_or_else(Action::complete)
        }))
    }
}

/// TurnOnWifiAndOpenApp, half of the score each.
struct WifiAndOpen {
    spec: TaskSpec,
    /// What is prepared: the settings and every app that may be opened.
    apps: TaskSpec,
}

#[async_trait]
impl Task for WifiAndOpen {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        draw(rng)
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let app = read(&self.spec, params)?;
        Ok(format!("Switch Wi-Fi on, then open the {} app.", app.name))
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        let off = Radio::Wifi.command(false);
        base::init(device, &self.apps, off).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        Ok(self.check(device, instance, None).await? == 1.0)
    }

    async fn check(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let app = read(&self.spec, &instance.params)?;
        let wifi = Radio::Wifi.is_set(device, true, instance.compat).await?;
        let opened = is_open(device, app).await?;
        Ok(instance
            .compat
            .score(usize::from(wifi) + usize::from(opened), 2))
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let app = read(&self.spec, &instance.params)?;
        let wifi = Radio::Wifi.is_set(device, true, instance.compat).await?;
        let opened = is_open(device, app).await?;
        Ok(Parts::of(&[wifi, opened]).share(wifi && opened))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        base::teardown(device, &self.apps, "").await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let app = read(&self.spec, &instance.params)?;
        let mut scan = Scan::default();
        let mut wifi_is_on = false;
        Ok(steps(move |look| {
            if !wifi_is_on {
                match set_radio(look, &mut scan, Radio::Wifi, true) {
                    Some(action) => return action,
                    None => wifi_is_on = true,
                }
            }
            show(look, app).unwrap_or_else(Action::complete)
        }))
    }
}

/// OpenAppTaskEval.
const OPEN: TaskSpec = TaskSpec {
    name: "OpenAppTaskEval",
    apps: &["camera", "clock", "contacts", "settings", "dialer"],
    complexity: 1.0,
    difficulty: "easy",
    tags: &["parameterized"],
    params: &["app_name"],
};

/// The tasks of this file.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &Open { spec: OPEN },
    &WifiAndOpen {
        spec: TaskSpec {
            name: "TurnOnWifiAndOpenApp",
            apps: &["settings"],
            complexity: 2.0,
            ..OPEN
        },
        apps: OPEN,
    },
];

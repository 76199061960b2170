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

/// Opening an app; with `wifi` after Wi-Fi was turned on, half of the score each.
struct Open {
    spec: TaskSpec,
    wifi: bool,
}

impl Open {
    /// The parts of the goal, and whether they are reached.
    async fn parts(&self, device: &Device, instance: &Instance) -> Result<Vec<bool>, TaskError> {
        let app = read(&self.spec, &instance.params)?;
        let mut parts = Vec::new();
        if self.wifi {
            parts.push(Radio::Wifi.is_set(device, true, instance.compat).await?);
        }
        parts.push(base::is_in_front(device, app).await?);
        Ok(parts)
    }
}

#[async_trait]
impl Task for Open {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let app = APPS.choose(rng).copied().unwrap_or(CAMERA);
        params::write(&Given {
            app_name: app.name.to_owned(),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let name = read(&self.spec, params)?.name;
        Ok(match self.wifi {
            true => format!("Switch Wi-Fi on, then open the {name} app."),
            false => format!("Open the {name} app. If it asks for permissions, grant them."),
        })
    }

    // With Wi-Fi too, every app that may be opened is prepared.
    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        let script = match self.wifi {
            true => Radio::Wifi.command(false),
            false => "",
        };
        base::init(device, &OPEN, script).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let parts = self.parts(device, instance).await?;
        Ok(parts.into_iter().all(|part| part))
    }

    async fn check(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let parts = self.parts(device, instance).await?;
        Ok(instance.compat.score(&parts))
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let parts = self.parts(device, instance).await?;
        Ok(Parts::of(&parts).share(parts.iter().all(|part| *part)))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        base::teardown(device, &OPEN, "").await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let app = read(&self.spec, &instance.params)?;
        let mut scan = Scan::default();
        let mut wifi_is_on = !self.wifi;
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
    &Open {
        spec: OPEN,
        wifi: false,
    },
    &Open {
        spec: TaskSpec {
            name: "TurnOnWifiAndOpenApp",
            apps: &["settings"],
            complexity: 2.0,
            ..OPEN
        },
        wifi: true,
    },
];

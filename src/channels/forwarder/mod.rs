//! The benchmark's accessibility forwarder as a channel for trees: an app on the device that pushes forests of
//! accessibility trees to a server, which is here. Uses `device`, `adb` and the rest of this folder.
//!
//! `uiautomator` and what is like it keep accessibility services from seeing anything while they run, so this channel is
//! one of those of which one at a time is open.

mod elements;
mod received;
mod server;

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout, timeout_at};

use self::elements::Seen;
use self::server::Server;
use crate::adb::{Adb, AdbError, quote};
use crate::device::{Channel, DeviceError, Offers, Tree};
use crate::wire::forwarder::PACKAGE;

/// How long a tree may take, if not said otherwise.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long events may go on before the tree is taken all the same.
const QUIET: Duration = Duration::from_secs(1);
/// This machine as an emulator sees it, and as a device does whose port is brought here.
const EMULATORS_HOST: &str = "10.0.2.2";
const OWN_HOST: &str = "127.0.0.1";
/// The setting that holds the services that are switched on.
const ENABLED: &str = "enabled_accessibility_services";

/// The accessibility forwarder of one device, and the server for it while it is in use.
#[derive(Debug)]
pub struct Forwarder {
    adb: Adb,
    patience: Duration,
    by_adb: bool,
    serving: Mutex<Option<Serving>>,
}

/// What has been set up.
#[derive(Debug)]
struct Serving {
    server: Server,
    /// The services that were switched on before; none when it was this one already.
    before: Option<String>,
    /// Where no proxy was to be used before.
    no_proxy: Option<String>,
    /// Whether the port is brought here by ADB.
    reversed: bool,
}

impl Forwarder {
    /// For a device that has the app.
    pub fn new(adb: Adb) -> Forwarder {
        Forwarder {
            adb,
            patience: PATIENCE,
            by_adb: false,
            serving: Mutex::default(),
        }
    }

    /// The same with another deadline for a tree.
    pub fn with_patience(mut self, patience: Duration) -> Forwarder {
        self.patience = patience;
        self
    }

    /// The same with the port brought to an emulator by `adb reverse` too, as it is to other devices: that works without
    /// a network on the device, and wants an adb server.
    pub fn brought_by_adb(mut self) -> Forwarder {
        self.by_adb = true;
        self
    }

    fn failed(&self, reason: impl std::fmt::Display) -> DeviceError {
        DeviceError::Channel {
            channel: self.name(),
            reason: format!("device {}: {reason}", self.adb.serial()),
        }
    }

    /// Starts a server, switches the service on and tells it where the server is.
    async fn set_up(&self) -> Result<Serving, DeviceError> {
        let facts = format!(
            "pm path {PACKAGE} | grep -c ^package: ; settings get secure {ENABLED}; \
             settings get global no_proxy; getprop ro.boot.qemu; getprop ro.kernel.qemu"
        );
        let facts = self.adb.query(&facts).await?;
        let mut facts = facts.lines().map(str::trim);
        let parts = facts.next().and_then(|count| count.parse::<u32>().ok());
        if parts.unwrap_or(0) == 0 {
            return Err(self.failed(format_args!(
                "it lacks the app {PACKAGE}; install the accessibility forwarder that the benchmark uses"
            )));
        }
        let enabled = facts.next().unwrap_or_default();
        let no_proxy = facts.next().filter(|value| !matches!(*value, "" | "null"));
        let service = format!("{PACKAGE}/{PACKAGE}.AccessibilityForwarder");
        let short = format!("{PACKAGE}/.AccessibilityForwarder");
        let others: Vec<&str> = enabled
            .split(':')
            .filter(|name| !name.is_empty() && *name != "null")
            .collect();
        let on = others.iter().any(|name| *name == service || *name == short);
        let before = (!on).then(|| others.join(":"));
        let all: Vec<&str> = match on {
            true => others,
            false => others.into_iter().chain([&*service]).collect(),
        };
        let by_adb = self.by_adb || !facts.any(|value| value == "1");

        let server = Server::start().await;
        let server =
            server.map_err(|error| self.failed(format_args!("no port is free: {error}")))?;
        let port = server.port;
        if by_adb {
            self.adb.reverse(port, port).await?;
        }
        let serving = Serving {
            server,
            before,
            no_proxy: no_proxy.map(str::to_owned),
            reversed: by_adb,
        };
        let host = if by_adb { OWN_HOST } else { EMULATORS_HOST };
        let script = [
            format!("settings put secure {ENABLED} {}", quote(&all.join(":"))),
            "settings put secure accessibility_enabled 1".to_owned(),
            // A proxy between the two is of no use.
            format!("settings put global no_proxy {host}:{port}"),
            broadcast("ENABLE_ACCESSIBILITY_TREE_LOGS"),
            broadcast(&format!("SET_GRPC --ei port {port} --es host {host}")),
        ];
        if let Err(error) = self.adb.shell_ok(&script.join(" && ")).await {
            self.take_down(serving).await;
            return Err(error.into());
        }
        Ok(serving)
    }

    /// Frees the port and puts the device back; a device that does not answer keeps what it has.
    async fn take_down(&self, serving: Serving) {
        let mut script = vec![broadcast("DISABLE_ACCESSIBILITY_TREE_LOGS")];
        script.push(match &serving.no_proxy {
            Some(before) => format!("settings put global no_proxy {}", quote(before)),
            None => "settings delete global no_proxy".to_owned(),
        });
        match serving.before.as_deref() {
            None => {}
            Some("") => script.push(format!("settings delete secure {ENABLED}")),
            Some(before) => {
                script.push(format!("settings put secure {ENABLED} {}", quote(before)));
            }
        }
        let port = serving.server.port;
        serving.server.close().await;
        let putting_back = async {
            if serving.reversed {
                self.adb.stop_reverse(port).await?;
            }
            self.adb.shell(&script.join("; ")).await?;
            Ok::<(), AdbError>(())
        };
        match timeout(self.patience, putting_back).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the forwarder was left as it is"),
            Err(_) => tracing::debug!(
                device = self.adb.serial(),
                "the forwarder was left as it is"
            ),
        }
    }

    /// A forest that was made after now, and is not contradicted by the component on top.
    async fn look(&self, serving: &Serving, activity: bool) -> Result<Tree, DeviceError> {
        let begin = Instant::now();
        let end = begin + self.patience;
        let received = &serving.server.received;
        let mut since = begin;
        let mut missing = None;
        loop {
            received.ask();
            let waiting = received.made_after(since, begin + QUIET.min(self.patience / 2));
            let Ok(arrived) = timeout_at(end, waiting).await else {
                return Err(self.nothing(received.any(), missing).await);
            };
            // Whatever is wrong with this one, the next one was made later.
            since = arrived.at;
            let Seen { elements, app } = match arrived.seen {
                Ok(seen) => seen,
                Err(reason) => {
                    missing = Some(reason);
                    continue;
                }
            };
            if elements.is_empty() {
                missing = Some("its forest is empty".to_owned());
                continue;
            }
            let top = match activity {
                true => self.adb.top_activity().await?,
                false => None,
            };
            let package = top.as_deref().and_then(|top| top.split('/').next());
            if let (Some(app), Some(package)) = (&app, package)
                && app != package
            {
                missing = Some(format!(
                    "its forest is stale: it shows {app}, and {package} is on top"
                ));
                continue;
            }
            return Ok(Tree {
                elements,
                activity: top,
            });
        }
    }

    /// Why no forest came in time: the device's fault, or the app's.
    async fn nothing(&self, any: bool, missing: Option<String>) -> DeviceError {
        if let Err(error) = self.adb.probe().await {
            return error.into();
        }
        let what = match (missing, any) {
            (Some(missing), _) => missing,
            (None, true) => "it pushes no new forests".to_owned(),
            (None, false) => "it pushed nothing at all".to_owned(),
        };
        self.failed(format_args!(
            "{what} within {} ms; see that it has a network (no airplane mode) and what `logcat -s AndroidRLTask` says",
            self.patience.as_millis()
        ))
    }
}

#[async_trait]
impl Channel for Forwarder {
    fn name(&self) -> &'static str {
        "forwarder"
    }

    fn offers(&self) -> Offers {
        Offers {
            tree: true,
            exclusive: true,
            ..Offers::default()
        }
    }

    async fn tree(&self, activity: bool) -> Result<Tree, DeviceError> {
        let mut slot = self.serving.lock().await;
        let serving = match slot.take() {
            Some(serving) => serving,
            None => self.set_up().await?,
        };
        let serving = slot.insert(serving);
        match self.look(serving, activity).await {
            Ok(tree) => Ok(tree),
            Err(error) => {
                // The next call begins anew: the app may have been restarted.
                if let Some(serving) = slot.take() {
                    self.take_down(serving).await;
                }
                Err(error)
            }
        }
    }

    async fn close(&self) {
        if let Some(serving) = self.serving.lock().await.take() {
            self.take_down(serving).await;
        }
    }
}

/// The command of a broadcast to the app, with its arguments.
fn broadcast(action: &str) -> String {
    format!(
        "am broadcast -n {PACKAGE}/{PACKAGE}.FlagsBroadcastReceiver -a accessibility_forwarder.intent.action.{action}"
    )
}

//! The device of a row: how it is reached, what is done to it, and how that ends.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use stepdroid::domain::ScreenSize;
use stepdroid::farm::Farm;
use stepdroid::faultline::{FaultLine, LinePlan};
use stepdroid::phone::{ClockMode, Fault, Phone, PhoneOptions, PlannedFault};
use tokio::time::{sleep, timeout};

use crate::rows::Blow;
use crate::server::Server;

/// How the device that is struck is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A phone that the farm runs.
    Ours,
    /// A phone of somebody else's, at its address.
    Foreign,
    /// The same through a line that can be harmed.
    Line,
    /// The same through an adb server.
    Server,
}

/// Screenshots of episodes before the fault: it strikes in the middle of the second or third.
const BEFORE: u64 = 5;
/// How long the screenshot takes during which the test itself strikes.
const PAUSE: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(120);

/// A phone that the farm does not run, and what stands before it.
pub struct Foreign {
    phone: Option<Phone>,
    port: u16,
    seed: u64,
    root: tempfile::TempDir,
    line: Option<FaultLine>,
    server: Option<Server>,
    serial: String,
}

/// Phones that the farm does not run start anew from their files.
pub async fn start(root: &Path, port: u16, seed: u64) -> Phone {
    let options = PhoneOptions {
        port,
        size: ScreenSize {
            width: 360,
            height: 800,
        },
        seed,
        // Nobody waits for what only takes time on a phone.
        clock: ClockMode::Steps,
        root: Some(root.to_path_buf()),
        boot_time: Duration::from_millis(200),
        ..PhoneOptions::default()
    };
    // The port of one that was stopped is free a moment later.
    let started = async {
        loop {
            match Phone::start(options.clone()).await {
                Ok(phone) => return phone,
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    };
    timeout(PATIENCE, started).await.expect("no phone started")
}

impl Foreign {
    /// Starts it.
    pub async fn new(way: Way, seed: u64) -> Foreign {
        let root = tempfile::tempdir().unwrap();
        let phone = start(&root.path().join("first"), 0, seed).await;
        let (port, mut serial) = (phone.port(), phone.serial());
        let (mut line, mut server) = (None, None);
        match way {
            Way::Ours | Way::Foreign => {}
            Way::Line => {
                let any = "127.0.0.1:0".parse().unwrap();
                let found = FaultLine::start(any, &serial, LinePlan::default(), seed).await;
                let found = found.unwrap();
                serial = found.address().to_string();
                line = Some(found);
            }
            Way::Server => {
                let found = tokio::task::spawn_blocking(Server::start).await.unwrap();
                serial = found.connect(&serial);
                server = Some(found);
            }
        }
        Foreign {
            phone: Some(phone),
            port,
            seed,
            root,
            line,
            server,
            serial,
        }
    }

    pub fn serial(&self) -> &str {
        &self.serial
    }

    async fn place(&mut self, name: &str, seed: u64) {
        if let Some(phone) = self.phone.take() {
            phone.stop().await;
        }
        self.phone = Some(start(&self.root.path().join(name), self.port, seed).await);
    }
}

/// The device that is struck.
pub enum Struck {
    Ours(Arc<Phone>),
    Foreign(Box<Foreign>),
}

impl Struck {
    /// Of a farm's phones the first.
    pub fn of(farm: &Farm) -> Struck {
        Struck::Ours(farm.phones()[0].clone())
    }

    pub fn serial(&self) -> String {
        match self {
            Struck::Ours(phone) => phone.serial(),
            Struck::Foreign(foreign) => foreign.serial.clone(),
        }
    }

    fn phone(&self) -> &Phone {
        match self {
            Struck::Ours(phone) => phone,
            Struck::Foreign(foreign) => foreign.phone.as_ref().unwrap(),
        }
    }

    /// Plans the fault, or what tells the test that an episode is in its middle.
    pub fn plan(&self, blow: Blow) {
        let (fault, service) = match blow {
            Blow::Phone(fault) => (fault, "screencap"),
            Blow::Service(fault, service) => (fault, service),
            _ => (Fault::Slow(PAUSE), "screencap"),
        };
        self.phone().plan_fault(PlannedFault {
            after: BEFORE,
            service: service.to_owned(),
            ..PlannedFault::now(fault)
        });
    }

    /// Waits for the middle of an episode, and strikes where the phone does not do so itself.
    pub async fn strike(&mut self, blow: Blow) {
        let happened = async {
            while self.phone().machine().faults.happened() == 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, happened).await.expect("no episode");
        let Struck::Foreign(foreign) = self else {
            return;
        };
        match blow {
            Blow::Phone(_) | Blow::Service(..) => {}
            Blow::Line(fault) => foreign.line.as_ref().unwrap().strike(fault),
            Blow::Gone => foreign.phone.take().unwrap().stop().await,
            Blow::Replaced => {
                let other = foreign.seed + 1;
                foreign.place("second", other).await;
            }
            Blow::ServerKilled => foreign.server.as_mut().unwrap().kill(),
            Blow::ServerHung => foreign.server.as_ref().unwrap().hang(),
        }
    }

    /// Ends the fault.
    pub async fn heal(&mut self, blow: Blow) {
        match (blow, &mut *self) {
            (Blow::Phone(_) | Blow::Service(..), struck) => struck.phone().clear_faults(),
            (Blow::Line(_), Struck::Foreign(foreign)) => foreign.line.as_ref().unwrap().clear(),
            (Blow::Gone | Blow::Replaced, Struck::Foreign(foreign)) => {
                let seed = foreign.seed;
                foreign.place("first", seed).await;
            }
            _ => {}
        }
    }
}

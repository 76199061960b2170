//! What faults do to a phone. Uses the machine and its daemon's orders.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Condition, Fault, PlanClock, Strike};
use crate::phone::apps;
use crate::phone::daemon::Control;
use crate::phone::machine::Machine;

/// Does what comes with a service that is about to be served, and tells what happens to the service itself; what
/// breaks all connections does so to this one too.
pub async fn meet(machine: &Arc<Machine>, service: &str) -> Option<Fault> {
    let struck = machine.faults.strike(service);
    let mut strikes = struck.strikes.iter().map(|strike| strike.fault);
    let breaking = strikes.find(Fault::breaks_connections);
    happen(machine, struck.strikes).await;
    breaking.or(struck.hit)
}

/// Does what comes with time, until `stop` is cancelled.
pub async fn keep_time(machine: Arc<Machine>, stop: CancellationToken) {
    loop {
        let quiet = machine.faults.quiet_time();
        let due = async {
            match quiet {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = machine.faults.news.notified() => {}
            () = due => {
                let strikes = machine.faults.due();
                happen(&machine, strikes).await;
            }
        }
    }
}

async fn happen(machine: &Arc<Machine>, strikes: Vec<Strike>) {
    if !strikes.is_empty() {
        let machine = machine.clone();
        // It draws, and waits for the state: off the reactor.
        let work = move || {
            strikes
                .into_iter()
                .for_each(|strike| befall(&machine, strike))
        };
        let _ = tokio::task::spawn_blocking(work).await;
    }
    machine
        .files
        .set_full(machine.faults.is(Condition::StorageFull));
}

fn befall(machine: &Machine, Strike { fault, clock }: Strike) {
    let begin = |condition, lasts| machine.faults.begin(condition, lasts, clock);
    // What keeps clients out would keep a clock that they move from moving.
    let begin_wall = |condition, lasts| machine.faults.begin(condition, lasts, PlanClock::Wall);
    match fault {
        Fault::HalfScreenshot(lasts) => begin(Condition::HalfScreenshot, lasts),
        Fault::NoIdle(lasts) => begin(Condition::NoIdle, lasts),
        Fault::NullRoot(lasts) => begin(Condition::NullRoot, lasts),
        Fault::EmptyTree(lasts) => begin(Condition::EmptyTree, lasts),
        Fault::StaleTree(lasts) => begin(Condition::StaleTree, lasts),
        Fault::StorageFull(lasts) => begin(Condition::StorageFull, lasts),
        Fault::NoPackageManager(lasts) => begin(Condition::NoPackageManager, lasts),
        Fault::FrozenScreen(lasts) => {
            // The picture that stays is the one of now.
            machine.screen.frame(machine);
            begin(Condition::FrozenScreen, lasts);
        }
        Fault::FrozenChannels(lasts) => {
            machine.screen.keep(machine);
            begin(Condition::FrozenChannels, lasts);
        }
        Fault::Unauthorized(lasts) => {
            begin_wall(Condition::Unauthorized, lasts);
            machine.request(Control::Disconnect);
        }
        Fault::Offline(lasts) => machine.request(Control::Offline(lasts)),
        Fault::Reboot(lasts) => {
            if !lasts.is_zero() {
                begin_wall(Condition::Booting, lasts);
            }
            machine.request(Control::Reboot);
        }
        Fault::Swapped => machine.request(Control::Swap),
        Fault::ClockJump(millis) => {
            let now = machine.clock.now_micros();
            let jump = millis.saturating_mul(1_000);
            machine.clock.set_micros(now.saturating_add(jump));
        }
        Fault::NotResponding => {
            let mut state = machine.lock();
            let state = &mut *state;
            let package = state.windows.focused().package;
            state.windows.not_responding(&mut state.system, &package);
        }
        Fault::SystemUiNotResponding => {
            let mut state = machine.lock();
            let state = &mut *state;
            let package = apps::systemui::PACKAGE;
            state.windows.not_responding(&mut state.system, package);
        }
        Fault::SystemUiCrash(lasts) => crash_system_ui(machine, lasts),
        // These are the service's own affair.
        Fault::Hang | Fault::Drop | Fault::NoExit | Fault::Slow(_) | Fault::Corrupt => {}
    }
}

fn crash_system_ui(machine: &Machine, lasts: Duration) {
    let process = machine.next_process();
    let mut state = machine.lock();
    let state = &mut *state;
    state.windows.crash_system_ui(&mut state.system, lasts);
    let now = state.system.clock.now_micros();
    for text in [
        "FATAL EXCEPTION: main".to_owned(),
        format!("Process: {}, PID: {process}", apps::systemui::PACKAGE),
    ] {
        state.system.log.write(now, 'E', "AndroidRuntime", &text);
    }
}

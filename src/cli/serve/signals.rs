//! Signals of a service: SIGTERM and SIGINT end it in good order, SIGHUP opens its log anew.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::super::{ExitCode, Failure, Output};
use super::notify::Notifier;
use crate::rollout::Stop;
use crate::telemetry;

/// Who asked for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// SIGTERM: whoever runs the machine.
    Terminate,
    /// SIGINT: whoever sits at the terminal.
    Interrupt,
}

impl Asked {
    fn code(self) -> ExitCode {
        match self {
            Asked::Terminate => ExitCode::Ok,
            Asked::Interrupt => ExitCode::Interrupted,
        }
    }
}

/// The signals that came.
#[derive(Debug, Clone, Default)]
pub(super) struct Signals(Arc<OnceLock<Asked>>);

impl Signals {
    /// Listens from now on. The first signal asks for the end softly and, `within` later, at once; the second
    /// one ends the process.
    ///
    /// # Errors
    /// Signals can't be listened for.
    pub(super) fn watch(
        stop: &Stop,
        within: Duration,
        notifier: &Notifier,
        output: &Output,
    ) -> Result<Signals, Failure> {
        let mut terminate = listen(SignalKind::terminate())?;
        let mut interrupt = listen(SignalKind::interrupt())?;
        let mut hang_up = listen(SignalKind::hangup())?;
        let signals = Signals::default();
        let came = signals.clone();
        let (stop, notifier, output) = (stop.clone(), notifier.clone(), output.clone());
        tokio::spawn(async move {
            loop {
                let asked = tokio::select! {
                    _ = terminate.recv() => Asked::Terminate,
                    _ = interrupt.recv() => Asked::Interrupt,
                    _ = hang_up.recv() => {
                        telemetry::reopen();
                        tracing::info!("the log was opened anew");
                        continue;
                    }
                };
                if came.0.set(asked).is_err() {
                    std::process::exit(asked.code().number());
                }
                notifier.stopping(within);
                output.note(&format!(
                    "stopping; what runs may end within {} s, once more stops at once",
                    within.as_secs()
                ));
                stop.finish();
                let stop = stop.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(within).await;
                    stop.at_once();
                });
            }
        });
        Ok(signals)
    }

    /// Who asked for the end, where somebody did.
    pub(super) fn asked(&self) -> Option<Asked> {
        self.0.get().copied()
    }
}

fn listen(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind)
        .map_err(|error| Failure::environment(format!("signals can't be listened for: {error}")))
}

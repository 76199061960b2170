//! One episode from set-up to judgement (AndroidWorld, catalogue section 1.10).

use super::{Agent, AgentError, Choice, Moment};
use crate::adb::AdbError;
use crate::device::{Device, DeviceError, VitalSigns};
use crate::domain::{Action, ActionType, Instance, Observation, Outcome, StepRecord, Trajectory};
use crate::learn::anchors::anchor;
use crate::pixels;
use crate::store::Blobs;
use crate::tasks::{Task, TaskError};

/// How an episode is run.
#[derive(Debug, Clone, Default)]
pub struct EpisodeOptions {
    /// Where screenshots are kept; `None` keeps none.
    pub screenshots: Option<Blobs>,
    /// Most steps, where that is less than the task's budget.
    pub max_steps: Option<u32>,
    /// Whether the anchor of every step's state is looked for; the device is asked for the activity in the
    /// round trip of the tree.
    pub anchors: bool,
    /// When the task's progress is measured.
    pub measure: Measure,
}

/// When the task's progress is measured on the device. Each time costs the round trips of the task's
/// check (`stepdroid tasks show NAME --cost`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Measure {
    /// Never.
    #[default]
    Never,
    /// After the last step.
    AtTheEnd,
    /// After every step, once the screen has settled.
    EveryStep,
}

/// What came of an episode.
#[derive(Debug, Clone, PartialEq)]
pub struct Episode {
    /// What was run, with the state that its set-up saw.
    pub instance: Instance,
    /// Steps and outcome.
    pub trajectory: Trajectory,
    /// Why the device is thought to be lost; `None` where it is not.
    pub device_lost: Option<String>,
    /// What went wrong without changing the outcome, for the log.
    pub remarks: Vec<String>,
    /// Screenshots that its steps name and that the full disk had no room for.
    pub unwritten: Vec<Vec<u8>>,
}

/// Most bytes of screenshots that an episode holds while the disk is full.
const MOST_HELD: usize = 64 << 20;

/// What came of an episode so far.
#[derive(Default)]
struct Lived {
    steps: Vec<StepRecord>,
    answer: Option<String>,
    unwritten: Vec<Vec<u8>>,
}

impl Lived {
    /// Holds a screenshot until the episode is stored, and says by which hash it will be there.
    fn hold(&mut self, png: Vec<u8>) -> Option<String> {
        let held: usize = self.unwritten.iter().map(Vec::len).sum();
        if held.saturating_add(png.len()) > MOST_HELD {
            return None;
        }
        let hash = Blobs::name_of(&png);
        self.unwritten.push(png);
        Some(hash)
    }
}

/// Why an episode stopped before its judgement.
enum Halt {
    Device(DeviceError),
    Agent(AgentError),
}

impl From<DeviceError> for Halt {
    fn from(error: DeviceError) -> Halt {
        Halt::Device(error)
    }
}

impl From<AgentError> for Halt {
    fn from(error: AgentError) -> Halt {
        Halt::Agent(error)
    }
}

/// Runs one episode: set-up, HOME, up to the budget of steps, check, teardown. Actions have the quirks that
/// the instance's `compat` says, whatever the device was opened with. Whatever the device does becomes part of the
/// outcome: it is never a model failure, and never an error of this function. The device's vital signs are taken before
/// the first step, before the check and after it: one that rebooted, was swapped or fell ill in between has lost the episode.
///
/// # Errors
/// When the agent itself can't go on.
pub async fn run_episode(
    device: &Device,
    task: &dyn Task,
    mut instance: Instance,
    agent: &mut dyn Agent,
    options: &EpisodeOptions,
) -> Result<Episode, AgentError> {
    let device = &device.with_compat(instance.compat);
    let mut lived = Lived::default();
    let mut remarks = Vec::new();
    if let Err(error) = task.init(device, &mut instance).await {
        return Ok(failed(device, (instance, lived), "init", error).await);
    }
    let before = match device.vital_signs().await {
        Ok(signs) => signs,
        Err(error) => {
            return Ok(failed(device, (instance, lived), "init", error.into()).await);
        }
    };
    let stage = Stage {
        device,
        task,
        instance: &instance,
        options,
    };
    let done = match live(stage, agent, &mut lived).await {
        Ok(done) => done,
        Err(Halt::Agent(error)) => return Err(error),
        Err(Halt::Device(error)) => {
            return Ok(failed(device, (instance, lived), "episode", error.into()).await);
        }
    };
    let judged = judge(stage, &before, lived.answer.as_deref()).await;
    let score = match judged {
        Ok(score) => score,
        Err(error) => {
            return Ok(failed(device, (instance, lived), "check", error).await);
        }
    };
    let outcome = Outcome::judged(score, done);
    let mut device_lost = None;
    if let Err(error) = task.teardown(device, &instance).await {
        // The judgement stands; the next set-up finds out whether the device still works.
        if error.is_lost() {
            device_lost = Some(error.to_string());
        }
        remarks.push(format!("teardown of {}: {error}", instance.task));
    }
    Ok(Episode {
        instance,
        trajectory: Trajectory {
            steps: lived.steps,
            outcome,
            answer: lived.answer,
        },
        device_lost,
        remarks,
        unwritten: lived.unwritten,
    })
}

/// Where an episode plays.
#[derive(Clone, Copy)]
struct Stage<'a> {
    device: &'a Device,
    task: &'a dyn Task,
    instance: &'a Instance,
    options: &'a EpisodeOptions,
}

impl Stage<'_> {
    /// The task's progress of now. What can't be measured is no judgement; a device that was lost
    /// while it was asked is lost.
    async fn progress(self, answer: Option<&str>) -> Result<Option<f64>, Halt> {
        let measured = self.task.progress(self.device, self.instance, answer);
        match measured.await {
            Ok(share) => Ok(Some(share.clamp(0.0, 1.0)).filter(|share| share.is_finite())),
            Err(TaskError::Device(error)) if error.is_lost() => Err(Halt::Device(error)),
            Err(error) => {
                tracing::info!(%error, "the progress can't be measured");
                Ok(None)
            }
        }
    }

    /// What is seen, with its anchor where that is wanted.
    async fn observe(self, want_frame: bool) -> Result<(Observation, Option<String>), Halt> {
        if !self.options.anchors {
            return Ok((self.device.observe(want_frame).await?, None));
        }
        let (observation, activity) = self.device.observe_with_activity(want_frame).await?;
        let anchor = anchor(activity.as_deref(), &observation.elements);
        Ok((observation, Some(anchor)))
    }
}

/// The score, of a device that was well when it was judged and still is afterwards: what befalls it while it is looked
/// at must not look like a failure.
async fn judge(
    stage: Stage<'_>,
    before: &VitalSigns,
    answer: Option<&str>,
) -> Result<f64, TaskError> {
    still_well(stage.device, before).await?;
    let score = stage
        .task
        .check(stage.device, stage.instance, answer)
        .await?;
    still_well(stage.device, before).await?;
    Ok(score)
}

/// The steps; returns whether the agent declared the end.
async fn live(stage: Stage<'_>, agent: &mut dyn Agent, lived: &mut Lived) -> Result<bool, Halt> {
    let done = act(stage, agent, lived).await?;
    if stage.options.measure != Measure::Never
        && let Some(last) = lived.steps.last_mut()
    {
        last.progress = stage.progress(lived.answer.as_deref()).await?;
    }
    Ok(done)
}

async fn act(stage: Stage<'_>, agent: &mut dyn Agent, lived: &mut Lived) -> Result<bool, Halt> {
    let Stage {
        device,
        instance,
        options,
        ..
    } = stage;
    device.home().await?;
    let budget = options
        .max_steps
        .unwrap_or(u32::MAX)
        .min(instance.budget)
        .max(1);
    for step in 0..budget {
        let want_frame = agent.wants_frame() || options.screenshots.is_some();
        let (observation, anchor) = stage.observe(want_frame).await?;
        if options.measure == Measure::EveryStep
            && let Some(last) = lived.steps.last_mut()
        {
            // The app had the time that the screen took to settle.
            last.progress = stage.progress(lived.answer.as_deref()).await?;
        }
        let choice = agent
            .act(Moment {
                goal: &instance.goal,
                observation: &observation,
                anchor: anchor.as_deref(),
                step,
                budget,
            })
            .await?;
        if choice.action.action_type == ActionType::Answer {
            lived.answer.clone_from(&choice.action.text);
        }
        let performed = device.perform(&choice.action, &observation).await?;
        let screenshot = match keep(options.screenshots.as_ref(), &observation).await {
            Picture::Kept(hash) => Some(hash),
            Picture::NoRoom(png) => lived.hold(png),
            Picture::None => None,
        };
        let done = choice.action.action_type == ActionType::Status;
        lived.steps.push(StepRecord {
            anchor,
            ..record(choice, &observation, performed, screenshot)
        });
        if done {
            return Ok(true);
        }
    }
    Ok(false)
}

fn record(
    choice: Choice,
    observation: &Observation,
    performed: crate::device::Performed,
    screenshot: Option<String>,
) -> StepRecord {
    let note = [
        choice.note.as_str(),
        performed.note.as_str(),
        target_label(&choice.action, observation),
    ]
    .into_iter()
    .find(|note| !note.is_empty())
    .unwrap_or("")
    .chars()
    .take(200)
    .collect();
    StepRecord {
        action: choice.action,
        executed: performed.executed,
        note,
        sample: choice.sample,
        log_probability: choice.log_probability,
        touch: performed.touch.map(|point| (point.x, point.y)),
        screenshot,
        anchor: None,
        progress: None,
    }
}

fn target_label<'a>(action: &Action, observation: &'a Observation) -> &'a str {
    action
        .index
        .and_then(|index| usize::try_from(index).ok())
        .and_then(|index| observation.elements.get(index))
        .map_or("", |element| element.label())
}

/// What became of a step's screenshot.
enum Picture {
    /// It is stored, by this hash.
    Kept(String),
    /// The disk is full.
    NoRoom(Vec<u8>),
    /// There is none.
    None,
}

/// Keeps the screenshot, losslessly. A picture that can't be kept costs the replay a frame, not the
/// run an episode.
async fn keep(blobs: Option<&Blobs>, observation: &Observation) -> Picture {
    let (Some(blobs), Some(frame)) = (blobs.cloned(), observation.frame.clone()) else {
        return Picture::None;
    };
    let kept = tokio::task::spawn_blocking(move || {
        let Ok(png) = pixels::encode_png(&frame) else {
            return Picture::None;
        };
        match blobs.put(&png) {
            Ok(hash) => Picture::Kept(hash),
            Err(error) if error.full_while().is_some() => Picture::NoRoom(png),
            Err(_) => Picture::None,
        }
    });
    kept.await.unwrap_or(Picture::None)
}

/// Whether a device is well, and the one that it was.
async fn still_well(device: &Device, before: &VitalSigns) -> Result<(), DeviceError> {
    let signs = device.vital_signs().await?;
    match signs.ailment_since(before) {
        Some(ailment) => Err(device.unwell(ailment)),
        None => Ok(()),
    }
}

/// An episode that could not be judged. Where the error does not say so itself, the device is asked how it is.
async fn failed(
    device: &Device,
    (instance, lived): (Instance, Lived),
    stage: &str,
    error: TaskError,
) -> Episode {
    let mut remarks = vec![format!("{stage} of {}: {error}", instance.task)];
    let mut lost = error.is_lost().then(|| error.to_string());
    let mut cause = cause(stage, &error);
    if lost.is_none() {
        let found = match device.vital_signs().await {
            Ok(signs) => signs.ailment().map(|ailment| device.unwell(ailment)),
            Err(error) => Some(error),
        };
        if let Some(found) = found {
            let found = TaskError::Device(found);
            cause = self::cause(stage, &found);
            remarks.push(found.to_string());
            lost = Some(found.to_string());
        } else if is_blind(&error) {
            // It is well by its own account, and yet can't be seen: whoever repairs devices looks at it.
            lost = Some(error.to_string());
        }
    }
    let outcome = match stage {
        "init" | "check" if lost.is_none() => Outcome::Invalid { cause },
        _ => Outcome::Truncated { cause },
    };
    Episode {
        remarks,
        instance,
        trajectory: Trajectory {
            steps: lived.steps,
            outcome,
            answer: lived.answer,
        },
        device_lost: lost,
        unwritten: lived.unwritten,
    }
}

/// Whether the device could not be seen or touched, rather than something on it being amiss.
fn is_blind(error: &TaskError) -> bool {
    matches!(
        error,
        TaskError::Device(
            DeviceError::Channel { .. } | DeviceError::Adb(AdbError::Malformed { .. })
        )
    )
}

/// What an episode was lost to, as statistics name it.
fn cause(stage: &str, error: &TaskError) -> String {
    match error {
        TaskError::Device(DeviceError::Unwell { ailment, .. }) => ailment.name(),
        error if error.is_lost() => "device_lost",
        _ if stage == "episode" => "device_error",
        _ => stage,
    }
    .to_owned()
}

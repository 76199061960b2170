//! Episodes whose set-up, judgement and teardown are the benchmark's own: its HTTP server (catalogue section
//! 6.5) does those, and the steps in between go to the same device over ADB.

use std::time::Duration;

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::device::Device;
use crate::domain::{Action, Instance, Params, Slot, TaskSpec};
use crate::rollout::InstanceSource;
use crate::tasks::{self, Solution, Task, TaskError};

/// The server sets an app up while it answers; its own limit for a command is two minutes.
const PATIENCE: Duration = Duration::from_secs(300);
/// Largest answer that is read, in bytes; the ones that are asked for hold a text or a number.
const MAX_ANSWER: u64 = 1 << 20;

/// Why the server is of no use.
#[derive(Debug, thiserror::Error)]
pub enum OfficialError {
    /// It can't be asked, or refuses.
    #[error("the AndroidWorld server: {method} {url}: {reason}; is it running, and set up?")]
    Request {
        /// GET or POST.
        method: &'static str,
        /// What was asked.
        url: String,
        /// What came back.
        reason: String,
    },
    /// It has a task that the catalogue does not know.
    #[error(transparent)]
    Task(#[from] TaskError),
}

/// The benchmark's server.
#[derive(Debug, Clone)]
struct Server {
    base: String,
    agent: ureq::Agent,
}

impl Server {
    fn new(url: &str) -> Server {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .build();
        Server {
            base: url.trim_end_matches('/').to_owned(),
            agent: config.into(),
        }
    }

    /// Asks, on a thread that may wait.
    async fn ask<T: DeserializeOwned + Send + 'static>(
        &self,
        method: &'static str,
        path: &str,
        query: &[(&str, String)],
        body: Option<String>,
    ) -> Result<T, OfficialError> {
        let url = format!("{}{path}", self.base);
        let query: Vec<(String, String)> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let (agent, asked) = (self.agent.clone(), url.clone());
        let answer = tokio::task::spawn_blocking(move || -> Result<T, String> {
            let answer = match (method, body) {
                ("GET", _) => agent.get(&asked).query_pairs(query).call(),
                (_, Some(body)) => agent
                    .post(&asked)
                    .query_pairs(query)
                    .content_type("application/json")
                    .send(body),
                _ => agent.post(&asked).query_pairs(query).send_empty(),
            };
            let mut answer = answer.map_err(|error| error.to_string())?;
            let text = answer.body_mut().with_config().limit(MAX_ANSWER);
            let text = text.read_to_vec().map_err(|error| error.to_string())?;
            serde_json::from_slice(&text)
                .map_err(|error| format!("an answer of another form: {error}"))
        })
        .await
        .unwrap_or_else(|error| Err(error.to_string()));
        answer.map_err(|reason| OfficialError::Request {
            method,
            url,
            reason,
        })
    }

    async fn post(&self, path: &str, query: &[(&str, String)]) -> Result<(), OfficialError> {
        let _: serde_json::Value = self.ask("POST", path, query, None).await?;
        Ok(())
    }
}

#[derive(Deserialize)]
struct TaskList {
    task_list: Vec<String>,
}
#[derive(Deserialize)]
struct Length {
    length: u32,
}
#[derive(Deserialize)]
struct Goal {
    goal: String,
}
#[derive(Deserialize)]
struct Scored {
    score: f64,
}

/// The suite of a server, as instances for slots.
pub struct Official {
    entries: Vec<(OfficialTask, Instance)>,
}

/// A task whose device is the server's.
struct OfficialTask {
    server: Server,
    inner: &'static dyn Task,
    index: u32,
}

impl Official {
    /// Asks a server for a fresh suite: `combinations` instances of every task that `wanted` names, or of all.
    ///
    /// # Errors
    /// When the server does not answer, or knows a task that the catalogue does not.
    pub async fn connect(
        url: &str,
        combinations: u32,
        seed: u64,
        wanted: &[String],
    ) -> Result<Official, OfficialError> {
        let server = Server::new(url);
        let _: serde_json::Value = server.ask("GET", "/health", &[], None).await?;
        let suite = [
            ("n_task_combinations", combinations.to_string()),
            ("seed", seed.to_string()),
            ("task_family", "android_world".to_owned()),
        ];
        let _: serde_json::Value = server
            .ask("GET", "/suite/reinitialize", &suite, None)
            .await?;
        let all = [("max_index", "-1".to_owned())];
        let list: TaskList = server.ask("GET", "/suite/task_list", &all, None).await?;
        let mut entries = Vec::new();
        for name in &list.task_list {
            if !wanted.is_empty() && !wanted.contains(name) {
                continue;
            }
            let inner = tasks::find(name)?;
            let of_task = [("task_type", name.clone())];
            let known: Length = server
                .ask("GET", "/suite/task_length", &of_task, None)
                .await?;
            for index in 0..known.length.min(combinations) {
                let task = OfficialTask {
                    server: server.clone(),
                    inner,
                    index,
                };
                let goal: Goal = server.ask("GET", "/task/goal", &task.query(), None).await?;
                let instance = Instance {
                    task: name.clone(),
                    params: Params::new(),
                    seed: u64::from(index),
                    goal: goal.goal,
                    budget: inner.spec().budget(),
                    compat: Default::default(),
                    state: serde_json::Value::Null,
                };
                entries.push((task, instance));
            }
        }
        Ok(Official { entries })
    }

    /// One slot for each instance.
    pub fn plan(&self) -> Vec<Slot> {
        let entries = self.entries.iter().enumerate();
        entries
            .map(|(slot, (task, instance))| {
                Slot::plain(slot as u32, &instance.task, task.index, instance.seed)
            })
            .collect()
    }
}

impl InstanceSource for Official {
    fn instance(&self, slot: &Slot) -> Result<(&dyn Task, Instance), TaskError> {
        let entry = self.entries.get(slot.index as usize);
        match entry.filter(|(_, instance)| instance.task == slot.task) {
            Some((task, instance)) => Ok((task, instance.clone())),
            None => Err(TaskError::Unknown {
                name: slot.task.clone(),
                nearest: "",
            }),
        }
    }
}

impl OfficialTask {
    fn query(&self) -> [(&'static str, String); 2] {
        [
            ("task_type", self.inner.spec().name.to_owned()),
            ("task_idx", self.index.to_string()),
        ]
    }

    /// The server's refusal is a set-up or a check that failed: never the model's failure.
    fn refused(device: &Device, error: &OfficialError) -> TaskError {
        TaskError::Setup {
            serial: device.serial().to_owned(),
            reason: error.to_string(),
        }
    }
}

#[async_trait]
impl Task for OfficialTask {
    fn spec(&self) -> &TaskSpec {
        self.inner.spec()
    }

    fn generate(&self, _rng: &mut ChaCha8Rng) -> Params {
        Params::new()
    }

    fn goal(&self, _params: &Params) -> Result<String, TaskError> {
        Ok(String::new())
    }

    async fn init(&self, device: &Device, _instance: &mut Instance) -> Result<(), TaskError> {
        let refused = |error| OfficialTask::refused(device, &error);
        let home = [("go_home", "true".to_owned())];
        self.server.post("/reset", &home).await.map_err(refused)?;
        let query = self.query();
        self.server
            .post("/task/initialize", &query)
            .await
            .map_err(refused)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        Ok(self.check(device, instance, None).await? >= 1.0)
    }

    async fn check(
        &self,
        device: &Device,
        _instance: &Instance,
        answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let refused = |error| OfficialTask::refused(device, &error);
        if let Some(answer) = answer {
            // The server keeps what was answered; it only knows of actions that it carries out.
            let body = Action::answer(answer).to_json();
            let sent = self.server.ask("POST", "/execute_action", &[], Some(body));
            let _: serde_json::Value = sent.await.map_err(refused)?;
        }
        let query = self.query();
        let scored = self.server.ask("GET", "/task/score", &query, None);
        let scored: Scored = scored.await.map_err(refused)?;
        Ok(scored.score.clamp(0.0, 1.0))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        let torn = self.server.post("/task/tear_down", &self.query()).await;
        torn.map_err(|error| OfficialTask::refused(device, &error))
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        self.inner.solution(instance)
    }
}

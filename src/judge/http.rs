//! A model behind an OpenAI-compatible HTTP interface (`POST <endpoint>/chat/completions`).

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::{JudgeError, questions, replies};
use crate::config::JudgeConfig;
use crate::learn::judge::{RunQuestion, StateQuestion};
use crate::learn::{Judge, Score};

/// Largest reply that is read, in bytes.
const MAX_REPLY: u64 = 1 << 20;
/// Wait before a question is asked again; it doubles each time, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// Questions in a row without an answer after which the rest of a batch is not asked, and later
/// batches only until the next question without one: an endpoint that is gone must not hold a round
/// for hours.
const GIVE_UP_AFTER: u32 = 8;

/// `judge.kind = "http"`. Answers at temperature 0, which many servers do not repeat to the letter:
/// whoever needs the same answer again keeps it.
pub struct HttpJudge {
    url: String,
    model: String,
    key: Option<String>,
    agent: ureq::Agent,
    retries: u32,
    parallel: usize,
    max_tokens: u32,
    /// Questions without an answer since the last one with.
    silent: AtomicU32,
}

/// Why there was no answer.
enum Unanswered {
    /// Another try may help.
    Again(String),
    /// It will not.
    Never(String),
}

impl HttpJudge {
    /// A judge at the endpoint of a configuration. Nothing is asked yet.
    ///
    /// # Errors
    /// [`JudgeError::Key`] where the variable that is to hold the key is not set.
    pub fn new(config: &JudgeConfig) -> Result<HttpJudge, JudgeError> {
        let settings = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(config.timeout_seconds)))
            .http_status_as_error(false)
            .build();
        let base = config.endpoint.trim_end_matches('/');
        Ok(HttpJudge {
            url: format!("{base}/chat/completions"),
            model: config.model.clone(),
            key: key(&config.api_key_env)?,
            agent: settings.into(),
            retries: config.retries,
            parallel: config.parallel.max(1) as usize,
            max_tokens: config.max_tokens,
            silent: AtomicU32::new(0),
        })
    }

    /// Asks until there is a sound answer, or the tries are used up.
    fn ask<T>(&self, messages: &Value, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let body = json!({
            "model": self.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": self.max_tokens,
            "stream": false,
        })
        .to_string();
        let mut wait = FIRST_WAIT;
        for attempt in 0..=self.retries {
            if attempt > 0 {
                std::thread::sleep(wait);
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            let answer = self
                .once(&body)
                .and_then(|content| read(&content).map_err(Unanswered::Again));
            match answer {
                Ok(answer) => return Some(answer),
                Err(Unanswered::Again(reason)) => {
                    tracing::warn!(url = self.url, attempt, "no judgement: {reason}");
                }
                Err(Unanswered::Never(reason)) => {
                    tracing::warn!(url = self.url, "no judgement: {reason}");
                    return None;
                }
            }
        }
        None
    }

    /// One request; what the model said.
    fn once(&self, body: &str) -> Result<String, Unanswered> {
        let again = |error: ureq::Error| Unanswered::Again(error.to_string());
        let mut request = self.agent.post(&self.url).content_type("application/json");
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut reply = request.send(body).map_err(again)?;
        let status = reply.status().as_u16();
        if status != 200 {
            let reason = format!("the endpoint answers with status {status}");
            // Too busy, too slow or broken may pass; a question that is refused stays refused.
            return Err(match status {
                408 | 409 | 425 | 429 | 500.. => Unanswered::Again(reason),
                _ => Unanswered::Never(reason),
            });
        }
        let body = reply.body_mut().with_config().limit(MAX_REPLY);
        let body = body.read_to_vec().map_err(again)?;
        replies::content(&body).map_err(Unanswered::Again)
    }

    /// Answers to many questions, in their order, some at a time.
    fn ask_all<Q: Sync, A: Send>(
        &self,
        questions: &[Q],
        ask: impl Fn(&Q) -> Option<A> + Sync,
    ) -> Vec<Option<A>> {
        let next = AtomicUsize::new(0);
        // Each batch may find out whether the endpoint is back.
        let silent = &self.silent;
        silent.fetch_min(GIVE_UP_AFTER - 1, Ordering::SeqCst);
        let answers: Mutex<Vec<(usize, A)>> = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..self.parallel.min(questions.len()) {
                scope.spawn(|| {
                    loop {
                        let place = next.fetch_add(1, Ordering::SeqCst);
                        let Some(question) = questions.get(place) else {
                            break;
                        };
                        if silent.load(Ordering::SeqCst) >= GIVE_UP_AFTER {
                            break;
                        }
                        match ask(question) {
                            Some(answer) => {
                                silent.store(0, Ordering::SeqCst);
                                let lock = answers.lock();
                                lock.unwrap_or_else(std::sync::PoisonError::into_inner)
                                    .push((place, answer));
                            }
                            None => {
                                silent.fetch_add(1, Ordering::SeqCst);
                            }
                        }
                    }
                });
            }
        });
        let mut all: Vec<Option<A>> = questions.iter().map(|_| None).collect();
        let answers = answers.into_inner();
        for (place, answer) in answers.unwrap_or_else(std::sync::PoisonError::into_inner) {
            all[place] = Some(answer);
        }
        all
    }
}

/// The key in an environment variable; `None` where none is wanted.
fn key(variable: &str) -> Result<Option<String>, JudgeError> {
    if variable.is_empty() {
        return Ok(None);
    }
    let wrong = |problem| JudgeError::Key {
        variable: variable.to_owned(),
        problem,
    };
    let key = std::env::var(variable).map_err(|_| wrong("is not set"))?;
    let key = key.trim();
    if key.is_empty() || !key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(wrong("holds no key"));
    }
    Ok(Some(key.to_owned()))
}

impl Judge for HttpJudge {
    fn identity(&self) -> String {
        format!("http {} {} {}", self.url, self.model, self.max_tokens)
    }

    fn is_repeatable(&self) -> bool {
        false
    }

    fn progress(&self, runs: &[RunQuestion]) -> Vec<Option<Vec<Option<f64>>>> {
        self.ask_all(runs, |run| {
            let read = |content: &str| replies::progress(content, run.steps.len());
            let found = self.ask(&questions::of_run(run), read)?;
            Some(found.into_iter().map(Some).collect())
        })
    }

    fn scores(&self, states: &[StateQuestion]) -> Vec<Option<Vec<Option<Score>>>> {
        self.ask_all(states, |state| {
            let read = |content: &str| replies::scores(content, state.actions.len());
            let found = self.ask(&questions::of_state(state), read)?;
            Some(found.into_iter().map(Some).collect())
        })
    }
}

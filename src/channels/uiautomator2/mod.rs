//! The channel `uiautomator2`: pictures, trees and input over the JSON-RPC server of the Python package uiautomator2
//! (its `u2.jar`, 0.4.1 or newer), which runs on the device for as long as the channel is used. The user names the jar;
//! none is shipped. May use `adb`, `device`, `wire`, `pixels` and `domain`.
//!
//! The server holds the device's accessibility: `uiautomator dump` works again after [`Channel::close`]. It reads a
//! tree only after it has set what it wants to know of the accessibility service, with which Android forgets the nodes
//! that it had cached: a tree is never older than the question. Pictures are JPEGs, as it makes no others, of quality
//! 90, from where on they are no smaller than PNGs: 99 of 100 values are exact to 8 levels of 255, edges of strong
//! colours are not.
//!
//! Text is typed key by key. A line with characters that no key types is set into the focused field as a whole, behind
//! what is there; the clipboard, which is a task's business, is left alone.

mod http;
mod rpc;
mod server;
mod typing;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::timeout;

use self::http::{Connection, HttpError};
use self::rpc::RpcError;
use self::server::{Jar, Server};
use crate::adb::parse::hierarchy::parse_hierarchy;
use crate::adb::{Adb, AdbError};
use crate::channels::keys;
use crate::device::{Channel, DeviceError, Gesture, Offers, Tree};
use crate::domain::{Frame, Point};
use crate::pixels;

/// Its name.
const NAME: &str = "uiautomator2";
/// The port on the device at which the server listens.
const PORT: u16 = 9008;
/// Longest answers that are taken, in bytes.
const MOST_TREE: usize = 32 << 20;
const MOST_PICTURE: usize = 32 << 20;
const MOST_OTHER: usize = 1 << 20;
/// Quality of the pictures.
const QUALITY: u8 = 90;
/// Deepest level of a tree.
const DEPTH: u32 = 100;
/// How long a finger stays down for a tap.
const TAP: Duration = Duration::from_millis(25);
/// How long a swipe takes unless it says so itself, and how long each of its steps.
const SWIPE: Duration = Duration::from_millis(300);
const STEP: u128 = 5;

/// The channel of one device.
#[derive(Debug)]
pub struct Uiautomator2 {
    adb: Adb,
    jar: Jar,
    session: Mutex<Option<Session>>,
}

/// A server that runs, and the connection to it.
struct Session {
    server: Server,
    connection: Option<Connection>,
    asked: u64,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// Why a call came to nothing.
enum Trouble {
    /// The server is gone or of no more use.
    Broken(String),
    /// It did not answer in time.
    Late(Duration),
    /// It said no.
    Refused(RpcError),
}

/// A question to the server.
struct Question {
    method: &'static str,
    parameters: Value,
    /// Longest answer.
    most: usize,
    /// What it takes by itself.
    takes: Duration,
    /// Whether it may be asked twice.
    again: bool,
}

impl Question {
    /// One that changes something.
    fn deed(method: &'static str, parameters: Value) -> Question {
        Question {
            method,
            parameters,
            most: MOST_OTHER,
            takes: Duration::ZERO,
            again: false,
        }
    }

    /// One that changes nothing.
    fn look(method: &'static str, parameters: Value, most: usize) -> Question {
        Question {
            most,
            again: true,
            ..Question::deed(method, parameters)
        }
    }

    fn taking(self, takes: Duration) -> Question {
        Question { takes, ..self }
    }
}

fn failed(reason: String) -> DeviceError {
    DeviceError::Channel {
        channel: NAME,
        reason,
    }
}

impl Uiautomator2 {
    /// A channel with the `u2.jar` at a path of this machine. Nothing is read or started before the first use.
    pub fn new(adb: Adb, jar: &Path) -> Uiautomator2 {
        Uiautomator2 {
            adb,
            jar: Jar::new(jar),
            session: Mutex::new(None),
        }
    }

    /// Asks the server, which is started where it does not run.
    async fn ask(&self, question: Question) -> Result<Value, DeviceError> {
        match self.try_asking(&question).await? {
            Ok(value) => Ok(value),
            Err(error) => Err(self.failure(&error)),
        }
    }

    /// The same with what the server refused apart.
    async fn try_asking(
        &self,
        question: &Question,
    ) -> Result<Result<Value, RpcError>, DeviceError> {
        let mut slot = self.session.lock().await;
        if slot
            .as_ref()
            .is_none_or(|session| session.server.has_ended())
        {
            *slot = None;
            let (server, connection) = Server::start(&self.adb, &self.jar).await?;
            *slot = Some(Session {
                server,
                connection: Some(connection),
                asked: 0,
            });
        }
        let Some(session) = slot.as_mut() else {
            return Err(failed("its server is not there".to_owned()));
        };
        let serial = self.adb.serial();
        match session.ask(&self.adb, question).await {
            Ok(value) => Ok(Ok(value)),
            Err(Trouble::Refused(error)) => Ok(Err(error)),
            Err(Trouble::Late(deadline)) => {
                *slot = None;
                Err(failed(format!(
                    "its server on {serial} did not answer {} within {} ms; it is started again at the next call",
                    question.method,
                    deadline.as_millis()
                )))
            }
            Err(Trouble::Broken(reason)) => {
                *slot = None;
                // What broke may have been the device.
                self.adb.probe().await?;
                Err(failed(format!(
                    "its server on {serial} was lost in {}: {reason}; it is started again at the next call",
                    question.method
                )))
            }
        }
    }

    fn failure(&self, error: &RpcError) -> DeviceError {
        let hint = match error.is_unknown() {
            true => "; take the u2.jar of the package uiautomator2 3.7 or newer",
            false => "",
        };
        failed(format!("on {}, {error}{hint}", self.adb.serial()))
    }

    /// The tree of the active window, as `uiautomator dump` has it.
    async fn elements(&self) -> Result<Tree, DeviceError> {
        let parameters = json!([false, DEPTH, true]);
        let answer = self.ask(Question::look("dumpWindowHierarchy", parameters, MOST_TREE));
        let answer = answer.await?;
        let text = answer.as_str().unwrap_or("");
        let elements = parse_hierarchy(text)
            .map_err(|error| failed(format!("the tree of {}: {error}", self.adb.serial())))?;
        Ok(Tree {
            elements,
            activity: None,
        })
    }

    async fn perform(&self, gesture: &Gesture) -> Result<(), DeviceError> {
        let touch = |at: &Point, time: Duration| {
            let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            Question::deed("click", json!([at.x, at.y, millis])).taking(time)
        };
        let question = match gesture {
            Gesture::Tap(at) => touch(at, TAP),
            Gesture::Press(at, time) => touch(at, *time),
            Gesture::Swipe { from, to, duration } => {
                let time = duration.unwrap_or(SWIPE);
                let steps = u32::try_from(time.as_millis() / STEP)
                    .unwrap_or(u32::MAX)
                    .max(2);
                Question::deed("swipe", json!([from.x, from.y, to.x, to.y, steps])).taking(time)
            }
            Gesture::Key(name) => {
                let code = keys::code(name)
                    .ok_or_else(|| failed(format!("it does not know the key {name}")))?;
                Question::deed("pressKeyCode", json!([code]))
            }
            Gesture::Text(text) => return self.type_text(text).await,
            Gesture::Clear => Question::deed("clearInputText", json!([])),
        };
        let method = question.method;
        match self.ask(question).await? {
            Value::Bool(false) => Err(failed(format!(
                "{} did not take the {method}",
                self.adb.serial()
            ))),
            _ => Ok(()),
        }
    }

    async fn type_text(&self, text: &str) -> Result<(), DeviceError> {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.ask(Question::deed("pressKeyCode", json!([keys::ENTER])))
                    .await?;
            }
            let keys: Option<Vec<(u32, u32)>> = line.chars().map(typing::typing).collect();
            let Some(keys) = keys else {
                self.append(line).await?;
                continue;
            };
            for (code, meta) in keys {
                let parameters = match meta {
                    0 => json!([code]),
                    meta => json!([code, meta]),
                };
                self.ask(Question::deed("pressKeyCode", parameters)).await?;
            }
        }
        Ok(())
    }

    /// Sets the focused field's text to what is there and what comes behind it. Without a focused field the text goes
    /// nowhere, as typed text does.
    async fn append(&self, line: &str) -> Result<(), DeviceError> {
        let elements = self.elements().await?.elements;
        let field = elements
            .into_iter()
            .find(|one| one.is_focused && one.is_editable);
        let before = field.and_then(|field| field.text).unwrap_or_default();
        if !before.is_empty() && before.chars().all(|one| one == '•') {
            return Err(failed(format!(
                "the field on {} hides what is in it, so that {line:?} can't be set behind it: clear it before",
                self.adb.serial()
            )));
        }
        // 0x020000 is the bit of `focused` in the mask.
        let selector = json!({"mask": 0x02_0000, "focused": true, "childOrSibling": [], "childOrSiblingSelector": []});
        let question = Question::deed("setText", json!([selector, format!("{before}{line}")]));
        match self.try_asking(&question).await? {
            Err(error) if !error.is_not_found() => Err(self.failure(&error)),
            _ => Ok(()),
        }
    }
}

impl Session {
    async fn ask(&mut self, adb: &Adb, question: &Question) -> Result<Value, Trouble> {
        let deadline = adb.deadlines().capture + question.takes;
        let used = self.connection.as_ref().is_some_and(Connection::is_fresh);
        match timeout(deadline, self.ask_once(adb, question)).await {
            // A connection that was used before may have been closed under us.
            Ok(Err(Trouble::Broken(_))) if used && question.again && !self.server.has_ended() => {
                let second = timeout(deadline, self.ask_once(adb, question)).await;
                second.unwrap_or(Err(Trouble::Late(deadline)))
            }
            Ok(answer) => answer,
            Err(_) => Err(Trouble::Late(deadline)),
        }
    }

    async fn ask_once(&mut self, adb: &Adb, question: &Question) -> Result<Value, Trouble> {
        let broken = |error: &dyn std::fmt::Display| Trouble::Broken(error.to_string());
        // Taken out for as long as it is in use: where this is dropped half way, so is the connection.
        let kept = self.connection.take().filter(Connection::is_fresh);
        let mut connection = match kept {
            Some(connection) => connection,
            None => {
                let stream = adb.open(&format!("tcp:{PORT}")).await;
                Connection::new(stream.map_err(|error: AdbError| broken(&error))?)
            }
        };
        self.asked += 1;
        let text = rpc::question(self.asked, question.method, &question.parameters);
        let answer = connection.post("/jsonrpc/0", &text, question.most).await;
        let answer = answer.map_err(|error: HttpError| broken(&error))?;
        if answer.status != 200 {
            return Err(broken(&format!(
                "it answered with the status {}",
                answer.status
            )));
        }
        let result = rpc::result(self.asked, question.method, &answer.body);
        match result {
            Err(error) if error.is_fatal() => Err(broken(&error)),
            result => {
                self.connection = Some(connection);
                result.map_err(Trouble::Refused)
            }
        }
    }
}

#[async_trait]
impl Channel for Uiautomator2 {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offers(&self) -> Offers {
        Offers {
            frame: true,
            tree: true,
            input: true,
            exclusive: true,
        }
    }

    async fn frame(&self) -> Result<Frame, DeviceError> {
        let question = Question::look("takeScreenshot", json!([1, QUALITY]), MOST_PICTURE);
        let answer = self.ask(question).await?;
        let serial: Arc<str> = self.adb.serial().into();
        let unusable = move |reason: &dyn std::fmt::Display| {
            failed(format!("the picture of {serial} can't be used: {reason}"))
        };
        let Value::String(text) = answer else {
            return Err(unusable(&"there is none; the window may forbid it"));
        };
        // Millions of pixels: the other devices of this thread need not wait.
        let decoded = tokio::task::spawn_blocking(move || decode(&text)).await;
        let frame = decoded.map_err(|error| unusable(&error))?;
        frame.map_err(|reason| unusable(&reason))
    }

    /// The component on top is one more question, asked meanwhile.
    async fn tree(&self, activity: bool) -> Result<Tree, DeviceError> {
        if !activity {
            return self.elements().await;
        }
        let top = async { Ok::<_, DeviceError>(self.adb.top_activity().await?) };
        let (tree, activity) = tokio::try_join!(self.elements(), top)?;
        Ok(Tree { activity, ..tree })
    }

    async fn input(&self, gestures: &[Gesture]) -> Result<(), DeviceError> {
        let mut first = Ok(());
        for gesture in gestures {
            let done = self.perform(gesture).await;
            // Where the server was lost, one that is started again would do the rest out of place.
            if done.is_err() && self.session.lock().await.is_none() {
                return done;
            }
            first = first.and(done);
        }
        first
    }

    async fn close(&self) {
        let session = self.session.lock().await.take();
        if let Some(session) = session {
            session.server.stop(&self.adb).await;
        }
    }
}

/// Pixels of a JPEG in base64. One whose end is missing is half a picture, which decoders fill up without a word.
fn decode(text: &str) -> Result<Frame, String> {
    let bytes = rpc::base64(text).ok_or("it is no base64")?;
    if !(bytes.starts_with(b"\xff\xd8") && bytes.ends_with(b"\xff\xd9")) {
        return Err("it is no whole JPEG".to_owned());
    }
    pixels::decode(&bytes, u64::MAX).map_err(|error| error.to_string())
}

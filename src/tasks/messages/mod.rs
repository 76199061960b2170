//! Tasks in Simple SMS Messenger, judged by the telephony provider (catalogue section 3.13).

mod provider;
mod solve;

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::apps::MESSENGER;
use super::comparison::fuzzy;
use super::contacts::CLEAR_CONTACTS;
use super::{Solution, Task, TaskError, base, clipboard, init_stream, params, pools, setup};
use crate::adb::quote;
use crate::device::Device;
use crate::domain::{Instance, Params, TaskSpec};
use provider::{Incoming, Sent};

/// How old a message may be that counts, in milliseconds.
const FRESH: i64 = 300_000;
/// How often a message that is being sent is waited for, two seconds each.
const WAITS: u32 = 3;

/// Which of the tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Reply,
    ReplyMostRecent,
    Resend,
    Send,
    SendClipboard,
    SendReceivedAddress,
}

/// Parameters; each task has those that its spec names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Given {
    number: String,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name1: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name2: Option<String>,
}

/// What was sent before the agent began.
#[derive(Serialize, Deserialize)]
struct Evidence {
    sent: Vec<(String, String)>,
}

struct Messages {
    spec: TaskSpec,
    wish: Wish,
}

fn other_number(rng: &mut ChaCha8Rng, number: &str) -> String {
    loop {
        let other = pools::phone_number(rng);
        if other != number {
            return other;
        }
    }
}

impl Messages {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        let wrong = |reason: &str| Err(params::wrong(&self.spec, reason));
        let digits = given.number.strip_prefix('+').unwrap_or(&given.number);
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_ascii_digit()) {
            return wrong("a number is digits, perhaps with a plus before them");
        }
        let line = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
        if !line(&given.message) {
            return wrong("a message is one line of text");
        }
        let names = [
            ("name", &given.name),
            ("name1", &given.name1),
            ("name2", &given.name2),
        ];
        for (parameter, name) in names {
            let asked = self.spec.params.contains(&parameter);
            if asked && !name.as_deref().is_some_and(line) {
                return wrong(&format!("{parameter} is missing"));
            }
        }
        if given.name1.is_some() && given.name1 == given.name2 {
            return wrong("both names are the same");
        }
        Ok(given)
    }

    /// What comes in before the agent begins, the oldest first.
    fn incoming(&self, given: &Given, rng: &mut ChaCha8Rng) -> Vec<Incoming> {
        let mut all = Vec::new();
        let mine = |rng: &mut ChaCha8Rng| Incoming {
            number: given.number.clone(),
            body: pools::pick(&pools::SENTENCES, rng),
        };
        match self.wish {
            Wish::Reply => {
                let mut delivered = false;
                for _ in 0..rng.random_range(1..=5) {
                    if !delivered && rng.random() {
                        delivered = true;
                        all.push(mine(rng));
                    }
                    all.push(noise(given, rng));
                }
                if !delivered {
                    all.push(mine(rng));
                }
            }
            Wish::ReplyMostRecent => {
                for _ in 0..rng.random_range(0..=5) {
                    all.push(noise(given, rng));
                }
                all.push(mine(rng));
            }
            Wish::Resend => all.push(Incoming {
                number: given.number.clone(),
                body: pools::REPEAT_PLEASE.to_owned(),
            }),
            Wish::SendReceivedAddress => all.push(Incoming {
                number: other_number(rng, &given.number),
                body: given.message.clone(),
            }),
            Wish::Send | Wish::SendClipboard => {}
        }
        all
    }

    /// The people whom the agent knows by name, with their numbers.
    fn people(&self, given: &Given, incoming: &[Incoming]) -> Vec<(String, String)> {
        let sender = incoming.first().map_or("", |one| &one.number);
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        match self.wish {
            Wish::Resend => vec![(name(&given.name), given.number.clone())],
            Wish::SendReceivedAddress => vec![
                (name(&given.name1), given.number.clone()),
                (name(&given.name2), sender.to_owned()),
            ],
            _ => Vec::new(),
        }
    }
}

/// A text from somebody else, about something else.
fn noise(given: &Given, rng: &mut ChaCha8Rng) -> Incoming {
    loop {
        let body = pools::pick(&pools::SENTENCES, rng);
        if body != given.message {
            return Incoming {
                number: other_number(rng, &given.number),
                body,
            };
        }
    }
}

/// Adds a contact through the screen, as the benchmark does.
async fn add_contact(device: &Device, name: &str, number: &str) -> Result<(), TaskError> {
    let start = format!(
        "am start -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact -e name {} -e phone {} >/dev/null\nsleep 1",
        quote(name),
        quote(number)
    );
    device.adb().shell_ok(&start).await?;
    let saved = setup::press(device, "Save").await?;
    let leave = "sleep 1\ninput keyevent KEYCODE_BACK\nsleep 1\ncontent query --uri content://contacts/phones/ --projection display_name";
    let known = device.adb().query(leave).await?;
    if !saved || !known.contains(name) {
        return Err(TaskError::setup(
            device,
            format!("the contact {name} could not be added"),
        ));
    }
    Ok(())
}

/// Sends a message through the screen, as the benchmark does.
async fn send(device: &Device, number: &str, message: &str) -> Result<(), TaskError> {
    let start = format!(
        "am start -a android.intent.action.SENDTO -d {} --es sms_body {} >/dev/null\nsleep 1",
        quote(&format!("sms:{number}")),
        quote(message)
    );
    device.adb().shell_ok(&start).await?;
    setup::press(device, "SMS").await?;
    device.adb().shell_ok("sleep 1").await?;
    Ok(())
}

#[async_trait]
impl Task for Messages {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let number = pools::phone_number(rng);
        let message = match self.wish {
            Wish::SendReceivedAddress => pools::pick(&pools::ADDRESSES, rng),
            _ => pools::pick(&pools::SENTENCES, rng),
        };
        let (mut name, mut name1, mut name2) = (None, None, None);
        match self.wish {
            Wish::Resend => name = Some(pools::person(rng)),
            Wish::SendReceivedAddress => {
                name1 = Some(pools::person(rng));
                while name2.is_none() || name2 == name1 {
                    name2 = Some(pools::person(rng));
                }
            }
            _ => {}
        }
        params::write(&Given {
            number,
            message,
            name,
            name1,
            name2,
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = self.read(params)?;
        let Given {
            number, message, ..
        } = &given;
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        Ok(match self.wish {
            Wish::Reply => {
                format!("In Simple SMS Messenger, answer {number} with: \"{message}\"")
            }
            Wish::ReplyMostRecent => {
                format!("In Simple SMS Messenger, answer the newest text with: \"{message}\"")
            }
            Wish::Resend => format!(
                "In Simple SMS Messenger, send {} once more what I have just sent.",
                name(&given.name)
            ),
            Wish::Send => format!("In Simple SMS Messenger, text {number}: \"{message}\""),
            Wish::SendClipboard => {
                format!("In Simple SMS Messenger, text {number} what is on the clipboard.")
            }
            Wish::SendReceivedAddress => format!(
                "In Simple SMS Messenger, text {} the address that {} has just sent me.",
                name(&given.name1),
                name(&given.name2)
            ),
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let mut rng = init_stream(instance);
        let incoming = self.incoming(&given, &mut rng);
        let people = self.people(&given, &incoming);
        let mut script = provider::EMPTY.to_owned();
        if !people.is_empty() {
            script.push_str(CLEAR_CONTACTS);
        }
        base::init(device, &self.spec, &script).await?;
        for (name, number) in &people {
            add_contact(device, name, number).await?;
        }
        match self.wish {
            Wish::Resend => send(device, &given.number, &given.message).await?,
            Wish::SendClipboard => clipboard::set(device, &given.message).await?,
            _ => {}
        }
        provider::deliver(device, &incoming).await?;
        let (_, sent) = provider::sent(device).await?;
        let expected = usize::from(self.wish == Wish::Resend);
        if sent.len() != expected {
            return Err(TaskError::setup(
                device,
                format!("{} messages were sent, not {expected}", sent.len()),
            ));
        }
        let sent = sent.into_iter().map(|one| (one.address, one.body));
        let evidence = Evidence {
            sent: sent.collect(),
        };
        params::keep(instance, &evidence);
        Ok(())
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        let before: Evidence = params::evidence(instance)?;
        let fits = |now: i64, sent: &[Sent]| match self.wish {
            Wish::Resend => was_repeated(&before.sent, sent),
            _ => sent.iter().any(|one| {
                one.plain_address() == given.number
                    && fuzzy(Some(&one.body), Some(&given.message))
                    && now.saturating_sub(one.date) <= FRESH
            }),
        };
        let (mut now, mut sent) = provider::sent(device).await?;
        for _ in 0..WAITS {
            if fits(now, &sent) || !is_sending(device).await? {
                break;
            }
            device.adb().shell_ok("sleep 2").await?;
            (now, sent) = provider::sent(device).await?;
        }
        let mut reached = fits(now, &sent);
        if reached && self.wish != Wish::Resend {
            reached = base::is_in_front(device, MESSENGER).await?;
        }
        Ok(reached)
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        let script = match self.wish {
            Wish::Resend | Wish::SendReceivedAddress => CLEAR_CONTACTS,
            _ => "",
        };
        base::teardown(device, &self.spec, script).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        Ok(match self.wish {
            Wish::Reply => solve::reply(Some(given.number), given.message),
            Wish::ReplyMostRecent => solve::reply(None, given.message),
            Wish::Send => solve::send(given.number, Some(given.message)),
            Wish::SendClipboard => solve::send(given.number, None),
            Wish::Resend => {
                let name = given.name.unwrap_or_default();
                solve::forward(name.clone(), given.message, name)
            }
            Wish::SendReceivedAddress => solve::forward(
                given.name2.unwrap_or_default(),
                given.message,
                given.name1.unwrap_or_default(),
            ),
        })
    }
}

/// Whether the screen says that a message is on its way.
async fn is_sending(device: &Device) -> Result<bool, TaskError> {
    let elements = device.elements().await?;
    let begins = |text: &String| text.starts_with("Sending");
    Ok(elements
        .iter()
        .any(|element| element.text.as_ref().is_some_and(begins)))
}

/// One message more, and the newest is that of before.
fn was_repeated(before: &[(String, String)], after: &[Sent]) -> bool {
    let (Some((address, body)), Some(newest)) = (before.last(), after.first()) else {
        return false;
    };
    after.len() == before.len() + 1
        && newest.plain_address() == provider::plain(address)
        && fuzzy(Some(&newest.body), Some(body))
}

const fn task(
    name: &'static str,
    wish: Wish,
    difficulty: &'static str,
    tags: &'static [&'static str],
    params: &'static [&'static str],
) -> Messages {
    let (complexity, apps): (f64, &[&str]) = match wish {
        Wish::SendReceivedAddress => (1.8, &["simple sms messenger"]),
        Wish::SendClipboard => (1.2, &["simple sms messenger", "clipper"]),
        _ => (1.2, &["simple sms messenger"]),
    };
    Messages {
        spec: TaskSpec::new(name, apps, complexity, difficulty, tags, params),
        wish,
    }
}

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &task(
        "SimpleSmsReply",
        Wish::Reply,
        "easy",
        &["search", "data_entry", "parameterized"],
        &["number", "message"],
    ),
    &task(
        "SimpleSmsReplyMostRecent",
        Wish::ReplyMostRecent,
        "medium",
        &["parameterized"],
        &["number", "message"],
    ),
    &task(
        "SimpleSmsResend",
        Wish::Resend,
        "medium",
        &["parameterized"],
        &["name", "number", "message"],
    ),
    &task(
        "SimpleSmsSend",
        Wish::Send,
        "medium",
        &["parameterized"],
        &["number", "message"],
    ),
    &task(
        "SimpleSmsSendClipboardContent",
        Wish::SendClipboard,
        "easy",
        &["data_entry", "parameterized"],
        &["number", "message"],
    ),
    &task(
        "SimpleSmsSendReceivedAddress",
        Wish::SendReceivedAddress,
        "medium",
        &["information_retrieval", "parameterized"],
        &["name1", "number", "name2", "message"],
    ),
];

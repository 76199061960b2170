//! What the server can be asked: `/ping`, `/stop`, and the JSON-RPC methods that its clients use. Uses the machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::http::{Request, Response};
use super::nodes::{Node, Nodes};
use super::touches;
use crate::phone::emulator::fingers::{Contact, Fingers};
use crate::phone::faults::Condition;
use crate::phone::machine::Machine;
use crate::pixels;

/// The exception of a selector that finds nothing.
const NOT_FOUND: &str = "androidx.test.uiautomator.UiObjectNotFoundException";
/// Any other exception.
const ILLEGAL: &str = "java.lang.IllegalArgumentException";
/// Code of every exception.
const EXCEPTION: i64 = -32001;
/// A dump without nodes.
const EMPTY: &str =
    "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\r\n<hierarchy rotation=\"0\" />";
/// One step of a swipe, and how often a wait looks, in milliseconds.
const STEP: u64 = 5;
const LOOK: Duration = Duration::from_millis(20);
/// Longest text that a caller may set.
const TEXT: usize = 1 << 20;

/// What one server knows.
pub struct Server {
    machine: Arc<Machine>,
    ended: Arc<AtomicBool>,
    fingers: Fingers,
}

/// Why a call has no result.
#[derive(Debug)]
enum Failure {
    NoMethod,
    Parameters,
    Exception(&'static str, String),
}

type Answer = Result<Value, Failure>;

impl Server {
    /// A server that stops when it sets `ended`.
    pub fn new(machine: &Arc<Machine>, ended: Arc<AtomicBool>) -> Server {
        Server {
            machine: machine.clone(),
            ended,
            fingers: Fingers::default(),
        }
    }

    /// Answers one request.
    pub fn answer(&self, request: &Request) -> Response {
        match request.path.as_str() {
            "/ping" => Response::text("200 OK", "pong"),
            "/stop" => {
                self.ended.store(true, Ordering::Release);
                Response::text("200 OK", "Server stopped!!!")
            }
            "/jsonrpc/0" if request.body.is_empty() => {
                Response::text("500 Internal Server Error", "Invalid http post data!")
            }
            "/jsonrpc/0" => Response {
                status: "200 OK",
                kind: "application/json",
                body: self.call(&request.body).to_string().into_bytes(),
            },
            _ => Response::text("404 Not Found", "Not Found!!!"),
        }
    }

    fn call(&self, body: &str) -> Value {
        let Ok(call) = serde_json::from_str::<Value>(body) else {
            let error = json!({"code": -32700, "message": "JSON parse error"});
            return json!({"jsonrpc": "2.0", "id": "null", "error": error});
        };
        let nothing = Vec::new();
        let parameters = match &call["params"] {
            Value::Array(parameters) => parameters,
            _ => &nothing,
        };
        let id = &call["id"];
        let error = |code: i64, message: &str, data: &str| {
            let error = json!({"code": code, "message": message, "data": data});
            json!({"jsonrpc": "2.0", "id": id, "error": error})
        };
        match self.run(call["method"].as_str().unwrap_or(""), parameters) {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err(Failure::NoMethod) => error(-32601, "method not found", ""),
            Err(Failure::Parameters) => error(-32602, "method parameters invalid", ""),
            Err(Failure::Exception(class, text)) => error(EXCEPTION, class, &text),
        }
    }

    fn run(&self, method: &str, parameters: &[Value]) -> Answer {
        let machine = &*self.machine;
        let yes = Ok(Value::Bool(true));
        match (method, parameters) {
            ("ping", []) => Ok(json!("pong")),
            ("deviceInfo", []) => Ok(self.device_info()),
            ("dumpWindowHierarchy", [Value::Bool(compressed), ..]) if parameters.len() <= 3 => {
                let depth = match parameters.get(1) {
                    Some(depth) => whole(depth)?,
                    None => 50,
                };
                Ok(json!(limit_depth(&self.dump(*compressed), depth)))
            }
            ("takeScreenshot", [_, quality]) => self.picture(whole(quality)?),
            ("click" | "longClick", [selector @ Value::Object(_), ..]) => {
                let at = self.only(selector, Node::center)?;
                match method {
                    "click" => touches::tap(machine, at),
                    _ => touches::swipe(machine, at, at, 1_000),
                }
                yes
            }
            ("click", [x, y]) => self.click(x, y, 100),
            ("click", [x, y, millis]) => self.click(x, y, natural(millis)?),
            ("swipe", [x, y, to_x, to_y, steps]) => {
                self.swipe(&[x.clone(), y.clone(), to_x.clone(), to_y.clone()], steps)
            }
            ("drag", [x, y, to_x, to_y, steps]) => {
                self.swipe(&[x.clone(), y.clone(), to_x.clone(), to_y.clone()], steps)
            }
            ("swipePoints", [Value::Array(points), steps]) => self.swipe(points, steps),
            ("dragTo", [selector, x, y, steps]) => {
                let from = self.only(selector, Node::center)?;
                let points = [json!(from.0), json!(from.1), x.clone(), y.clone()];
                self.swipe(&points, steps)
            }
            ("injectInputEvent", [action, x, y, _]) => self.inject(natural(action)?, x, y),
            ("pressKey", [Value::String(name)]) => Ok(json!(touches::named_key(machine, name))),
            ("pressKeyCode", [code]) => self.press(code, 0),
            ("pressKeyCode", [code, meta]) => self.press(code, natural(meta)?),
            ("exist", [selector]) => {
                Ok(json!(!self.nodes().find(selector).map_err(odd)?.is_empty()))
            }
            ("count", [selector]) => Ok(json!(self.nodes().find(selector).map_err(odd)?.len())),
            ("objInfo", [selector]) => self.only(selector, Node::info),
            ("objInfoOfAllInstances", [selector]) => {
                let nodes = self.nodes();
                let found = nodes.find(selector).map_err(odd)?;
                Ok(found.iter().map(|node| node.info()).collect())
            }
            ("getText", [selector]) => self.only(selector, |node| json!(node.attribute("text"))),
            ("setText", [selector, Value::String(text)]) => self.set_text(selector, text),
            ("clearTextField", [selector]) => self.set_text(selector, "").map(|_| Value::Null),
            ("waitForExists", [selector, millis]) => self.wait(selector, natural(millis)?, true),
            ("waitUntilGone", [selector, millis]) => self.wait(selector, natural(millis)?, false),
            ("clearInputText", []) => {
                touches::clear(machine);
                Ok(Value::Null)
            }
            ("pasteClipboard", []) => {
                touches::paste(machine);
                Ok(Value::Null)
            }
            ("getClipboard", []) => Ok(json!(machine.look().system.clipboard)),
            ("setClipboard", [_, Value::String(text)]) if text.len() <= TEXT => {
                machine.lock().system.clipboard = Some(text.clone());
                Ok(Value::Null)
            }
            ("getLastToast", []) => Ok(json!(machine.look().windows.toast())),
            ("openNotification" | "openQuickSettings", []) => {
                touches::key(machine, 83, 0);
                yes
            }
            ("isScreenOn", []) => yes,
            // Nothing is traversed, the screen is never off, and it is always idle.
            ("getLastTraversedText", []) => Ok(Value::Null),
            ("clearLastTraversedText" | "clearLastToast" | "wakeUp" | "sleep", [])
            | ("waitForIdle" | "freezeRotation", [_]) => Ok(Value::Null),
            _ if METHODS.contains(&method) => Err(Failure::Parameters),
            _ => Err(Failure::NoMethod),
        }
    }

    fn dump(&self, compressed: bool) -> String {
        let machine = &*self.machine;
        if machine.faults.meets(Condition::EmptyTree) || machine.faults.meets(Condition::NullRoot) {
            return EMPTY.to_owned();
        }
        let mut state = machine.lock();
        let state = &mut *state;
        let fresh = state.windows.dump_xml(&mut state.system, compressed);
        machine.faults.tree(fresh)
    }

    fn nodes(&self) -> Nodes {
        Nodes::parse(&self.dump(false))
    }

    /// What a question says of the first node that a selector finds.
    fn only<T>(&self, selector: &Value, ask: impl Fn(&Node) -> T) -> Result<T, Failure> {
        let nodes = self.nodes();
        match nodes.find(selector).map_err(odd)?.first() {
            Some(node) => Ok(ask(node)),
            None => Err(Failure::Exception(NOT_FOUND, selector.to_string())),
        }
    }

    fn picture(&self, quality: i64) -> Answer {
        let (machine, screen) = (&*self.machine, &self.machine.screen);
        let kept = screen.kept(machine);
        let frame = kept.unwrap_or_else(|| screen.frame(machine));
        let quality = u8::try_from(quality.clamp(0, 100)).unwrap_or(100);
        let jpeg = pixels::encode_jpeg(&frame, quality)
            .map_err(|error| Failure::Exception("java.io.IOException", error.to_string()))?;
        let part = self.machine.faults.picture(jpeg.into());
        Ok(json!(base64(&part)))
    }

    fn click(&self, x: &Value, y: &Value, millis: u64) -> Answer {
        let at = (pixel(x)?, pixel(y)?);
        if at.0 < 0 || at.1 < 0 {
            return Ok(Value::Bool(false));
        }
        touches::swipe(&self.machine, at, at, millis);
        Ok(Value::Bool(true))
    }

    /// One finger through points that are given as x, y, x, y; every part takes as many steps.
    fn swipe(&self, points: &[Value], steps: &Value) -> Answer {
        let numbers: Result<Vec<i32>, Failure> = points.iter().map(pixel).collect();
        let numbers = numbers?;
        let [x, y, .., to_x, to_y] = numbers[..] else {
            return Err(Failure::Parameters);
        };
        let parts = (numbers.len() / 2 - 1) as u64;
        let millis = natural(steps)?.saturating_mul(STEP).saturating_mul(parts);
        touches::swipe(&self.machine, (x, y), (to_x, to_y), millis);
        Ok(Value::Bool(true))
    }

    fn inject(&self, action: u64, x: &Value, y: &Value) -> Answer {
        let contact = |down| -> Result<Contact, Failure> {
            Ok(Contact {
                identifier: 0,
                at: (pixel(x)?, pixel(y)?),
                down,
                stays: false,
            })
        };
        let contacts = match action {
            0 | 2 => vec![contact(true)?],
            1 => vec![contact(true)?, contact(false)?],
            _ => return Ok(Value::Bool(false)),
        };
        self.fingers.touch(&self.machine, &contacts);
        Ok(Value::Bool(true))
    }

    fn press(&self, code: &Value, meta: u64) -> Answer {
        let code = u32::try_from(natural(code)?).map_err(|_| Failure::Parameters)?;
        touches::key(&self.machine, code, meta);
        Ok(Value::Bool(true))
    }

    fn set_text(&self, selector: &Value, text: &str) -> Answer {
        if text.len() > TEXT {
            return Err(Failure::Parameters);
        }
        let at = self.only(selector, Node::center)?;
        touches::set_text(&self.machine, at, text);
        Ok(Value::Bool(true))
    }

    /// Waits until a selector finds something, or nothing.
    fn wait(&self, selector: &Value, millis: u64, exists: bool) -> Answer {
        let end = self
            .machine
            .clock
            .uptime_millis()
            .saturating_add_unsigned(millis);
        loop {
            let found = !self.nodes().find(selector).map_err(odd)?.is_empty();
            if found == exists {
                return Ok(Value::Bool(true));
            }
            let over = self.machine.clock.uptime_millis() >= end;
            if over || self.ended.load(Ordering::Acquire) {
                return Ok(Value::Bool(false));
            }
            self.machine.sleep(LOOK, &self.ended);
        }
    }

    fn device_info(&self) -> Value {
        let state = self.machine.look();
        let size = state.system.size();
        let dp = |pixels: i32| i64::from(pixels) * 160 / state.system.density().max(1);
        let rotation = state.system.rotation();
        json!({
            "currentPackageName": state.windows.focused().package,
            "displayHeight": size.height,
            "displayRotation": rotation,
            "displaySizeDpX": dp(size.width),
            "displaySizeDpY": dp(size.height),
            "displayWidth": size.width,
            "productName": state.system.properties.get("ro.product.name"),
            "screenOn": true,
            "sdkInt": 33,
            "naturalOrientation": rotation.is_multiple_of(2),
        })
    }
}

/// Methods whose parameters may be wrong.
const METHODS: [&str; 33] = [
    "ping",
    "deviceInfo",
    "dumpWindowHierarchy",
    "takeScreenshot",
    "click",
    "longClick",
    "swipe",
    "drag",
    "swipePoints",
    "dragTo",
    "injectInputEvent",
    "pressKey",
    "pressKeyCode",
    "exist",
    "count",
    "objInfo",
    "objInfoOfAllInstances",
    "getText",
    "setText",
    "clearTextField",
    "waitForExists",
    "waitUntilGone",
    "clearInputText",
    "pasteClipboard",
    "getClipboard",
    "setClipboard",
    "getLastToast",
    "openNotification",
    "openQuickSettings",
    "isScreenOn",
    "waitForIdle",
    "wakeUp",
    "sleep",
];

fn odd(reason: String) -> Failure {
    Failure::Exception(ILLEGAL, reason)
}

/// A whole number; what is behind the point of another is dropped, as Jackson does.
fn whole(value: &Value) -> Result<i64, Failure> {
    let number = value.as_f64().filter(|number| number.abs() < 1e15);
    Ok(number.ok_or(Failure::Parameters)? as i64)
}

fn natural(value: &Value) -> Result<u64, Failure> {
    u64::try_from(whole(value)?).map_err(|_| Failure::Parameters)
}

fn pixel(value: &Value) -> Result<i32, Failure> {
    i32::try_from(whole(value)?).map_err(|_| Failure::Parameters)
}

/// Leaves out the nodes that are deeper than so many levels below the first.
fn limit_depth(xml: &str, depth: i64) -> String {
    let mut out = String::with_capacity(xml.len());
    let mut level = 0;
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        let tag = &rest[at..end];
        let opens = tag.starts_with("<node");
        let closes = tag.starts_with("</node") || (opens && tag.ends_with("/>"));
        level += i64::from(opens);
        let node = opens || closes;
        if !node || level <= depth.saturating_add(1) {
            out.push_str(&rest[..end]);
        }
        level -= i64::from(closes);
        rest = &rest[end..];
    }
    out
}

/// Java's `Base64.DEFAULT`: lines of 76 letters, each with its end.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len() / 3 * 4 + bytes.len() / 57 + 8);
    for line in bytes.chunks(57) {
        for chunk in line.chunks(3) {
            let three = [0, 1, 2].map(|index| u32::from(chunk.get(index).copied().unwrap_or(0)));
            let word = three[0] << 16 | three[1] << 8 | three[2];
            for index in 0..4 {
                text.push(match index <= chunk.len() {
                    true => char::from(LETTERS[(word >> (18 - 6 * index)) as usize & 63]),
                    false => '=',
                });
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_javas_lines() {
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"a"), "YQ==\n");
        assert_eq!(base64(b"ab"), "YWI=\n");
        assert_eq!(base64(b"abc"), "YWJj\n");
        let lines = base64(&[0xff; 58]);
        assert_eq!(lines, format!("{}\n/w==\n", "/".repeat(76)));
    }

    #[test]
    fn deep_nodes_are_left_out() {
        let xml = "<hierarchy><node a><node b><node c /></node><node d /></node></hierarchy>";
        assert_eq!(limit_depth(xml, 50), xml);
        let flat = "<hierarchy><node a><node b></node><node d /></node></hierarchy>";
        assert_eq!(limit_depth(xml, 1), flat);
        assert_eq!(
            limit_depth(xml, 0),
            "<hierarchy><node a></node></hierarchy>"
        );
    }
}

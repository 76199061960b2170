//! Messages of the accessibility forwarder (`android_env`, `a11y.proto` and what it imports), written by hand so
//! that no protobuf compiler is needed. Shared by the virtual phone, which sends them, and by `channels`, which
//! receives them. Uses `prost`; no I/O.

use std::collections::HashMap;

/// The service's name with which the path of every call begins.
pub const SERVICE: &str = "/android_env.A11yService/";
/// The app's package.
pub const PACKAGE: &str = "com.google.androidenv.accessibilityforwarder";

/// A box in pixels of the screen.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct Rect {
    /// Left edge.
    #[prost(int32, tag = "1")]
    pub left: i32,
    /// Top edge.
    #[prost(int32, tag = "2")]
    pub top: i32,
    /// Right edge.
    #[prost(int32, tag = "3")]
    pub right: i32,
    /// Bottom edge.
    #[prost(int32, tag = "4")]
    pub bottom: i32,
}

/// Something that can be done to a node.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Action {
    /// Android's number (`AccessibilityNodeInfo.ACTION_...`).
    #[prost(int32, tag = "1")]
    pub id: i32,
    /// What it does, where the app says so.
    #[prost(string, tag = "2")]
    pub label: String,
}

/// One node. Which nodes label which is not told, nor where links are in texts.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Node {
    /// Place in the tree's list; 0 for the root.
    #[prost(int32, tag = "1")]
    pub unique_id: i32,
    /// Its box on the screen.
    #[prost(message, optional, tag = "2")]
    pub bounds: Option<Rect>,
    /// E.g. `android.widget.Button`.
    #[prost(string, tag = "3")]
    pub class_name: String,
    /// What a screen reader says instead of the text.
    #[prost(string, tag = "4")]
    pub content_description: String,
    /// What an empty field asks for.
    #[prost(string, tag = "5")]
    pub hint_text: String,
    /// Whose it is.
    #[prost(string, tag = "6")]
    pub package_name: String,
    /// Its text.
    #[prost(string, tag = "7")]
    pub text: String,
    /// Begin of the selected text; -1 without.
    #[prost(int64, tag = "8")]
    pub text_selection_start: i64,
    /// End of the selected text; -1 without.
    #[prost(int64, tag = "9")]
    pub text_selection_end: i64,
    /// `package:id/name`.
    #[prost(string, tag = "10")]
    pub view_id_resource_name: String,
    /// Its window.
    #[prost(int32, tag = "11")]
    pub window_id: i32,
    /// Whether it can be checked.
    #[prost(bool, tag = "12")]
    pub is_checkable: bool,
    /// Whether it is.
    #[prost(bool, tag = "13")]
    pub is_checked: bool,
    /// Whether it answers a tap.
    #[prost(bool, tag = "14")]
    pub is_clickable: bool,
    /// Whether its text can be edited.
    #[prost(bool, tag = "15")]
    pub is_editable: bool,
    /// Whether it can be used.
    #[prost(bool, tag = "16")]
    pub is_enabled: bool,
    /// Whether it can have the focus.
    #[prost(bool, tag = "17")]
    pub is_focusable: bool,
    /// Never set by the forwarder, and so not here.
    #[prost(bool, tag = "18")]
    pub is_focused: bool,
    /// Whether it answers a long press.
    #[prost(bool, tag = "19")]
    pub is_long_clickable: bool,
    /// Whether it hides its text.
    #[prost(bool, tag = "20")]
    pub is_password: bool,
    /// Whether there is more to scroll to.
    #[prost(bool, tag = "21")]
    pub is_scrollable: bool,
    /// Whether it is selected.
    #[prost(bool, tag = "22")]
    pub is_selected: bool,
    /// Whether any of it is on the screen.
    #[prost(bool, tag = "23")]
    pub is_visible_to_user: bool,
    /// What can be done to it.
    #[prost(message, repeated, tag = "24")]
    pub actions: Vec<Action>,
    /// `unique_id` of its children, in order.
    #[prost(int32, repeated, tag = "25")]
    pub child_ids: Vec<i32>,
    /// Steps from the root.
    #[prost(int32, tag = "27")]
    pub depth: i32,
    /// Place among its siblings, from 1, as drawn.
    #[prost(int32, tag = "30")]
    pub drawing_order: i32,
}

/// The nodes of a window, breadth first.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Tree {
    /// The root first.
    #[prost(message, repeated, tag = "1")]
    pub nodes: Vec<Node>,
}

/// What a window is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum WindowType {
    /// Not known.
    Unknown = 0,
    /// An app's.
    Application = 1,
    /// The keyboard.
    InputMethod = 2,
    /// The system's.
    System = 3,
}

/// One window.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Window {
    /// Its box on the screen.
    #[prost(message, optional, tag = "1")]
    pub bounds: Option<Rect>,
    /// 0 is the phone's own display.
    #[prost(int32, tag = "2")]
    pub display_id: i32,
    /// Its number.
    #[prost(int32, tag = "3")]
    pub id: i32,
    /// A higher one is in front.
    #[prost(int32, tag = "4")]
    pub layer: i32,
    /// Its title.
    #[prost(string, tag = "5")]
    pub title: String,
    /// What it is for.
    #[prost(enumeration = "WindowType", tag = "6")]
    pub window_type: i32,
    /// Whether a screen reader is in it.
    #[prost(bool, tag = "7")]
    pub is_accessibility_focused: bool,
    /// Whether the user is in it.
    #[prost(bool, tag = "8")]
    pub is_active: bool,
    /// Whether keys go to it.
    #[prost(bool, tag = "9")]
    pub is_focused: bool,
    /// Its nodes.
    #[prost(message, optional, tag = "11")]
    pub tree: Option<Tree>,
}

/// All windows, the lowest first.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Forest {
    /// Each of them.
    #[prost(message, repeated, tag = "1")]
    pub windows: Vec<Window>,
}

/// Something that happened, as names and values.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct EventRequest {
    /// `event_type` and what belongs to it.
    #[prost(map = "string, string", tag = "1")]
    pub event: HashMap<String, String>,
}

/// What a server answers to either.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Answer {
    /// Why it did not take it; empty when it did.
    #[prost(string, tag = "1")]
    pub error: String,
}

/// What a device sends on the stream between both.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ClientToServer {
    /// One of both, or neither.
    #[prost(oneof = "Pushed", tags = "1, 2")]
    pub payload: Option<Pushed>,
}

/// What can be pushed.
#[derive(Clone, PartialEq, Eq, prost::Oneof)]
pub enum Pushed {
    /// Something happened.
    #[prost(message, tag = "1")]
    Event(EventRequest),
    /// All windows.
    #[prost(message, tag = "2")]
    Forest(Forest),
}

/// Asks for a forest.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct GetForest {}

/// What a server sends on the stream between both; an empty one says that it is there.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ServerToClient {
    /// A forest is wanted.
    #[prost(message, optional, tag = "1")]
    pub get_forest: Option<GetForest>,
}

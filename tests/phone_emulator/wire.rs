//! The numbers of `emulator_controller.proto` and `a11y.proto` once more, so that a slip in the phone's shows.

use std::collections::HashMap;

#[derive(Clone, PartialEq, prost::Message)]
pub struct Nothing {}

#[derive(Clone, PartialEq, prost::Message)]
pub struct State {
    #[prost(string, tag = "1")]
    pub version: String,
    #[prost(uint64, tag = "2")]
    pub uptime: u64,
    #[prost(bool, tag = "3")]
    pub booted: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Transport {
    #[prost(int32, tag = "1")]
    pub channel: i32,
    #[prost(string, tag = "2")]
    pub handle: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Format {
    #[prost(int32, tag = "1")]
    pub format: i32,
    #[prost(uint32, tag = "3")]
    pub width: u32,
    #[prost(uint32, tag = "4")]
    pub height: u32,
    #[prost(uint32, tag = "5")]
    pub display: u32,
    #[prost(message, optional, tag = "6")]
    pub transport: Option<Transport>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Picture {
    #[prost(message, optional, tag = "1")]
    pub format: Option<Format>,
    #[prost(bytes = "vec", tag = "4")]
    pub image: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Touch {
    #[prost(int32, tag = "1")]
    pub x: i32,
    #[prost(int32, tag = "2")]
    pub y: i32,
    #[prost(int32, tag = "3")]
    pub identifier: i32,
    #[prost(int32, tag = "4")]
    pub pressure: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Touches {
    #[prost(message, repeated, tag = "1")]
    pub touches: Vec<Touch>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Key {
    #[prost(int32, tag = "1")]
    pub code_type: i32,
    #[prost(int32, tag = "2")]
    pub event_type: i32,
    #[prost(int32, tag = "3")]
    pub key_code: i32,
    #[prost(string, tag = "4")]
    pub key: String,
    #[prost(string, tag = "5")]
    pub text: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Sms {
    #[prost(string, tag = "1")]
    pub source: String,
    #[prost(string, tag = "2")]
    pub text: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Number {
    #[prost(int32, tag = "1")]
    pub response: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Clip {
    #[prost(string, tag = "1")]
    pub text: String,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Rect {
    #[prost(int32, tag = "1")]
    pub left: i32,
    #[prost(int32, tag = "2")]
    pub top: i32,
    #[prost(int32, tag = "3")]
    pub right: i32,
    #[prost(int32, tag = "4")]
    pub bottom: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Node {
    #[prost(int32, tag = "1")]
    pub unique_id: i32,
    #[prost(message, optional, tag = "2")]
    pub bounds: Option<Rect>,
    #[prost(string, tag = "3")]
    pub class_name: String,
    #[prost(string, tag = "4")]
    pub content_description: String,
    #[prost(string, tag = "6")]
    pub package_name: String,
    #[prost(string, tag = "7")]
    pub text: String,
    #[prost(string, tag = "10")]
    pub resource: String,
    #[prost(bool, tag = "14")]
    pub is_clickable: bool,
    #[prost(bool, tag = "15")]
    pub is_editable: bool,
    #[prost(bool, tag = "23")]
    pub is_visible_to_user: bool,
    #[prost(int32, repeated, tag = "25")]
    pub child_ids: Vec<i32>,
    #[prost(int32, tag = "27")]
    pub depth: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Tree {
    #[prost(message, repeated, tag = "1")]
    pub nodes: Vec<Node>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Window {
    #[prost(int32, tag = "4")]
    pub layer: i32,
    #[prost(int32, tag = "6")]
    pub window_type: i32,
    #[prost(bool, tag = "8")]
    pub is_active: bool,
    #[prost(message, optional, tag = "11")]
    pub tree: Option<Tree>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Forest {
    #[prost(message, repeated, tag = "1")]
    pub windows: Vec<Window>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Event {
    #[prost(map = "string, string", tag = "1")]
    pub event: HashMap<String, String>,
}

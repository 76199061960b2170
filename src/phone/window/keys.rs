//! Keys: navigation, editing, the keyboard's keys, key combinations.

use super::WindowManager;
use super::compose::{Owner, Window};
use super::editing::{self, Cursor, Edit};
use super::keyboard::{KeyMessage, Layer};
use crate::phone::apps::dialer::{self, IN_CALL};
use crate::phone::system::{Namespace, System};
use crate::phone::ui::{ImeAction, InputKind, Kind};

/// Android's key codes (`android.view.KeyEvent`) that do something here.
pub mod code {
    /// HOME.
    pub const HOME: u32 = 3;
    /// BACK.
    pub const BACK: u32 = 4;
    /// ENTER.
    pub const ENTER: u32 = 66;
    /// DEL, which deletes backwards.
    pub const DEL: u32 = 67;
    /// The recent apps.
    pub const APP_SWITCH: u32 = 187;
}

impl WindowManager {
    /// A key event by Android's code.
    pub fn key(&mut self, system: &mut System, code: u32) {
        self.tick(system);
        match code {
            code::HOME => self.go_home(system),
            code::BACK | 111 => self.back(system),
            code::APP_SWITCH => self.show_recents(system),
            code::ENTER | 160 => self.enter(system),
            23 => self.enter(system),
            61 => {
                self.focus_next(system);
            }
            code::DEL => self.edit(system, Edit::DeleteBack),
            112 => self.edit(system, Edit::DeleteForward),
            21 => self.edit(system, Edit::Left),
            22 => self.edit(system, Edit::Right),
            122 => self.edit(system, Edit::LineStart),
            123 => self.edit(system, Edit::LineEnd),
            277 => {
                self.copy_selection(system);
                self.edit(system, Edit::Insert(""));
            }
            278 => self.copy_selection(system),
            279 => self.paste(system),
            83 => self.show_shade(system),
            176 => {
                let settings = crate::phone::system::Intent::action("android.settings.SETTINGS");
                // Without a settings app the key does nothing.
                let _ = self.launch(system, &settings, None);
            }
            5 => self.hand_over(system, IN_CALL, &dialer::accept()),
            6 => self.hand_over(system, IN_CALL, &dialer::hang_up(true)),
            220 | 221 => brightness_step(system, code == 221),
            other => {
                if let Some(character) = character_of(other) {
                    let typed = character.to_string();
                    self.type_text(system, &typed);
                }
            }
        }
        self.settle(system);
    }

    /// A long press of a key: HOME and the others do what a short press does.
    pub fn key_long(&mut self, system: &mut System, code: u32) {
        self.key(system, code);
    }

    /// Keys pressed together (`input keycombination`): Ctrl with A, C, V, X, Shift with letters.
    pub fn key_combination(&mut self, system: &mut System, codes: &[u32]) {
        let Some((&last, modifiers)) = codes.split_last() else {
            return;
        };
        let ctrl = modifiers.iter().any(|code| matches!(code, 113 | 114));
        let shift = modifiers.iter().any(|code| matches!(code, 59 | 60));
        if !ctrl && !shift {
            return codes.iter().for_each(|&code| self.key(system, code));
        }
        self.tick(system);
        match last {
            29 if ctrl => self.edit(system, Edit::SelectAll),
            31 if ctrl => self.copy_selection(system),
            50 if ctrl => self.paste(system),
            52 if ctrl => {
                self.copy_selection(system);
                self.edit(system, Edit::Insert(""));
            }
            other if shift => {
                if let Some(character) = character_of(other) {
                    let typed = shifted(character).to_string();
                    self.type_text(system, &typed);
                }
            }
            _ => {}
        }
        self.settle(system);
    }

    /// BACK: closes, in this order, the selection bar, the keyboard, the front overlay, and else asks the
    /// activity in front.
    pub(super) fn back(&mut self, system: &mut System) {
        if std::mem::take(&mut self.selection_bar) {
            if let Some(focus) = &mut self.focus {
                focus.cursor = Cursor::at(focus.cursor.at);
            }
            return;
        }
        if std::mem::take(&mut self.keyboard_shown) {
            return;
        }
        let windows = self.compose(system);
        let front = windows
            .iter()
            .rfind(|window| matches!(window.owner, Owner::Activity(_)));
        let Some(Window {
            owner: Owner::Activity(id),
            layer,
            on_dismiss,
            ..
        }) = front
        else {
            return;
        };
        if *layer > 0 {
            if let Some(message) = on_dismiss.clone() {
                self.deliver(system, (Owner::Activity(*id), message));
            }
            return;
        }
        let id = *id;
        if let Some(running) = self.running_mut(id) {
            let effects = running.activity.on_back(system);
            self.apply(system, id, effects);
        }
    }

    /// The focused field's value, kind, and whether it has several lines.
    pub(super) fn focused_value(&mut self, system: &System) -> Option<(String, InputKind, bool)> {
        self.focus.as_ref()?;
        let windows = self.compose(system);
        let (window, index) = self.field_in(&windows)?;
        match &window.scene.nodes[index].widget.kind {
            Kind::Field(field) => Some((field.value.clone(), field.input, field.multiline)),
            _ => None,
        }
    }

    fn field_in<'a>(&self, windows: &'a [Window]) -> Option<(&'a Window, usize)> {
        let focus = self.focus.as_ref()?;
        let window = windows.iter().find(|window| {
            window.owner == Owner::Activity(focus.activity) && window.layer == focus.layer
        })?;
        Some((window, window.scene.find_field(&focus.field)?))
    }

    /// Types into the focused field, in place of its selection.
    pub(super) fn type_text(&mut self, system: &mut System, typed: &str) {
        let Some((_, input, multiline)) = self.focused_value(system) else {
            return;
        };
        let typed = editing::filter(typed, input, multiline);
        if !typed.is_empty() {
            self.edit(system, Edit::Insert(&typed));
        }
    }

    /// Changes the focused field's text or cursor.
    pub(super) fn edit(&mut self, system: &mut System, edit: Edit<'_>) {
        let windows = self.compose(system);
        let Some((window, index)) = self.field_in(&windows) else {
            return;
        };
        let owner = window.owner;
        let node = &window.scene.nodes[index];
        let Kind::Field(field) = &node.widget.kind else {
            return;
        };
        let Some(focus) = self.focus.as_mut() else {
            return;
        };
        if !node.enabled {
            return;
        }
        let (new, cursor) = editing::apply(&field.value, focus.cursor, edit);
        let from_end = new.len() - cursor.at;
        focus.cursor = cursor;
        if new == field.value {
            return;
        }
        let Some(message) = field.on_change.as_ref().map(|change| change(new.clone())) else {
            return;
        };
        self.reveal_focus = true;
        self.deliver(system, (owner, message));
        // An activity may store another text than was typed (it formats a number, say): the cursor then
        // keeps its distance from the end.
        if let Some((value, _, _)) = self.focused_value(system)
            && value != new
            && let Some(focus) = self.focus.as_mut()
        {
            let at = editing::floor_boundary(&value, value.len().saturating_sub(from_end));
            focus.cursor = Cursor::at(at);
        }
    }

    /// The ENTER key: a new line, or the field's own message, or the next field.
    fn enter(&mut self, system: &mut System) {
        let windows = self.compose(system);
        let Some((window, index)) = self.field_in(&windows) else {
            return;
        };
        let owner = window.owner;
        let Kind::Field(field) = &window.scene.nodes[index].widget.kind else {
            return;
        };
        if field.multiline {
            return self.edit(system, Edit::Insert("\n"));
        }
        match field.on_enter.clone() {
            Some(message) => self.deliver(system, (owner, message)),
            None => {
                self.focus_next(system);
            }
        }
    }

    /// Moves the focus to the field after the focused one; false when there is none.
    fn focus_next(&mut self, system: &System) -> bool {
        let windows = self.compose(system);
        let Some((window, index)) = self.field_in(&windows) else {
            return false;
        };
        let next = window
            .scene
            .nodes
            .iter()
            .enumerate()
            .skip(index + 1)
            .find_map(|(position, node)| match &node.widget.kind {
                Kind::Field(field) if node.enabled && node.widget.visible => Some((
                    window.scene.name(position).into_owned(),
                    field.value.clone(),
                )),
                _ => None,
            });
        if let (Some((name, value)), Some(focus)) = (next, self.focus.as_mut()) {
            focus.field = name;
            focus.cursor = Cursor::end_of(&value);
            self.selection_bar = false;
            self.reveal_focus = true;
            return true;
        }
        false
    }

    /// A key of the on-screen keyboard.
    pub(super) fn keyboard_key(&mut self, system: &mut System, key: KeyMessage) {
        self.selection_bar = false;
        match key {
            KeyMessage::Type(text) => {
                self.type_text(system, &text);
                self.keyboard.shift = false;
            }
            KeyMessage::Delete => self.edit(system, Edit::DeleteBack),
            KeyMessage::Shift => self.keyboard.shift = !self.keyboard.shift,
            KeyMessage::Show(layer) => {
                self.keyboard.layer = layer;
                self.keyboard.shift = false;
            }
            KeyMessage::Action => self.ime_action(system),
            KeyMessage::Nothing => {}
        }
        if self.keyboard.layer != Layer::Letters {
            self.keyboard.shift = false;
        }
    }

    fn ime_action(&mut self, system: &mut System) {
        let windows = self.compose(system);
        let field = self.field_in(&windows).and_then(|(window, index)| {
            match &window.scene.nodes[index].widget.kind {
                Kind::Field(field) => Some((
                    window.owner,
                    field.multiline,
                    field.action,
                    field.on_enter.clone(),
                )),
                _ => None,
            }
        });
        match field {
            Some((_, true, _, _)) => self.edit(system, Edit::Insert("\n")),
            Some((owner, false, action, Some(message))) => {
                self.deliver(system, (owner, message));
                if action == ImeAction::Done {
                    self.keyboard_shown = false;
                }
            }
            Some((_, false, ImeAction::Next, None)) if self.focus_next(system) => {}
            _ => self.keyboard_shown = false,
        }
    }
}

/// The character that a key types without modifiers.
fn character_of(code: u32) -> Option<char> {
    let from = |base: char, first: u32| char::from_u32(base as u32 + code - first);
    match code {
        7..=16 => from('0', 7),
        29..=54 => from('a', 29),
        144..=153 => from('0', 144),
        17 => Some('*'),
        18 => Some('#'),
        55 => Some(','),
        56 | 158 => Some('.'),
        62 => Some(' '),
        68 => Some('`'),
        69 | 156 => Some('-'),
        70 | 161 => Some('='),
        71 => Some('['),
        72 => Some(']'),
        73 => Some('\\'),
        74 => Some(';'),
        75 => Some('\''),
        76 | 154 => Some('/'),
        77 => Some('@'),
        81 | 157 => Some('+'),
        _ => None,
    }
}

/// The character of the same key with Shift, on an American keyboard.
fn shifted(character: char) -> char {
    const PLAIN: &str = "1234567890-=[]\\;'`,./";
    const SHIFTED: &str = "!@#$%^&*()_+{}|:\"~<>?";
    let at = PLAIN.chars().position(|one| one == character);
    at.and_then(|at| SHIFTED.chars().nth(at))
        .unwrap_or(character.to_ascii_uppercase())
}

/// The brightness keys move in sixteen steps.
fn brightness_step(system: &mut System, up: bool) {
    let now = system
        .settings
        .get_integer(Namespace::System, "screen_brightness", 128);
    let next = (if up { now + 16 } else { now - 16 }).clamp(1, 255);
    // A full disk leaves the old value, as everywhere.
    let _ = system
        .settings
        .put(Namespace::System, "screen_brightness", next);
}

//! The canvas with its tools, and how pictures are saved.

use super::dialogs::{self, FILE_NAME, Front};
use super::encode::{Format, encode};
use super::look;
use super::picture::{Drawing, Stroke};
use super::{PACKAGE, PREFERENCES, SETTINGS, SHOW_BRUSH_SIZE};
use crate::phone::apps::files;
use crate::phone::providers::documents::path_of;
use crate::phone::system::{Intent, PhoneError, Preferences, System, WIDTH_DP};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Length, Screen, Shape, Widget, bar_row, canvas, column,
    overflow_button, row, slider, stack, stretch, toolbar_action,
};

/// The request for the place of a file.
const SAVE: u32 = 1;
/// The request for a file to open.
const OPEN: u32 = 2;
/// Height of the tool bar in dp.
const BAR: f32 = 56.0;
/// Heights of the status bar and of the navigation handle in dp.
const AROUND: f32 = 50.286 + 24.0;
/// Widths of the brush in dp.
const WIDTHS: [f32; 2] = [1.0, 40.0];

/// What the app remembers.
const FORMAT: &str = "last_save_extension";
const BRUSH_COLOR: &str = "brush_color_hex";
const GROUND: &str = "canvas_background_hex";
const BRUSH_SIZE: &str = "brush_size_share";

/// What a finger on the canvas does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Draws.
    Brush,
    /// Shows the ground again.
    Eraser,
    /// Colours what is touched.
    Bucket,
    /// Takes the colour of what is touched.
    Dropper,
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// A finger went over the canvas.
    Drag([f32; 4]),
    /// Takes a tool, or puts it away.
    Tool(Tool),
    /// Takes the last step back.
    Undo,
    /// Makes it again.
    Redo,
    /// Removes everything.
    Clear,
    /// The width of the brush, from 0 to 1.
    Width(f32),
    /// The menu of the three dots.
    Menu,
    /// Asks for a colour, of the ground or of the brush.
    AskColor(bool),
    /// Asks for a name.
    AskSave,
    /// The text of a dialog's field.
    Text(String),
    /// The kind of the file.
    Format(Format),
    /// OK.
    Accept,
    /// Asks for a file.
    OpenFile,
    /// Opens the settings.
    Settings,
    /// Says what the app is.
    About,
    /// Leaves without saving.
    Leave,
    /// Closes a dialog.
    Dismiss,
    /// Only says something.
    Say(&'static str),
}

/// The screen.
pub struct MainActivity {
    drawing: Drawing,
    tool: Tool,
    color: Color,
    /// Width of the brush, from 0 to 1.
    width: f32,
    show_width: bool,
    front: Option<Front>,
    /// Name of the last file without its ending.
    name: Option<String>,
    format: Format,
}

fn stored(system: &System) -> Preferences {
    Preferences::load(&system.files, PACKAGE, PREFERENCES)
}

fn remember(system: &System, key: &str, value: String) -> Result<(), PhoneError> {
    let mut preferences = stored(system);
    preferences.put(key, value);
    preferences.save(&system.files)
}

impl MainActivity {
    fn brush(&self) -> f32 {
        WIDTHS[0] + self.width * (WIDTHS[1] - WIDTHS[0])
    }

    /// Width and height of the canvas in dp.
    fn room(system: &System) -> [f32; 2] {
        [WIDTH_DP, (system.height_dp() - AROUND - BAR).max(100.0)]
    }

    fn touch(&mut self, system: &System, way: [f32; 4]) -> Result<(), PhoneError> {
        let [_, _, x, y] = way;
        match self.tool {
            Tool::Brush | Tool::Eraser => {
                let color = (self.tool == Tool::Brush).then_some(self.color);
                let width = self.brush();
                self.drawing.draw(Stroke { way, width, color });
            }
            Tool::Bucket => self.drawing.fill([x, y], self.color),
            Tool::Dropper => {
                self.color = self.drawing.picture.color_at([x, y]);
                self.tool = Tool::Brush;
                remember(system, BRUSH_COLOR, dialogs::digits_of(self.color))?;
            }
        }
        Ok(())
    }

    /// Takes the dialog that is in front.
    fn accept(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        match self.front.take() {
            Some(Front::Save { name, format }) => {
                let name = name.trim().to_owned();
                let wrong = match name.is_empty() {
                    true => Some("Filename cannot be empty"),
                    false
                        if name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|', '\0']) =>
                    {
                        Some("Filename contains invalid characters")
                    }
                    false => None,
                };
                if let Some(wrong) = wrong {
                    self.front = Some(Front::Save { name, format });
                    return Ok(none.toast(wrong));
                }
                remember(system, FORMAT, format.ending().to_owned())?;
                let ask = Intent::action(files::CREATE_DOCUMENT)
                    .mime(format.mime())
                    .text(files::TITLE, format!("{name}.{}", format.ending()));
                (self.name, self.format) = (Some(name), format);
                return Ok(none.hide_keyboard().start_for_result(SAVE, ask));
            }
            Some(Front::Color { digits, ground }) => {
                let Some(color) = dialogs::color_of(&digits) else {
                    self.front = Some(Front::Color { digits, ground });
                    return Ok(none);
                };
                if ground {
                    self.drawing.set_ground(color);
                } else {
                    self.color = color;
                    self.tool = Tool::Brush;
                }
                remember(system, if ground { GROUND } else { BRUSH_COLOR }, digits)?;
            }
            _ => {}
        }
        Ok(none.hide_keyboard())
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        // What changes a dialog, or is a step out of one, needs it; everything else closes it.
        match message {
            Message::Text(text) => match &mut self.front {
                Some(Front::Save { name, .. }) => *name = text,
                Some(Front::Color { digits, .. }) => {
                    *digits = text.trim_start_matches('#').to_lowercase();
                }
                _ => {}
            },
            Message::Format(kind) => {
                if let Some(Front::Save { format, .. }) = &mut self.front {
                    *format = kind;
                }
            }
            Message::Accept => return self.accept(system),
            Message::Drag(way) => self.touch(system, way)?,
            Message::Tool(tool) => {
                self.tool = if self.tool == tool { Tool::Brush } else { tool };
            }
            Message::Undo => self.drawing.undo(),
            Message::Redo => self.drawing.redo(),
            Message::Clear => self.drawing.clear(),
            Message::Width(width) => {
                self.width = width;
                remember(system, BRUSH_SIZE, width.to_string())?;
            }
            Message::Menu => self.front = Some(Front::Menu),
            Message::AskColor(ground) => {
                let color = if ground {
                    self.drawing.picture.ground
                } else {
                    self.color
                };
                let digits = dialogs::digits_of(color);
                self.front = Some(Front::Color { digits, ground });
            }
            Message::AskSave => {
                let now = || {
                    system
                        .clock
                        .now()
                        .strftime("image_%Y%m%d_%H%M%S")
                        .to_string()
                };
                let name = self.name.clone().unwrap_or_else(now);
                let format = self.format;
                self.front = Some(Front::Save { name, format });
                return Ok(none.focus(FILE_NAME));
            }
            Message::OpenFile => {
                self.front = None;
                let ask = Intent::action(files::OPEN_DOCUMENT).mime("image/*");
                return Ok(none.start_for_result(OPEN, ask));
            }
            Message::Settings => {
                self.front = None;
                return Ok(none.start(Intent::activity(PACKAGE, SETTINGS)));
            }
            Message::About => self.front = Some(Front::About),
            Message::Leave => return Ok(none.finish()),
            Message::Dismiss => {
                self.front = None;
                return Ok(none.hide_keyboard());
            }
            Message::Say(words) => {
                self.front = None;
                return Ok(none.toast(words));
            }
        }
        Ok(none)
    }

    fn save(&mut self, system: &System, path: &str) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        let [width, height] = Self::room(system);
        let density = system.screen.width as f32 / width;
        let size = [system.screen.width, (height * density) as i32];
        let Some(file) = encode(&self.drawing.picture, self.format, size, density) else {
            return Ok(none.toast("The file could not be saved"));
        };
        system
            .files
            .write(path, file)
            .map_err(|error| PhoneError::file(path, error))?;
        self.drawing.set_saved();
        Ok(none.toast("File saved successfully"))
    }

    fn bar(&self) -> Widget<Message> {
        bar_row(
            BAR,
            vec![
                stretch(),
                toolbar_action(Icon::Save, "Save", Message::AskSave).id("menu_save"),
                toolbar_action(Icon::Delete, "Clear", Message::Clear).id("clear"),
                toolbar_action(
                    Icon::Share,
                    "Share",
                    Message::Say("There is no app to share pictures with"),
                )
                .id("menu_share"),
                overflow_button(Message::Menu),
            ],
        )
        .id("main_toolbar")
    }

    fn tools(&self) -> Widget<Message> {
        let drawing = &self.drawing;
        let own = |id, label, shapes, tool| {
            look::tool(
                id,
                label,
                shapes,
                self.tool == tool,
                Message::Tool(tool),
                Message::Say(label),
            )
        };
        let plain = |id, label, shapes, message| {
            look::tool(id, label, shapes, false, message, Message::Say(label))
        };
        let undo = plain("undo", "Undo", look::turn(false), Message::Undo);
        let redo = plain("redo", "Redo", look::turn(true), Message::Redo);
        let spot = look::spot(self.color);
        let first = row(vec![
            redo.visible(drawing.can_redo()),
            own("bucket_fill", "Bucket fill", look::bucket(), Tool::Bucket),
            own("eraser", "Eraser", look::eraser(), Tool::Eraser),
            own("eye_dropper", "Eyedropper", look::dropper(), Tool::Dropper),
            plain(
                "color_picker",
                "Change color",
                spot,
                Message::AskColor(false),
            ),
        ]);
        column(vec![
            first.decoration().width(Length::Wrap).gap(8.0),
            undo.visible(drawing.can_undo()),
        ])
        .decoration()
        .cross(Align::End)
        .gap(8.0)
        .width(Length::Wrap)
        .margin(10.0)
        .place(Align::End, Align::Start)
    }

    fn width_bar(&self) -> Widget<Message> {
        let size = self.brush();
        let side = (44.0 - size) / 2.0;
        let spot = Shape::Rectangle {
            at: [side, side, size, size],
            radius: size / 2.0,
            color: self.color,
        };
        row(vec![
            canvas(44.0, 44.0, vec![spot])
                .class("android.widget.ImageView")
                .id("stroke_width_preview"),
            column(vec![
                slider(self.width)
                    .id("stroke_width_bar")
                    .on_slide(Message::Width),
            ])
            .decoration()
            .weight_width(1.0),
        ])
        .decoration()
        .rounded(Color::SURFACE_RAISED, 24.0)
        .padding_symmetric(10.0, 2.0)
        .margin(10.0)
        .place(Align::Start, Align::End)
    }
}

impl Activity for MainActivity {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> MainActivity {
        let stored = stored(system);
        let color = |key| stored.text(key).and_then(dialogs::color_of);
        let format = stored.text(FORMAT);
        let width: Option<f32> = stored.text(BRUSH_SIZE).and_then(|width| width.parse().ok());
        MainActivity {
            drawing: Drawing::new(color(GROUND).unwrap_or(Color::WHITE)),
            tool: Tool::Brush,
            color: color(BRUSH_COLOR).unwrap_or(Color::BLACK),
            width: width
                .filter(|width| (0.0..=1.0).contains(width))
                .unwrap_or(0.12),
            show_width: true,
            front: None,
            name: None,
            format: Format::ALL
                .into_iter()
                .find(|known| Some(known.ending()) == format)
                .unwrap_or(Format::Png),
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        self.show_width = stored(system).flag(SHOW_BRUSH_SIZE, true);
        Effects::none()
    }

    fn on_result(&mut self, system: &mut System, request: u32, result: Option<Intent>) -> Effects {
        let chosen = result.and_then(|result| path_of(result.data.as_deref()?));
        let saved = match (request, chosen) {
            (SAVE, Some(path)) => self.save(system, &path),
            // Only pictures of strokes can be gone on with, and no file holds those.
            (OPEN, Some(_)) => Ok(Effects::none().toast("This file can't be opened")),
            _ => Ok(Effects::none()),
        };
        Effects::or_toast(saved)
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        if self.drawing.is_changed() {
            self.front = Some(Front::Leave);
            return Effects::none();
        }
        Effects::none().finish()
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let [width, height] = Self::room(system);
        let picture = &self.drawing.picture;
        let mut layers = vec![
            canvas(width, height, picture.shapes())
                .id("my_canvas")
                .background(picture.ground)
                .on_drag(Message::Drag),
            self.tools(),
        ];
        layers.extend(self.show_width.then(|| self.width_bar()));
        let holder = stack(layers)
            .id("main_holder")
            .class("android.widget.RelativeLayout")
            .fill_width()
            .weight_height(1.0);
        let root = column(vec![self.bar(), holder])
            .id("main_coordinator")
            .class("android.view.ViewGroup")
            .fill();
        Screen::new(root).overlay(self.front.as_ref().map(Front::overlay))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        let answered = self.answer(system, message);
        Effects::or_toast(answered)
    }
}

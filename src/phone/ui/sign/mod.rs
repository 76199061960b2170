//! The drawings of the icons: a few strokes each on a 24 x 24 grid, made into coverage once per size.
//! Uses tiny-skia.

mod controls;
mod devices;
mod things;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tiny_skia::{FillRule, Mask as SkiaMask, PathBuilder, Rect, Stroke, Transform};

use super::font::Mask;
use super::icon::Icon;

/// One stroke or filled figure.
enum Part {
    /// Points joined by a line of the usual width.
    Line(&'static [(f32, f32)]),
    /// A filled polygon.
    Fill(&'static [(f32, f32)]),
    /// A circle's outline: centre x, y and radius.
    Ring(f32, f32, f32),
    /// A filled circle.
    Dot(f32, f32, f32),
    /// A rectangle's outline: left, top, width, height.
    Frame(f32, f32, f32, f32),
    /// A filled rectangle.
    Block(f32, f32, f32, f32),
    /// A part of a circle's outline: centre x, y, radius, begin and sweep in degrees clockwise from the right.
    Arc(f32, f32, f32, f32, f32),
}

use Part::{Arc as Bow, Block, Dot, Fill, Frame, Line, Ring};

fn parts(icon: Icon) -> &'static [Part] {
    match icon {
        Icon::Add => controls::ADD,
        Icon::Alarm => devices::ALARM,
        Icon::Airplane => things::AIRPLANE,
        Icon::Apps => controls::APPS,
        Icon::Back => controls::BACK,
        Icon::Backspace => controls::BACKSPACE,
        Icon::Battery => devices::BATTERY,
        Icon::Bicycle => things::BICYCLE,
        Icon::Bluetooth => devices::BLUETOOTH,
        Icon::Boat => things::BOAT,
        Icon::Brightness => devices::BRIGHTNESS,
        Icon::Calendar => things::CALENDAR,
        Icon::Camera => devices::CAMERA,
        Icon::Check => controls::CHECK,
        Icon::ChevronRight => controls::CHEVRON_RIGHT,
        Icon::Clock => devices::CLOCK,
        Icon::Close => controls::CLOSE,
        Icon::Copy => controls::COPY,
        Icon::ArrowDown => controls::ARROW_DOWN,
        Icon::ArrowUp => controls::ARROW_UP,
        Icon::ArrowForward => controls::ARROW_FORWARD,
        Icon::Delete => controls::DELETE,
        Icon::Document => things::DOCUMENT,
        Icon::DropDown => controls::DROP_DOWN,
        Icon::Edit => controls::EDIT,
        Icon::Emoji => things::EMOJI,
        Icon::Enter => controls::ENTER,
        Icon::Expand => controls::EXPAND,
        Icon::Collapse => controls::COLLAPSE,
        Icon::Eye => things::EYE,
        Icon::Flag => things::FLAG,
        Icon::Flashlight => devices::FLASHLIGHT,
        Icon::Folder => things::FOLDER,
        Icon::Globe => things::GLOBE,
        Icon::Heart => things::HEART,
        Icon::Home => things::HOME,
        Icon::Image => things::IMAGE,
        Icon::Info => things::INFO,
        Icon::Key => things::KEY,
        Icon::List => controls::LIST,
        Icon::Location => things::LOCATION,
        Icon::Lock => things::LOCK,
        Icon::Mail => things::MAIL,
        Icon::Menu => controls::MENU,
        Icon::Message => things::MESSAGE,
        Icon::Microphone => devices::MICROPHONE,
        Icon::Money => things::MONEY,
        Icon::More => controls::MORE,
        Icon::Music => things::MUSIC,
        Icon::Notification => devices::NOTIFICATION,
        Icon::Pause => controls::PAUSE,
        Icon::Person => things::PERSON,
        Icon::Phone => devices::PHONE,
        Icon::Play => controls::PLAY,
        Icon::Power => controls::POWER,
        Icon::Redo => controls::REDO,
        Icon::Refresh => controls::REFRESH,
        Icon::Record => controls::RECORD,
        Icon::Run => things::RUN,
        Icon::Save => controls::SAVE,
        Icon::Search => controls::SEARCH,
        Icon::Send => controls::SEND,
        Icon::Settings => things::SETTINGS,
        Icon::Share => controls::SHARE,
        Icon::Shift => controls::SHIFT,
        Icon::Signal => devices::SIGNAL,
        Icon::Sort => controls::SORT,
        Icon::Star => things::STAR,
        Icon::StarOutline => things::STAR_OUTLINE,
        Icon::Stop => controls::STOP,
        Icon::Stopwatch => devices::STOPWATCH,
        Icon::Storage => devices::STORAGE,
        Icon::Tag => things::TAG,
        Icon::Timer => devices::TIMER,
        Icon::Undo => controls::UNDO,
        Icon::Video => things::VIDEO,
        Icon::Volume => devices::VOLUME,
        Icon::Walk => things::WALK,
        Icon::Warning => things::WARNING,
        Icon::Wifi => devices::WIFI,
        Icon::WifiOff => devices::WIFI_OFF,
        Icon::Letter(_) => &[],
    }
}

type Signs = RwLock<HashMap<(Icon, i32), Arc<Mask>>>;

/// The coverage of an icon in a square of `size` pixels; made once per process.
pub fn mask(icon: Icon, size: i32) -> Arc<Mask> {
    static SIGNS: OnceLock<Signs> = OnceLock::new();
    let signs = SIGNS.get_or_init(Signs::default);
    let size = size.clamp(1, 2048);
    let known = signs
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&(icon, size))
        .cloned();
    known.unwrap_or_else(|| {
        let made = Arc::new(rasterize(icon, size));
        signs
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((icon, size), made.clone());
        made
    })
}

fn rasterize(icon: Icon, size: i32) -> Mask {
    let side = size as u32;
    let mut coverage = vec![0; (size * size) as usize];
    if let Some(mut canvas) = SkiaMask::new(side, side) {
        let scale = Transform::from_scale(size as f32 / 24.0, size as f32 / 24.0);
        let stroke = Stroke {
            width: 2.0,
            ..Stroke::default()
        };
        for part in parts(icon) {
            let mut builder = PathBuilder::new();
            let filled = trace(part, &mut builder);
            let Some(path) = builder.finish() else {
                continue;
            };
            let path = if filled {
                Some(path)
            } else {
                path.stroke(&stroke, size as f32 / 24.0)
            };
            if let Some(path) = path {
                canvas.fill_path(&path, FillRule::Winding, true, scale);
            }
        }
        coverage.copy_from_slice(canvas.data());
    }
    Mask {
        left: 0,
        top: 0,
        width: size,
        height: size,
        coverage,
    }
}

/// Adds a part's path; true when it is to be filled, not stroked.
fn trace(part: &Part, builder: &mut PathBuilder) -> bool {
    let polygon = |points: &[(f32, f32)], builder: &mut PathBuilder| {
        for (position, &(x, y)) in points.iter().enumerate() {
            if position == 0 {
                builder.move_to(x, y);
            } else {
                builder.line_to(x, y);
            }
        }
    };
    match *part {
        Line(points) => {
            polygon(points, builder);
            if points.len() > 2 && points.first() == points.last() {
                builder.close();
            }
            false
        }
        Fill(points) => {
            polygon(points, builder);
            builder.close();
            true
        }
        Ring(x, y, radius) => {
            builder.push_circle(x, y, radius);
            false
        }
        Dot(x, y, radius) => {
            builder.push_circle(x, y, radius);
            true
        }
        Frame(x, y, width, height) | Block(x, y, width, height) => {
            if let Some(rectangle) = Rect::from_xywh(x, y, width, height) {
                builder.push_rect(rectangle);
            }
            matches!(part, Block(..))
        }
        Bow(x, y, radius, begin, sweep) => {
            let steps = 24;
            for step in 0..=steps {
                let angle = (begin + sweep * step as f32 / steps as f32).to_radians();
                let (px, py) = (x + radius * angle.cos(), y + radius * angle.sin());
                if step == 0 {
                    builder.move_to(px, py);
                } else {
                    builder.line_to(px, py);
                }
            }
            false
        }
    }
}

//! The map: one view that shows land, a river, places, favourites, markers and a route. Nothing of it is
//! in the tree but the view itself.

use super::main_screen::MapActivity;
use super::message::Message;
use super::places::{self, Position};
use crate::domain::ScreenSize;
use crate::phone::system::WIDTH_DP;
use crate::phone::ui::{Align, Color, Shape, Widget, blank, canvas, column, row, stack, text};

/// Width of the view in dp.
const WIDTH: f32 = WIDTH_DP;
/// Height in dp of what is above and below the view: the bars of the system.
const BARS: f32 = 74.3;
/// Height in dp of a tool bar above the view.
pub const TOOL_BAR: f32 = 60.0;
/// Width of a letter of a label in dp, at most.
const LETTER: f32 = 8.0;
/// Columns and rows in which a touch is told.
const COLUMNS: usize = 12;
const ROWS: usize = 24;
/// Scales of the map.
pub const ZOOMS: std::ops::RangeInclusive<i32> = 8..=19;

/// A part of the earth on the screen.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// In the middle.
    pub middle: Position,
    /// Scale: the earth is 256 times two to this power dp wide.
    pub zoom: i32,
    /// Height of the view in dp.
    pub height: f32,
}

impl Look {
    /// At a point, on a screen of a size.
    pub fn new(middle: Position, zoom: i32, screen: ScreenSize) -> Look {
        let height = screen.height as f32 * WIDTH / screen.width.max(1) as f32;
        Look {
            middle,
            zoom,
            height: (height - BARS).max(1.0),
        }
    }

    /// The same below a tool bar.
    pub fn below_bar(self) -> Look {
        Look {
            height: (self.height - TOOL_BAR).max(1.0),
            ..self
        }
    }

    /// Degrees of longitude and latitude in a dp.
    fn degrees(self) -> (f64, f64) {
        let lon = 360.0 / (256.0 * f64::from(self.zoom).exp2());
        (lon, lon * self.middle.lat.to_radians().cos())
    }

    /// The point at a place of the view in dp.
    fn position(self, x: f32, y: f32) -> Position {
        let (lon, lat) = self.degrees();
        Position {
            lat: (self.middle.lat - f64::from(y - self.height / 2.0) * lat).clamp(-85.0, 85.0),
            lon: (self.middle.lon + f64::from(x - WIDTH / 2.0) * lon).clamp(-180.0, 180.0),
        }
    }

    /// The place of a point in the view, when it is in it.
    fn place(self, position: Position) -> Option<(f32, f32)> {
        let (lon, lat) = self.degrees();
        let x = WIDTH / 2.0 + ((position.lon - self.middle.lon) / lon) as f32;
        let y = self.height / 2.0 - ((position.lat - self.middle.lat) / lat) as f32;
        ((0.0..WIDTH).contains(&x) && (0.0..self.height).contains(&y)).then_some((x, y))
    }

    /// The same a part of its size further: east, south.
    pub fn moved(self, east: i32, south: i32) -> Look {
        let x = WIDTH / 2.0 + east as f32 * WIDTH * 0.4;
        let y = self.height / 2.0 + south as f32 * self.height * 0.3;
        Look {
            middle: self.position(x, y),
            ..self
        }
    }
}

/// The river in the west.
const RIVER: [(f64, f64); 9] = [
    (47.03, 9.47),
    (47.07, 9.488),
    (47.10, 9.51),
    (47.14, 9.508),
    (47.17, 9.492),
    (47.20, 9.494),
    (47.23, 9.512),
    (47.25, 9.532),
    (47.28, 9.54),
];

/// The view.
pub fn view(main: &MapActivity, look: Look) -> Widget<Message> {
    let mut shapes = vec![Shape::Rectangle {
        at: [0.0, 0.0, WIDTH, look.height],
        radius: 0.0,
        color: Color::rgb(0xEE_EBE0),
    }];
    let river: Vec<Position> = RIVER
        .iter()
        .map(|(lat, lon)| Position {
            lat: *lat,
            lon: *lon,
        })
        .collect();
    lines(look, &river, 6.0, Color::rgb(0xA9_CDE6), &mut shapes);
    let route = main.shown_route();
    lines(look, &route, 4.0, Color::ACCENT, &mut shapes);
    let mut labels: Vec<Label> = Vec::new();
    for spot in places::all() {
        let Some((x, y)) = look.place(spot.position) else {
            continue;
        };
        dot(x, y, 4.0, Color::TEXT_SECONDARY, &mut shapes);
        // A label that does not fit, or would hide another one, is left out.
        let label = Label {
            left: x + 10.0,
            right: x + 10.0 + spot.name.chars().count() as f32 * LETTER,
            top: y - 9.0,
            name: spot.name,
        };
        if look.zoom >= 10 && label.right < WIDTH && !labels.iter().any(|one| one.meets(&label)) {
            labels.push(label);
        }
    }
    let points = [
        (&main.favorite_positions(), Color::rgb(0xC8_8A00)),
        (&main.marker_positions(), Color::rgb(0x0A_7F3F)),
        (&route, Color::ACCENT),
    ];
    for (positions, color) in points {
        for (x, y) in positions.iter().filter_map(|one| look.place(*one)) {
            dot(x, y, 6.0, color, &mut shapes);
        }
    }
    if let Some((x, y)) = main
        .card
        .as_ref()
        .and_then(|spot| look.place(spot.position))
    {
        dot(x, y, 8.0, Color::DANGER, &mut shapes);
    }
    let mut layers = vec![canvas(WIDTH, look.height, shapes).decoration()];
    layers.extend(labels.into_iter().map(Label::view));
    layers.push(cells(look));
    stack(layers)
        .id("map_view")
        .class("android.view.View")
        .on_swipe_left(Message::Move(1, 0))
        .on_swipe_right(Message::Move(-1, 0))
        .on_swipe_up(Message::Move(0, 1))
        .on_swipe_down(Message::Move(0, -1))
        .fill()
}

/// The name of a place beside its dot.
struct Label {
    left: f32,
    right: f32,
    top: f32,
    name: String,
}

impl Label {
    fn meets(&self, other: &Label) -> bool {
        let beside = self.right < other.left || other.right < self.left;
        !beside && (self.top - other.top).abs() < 18.0
    }

    fn view(self) -> Widget<Message> {
        text(self.name)
            .text_size(12.0)
            .max_lines(1)
            .margin_edges(self.left, self.top, 0.0, 0.0)
            .decoration()
    }
}

fn dot(x: f32, y: f32, radius: f32, color: Color, shapes: &mut Vec<Shape>) {
    shapes.push(Shape::Rectangle {
        at: [x - radius, y - radius, radius * 2.0, radius * 2.0],
        radius,
        color,
    });
}

/// Lines between the points that are on the screen.
fn lines(look: Look, points: &[Position], width: f32, color: Color, shapes: &mut Vec<Shape>) {
    for pair in points.windows(2) {
        if let [from, to] = pair
            && let (Some(from), Some(to)) = (look.place(*from), look.place(*to))
        {
            shapes.push(Shape::Line {
                at: [from.0, from.1, to.0, to.1],
                width,
                color,
            });
        }
    }
}

/// Cells that take the touches.
fn cells(look: Look) -> Widget<Message> {
    let size = (WIDTH / COLUMNS as f32, look.height / ROWS as f32);
    let rows = (0..ROWS).map(|line| {
        let cells = (0..COLUMNS).map(|column| {
            let position =
                look.position((column as f32 + 0.5) * size.0, (line as f32 + 0.5) * size.1);
            blank()
                .size(size.0, size.1)
                .decoration()
                .on_tap(Message::Tap(position))
                .on_long_press(Message::Hold(position))
        });
        row(cells.collect()).decoration()
    });
    column(rows.collect())
        .decoration()
        .place(Align::Start, Align::Start)
}

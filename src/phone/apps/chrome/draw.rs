//! The page to draw on with given colours.

use super::page::{PageMessage, SUCCESS, paragraph, web_button};
use crate::domain::pages::{PALETTE, colours};
use crate::phone::ui::{Color, Shape, Widget, blank, canvas, column, row, stack};

/// Edge of the canvas in dp.
const EDGE: f32 = 300.0;
/// Thickness of a line in dp.
const PEN: f32 = 6.0;
/// Lines that are kept at most; the first ones go.
const MOST_LINES: usize = 500;
/// Buttons in a row.
const BUTTONS: usize = 8;

/// A touch on the page.
#[derive(Debug, Clone)]
pub enum DrawMessage {
    /// Takes another colour, by its place in the palette.
    Colour(usize),
    /// A finger was drawn across the canvas.
    Line([f32; 4]),
    /// Empties the canvas.
    Clear,
    /// Submits it.
    Submit,
}

/// The page.
pub struct Draw {
    targets: [usize; 3],
    /// The colour in use; black at first.
    colour: Option<usize>,
    lines: Vec<([f32; 4], Option<usize>)>,
    done: bool,
}

fn color_of(place: Option<usize>) -> Color {
    let found = place.and_then(|place| PALETTE.get(place));
    found.map_or(Color::BLACK, |value| Color::rgb(*value))
}

impl Draw {
    /// The page of a seed.
    pub fn new(seed: u32) -> Draw {
        Draw {
            targets: colours(seed),
            colour: None,
            lines: Vec::new(),
            done: false,
        }
    }

    /// Answers a touch.
    pub fn update(&mut self, message: DrawMessage) {
        match message {
            DrawMessage::Colour(place) => self.colour = Some(place),
            DrawMessage::Line(line) => {
                if self.lines.len() == MOST_LINES {
                    self.lines.remove(0);
                }
                self.lines
                    .push((line.map(|end| end.clamp(0.0, EDGE)), self.colour));
            }
            DrawMessage::Clear => {
                self.lines.clear();
                self.done = false;
            }
            DrawMessage::Submit => {
                self.done = self.targets.iter().all(|target| self.is_seen(*target));
            }
        }
    }

    /// Whether anything of a colour is not drawn over. Looked at along the middle of its lines.
    fn is_seen(&self, colour: usize) -> bool {
        self.lines.iter().enumerate().any(|(index, (line, drawn))| {
            let later = &self.lines[index + 1..];
            let [x, y, to_x, to_y] = *line;
            *drawn == Some(colour)
                && (0..=100).any(|part| {
                    let part = part as f32 / 100.0;
                    let point = (x + (to_x - x) * part, y + (to_y - y) * part);
                    later
                        .iter()
                        .all(|(other, drawn)| drawn == &Some(colour) || !covers(other, point))
                })
        })
    }

    /// What is on it.
    pub fn view(&self) -> Vec<Widget<PageMessage>> {
        let send = PageMessage::Draw;
        let targets = self
            .targets
            .iter()
            .map(|target| blank().size(50.0, 50.0).background(color_of(Some(*target))));
        let shapes = self
            .lines
            .iter()
            .map(|(at, colour)| Shape::Line {
                at: *at,
                width: PEN,
                color: color_of(*colour),
            })
            .collect();
        let surface = stack(vec![
            canvas(EDGE, EDGE, shapes)
                .class("android.widget.Image")
                .on_drag(move |line| send(DrawMessage::Line(line))),
        ])
        .size(EDGE, EDGE)
        .border(1.0, Color::BLACK)
        .decoration();
        let buttons: Vec<usize> = (0..PALETTE.len()).collect();
        let buttons = buttons.chunks(BUTTONS).map(|places| {
            let places = places.iter().map(|place| {
                blank()
                    .class("android.widget.Button")
                    .size(30.0, 30.0)
                    .background(color_of(Some(*place)))
                    .on_tap(send(DrawMessage::Colour(*place)))
            });
            row(places.collect()).decoration().gap(8.0)
        });
        let mut parts = vec![
            paragraph("Draw with the three colours below, then submit."),
            row(targets.collect()).decoration().gap(8.0),
            surface,
            column(buttons.collect()).decoration().gap(8.0),
            row(vec![
                web_button("Clear", send(DrawMessage::Clear)),
                web_button("Submit", send(DrawMessage::Submit)),
            ])
            .decoration()
            .gap(8.0),
        ];
        if self.done {
            parts.push(paragraph(SUCCESS));
        }
        parts
    }
}

/// Whether a line lies over a point.
fn covers([x, y, to_x, to_y]: &[f32; 4], (px, py): (f32, f32)) -> bool {
    let (dx, dy) = (to_x - x, to_y - y);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 {
        (((px - x) * dx + (py - y) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (near_x, near_y) = (x + dx * along - px, y + dy * along - py);
    near_x * near_x + near_y * near_y <= PEN * PEN / 4.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_colours_must_be_seen() {
        let mut page = Draw::new(5);
        let targets = page.targets;
        let line = |page: &mut Draw, colour, line| {
            page.update(DrawMessage::Colour(colour));
            page.update(DrawMessage::Line(line));
            page.update(DrawMessage::Submit);
            page.done
        };
        assert!(!line(&mut page, targets[0], [10.0, 10.0, 200.0, 10.0]));
        assert!(!line(&mut page, targets[1], [10.0, 10.0, 200.0, 10.0]));
        // The second covers the first.
        assert!(!line(&mut page, targets[2], [10.0, 90.0, 200.0, 90.0]));
        assert!(line(&mut page, targets[0], [10.0, 50.0, 900.0, 50.0]));
        page.update(DrawMessage::Clear);
        page.update(DrawMessage::Submit);
        assert!(!page.done);
    }
}

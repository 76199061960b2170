//! The page to draw on with given colours out of those that the page has.

use super::page::{PageMessage, SUCCESS, paragraph, web_button};
use crate::domain::pages::colours;
use crate::phone::ui::{Color, Shape, Widget, blank, canvas, column, row, stack};

/// Edge of the canvas in dp.
const EDGE: f32 = 300.0;
/// Lines that are kept at most; the first ones go.
const MOST_LINES: usize = 500;
/// Buttons in a row.
const BUTTONS: usize = 8;
/// The buttons with words.
const CLEAR: &str = "Clear";
const SUBMIT: &str = "Submit";

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

/// What a page brings along.
pub struct Surface {
    /// The colours to choose from.
    pub palette: Vec<Color>,
    /// Thickness of a line in dp.
    pub pen: f32,
    /// The words in its body.
    pub words: Vec<String>,
}

/// The page.
pub struct Draw {
    surface: Surface,
    /// Places in the palette.
    targets: Vec<usize>,
    /// The colour in use; black at first.
    colour: Option<usize>,
    lines: Vec<([f32; 4], Option<usize>)>,
    done: bool,
}

impl Draw {
    /// The page of a seed.
    pub fn new(seed: u32, mut surface: Surface) -> Draw {
        // Those of the buttons are no lines of their own.
        surface.words.retain(|line| line != CLEAR && line != SUBMIT);
        Draw {
            targets: colours(seed, surface.palette.len()),
            surface,
            colour: None,
            lines: Vec::new(),
            done: false,
        }
    }

    fn color_of(&self, place: Option<usize>) -> Color {
        let found = place.and_then(|place| self.surface.palette.get(place));
        found.copied().unwrap_or(Color::BLACK)
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
            // What was said of the drawing stays until the next submission.
            DrawMessage::Clear => self.lines.clear(),
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
                        .all(|(other, drawn)| drawn == &Some(colour) || !self.covers(other, point))
                })
        })
    }

    /// Whether a line lies over a point.
    fn covers(&self, [x, y, to_x, to_y]: &[f32; 4], (px, py): (f32, f32)) -> bool {
        let (dx, dy) = (to_x - x, to_y - y);
        let length = dx * dx + dy * dy;
        let along = if length > 0.0 {
            (((px - x) * dx + (py - y) * dy) / length).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (near_x, near_y) = (x + dx * along - px, y + dy * along - py);
        near_x * near_x + near_y * near_y <= self.surface.pen * self.surface.pen / 4.0
    }

    /// What is on it.
    pub fn view(&self) -> Vec<Widget<PageMessage>> {
        let send = PageMessage::Draw;
        let targets = self.targets.iter().map(|target| {
            blank()
                .size(50.0, 50.0)
                .background(self.color_of(Some(*target)))
        });
        let shapes = self
            .lines
            .iter()
            .map(|(at, colour)| Shape::Line {
                at: *at,
                width: self.surface.pen,
                color: self.color_of(*colour),
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
        let buttons: Vec<usize> = (0..self.surface.palette.len()).collect();
        let buttons = buttons.chunks(BUTTONS).map(|places| {
            let places = places.iter().map(|place| {
                blank()
                    .class("android.widget.Button")
                    .size(30.0, 30.0)
                    .background(self.color_of(Some(*place)))
                    .on_tap(send(DrawMessage::Colour(*place)))
            });
            row(places.collect()).decoration().gap(8.0)
        });
        let mut parts = vec![row(targets.collect()).decoration().gap(8.0), surface];
        parts.extend(
            self.surface
                .words
                .iter()
                .map(|line| paragraph(line.clone())),
        );
        parts.push(column(buttons.collect()).decoration().gap(8.0));
        let deeds = vec![
            web_button(CLEAR, send(DrawMessage::Clear)),
            web_button(SUBMIT, send(DrawMessage::Submit)),
        ];
        parts.push(row(deeds).decoration().gap(8.0));
        if self.done {
            parts.push(paragraph(SUCCESS));
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface() -> Surface {
        let said = ["Take one:", "Clear", "Submit"];
        Surface {
            palette: (0..24).map(|value| Color::rgb(value * 10)).collect(),
            pen: 1.0,
            words: said.map(str::to_owned).to_vec(),
        }
    }

    #[test]
    fn all_three_colours_must_be_seen() {
        let mut page = Draw::new(5, surface());
        assert_eq!(page.surface.words, ["Take one:"]);
        let targets = page.targets.clone();
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
        assert!(page.done);
        page.update(DrawMessage::Submit);
        assert!(!page.done);
    }
}

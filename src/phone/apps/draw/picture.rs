//! What was drawn: strokes on a ground, each step of which can be taken back and made again. Pure.

use crate::phone::ui::{Color, Shape};

/// Steps that are kept; the oldest ones can no longer be taken back then.
const HISTORY: usize = 500;
/// Strokes of a picture at most.
const MOST: usize = 2_000;

/// A line with round ends, in dp from the canvas's top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// Begin x, y and end x, y.
    pub way: [f32; 4],
    /// Thickness.
    pub width: f32,
    /// Colour; `None` shows the ground, as the eraser does.
    pub color: Option<Color>,
}

impl Stroke {
    /// Whether it covers a point.
    fn covers(&self, [x, y]: [f32; 2]) -> bool {
        let [from_x, from_y, to_x, to_y] = self.way;
        let (dx, dy) = (to_x - from_x, to_y - from_y);
        let length = (dx * dx + dy * dy).max(1e-6);
        let along = (((x - from_x) * dx + (y - from_y) * dy) / length).clamp(0.0, 1.0);
        let (off_x, off_y) = (x - from_x - along * dx, y - from_y - along * dy);
        (off_x * off_x + off_y * off_y).sqrt() <= self.width / 2.0
    }
}

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Colour of the ground.
    pub ground: Color,
    /// Back to front.
    pub strokes: Vec<Stroke>,
}

impl Picture {
    /// The front-most stroke at a point.
    fn at(&self, point: [f32; 2]) -> Option<usize> {
        self.strokes.iter().rposition(|stroke| stroke.covers(point))
    }

    /// The colour at a point.
    pub fn color_at(&self, point: [f32; 2]) -> Color {
        let stroke = self.at(point).and_then(|index| self.strokes.get(index));
        stroke
            .and_then(|stroke| stroke.color)
            .unwrap_or(self.ground)
    }

    /// The shapes of the strokes.
    pub fn shapes(&self) -> Vec<Shape> {
        let shape = |stroke: &Stroke| Shape::Line {
            at: stroke.way,
            width: stroke.width,
            color: stroke.color.unwrap_or(self.ground),
        };
        self.strokes.iter().map(shape).collect()
    }
}

/// A picture with what can be taken back.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// As it is now.
    pub picture: Picture,
    past: Vec<Picture>,
    future: Vec<Picture>,
    saved: Picture,
}

impl Drawing {
    /// Nothing on a ground.
    pub fn new(ground: Color) -> Drawing {
        let picture = Picture {
            ground,
            strokes: Vec::new(),
        };
        Drawing {
            saved: picture.clone(),
            picture,
            past: Vec::new(),
            future: Vec::new(),
        }
    }

    fn step(&mut self, change: impl FnOnce(&mut Picture)) {
        let before = self.picture.clone();
        change(&mut self.picture);
        if self.picture == before {
            return;
        }
        if self.past.len() == HISTORY {
            self.past.remove(0);
        }
        self.past.push(before);
        self.future.clear();
    }

    /// Adds a stroke.
    pub fn draw(&mut self, stroke: Stroke) {
        self.step(|picture| {
            if picture.strokes.len() < MOST {
                picture.strokes.push(stroke);
            }
        });
    }

    /// Gives the stroke at a point, or the ground, a colour.
    pub fn fill(&mut self, point: [f32; 2], color: Color) {
        self.step(|picture| match picture.at(point) {
            Some(index) if picture.strokes[index].color.is_some() => {
                picture.strokes[index].color = Some(color);
            }
            _ => picture.ground = color,
        });
    }

    /// Changes the ground.
    pub fn set_ground(&mut self, color: Color) {
        self.step(|picture| picture.ground = color);
    }

    /// Removes every stroke.
    pub fn clear(&mut self) {
        self.step(|picture| picture.strokes.clear());
    }

    /// Whether a step can be taken back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether a step can be made again.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Takes the last step back.
    pub fn undo(&mut self) {
        if let Some(before) = self.past.pop() {
            self.future
                .push(std::mem::replace(&mut self.picture, before));
        }
    }

    /// Makes it again.
    pub fn redo(&mut self) {
        if let Some(after) = self.future.pop() {
            self.past.push(std::mem::replace(&mut self.picture, after));
        }
    }

    /// Remembers that the picture is stored as it is.
    pub fn set_saved(&mut self) {
        self.saved.clone_from(&self.picture);
    }

    /// Whether the picture differs from the stored one.
    pub fn is_changed(&self) -> bool {
        self.picture.strokes != self.saved.strokes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Color = Color::rgb(0xFF_0000);

    fn stroke(y: f32) -> Stroke {
        Stroke {
            way: [10.0, y, 50.0, y],
            width: 6.0,
            color: Some(Color::BLACK),
        }
    }

    #[test]
    fn steps_are_taken_back_and_made_again() {
        let mut drawing = Drawing::new(Color::WHITE);
        assert!(!drawing.can_undo() && !drawing.is_changed());
        drawing.clear();
        assert!(!drawing.can_undo());
        drawing.draw(stroke(10.0));
        drawing.fill([30.0, 11.0], RED);
        drawing.clear();
        drawing.undo();
        assert_eq!(drawing.picture.color_at([30.0, 12.0]), RED);
        drawing.undo();
        assert_eq!(drawing.picture.color_at([30.0, 12.0]), Color::BLACK);
        drawing.redo();
        assert!(drawing.can_redo() && drawing.is_changed());
        drawing.draw(stroke(40.0));
        assert!(!drawing.can_redo());
        drawing.set_saved();
        assert!(!drawing.is_changed());
    }

    #[test]
    fn the_eraser_shows_the_ground_and_the_bucket_colours_it() {
        let mut drawing = Drawing::new(Color::WHITE);
        drawing.draw(stroke(10.0));
        drawing.draw(Stroke {
            color: None,
            ..stroke(10.0)
        });
        assert_eq!(drawing.picture.color_at([30.0, 10.0]), Color::WHITE);
        drawing.fill([5.0, 90.0], RED);
        assert_eq!(drawing.picture.color_at([30.0, 10.0]), RED);
    }
}

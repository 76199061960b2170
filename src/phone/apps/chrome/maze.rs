//! The page with a maze that an X is led through.

use super::page::{PageMessage, SUCCESS, paragraph, web_button};
use crate::domain::pages::{EDGE, Maze, Step, is_goal};
use crate::phone::ui::{Align, Color, Widget, column, row, stack, text};

/// Size of a cell in dp.
const CELL: f32 = 64.0;

/// The page.
pub struct Labyrinth {
    maze: Maze,
    place: (usize, usize),
}

impl Labyrinth {
    /// The page of a seed.
    pub fn new(seed: u32) -> Labyrinth {
        Labyrinth {
            maze: Maze::new(seed),
            place: (0, 0),
        }
    }

    /// Moves the X, unless something is in its way.
    pub fn go(&mut self, step: Step) {
        self.place = self.maze.after(self.place, step);
    }

    /// What is on it.
    pub fn view(&self) -> Vec<Widget<PageMessage>> {
        if is_goal(self.place) {
            return vec![paragraph(SUCCESS).text_size(32.0).bold()];
        }
        let rows = (0..EDGE)
            .map(|line| {
                let cells = (0..EDGE).map(|cell| self.cell((line, cell)));
                row(cells.collect()).decoration()
            })
            .collect();
        let buttons = Step::ALL
            .into_iter()
            .map(|step| web_button(step.name(), PageMessage::Step(step)))
            .collect();
        vec![
            column(rows).decoration(),
            row(buttons).decoration().gap(8.0),
        ]
    }

    fn cell(&self, place: (usize, usize)) -> Widget<PageMessage> {
        let color = match (self.maze.is_open(place), is_goal(place)) {
            (_, true) => Color::rgb(0x00_8000),
            (true, _) => Color::WHITE,
            (false, _) => Color::BLACK,
        };
        let cell = stack(vec![])
            .size(CELL, CELL)
            .background(color)
            .border(1.0, Color::BLACK)
            .decoration();
        match place == self.place {
            true => cell.child(
                text("X")
                    .text_size(28.0)
                    .text_align(Align::Center)
                    .padding_symmetric(0.0, 14.0)
                    .size(CELL, CELL),
            ),
            false => cell,
        }
    }
}

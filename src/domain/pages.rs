//! What the games of the local web pages (catalogue section 3.2) draw from their seed: colours, numbers, a
//! maze. The pages' scripts do the same. Pure.

use std::collections::VecDeque;

/// The generator of the pages: every state follows from the one before.
#[derive(Debug, Clone)]
struct Generator {
    state: u64,
}

impl Generator {
    fn new(seed: u32) -> Generator {
        Generator {
            state: u64::from(seed),
        }
    }

    /// A number from 0 on below a bound.
    fn below(&mut self, bound: usize) -> usize {
        const MODULUS: u64 = 1 << 32;
        self.state = (1_664_525 * self.state + 1_013_904_223) % MODULUS;
        (self.state as f64 / MODULUS as f64 * bound as f64) as usize
    }
}

/// The colours of the drawing page, as `0xRRGGBB`.
pub const PALETTE: [u32; 24] = [
    0xe6_1919, 0xe6_8019, 0xe6_d519, 0x80_cc33, 0x1f_9933, 0x26_bf8c, 0x26_bfbf, 0x19_80e6,
    0x19_33e6, 0x66_19e6, 0xb3_19e6, 0xe6_19a2, 0x80_1a1a, 0x80_5e1a, 0x4d_661a, 0x1a_6666,
    0x1a_3380, 0x4d_1a80, 0xf2_a6a6, 0xf2_d9a6, 0xb8_e6b8, 0xa6_d9f2, 0xc6_a6f2, 0x40_4040,
];

/// The colours of the palette that are to be drawn with, all different, by their places.
pub fn colours(seed: u32) -> [usize; 3] {
    let mut generator = Generator::new(seed);
    let mut left: Vec<usize> = (0..PALETTE.len()).collect();
    [(); 3].map(|()| left.remove(generator.below(left.len())))
}

/// The numbers of the multiplying page, from 1 to 10.
pub fn numbers(seed: u32) -> [u64; 5] {
    let mut generator = Generator::new(seed);
    [(); 5].map(|()| generator.below(10) as u64 + 1)
}

/// Cells along an edge of the maze.
pub const EDGE: usize = 4;
/// The cell to reach.
const GOAL: (usize, usize) = (EDGE - 1, EDGE - 1);

/// A step in the maze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A row up.
    Up,
    /// A column to the right.
    Right,
    /// A row down.
    Down,
    /// A column to the left.
    Left,
}

impl Step {
    /// All steps, in the order in which the maze is dug.
    pub const ALL: [Step; 4] = [Step::Up, Step::Right, Step::Down, Step::Left];

    /// What its button says.
    pub fn name(self) -> &'static str {
        match self {
            Step::Up => "Up",
            Step::Right => "Right",
            Step::Down => "Down",
            Step::Left => "Left",
        }
    }
}

/// The maze: cells that can be entered, and the rest, which are walls. Places are row and column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maze {
    open: [[bool; EDGE]; EDGE],
}

impl Maze {
    /// The maze of a seed: dug at random from the first cell, back from dead ends, until the last one.
    pub fn new(seed: u32) -> Maze {
        let mut generator = Generator::new(seed);
        let mut maze = Maze {
            open: [[false; EDGE]; EDGE],
        };
        maze.open[0][0] = true;
        let mut way = vec![(0, 0)];
        while let Some(&here) = way.last() {
            if here == GOAL {
                break;
            }
            let ahead: Vec<(usize, usize)> = Step::ALL
                .into_iter()
                .filter_map(|step| beside(here, step))
                .filter(|place| !maze.is_open(*place))
                .collect();
            if ahead.is_empty() {
                way.pop();
                continue;
            }
            let (row, column) = ahead[generator.below(ahead.len())];
            maze.open[row][column] = true;
            way.push((row, column));
        }
        maze
    }

    /// Whether a cell can be entered.
    pub fn is_open(&self, (row, column): (usize, usize)) -> bool {
        let cell = self.open.get(row).and_then(|cells| cells.get(column));
        cell.copied().unwrap_or(false)
    }

    /// Where a step leads; walls and edges let nobody through.
    pub fn after(&self, place: (usize, usize), step: Step) -> (usize, usize) {
        let next = beside(place, step).filter(|next| self.is_open(*next));
        next.unwrap_or(place)
    }

    /// The shortest way from the first cell to the last.
    pub fn way(&self) -> Vec<Step> {
        let mut seen = vec![(0, 0)];
        let mut queue = VecDeque::from([((0, 0), Vec::new())]);
        while let Some((place, way)) = queue.pop_front() {
            if is_goal(place) {
                return way;
            }
            for step in Step::ALL {
                let next = self.after(place, step);
                if !seen.contains(&next) {
                    seen.push(next);
                    queue.push_back((next, [&way[..], &[step]].concat()));
                }
            }
        }
        Vec::new()
    }
}

/// Whether a place is the one to reach.
pub fn is_goal(place: (usize, usize)) -> bool {
    place == GOAL
}

fn beside((row, column): (usize, usize), step: Step) -> Option<(usize, usize)> {
    let (row, column) = match step {
        Step::Up => (row.checked_sub(1)?, column),
        Step::Right => (row, column + 1),
        Step::Down => (row + 1, column),
        Step::Left => (row, column.checked_sub(1)?),
    };
    (row < EDGE && column < EDGE).then_some((row, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_maze_has_a_way_that_fits_an_episode() {
        for seed in (0..2_000).chain([u32::MAX]) {
            let maze = Maze::new(seed);
            let way = maze.way();
            assert!((6..=10).contains(&way.len()), "{seed}: {}", way.len());
            let end = way
                .iter()
                .fold((0, 0), |place, step| maze.after(place, *step));
            assert!(is_goal(end));
        }
    }

    #[test]
    fn draws_are_those_of_the_pages() {
        // As the pages' scripts draw them.
        assert_eq!(numbers(0), [3, 3, 9, 7, 4]);
        assert_eq!(colours(4_294_967_295), [5, 4, 2]);
        let names: Vec<&str> = Maze::new(7).way().into_iter().map(Step::name).collect();
        assert_eq!(names.join(" "), "Right Down Down Right Right Down");
    }
}

//! What the games of the local web pages (catalogue section 3.2) draw from their seed: colours, numbers, a
//! maze. The scripts of the benchmark's pages do the same, and those of our own. Pure.

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

/// Which of a page's colours are to be drawn with: three different ones (or all, where there are fewer), by their
/// places among `count`.
pub fn colours(seed: u32, count: usize) -> Vec<usize> {
    let mut generator = Generator::new(seed);
    let mut left: Vec<usize> = (0..count).collect();
    (0..count.min(3))
        .map(|_| left.remove(generator.below(left.len())))
        .collect()
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
    /// A row down.
    Down,
    /// A column to the left.
    Left,
    /// A column to the right.
    Right,
}

impl Step {
    /// All steps, in the order of their buttons, which is also the one before the maze's first shuffle.
    pub const ALL: [Step; 4] = [Step::Up, Step::Down, Step::Left, Step::Right];

    /// What its button says.
    pub fn name(self) -> &'static str {
        match self {
            Step::Up => "Up",
            Step::Down => "Down",
            Step::Left => "Left",
            Step::Right => "Right",
        }
    }
}

/// The maze: cells that can be entered, and the rest, which are walls. Places are row and column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maze {
    open: [[bool; EDGE]; EDGE],
}

impl Maze {
    /// The maze of a seed. Cells are taken from a stack and opened until the last one is; each puts the walls
    /// around it on the stack, in an order that is shuffled again for every cell and never put back.
    pub fn new(seed: u32) -> Maze {
        let mut generator = Generator::new(seed);
        let mut maze = Maze {
            open: [[false; EDGE]; EDGE],
        };
        let mut order = Step::ALL;
        let mut stack = vec![(0, 0)];
        while let Some(here) = stack.pop() {
            maze.open[here.0][here.1] = true;
            if is_goal(here) {
                break;
            }
            for last in (1..order.len()).rev() {
                order.swap(last, generator.below(last + 1));
            }
            let walls = order
                .into_iter()
                .filter_map(|step| beside(here, step))
                .filter(|place| !maze.is_open(*place));
            stack.extend(walls);
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
        Step::Down => (row + 1, column),
        Step::Left => (row, column.checked_sub(1)?),
        Step::Right => (row, column + 1),
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
            assert_eq!(way.len(), 6, "{seed}");
            let end = way
                .iter()
                .fold((0, 0), |place, step| maze.after(place, *step));
            assert!(is_goal(end));
        }
    }

    /// A maze as rows of cells, `#` for walls.
    fn drawn(seed: u32) -> String {
        let maze = Maze::new(seed);
        let sign = |row, column| {
            if maze.is_open((row, column)) {
                '.'
            } else {
                '#'
            }
        };
        let rows = (0..EDGE).map(|row| (0..EDGE).map(|column| sign(row, column)).collect());
        rows.collect::<Vec<String>>().join("/")
    }

    // What the scripts of the benchmark's pages drew, run by Node.
    #[test]
    fn draws_are_those_of_the_pages() {
        let known: [(u32, &str, [u64; 5], [usize; 3]); 10] = [
            (0, "..../##../##.#/##..", [3, 3, 9, 7, 4], [5, 7, 20]),
            (1, ".###/.###/.###/....", [3, 4, 6, 8, 1], [5, 9, 13]),
            (2, "..../..../..../###.", [3, 5, 2, 8, 8], [5, 11, 4]),
            (7, ".###/..##/#.##/#...", [3, 10, 7, 10, 1], [5, 22, 14]),
            (8, "..../###./###./###.", [3, 1, 3, 10, 8], [5, 0, 8]),
            (30, "...#/##.#/##../###.", [3, 10, 4, 8, 4], [5, 23, 8]),
            (12_345, "..../..../..../..#.", [1, 1, 6, 7, 10], [0, 1, 13]),
            (
                3_225_136_173,
                ".###/..##/..##/....",
                [6, 4, 9, 4, 4],
                [14, 7, 21],
            ),
            (1 << 31, "..##/..##/..../....", [8, 8, 4, 2, 9], [17, 18, 7]),
            (u32::MAX, "..../##../##.#/##..", [3, 2, 2, 7, 8], [5, 4, 2]),
        ];
        for (seed, maze, five, three) in known {
            assert_eq!(drawn(seed), maze, "{seed}");
            assert_eq!(numbers(seed), five, "{seed}");
            assert_eq!(colours(seed, 24), three, "{seed}");
        }
        // FNV-1a of the open cells of two thousand mazes, a bit for each.
        let hash = (0..2_000).fold(0xcbf2_9ce4_8422_2325, |hash: u64, seed| {
            let cells = drawn(seed).replace('/', "");
            let open = cells.bytes().enumerate().filter(|(_, cell)| *cell == b'.');
            let bits = open.fold(0, |bits, (place, _)| bits | 1 << place);
            (hash ^ bits).wrapping_mul(0x100_0000_01b3)
        });
        assert_eq!(hash, 0xa059_ef0a_f8f6_aa6d);
    }

    #[test]
    fn few_colours_are_all_taken() {
        assert_eq!(colours(5, 0), Vec::<usize>::new());
        let mut two = colours(5, 2);
        two.sort_unstable();
        assert_eq!(two, [0, 1]);
    }
}

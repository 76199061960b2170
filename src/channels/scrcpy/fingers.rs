//! Where a finger is, and when. Pure.

use std::time::Duration;

use crate::domain::Point;

/// How long a swipe takes when nothing is said of it, as with the device's own tool.
pub const SWIPE: Duration = Duration::from_millis(300);
/// Time between two places of a swipe: about that of a screen that notices fingers 60 times in a second.
pub const STEP: Duration = Duration::from_millis(16);
/// Time between two touches: Android takes two that are closer than 40 ms or further than 300 ms apart for no double
/// tap.
pub const BETWEEN: Duration = Duration::from_millis(80);
/// Most places of one swipe; a slower one has them further apart.
const MOST: u32 = 200;

/// The places of a finger on its way, each with the pause before it. The last is where it goes up.
pub fn way(from: Point, to: Point, duration: Duration) -> impl Iterator<Item = (Duration, Point)> {
    let steps = duration.as_millis() / STEP.as_millis();
    let steps = u32::try_from(steps).unwrap_or(MOST).clamp(1, MOST);
    let pause = duration / steps;
    let between = move |from: i32, to: i32, step: u32| {
        let way = (i64::from(to) - i64::from(from)) * i64::from(step);
        i32::try_from(i64::from(from) + way / i64::from(steps)).unwrap_or(to)
    };
    (1..=steps).map(move |step| {
        let x = between(from.x, to.x, step);
        let y = between(from.y, to.y, step);
        (pause, Point { x, y })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finger_goes_in_a_line_and_ends_where_it_should() {
        let (from, to) = (Point { x: 500, y: 2000 }, Point { x: 100, y: 0 });
        for (millis, count) in [(0, 1), (10, 1), (300, 18), (60_000, 200)] {
            let duration = Duration::from_millis(millis);
            let places: Vec<(Duration, Point)> = way(from, to, duration).collect();
            assert_eq!(places.len(), count, "{millis}");
            assert_eq!(places[count - 1].1, to);
            let whole: Duration = places.iter().map(|(pause, _)| *pause).sum();
            assert!(duration - whole < Duration::from_millis(1));
            assert!(places.windows(2).all(|pair| {
                let (before, after) = (pair[0].1, pair[1].1);
                after.y < before.y && after.x <= before.x
            }));
        }
        let far = way(
            Point { x: i32::MIN, y: 0 },
            Point { x: i32::MAX, y: 0 },
            SWIPE,
        );
        assert_eq!(far.last().unwrap().1.x, i32::MAX);
    }
}

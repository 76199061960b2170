//! Pixel geometry: points, boxes and screen sizes, in physical pixels with the origin at the top left.

use serde::{Deserialize, Serialize};

/// A point in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Point {
    /// Pixels from the left edge.
    pub x: i32,
    /// Pixels from the top edge.
    pub y: i32,
}

/// The size of a screen in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ScreenSize {
    /// Pixels across.
    pub width: i32,
    /// Pixels down.
    pub height: i32,
}

impl ScreenSize {
    /// Parses `WIDTHxHEIGHT`, as in `1080x2400`. Both must be between 1 and 16384.
    pub fn parse(text: &str) -> Option<ScreenSize> {
        let (width, height) = text.trim().split_once('x')?;
        let size = ScreenSize {
            width: width.parse().ok()?,
            height: height.parse().ok()?,
        };
        let sane = 1..=16_384;
        (sane.contains(&size.width) && sane.contains(&size.height)).then_some(size)
    }

    /// The size after so many quarter turns.
    pub fn turned(self, turns: u8) -> ScreenSize {
        match turns % 2 {
            0 => self,
            _ => ScreenSize {
                width: self.height,
                height: self.width,
            },
        }
    }

    /// Where a point of a panel of this size is on the screen that it shows turned by so many quarter turns to the
    /// left (Android's rotation). From the screen to the panel: the screen's size, and `4 - turns`.
    pub fn turn_point(self, turns: u8, Point { x, y }: Point) -> Point {
        let (right, low) = (self.width - 1, self.height - 1);
        let (x, y) = match turns % 4 {
            1 => (y, right - x),
            2 => (right - x, low - y),
            3 => (low - y, x),
            _ => (x, y),
        };
        Point { x, y }
    }

    /// The whole screen as a box.
    pub fn bounds(self) -> BoundingBox {
        BoundingBox {
            x_min: 0,
            y_min: 0,
            x_max: self.width,
            y_max: self.height,
        }
    }
}

impl std::fmt::Display for ScreenSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// A box in pixels; `x_max` and `y_max` are exclusive, as in Android's `bounds="[l,t][r,b]"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BoundingBox {
    /// Left edge.
    pub x_min: i32,
    /// Right edge, exclusive.
    pub x_max: i32,
    /// Top edge.
    pub y_min: i32,
    /// Bottom edge, exclusive.
    pub y_max: i32,
}

impl BoundingBox {
    /// Builds a box from its left, top, right and bottom edges.
    pub fn new(left: i32, top: i32, right: i32, bottom: i32) -> BoundingBox {
        BoundingBox {
            x_min: left,
            x_max: right,
            y_min: top,
            y_max: bottom,
        }
    }

    /// Parses Android's `[l,t][r,b]`.
    pub fn parse_bounds(text: &str) -> Option<BoundingBox> {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        let (first, second) = inner.split_once("][")?;
        let (left, top) = first.split_once(',')?;
        let (right, bottom) = second.split_once(',')?;
        Some(BoundingBox::new(
            left.trim().parse().ok()?,
            top.trim().parse().ok()?,
            right.trim().parse().ok()?,
            bottom.trim().parse().ok()?,
        ))
    }

    /// The centre, truncated to whole pixels (AndroidWorld, catalogue section 1.2).
    pub fn center(&self) -> Point {
        Point {
            x: (self.x_min + self.x_max) / 2,
            y: (self.y_min + self.y_max) / 2,
        }
    }

    /// Pixels across; never negative.
    pub fn width(&self) -> i32 {
        (self.x_max - self.x_min).max(0)
    }

    /// Pixels down; never negative.
    pub fn height(&self) -> i32 {
        (self.y_max - self.y_min).max(0)
    }

    /// Whether the box has any pixel.
    pub fn is_empty(&self) -> bool {
        self.width() == 0 || self.height() == 0
    }

    /// Whether the point lies inside.
    pub fn contains(&self, point: Point) -> bool {
        (self.x_min..self.x_max).contains(&point.x) && (self.y_min..self.y_max).contains(&point.y)
    }

    /// The common part of two boxes; may be empty.
    pub fn intersection(&self, other: &BoundingBox) -> BoundingBox {
        BoundingBox {
            x_min: self.x_min.max(other.x_min),
            x_max: self.x_max.min(other.x_max),
            y_min: self.y_min.max(other.y_min),
            y_max: self.y_max.min(other.y_max),
        }
    }

    /// The box scaled by `factor` around its centre.
    pub fn scaled(&self, factor: f64) -> BoundingBox {
        let center_x = f64::from(self.x_min + self.x_max) / 2.0;
        let center_y = f64::from(self.y_min + self.y_max) / 2.0;
        let half_width = f64::from(self.width()) / 2.0 * factor;
        let half_height = f64::from(self.height()) / 2.0 * factor;
        BoundingBox {
            x_min: (center_x - half_width).floor() as i32,
            x_max: (center_x + half_width).ceil() as i32,
            y_min: (center_y - half_height).floor() as i32,
            y_max: (center_y + half_height).ceil() as i32,
        }
    }
}

impl std::fmt::Display for BoundingBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "[{},{}][{},{}]",
            self.x_min, self.y_min, self.x_max, self.y_max
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_turn_with_the_screen_and_back() {
        let panel = ScreenSize {
            width: 1080,
            height: 2400,
        };
        let at = Point { x: 1079, y: 0 };
        // Turned to the left, the panel's upper right corner is the screen's upper left one.
        assert_eq!(panel.turn_point(1, at), Point { x: 0, y: 0 });
        let low = Point { x: 0, y: 2399 };
        assert_eq!(panel.turn_point(3, low), Point { x: 0, y: 0 });
        for turns in 0..4 {
            let at = Point { x: 17, y: 1200 };
            let screen = panel.turned(turns);
            let there = panel.turn_point(turns, at);
            assert!(screen.bounds().contains(there), "{turns}");
            assert_eq!(screen.turn_point((4 - turns) % 4, there), at);
        }
    }

    #[test]
    fn bounds_round_trip_through_text() {
        let bounds = BoundingBox::new(-3, 4, 1080, 2400);
        assert_eq!(BoundingBox::parse_bounds(&bounds.to_string()), Some(bounds));
        for bad in ["", "[", "[1,2][3]", "[1,2]3,4]", "[a,b][c,d]"] {
            assert_eq!(BoundingBox::parse_bounds(bad), None, "{bad}");
        }
    }

    #[test]
    fn screen_size_is_checked() {
        assert_eq!(
            ScreenSize::parse("1080x2400"),
            Some(ScreenSize {
                width: 1080,
                height: 2400
            })
        );
        for bad in ["", "1080", "0x5", "-1x5", "99999x1", "1080x2400x3"] {
            assert_eq!(ScreenSize::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn scaling_keeps_the_center() {
        let scaled = BoundingBox::new(100, 100, 200, 300).scaled(1.2);
        assert_eq!(scaled, BoundingBox::new(90, 80, 210, 320));
    }
}

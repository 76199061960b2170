//! The signs of the tools and the parts that the app's screens share.

use crate::phone::ui::{Align, Color, Shape, Widget, canvas, stack};

const INK: Color = Color::rgb(0x3A_3D44);

fn line(at: [f32; 4]) -> Shape {
    Shape::Line {
        at,
        width: 2.2,
        color: INK,
    }
}

/// A tool of the canvas: its sign, its description, and whether it is in use.
pub fn tool<M>(
    id: &'static str,
    label: &'static str,
    shapes: Vec<Shape>,
    used: bool,
    message: M,
    hint: M,
) -> Widget<M> {
    let ground = match used {
        true => Color::ACCENT_PALE,
        false => Color::SURFACE_RAISED,
    };
    stack(vec![
        canvas(24.0, 24.0, shapes)
            .decoration()
            .place(Align::Center, Align::Center),
    ])
    .class("android.widget.ImageView")
    .id(id)
    .description(label)
    .size(44.0, 44.0)
    .rounded(ground, 22.0)
    .selected(used)
    .on_tap(message)
    .on_long_press(hint)
}

/// A tilted bucket with a drop.
pub fn bucket() -> Vec<Shape> {
    vec![
        line([4.0, 12.0, 12.0, 4.0]),
        line([12.0, 4.0, 18.0, 10.0]),
        line([18.0, 10.0, 10.0, 18.0]),
        line([10.0, 18.0, 4.0, 12.0]),
        line([21.0, 15.0, 21.0, 19.0]),
    ]
}

/// A rubber.
pub fn eraser() -> Vec<Shape> {
    vec![
        line([3.0, 14.0, 13.0, 4.0]),
        line([13.0, 4.0, 20.0, 11.0]),
        line([20.0, 11.0, 11.0, 20.0]),
        line([11.0, 20.0, 8.0, 20.0]),
        line([8.0, 20.0, 3.0, 14.0]),
        line([8.0, 9.0, 15.0, 16.0]),
    ]
}

/// A pipette.
pub fn dropper() -> Vec<Shape> {
    vec![
        line([3.0, 21.0, 5.0, 16.0]),
        line([5.0, 16.0, 13.0, 8.0]),
        line([16.0, 11.0, 8.0, 19.0]),
        line([8.0, 19.0, 3.0, 21.0]),
        line([11.0, 6.0, 18.0, 13.0]),
        line([15.0, 9.0, 20.0, 4.0]),
    ]
}

/// A spot of the colour that is drawn with.
pub fn spot(color: Color) -> Vec<Shape> {
    let disc = |inset: f32, color| Shape::Rectangle {
        at: [inset, inset, 24.0 - 2.0 * inset, 24.0 - 2.0 * inset],
        radius: 12.0,
        color,
    };
    vec![disc(0.0, INK), disc(1.5, color)]
}

/// An arrow that turns to the left, or to the right.
pub fn turn(right: bool) -> Vec<Shape> {
    let x = |x: f32| if right { 24.0 - x } else { x };
    vec![
        line([x(4.0), 9.0, x(16.0), 9.0]),
        line([x(16.0), 9.0, x(20.0), 13.0]),
        line([x(20.0), 13.0, x(16.0), 18.0]),
        line([x(16.0), 18.0, x(8.0), 18.0]),
        line([x(4.0), 9.0, x(9.0), 4.0]),
        line([x(4.0), 9.0, x(9.0), 14.0]),
    ]
}

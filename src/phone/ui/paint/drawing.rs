//! Pixels from drawing commands: what differs between two pictures, and that part drawn.

use super::{Command, Draw};
use crate::domain::{BoundingBox, Frame};
use crate::phone::ui::canvas::Canvas;
use crate::phone::ui::{font, sign};
use crate::pixels;

/// The part of the screen in which two pictures differ; empty when they are the same.
pub fn difference(old: &[Command], new: &[Command]) -> BoundingBox {
    let same_start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = (&old[same_start..], &new[same_start..]);
    let same_end = rest
        .0
        .iter()
        .rev()
        .zip(rest.1.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let changed_old = &rest.0[..rest.0.len() - same_end];
    let changed_new = &rest.1[..rest.1.len() - same_end];
    changed_old
        .iter()
        .chain(changed_new)
        .map(Command::area)
        .reduce(|a, b| {
            BoundingBox::new(
                a.x_min.min(b.x_min),
                a.y_min.min(b.y_min),
                a.x_max.max(b.x_max),
                a.y_max.max(b.y_max),
            )
        })
        .unwrap_or(BoundingBox::new(0, 0, 0, 0))
}

/// Draws the commands inside `damage`.
pub fn draw(commands: &[Command], canvas: &mut Canvas<'_>, damage: BoundingBox) {
    // What lies below the last opaque rectangle that covers all of the damage cannot be seen.
    let covers = |command: &Command| {
        matches!(command.draw, Draw::Fill { radius, color } if radius == 0.0 && color.alpha == 255)
            && command.area().intersection(&damage) == damage
    };
    let start = commands.iter().rposition(covers).unwrap_or(0);
    for command in &commands[start..] {
        let area = command.area().intersection(&damage);
        if area.is_empty() {
            continue;
        }
        canvas.set_clip(area);
        draw_one(command, canvas);
    }
}

fn draw_one(command: &Command, canvas: &mut Canvas<'_>) {
    let bounds = command.bounds;
    match &command.draw {
        Draw::Fill { radius, color } => canvas.fill_rounded(bounds, *radius, *color),
        Draw::Outline {
            radius,
            width,
            color,
        } => canvas.outline(bounds, *radius, *width, *color),
        Draw::Text {
            x,
            baseline,
            text,
            size,
            bold,
            color,
        } => font::each_glyph(text, *size, *bold, *x, *baseline, |mask, x, y| {
            canvas.mask(mask, x, y, *color);
        }),
        Draw::Picture { frame, part } => draw_picture(command, frame, *part, canvas),
        Draw::Icon { icon, color } => {
            let mask = sign::mask(*icon, bounds.width().min(bounds.height()));
            canvas.mask(&mask, bounds.x_min, bounds.y_min, *color);
        }
        Draw::Arc {
            radius,
            width,
            turn,
            color,
        } => {
            let center = [
                (bounds.x_min + bounds.x_max) as f32 / 2.0,
                (bounds.y_min + bounds.y_max) as f32 / 2.0,
            ];
            canvas.arc(center, *radius, *width, *turn, *color);
        }
        Draw::Line {
            from,
            to,
            width,
            color,
        } => canvas.line(*from, *to, *width, *color),
    }
}

/// Scales the visible part of a picture. It is always the same part, whatever is drawn of it, so that a
/// picture that is drawn piece by piece has no seams.
fn draw_picture(command: &Command, frame: &Frame, part: [f64; 4], canvas: &mut Canvas<'_>) {
    let (bounds, shown) = (command.bounds, command.area());
    let scale = [
        part[2] / f64::from(bounds.width()),
        part[3] / f64::from(bounds.height()),
    ];
    let left = part[0] + f64::from(shown.x_min - bounds.x_min) * scale[0];
    let top = part[1] + f64::from(shown.y_min - bounds.y_min) * scale[1];
    // Rounding must not lead out of the picture.
    let width = (f64::from(shown.width()) * scale[0]).min(f64::from(frame.width) - left);
    let height = (f64::from(shown.height()) * scale[1]).min(f64::from(frame.height) - top);
    let [across, down] = [shown.width(), shown.height()].map(i32::unsigned_abs);
    if let Ok(scaled) = pixels::resize_part(frame, [left, top, width, height], across, down) {
        canvas.picture(&scaled, shown.x_min, shown.y_min);
    }
}

//! Text in pixels: the font, advances, line breaking, and glyph coverage. The cache is shared by all phones
//! of the process. Uses ab_glyph and the font that epaint ships.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use ab_glyph::{Font, FontRef, GlyphId, PxScale, point};

/// Height of a line as a multiple of the text size.
const LINE_HEIGHT: f32 = 1.30;
/// Characters whose advance is looked up in a table.
const TABLE: usize = 0x500;
/// Glyphs kept at most; reached only by an app that shows text in very many sizes.
const MAX_GLYPHS: usize = 20_000;

struct Faces {
    faces: Vec<FontRef<'static>>,
    /// Advance of each low character in parts of the text size.
    advances: Vec<f32>,
    ascent: f32,
    descent: f32,
}

fn faces() -> &'static Faces {
    static FACES: OnceLock<Faces> = OnceLock::new();
    FACES.get_or_init(|| {
        let faces: Vec<FontRef<'static>> = [
            epaint_default_fonts::UBUNTU_LIGHT,
            epaint_default_fonts::HACK_REGULAR,
        ]
        .into_iter()
        .filter_map(|bytes| FontRef::try_from_slice(bytes).ok())
        .collect();
        let (ascent, descent) = faces.first().map_or((0.93, 0.19), |face| {
            let em = face.units_per_em().unwrap_or(1000.0);
            (face.ascent_unscaled() / em, -face.descent_unscaled() / em)
        });
        let advances = (0..TABLE)
            .map(|code| {
                char::from_u32(code as u32).map_or(0.0, |character| advance_of(&faces, character))
            })
            .collect();
        Faces {
            faces,
            advances,
            ascent,
            descent,
        }
    })
}

fn pick(faces: &[FontRef<'static>], character: char) -> Option<(usize, GlyphId)> {
    // The face has no glyph for the hyphen that does not break.
    let character = if character == '\u{2011}' {
        '-'
    } else {
        character
    };
    let found = faces.iter().enumerate().find_map(|(index, face)| {
        let glyph = face.glyph_id(character);
        (glyph.0 != 0).then_some((index, glyph))
    });
    found.or((!faces.is_empty()).then_some((0, GlyphId(0))))
}

fn advance_of(faces: &[FontRef<'static>], character: char) -> f32 {
    if character.is_control() {
        return 0.0;
    }
    pick(faces, character).map_or(0.5, |(index, glyph)| {
        let face = &faces[index];
        face.h_advance_unscaled(glyph) / face.units_per_em().unwrap_or(1000.0)
    })
}

/// Advance of one character in parts of the text size.
fn advance(character: char) -> f32 {
    let faces = faces();
    match faces.advances.get(character as usize) {
        Some(advance) => *advance,
        None => advance_of(&faces.faces, character),
    }
}

/// Extra advance of bold text in parts of the text size: it is drawn twice, a little apart.
const BOLD: f32 = 0.035;

/// Width of a text in pixels.
pub fn width(text: &str, size: f32, bold: bool) -> f32 {
    let extra = if bold { BOLD } else { 0.0 };
    text.chars()
        .map(|character| (advance(character) + extra) * size)
        .sum()
}

/// Height of a line in pixels.
pub fn line_height(size: f32) -> i32 {
    (size * LINE_HEIGHT).round().max(1.0) as i32
}

/// Distance from the top of a line to its baseline in pixels.
pub fn baseline(size: f32) -> f32 {
    let faces = faces();
    let slack = (LINE_HEIGHT - faces.ascent - faces.descent) * size;
    slack / 2.0 + faces.ascent * size
}

/// One line of broken text.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// Byte offset of its first character in the whole text.
    pub start: usize,
    /// Width in pixels.
    pub width: f32,
}

/// Breaks a text into lines no wider than `room` pixels: at newlines, else at spaces, else inside a word.
/// At most `max_lines` (0 is without limit); what does not fit ends in an ellipsis.
pub fn break_lines(text: &str, size: f32, bold: bool, room: f32, max_lines: usize) -> Vec<Line> {
    let extra = if bold { BOLD } else { 0.0 };
    let limit = if max_lines == 0 {
        usize::MAX
    } else {
        max_lines
    };
    let mut lines = Vec::new();
    let mut offset = 0;
    'paragraphs: for paragraph in text.split('\n') {
        let mut start = 0;
        let mut last_space: Option<usize> = None;
        let mut length = 0.0;
        let mut index = 0;
        while let Some(character) = paragraph[index..].chars().next() {
            let step = (advance(character) + extra) * size;
            // On the last allowed line nothing is broken off: the ellipsis below shortens it.
            if length + step > room && index > start && lines.len() + 1 < limit {
                let end = match last_space {
                    Some(space) if space > start => space,
                    _ if character == ' ' => index,
                    _ => index,
                };
                push(&mut lines, paragraph, offset, start, end, size, bold);
                start = end;
                while paragraph[start..].starts_with(' ') {
                    start += 1;
                }
                index = start;
                last_space = None;
                length = 0.0;
                continue;
            }
            if character == ' ' {
                last_space = Some(index);
            }
            length += step;
            index += character.len_utf8();
        }
        push(
            &mut lines,
            paragraph,
            offset,
            start,
            paragraph.len(),
            size,
            bold,
        );
        offset += paragraph.len() + 1;
        if lines.len() >= limit {
            break 'paragraphs;
        }
    }
    let cut = offset <= text.len();
    if let Some(last) = lines.last_mut()
        && (last.width > room.max(1.0) + 0.5 || cut)
        && max_lines > 0
    {
        ellipsize(last, size, bold, room);
    }
    lines
}

fn push(
    lines: &mut Vec<Line>,
    paragraph: &str,
    offset: usize,
    start: usize,
    end: usize,
    size: f32,
    bold: bool,
) {
    let text = &paragraph[start..end.max(start)];
    lines.push(Line {
        text: text.to_owned(),
        start: offset + start,
        width: width(text.trim_end_matches(' '), size, bold),
    });
}

fn ellipsize(line: &mut Line, size: f32, bold: bool, room: f32) {
    let dots = width("…", size, bold);
    let mut text = line.text.trim_end().to_owned();
    while !text.is_empty() && width(&text, size, bold) + dots > room {
        text.pop();
    }
    text.push('…');
    line.width = width(&text, size, bold);
    line.text = text;
}

/// Coverage of one drawn sign.
#[derive(Debug)]
pub struct Mask {
    /// Pixels from the origin to the left edge.
    pub left: i32,
    /// Pixels from the origin (of a glyph: its baseline) to the top edge.
    pub top: i32,
    /// Pixels across.
    pub width: i32,
    /// Pixels down.
    pub height: i32,
    /// Coverage, `[height, width]`.
    pub coverage: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    character: char,
    /// Text size in eighths of a pixel.
    size: u16,
    /// Quarter pixels to the right.
    shift: u8,
    bold: bool,
}

type Glyphs = RwLock<HashMap<Key, Arc<Mask>>>;

fn glyphs() -> &'static Glyphs {
    static GLYPHS: OnceLock<Glyphs> = OnceLock::new();
    GLYPHS.get_or_init(Glyphs::default)
}

/// Calls `draw` with the mask of each glyph of a line and the pixel of its origin; `x` is the left edge and
/// `baseline` the y of the baseline.
pub fn each_glyph(
    text: &str,
    size: f32,
    bold: bool,
    x: f32,
    baseline: i32,
    mut draw: impl FnMut(&Mask, i32, i32),
) {
    let extra = if bold { BOLD } else { 0.0 };
    let mut pen = x;
    let mut known = glyphs().read().unwrap_or_else(PoisonError::into_inner);
    for character in text.chars() {
        let here = pen;
        pen += (advance(character) + extra) * size;
        if character == ' ' || character.is_control() {
            continue;
        }
        let quarters = (here * 4.0).round() as i32;
        let key = Key {
            character,
            size: (size * 8.0).round().clamp(1.0, 65_535.0) as u16,
            shift: quarters.rem_euclid(4) as u8,
            bold,
        };
        if !known.contains_key(&key) {
            drop(known);
            let mask = Arc::new(rasterize(key));
            let mut write = glyphs().write().unwrap_or_else(PoisonError::into_inner);
            if write.len() >= MAX_GLYPHS {
                write.clear();
            }
            write.insert(key, mask);
            drop(write);
            known = glyphs().read().unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(mask) = known.get(&key) {
            draw(mask, quarters.div_euclid(4), baseline);
        }
    }
}

fn rasterize(key: Key) -> Mask {
    let empty = Mask {
        left: 0,
        top: 0,
        width: 0,
        height: 0,
        coverage: Vec::new(),
    };
    let faces = faces();
    let Some((index, glyph)) = pick(&faces.faces, key.character) else {
        return empty;
    };
    let face = &faces.faces[index];
    let size = f32::from(key.size) / 8.0;
    // ab_glyph scales by the height between ascent and descent, not by the em.
    let scale = size * face.height_unscaled() / face.units_per_em().unwrap_or(1000.0);
    let glyph =
        glyph.with_scale_and_position(PxScale::from(scale), point(f32::from(key.shift) / 4.0, 0.0));
    let Some(outline) = face.outline_glyph(glyph) else {
        return empty;
    };
    let bounds = outline.px_bounds();
    // The face is a light one: its strokes are widened to those of a regular or a medium face.
    let widen = size * if key.bold { 0.055 } else { 0.022 };
    let reach = widen.ceil() as i32;
    let inner = bounds.width() as i32;
    let height = bounds.height() as i32;
    let width = inner + reach;
    if width <= 0 || height <= 0 || width > 4096 || height > 4096 {
        return empty;
    }
    let mut thin = vec![0.0_f32; (inner * height) as usize];
    outline.draw(|x, y, coverage| {
        if let Some(cell) = thin.get_mut((y as i32 * inner + x as i32) as usize) {
            *cell = coverage;
        }
    });
    let mut coverage = vec![0_u8; (width * height) as usize];
    for y in 0..height {
        for x in 0..width {
            let at = |column: i32| {
                if (0..inner).contains(&column) {
                    thin[(y * inner + column) as usize]
                } else {
                    0.0
                }
            };
            // A horizontal smear by `widen` pixels: whole columns count fully, the last one by its part.
            let mut value = at(x);
            for step in 1..=reach {
                let part = (widen - (step - 1) as f32).min(1.0);
                value = value.max(at(x - step).min(1.0) * part + value * (1.0 - part));
            }
            coverage[(y * width + x) as usize] = (value.clamp(0.0, 1.0) * 255.0).round() as u8;
        }
    }
    Mask {
        left: bounds.min.x as i32,
        top: bounds.min.y as i32,
        width,
        height,
        coverage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_their_room_and_lose_nothing() {
        let text = "Wi-Fi doesn't turn back on automatically\n\nsecond";
        let lines = break_lines(text, 16.0, false, 120.0, 0);
        assert!(lines.len() > 4);
        assert!(lines.iter().all(|line| line.width <= 120.5), "{lines:?}");
        let words: Vec<&str> = lines
            .iter()
            .flat_map(|line| line.text.split_whitespace())
            .collect();
        assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
        for line in &lines {
            assert_eq!(&text[line.start..line.start + line.text.len()], line.text);
        }
    }

    #[test]
    fn long_words_break_and_limits_end_in_an_ellipsis() {
        let lines = break_lines(&"x".repeat(100), 16.0, false, 60.0, 0);
        assert!(lines.len() > 5);
        let one = break_lines("a rather long title that cannot fit", 16.0, true, 90.0, 1);
        assert_eq!(one.len(), 1);
        assert!(
            one[0].text.ends_with('…') && one[0].width <= 90.5,
            "{one:?}"
        );
        let two = break_lines("a\nb\nc", 16.0, false, 90.0, 2);
        assert_eq!(two.len(), 2);
        assert!(two[1].text.ends_with('…'), "{two:?}");
        assert_eq!(break_lines("", 16.0, false, 90.0, 1).len(), 1);
    }

    #[test]
    fn glyphs_have_coverage() {
        let mut sum = 0_u64;
        each_glyph("Hé→", 20.0, false, 3.3, 30, |mask, _, _| {
            sum += mask.coverage.iter().map(|&c| u64::from(c)).sum::<u64>();
        });
        assert!(sum > 1000);
    }
}

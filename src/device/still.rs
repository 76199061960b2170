//! Whether pictures stand still while the device goes on: a video whose encoder has stalled and answers key frames all the
//! same, an emulator's display after a snapshot was loaded. Pure; uses `domain`.
//!
//! A picture alone does not tell. Suspicious is one that is the same as before beside a tree that is of another screen
//! than the one beside which it came first ([`Outline::is_another`]). Even so all may be well: a secure window is black
//! and a canvas has no tree worth the name. So the device is asked to compose its screen once. If that is what the
//! picture shows, it is remembered for this picture in this activity; if not, and the channel still shows the same when
//! it is asked after that, its pictures stand still, and each of them is held against the screen until they move again.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::domain::{Frame, UiElement};

/// Parts of a picture along its shorter and its longer side. Those of a phone's screen are some 30 pixels wide and high.
const SHORT: usize = 36;
const LONG: usize = 80;
/// Rows of pixels in a part that are looked at.
const LINES: usize = 2;
/// Levels of 255 by which a part's brightness changes when the same screen is encoded again.
const NOISE: u8 = 8;
/// Levels by which it differs where two channels show different things. Colours are not the same in all of them.
const DIFFERENT: u8 = 32;
/// One of so many parts must differ for two channels to show different things. A clock and some icons are fewer.
const FEW: usize = 64;
/// What is as dark as this may be hidden from who composes a screen, as secure windows are.
const HIDDEN: u8 = 8;
/// Most places that are remembered.
const PLACES: usize = 16;

/// The mean brightness of a picture's parts: some kilobytes, and a few rows of each part to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Print {
    size: (u32, u32),
    parts: Vec<u8>,
}

impl Print {
    /// Of a picture.
    pub fn of(frame: &Frame) -> Print {
        let (width, height) = (frame.width as usize, frame.height as usize);
        let (columns, rows) = match width <= height {
            true => (SHORT, LONG),
            false => (LONG, SHORT),
        };
        let mut print = Print {
            size: (frame.width, frame.height),
            parts: Vec::with_capacity(columns * rows),
        };
        let stripes: Vec<(usize, usize)> = parts(width, columns).collect();
        let mut sums = vec![(0_u64, 0_u64); columns];
        for (top, bottom) in parts(height, rows) {
            sums.fill((0, 0));
            for y in (top..bottom).step_by((bottom - top).div_ceil(LINES).max(1)) {
                let line = frame.rgba.get(y * width * 4..(y + 1) * width * 4);
                let line = line.unwrap_or_default();
                for ((left, right), (sum, count)) in stripes.iter().zip(&mut sums) {
                    let part = line.get(left * 4..right * 4).unwrap_or_default();
                    let bright: u32 = part.chunks_exact(4).map(brightness).sum();
                    *sum += u64::from(bright);
                    *count += 4 * (right - left) as u64;
                }
            }
            let means = sums.iter().map(|(sum, count)| sum / (*count).max(1));
            print
                .parts
                .extend(means.map(|mean| u8::try_from(mean).unwrap_or(u8::MAX)));
        }
        print
    }

    /// Whether it is the same picture, as it is or encoded again.
    fn is_same(&self, other: &Print) -> bool {
        let pairs = || self.parts.iter().zip(&other.parts);
        self.size == other.size && pairs().all(|(one, other)| one.abs_diff(*other) <= NOISE)
    }

    /// Whether a picture of this screen by another channel shows something else. What is hidden from that says nothing.
    fn is_refuted_by(&self, witness: &Print) -> bool {
        if self.size != witness.size {
            return true;
        }
        let pairs = self.parts.iter().zip(&witness.parts);
        let different =
            pairs.filter(|(one, seen)| **seen > HIDDEN && one.abs_diff(**seen) > DIFFERENT);
        different.count() * FEW > self.parts.len()
    }
}

/// The brightness of a pixel, times four.
fn brightness(pixel: &[u8]) -> u32 {
    match pixel {
        [red, green, blue, ..] => u32::from(*red) + 2 * u32::from(*green) + u32::from(*blue),
        _ => 0,
    }
}

/// Cuts a length into so many parts, none of them empty.
fn parts(length: usize, count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).map(move |part| {
        let begin = part * length / count;
        (begin, ((part + 1) * length / count).max(begin + 1))
    })
}

/// What a tree says of its screen: where it is, and what a person could read or touch there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    activity: Option<String>,
    package: Option<String>,
    /// A hash for each, in their order.
    marks: Vec<u64>,
}

impl Outline {
    /// Of a tree, with the component on top where that is known. What only holds other elements does not count, nor
    /// does the state of one: focus, selection, a check mark.
    pub fn of(elements: &[UiElement], activity: Option<&str>) -> Outline {
        let mark = |element: &UiElement| {
            let touched = element.is_clickable || element.is_long_clickable || element.is_editable;
            if !element.is_visible || (element.label().is_empty() && !touched) {
                return None;
            }
            let mut hasher = DefaultHasher::new();
            (element.label(), &element.bbox_pixels).hash(&mut hasher);
            Some(hasher.finish())
        };
        let mut marks: Vec<u64> = elements.iter().filter_map(mark).collect();
        marks.sort_unstable();
        Outline {
            activity: activity.map(str::to_owned),
            package: elements.first().and_then(|root| root.package_name.clone()),
            marks,
        }
    }

    /// Whether it is of another screen: another activity, or less than half of either is in both.
    fn is_another(&self, other: &Outline) -> bool {
        if let (Some(one), Some(other)) = (&self.activity, &other.activity)
            && one != other
        {
            return true;
        }
        let most = self.marks.len().max(other.marks.len());
        2 * common(&self.marks, &other.marks) < most
    }

    fn place(&self) -> Option<&str> {
        self.activity.as_deref().or(self.package.as_deref())
    }
}

/// How many are in both of two sorted lists.
fn common(mut left: &[u64], mut right: &[u64]) -> usize {
    let mut count = 0;
    while let ([one, rest @ ..], [other, others @ ..]) = (left, right) {
        if one <= other {
            left = rest;
        }
        if one >= other {
            right = others;
        }
        count += usize::from(one == other);
    }
    count
}

/// What a picture is beside one of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Of now.
    Right,
    /// Known to stand still, while the screen is back where it was.
    ByChance,
    /// Not of now.
    Wrong,
}

/// What is known of a device's pictures.
#[derive(Debug, Default)]
pub(super) struct Still {
    shown: Option<Shown>,
    /// Pictures that were what the screen showed beside trees that changed, with their places, the latest last.
    agreed: VecDeque<(Option<String>, Print)>,
}

/// The picture that is shown for now.
#[derive(Debug)]
struct Shown {
    picture: Print,
    /// The screen beside which it came first, or was found to be right.
    screen: Outline,
    /// It is known not to be of now.
    stands: bool,
}

impl Still {
    /// Takes note of a picture beside a tree; whether the device should be asked what its screen shows.
    pub fn suspects(&mut self, picture: Print, screen: &Outline) -> bool {
        if self.moved(picture, screen.clone()) {
            return false;
        }
        let Some(shown) = &mut self.shown else {
            return false;
        };
        if shown.stands {
            return true;
        }
        if !shown.screen.is_another(screen) {
            return false;
        }
        let known = self.agreed.iter().any(|(place, picture)| {
            place.as_deref() == screen.place() && shown.picture.is_same(picture)
        });
        if known {
            shown.screen = screen.clone();
        }
        !known
    }

    /// What the picture that is shown is beside one of the screen with the same tree.
    pub fn verdict(&mut self, witness: Print, screen: &Outline) -> Verdict {
        let Some(shown) = &mut self.shown else {
            return Verdict::Right;
        };
        if shown.picture.is_refuted_by(&witness) {
            return Verdict::Wrong;
        }
        if shown.stands {
            return Verdict::ByChance;
        }
        shown.screen = screen.clone();
        if self.agreed.len() == PLACES {
            self.agreed.pop_front();
        }
        let place = screen.place().map(str::to_owned);
        self.agreed.push_back((place, shown.picture.clone()));
        Verdict::Right
    }

    /// Whether a picture is another one than the one that is shown, whose place it then takes.
    pub fn moved(&mut self, picture: Print, screen: Outline) -> bool {
        let shown = self.shown.as_ref();
        if shown.is_some_and(|shown| shown.picture.is_same(&picture)) {
            return false;
        }
        self.shown = Some(Shown {
            picture,
            screen,
            stands: false,
        });
        true
    }

    /// The picture that is shown is not of now; whether that is news.
    pub fn stands(&mut self) -> bool {
        let shown = self.shown.as_mut();
        shown.is_some_and(|shown| !std::mem::replace(&mut shown.stands, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BoundingBox;

    const WIDTH: usize = 360;
    const HEIGHT: usize = 800;

    /// A light screen with dark lines of text, each of them three parts high.
    fn screen(lines: &[usize]) -> Vec<u8> {
        let mut rgba = vec![240; WIDTH * HEIGHT * 4];
        for line in lines {
            let begin = line * 30 * WIDTH * 4;
            for pixel in rgba[begin..begin + 30 * WIDTH * 4].chunks_exact_mut(8) {
                pixel[..3].fill(20);
            }
        }
        rgba
    }

    fn print(rgba: Vec<u8>) -> Print {
        let frame = Frame::new(WIDTH as u32, HEIGHT as u32, rgba).unwrap();
        Print::of(&frame)
    }

    fn of(lines: &[usize]) -> Print {
        print(screen(lines))
    }

    fn noisy(mut rgba: Vec<u8>) -> Vec<u8> {
        for (at, byte) in rgba.iter_mut().enumerate() {
            *byte = byte.wrapping_add_signed([-6, 4, 9, -3, 0, 5, -8][at % 7]);
        }
        rgba
    }

    #[test]
    fn a_picture_is_the_same_when_it_is_encoded_again() {
        let first = of(&[1, 5]);
        assert_eq!(first.parts.len(), SHORT * LONG);
        assert!(first.is_same(&first) && !first.is_refuted_by(&first));
        let again = print(noisy(screen(&[1, 5])));
        assert!(again != first && again.is_same(&first));
        assert!(!again.is_refuted_by(&first));
        // A single line of text is enough for the same channel, whose pictures are like each other otherwise.
        let mut typed = screen(&[1, 5]);
        for y in 300..310 {
            typed[(y * WIDTH + 40) * 4..(y * WIDTH + 80) * 4].fill(0);
        }
        let typed = print(typed);
        assert!(!typed.is_same(&first));
        // And too little to say anything of another one.
        assert!(!first.is_refuted_by(&typed));
        assert!(first.is_refuted_by(&of(&[9, 12])));
    }

    #[test]
    fn what_is_hidden_from_the_witness_refutes_nothing() {
        let shown = of(&[1, 2, 3, 4, 9]);
        let mut bars = vec![0; WIDTH * HEIGHT * 4];
        assert!(!shown.is_refuted_by(&print(bars.clone())));
        // The bars of the system are seen all the same.
        bars[..10 * WIDTH * 4].copy_from_slice(&screen(&[])[..10 * WIDTH * 4]);
        assert!(!shown.is_refuted_by(&print(bars.clone())));
        assert!(print(bars).is_refuted_by(&shown));
    }

    #[test]
    fn pictures_of_any_size_have_prints() {
        for (width, height) in [(0, 0), (1, 1), (3, 2), (81, 37), (1, 500)] {
            let rgba = vec![200; width as usize * height as usize * 4];
            let print = Print::of(&Frame::new(width, height, rgba).unwrap());
            assert_eq!(print.parts.len(), SHORT * LONG);
            let bright = if width == 0 { 0 } else { 200 };
            assert!(print.parts.iter().all(|part| *part == bright), "{width}");
        }
        let turned = Frame::new(HEIGHT as u32, WIDTH as u32, screen(&[1])).unwrap();
        assert!(of(&[1]).is_refuted_by(&Print::of(&turned)));
        assert!(!of(&[1]).is_same(&Print::of(&turned)));
    }

    fn element(text: &str, y: i32) -> UiElement {
        UiElement {
            text: Some(text.to_owned()),
            bbox_pixels: BoundingBox::parse_bounds(&format!("[0,{y}][300,{}]", y + 40)),
            is_visible: true,
            package_name: Some("com.example".to_owned()),
            ..UiElement::default()
        }
    }

    fn elements(texts: &[&str]) -> Vec<UiElement> {
        let placed = texts.iter().zip(0..);
        placed.map(|(text, at)| element(text, 50 * at)).collect()
    }

    fn outline(texts: &[&str]) -> Outline {
        Outline::of(&elements(texts), None)
    }

    #[test]
    fn another_screen_has_less_than_half_in_common() {
        let one = outline(&["a", "b", "c", "d"]);
        for (texts, another) in [
            (&["a", "b", "c", "d"][..], false),
            (&["a", "b", "x", "y"], false),
            (&["a", "x", "y", "z"], true),
            (&["a", "b", "c", "d", "e", "f", "g", "h"], false),
            (&["a", "b", "c", "d", "e", "f", "g", "h", "i"], true),
            // The same words elsewhere: it was scrolled.
            (&["x", "a", "b", "c", "d"], true),
            (&[], true),
        ] {
            let other = outline(texts);
            assert_eq!(one.is_another(&other), another, "{texts:?}");
            assert_eq!(other.is_another(&one), another, "{texts:?}");
        }
        // A canvas has nothing to compare.
        assert!(!outline(&[]).is_another(&outline(&[])));
    }

    #[test]
    fn states_and_what_only_holds_others_do_not_count() {
        let before = elements(&["a", "b"]);
        let mut after = before.clone();
        for element in &mut after {
            element.is_focused = true;
            element.is_selected = true;
            element.is_checked = true;
        }
        after.extend((0..9).map(|_| UiElement {
            is_scrollable: true,
            ..element("", 0)
        }));
        after.push(UiElement {
            is_visible: false,
            ..element("c", 200)
        });
        let of = |elements: &[UiElement], activity| Outline::of(elements, activity);
        assert_eq!(of(&before, None), of(&after, None));
        assert!(of(&before, Some("x/.A")).is_another(&of(&before, Some("x/.B"))));
        assert!(!of(&before, Some("x/.A")).is_another(&of(&before, None)));
    }

    #[test]
    fn only_a_picture_that_stays_while_the_tree_goes_on_is_suspicious() {
        let mut still = Still::default();
        let (home, app) = (outline(&["a", "b"]), outline(&["c", "d", "e"]));
        assert!(!still.suspects(of(&[1]), &home));
        assert!(!still.suspects(of(&[2]), &app));
        assert!(!still.suspects(of(&[2]), &app));
        // It changes bit by bit, and each bit is no other screen.
        assert!(!still.suspects(of(&[2]), &outline(&["c", "d", "x"])));
        assert!(still.suspects(print(noisy(screen(&[2]))), &outline(&["c", "y", "x"])));
        // It was the moment: a picture that is asked for after it is another one.
        assert_eq!(still.verdict(of(&[5, 6]), &home), Verdict::Wrong);
        assert!(still.moved(of(&[5, 6]), home.clone()));
        assert!(!still.suspects(of(&[5, 6]), &home));

        assert!(still.suspects(of(&[5, 6]), &app));
        assert_eq!(still.verdict(of(&[9]), &app), Verdict::Wrong);
        assert!(!still.moved(of(&[5, 6]), app.clone()));
        assert!(still.stands() && !still.stands());
        // Known to stand, it is asked about beside any tree until it moves.
        for tree in [&app, &home, &home] {
            assert!(still.suspects(of(&[5, 6]), tree));
        }
        assert_eq!(still.verdict(of(&[5, 6]), &home), Verdict::ByChance);
        assert!(still.suspects(of(&[5, 6]), &home));
        assert!(!still.suspects(of(&[7]), &home));
        assert!(!still.suspects(of(&[7]), &home));
    }

    #[test]
    fn what_was_right_once_is_not_asked_about_again_in_its_place() {
        let mut still = Still::default();
        let black = || print([0, 0, 0, 255].repeat(WIDTH * HEIGHT));
        let screens = [outline(&["a"]), outline(&["b"]), outline(&["c"])];
        let mut asked = 0;
        for screen in screens.iter().cycle().take(30) {
            if still.suspects(black(), screen) {
                asked += 1;
                assert_eq!(still.verdict(black(), screen), Verdict::Right);
            }
        }
        assert_eq!(asked, 1);
        // Another picture in this place, and this one in another.
        assert!(!still.suspects(of(&[3]), &screens[0]));
        assert!(still.suspects(of(&[3]), &screens[1]));
        let elsewhere = Outline::of(&elements(&["a"]), Some("com.example/.Other"));
        assert!(!still.suspects(black(), &elsewhere));
        let more = Outline::of(&elements(&["b"]), Some("com.example/.Other"));
        assert!(still.suspects(black(), &more));
        for number in 0..2 * PLACES {
            let place = format!("com.example/.A{number}");
            let screen = Outline::of(&elements(&["a"]), Some(&place));
            assert!(still.suspects(black(), &screen));
            assert_eq!(still.verdict(black(), &screen), Verdict::Right);
        }
        assert_eq!(still.agreed.len(), PLACES);
    }
}

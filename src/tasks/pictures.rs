//! Pictures of text that tasks put on the device (catalogue section 3.0.3).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{TaskError, pools};
use crate::device::Device;
use crate::domain::Frame;
use crate::pixels::{self, Sheet, font};

/// Where cameras put their pictures, and tasks theirs.
pub(super) const DCIM: &str = "/storage/emulated/0/DCIM";

/// Characters in a line of a text.
const COLUMNS: usize = 60;
/// Pixels between a text and the edges of its picture.
const MARGIN: f32 = 10.0;
const TEXT_SIZE: f32 = 24.0;
const WHITE: [u8; 3] = [255; 3];
const BLACK: [u8; 3] = [0; 3];
/// Good enough for letters without shadows around them.
const QUALITY: u8 = 92;

/// Breaks a line between words; its indent stays.
fn wrapped(line: &str) -> Vec<String> {
    let words = line.trim_start();
    let mut last = line[..line.len() - words.len()].to_owned();
    let mut lines = Vec::new();
    let mut begun = false;
    for word in words.split(' ') {
        if begun && last.len() + 1 + word.len() > COLUMNS {
            lines.push(std::mem::take(&mut last));
        } else if begun {
            last.push(' ');
        }
        last.push_str(word);
        begun = true;
    }
    lines.push(last);
    lines
}

/// Black text on white; an empty line is half as high as others.
pub(super) fn of_text(text: &str) -> Frame {
    let lines: Vec<String> = text.trim_end().lines().flat_map(wrapped).collect();
    let full = font::line_height(TEXT_SIZE) as f32;
    let height_of = |line: &String| {
        if line.trim().is_empty() {
            full / 2.0
        } else {
            full
        }
    };
    let widest = lines
        .iter()
        .map(|line| font::width(line, TEXT_SIZE, false))
        .fold(0.0, f32::max);
    let height: f32 = lines.iter().map(height_of).sum();
    let mut sheet = Sheet::new(
        (widest + 2.0 * MARGIN).ceil() as u32,
        (height + 2.0 * MARGIN).ceil() as u32,
        WHITE,
    );
    let mut y = MARGIN;
    for line in &lines {
        sheet.write(line, TEXT_SIZE, [MARGIN, y], false, BLACK);
        y += height_of(line);
    }
    sheet.finish()
}

/// Writes a picture to the device, as PNG or JPEG by the ending of its name.
pub(super) async fn push(device: &Device, path: &str, frame: Frame) -> Result<(), TaskError> {
    let encoded = match path.ends_with(".png") {
        true => pixels::encode_png(&frame),
        false => pixels::encode_jpeg(&frame, QUALITY),
    };
    let data = encoded.map_err(|error| TaskError::setup(device, error.to_string()))?;
    device.adb().write_file(path, &data, 0o777).await?;
    Ok(())
}

/// Something that was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Purchase {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// What.
    pub item: String,
    /// Hundredths of a dollar.
    pub amount: u32,
}

/// A receipt as a picture shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Receipt {
    /// Who sells.
    pub company: String,
    /// What they say of themselves.
    pub slogan: String,
    /// What was bought.
    pub transactions: Vec<Purchase>,
}

impl Purchase {
    fn draw(rng: &mut ChaCha8Rng) -> Purchase {
        // Days from 2023-01-01 to 2023-10-14.
        let first = jiff::civil::date(2023, 1, 1);
        let day = first.saturating_add(jiff::Span::new().days(rng.random_range(0..287)));
        let chosen = rng.random_range(0..pools::RECEIPT_ITEMS.len());
        let (item, [least, most]) = pools::RECEIPT_ITEMS[chosen];
        Purchase {
            date: day.to_string(),
            item: item.to_owned(),
            amount: rng.random_range(least * 100..=most * 100),
        }
    }

    /// One line of text.
    pub fn line(&self) -> String {
        let (whole, rest) = (self.amount / 100, self.amount % 100);
        format!("{}, {}, ${whole}.{rest:02}", self.date, self.item)
    }
}

impl Receipt {
    /// Draws one with so many transactions.
    pub fn draw(count: usize, rng: &mut ChaCha8Rng) -> Receipt {
        Receipt {
            company: pools::pick(&pools::COMPANIES, rng),
            slogan: pools::pick(&pools::SLOGANS, rng),
            transactions: (0..count).map(|_| Purchase::draw(rng)).collect(),
        }
    }

    /// The picture: the company, what was bought, a word of thanks.
    pub fn picture(&self) -> Frame {
        let count = self.transactions.len().min(100) as u32;
        let (width, height) = (500, 2 * (50 * (count + 4)).max(250));
        let mut sheet = Sheet::new(width, height, WHITE);
        let mut centred = |line: &str, size: f32, y: f32, bold: bool| {
            let free = width as f32 - font::width(line, size, bold);
            sheet.write(line, size, [(free / 2.0).max(MARGIN), y], bold, BLACK);
        };
        centred(&self.company, 26.0, 90.0, true);
        centred(&self.slogan, 20.0, 126.0, false);
        let mut y = 170.0;
        for purchase in &self.transactions {
            centred(&purchase.line(), 20.0, y, false);
            y += 30.0;
        }
        centred("Thank you for your purchase!", 16.0, y + 20.0, false);
        sheet.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn lines_are_broken_between_words_and_keep_their_indent() {
        let long = "word ".repeat(20);
        let lines = wrapped(long.trim_end());
        assert!(lines.len() == 2 && lines.iter().all(|line| line.len() <= COLUMNS));
        assert_eq!(lines.join(" "), long.trim_end());
        assert_eq!(wrapped(" note: x"), [" note: x"]);
        assert_eq!(wrapped(""), [""]);
    }

    #[test]
    fn receipts_fit_their_pictures_and_ranges() {
        let mut rng = stream(1, "test", 0);
        for count in 1..=5 {
            let receipt = Receipt::draw(count, &mut rng);
            let frame = receipt.picture();
            assert_eq!(frame.width, 500);
            for purchase in &receipt.transactions {
                assert!((500..=15_000).contains(&purchase.amount));
                let line = purchase.line();
                assert!(font::width(&line, 20.0, false) < 480.0, "{line}");
                assert!(("2023-01-01"..="2023-10-14").contains(&purchase.date.as_str()));
            }
        }
    }
}

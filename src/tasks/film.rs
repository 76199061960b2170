//! Videos that tasks put on the device: Motion JPEG in an MP4 container (catalogue section 3.0.3). The same
//! picture is stored once, however often it is shown, so that even long videos are small files.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{TaskError, paths};
use crate::device::Device;
use crate::pixels::{self, PixelsError, Sheet, font};

const WIDTH: u16 = 320;
const HEIGHT: u16 = 240;
/// Pictures of noise behind one caption, one after the other.
const VARIANTS: usize = 3;
/// Pictures until the noise moves.
const STILL: usize = 5;
const CAPTION_SIZE: f32 = 30.0;
const YELLOW: [u8; 3] = [255, 235, 20];
/// Largest part of the noise; darker than the caption.
const NOISE: u8 = 90;
const QUALITY: u8 = 70;

/// A text and for how many seconds it is seen.
pub(super) struct Caption<'a> {
    pub text: &'a str,
    pub seconds: usize,
}

/// One JPEG: noise with a caption in its middle.
fn picture(text: &str, rng: &mut ChaCha8Rng) -> Result<Vec<u8>, PixelsError> {
    let mut sheet = Sheet::new(WIDTH.into(), HEIGHT.into(), [0; 3]);
    sheet.paint(|| [rng.random_range(0..NOISE); 3]);
    let width = font::width(text, CAPTION_SIZE, true);
    // Long captions are made smaller so that nothing of them is cut.
    let size = CAPTION_SIZE * (f32::from(WIDTH - 16) / width.max(1.0)).min(1.0);
    let at = [
        (f32::from(WIDTH) - font::width(text, size, true)) / 2.0,
        (f32::from(HEIGHT) - font::line_height(size) as f32) / 2.0,
    ];
    sheet.write(text, size, at, true, YELLOW);
    pixels::encode_jpeg(&sheet.finish(), QUALITY)
}

/// A video with captions one after the other, at so many pictures a second.
pub(super) fn captioned(
    captions: &[Caption<'_>],
    rate: usize,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<u8>, PixelsError> {
    // The noise of a video of one picture a second needs not move.
    let variants = if rate > 1 { VARIANTS } else { 1 };
    let mut pictures = Vec::new();
    let mut order = Vec::new();
    for caption in captions {
        let first = pictures.len();
        for _ in 0..variants {
            pictures.push(picture(caption.text, rng)?);
        }
        order.extend((0..caption.seconds * rate).map(|number| first + number / STILL % variants));
    }
    Ok(container(&pictures, &order, rate as u32))
}

/// Writes videos to the device, all at once.
pub(super) async fn push(
    device: &Device,
    films: impl IntoIterator<Item = (String, Result<Vec<u8>, PixelsError>)>,
) -> Result<(), TaskError> {
    let mut files = Vec::new();
    for (path, film) in films {
        let data = film.map_err(|error| TaskError::setup(device, error.to_string()))?;
        files.push((path, data));
    }
    paths::write(device, &files).await
}

/// A box: length, name, content.
fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = (content.len() as u32 + 8).to_be_bytes().to_vec();
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(content);
    bytes
}

/// Numbers of four bytes.
fn words(values: &[u32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

/// Numbers of two bytes.
fn halves(values: &[u16]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

/// The transformation that changes nothing.
const MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// Puts JPEGs into an MP4 file; `order` says which one is seen when.
fn container(pictures: &[Vec<u8>], order: &[usize], rate: u32) -> Vec<u8> {
    let mut file = boxed(
        b"ftyp",
        &[&b"isom"[..], &words(&[512]), b"isomiso2mp41"].concat(),
    );
    let mut places = Vec::with_capacity(pictures.len());
    let mut at = file.len() as u32 + 8;
    for picture in pictures {
        places.push((at, picture.len() as u32));
        at += picture.len() as u32;
    }
    file.extend(boxed(b"mdat", &pictures.concat()));
    let samples: Vec<(u32, u32)> = order
        .iter()
        .filter_map(|number| places.get(*number).copied())
        .collect();
    file.extend(boxed(b"moov", &movie(&samples, rate)));
    file
}

fn movie(samples: &[(u32, u32)], rate: u32) -> Vec<u8> {
    let count = samples.len() as u32;
    let millis = count * 1_000 / rate.max(1);
    let mvhd = [
        words(&[0, 0, 0, 1_000, millis, 0x1_0000]),
        halves(&[0x100, 0]),
        words(&[0, 0]),
        words(&MATRIX),
        words(&[0, 0, 0, 0, 0, 0, 2]),
    ]
    .concat();
    // Flags: enabled, in the movie, in its preview.
    let tkhd = [
        words(&[7, 0, 0, 1, 0, millis, 0, 0]),
        halves(&[0, 0, 0, 0]),
        words(&MATRIX),
        words(&[u32::from(WIDTH) << 16, u32::from(HEIGHT) << 16]),
    ]
    .concat();
    // The language is "und".
    let mdhd = [words(&[0, 0, 0, rate, count]), halves(&[0x55C4, 0])].concat();
    let hdlr = [
        &words(&[0, 0])[..],
        b"vide",
        &words(&[0, 0, 0]),
        b"VideoHandler\0",
    ]
    .concat();
    let vmhd = [words(&[1]), halves(&[0; 4])].concat();
    let dref = [words(&[0, 1]), boxed(b"url ", &words(&[1]))].concat();
    let minf = [
        boxed(b"vmhd", &vmhd),
        boxed(b"dinf", &boxed(b"dref", &dref)),
        boxed(b"stbl", &tables(samples)),
    ]
    .concat();
    let mdia = [
        boxed(b"mdhd", &mdhd),
        boxed(b"hdlr", &hdlr),
        boxed(b"minf", &minf),
    ]
    .concat();
    let trak = [boxed(b"tkhd", &tkhd), boxed(b"mdia", &mdia)].concat();
    [boxed(b"mvhd", &mvhd), boxed(b"trak", &trak)].concat()
}

/// The tables of one track: what its samples are, when and where.
fn tables(samples: &[(u32, u32)]) -> Vec<u8> {
    // Object type 0x6C is JPEG, stream type 4 is video.
    let esds: &[u8] = &[
        0, 0, 0, 0, 3, 21, 0, 1, 0, 4, 13, 0x6C, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 1, 2,
    ];
    let mp4v = [
        &[0; 6][..],
        &halves(&[1, 0, 0]),
        &words(&[0, 0, 0]),
        &halves(&[WIDTH, HEIGHT]),
        &words(&[0x48_0000, 0x48_0000, 0]),
        &halves(&[1]),
        &[0; 32],
        &halves(&[0x18, 0xFFFF]),
        &boxed(b"esds", esds),
    ]
    .concat();
    let stsd = [words(&[0, 1]), boxed(b"mp4v", &mp4v)].concat();
    let count = samples.len() as u32;
    let (offsets, sizes): (Vec<u32>, Vec<u32>) = samples.iter().copied().unzip();
    [
        boxed(b"stsd", &stsd),
        boxed(b"stts", &words(&[0, 1, count, 1])),
        // Every chunk is one sample, so that samples can share a place.
        boxed(b"stsc", &words(&[0, 1, 1, 1, 1])),
        boxed(b"stsz", &[words(&[0, 0, count]), words(&sizes)].concat()),
        boxed(b"stco", &[words(&[0, count]), words(&offsets)].concat()),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;
    use crate::phone::media::mp4::Video;
    use crate::phone::system::{Clock, ClockMode, Files};

    #[test]
    fn a_film_shows_its_captions_in_turn() {
        let captions = [("Amara", 8), ("Jonas Miller the second", 8)]
            .map(|(text, seconds)| Caption { text, seconds });
        let film = captioned(&captions, 30, &mut stream(1, "test", 0)).unwrap();
        assert!(film.len() < 200_000, "{}", film.len());
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path(), Clock::new(ClockMode::Steps)).unwrap();
        let path = "/storage/emulated/0/Download/film.mp4";
        files.write(path, &film).unwrap();
        let video = Video::open(&files, path).unwrap();
        assert_eq!(video.duration_millis, 16_000);
        let shown = |millis| {
            let bytes = video
                .picture(&files, path, video.picture_at(millis))
                .unwrap();
            pixels::decode(&bytes, 1 << 20).unwrap()
        };
        let yellow = |millis| {
            let frame = shown(millis);
            assert_eq!((frame.width, frame.height), (320, 240));
            let pixels = frame.rgba.chunks_exact(4);
            pixels
                .filter(|pixel| pixel[0] > 150 && pixel[2] < 120)
                .count()
        };
        assert!(yellow(0) > 300 && yellow(9_000) > 300);
        assert_eq!(shown(0), shown(100));
        assert_ne!(shown(0), shown(200));
        assert_ne!(yellow(7_900), yellow(8_100));
    }
}

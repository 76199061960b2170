//! Files that no program would have written, opened by the apps that open such files.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use stepdroid::pixels::{self, Sheet};

use super::client::{answers, memory};
use super::databases::{phone, play};

/// Where apps look for files of a kind, and which ones do.
const PLACES: &[(&str, &str, &[&str])] = &[
    ("png", "DCIM", &["com.simplemobiletools.gallery.pro"]),
    ("jpg", "DCIM", &["com.simplemobiletools.gallery.pro"]),
    (
        "mp3",
        "Music",
        &["code.name.monkey.retromusic", "org.videolan.vlc"],
    ),
    (
        "mp4",
        "VLCVideos",
        &["org.videolan.vlc", "com.simplemobiletools.gallery.pro"],
    ),
    ("m4a", "Music", &["code.name.monkey.retromusic"]),
    (
        "html",
        "Download",
        &["com.android.chrome", "com.google.android.documentsui"],
    ),
    ("md", "Documents/Markor", &["net.gsantner.markor"]),
    (
        "gpx",
        "Android/data/net.osmand/files/tracks",
        &["net.osmand"],
    ),
    (
        "xml",
        "Android/data/net.osmand/files/favorites",
        &["net.osmand"],
    ),
];

/// A good beginning for each kind.
fn good(kind: &str) -> Vec<u8> {
    match kind {
        "png" | "jpg" => {
            let mut sheet = Sheet::new(40, 30, [255, 255, 255]);
            sheet.write("a", 20.0, [2.0, 2.0], false, [0; 3]);
            let frame = sheet.finish();
            match kind {
                "png" => pixels::encode_png(&frame).unwrap(),
                _ => pixels::encode_jpeg(&frame, 80).unwrap(),
            }
        }
        "mp3" => [
            &b"ID3\x03\0\0\0\0\0\x20TIT2\0\0\0\x04\0\0\0abcTPE1\0\0\0\x04\0\0\0def"[..],
            &[0xff, 0xfb, 0x90, 0x44],
            &[0; 413],
        ]
        .concat(),
        "mp4" | "m4a" => {
            let part = |name: &[u8; 4], body: &[u8]| {
                [&(body.len() as u32 + 8).to_be_bytes()[..], name, body].concat()
            };
            let mut head = vec![0; 100];
            head[12..20].copy_from_slice(&[0, 0, 3, 0xe8, 0, 0, 0x27, 0x10]);
            let moov = part(b"mvhd", &head);
            [part(b"ftyp", b"isom\0\0\0\0isom"), part(b"moov", &moov), part(b"mdat", &[0; 64])].concat()
        }
        "html" => b"<!DOCTYPE html><html><body><canvas id='c'></canvas><button onclick='go()'>a</button><script>let a = 1;</script></body></html>".to_vec(),
        "gpx" | "xml" => b"<?xml version='1.0'?><gpx version='1.1'><wpt lat='47.1' lon='9.5'><name>a</name></wpt><trk><trkseg><trkpt lat='47.1' lon='9.5'/></trkseg></trk></gpx>".to_vec(),
        _ => b"# a\n- [ ] b\n".to_vec(),
    }
}

/// Files that are built to harm, by kind.
fn built(kind: &str) -> Vec<Vec<u8>> {
    let mut all = vec![
        Vec::new(),
        vec![0; 1 << 16],
        vec![0xff; 1 << 16],
        b"\xef\xbb\xbf\xff\xfe\0\0".to_vec(),
        "\u{202e}\u{1f469}\u{200d}\u{1f680}"
            .repeat(5_000)
            .into_bytes(),
    ];
    match kind {
        "png" => {
            // A picture of 4 gigapixels in its header.
            let mut huge = good(kind);
            huge[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
            let sum = crc(&huge[12..29]);
            huge[29..33].copy_from_slice(&sum.to_be_bytes());
            all.push(huge);
        }
        "mp3" => {
            // A tag and a frame that are longer than any file.
            all.push(b"ID3\x04\0\xff\x7f\x7f\x7f\x7fTIT2\x7f\x7f\x7f\x7f\0\0".to_vec());
            all.push(
                [
                    &b"ID3\x03\0\x40\0\0\x10\0\xff\xff\xff\xff"[..],
                    &[0xff; 4096],
                ]
                .concat(),
            );
        }
        "mp4" | "m4a" => {
            let nested = (0..2_000).fold(vec![0; 8], |inside: Vec<u8>, _| {
                [
                    &(inside.len() as u32 + 8).to_be_bytes()[..],
                    b"moov",
                    &inside,
                ]
                .concat()
            });
            all.push(nested);
            all.push([&[0, 0, 0, 1][..], b"moov", &[0xff; 8], &[0; 64]].concat());
            all.push([&[0, 0, 0, 0][..], b"moov", &[0, 0, 0, 0], b"trak"].concat());
        }
        "html" => {
            all.push("<div>".repeat(20_000).into_bytes());
            all.push(
                format!("<canvas width=4000000000 height=-1>{}", "<!--".repeat(999)).into_bytes(),
            );
        }
        "gpx" | "xml" => {
            all.push("<gpx>".repeat(20_000).into_bytes());
            let points: String = ["NaN", "inf", "-1e308", "91", "", "x"]
                .iter()
                .map(|value| format!("<wpt lat='{value}' lon='{value}'><name>{value}</name></wpt><trk><trkseg><trkpt lat='{value}' lon='9'/><trkpt lat='47' lon='{value}'/></trkseg></trk>"))
                .collect();
            all.push(format!("<gpx>{points}</gpx>").into_bytes());
            let entities: String = (1..20)
                .map(|one| {
                    format!(
                        "<!ENTITY e{one} '{}'>",
                        format!("&e{};", one - 1).repeat(10)
                    )
                })
                .collect();
            all.push(format!("<!DOCTYPE g [<!ENTITY e0 'x'>{entities}]><gpx><wpt lat='1' lon='1'><name>&e19;</name></wpt></gpx>").into_bytes());
        }
        _ => all.push("[a](".repeat(10_000).into_bytes()),
    }
    all
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| match sum & 1 {
            1 => (sum >> 1) ^ 0xedb8_8320,
            _ => sum >> 1,
        })
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_files_are_opened_without_harm() {
    let phone = phone().await;
    let before = memory();
    for (kind, place, packages) in PLACES {
        println!("{kind}");
        let mut random = ChaCha8Rng::seed_from_u64(place.len() as u64);
        let mut bytes = built(kind);
        for _ in 0..12 {
            let mut bent = good(kind);
            for _ in 0..random.random_range(1..6) {
                let at = random.random_range(0..bent.len());
                bent[at] = random.random();
            }
            if random.random_ratio(1, 3) {
                bent.truncate(random.random_range(0..bent.len()));
            }
            bytes.push(bent);
        }
        bytes.push(good(kind));
        let folder = format!("/storage/emulated/0/{place}");
        phone.shell(&format!("rm -rf {folder}/*"));
        phone.machine().files.make_dirs(&folder).unwrap();
        for (number, one) in bytes.iter().enumerate() {
            let name = format!("{folder}/file{number:02}.{kind}");
            phone.machine().files.write(&name, one).unwrap();
        }
        phone.shell("am broadcast -a android.intent.action.MEDIA_MOUNTED -d file:///sdcard");
        for package in *packages {
            play(&phone, package, &mut random, 10);
        }
        for number in 0..bytes.len() {
            let uri = format!("file://{folder}/file{number:02}.{kind}");
            phone.shell(&format!("am start -a android.intent.action.VIEW -d {uri}"));
            let xml = phone.shell("uiautomator dump /dev/tty").text();
            assert!(xml.contains("</hierarchy>"), "{uri}: {xml}");
            phone.frame();
        }
    }
    let grown = memory().saturating_sub(before);
    println!("{grown} MiB more");
    assert!(grown < 800, "{grown} MiB");
    answers(&phone).await;
    phone.stop().await;
}

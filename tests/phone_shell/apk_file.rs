//! APKs made by hand: a stored archive with a binary manifest, and a table of resources for its label.

/// Numbers one after the other, little-endian.
pub fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn chunk(kind: u16, header: &[u8], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(8 + header.len() + body.len()).unwrap();
    let head = u16::try_from(8 + header.len()).unwrap();
    [
        &kind.to_le_bytes()[..],
        &head.to_le_bytes(),
        &size.to_le_bytes(),
        header,
        body,
    ]
    .concat()
}

fn pool(strings: &[String], utf8: bool) -> Vec<u8> {
    let (mut offsets, mut data) = (Vec::new(), Vec::new());
    for string in strings {
        offsets.push(u32::try_from(data.len()).unwrap());
        if utf8 {
            data.push(u8::try_from(string.chars().count()).unwrap());
            data.push(u8::try_from(string.len()).unwrap());
            data.extend(string.bytes().chain([0]));
        } else {
            let units: Vec<u16> = string.encode_utf16().collect();
            data.extend(u16::try_from(units.len()).unwrap().to_le_bytes());
            data.extend(units.iter().chain([&0]).flat_map(|unit| unit.to_le_bytes()));
        }
    }
    data.resize(data.len().next_multiple_of(4), 0);
    let count = u32::try_from(strings.len()).unwrap();
    let start = 28 + 4 * count;
    let header = words(&[count, 0, u32::from(utf8) << 8, start, 0]);
    chunk(1, &header, &[words(&offsets), data].concat())
}

/// A value of an attribute.
pub enum Value {
    Text(&'static str),
    Word(u8, u32),
}
use Value::{Text, Word};

/// Names with Android's numbers, in the order in which they begin the pool.
const NAMES: [(&str, u32); 4] = [
    ("label", 0x0101_0001),
    ("name", 0x0101_0003),
    ("versionCode", 0x0101_021b),
    ("versionName", 0x0101_021c),
];

/// Writes a document of elements.
struct Document {
    strings: Vec<String>,
    elements: Vec<u8>,
    utf8: bool,
}

impl Document {
    fn new(utf8: bool) -> Document {
        Document {
            strings: NAMES.iter().map(|(name, _)| (*name).to_owned()).collect(),
            elements: Vec::new(),
            utf8,
        }
    }

    fn string(&mut self, text: &str) -> u32 {
        let known = self.strings.iter().position(|known| known == text);
        let at = known.unwrap_or_else(|| {
            self.strings.push(text.to_owned());
            self.strings.len() - 1
        });
        u32::try_from(at).unwrap()
    }

    fn start(&mut self, name: &str, attributes: &[(&str, Value)]) {
        let name = self.string(name);
        let mut body = words(&[u32::MAX, name]);
        let count = u16::try_from(attributes.len()).unwrap();
        for short in [20, 20, count, 0, 0, 0] {
            body.extend(short.to_le_bytes());
        }
        for (name, value) in attributes {
            let name = self.string(name);
            let (raw, kind, data) = match value {
                Text(text) => {
                    let text = self.string(text);
                    (text, 3, text)
                }
                Word(kind, data) => (u32::MAX, *kind, *data),
            };
            body.extend(words(&[
                u32::MAX,
                name,
                raw,
                8 | u32::from(kind) << 24,
                data,
            ]));
        }
        let element = chunk(0x0102, &words(&[1, u32::MAX]), &body);
        self.elements.extend(element);
    }

    fn end(&mut self) {
        let body = words(&[u32::MAX, 0]);
        self.elements
            .extend(chunk(0x0103, &words(&[1, u32::MAX]), &body));
    }

    fn bytes(&self) -> Vec<u8> {
        let numbers: Vec<u32> = NAMES.iter().map(|(_, number)| *number).collect();
        let parts = [
            pool(&self.strings, self.utf8),
            chunk(0x0180, &[], &words(&numbers)),
            self.elements.clone(),
        ];
        chunk(3, &[], &parts.concat())
    }
}

/// The manifest of a small app with a launcher activity and another one.
pub fn manifest(package: &'static str, label: Value, utf8: bool) -> Vec<u8> {
    let mut document = Document::new(utf8);
    let version = [
        ("versionCode", Word(0x10, 42)),
        ("versionName", Text("4.2")),
        ("package", Text(package)),
    ];
    document.start("manifest", &version);
    let camera = Text("android.permission.CAMERA");
    document.start("uses-permission", &[("name", camera)]);
    document.end();
    document.start("application", &[("label", label)]);
    document.start("activity", &[("name", Text("org.else.Other"))]);
    document.end();
    document.start("activity", &[("name", Text(".Main"))]);
    document.start("intent-filter", &[]);
    for (name, value) in [
        ("action", "android.intent.action.MAIN"),
        ("category", "android.intent.category.LAUNCHER"),
    ] {
        document.start(name, &[("name", Text(value))]);
        document.end();
    }
    for _ in 0..4 {
        document.end();
    }
    document.bytes()
}

/// A table of resources where 0x7f010000 has a text in German and one in no language.
pub fn resources() -> Vec<u8> {
    let texts = ["Kleines Ding".to_owned(), "Small thing".to_owned()];
    let kind = |language: &[u8; 4], text: u32| {
        let mut header = vec![1, 0, 0, 0];
        header.extend(words(&[1, 20 + 64 + 4, 64, 0]));
        header.extend(language);
        header.resize(12 + 64, 0);
        let entry = words(&[8, 0, 8 | 3 << 24, text]);
        chunk(0x0201, &header, &[words(&[0]), entry].concat())
    };
    let mut header = words(&[0x7f]);
    header.resize(4 + 256 + 20, 0);
    let types = [kind(b"de\0\0", 0), kind(&[0; 4], 1)].concat();
    let package = chunk(0x0200, &header, &types);
    chunk(2, &words(&[1]), &[pool(&texts, true), package].concat())
}

/// An archive of stored entries.
pub fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut contents) = (Vec::new(), Vec::new());
    for (name, data) in entries {
        let at = u32::try_from(bytes.len()).unwrap();
        let length = u32::try_from(data.len()).unwrap();
        let name_length = u32::try_from(name.len()).unwrap();
        // Version, flags, stored, time, date.
        let mut middle = vec![0; 10];
        middle.extend(words(&[0, length, length, name_length]));
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&middle);
        bytes.extend(name.bytes().chain(data.iter().copied()));
        contents.extend(b"PK\x01\x02\0\0");
        contents.extend(&middle);
        contents.extend([0; 10]);
        contents.extend(words(&[at]));
        contents.extend(name.bytes());
    }
    let at = u32::try_from(bytes.len()).unwrap();
    let size = u32::try_from(contents.len()).unwrap();
    bytes.extend(contents);
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 8]);
    bytes.extend(words(&[size, at]));
    bytes.extend([0; 2]);
    bytes
}

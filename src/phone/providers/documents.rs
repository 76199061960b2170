//! The documents provider of the shared storage: URIs of files, as the Files app hands them to other
//! apps, and the paths behind them. Pure.

/// The shared storage.
pub const VOLUME: &str = "/storage/emulated/0";

/// Where a document's URI begins.
const DOCUMENT: &str = "content://com.android.externalstorage.documents/document/primary%3A";
/// Where a path's URI begins.
const FILE: &str = "file://";

/// The URI of a file or folder of the shared storage; that of the path itself elsewhere.
pub fn uri_of(path: &str) -> String {
    match path.strip_prefix(VOLUME) {
        Some(rest) => format!("{DOCUMENT}{}", encode(rest.trim_start_matches('/'))),
        None => format!("{FILE}{path}"),
    }
}

/// The path behind a document's or a file's URI; `None` for other URIs.
pub fn path_of(uri: &str) -> Option<String> {
    if let Some(rest) = uri.strip_prefix(DOCUMENT) {
        let rest = decode(rest)?;
        return Some(match rest.is_empty() {
            true => VOLUME.to_owned(),
            false => format!("{VOLUME}/{rest}"),
        });
    }
    decode(uri.strip_prefix(FILE)?)
}

/// The path that an intent's data means: the one behind a URI, or what stands there as it is, as people
/// write paths and files' URIs by hand.
pub fn place_of(data: &str) -> String {
    path_of(data).unwrap_or_else(|| data.strip_prefix(FILE).unwrap_or(data).to_owned())
}

/// Percent-encodes what `Uri.encode` does.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => encoded.push(char::from(byte)),
            _ if b"_-!.~'()*".contains(&byte) => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let value = digit()? * 16 + digit()?;
                bytes.push(u8::try_from(value).ok()?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_lead_back_to_their_paths() {
        let path = "/storage/emulated/0/Music/50% off — it's (1).mp3";
        let uri = uri_of(path);
        assert!(uri.starts_with(DOCUMENT) && uri.is_ascii() && !uri.contains(' '));
        assert_eq!(path_of(&uri).as_deref(), Some(path));
        assert_eq!(path_of(&uri_of(VOLUME)).as_deref(), Some(VOLUME));
        assert_eq!(path_of("file:///sdcard/a%20b"), Some("/sdcard/a b".into()));
        assert_eq!(path_of("content://media/1"), None);
        assert_eq!(path_of("file:///a%zz"), None);
        assert_eq!(place_of(&uri), path);
        assert_eq!(place_of("file:///sdcard/100%.png"), "/sdcard/100%.png");
        assert_eq!(place_of("/sdcard/a.png"), "/sdcard/a.png");
    }
}

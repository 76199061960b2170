//! The roots of the drawer: the collections of files by kind, and the volume with its Downloads.

use crate::phone::providers::documents::VOLUME;
use crate::phone::system::{Namespace, System};
use crate::phone::ui::Icon;

/// A root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// Files that changed lately.
    Recent,
    /// Pictures.
    Images,
    /// Films.
    Videos,
    /// Music and recordings.
    Audio,
    /// Texts and the like.
    Documents,
    /// The folder of downloads.
    Downloads,
    /// The shared storage.
    Storage,
}

impl Root {
    /// All of them in the drawer's order.
    pub const ALL: [Root; 7] = [
        Root::Recent,
        Root::Images,
        Root::Videos,
        Root::Audio,
        Root::Documents,
        Root::Downloads,
        Root::Storage,
    ];

    /// Name in the preferences.
    pub fn key(self) -> &'static str {
        match self {
            Root::Recent => "recent",
            Root::Images => "images_root",
            Root::Videos => "videos_root",
            Root::Audio => "audio_root",
            Root::Documents => "documents_root",
            Root::Downloads => "downloads",
            Root::Storage => "primary",
        }
    }

    /// The root with a name of the preferences.
    pub fn from_key(key: &str) -> Option<Root> {
        Root::ALL.into_iter().find(|root| root.key() == key)
    }

    /// What the drawer calls it: the volume has the phone's name.
    pub fn title(self, system: &System) -> String {
        let fixed = match self {
            Root::Recent => "Recent",
            Root::Images => "Images",
            Root::Videos => "Videos",
            Root::Audio => "Audio",
            Root::Documents => "Documents",
            Root::Downloads => "Downloads",
            Root::Storage => {
                let named = system.settings.get(Namespace::Global, "device_name");
                named
                    .filter(|name| !name.is_empty())
                    .unwrap_or("sdk_gphone_x86_64")
            }
        };
        fixed.to_owned()
    }

    /// The line below the name in the drawer.
    pub fn summary(self, system: &System) -> Option<String> {
        let Root::Storage = self else { return None };
        let free = system.files.free_bytes() as f64 / 1e9;
        Some(format!("{free:.2} GB free"))
    }

    /// Its sign.
    pub fn icon(self) -> Icon {
        match self {
            Root::Recent => Icon::Clock,
            Root::Images => Icon::Image,
            Root::Videos => Icon::Video,
            Root::Audio => Icon::Music,
            Root::Documents => Icon::Document,
            Root::Downloads => Icon::ArrowDown,
            Root::Storage => Icon::Phone,
        }
    }

    /// The folder that it is; the others are collections.
    pub fn folder(self) -> Option<String> {
        match self {
            Root::Downloads => Some(format!("{VOLUME}/Download")),
            Root::Storage => Some(VOLUME.to_owned()),
            _ => None,
        }
    }
}

//! Finding files below the shown folder, by name or by what they say.

use super::dialogs::field;
use super::home::Message;
use super::notebook::is_within;
use crate::phone::system::Files;
use crate::phone::ui::{Color, Length, Widget, alert, checkbox, choice, row, scroll, text};

/// Files larger than this are not searched for words.
const LARGEST: u64 = 1 << 20;
/// Most results that are shown.
const MOST: usize = 100;

/// The dialog: the question, then the answers.
#[derive(Debug, Clone)]
pub struct Search {
    /// Searched below this folder.
    pub folder: String,
    /// Searched for.
    pub words: String,
    /// In the files' text too.
    pub content: bool,
    /// Paths that were found, once it was searched.
    pub found: Option<Vec<String>>,
}

impl Search {
    /// An empty question.
    pub fn new(folder: &str) -> Search {
        Search {
            folder: folder.to_owned(),
            words: String::new(),
            content: true,
            found: None,
        }
    }

    /// Searches.
    pub fn run(&mut self, files: &Files) {
        let wanted = self.words.trim().to_lowercase();
        let mut found = Vec::new();
        for (path, metadata) in files.walk(&self.folder).unwrap_or_default() {
            let name = super::notebook::name_of(&path).to_lowercase();
            let says = || {
                self.content
                    && !metadata.is_directory()
                    && metadata.size <= LARGEST
                    && files
                        .read_text(&path)
                        .is_ok_and(|text| text.to_lowercase().contains(&wanted))
            };
            if !wanted.is_empty() && (name.contains(&wanted) || says()) {
                found.push(path);
            }
            if found.len() == MOST {
                break;
            }
        }
        self.found = Some(found);
    }

    /// The dialog's content.
    pub fn view(&self) -> Widget<Message> {
        let Some(found) = &self.found else {
            return alert("Search")
                .content(vec![
                    field(&self.words, "Search", "search_text", Message::Words)
                        .on_enter(Message::Find),
                    row(vec![
                        checkbox(self.content)
                            .id("search_content")
                            .on_toggle(Message::InContent),
                        text("Search in content").text_size(15.0),
                    ])
                    .decoration()
                    .gap(8.0),
                ])
                .positive("OK", Message::Find)
                .negative("CANCEL", Message::CloseDialog)
                .widget();
        };
        let rows = found
            .iter()
            .map(|path| {
                let shown = if is_within(path, &self.folder) {
                    path.get(self.folder.len()..)
                } else {
                    None
                };
                let shown = shown.unwrap_or(path).trim_start_matches('/').to_owned();
                choice(shown, Message::Found(path.clone()))
            })
            .collect();
        let content = if found.is_empty() {
            text("Nothing was found").color(Color::TEXT_SECONDARY)
        } else {
            scroll(rows)
                .class("android.widget.ListView")
                .height(Length::Dp(360.0_f32.min(46.0 * found.len() as f32)))
        };
        alert("Search")
            .content(vec![content])
            .negative("CANCEL", Message::CloseDialog)
            .widget()
    }
}

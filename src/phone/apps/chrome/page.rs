//! A web page: one of the local games, which its head names, or the words of any other page.

use super::draw::{Draw, DrawMessage};
use super::maze::Labyrinth;
use super::multiply::{Multiply, MultiplyMessage};
use crate::domain::pages::Step;
use crate::phone::ui::{Color, Widget, text};

/// A touch on a page.
#[derive(Debug, Clone)]
pub enum PageMessage {
    /// On the multiplying page.
    Multiply(MultiplyMessage),
    /// A button of the maze.
    Step(Step),
    /// On the drawing page.
    Draw(DrawMessage),
}

enum Content {
    Multiply(Multiply),
    Maze(Labyrinth),
    Draw(Draw),
    Words(Vec<String>),
}

/// What is shown in the tab.
pub struct Page {
    /// Its title.
    pub title: String,
    content: Content,
}

/// What a page says when a game is won.
pub const SUCCESS: &str = "Success!";

impl Page {
    /// Reads a page.
    pub fn new(html: &str) -> Page {
        let seed = meta(html, "page-seed").and_then(|seed| seed.trim().parse().ok());
        let content = match (meta(html, "page-game"), seed) {
            (Some("multiply"), Some(seed)) => Content::Multiply(Multiply::new(seed)),
            (Some("maze"), Some(seed)) => Content::Maze(Labyrinth::new(seed)),
            (Some("draw"), Some(seed)) => Content::Draw(Draw::new(seed)),
            _ => Content::Words(words(html)),
        };
        let title = between(html, "<title>", "</title>").unwrap_or("").trim();
        Page {
            title: title.to_owned(),
            content,
        }
    }

    /// Answers a touch.
    pub fn update(&mut self, message: PageMessage) {
        match (&mut self.content, message) {
            (Content::Multiply(game), PageMessage::Multiply(message)) => game.update(message),
            (Content::Maze(game), PageMessage::Step(step)) => game.go(step),
            (Content::Draw(game), PageMessage::Draw(message)) => game.update(message),
            // A touch on a page that was left meanwhile.
            _ => {}
        }
    }

    /// What is on it.
    pub fn view(&self) -> Vec<Widget<PageMessage>> {
        match &self.content {
            Content::Multiply(game) => game.view(),
            Content::Maze(game) => game.view(),
            Content::Draw(game) => game.view(),
            Content::Words(lines) => lines.iter().map(|line| paragraph(line.clone())).collect(),
        }
    }
}

/// A line of text on a page.
pub fn paragraph<M>(words: impl Into<std::borrow::Cow<'static, str>>) -> Widget<M> {
    text(words).text_size(18.0).fill_width()
}

/// A button on a page.
pub fn web_button<M>(words: &'static str, message: M) -> Widget<M> {
    crate::phone::ui::button(words)
        .color(Color::TEXT)
        .rounded(Color::rgb(0xEF_EFEF), 4.0)
        .border(1.0, Color::rgb(0x76_7676))
        .padding_symmetric(16.0, 10.0)
        .min_height(40.0)
        .on_tap(message)
}

/// What stands between two marks.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(end).map(|(inside, _)| inside)
}

/// The content of a `meta` element with a name.
fn meta<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    between(html, &format!("<meta name=\"{name}\" content=\""), "\"")
}

/// Lines that are shown at most.
const MOST_LINES: usize = 1_000;

/// The words of a page without its elements, scripts and styles.
pub fn words(html: &str) -> Vec<String> {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let body = match html.contains("<body") {
        true => body.split_once('>').map_or("", |(_, body)| body),
        false => body,
    };
    let mut plain = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let hidden = ["script", "style"]
            .into_iter()
            .find(|name| after.starts_with(name));
        rest = match hidden {
            Some(name) => after
                .split_once(&format!("</{name}"))
                .map_or("", |(_, after)| after),
            None => after,
        };
        rest = rest.split_once('>').map_or("", |(_, after)| after);
        plain.push('\n');
    }
    plain.push_str(rest);
    let plain = plain
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    plain
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(MOST_LINES)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_a_game_is_its_words() {
        let html = "<html><head><title>T</title><style>p{}</style></head><body class=\"x\"><p>One &amp; two</p>\
                    <script>if (a < b) {}</script><b>three</b></body></html>";
        assert_eq!(words(html), ["One & two", "three"]);
        assert_eq!(words("plain < broken"), ["plain"]);
        let page = Page::new(html);
        assert_eq!((page.title.as_str(), page.view().len()), ("T", 2));
        // A game needs its seed.
        let half = "<meta name=\"page-game\" content=\"maze\"><body>x";
        assert_eq!(Page::new(half).view().len(), 1);
    }
}

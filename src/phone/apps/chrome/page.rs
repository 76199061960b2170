//! A web page: one of the three games of the benchmark, known by its title and by the seed in its script, or the
//! words of any other page. Scripts do not run; the rules of the games are those of `domain::pages`.

use super::draw::{Draw, DrawMessage, Surface};
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
        let title = between(html, "<title>", "</title>").unwrap_or("").trim();
        let content = game(title, html).unwrap_or_else(|| Content::Words(words(html)));
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

/// The game of a page with that title, if its script has what the game needs.
fn game(title: &str, html: &str) -> Option<Content> {
    let seed = between(html, "new SeededRNG(", ")")?.trim().parse().ok()?;
    match title {
        "Memory Task" => Some(Content::Multiply(Multiply::new(seed))),
        "Maze Puzzle" => Some(Content::Maze(Labyrinth::new(seed))),
        "Color Challenge" => {
            let surface = Surface {
                palette: palette(html)?,
                pen: pen(html),
                words: words(html),
            };
            Some(Content::Draw(Draw::new(seed, surface)))
        }
        _ => None,
    }
}

/// Colours that a page may have at most.
const MOST_COLOURS: usize = 64;

/// The first list in a script that holds colours and nothing else, like `['#00ff00', '#123456']`.
fn palette(html: &str) -> Option<Vec<Color>> {
    let lists = html.split('[').skip(1);
    let lists = lists.filter_map(|rest| rest.split_once(']'));
    let mut lists = lists.filter_map(|(list, _)| {
        let entries = list.trim().trim_end_matches(',').split(',');
        let colours = entries.take(MOST_COLOURS + 1).map(colour);
        colours.collect::<Option<Vec<Color>>>()
    });
    lists.next().filter(|colours| colours.len() <= MOST_COLOURS)
}

/// How thick a script's lines are, in dp: 1 where it says nothing, as canvases have it.
fn pen(html: &str) -> f32 {
    let said = between(html, ".lineWidth = ", ";").and_then(|width| width.trim().parse().ok());
    said.filter(|width| (0.1..=100.0).contains(width))
        .unwrap_or(1.0)
}

/// A quoted `#RRGGBB`.
fn colour(entry: &str) -> Option<Color> {
    let entry = entry.trim();
    let unquoted = ['\'', '"'].into_iter().find_map(|quote| {
        let inner = entry.strip_prefix(quote)?;
        inner.strip_suffix(quote)
    });
    let digits = unquoted?.strip_prefix('#')?;
    let is_hex = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = is_hex.then(|| u32::from_str_radix(digits, 16).ok());
    value.flatten().map(Color::rgb)
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
    }

    #[test]
    fn a_game_needs_its_title_its_seed_and_its_colours() {
        let is_words = |title: &str, script: &str| {
            let html = format!("<title> {title}\n</title><body>x<script>{script}</script>");
            matches!(Page::new(&html).content, Content::Words(_))
        };
        assert!(!is_words("Maze Puzzle", "rng = new SeededRNG(0)\n"));
        assert!(!is_words(
            "Memory Task",
            "let r = new SeededRNG( 4294967295 );"
        ));
        assert!(is_words("Memory Task", "new SeededRNG(seed)"));
        assert!(is_words("Maze Puzzle", "new SeededRNG(4294967296)"));
        assert!(is_words("Mazes", "new SeededRNG(3)"));
        assert!(is_words("Color Challenge", "new SeededRNG(3); [1, 2]"));
        assert!(!is_words(
            "Color Challenge",
            "new SeededRNG(3); ['#010203']"
        ));
    }

    #[test]
    fn pens_are_thin_unless_the_script_says() {
        assert_eq!(pen("pen.lineWidth = 6;"), 6.0);
        for other in [
            "",
            "x.lineWidth = -3;",
            "x.lineWidth = wide;",
            "x.lineWidth = NaN;",
        ] {
            assert_eq!(pen(other), 1.0, "{other}");
        }
    }

    #[test]
    fn the_palette_is_the_first_list_of_colours() {
        let script = "let drawn = [], part = at[0]; /* ['red'] */\n\
                      let all = [\n '#ff0000', \"#00FF7f\",\n]; let more = ['#000000'];";
        let found = palette(script).unwrap();
        assert_eq!(found, [Color::rgb(0xff_0000), Color::rgb(0x00_ff7f)]);
        for broken in [
            "",
            "['#ff00000']",
            "['#ff0000'",
            "['#+f0000']",
            "['#ff0000\"]",
        ] {
            assert!(palette(broken).is_none(), "{broken}");
        }
        let many = format!("[{}]", "'#ffffff',".repeat(MOST_COLOURS + 1));
        assert!(palette(&many).is_none());
    }
}

//! A person at a terminal as an agent: the screen is written out, actions are typed.

use std::io::{BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::demonstrator::shown;
use super::typed::{WORDS, action};
use super::{Agent, AgentError, Choice, Moment};
use crate::domain::{Action, Observation};
use crate::pixels;
use crate::policy::Past;

type Lines = Box<dyn BufRead + Send>;
type Screen = Box<dyn Write + Send>;

/// Where a person reads and types. Only one episode talks to it at a time.
#[derive(Clone)]
pub struct Terminal {
    streams: Arc<Mutex<(Lines, Screen)>>,
}

impl Terminal {
    /// A terminal of two streams.
    pub fn new(lines: Lines, screen: Screen) -> Terminal {
        Terminal {
            streams: Arc::new(Mutex::new((lines, screen))),
        }
    }

    /// Standard input and standard error: results go to standard output.
    pub fn standard() -> Terminal {
        let lines = std::io::BufReader::new(std::io::stdin());
        Terminal::new(Box::new(lines), Box::new(std::io::stderr()))
    }

    /// Shows a text and reads lines until one is an action.
    fn ask(&self, text: &str) -> Result<Action, AgentError> {
        let failed = |error: std::io::Error| AgentError::Terminal(error.to_string());
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let (lines, screen) = &mut *streams;
        write!(screen, "{text}").map_err(failed)?;
        loop {
            write!(screen, "> ").map_err(failed)?;
            screen.flush().map_err(failed)?;
            let mut line = String::new();
            if lines.read_line(&mut line).map_err(failed)? == 0 {
                return Err(AgentError::TerminalEnded);
            }
            match line.trim() {
                "" => {}
                "look" => write!(screen, "{text}").map_err(failed)?,
                "help" | "?" => writeln!(screen, "{WORDS}").map_err(failed)?,
                line => match action(line) {
                    Ok(action) => return Ok(action),
                    Err(reason) => {
                        writeln!(screen, "{reason}; ? lists what there is").map_err(failed)?;
                    }
                },
            }
        }
    }
}

/// A person.
pub struct HumanAgent {
    terminal: Terminal,
    past: Vec<Past>,
}

impl HumanAgent {
    /// The person at a terminal.
    pub fn new(terminal: Terminal) -> HumanAgent {
        HumanAgent {
            terminal,
            past: Vec::new(),
        }
    }
}

#[async_trait]
impl Agent for HumanAgent {
    fn wants_frame(&self) -> bool {
        true
    }

    async fn act(&mut self, moment: Moment<'_>) -> Result<Choice, AgentError> {
        let text = written(&moment);
        let terminal = self.terminal.clone();
        // A person takes as long as a person takes; nothing else waits for it.
        let action = tokio::task::spawn_blocking(move || terminal.ask(&text))
            .await
            .map_err(|error| AgentError::Terminal(error.to_string()))??;
        let sample = shown(&action, &moment, &mut self.past, false);
        Ok(Choice {
            action,
            sample: Some(sample),
            log_probability: 0.0,
            note: String::new(),
        })
    }
}

/// The moment as text: the goal, where the screenshot lies, and what can be pointed at.
fn written(moment: &Moment<'_>) -> String {
    let mut text = format!(
        "\n{}\nstep {} of {}{}\n",
        moment.goal,
        moment.step + 1,
        moment.budget,
        screenshot(moment.observation)
    );
    for (index, element) in moment.observation.elements.iter().enumerate() {
        let mut marks = Vec::new();
        for (mark, is) in [
            ("tap", element.is_clickable),
            ("type", element.is_editable),
            ("scroll", element.is_scrollable),
            ("checked", element.is_checked),
            ("selected", element.is_selected),
        ] {
            if is {
                marks.push(mark);
            }
        }
        let label = element.label();
        if label.is_empty() && marks.is_empty() {
            continue;
        }
        text.push_str(&format!(
            "{index:4}  {}  {}{}\n",
            label.escape_debug(),
            element.resource_entry(),
            if marks.is_empty() {
                String::new()
            } else {
                format!("  [{}]", marks.join(", "))
            },
        ));
    }
    text
}

/// Keeps the screenshot where an image viewer that follows a file shows it.
fn screenshot(observation: &Observation) -> String {
    let Some(frame) = &observation.frame else {
        return String::new();
    };
    let path = std::env::temp_dir().join(format!("stepdroid-screen-{}.png", std::process::id()));
    let kept = pixels::encode_png(frame)
        .ok()
        .and_then(|data| std::fs::write(&path, data).ok());
    match kept {
        Some(()) => format!("; the screen is in {}", path.display()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Shown(Arc<Mutex<Vec<u8>>>);

    impl Write for Shown {
        fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(data);
            Ok(data.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_person_is_asked_until_the_line_is_an_action() {
        let shown = Shown::default();
        let typed = std::io::Cursor::new(b"jump\n\n?\nlook\nclick 2\n".to_vec());
        let terminal = Terminal::new(Box::new(typed), Box::new(shown.clone()));
        assert_eq!(terminal.ask("a button\n").unwrap(), Action::click(2));
        assert!(matches!(
            terminal.ask("again\n"),
            Err(AgentError::TerminalEnded)
        ));
        let shown = String::from_utf8(shown.0.lock().unwrap().clone()).unwrap();
        assert_eq!(shown.matches("a button\n").count(), 2, "{shown}");
        assert!(shown.contains("\"jump\" is no action") && shown.contains("answer TEXT"));
    }
}

//! Answers of an endpoint: taken out of the reply and checked. Pure.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::learn::Score;

#[derive(Deserialize)]
struct Reply {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: String,
}

#[derive(Deserialize)]
struct Progress {
    progress: Vec<f64>,
}

#[derive(Deserialize)]
struct Scores {
    scores: Vec<Score>,
}

/// What the model said, out of the body of a chat completion.
pub(super) fn content(body: &[u8]) -> Result<String, String> {
    let reply: Reply = serde_json::from_slice(body)
        .map_err(|error| format!("the reply is no chat completion: {error}"))?;
    let first = reply.choices.into_iter().next();
    first
        .map(|choice| choice.message.content)
        .ok_or_else(|| "the reply holds no choice".into())
}

/// Progress after each of `steps` steps, in [0, 1].
pub(super) fn progress(content: &str, steps: usize) -> Result<Vec<f64>, String> {
    let Progress { progress } = object(content)?;
    let found = counted(progress, steps)?;
    match found.iter().find(|share| !(0.0..=1.0).contains(*share)) {
        Some(share) => Err(format!("{share} is no progress; it goes from 0 to 1")),
        None => Ok(found),
    }
}

/// The scores of `actions` actions.
pub(super) fn scores(content: &str, actions: usize) -> Result<Vec<Score>, String> {
    let Scores { scores } = object(content)?;
    counted(scores, actions)
}

/// The JSON object in what a model said; models like to put words or a fence around it.
fn object<T: DeserializeOwned>(content: &str) -> Result<T, String> {
    let text = content
        .find('{')
        .zip(content.rfind('}'))
        .and_then(|(start, end)| content.get(start..=end))
        .ok_or("the answer holds no JSON object")?;
    serde_json::from_str(text).map_err(|error| format!("an answer of another form: {error}"))
}

fn counted<T>(values: Vec<T>, expected: usize) -> Result<Vec<T>, String> {
    if values.len() == expected {
        Ok(values)
    } else {
        Err(format!("{} values instead of {expected}", values.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_answers_are_read() {
        let body =
            br#"{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"hm"}}]}"#;
        assert_eq!(content(body), Ok("hm".into()));
        let fenced = "Sure:\n```json\n{\"scores\": [1, 0, -1]}\n```";
        assert_eq!(
            scores(fenced, 3),
            Ok(vec![Score::Helpful, Score::Neutral, Score::Harmful])
        );
        assert_eq!(
            progress("{\"progress\":[0,0.5,1]}", 3),
            Ok(vec![0.0, 0.5, 1.0])
        );
    }

    #[test]
    fn broken_answers_are_told_and_never_used() {
        for body in [
            &b""[..],
            b"{",
            b"[]",
            b"{\"choices\":[]}",
            b"{\"choices\":[{}]}",
            b"{\"choices\":[{\"message\":{\"content\":null}}]}",
            b"{\"error\":{\"message\":\"overloaded\"}}",
        ] {
            assert!(content(body).is_err());
        }
        for text in [
            "",
            "no",
            "}{",
            "{}",
            "{\"scores\":[1]}",
            "{\"scores\":[1,2]}",
            "{\"scores\":[1,0.5]}",
            "{\"scores\":[1,null]}",
            "{\"scores\":\"1,1\"}",
            "{\"scores\":[1,0,1]}",
        ] {
            assert!(scores(text, 2).is_err(), "{text}");
        }
        for text in [
            "{\"progress\":[0.5]}",
            "{\"progress\":[0.5,1.01]}",
            "{\"progress\":[-0.1,1]}",
            "{\"progress\":[0.5,NaN]}",
            "{\"progress\":[0.5,1e999]}",
            "{\"progress\":[0.5,\"1\"]}",
        ] {
            assert!(progress(text, 2).is_err(), "{text}");
        }
    }
}

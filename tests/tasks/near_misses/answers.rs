//! Near misses of every task that asks a question: other answers than the right one.

use super::{NearMiss, Solved, answer};

pub fn near_misses(_task: &str, solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let right = solved.answer?;
    let mut wrong = vec![
        String::new(),
        format!("{right}, {right}"),
        format!("{right},"),
        "None of them".to_owned(),
    ];
    let pieces: Vec<&str> = right.split(", ").collect();
    match right.parse::<f64>() {
        // Twenty is more than any tolerance.
        Ok(number) => wrong.extend([
            (number + 20.0).to_string(),
            (number - 20.0).to_string(),
            format!("{right} in all"),
        ]),
        Err(_) => wrong.extend([
            right.chars().rev().collect(),
            format!("As far as I can see on the screen of the app it must be {right}"),
        ]),
    }
    if let [first, second, rest @ ..] = &pieces[..] {
        wrong.push(format!("{first} and {second}"));
        wrong.push([&[*first], rest].concat().join(", "));
        let other = [&["Something else"], &pieces[1..]].concat();
        wrong.push(other.join(", "));
    }
    Some(wrong.into_iter().map(answer).collect())
}

//! The configuration of the small run that tests train: what they have in common is said once, and each says what it has
//! otherwise.

use toml::{Table, Value};

/// The base with what these texts have otherwise, a later one over an earlier one.
pub fn small_run(otherwise: &[&str]) -> String {
    let mut run: Table = include_str!("base.toml").parse().unwrap();
    for text in otherwise {
        lay_over(&mut run, text.parse().unwrap());
    }
    toml::to_string(&run).unwrap()
}

fn lay_over(below: &mut Table, above: Table) {
    for (key, value) in above {
        if let Some(Value::Table(section)) = below.get_mut(&key) {
            let Value::Table(over) = value else {
                panic!("{key} is a section");
            };
            lay_over(section, over);
        } else {
            below.insert(key, value);
        }
    }
}

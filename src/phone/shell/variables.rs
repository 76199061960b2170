//! The shell's variables and environment. Uses the machine for those that are alive.

use std::collections::BTreeMap;

use super::interpreter::Shell;

/// How a variable's value is changed when it is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Letters {
    /// Not at all.
    #[default]
    Kept,
    /// To upper case.
    Upper,
    /// To lower case.
    Lower,
}

/// One variable: an array, of which most have element 0 only.
#[derive(Debug, Clone, Default)]
pub struct Variable {
    values: BTreeMap<u32, String>,
    exported: bool,
    read_only: bool,
    integer: bool,
    letters: Letters,
}

/// Whether a word may name a variable.
pub fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Shell {
    /// A variable's value.
    pub fn variable(&self, name: &str) -> Option<String> {
        match name {
            "PWD" => return Some(self.directory.clone()),
            "RANDOM" => return Some(self.machine.random_number().to_string()),
            "SECONDS" => {
                let passed = self.machine.clock.now_micros() - self.second_zero;
                return Some((passed / 1_000_000).to_string());
            }
            "EPOCHREALTIME" => {
                let micros = self.machine.clock.now_micros();
                return Some(format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000));
            }
            "USER_ID" => return Some(self.user.to_string()),
            "KSH_VERSION" => return Some("@(#)MIRBSD KSH R59 2020/10/31 Android".to_owned()),
            _ => {}
        }
        self.variables.get(name)?.values.get(&0).cloned()
    }

    /// One element of an array.
    pub fn element(&self, name: &str, index: i32) -> Option<String> {
        match index {
            0 => self.variable(name),
            _ => self
                .variables
                .get(name)?
                .values
                .get(&(index as u32))
                .cloned(),
        }
    }

    /// All elements of an array, by their index.
    pub fn elements(&self, name: &str) -> BTreeMap<u32, String> {
        match self.variables.get(name) {
            Some(variable) => variable.values.clone(),
            None => self
                .variable(name)
                .map(|value| (0, value))
                .into_iter()
                .collect(),
        }
    }

    /// Sets a variable; `false` when it is read-only.
    pub fn set_variable(&mut self, name: &str, value: &str) -> bool {
        if name == "SECONDS" {
            let passed = value
                .trim()
                .parse::<i64>()
                .unwrap_or(0)
                .saturating_mul(1_000_000);
            self.second_zero = self.machine.clock.now_micros().saturating_sub(passed);
        }
        if name == "OPTIND" {
            self.option_letter = 0;
        }
        self.set_element(name, 0, value)
    }

    /// Sets one element of an array; `false` when it is read-only.
    pub fn set_element(&mut self, name: &str, index: i32, value: &str) -> bool {
        let variable = self.variables.entry(name.to_owned()).or_default();
        if !variable.read_only {
            let value = match variable.letters {
                Letters::Kept => value.to_owned(),
                Letters::Upper => value.to_uppercase(),
                Letters::Lower => value.to_lowercase(),
            };
            variable.values.insert(index as u32, value);
        }
        !variable.read_only
    }

    /// Sets all of an array; `false` when it is read-only.
    pub fn set_array(&mut self, name: &str, values: Vec<String>) -> bool {
        let variable = self.variables.entry(name.to_owned()).or_default();
        if !variable.read_only {
            variable.values = (0..).zip(values).collect();
        }
        !variable.read_only
    }

    /// Declares a variable without giving it a value.
    pub fn declare(&mut self, name: &str) {
        self.variables.entry(name.to_owned()).or_default();
    }

    /// Makes a variable one of the running function; `false` outside of functions.
    pub fn make_local(&mut self, name: &str) -> bool {
        let before = self.variables.get(name).cloned();
        let Some(scope) = self.scopes.last_mut() else {
            return false;
        };
        if !scope.contains_key(name) {
            scope.insert(name.to_owned(), before);
            self.variables.remove(name);
        }
        true
    }

    /// Removes a variable; `false` when it is read-only.
    pub fn unset(&mut self, name: &str) -> bool {
        if self.is_read_only(name) {
            return false;
        }
        self.variables.remove(name);
        true
    }

    /// Marks a variable as part of the environment.
    pub fn export(&mut self, name: &str) {
        self.variables.entry(name.to_owned()).or_default().exported = true;
    }

    /// Marks a variable as read-only.
    pub fn protect(&mut self, name: &str) {
        self.variables.entry(name.to_owned()).or_default().read_only = true;
    }

    /// Marks a variable as one that holds numbers.
    pub fn set_integer(&mut self, name: &str, on: bool) {
        self.variables.entry(name.to_owned()).or_default().integer = on;
    }

    /// How letters of a variable's values are changed.
    pub fn set_letters(&mut self, name: &str, letters: Letters) {
        self.variables.entry(name.to_owned()).or_default().letters = letters;
    }

    /// Whether a variable holds numbers.
    pub fn is_integer(&self, name: &str) -> bool {
        self.variables.get(name).is_some_and(|found| found.integer)
    }

    /// Whether a variable cannot be changed.
    pub fn is_read_only(&self, name: &str) -> bool {
        self.variables
            .get(name)
            .is_some_and(|found| found.read_only)
    }

    /// The environment: exported variables, sorted.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.listed(|variable| variable.exported)
    }

    /// Read-only variables, sorted.
    pub fn read_only_variables(&self) -> Vec<(String, String)> {
        self.listed(|variable| variable.read_only)
    }

    /// All variables, sorted.
    pub fn variables(&self) -> Vec<(String, String)> {
        self.listed(|_| true)
    }

    fn listed(&self, wanted: impl Fn(&Variable) -> bool) -> Vec<(String, String)> {
        self.variables
            .iter()
            .filter(|(_, variable)| wanted(variable))
            .filter_map(|(name, variable)| Some((name.clone(), variable.values.get(&0)?.clone())))
            .collect()
    }
}

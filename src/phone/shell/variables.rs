//! The shell's variables and environment. Uses the machine for those that are alive.

use super::interpreter::Shell;

/// One variable.
#[derive(Debug, Clone)]
pub struct Variable {
    value: String,
    exported: bool,
    read_only: bool,
}

impl Shell {
    /// A variable's value.
    pub fn variable(&self, name: &str) -> Option<String> {
        match name {
            "PWD" => return Some(self.directory.clone()),
            "RANDOM" => return Some(self.machine.random_number().to_string()),
            "EPOCHREALTIME" => {
                let micros = self.machine.clock.now_micros();
                return Some(format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000));
            }
            "USER_ID" => return Some(self.user.to_string()),
            "KSH_VERSION" => return Some("@(#)MIRBSD KSH R59 2020/10/31 Android".to_owned()),
            _ => {}
        }
        self.variables.get(name).map(|found| found.value.clone())
    }

    /// Sets a variable; `false` when it is read-only.
    pub fn set_variable(&mut self, name: &str, value: &str) -> bool {
        let variable = self.variables.entry(name.to_owned()).or_insert(Variable {
            value: String::new(),
            exported: false,
            read_only: false,
        });
        if !variable.read_only {
            value.clone_into(&mut variable.value);
        }
        !variable.read_only
    }

    /// Removes a variable.
    pub fn unset(&mut self, name: &str) {
        self.variables.remove(name);
        self.functions.remove(name);
    }

    /// Marks a variable as part of the environment.
    pub fn export(&mut self, name: &str) {
        if let Some(variable) = self.variables.get_mut(name) {
            variable.exported = true;
        }
    }

    /// Marks a variable as read-only.
    pub fn protect(&mut self, name: &str) {
        if let Some(variable) = self.variables.get_mut(name) {
            variable.read_only = true;
        }
    }

    /// The environment: exported variables, sorted.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.variables
            .iter()
            .filter(|(_, variable)| variable.exported)
            .map(|(name, variable)| (name.clone(), variable.value.clone()))
            .collect()
    }

    /// All variables, sorted.
    pub fn variables(&self) -> Vec<(String, String)> {
        self.variables
            .iter()
            .map(|(name, variable)| (name.clone(), variable.value.clone()))
            .collect()
    }
}

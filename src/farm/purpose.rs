//! What the devices of a farm are used for.

/// What other processes are told, and the tasks, where they are known: a device that can't do one of them is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// For people.
    pub what: String,
    /// Names of the tasks; empty where they are not known.
    pub tasks: Vec<String>,
}

impl Purpose {
    /// Devices for these tasks.
    pub fn of_tasks(what: impl Into<String>, tasks: impl IntoIterator<Item = String>) -> Purpose {
        Purpose {
            what: what.into(),
            tasks: tasks.into_iter().collect(),
        }
    }
}

impl From<&str> for Purpose {
    fn from(what: &str) -> Purpose {
        Purpose::of_tasks(what, [])
    }
}

impl From<&String> for Purpose {
    fn from(what: &String) -> Purpose {
        Purpose::from(what.as_str())
    }
}

//! What `set` turns on and off. Pure.

/// Options of a shell; those without an effect here are taken and forgotten.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// `-e`.
    pub exit_on_error: bool,
    /// `-u`.
    pub unset_is_error: bool,
    /// `-x`.
    pub trace: bool,
    /// `-f`.
    pub no_patterns: bool,
    /// `-C`.
    pub no_clobber: bool,
    /// `-o pipefail`.
    pub pipe_fails: bool,
}

impl Options {
    /// Sets the option of a letter; letters that are not known are ignored.
    pub fn set_letter(&mut self, letter: char, on: bool) {
        match letter {
            'e' => self.exit_on_error = on,
            'u' => self.unset_is_error = on,
            'x' => self.trace = on,
            'f' => self.no_patterns = on,
            'C' => self.no_clobber = on,
            _ => {}
        }
    }

    /// Sets the option of a long name; `false` when there is none.
    pub fn set_name(&mut self, name: &str, on: bool) -> bool {
        match name {
            "pipefail" => self.pipe_fails = on,
            _ => match letter(name) {
                Some(letter) => self.set_letter(letter, on),
                None => {
                    return matches!(name, "posix" | "sh" | "bgnice" | "emacs" | "vi" | "nolog");
                }
            },
        }
        true
    }

    /// Whether an option is on, by its long name.
    pub fn is_on(&self, name: &str) -> bool {
        match name {
            "errexit" => self.exit_on_error,
            "nounset" => self.unset_is_error,
            "xtrace" => self.trace,
            "noglob" => self.no_patterns,
            "noclobber" => self.no_clobber,
            "pipefail" => self.pipe_fails,
            "braceexpand" | "trackall" | "utf8-mode" => true,
            _ => false,
        }
    }

    /// `$-`: the letters of what is on, in mksh's order.
    pub fn letters(&self) -> String {
        [
            (self.exit_on_error, 'e'),
            (self.no_clobber, 'C'),
            (self.no_patterns, 'f'),
            (self.unset_is_error, 'u'),
            (true, 'h'),
            (true, 'U'),
            (self.trace, 'x'),
            (true, 'c'),
        ]
        .into_iter()
        .filter_map(|(on, letter)| on.then_some(letter))
        .collect()
    }
}

fn letter(name: &str) -> Option<char> {
    Some(match name {
        "allexport" => 'a',
        "errexit" => 'e',
        "monitor" => 'm',
        "noclobber" => 'C',
        "noexec" => 'n',
        "noglob" => 'f',
        "nounset" => 'u',
        "trackall" => 'h',
        "utf8-mode" => 'U',
        "verbose" => 'v',
        "xtrace" => 'x',
        _ => return None,
    })
}

//! What shall be done to a line, and when; and the file that says so. Uses `domain`.

use std::time::Duration;

use crate::domain::fault_file::{FaultFields, FaultFile, FaultFileError};

/// One thing that can be done to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFault {
    /// What passes comes later, in its order.
    Delay {
        /// By so much.
        by: Duration,
        /// For so long.
        lasts: Duration,
    },
    /// All connections are reset; new ones are served.
    Cut,
    /// All connections are reset, and so is every new one.
    Down {
        /// For so long.
        lasts: Duration,
    },
    /// Nothing passes on the connections that there are, ever again, but they stay open; new ones are accepted
    /// and never answered.
    HalfOpen {
        /// For so long new ones fare so too.
        lasts: Duration,
    },
    /// Nothing passes; then all of it does.
    Stall {
        /// For so long.
        lasts: Duration,
    },
    /// No more than so many bytes a second pass, in each direction of each connection.
    Throttle {
        /// Bytes a second.
        bytes_per_second: u64,
        /// For so long.
        lasts: Duration,
    },
    /// A bit is flipped in each piece that passes.
    Garbage {
        /// For so long; zero: in the next piece only.
        lasts: Duration,
    },
}

impl LineFault {
    /// The kinds by name, in the order of [`LineFault::index`].
    pub const KINDS: [&'static str; 7] = [
        "delay",
        "cut",
        "down",
        "half-open",
        "stall",
        "throttle",
        "garbage",
    ];

    /// Place of its kind among [`LineFault::KINDS`].
    pub fn index(&self) -> usize {
        match self {
            LineFault::Delay { .. } => 0,
            LineFault::Cut => 1,
            LineFault::Down { .. } => 2,
            LineFault::HalfOpen { .. } => 3,
            LineFault::Stall { .. } => 4,
            LineFault::Throttle { .. } => 5,
            LineFault::Garbage { .. } => 6,
        }
    }

    /// The name of its kind.
    pub fn kind(&self) -> &'static str {
        LineFault::KINDS[self.index()]
    }

    /// How long it lasts; zero for what happens at once.
    pub fn lasts(&self) -> Duration {
        match *self {
            LineFault::Cut => Duration::ZERO,
            LineFault::Delay { lasts, .. }
            | LineFault::Down { lasts }
            | LineFault::HalfOpen { lasts }
            | LineFault::Stall { lasts }
            | LineFault::Throttle { lasts, .. }
            | LineFault::Garbage { lasts } => lasts,
        }
    }
}

/// When something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Once, so long after the start.
    After(Duration),
    /// Again and again, so long apart; not zero.
    Every(Duration),
    /// At random, with this mean between two.
    Mean(Duration),
    /// When so many bytes have passed in both directions together: once, or again and again.
    Bytes {
        /// How many, at least one.
        count: u64,
        /// After every so many.
        repeated: bool,
    },
}

/// A fault and when it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedLineFault {
    /// What.
    pub fault: LineFault,
    /// When.
    pub when: When,
}

/// Everything that shall be done to a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinePlan {
    /// Seed of the random times, where the plan names one.
    pub seed: Option<u64>,
    /// The faults.
    pub faults: Vec<PlannedLineFault>,
}

impl LinePlan {
    /// Reads a plan's text (TOML).
    ///
    /// # Errors
    /// [`FaultFileError`] with line and field.
    pub fn parse(text: &str) -> Result<LinePlan, FaultFileError> {
        let file = FaultFile::parse(text)?;
        let faults = file
            .faults
            .into_iter()
            .map(planned)
            .collect::<Result<_, _>>()?;
        Ok(LinePlan {
            seed: file.seed,
            faults,
        })
    }
}

fn planned(mut fields: FaultFields) -> Result<PlannedLineFault, FaultFileError> {
    let kinds: Vec<(&str, &'static str)> =
        LineFault::KINDS.iter().map(|kind| (*kind, *kind)).collect();
    let Some(kind) = fields.word("kind", &kinds)? else {
        return Err(fields.error("a fault has no `kind`; write kind = \"cut\", for instance"));
    };
    let lasts = match kind {
        "cut" => Duration::ZERO,
        "garbage" => fields.millis("lasts_ms", 1)?.unwrap_or_default(),
        _ => required(fields.millis("lasts_ms", 1)?, &fields, "lasts_ms", kind)?,
    };
    let fault = match kind {
        "delay" => LineFault::Delay {
            by: required(fields.millis("by_ms", 1)?, &fields, "by_ms", kind)?,
            lasts,
        },
        "cut" => LineFault::Cut,
        "down" => LineFault::Down { lasts },
        "half-open" => LineFault::HalfOpen { lasts },
        "stall" => LineFault::Stall { lasts },
        "throttle" => {
            let rate = fields.whole("bytes_per_second", 1, i64::MAX)?;
            let rate = required(rate, &fields, "bytes_per_second", kind)?;
            LineFault::Throttle {
                bytes_per_second: rate.unsigned_abs(),
                lasts,
            }
        }
        _ => LineFault::Garbage { lasts },
    };
    let when = when(&mut fields)?;
    fields.end(kind)?;
    Ok(PlannedLineFault { fault, when })
}

fn required<T>(
    value: Option<T>,
    fields: &FaultFields,
    name: &str,
    kind: &str,
) -> Result<T, FaultFileError> {
    value.ok_or_else(|| fields.error(format!("a fault of kind {kind:?} needs `{name}`")))
}

fn when(fields: &mut FaultFields) -> Result<When, FaultFileError> {
    let after = fields.millis("after_ms", 0)?;
    let mean = fields.mean()?;
    let bytes = fields.whole("after_bytes", 1, i64::MAX)?;
    let repeated = fields.boolean("repeated")?;
    match (after, mean, bytes) {
        (Some(time), None, None) if repeated && time.is_zero() => {
            Err(fields.error("`repeated` needs an `after_ms` of at least 1"))
        }
        (Some(time), None, None) if repeated => Ok(When::Every(time)),
        (Some(time), None, None) => Ok(When::After(time)),
        (None, Some(_), None) if repeated => {
            Err(fields.error("`mean_ms` and `per_second` repeat by themselves; leave `repeated` out"))
        }
        (None, Some(mean), None) => Ok(When::Mean(mean)),
        (None, None, Some(count)) => Ok(When::Bytes {
            count: count.unsigned_abs(),
            repeated,
        }),
        (None, None, None) => Err(fields.error(
            "a fault does not say when; write one of `after_ms`, `mean_ms`, `per_second`, `after_bytes`",
        )),
        _ => Err(fields.error(
            "a fault says twice when; write one of `after_ms`, `mean_ms`, `per_second`, `after_bytes`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plan_is_read() {
        let text = "seed = 3\n\
            [[fault]]\nkind = \"delay\"\nby_ms = 20\nlasts_ms = 300\nmean_ms = 1000\n\
            [[fault]]\nkind = \"cut\"\nafter_bytes = 5000\nrepeated = true\n\
            [[fault]]\nkind = \"garbage\"\nafter_ms = 10\n\
            [[fault]]\nkind = \"down\"\nlasts_ms = 5\nafter_ms = 70\nrepeated = true\n";
        let plan = LinePlan::parse(text).unwrap();
        let ms = Duration::from_millis;
        assert_eq!(plan.seed, Some(3));
        let expected = [
            (
                LineFault::Delay {
                    by: ms(20),
                    lasts: ms(300),
                },
                When::Mean(ms(1_000)),
            ),
            (
                LineFault::Cut,
                When::Bytes {
                    count: 5_000,
                    repeated: true,
                },
            ),
            (LineFault::Garbage { lasts: ms(0) }, When::After(ms(10))),
            (LineFault::Down { lasts: ms(5) }, When::Every(ms(70))),
        ];
        let found: Vec<_> = plan
            .faults
            .iter()
            .map(|one| (one.fault, one.when))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(LinePlan::parse(""), Ok(LinePlan::default()));
    }

    #[test]
    fn broken_plans_are_refused() {
        for (fields, line, word) in [
            ("kind = \"explode\"\nafter_ms = 1", 2, "half-open"),
            ("after_ms = 1", 1, "`kind`"),
            ("kind = \"cut\"", 1, "when"),
            ("kind = \"cut\"\nafter_ms = 1\nmean_ms = 2", 1, "twice"),
            ("kind = \"cut\"\nafter_ms = -1", 3, "`after_ms`"),
            (
                "kind = \"cut\"\nafter_ms = 1\nlasts_ms = 3",
                4,
                "`lasts_ms`",
            ),
            ("kind = \"stall\"\nafter_ms = 1", 1, "`lasts_ms`"),
            ("kind = \"delay\"\nlasts_ms = 1\nafter_ms = 1", 1, "`by_ms`"),
            (
                "kind = \"throttle\"\nlasts_ms = 1\nbytes_per_second = 0",
                4,
                "`bytes_per_second`",
            ),
            (
                "kind = \"cut\"\nmean_ms = 5\nrepeated = true",
                1,
                "`repeated`",
            ),
            (
                "kind = \"cut\"\nafter_ms = 0\nrepeated = true",
                1,
                "`after_ms`",
            ),
            (
                "kind = \"cut\"\nafter_ms = 1\nservice = \"x\"",
                4,
                "`service`",
            ),
        ] {
            let error = LinePlan::parse(&format!("[[fault]]\n{fields}\n")).unwrap_err();
            assert!(error.to_string().contains(word), "{fields}: {error}");
            assert_eq!(error.line, line, "{fields}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_plan_is_too_odd(
            kind in prop::sample::select(LineFault::KINDS.to_vec()),
            fields in prop::collection::btree_map(
                prop::sample::select(vec!["after_ms", "mean_ms", "per_second", "after_bytes", "lasts_ms", "by_ms",
                    "bytes_per_second", "repeated", "x"]),
                "(-?[0-9]{1,20}|[0-9]\\.[0-9]{1,3}|true|false|\"a\")", 0..5),
        ) {
            let mut text = format!("[[fault]]\nkind = \"{kind}\"\n");
            for (name, value) in fields {
                text.push_str(&format!("{name} = {value}\n"));
            }
            match LinePlan::parse(&text) {
                Ok(plan) => prop_assert_eq!(plan.faults[0].fault.kind(), kind),
                Err(error) => prop_assert!(error.line >= 1 && error.line <= text.lines().count()),
            }
        }
    }
}

//! Files of faults for phones. Uses `domain`.

use std::time::Duration;

use super::{Fault, KINDS, Number, PlanClock, PlannedFault, Timing};
use crate::domain::fault_file::{FaultFields, FaultFile, FaultFileError};

/// Longest jump of the clock: a hundred years.
const MAX_JUMP_MILLIS: i64 = 100 * 366 * 24 * 3_600 * 1_000;

/// The faults of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultPlan {
    seed: Option<u64>,
    faults: Vec<PlannedFault>,
}

impl FaultPlan {
    /// Reads a plan's text (TOML).
    ///
    /// # Errors
    /// [`FaultFileError`] with line and field.
    pub fn parse(text: &str) -> Result<FaultPlan, FaultFileError> {
        let file = FaultFile::parse(text)?;
        let faults = file
            .faults
            .into_iter()
            .map(planned)
            .collect::<Result<_, _>>()?;
        Ok(FaultPlan {
            seed: file.seed,
            faults,
        })
    }

    /// The faults for the phone at a position among several; `seed` is the phone's, for a file that names none.
    /// Each phone has its own random times.
    pub fn for_phone(&self, seed: u64, position: u64) -> Vec<PlannedFault> {
        let own = self.seed.map_or(seed, |seed| seed.wrapping_add(position));
        let mut faults = self.faults.clone();
        for fault in &mut faults {
            if let Timing::Random { seed, .. } = &mut fault.timing {
                *seed = own;
            }
        }
        faults
    }
}

fn planned(mut fields: FaultFields) -> Result<PlannedFault, FaultFileError> {
    let kinds: Vec<(&str, usize)> = KINDS
        .iter()
        .enumerate()
        .map(|(index, kind)| (kind.name, index))
        .collect();
    let Some(index) = fields.word("kind", &kinds)? else {
        return Err(fields.error("a fault has no `kind`; write kind = \"hang\", for instance"));
    };
    let kind = &KINDS[index];
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let (field, number) = match kind.number {
        Number::No => ("", Some(0)),
        Number::Delay => ("delay_ms", fields.millis("delay_ms", 1)?.map(millis)),
        Number::Lasts => ("lasts_ms", fields.millis("lasts_ms", 1)?.map(millis)),
        Number::MayLast => {
            let lasts = fields.millis("lasts_ms", 1)?.map_or(0, millis);
            ("lasts_ms", Some(lasts))
        }
        Number::Jump => {
            let jump = fields.whole("by_ms", -MAX_JUMP_MILLIS, MAX_JUMP_MILLIS)?;
            ("by_ms", jump)
        }
    };
    let Some(number) = number else {
        let problem = format!("a fault of kind {:?} needs `{field}`", kind.name);
        return Err(fields.error(problem));
    };
    let fault = (kind.make)(number);
    let planned = timed(&mut fields, fault)?;
    fields.end(kind.name)?;
    Ok(planned)
}

fn timed(fields: &mut FaultFields, fault: Fault) -> Result<PlannedFault, FaultFileError> {
    let after_services = fields.whole("after_services", 0, i64::MAX)?;
    let service = fields.text("service")?;
    let after = fields.millis("after_ms", 0)?;
    let mean = fields.mean()?;
    let clocks = [("wall", PlanClock::Wall), ("phone", PlanClock::Phone)];
    let clock = fields.word("clock", &clocks)?;
    let repeated = fields.boolean("repeated")?;
    let by_service = after.is_none() && mean.is_none();
    if by_service && after_services.is_none() && service.is_none() {
        return Err(fields.error(
            "a fault does not say when; write `service` or `after_services`, or one of `after_ms`, `mean_ms`, `per_second`",
        ));
    }
    if by_service && clock.is_some() {
        return Err(fields.error("`clock` is for faults that come with time; leave it out"));
    }
    if !by_service && after_services.is_some() {
        return Err(fields.error("`after_services` does not go with a time; write one of them"));
    }
    if !by_service && service.is_some() && !fault.strikes_service() {
        return Err(fields.error(
            "`service` does not go with a time here, as this kind strikes the phone; write one of them",
        ));
    }
    let clock = clock.unwrap_or_default();
    let timing = match (after, mean) {
        (None, None) => Timing::Services,
        (Some(after), None) if repeated && after.is_zero() => {
            return Err(fields.error("`repeated` needs an `after_ms` of at least 1"));
        }
        (Some(after), None) => Timing::Time { after, clock },
        (None, Some(_)) if repeated => {
            return Err(fields
                .error("`mean_ms` and `per_second` repeat by themselves; leave `repeated` out"));
        }
        (None, Some(mean)) => Timing::Random {
            mean,
            clock,
            seed: 0,
        },
        (Some(_), Some(_)) => {
            return Err(fields.error(
                "a fault says twice when; write one of `after_ms`, `mean_ms`, `per_second`",
            ));
        }
    };
    Ok(PlannedFault {
        fault,
        after: after_services.unwrap_or(0).unsigned_abs(),
        service: service.unwrap_or_default(),
        repeated,
        timing,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plan_is_read() {
        let text = "seed = 5\n\
            [[fault]]\nkind = \"half-screenshot\"\nservice = \"screencap\"\nafter_services = 2\nrepeated = true\n\
            [[fault]]\nkind = \"storage-full\"\nlasts_ms = 300\nafter_ms = 20\nclock = \"phone\"\n\
            [[fault]]\nkind = \"hang\"\nper_second = 0.1\nservice = \"shell\"\n\
            [[fault]]\nkind = \"clock-jump\"\nby_ms = -3600000\nservice = \"\"\n";
        let plan = FaultPlan::parse(text).unwrap();
        let ms = Duration::from_millis;
        let faults = plan.for_phone(1, 2);
        let first = PlannedFault {
            fault: Fault::HalfScreenshot(ms(0)),
            after: 2,
            service: "screencap".to_owned(),
            repeated: true,
            timing: Timing::Services,
        };
        assert_eq!(faults[0], first);
        let full = Timing::Time {
            after: ms(20),
            clock: PlanClock::Phone,
        };
        assert_eq!(faults[1].fault, Fault::StorageFull(ms(300)));
        assert_eq!(faults[1].timing, full);
        let random = |seed| Timing::Random {
            mean: ms(10_000),
            clock: PlanClock::Wall,
            seed,
        };
        assert_eq!(faults[2].timing, random(7));
        assert_eq!(faults[3].fault, Fault::ClockJump(-3_600_000));
        let unseeded = FaultPlan::parse(&text.replace("seed = 5\n", "")).unwrap();
        assert_eq!(unseeded.for_phone(1, 2)[2].timing, random(1));
    }

    #[test]
    fn broken_plans_are_refused() {
        for (fields, line, word) in [
            ("kind = \"explode\"\nafter_ms = 1", 2, "no-idle"),
            ("after_ms = 1", 1, "`kind`"),
            ("kind = \"hang\"", 1, "when"),
            ("kind = \"hang\"\nafter_ms = 1\nmean_ms = 2", 1, "twice"),
            (
                "kind = \"hang\"\nafter_ms = 1\nafter_services = 2",
                1,
                "`after_services`",
            ),
            (
                "kind = \"reboot\"\nafter_ms = 1\nservice = \"x\"",
                1,
                "`service`",
            ),
            ("kind = \"hang\"\nservice = 3", 3, "`service`"),
            (
                "kind = \"hang\"\nservice = \"\"\nclock = \"wall\"",
                1,
                "`clock`",
            ),
            (
                "kind = \"hang\"\nafter_ms = 1\nclock = \"sun\"",
                4,
                "wall, phone",
            ),
            ("kind = \"slow\"\nafter_ms = 1", 1, "`delay_ms`"),
            ("kind = \"storage-full\"\nafter_ms = 1", 1, "`lasts_ms`"),
            (
                "kind = \"clock-jump\"\nafter_ms = 1\nlasts_ms = 2",
                1,
                "`by_ms`",
            ),
            (
                "kind = \"hang\"\nafter_ms = 1\nlasts_ms = 3",
                4,
                "`lasts_ms`",
            ),
            (
                "kind = \"hang\"\nafter_ms = 0\nrepeated = true",
                1,
                "`after_ms`",
            ),
            (
                "kind = \"hang\"\nper_second = 1\nrepeated = true",
                1,
                "`repeated`",
            ),
        ] {
            let error = FaultPlan::parse(&format!("[[fault]]\n{fields}\n")).unwrap_err();
            assert!(error.to_string().contains(word), "{fields}: {error}");
            assert_eq!(error.line, line, "{fields}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_plan_is_too_odd(
            index in 0..KINDS.len(),
            fields in prop::collection::btree_map(
                prop::sample::select(vec!["after_ms", "mean_ms", "per_second", "after_services", "lasts_ms", "by_ms",
                    "delay_ms", "service", "clock", "repeated", "x"]),
                "(-?[0-9]{1,20}|[0-9]\\.[0-9]{1,3}|true|false|\"a\"|\"phone\")", 0..6),
        ) {
            let mut text = format!("[[fault]]\nkind = \"{}\"\n", KINDS[index].name);
            for (name, value) in fields {
                text.push_str(&format!("{name} = {value}\n"));
            }
            match FaultPlan::parse(&text) {
                Ok(plan) => prop_assert_eq!(plan.for_phone(0, 0).len(), 1),
                Err(error) => prop_assert!(error.line >= 1 && error.line <= text.lines().count()),
            }
        }
    }
}

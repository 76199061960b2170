//! What the form stores: the questions that come first, one event or a whole series, and the end of it.

use super::{ASKED_PERMISSION, Dialog, Editor};
use crate::phone::apps::calendar::database::{self, Event, Extent};
use crate::phone::apps::calendar::repetition::{begin_of, day_code, day_of};
use crate::phone::apps::calendar::{PACKAGE, POST_NOTIFICATIONS, PREFERENCES, words};
use crate::phone::apps::permissions;
use crate::phone::system::{PhoneError, Preference, Preferences, System};
use crate::phone::ui::Effects;

impl Editor {
    /// The questions before storing, one after the other; stores when there is none left.
    pub(super) fn save(&mut self, system: &mut System) -> Result<Effects, PhoneError> {
        if self.event.title.trim().is_empty() {
            let effects = Effects::none().toast("Title cannot be empty");
            return Ok(effects.focus(self.name("title")));
        }
        if self.event.end < self.event.start {
            return Ok(Effects::none().toast("The event cannot end earlier than it starts"));
        }
        let reminds = self.event.reminders.iter().any(|minutes| *minutes >= 0);
        if reminds {
            let stored = Preferences::load(&system.files, PACKAGE, PREFERENCES);
            if !stored.flag("was_alarm_warning_shown", false) {
                self.dialog = Some(Dialog::Warning);
                return Ok(Effects::none().hide_keyboard());
            }
            if !system.packages.is_granted(PACKAGE, POST_NOTIFICATIONS) {
                let ask = permissions::request(PACKAGE, &[POST_NOTIFICATIONS]);
                return Ok(Effects::none().start_for_result(ASKED_PERMISSION, ask));
            }
        }
        if self.is_stored() && self.original.repeat_interval > 0 {
            self.dialog = Some(Dialog::Change(Extent::One));
            return Ok(Effects::none().hide_keyboard());
        }
        let event = self.ready(system);
        database::save(system, &event)?;
        self.finish(system)
    }

    /// The event as it is stored: no times on a whole day, a task ends when it starts.
    fn ready(&self, system: &System) -> Event {
        let zone = system.clock.time_zone();
        let mut event = self.event.clone();
        event.title = event.title.trim().to_owned();
        if event.is_task() {
            event.end = event.start;
        }
        if event.is_all_day() {
            event.start = begin_of(day_of(event.start, &zone), &zone);
            event.end = begin_of(day_of(event.end, &zone), &zone) + 12 * 3_600;
        }
        event
    }

    /// Stores a change of a repeating event as far as it was chosen to reach.
    pub(super) fn save_extent(
        &mut self,
        system: &mut System,
        extent: Extent,
    ) -> Result<Effects, PhoneError> {
        let zone = system.clock.time_zone();
        let opened = self.original.clone();
        let stored = database::list(system)?
            .into_iter()
            .find(|event| event.id == opened.id);
        let Some(stored) = stored else {
            return Ok(Effects::none().finish());
        };
        let mut event = self.ready(system);
        let first = opened.start <= stored.start;
        match extent {
            Extent::One => {
                event.id = 0;
                event.repeat_interval = 0;
                event.repeat_rule = 0;
                event.repeat_limit = 0;
                event.exceptions = Vec::new();
                let day = day_code(day_of(opened.start, &zone));
                database::delete(system, &[(stored, opened.start, day)], Extent::One)?;
            }
            Extent::Future if !first => {
                event.id = 0;
                event.exceptions = Vec::new();
                let day = day_code(day_of(opened.start, &zone));
                database::delete(system, &[(stored, opened.start, day)], Extent::Future)?;
            }
            Extent::Future | Extent::All => {
                let length = event.end - event.start;
                event.start = stored.start + (event.start - opened.start);
                event.end = event.start + length;
            }
        }
        database::save(system, &event)?;
        self.finish(system)
    }

    fn finish(&mut self, system: &mut System) -> Result<Effects, PhoneError> {
        if !self.is_stored() {
            let mut stored = Preferences::load(&system.files, PACKAGE, PREFERENCES);
            let minutes = i32::try_from(self.event.reminders[0]).unwrap_or(-1);
            stored.put("reminder_minutes", Preference::Integer(minutes));
            stored.save(&system.files)?;
        }
        let now = system.clock.now_seconds();
        let next = self
            .event
            .reminders
            .iter()
            .filter(|minutes| **minutes >= 0)
            .map(|minutes| self.event.start - minutes * 60 - now)
            .filter(|left| *left > 0)
            .min();
        let said = match next {
            Some(left) => format!("Time remaining: {}", words::remaining_text(left)),
            None => "Saving…".to_owned(),
        };
        Ok(Effects::none().toast(said).hide_keyboard().finish())
    }

    pub(super) fn delete(
        &mut self,
        system: &mut System,
        extent: Extent,
    ) -> Result<Effects, PhoneError> {
        let day = day_code(day_of(self.original.start, &system.clock.time_zone()));
        let stored = database::list(system)?
            .into_iter()
            .find(|event| event.id == self.original.id);
        if let Some(stored) = stored {
            database::delete(system, &[(stored, self.original.start, day)], extent)?;
        }
        Ok(Effects::none().hide_keyboard().finish())
    }
}

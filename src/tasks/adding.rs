//! Entering rows that stand in a list: where the list is, how it gets there, how a solution looks at it.

use super::apps::GALLERY;
use super::gallery::Viewing;
use super::markor::{notebook, view};
use super::paths::CLEAR_STORAGE;
use super::screen::{Look, Scan};
use super::table::{self, Row};
use super::{TaskError, pictures};
use crate::device::Device;
use crate::domain::{Action, Instance, TaskSpec};

/// Where the rows are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// In the goal.
    Goal,
    /// In a note of this name in Markor.
    Note(&'static str),
    /// In a picture of this name in the gallery.
    Picture(&'static str),
}

/// The next action towards a list; `None` once it was seen.
pub(super) type Reading = Box<dyn FnMut(Look<'_>) -> Option<Action> + Send>;

impl Source {
    /// Prepares a task: the table holds what is there already, and the list is where it should be.
    pub async fn begin<R: Row>(
        self,
        device: &Device,
        spec: &TaskSpec,
        instance: &mut Instance,
        there: &[R],
        list: &str,
    ) -> Result<(), TaskError> {
        let script = match self {
            Source::Goal => String::new(),
            Source::Note(name) => {
                let mut prepared = notebook::Prepared::empty(false);
                prepared.file("", name, list);
                prepared.into_script()
            }
            Source::Picture(_) => format!("{CLEAR_STORAGE}am force-stop {}\n", GALLERY.package),
        };
        table::begin_adding(device, spec, instance, there, &script).await?;
        match self {
            Source::Picture(name) => {
                let path = format!("{}/{name}", pictures::DCIM);
                pictures::push(device, &path, pictures::of_text(list)).await
            }
            _ => Ok(()),
        }
    }

    /// Puts everything back.
    pub async fn teardown<R: Row>(self, device: &Device, spec: &TaskSpec) -> Result<(), TaskError> {
        if let Source::Note(_) = self {
            notebook::teardown(device, spec, false).await?;
            return table::clear::<R>(device).await;
        }
        table::teardown::<R>(device, spec).await?;
        if let Source::Picture(_) = self {
            device.adb().shell_ok(CLEAR_STORAGE).await?;
        }
        Ok(())
    }

    /// Looks at the list. What a picture says is in its pixels: a script knows it from the instance.
    pub fn reading(self) -> Reading {
        match self {
            Source::Goal => Box::new(|_| None),
            Source::Note(name) => {
                let mut scan = Scan::default();
                let mut seen = false;
                Box::new(move |look| {
                    seen |= view::editor(look, name).is_some();
                    (!seen).then(|| view::towards(look, &mut scan, name))
                })
            }
            Source::Picture(name) => {
                let mut viewing = Viewing::of(name);
                Box::new(move |look| viewing.next(look))
            }
        }
    }
}

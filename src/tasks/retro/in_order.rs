//! Songs in a given order: as a playlist, as the playing queue, as a playlist that is saved as a file.

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::super::comparison::{Listed, holds_playlist};
use super::super::screen::{Look, Scan, back, steps};
use super::super::sub_checks::{self, Parts};
use super::super::{Solution, Task, TaskError, init_stream, params};
use super::songs::{self, Given, PARAMS};
use super::store;
use super::view::{Choosing, Making};
use crate::adb::quote;
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// What is made of the songs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    Playlist,
    Queue,
    File,
}

/// Songs in an order.
pub(super) struct InOrder {
    spec: TaskSpec,
    aim: Aim,
}

/// The songs of all playlists at their places.
async fn listed(device: &Device) -> Result<Vec<Listed>, TaskError> {
    let entries = store::playlists(device).await?;
    Ok(entries.into_iter().map(|entry| entry.listed).collect())
}

impl InOrder {
    async fn is_listed(&self, device: &Device, given: &Given) -> Result<bool, TaskError> {
        let rows = listed(device).await?;
        Ok(holds_playlist(&rows, &given.playlist_name, &given.titles()))
    }

    async fn is_saved(&self, device: &Device, given: &Given) -> Result<bool, TaskError> {
        let path = format!("/storage/emulated/0/Download/{}.m3u", given.playlist_name);
        let look = format!("if [ -f {} ]; then echo Exists; fi", quote(&path));
        Ok(device.adb().query(&look).await?.contains("Exists"))
    }

    /// The parts of the goal, and whether they are reached.
    async fn parts(&self, device: &Device, instance: &Instance) -> Result<Vec<bool>, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        Ok(match self.aim {
            Aim::Playlist => vec![self.is_listed(device, &given).await?],
            Aim::Queue => vec![store::queue(device).await? == given.titles()],
            Aim::File => {
                let saved = self.is_saved(device, &given).await?;
                vec![self.is_listed(device, &given).await?, saved]
            }
        })
    }
}

#[async_trait]
impl Task for InOrder {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let count = rng.random_range(2..=5);
        params::write(&Given::draw(rng, count))
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = Given::read(&self.spec, params)?;
        let titles = given.titles().join(", ");
        let name = &given.playlist_name;
        Ok(match self.aim {
            Aim::Playlist => format!(
                "In Retro Music, make a playlist called \"{name}\" of these songs, in this order: {titles}"
            ),
            Aim::Queue => format!(
                "Put these songs, and no others, into the playing queue of Retro Music, in this order: {titles}"
            ),
            // Short enough for a policy that reads forty words.
            Aim::File => format!(
                "In Retro Music, make the playlist \"{name}\" in this order: {titles}. Save it as a file in Downloads."
            ),
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let sounds = given.with_lengths(None, &mut init_stream(instance));
        songs::init(device, &self.spec, &sounds).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let parts = self.parts(device, instance).await?;
        Ok(parts.into_iter().all(|part| part))
    }

    async fn check(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let parts = self.parts(device, instance).await?;
        Ok(instance.compat.score(&parts))
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let (name, titles) = (&given.playlist_name, given.titles());
        if self.aim == Aim::Queue {
            let queue = store::queue(device).await?;
            let pairs = queue.iter().zip(&titles);
            let held = pairs.filter(|(is, wanted)| is == wanted).count();
            let parts = Parts {
                held,
                wanted: titles.len(),
                harmed: queue.len() - held,
            };
            return Ok(parts.share(queue == titles));
        }
        let rows = listed(device).await?;
        let mut parts = sub_checks::listed(&rows, name, &titles);
        let mut reached = holds_playlist(&rows, name, &titles);
        if self.aim == Aim::File {
            let saved = self.is_saved(device, &given).await?;
            parts.held += usize::from(saved);
            parts.wanted += 1;
            reached &= saved;
        }
        Ok(parts.share(reached))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        songs::teardown(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let mut choosing = Choosing::in_order(given.titles());
        if self.aim == Aim::Queue {
            let mut queued = false;
            return Ok(steps(move |look| {
                if queued {
                    return Action::complete();
                }
                choosing.next(look).unwrap_or_else(|| {
                    let add = look.tap_named("Add to playing queue");
                    queued = add.is_some();
                    add.unwrap_or_else(back)
                })
            }));
        }
        let name = given.playlist_name;
        let mut making = Making::new(name.clone(), choosing);
        let mut saving = (self.aim == Aim::File).then(|| Saving::new(name));
        Ok(steps(move |look| {
            if let Some(action) = making.next(look) {
                return action;
            }
            let saving = saving.as_mut().and_then(|saving| saving.next(look));
            saving.unwrap_or_else(Action::complete)
        }))
    }
}

/// Saves a playlist as a file.
struct Saving {
    name: String,
    scan: Scan,
    saved: bool,
}

impl Saving {
    fn new(name: String) -> Saving {
        Saving {
            name,
            scan: Scan::default(),
            saved: false,
        }
    }

    /// The next action, `None` when the file is saved.
    fn next(&mut self, look: Look) -> Option<Action> {
        if self.saved {
            return None;
        }
        // The page that asks for the place: it begins in Downloads, with the playlist's name.
        if let Some(save) = look.tap_named("SAVE") {
            self.saved = true;
            return Some(save);
        }
        if let Some(entry) = look.tap_named("Save as file") {
            return Some(entry);
        }
        let tab = look.id("action_playlist");
        if !tab.is_some_and(|tab| look.element(tab).is_selected) {
            return Some(tab.map_or_else(back, |tab| look.tap(tab)));
        }
        let card = look.find(|element| {
            element.resource_entry() == "title" && element.text.as_deref() == Some(&*self.name)
        });
        let Some(card) = card else {
            return Some(self.scan.next(look));
        };
        // The menu's button follows the title in the tree.
        let menu = look
            .elements()
            .find(|(index, element)| *index > card && element.resource_entry() == "menu");
        Some(menu.map_or_else(|| self.scan.next(look), |(menu, _)| Action::click(menu)))
    }
}

/// RetroCreatePlaylist.
pub(super) const CREATE: InOrder = InOrder {
    spec: TaskSpec::new(
        "RetroCreatePlaylist",
        &["retro music"],
        2.4,
        "medium",
        &["data_entry", "repetition", "parameterized"],
        PARAMS,
    ),
    aim: Aim::Playlist,
};
/// RetroPlayingQueue.
pub(super) const QUEUE: InOrder = InOrder {
    spec: TaskSpec::new(
        "RetroPlayingQueue",
        &["retro music"],
        3.2,
        "easy",
        &["parameterized"],
        PARAMS,
    ),
    aim: Aim::Queue,
};
/// RetroSavePlaylist.
pub(super) const SAVE: InOrder = InOrder {
    spec: TaskSpec::new(
        "RetroSavePlaylist",
        &["retro music"],
        5.0,
        "hard",
        &["search", "repetition", "parameterized"],
        PARAMS,
    ),
    aim: Aim::File,
};

#[cfg(test)]
mod tests {
    use super::super::super::instance;
    use super::*;

    #[test]
    fn goals_name_the_songs_in_their_order() {
        for task in [&CREATE, &QUEUE, &SAVE] {
            for seed in 0..30 {
                let instance = instance(task, seed).unwrap();
                let given = Given::read(&task.spec, &instance.params).unwrap();
                let titles = given.titles();
                assert!((2..=5).contains(&titles.len()));
                assert!(instance.goal.contains(&titles.join(", ")));
                let named = instance.goal.contains(&given.playlist_name);
                assert_eq!(named, task.aim != Aim::Queue);
            }
        }
    }
}

//! A playlist that lasts between 45 and 50 minutes.

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::super::screen::steps;
use super::super::{Solution, Task, TaskError, base, init_stream, params};
use super::songs::{self, Given};
use super::store;
use super::view::{Choosing, Making};
use crate::device::Device;
use crate::domain::{Action, Compat, Instance, Params, TaskSpec};

/// Length of the wanted songs together: 47.5 minutes.
const TOTAL: u64 = 2_850_000;

/// RetroPlaylistDuration.
pub(super) struct Duration {
    spec: TaskSpec,
}

/// Cuts a length into so many parts at random places; parts may be very short.
fn partition(total: u64, parts: usize, rng: &mut ChaCha8Rng) -> Vec<u64> {
    let mut cuts: Vec<u64> = (1..parts).map(|_| rng.random_range(0..=total)).collect();
    cuts.extend([0, total]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[async_trait]
impl Task for Duration {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let count = rng.random_range(9..=11);
        params::write(&Given::draw(rng, count))
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let name = Given::read(&self.spec, params)?.playlist_name;
        Ok(format!(
            "In Retro Music, make a playlist called \"{name}\" of the songs on the phone that lasts at least 45 and at most 50 minutes. There must be no other playlist."
        ))
    }

    /// The benchmark forgets BASE-INIT here: what an earlier task left is still there.
    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let mut rng = init_stream(instance);
        let lengths = partition(TOTAL, given.titles().len(), &mut rng);
        let sounds = given.with_lengths(Some(lengths), &mut rng);
        match instance.compat {
            Compat::AndroidWorld => {
                base::can_set_up(device, &self.spec).await?;
                store::rehearse(device).await?;
                songs::prepare(device, &sounds).await
            }
            Compat::Fixed => songs::init(device, &self.spec, &sounds).await,
        }
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let entries = store::playlists(device).await?;
        let named = entries
            .iter()
            .all(|entry| entry.listed.playlist == given.playlist_name);
        let total: i128 = entries.iter().map(|entry| i128::from(entry.millis)).sum();
        Ok(named && (2_700_000..=3_000_000).contains(&total))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        songs::teardown(device, &self.spec).await
    }

    /// Takes the songs whose lengths together are right; the list itself shows no lengths, and asking for
    /// each is more than the budget allows.
    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let choosing = Choosing::those_of(given.titles());
        let mut making = Making::new(given.playlist_name, choosing);
        Ok(steps(move |look| {
            making.next(look).unwrap_or_else(Action::complete)
        }))
    }
}

/// RetroPlaylistDuration.
pub(super) const DURATION: Duration = Duration {
    spec: TaskSpec {
        name: "RetroPlaylistDuration",
        apps: &["retro music"],
        complexity: 3.0,
        difficulty: "medium",
        tags: &[
            "math_counting",
            "complex_ui_understanding",
            "repetition",
            "parameterized",
        ],
        params: songs::PARAMS,
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn parts_make_the_whole() {
        for seed in 0..50 {
            let mut rng = stream(seed, "partition", 0);
            for parts in 9..=11 {
                let lengths = partition(TOTAL, parts, &mut rng);
                assert_eq!(lengths.len(), parts);
                assert_eq!(lengths.iter().sum::<u64>(), TOTAL);
            }
        }
    }
}

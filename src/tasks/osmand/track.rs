//! A track through places in their order.

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::screen::{Look, back};
use super::super::{Solution, Task, TaskError, base, params};
use super::files::{self, FOLDER};
use super::location::{self, Point};
use super::view;
use crate::device::Device;
use crate::domain::{Action, Instance, Observation, Params, TaskSpec};

/// OsmAndTrack.
pub(super) struct Track {
    spec: TaskSpec,
}

#[derive(Serialize, Deserialize)]
struct Given {
    waypoints: Vec<String>,
    track_name: String,
}

impl Track {
    fn read(&self, params: &Params) -> Result<(Given, Vec<Point>), TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        let points: Option<Vec<Point>> = given
            .waypoints
            .iter()
            .map(|name| location::point_of(name))
            .collect();
        match points {
            Some(points) if points.len() > 1 => Ok((given, points)),
            _ => Err(params::wrong(
                &self.spec,
                "waypoints must be at least two known places of Liechtenstein",
            )),
        }
    }
}

fn clear() -> String {
    format!("rm -rf {FOLDER}/tracks/*\n")
}

/// Whether a track comes by all points in their order; others may lie between.
fn visits(track: &[Point], points: &[Point]) -> bool {
    let mut track = track.iter();
    points
        .iter()
        .all(|point| track.any(|at| at.matches(*point)))
}

#[async_trait]
impl Task for Track {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let count = rng.random_range(2..=4);
        let waypoints = location::names(rng, count);
        let end = |name: Option<&String>| name.cloned().unwrap_or_default();
        let track_name = format!("{} to {}", end(waypoints.first()), end(waypoints.last()));
        params::write(&Given {
            waypoints,
            track_name,
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let (given, _) = self.read(params)?;
        let places = given.waypoints.join("; ");
        Ok(format!(
            "Save a track in OsmAnd that leads through these places, in this order: {places}"
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        self.read(&instance.params)?;
        base::init(device, &self.spec, &clear()).await.map(drop)
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let (_, points) = self.read(&instance.params)?;
        let tracks = files::tracks(device).await?;
        Ok(tracks.iter().any(|track| visits(track, &points)))
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        base::teardown(device, &self.spec, &clear()).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let (given, _) = self.read(&instance.params)?;
        Ok(Box::new(Routing {
            waypoints: given.waypoints,
            next: 0,
            saved: false,
        }))
    }
}

/// Makes a route of the places, one after the other, and saves it as a track.
struct Routing {
    waypoints: Vec<String>,
    /// The place that is to become a part of the route next.
    next: usize,
    saved: bool,
}

impl Solution for Routing {
    fn next(&mut self, observation: &Observation) -> Action {
        let look = Look::at(observation);
        if self.saved {
            return Action::complete();
        }
        // The sheet that asks for the track's name, then the list of the route's points.
        if look.id("name_edit_text").is_some() {
            let save = look.tap_named("SAVE");
            self.saved = save.is_some();
            return save.unwrap_or_else(back);
        }
        if let Some(save) = look.tap_id("save_as_gpx") {
            return save;
        }
        // Where the route's points are chosen; each choice ends at the sheet of the route.
        for entry in ["Directions from", "Add as subsequent destination"] {
            if let Some(action) = look.tap_named(entry) {
                self.next += 1;
                return action;
            }
        }
        if look.id("toText").is_some() {
            // The first destination is taken without a question.
            if self.next == 1 && !look.has("Set destination") {
                self.next = 2;
            }
            return match self.next >= self.waypoints.len() {
                true => look.tap_id("details_button").unwrap_or_else(back),
                false => back(),
            };
        }
        let Some(place) = self.waypoints.get(self.next) else {
            return back();
        };
        if let Some(action) = view::find(look, place) {
            return action;
        }
        let button = match self.next {
            0 => "context_menu_more_view",
            _ => "context_menu_directions_button",
        };
        look.tap_id(button).unwrap_or_else(back)
    }
}

/// OsmAndTrack.
pub(super) const TRACK: Track = Track {
    spec: TaskSpec {
        name: "OsmAndTrack",
        apps: &["osmand"],
        complexity: 12.0,
        difficulty: "hard",
        tags: &[
            "complex_ui_understanding",
            "search",
            "data_entry",
            "repetition",
            "parameterized",
        ],
        params: &["waypoints", "track_name"],
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_must_be_passed_in_their_order() {
        let at = |lat: f64| Point { lat, lon: 9.5 };
        let track = [at(47.0), at(47.1), at(47.2), at(47.1)];
        assert!(visits(&track, &[at(47.0), at(47.2)]));
        assert!(visits(&track, &[at(47.2004), at(47.1)]));
        assert!(!visits(&track, &[at(47.2), at(47.0)]));
        assert!(!visits(&track, &[at(47.1), at(47.1), at(47.1)]));
        assert!(!visits(&[], &[at(47.0)]));
    }
}

//! A favourite or a marker at a place.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::super::apps::OSMAND;
use super::super::database::AppDatabase;
use super::super::screen::{Look, back, steps};
use super::super::{Solution, Task, TaskError, base, params, paths, setup};
use super::files::{self, BACKUP};
use super::location::{self, Point};
use super::view;
use crate::device::Device;
use crate::domain::{Action, Instance, Params, TaskSpec};

const MARKERS: AppDatabase = AppDatabase {
    app: OSMAND,
    file: "map_markers_db",
};

/// What is to be at the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    Favorite,
    Marker,
}

/// Something at a place.
pub(super) struct AtPlace {
    spec: TaskSpec,
    aim: Aim,
}

#[derive(Serialize, Deserialize)]
struct Given {
    location: String,
}

impl AtPlace {
    fn read(&self, params: &Params) -> Result<(String, Point), TaskError> {
        let Given { location } = params::read(&self.spec, params)?;
        match location::point_of(&location) {
            Some(point) => Ok((location, point)),
            None => Err(params::wrong(
                &self.spec,
                "location is neither a known place of Liechtenstein nor `lat, lon`",
            )),
        }
    }
}

fn empty(connection: &Connection) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM map_markers", [])
}

async fn markers(device: &Device) -> Result<Vec<Point>, TaskError> {
    let read = |connection: &Connection| -> rusqlite::Result<Vec<Point>> {
        let mut statement = connection.prepare(
            "SELECT CAST(marker_lat AS REAL), CAST(marker_lon AS REAL) FROM map_markers \
             WHERE marker_lat IS NOT NULL AND marker_lon IS NOT NULL",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(Point {
                lat: row.get(0)?,
                lon: row.get(1)?,
            })
        })?;
        rows.collect()
    };
    Ok(MARKERS.read(device, read).await?.unwrap_or_default())
}

#[async_trait]
impl Task for AtPlace {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&Given {
            location: location::draw(rng),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let (location, _) = self.read(params)?;
        Ok(match self.aim {
            Aim::Favorite => format!("Make a favorite in OsmAnd at {location}"),
            Aim::Marker => format!("Set a map marker in OsmAnd at {location}"),
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        self.read(&instance.params)?;
        match self.aim {
            Aim::Favorite => {
                base::init(device, &self.spec, &paths::clear(BACKUP)).await?;
                files::clear_favorites(device).await
            }
            Aim::Marker => {
                MARKERS.rehearse(device, empty).await?;
                base::init(device, &self.spec, "").await?;
                setup::change(device, MARKERS, empty).await.map(drop)
            }
        }
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let (location, point) = self.read(&instance.params)?;
        Ok(match self.aim {
            Aim::Favorite => files::favorites(device).await?.iter().any(|favorite| {
                favorite.name.contains(&location)
                    || favorite.point.is_some_and(|at| at.matches(point))
            }),
            Aim::Marker => {
                let all = markers(device).await?;
                all.iter().any(|marker| marker.matches(point))
            }
        })
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        match self.aim {
            Aim::Favorite => {
                files::clear_favorites(device).await?;
                base::teardown(device, &self.spec, "").await
            }
            Aim::Marker => {
                base::teardown(device, &self.spec, "").await?;
                MARKERS.change(device, empty).await.map(drop)
            }
        }
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let (location, _) = self.read(&instance.params)?;
        let aim = self.aim;
        let mut done = false;
        Ok(steps(move |look: Look| {
            if done {
                return Action::complete();
            }
            // The favourite's form.
            if look.id("name_edit").is_some() {
                let save = look.tap_named("SAVE");
                done = save.is_some();
                return save.unwrap_or_else(back);
            }
            if let Some(action) = view::find(look, &location) {
                return action;
            }
            match aim {
                Aim::Favorite => look.tap_id("context_menu_fav_view").unwrap_or_else(back),
                Aim::Marker => {
                    done = true;
                    look.tap_id("context_menu_route_view").unwrap_or_else(back)
                }
            }
        }))
    }
}

/// OsmAndFavorite.
pub(super) const FAVORITE: AtPlace = AtPlace {
    spec: TaskSpec {
        name: "OsmAndFavorite",
        apps: &["osmand"],
        complexity: 1.3,
        difficulty: "medium",
        tags: &["search", "complex_ui_understanding", "parameterized"],
        params: &["location"],
    },
    aim: Aim::Favorite,
};
/// OsmAndMarker.
pub(super) const MARKER: AtPlace = AtPlace {
    spec: TaskSpec {
        name: "OsmAndMarker",
        apps: &["osmand"],
        complexity: 2.0,
        difficulty: "hard",
        tags: &["complex_ui_understanding", "search", "parameterized"],
        params: &["location"],
    },
    aim: Aim::Marker,
};

//! Tasks in Simple Calendar Pro, judged by its database (catalogue section 3.12b).

mod add;
mod days;
mod delete;
mod event;
mod pages;
mod writing;

use super::apps::CALENDAR;
use super::database::AppDatabase;
use super::{Task, TaskError, base, setup};
use crate::device::Device;
use crate::domain::TaskSpec;
use event::Event;

/// The app's database.
const DATABASE: AppDatabase = AppDatabase {
    app: CALENDAR,
    file: "events.db",
};

/// The tasks of this folder.
pub(super) const TASKS: &[&'static dyn Task] = &[
    &add::ONE,
    &add::IN_TWO_WEEKS,
    &add::RELATIVE_DAY,
    &add::TOMORROW,
    &add::REPEATING,
    &delete::ON_DATE,
    &delete::ON_RELATIVE_DAY,
    &delete::ONE,
];

/// BASE-INIT, then a table with these events alone, in this order; returns it as stored.
async fn init(
    device: &Device,
    spec: &TaskSpec,
    events: &[&Event],
) -> Result<Vec<Event>, TaskError> {
    base::init(device, spec, "").await?;
    if let Some(stored) = fill(device, events).await? {
        return Ok(stored);
    }
    // The app was never started on this device, or its snapshot was taken before it made its database.
    setup::set_up(device, CALENDAR).await?;
    fill(device, events).await?.ok_or_else(|| TaskError::Setup {
        serial: device.serial().to_owned(),
        reason: "Simple Calendar Pro made no database".to_owned(),
    })
}

async fn fill(device: &Device, events: &[&Event]) -> Result<Option<Vec<Event>>, TaskError> {
    DATABASE
        .change(device, |connection| event::replace(connection, events))
        .await
}

/// The events of now; none when the database is gone.
async fn events_of(device: &Device) -> Result<Vec<Event>, TaskError> {
    Ok(DATABASE
        .read(device, event::list)
        .await?
        .unwrap_or_default())
}

/// BASE-TEARDOWN, then an empty table.
async fn teardown(device: &Device, spec: &TaskSpec) -> Result<(), TaskError> {
    base::teardown(device, spec, "").await?;
    fill(device, &[]).await.map(drop)
}

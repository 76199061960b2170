//! Entering expenses that a picture in the gallery shows.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;

use super::super::apps::GALLERY;
use super::super::base::CLEAR_STORAGE;
use super::super::gallery::Viewing;
use super::super::listing::Form;
use super::super::screen::Look;
use super::super::{Solution, Task, TaskError, params, pictures, table};
use super::add::{Entering, Given, listed};
use super::row::Expense;
use crate::device::Device;
use crate::domain::{Instance, Observation, Params, TaskSpec};

/// The picture that is meant.
const PICTURE: &str = "expenses.jpg";
/// Expenses to enter.
const COUNT: usize = 3;
/// Expenses that are there already.
const NOISE: usize = 10;
/// Pictures of other expenses, all the same.
const OTHERS: usize = 10;

/// ExpenseAddMultipleFromGallery.
pub(super) struct FromGallery {
    spec: TaskSpec,
}

#[async_trait]
impl Task for FromGallery {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&Given::draw(COUNT, NOISE, rng))
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        Given::read(&self.spec, params)?;
        Ok(format!(
            "The picture {PICTURE} in Simple Gallery Pro shows some expenses. Enter them into Pro Expense."
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let there = &given.noise_row_objects;
        table::begin_adding_after(device, &self.spec, instance, there, CLEAR_STORAGE).await?;
        let wanted = listed(&given.row_objects, Form::TextBlock);
        let path = format!("{}/{PICTURE}", pictures::DCIM);
        pictures::push(device, &path, pictures::of_text(&wanted)).await?;
        let others = listed(&given.noise_row_objects, Form::TextBlock);
        let first = format!("{}/old_expenses_0.jpg", pictures::DCIM);
        pictures::push(device, &first, pictures::of_text(&others)).await?;
        // The same picture under other names needs no way over the wire.
        let mut script = String::new();
        for number in 1..OTHERS {
            script += &format!(
                "cp {first} {}/old_expenses_{number}.jpg || exit 1\n",
                pictures::DCIM
            );
        }
        script += &format!("am force-stop {}\n", GALLERY.package);
        device.adb().shell_ok(&script).await?;
        Ok(())
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        table::is_added(device, instance, &given.row_objects).await
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        table::added_share(device, instance, &given.row_objects).await
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        table::teardown::<Expense>(device, &self.spec).await?;
        device.adb().shell_ok(CLEAR_STORAGE).await?;
        Ok(())
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = Given::read(&self.spec, &instance.params)?;
        let mut viewing = Viewing::of(PICTURE);
        let mut entering = Entering::new(given.row_objects);
        // What the picture says is in its pixels; the script knows it from the instance.
        Ok(Box::new(move |observation: &Observation| {
            match viewing.next(Look::at(observation)) {
                Some(action) => action,
                None => entering.next(observation),
            }
        }))
    }
}

/// ExpenseAddMultipleFromGallery.
pub(super) const FROM_GALLERY: FromGallery = FromGallery {
    spec: TaskSpec {
        name: "ExpenseAddMultipleFromGallery",
        apps: &["pro expense", "simple gallery pro"],
        complexity: 6.0,
        difficulty: "hard",
        tags: &[
            "multi_app",
            "screen_reading",
            "data_entry",
            "information_retrieval",
            "parameterized",
        ],
        params: &[
            "row_objects",
            "noise_row_objects",
            "text_representation_type",
        ],
    },
};

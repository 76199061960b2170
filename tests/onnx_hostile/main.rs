//! Model files that lie: reading them must neither panic nor take more memory than four times the
//! file's size and 64 MB, and ends in a typed error or in a model that is valid.
#![allow(clippy::unwrap_used)]

mod floods;
mod graphs;
#[path = "../onnx_files/models/mod.rs"]
mod models;
mod mutations;

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use floods::SMALLEST;
use models::parts::DATA_FILE;
use peak_alloc::PeakAlloc;
use stepdroid::domain::streams::stream;
use stepdroid::onnx::inspect::summarise;
use stepdroid::onnx::{Model, OnnxError, Tensor};

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

const SLACK: usize = 64 << 20;

/// Reads a file and returns what that took at its peak, the file itself included.
fn read(bytes: Vec<u8>) -> (Result<Model, OnnxError>, usize) {
    let before = ALLOCATED.current_usage() - bytes.capacity();
    ALLOCATED.reset_peak_usage();
    let result = Model::from_buffer(Bytes::from(bytes));
    (result, ALLOCATED.peak_usage() - before)
}

/// What an accepted model must bear.
fn use_it(model: &Model) -> Result<(), String> {
    let bytes = model.to_bytes();
    let again = Model::from_bytes(&bytes).map_err(|error| format!("not read again: {error}"))?;
    if again.to_bytes() != bytes {
        return Err("changed by reading and writing".into());
    }
    summarise(model);
    model.declared_types();
    for tensor in &model.graph().initializer {
        let _ = Tensor::from_proto(tensor);
        let _ = (tensor.to_f64(), tensor.to_i64());
    }
    if let Ok(normal) = model.normalised() {
        normal
            .check()
            .map_err(|error| format!("not valid once normalised: {error}"))?;
        if normal.opset() < 18 || !normal.proto.functions.is_empty() {
            return Err("not normal".into());
        }
    }
    Ok(())
}

/// Ten thousand mutations. All in one test: the allocator counts for the whole process.
#[test]
fn hostile_files_cost_little_and_end_in_errors_or_valid_models() {
    const COUNT: u64 = 10_000;
    let bases = models::all();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("weights")).unwrap();
    std::fs::write(folder.path().join(DATA_FILE), models::data()).unwrap();
    let file = folder.path().join("model.onnx");
    let mut accepted = 0;
    let mut wrong = Vec::new();
    for number in 0..COUNT {
        let mut rng = stream(number, "hostile files", 0);
        let (name, bytes) = mutations::mutate(&bases, &mut rng);
        let size = bytes.len();
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            if number % 16 == 0 {
                std::fs::write(&file, &bytes).unwrap();
                let before = ALLOCATED.current_usage();
                ALLOCATED.reset_peak_usage();
                let model = Model::read(&file);
                let peak = ALLOCATED.peak_usage() - before;
                if peak > 4 * (size + models::data().len()) + SLACK {
                    return Err(format!("{peak} bytes for a file of {size} and its data"));
                }
                if let Ok(model) = model {
                    use_it(&model)?;
                }
            }
            let (result, peak) = read(bytes);
            if peak > 4 * size + SLACK {
                return Err(format!("{peak} bytes for a file of {size}"));
            }
            match result {
                Ok(model) => use_it(&model).map(|()| true),
                Err(error) if error.to_string().len() > 4096 => Err("a long message".into()),
                Err(_) => Ok(false),
            }
        }));
        match attempt {
            Ok(Ok(taken)) => accepted += u64::from(taken),
            Ok(Err(reason)) => wrong.push(format!("{number} ({name}): {reason}")),
            Err(_) => wrong.push(format!("{number} ({name}): it panics")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {COUNT}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    // Both ends must be reached, or the mutations test nothing.
    assert!(
        (COUNT / 20..COUNT * 3 / 4).contains(&accepted),
        "{accepted} of {COUNT} accepted"
    );
    floods();
}

/// The largest share of what is allowed that is taken, and whether anything is refused for its size:
/// files of more and more entries up to the most that the reader takes.
fn to_the_limit(most: usize, file: impl Fn(usize) -> Vec<u8>) -> (bool, f64) {
    let peak = |count: usize| {
        let file = file(count);
        let size = file.len();
        let start: Vec<u8> = file.iter().take(40).copied().collect();
        let (result, peak) = read(file);
        let allowed = 4 * size + SLACK;
        assert!(
            peak <= allowed,
            "{start:x?} x {count}: {peak} bytes for a file of {size}"
        );
        let refused = matches!(result, Err(OnnxError::Memory { .. }));
        (refused, peak as f64 / allowed as f64)
    };
    if !peak(most).0 {
        return (false, 0.0);
    }
    let (mut taken, mut refused, mut largest) = (0, most, 0.0f64);
    while refused - taken > most / 12 {
        let middle = (taken + refused) / 2;
        let (too_much, share) = peak(middle);
        largest = largest.max(share);
        if too_much {
            refused = middle;
        } else {
            taken = middle;
        }
    }
    (true, largest)
}

/// Lists of the smallest possible entries at every place of the schema, as long as the reader just
/// takes them: this is where a file is smallest for the memory that it takes.
fn floods() {
    let mut tightest = 0.0f64;
    let mut kinds = 0;
    for (path, fields) in floods::PLACES {
        for (field, entry) in fields
            .iter()
            .flat_map(|field| SMALLEST.map(|entry| (field, entry)))
        {
            let file = |count| floods::flood(path, *field, entry, count);
            let (refused, share) = to_the_limit(800_000, file);
            tightest = tightest.max(share);
            kinds += usize::from(refused);
        }
    }
    // The limit is neither far from what is taken nor reached by nothing.
    assert!(kinds > 30, "only {kinds} kinds of entry were refused");
    assert!(
        tightest > 0.7,
        "at most {tightest} of what is allowed was taken"
    );
    // Names that differ, which the check has to keep apart: as many as just need a larger table.
    for (most, crowd) in floods::CROWDS {
        let (refused, share) = to_the_limit(most, crowd);
        assert!(
            refused && share > 0.4,
            "{most}: at most {share} of what is allowed was taken"
        );
    }
}

//! What one step of an episode and one optimizer step are made of: a look at a phone over ADB, the
//! features of the view, the forward pass, an action, and a minibatch through the gradient graph.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Runtime;

use stepdroid::device::{
    Channels, Device, DeviceOptions, InputTool, Screencap, Settle, Uiautomator,
};
use stepdroid::domain::{Action, Observation, ScreenSize};
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};
use stepdroid::pixels;
use stepdroid::policy::{
    Acting, Bundle, Choices, Learner, Lengths, Objective, Row, Shape, StepSample, View, features,
};
use stepdroid::runtime::{Chosen, Library};

const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};
const GOAL: &str = "Add a contact named \"Sofia Kaya\" with the number +11199313020.";

/// A phone of the demo's size with Settings on its screen.
fn device(runtime: &Runtime) -> (Phone, Device, Observation) {
    runtime.block_on(async {
        let phone = Phone::start(PhoneOptions {
            size: ScreenSize {
                width: 360,
                height: 800,
            },
            clock: ClockMode::Steps,
            ..PhoneOptions::default()
        })
        .await
        .unwrap();
        let adb = stepdroid::adb::connect(&phone.serial()).await.unwrap();
        let options = DeviceOptions {
            settle: Settle::Idle,
            ..DeviceOptions::default()
        };
        let device = Device::open(adb, options).await.unwrap();
        let home = device.observe(true).await.unwrap();
        device
            .perform(&Action::open_app("settings"), &home)
            .await
            .unwrap();
        let observation = device.observe(true).await.unwrap();
        (phone, device, observation)
    })
}

fn step(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let (_phone, device, observation) = device(&runtime);
    criterion.bench_function("tree and picture over ADB", |bencher| {
        bencher.iter(|| runtime.block_on(device.observe(true)).unwrap());
    });
    let adb = device.adb();
    let as_png = device.clone().with_channels(Channels::ranked(
        vec![Arc::new(Screencap::png(adb.clone()))],
        vec![Arc::new(Uiautomator::new(adb.clone()))],
        vec![Arc::new(InputTool::new(adb.clone()))],
    ));
    criterion.bench_function("tree and PNG over ADB", |bencher| {
        bencher.iter(|| runtime.block_on(as_png.observe(true)).unwrap());
    });
    let png = runtime.block_on(adb.exec_out("screencap -p")).unwrap();
    criterion.bench_function("PNG decoded", |bencher| {
        bencher.iter(|| pixels::decode_png(&png).unwrap());
    });
    criterion.bench_function("tree over ADB", |bencher| {
        bencher.iter(|| runtime.block_on(device.observe(false)).unwrap());
    });
    let tap = Action::click_at(180, 10);
    criterion.bench_function("tap over ADB", |bencher| {
        bencher.iter(|| {
            runtime
                .block_on(device.perform(&tap, &observation))
                .unwrap()
        });
    });
    criterion.bench_function("view of an observation", |bencher| {
        bencher.iter(|| View::new(GOAL, &[], &observation, 0, 12));
    });
    let view = View::new(GOAL, &[], &observation, 0, 12);
    criterion.bench_function("features of a view", |bencher| {
        bencher.iter(|| features([&view], Lengths::of(&view)));
    });
    let library = Library::load(None).expect("ONNX Runtime is needed: run `make setup`");
    let shape = Shape::named("small").unwrap();
    let bundle = Bundle::new(shape, 1).unwrap();
    let acting = Acting::new(&library, &CPU, &bundle.forward, 1).unwrap();
    for batch in [1, 4, 16] {
        let requests: Vec<(&View, f32, [f64; 4])> = vec![(&view, 1.0, [0.5; 4]); batch];
        criterion.bench_function(&format!("decisions, batch of {batch}"), |bencher| {
            bencher.iter(|| acting.decide(&requests).unwrap());
        });
    }
}

fn update(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let (_phone, _device, observation) = device(&runtime);
    let view = View::new(GOAL, &[], &observation, 0, 12);
    let choices = Choices::encode(&Action::complete(), &view, &observation).unwrap();
    let sample = StepSample {
        view,
        choices,
        temperature: 1.0,
        only_seen: None,
    };
    let rows = vec![
        Row {
            sample: &sample,
            weight: 1.0,
            advantage: 0.5,
            old_log_probability: -1.0,
            reference_log_probability: -1.0,
        };
        64
    ];
    let library = Library::load(None).expect("ONNX Runtime is needed: run `make setup`");
    let shape = Shape::named("small").unwrap();
    let bundle = Bundle::new(shape, 1).unwrap();
    let mut learner = Learner::new(&library, &CPU, shape, bundle.forward, 2).unwrap();
    let samples = vec![&sample; 64];
    let mut group = criterion.benchmark_group("64 rows");
    group.sample_size(20);
    group.bench_function("log-probabilities", |bencher| {
        bencher.iter(|| learner.log_probabilities(&samples).unwrap());
    });
    let objective = Objective::Ppo {
        clip_low: 0.2,
        clip_high: 0.3,
        entropy: 0.0,
        kl: 0.0,
    };
    group.bench_function("gradients", |bencher| {
        bencher.iter(|| learner.gradients(&rows, objective).unwrap());
    });
    group.bench_function("optimizer step", |bencher| {
        bencher.iter(|| learner.step(&rows, objective, 1e-9).unwrap());
    });
    group.finish();
}

criterion_group!(benches, step, update);
criterion_main!(benches);

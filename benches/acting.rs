//! Decisions for 16 phones: through the acting service, which answers them in batches, against one call
//! for each phone, of the same graph with the same cuts. All on all cores; the calls of their own take
//! turns at one session that computes with all cores (`plain`, which leaves out what follows the run of
//! the session), at one session of one thread (`single`), or have a session for each core (`spread`).
//! Prints steps per second and ratios; the log-probabilities must be equal.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Instant;

use stepdroid::device::{Device, DeviceOptions, Settle};
use stepdroid::domain::{Action, ScreenSize};
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};
use stepdroid::policy::{Acting, Bundle, Lengths, Request, Service, Shape, View, features};
use stepdroid::runtime::{Chosen, Library, Session, SessionOptions};

const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};
const PHONES: usize = 16;
/// Decisions of each phone in one measurement.
const STEPS: usize = 60;
/// Measurements, of which the best counts: what else runs on the machine only makes them worse.
const REPEATS: usize = 9;
const HEADS: [&str; 6] = ["kind", "pointer", "start", "end", "direction", "app"];
const GOALS: [&str; 4] = [
    "Add a contact named \"Sofia Kaya\" with the number +11199313020.",
    "Turn Wi-Fi on.",
    "Create a note in Markor named quiet_river.md with the following text: Ask not for whom.",
    "Run the stopwatch.",
];

/// What 16 phones show in the middle of their episodes.
async fn views() -> Vec<View> {
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
    let mut views = Vec::new();
    for app in ["settings", "clock", "contacts", "files"] {
        let before = device.observe(false).await.unwrap();
        device
            .perform(&Action::open_app(app), &before)
            .await
            .unwrap();
        let observation = device.observe(true).await.unwrap();
        for goal in GOALS {
            views.push(View::new(goal, &[], &observation, 2, 12));
        }
    }
    views.truncate(PHONES);
    views
}

/// Every phone asks again as soon as it is answered; returns steps per second and all log-probabilities.
async fn measure<F>(views: &[View], ask: impl Fn(usize, View) -> F) -> (f64, Vec<f64>)
where
    F: Future<Output = f64> + Send + 'static,
{
    let start = Instant::now();
    let mut rows = vec![0.0; PHONES];
    let mut running = tokio::task::JoinSet::new();
    for (phone, view) in views.iter().enumerate() {
        let asked: Vec<F> = (0..STEPS).map(|_| ask(phone, view.clone())).collect();
        running.spawn(async move {
            let mut last = 0.0;
            for question in asked {
                last = question.await;
            }
            (phone, last)
        });
    }
    while let Some(end) = running.join_next().await {
        let (phone, last) = end.unwrap();
        rows[phone] = last;
    }
    let steps = (PHONES * STEPS) as f64;
    (steps / start.elapsed().as_secs_f64(), rows)
}

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores)
        .enable_all()
        .build()
        .unwrap();
    let library = Library::load(None).expect("ONNX Runtime is needed: run `make setup`");
    let views = runtime.block_on(views());
    let start = Instant::now();
    for _ in 0..20 {
        for view in &views {
            features([view], Lengths::of(view));
        }
    }
    let each = start.elapsed().as_secs_f64() / (20 * PHONES) as f64;
    println!("features of a view: {:.0} us", each * 1e6);
    let mut rooms: Vec<(usize, usize)> = views
        .iter()
        .map(|view| (Lengths::of(view).goal, Lengths::of(view).elements))
        .collect();
    rooms.sort_unstable();
    println!("goal tokens and elements that there is room for: {rooms:?}");
    for name in ["small", "medium"] {
        let bundle = Bundle::new(Shape::named(name).unwrap(), 1).unwrap();
        let load = |threads: usize| {
            Arc::new(Acting::new(&library, &CPU, &bundle.forward, threads).unwrap())
        };
        let service = Service::start(Acting::new(&library, &CPU, &bundle.forward, cores).unwrap());
        assert!(service.current().is_batched());
        let options = SessionOptions {
            threads: cores,
            ..SessionOptions::default()
        };
        let session = Session::new(&library, &CPU, "plain", &bundle.forward, options).unwrap();
        let session = Arc::new(session);
        let sessions: Vec<Arc<Acting>> = (0..cores).map(|_| load(1)).collect();
        let draws = |phone: usize| [phone as f64 / PHONES as f64; 4];
        let (mut batched, mut plain, mut single, mut spread) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
        for _ in 0..REPEATS {
            let (rate, together) = runtime.block_on(measure(&views, |phone, view| {
                let service = service.clone();
                let request = Request {
                    view,
                    temperature: 1.0,
                    draws: draws(phone),
                };
                async move { service.decide(request).await.unwrap().log_probability }
            }));
            batched = batched.max(rate);
            let (rate, _) = runtime.block_on(measure(&views, |_, view| {
                let session = session.clone();
                async move {
                    let call = move || {
                        let batch = features([&view], Lengths::of(&view));
                        let scores = session.run(&batch.named(), &HEADS).unwrap();
                        f64::from(scores[0].as_f32().unwrap()[0])
                    };
                    tokio::task::spawn_blocking(call).await.unwrap()
                }
            }));
            plain = plain.max(rate);
            for (count, best) in [(1, &mut single), (cores, &mut spread)] {
                let (rate, alone) = runtime.block_on(measure(&views, |phone, view| {
                    let acting = sessions[phone % count].clone();
                    async move {
                        let call = move || {
                            let request = (&view, 1.0, draws(phone));
                            acting.decide(&[request]).unwrap()[0].log_probability
                        };
                        tokio::task::spawn_blocking(call).await.unwrap()
                    }
                }));
                *best = best.max(rate);
                assert_eq!(together, alone);
            }
        }
        println!(
            "{name}: {batched:.0} steps/s in batches on {cores} cores; with a call for each phone"
        );
        for (rate, how) in [
            (plain, "of one session that computes with all cores"),
            (single, "of one session of one thread"),
            (spread, "of a session for each core"),
        ] {
            println!("  {rate:.0} {how} ({:.2} times)", batched / rate);
        }
    }
}

//! How long a look at the virtual phone takes: layout and dump, a new picture, and a small change.
#![allow(clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};

use stepdroid::domain::ScreenSize;
use stepdroid::phone::system::{ClockMode, Intent, System};
use stepdroid::phone::window::WindowManager;

fn looks(criterion: &mut Criterion) {
    for (width, height) in [(360, 800), (1080, 2400)] {
        let root = tempfile::tempdir().unwrap();
        let screen = ScreenSize { width, height };
        let mut system =
            System::boot(root.path(), screen, 1, ClockMode::Steps, Vec::new()).unwrap();
        let mut windows = WindowManager::new(&mut system);
        let name = format!("{width}x{height}");
        windows
            .start(&mut system, &Intent::action("android.settings.SETTINGS"))
            .unwrap();
        criterion.bench_function(&format!("layout and dump {name}"), |bencher| {
            bencher.iter(|| windows.dump_xml(&mut system, false));
        });
        criterion.bench_function(&format!("unchanged picture {name}"), |bencher| {
            bencher.iter(|| windows.render(&mut system));
        });
        let mut down = true;
        criterion.bench_function(&format!("scrolled picture {name}"), |bencher| {
            bencher.iter(|| {
                let (from, to) = (height / 2, height / 4);
                let (from, to) = if down { (from, to) } else { (to, from) };
                windows.swipe(&mut system, (width / 2, from), (width / 2, to), 300);
                down = !down;
                windows.render(&mut system)
            });
        });
        criterion.bench_function(&format!("next minute's picture {name}"), |bencher| {
            bencher.iter(|| {
                system.clock.advance_millis(60_000);
                windows.render(&mut system)
            });
        });
    }
}

criterion_group!(benches, looks);
criterion_main!(benches);

//! Walks through a virtual phone and writes its screens as PNG files: `phone_screens DIRECTORY [WIDTHxHEIGHT]`.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use stepdroid::domain::ScreenSize;
use stepdroid::phone::system::{ClockMode, Intent, System};
use stepdroid::phone::window::WindowManager;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let directory = arguments.get(1).map_or("/tmp/phone", String::as_str);
    let size = arguments.get(2).map_or("1080x2400", String::as_str);
    let screen = ScreenSize::parse(size).expect("a size such as 1080x2400");
    std::fs::create_dir_all(directory).unwrap();
    let root = tempfile::tempdir().unwrap();
    let mut system = System::boot(root.path(), screen, 1, ClockMode::Steps, Vec::new()).unwrap();
    let mut windows = WindowManager::new(&mut system);
    let shot = |name: &str, system: &mut System, windows: &mut WindowManager| {
        let frame = windows.render(system);
        let path = Path::new(directory).join(format!("{name}.png"));
        image::save_buffer(
            &path,
            &frame.rgba,
            frame.width,
            frame.height,
            image::ColorType::Rgba8,
        )
        .unwrap();
        std::fs::write(path.with_extension("xml"), windows.dump_xml(system, false)).unwrap();
    };
    let (w, h) = (screen.width, screen.height);
    shot("home", &mut system, &mut windows);
    windows.swipe(&mut system, (w / 2, h * 3 / 4), (w / 2, h / 4), 300);
    shot("drawer", &mut system, &mut windows);
    windows.key(&mut system, 3);
    for (name, action) in [
        ("settings", "android.settings.SETTINGS"),
        ("network", "android.settings.WIRELESS_SETTINGS"),
        ("internet", "android.settings.WIFI_SETTINGS"),
        (
            "bluetooth",
            "com.android.settings.BLUETOOTH_DASHBOARD_SETTINGS",
        ),
        ("display", "android.settings.DISPLAY_SETTINGS"),
        ("apps", "android.settings.APPLICATION_SETTINGS"),
        (
            "brightness",
            "com.android.intent.action.SHOW_BRIGHTNESS_DIALOG",
        ),
        ("search", "android.settings.APP_SEARCH_SETTINGS"),
    ] {
        windows.start(&mut system, &Intent::action(action)).unwrap();
        shot(name, &mut system, &mut windows);
    }
    windows.text(&mut system, "blue");
    shot("search_typed", &mut system, &mut windows);
    let camera = ["android.permission.CAMERA"];
    let asked = stepdroid::phone::apps::permissions::request("com.android.camera2", &camera);
    windows.start(&mut system, &asked).unwrap();
    shot("permission", &mut system, &mut windows);
    windows.key(&mut system, 3);
    windows.key(&mut system, 187);
    shot("recents", &mut system, &mut windows);
    windows.key(&mut system, 3);
    windows.swipe(&mut system, (w / 2, 0), (w / 2, h), 500);
    shot("shade", &mut system, &mut windows);
    let apps = stepdroid::phone::apps::registry();
    for app in apps.iter().filter(|app| app.main().is_some()) {
        windows
            .start(&mut system, &Intent::launch(app.package))
            .unwrap();
        shot(&format!("app_{}", app.package), &mut system, &mut windows);
    }
}

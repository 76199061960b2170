//! The screen turned by `user_rotation`.

use crate::bench::Bench;

const DUMP: &str = "uiautomator dump /sdcard/d.xml > /dev/null; cat /sdcard/d.xml";

fn turn(bench: &Bench, turns: u8) {
    bench.ok("settings put system accelerometer_rotation 0");
    bench.ok(&format!("settings put system user_rotation {turns}"));
}

/// The middle of the first node with this text.
fn find(xml: &str, text: &str) -> (i32, i32) {
    let document = roxmltree::Document::parse(xml).unwrap();
    let node = document
        .descendants()
        .find(|node| node.attribute("text") == Some(text));
    let bounds = node.unwrap_or_else(|| panic!("no {text} in {xml}"));
    let bounds = bounds.attribute("bounds").unwrap();
    let found = stepdroid::domain::BoundingBox::parse_bounds(bounds);
    let found = found.unwrap();
    (found.center().x, found.center().y)
}

#[test]
fn a_turned_screen_is_drawn_dumped_and_touched_as_it_is_turned() {
    let bench = Bench::new();
    bench.ok("am start -n com.android.settings/.Settings");
    for (turns, width, height) in [(1, 2400, 1080), (2, 1080, 2400), (3, 2400, 1080)] {
        turn(&bench, turns);
        let raw = bench.run("screencap").stdout;
        let header: Vec<u8> = [width, height]
            .iter()
            .flat_map(|side: &u32| side.to_le_bytes())
            .collect();
        assert_eq!(raw[..8], header, "turned {turns}");
        assert_eq!(raw.len(), 16 + 1080 * 2400 * 4);
        let xml = bench.ok(DUMP);
        assert!(xml.contains(&format!("<hierarchy rotation=\"{turns}\">")));
        assert!(xml.contains(&format!("bounds=\"[0,0][{width},{height}]\"")));
        assert_eq!(bench.ok("wm size"), "Physical size: 1080x2400\n");
        let window = bench.ok("dumpsys window");
        let degrees = u16::from(turns) * 90;
        assert!(window.contains(&format!("mCurrentRotation=ROTATION_{degrees}\n")));
        assert!(window.contains(&format!("init=1080x2400 420dpi cur={width}x{height} ")));
        let input = bench.ok("dumpsys input");
        assert!(input.contains(&format!(
            "logicalFrame=[0, 0, {width}, {height}], physicalFrame=[0, 0, {width}, {height}]"
        )));
        assert!(input.contains(&format!("SurfaceOrientation: {turns}\n")));
        assert!(
            bench
                .ok("dumpsys display")
                .contains(&format!("orientation={turns}, "))
        );
    }
    assert_eq!(bench.ok("wm user-rotation"), "lock 3\n");
    // What is touched is what is seen there.
    let (x, y) = find(&bench.ok(DUMP), "Network & internet");
    assert!(y < 1080, "{y}");
    bench.ok(&format!("input tap {x} {y}"));
    find(&bench.ok(DUMP), "Internet");
    bench.ok("wm user-rotation lock 0");
    assert!(bench.ok(DUMP).contains("bounds=\"[0,0][1080,2400]\""));
    turn(&bench, 9);
    assert!(bench.ok(DUMP).contains("<hierarchy rotation=\"0\">"));
}

#[test]
fn every_app_can_be_shown_on_its_side() {
    let bench = Bench::new();
    turn(&bench, 1);
    for package in bench.ok("pm list packages -3").lines() {
        let package = package.trim_start_matches("package:");
        bench.run(&format!("monkey -p {package} 1"));
        let xml = bench.ok(DUMP);
        assert!(
            xml.contains("<hierarchy rotation=\"1\">"),
            "{package}: {xml}"
        );
        assert_eq!(bench.run("screencap").stdout.len(), 16 + 1080 * 2400 * 4);
    }
}

//! Clipper: what is passed at its first start, and never again.

use super::driver::Phone;

const CLIPPER: &str = "ca.zgrs.clipper";

#[test]
fn the_first_start_is_passed_once() {
    let mut phone = Phone::fresh();
    phone.open(CLIPPER);
    assert!(!phone.sees("head"));
    phone.tap("Cancel");
    assert!(!phone.sees("Continue"));
    phone.open(CLIPPER);
    phone.tap("Continue");
    phone.stop(CLIPPER);
    // It was not passed to its end.
    phone.open(CLIPPER);
    phone.tap("continue_button");
    phone.tap("button1");
    assert!(phone.sees("head") && phone.sees("sub") && !phone.sees("OK"));
    phone.stop(CLIPPER);
    phone.open(CLIPPER);
    assert!(phone.sees("head"));

    let mut phone = Phone::new();
    phone.open(CLIPPER);
    assert!(phone.sees("head") && !phone.sees("Continue"));
}

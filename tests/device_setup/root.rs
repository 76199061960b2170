//! An image that may be root and begins as `shell`, as emulators' do after each boot.

use super::stand::{STATE, is_as_before, phone, physical, run, sold};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_that_may_be_root_is_set_up_and_put_back_as_root() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    let image = phone(|_| {}).await;
    let serial = &*image.serial();
    let before = image.shell(STATE).text();
    let boots_as_shell = || image.machine().set_root(false);
    boots_as_shell();
    // A look tells, and changes nothing.
    for look in ["--dry-run", "--list-tasks"] {
        let ran = run(state, &["devices", "setup", serial, look]).await;
        ran.ends(0, &["is not root now and may become it", "`adb root`"]);
        assert!(!image.machine().is_root());
    }
    let ran = run(state, &["devices", "setup", serial]).await;
    let ran = ran.ends(0, &["changes made", ", root"]);
    assert!(!ran.stderr.contains("no root"), "{}", ran.stderr);
    assert!(image.machine().is_root());
    boots_as_shell();
    let ran = run(state, &["devices", "restore", serial]).await;
    ran.ends(0, &[]);
    is_as_before(&image, &before);
    // One that is sold says nothing of it.
    let sold = phone(sold).await;
    let ran = run(state, &["devices", "setup", &sold.serial(), "--dry-run"]).await;
    assert!(!ran.ends(0, &[]).stderr.contains("may become it"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebodys_own_phone_is_not_made_root_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    let phone = phone(physical).await;
    let serial = &*phone.serial();
    phone.machine().set_root(false);
    let setup = ["devices", "setup", serial, "--no-apps"];
    let ran = run(state, &setup).await;
    ran.ends(2, &["may become root", "nothing was changed", "--yes"]);
    assert!(!phone.machine().is_root());
    let setup = ["devices", "setup", serial, "--no-apps", "--yes"];
    run(state, &setup).await.ends(0, &["changes made"]);
    assert!(phone.machine().is_root());
}

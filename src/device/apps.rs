//! Names of apps as AndroidWorld resolves them (catalogue section 1.6).

/// How an app is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launch {
    /// An intent to view this URI.
    View(&'static str),
    /// This component.
    Component(&'static str),
    /// Whatever this package starts with.
    Package(String),
}

/// Exact names that open a URI.
const VIEWS: [(&str, &str); 5] = [
    ("calendar", "content://com.android.calendar"),
    ("browser", "http://"),
    ("contacts", "content://contacts/people/"),
    ("email", "mailto:"),
    ("gallery", "content://media/external/images/media/"),
];

/// Prefixes in the benchmark's order; the first that begins the name wins, whatever follows.
const COMPONENTS: &[(&[&str], &str)] = &[
    (
        &["google chrome", "chrome"],
        "com.android.chrome/com.google.android.apps.chrome.Main",
    ),
    (
        &["google chat"],
        "com.google.android.apps.dynamite/com.google.android.apps.dynamite.startup.StartUpActivity",
    ),
    (
        &["settings", "system settings"],
        "com.android.settings/.Settings",
    ),
    (
        &["youtube", "yt"],
        "com.google.android.youtube/com.google.android.apps.youtube.app.WatchWhileActivity",
    ),
    (
        &["google play", "play store", "gps"],
        "com.android.vending/com.google.android.finsky.activities.MainActivity",
    ),
    (
        &[
            "gmail",
            "gemail",
            "google mail",
            "google email",
            "google mail client",
        ],
        "com.google.android.gm/.ConversationListActivityGmail",
    ),
    (
        &["google maps", "gmaps", "maps", "google map"],
        "com.google.android.apps.maps/com.google.android.maps.MapsActivity",
    ),
    (
        &[
            "google photos",
            "gphotos",
            "photos",
            "google photo",
            "google pics",
            "google images",
        ],
        "com.google.android.apps.photos/com.google.android.apps.photos.home.HomeActivity",
    ),
    (
        &["google calendar", "gcal"],
        "com.google.android.calendar/com.android.calendar.AllInOneActivity",
    ),
    (
        &["camera"],
        "com.android.camera2/com.android.camera.CameraLauncher",
    ),
    (
        &["audio recorder"],
        "com.dimowner.audiorecorder/com.dimowner.audiorecorder.app.welcome.WelcomeActivity",
    ),
    (
        &["google drive", "gdrive", "drive"],
        "com.google.android.apps.docs/.drive.startup.StartupActivity",
    ),
    (
        &["google keep", "gkeep", "keep"],
        "com.google.android.keep/.activities.BrowseActivity",
    ),
    (
        &["grubhub"],
        "com.grubhub.android/com.grubhub.dinerapp.android.splash.SplashActivity",
    ),
    (
        &["tripadvisor"],
        "com.tripadvisor.tripadvisor/com.tripadvisor.android.ui.launcher.LauncherActivity",
    ),
    (
        &["starbucks"],
        "com.starbucks.mobilecard/.main.activity.LandingPageActivity",
    ),
    (
        &["google docs", "gdocs", "docs"],
        "com.google.android.apps.docs.editors.docs/com.google.android.apps.docs.editors.homescreen.HomescreenActivity",
    ),
    (
        &["google sheets", "gsheets", "sheets"],
        "com.google.android.apps.docs.editors.sheets/com.google.android.apps.docs.editors.homescreen.HomescreenActivity",
    ),
    (
        &["google slides", "gslides", "slides"],
        "com.google.android.apps.docs.editors.slides/com.google.android.apps.docs.editors.homescreen.HomescreenActivity",
    ),
    (
        &["google voice", "voice"],
        "com.google.android.apps.googlevoice/com.google.android.apps.googlevoice.SplashActivity",
    ),
    (
        &["clock"],
        "com.google.android.deskclock/com.android.deskclock.DeskClock",
    ),
    (
        &["google search", "google"],
        "com.google.android.googlequicksearchbox/com.google.android.googlequicksearchbox.SearchActivity",
    ),
    (
        &["contacts"],
        "com.google.android.contacts/com.android.contacts.activities.PeopleActivity",
    ),
    (
        &["facebook", "fb"],
        "com.facebook.katana/com.facebook.katana.LoginActivity",
    ),
    (&["whatsapp", "wa"], "com.whatsapp/com.whatsapp.Main"),
    (
        &["instagram", "ig"],
        "com.instagram.android/com.instagram.mainactivity.MainActivity",
    ),
    (
        &["twitter", "tweet"],
        "com.twitter.android/com.twitter.app.main.MainActivity",
    ),
    (
        &["snapchat", "sc"],
        "com.snapchat.android/com.snap.mushroom.MainActivity",
    ),
    (
        &["telegram", "tg"],
        "org.telegram.messenger/org.telegram.ui.LaunchActivity",
    ),
    (
        &["linkedin"],
        "com.linkedin.android/com.linkedin.android.authenticator.LaunchActivity",
    ),
    (
        &["spotify", "spot"],
        "com.spotify.music/com.spotify.music.MainActivity",
    ),
    (
        &["netflix"],
        "com.netflix.mediaclient/com.netflix.mediaclient.ui.launch.UIWebViewActivity",
    ),
    (
        &["amazon shopping", "amazon", "amzn"],
        "com.amazon.mShop.android.shopping/com.amazon.mShop.home.HomeActivity",
    ),
    (
        &["tiktok", "tt"],
        "com.zhiliaoapp.musically/com.ss.android.ugc.aweme.splash.SplashActivity",
    ),
    (&["discord"], "com.discord/com.discord.app.AppActivity$Main"),
    (
        &["reddit"],
        "com.reddit.frontpage/com.reddit.frontpage.MainActivity",
    ),
    (
        &["pinterest"],
        "com.pinterest/com.pinterest.activity.PinterestActivity",
    ),
    (&["android world"], "com.example.androidworld/.MainActivity"),
    (
        &["files"],
        "com.google.android.documentsui/com.android.documentsui.files.FilesActivity",
    ),
    (
        &["markor"],
        "net.gsantner.markor/net.gsantner.markor.activity.MainActivity",
    ),
    (&["clipper"], "ca.zgrs.clipper/ca.zgrs.clipper.Main"),
    (
        &["messages"],
        "com.google.android.apps.messaging/com.google.android.apps.messaging.ui.ConversationListActivity",
    ),
    (
        &["simple sms messenger", "simple sms"],
        "com.simplemobiletools.smsmessenger/com.simplemobiletools.smsmessenger.activities.MainActivity",
    ),
    (
        &["dialer", "phone"],
        "com.google.android.dialer/com.google.android.dialer.extensions.GoogleDialtactsActivity",
    ),
    (
        &["simple calendar pro", "simple calendar"],
        "com.simplemobiletools.calendar.pro/com.simplemobiletools.calendar.pro.activities.MainActivity",
    ),
    (
        &["simple gallery pro", "simple gallery"],
        "com.simplemobiletools.gallery.pro/com.simplemobiletools.gallery.pro.activities.MainActivity",
    ),
    (
        &["miniwob"],
        "com.google.androidenv.miniwob/com.google.androidenv.miniwob.app.MainActivity",
    ),
    (
        &["simple draw pro"],
        "com.simplemobiletools.draw.pro/com.simplemobiletools.draw.pro.activities.MainActivity",
    ),
    (
        &["pro expense", "pro expense app"],
        "com.arduia.expense/com.arduia.expense.ui.MainActivity",
    ),
    (
        &[
            "broccoli",
            "broccoli app",
            "broccoli recipe app",
            "recipe app",
        ],
        "com.flauschcode.broccoli/com.flauschcode.broccoli.MainActivity",
    ),
    (
        &["caa", "caa test", "context aware access"],
        "com.google.ccc.hosted.contextawareaccess.thirdpartyapp/.ChooserActivity",
    ),
    (
        &["osmand"],
        "net.osmand/net.osmand.plus.activities.MapActivity",
    ),
    (
        &["tasks", "tasks app", "tasks.org:"],
        "org.tasks/com.todoroo.astrid.activity.MainActivity",
    ),
    (
        &[
            "open tracks sports tracker",
            "activity tracker",
            "open tracks",
            "opentracks",
        ],
        "de.dennisguse.opentracks/de.dennisguse.opentracks.TrackListActivity",
    ),
    (&["joplin", "joplin app"], "net.cozic.joplin/.MainActivity"),
    (
        &["vlc", "vlc app", "vlc player"],
        "org.videolan.vlc/.gui.MainActivity",
    ),
    (
        &["retro music", "retro", "retro player"],
        "code.name.monkey.retromusic/.activities.MainActivity",
    ),
];

/// How the benchmark would open an app of that name.
pub fn resolve_app(name: &str) -> Launch {
    if let Some((_, uri)) = VIEWS.iter().find(|(exact, _)| *exact == name) {
        return Launch::View(uri);
    }
    let lower = name.to_lowercase();
    COMPONENTS
        .iter()
        .find(|(prefixes, _)| prefixes.iter().any(|prefix| lower.starts_with(prefix)))
        .map_or_else(
            || Launch::Package(name.to_owned()),
            |(_, component)| Launch::Component(component),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_win_in_order() {
        assert_eq!(
            resolve_app("contacts"),
            Launch::View("content://contacts/people/")
        );
        let component = |name: &str| match resolve_app(name) {
            Launch::Component(component) => component,
            other => panic!("{name}: {other:?}"),
        };
        assert!(component("Contacts").starts_with("com.google.android.contacts/"));
        assert!(component("Walmart").starts_with("com.whatsapp/"));
        assert!(component("voice recorder").contains("googlevoice"));
        assert!(component("Pro Expense").starts_with("com.arduia.expense/"));
        assert_eq!(resolve_app("Calendar"), Launch::Package("Calendar".into()));
    }
}

//! `dumpsys`: the lines that clients parse. Uses the windows and the system.

use super::absent::is_gone;
use super::activity::ended;
use crate::domain::ScreenSize;
use crate::phone::apps::dialer::IN_CALL;
use crate::phone::machine::State;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::Namespace;

/// `dumpsys [-l] [SERVICE [ARGUMENTS...]]`
pub fn dumpsys(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .skip_while(|word| *word == "-t" || word.parse::<u32>().is_ok())
        .collect();
    if let Some(service) = words.first().filter(|name| is_gone(&shell.machine, name)) {
        streams.complain(format!("Can't find service: {service}"));
        return 0;
    }
    let state = shell.machine.lock();
    let text = match words[..] {
        [] | ["-l", ..] => "Currently running services:\n  activity\n  battery\n  display\n  input\n  package\n  power\n  window\n".to_owned(),
        ["activity", "recents" | "r", ..] => state.windows.recents(&state.system),
        ["activity", ..] => state.windows.activities(&state.system),
        ["window", "lastanr", ..] => format!(
            "WINDOW MANAGER LAST ANR (dumpsys window lastanr)\n{}",
            state.windows.last_hang()
        ),
        ["window", ..] => window(&state),
        ["input", ..] => input(&state),
        ["display", ..] => display(&state),
        ["battery", "set" | "unplug" | "reset", ..] => String::new(),
        ["battery", ..] => BATTERY.to_owned(),
        ["power", ..] => "POWER MANAGER (dumpsys power)\n\nPower Manager State:\n  mDirty=0x0\n  mWakefulness=Awake\n  mWakefulnessChanging=false\n  mIsPowered=true\n  mPlugType=1\n  mBatteryLevel=100\n  mHoldingWakeLockSuspendBlocker=false\n  mHoldingDisplaySuspendBlocker=true\n\nDisplay Power: state=ON\n".to_owned(),
        ["package", ..] => package(&state, words.get(1).copied()),
        ["input_method", ..] => input_method(&state),
        ["telephony.registry", ..] => {
            // Idle, ringing, or off the hook.
            let call = state.system.call.as_ref().filter(|_| state.windows.holds(IN_CALL));
            let rings = call.is_some_and(|call| call.incoming && !call.answered);
            let number = call.filter(|call| call.incoming).map_or("", |call| call.number.as_str());
            let (call, ringing) = match (call, rings) {
                (None, _) => (0, 0),
                (_, true) => (1, 5),
                _ => (2, 0),
            };
            format!("last known state:\n  Phone Id=0\n    mCallState={call}\n    mRingingCallState={ringing}\n    mCallIncomingNumber={number}\n    mDataConnectionState=2\n")
        }
        ["wifi", ..] => {
            let on = state.system.settings.get_integer(Namespace::Global, "wifi_on", 0) > 0;
            format!("Wi-Fi is {}\n", if on { "enabled" } else { "disabled" })
        }
        ["bluetooth_manager", ..] => {
            let on = state.system.settings.get_integer(Namespace::Global, "bluetooth_on", 0) > 0;
            format!("Bluetooth Status\n  enabled: {on}\n  state: {}\n  address: 00:00:00:00:00:00\n  name: sdk_gphone64_x86_64\n", if on { "ON" } else { "OFF" })
        }
        ["SurfaceFlinger", ..] => format!("Display 4619827259835644672 (HWC display 0)\n  {}\n", state.system.screen),
        ["notification" | "alarm" | "audio" | "meminfo" | "cpuinfo" | "gfxinfo" | "procstats" | "usagestats" | "appops" | "user" | "statusbar" | "media_session" | "location" | "connectivity" | "clipboard" | "accessibility" | "deviceidle" | "jobscheduler", ..] => {
            format!("DUMP OF SERVICE {}:\n", words[0])
        }
        [other, ..] => {
            streams.complain(format!("Can't find service: {other}"));
            return 0;
        }
    };
    // A client that does not read must not stop the phone.
    drop(state);
    streams.print(ended(text));
    0
}

fn window(state: &State) -> String {
    let screen = state.system.screen;
    let size = state.system.size();
    let degrees = u16::from(state.system.rotation()) * 90;
    let focused = state.windows.focused();
    format!(
        "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)\n  Display: mDisplayId=0 (organized)\n    \
         init={screen} {density}dpi cur={size} app={size} rng={width}x{width}-{height}x{height}\n    \
         mCurrentRotation=ROTATION_{degrees}\n    mLastOrientation=-1\n    mRotation=ROTATION_{degrees}\n  \
         mCurrentFocus=Window{{5f2a3c1 u0 {window}}}\n  \
         mFocusedApp=ActivityRecord{{7d1b0e4 u0 {short} t1}}\n  \
         mInputMethodWindow=null\n  mImeShowing={keyboard}\n  mTopFullscreenOpaqueWindowState=Window{{5f2a3c1 u0 {window}}}\n  \
         mDreamingLockscreen=false mDreamingSleepToken=null\n  isKeyguardShowing=false\n  mAwake=true\n  mScreenOn=SCREEN_STATE_ON\n",
        density = state.system.density(),
        width = screen.width,
        height = screen.height,
        window = state.windows.focused_window(),
        short = focused.short(),
        keyboard = state.windows.keyboard_shown(),
    )
}

fn input(state: &State) -> String {
    let ScreenSize { width, height } = state.system.size();
    let turns = state.system.rotation();
    let degrees = u16::from(turns) * 90;
    format!(
        "INPUT MANAGER (dumpsys input)\n\nInput Manager State:\n  Interactive: true\n  System UI Lights Out: false\n\n\
         Input Reader State (Nums of device: 1):\n  Device 0: virtio_input_multi_touch_1\n    \
         Touch Input Mapper (mode - DIRECT):\n      Parameters:\n        DeviceType: TOUCH_SCREEN\n        OrientationAware: true\n      \
         Viewport INTERNAL: displayId=0, uniqueId=local:4619827259835644672, port=0, orientation={turns}, \
         logicalFrame=[0, 0, {width}, {height}], physicalFrame=[0, 0, {width}, {height}], \
         deviceSize=[{width}, {height}], isActive=[1]\n      SurfaceWidth: {width}px\n      SurfaceHeight: {height}px\n      \
         PhysicalWidth: {width}px\n      PhysicalHeight: {height}px\n      SurfaceOrientation: {turns}\n      \
         InputDeviceOrientation: Rotation{degrees}\n"
    )
}

fn display(state: &State) -> String {
    let screen = state.system.screen;
    let size = state.system.size();
    let turns = state.system.rotation();
    let brightness = state
        .system
        .settings
        .get_integer(Namespace::System, "screen_brightness", 102);
    format!(
        "DISPLAY MANAGER (dumpsys display)\n  mStableDisplaySize=Point({width}, {height})\n  \
         mViewports=[DisplayViewport{{type=INTERNAL, valid=true, isActive=true, displayId=0, orientation={turns}, \
         logicalFrame=Rect(0, 0 - {turned}, {tall}), physicalFrame=Rect(0, 0 - {turned}, {tall}), \
         deviceWidth={turned}, deviceHeight={tall}}}]\n  \
         mBaseDisplayInfo=DisplayInfo{{\"Built-in Screen\", displayId 0, real {width} x {height}, \
         density {density}, rotation 0, state ON}}\n  \
         mOverrideDisplayInfo=DisplayInfo{{\"Built-in Screen\", displayId 0, real {turned} x {tall}, \
         density {density}, rotation {turns}, state ON}}\n  mScreenState=ON\n  mScreenBrightness={brightness}\n",
        width = screen.width,
        height = screen.height,
        turned = size.width,
        tall = size.height,
        density = state.system.density(),
    )
}

fn input_method(state: &State) -> String {
    let shown = state.windows.keyboard_shown();
    let method = state
        .system
        .settings
        .get(Namespace::Secure, "default_input_method")
        .unwrap_or("null");
    format!(
        "Current Input Method Manager state:\n  mCurMethodId={method}\n  mShowRequested={shown} mShowExplicitlyRequested=false \
         mShowForced=false mInputShown={shown}\n  mIsInputViewShown={shown}\n"
    )
}

fn package(state: &State, name: Option<&str>) -> String {
    let packages = &state.system.packages;
    let mut text = "Packages:\n".to_owned();
    let mut found = false;
    for manifest in packages
        .list()
        .filter(|one| name.is_none_or(|name| one.package == name))
    {
        found = true;
        let package = &manifest.package;
        text.push_str(&format!(
            "  Package [{package}] (1a2b3c4):\n    userId={}\n    pkg=Package{{1a2b3c4 {package}}}\n    \
             codePath={}\n    versionCode={} minSdk=24 targetSdk=33\n    versionName={}\n    dataDir=/data/user/0/{package}\n    \
             firstInstallTime=2023-10-15 15:34:00\n    requested permissions:\n",
            packages.user(package).unwrap_or(0),
            super::package::code_path(package, manifest.system),
            manifest.version_code,
            manifest.version_name,
        ));
        for permission in &manifest.permissions {
            text.push_str(&format!("      {permission}\n"));
        }
        let enabled = if packages.is_enabled(package) { 0 } else { 3 };
        text.push_str(&format!(
            "    User 0: ceDataInode=0 installed=true hidden=false suspended=false stopped=false enabled={enabled}\n      runtime permissions:\n"
        ));
        for permission in packages.granted(package) {
            text.push_str(&format!("        {permission}: granted=true\n"));
        }
    }
    match (found, name) {
        (false, Some(name)) => format!("Unable to find package: {name}\n"),
        _ => text,
    }
}

const BATTERY: &str = "Current Battery Service state:
  AC powered: true
  USB powered: false
  Wireless powered: false
  Max charging current: 0
  Max charging voltage: 0
  Charge counter: 10000
  status: 4
  health: 2
  present: true
  level: 100
  scale: 100
  voltage: 5000
  temperature: 250
  technology: Li-ion
";

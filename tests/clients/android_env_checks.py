"""The checks that the Python package android-env makes, unmodified: it takes the phone for an emulator.

Its own names are used throughout: an environment is loaded for an emulator that runs already, stepped with
touches and keys, and wrapped by the receiver of accessibility forests. Only the download of the forwarder's APK comes
to another archive.
"""

import email.message
import io
import os
import pathlib
import re
import shutil
import time
import urllib.request
import urllib.response
import xml.etree.ElementTree

# A proxy would be asked for the way to this machine.
os.environ["no_grpc_proxy"] = "localhost,127.0.0.1"

import numpy as np
from absl import logging
from android_env import loader
from android_env.components import config_classes
from android_env.components.action_type import ActionType
from android_env.proto import adb_pb2
from android_env.wrappers import a11y_grpc_wrapper

from adb_checks import LAUNCHER
from bench import eventually, has, same

HOME = "/data/local/tmp/android_env"
TASK = "id: 'try' name: 'Try' description: 'Nothing to do.' max_episode_sec: 7200"
# Steps that each take a touch, and the forest after it.
ROUNDS = 12


class StoredApk(urllib.request.HTTPSHandler):
    """Stands in for the one download that the package makes."""

    def https_open(self, request):
        name = request.full_url.rsplit("/", 1)[-1]
        same(name.endswith("accessibility_forwarder.apk"), True, f"a download of {name}")
        archive = io.BytesIO(b"PK\x03\x04" + bytes(200_000))
        answer = urllib.response.addinfourl(archive, email.message.Message(), request.full_url, 200)
        answer.msg = "OK"
        return answer


def loaded(bench):
    """An environment of the package for the phone of a bench."""
    # The package runs adb with this program's own environment; the console's token is in the phone's home.
    os.environ["HOME"] = bench.work
    simulator = config_classes.EmulatorConfig(
        emulator_launcher=config_classes.EmulatorLauncherConfig(
            adb_port=bench.port, emulator_console_port=bench.console, grpc_port=bench.grpc
        ),
        adb_controller=config_classes.AdbControllerConfig(
            adb_path=shutil.which("adb"), adb_server_port=bench.server_port
        ),
    )
    task = pathlib.Path(bench.work, "task.textproto")
    task.write_text(TASK)
    return loader.load(
        config_classes.AndroidEnvConfig(
            task=config_classes.FilesystemTaskConfig(path=str(task)),
            simulator=simulator,
            coordinator=config_classes.CoordinatorConfig(enable_key_events=True),
        )
    )


def receiving_forests(env):
    """The same, wrapped by the receiver of accessibility forests as AndroidWorld does it."""
    urllib.request.install_opener(urllib.request.build_opener(StoredApk))
    return a11y_grpc_wrapper.A11yGrpcWrapper(
        env,
        install_a11y_forwarding=True,
        start_a11y_service=True,
        enable_a11y_tree_info=True,
        latest_a11y_info_only=True,
    )


def checks(bench):
    logging.set_verbosity(logging.FATAL)
    held = {}

    def env():
        return held["env"]

    def call(**request):
        answer = env().execute_adb_call(adb_pb2.AdbRequest(**request))
        same(answer.status, adb_pb2.AdbResponse.Status.OK, f"status of {request} ({answer.error_message!r})")
        return answer

    def shell(*words):
        return call(generic=adb_pb2.AdbRequest.GenericRequest(args=["shell", *words])).generic.output.decode()

    def act(target, kind, at=(0.0, 0.0), keycode=0):
        return target.step(
            {
                "action_type": np.array(kind),
                "touch_position": np.array(at, dtype=np.float32),
                "keycode": np.array(keycode),
            }
        )

    def tap(target, at):
        act(target, ActionType.TOUCH, at)
        return act(target, ActionType.LIFT, at)

    def dump():
        text = shell("uiautomator dump /sdcard/d.xml >/dev/null; cat /sdcard/d.xml")
        return list(xml.etree.ElementTree.fromstring(text.strip()).iter("node"))

    def middle(node):
        left, top, right, bottom = map(int, re.findall(r"\d+", node.get("bounds")))
        height, width = env().observation_spec()["pixels"].shape[:2]
        return ((left + right) / 2 / width, (top + bottom) / 2 / height)

    def settings():
        shell("am", "force-stop", "com.android.settings")
        start = adb_pb2.AdbRequest.StartActivity(full_activity="com.android.settings/.Settings")
        call(start_activity=start)

    def load_and_reset():
        held["env"] = loaded(bench)
        first = env().reset()
        same(first.first(), True, "it is a first step")
        same(first.observation["pixels"].shape, (2400, 1080, 3))
        same(first.observation["orientation"].tolist(), [1, 0, 0, 0])

    def screencap():
        def agree():
            # In between the clock on the screen may move on.
            pixels = act(env(), ActionType.REPEAT).observation["pixels"]
            raw = bench.adb("exec-out", "screencap", serial=bench.serial).stdout
            width, height = (int.from_bytes(raw[at : at + 4], "little") for at in (0, 4))
            shot = np.frombuffer(raw, np.uint8, offset=16).reshape(height, width, 4)
            return np.array_equal(pixels, shot[:, :, :3])

        eventually(agree, "its pixels are those of screencap")

    def touches():
        settings()
        before = act(env(), ActionType.REPEAT).observation["pixels"]
        row = next(node for node in dump() if node.get("text") == "Display")
        after = tap(env(), middle(row)).observation["pixels"]
        same(np.array_equal(before, after), False, "the screen stayed as it was")
        has([node.get("text") for node in dump()], "Brightness level")
        for height in [0.7, 0.6, 0.4, 0.3]:
            act(env(), ActionType.TOUCH, (0.5, height))
        scrolled = act(env(), ActionType.LIFT, (0.5, 0.3)).observation["pixels"]
        same(np.array_equal(after, scrolled), False, "nothing was scrolled")

    def key_events():
        act(env(), ActionType.KEYPRESS, keycode=102 + 8)
        activity = call(get_current_activity=adb_pb2.AdbRequest.GetCurrentActivity())
        has(activity.get_current_activity.full_activity, LAUNCHER)

    def adb_requests():
        settings()
        activity = call(get_current_activity=adb_pb2.AdbRequest.GetCurrentActivity())
        has(activity.get_current_activity.full_activity, "com.android.settings")
        home = adb_pb2.AdbRequest.PressButton(button=adb_pb2.AdbRequest.PressButton.Button.HOME)
        call(press_button=home)
        listed = adb_pb2.AdbRequest.PackageManagerRequest.List(
            packages=adb_pb2.AdbRequest.PackageManagerRequest.List.Packages()
        )
        packages = call(package_manager=adb_pb2.AdbRequest.PackageManagerRequest(list=listed))
        has(list(packages.package_manager.list.items), "com.android.settings")
        call(push=adb_pb2.AdbRequest.Push(content=b"pushed", path=f"{HOME}/one"))
        same(call(pull=adb_pb2.AdbRequest.Pull(path=f"{HOME}/one")).pull.content, b"pushed")
        same(call(get_orientation=adb_pb2.AdbRequest.GetOrientationRequest()).get_orientation.orientation, 0)
        same(shell("settings", "get", "system", "show_touches"), "1\n")

    def install_pushed():
        apk = adb_pb2.AdbRequest.InstallApk.Blob(contents=b"PK\x03\x04" + bytes(200_000))
        call(install_apk=adb_pb2.AdbRequest.InstallApk(blob=apk))

    def console_messages():
        args = ["emu", "sms", "send", "+15550107788", "Hello", "there"]
        call(generic=adb_pb2.AdbRequest.GenericRequest(args=args))
        inbox = shell("content query --uri content://sms/inbox --projection address:body")
        has(inbox, "address=+15550107788, body=Hello there")

    def forests_arrive():
        held["wrapper"] = receiving_forests(env())
        held["wrapper"].reset()
        eventually(lambda: "accessibility_tree" in held["wrapper"].accumulate_new_extras(), "a forest arrives")

    def texts():
        """Texts of the visible nodes of the active window, of the last forest that was received."""
        forest = held["wrapper"].accumulate_new_extras()["accessibility_tree"][-1]
        window = next(window for window in forest.windows if window.is_active)
        return [node.text for node in window.tree.nodes if node.is_visible_to_user and node.text]

    def forests_are_never_stale():
        settings()
        names = ["Display", "Battery", "Apps"]
        for count in range(ROUNDS):
            row = next(node for node in dump() if node.get("text") == names[count % len(names)])
            tap(held["wrapper"], middle(row))
            # Whatever the package has now is all that a benchmark would judge by.
            told = texts()
            same(sorted(told), sorted(node.get("text") for node in dump() if node.get("text")), f"round {count}")
            shell("input keyevent KEYCODE_BACK")
            act(held["wrapper"], ActionType.LIFT)
            has(texts(), "Display", f"round {count}, after BACK")

    def accessibility_events():
        settings()
        row = next(node for node in dump() if node.get("text") == "Display")
        tap(held["wrapper"], middle(row))
        events = held["wrapper"].task_extras()["full_event"]
        kinds = {event.event["event_type"] for event in events}
        same(bool(kinds & {"TYPE_WINDOW_STATE_CHANGED", "TYPE_WINDOW_CONTENT_CHANGED"}), True, f"one of {kinds}")

    def second_episode():
        held["wrapper"].reset()
        time.sleep(0.2)
        has(held["wrapper"].accumulate_new_extras(), "accessibility_tree")

    def close():
        held["wrapper"].close()

    return [
        load_and_reset, screencap, touches, key_events, adb_requests, install_pushed, console_messages,
        forests_arrive, forests_are_never_stale, accessibility_events, second_episode, close,
    ]  # fmt: skip

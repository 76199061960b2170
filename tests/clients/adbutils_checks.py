"""The checks that the Python package adbutils makes, through an adb server."""

import datetime
import os
import pathlib
import re
import socket
import threading

import adbutils

from adb_checks import LAUNCHER, echo_once
from bench import eventually, has, same

HOME = "/data/local/tmp/adbutils"


def checks(bench):
    client = adbutils.AdbClient("127.0.0.1", bench.server_port)
    phone = client.device(bench.serial)

    def devices():
        bench.connect()
        has([device.serial for device in client.device_list()], bench.serial)
        same(phone.get_state(), "device")

    def wait_for_device():
        client.wait_for(bench.serial, timeout=10)

    def features():
        has(phone.get_features().split(","), "shell_v2")

    def getprop():
        same(phone.getprop("sys.boot_completed"), "1")
        same(bool(phone.prop.model), True, "the phone has a model")

    def exit_codes():
        for v2 in [True, False]:
            for code in [0, 1, 7]:
                same(phone.shell2(f"(exit {code})", v2=v2).returncode, code)

    def stdout_and_stderr():
        answer = phone.shell2("echo out; echo err >&2; exit 3", v2=True)
        same((answer.returncode, answer.stdout, answer.stderr), (3, "out\n", "err\n"))

    def push():
        phone.shell(f"rm -rf {HOME}; mkdir -p {HOME}")
        same(phone.sync.push(os.urandom(1_000_000), f"{HOME}/one.bin", mode=0o640, check=True), 1_000_000)

    def pull():
        data = phone.sync.read_bytes(f"{HOME}/one.bin")
        phone.sync.pull(f"{HOME}/one.bin", f"{bench.work}/pulled.bin")
        same(pathlib.Path(bench.work, "pulled.bin").read_bytes() == data, True, "both ways to read agree")
        same(len(data), 1_000_000)

    def modes_and_times():
        known = phone.sync.stat(f"{HOME}/one.bin")
        same((oct(known.mode), known.size), ("0o100640", 1_000_000))
        phone.shell(f"touch -d @1500000000 {HOME}/one.bin")
        same(phone.sync.stat(f"{HOME}/one.bin").mtime, datetime.datetime.fromtimestamp(1_500_000_000))

    def folders():
        for name in ["a.txt", "deep/b.txt"]:
            phone.shell(f"mkdir -p {HOME}/tree/deep")
            phone.sync.push(name.encode(), f"{HOME}/tree/{name}")
        phone.sync.pull_dir(f"{HOME}/tree", f"{bench.work}/tree")
        same(pathlib.Path(bench.work, "tree/deep/b.txt").read_text(), "deep/b.txt")

    def list_folder():
        same(sorted(entry.path for entry in phone.sync.list(f"{HOME}/tree")), [".", "..", "a.txt", "deep"])

    def missing_file():
        same(phone.sync.exists(f"{HOME}/none"), False, "a missing file exists")
        try:
            phone.sync.read_bytes(f"{HOME}/none")
        except adbutils.AdbError as error:
            has(str(error), "No such file or directory")
        else:
            raise AssertionError("reading a missing file did not fail")

    def install_pushed():
        apk = bench.write("app2.apk", b"PK\x03\x04" + bytes(200_000))
        phone.install(apk, silent=True)

    def install_of_no_package():
        phone.sync.push(b"this is no archive", f"{HOME}/broken.apk")
        try:
            phone.install_remote(f"{HOME}/broken.apk")
        except adbutils.AdbInstallError as error:
            has(error.reason, "INSTALL_PARSE_FAILED_NOT_APK")
        else:
            raise AssertionError("the install did not fail")

    def forward():
        listening = phone.shell("echo from the phone | nc -l -p 7301", stream=True)
        port = phone.forward_port(7301)
        has([item.local for item in phone.forward_list()], f"tcp:{port}")

        def answered():
            with socket.create_connection(("127.0.0.1", port), 10) as connection:
                return connection.recv(100) == b"from the phone\n"

        eventually(answered, "the phone's listener answers")
        listening.close()
        phone.forward_remove(f"tcp:{port}")

    def reverse():
        with socket.create_server(("127.0.0.1", 0)) as server:
            host = f"tcp:{server.getsockname()[1]}"
            phone.reverse("tcp:7302", host)
            same([(item.remote, item.local) for item in phone.reverse_list()], [("tcp:7302", host)])
            threading.Thread(target=echo_once, args=[server]).start()
            same(phone.shell("echo ping | nc 127.0.0.1 7302"), "ping")
            phone.reverse_remove("tcp:7302")
            same(phone.reverse_list(), [])

    def logcat():
        log = f"{bench.work}/log.txt"
        following = phone.logcat(log, clear=True, re_filter="conformance")
        phone.shell("log -t conformance from adbutils")
        eventually(lambda: "from adbutils" in pathlib.Path(log).read_text(), "the line is followed")
        # It looks at the wish to stop only after a line that passes.
        following.stop_nowait()
        phone.shell("log -t conformance the end")
        eventually(following.is_done, "the log is no longer followed")

    def screencap():
        picture = phone.screenshot(error_ok=False)
        same(picture.size, tuple(phone.window_size()))
        same(len(picture.getcolors(1 << 24) or []) > 1, True, "the picture has more than one colour")

    def framebuffer():
        same(phone.framebuffer().size, tuple(phone.window_size()))

    def window_dump():
        phone.keyevent("HOME")
        has(phone.dump_hierarchy(), LAUNCHER)

    def input_events():
        phone.keyevent("HOME")
        has(phone.app_current().package, LAUNCHER)
        node = re.search(r'content-desc="Calendar"[^>]*bounds="\[(\d+),(\d+)\]\[(\d+),(\d+)\]"', phone.dump_hierarchy())
        left, top, right, bottom = map(int, node.groups())
        phone.click((left + right) / 2, (top + bottom) / 2)
        eventually(lambda: "calendar" in phone.app_current().package, "the calendar is in front")
        phone.swipe(500, 1500, 500, 700, 0.2)
        phone.keyevent("HOME")

    def sqlite3():
        made = phone.shell2(f'sqlite3 {HOME}/x.db "create table t(a); insert into t values(7); select * from t;"')
        same((made.returncode, made.output.strip()), (0, "7"))

    def screenrecord_refused():
        answer = phone.shell2("screenrecord --time-limit 1 /sdcard/film.mp4", v2=True)
        same(answer.returncode, 127)
        has(answer.stderr, "screenrecord: inaccessible or not found")

    def packages_and_apps():
        has(phone.list_packages(), "com.android.settings")
        phone.app_start("com.android.settings")
        eventually(lambda: phone.app_current().package == "com.android.settings", "the settings are in front")
        phone.app_stop("com.android.settings")
        same(phone.app_info("com.android.settings").package_name, "com.android.settings")
        same(phone.app_info("no.such.app"), None)
        same(phone.battery().level is not None, True, "the battery has a level")
        same(phone.is_screen_on(), True, "the screen is on")
        same(phone.rotation(), 0)

    def root():
        same(phone.root().strip(), "adbd is already running as root")

    def reboot_and_reconnect():
        count = lambda: int(phone.shell("settings get global boot_count"))
        boots = count()
        phone.reboot()
        eventually(lambda: bench.connect() or count() == boots + 1, "the phone boots once more")
        client.wait_for(bench.serial, timeout=10)

    return [
        devices, wait_for_device, features, getprop, exit_codes, stdout_and_stderr, push, pull, modes_and_times,
        folders, list_folder, missing_file, install_pushed, install_of_no_package, forward, reverse, logcat,
        screencap, framebuffer, window_dump, input_events, sqlite3, screenrecord_refused, packages_and_apps, root,
        reboot_and_reconnect,
    ]  # fmt: skip

"""The checks that the adb program makes."""

import os
import re
import socket
import stat
import subprocess
import threading

from bench import eventually, has, same

HOME = "/data/local/tmp/adb"
LAUNCHER = "nexuslauncher"


def checks(bench):
    def run(*arguments, **options):
        return bench.adb(*arguments, serial=bench.serial, **options)

    def ok(*arguments, **options):
        output = run(*arguments, **options)
        same(output.returncode, 0, f"exit code of adb {arguments} ({output.stderr!r})")
        return output.stdout.decode(errors="replace")

    def focus():
        return re.search(r"mCurrentFocus=.*", ok("shell", "dumpsys window"))[0]

    def devices():
        bench.connect()
        has(ok("devices", "-l"), bench.serial)
        same(ok("get-state"), "device\n")

    def features():
        for feature in ["shell_v2", "cmd", "stat_v2", "ls_v2", "abb_exec"]:
            has(ok("features").split(), feature)

    def wait_for_device():
        ok("wait-for-device")
        ok("wait-for-any-device")

    def getprop():
        same(ok("shell", "getprop", "sys.boot_completed"), "1\n")
        has(ok("shell", "getprop"), "[ro.product.model]: [")

    def exit_codes():
        for code in [0, 1, 7, 255]:
            same(run("shell", f"exit {code}").returncode, code)
        same(run("shell", "no-such-program").returncode, 127)

    def stdout_and_stderr():
        output = run("shell", "echo out; echo err >&2; exit 3")
        same((output.returncode, output.stdout, output.stderr), (3, b"out\n", b"err\n"))

    def stdin():
        data = bytes(range(32, 127)) * 3000
        same(run("shell", "cat", stdin=data).stdout, data)

    def exec_out():
        same(run("exec-out", "printf 'a\\0b\\r\\n'").stdout, b"a\0b\r\n")

    def push():
        ok("shell", f"rm -rf {HOME}; mkdir -p {HOME}")
        ok("push", bench.write("adb/one.bin", os.urandom(3_000_000), 0o640), f"{HOME}/one.bin")

    def pull():
        ok("pull", "-a", f"{HOME}/one.bin", f"{bench.work}/adb/back.bin")
        with open(f"{bench.work}/adb/one.bin", "rb") as sent, open(f"{bench.work}/adb/back.bin", "rb") as back:
            same(back.read() == sent.read(), True, "the file came back as it was sent")

    def modes_and_times():
        same(ok("shell", f"stat -c '%Y %s' {HOME}/one.bin"), "1500000000 3000000\n")
        same(ok("shell", f"stat -c %a {HOME}/one.bin")[0], "6")
        same(int(os.stat(f"{bench.work}/adb/back.bin").st_mtime), 1_500_000_000)

    def folders():
        for name in ["a.txt", "deep/b.txt", "deep/deeper/c.txt"]:
            bench.write(f"adb/tree/{name}", name.encode())
        ok("push", f"{bench.work}/adb/tree", HOME)
        same(ok("shell", f"cat {HOME}/tree/deep/deeper/c.txt"), "deep/deeper/c.txt")
        ok("pull", f"{HOME}/tree/deep", f"{bench.work}/adb/pulled")
        with open(f"{bench.work}/adb/pulled/deeper/c.txt") as file:
            same(file.read(), "deep/deeper/c.txt")

    def list_folder():
        listed = {line.split()[3]: line.split() for line in ok("ls", f"{HOME}/tree").splitlines()}
        same(sorted(listed), [".", "..", "a.txt", "deep"])
        same(stat.S_ISDIR(int(listed["deep"][0], 16)), True, "deep is a folder")
        same(int(listed["a.txt"][1], 16), 5, "size of a.txt")

    def missing_file():
        output = run("pull", f"{HOME}/none", f"{bench.work}/adb/none")
        same(output.returncode, 1)
        has(output.stdout + output.stderr, b"No such file or directory")

    def install_streamed():
        apk = bench.write("adb/app.apk", b"PK\x03\x04" + bytes(200_000))
        has(ok("install", "--streaming", "-r", "-t", "-g", apk), "Success")

    def install_pushed():
        has(ok("install", "--no-streaming", "-r", f"{bench.work}/adb/app.apk"), "Success")

    def install_of_no_package():
        apk = bench.write("adb/broken.apk", b"this is no archive")
        for way in ["--streaming", "--no-streaming"]:
            output = run("install", way, apk)
            same(output.returncode, 1)
            has(output.stdout + output.stderr, b"INSTALL_PARSE_FAILED_NOT_APK")

    def forward():
        answer = ["adb", "-s", bench.serial, "shell", "echo from the phone | nc -l -p 7201"]
        with subprocess.Popen(answer, env=bench.environment, stdin=subprocess.DEVNULL) as listening:
            port = int(ok("forward", "tcp:0", "tcp:7201"))
            has(ok("forward", "--list"), f"{bench.serial} tcp:{port} tcp:7201")
            eventually(lambda: read_all(port) == b"from the phone\n", "the phone's listener answers")
            same(listening.wait(10), 0)
        ok("forward", "--remove", f"tcp:{port}")
        same(f"tcp:{port}" in ok("forward", "--list"), False, "the forward is still listed")

    def reverse():
        with socket.create_server(("127.0.0.1", 0)) as server:
            host = f"tcp:{server.getsockname()[1]}"
            same(ok("reverse", "tcp:7202", host), "7202\n")
            has(ok("reverse", "--list"), f"tcp:7202 {host}")
            same(run("reverse", "--no-rebind", "tcp:7202", host).returncode, 1)
            thread = threading.Thread(target=echo_once, args=[server])
            thread.start()
            same(ok("shell", "echo ping | nc 127.0.0.1 7202"), "ping\n")
            thread.join()
            ok("reverse", "--remove", "tcp:7202")
            same(ok("reverse", "--list").strip(), "")

    def logcat():
        ok("shell", "log -t conformance from adb")
        has(ok("logcat", "-d"), "conformance: from adb")
        same("conformance" in ok("logcat", "-d", "-s", "other"), False, "another tag's lines are shown")
        ok("logcat", "-c")
        same("from adb" in ok("logcat", "-d"), False, "the cleared line is shown")

    def screencap():
        png = run("exec-out", "screencap", "-p").stdout
        same((png[:8], png[-8:-4]), (b"\x89PNG\r\n\x1a\n", b"IEND"))
        raw = run("exec-out", "screencap").stdout
        width, height = (int.from_bytes(raw[at : at + 4], "little") for at in (0, 4))
        same(len(raw), 16 + width * height * 4)
        same(ok("shell", "wm size"), f"Physical size: {width}x{height}\n")

    def window_dump():
        has(ok("shell", "uiautomator dump /sdcard/d.xml"), "UI hierchary dumped to: /sdcard/d.xml")
        has(ok("shell", "cat /sdcard/d.xml"), "</hierarchy>")
        has(ok("exec-out", "uiautomator dump /dev/tty"), LAUNCHER)

    def input_events():
        ok("shell", "input keyevent KEYCODE_HOME")
        has(focus(), LAUNCHER)
        ok("shell", "am start -W -a android.settings.SETTINGS")
        has(focus(), "com.android.settings")
        ok("shell", "input swipe 500 1500 500 700 200")
        ok("shell", "input keyevent 3")
        has(focus(), LAUNCHER)
        same(run("shell", "input").returncode != 0, True, "input without a command fails")

    def sqlite3():
        script = "create table t(a integer, b text); insert into t values(1,'one'),(2,NULL); select * from t;"
        same(ok("shell", f'sqlite3 {HOME}/x.db "{script}"'), "1|one\n2|\n")
        same(run("shell", f'sqlite3 {HOME}/x.db "select * from missing"').returncode, 1)

    def screenrecord_refused():
        output = run("shell", "screenrecord --time-limit 1 /sdcard/film.mp4")
        same(output.returncode, 127)
        has(output.stdout + output.stderr, b"screenrecord: inaccessible or not found")

    def unroot():
        ok("unroot")
        bench.connect()
        same(ok("shell", "whoami"), "shell\n")
        same(run("shell", "ls /data/data").returncode, 1)

    def root():
        ok("root")
        bench.connect()
        same(ok("shell", "whoami"), "root\n")
        same(ok("root"), "adbd is already running as root\n")

    def reboot_and_reconnect():
        count = lambda: run("shell", "settings get global boot_count").stdout.strip()
        boots = int(count())
        ok("reboot")
        eventually(lambda: bench.connect() or count() == b"%d" % (boots + 1), "the phone boots once more")
        same(ok("shell", f"cat {HOME}/tree/a.txt"), "a.txt")

    def many_at_once():
        command = ["adb", "-s", bench.serial, "shell", "sleep 0.3; echo done"]
        options = {"stdout": subprocess.PIPE, "stdin": subprocess.DEVNULL, "env": bench.environment}
        running = [subprocess.Popen(command, **options) for _ in range(16)]
        same([child.communicate(timeout=30)[0] for child in running], [b"done\n"] * 16)

    return [
        devices, wait_for_device, features, getprop, exit_codes, stdout_and_stderr, stdin, exec_out, push, pull,
        modes_and_times, folders, list_folder, missing_file, install_streamed, install_pushed,
        install_of_no_package, forward, reverse, logcat, screencap, window_dump, input_events, sqlite3,
        screenrecord_refused, many_at_once, unroot, root, reboot_and_reconnect,
    ]  # fmt: skip


def read_all(port):
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


def echo_once(server):
    connection, _ = server.accept()
    with connection:
        connection.sendall(connection.recv(100))

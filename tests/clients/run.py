"""Drives one virtual phone with clients of ADB that others wrote and prints what each could do.

    PLACE/venv/bin/python run.py --stepdroid PROGRAM --place PLACE

PLACE is what prepare.py set up; `adb` is the one on PATH. Ends with 1 if anything failed.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import threading

import adb_checks
import adbutils_checks
import android_env_checks
import uiautomator2_checks
from bench import PATIENCE, Bench, Table

HERE = pathlib.Path(__file__).parent
ADB = "@yume-chan/adb"
SCRCPY = "@yume-chan/scrcpy"


def node_checks(client, place, script, arguments, table):
    """Runs a script, which prints one JSON object for each check."""
    # Modules are looked up beside the script, so it runs from where the packages are.
    script = shutil.copy(HERE / script, place / "node")
    command = ["node", script, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as child:
        # Each check has a deadline of its own; this one is for a client that no longer runs any.
        watchdog = threading.Timer(10 * PATIENCE, child.kill)
        watchdog.start()
        for line in child.stdout:
            result = json.loads(line)
            table.record(client, result["check"], result.get("failure"))
        complaint = child.stderr.read()[-500:]
    watchdog.cancel()
    failure = f"exit code {child.returncode}: {complaint}" if child.returncode else None
    table.record(client, "all checks end", failure)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stepdroid", required=True)
    parser.add_argument("--place", required=True, type=pathlib.Path)
    options = parser.parse_args()
    if not shutil.which("adb"):
        sys.exit("there is no adb on PATH: run `make setup`")
    table = Table()
    with Bench(options.stepdroid) as bench:
        bench.connect()
        table.run("adb", adb_checks.checks(bench))
        table.run("adbutils", adbutils_checks.checks(bench))
        table.run("uiautomator2", uiautomator2_checks.checks(bench))
        for way in ["server", "direct"]:
            words = [way, bench.port, bench.server_port, bench.serial]
            node_checks(f"{ADB} ({way})", options.place, "client.mjs", words, table)
        bench.connect()
        for way in ["forward", "reverse"]:
            words = [way, bench.server_port, bench.serial]
            node_checks(f"{SCRCPY} ({way})", options.place, "scrcpy.mjs", words, table)
    with Bench(options.stepdroid, emulator=True) as bench:
        table.run("android-env", android_env_checks.checks(bench))
    table.print()
    return 1 if table.failures else 0


if __name__ == "__main__":
    sys.exit(main())

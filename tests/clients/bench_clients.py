"""What a step costs Python's clients of Android and this program, on one virtual phone, and the ratios.

    PLACE/venv/bin/python bench_clients.py --stepdroid PROGRAM [--ours PROGRAM] [--steps N] [--json]

A step is a tap, a screenshot decoded to pixels and an accessibility tree read into nodes, each by the client's own
means; this program's step looks at two more trees, as settling does. Each client runs in a process of its own. Counted
is the processor time, in user and kernel, of that process and of the adb programs that it ran to their end; that of
the adb server is said apart. PROGRAM of --ours is the built bench client_step; unless said, cargo runs it. Ends with 1
when this program takes more than 10 ms or a fifth of what another client takes, or a client could not be run.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
import types
import xml.etree.ElementTree

from bench import Bench

# Most processor time of a step of this program, in ms, and its most as a part of another client's.
LIMIT = 10.0
SHARE = 0.2
# Steps before the measured ones.
WARM = 4
# Nothing that works takes this long, in seconds.
PATIENCE = 600
CARGO = ["cargo", "bench", "--locked", "--quiet", "--bench", "client_step", "--no-run", "--message-format=json"]
SETTINGS = "am force-stop com.android.settings; am start -W -n com.android.settings/.Settings"


def nodes(text):
    return list(xml.etree.ElementTree.fromstring(text.strip()).iter("node"))


def way(tree):
    """Where to tap for the other one of two screens: the middle of a row, or of the arrow back."""
    named = (node for node in tree if node.get("text") == "Display" or node.get("content-desc") == "Navigate up")
    left, top, right, bottom = map(int, re.findall(r"\d+", next(named).get("bounds")))
    return (left + right) // 2, (top + bottom) // 2


def adbutils_step(place):
    import adbutils

    phone = adbutils.AdbClient("127.0.0.1", place.server_port).device(place.serial)
    phone.shell(SETTINGS)
    seen = {"tree": nodes(phone.dump_hierarchy())}

    def step():
        phone.click(*way(seen["tree"]))
        seen["pixels"] = phone.screenshot(error_ok=False)
        seen["pixels"].load()
        seen["tree"] = nodes(phone.dump_hierarchy())

    return step


def uiautomator2_step(place, lossy=False):
    import uiautomator2

    phone = uiautomator2.connect(place.serial)
    phone.shell(SETTINGS)
    seen = {"tree": nodes(phone.dump_hierarchy())}

    def step():
        phone.click(*way(seen["tree"]))
        seen["pixels"] = phone.screenshot() if lossy else phone.adb_device.screenshot(error_ok=False)
        seen["pixels"].load()
        seen["tree"] = nodes(phone.dump_hierarchy())

    return step


def android_env_step(place):
    """Screenshots are raw pixels over the emulator's gRPC, trees are forests that the phone sends: as AndroidWorld."""
    import numpy
    from absl import logging
    from android_env.components.action_type import ActionType

    import android_env_checks

    logging.set_verbosity(logging.FATAL)
    env = android_env_checks.receiving_forests(android_env_checks.loaded(place))
    env.reset()
    height, width = env.observation_spec()["pixels"].shape[:2]
    # The package takes the server's port out of the environment.
    adb = ["adb", "-P", str(place.server_port), "-s", place.serial]
    subprocess.run([*adb, "shell", SETTINGS], check=True, capture_output=True)

    def act(kind, at):
        position = numpy.array([at[0] / width, at[1] / height], dtype=numpy.float32)
        return env.step({"action_type": numpy.array(kind), "touch_position": position, "keycode": numpy.array(0)})

    def tree():
        forest = env.accumulate_new_extras()["accessibility_tree"][-1]
        return [node for window in forest.windows if window.is_active for node in window.tree.nodes]

    def way_in(tree):
        named = (node for node in tree if node.text == "Display" or node.content_description == "Navigate up")
        bounds = next(named).bounds_in_screen
        return (bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2

    act(ActionType.REPEAT, (0, 0))
    seen = {"tree": tree()}

    def step():
        at = way_in(seen["tree"])
        act(ActionType.TOUCH, at)
        seen["pixels"] = act(ActionType.LIFT, at).observation["pixels"]
        seen["tree"] = tree()

    return step


def uiautomator2_jpeg_step(place):
    """The form of screenshots that its server on the phone gives."""
    return uiautomator2_step(place, lossy=True)


CLIENTS = {
    "AndroidEnv": android_env_step,
    "adbutils": adbutils_step,
    "uiautomator2": uiautomator2_step,
    "uiautomator2 (JPEG)": uiautomator2_jpeg_step,
}
# Not the pixels of the screen, and so not the same step; shown, not judged.
LOSSY = {"uiautomator2 (JPEG)"}


def processor():
    """Of this process and of its children that have ended, in ms."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return 1e3 * sum(one.ru_utime + one.ru_stime for one in used)


def measure(step, count):
    for _ in range(WARM):
        step()
    spent, clock = [], []
    for _ in range(count):
        before, started = processor(), time.perf_counter()
        step()
        clock.append(1e3 * (time.perf_counter() - started))
        spent.append(processor() - before)
    return {"processor_ms": summary(spent), "wall_ms": summary(clock)}


def summary(values):
    return {"median": statistics.median(values), "mean": statistics.fmean(values)}


def server_processor(port):
    """Processor time of the adb server on a port so far, in ms."""
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            if b"fork-server" in words and f"tcp:{port}".encode() in words:
                threads = (place / "task").glob("*/schedstat")
                return 1e-6 * sum(int(thread.read_text().split()[0]) for thread in threads)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return 0.0


def run(command, bench, steps):
    """What a client's process says of itself, or why it says nothing."""
    before = server_processor(bench.server_port)
    held = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    # The last words of a panic are to be its own.
    environment = bench.environment | {"RUST_BACKTRACE": "0"}
    try:
        done = subprocess.run(command, env=environment, timeout=PATIENCE, **held)
    except subprocess.TimeoutExpired:
        return {"not_run": f"still running after {PATIENCE} s"}
    if done.returncode:
        said = [line for line in done.stderr.strip().splitlines() if not line.startswith("note:")]
        return {"not_run": (said or [f"exit code {done.returncode}"])[-1]}
    figures = json.loads(done.stdout.splitlines()[-1])
    # The client's start is in it.
    figures["adb_server_ms"] = (server_processor(bench.server_port) - before) / steps
    return figures


def built():
    """The program of our step. The clients' environment has a home of its own, in which cargo would find no compiler."""
    lines = subprocess.run(CARGO, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    artifacts = [artifact for artifact in map(json.loads, lines) if artifact.get("executable")]
    return next(artifact["executable"] for artifact in artifacts if artifact["target"]["name"] == "client_step")


def compare(options):
    results, program = {}, options.ours or built()
    with Bench(options.stepdroid, emulator=True) as bench:
        names = ["serial", "server_port", "work", "port", "console", "grpc"]
        place = json.dumps({name: getattr(bench, name) for name in names})
        for name in CLIENTS:
            command = [sys.executable, __file__, "--client", name, "--steps", str(options.steps), "--place", place]
            results[name] = run(command, bench, options.steps + WARM)
        ours = [program, "--json", "--farm", "0", "--steps", str(options.steps), "--serial"]
        for name, reached in [("server", [bench.serial, "--server"]), ("direct", [f"127.0.0.1:{bench.port}"])]:
            # It goes twice: settled, and with one look.
            results[f"stepdroid ({name})"] = run([*ours, *reached], bench, 2 * (options.steps + WARM))
    return results


def judge(results):
    """Adds the ratios; says what is missed."""
    missed = [f"{name} was not run: {row['not_run']}" for name, row in results.items() if "not_run" in row]
    for name, ours in results.items():
        if name in CLIENTS or "not_run" in ours:
            continue
        ours |= ours.pop("settled")
        cost = ours["processor_ms"]["mean"]
        if cost > LIMIT:
            missed.append(f"{name} takes {cost:.1f} ms a step, more than {LIMIT:.0f}")
        others = {other: results[other] for other in CLIENTS if "not_run" not in results[other]}
        ours["ratios"] = {other: cost / row["processor_ms"]["mean"] for other, row in others.items()}
        for other, ratio in ours["ratios"].items():
            if ratio > SHARE and other not in LOSSY:
                missed.append(f"{name} takes {ratio:.3f} of what {other} takes, more than {SHARE}")
    return missed


def show(results):
    print(f"{'ms a step':22} {'processor':>10} {'median':>8} {'clock':>8} {'adb server':>11}")
    for name, row in results.items():
        if "not_run" in row:
            print(f"{name:22} not run")
            continue
        figures = [row["processor_ms"]["mean"], row["processor_ms"]["median"], row["wall_ms"]["mean"]]
        print(f"{name:22} {figures[0]:10.1f} {figures[1]:8.1f} {figures[2]:8.1f} {row['adb_server_ms']:11.1f}")
    for name, row in results.items():
        for other, ratio in row.get("ratios", {}).items():
            print(f"{name} takes {ratio:.3f} of the processor time of {other}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stepdroid")
    parser.add_argument("--ours")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    # What the process of one client is told.
    parser.add_argument("--client", choices=CLIENTS, help=argparse.SUPPRESS)
    parser.add_argument("--place", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        step = CLIENTS[options.client](types.SimpleNamespace(**options.place))
        print(json.dumps(measure(step, options.steps)), flush=True)
        # Threads that a client leaves behind need not be waited for.
        os._exit(0)
    if not options.stepdroid:
        parser.error("--stepdroid PROGRAM is needed")
    if not shutil.which("adb"):
        sys.exit("there is no adb on PATH: run `make setup`")
    results = compare(options)
    missed = judge(results)
    if options.json:
        print(json.dumps({"clients": results, "missed": missed}))
    else:
        show(results)
        print("\n".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

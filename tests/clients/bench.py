"""One virtual phone, an adb server of our own that knows it, and the table of what was tried."""

import json
import os
import socket
import subprocess
import tempfile
import threading
import time

# A phone that hangs must fail a check, not the whole run.
PATIENCE = 30


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def free_ports():
    """A port for a phone's daemon whose neighbours are free too: an emulator's console and its gRPC."""
    while True:
        port = free_port()
        try:
            for needed in [port, port - 1, port + 2999]:
                with socket.socket() as listener:
                    listener.bind(("127.0.0.1", needed))
            return port
        except (OSError, OverflowError):
            continue


class Bench:
    """Ends the phone and the server when it is left. As an emulator the phone makes itself known to the server."""

    def __init__(self, program, emulator=False):
        self.folder = tempfile.TemporaryDirectory()
        self.work = self.folder.name
        self.server_port = free_port()
        # Nothing of the user's own server, devices or keys is used.
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "ANDROID_SERIAL"},
            "HOME": self.work,
            "ANDROID_ADB_SERVER_PORT": str(self.server_port),
            "ADB_MDNS_AUTO_CONNECT": "0",
        }
        command = [program, "phone", "--json"]
        if emulator:
            self.adb("start-server")
            command += ["--port", str(free_ports()), "--emulator"]
        self.phone = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.environment)
        announced = json.loads(self.phone.stdout.readline() or "null")
        if not announced:
            raise SystemExit(f"{program} phone --json ended with {self.phone.wait()} before it named a phone")
        self.serial, self.port = announced["serial"], announced["port"]
        if emulator:
            self.console, self.grpc = announced["console"], announced["grpc"]
            self.serial = f"emulator-{self.console}"
            listed = lambda: self.adb("get-state", serial=self.serial).stdout == b"device\n"
            eventually(listed, f"adb lists {self.serial}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.adb("kill-server")
        self.phone.terminate()
        self.phone.wait(PATIENCE)
        self.folder.cleanup()

    def adb(self, *arguments, stdin=b"", serial=None):
        """What adb says: an object with returncode, stdout and stderr in bytes."""
        chosen = ["-s", serial] if serial else []
        return subprocess.run(
            ["adb", *chosen, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            env=self.environment,
        )

    def connect(self):
        """Makes the server know the phone, again after it went away."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.adb("connect", self.serial)
            probe = self.adb("shell", "getprop sys.boot_completed", serial=self.serial)
            if probe.stdout.strip() == b"1":
                return
            self.adb("disconnect", self.serial)
            time.sleep(0.1)
        raise AssertionError(f"{self.serial} was not reached again within {PATIENCE} s")

    def write(self, name, data, mode=0o644, seconds=1_500_000_000):
        path = os.path.join(self.work, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, mode)
        os.utime(path, (seconds, seconds))
        return path


class Table:
    """What each client could do, one row for each thing that was tried."""

    def __init__(self):
        self.clients = []
        self.results = {}
        self.failures = []

    def record(self, client, name, failure=None):
        if client not in self.clients:
            self.clients.append(client)
        self.results.setdefault(name, {})[client] = "FAILED" if failure else "passed"
        if failure:
            self.failures.append(f"{client}, {name}: {failure}")

    def run(self, client, checks):
        """Runs functions in turn; the name of one is the name of its row."""
        for check in checks:
            failures = [f"still running after {PATIENCE} s"]

            def watched(check=check, failures=failures):
                try:
                    check()
                    failures[0] = None
                except Exception as error:  # whatever a client raises is a failure of that row alone
                    failures[0] = f"{type(error).__name__}: {error}"

            thread = threading.Thread(target=watched, daemon=True)
            thread.start()
            thread.join(PATIENCE)
            self.record(client, check.__name__.replace("_", " "), failures[0])

    def print(self):
        first = max(map(len, self.results), default=0)
        print(" ".join([" " * first, *self.clients]))
        for name, row in self.results.items():
            cells = [row.get(client, "-").ljust(len(client)) for client in self.clients]
            print(" ".join([name.ljust(first), *cells]).rstrip())
        done = sum(len(row) for row in self.results.values())
        print(f"{done - len(self.failures)} of {done} passed")
        for failure in self.failures:
            print(failure)


def same(got, wanted, what="answer"):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r:.300}, expected {wanted!r:.300}")


def has(text, part, what="answer"):
    if part not in text:
        raise AssertionError(f"{what} {text!r:.300} lacks {part!r}")


def eventually(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.05)

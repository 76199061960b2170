#!/bin/sh
# Makes a headless browser available to the tests of the HTML report and of the browser tasks' pages: Debian's
# or Ubuntu's chromium with its driver. Needs root; without it the browser tests say that they did not run.
set -eu
if command -v chromedriver >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing chromium and chromium-driver from the distribution's packages"
    apt-get install -y -qq chromium chromium-driver >/dev/null 2>&1 ||
        { apt-get update -qq && apt-get install -y -qq chromium chromium-driver >/dev/null; } ||
        echo "no browser could be installed: the browser tests will say that they did not run"
else
    echo "no chromedriver and no root: the browser tests will say that they did not run"
fi

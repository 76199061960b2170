#!/bin/sh
# The emulator of a test's SDK: the test executable that is named in the file beside this one's link.
STANDIN_ARGUMENTS="$*"
export STANDIN_ARGUMENTS
exec "$(cat "$(dirname "$0")/executable")" --exact standin::emulator --ignored --nocapture

#!/bin/sh
# compare.sh CONSOLE COMPARER SOURCE_DIR OUTPUT_DIR: draws every screen from the fixture and compares it with the
# approved pictures. tests/gui/approve.sh replaces those after a look at the new ones.
set -eu
rm -rf "$4"
"$1" --screenshots "$4" --snapshot "$3/tests/fixtures/fleet.json"
"$2" "$3/tests/gui/approved" "$4"

#!/bin/sh
# Draws the screens from the fixture and makes them the approved pictures. Look at each before you commit it.
# Usage: tests/gui/approve.sh [BUILD_DIR]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
console="${1:-$root/build/release}/bin/perch-console"
pictures=$(mktemp -d)
trap 'rm -rf "$pictures"' EXIT
"$console" --screenshots "$pictures" --snapshot "$root/tests/fixtures/fleet.json"
mkdir -p "$here/approved"
for name in fleet train-running train-finished train-refused train-empty model-credit-risk model-property-valuation model-lead-scoring plan-roll_back-credit-risk \
    plan-promote-credit-risk audit evaluate evaluate-classes evaluate-regression drift drift-live; do
    for theme in light dark; do
        cp "$pictures/$name-$theme.png" "$here/approved/"
    done
done
cp "$pictures/fleet-empty-light.png" "$pictures/fleet-no-platform-light.png" "$pictures/fleet-130-light.png" "$here/approved/"
ls "$here/approved"

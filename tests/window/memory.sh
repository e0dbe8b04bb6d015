#!/usr/bin/env bash
# Two hundred results through the real window, one job each by Ctrl+Enter, and the memory that it keeps: after the first
# twenty, when everything that stays loaded is loaded, and at the end. Ends with an error where it grew by more than
# 200 MB. Say the program's path and a display, or nothing of it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/window/window.sh
program=${1:-target/release/diffusion-lab}
start_display "${2:-:19}" 1440x900
cat >"$home/session.json" <<JSON
{"version": 1, "panel": "sample", "theme": "dark", "scale": 1.0, "window": [1440.0, 900.0], "prompts": [],
 "seed_locked": false, "side_panels": true,
 "recipes": {"sample": {"experiment": "sample", "prompt": ["a red square"], "steps": [8], "count": 1}}}
JSON
mkdir "$home/gallery"
open_window

# Memory that the program has of its own, in MB: what is mapped from files can be given up at any time.
resident() {
    awk '/^RssAnon/ {print int($2 / 1024)}' "/proc/$(pgrep -P "$window")/status"
}

# Runs until there are so many results.
until_made() {
    local made=0 end=$((SECONDS + 900))
    while [ "$made" -lt "$1" ]; do
        [ $SECONDS -lt $end ] || { echo "only $made results" >&2; exit 1; }
        made=$(find "$home/gallery" -name '*.png' | wc -l)
        # A few wait in the queue, so that the worker is never idle.
        if [ $((asked - made)) -lt 5 ] && [ "$asked" -lt "$1" ]; then
            asked=$((asked + 1))
            xdotool key ctrl+Return
        fi
        sleep 0.1
    done
    while xdotool getwindowname "$id" | grep -q %; do sleep 0.3; done
    sleep 2
}

asked=0
before=$(resident)
until_made 20
loaded=$(resident)
until_made 200
after=$(resident)
if [ -n "${KEEP:-}" ]; then shoot "$KEEP/memory.png"; fi
close_window
echo "$before MB when opened, $loaded MB after 20 results, $after MB after 200"
[ $((after - loaded)) -le 200 ] || { echo "it grew by $((after - loaded)) MB" >&2; exit 1; }

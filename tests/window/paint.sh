#!/usr/bin/env bash
# A mask painted in the real window with a real pointer, first at rest, then while a job keeps every core busy; and that
# job alone, watched. Prints how long the frames took (`ui()` and tessellation) and how many there were a second. Say the program's path, a display, and how many seconds to paint, or nothing of it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/window/window.sh
program=${1:-target/release/diffusion-lab}
seconds=${3:-12}
start_display "${2:-:17}" 1440x900
export DIFFUSION_LAB_FRAMES=1
convert -size 256x256 plasma:green-blue "$home/source.png"
cat >"$home/session.json" <<JSON
{"version": 1, "panel": "inpaint", "theme": "dark", "scale": 1.0, "window": [1440.0, 900.0], "prompts": [],
 "seed_locked": true, "side_panels": true, "layout": "bench",
 "recipes": {"inpaint": {"experiment": "inpaint", "image": "$home/source.png", "steps": [900]}}}
JSON

# A way over the canvas that crosses itself, a point every 8 ms.
moves=$(awk 'BEGIN {
    for (i = 0; i < 360; i++) {
        angle = i * 3.14159265 / 180
        printf "mousemove %d %d sleep 0.008 ", 640 + 150 * sin(7 * angle), 390 + 150 * cos(5 * angle)
    }
}')

# Paints for so many seconds.
paint() {
    local end=$((SECONDS + $1))
    xdotool mousemove 640 390 mousedown 1
    # shellcheck disable=SC2086
    while [ "$SECONDS" -lt "$end" ]; do xdotool $moves; done
    xdotool mouseup 1
}

# Opens the window, paints where $2 says so while a job runs where $1 says so, and says how long the frames took.
run() {
    open_window
    # The canvas of 256 px, at about four points a pixel.
    xdotool mousemove 640 390 click 1 click 4 click 4 click 4
    sleep 1
    if [ "$1" = busy ]; then xdotool key ctrl+Return sleep 4; fi
    if [ "$2" = painting ]; then paint "$seconds"; else sleep "$seconds"; fi
    if [ -n "${KEEP:-}" ]; then shoot "$KEEP/$1-$2.png"; fi
    xdotool key shift+Escape sleep 3
    close_window
    local kind=frames
    [ "$2" = watching ] || kind="frames while painting"
    awk -F': ' -v kind="$kind" -v name="$1, $2" -v seconds="$seconds" '
        $1 == kind { count = $2; sub(/.* over /, "", count); printf "%s: %s, %.0f a second\n", name, $2, count / seconds }
    ' "$home/said"
}

run idle painting
run busy painting
run busy watching

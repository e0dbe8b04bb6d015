#!/usr/bin/env bash
# A mask painted in the real window with a real pointer, first at rest, then while a job keeps every core busy.
# Prints how long the frames took. Needs Xvfb, xdotool and ImageMagick; say the program's path, or it is built here.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${1:-target/release/diffusion-lab}
display=${2:-:17}
seconds=${3:-12}
home=$(mktemp -d)
Xvfb "$display" -screen 0 1440x900x24 >/dev/null 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$home"' EXIT
export DISPLAY=$display DIFFUSION_LAB_HOME=$home DIFFUSION_LAB_FRAMES=1
convert -size 256x256 plasma:green-blue "$home/source.png"
cat >"$home/session.json" <<JSON
{"version": 1, "panel": "inpaint", "theme": "dark", "scale": 1.0, "window": [1440.0, 900.0], "prompts": [],
 "seed_locked": true, "side_panels": true, "layout": "bench",
 "recipes": {"inpaint": {"experiment": "inpaint", "image": "$home/source.png", "steps": [900]}}}
JSON
sleep 1

# Round and round over the canvas for so many seconds.
paint() {
    local moves=() i
    for i in $(seq 0 359); do
        moves+=(mousemove $((640 + 150 * $(sine $((i * 7)))  / 1000)) $((390 + 150 * $(sine $((i * 5 + 90))) / 1000)) sleep 0.008)
    done
    local end=$((SECONDS + $1))
    xdotool mousemove 640 390 mousedown 1
    while [ "$SECONDS" -lt "$end" ]; do xdotool "${moves[@]}"; done
    xdotool mouseup 1
}

# A thousand times the sine of an angle in degrees.
sine() {
    awk -v a="$1" 'BEGIN { printf "%d", 1000 * sin(a * 3.14159265 / 180) }'
}

run() {
    timeout 300 "$program" 2>"$home/frames" &
    local window=$!
    timeout 60 xdotool search --sync --name "Diffusion Lab" >/dev/null
    sleep 4
    # The canvas of 256 px, at about four points a pixel.
    xdotool mousemove 640 390 click 1 click 4 click 4 click 4
    sleep 1
    [ "$1" = busy ] && xdotool key ctrl+Return && sleep 4
    paint "$seconds"
    import -window root "$home/$1.png"
    xdotool key shift+Escape
    sleep 3
    xdotool key ctrl+q
    wait "$window"
    echo "$1: $(grep painting "$home/frames")"
    if [ -n "${KEEP:-}" ]; then cp "$home/$1.png" "$KEEP/"; fi
}

run idle
run busy

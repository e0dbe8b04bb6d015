#!/usr/bin/env bash
# Every panel of the real window at three sizes, in both themes, at 100 % and 150 %: pictures to be looked at, as
# DIR/WIDTHxHEIGHT-THEME-SCALE-PANEL.png. Say the folder; the program's path and a display may follow. SIZES, THEMES
# and SCALES choose fewer of them.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/window/window.sh
shots=${1:?a folder for the pictures}
program=${2:-target/release/diffusion-lab}
mkdir -p "$shots"
start_display "${3:-:20}" 2560x1440
convert -size 256x256 plasma:tomato-steelblue -blur 0x4 "$home/source.png"
mkdir "$home/gallery"
for i in 1 2 3; do convert -size 64x64 plasma:green-blue "$home/gallery/sample-00000$i.png"; done

# Verbs in the order of the rail, through which Ctrl+PageDown goes.
verbs=$("$program" list experiments | awk '{print $1}')

for size in ${SIZES:-1024x700 1440x900 2560x1440}; do
    for theme in ${THEMES:-dark light}; do
        for scale in ${SCALES:-1.0 1.5}; do
            cat >"$home/session.json" <<JSON
{"version": 1, "panel": "sample", "theme": "$theme", "scale": $scale, "window": [${size/x/.0, }.0],
 "prompts": [], "seed_locked": true, "side_panels": true,
 "recipes": {"edit": {"experiment": "edit", "image": "$home/source.png"},
             "forward": {"experiment": "forward", "image": "$home/source.png", "t": [250, 500, 750]},
             "denoise": {"experiment": "denoise", "image": "$home/source.png"},
             "inpaint": {"experiment": "inpaint", "image": "$home/source.png"}}}
JSON
            open_window
            for verb in $verbs; do
                sleep 1
                import -window root -crop "$size+0+0" +repage "$shots/$size-$theme-$scale-$verb.png"
                keys ctrl+Next
            done
            close_window
        done
    done
done

#!/usr/bin/env bash
# A session of each experiment in the real window, with a real mouse and keyboard: its panel is opened, something is
# set, painted or drawn, it runs by Ctrl+Enter, and what it made must be on the disk, and be a picture. Ends with an
# error at the first experiment that comes to nothing, and where one has no session here. Say where screenshots go, the
# program's path and a display, or nothing of it; ONLY="edit inpaint" does only those.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/window/window.sh
shots=${1:-$(mktemp -d)}
program=${2:-target/release/diffusion-lab}
mkdir -p "$shots"
start_display "${3:-:18}" 1440x900
convert -size 256x256 plasma:tomato-steelblue -blur 0x4 "$home/source.png"
mkdir "$home/gallery"

# A session for each verb: opens the panel and does what a person would before the run.

prepare-sample() {
    palette Sample
    set_to Prompt "a red and white lighthouse"
    set_to Steps 12
}

prepare-upscale() {
    palette Upscale
    source_picture
    set_to Steps 3
}

prepare-forward() {
    palette "Add noise"
    source_picture
    set_to Timestep "100, 400"
}

prepare-denoise() {
    palette Denoise
    source_picture
    set_to Timestep 400
}

prepare-edit() {
    palette Edit
    palette "New drawing"
    across
    set_to Prompt "a red and white lighthouse"
    set_to "Start entry" "5, 10"
    set_to Steps 20
}

prepare-inpaint() {
    palette Inpaint
    source_picture
    across
    set_to Prompt "a blue circle"
    set_to Steps 20
}

prepare-anagram() {
    palette "Visual anagram"
    set_to Prompt "an oil painting of people around a campfire"
    set_to Steps 12
}

prepare-hybrid() {
    palette "Hybrid image"
    set_to Prompt "a red and white lighthouse"
    set_to Steps 12
}

prepare-digits-noise() {
    palette "Noise digits"
    set_to "Test digits" "3, 5"
}

prepare-digits-train() {
    palette "Train a network"
    set_to "Hidden channels" 8
    set_to Batch 32
    set_to "Last step" 8
}

prepare-digits-sample() {
    palette "Draw digits"
    set_to "Digits to draw" 2026
    set_to Steps 30
}

prepare-digits-denoise() {
    palette "Denoise digits"
    across
}

prepare-digits-inpaint() {
    palette "Repaint a digit"
    across
    set_to "Digits to draw" 38
    set_to "Start entry" 10
    set_to Steps 30
}

prepare-digits-anagram() {
    palette "Digit anagram"
    set_to "Digits to draw" 69
    set_to Steps 30
}

prepare-digits-score() {
    palette "Score digits"
    set_to Count 2
    set_to Steps 20
}

source_picture() {
    palette "Open by path"
    sleep 0.5
    write "$home/source.png"
    keys Return
    sleep 1
}

# A line across the middle of the canvas, which is as wide as the window's middle or, beside pictures, half of that.
across() {
    sleep 1
    stroke "360 330" "420 380" "470 350" "500 400" "560 440" "600 400"
}

fail() {
    shoot "$shots/failed.png"
    echo "$1: $2; see $shots/failed.png" >&2
    cat "$home/said" >&2
    exit 1
}

# What an experiment has made so far: pictures in the gallery, checkpoints of training.
made() {
    case $1 in
    digits-score) echo figures ;; # no file: that it ends is all there is to wait for
    digits-train) find "$home" -path "$home/runs/*/checkpoint.safetensors" ;;
    *) find "$home/gallery" -maxdepth 1 -name "$1-*.png" ;;
    esac
}

# Runs the open panel by the keys until it has made something and nothing runs any more.
run() {
    local begun=$SECONDS still=0 file
    keys ctrl+Return
    # The title says how far a job is; without one it has ended or has not begun.
    until [ $still -ge 2 ] && [ -n "$(made "$1")" ]; do
        sleep 0.5
        still=$((still + 1))
        if xdotool getwindowname "$id" | grep -q %; then still=0; fi
        [ $still -lt 60 ] && [ $((SECONDS - begun)) -lt 600 ] || fail "$1" "nothing came of it"
        kill -0 "$window" 2>/dev/null || fail "$1" "the window is gone"
    done
    for file in $(made "$1" | grep png || true); do
        [ "$(identify -format %k "$file")" -gt 4 ] || fail "$1" "$file is of one colour"
    done
    sleep 1.5
    shoot "$shots/$1.png"
    echo "$1: $(made "$1" | wc -l) files in $((SECONDS - begun)) s"
}

open_window
for verb in ${ONLY:-$("$program" list experiments | awk '{print $1}')}; do
    declare -F "prepare-$verb" >/dev/null || fail "$verb" "it has no session here"
    "prepare-$verb"
    run "$verb"
done
close_window
echo "screenshots: $shots"

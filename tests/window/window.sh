# What the scripts of this folder share: a display, the real window on it, and a hand at mouse and keyboard. Sourced.
# Needs Xvfb, xdotool and ImageMagick. Buttons are not looked for: commands, experiments and settings are reached by
# name through the palette (Ctrl+P), so that a script goes on working when the layout changes.

# Starts a display of that number and size, and a home for the program; both are gone when the script ends.
start_display() {
    home=$(mktemp -d)
    window=
    Xvfb "$1" -screen 0 "$2x24" >/dev/null 2>&1 &
    server=$!
    trap stop_display EXIT
    export DISPLAY=$1 DIFFUSION_LAB_HOME=$home
    sleep 1
}

stop_display() {
    [ -z "$window" ] || kill "$window" 2>/dev/null || true
    kill "$server" 2>/dev/null || true
    rm -rf "$home"
}

# Opens the window and gives it the keyboard, which nobody else does without a window manager. What the program says
# goes into $home/said.
open_window() {
    timeout "${PATIENCE:-1800}" "$program" "$@" 2>"$home/said" &
    window=$!
    id=$(timeout 60 xdotool search --sync --name "Diffusion Lab" | head -1)
    sleep 4
    xdotool windowfocus "$id"
}

# Closes it by its own command, and waits until it is gone.
close_window() {
    xdotool key ctrl+q
    wait "$window"
    window=
}

# Keys one after the other, each with a frame to be seen in.
keys() {
    local key
    for key in "$@"; do xdotool key "$key" sleep 0.15; done
}

# Enters a text as a hand types it.
write() {
    xdotool type --delay 15 -- "$1"
    sleep 0.3
}

# Whatever is called so: a command, an experiment, a preset or a setting of the open panel.
palette() {
    keys ctrl+p
    sleep 0.5
    write "$1"
    keys Return
    sleep 0.8
}

# Gives a setting of the open panel, which is a line of text, another value.
set_to() {
    palette "$1"
    keys ctrl+a
    write "$2"
}

# Leads the pointer along points "X Y" with the button pressed.
stroke() {
    local point
    xdotool mousemove $1 sleep 0.05 mousedown 1
    for point in "$@"; do
        xdotool mousemove $point sleep 0.03
    done
    xdotool mouseup 1 sleep 0.2
}

# A picture of the whole screen.
shoot() {
    import -window root "$1"
}

#!/usr/bin/env bash
# The quarter of an hour on a card, prepared.
#   run.sh build [cargo flags]      here: a folder target/gpu-check with a slim program and what it reads, to be carried over
#                                   (--features cuda, with nvcc on the path and CUDA_COMPUTE_CAP set to the card's)
#   run.sh run FOLDER DEVICE        there: the steps in the order of what they are worth, each with its own time limit,
#                                   findings as JSON lines in FOLDER/findings.jsonl; DEVICE is cuda, metal, or cpu to rehearse
set -euo pipefail
case "${1-}" in
build)
    shift
    cd "$(dirname "$0")/../.."
    out=$PWD/target/gpu-check
    rm -rf "$out"
    mkdir -p "$out/tree" "$out/reference/models"
    # The program embeds what is in assets: here a small model for the built-in one, a thousand digits, no digit networks.
    for name in src tests Cargo.toml Cargo.lock; do ln -s "$PWD/$name" "$out/tree/$name"; done
    mkdir -p "$out/tree/assets/mnist" "$out/tree/assets/digits"
    cp -r assets/fonts assets/pictures assets/report.css assets/CREDITS.md "$out/tree/assets/"
    cp -r tests/reference/models/narrow "$out/tree/assets/built-in"
    shorten() { # FILE BYTES_OF_ONE HEADER_BEFORE_COUNT HEADER_AFTER_COUNT
        { printf "$3"; printf '\x00\x00\x03\xe8'; zcat "assets/mnist/$1" 2>/dev/null | tail -c +9 | head -c $(($4 + 1000 * $2)); } |
            gzip -9 >"$out/tree/assets/mnist/$1"
    }
    for set in train t10k; do
        shorten "$set-images-idx3-ubyte.gz" 784 '\x00\x00\x08\x03' 8 || true
        shorten "$set-labels-idx1-ubyte.gz" 1 '\x00\x00\x08\x01' 0 || true
    done
    (cd "$out/tree" && cargo build --release --target-dir ../../ --example check "$@")
    cp target/release/examples/check "$out/"
    strip "$out/check"
    cp tests/reference/unet.safetensors "$out/reference/"
    cp -r tests/reference/models/{narrow,deep,sharded,pickled} "$out/reference/models/"
    cp tests/gpu/run.sh tests/reference/{bench_diffusers,make_if_i_m}.py "$out/"
    rm -rf "$out/tree"
    du -sh "$out"
    ;;
run)
    folder=$(cd "$2" && pwd) device=$3
    findings=$folder/findings.jsonl
    # CUDA's libraries as pip installs them beside PyTorch.
    if site=$(python3 -c 'import nvidia; print(list(nvidia.__path__)[0])' 2>/dev/null); then
        LD_LIBRARY_PATH=$(find "$site" -maxdepth 2 -name lib -type d | paste -sd:):${LD_LIBRARY_PATH-}
        export LD_LIBRARY_PATH
    fi
    step() { # SECONDS NAME COMMAND…
        local limit=$1 name=$2 start=$SECONDS code=0
        shift 2
        timeout "$limit" "$@" >>"$findings" 2>"$folder/$name.stderr" || code=$?
        printf '{"ran": "%s", "seconds": %d, "limit": %d, "exit": %d}\n' "$name" $((SECONDS - start)) "$limit" "$code" |
            tee -a "$findings"
    }
    check() { step "$1" "$2" "$folder/check" "$folder" "$device" "${@:2}"; }
    : >"$findings"
    case $device in cuda*) nvidia-smi -L || true; ldd "$folder/check" | grep -i 'not found' || true ;; esac
    check 60 operations
    check 60 networks
    check 90 training
    check 60 true-size
    check 60 worker
    check 60 memory
    repeat=5 rows="if-i-m if-i-m-20 if-ii-m built-in class-64 denoiser-128" formats="f16 f32 bf16"
    # The processor rehearses the rows in the GPU's way, which is slow there: the small ones do.
    case $device in cpu) repeat=1 rows="built-in" formats="f32" ;; esac
    for dtype in $formats; do
        for row in $rows; do
            step 60 "bench-$row-$dtype" "$folder/check" "$folder" "$device" bench "$row" --dtype "$dtype" \
                --device "$device" --layout planes --repeat "$repeat" --json
        done
    done
    case $device in cuda*)
        step 120 diffusers python3 "$folder/bench_diffusers.py" if-i-m if-ii-m --f16 --device "$device" --repeat 20
        command -v compute-sanitizer >/dev/null &&
            step 120 sanitizer compute-sanitizer "$folder/check" "$folder" "$device" operations
        ;;
    esac
    ! grep -q '"well":false\|"error"' "$findings"
    ;;
*)
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac

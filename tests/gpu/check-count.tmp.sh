#!/usr/bin/env bash
# Counts what the program asks of a GPU, on a device that is none: launches.rs with candle-core whose CUDA device is
# counted/dummy_cuda_backend.rs. Nothing of the checkout is changed: the crates are copied beside the build.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo fetch --locked --quiet
from=$(ls -d "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/candle-core-0.11.1 | head -1)
made=target/counted
mkdir -p "$made"
rm -rf "$made/candle-core" "$made/tree"
cp -r "$from" "$made/candle-core"
src=$made/candle-core/src
cp tests/gpu/counted/dummy_cuda_backend.rs "$src/"
# There is CUDA; and a custom operation that has no CUDA form of its own runs in its processor's.
sed -i '/pub fn cuda_is_available/,/^}/s/cfg!(feature = "cuda")/true/' "$src/utils.rs"
sed -i \
  -e 's/c\.cuda_fwd(storage, l)?;/c.cuda_fwd(storage, l).or_else(|_| storage.custom(c.cpu_fwd(storage.inner(), l)))?;/' \
  -e 's/c\.cuda_fwd(s1, l1, s2, l2)?;/c.cuda_fwd(s1, l1, s2, l2).or_else(|_| s1.custom(c.cpu_fwd(s1.inner(), l1, s2.inner(), l2)))?;/' \
  -e 's/c\.cuda_fwd(s1, l1, s2, l2, s3, l3)?;/c.cuda_fwd(s1, l1, s2, l2, s3, l3).or_else(|_| s1.custom(c.cpu_fwd(s1.inner(), l1, s2.inner(), l2, s3.inner(), l3)))?;/' \
  "$src/storage.rs"
test "$(grep -c 'storage.custom\|s1.custom' "$src/storage.rs")" = 3
# A tree of links, with a manifest and a lock file of its own: without candle-transformers, which nothing calls.
mkdir "$made/tree"
for name in assets src tests; do ln -s "$PWD/$name" "$made/tree/$name"; done
sed -e '/^candle-transformers/d' -e 's/, "candle-transformers[^"]*"//' Cargo.toml >"$made/tree/Cargo.toml"
cp Cargo.lock "$made/tree/"
cd "$made/tree"
# What is counted does not depend on how well it is compiled.
quick=()
for crate in candle-core candle-nn diffusion-lab; do
    quick+=(--config "profile.release.package.$crate.opt-level=1" --config "profile.release.package.$crate.codegen-units=64")
done
exec taskset -c 1 cargo check --target-dir ../../ --features counted --example launches "${quick[@]}" \
    --config 'patch.crates-io.candle-core.path="../candle-core"'

"""Makes the pool: pictures with captions, in shards that are the same bytes whenever and wherever they are made.

    python pool.py --work FOLDER --size 64 --shards 30

Shard i of size s is FOLDER/pools/s/i.npy, u8 [2000, s, s, 3] (500 pictures at 256 px), and i.json, its captions and labels.
Picture k of shard i has seed i·2000 + k. `held-out` has seeds that no shard reaches: for losses and for the classifier.
Shards that are there are left alone, so a stopped run goes on. One process: others may want the machine.
"""

import argparse
import json
import pathlib
import time

import numpy as np

from compose import compose
from pause import wait_while_paused
from sprites import Sprites

HELD_OUT_SEED = 1_000_000_000


def pictures_a_shard(size):
    return 2000 if size <= 64 else 500


def write_shard(folder, name, first_seed, count, size, sprites, work):
    path = folder / f"{name}.json"
    if path.exists():
        return
    started = time.time()
    pictures, labels = np.zeros((count, size, size, 3), np.uint8), []
    for index in range(count):
        wait_while_paused(work)
        pictures[index], caption, label = compose(first_seed + index, size, sprites)
        labels.append({"caption": caption, **label})
    np.save(folder / f"{name}.npy", pictures)
    # The captions come last: where they are, the shard is whole.
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(labels))
    unfinished.replace(path)
    print(f"{name}: {count} pictures, {count / (time.time() - started):.0f} a second", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--shards", type=int, default=30)
    arguments = parser.parse_args()
    sprites = Sprites(arguments.work)
    sprites.render_all(arguments.work)
    folder = arguments.work / "pools" / str(arguments.size)
    folder.mkdir(parents=True, exist_ok=True)
    count = pictures_a_shard(arguments.size)
    write_shard(folder, "held-out", HELD_OUT_SEED, count, arguments.size, sprites, arguments.work)
    for shard in range(arguments.shards):
        write_shard(folder, f"{shard:04}", shard * 2000, count, arguments.size, sprites, arguments.work)


if __name__ == "__main__":
    main()

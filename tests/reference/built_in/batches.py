"""The pool in an order that can be resumed: every epoch is a permutation drawn from its own number.

The position is (epoch, index). Shards are found once, at the start; when their number has changed since the checkpoint, the
epoch begins anew, since its permutation is another one. Pictures stay on disk (memory maps).
"""

import json

import numpy as np
import torch


class Pool:
    """Pictures u8 [n, s, s, 3] and captions of one pool folder; `held_out` takes that shard alone."""

    def __init__(self, folder, held_out=False):
        names = ["held-out"] if held_out else sorted(path.stem for path in folder.glob("[0-9]*.json"))
        if not names:
            raise SystemExit(f"no shards: paint them with `painter pool {folder}`")
        self.pictures = [np.load(folder / f"{name}.npy", mmap_mode="r") for name in names]
        self.captions = [label["caption"] for name in names for label in json.loads((folder / f"{name}.json").read_text())]
        self.a_shard = len(self.pictures[0])

    def __len__(self):
        return len(self.captions)

    def take(self, indices):
        """f32 [b, 3, s, s] in [-1, 1], and captions."""
        pictures = np.stack([self.pictures[index // self.a_shard][index % self.a_shard] for index in indices])
        clean = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
        return clean, [self.captions[index] for index in indices]


class Order:
    def __init__(self, count, position=None):
        """`position` as `state` gave it."""
        position = position or {"epoch": 0, "index": 0, "count": count}
        changed = position["count"] != count
        self.count, self.epoch = count, position["epoch"] + int(changed)
        self.index = 0 if changed else position["index"]
        self.shuffle()

    def shuffle(self):
        self.permutation = np.random.default_rng(self.epoch).permutation(self.count)

    def next(self, batch):
        if self.index + batch > self.count:
            self.epoch, self.index = self.epoch + 1, 0
            self.shuffle()
        self.index += batch
        return self.permutation[self.index - batch : self.index]

    def state(self):
        return {"epoch": self.epoch, "index": self.index, "count": self.count}

"""No copies: how far samples are from the nearest of 100,000 training pictures, beside how far held-out compositions are.

Root mean square distance at 16 px. Held-out pictures are of the same subjects and styles as the samples. Aim: not under 0.8.
Smooth pictures are nearer to everything, so the sheet is to be looked at too.
"""

import torch
import torch.nn.functional as F
from PIL import Image

from boards import image
from judge import Pictures
from measures.bench import share
from vocabulary import COURSE, STYLES, said

MOST, CLOSE, SEEDS = 100_000, 4, 8
SHOWN, SIDE = 24, 64


def small(pictures):
    """[n, 768]"""
    return F.avg_pool2d(pictures, pictures.shape[-1] // 16).flatten(1)


class Nearest:
    """The few nearest training pictures of each of some pictures: distances [n, CLOSE], ascending, and where they lie."""

    def __init__(self, pictures):
        self.wanted, self.distances = small(pictures), torch.full((len(pictures), CLOSE), torch.inf)
        self.places = torch.zeros(len(pictures), CLOSE, 2, dtype=torch.long)

    def look_at(self, shard, seen):
        """Shard number and its pictures, small [m, 768]."""
        apart = torch.cdist(self.wanted, seen) / seen.shape[1] ** 0.5
        found = apart.topk(min(CLOSE, len(seen)), largest=False)
        places = torch.stack([torch.full_like(found.indices, shard), found.indices], -1)
        distances, places = torch.cat([self.distances, found.values], 1), torch.cat([self.places, places], 1)
        kept = distances.topk(CLOSE, largest=False)
        self.distances = kept.values
        self.places = places.gather(1, kept.indices[..., None].expand(-1, -1, 2))


def nearest(bench):
    pairs = [(subject, style) for subject in COURSE for style in STYLES]
    held_out = [number for pair in pairs for number in bench.held_out_of(*pair, SEEDS)]
    held_out = bench.few(held_out)
    labels = [bench.held_out.labels[number] for number in held_out]
    made = bench.sampled([said(label["subject"], label["style"]) for label in labels])
    samples, real = Nearest(made), Nearest(bench.held_out.take(held_out))
    shards, seen = [], 0
    for name in bench.shards():
        shards.append(Pictures(bench.pools, [name]))
        pictures = small(shards[-1].take(range(len(shards[-1]))))
        seen += len(pictures)
        for found in (samples, real):
            found.look_at(len(shards) - 1, pictures)
        if seen >= MOST:
            break
    mine, theirs = samples.distances[:, 0], real.distances[:, 0]
    print(f"distance to the nearest of {seen} training pictures, of {len(mine)} samples and as many held-out compositions")
    for name, a, b in (("mean", mine.mean(), theirs.mean()), ("median", mine.median(), theirs.median())):
        print(f"… {name} {a:.3f} and {b:.3f}: {a / b:.2f} of theirs")
    limit = theirs.quantile(0.02)
    share(f"samples nearer than {limit:.3f}, under which are 2 % of held-out compositions", (mine < limit).tolist())
    sheet(made, samples, shards).save(bench.folder / "nearest.png")


def sheet(made, found, shards):
    """The samples that are nearest to any training picture, each with its four nearest, three to a row."""
    order = found.distances[:, 0].argsort()[:SHOWN].tolist()
    across, cell = 3, SIDE * (CLOSE + 1) + 12
    board = Image.new("RGB", (across * cell, -(-len(order) // across) * (SIDE + 6)), "white")
    for index, number in enumerate(order):
        close = [shards[shard].take([place])[0] for shard, place in found.places[number].tolist()]
        for column, picture in enumerate([made[number], *close]):
            board.paste(image(picture, SIDE), (index % across * cell + column * SIDE + 4 * bool(column), index // across * (SIDE + 6)))
    return board

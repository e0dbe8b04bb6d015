"""How much pictures of one prompt differ from each other, told as a share of how much prompts differ.

    python variety.py --work FOLDER                  of the pool's held-out compositions, by subject
    python variety.py --pictures FOLDER              of PNGs FOLDER/PROMPT/*.png, by folder

Pictures are brought to 16 px. Distance: root mean square over pixels and channels; within a prompt the mean over pairs, between
prompts the mean over pairs of different ones. Once in colour, once in gray with each picture's mean and contrast taken out, so
that neither palette nor brightness counts. Stickers have 0.2 to 0.4; what is drawn from scratch has 0.5 to 1.
"""

import argparse
import json
import pathlib

import numpy as np
from PIL import Image

SMALL = 16


def small(pictures):
    """u8 [n, s, s, 3] to f64 [n, 16, 16, 3] in [0, 1]."""
    n, size = pictures.shape[:2]
    return pictures.reshape(n, SMALL, size // SMALL, SMALL, size // SMALL, 3).mean((2, 4)) / 255


def gray(pictures):
    tone = pictures @ [0.299, 0.587, 0.114]
    tone = tone - tone.mean((1, 2), keepdims=True)
    return tone / (tone.std((1, 2), keepdims=True) + 0.02)


def distances(a, b):
    a, b = a.reshape(len(a), -1), b.reshape(len(b), -1)
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
    return np.sqrt(np.maximum(squares, 0) / a.shape[1])


def within(pictures):
    found = distances(pictures, pictures)
    return found[np.triu_indices(len(pictures), 1)].mean()


def shares(groups):
    """{name: f64 [n, …]} to {name: within over between}."""
    names = list(groups)
    between = np.mean([distances(groups[a], groups[b]).mean() for k, a in enumerate(names) for b in names[k + 1 :]])
    return {name: within(groups[name]) / between for name in names}


def of_pool(folder, most=48):
    pictures, labels = np.load(folder / "held-out.npy", mmap_mode="r"), json.loads((folder / "held-out.json").read_text())
    groups = {}
    for index, label in enumerate(labels):
        groups.setdefault(label["subject"], []).append(index)
    return {name: small(np.stack([pictures[k] for k in found[:most]])) for name, found in groups.items() if len(found) >= 8}


def of_folder(folder):
    groups = {each.name: [np.asarray(Image.open(path).convert("RGB")) for path in sorted(each.glob("*.png"))] for each in folder.iterdir() if each.is_dir()}
    return {name: small(np.stack(found)) for name, found in groups.items() if len(found) >= 2}


def table(groups):
    colour, tone = shares(groups), shares({name: gray(found) for name, found in groups.items()})
    return {name: (colour[name], tone[name]) for name in sorted(colour, key=colour.get)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--pictures", type=pathlib.Path)
    given = parser.parse_args()
    groups = of_pool(given.work / "pools" / "64") if given.work else of_folder(given.pictures)
    for name, (colour, tone) in table(groups).items():
        print(f"{name:20} {len(groups[name]):3} pictures   colour {colour:.2f}   gray {tone:.2f}")


if __name__ == "__main__":
    main()

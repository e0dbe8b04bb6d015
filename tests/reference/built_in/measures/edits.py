"""Edits from six noise levels: the later an edit begins, the nearer it stays to its source; and three strokes become the subject.

Aims: the distance falls at every i_start by at least 5 % of the first, and by 15 % from 5 to 10.
"""

import torch
from PIL import Image, ImageDraw

from boards import grid
from measures.bench import share, tensor
from vocabulary import COURSE_PROMPTS

STARTS = (1, 3, 5, 7, 10, 20)
SOURCES = ("village", "man-with-hat", "amalfi", "dog", "waterfalls", "skull")
SEEDS = 4
# The course's own prompt for it.
BROAD = "a high quality photo"
PAPER = (244, 240, 230)
# Ground, and three strokes of a wide pen as (colour, width, points), in 64ths of the side.
STROKES = {
    "rocket": ((40, 50, 90), [((220, 220, 225), 14, (32, 12, 32, 44)), ((200, 50, 40), 8, (20, 46, 44, 46)), ((250, 180, 60), 7, (32, 50, 32, 60))]),
    "campfire": ((26, 24, 40), [((250, 160, 50), 12, (32, 34, 32, 48)), ((90, 60, 40), 8, (20, 52, 44, 52)), ((120, 80, 70), 9, (10, 36, 10, 52))]),
    "village": (PAPER, [((130, 140, 165), 20, (4, 30, 26, 14, 60, 32)), ((150, 80, 60), 12, (16, 50, 30, 50)), ((150, 90, 60), 12, (42, 48, 54, 48))]),
}


def edits(bench):
    cases = [(name, bench.held_out.take([bench.held_out_of(name, "photo")[0]])[0]) for name in bench.few(SOURCES)]
    told, rows = [], []
    for name, source in cases:
        made = [edited(bench, source, BROAD, start) for start in STARTS]
        told.append([(pictures - source).square().mean((1, 2, 3)).sqrt().mean().item() for pictures in made])
        rows += [source, *(pictures[0] for pictures in made)]
    columns = ["source", *(f"i_start {start}" for start in STARTS)]
    grid(rows, [name for name, _ in cases], columns, 128).save(bench.folder / "edits.png")
    falls(torch.tensor(told).mean(0).tolist())
    drawn(bench, columns)


def edited(bench, source, prompt, start):
    """Pictures of a few seeds, on the steps that edits take by default."""
    files = ("--image", bench.saved(source, "edit-source"), "--prompt", prompt)
    return bench.run("edit", *files, "--i-start", start, "--count", bench.few(range(SEEDS))[-1] + 1, "--seed", 0, steps=None)


def falls(distances):
    """Root mean square distances by i_start, from white to black being 2."""
    first = distances[0]
    for index, (start, distance) in enumerate(zip(STARTS, distances, strict=True)):
        fall = f", {(distances[index - 1] - distance) / first:.0%} of the first less" if index else ""
        print(f"i_start {start}: distance {distance:.3f}{fall}", flush=True)
    print(f"from 5 to 10: {(distances[STARTS.index(5)] - distances[STARTS.index(10)]) / first:.0%} of the first less")


def drawing(ground, strokes):
    picture = Image.new("RGB", (256, 256), ground)
    pen = ImageDraw.Draw(picture)
    for colour, width, points in strokes:
        pen.line([4 * value for value in points], fill=colour, width=4 * width, joint="curve")
    return tensor(picture.resize((64, 64), Image.BOX))


def drawn(bench, columns):
    """What three strokes become under the prompt of their subject."""
    rows, names = [], bench.few(list(STROKES))
    right = {start: [] for start in STARTS}
    for name in names:
        source = drawing(*STROKES[name])
        made = [edited(bench, source, COURSE_PROMPTS[name], start) for start in STARTS]
        rows += [source, *(pictures[0] for pictures in made)]
        for start, pictures in zip(STARTS, made, strict=True):
            right[start] += [answer[0] == name for answer in bench.judge.answers(pictures)]
    for start in STARTS:
        share(f"drawings of three strokes recognised from i_start {start}", right[start])
    grid(rows, names, columns, 128).save(bench.folder / "drawings.png")

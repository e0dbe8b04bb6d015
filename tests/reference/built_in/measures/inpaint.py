"""Regions made new: whether they show what was asked for, and whether a seam shows where they begin."""

import torch

from boards import grid
from measures.bench import share
from measures.regions import mask, seam
from vocabulary import COURSE, said

SOURCES, SEEDS = 24, 2
STYLES = ("photo", "oil")


def inpaint(bench):
    """Held-out pictures of the twelve, each with the next of the twelve put in, in the source's own style."""
    subjects, cases = list(COURSE), []
    for number in bench.few(range(SOURCES)):
        before, after = subjects[number % len(subjects)], subjects[(number + 5) % len(subjects)]
        style = STYLES[number // len(subjects) % len(STYLES)]
        found = bench.held_out_of(before, style)
        if found:
            cases.append((found[0], after, style))
    made, sources, right = [], bench.held_out.take([number for number, _, _ in cases]), []
    for source, (_, after, style) in zip(sources, cases, strict=True):
        files = ("--image", bench.saved(source, "inpaint-source"), "--mask", mask(bench.folder))
        made.append(bench.run("inpaint", *files, "--prompt", said(after, style), "--count", SEEDS, "--seed", 0))
        right += [answer[0] == after for answer in bench.judge.answers(made[-1])]
    share("inpainted regions recognised", right)
    told("seam of inpainted pictures", seam(torch.cat(made)))
    told("… of the pictures they were put into", seam(sources))
    rows = [picture for source, two in zip(sources, made, strict=True) for picture in (source, *two)]
    grid(rows, [said(after, style) for _, after, style in cases], ["source", "seed 0", "seed 1"], 128).save(bench.folder / "inpaint.png")


def told(name, seams):
    print(f"{name}: mean {seams.mean():.2f}, median {seams.median():.2f}, of {len(seams)}", flush=True)

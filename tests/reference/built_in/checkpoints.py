"""Checkpoints of a training run: written beside their place, then moved, so that a killed run leaves the last one whole."""

import os

import torch
from torch.utils._pytree import tree_map_only

KEPT = 3


def newest(folder):
    found = sorted(folder.glob("step-*.pt"))
    return found[-1] if found else None


def save(folder, step, state):
    folder.mkdir(parents=True, exist_ok=True)
    # Each tensor by itself and in its default layout, whatever memory it shares while training.
    state = tree_map_only(torch.Tensor, lambda tensor: tensor.clone(memory_format=torch.contiguous_format), state)
    unfinished = folder / "unfinished"
    with open(unfinished, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / f"step-{step:08}.pt")
    for old in sorted(folder.glob("step-*.pt"))[:-KEPT]:
        old.unlink()


def load(path):
    return torch.load(path, map_location="cpu", weights_only=True)
